"""Completion in bash, zsh and fish themselves, typed into a terminal; skipped where a shell is not installed."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from shells import ROOT, SCRIPTS, Terminal

SCRIPT = '''
"""A file that must not be run.
def hidden(): pass
"""
raise SystemExit("this file was run")

def loss(X, w, y, lam=0.1): ...
def grad_loss(X, w, y): ...
'''

COMPLETED = [
    ("mc loo", ["lookup"]),
    ("mc lookup logdet-xta", ["lookup", "logdet-xtax"]),
    ("mc sheet kron", ["sheet", "kronecker"]),
    ("mc lookup --family stat", ["lookup", "--family", "statistics"]),
    ("mc lookup --family=stat", ["lookup", "--family=statistics"]),
    ("mc ops logde", ["ops", "logdet"]),
    ("mc completion pow", ["completion", "powershell"]),
    ("""mc derive "x'Ax" --wr""", ["derive", "x'Ax", "--wrt"]),
    ("""mc derive "x'x" --wrt """, ["derive", "x'x", "--wrt", "x"]),
    ("""mc derive "x'x" --wrt=""", ["derive", "x'x", "--wrt=x"]),
    (r"""mc derive "tr(AB'(\lambda I)" --wrt=l""", ["derive", r"tr(AB'(\lambda I)", "--wrt=lambda"]),
    ("""mc derive "tr(A X)" --wrt A --wrt """, ["derive", "tr(A X)", "--wrt", "A", "--wrt", "X"]),
    ("mc derive AXB --assume A:sy", ["derive", "AXB", "--assume", "A:symmetric"]),
    ('mc derive AXB --assume "A:sy', ["derive", "AXB", "--assume", "A:symmetric"]),
    ("mc derive AXB --assume=A:orth", ["derive", "AXB", "--assume=A:orthogonal"]),
    ("mc derive AXB --format=lat", ["derive", "AXB", "--format=latex"]),
    ("mc derive AXB --color ne", ["derive", "AXB", "--color", "never"]),
    ("mc verify script.py:gr", ["verify", "script.py:grad_loss"]),
    ("mc verify script.py:loss --grad gr", ["verify", "script.py:loss", "--grad", "grad_loss"]),
    ("mc verify script.py:loss --wrt l", ["verify", "script.py:loss", "--wrt", "lam"]),
    ("mc sheet --output own-f", ["sheet", "--output", "own-folder"]),
    ("mc verify 'two words/in", ["verify", "two words/inner.py"]),
    ("true; mc loo", ["lookup"]),
]  # fmt: skip
"""What is typed before TAB, and what mc is then run with."""


@pytest.fixture(scope="module", params=SCRIPTS)
def terminal(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    """Each shell with the completion installed, in a folder with a few files."""
    if shutil.which(request.param) is None:
        pytest.skip(f"{request.param} is not installed")
    folder = tmp_path_factory.mktemp(request.param)
    (folder / "script.py").write_text(SCRIPT, encoding="utf-8")
    (folder / "own-folder").mkdir()
    (folder / "two words").mkdir()
    (folder / "two words" / "inner.py").touch()
    with Terminal(request.param, folder) as opened:
        yield opened


@pytest.mark.parametrize(("line", "expected"), COMPLETED, ids=[line for line, _ in COMPLETED])
def test_a_tab_completes(terminal: Terminal, line: str, expected: list[str]) -> None:
    found = terminal.completed(line)
    assert [word.rstrip("/") for word in found] == expected  # zsh takes back the slash after a folder


def test_the_expression_may_stand_behind_the_cursor(terminal: Terminal) -> None:
    if terminal.shell == "fish":
        pytest.skip("fish shows a completion nothing behind the cursor")
    back = "\x02" * 6
    assert terminal.completed(f"""mc derive --wrt  "x'x"{back}""") == ["derive", "--wrt", "x", "x'x"]


def test_a_word_without_candidates_stays(terminal: Terminal) -> None:
    assert terminal.completed("mc derive AXB --wrt q") == ["derive", "AXB", "--wrt", "q"]


def test_what_is_typed_is_never_run(terminal: Terminal) -> None:
    typed = 'mc derive "$(touch evil)`touch evil`x" --wrt '
    terminal.left(typed)
    assert not (terminal.folder / "evil").exists()


def test_the_list_has_descriptions(terminal: Terminal) -> None:
    about = () if terminal.shell == "bash" else ("Trace of A X B", "Cubic trace of A X B X C X")
    terminal.listed("mc lookup trace-axb", "trace-axbxtc", *about)
    about = () if terminal.shell == "bash" else ("Structured variables",)
    terminal.listed("mc lookup --family st", "statistics", "structured", *about)


@pytest.mark.parametrize("shell", SCRIPTS)
def test_loading_the_script_starts_no_process(shell: str, tmp_path: Path) -> None:
    """With an empty path nothing can be started, and the script does not notice."""
    program = shutil.which(shell)
    if program is None:
        pytest.skip(f"{shell} is not installed")
    plain = {"bash": ["--norc", "--noprofile"], "zsh": ["-f"], "fish": ["--no-config"]}[shell]
    before = "compdef() { :; }; " if shell == "zsh" else ""
    line = f"{before}. '{ROOT / 'completions' / SCRIPTS[shell]}'"
    done = subprocess.run(
        [program, *plain, "-c", line],
        env={"PATH": str(tmp_path), "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout == ""
    assert done.stderr == ""
