"""One derivative at one point: what the user has, what it is, and how well that is known.

Small derivatives are compared entry by entry. Of large ones only slopes along a few random directions are known; a
repaired gradient is then compared by its products with these directions. Everything else is the same for both.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from mccli.numeric.gradcheck.noise import EPS, SINGLE_EPS
from mccli.numeric.gradcheck.problem import Arguments, Array

ROUNDINGS = 16.0
FLOOR = 1e-11
"""A repair is as good as this, relative to the largest entry, whatever the numerical error says: the user's own
formula has rounding of its own."""

SINGLE_FLOOR = 1e-6
TELLING = 30.0
"""The error must fall below the error before by more than this to mean anything."""

Gauge = Callable[[Array], tuple[Array, Array]]
"""What is measured of a whole derivative, and the size of the terms in each measurement."""


@dataclass(frozen=True)
class Comparison:
    """How far an array is from the numerical derivative, and whether that is nothing."""

    error: float
    passes: bool


@dataclass(eq=False)
class View:
    """The numbers at one point. ``yours`` may have any shape, ``shape`` is the right one."""

    name: str
    arguments: Arguments
    value: Array
    yours: Array | None
    shape: tuple[int, ...]
    numeric: Array
    error: Array
    tolerance: Array
    scale: Array
    gauge: Gauge
    whole: Array | None = None
    """The numerical derivative in its shape, where all of it is known."""

    uncertainty: Array | None = None
    single: bool = False
    """Whether the user's numbers are float32."""

    expressions: dict[str, dict[str, Array]] = field(default_factory=dict)
    """Candidates built from the arguments at this point, made once."""

    @property
    def fits(self) -> bool:
        """Whether the user's array has the right shape and is finite."""
        return self.yours is not None and self.yours.shape == self.shape and bool(np.all(np.isfinite(self.yours)))

    @property
    def size(self) -> float:
        """The largest measurement, in units of the argument."""
        return float(np.max(np.abs(self.numeric) * self.scale, initial=0.0))

    @property
    def floor(self) -> float:
        """What is nothing, relative to the largest entry."""
        return SINGLE_FLOOR if self.single else FLOOR

    @property
    def small(self) -> bool:
        """Whether every entry is known."""
        return self.whole is not None

    def allowed(self, terms: Array) -> Array:
        """How far off each measurement of a repaired derivative may be."""
        precision = SINGLE_EPS if self.single else EPS
        return np.asarray(self.tolerance + ROUNDINGS * precision * terms + self.floor * self.size / self.scale)

    def compare(self, array: Array | None) -> Comparison:
        """Hold an array against the numerical derivative."""
        if array is None or array.shape != self.shape or not np.all(np.isfinite(array)):
            return Comparison(float("inf"), False)
        found, terms = self.gauge(array)
        off = np.abs(found - self.numeric)
        size = self.size or float(np.max(np.abs(found) * self.scale, initial=0.0)) or 1.0
        error = float(np.max(off * self.scale, initial=0.0)) / size
        return Comparison(error, bool(np.all(off <= self.allowed(terms))))

    def yours_compared(self) -> Comparison:
        """The user's array as it is."""
        return self.compare(self.yours)

    @property
    def coarseness(self) -> float:
        """The tolerance, relative to the size of the derivative."""
        return float(np.max(self.tolerance * self.scale, initial=0.0)) / (self.size or 1.0)


def entrywise(keep: Array, project: Callable[[Array], Array]) -> Gauge:
    """Entries themselves, those whose numerical value is known; ``project`` leaves what a symmetric argument shows."""

    def measured(array: Array) -> tuple[Array, Array]:
        flat = project(array).reshape(-1)[keep]
        return flat, np.abs(flat)

    return measured


def along(directions: Array) -> Gauge:
    """Products with directions, one a row."""

    sizes = np.abs(directions)

    def measured(array: Array) -> tuple[Array, Array]:
        flat = array.reshape(-1)
        return directions @ flat, sizes @ np.abs(flat)

    return measured
