"""The noise level of a function from a table of differences.

ECnoise: J. J. Moré and S. M. Wild, Estimating computational noise, SIAM J. Sci. Comput. 33 (2011). Differences of
order k of a smooth function at close points vanish; what is left is noise, and its k-th differences have the variance
sigma^2 (2k)!/(k!)^2. The level is believed where three orders in a row agree.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import comb

import numpy as np

from mccli.numeric.gradcheck.problem import Array

POINTS = 7
SPACING = 1e-12
COARSE_SPACING = 1e-6
"""For values that do not move at 1e-12: float32 inside, or a large offset."""

AGREEMENT = 4.0
EPS = float(np.finfo(float).eps)
SINGLE_EPS = float(np.finfo(np.float32).eps)

Line = Callable[[list[float]], list["Array | None"]]
"""Values of the function along a direction, flat; None where there is none."""


@dataclass(frozen=True)
class Noise:
    """The noise of each output, and whether it is that of float32."""

    level: Array
    single: bool = False

    def floor(self, values: Array) -> Array:
        """The level, at least the rounding of the values themselves."""
        return np.asarray(np.maximum(self.level, EPS / 2 * np.abs(values)))

    def widened(self, other: Noise) -> Noise:
        """The larger of two measurements."""
        return Noise(np.maximum(self.level, other.level), self.single or other.single)


def measure(line: Line, center: Array, single: bool = False) -> Noise | None:
    """The noise along a line: at spacing 1e-12, and coarser where the values stick to each other."""
    values = sample(line, SPACING, center)
    if values is None:
        return None
    if _stuck(values) and not np.all(values == 0):
        coarse = sample(line, COARSE_SPACING, center)
        values = values if coarse is None else coarse
    level = table_level(values)
    singles = single or _fills_single(values)
    if singles:
        level = np.maximum(level, SINGLE_EPS / 2 * np.max(np.abs(values), axis=0))
    return Noise(level, singles)


def sample(line: Line, spacing: float, center: Array) -> Array | None:
    """Values at equal spacing from 0 on, where it is ``center``, one row a point; None if one is missing.

    On one side, for a kink at 0 is no noise.
    """
    found = [v for v in (center, *line([spacing * k for k in range(1, POINTS)])) if v is not None]
    if len(found) < POINTS:
        return None
    table = np.stack(found).astype(float)
    return table if np.all(np.isfinite(table)) else None


def table_level(values: Array, smooth: bool = False) -> Array:
    """Noise of each column of values at equal spacing; ``smooth`` trusts the last orders too, which have few values."""
    sigmas, turns = [], []
    size = float(np.max(np.abs(values), initial=0.0)) or 1.0
    differences = values / size  # their squares must not overflow
    with np.errstate(over="ignore"):
        for order in range(1, POINTS):
            differences = np.diff(differences, axis=0)
            sigmas.append(np.sqrt(np.mean(differences**2, axis=0) / comb(2 * order, order)) * size)
            turns.append(np.any(differences > 0, axis=0) & np.any(differences < 0, axis=0))
    return _typical(_believed(np.stack(sigmas), np.stack(turns), smooth), values)


def _believed(sigmas: Array, turns: Array, smooth: bool) -> Array:
    """The first order that agrees with the two above it and changes sign; else the least that two orders share."""
    # orders 5 and 6 have two differences and one: too few to stand alone, unless the spacing is coarse
    last = len(sigmas) if smooth else len(sigmas) - 1
    level = np.min(np.maximum(sigmas[1 : last - 1], sigmas[2:last]), axis=0)
    for order in range(len(sigmas) - 3, -1, -1):
        three = sigmas[order : order + 3]
        agree = np.max(three, axis=0) <= AGREEMENT * np.min(three, axis=0)
        level = np.where(agree & turns[order], sigmas[order], level)
    return np.asarray(level)


def _typical(level: Array, values: Array) -> Array:
    """With many outputs, none is quieter (relative to its size) than the middle one: seven points are few."""
    size = np.max(np.abs(values), axis=0)
    relative = np.divide(level, size, out=np.zeros_like(level), where=size > 0)
    return np.asarray(np.maximum(level, np.median(relative) * size)) if level.size > 2 else level


def _fills_single(values: Array) -> bool:
    """Numbers that fit into float32 and need most of its 24 binary digits (round numbers do not)."""
    with np.errstate(over="ignore"):
        fits = bool(np.all(values.astype(np.float32) == values))
    mantissa = np.frexp(values)[0] * 2.0**19
    return fits and bool(np.any(mantissa != np.rint(mantissa)))


def _stuck(values: Array) -> bool:
    """Whether most outputs take at most three different values."""
    distinct = 1 + np.count_nonzero(np.diff(np.sort(values, axis=0), axis=0), axis=0)
    return bool(np.median(distinct) <= 3)
