"""The conversation with the completion scripts.

    mccli --complete bash BEFORE WHOLE WORD       the line up to the cursor, the whole line, what readline replaces
    mccli --complete fish BEFORE                  the line up to the cursor: fish shows a completion nothing more
    mccli --complete zsh|powershell AT WORD...    the words after the program, AT (from 0) the one with the cursor

PowerShell's words carry a ``=`` in front, because some of its versions drop empty arguments. Printed are how the shell
is to go on (``words``, ``open``, ``files`` with what they end with), then one candidate a line, with a line about it
after a tab where the shell shows that. Whatever goes wrong, nothing is printed: a TAB is no place for a message.
"""

from __future__ import annotations

import os

from mccli.completion.candidates import Answer, answer
from mccli.completion.line import Line, read_line
from mccli.completion.place import Place
from mccli.completion.table import Table

LONGEST_ABOUT = 100


def run(arguments: list[str]) -> None:
    """Answer a completion script, and leave without the clearing up of the interpreter."""
    try:
        _write(text_of(arguments).encode("utf-8", "replace"))
    except Exception:
        if os.environ.get("MC_DEBUG"):
            raise
    os._exit(0)


def _write(content: bytes) -> None:
    """Write all of it; a pipe takes a part at a time."""
    while content:
        content = content[os.write(1, content) :]


def text_of(arguments: list[str]) -> str:
    """What is printed for the arguments of a completion script."""
    shell, *rest = arguments
    line = _words_line(rest, shell) if shell in ("zsh", "powershell") else _typed_line(rest, shell)
    found = answer(Place(Table.read(), line))
    lines = [found.then + (f"\t{found.suffix}" if found.suffix else "")]
    cut = _kept(line.current, rest[2]) if shell == "bash" else 0
    lines += [_shown(value[cut:], about, shell) for value, about in _fitting(found, line.current, shell)]
    return "\n".join(lines) + "\n"


def _typed_line(arguments: list[str], shell: str) -> Line:
    before, whole = arguments[0], arguments[0] if shell == "fish" else arguments[1]
    return read_line(before, whole, shell)


def _words_line(arguments: list[str], shell: str) -> Line:
    at, *words = arguments
    return Line([word[1:] for word in words] if shell == "powershell" else words, int(at))


def _kept(current: str, replaced: str) -> int:
    """How much of the word bash leaves alone, because it splits at colons and equals signs."""
    return len(current) - len(replaced) if current.endswith(replaced) else 0


def _fitting(found: Answer, current: str, shell: str) -> list[tuple[str, str]]:
    """The candidates that begin with what is typed; where there are none, fish and zsh can match in other ways."""
    fitting = [c for c in found.candidates if c[0].startswith(current)]
    if fitting or shell not in ("fish", "zsh"):
        return fitting
    lowered = current.casefold()
    return [c for c in found.candidates if lowered in c[0].casefold()]


def _shown(value: str, about: str, shell: str) -> str:
    if shell == "bash" or not about:
        return value
    return f"{value}\t{about if len(about) <= LONGEST_ABOUT else about[: LONGEST_ABOUT - 1] + '…'}"
