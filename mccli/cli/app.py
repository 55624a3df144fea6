"""The Typer application: which commands there are. Only the command that is asked for is loaded."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Annotated

import typer

from mccli import __version__
from mccli.cli.options import HELP_NAMES
from mccli.errors import UsageError, closest

COMMANDS = {
    "derive": "Gradients of a scalar function, with steps and a certificate.",
    "lookup": "Identities by expression, id, name, words or family.",
    "sheet": "The cheat sheet: in the terminal, or as md, tex, html, json, typ or pdf.",
    "check": "Take identity records through every check.",
    "verify": "Is the gradient in a script right, and if not, which mistake is it.",
    "shape": "Infer shapes, or say what does not fit.",
    "ops": "The operations and their rules.",
}
"""The commands; each is the function of that name in the module of that name."""

EPILOG = 'mc derive "||A x - b||^2" --wrt x   is a good start.'


def application(wanted: str = "") -> typer.Typer:
    """The application; only the wanted command is loaded, the others are there with their names and a line each."""
    app = typer.Typer(
        name="mc",
        add_completion=False,
        rich_markup_mode=None,
        context_settings=HELP_NAMES,
        pretty_exceptions_enable=False,
        epilog=EPILOG,
        help="Matrix calculus: gradients with steps, shapes and a numerical certificate.",
    )
    app.callback()(root)
    for name, line in COMMANDS.items():
        app.command(name, short_help=line)(_loaded(name) if name == wanted else _placeholder)
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
        outcome = command.main(args=arguments, prog_name="mc", standalone_mode=False)
    except Exception as error:
        if not (hasattr(error, "format_message") and hasattr(error, "exit_code")):
            raise
        raise _usage(str(error.format_message()), arguments) from None
    return outcome if isinstance(outcome, int) else 0


def _usage(message: str, arguments: list[str]) -> UsageError:
    """Click's message in the style of mc."""
    word = arguments[0] if arguments else ""
    message = message.rstrip(".")
    if not message.startswith("No such command"):
        where = f"mc {word}" if word in COMMANDS else "mc"
        return UsageError(message[:1].lower() + message[1:], notes=[f"see {where} --help"])
    near = closest(word.strip(), COMMANDS)
    notes = ["commands: " + ", ".join(COMMANDS)]
    return UsageError(
        f"there is no command {word.strip()}", notes=[*([f"did you mean {near}?"] if near else []), *notes]
    )
