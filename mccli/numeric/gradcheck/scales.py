"""How far an entry may move: its own size, or the typical size of its array."""

from __future__ import annotations

import numpy as np

from mccli.numeric.gradcheck.problem import Array

DECADES = 6
"""An array that spans more than so many decades has no typical size: each entry stands for itself."""

FEW = 10
"""Of more entries, a tenth at either end is left aside: among a million random numbers some are tiny by chance."""


def entry_scales(x: Array) -> Array:
    """max(abs x_i, median abs x); each abs x_i where they span more than six decades; 1 where all are zero."""
    size = np.abs(x).astype(float)
    used = size[size > 0]
    if not used.size:
        return np.ones_like(size)
    middle = float(np.median(size)) or float(np.median(used))
    tail = 0.1 if used.size > FEW else 0.0
    low, high = np.quantile(used, [tail, 1 - tail])
    if high > 10.0**DECADES * low:
        return np.asarray(np.where(size > 0, size, middle))
    return np.asarray(np.maximum(size, middle))
