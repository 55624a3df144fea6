"""How far an entry may move: its own size, or the typical size of its array."""

from __future__ import annotations

import numpy as np

from mccli.numeric.gradcheck.problem import Array

DECADES = 6
"""An array that spans more than so many decades has no typical size: each entry stands for itself."""

FEW = 10
"""Of more entries, a tenth at either end is left aside: among a million random numbers some are tiny by chance."""


SAMPLE = 20_000
"""Of more numbers, so many drawn at random tell where the middle is."""


def some_of(numbers: Array) -> Array:
    """The numbers, or enough of them for a quantile."""
    if numbers.size <= SAMPLE:
        return numbers
    return np.asarray(numbers.reshape(-1)[np.random.default_rng(0).integers(0, numbers.size, SAMPLE)])


def entry_scales(x: Array) -> Array:
    """max(abs x_i, median abs x); each abs x_i where they span more than six decades; 1 where all are zero."""
    size = np.abs(x).astype(float)
    used = size[size > 0]
    if not used.size:
        return np.ones_like(size)
    middle = float(np.median(some_of(size))) or float(np.median(some_of(used)))
    tail = 0.1 if used.size > FEW else 0.0
    low, high = np.quantile(some_of(used), [tail, 1 - tail])
    if high > 10.0**DECADES * low:
        return np.asarray(np.where(size > 0, size, middle))
    return np.asarray(np.maximum(size, middle))
