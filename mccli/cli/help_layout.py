"""How ``--help`` is laid out: commands and options in groups, examples as they are typed."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any, ClassVar

from typer.core import TyperCommand, TyperGroup

EXAMPLES = "Examples:"
OPTIONS = "Options"


def described(text: str) -> tuple[list[str], list[str]]:
    """The paragraphs of a command's help, and its examples."""
    description, _, examples = inspect.cleandoc(text).partition(EXAMPLES)
    paragraphs = [" ".join(paragraph.split()) for paragraph in description.strip().split("\n\n")]
    return paragraphs, [line.strip() for line in examples.splitlines() if line.strip()]


def grouped_options(command: Any, context: Any) -> dict[str, list[tuple[str, str]]]:
    """What the help says of the arguments and options, by group; hidden ones are left out."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for parameter in command.get_params(context):
        record = parameter.get_help_record(context)
        if record is not None:
            is_argument = parameter.param_type_name == "argument"
            name = "Arguments" if is_argument else getattr(parameter, "rich_help_panel", None) or OPTIONS
            groups.setdefault(name, []).append(record)
    order = sorted(groups, key=lambda name: (name != "Arguments", name != OPTIONS))
    return {name: groups[name] for name in order}


class _Laid:
    """Lays out a command's help; mixed into Typer's classes."""

    def collect_usage_pieces(self: Any, context: Any) -> list[str]:
        """The arguments by their names; Typer puts those that must be given in braces."""
        return [piece.strip("{}") for piece in super().collect_usage_pieces(context)]  # type: ignore[misc]

    def format_help_text(self: Any, _context: Any, formatter: Any) -> None:
        """The description, one paragraph after the other."""
        for paragraph in described(self.help or "")[0]:
            formatter.write_paragraph()
            with formatter.indentation():
                formatter.write_text(paragraph)

    def format_options(self: Any, context: Any, formatter: Any) -> None:
        """Arguments and options, each group under its name."""
        for name, records in grouped_options(self, context).items():
            with formatter.section(name):
                formatter.write_dl(records)

    def format_epilog(self: Any, _context: Any, formatter: Any) -> None:
        """The examples, as they are typed; nothing wraps them."""
        examples = described(self.help or "")[1]
        if examples:
            with formatter.section("Examples"):
                for example in examples:
                    formatter.write(f"{'':>{formatter.current_indent}}{example}\n")


class Command(_Laid, TyperCommand):
    """A command."""


class Group(_Laid, TyperGroup):
    """mc itself: its commands stand in groups. ``groups`` names the commands of each."""

    groups: ClassVar[Mapping[str, Mapping[str, str]]] = {}

    def format_options(self, context: Any, formatter: Any) -> None:
        """The commands first, for they are what people look for."""
        for name, commands in self.groups.items():
            with formatter.section(name):
                formatter.write_dl(list(commands.items()))
        super().format_options(context, formatter)
