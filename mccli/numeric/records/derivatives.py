"""Derivatives of a record's function by differences, knowing nothing of any rule.

First derivatives along a direction by the complex step where the function is analytic, by Richardson
extrapolation elsewhere; second ones by Richardson over the first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

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
        return self._slope(self._along(directions, {}))

    def second(self, one: Directions, other: Directions) -> Array:
        """d²F along two directions."""

        def first_at(step: Array) -> Array:
            moved = {name: self.point.arrays[name] + step * d for name, d in other.items()}
            return self._slope(self._along(one, moved))

        return self._by_differences(first_at)

    def _along(self, directions: Directions, moved: Directions) -> Callable[[Array], Array]:
        start = {name: moved.get(name, self.point.arrays[name]) for name in {*directions, *moved}}

        def value(step: Array) -> Array:
            changed = {name: start[name] + step * d for name, d in directions.items()}
            return self.point.value(self.expression, {**start, **changed})

        return value

    def _slope(self, value: Callable[[Array], Array]) -> Array:
        return complex_step(value, np.array(1.0)) if self.analytic else self._by_differences(value)

    def _by_differences(self, value: Callable[[Array], Array]) -> Array:
        """The derivative by steps that are small beside the entries."""
        scale = self.point.scale
        return richardson(value, np.array(scale))[0] / scale
