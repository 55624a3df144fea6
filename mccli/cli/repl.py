"""``mc repl``: the same language, with names that persist."""

from __future__ import annotations

from typing import Annotated

import typer

from mccli.cli.arguments import check_colour
from mccli.cli.console import run
from mccli.cli.options import AsciiOption, ColourOption

ScriptArgument = Annotated[
    str, typer.Argument(metavar="[FILE]", help="A saved session, replayed first.", show_default=False)
]


def repl(script: ScriptArgument = "", ascii_only: AsciiOption = False, colour: ColourOption = "auto") -> None:
    """Work line by line: declare symbols, name expressions, ask for derivatives.

    A : m x n declares, f = ||A x - b||^2 names, grad f x and df/dx derive, why shows the steps, help says the rest.
    From a pipe, the lines are answered one after the other, and the exit code tells whether one of them failed.

    Examples:

      mc repl

      mc repl least-squares.mc
    """
    raise typer.Exit(run(script, ascii_only=ascii_only, colour=check_colour(colour)))
