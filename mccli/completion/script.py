"""The functions of a Python file, read as text: the file is neither imported nor compiled."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

LARGEST = 2_000_000
WINDOW = 1000
STARTS = ("def ", "async def ")
STRINGS, COMMENTS = "'\"", "#"


def source_of(target: str) -> str:
    """The text of the file or module before the last colon of ``script.py:name``; "" if it cannot be read."""
    name = target.rpartition(":")[0].rstrip(":") if ":" in target else target
    path = os.path.expanduser(os.path.expandvars(name))
    if not os.path.isfile(path) and all(part.isidentifier() for part in name.split(".")):
        path = name.replace(".", os.sep) + ".py"
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read(LARGEST)
    except (OSError, ValueError):
        return ""


def functions(source: str) -> dict[str, str]:
    """The functions at the top of a file, each with its parameters as written."""
    code = without(STRINGS + COMMENTS, source)
    found: dict[str, str] = {}
    for at, line in _lines(code):
        name, equals, value = (part.strip() for part in line.partition("="))
        start = next((s for s in STARTS if line.startswith(s)), "")
        if start:
            opening = code.find("(", at)
            name, parameters = code[at + len(start) : opening].strip(), _bracketed(code, opening)
            if name.isidentifier() and opening > 0:
                written = source[opening + 1 : opening + 1 + len(parameters)]
                found[name] = " ".join(without(COMMENTS, written).split()).rstrip(",")
        elif equals and value.startswith("lambda") and name.isidentifier() and line.startswith(name):
            found[name] = value.removeprefix("lambda").partition(":")[0].strip()
    return found


def parameters(written: str) -> list[str]:
    """The names of the parameters, from ``x, *, lam: float = 0.1, **rest``."""
    names = (part.partition("=")[0].partition(":")[0].strip() for part in _parts(written))
    return [name for name in names if name.isidentifier()]


def without(marks: str, source: str) -> str:
    """The source with blanks for what starts with one of the marks, quotes or ``#``; lines and places stay."""
    pieces: list[str] = []
    at = 0
    while (start := _first(source, at, ("'", '"', "#"))) < len(source):
        pieces.append(source[at:start])
        at = _end_of_string(source, start)
        piece = source[start:at]
        pieces.append("".join(c if c == "\n" else " " for c in piece) if piece[0] in marks else piece)
    pieces.append(source[at:])
    return "".join(pieces)


def _end_of_string(source: str, start: int) -> int:
    """Where the string or comment ends that starts here."""
    if source[start] == "#":
        return _first(source, start, ("\n",))
    quote = source[start]
    closing = quote * 3 if source.startswith(quote * 3, start) else quote
    at = start + len(closing)
    while True:
        at = _first(source, at, (closing, "\\", "\n") if len(closing) == 1 else (closing, "\\"))
        if source[at : at + 1] != "\\":
            return min(at + len(closing), len(source))
        at += 2


def _first(text: str, at: int, wanted: tuple[str, ...]) -> int:
    """The first place of one of these, or the end; looked for in windows, as most files lack one of them."""
    for start in range(at, len(text), WINDOW):
        found = [place for w in wanted if (place := text.find(w, start, start + WINDOW + len(w) - 1)) >= 0]
        if found:
            return min(found)
    return len(text)


def _lines(code: str) -> Iterator[tuple[int, str]]:
    at = 0
    for line in code.split("\n"):
        yield at, line
        at += len(line) + 1


def _bracketed(code: str, opening: int) -> str:
    """What stands between the bracket at ``opening`` and the one that closes it."""
    depth = 0
    for at in range(opening, len(code)):
        depth += (code[at] in "([{") - (code[at] in ")]}")
        if depth == 0:
            return code[opening + 1 : at]
    return ""


def _parts(written: str) -> Iterator[str]:
    """The parts between commas that stand outside brackets."""
    depth = start = 0
    code = without(STRINGS, written)
    for at, character in enumerate(code):
        depth += (character in "([{") - (character in ")]}")
        if character == "," and depth == 0 and not _in_lambda(code[start:at]):
            yield code[start:at]
            start = at + 1
    yield code[start:]


def _in_lambda(part: str) -> bool:
    """Whether the parameters of a lambda, in a default, are not over yet."""
    return ":" not in part[max(part.rfind("lambda "), 0) :] and "lambda " in part
