"""Options that several commands share, each defined once."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from mccli.cli.arguments import check_colour
from mccli.cli.plain_options import ASCII, ASSUME, COLOUR, DEFINE, FORMAT, SHAPE, PlainOption

HELP_NAMES = {"help_option_names": ["-h", "--help"]}


def told(option: PlainOption, *, show_default: bool = False) -> Any:
    """A plain option as Typer is told about it."""
    return typer.Option(
        option.typed,
        metavar=option.metavar or None,
        help=option.help,
        show_default=show_default,
        rich_help_panel=option.group or None,
        callback=check_colour if option is COLOUR else None,
    )


Expression = Annotated[
    str, typer.Argument(metavar="EXPR", help="The expression; - reads it from standard input.", show_default=False)
]
ShapeOption = Annotated[list[str] | None, told(SHAPE)]
AssumeOption = Annotated[list[str] | None, told(ASSUME)]
DefineOption = Annotated[list[str] | None, told(DEFINE)]
FormatOption = Annotated[str, told(FORMAT, show_default=True)]
AsciiOption = Annotated[bool, told(ASCII, show_default=True)]
ColourOption = Annotated[str, told(COLOUR, show_default=True)]
