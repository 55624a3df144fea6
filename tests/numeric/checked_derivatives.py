"""Derivatives found in other ways, to hold the kernels against, and numbers with fifty digits."""

from __future__ import annotations

import importlib
import itertools
from collections.abc import Callable
from typing import Any

import numpy as np

from mccli.numeric.kernels.arrays import Array

mp: Any = importlib.import_module("mpmath")  # it has no type hints

STEP = 1e-20
Function = Callable[[Array], Array]


def complex_step(f: Function, x: Array, e: Array) -> Array:
    value = f(x + 1j * STEP * e)
    assert value.dtype == np.complex128
    np.testing.assert_allclose(value.real, f(x), rtol=1e-12, atol=1e-14)
    return np.asarray(value.imag / STEP)


def richardson(f: Function, x: Array, e: Array, h: float = 1e-2) -> Array:
    """Central differences at h, h/2, h/4, h/8, extrapolated."""
    row = [(f(x + h / 2**i * e) - f(x - h / 2**i * e)) / (2 * h / 2**i) for i in range(4)]
    for j in range(1, 4):
        row = [(4**j * fine - coarse) / (4**j - 1) for coarse, fine in itertools.pairwise(row)]
    return np.asarray(row[0])


def assert_derivative(f: Function, x: Array, e: Array) -> None:
    expected = richardson(f, x, e)
    scale = max(1.0, float(np.max(np.abs(expected))))
    np.testing.assert_allclose(complex_step(f, x, e), expected, rtol=0, atol=2e-9 * scale)


def relative(a: Array, b: Array) -> float:
    return float(np.max(np.abs(a - b)) / max(float(np.max(np.abs(b))), 1e-300))


def precise(a: Array) -> Any:
    return mp.matrix(a.tolist())


def rounded(a: Any) -> Array:
    return np.array([[float(mp.re(a[i, j])) for j in range(a.cols)] for i in range(a.rows)])
