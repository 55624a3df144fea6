"""The certificate: a derivation against differences of the function at random points.

What is compared is in :mod:`mccli.numeric.comparisons`; the lines of the derivation are compared with what
their left-hand sides claim to be.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from mccli.calculus.derivation import Derivation
from mccli.expressions.tree import Node
from mccli.numeric.agreement import Agreement, compare
from mccli.numeric.comparisons import SEED, Comparison, comparisons
from mccli.numeric.evaluate import Evaluator, is_analytic
from mccli.numeric.lines import line_pairs
from mccli.numeric.sample import Point, points

POINTS = 3
SPARE_POINTS = 12
"""Doubtful points that are passed over before one is taken as it is."""
EXACT_TOLERANCE = 1e-8
DIFFERENCE_TOLERANCE = 1e-5


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
    symbols |= {v.name: v for v in derivation.variables}
    function = derivation.first.expression if derivation.first else derivation.expression
    supply = points(list(symbols.values()), letters, derivation.needs, function, seed)
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
        self.told = list(_told(derivation))
        self.comparisons = list(comparisons(derivation))
        analytic = all(is_analytic(c.function) for c in self.comparisons)
        self.tolerance = EXACT_TOLERANCE if analytic else DIFFERENCE_TOLERANCE
        self.method = "complex step" if analytic else "Richardson differences"
        self.worst, self.failed = 0.0, ""

    def at(self, point: Point, *, lines: bool) -> dict[str, Agreement]:
        """Every comparison at a point, by what is compared."""
        found = {c.what: self._compared(c, point) for c in self.comparisons}
        for derivation in self.told if lines else ():
            size = _size(derivation.expression, point)
            what = f"a line of the derivation of d{derivation.function}"
            found[what] = compare(lambda at, d=derivation: line_pairs(d, at), point, EXACT_TOLERANCE, size)  # type: ignore[misc]
        return found

    def _compared(self, comparison: Comparison, point: Point) -> Agreement:
        return compare(comparison.pairs, point, self.tolerance, _size(comparison.function, point))

    def take(self, found: Mapping[str, Agreement]) -> None:
        """Count the comparisons at a point."""
        for what, agreement in found.items():
            error = agreement.final_error
            if not error <= self.tolerance and not self.failed:
                self.failed = what
            self.worst = max(self.worst, error)


def _told(derivation: Derivation) -> Iterator[Derivation]:
    """The derivations that have lines."""
    if derivation.first is not None:
        yield from _told(derivation.first)
    for chapter in derivation.chapters:
        yield from _told(chapter)
    if derivation.steps:
        yield derivation


def _size(function: Node, point: Point) -> float:
    """The magnitude of the value of a function."""
    with np.errstate(all="ignore"):
        return float(np.max(np.abs(Evaluator(point.arrays, point.sizes).value(function))))
