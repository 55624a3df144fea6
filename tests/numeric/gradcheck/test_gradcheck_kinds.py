"""Jacobians, products with vectors, Hessians; several arguments; symmetric ones; points."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from gradient_zoo import spd

from mccli.numeric.gradcheck import Problem, check, worst_entries

SEEDS = range(4)


def affine_tanh(rng: np.random.Generator) -> tuple[Any, Any, dict[str, Any]]:
    """tanh(A x) with Jacobians by both."""

    def value(p: Any) -> Any:
        return np.tanh(p["A"] @ p["x"])

    def jacobian(p: Any) -> dict[str, Any]:
        d = 1 - value(p) ** 2
        by_a = np.einsum("i,ij,k->ijk", d, np.eye(len(d)), p["x"])
        return {"x": d[:, None] * p["A"], "A": by_a}

    return value, jacobian, {"A": rng.normal(size=(5, 3)), "x": rng.normal(size=3)}


@pytest.mark.parametrize("seed", SEEDS)
def test_jacobian(seed: int) -> None:
    value, jacobian, arguments = affine_tanh(np.random.default_rng(seed))
    problem = Problem(value, arguments, jacobian=jacobian, seed=seed)
    report = check(problem)
    assert report.verdict == "right"
    assert report.evaluations <= 120
    flat = replace(problem, jacobian=lambda p: {k: j.reshape(5, -1) for k, j in jacobian(p).items()})
    assert check(flat).verdict == "right"


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("mistake", ["row", "entry", "transposed", "rows swapped", "twice"])
def test_wrong_jacobian(seed: int, mistake: str) -> None:
    value, jacobian, arguments = affine_tanh(np.random.default_rng(seed))

    def wrong(p: Any) -> dict[str, Any]:
        j = jacobian(p)
        if mistake == "row":
            j["x"][1] = 0
        elif mistake == "entry":
            j["x"][4, 2] *= 1.001
        elif mistake == "transposed":
            j["x"] = j["x"].T
        elif mistake == "rows swapped":
            j["A"] = j["A"][::-1].copy()
        else:
            j["A"] = 2 * j["A"]
        return j

    report = check(Problem(value, arguments, jacobian=wrong, seed=seed))
    assert report.verdict == "wrong"
    bad = "A" if mistake in ("rows swapped", "twice") else "x"
    assert [a.name for a in report.arguments if a.verdict == "wrong"] == [bad]
    if mistake == "transposed":
        assert report.of("x").findings[0].reason == "wrong shape"


def test_matrix_by_matrix_jacobian_in_columns() -> None:
    """vec(A X B) by vec X is kron(B', A) with columns stacked."""
    rng = np.random.default_rng(3)
    a, b = rng.normal(size=(2, 3)), rng.normal(size=(4, 5))
    arguments = {"X": rng.normal(size=(3, 4))}
    problem = Problem(
        lambda p: a @ p["X"] @ b, arguments, jacobian=lambda _: {"X": np.kron(b.T, a)}, stacking="columns"
    )
    assert check(problem).verdict == "right"
    assert check(replace(problem, stacking="rows")).verdict == "wrong"
    rows = replace(problem, jacobian=lambda _: {"X": np.kron(a, b.T)}, stacking="rows")
    assert check(rows).verdict == "right"


@pytest.mark.parametrize("seed", SEEDS)
def test_products_with_vectors(seed: int) -> None:
    value, jacobian, arguments = affine_tanh(np.random.default_rng(seed))

    def vjp(p: Any, u: Any) -> dict[str, Any]:
        return {k: np.tensordot(u, j, axes=1) for k, j in jacobian(p).items()}

    def jvp(p: Any, v: Any) -> Any:
        return sum(np.tensordot(jacobian(p)[k], v[k], axes=v[k].ndim) for k in v)

    assert check(Problem(value, arguments, vjp=vjp, seed=seed)).verdict == "right"
    assert check(Problem(value, arguments, jvp=jvp, seed=seed)).verdict == "right"
    assert check(Problem(value, arguments, vjp=lambda p, u: vjp(p, u**2), seed=seed)).verdict == "wrong"
    assert (
        check(Problem(value, arguments, jvp=lambda p, v: jvp(p, v) * [1, 1, 1, 1.01, 1], seed=seed)).verdict == "wrong"
    )


def test_entries_of_a_hessian_without_a_gradient() -> None:
    parts = {**quartic(np.random.default_rng(0)), "gradient": None}
    hessian = parts["hessian"]

    def doubled(p: Any) -> dict[str, Any]:
        h = np.array(hessian(p)["x"])
        h[2, 2] *= 2
        return {"x": h}

    problem = Problem(**{**parts, "hessian": doubled})
    report = check(problem)
    assert report.verdict == "wrong"
    (worst,) = worst_entries(problem, report).entries
    assert (worst.index, worst.output) == ((2,), (2,))
    assert worst.ratio == pytest.approx(2, rel=1e-6)
    assert worst.numeric == pytest.approx(hessian(parts["arguments"])["x"][2, 2], rel=1e-6)
    assert check(Problem(**parts), thorough=True).verdict == "right"


def quartic(rng: np.random.Generator) -> dict[str, Any]:
    a = rng.normal(size=(6, 6))
    a = a + a.T

    def gradient(p: Any) -> dict[str, Any]:
        return {"x": a @ p["x"] + p["x"] ** 3}

    def hessian(p: Any) -> dict[str, Any]:
        return {"x": a + np.diag(3 * p["x"] ** 2)}

    def value(p: Any) -> Any:
        return 0.5 * p["x"] @ a @ p["x"] + 0.25 * np.sum(p["x"] ** 4)

    return {"value": value, "gradient": gradient, "hessian": hessian, "arguments": {"x": rng.normal(size=6)}}


@pytest.mark.parametrize("seed", SEEDS)
def test_hessian(seed: int) -> None:
    parts = quartic(np.random.default_rng(seed))
    report = check(Problem(**parts, seed=seed))
    assert report.verdict == "right"
    assert [a.kind for a in report.arguments] == ["gradient", "hessian"]
    without = check(Problem(**{**parts, "gradient": None}, seed=seed))
    assert without.verdict == "right"


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("with_gradient", [True, False])
def test_wrong_hessian(seed: int, with_gradient: bool) -> None:
    parts = quartic(np.random.default_rng(seed))
    right = parts["hessian"]
    if not with_gradient:
        parts["gradient"] = None

    def off_diagonal(p: Any) -> dict[str, Any]:
        h = right(p)["x"].copy()
        h[1, 4] *= 1.01
        h[4, 1] *= 1.01
        return {"x": h}

    def unsymmetric(p: Any) -> dict[str, Any]:
        h = right(p)["x"].copy()
        h[1, 4] += 0.1
        h[4, 1] -= 0.1
        return {"x": h}

    for wrong in (off_diagonal, unsymmetric, lambda p: {"x": right(p)["x"] / 2}):
        report = check(Problem(**{**parts, "hessian": wrong}, seed=seed))
        assert report.of("x", "hessian").verdict == "wrong"
    reasons = {f.reason for f in check(Problem(**{**parts, "hessian": unsymmetric})).of("x", "hessian").findings}
    assert "not symmetric" in reasons


# ---------------------------------------------------------------------------------------------- symmetric arguments


def test_one_triangle_is_compared_on_symmetric_directions() -> None:
    s = spd(np.random.default_rng(0), 5)
    problem = Problem(
        lambda p: 2 * np.sum(np.log(np.diag(np.linalg.cholesky(p["S"])))),
        {"S": s},
        gradient=lambda p: {"S": np.linalg.inv(p["S"])},
    )
    report = check(problem)
    assert report.verdict == "right"
    assert report.of("S").structure == "symmetric"
    assert any("one triangle" in r for r in report.of("S").remarks)


def test_a_transposed_gradient_at_a_symmetric_point_is_wrong() -> None:
    """tr(AX) has gradient A'; along symmetric directions A passes too, and that is said, not believed."""
    rng = np.random.default_rng(1)
    a = rng.normal(size=(4, 4))
    problem = Problem(lambda p: np.trace(a @ p["X"]), {"X": spd(rng, 4)}, gradient=lambda _: {"X": a})
    report = check(problem)
    assert report.verdict == "wrong"
    assert any("symmetric directions" in r for r in report.of("X").remarks)
    by_definition = replace(problem, symmetric=frozenset({"X"}))
    assert check(by_definition).verdict == "right"


def test_a_matrix_that_is_symmetric_by_chance_is_mentioned() -> None:
    """2 A x is the gradient of x'Ax for the given A and for no other."""
    rng = np.random.default_rng(2)
    arguments = {"A": spd(rng, 4), "x": rng.normal(size=4)}
    problem = Problem(
        lambda p: p["x"] @ p["A"] @ p["x"], arguments, gradient=lambda p: {"x": 2 * p["A"] @ p["x"]}, names=("x",)
    )
    report = check(problem)
    assert report.verdict == "right"
    assert any("A is symmetric; wrong for a general A" in r for r in report.of("x").remarks)
    assert any("A is symmetric" in w for w in report.warnings)
    honest = replace(problem, gradient=lambda p: {"x": (p["A"] + p["A"].T) @ p["x"]})
    assert not any("general" in r for r in check(honest).of("x").remarks)


# ---------------------------------------------------------------------------------------------- points and entries


@pytest.mark.parametrize(
    ("x", "text"),
    [
        (np.zeros((3, 3)), "zero"),
        (np.eye(3), "identity"),
        (np.ones((3, 2)), "all entries equal"),
        (np.diag([1.0, 2, 3]), "diagonal"),
        (np.tril(np.arange(1.0, 10).reshape(3, 3)), "lower triangular"),
        (np.array([[1.0, 2], [1, 2], [3, 4]]), "repeated rows"),
        (np.array([[1.0, 2, 1, 5], [3, 4, 3, 6]]), "repeated rows or columns"),
    ],
)
def test_points_at_which_errors_hide_are_named(x: Any, text: str) -> None:
    report = check(Problem(lambda p: np.sum(p["X"] ** 2), {"X": x}, gradient=lambda p: {"X": 2 * p["X"]}))
    assert report.verdict == "right"
    assert any(text in w for w in report.warnings)


def test_a_wide_matrix_has_no_repeated_columns_by_itself() -> None:
    x = np.random.default_rng(0).normal(size=(2, 5))
    report = check(Problem(lambda p: np.sum(p["X"] ** 2), {"X": x}, gradient=lambda p: {"X": 2 * p["X"]}))
    assert not report.warnings


def test_an_error_hidden_at_zero_is_found_nearby() -> None:
    problem = Problem(lambda p: np.sum(p["x"] ** 3 + p["x"]), {"x": np.zeros(4)}, gradient=lambda _: {"x": np.ones(4)})
    report = check(problem)
    assert report.verdict == "wrong"
    assert "right at the given point, wrong near it" in report.of("x").remarks


def test_constants_and_whole_numbers_are_left_alone() -> None:
    x, k = np.array([1.0, 2.0, 3.0]), np.array([1, 2, 3])

    def value(p: Any) -> Any:
        assert p["x"][1] == 2.0
        return np.sum(p["x"] ** p["k"])

    def gradient(p: Any) -> dict[str, Any]:
        g = p["k"] * p["x"] ** (p["k"] - 1)
        g[1] = 99.0  # nobody looks
        return {"x": g}

    frozen = {"x": np.array([False, True, False])}
    report = check(Problem(value, {"x": x, "k": k}, gradient=gradient, frozen=frozen))
    assert report.verdict == "right"
    assert report.skipped == {"k": "whole numbers"}


def test_another_point_is_drawn_where_that_is_offered() -> None:
    drawn = []

    def draw(rng: np.random.Generator) -> dict[str, Any]:
        drawn.append({"x": rng.normal(size=3)})
        return drawn[-1]

    problem = Problem(lambda p: np.sum(np.sin(p["x"])), {"x": np.ones(3)}, gradient=lambda p: {"x": np.cos(p["x"])})
    report = check(replace(problem, draw=draw))
    assert report.verdict == "right"
    assert np.array_equal(report.places[1]["x"], drawn[0]["x"])


def test_thorough_and_budget() -> None:
    x = np.random.default_rng(0).normal(size=30)
    x[7] = 1.0

    def gradient(p: Any) -> dict[str, Any]:
        g = np.cos(p["x"]) * np.where(np.arange(30) == 7, 1 + 1e-13, 1.0)
        return {"x": g}

    problem = Problem(lambda p: np.sum(np.sin(p["x"])), {"x": x}, gradient=gradient)
    report = check(problem, thorough=True)
    assert "every entry was looked at" in report.of("x").remarks
    assert check(problem, budget_seconds=0.0).of("x").probes
    many = check(problem, points=3, probes=3)
    assert len(many.of("x").probes) == 9


def test_lines_may_be_evaluated_elsewhere() -> None:
    asked = []

    def along(p: Any, name: str, v: Any, ts: Any) -> list[Any]:
        asked.extend(ts)
        return [np.sum(np.exp(p[name] + t * v)) for t in ts]

    problem = Problem(
        lambda p: np.sum(np.exp(p["x"])), {"x": np.arange(4.0) / 4}, gradient=lambda p: {"x": np.exp(p["x"])}
    )
    assert check(replace(problem, along=along)).verdict == "right"
    assert len(asked) > 20
