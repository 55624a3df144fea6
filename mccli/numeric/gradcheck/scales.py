"""How far an entry may move: its own size, or the typical size of its array."""

from __future__ import annotations

import numpy as np

from mccli.numeric.gradcheck.problem import Array

DECADES = 6
"""An array that spans more than so many decades has no typical size: each entry stands for itself."""


def entry_scales(x: Array) -> Array:
    """max(abs x_i, median abs x); each abs x_i where they span more than six decades; 1 where all are zero."""
    size = np.abs(x).astype(float)
    used = size[size > 0]
    if not used.size:
        return np.ones_like(size)
    middle = float(np.median(size)) or float(np.median(used))
    if used.max() > 10.0**DECADES * used.min():
        return np.where(size > 0, size, middle)
    return np.maximum(size, middle)
