"""``data/completions.txt`` is what the application and the database say now, and every value has a kind."""

from __future__ import annotations

import os
import re

import pytest
from offers import described, offered
from typer.core import TyperArgument, TyperOption

from mccli.cli.app import COMMANDS
from mccli.cli.completion_build import commands, text
from mccli.cli.completion_kinds import KINDS, key_of, kind_of
from mccli.cli.help_topics import ORDER, topic
from mccli.cli.main import main
from mccli.completion.table import FILE, Table
from mccli.expressions.operations import OPERATIONS
from mccli.expressions.properties import IMPLIED
from mccli.folders import data_folder
from mccli.identities.build import database

REBUILD = "make it anew: python -m mccli.cli.completion_build"
PARAMETERS = [
    (name, parameter) for name, command in commands().items() for parameter in command.params if not parameter.hidden
]
OPTIONS = [(name, p) for name, p in PARAMETERS if isinstance(p, TyperOption)]
VALUES = [(name, p) for name, p in PARAMETERS if not getattr(p, "is_flag", False)]


def label(value: object) -> str:
    """The name of a test: a command, or how a parameter is written."""
    return " ".join(value.opts) if isinstance(value, TyperOption | TyperArgument) else str(value)


def test_the_file_is_what_would_be_made_now() -> None:
    with open(os.path.join(data_folder(), FILE), encoding="utf-8") as file:
        assert file.read().splitlines() == text().splitlines(), REBUILD


def test_every_command_is_offered_with_its_line() -> None:
    assert described("mc ") == COMMANDS
    assert described("mccli ") == COMMANDS


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_is_offered(name: str) -> None:
    every = {spelling for command, o in OPTIONS if command == name for spelling in (*o.opts, *o.secondary_opts)}
    found = described(f"mc {name} -")
    assert every <= set(found)
    assert all(found[spelling] for spelling in every)
    assert set(offered(f"mc {name} -", shell="bash")) >= every


@pytest.mark.parametrize(("command", "parameter"), VALUES, ids=label)
def test_every_value_has_a_kind(command: str, parameter: TyperOption | TyperArgument) -> None:
    where = "mccli/cli/completion_kinds.py"
    assert kind_of(command, parameter), f"say in {where} what mc {command} {' '.join(parameter.opts)} takes"


def test_no_kind_is_left_over() -> None:
    assert set(KINDS) == {key_of(command, parameter) for command, parameter in VALUES} - {None}


SAMPLES = {"expression": "x'x", "identity": "x'x", "script": os.devnull}
"""Arguments with which a command comes as far as its options."""
FILLING = {"it", "is", "or", "and", "mc", "writes", "the"}
CHOICES = [
    (command, parameter, kind.split()[1:])
    for command, parameter in VALUES
    if (kind := kind_of(command, parameter) or "").startswith("choice ")
]


@pytest.mark.parametrize(("command", "parameter", "choices"), CHOICES, ids=label)
def test_the_choices_are_those_that_the_command_knows(
    command: str,
    parameter: TyperOption | TyperArgument,
    choices: list[str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A wrong value is refused, and the choices that the refusal names are those that are completed."""
    kinds = [kind_of(command, p) for name, p in VALUES if name == command and isinstance(p, TyperArgument)]
    arguments = [SAMPLES[kind] for kind in kinds if kind in SAMPLES]
    option = [] if isinstance(parameter, TyperArgument) else [parameter.opts[0]]
    wrong = "7" if choices[0].isdigit() else "nonesuch"
    assert main([command, *arguments, *option, wrong]) == 2
    said = capsys.readouterr().err
    word = r"\d+" if choices[0].isdigit() else r"[\w-]+"
    listed = [set(re.findall(word, line)) - FILLING for line in re.split(r"\n  = |: | takes ", said)]
    assert set(choices) in listed, said


def test_every_name_of_the_database_is_offered() -> None:
    families, _ = database()
    records = {r.id: r.name for family in families for record in family.records for r in (record, *record.aliases)}
    assert described("mc lookup ") == records
    titles = {family.id: family.title for family in families}
    assert described("mc lookup --family ") == described("mc sheet ") == described("mc sheet norm ") == titles


def test_operations_properties_and_topics_are_offered() -> None:
    assert described("mc ops ") == {name: record.says for name, record in OPERATIONS.items()}
    assert set(offered("mc derive AXB --assume A:")) == {f"A:{name}" for name in IMPLIED}
    assert described("mc help ") == {name: topic(name).title for name in ORDER} | COMMANDS


def test_a_table_reads_what_was_written() -> None:
    table = Table(text())
    assert table.arguments("sheet")[:2] == ["family", "family"]
    assert table.options("derive")["--no-steps"].parameter == "steps"
    assert not table.options("derive")["--steps"].takes_value
