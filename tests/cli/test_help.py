"""Help: every example and every command in a topic is run; the manual page is made from the same texts."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from mccli.cli.app import ABOUT, COMMANDS, GROUPS, application
from mccli.cli.help_layout import described
from mccli.cli.help_topics import FOLDER, ORDER, topic
from mccli.cli.main import main
from mccli.cli.manual import PAGE, page
from mccli.folders import data_folder

BINARIES = str(Path(sys.executable).parent)
SCRIPT = """\
def mc_example(rng):
    return {"X": rng.standard_normal((5, 4)), "w": rng.standard_normal(4), "y": rng.standard_normal(5)}


def loss(w, X, y):
    r = X @ w - y
    return float(r @ r)


def grad_loss(w, X, y):
    return 2 * X.T @ (X @ w - y)
"""
RECORDS = """\
family: mine
records:
- id: scaled-trace
  name: Trace of a scaled product
  level: standard
  expression: c*tr(A*X)
  variable: X
  shapes: {c: scalar, A: "n,m", X: "m,n"}
  gradient: c*A'
  proof: ["c*tr(A*dX)"]
  why: The trace is linear.
  sources: [my notes]
"""
FILES = {
    "model.py": SCRIPT,
    "losses.txt": "||A x - b||^2\nx'Ax ; --assume A:symmetric\n",
    "my-identities.yaml": RECORDS,
    "session.mc": "A : m x n\nd tr(A X) / d X\n",
}
"""Files that the examples speak of."""
NOT_RUN = re.compile(r"mc check$|mc repl\b")
"""Examples that take long or wait for a person."""
CODE = re.compile(r"\s+# exit (\d+)$")


def command(name: str) -> Any:
    """A command of the application."""
    group: Any = typer.main.get_command(application(name))
    return group.commands[name]


def examples() -> Iterator[tuple[str, str]]:
    """The examples in the help, each with the command that shows it."""
    yield from (("mc", example) for example in described(ABOUT)[1])
    for name in COMMANDS:
        yield from ((name, example) for example in described(command(name).help)[1])


def shown_in_topics() -> Iterator[tuple[str, str, int]]:
    """The commands in the topics, each with its topic and the exit code it announces."""
    for name in ORDER:
        for line in topic(name).commands():
            code = CODE.search(line)
            yield name, CODE.sub("", line), int(code[1]) if code else 0


EXAMPLES, SHOWN = list(examples()), list(shown_in_topics())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the files that the examples speak of."""
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def run(line: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a line in a shell, with this mc, and with a home of its own."""
    home = {"HOME": str(folder), "PATH": f"{BINARIES}:{os.environ['PATH']}", "PYTHONIOENCODING": "utf-8"}
    environment = {**os.environ, **home, "XDG_DATA_HOME": str(folder / "share"), "PROFILE": str(folder / "profile")}
    for name in (".local/share/bash-completion/completions", ".zfunc", ".config/fish/completions"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    return subprocess.run(
        ["bash", "-o", "pipefail", "-c", line],
        cwd=folder, env=environment, capture_output=True, text=True, encoding="utf-8", timeout=120, check=False,
    )  # fmt: skip


@pytest.mark.parametrize("example", [example for _, example in EXAMPLES if not NOT_RUN.match(example)])
def test_examples_work(example: str, folder: Path) -> None:
    done = run(example, folder)
    assert done.returncode == 0, done.stderr
    assert "error[" not in done.stderr
    assert done.stdout or re.search(r">|--output", example)


@pytest.mark.parametrize(("line", "code"), [shown[1:] for shown in SHOWN], ids=lambda part: str(part))
def test_commands_in_topics_do_what_is_said(line: str, code: int, folder: Path) -> None:
    done = run(line, folder)
    assert done.returncode == code, done.stderr
    assert bool(done.stdout) == (code == 0)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_examples_and_short_help(name: str) -> None:
    found = described(command(name).help)[1]
    assert found
    assert all(example.startswith(f"mc {name}") or f"| mc {name}" in example for example in found)
    assert 10 < len(COMMANDS[name]) < 80


def test_the_commands_are_in_groups(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    printed = capsys.readouterr().out
    for title, commands in GROUPS.items():
        part = printed.partition(f"{title}:\n")[2].partition("\n\n")[0]
        assert [line.split()[0] for line in part.splitlines() if not line.startswith("   ")] == list(commands)


@pytest.mark.parametrize("name", COMMANDS)
def test_help_is_the_same_by_every_way(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    printed = []
    for words in ([name, "-h"], [name, "--help"], ["help", name]):
        assert main(words) == 0
        printed.append(capsys.readouterr().out)
    assert printed[0] == printed[1] == printed[2]
    assert max(map(len, printed[0].splitlines())) <= 110


def test_the_topics_are_those_in_the_folder() -> None:
    assert {path.stem for path in (Path(data_folder()) / FOLDER).iterdir()} == set(ORDER)
    assert {"notation", "layouts", "exit-codes", "assumptions"} <= set(ORDER)


@pytest.mark.parametrize("name", ORDER)
def test_a_topic_is_shown(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    found = topic(name)
    assert main(["help", name]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith(found.title)
    assert len(found.title) <= 60
    lines = [line for block in found.blocks if block.kind == "verbatim" for line in block.lines]
    assert [line for line in lines if line not in printed.splitlines()] == []
    assert max(map(len, printed.splitlines())) <= 105


# ------------------------------------------------------------------------------------------------ the manual page


def test_the_manual_page_is_up_to_date() -> None:
    """``python -m mccli.cli.manual`` writes it."""
    assert (Path(data_folder()) / PAGE).read_text(encoding="utf-8") == page()


def test_the_manual_page_says_everything() -> None:
    text = page()
    for name in COMMANDS:
        assert f".SS {name}\n" in text
    for name in COMMANDS:
        for parameter in command(name).params:
            if not parameter.hidden and parameter.param_type_name == "option":
                assert parameter.opts[0].replace("-", r"\-") in text
    for section in ("NAME", "SYNOPSIS", "DESCRIPTION", "EXIT STATUS", "ENVIRONMENT", "NOTATION"):
        assert f".SH {section}\n" in text


@pytest.mark.skipif(shutil.which("groff") is None, reason="groff is not installed")
def test_the_manual_page_can_be_set() -> None:
    done = subprocess.run(
        ["groff", "-man", "-ww", "-Kutf8", "-Tutf8", "-P-cbou"],
        input=page(), capture_output=True, text=True, encoding="utf-8", check=True,
    )  # fmt: skip
    assert done.stderr == ""
    said = re.sub(r"\s+", " ", done.stdout)
    for name, line, _ in SHOWN:
        assert line in said, name
