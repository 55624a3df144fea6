"""Random typed expressions: Jacobians, Hessians and products with them against differences and one another."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from numpy.typing import NDArray
from random_expressions import Problem, array_problems, problems

from mccli.calculus.array_derivation import derive_jacobian
from mccli.calculus.derivation import Derivation
from mccli.calculus.directional import derive_along, derive_pullback
from mccli.calculus.second_order import derive_hessian, derive_hessian_along
from mccli.errors import DomainError, McError
from mccli.expressions.tree import Node, Symbol
from mccli.language.declare import read_scope
from mccli.language.elaborate import Elaborated, elaborate
from mccli.numeric.certify import certify
from mccli.numeric.differences import richardson
from mccli.numeric.evaluate import Evaluator
from mccli.numeric.sample import Point, points
from mccli.numeric.spaces import basis, in_space

Array = NDArray[Any]
Check = Callable[[Problem], str]

SEED = 12
TOLERANCE = 2e-6
EXACT = 1e-8
COARSE = 1e-4
"""Differences whose own estimate of their error is beyond this are not compared with."""
LARGE = 1e5


def read(problem: Problem, scalar: bool) -> tuple[Elaborated, Symbol]:
    found = elaborate(problem.term.text, read_scope(problem.shapes, problem.properties), scalar=scalar)
    return found, found.symbols["X"]


def sampled(found: Elaborated, derivation: Derivation, count: int = 2) -> list[Point]:
    letters = found.letters | {"m", "n", "h"}
    symbols = list(derivation.symbols.values())
    return list(itertools.islice(points(symbols, letters, derivation.needs, found.expression, SEED), count))


def vec(x: Array) -> Array:
    return x.reshape(-1, 1, order="F")


def moderate(value: Array) -> bool:
    return bool(np.all(np.isfinite(value)) and np.max(np.abs(value)) < LARGE)


def close(found: Array, expected: Array, tolerance: float, size: float = 1.0) -> bool:
    scale = max(1.0, size, float(np.max(np.abs(expected))))
    return found.shape == expected.shape and float(np.max(np.abs(found - expected))) <= tolerance * scale


def direction(variable: Symbol, at: Point, number: int = 0) -> Array:
    """A random direction in the space of the variable."""
    rng = np.random.default_rng([SEED, number])
    return in_space(rng.normal(size=at.arrays["X"].shape), variable.properties)


# ---------------------------------------------------------------------------------------------- the checks


def check_jacobian(problem: Problem) -> str:
    """The Jacobian agrees with differences of a NumPy function that knows nothing of mc, column by column."""
    found, x = read(problem, scalar=False)
    derivation = derive_jacobian(found.expression, found.symbols, [x])
    (result,) = derivation.results
    outcome = "not comparable"
    for at in sampled(found, derivation):
        value = problem.term.value(at.arrays)
        jacobian = Evaluator(at.arrays, at.sizes).value(result.full)
        if not (moderate(value) and moderate(jacobian)):
            continue
        if x.is_scalar:
            directions, images = [np.ones((1, 1))], [jacobian]
        else:
            assert jacobian.shape == (value.size, at.arrays["X"].size)
            directions = [d for _, d in basis(at.arrays["X"].shape, x.properties)]
            images = [(jacobian @ vec(d)).reshape(value.shape, order="F") for d in directions]
        for d, image in zip(directions, images, strict=True):
            expected, error = value_slope(problem, at, d)
            if error <= COARSE * max(1.0, float(np.max(np.abs(expected)))) * 1e-3:
                assert close(image, expected, TOLERANCE, float(np.max(np.abs(value))))
                outcome = "checked"
    return outcome


def value_slope(problem: Problem, at: Point, change: Array) -> tuple[Array, float]:
    """Differences of the NumPy value along a direction."""
    start = at.arrays["X"]
    return richardson(lambda t: problem.term.value({**at.arrays, "X": start + t}), change)


def check_products(problem: Problem) -> str:
    """J vec(V) is the derivative along V, J' vec(G) the pullback of G, and <G, J V> = <J' G, V>."""
    found, x = read(problem, scalar=False)
    v, g = Symbol("V", x.shape, x.properties), Symbol("G", found.expression.shape)
    symbols = {**found.symbols, "V": v, "G": g}
    matrix = derive_jacobian(found.expression, found.symbols, [x]).results[0].full
    along = derive_along(found.expression, symbols, {x: v})
    back = derive_pullback(found.expression, g, symbols, [x])
    outcome = "not comparable"
    for at in sampled(found, along):
        evaluator = Evaluator({**at.arrays, "V": direction(x, at)}, at.sizes)
        jacobian, image, pulled = (evaluator.value(n) for n in (matrix, along.results[0].full, back.results[0].full))
        if not (moderate(jacobian) and moderate(image)):
            continue
        weight, change = evaluator.arrays["G"], evaluator.arrays["V"]
        size = float(np.max(np.abs(jacobian)))
        stacked = jacobian * change[0, 0] if x.is_scalar else (jacobian @ vec(change)).reshape(image.shape, order="F")
        assert close(stacked, image, EXACT, size)
        inner = float(np.sum(weight * image))
        assert abs(inner - float(np.sum(pulled * change))) <= EXACT * max(1.0, abs(inner), size * weight.size)
        outcome = "checked"
    return outcome


def check_certificates(problem: Problem) -> str:
    """The certificates of right derivations pass."""
    found, x = read(problem, scalar=False)
    v = Symbol("V", x.shape, x.properties)
    told = [
        derive_jacobian(found.expression, found.symbols, [x]),
        derive_along(found.expression, {**found.symbols, "V": v}, {x: v}),
    ]
    for derivation in told:
        certificate = certify(derivation, found.letters, count=1)
        assert certificate.passed, f"{certificate.failed}: {certificate.worst:.1e}"
    return "checked"


def check_hessian(problem: Problem) -> str:
    """The Hessian is symmetric, is the Hessian times V along V, and agrees with differences of the gradient."""
    found, x = read(problem, scalar=True)
    derivation = derive_hessian(found.expression, found.symbols, [x])
    assert derivation.first is not None
    v = Symbol("V", x.shape, x.properties)
    times = derive_hessian_along(found.expression, {**found.symbols, "V": v}, {x: v})
    outcome = "not comparable"
    for at in sampled(found, derivation):
        change = direction(x, at)
        evaluator = Evaluator({**at.arrays, "V": change}, at.sizes)
        hessian, image = evaluator.value(derivation.results[0].full), evaluator.value(times.results[0].full)
        if not (moderate(hessian) and moderate(image)):
            continue
        size = float(np.max(np.abs(hessian)))
        assert close(hessian.T, hessian, EXACT, size)
        stacked = in_space((hessian @ vec(change)).reshape(change.shape, order="F"), x.properties)
        assert close(stacked, image, EXACT, size)
        expected, error = gradient_slope(derivation.first.results[0].full, at, change)
        if error <= COARSE * 1e-3 * max(1.0, float(np.max(np.abs(expected)))):
            assert close(image, expected, TOLERANCE, size)
            outcome = "checked"
    return outcome


def gradient_slope(gradient: Node, at: Point, change: Array) -> tuple[Array, float]:
    """Differences of the gradient along a direction; the gradient itself is tested against the NumPy value."""
    start = at.arrays["X"]
    return richardson(lambda t: Evaluator({**at.arrays, "X": start + t}, at.sizes).value(gradient), change)


# ---------------------------------------------------------------------------------------------- running


def run(check: Check, examples: int, structured: bool, enough: float) -> None:
    """A check over many random problems; most of them must get as far as a comparison."""
    outcomes: Counter[str] = Counter()
    strategy = problems(structured=structured, depth=3) if check is check_hessian else array_problems(structured)

    @settings(
        max_examples=examples, deadline=None, derandomize=True, database=None, print_blob=False,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(strategy)
    def search(problem: Problem) -> None:
        try:
            outcomes[check(problem)] += 1
        except DomainError:
            outcomes["no point"] += 1
        except McError as error:
            outcomes[f"refused: {error.message}"] += 1

    with np.errstate(all="ignore"):
        search()
    assert outcomes["checked"] >= enough * sum(outcomes.values()), outcomes.most_common(6)


CHECKS: list[tuple[Check, float]] = [
    (check_jacobian, 0.8),
    (check_products, 0.8),
    (check_certificates, 0.8),
    (check_hessian, 0.75),
]
NAMES = [check.__name__.removeprefix("check_") for check, _ in CHECKS]


@pytest.mark.parametrize("structured", [False, True], ids=["plain", "structured"])
@pytest.mark.parametrize(("check", "enough"), CHECKS, ids=NAMES)
def test_random_expressions(check: Check, enough: float, structured: bool) -> None:
    run(check, 150, structured, enough)


@pytest.mark.slow
@pytest.mark.parametrize("structured", [False, True], ids=["plain", "structured"])
@pytest.mark.parametrize(("check", "enough"), CHECKS, ids=NAMES)
def test_many_random_expressions(check: Check, enough: float, structured: bool) -> None:
    run(check, 2000, structured, enough)
