"""Options that several commands share, each defined once."""

from __future__ import annotations

import shlex
import sys
from typing import Annotated

import typer

from mccli.errors import UsageError

HELP_NAMES = {"help_option_names": ["-h", "--help"]}

Expression = Annotated[
    str, typer.Argument(metavar="EXPR", help="The expression; - reads it from standard input.", show_default=False)
]
ShapeOption = Annotated[
    list[str] | None,
    typer.Option("--shape", metavar="A:m,n", help="Declare a shape: A:m,n  x:n  a:scalar.", show_default=False),
]
AssumeOption = Annotated[
    list[str] | None,
    typer.Option(
        "--assume",
        metavar="S:PROPERTY",
        help="Declare a property: symmetric, skew, spd, psd, diagonal, orthogonal, invertible, lower, upper, positive,"
        " simplex, unit, integer, fullrank.",
        show_default=False,
    ),
]
DefineOption = Annotated[
    list[str] | None,
    typer.Option(
        "--define",
        metavar="DEFINITION",
        help='Declare a function: "swish(t) = t*sigmoid(t)", "L(z): scalar", "phi(t): elementwise", "f(x): m".',
        show_default=False,
    ),
]
AsciiOption = Annotated[bool, typer.Option("--ascii", help="Print ASCII only.")]
ColourOption = Annotated[str, typer.Option("--color", metavar="WHEN", help="auto, always or never.")]
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
    shapes: list[str] | None,
    assume: list[str] | None,
    define: list[str] | None,
    wrt: list[str] | None = None,
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
