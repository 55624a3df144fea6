"""Many candidates against what is known at one point, all at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mccli.numeric.diagnose.view import View
from mccli.numeric.gradcheck.problem import Array

ROUNDING = 1e-14


def measured(view: View, arrays: Sequence[Array]) -> Array:
    """What the view sees of each array, one a row."""
    if not arrays:
        return np.zeros((0, view.numeric.size))
    return np.stack([view.gauge(a)[0] for a in arrays])


def proportional(target: Array, allowed: Array, table: Array) -> tuple[Array, Array]:
    """For each row t the number c for which c t is nearest to the target, and whether the rest is nothing."""
    with np.errstate(all="ignore"):
        weight = np.min(allowed) / allowed
        weighted = table * weight
        c = (weighted @ (weight * target)) / np.sum(weighted**2, axis=1)
        slack = allowed + ROUNDING * np.abs(c)[:, None] * np.max(np.abs(table), axis=1, initial=0.0)[:, None]
        passes = np.all(np.abs(target - c[:, None] * table) <= slack, axis=1)
    return c, passes & np.isfinite(c) & (c != 0)


def factor(target: Array, allowed: Array, row: Array) -> float:
    """The same for a single row, without the verdict; NaN for zeros."""
    c, _ = proportional(target, allowed, row[None, :])
    return float(c[0])
