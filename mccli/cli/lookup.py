"""``mc lookup``: identities by expression, id, name, words or family."""

from __future__ import annotations

from typing import Annotated

import typer

from mccli.cli.lookup_answer import MOST_LINES, answer
from mccli.cli.options import (
    AsciiOption,
    AssumeOption,
    ColourOption,
    DefineOption,
    FormatOption,
    ShapeOption,
    told,
)
from mccli.cli.plain_options import COUNT, FAMILY, WRT

QueryArgument = Annotated[
    str,
    typer.Argument(metavar="[TEXT]", help="An expression, an id, a name, or words; - reads it.", show_default=False),
]


def lookup(
    query: QueryArgument = "",
    wrt: Annotated[list[str] | None, told(WRT)] = None,
    family: Annotated[str, told(FAMILY)] = "",
    shape: ShapeOption = None,
    assume: AssumeOption = None,
    define: DefineOption = None,
    count: Annotated[int, told(COUNT, show_default=True)] = MOST_LINES,
    output: FormatOption = "text",
    ascii_only: AsciiOption = False,
    colour: ColourOption = "auto",
) -> None:
    """Look up an identity, whatever its symbols are called.

    Cyclic shifts of a trace, transposes, the order of sums and scalar factors make no difference. Words find
    identities by name ("gaussian covariance"); d(...) asks for a differential, "hessian of ..." for a Hessian.

    Examples:

      mc lookup "tr(AXB)"

      mc lookup "||Xw - y||^2" --wrt w

      mc lookup "normal equations"

      mc lookup --family trace
    """
    code = answer(query, wrt or (), family, shape or (), assume or (), define or (), count, output, ascii_only, colour)
    raise typer.Exit(code)
