"""The expected mistake comes first, right gradients are left alone, and what is said can be recomputed."""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from mccli.numeric.diagnose import diagnose
from mccli.numeric.gradcheck import Problem, Report, check

from zoo_problems import DESIGN, RIGHT, Case, Result, problem_of, result_of, table

AIM = 0.9
SMALL_SECONDS = 4.0
"""A second on an idle machine."""

KNOWN_MISSES = {
    "absolute-error": "d = X'r and g = X' sign(r): that the factor |r| is missing is true, and says more",
}
DISTURBED = {"noise-1e-10", "noise-absolute", "kink-at-zero", "barrier-wall"}
"""Right gradients whose numerical derivative is not: only the check knows that."""


@pytest.fixture(scope="module")
def design() -> dict[str, Result]:
    """All results; the diagnosis draws nothing from outside."""
    return {case.id: result_of(case) for case in DESIGN}


def test_score(design: dict[str, Result]) -> None:
    results = list(design.values())
    print("\n" + table("design", results))
    assert sum(r.hit for r in results) >= AIM * len(results)


@pytest.mark.parametrize("case", [c for c in DESIGN if c.id not in KNOWN_MISSES], ids=lambda c: c.id)
def test_expected_label_is_first(case: Case, design: dict[str, Result]) -> None:
    result = design[case.id]
    assert result.hit, [(d.label, d.sentence) for d in result.found]
    assert result.detailed, result.text
    if np.size(next(iter(result.report.places), {}).get(case.wrt[0], 0)) <= 100:
        assert result.seconds < SMALL_SECONDS


def test_arguments_that_are_wrong_are_named(design: dict[str, Result]) -> None:
    for result in design.values():
        if result.case.wrong_in and result.found:
            assert {d.argument for d in result.found} == set(result.case.wrong_in), result.case.id


@pytest.mark.parametrize("case", RIGHT, ids=lambda c: c.id)
def test_right_gradients_get_no_diagnosis(case: Case) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        problem, scalars = problem_of(case)
        report = check(problem)
        if report.verdict == "right":
            assert diagnose(problem, report, scalars=scalars) == []
        if case.id not in DISTURBED:
            assert diagnose(problem, accused(report), scalars=scalars) == []


def accused(report: Report) -> Report:
    """The report with every verdict turned to wrong."""
    return replace(report, verdict="wrong", arguments=tuple(replace(a, verdict="wrong") for a in report.arguments))


# ------------------------------------------------------------------------------------- evidence, computed again


def central(problem: Problem, place: Any, name: str) -> np.ndarray:
    """A plain sixth-order difference, entry by entry."""
    x = np.asarray(place[name], dtype=float)
    found = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        h = 1e-3 * abs(x[i])

        def f(t: float, i: Any = i, h: float = h) -> float:
            moved = x.copy()
            moved[i] += t * h
            return float(problem.value({**place, name: moved}))

        found[i] = (45 * (f(1) - f(-1)) - 9 * (f(2) - f(-2)) + (f(3) - f(-3))) / (60 * h)
    return found


REPAIRS: dict[str, Any] = {
    "lsq-half": lambda g, p: 2 * g,
    "half-lsq-twice": lambda g, p: g / 2,
    "mse-sum": lambda g, p: g / 19,
    "trace-inverse-sign": lambda g, p: -g,
    "bilinear-turned": lambda g, p: g.T,
    "match-flat": lambda g, p: g.reshape(3, 4),
    "ridge-no-decay": lambda g, p: g + 0.37 * p["w"],
    "elastic-no-l1": lambda g, p: g + 0.3 * np.sign(p["w"]),
    "form-half": lambda g, p: g + p["A"].T @ p["x"],
    "logistic-each": lambda g, p: g.sum(axis=0),
    "factor-of-two-in-v": lambda g, p: 2 * g,
}


@pytest.mark.parametrize("name", REPAIRS)
def test_evidence_holds_when_computed_again(name: str, design: dict[str, Result]) -> None:
    result = design[name]
    problem, _ = problem_of(result.case)
    argument = result.found[0].argument
    assert problem.gradient is not None
    for place in result.report.places:
        right = central(problem, place, argument)
        given = np.asarray(problem.gradient(place)[argument])
        repaired = REPAIRS[name](given, place)
        assert repaired.shape == right.shape
        assert np.allclose(repaired, right, rtol=1e-6, atol=1e-6 * np.max(np.abs(right)))
        if given.shape == right.shape:
            assert not np.allclose(given, right, rtol=1e-2)
    assert result.found[0].after < 1e-9
    assert result.found[0].before > 1e-2


def test_errors_before_are_those_of_the_user(design: dict[str, Result]) -> None:
    result = design["half-lsq-twice"]
    assert result.found[0].before == pytest.approx(1.0)
    assert "falls from 1 to" in result.found[0].evidence
    assert "other points" in result.found[0].evidence
