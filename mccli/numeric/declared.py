"""Concrete stand-ins for declared functions, so that a derivation with an abstract L or φ can be checked.

A stand-in is smooth, far from symmetric, different for every name, and has exact derivatives. A formula
that holds for every function holds for it; one that does not hold in general fails on it.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
WAVES = 4


def _generator(name: str, size: int) -> np.random.Generator:
    return np.random.default_rng(zlib.crc32(f"{name}:{size}".encode()))


def declared_value(
    name: str, kind: str, order: int, out: tuple[int, int], x: Array, weights: Array | None = None
) -> Array:
    """The value of a declared function or of a derivative of it at ``x``, in the shape ``out``.

    The Hessians of the entries of an array are added up with ``weights``.
    """
    if weights is not None:
        return _weighted_hessians(name, x, weights)
    return _KINDS[kind](name, order, x, out)


def _scalar(name: str, order: int, x: Array, out: tuple[int, int]) -> Array:
    """L(x) = Σ_k a_k sin(b_k'x + c_k), its gradient, its Hessian in vec order."""
    v = x.reshape(-1, 1, order="F")
    rng = _generator(name, v.shape[0])
    a, b, c = rng.normal(size=(WAVES, 1)), rng.normal(size=(WAVES, v.shape[0])), rng.normal(size=(WAVES, 1))
    inside = b @ v + c
    if order == 0:
        return np.asarray(np.sum(a * np.sin(inside)).reshape(1, 1) + 3.0)
    if order == 1:
        return np.asarray((b.T @ (a * np.cos(inside))).reshape(x.shape, order="F"))
    return np.asarray(-(b.T * (a * np.sin(inside))[:, 0]) @ b)


def _elementwise(name: str, order: int, x: Array, out: tuple[int, int]) -> Array:
    """φ(t) = sin(a t + b) + c t² + 1.5 t; derivatives of every order are exact."""
    a, b, c = _generator(name, 0).uniform(0.4, 1.2, size=3)
    wave = a**order * np.sin(a * x + b + order * np.pi / 2)
    polynomial = {0: c * x * x + 1.5 * x, 1: 2 * c * x + 1.5, 2: 2 * c + 0 * x}.get(order, 0 * x)
    return np.asarray(wave + polynomial)


def _array(name: str, order: int, x: Array, out: tuple[int, int]) -> Array:
    """g(x) = A sin(B vec x + c) in the shape ``out``; its Jacobian of vec by vec."""
    a, b, inside = _waves(name, x, out[0] if order else out[0] * out[1])
    if order == 0:
        return np.asarray((a @ np.sin(inside)).reshape(out, order="F"))
    return np.asarray((a * np.cos(inside).T) @ b)


def _weighted_hessians(name: str, x: Array, weights: Array) -> Array:
    """The sum of w_i times the Hessian of the i-th entry of g, both in vec order."""
    w = weights.reshape(-1, 1, order="F")
    a, b, inside = _waves(name, x, w.shape[0])
    return np.asarray(-(b.T * ((a.T @ w) * np.sin(inside))[:, 0]) @ b)


def _waves(name: str, x: Array, rows: int) -> tuple[Array, Array, Array]:
    """A, B and B vec x + c of a function with ``rows`` entries."""
    v = x.reshape(-1, 1, order="F")
    rng = _generator(name, rows * 1000 + v.shape[0])
    a, b, c = rng.normal(size=(rows, WAVES)), rng.normal(size=(WAVES, v.shape[0])), rng.normal(size=(WAVES, 1))
    return a, b, np.asarray(b @ v + c)


_KINDS: dict[str, Callable[[str, int, Array, tuple[int, int]], Array]] = {
    "scalar": _scalar,
    "elementwise": _elementwise,
    "array": _array,
}
