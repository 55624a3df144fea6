"""Options that several commands share, each defined once."""

from __future__ import annotations

from typing import Annotated

import typer

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
