"""Derivatives of a record's function by differences, knowing nothing of any rule.

First derivatives along a direction by the complex step where the function is analytic, by Richardson
extrapolation elsewhere; second ones by Richardson over the first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mccli.expressions.properties import LINEAR_SPACES
from mccli.expressions.tree import Symbol
from mccli.numeric.differences import complex_step, richardson
from mccli.numeric.evaluate import is_analytic
from mccli.numeric.records.places import RecordPoint

Array = NDArray[Any]
Directions = Mapping[str, Array]
"""A direction for every variable that moves, by name."""


class Slopes:
    """Directional derivatives of a record's function at a point."""

    def __init__(self, point: RecordPoint) -> None:
        self.point = point
        self.expression = point.statement.expression
        self.complex = point.statement.record.field == "complex"
        self.analytic = is_analytic(self.expression) and not self.complex

    def first(self, directions: Directions) -> Array:
        """dF along the directions."""
        return self._slope(self._along(directions, {}), 1.0)

    def second(self, one: Directions, other: Directions) -> Array:
        """d²F along two directions."""

        def first_at(step: Array) -> Array:
            moved = {name: self.point.arrays[name] + step * d for name, d in other.items()}
            return self._slope(self._along(one, moved), 1.0)

        return richardson(first_at, np.array(1.0))[0]

    def _along(self, directions: Directions, moved: Directions) -> Callable[[Array], Array]:
        start = {name: moved.get(name, self.point.arrays[name]) for name in {*directions, *moved}}

        def value(step: Array) -> Array:
            changed = {name: start[name] + step * d for name, d in directions.items()}
            return self.point.value(self.expression, {**start, **changed})

        return value

    def _slope(self, value: Callable[[Array], Array], unit: float) -> Array:
        if self.analytic:
            return complex_step(value, np.array(unit))
        return richardson(value, np.array(unit))[0]


def basis(variable: Symbol, point: RecordPoint) -> Iterator[tuple[tuple[int, int], Array]]:
    """A basis of the space that a variable is declared to be in: the leading entry and the direction.

    In the order of vec; for symmetric matrices that of vech.
    """
    shape = point.arrays[variable.name].shape
    space = variable.properties & LINEAR_SPACES
    for j in range(shape[1]):
        for i in range(shape[0]):
            unit = np.zeros(shape)
            unit[i, j] = 1.0
            if "diagonal" in space:
                kept = i == j
            elif "symmetric" in space:
                kept = i >= j
                unit[j, i] = 1.0
            elif "skew" in space:
                kept = i > j
                unit[j, i] = -1.0
            elif "lower" in space or "upper" in space:
                kept = i >= j if "lower" in space else i <= j
            else:
                kept = True
            if kept:
                yield (i, j), unit


def everywhere(shape: tuple[int, int]) -> Iterator[tuple[tuple[int, int], Array]]:
    """The unit matrices of a shape, in the order of vec."""
    for j in range(shape[1]):
        for i in range(shape[0]):
            unit = np.zeros(shape)
            unit[i, j] = 1.0
            yield (i, j), unit
