"""A mistake as a command reports it: laid out for a person, or as JSON where the answer was to be JSON."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from mccli.cli.arguments import COLOURS
from mccli.cli.line import places, pointed
from mccli.cli.terminal import detect
from mccli.cli.trial import CarryOut, offered
from mccli.errors import McError, report

SCHEMA = 1
HIGHLIGHTS = (
    (re.compile(r"^error\[\w+\]"), "1;31"),
    (re.compile(r"(?<=^  \| )[ ~^]*[~^][ ~^]*$", re.MULTILINE), "31"),
    (re.compile(r"(?<=^  = )fix: .*", re.MULTILINE), "32"),
)
"""Parts of a message, each with its escape sequence (ECMA-48, select graphic rendition)."""


def reported(error: McError, words: Sequence[str], carry_out: CarryOut) -> str:
    """The message for standard error, with a fix if one works."""
    fix = offered(error, words, carry_out)
    point_at_command_line(error, words)
    if wants_json(words):
        document = {"schema": SCHEMA, "command": words[0], "error": as_record(error, fix)}
        return json.dumps(document, ensure_ascii=True, indent=2)
    return told(error, words, fix)


def told(error: McError, words: Sequence[str], fix: str | None) -> str:
    """The message for a person, as standard error can show it."""
    terminal = detect(ascii_only="--ascii" in words, colour=_colour_choice(words), stream=sys.stderr)
    text = report(error, ascii_only=terminal.ascii_only, fix=fix)
    return coloured(text) if terminal.colour else text


def coloured(text: str) -> str:
    """A message with its head in bold red, what is pointed out in red, and the fix in green."""
    for pattern, code in HIGHLIGHTS:
        text = pattern.sub(f"\x1b[{code}m\\g<0>\x1b[0m", text)
    return text


def _colour_choice(words: Sequence[str]) -> str:
    """What --color says; auto if it says nothing that is known."""
    given = [word.partition("=")[2] for word in words if word.startswith("--color=")]
    given += [value for option, value in pairwise(words) if option == "--color"]
    return given[-1] if given and given[-1] in COLOURS else "auto"


def as_record(error: McError, fix: str | None = None) -> dict[str, Any]:
    """A mistake as plain data: ``error`` in the JSON of every command."""
    return {
        "category": error.category,
        "message": error.message,
        "source": error.source,
        "marks": [{"start": m.span.start, "end": m.span.end, "label": m.label, "focus": m.focus} for m in error.marks],
        "notes": list(error.notes),
        "fix": fix,
        "exit_code": error.exit_code,
    }


def point_at_command_line(error: McError, words: Sequence[str]) -> None:
    """Where no source is marked, the place in the command line is."""
    if error.marks or error.typed is None:
        return
    found = next(places(words, error.typed), None)
    if found is not None:
        error.source, mark = pointed(words, found)
        error.marks = (mark,)


def wants_json(words: Sequence[str]) -> bool:
    """Whether the answer was to be JSON."""
    return "--format=json" in words or ("--format", "json") in pairwise(words)
