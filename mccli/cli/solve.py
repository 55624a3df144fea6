"""``mc solve``: stationary points in closed form, with steps, conditions, and whether they are minima."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Annotated

import typer

from mccli.cli.arguments import check_format, command_line, read_expression
from mccli.cli.options import AsciiOption, AssumeOption, ColourOption, DefineOption, Expression, ShapeOption
from mccli.cli.terminal import detect
from mccli.cli.write import print_encoded, write_lines
from mccli.errors import UsageError, unknown_choice

if TYPE_CHECKING:
    from mccli.cli.solve_text import SolveText

FORMATS = ("text", "json", "latex", "markdown")

WrtOption = Annotated[
    list[str] | None,
    typer.Option("--wrt", metavar="X", help="Unknown; several: --wrt w --wrt b.", show_default=False),
]
ConstraintOption = Annotated[
    list[str] | None,
    typer.Option(
        "--subject-to", metavar="EQUATION", help='A constraint, "A x = b"; may be repeated.', show_default=False
    ),
]
StepsOption = Annotated[bool, typer.Option("--steps/--no-steps", help="Show the steps.")]
CheckOption = Annotated[bool, typer.Option("--check/--no-check", help="Look whether the gradient vanishes.")]
FormatOption = Annotated[str, typer.Option("--format", metavar="FORMAT", help="text, json, latex or markdown.")]
CodeOption = Annotated[
    str, typer.Option("--code", metavar="numpy", help="Print a Python module that computes it.", show_default=False)
]


def solve(
    expression: Expression,
    wrt: WrtOption = None,
    subject_to: ConstraintOption = None,
    shape: ShapeOption = None,
    assume: AssumeOption = None,
    define: DefineOption = None,
    steps: StepsOption = True,
    check: CheckOption = True,
    output: FormatOption = "text",
    code: CodeOption = "",
    ascii_only: AsciiOption = False,
    colour: ColourOption = "auto",
) -> None:
    """Solve for the stationary point of a scalar function, where it has a closed form.

    The gradient is set to zero and solved for the unknown; several unknowns and constraints are eliminated one
    after the other. What has no closed form is refused with the equation that would have to be solved.

    Examples:

      mc solve "||X w - y||^2" --wrt w

      mc solve "-log det X + tr(S X)" --wrt X --assume X:spd

      mc solve "v'S v" --wrt v --subject-to "v'v = 1" --assume S:symmetric

      mc solve "||x||^2" --wrt x --subject-to "A x = b"
    """
    check_format(output, FORMATS)
    if code not in ("", "numpy"):
        raise unknown_choice("--code", code, ("numpy",))
    if code and output != "text":
        raise UsageError("--format and --code exclude one another")
    engine = import_module("mccli.solving")  # here, so that --help needs neither NumPy nor the engine
    result = engine.solve(
        read_expression(expression),
        wrt,
        subject_to=subject_to or (),
        shapes=shape or (),
        assume=assume or (),
        define=define or (),
        check=check,
        command=command_line("solve", shape, assume, define, wrt) + _constraints(subject_to or ()),
    )
    if code:
        print_encoded(result.numpy_code().rstrip("\n"))
    elif output != "text":
        print_encoded(import_module("mccli.cli.solve_formats").FORMATS[output](result, steps))
    else:
        terminal = detect(ascii_only=ascii_only, colour=colour)
        _write(import_module("mccli.cli.solve_text").SolveText(result, terminal, steps=steps))


def _constraints(written: Sequence[str]) -> str:
    """The constraints as they stand on the command line, for fixes that can be pasted."""
    return "".join(f" --subject-to {shlex.quote(constraint)}" for constraint in written)


def _write(layout: SolveText) -> None:
    """Laid out for a person at a terminal, one record a line for a pipe."""
    if layout.terminal.interactive:
        write_lines(layout.lines(), colour=layout.terminal.colour)
    else:
        for record in layout.records():
            print_encoded(record)
