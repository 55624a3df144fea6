"""Writing to standard output: lines with styles for a person, records for a pipe, documents."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence

from mccli.cli.terminal import Terminal

STYLES = {"dim": "2", "strong": "1", "good": "32"}
"""What a style is to a terminal: the number in an escape sequence (ECMA-48, select graphic rendition)."""


def write_lines(lines: Iterable[tuple[str, str]], *, colour: bool) -> None:
    """Print lines with their styles. Text is never read as markup and never wrapped."""
    for line, style in lines:
        print(f"\x1b[{STYLES[style]}m{line}\x1b[0m" if colour and line and style in STYLES else line)


def print_records(rows: Iterable[Sequence[str]], terminal: Terminal) -> None:
    """Print records for a pipe: one a line, TAB between the fields, which hold neither TABs nor line ends."""
    for row in rows:
        print(terminal.plain("\t".join(" ".join(field.split()) for field in row)))


def print_json(document: object, *, indent: int | None = 2) -> None:
    """Print a JSON document: in letters, or in escapes where the output's encoding lacks some."""
    import json  # only where JSON is asked for

    text = json.dumps(document, ensure_ascii=False, indent=indent, allow_nan=False)
    try:
        text.encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        text = json.dumps(document, indent=indent, allow_nan=False)
    print(text)


def print_encoded(text: str) -> None:
    """Print text; what the output's encoding lacks is written as an escape (\\u03b4), as JSON and Python read it."""
    encoding = sys.stdout.encoding or "ascii"
    print("".join(_escaped(c, encoding) for c in text) if not _can_say(text, encoding) else text)


def _can_say(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def _escaped(character: str, encoding: str) -> str:
    """A character as it is, or as UTF-16 escapes: \\xd7 would be Python but no JSON."""
    if _can_say(character, encoding):
        return character
    units = character.encode("utf-16-be")
    return "".join(f"\\u{units[i]:02x}{units[i + 1]:02x}" for i in range(0, len(units), 2))
