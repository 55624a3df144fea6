"""The form of the output: commands and the text they print, one file each.

Golden files hold the form, not the truth; that the formulas are right is tested with numbers elsewhere.
``pytest tests/golden --update-golden`` writes them anew. The error that a certificate reports differs from
machine to machine in the last digits and is masked.
"""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import pytest
from golden_cases import DERIVATIONS, FORMS, PIPE, TERMINAL

from mccli.cli.main import main

FOLDER = Path(__file__).parent
WIDTH = 80
MASKS = (
    (re.compile(r"(relative\s+error\s+)[0-9.e+-]+"), r"\1#"),
    (re.compile(r'("worst_relative_error": )[0-9.e+-]+'), r"\1#"),
)


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", str(WIDTH))


@pytest.mark.parametrize("name", TERMINAL)
def test_what_a_person_sees(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], update_golden: bool
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    printed = run(TERMINAL[name], capsys)
    assert max(map(len, printed.splitlines())) <= WIDTH
    compare(FOLDER / f"{name}.txt", TERMINAL[name], printed, update_golden)


@pytest.mark.parametrize("name", PIPE)
def test_what_a_program_reads(name: str, capsys: pytest.CaptureFixture[str], update_golden: bool) -> None:
    compare(FOLDER / f"{name}.txt", PIPE[name], run(PIPE[name], capsys), update_golden)


@pytest.mark.parametrize("name", FORMS)
def test_the_gradient_reads_as_in_a_textbook(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [record.split("\t") for record in run([*TERMINAL[name], "--no-check"], capsys).splitlines()]
    printed = [f"{left} = {formula}" for _, left, formula, *_ in rows]
    assert [form for form in FORMS[name] if form not in printed] == []


@pytest.mark.parametrize("name", DERIVATIONS)
def test_no_line_of_a_derivation_is_said_twice(name: str) -> None:
    lines = (FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    formulas = [re.split(r"\s{3,}", line.partition("=  ")[2])[0] for line in lines[2:] if "=  " in line]
    assert not [first for first, second in pairwise(formulas) if first == second]


def test_every_golden_file_has_a_case() -> None:
    assert {file.stem for file in FOLDER.glob("*.txt")} == {*TERMINAL, *PIPE}


def run(words: Sequence[str], capsys: pytest.CaptureFixture[str]) -> str:
    """What a command prints on standard output; nothing may appear on standard error."""
    code = main(words)
    printed = capsys.readouterr()
    assert (code, printed.err) == (0, "")
    return printed.out


def compare(file: Path, words: Sequence[str], printed: str, update: bool) -> None:
    """The golden file says what was printed, below the command that prints it."""
    for pattern, mask in MASKS:
        printed = pattern.sub(mask, printed)
    text = f"$ mc {shlex.join(words)}\n{printed}"
    if update:
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8")
