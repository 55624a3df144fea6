"""Which entries are wrong, among few and among a million; and what a check costs there."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from gradient_zoo import sigmoid

from mccli.numeric.gradcheck import Problem, check, worst_entries


def softplus(n: int, analytic: bool, changes: dict[int, float]) -> Problem:
    rng = np.random.default_rng(0)
    a, x = rng.normal(size=n), rng.normal(size=n)
    indices, factors = np.array(list(changes), dtype=int), np.array(list(changes.values()))

    def value(p: Any) -> Any:
        if analytic:
            return np.sum(np.log(1 + np.exp(a * p["x"])))
        return np.sum(np.logaddexp(0, a * p["x"]))

    def gradient(p: Any) -> dict[str, Any]:
        g = a * sigmoid(a * p["x"])
        g[indices] *= factors
        return {"x": g}

    return Problem(value, {"x": x}, gradient=gradient)


@pytest.mark.parametrize("analytic", [True, False])
def test_a_million_entries(analytic: bool) -> None:
    report = check(softplus(10**6, analytic, {}))
    assert report.verdict == "right"
    assert report.evaluations <= 60
    assert report.of("x").limit.relative < 1e-5
    assert report.of("x").limit.doubled > 0.999


@pytest.mark.parametrize("factor", [2.0, 1.0001])
def test_one_of_a_million(factor: float) -> None:
    problem = softplus(10**6, True, {654_321: factor})
    report = check(problem)
    assert report.verdict == "wrong"
    assert report.evaluations <= 90
    found = worst_entries(problem, report)
    assert found.method == "bisection"
    assert found.evaluations < 200
    assert [e.index for e in found.entries] == [(654_321,)]
    assert found.wrong == 1
    assert found.entries[0].ratio == pytest.approx(factor, rel=1e-8)


def test_one_of_many_by_differences_alone() -> None:
    problem = softplus(100_000, False, {4321: 1.01})
    report = check(problem)
    assert report.verdict == "wrong"
    found = worst_entries(problem, report)
    assert [e.index for e in found.entries] == [(4321,)]
    assert found.evaluations < 600
    assert found.entries[0].ratio == pytest.approx(1.01, rel=1e-6)


def test_some_of_many_the_worst_first() -> None:
    changes = {17: 1.5, 40_000: 3.0, 40_001: 0.0, 99_999: -1.0}
    problem = softplus(100_000, True, changes)
    found = worst_entries(problem, check(problem))
    assert {e.index[0] for e in found.entries} == set(changes)
    severities = [e.severity for e in found.entries]
    assert severities == sorted(severities, reverse=True)
    assert found.wrong == 4


def test_where_most_are_wrong_a_sample_says_so() -> None:
    problem = softplus(100_000, True, {})
    halved = Problem(problem.value, problem.arguments, gradient=lambda p: {"x": problem.gradient(p)["x"] / 2})
    found = worst_entries(halved, check(halved))
    assert found.method == "sample"
    assert found.share == 1
    assert found.wrong is None
    assert len(found.entries) == 10
    assert all(e.ratio == pytest.approx(0.5, rel=1e-8) for e in found.entries)


def test_a_matrix_of_few_entries_is_looked_at_entry_by_entry() -> None:
    rng = np.random.default_rng(1)
    a, x = rng.normal(size=(4, 4)), rng.normal(size=(4, 6))

    def gradient(p: Any) -> dict[str, Any]:
        g = (a + a.T) @ p["X"]
        g[2, 3] *= 1.5
        g[0, 1] += 1e-3
        return {"X": g}

    problem = Problem(lambda p: np.trace(p["X"].T @ a @ p["X"]), {"X": x}, gradient=gradient)
    report = check(problem)
    found = worst_entries(problem, report)
    assert found.method == "every entry"
    assert found.wrong == 2
    assert [e.index for e in found.entries] == [(2, 3), (0, 1)]
    entry = found.entries[0]
    assert abs(entry.yours / 1.5 - entry.numeric) <= 10 * entry.error + 1e-12
    assert found.numeric.shape == (1, 24)


def test_entries_of_a_jacobian() -> None:
    a = np.random.default_rng(2).normal(size=(5, 3))

    def jacobian(p: Any) -> dict[str, Any]:
        j = a * np.cos(a @ p["x"])[:, None]
        j[4, 1] *= 2
        return {"x": j}

    problem = Problem(lambda p: np.sin(a @ p["x"]), {"x": np.array([0.3, -0.4, 1.1])}, jacobian=jacobian)
    found = worst_entries(problem, check(problem))
    assert [(e.output, e.index) for e in found.entries] == [((4,), (1,))]
    assert found.entries[0].ratio == pytest.approx(2, rel=1e-6)


def test_entries_of_a_symmetric_argument() -> None:
    """f sees one triangle: entries are compared in pairs."""
    s = np.cov(np.random.default_rng(3).normal(size=(4, 20))) + np.eye(4)

    def gradient(p: Any) -> dict[str, Any]:
        g = np.linalg.inv(p["S"])
        g[1, 2] *= 2
        return {"S": g}

    problem = Problem(lambda p: 2 * np.sum(np.log(np.diag(np.linalg.cholesky(p["S"])))), {"S": s}, gradient=gradient)
    report = check(problem)
    assert report.verdict == "wrong"
    found = worst_entries(problem, report)
    assert {e.index for e in found.entries} <= {(1, 2), (2, 1)}
    assert found.entries


def test_thorough_finds_what_probes_cannot() -> None:
    """A mistake below the probes' limit and above that of the entry itself."""
    n = 400
    weights = np.ones(n)
    weights[0] = 1e12

    def gradient(p: Any) -> dict[str, Any]:
        g = weights * np.abs(p["x"]) * np.sign(p["x"]) * 2
        g[5] *= 1.05
        return {"x": g}

    x = np.random.default_rng(4).uniform(1, 2, n)
    problem = Problem(lambda p: np.sum(weights * np.abs(p["x"]) ** 2), {"x": x}, gradient=gradient)
    report = check(problem, thorough=True)
    assert report.verdict == "wrong"
