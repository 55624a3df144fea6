"""``mc derive``: gradients with steps, assumptions and a certificate."""

from __future__ import annotations

from typing import Annotated

import typer

from mccli import api
from mccli.cli import derivation_formats, exact
from mccli.cli.derivation_text import DerivationText
from mccli.cli.options import (
    AsciiOption,
    AssumeOption,
    ColourOption,
    DefineOption,
    Expression,
    ShapeOption,
    check_colour,
    command_line,
    read_expression,
)
from mccli.cli.terminal import detect
from mccli.cli.write import write_lines
from mccli.errors import DeriveError, UsageError

FORMATS = ("text", "json", "latex", "markdown")


def derive(
    expression: Expression,
    wrt: Annotated[
        list[str] | None,
        typer.Option("--wrt", metavar="X", help="Variable; several: --wrt X --wrt y.", show_default=False),
    ] = None,
    shape: ShapeOption = None,
    assume: AssumeOption = None,
    define: DefineOption = None,
    order: Annotated[int, typer.Option("--order", help="1: gradient.")] = 1,
    steps: Annotated[bool, typer.Option("--steps/--no-steps", help="Show the derivation.")] = True,
    check: Annotated[
        bool, typer.Option("--check/--no-check", help="Compare with differences at random points.")
    ] = True,
    prove: Annotated[
        bool, typer.Option("--prove", help="Show with SymPy that every entry is exact at small sizes.")
    ] = False,
    entries: Annotated[
        str,
        typer.Option(
            "--entries",
            metavar="2,3",
            help="Show the partial derivatives by entries for these sizes.",
            show_default=False,
        ),
    ] = "",
    output: Annotated[str, typer.Option("--format", metavar="FORMAT", help="text, json, latex or markdown.")] = "text",
    code: Annotated[
        str, typer.Option("--code", metavar="numpy", help="Print a Python module that computes it.", show_default=False)
    ] = "",
    ascii_only: AsciiOption = False,
    colour: ColourOption = "auto",
) -> None:
    """Derive the gradient of a scalar function by differentials, step by step.

    Examples:

      mc derive "||A x - b||^2" --wrt x

      mc derive "log det X" --wrt X --assume X:spd

      mc derive "x'Ax" --wrt x --code numpy
    """
    _check_options(order, output, code)
    result = api.derive(
        read_expression(expression),
        wrt,
        shapes=shape or (),
        assume=assume or (),
        define=define or (),
        check=check,
        command=command_line("derive", shape, assume, define, wrt),
    )
    if code:
        print(result.numpy_code(), end="")
        return
    if prove or entries:
        exact.show(result, prove=prove, entries=entries, ascii_only=ascii_only)
        return
    if output != "text":
        print(derivation_formats.FORMATS[output](result, steps))
        return
    terminal = detect(ascii_only=ascii_only, colour=check_colour(colour))
    layout = DerivationText(result, terminal, steps=steps)
    if terminal.interactive:
        write_lines(layout.lines(), colour=terminal.colour)
    else:
        for record in layout.records():
            print(record)


def _check_options(order: int, output: str, code: str) -> None:
    if order not in (1, 2):
        raise UsageError(f"--order {order} is not known", notes=["1 is the gradient"])
    if order == 2:
        raise DeriveError("mc does not derive Hessians yet", notes=["--order 1 gives the gradient"])
    if output not in FORMATS:
        raise UsageError(f"--format {output} is not known", notes=["formats: " + ", ".join(FORMATS)])
    if code not in ("", "numpy"):
        raise UsageError(f"--code {code} is not known", notes=["mc writes numpy"])
