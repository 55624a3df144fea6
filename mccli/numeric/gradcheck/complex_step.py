"""The complex step, where it was seen to work.

f'(x) = Im f(x + ih)/h is exact to rounding (W. Squire and G. Trapp, SIAM Review 40 (1998)) if every operation in f is
analytic. NumPy has many that are not (abs, vdot, norm, slogdet, cholesky, eigvalsh, ...) and most of them say nothing.
So each result is held against differences of the same line, and the method is only used for an argument where two
random directions agreed and none disagreed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mccli.numeric.gradcheck.ladder import Slope
from mccli.numeric.gradcheck.noise import EPS
from mccli.numeric.gradcheck.problem import Array, Direction
from mccli.numeric.gradcheck.spot import Spot

STEP = 1e-30
NEEDED = 2
AGREES, AGREES_RELATIVELY = 10.0, 1e-9
SAME_VALUE = 1e3
ROUNDINGS = 16.0


@dataclass
class ComplexTrust:
    """Whether the complex step has been seen to work for one argument."""

    agreed: int = 0
    refused: str = ""

    @property
    def verified(self) -> bool:
        """Two directions agreed, none disagreed."""
        return not self.refused and self.agreed >= NEEDED

    def compare(self, found: Array | None, slope: Slope) -> None:
        """Hold a complex slope against differences."""
        if found is None:
            self.refused = self.refused or "f does not take complex numbers"
            return
        allowed = np.maximum(AGREES * slope.error, AGREES_RELATIVELY * np.abs(slope.value))
        if not np.all(np.abs(found - slope.value) <= allowed):
            self.refused = self.refused or "it disagrees with differences"
            return
        # agreement with a poor estimate proves nothing
        if np.all(slope.error <= 1e-4 * np.maximum(np.abs(slope.value), np.abs(found))) or not np.any(slope.value):
            self.agreed += 1


def complex_slope(spot: Spot, direction: Direction) -> Array | None:
    """The slope by a complex step; None where f has no complex value, or another real part."""
    found = spot.complex_slope(direction, STEP)
    if found is None:
        return None
    real, imaginary = found
    near = np.abs(real - spot.center) <= SAME_VALUE * (EPS * np.abs(spot.center) + spot.noise.level)
    return imaginary if np.all(near) and np.all(np.isfinite(imaginary)) else None


def complex_error(value: Array, rounding: Array) -> Array:
    """Rounding of the value, and of a sum such as the claim's (which has the same terms)."""
    return np.asarray(ROUNDINGS * EPS * np.abs(value) + rounding)
