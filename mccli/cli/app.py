"""The Typer application: which commands there are. Only the command that is asked for is loaded."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Annotated

import typer

from mccli import __version__
from mccli.cli.help_layout import Command, Group
from mccli.cli.options import HELP_NAMES

GROUPS = {
    "Derive and check": {
        "derive": "Gradients of a scalar function, with steps and a certificate.",
        "repl": "The same language line by line, with names that persist.",
        "shape": "Infer shapes, or say what does not fit.",
        "solve": "Stationary points in closed form, with steps and whether they are minima.",
        "verify": "Is the gradient in a script right, and if not, which mistake is it.",
    },
    "Look up": {
        "lookup": "Identities by expression, id, name, words or family.",
        "sheet": "The cheat sheet: in the terminal, or as md, tex, html, json, typ or pdf.",
        "ops": "The operations and their rules.",
    },
    "Keep up": {
        "check": "Take identity records through every check.",
        "completion": "The script with which a shell completes mc's words.",
        "help": "Topics: notation, layouts, exit codes, ...; or one command.",
    },
}
"""The commands by what they are for, each with a line about it."""

COMMANDS = {name: line for commands in GROUPS.values() for name, line in commands.items()}
"""The commands; each is the function of that name in the module of that name."""

ABOUT = """Matrix calculus: gradients with steps, shapes and a numerical certificate.

mc COMMAND --help shows the options of a command with examples; mc help lists topics such as the notation.

Examples:

  mc derive "||A x - b||^2" --wrt x

  mc lookup "tr(AXB)"

  mc verify model.py:loss
"""


class Root(Group):
    """mc itself."""

    groups = GROUPS


def application(wanted: str = "") -> typer.Typer:
    """The application; only the wanted command is loaded, the others are there with their names and a line each."""
    app = typer.Typer(
        name="mc",
        cls=Root,
        add_completion=False,
        rich_markup_mode=None,
        context_settings=HELP_NAMES,
        pretty_exceptions_enable=False,
        help=ABOUT,
    )
    app.callback()(root)
    for name, line in COMMANDS.items():
        app.command(name, cls=Command, short_help=line)(_loaded(name) if name == wanted else _placeholder)
    return app


def _loaded(name: str) -> Callable[..., None]:
    command: Callable[..., None] = getattr(importlib.import_module(f"mccli.cli.{name}"), name)
    return command


def _placeholder() -> None:
    """Stands for a command that is only listed."""


def _version(wanted: bool) -> None:
    if wanted:
        print(f"mc {__version__}")
        raise typer.Exit


def root(
    _version_wanted: Annotated[
        bool, typer.Option("--version", "-V", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Matrix calculus: gradients with steps, shapes and a numerical certificate."""


def run(arguments: list[str]) -> int:
    """Run the application. Every mistake, Click's own included, leaves as a McError."""
    arguments = arguments or ["--help"]
    wanted = next((a for a in arguments if a in COMMANDS), "")
    command = typer.main.get_command(application(wanted))
    try:
        outcome = command.main(args=arguments, prog_name="mc", standalone_mode=False, obj=arguments)
    except Exception as error:
        if not (hasattr(error, "format_message") and hasattr(error, "exit_code")):
            raise
        from mccli.cli.usage import Usage  # loaded where something went wrong

        raise Usage(arguments, command, wanted).mistake(error) from None
    return outcome if isinstance(outcome, int) else 0
