"""Functions with an iterative solver inside: the textbook gradient is right, and mistakes in it are still found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from gradient_zoo import Case, typical_entry, wrong_ones
from solver_zoo import SOLVERS, settle

from mccli.numeric.gradcheck import Problem, Report, check
from mccli.numeric.gradcheck.factor import common_factor
from mccli.numeric.gradcheck.interpolated import NEAR, WIDE, interpolated
from mccli.numeric.gradcheck.second_look import SecondLook

SEEDS = range(6)
USUAL = 60
TIGHT = [name for name in SOLVERS if not name.endswith(("1e-08", "1e-09"))]
"""Solvers whose bias is well below a millionth."""

LONG = {"CG 1e-08"}
"""Where 60 evaluations of f do not always tell the bias of the solver from a mistake."""


def made(name: str, seed: int) -> Case:
    return SOLVERS[name](np.random.default_rng([seed, 7]))


def problem_of(case: Case, seed: int = 0, change: Callable[[Any], Any] = lambda g: g) -> Problem:
    return Problem(
        case.value, case.arguments, gradient=lambda p: {"x": change(np.array(case.gradient(p)["x"]))}, seed=seed
    )


def times(index: int, factor: float) -> Callable[[Any], Any]:
    def change(g: Any) -> Any:
        g.flat[index] *= factor
        return g

    return change


def agreement(report: Report) -> list[str]:
    return [r for r in report.of("x").remarks if "agrees to" in r]


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", SOLVERS)
def test_the_textbook_gradient_is_right(name: str, seed: int) -> None:
    report = check(problem_of(made(name, seed), seed))
    about = report.of("x")
    assert report.evaluations <= USUAL
    if report.verdict == "cannot tell" and name in LONG:
        assert {f.reason for f in about.findings} <= {"evaluations", "noise"}
        return
    assert report.verdict == "right", (about.probes, about.findings)
    assert about.limit.relative < 1e-3
    for remark in agreement(report):
        digits = int(remark.split()[2])
        assert 5 <= digits <= 15
        assert about.limit.relative >= max(1e-5, 10.0**-digits)


def test_all_are_told_in_the_end() -> None:
    for name in SOLVERS:
        assert "wrong" not in {check(problem_of(made(name, s), s), thorough=True).verdict for s in SEEDS}, name


def is_wrong(problem: Problem) -> bool:
    """Wrong; or not told with the evaluations that are allowed, and wrong with more."""
    report = check(problem)
    assert report.verdict != "right"
    assert report.evaluations <= USUAL
    return report.verdict == "wrong" or check(problem, thorough=True).verdict == "wrong"


@pytest.mark.parametrize("factor", [1 + 1e-6, 1 + 1e-5, 1 + 1e-4])
@pytest.mark.parametrize("name", SOLVERS)
def test_what_passes_is_below_the_limit(name: str, factor: float) -> None:
    """What is put down to the solver, for want of evaluations too, is no larger than what is said to be invisible."""
    for seed in range(20):
        case = made(name, seed)
        about = check(problem_of(case, seed, lambda g: g * factor)).of("x")
        off = np.max(np.abs(case.gradient(case.arguments)["x"])) * (factor - 1)
        assert about.verdict != "right" or about.limit.absolute >= off


@pytest.mark.parametrize("name", ["fixed point 1e-10", "CG 1e-10", "Kepler 1e-10"])
def test_it_is_said_that_some_digits_do_not_agree(name: str) -> None:
    assert any(agreement(check(problem_of(made(name, seed), seed))) for seed in SEEDS)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", SOLVERS)
def test_mistakes_are_found(name: str, seed: int) -> None:
    case = made(name, seed)
    for wrong in wrong_ones(case):
        report = check(problem_of(wrong, seed))
        assert report.verdict == "wrong", wrong.name
        assert not agreement(report)
    index = typical_entry(case.gradient(case.arguments)["x"], case.arguments["x"])
    assert is_wrong(problem_of(case, seed, times(index, 1.0001))) or name in LONG
    assert is_wrong(problem_of(case, seed, lambda g: g * (1 + 1e-5))) or name in LONG


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", TIGHT)
def test_a_factor_off_by_a_millionth_is_wrong(name: str, seed: int) -> None:
    assert is_wrong(problem_of(made(name, seed), seed, lambda g: g * (1 + 1e-6)))


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", ["fixed point 1e-08", "Kepler 1e-10", "CG 1e-10", "Newton 1e-06"])
def test_looking_at_every_entry_is_no_stricter(name: str, seed: int) -> None:
    case = made(name, seed)
    assert check(problem_of(case, seed), thorough=True).verdict == "right"
    index = typical_entry(case.gradient(case.arguments)["x"], case.arguments["x"])
    assert check(problem_of(case, seed, times(index, 1.001)), thorough=True).verdict == "wrong"


# ---------------------------------------------------------------------------------------------- exact functions


def sines(n: int, change: Callable[[Any], Any], allow_complex: bool = True, seed: int = 0) -> Problem:
    x = np.random.default_rng([seed, n]).normal(size=n)
    return Problem(
        lambda p: np.sum(np.sin(p["x"])),
        {"x": x},
        gradient=lambda p: {"x": change(np.cos(p["x"]))},
        allow_complex=allow_complex,
        seed=seed,
    )


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("allow_complex", [True, False])
@pytest.mark.parametrize("change", [1 + 1e-4, 1 + 1e-5, 1 + 1e-7, 1 + 1e-9])
def test_one_entry_that_is_off_by_little_stands_alone(change: float, allow_complex: bool, seed: int) -> None:
    if change - 1 < 1e-8 and not allow_complex:
        pytest.skip("differences do not see it")
    report = check(sines(200, times(77, change), allow_complex, seed))
    assert report.evaluations <= USUAL
    if change - 1 >= 1e-5 or (change - 1 >= 1e-7 and allow_complex):
        assert report.verdict == "wrong"
    elif report.verdict == "right":  # smaller mistakes are as small as what solvers do, and the limit says so
        assert report.of("x").limit.relative > change - 1
    else:
        assert is_wrong(sines(200, times(77, change), allow_complex, seed))


@pytest.mark.parametrize("seed", SEEDS)
def test_a_factor_off_by_a_millionth_is_wrong_for_exact_functions(seed: int) -> None:
    for n in (1, 5, 200):
        assert check(sines(n, lambda g: g * (1 + 1e-6), seed=seed)).verdict == "wrong"


@pytest.mark.parametrize("seed", SEEDS)
def test_a_small_entry_that_is_doubled_is_wrong(seed: int) -> None:
    """It adds 1e-9 to the slope, all of it at one entry."""
    w = np.where(np.arange(60) == 13, 1e-8, 1.0)
    x = np.random.default_rng(seed).uniform(0.5, 1.5, 60)

    def gradient(p: Any) -> dict[str, Any]:
        return {"x": times(13, 2.0)(w * np.cos(p["x"]))}

    assert check(Problem(lambda p: np.sum(w * np.sin(p["x"])), {"x": x}, gradient=gradient)).verdict == "wrong"


def test_all_entries_off_by_next_to_nothing_are_right_with_a_remark() -> None:
    """What a solver does and a term of that size that is missing look the same."""
    report = check(sines(50, lambda g: g + 1e-9 * np.arange(50)))
    assert report.verdict == "right"
    assert agreement(report)
    assert report.of("x").limit.relative >= 1e-5


def test_one_of_many_that_is_off_by_little_does_not_pass() -> None:
    n, index = 100_000, 4321
    rng = np.random.default_rng(0)
    a, x = rng.uniform(0.5, 2, n), rng.normal(size=n)

    def value(p: Any) -> Any:
        return np.sum(np.logaddexp(0, a * p["x"]))

    def gradient(p: Any) -> dict[str, Any]:
        return {"x": times(index, 1 + 3e-5)(a / (1 + np.exp(-a * p["x"])))}

    for seed in range(10):
        report = check(Problem(value, {"x": x}, gradient=gradient, seed=seed))
        assert report.evaluations <= USUAL
        off = 3e-5 * a[index] / (1 + np.exp(-a[index] * x[index]))
        assert report.verdict == "wrong" or (report.verdict == "right" and report.of("x").limit.absolute > off)


# ---------------------------------------------------------------------------------------------- other derivatives


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("kind", ["jacobian", "vjp", "jvp", "hessian"])
def test_other_derivatives_of_a_solution(kind: str, seed: int) -> None:
    rng = np.random.default_rng([seed, 3])
    w = rng.normal(size=(6, 6)) / 12
    w = w + w.T

    def value(p: Any) -> Any:
        return settle(lambda z: np.tanh(w @ z + p["x"]), np.zeros(6), 1e-10)

    def exact(p: Any) -> Any:
        d = 1 - value(p) ** 2
        return np.linalg.solve(np.eye(6) - d[:, None] * w, np.diag(d))

    def problem(factor: float) -> Problem:
        def jacobian(p: Any) -> Any:
            return times(8, factor)(exact(p))

        given: dict[str, Any] = {
            "jacobian": {"jacobian": lambda p: {"x": jacobian(p)}},
            "vjp": {"vjp": lambda p, u: {"x": u @ jacobian(p)}},
            "jvp": {"jvp": lambda p, v: jacobian(p) @ v["x"]},
            "hessian": {"gradient": lambda p: {"x": value(p)}, "hessian": lambda p: {"x": jacobian(p)}},
        }
        whole = Problem(value, {"x": rng.normal(size=6)}, seed=seed, **given[kind])
        return replace(whole, value=potential) if kind == "hessian" else whole

    def potential(p: Any) -> Any:
        """The value of the inner problem, whose gradient is its solution."""
        z = value(p)
        return z @ (w @ z) / 2 + p["x"] @ z - np.sum(z * np.arctanh(z) + np.log1p(-(z**2)) / 2)

    assert check(problem(1.0)).verdict == "right"
    assert check(problem(1.01)).verdict == "wrong"


def test_several_arguments_and_all_of_them_together() -> None:
    rng = np.random.default_rng(5)
    arguments = {"W": rng.normal(size=(5, 5)) / 6, "x": rng.normal(size=5)}
    c = rng.normal(size=5)

    def settled(p: Any) -> Any:
        return settle(lambda z: np.tanh(p["W"] @ z + p["x"]), np.zeros(5), 1e-10)

    def gradient(p: Any) -> dict[str, Any]:
        z = settled(p)
        d = 1 - z**2
        g = d * np.linalg.solve((np.eye(5) - d[:, None] * p["W"]).T, c)
        return {"W": np.outer(g, z), "x": g}

    report = check(Problem(lambda p: c @ settled(p), arguments, gradient=gradient))
    assert report.verdict == "right"
    assert not report.findings


# ---------------------------------------------------------------------------------------------- the evidence


def measured_of(problem: Problem, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    seen: list[Any] = []
    before = SecondLook.verdict
    monkeypatch.setattr(SecondLook, "verdict", lambda look, *a: (seen.append(look.measured), before(look, *a))[1])
    check(problem)
    return seen


def jumps(measured: Any) -> float:
    return max(interpolated(measured, reach).jump(measured) for reach in (NEAR, WIDE))


def test_an_interpolated_slope_is_as_good_as_it_says(monkeypatch: pytest.MonkeyPatch) -> None:
    (measured, *_) = measured_of(sines(20, lambda g: g * 1.001), monkeypatch)
    found = interpolated(measured, 0.1).slope(measured)
    right = measured.said.value / 1.001
    assert abs(found.value - right) <= 2 * found.error < 1e-9 * abs(right)


def test_jumps_of_a_solver_are_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(g: Any) -> Any:
        return g * 1.001

    assert jumps(measured_of(problem_of(made("CG 1e-08", 1), 1, wrong), monkeypatch)[0]) > 0
    assert jumps(measured_of(sines(20, wrong), monkeypatch)[0]) == 0


def test_a_common_factor_is_told_from_a_scatter(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = measured_of(sines(20, lambda g: g * 1.001), monkeypatch)
    assert common_factor(seen * 3) == pytest.approx(1e-3)
    assert common_factor(seen) is None
    assert common_factor(measured_of(sines(3, lambda g: g * 1.001), monkeypatch) * 3) is None
