"""The Typer application: which commands there are and what their options mean."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from mccli import __version__
from mccli.cli import derive as derive_command
from mccli.cli import ops as ops_command
from mccli.cli import shape as shape_command
from mccli.cli.options import HELP_NAMES
from mccli.errors import UsageError, closest

app = typer.Typer(
    name="mc", no_args_is_help=True, add_completion=False, rich_markup_mode=None, context_settings=HELP_NAMES,
    pretty_exceptions_enable=False,
    help="Matrix calculus: gradients with steps, shapes and a numerical certificate.",
    epilog="Examples: mc derive \"||A x - b||^2\" --wrt x     mc shape \"tr(AXB)\"     mc ops logdet",
)
app.command("derive")(derive_command.derive)
app.command("shape")(shape_command.shape)
app.command("ops")(ops_command.ops)


def _version(wanted: bool) -> None:
    if wanted:
        print(f"mc {__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[bool, typer.Option("--version", "-V", callback=_version, is_eager=True, help="Print the version.")] = False,
) -> None:
    """Matrix calculus: gradients with steps, shapes and a numerical certificate."""
    del version


def run(arguments: list[str]) -> int:
    """Run the application without Click's own handling of mistakes. McError for all of them."""
    click = sys.modules["typer"]
    del click
    command = typer.main.get_command(app)
    try:
        outcome = command.main(args=arguments, prog_name="mc", standalone_mode=False)
    except Exception as error:
        if not _is_usage(error):
            raise
        raise _usage(error, arguments) from None
    return outcome if isinstance(outcome, int) else 0


def _is_usage(error: Exception) -> bool:
    return hasattr(error, "format_message") and hasattr(error, "exit_code")


def _usage(error: Exception, arguments: list[str]) -> UsageError:
    message = str(error.format_message()).rstrip(".")  # type: ignore[attr-defined]
    notes = []
    names = [c.name for c in app.registered_commands if c.name]
    word = arguments[0] if arguments else ""
    if message.startswith("No such command"):
        near = closest(word, names)
        notes = [f"did you mean {near}?"] if near else []
        notes.append("commands: " + ", ".join(names))
    else:
        notes.append(f"see mc {word} --help" if word in names else "see mc --help")
    return UsageError(message[:1].lower() + message[1:], notes=notes)
