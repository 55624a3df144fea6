"""The certificate: a derived gradient against differences of the value at random points.

The gradient is compared entry by entry (in a structured space: direction by direction) with derivatives of
the value that know nothing of the rules, and the lines of the derivation with what they claim to be.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mccli.calculus.derivation import Derivation, Gradient
from mccli.expressions.tree import Symbol
from mccli.numeric.agreement import Agreement, compare
from mccli.numeric.differences import complex_step, richardson
from mccli.numeric.evaluate import Evaluator, is_analytic
from mccli.numeric.lines import evaluator_with_names, line_pairs
from mccli.numeric.sample import Point, points
from mccli.numeric.spaces import in_space

Array = NDArray[Any]

POINTS = 3
SPARE_POINTS = 12
"""Doubtful points that are passed over before one is taken as it is."""
ENTRIES = 48
"""A variable with more entries is checked along this many random directions instead."""
EXACT_TOLERANCE = 1e-8
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
    symbols = {s.name: s for s in derivation.symbols.values()}
    symbols |= {g.variable.name: g.variable for g in derivation.gradients}
    supply = points(list(symbols.values()), letters, derivation.needs, derivation.expression, seed)
    check = _Check(derivation)
    sizes: list[Mapping[str, int]] = []
    spare = SPARE_POINTS
    while len(sizes) < count:
        point = next(supply)
        found = check.at(point, lines=not sizes)
        if spare and any(agreement.doubtful for agreement in found.values()):
            spare -= 1
            continue
        check.take(found)
        sizes.append(point.sizes)
    return Certificate(count, check.worst, check.tolerance, check.method, sizes[0], check.failed)


class _Check:
    """The comparisons of one derivation, and the worst of what they found."""

    def __init__(self, derivation: Derivation) -> None:
        self.derivation = derivation
        self.analytic = is_analytic(derivation.expression)
        self.tolerance = EXACT_TOLERANCE if self.analytic else DIFFERENCE_TOLERANCE
        self.method = "complex step" if self.analytic else "Richardson differences"
        self.worst, self.failed = 0.0, ""

    def at(self, point: Point, *, lines: bool) -> dict[str, Agreement]:
        """Every comparison at a point, by what is compared."""
        derivation = self.derivation
        with np.errstate(all="ignore"):
            size = float(np.abs(Evaluator(point.arrays, point.sizes).value(derivation.expression)[0, 0]))
        found = {
            f"∂{derivation.function}/∂{g.variable.name}": self._gradient(g, point, size) for g in derivation.gradients
        }
        if lines and derivation.steps:
            found["a line of the derivation"] = compare(
                lambda at: line_pairs(derivation, at), point, EXACT_TOLERANCE, size
            )
        return found

    def take(self, found: Mapping[str, Agreement]) -> None:
        """Count the comparisons at a point."""
        for what, agreement in found.items():
            error = agreement.final_error
            if not error <= self.tolerance and not self.failed:
                self.failed = what
            self.worst = max(self.worst, error)

    def _gradient(self, gradient: Gradient, point: Point, size: float) -> Agreement:
        """Both forms of a gradient against differences of the value."""
        variable = gradient.variable
        directions = list(_directions(variable, point))

        def pairs(at: Point) -> list[tuple[Array, Array]]:
            expected = np.array([self._slope(variable.name, at, d) for d in directions])
            evaluator = evaluator_with_names(self.derivation, at)
            values = [evaluator.value(form) for form in (gradient.full, gradient.named)]
            if any(value.shape != directions[0].shape for value in values):
                return [(expected, np.full_like(expected, np.inf))]
            compared = [(expected, np.array([float(np.sum(value * d)) for d in directions])) for value in values]
            compared += [(in_space(value, variable.properties), value) for value in values]
            if gradient.independent is not None and len(directions) == _dimension(variable, at):
                steps = np.array([1.0 if np.count_nonzero(d) == 1 else 2.0 for d in directions])
                entries = evaluator.value(gradient.independent)
                compared.append((expected * steps, np.array([float(np.sum(entries * d)) for d in directions])))
                compared.append((in_space(entries, variable.properties), entries))
            return compared

        return compare(pairs, point, self.tolerance, size)

    def _slope(self, name: str, point: Point, direction: Array) -> float:
        start = point.arrays[name]

        def value(change: Array) -> Array:
            return Evaluator({**point.arrays, name: start + change}, point.sizes).value(self.derivation.expression)

        slope = complex_step(value, direction) if self.analytic else richardson(value, direction)[0]
        return float(slope[0, 0])


def _dimension(variable: Symbol, point: Point) -> int:
    """The number of independent entries of a symmetric or skew variable."""
    n = int(point.arrays[variable.name].shape[0])
    return n * (n + 1) // 2 if "symmetric" in variable.properties else n * (n - 1) // 2


def _directions(variable: Symbol, point: Point) -> Iterator[Array]:
    """A basis of the space of the variable, or random directions in it if there are many entries."""
    shape = point.arrays[variable.name].shape
    if shape[0] * shape[1] > ENTRIES:
        rng = np.random.default_rng(SEED)
        for _ in range(ENTRIES // 2):
            yield in_space(rng.normal(size=shape), variable.properties)
        return
    seen: set[bytes] = set()
    for i in range(shape[0]):
        for j in range(shape[1]):
            unit = np.zeros(shape)
            unit[i, j] = 1.0
            direction = in_space(unit, variable.properties)
            if np.any(direction) and (-direction).tobytes() not in seen and direction.tobytes() not in seen:
                seen.add(direction.tobytes())
                yield direction
