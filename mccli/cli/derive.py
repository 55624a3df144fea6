"""``mc derive``: gradients, Jacobians and Hessians with steps, assumptions and a certificate."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mccli.cli.arguments import check_format, command_line, read_expression, require
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
from mccli.errors import UsageError, unknown_choice

if TYPE_CHECKING:
    from mccli.api import Result
    from mccli.cli.derivation_text import DerivationText

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


BatchOption = Annotated[
    str,
    typer.Option(
        "--batch", metavar="FILE", help="Derive every line of a file; - reads standard input.", show_default=False
    ),
]


def derive(
    context: typer.Context,
    expression: Expression = "",
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
    batch: BatchOption = "",
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
    if batch:
        raise typer.Exit(import_module("mccli.cli.batch").run(batch, expression, context.obj))
    require(expression, "derive")
    _check_options(output, code, exact=prove or bool(entries))
    terminal = detect(ascii_only=ascii_only, colour=colour)
    declared: dict[str, Any] = {"shapes": shape or (), "assume": assume or (), "define": define or ()}
    asked: dict[str, Any] = {"order": order, "along": along or (), "upstream": upstream, "layout": layout}
    asked |= {"differential": differential}
    told = {**asked, "order": order if order != 1 else 0}
    command = command_line("derive", shape, assume, define, wrt, told)
    engine = import_module("mccli.api")  # here, so that --help needs no engine
    result = engine.derive(read_expression(expression), wrt, **declared, **asked, check=check, command=command)
    if prove or entries:
        import_module("mccli.cli.exact").show(result, prove=prove, entries=entries, ascii_only=ascii_only)
    else:
        _write(result, output, code, terminal, steps)


def _write(result: Result, output: str, code: str, terminal: Terminal, steps: bool) -> None:
    """As code or in a format; else laid out for a person at a terminal, or one record a line for a pipe."""
    if code:
        print_encoded(result.numpy_code().rstrip("\n"))
    elif output != "text":
        print_encoded(import_module("mccli.cli.derivation_formats").FORMATS[output](result, steps))
    elif terminal.interactive:
        write_lines(_layout(result, terminal, steps).lines(), colour=terminal.colour)
    else:
        for record in _layout(result, terminal, steps).records():
            print(record)


def _layout(result: Result, terminal: Terminal, steps: bool) -> DerivationText:
    laid: DerivationText = import_module("mccli.cli.derivation_text").DerivationText(result, terminal, steps=steps)
    return laid


def _check_options(output: str, code: str, *, exact: bool) -> None:
    if sum((exact, output != "text", bool(code))) > 1:
        raise UsageError(
            "these options exclude one another", notes=["choose --format, --code, or --prove and --entries"]
        )
    check_format(output, FORMATS)
    if code not in ("", "numpy"):
        raise unknown_choice("--code", code, ("numpy",))
