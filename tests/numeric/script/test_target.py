"""How a target is written, and what is said when nothing is there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from mccli.numeric.script import Script, Target, TargetMistake, parse_target
from mccli.numeric.script.load import place_of
from mccli.numeric.script.target import existing_file

Write = Callable[..., Path]


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("path.py:name", Target(file="path.py", attribute="name")),
        ("a/b/path.py:f.grad", Target(file="a/b/path.py", attribute="f.grad")),
        ("path.py", Target(file="path.py")),
        ("path.py::name", Target(file="path.py", attribute="name")),
        ("path.py:", Target(file="path.py")),
        ("  path.py:f ", Target(file="path.py", attribute="f")),
        ("pkg.mod:attr.sub", Target(module="pkg.mod", attribute="attr.sub")),
        ("pkg.mod", Target(module="pkg.mod")),
        ("mod:f", Target(module="mod", attribute="f")),
        (r"C:\x\f.py:g", Target(file=r"C:\x\f.py", attribute="g")),
        (r"C:\x\f.py", Target(file=r"C:\x\f.py")),
        ("C:/x/f.py", Target(file="C:/x/f.py")),
        ("C:/x/f.py:g.h", Target(file="C:/x/f.py", attribute="g.h")),
        ("my file.py:f", Target(file="my file.py", attribute="f")),
        ("modèle.py:fonction_é", Target(file="modèle.py", attribute="fonction_é")),
        ("a:b.py:f", Target(file="a:b.py", attribute="f")),
        ("my-script:f", Target(file="my-script", attribute="f")),
    ],
)
def test_targets(text: str, target: Target) -> None:
    assert parse_target(text) == target


@pytest.mark.parametrize("text", ["", "  ", "a\0b.py:f()", ":f", "x.py:1", "x.py:my-f", "x.py:f()", "x.py:f(3)"])
def test_what_is_no_target(text: str) -> None:
    with pytest.raises(TargetMistake):
        parse_target(text)


def test_a_call_is_named_without_its_parentheses() -> None:
    with pytest.raises(TargetMistake) as caught:
        parse_target("x.py:f(a, b)")
    assert caught.value.fix == "mc verify x.py:f"
    assert caught.value.exit_code == 2
    assert caught.value.category == "script"


def test_a_script_without_extension_is_a_file(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write("x = 1", "tool")
    monkeypatch.chdir(path.parent)
    assert parse_target("tool:f") == Target(file="tool", attribute="f")


def test_no_such_file_names_the_closest(write: Write) -> None:
    path = write("", "logistic.py")
    with pytest.raises(TargetMistake, match="no such file") as caught:
        existing_file(parse_target(f"{path.with_name('logstic.py')}:f"))
    assert caught.value.fix == f"mc verify {path}:f"


def test_no_such_folder(tmp_path: Path) -> None:
    with pytest.raises(TargetMistake, match="no such file") as caught:
        existing_file(Target(file=str(tmp_path / "nowhere" / "x.py")))
    assert "no folder" in caught.value.notes[0]


@pytest.mark.parametrize("name", ["x" * 5000 + ".py", "~nobody/x.py", "$NOWHERE/x.py", "a\0b.py", "/dev/null/x.py"])
def test_odd_names(name: str) -> None:
    with pytest.raises(TargetMistake, match="no such file"):
        existing_file(parse_target(name))


def test_a_folder_is_no_file(write: Write) -> None:
    path = write("", "model.py")
    with pytest.raises(TargetMistake, match="is a folder") as caught:
        existing_file(Target(file=str(path.parent)))
    assert "model.py" in caught.value.notes[0]


def test_a_package_folder_is_its_init(write: Write) -> None:
    path = write("", "pkg/__init__.py")
    assert existing_file(Target(file=str(path.parent))) == path.resolve()


def test_a_notebook_is_no_script(write: Write) -> None:
    with pytest.raises(TargetMistake, match="notebook"):
        existing_file(Target(file=str(write("{}", "x.ipynb"))))


def test_a_missing_file_starts_no_process(tmp_path: Path) -> None:
    with Script(str(tmp_path / "x.py")) as script, pytest.raises(TargetMistake):
        _ = script.functions
    assert script._conversation.process is None


def test_the_folder_is_the_first_that_is_no_package(write: Write) -> None:
    write("", "outer/a/__init__.py")
    write("", "outer/a/b/__init__.py")
    path = write("", "outer/a/b/model.py")
    place = place_of(path)
    assert (place.folder.name, place.name) == ("outer", "a.b.model")
    assert place_of(path.with_name("__init__.py")).name == "a.b"
    assert place_of(write("", "plain/model.py")).name == "model"
