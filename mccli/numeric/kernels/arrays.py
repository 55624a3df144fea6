"""What all kernels share: arrays of one type, demands on their shape, derivatives to first order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array: TypeAlias = NDArray[Any]


def numeric(x: ArrayLike) -> Array:
    """``x`` as a float64 or complex128 array; integers become floats."""
    values = np.asarray(x)
    return values.astype(np.complex128 if np.iscomplexobj(values) else np.float64, copy=False)


def first_order(x: ArrayLike, value: Callable[[Array], Array], slope: Callable[[Array], Array]) -> Array:
    """``value(a) + i b slope(a)`` for ``x = a + ib``, ``value(x)`` for real x. Where b = 0 the slope is not used."""
    z = numeric(x)
    with np.errstate(all="ignore"):
        if not np.iscomplexobj(z):
            return value(z)
        out = np.empty(z.shape, dtype=np.complex128)
        out.real = value(z.real)
        out.imag = np.where(z.imag == 0, 0.0, z.imag * slope(z.real))
    return out


def require_square(x: Array, name: str) -> None:
    """Raise :class:`ValueError` unless ``x`` is a square matrix."""
    if x.ndim != 2 or x.shape[0] != x.shape[1]:
        raise ValueError(f"{name} needs a square matrix, not {' x '.join(map(str, x.shape))}")


def undefined(shape: tuple[int, ...], like: Array) -> Array:
    """An array of NaN of the given shape and the type of ``like``: the value outside the domain."""
    return np.full(shape, np.nan, dtype=like.dtype)


def as_scalar(value: Any) -> Array:
    """One number as a 1 x 1 array."""
    return np.asarray(value).reshape(1, 1)


def stacked_entries(x: ArrayLike) -> Array:
    """All entries in column-stacking order, one-dimensional."""
    return numeric(x).reshape(-1, order="F")
