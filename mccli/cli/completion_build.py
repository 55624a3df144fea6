"""``python -m mccli.cli.completion_build``: ``data/completions.txt`` made from the application and the database."""

from __future__ import annotations

import os
from collections.abc import Iterator

import typer
from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption

from mccli.cli.app import COMMANDS, application
from mccli.cli.completion_kinds import NOTHING, kind_of
from mccli.cli.help_topics import ORDER, topic
from mccli.completion.table import FILE, FLAG, MANY, ONCE
from mccli.expressions.constants import CONSTANTS
from mccli.expressions.operations import OPERATIONS
from mccli.expressions.properties import IMPLIED
from mccli.folders import data_folder
from mccli.identities.catalogue import INDEX, Catalogue
from mccli.language.declare import Scope, function_spellings
from mccli.language.names import GREEK

Command = TyperCommand | TyperGroup
SCALAR_CONSTANTS = ("π",)
"""Letters that are numbers and no symbols."""


def commands() -> dict[str, Command]:
    """The commands with all their parameters; "" is mc itself."""
    found: dict[str, Command] = {}
    for name in ("", *COMMANDS):
        group = typer.main.get_command(application(name))
        command = group.commands[name] if name and isinstance(group, TyperGroup) else group
        assert isinstance(command, Command)
        found[name] = command
    return found


def text() -> str:
    """The text of the file."""
    lines = ["\t".join(" ".join(field.split()) for field in record) for record in _records()]
    return "\n".join(lines) + "\n"


def _records() -> Iterator[tuple[str, ...]]:
    yield from (("command", name, about) for name, about in COMMANDS.items())
    for name, command in commands().items():
        for parameter in command.get_params(typer.Context(command, info_name=name)):
            yield from _parameter(name, parameter)
    yield from _identities()
    yield from (("topic", name, topic(name).title) for name in ORDER)
    yield from (("operation", name, record.says) for name, record in OPERATIONS.items())
    yield from (("property", name, _implies(implied)) for name, implied in IMPLIED.items())
    for name in function_spellings(Scope()):
        yield "function", name, "sizes" if name in CONSTANTS else ""
    yield from (("constant", name, "") for name in SCALAR_CONSTANTS)
    yield from (("greek", name, letter) for name, letter in GREEK.items())


def _implies(properties: frozenset[str]) -> str:
    return "implies " + ", ".join(sorted(properties)) if properties else ""


def _parameter(command: str, parameter: object) -> Iterator[tuple[str, ...]]:
    """The records of an option, one for each spelling, or of an argument."""
    if isinstance(parameter, TyperArgument):
        often = ONCE if parameter.nargs == 1 else MANY
        yield "argument", command, kind_of(command, parameter) or NOTHING, often
    elif isinstance(parameter, TyperOption) and not parameter.hidden:
        flag = parameter.is_flag or parameter.count
        kind = FLAG if flag else kind_of(command, parameter) or NOTHING
        often = MANY if parameter.multiple or parameter.count else ONCE
        about = parameter.help or ""
        for spelling in parameter.opts:
            yield "option", command, spelling, str(parameter.name), kind, often, about
        for spelling in parameter.secondary_opts:
            yield "option", command, spelling, str(parameter.name), kind, often, f"Not: {about[:1].lower()}{about[1:]}"


def _identities() -> Iterator[tuple[str, ...]]:
    catalogue = Catalogue.read(os.path.join(data_folder(), INDEX))
    for record in catalogue.records():
        yield "identity", record.id, record.name
        yield from (("identity", alias.id, alias.name) for alias in record.aliases)
    yield from (("family", family.id, family.title) for family in catalogue.families)


def main() -> None:
    """Write the file."""
    path, made = os.path.join(data_folder(), FILE), text()
    with open(path, "w", encoding="utf-8", newline="\n") as file:
        file.write(made)
    print(path)


if __name__ == "__main__":
    main()
