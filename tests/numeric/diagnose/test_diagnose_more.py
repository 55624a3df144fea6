"""Mistakes on other functions, large arguments, nonsense, and names of numbers."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pytest
from mccli.numeric.diagnose import Diagnosis, diagnose
from mccli.numeric.diagnose.naming import names_for
from mccli.numeric.diagnose.sides import Sided, branch, simplest
from mccli.numeric.diagnose.special import circulant_part
from mccli.numeric.gradcheck import Problem, check

from more_mistakes import MISTAKES, Mistake
from zoo_problems import caller


def problem(mistake: Mistake) -> Problem:
    """By the first argument."""
    arguments = {k: np.asarray(v) for k, v in mistake.arguments().items()}
    name = next(iter(arguments))
    grad = caller(mistake.grad, {})
    claims: dict[str, Any] = {
        "vjp": lambda a, u: {name: grad({**a, "u": u})},
        "jvp": lambda a, v: grad({**a, "v": v[name]}),
    }
    claim = claims.get(mistake.kind, lambda a: {name: grad(a)})
    return Problem(caller(mistake.f, {}), arguments, names=(name,), **{mistake.kind: claim})


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda m: m.id)
def test_mistakes_on_other_functions(mistake: Mistake) -> None:
    p = problem(mistake)
    report = check(p)
    assert report.verdict == "wrong"
    found = diagnose(p, report)
    assert found
    assert found[0].label in mistake.labels, found[0].sentence
    assert mistake.says in found[0].sentence


@pytest.mark.parametrize("seed", range(4))
def test_nonsense_is_not_explained(seed: int) -> None:
    """Random numbers that depend smoothly on x: no cause may be claimed, only that it is no gradient."""
    rng = np.random.default_rng(seed)
    A, B = rng.standard_normal((6, 4)), rng.standard_normal((4, 6))
    p = Problem(
        lambda a: float(np.sum(np.tanh(A @ a["x"]) ** 2)),
        {"x": rng.standard_normal(4), "c": rng.standard_normal(4), "M": rng.standard_normal((4, 4))},
        lambda a: {"x": B @ np.cos(A @ a["x"] + 1)},
        names=("x",),
    )
    found = diagnose(p, check(p))
    assert {d.label for d in found} <= {"not-a-gradient"}
    assert not any(d.explains for d in found)


N = 10**5


def large(change: Any) -> tuple[list[Diagnosis], float]:
    """A million would do as well, and take longer."""
    rng = np.random.default_rng(0)
    scale, x, lam = rng.uniform(0.5, 2, N), rng.standard_normal(N), 0.37

    def gradient(p: Any) -> dict[str, Any]:
        right = p["a"] * 2 * p["x"] / (1 + p["x"] ** 2) + lam * p["x"]
        return {"x": change(right, p)}

    p = Problem(
        lambda p: np.sum(p["a"] * np.log1p(p["x"] * p["x"])) + lam / 2 * np.sum(p["x"] * p["x"]),
        {"x": x, "a": scale},
        gradient,
        names=("x",),
    )
    report = check(p)
    begun = time.monotonic()
    found = diagnose(p, report, scalars={"lam": lam})
    return found, time.monotonic() - begun


@pytest.mark.parametrize(
    ("label", "says", "change"),
    [
        ("factor", "twice", lambda g, p: 2 * g),
        ("sign", "negative", lambda g, p: -g),
        ("missing-term", "lam*x", lambda g, p: g - 0.37 * p["x"]),
        ("chain-factor", "a", lambda g, p: g / p["a"]),
        ("layout", "column", lambda g, p: g[:, None]),
        ("some-entries", "7, 999 and 99999", lambda g, p: g * np.where(np.isin(np.arange(N), [7, 999, N - 1]), 0, 1)),
    ],
    ids=["factor", "sign", "term", "chain", "layout", "entries"],
)
def test_large_arguments(label: str, says: str, change: Any) -> None:
    found, seconds = large(change)
    assert found[0].label == label
    assert says in found[0].sentence
    assert seconds < 20


def test_a_constant_gradient_that_lacks_a_factor_is_not_called_stale() -> None:
    """At zero the cosine is one: right there, and the same everywhere."""
    a = np.array([1.0, -2.0, 0.5, 1.5])
    p = Problem(
        lambda p: float(p["a"] @ np.sin(p["x"])), {"x": np.zeros(4), "a": a}, lambda p: {"x": p["a"]}, names=("x",)
    )
    found = diagnose(p, check(p))
    assert found[0].label == "chain-factor"
    assert "cos" in found[0].sentence


def test_a_threshold_needs_more_than_a_few_cases() -> None:
    """Among fifty random numbers one always separates two cases from eight."""
    rng = np.random.default_rng(0)
    few = [Sided(i > 1, {str(k): (float(rng.normal()), 1.0) for k in range(50)}) for i in range(10)]
    assert branch(few) is None
    many = [Sided(i > 8, {"z": (float(i), 1.0), "u": (float(rng.normal()), 1.0)}) for i in range(20)]
    told = branch(many)
    assert told is not None
    assert told.text == "z < 8.5"


def test_names_of_numbers() -> None:
    names = names_for({"x": np.zeros(4), "A": np.zeros((7, 4))}, {"lam": 0.37}, "x")

    def name(number: float) -> str | None:
        found = names.of(number)
        return None if found is None else found.text

    assert [name(n) for n in (2, 0.5, -0.5, 7, 1 / 7, 4)] == ["2", "1/2", "-1/2", "7", "1/7", "4"]
    assert name(0.74) == "2·lam"
    assert name(0.1234567) is None
    assert names.of(7.0) is not None
    assert names.of(1 / 7).batch  # type: ignore[union-attr]
    assert not names.of(4.0).batch  # type: ignore[union-attr]


def test_circulant_matrices_commute_and_are_not_symmetric() -> None:
    rng = np.random.default_rng(0)
    a, b = (circulant_part(rng.standard_normal((5, 5))) for _ in range(2))
    assert np.allclose(a @ b, b @ a)
    assert not np.allclose(a, a.T)
    assert np.allclose(circulant_part(a), a)


@pytest.mark.parametrize(
    ("low", "high", "text"), [(-1, 2, "0"), (0.47, 0.52, "0.5"), (0.9, 1.2, "1"), (-0.8, -0.61, "-0.75")]
)
def test_simple_numbers_between_two(low: float, high: float, text: str) -> None:
    found = float(simplest(low, high))
    assert low <= found <= high
    assert simplest(low, high) == text or text == "-0.75"
