"""Random typed expressions: derivatives against differences of NumPy functions that know nothing of mc."""

from __future__ import annotations

import itertools
import random
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from numpy.typing import NDArray
from random_expressions import Problem, problems

from mccli.calculus.derivation import Derivation, derive
from mccli.calculus.identify import gradients
from mccli.calculus.tidy import tidy
from mccli.errors import DomainError, McError
from mccli.expressions.graph import rebuild, walk
from mccli.expressions.tree import Apply, Node, Number, Product, Sum, Transpose, add, apply, multiply, transpose
from mccli.language.declare import read_scope
from mccli.language.elaborate import Elaborated, elaborate
from mccli.numeric.certify import certify
from mccli.numeric.evaluate import Evaluator
from mccli.numeric.sample import Point, points

Array = NDArray[Any]
Check = Callable[[Problem], str]

SEED = 11
STEP = 2e-4
TOLERANCE = 2e-6
VALUE_TOLERANCE = 1e-7
COARSE = 1e-3
"""Where two step widths differ by more than this, the function bends too fast for differences."""
LARGE = 1e6
"""Values beyond this lose too many digits to differences to be compared."""


def read(problem: Problem, text: str | None = None) -> Elaborated:
    return elaborate(text or problem.term.text, read_scope(problem.shapes, problem.properties), scalar=True)


def derived(problem: Problem) -> tuple[Elaborated, Derivation]:
    """The derivation of a problem. McError where mc refuses."""
    found = read(problem)
    return found, derive(found.expression, found.symbols, [found.symbols["X"]])


def sampled(found: Elaborated, derivation: Derivation, count: int = 2) -> list[Point]:
    letters = found.letters | {"m", "n", "h"}
    return list(itertools.islice(
        points(list(found.symbols.values()), letters, derivation.needs, found.expression, SEED), count
    ))  # fmt: skip


# ---------------------------------------------------------------------------------------------- differences


def slope(problem: Problem, point: Point, direction: Array) -> tuple[float, float]:
    """Central differences of the NumPy value, extrapolated once, and how far the two of them differ."""

    def value(t: float) -> float:
        moved = {**point.arrays, "X": point.arrays["X"] + t * direction}
        return float(problem.term.value(moved)[0, 0])

    coarse = (value(STEP) - value(-STEP)) / (2 * STEP)
    fine = (value(STEP / 2) - value(-STEP / 2)) / STEP
    return (4 * fine - coarse) / 3, abs(fine - coarse)


def in_structure(x: Array, structure: str) -> Array:
    cuts: dict[str, Callable[[Array], Array]] = {
        "symmetric": lambda y: (y + y.T) / 2,
        "skew": lambda y: (y - y.T) / 2,
        "diagonal": lambda y: np.diag(np.diag(y)),
        "lower": np.tril,
        "upper": np.triu,
    }
    return np.asarray(cuts[structure](x)) if structure else x


def basis(shape: tuple[int, ...], structure: str) -> Iterator[Array]:
    for i, j in np.ndindex(*shape):
        unit = np.zeros(shape)
        unit[i, j] = 1.0
        yield in_structure(unit, structure)


def gradient_error(problem: Problem, point: Point, gradient: Array) -> float | None:
    """The worst deviation of slopes, relative to gradient and value; None where differences are too coarse."""
    directions = list(basis(gradient.shape, problem.structure))
    slopes = [slope(problem, point, d) for d in directions]
    expected = np.array([s for s, _ in slopes])
    found = np.array([float(np.sum(gradient * d)) for d in directions])
    value = abs(float(problem.term.value(point.arrays)[0, 0]))
    scale = max(1.0, value, float(np.max(np.abs(expected))))
    if max(spread for _, spread in slopes) > COARSE * scale:
        return None
    return float(np.max(np.abs(found - expected))) / scale


def well_behaved(problem: Problem, point: Point) -> bool:
    """Whether the NumPy value and its slopes are moderate at a point."""
    value = problem.term.value(point.arrays)
    return bool(np.all(np.isfinite(value)) and np.max(np.abs(value)) < LARGE)


def is_stable(problem: Problem, point: Point) -> bool:
    """Whether the NumPy value stays put when every entry is changed in its last digits (determinants may not)."""
    rng = np.random.default_rng(SEED)
    shaken = {name: x * (1 + 1e-13 * rng.normal(size=x.shape)) for name, x in point.arrays.items()}
    value, other = (float(problem.term.value(arrays)[0, 0]) for arrays in (point.arrays, shaken))
    return abs(value - other) <= 1e-2 * VALUE_TOLERANCE * max(1.0, abs(value))


# ---------------------------------------------------------------------------------------------- the checks


def check_value(problem: Problem) -> str:
    """The typed tree has the value that the text means."""
    found, derivation = derived(problem)
    for point in sampled(found, derivation):
        if well_behaved(problem, point) and is_stable(problem, point):
            expected = float(problem.term.value(point.arrays)[0, 0])
            value = float(Evaluator(point.arrays, point.sizes).value(found.expression)[0, 0])
            assert abs(value - expected) <= VALUE_TOLERANCE * max(1.0, abs(expected))
    return "checked"


def check_gradient(problem: Problem) -> str:
    """The gradient has the shape of X, lies in the space of X, and agrees with differences."""
    found, derivation = derived(problem)
    gradient = derivation.gradients[0].full
    assert gradient.shape == found.symbols["X"].shape
    assert derivation.gradients[0].named.shape == found.symbols["X"].shape
    checked = "not comparable"
    for point in sampled(found, derivation):
        if not well_behaved(problem, point):
            continue
        value = Evaluator(point.arrays, point.sizes).value(gradient)
        if np.max(np.abs(value)) > LARGE:
            continue
        assert np.allclose(value, in_structure(value, problem.structure), rtol=1e-9, atol=1e-9)
        error = gradient_error(problem, point, value)
        if error is not None:
            assert error <= TOLERANCE
            checked = "checked"
    return checked


def check_certificate(problem: Problem) -> str:
    """The certificate of a right derivation passes: it gives no false alarm."""
    found, derivation = derived(problem)
    certificate = certify(derivation, found.letters, count=2)
    if not certificate.passed and _is_flat(found, derivation):
        return "the gradient is 0: a known false alarm, see test_certify"
    assert certificate.passed, f"{certificate.failed}: {certificate.worst:.1e}"
    return "checked"


def _is_flat(found: Elaborated, derivation: Derivation) -> bool:
    """Whether the gradient is 0 but for rounding."""
    gradient = derivation.gradients[0].full
    values = [Evaluator(p.arrays, p.sizes).value(gradient) for p in sampled(found, derivation)]
    return all(float(np.max(np.abs(v))) < 1e-12 for v in values)


def check_tidy(problem: Problem) -> str:
    """The reading form has the value of what it was made from, and is stable."""
    found, derivation = derived(problem)
    raw = gradients(found.expression, [found.symbols["X"]])[found.symbols["X"]]
    forms = [tidy(raw), tidy(raw, [found.expression])]
    for point in sampled(found, derivation, 1):
        evaluator = Evaluator(point.arrays, point.sizes)
        expected = evaluator.value(raw)
        scale = max(1.0, float(np.max(np.abs(expected))))
        for form in forms:
            assert form.shape == raw.shape
            assert np.max(np.abs(evaluator.value(form) - expected)) <= 1e-8 * scale
    return "checked"


def shuffled(node: Node, rng: random.Random) -> Node:
    """The same expression with sums, scalar factors and elementwise factors written in another order."""
    done: dict[int, Node] = {}
    for current in walk(node):
        done[current.key] = _reordered(current, [done[c.key] for c in current.children()], rng)
    return done[node.key]


def _reordered(node: Node, children: list[Node], rng: random.Random) -> Node:
    if isinstance(node, Sum):
        terms = [multiply(Number(c), child) for (c, _), child in zip(node.terms, children, strict=True)]
        rng.shuffle(terms)
        return add(*terms)
    if isinstance(node, Product):
        count = len(node.scalars)
        scalars: list[Node] = [Number(node.coefficient), *children[:count]]
        rng.shuffle(scalars)
        cut = rng.randint(0, len(scalars))
        chain = [multiply(*children[count:])] if node.is_scalar and node.chain else children[count:]
        return multiply(*scalars[:cut], *chain, *scalars[cut:])
    if isinstance(node, Transpose):
        return transpose(children[0])
    if isinstance(node, Apply):
        if node.operation.name == "hadamard":
            rng.shuffle(children)
        return apply(node.operation, *children, sizes=node.sizes)
    return node


def check_key(problem: Problem) -> str:
    """Expressions that differ in the order of sums and scalar factors are equal."""
    expression = read(problem).expression
    assert read(problem, problem.term.other).expression == expression
    assert shuffled(expression, random.Random(SEED)) == expression
    return "checked"


# ---------------------------------------------------------------------------------------------- running


def run(check: Check, examples: int, structured: bool, enough: float) -> None:
    """A check over many random problems; most of them must get as far as a comparison."""
    outcomes: Counter[str] = Counter()

    @settings(
        max_examples=examples, deadline=None, derandomize=True, database=None, print_blob=False,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(problems(structured=structured))
    def search(problem: Problem) -> None:
        try:
            outcomes[check(problem)] += 1
        except DomainError:
            outcomes["no point"] += 1
        except McError as error:
            outcomes[f"refused: {error.message}"] += 1

    with np.errstate(all="ignore"):
        search()
    assert outcomes["checked"] >= enough * sum(outcomes.values()), outcomes.most_common(5)


CHECKS: list[tuple[Check, float]] = [
    (check_value, 0.85),
    (check_gradient, 0.8),
    (check_certificate, 0.85),
    (check_tidy, 0.85),
    (check_key, 0.99),
]
NAMES = [check.__name__.removeprefix("check_") for check, _ in CHECKS]


@pytest.mark.parametrize("structured", [False, True], ids=["plain", "structured"])
@pytest.mark.parametrize(("check", "enough"), CHECKS, ids=NAMES)
def test_random_expressions(check: Check, enough: float, structured: bool) -> None:
    run(check, 200, structured, enough)


@pytest.mark.slow
@pytest.mark.parametrize("structured", [False, True], ids=["plain", "structured"])
@pytest.mark.parametrize(("check", "enough"), CHECKS, ids=NAMES)
def test_many_random_expressions(check: Check, enough: float, structured: bool) -> None:
    run(check, 2000, structured, enough)


@pytest.mark.parametrize("text", ["1/2*(A + C) + B", "2*(sum(A) + sum(C)) + sum(B)", "tr(B) - 3*(sum(A) + a)"])
def test_rebuilding_changes_nothing(text: str) -> None:
    expression = elaborate(text, read_scope(["a:scalar"])).expression
    assert rebuild(expression, expression.children()) == expression
