"""No right gradient is called wrong, no wrong one right, at a cost that is bounded."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from gradient_zoo import MAKERS, Case, Maker, rescaled, wrong_ones
from held_out_zoo import HELD_OUT

from mccli.numeric.gradcheck import Problem, Report, check

ALL = {**MAKERS, **HELD_OUT}
SEEDS = (0, 1, 2)
USUAL = 60

TOO_NOISY = {"ill_conditioned"}
"""Here the gradient itself is only good to some percent: a mistake may be too small to see, and the limit says so."""

LONG = {"kink_of_little_weight", "fast_wave"}
"""A mistake in one of a thousand entries beside a kink, or in a fast wave, may take more than 60 evaluations."""


def cases(maker: Maker, seed: int) -> Iterator[Case]:
    rng = np.random.default_rng([seed, 7])
    case = maker(rng)
    yield case
    if seed % 2:
        yield rescaled(case, rng)


def checked(case: Case, seed: int) -> Report:
    return check(Problem(case.value, case.arguments, gradient=case.gradient, seed=seed))


def cost_is_bounded(report: Report, arguments: int) -> bool:
    return report.evaluations <= USUAL * arguments


def test_there_are_enough_of_them() -> None:
    assert len(MAKERS) >= 25
    assert len(HELD_OUT) >= 15


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", ALL)
def test_right_gradients_are_right(name: str, seed: int) -> None:
    for case in cases(ALL[name], seed):
        report = checked(case, seed)
        assert report.verdict == "right", (case.name, report.arguments, report.findings)
        assert cost_is_bounded(report, len(case.arguments))


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", ALL)
def test_wrong_gradients_are_wrong(name: str, seed: int) -> None:
    for case in cases(ALL[name], seed):
        for wrong in wrong_ones(case):
            report = checked(wrong, seed)
            assert cost_is_bounded(report, len(wrong.arguments)), wrong.name
            if name in TOO_NOISY and report.verdict != "wrong":
                assert below_the_limit(case, wrong, report), wrong.name
                continue
            if name in LONG and report.verdict == "cannot tell":
                report = check(Problem(wrong.value, wrong.arguments, gradient=wrong.gradient, seed=seed), thorough=True)
            assert report.verdict == "wrong", (wrong.name, report.arguments)
            assert report.of(wrong.main).verdict == "wrong"


def below_the_limit(case: Case, wrong: Case, report: Report) -> bool:
    """A mistake that was not seen must be smaller than what the report says would have been seen."""
    right = case.gradient(case.arguments)[case.main]
    delta = np.max(np.abs(wrong.gradient(case.arguments)[case.main] - right))
    limit = report.of(case.main).limit
    return limit is None or bool(delta < 2 * limit.absolute)


def test_most_right_gradients_need_no_second_look() -> None:
    reports = [checked(ALL[name](np.random.default_rng([5, 7])), 5) for name in ALL]
    assert np.mean([sum(a.second_looks for a in r.arguments) for r in reports]) < 0.5
    assert np.median([r.evaluations / len(r.arguments) for r in reports]) <= 50
