"""Directional derivatives of a value by differences.

Complex step where every operation allows it: f'(x) = Im f(x + ih)/h, exact to rounding (Squire & Trapp
1998). Elsewhere central differences with Richardson extrapolation (Ridders 1982) and an error estimate.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Value = Callable[[Array], Array]

COMPLEX_STEP = 1e-30
RICHARDSON_START = 0.04
RICHARDSON_SHRINK = 1.6
RICHARDSON_ROWS = 9


def complex_step(value: Value, direction: Array) -> Array:
    """Derivative at 0 of t -> value(t*direction), from one complex evaluation."""
    return np.asarray(np.imag(value(1j * COMPLEX_STEP * direction)) / COMPLEX_STEP)


def richardson(value: Value, direction: Array) -> tuple[Array, float]:
    """Derivative at 0 of t -> value(t*direction) by Ridders' tableau, with an estimate of its error."""
    factor = RICHARDSON_SHRINK**2
    previous: list[Array] = []
    best: Array | None = None
    error = np.inf
    step = RICHARDSON_START
    for _ in range(RICHARDSON_ROWS):
        row = [np.asarray((value(step * direction) - value(-step * direction)) / (2 * step))]
        power = factor
        for older in previous:
            row.append(np.asarray((power * row[-1] - older) / (power - 1)))
            power *= factor
            size = float(max(np.max(np.abs(row[-1] - row[-2])), np.max(np.abs(row[-1] - older))))
            if size <= error:
                error, best = size, row[-1]
        if best is None:
            best = row[0]
        previous = row
        step /= RICHARDSON_SHRINK
    assert best is not None
    return best, error
