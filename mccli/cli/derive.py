"""``mc derive``: gradients, Jacobians and Hessians with steps, assumptions and a certificate."""

from __future__ import annotations

from typing import Annotated

import typer

from mccli import api
from mccli.cli.arguments import check_colour, command_line, read_expression
from mccli.cli.derivation_text import DerivationText
from mccli.cli.options import (
    AsciiOption,
    AssumeOption,
    ColourOption,
    DefineOption,
    Expression,
    ShapeOption,
)
from mccli.cli.terminal import Terminal, detect
from mccli.cli.write import print_encoded, write_lines
from mccli.errors import UsageError

FORMATS = ("text", "json", "latex", "markdown")


WrtOption = Annotated[
    list[str] | None,
    typer.Option("--wrt", metavar="X", help="Variable; several: --wrt X --wrt y.", show_default=False),
]
OrderOption = Annotated[int, typer.Option("--order", help="1: first derivative. 2: Hessian.")]
DifferentialOption = Annotated[bool, typer.Option("--differential", help="The differential in terms of dX.")]
AlongOption = Annotated[
    list[str] | None,
    typer.Option(
        "--along",
        metavar="V",
        help="Derivative along a direction; one for every --wrt. With --order 2: the Hessian times V.",
        show_default=False,
    ),
]
UpstreamOption = Annotated[
    str, typer.Option("--upstream", metavar="G", help="Pull G back: the gradient of <G, F>.", show_default=False)
]
LayoutOption = Annotated[
    str, typer.Option("--layout", metavar="LAYOUT", help="numerator or denominator.", show_default=False)
]
StepsOption = Annotated[bool, typer.Option("--steps/--no-steps", help="Show the derivation.")]
CheckOption = Annotated[bool, typer.Option("--check/--no-check", help="Compare with differences at random points.")]
ProveOption = Annotated[bool, typer.Option("--prove", help="Show with SymPy that every entry is exact at small sizes.")]
EntriesOption = Annotated[
    str,
    typer.Option("--entries", metavar="2,3", help="Show the partial derivatives for these sizes.", show_default=False),
]
FormatOption = Annotated[str, typer.Option("--format", metavar="FORMAT", help="text, json, latex or markdown.")]
CodeOption = Annotated[
    str, typer.Option("--code", metavar="numpy", help="Print a Python module that computes it.", show_default=False)
]


def derive(
    expression: Expression,
    wrt: WrtOption = None,
    shape: ShapeOption = None,
    assume: AssumeOption = None,
    define: DefineOption = None,
    order: OrderOption = 1,
    along: AlongOption = None,
    upstream: UpstreamOption = "",
    differential: DifferentialOption = False,
    layout: LayoutOption = "",
    steps: StepsOption = True,
    check: CheckOption = True,
    prove: ProveOption = False,
    entries: EntriesOption = "",
    output: FormatOption = "text",
    code: CodeOption = "",
    ascii_only: AsciiOption = False,
    colour: ColourOption = "auto",
) -> None:
    """Derive a gradient, Jacobian or Hessian by differentials, step by step.

    The derivative of a scalar function is its gradient, that of a vector or a matrix its Jacobian.

    Uppercase letters are matrices, lowercase ones column vectors, and Greek letters what their place demands;
    declare anything else with --shape and --assume, or in the expression: "x'Ax where A: symmetric".

    Examples:

      mc derive "||A x - b||^2" --wrt x

      mc derive "log det X" --wrt X --assume X:spd

      mc derive "x'Ax" --wrt x --code numpy

      mc derive "A X B" --wrt X

      mc derive "||A x - b||^2" --wrt x --order 2

      mc derive "tanh(W x + b)" --wrt W --upstream G
    """
    _check_options(output, code, exact=prove or bool(entries))
    result = api.derive(
        read_expression(expression),
        wrt,
        shapes=shape or (),
        assume=assume or (),
        define=define or (),
        order=order,
        differential=differential,
        along=along or (),
        upstream=upstream,
        layout=layout,
        check=check,
        command=command_line("derive", shape, assume, define, wrt),
    )
    if code:
        print_encoded(result.numpy_code().rstrip("\n"))
    elif prove or entries:
        from mccli.cli import exact  # loaded where it is used: these formats are off the fast path

        exact.show(result, prove=prove, entries=entries, ascii_only=ascii_only)
    elif output != "text":
        from mccli.cli import derivation_formats

        print_encoded(derivation_formats.FORMATS[output](result, steps))
    else:
        _write_text(result, detect(ascii_only=ascii_only, colour=check_colour(colour)), steps)


def _write_text(result: api.Result, terminal: Terminal, steps: bool) -> None:
    """Laid out for a person at a terminal, one record a line for a pipe."""
    layout = DerivationText(result, terminal, steps=steps)
    if terminal.interactive:
        write_lines(layout.lines(), colour=terminal.colour)
    else:
        for record in layout.records():
            print(record)


def _check_options(output: str, code: str, *, exact: bool) -> None:
    if sum((exact, output != "text", bool(code))) > 1:
        raise UsageError(
            "these options exclude one another", notes=["choose --format, --code, or --prove and --entries"]
        )
    if output not in FORMATS:
        raise UsageError(f"--format {output} is not known", notes=["formats: " + ", ".join(FORMATS)])
    if code not in ("", "numpy"):
        raise UsageError(f"--code {code} is not known", notes=["mc writes numpy"])
