"""A mistake as a command reports it: laid out for a person, or as JSON where the answer was to be JSON."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from mccli.cli.line import places, pointed
from mccli.cli.terminal import detect
from mccli.cli.trial import CarryOut, offered
from mccli.errors import McError, report

SCHEMA = 1


def reported(error: McError, words: Sequence[str], carry_out: CarryOut) -> str:
    """The message for standard error, with a fix if one works."""
    fix = offered(error, words, carry_out)
    point_at_command_line(error, words)
    if wants_json(words):
        document = {"schema": SCHEMA, "command": words[0], "error": as_record(error, fix)}
        return json.dumps(document, ensure_ascii=True, indent=2)
    terminal = detect(ascii_only="--ascii" in words, stream=sys.stderr)
    return report(error, ascii_only=terminal.ascii_only, fix=fix)


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
