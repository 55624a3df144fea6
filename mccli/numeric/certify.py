"""The certificate: a derived gradient against differences of the value at random points.

The gradient is compared entry by entry (in a structured space: direction by direction) with derivatives of
the value that know nothing of the rules. The lines of the derivation are compared with one another too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mccli.calculus.derivation import Derivation, Gradient
from mccli.calculus.differential import Changes, differential, differential_symbol
from mccli.errors import DomainError
from mccli.expressions.tree import Node, Symbol, is_operation, rebuild, walk
from mccli.numeric.differences import complex_step, richardson
from mccli.numeric.evaluate import Evaluator, is_analytic
from mccli.numeric.sample import Point, draw_array, points

Array = NDArray[Any]

POINTS = 3
ENTRIES = 48
"""A variable with more entries is checked along this many random directions instead."""
EXACT_TOLERANCE = 1e-8
JITTERS, JITTER, NOISE_MARGIN = 3, 1e-13, 30.0
DIFFERENCE_TOLERANCE = 1e-5
SEED = 20240229


@dataclass(frozen=True)
class Certificate:
    """What was checked: points, worst relative error, the tolerance, and the method."""

    points: int
    worst: float
    tolerance: float
    method: str
    sizes: Mapping[str, int]
    failed: str = ""

    @property
    def passed(self) -> bool:
        """Whether every comparison agreed."""
        return not self.failed and self.worst <= self.tolerance


def certify(derivation: Derivation, letters: frozenset[str], *, count: int = POINTS, seed: int = SEED) -> Certificate:
    """Check a derivation at random points. DomainError if the function is defined nowhere we look."""
    expression = derivation.expression
    used = {s.name: s for s in derivation.symbols.values()} | {
        g.variable.name: g.variable for g in derivation.gradients
    }
    analytic = is_analytic(expression)
    tolerance = EXACT_TOLERANCE if analytic else DIFFERENCE_TOLERANCE
    supply = points(list(used.values()), letters, derivation.needs, expression, seed)
    worst, failed = 0.0, ""
    first: Mapping[str, int] = {}
    for number in range(count):
        point = next(supply)
        first = first or point.sizes
        for gradient in derivation.gradients:
            error = _gradient_error(derivation, gradient, point, analytic)
            worst = max(worst, error)
            if not error <= tolerance and not failed:
                failed = f"∂{derivation.function}/∂{gradient.variable.name}"
        if number == 0:
            error = _steps_error(derivation, point)
            if not error <= EXACT_TOLERANCE and not failed:
                worst, failed = max(worst, error), "the lines of the derivation differ"
    method = "complex step" if analytic else "Richardson differences"
    return Certificate(count, worst, tolerance, method, first, failed)


def _gradient_error(derivation: Derivation, gradient: Gradient, point: Point, analytic: bool) -> float:
    """The worst relative deviation of both forms of a gradient from differences of the value."""
    variable = gradient.variable
    directions = list(_directions(variable, point))
    tolerance = EXACT_TOLERANCE if analytic else DIFFERENCE_TOLERANCE

    def pairs(at: Point) -> list[tuple[Array, Array]]:
        expected = np.array([_slope(derivation.expression, variable.name, at, d, analytic) for d in directions])
        evaluator = _with_names(derivation, at)
        values = [evaluator.value(form) for form in (gradient.full, gradient.named)]
        if any(value.shape != directions[0].shape for value in values):
            return [(expected, np.full_like(expected, np.inf))]
        return [(expected, np.array([float(np.sum(value * d)) for d in directions])) for value in values]

    return _disagreement(pairs, point, tolerance)


def _disagreement(pairs: Callable[[Point], list[tuple[Array, Array]]], point: Point, tolerance: float) -> float:
    """The worst relative difference within pairs that should be equal at a point.

    Where it is above the tolerance, the same is computed at points that differ in the last digits: a difference
    no larger than what those change is rounding (terms that cancel), and counts as none.
    """
    with np.errstate(all="ignore"):
        return _worst(pairs, point, tolerance)


def _worst(pairs: Callable[[Point], list[tuple[Array, Array]]], point: Point, tolerance: float) -> float:
    at_point = pairs(point)
    worst = max(_relative(found, expected) for expected, found in at_point)
    if worst <= tolerance:
        return worst
    nearby = [pairs(_jittered(point, number)) for number in range(JITTERS)]
    noise = [
        max(_spread([n[i][0] for n in nearby], pair[0]), _spread([n[i][1] for n in nearby], pair[1]))
        for i, pair in enumerate(at_point)
    ]
    rounding = [
        float(np.max(np.abs(found - expected))) <= NOISE_MARGIN * n
        for (expected, found), n in zip(at_point, noise, strict=True)
    ]
    return 0.0 if all(rounding) else worst


def _spread(values: list[Array], centre: Array) -> float:
    return max(float(np.max(np.abs(v - centre))) for v in values)


def _jittered(point: Point, number: int) -> Point:
    """The point with every array scaled by 1 + 1e-13 or so, which keeps every structure."""
    rng = np.random.default_rng(number)
    arrays = {name: array * (1 + JITTER * rng.normal()) for name, array in point.arrays.items()}
    return Point(point.sizes, arrays)


def _relative(found: Array, expected: Array) -> float:
    """Largest deviation relative to the largest expected entry."""
    if not (np.all(np.isfinite(found)) and np.all(np.isfinite(expected))):
        return float("inf")
    scale = float(np.max(np.abs(expected)))
    difference = float(np.max(np.abs(found - expected)))
    return difference / scale if scale else (float("inf") if difference else 0.0)


def _with_names(derivation: Derivation, point: Point) -> Evaluator:
    """An evaluator that also knows the value of the function and of every named part."""
    evaluator = Evaluator(point.arrays, point.sizes)
    evaluator.arrays[derivation.function] = evaluator.value(derivation.expression)
    for definition in (*derivation.definitions, *derivation.adjoints):
        evaluator.arrays[definition.symbol.name] = evaluator.value(definition.expression)
    return evaluator


def _slope(expression: Node, name: str, point: Point, direction: Array, analytic: bool) -> float:
    start = point.arrays[name]

    def value(change: Array) -> Array:
        with np.errstate(all="ignore"):
            return Evaluator({**point.arrays, name: start + change}, point.sizes).value(expression)

    slope = complex_step(value, direction) if analytic else richardson(value, direction)[0]
    return float(slope[0, 0])


def _directions(variable: Symbol, point: Point) -> Iterator[Array]:
    """A basis of the space of the variable, or random directions in it if there are many entries."""
    shape = point.arrays[variable.name].shape
    properties = frozenset(variable.properties) & {"symmetric", "skew", "diagonal", "lower", "upper"}
    if shape[0] * shape[1] > ENTRIES:
        rng = np.random.default_rng(SEED)
        for _ in range(ENTRIES // 2):
            yield _in_space(rng.normal(size=shape), properties)
        return
    seen: set[bytes] = set()
    for i in range(shape[0]):
        for j in range(shape[1]):
            unit = np.zeros(shape)
            unit[i, j] = 1.0
            direction = _in_space(unit, properties)
            if np.any(direction) and (-direction).tobytes() not in seen and direction.tobytes() not in seen:
                seen.add(direction.tobytes())
                yield direction


def _in_space(x: Array, properties: frozenset[str]) -> Array:
    if "diagonal" in properties:
        return np.diag(np.diag(x))
    if "symmetric" in properties:
        return np.asarray(x + x.T)
    if "skew" in properties:
        return np.asarray(x - x.T)
    if "lower" in properties:
        return np.tril(x)
    return np.triu(x) if "upper" in properties else x


# ---------------------------------------------------------------------------------------------- the lines


def _steps_error(derivation: Derivation, point: Point) -> float:
    """The worst relative difference between lines of the derivation that claim to be equal."""

    def pairs(at: Point) -> list[tuple[Array, Array]]:
        return _line_pairs(derivation, at)

    return _disagreement(pairs, point, EXACT_TOLERANCE) if derivation.steps else 0.0


def _line_pairs(derivation: Derivation, point: Point) -> list[tuple[Array, Array]]:
    """The value of every line beside that of the first line with the same left-hand side."""
    changes = _changes(derivation)
    evaluator = _with_names(derivation, point)
    rng = np.random.default_rng(SEED + 1)
    for gradient in derivation.gradients:
        symbol = changes[gradient.variable]
        assert isinstance(symbol, Symbol)
        shape = point.arrays[gradient.variable.name].shape
        evaluator.arrays[symbol.name] = draw_array(symbol.properties, shape, rng, lambda r, s: r.normal(size=s))
    for definition in derivation.definitions:
        evaluator.arrays[f"d{definition.symbol.name}"] = evaluator.value(differential(definition.expression, changes))
    firsts: dict[str, Array] = {}
    pairs, left = [], ""
    for step in derivation.steps:
        left = step.left or left
        try:
            value = evaluator.value(_taken(step.expression, changes))
        except DomainError:  # a sum too long to evaluate; the gradient itself is checked all the same
            continue
        pairs.append((firsts.setdefault(left, value), value))
    return pairs or [(np.zeros((1, 1)), np.zeros((1, 1)))]


def _changes(derivation: Derivation) -> Changes:
    moving = [*(d.symbol for d in derivation.definitions), *(g.variable for g in derivation.gradients)]
    return {s: differential_symbol(s) for s in moving}


def _taken(node: Node, changes: Changes) -> Node:
    """The line with every d(...) carried out."""
    done: dict[Node, Node] = {}
    for current in walk(node):
        if is_operation(current, "d"):
            done[current] = differential(current.children()[0], changes)
            continue
        fresh = tuple(done[c] for c in current.children())
        same = all(a is b for a, b in zip(fresh, current.children(), strict=True))
        done[current] = current if same else rebuild(current, fresh)
    return done[node]
