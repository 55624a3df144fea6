"""What commands make of their arguments, whatever parsed them."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence

from mccli.errors import UsageError

LARGEST_INPUT = 100_000


def read_expression(given: str) -> str:
    """The expression itself, or standard input for ``-``."""
    if given.strip() != "-":
        return given.strip()
    text = sys.stdin.read(LARGEST_INPUT + 1)
    if len(text) > LARGEST_INPUT:
        raise UsageError(f"standard input is longer than {LARGEST_INPUT} characters")
    return text.strip()


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


def check_colour(choice: str) -> str:
    """The value of --color. UsageError for anything but auto, always and never."""
    if choice not in ("auto", "always", "never"):
        raise UsageError(f"--color {choice} is not known", notes=["it is auto, always or never"])
    return choice
