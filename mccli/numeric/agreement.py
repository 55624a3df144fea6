"""Whether two computations agree: relative to what was expected, and to rounding where terms cancel.

A difference within the tolerance is agreement. A larger one is put to two tests before it counts as an
error. First, inputs that differ in their last digits: a difference no larger than what those change is
rounding. Second, if what was expected is tiny beside the value of the function (a saturated function, a
gradient that vanishes), the point is called doubtful and another one is to be tried.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mccli.numeric.sample import Point

Array = NDArray[Any]
Pairs = Callable[[Point], list[tuple[Array, Array]]]
"""Expected and found arrays at a point."""

JITTERS, JITTER, NOISE_MARGIN = 3, 1e-13, 30.0
DOUBTFUL = 1e-6
NEGLIGIBLE = 1e-12


@dataclass(frozen=True)
class Agreement:
    """The worst relative error, whether the point is a doubtful one, and whether the difference is negligible there."""

    error: float
    doubtful: bool = False
    negligible: bool = False

    @property
    def final_error(self) -> float:
        """The error when no better point is to be had."""
        return 0.0 if self.doubtful and self.negligible else self.error


def compare(pairs: Pairs, point: Point, tolerance: float, size: float) -> Agreement:
    """Compare the pairs at a point; ``size`` is the magnitude of the function's value there."""
    with np.errstate(all="ignore"):
        at_point = pairs(point)
        error = max(relative(found, expected) for expected, found in at_point)
        if error <= tolerance:
            return Agreement(error)
        if _is_rounding(pairs, point, at_point):
            return Agreement(0.0)
        expected_size = max(float(np.max(np.abs(expected))) for expected, _ in at_point)
        difference = max(float(np.max(np.abs(found - expected))) for expected, found in at_point)
        return Agreement(error, expected_size <= DOUBTFUL * size, difference <= NEGLIGIBLE * size)


def relative(found: Array, expected: Array) -> float:
    """Largest deviation relative to the largest expected entry; infinite if anything is not finite."""
    if not (np.all(np.isfinite(found)) and np.all(np.isfinite(expected))):
        return float("inf")
    scale = float(np.max(np.abs(expected)))
    difference = float(np.max(np.abs(found - expected)))
    return difference / scale if scale else (float("inf") if difference else 0.0)


def _is_rounding(pairs: Pairs, point: Point, at_point: list[tuple[Array, Array]]) -> bool:
    """Whether moving the inputs in their last digits changes the results as much as they differ."""
    nearby = [pairs(_jittered(point, number)) for number in range(JITTERS)]
    for i, (expected, found) in enumerate(at_point):
        noise = max(max(_distance(n[i][0], expected), _distance(n[i][1], found)) for n in nearby)
        if not (np.isfinite(noise) and _distance(found, expected) <= NOISE_MARGIN * noise):
            return False
    return True


def _distance(a: Array, b: Array) -> float:
    return float(np.max(np.abs(a - b)))


def _jittered(point: Point, number: int) -> Point:
    """The point with every array scaled by 1 + 1e-13 or so, which keeps every structure."""
    rng = np.random.default_rng(number)
    arrays = {name: array * (1 + JITTER * rng.normal()) for name, array in point.arrays.items()}
    return Point(point.sizes, arrays)
