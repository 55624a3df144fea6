"""f along a direction as one polynomial: it shows jumps, and the slope from some distance.

The Chebyshev coefficients of a smooth function fall to its rounding (L. N. Trefethen, Approximation Theory and
Approximation Practice (2013), chapter 8); small jumps, as a solver makes them where the number of its iterations
changes, keep them from it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.polynomial import chebyshev

from mccli.numeric.gradcheck.ladder import Rung, Slope, take_rung
from mccli.numeric.gradcheck.noise import EPS
from mccli.numeric.gradcheck.probes import Measured
from mccli.numeric.gradcheck.problem import Array

NODES, MORE_NODES = 21, 25
NEAR, WIDE = 0.1, 0.5
"""How far along the direction, on both sides."""

PLATEAU, DEEP, LOUD = 0.2, 1e-6, 30.0
AFAR, CLOSE = (1e-3, 1e-4), 0.1
"""Steps at which ripples hardly show, and how near to the claim they must be, in units of the disagreement."""

RIPPLE = 3.0
"""Noise is taken to be so many times what it adds to a coefficient."""

FITS = 30.0
"""An interpolated slope counts if its error is so many times smaller than the disagreement."""


@dataclass(frozen=True)
class Interpolated:
    """f along a direction, up to some reach on both sides, as a series of Chebyshev polynomials."""

    reach: float
    coefficients: Array
    size: Array

    def sizes(self) -> tuple[Array, Array, Array]:
        """Of the first coefficients, of some in the middle, and of the last."""
        sizes = np.abs(self.coefficients)
        head, middle, tail = (np.max(s, axis=0) for s in (sizes[:5], sizes[-7:-4], sizes[-4:]))
        return head, middle, tail

    def jump(self, measured: Measured) -> float:
        """Where coefficients fall by much at first, and then no further although there is no noise yet."""
        head, middle, tail = self.sizes()
        noise = np.maximum(measured.spot.noise.level, EPS * self.size)
        seen = (middle <= DEEP * head) & (tail >= PLATEAU * middle) & (tail > LOUD * noise)
        fails = measured.fails
        return float(np.min(np.where(seen, tail, 0.0)[fails] / measured.difference[fails]))

    def unseen(self, measured: Measured) -> float:
        """How large a jump may be that is not seen, as a part of the disagreement; infinite where f is not resolved."""
        _, middle, tail = self.sizes()
        noise = np.maximum(measured.spot.noise.level, EPS * self.size)
        fails, falls = measured.fails, (tail < PLATEAU * middle) | (tail <= LOUD * noise)
        return float(np.max(np.where(falls, tail, np.inf)[fails] / measured.difference[fails]))

    def derivative(self) -> tuple[Array, Array]:
        """The slope at 0 and its error."""
        *_, tail = self.sizes()
        derivative = chebyshev.chebval(0.0, chebyshev.chebder(self.coefficients)) / self.reach
        error = len(self.coefficients) ** 2 * np.maximum(tail, EPS * self.size) / self.reach
        return np.asarray(derivative), np.asarray(error)

    def noise(self) -> Array:
        """The size of ripples that are too short for the polynomial."""
        return RIPPLE * self.sizes()[2]

    def slope(self, measured: Measured) -> Slope | None:
        """The slope at 0; None where the last coefficients are too large for it."""
        found = self.nearest()
        return found if np.all((found.error <= measured.difference / FITS)[measured.fails]) else None

    def nearest(self) -> Slope:
        """The slope at 0, as good as it is."""
        derivative, error = self.derivative()
        return Slope(derivative, error, self.reach / len(self.coefficients))


def interpolated(measured: Measured, reach: float, count: int = NODES) -> Interpolated | None:
    """Evaluate f at Chebyshev points (the middle one is the point itself); None outside the domain."""
    nodes = np.cos(np.pi * (np.arange(count) + 0.5) / count)
    half, line = count // 2, measured.spot.line(measured.direction)
    found = line([float(t) for t in reach * np.delete(nodes, half)])
    values = [v for v in (*found[:half], measured.spot.center, *found[half:]) if v is not None]
    if len(values) < count or not np.all(np.isfinite(values)):
        return None
    stacked = np.stack(values)
    return Interpolated(reach, chebyshev.chebfit(nodes, stacked, count - 1), np.max(np.abs(stacked), axis=0))


def seen_from_afar(measured: Measured, rungs: Sequence[Rung]) -> Interpolated | None:
    """f from some distance, where ripples do not show, if its slope is then what is claimed.

    It cannot be that if differences at steps that are small, but not too small, are not near to it.
    """
    fails, said = measured.fails, measured.said.value
    line = measured.spot.line(measured.direction)
    seen: list[Rung | None] = [*sorted((r for r in rungs if r.step >= AFAR[-1]), key=lambda r: r.step)[: len(AFAR)]]
    seen = seen or [take_rung(line, step) for step in AFAR]
    near = [r is not None and np.all((np.abs(r.slope - said) < CLOSE * measured.difference)[fails]) for r in seen]
    found = interpolated(measured, NEAR, MORE_NODES) if all(near) else None
    if found is None:
        return None
    derivative, error = found.derivative()
    fits = (np.abs(derivative - said) <= error) & (error <= measured.difference / FITS)
    return found if np.all(fits[fails]) else None
