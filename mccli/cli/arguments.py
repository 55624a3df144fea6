"""What commands make of their arguments, whatever parsed them."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence

from mccli.errors import UsageError, unknown_choice

LARGEST_INPUT = 100_000
COLOURS = ("auto", "always", "never")


def read_expression(given: str) -> str:
    """The expression itself, or standard input for ``-``."""
    if given.strip() != "-":
        return given.strip()
    text = sys.stdin.read(LARGEST_INPUT + 1)
    if len(text) > LARGEST_INPUT:
        raise UsageError(f"standard input is longer than {LARGEST_INPUT} characters")
    if not text.strip():
        raise UsageError("standard input is empty", notes=['- reads the expression from it: echo "x\'x" | mc shape -'])
    lines = _joined([line.strip() for line in text.splitlines() if line.strip()])
    if len(lines) > 1:
        raise UsageError(
            f"standard input has {len(lines)} lines that are expressions of their own",
            notes=["one is read at a time; a line that goes on ends with an operator or an open bracket"],
        )
    return lines[0]


def _joined(lines: Sequence[str]) -> list[str]:
    """The lines, with those joined of which the first cannot be the end of an expression."""
    found: list[str] = []
    for line in lines:
        if found and _goes_on(found[-1]):
            found[-1] += f" {line}"
        else:
            found.append(line)
    return found


def _goes_on(line: str) -> bool:
    """Whether a line ends with an operator or has a bracket open."""
    opened = any(line.count(a) > line.count(b) for a, b in ("()", "[]", "{}"))
    return opened or line.endswith((*"+-*/@,=·∘⊙⊗−(^", " where", "\\\\"))


def require(expression: str, command: str) -> None:
    """Refuse a command without its expression. UsageError."""
    if not expression:
        raise UsageError(f"mc {command} needs an expression", notes=[f"see mc {command} --help"])


def command_line(
    command: str,
    shapes: Sequence[str] | None,
    assume: Sequence[str] | None,
    define: Sequence[str] | None,
    wrt: Sequence[str] | None = None,
) -> str:
    """The command with ``{}`` in the place of the expression, for fixes that can be pasted."""
    options = [("--wrt", name) for name in wrt or ()]
    options += [("--shape", s) for s in shapes or ()]
    options += [("--assume", a) for a in assume or ()]
    options += [("--define", d) for d in define or ()]
    tail = "".join(f" {name} {shlex.quote(value)}" for name, value in options)
    return f'mc {command} "{{}}"' + tail


def check_format(choice: str, formats: Sequence[str] = ("text", "json")) -> str:
    """The value of --format. UsageError for one that the command does not have."""
    if choice not in formats:
        raise unknown_choice("--format", choice, formats)
    return choice


def check_colour(choice: str) -> str:
    """The value of --color. UsageError for anything but auto, always and never."""
    if choice not in COLOURS:
        raise unknown_choice("--color", choice, COLOURS)
    return choice
