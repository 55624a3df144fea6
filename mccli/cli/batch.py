"""``mc derive --batch``: every line of a file derived, one JSON document a line; see ``mc help batch``."""

from __future__ import annotations

import json
import re
import shlex
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import redirect_stdout
from io import StringIO
from typing import Any, NamedTuple

from mccli.cli.main import carry_out, protect_minus
from mccli.cli.mistake import SCHEMA, as_record, point_at_command_line, told
from mccli.cli.progress import Progress
from mccli.cli.trial import offered
from mccli.cli.write import print_json
from mccli.errors import FileMistake, LimitReached, McError, Typed, UsageError

COMMENT = re.compile(r"(?:^|\s)#.*", re.DOTALL)
OPTIONS = re.compile(r";\s*(?=--)")
"""A semicolon before an option ends the expression; one in a where clause does not."""
OF_THE_BATCH = ("--batch", "--format", "--help", "--code", "--prove", "--entries")
"""Options that a line cannot have: it is answered with the document that the derivation is."""


class Line(NamedTuple):
    """A line to derive: its number, and what it says without comments."""

    number: int
    text: str

    def words(self) -> list[str]:
        """The expression and the options of the line. UsageError if they cannot be read."""
        expression, *rest = OPTIONS.split(self.text, maxsplit=1)
        try:
            words = [protect_minus(expression.strip()), *(shlex.split(rest[0]) if rest else ())]
        except ValueError as error:
            said = str(error).lower()
            raise UsageError("the options cannot be read", notes=[f"as in a shell: {said}"]) from None
        for word in words[1:]:
            if word.partition("=")[0] in OF_THE_BATCH:
                raise UsageError(f"a line cannot have {word}", notes=["see mc help batch"])
        return words


def run(file: str, expression: str, arguments: Sequence[str]) -> int:
    """Derive the lines of a file. ``arguments`` are those of the command. The exit code is the worst of the lines."""
    if expression:
        notes = ["leave out the expression, or --batch"]
        raise UsageError("--batch reads the expressions from a file", notes=notes, typed=Typed(expression.strip()))
    common = _common(arguments)
    lines: Iterable[Line] = _lines(_opened(file))
    total = None
    if file.strip() != "-":
        lines = list(lines)
        total = len(lines)
    bar = Progress(patience=0.0)
    worst, done = 0, 0
    failed: list[int] = []
    for done, line in enumerate(lines, 1):
        document, code = _answer(line, common, bar)
        bar.clear()
        print_json(document, indent=None)
        sys.stdout.flush()
        bar(done, total, "lines")
        worst = max(worst, code)
        failed += [line.number] if code else []
    bar.clear()
    if failed:
        print(f"{len(failed)} of {done} lines failed: {_listed(failed)}", file=sys.stderr)
    return worst


def _common(arguments: Sequence[str]) -> list[str]:
    """The words that every line shares: those of the command without the file."""
    words = list(arguments)
    at = next(i for i, word in enumerate(words) if word.partition("=")[0] == "--batch")
    del words[at : at + (1 if "=" in words[at] else 2)]
    for i, word in enumerate(words):
        given = word.partition("=")[2] or "".join(words[i + 1 : i + 2])
        if word.partition("=")[0] == "--format" and given != "json":
            raise UsageError(
                "a batch is answered in JSON", notes=["leave out --format"], typed=Typed(given, "--format")
            )
    return words[1:]


def _without_wrt(words: Sequence[str]) -> list[str]:
    """The words without the variables: a line that names its own has these alone."""
    dropped = {i + step for i, word in enumerate(words) if word == "--wrt" for step in (0, 1)}
    return [word for i, word in enumerate(words) if i not in dropped and not word.startswith("--wrt=")]


def _opened(file: str) -> Iterable[bytes]:
    """The lines of a file, or of standard input as they come."""
    if file.strip() == "-":
        return getattr(sys.stdin, "buffer", None) or (line.encode() for line in sys.stdin)
    try:
        with open(file, "rb") as source:
            return source.readlines()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise FileMistake(f"cannot read {file}", notes=[reason], typed=Typed(file, "--batch")) from None


def _lines(source: Iterable[bytes]) -> Iterator[Line]:
    for number, raw in enumerate(source, 1):
        text = COMMENT.sub("", raw.decode("utf-8", "replace").rstrip("\r\n").removeprefix("\ufeff")).strip()
        if text:
            yield Line(number, text)


def _answer(line: Line, common: Sequence[str], bar: Progress) -> tuple[dict[str, Any], int]:
    """The document of a line, and its exit code; a mistake is reported too."""
    words = ["derive"]
    try:
        own = line.words()
        names_variables = any(word.partition("=")[0] == "--wrt" for word in own)
        words = ["derive", own[0], *(_without_wrt(common) if names_variables else common), *own[1:]]
        return _with_line(line, _derived(words)), 0
    except McError as error:
        fix = offered(error, words, carry_out)
        bar.clear()
        record = as_record(error, fix)
        _say(error, line, words, fix)
        return _with_line(line, {"schema": SCHEMA, "command": "derive", "error": record}), error.exit_code
    except RecursionError:
        deep = LimitReached("this expression is nested too deeply for mc")
        bar.clear()
        _say(deep, line, words, None)
        document = {"schema": SCHEMA, "command": "derive", "error": as_record(deep)}
        return _with_line(line, document), deep.exit_code


def _derived(words: Sequence[str]) -> dict[str, Any]:
    """The document that ``mc derive --format json`` prints."""
    printed = _Captured()
    with redirect_stdout(printed):
        carry_out([*words, "--format", "json"])
    document: dict[str, Any] = json.loads(printed.getvalue())
    return document


class _Captured(StringIO):
    """What would be printed, in an encoding that has every letter."""

    encoding = "utf-8"


def _with_line(line: Line, document: dict[str, Any]) -> dict[str, Any]:
    """The document with the number of its line, behind the name of the command."""
    head = {"schema": document["schema"], "command": document["command"], "line": line.number}
    return {**head, **{name: value for name, value in document.items() if name not in head}}


def _say(error: McError, line: Line, words: Sequence[str], fix: str | None) -> None:
    point_at_command_line(error, words)
    error.message = f"line {line.number}: {error.message}"
    print(told(error, words, fix), file=sys.stderr)


MOST_LISTED = 20


def _listed(numbers: Sequence[int]) -> str:
    more = f" and {len(numbers) - MOST_LISTED} more" if len(numbers) > MOST_LISTED else ""
    return ", ".join(map(str, numbers[:MOST_LISTED])) + more
