"""``mc verify`` over the zoo: each gradient gets the verdict and the exit code that it deserves, end to end."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest

from mccli.cli.main import main

sys.path.insert(0, str(Path(__file__).parent.parent / "verify" / "zoo"))

from case import Case
from cases_design import CASES as DESIGN
from cases_right import CASES as RIGHT
from cases_unsure import CASES as UNSURE

CASES = (*DESIGN, *RIGHT, *UNSURE)
EXIT = {"right": 0, "wrong": 1, "cannot tell": 2}
LONG = {"noise-1e-10", "noise-absolute"}
"""Noise of short waves, which looks like a slope from near by: these may take more than 60 evaluations."""

LARGE = {"one-in-a-million", "softplus-million", "mean-million"}


def words(case: Case, *more: str) -> list[str]:
    """The command line for a case."""
    typed = ["verify", case.target, *more]
    typed += ["--grad", case.grad] if case.grad and not case.by_convention else []
    for option, values in (("--wrt", case.wrt), ("--shape", case.shapes), ("--assume", case.assume)):
        typed += [word for value in values for word in (option, value)]
    return typed + (["--order", "2"] if case.kind == "hessian" else [])


def evaluations(out: str) -> int:
    """Of the function, as they are printed."""
    found = re.search(r"^cost\tCost\t(\d+) evaluations? of ", out, re.M)
    return int(found[1]) if found else 0


def parameters(cases: tuple[Case, ...]) -> list[object]:
    """Cases with their marks: the large ones take seconds."""
    slow = [pytest.mark.slow]
    return [pytest.param(case, id=case.id, marks=slow if case.id in LARGE else []) for case in cases]


@pytest.mark.parametrize("case", parameters(CASES))
def test_verdict_and_exit_code(case: Case, capsys: pytest.CaptureFixture[str]) -> None:
    code = main(words(case, "--seed", "7"))
    out, err = capsys.readouterr()
    assert evaluations(out) <= 60 * len(case.wrt)
    if case.id in LONG and code == 2:
        assert "--thorough" in out
        code = main(words(case, "--seed", "7", "--thorough"))
        out, err = capsys.readouterr()
    assert code == EXIT[case.verdict], out + err
    said = out or err
    assert said.startswith(f"verdict\t{case.verdict}\t") or (code == 2 and said.startswith("error["))
    assert "Traceback" not in out + err
    if case.verdict == "cannot tell":
        for text in case.detail:
            assert any(word in out + err for word in text.split("|")), out + err


WITH_FORMULA = tuple(case for case in CASES if case.of)


@pytest.mark.parametrize("case", parameters(WITH_FORMULA))
def test_formula_names_the_slip(case: Case, capsys: pytest.CaptureFixture[str]) -> None:
    """Against the formula the verdict is the same, and an edit of its gradient has the user's numbers."""
    code = main(words(case, "--of", case.of, "--format", "json"))
    (found,) = json.loads(capsys.readouterr().out)["functions"]
    assert code == EXIT[case.verdict]
    assert found["formula"]["agrees"]
    for gradient in found["formula"]["gradients"]:
        assert gradient["agrees"] is (case.verdict == "right")
        assert (gradient["yours"] is None) == gradient["agrees"]
