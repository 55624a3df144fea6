"""Square arguments of a special form, which can hide an error of a gradient or make a right one look wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from mccli.numeric.gradcheck.problem import Array


@dataclass(frozen=True)
class Structure:
    """A linear space of square matrices, by its projection."""

    name: str
    project: Callable[[Array], Array]

    def holds(self, x: Array) -> bool:
        """Whether a (stack of) square matrices lies in the space."""
        return bool(np.allclose(self.project(x), x, rtol=1e-12, atol=0.0))


def transposed(x: Array) -> Array:
    """The last two axes swapped."""
    return np.swapaxes(x, -1, -2)


SYMMETRIC = Structure("symmetric", lambda v: (v + transposed(v)) / 2)
DIAGONAL = Structure("diagonal", lambda v: v * np.eye(v.shape[-1]))
LOWER = Structure("lower triangular", np.tril)
UPPER = Structure("upper triangular", np.triu)
SKEW = Structure("skew-symmetric", lambda v: (v - transposed(v)) / 2)

STRUCTURES = (DIAGONAL, SYMMETRIC, SKEW, LOWER, UPPER)
"""The narrower first."""


def is_square(x: Array) -> bool:
    """A matrix, or a stack of them, of more than one row."""
    return x.ndim >= 2 and x.shape[-1] == x.shape[-2] > 1


def structure_of(x: Array) -> Structure | None:
    """The form of a square argument; none for zeros, which have them all."""
    if not is_square(x) or not np.any(x):
        return None
    return next((s for s in STRUCTURES if s.holds(x)), None)


def is_symmetric(x: Array) -> bool:
    """Symmetric and not merely zero."""
    return is_square(x) and bool(np.any(x)) and SYMMETRIC.holds(x)


def degenerate(x: Array) -> str | None:
    """What makes a point one at which errors hide, said in a few words."""
    if x.size < 2:
        return "is zero" if x.size and not np.any(x) else None
    if not np.any(x):
        return "is zero everywhere"
    if is_square(x) and np.array_equal(x, np.broadcast_to(np.eye(x.shape[-1]), x.shape)):
        return "is the identity"
    if np.all(x == x.flat[0]):
        return "has all entries equal"
    found = structure_of(x)
    if found is not None:
        return f"is {found.name}"
    if x.ndim == 2 and min(x.shape) > 1 and _repeats(x):
        return "has repeated rows or columns"
    return None


def _repeats(x: Array) -> bool:
    if x.size > 10**6:
        return False
    return any(np.unique(x, axis=axis).shape[axis] < x.shape[axis] for axis in (0, 1))
