"""What commands make of their arguments, whatever parsed them."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Mapping, Sequence

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
    asked: Mapping[str, object] | None = None,
) -> str:
    """The command with ``{}`` in the place of the expression, for fixes that can be pasted.

    ``asked`` are further options by name; those that are off or empty are left out.
    """
    options = [("--wrt", name) for name in wrt or ()]
    options += [("--shape", s) for s in shapes or ()]
    options += [("--assume", a) for a in assume or ()]
    options += [("--define", d) for d in define or ()]
    tail = "".join(f" {name} {shlex.quote(value)}" for name, value in options)
    tail += "".join(_as_options(name, value) for name, value in (asked or {}).items())
    return f'mc {command} "{{}}"' + tail


def _as_options(name: str, value: object) -> str:
    """An option as it is typed, with a blank before it; "" if it is off."""
    if isinstance(value, list | tuple):
        return "".join(_as_options(name, one) for one in value)
    if not value:
        return ""
    return f" --{name}" if value is True else f" --{name} {shlex.quote(str(value))}"


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
