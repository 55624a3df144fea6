"""``mc check`` and a user's own record files: what is said, what is used, and that nothing steers the terminal."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mccli.cli.check import COLUMNS
from mccli.cli.library import library
from mccli.cli.main import main
from mccli.folders import data_folder
from mccli.identities.catalogue import Library
from mccli.identities.lookup import look_up
from mccli.language.declare import Scope

RECORD = """\
- id: {id}
  name: {name}
  level: standard
  expression: tr(A*expm(X)*B) + {id_number}*tr(X)
  variable: X
  shapes: {{A: "m,n", X: "n,n", B: "n,m"}}
  differential: {result}
  sources: [own notes]
"""
RIGHT = "tr(A*frechet_expm(X, dX)*B) + {}*tr(dX)"


def record(name: str, number: int = 2, result: str = "") -> str:
    """A record that holds, unless it is given another result."""
    result = result or RIGHT.format(number)
    return RECORD.format(id=name, name=f'"Own {number}"', id_number=number, result=result)


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The folder of the user's record files."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    found = tmp_path / "data" / "mccli"
    found.mkdir(parents=True)
    return found


def write(folder: Path, *records: str, name: str = "own.yaml") -> Path:
    """A record file."""
    path = folder / name
    path.write_text("family: own\nrecords:\n" + "".join(records), encoding="utf-8")
    return path


def own_ids(found: Library) -> list[str]:
    """The ids of the user's records that are used."""
    return [] if len(found.catalogues) == 1 else list(found.catalogues[1].ids)


def test_a_users_record_is_used(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(folder, record("own-one"))
    found = library()
    assert own_ids(found) == ["own-one"]
    assert look_up(found, "tr(A*expm(X)*B) + 2*tr(X)", Scope()).matches[0].record.id == "own-one"
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("taken", ["trace-axb", "trace-graph-smoothness"])
def test_an_id_of_mcs_own_is_refused_and_the_rest_is_used(
    folder: Path, capsys: pytest.CaptureFixture[str], taken: str
) -> None:
    path = write(folder, record(taken), record("own-two", 3))
    found = library()
    assert own_ids(found) == ["own-two"]
    assert look_up(found, "tr(PZQ)", Scope()).matches[0].record.id == "trace-axb"
    assert look_up(found, "tr(A*expm(X)*B) + 3*tr(X)", Scope()).matches[0].record.id == "own-two"
    assert capsys.readouterr().err == f"1 record of {path} is not used: mc check {path}\n"
    assert main(["check", str(path)]) == 1
    assert f"{path}:3: {taken}: id: the id {taken} is that of one of mc's own records" in capsys.readouterr().err


def test_what_is_wrong_is_one_line_on_every_lookup(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wrong = RIGHT.format(5).replace("+ 5", "- 5")
    path = write(
        folder,
        record("own-one"),
        record("own-two", 5, wrong),
        record("own-three", 4).replace("variable: X", "variable: Z"),
        record("own-one", 6),
    )
    broken = folder / "broken.yaml"
    broken.write_text("family: [", encoding="utf-8")
    for _ in range(2):  # the second time from the cache
        assert own_ids(library()) == ["own-one"]
        said = capsys.readouterr().err.splitlines()
        assert said == [
            f"{broken} is not used: mc check {broken}",
            f"3 records of {path} are not used: mc check {path}",
        ]
    path.write_text(path.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert own_ids(library()) == ["own-one"]


def test_json_names_file_line_record_and_field(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wrong = RIGHT.format(5).replace("+ 5", "- 5")
    path = write(folder, record("own-one"), record("own-two", 5, wrong), record("own-three", 7).replace("name", "nam"))
    assert main(["check", str(path), "--format", "json"]) == 1
    document = json.loads(capsys.readouterr().out)
    assert document["families"] == [
        {
            "family": "own", "records": 2, "checked": 1, "by_the_engine": 1, "exactly": 1, "by_numbers": 0,
            "aliases": 0,
        }
    ]  # fmt: skip
    places = {(m["file"], m["line"], m["record"], m["field"]) for m in document["mistakes"]}
    assert places == {(str(path), 17, "own-two", "differential"), (str(path), 20, "own-three", "nam")}
    assert all(m["message"].startswith(f"{m['file']}:{m['line']}: ") for m in document["mistakes"])
    assert all(m["message"].endswith(m["sentence"]) for m in document["mistakes"])


HIDDEN = [
    ("name: \"Own 2\"", 'name: "\\e[2J\\e[31mred"', "own-one: name: has a character that cannot be shown (U+001B)"),
    ("- id: own-one", '- id: "own\\u009b1m-one"', "id: has a character that cannot be shown (U+009B)"),
    ("  level:", '  "le\\evel": x\n  level:', "own-one: has a character that cannot be shown (U+001B)"),
    ("[own notes]", '["own\\u202enotes"]', "own-one: sources: has a character that cannot be shown (U+202E)"),
    ("{A:", '{"\\e]0;title\\aA":', "own-one: shapes: has a character that cannot be shown (U+001B)"),
    ("family: own", 'family: "\\e[31m"', "family: has a character that cannot be shown (U+001B)"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "said"), HIDDEN, ids=[old.strip() for old, _, _ in HIDDEN])
@pytest.mark.parametrize("form", ["text", "json"])
def test_control_characters_never_reach_the_terminal(
    folder: Path, capsys: pytest.CaptureFixture[str], old: str, new: str, said: str, form: str
) -> None:
    path = write(folder, record("own-one"))
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    assert main(["check", str(path), "--format", form]) == 1
    printed = capsys.readouterr()
    assert said in printed.err
    assert own_ids(library()) == []
    everything = printed.out + printed.err + "".join(capsys.readouterr())
    assert all(c.isprintable() or c in "\n\t" for c in everything)


def test_into_a_pipe_a_family_is_a_line(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(folder, record("own-one"))
    assert main(["check", str(path)]) == 0
    assert capsys.readouterr().out == "own\t1\t1\t1\t1\t0\t0\n"


def test_a_person_reads_a_table(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(folder, record("own-one"))
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert main(["check", str(path)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == [word for name in COLUMNS for word in name.split()]
    assert lines[-1].startswith("every record holds; worst relative error")
    assert max(map(len, lines)) <= 80


def test_mcs_own_files_may_be_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", f"{data_folder()}/identities/inverse.yaml"]) == 0
    assert capsys.readouterr().err == ""
