"""The index: what the record files say now, every line by itself, and little of it read for a question."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest
from record_questions import library, records

import mccli.identities.catalogue as catalogue_module
from mccli.folders import data_folder
from mccli.identities.build import database
from mccli.identities.catalogue import INDEX, SCHEMA, Catalogue, Library
from mccli.identities.indexing import index_text
from mccli.identities.lookup import look_up
from mccli.language.declare import Scope

HEAVY = ("numpy", "sympy", "yaml", "rich")
MOST_LINES = 40


def file_text() -> str:
    """The index as it lies there."""
    with open(os.path.join(data_folder(), INDEX), encoding="utf-8") as file:
        return file.read()


def test_the_index_is_that_of_the_record_files() -> None:
    families, mistakes = database()
    assert not mistakes
    assert index_text(families) == file_text(), "run python -m mccli.identities.build"


def test_the_index_is_json_and_so_is_each_of_its_lines() -> None:
    whole = json.loads(file_text())
    assert whole["schema"] == SCHEMA
    lines = file_text().splitlines()[1:-1]
    keys = []
    for line in lines:
        (key, value), *others = json.loads(f"{{{line.rstrip(',')}}}").items()
        assert not others
        assert whole[key] == value
        keys.append(key)
    assert len(keys) == len(set(keys)) == len(whole) - 1


def test_every_id_is_in_the_index_once() -> None:
    ids = library().ids
    assert len(ids) == len(set(ids))
    assert set(ids) == set(records()) | {alias.id for record in records().values() for alias in record.aliases}
    listed = [name for family in library().families for name in family.ids]
    assert listed == list(records())


def test_a_record_comes_back_as_it_was_read() -> None:
    families, _ = database()
    for family in families:
        for record in family.records:
            kept = records()[record.id]
            assert library().record(record.id) == record._replace(places=kept.places, idle=kept.idle)
            assert set(kept.idle) <= set(record.assume)


@pytest.mark.parametrize("text", ["tr(PZQ)", "trace-axb", "x'Ax", "gaussian covariance", "||Cz - d||^2"])
def test_a_question_reads_few_lines(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []
    parse = json.loads

    def counted(line: Any, *rest: Any, **named: Any) -> Any:
        read.append(len(line))
        return parse(line, *rest, **named)

    monkeypatch.setattr(catalogue_module.json, "loads", counted)
    fresh = Library([Catalogue.read(os.path.join(data_folder(), INDEX))])
    assert look_up(fresh, text, Scope()).matches
    assert 0 < len(read) <= MOST_LINES
    assert sum(read) < 0.05 * len(file_text())


def test_an_index_of_another_format_is_refused(tmp_path: Any) -> None:
    path = os.path.join(str(tmp_path), INDEX)
    with open(path, "w", encoding="utf-8") as file:
        file.write('{"schema":999,\n"ids":""\n}\n')
    with pytest.raises(Exception, match="another format"):
        Catalogue.read(path)
    with pytest.raises(Exception, match="cannot be read"):
        Catalogue.read(path + "x")


@pytest.mark.parametrize("text", ["tr(AXB)", "trace-axb", "x'Ax -> (A+A')x", "normal equations"])
def test_a_lookup_loads_nothing_heavy(text: str, tmp_path: Any) -> None:
    program = (
        "import sys\n"
        "from mccli.cli.main import entry\n"
        f"sys.argv = ['mc', 'lookup', {text!r}]\n"
        "try:\n"
        "    entry()\n"
        "except SystemExit as end:\n"
        "    assert not end.code, end.code\n"
        f"print('HEAVY', [name for name in {HEAVY!r} if name in sys.modules])\n"
    )
    environment = {**os.environ, "XDG_DATA_HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "HEAVY []"
