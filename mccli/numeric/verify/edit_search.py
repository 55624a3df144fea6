"""The smallest edit of a formula that gives the user's numbers at every point."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mccli.calculus.tidy import tidy
from mccli.errors import McError
from mccli.expressions.tree import Node, Number, Product, Sum, add, multiply, scaled, terms_of
from mccli.numeric.evaluate import Evaluator
from mccli.numeric.verify.edits import Edited, coefficients, edits
from mccli.numeric.verify.outcome import Edit

Array = NDArray[Any]

MOST_MUTANTS = 3000
SECONDS = 3.0


@dataclass
class Spot:
    """A point: arrays by symbol. What was computed there is kept."""

    arrays: Mapping[str, Array]
    sizes: Mapping[str, int]
    evaluator: Evaluator = field(init=False)

    def __post_init__(self) -> None:
        self.evaluator = Evaluator(self.arrays, self.sizes)

    def value(self, node: Node) -> Array | None:
        """The value of a formula, None where it has none."""
        try:
            with np.errstate(all="ignore"):
                found = self.evaluator.value(node)
        except (McError, ValueError, ArithmeticError, IndexError, np.linalg.LinAlgError):
            return None
        return found if np.all(np.isfinite(found)) else None


class _Spent(Exception):
    """The number of mutants, or the time, is used up."""


class Search:
    """A search for the formula whose values are the wanted ones."""

    def __init__(self, spots: Sequence[Spot], wanted: Sequence[Array], tolerance: float) -> None:
        self.spots, self.wanted, self.tolerance = spots, wanted, tolerance
        self.seen: set[Node] = set()
        self.left = MOST_MUTANTS
        self.deadline = time.monotonic() + SECONDS

    def run(self, right: Node) -> Edit | None:
        """One edit; then two; the right formula is tried in several forms."""
        try:
            starts = forms_of(right)
            for start in starts:
                found = self.first(self.singles(start), ())
                if found is not None:
                    return found
            return self.doubles(starts)
        except _Spent:
            return None

    def singles(self, start: Node) -> Iterator[Edited]:
        """Common factors of the whole, every edit, and sizes as factors of the whole."""
        yield from coefficients(start, [])
        yield from edits(start)
        yield from coefficients(start, self.dimensions())

    def doubles(self, starts: Sequence[Node]) -> Edit | None:
        """Two edits: of all pairs those with a factor of the whole first."""
        firsts = [(node, change) for start in starts for node, change in edits(start)][:MOST_MUTANTS]
        for node, change in firsts:
            found = self.first(coefficients(node, self.dimensions()), (change,))
            if found is not None:
                return found
        for node, change in firsts:
            found = self.first(edits(node), (change,))
            if found is not None:
                return found
        return None

    def first(self, candidates: Iterable[Edited], before: tuple[Any, ...]) -> Edit | None:
        """The first candidate that fits."""
        for node, change in candidates:
            if node in self.seen:
                continue
            self.seen.add(node)
            self.left -= 1
            if self.left < 0 or time.monotonic() > self.deadline:
                raise _Spent
            error = self.error(node)
            if error <= self.tolerance:
                return Edit(tidy(node), (*before, change), error)
        return None

    def error(self, node: Node) -> float:
        """How far the values are from the wanted ones, relative to the largest."""
        worst = 0.0
        for spot, wanted in zip(self.spots, self.wanted, strict=True):
            found = spot.value(node)
            if found is None or found.shape != wanted.shape:
                return float("inf")
            size = float(np.max(np.abs(wanted), initial=0.0))
            difference = float(np.max(np.abs(found - wanted), initial=0.0))
            worst = max(worst, difference / size if size else (float("inf") if difference else 0.0))
            if worst > self.tolerance:
                return worst
        return worst

    def dimensions(self) -> list[int]:
        """Every size of an array at hand."""
        shapes = [array.shape for array in self.spots[0].arrays.values()]
        return list(dict.fromkeys(n for shape in shapes for n in shape))


def forms_of(node: Node) -> list[Node]:
    """The formula as it is, and with its products multiplied out: a term can be lost in either."""
    found = [node]
    expanded = _expanded(node)
    if expanded != node or str(expanded) != str(node):
        found.append(expanded)
    return found


def _expanded(node: Node) -> Node:
    """Sums inside of a product distributed over it."""
    if isinstance(node, Sum):
        return add(*(scaled(c, _expanded(t)) for c, t in node.terms))
    factors = [*_factors(node)]
    for i, factor in enumerate(factors):
        terms = _terms(factor)
        if len(terms) > 1:
            rest = [multiply(*factors[:i], term, *factors[i + 1 :]) for term in terms]
            return add(*(_expanded(r) for r in rest))
    return node


def _factors(node: Node) -> list[Node]:
    return [Number(node.coefficient), *node.scalars, *node.chain] if isinstance(node, Product) else [node]


def _terms(node: Node) -> list[Node]:
    return [scaled(c, t) for c, t in terms_of(node)]


def closest_edit(right: Node, spots: Sequence[Spot], wanted: Sequence[Array], tolerance: float) -> Edit | None:
    """The smallest edit of ``right`` with the wanted values at the spots, if one was found."""
    return Search(spots, wanted, tolerance).run(right)
