"""The softmax family, norms, and the place of the largest entry."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from mccli.numeric.kernels.arrays import Array, as_scalar, numeric, stacked_entries
from mccli.numeric.kernels.special import abs_

# --- softmax family -----------------------------------------------------------------------------------------------


def _shifted(x: ArrayLike, axis: int | None) -> tuple[Array, Array]:
    """``x - m`` and m, the largest real part along the axis (0 where it is infinite)."""
    z = numeric(x)
    top = np.max(z.real, axis=axis, keepdims=True)
    top = np.where(np.isinf(top), 0.0, top)
    return np.asarray(z - top), top


def _softmax(x: ArrayLike, axis: int | None) -> Array:
    with np.errstate(invalid="ignore", divide="ignore"):
        weights = np.exp(_shifted(x, axis)[0])
        return np.asarray(weights / np.sum(weights, axis=axis, keepdims=True))


def _logsumexp(x: ArrayLike, axis: int | None) -> Array:
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        moved, top = _shifted(x, axis)
        return np.asarray(top + np.log(np.sum(np.exp(moved), axis=axis, keepdims=True)))


def softmax(x: ArrayLike) -> Array:
    """exp(x)/sum(exp(x)) over all entries, in the shape of x (a column gives a column)."""
    return _softmax(x, None)


def softmax_rows(x: ArrayLike) -> Array:
    """softmax of every row."""
    return _softmax(x, 1)


def softmax_cols(x: ArrayLike) -> Array:
    """softmax of every column."""
    return _softmax(x, 0)


def logsumexp(x: ArrayLike) -> Array:
    """log(sum(exp(x))) over all entries, 1 x 1; shifted by the largest, so that it does not overflow."""
    return _logsumexp(x, None)


def logsumexp_rows(x: ArrayLike) -> Array:
    """logsumexp of every row, m x 1."""
    return _logsumexp(x, 1)


def logsumexp_cols(x: ArrayLike) -> Array:
    """logsumexp of every column, 1 x n."""
    return _logsumexp(x, 0)


def logsoftmax(x: ArrayLike) -> Array:
    """log softmax(x) = x - logsumexp(x) over all entries, in the shape of x."""
    with np.errstate(invalid="ignore", divide="ignore"):
        moved, _ = _shifted(x, None)
        return np.asarray(moved - np.log(np.sum(np.exp(moved))))


# --- norms --------------------------------------------------------------------------------------------------------


def _power_of_two(size: Array) -> Array:
    """The power of two just below ``size``, 1 for 0, inf and NaN: division by it is exact and prevents overflow."""
    usual = np.isfinite(size) & (size > 0)
    exponent = np.frexp(np.where(usual, size, 1.0))[1] - 1
    return np.where(usual, np.ldexp(1.0, exponent), 1.0)


def _norms(x: ArrayLike, axis: int | None) -> Array:
    z = numeric(x)
    largest = np.max(np.abs(z.real), axis=axis, keepdims=True)
    scale = _power_of_two(largest)
    total = np.sqrt(np.sum((z / scale) ** 2, axis=axis, keepdims=True))
    return np.where(largest == 0, 0, scale * total)


def norm2(x: ArrayLike) -> Array:
    """sqrt of the sum of the squares of all entries, 1 x 1: the 2-norm of a vector, the Frobenius norm of a matrix.

    The derivative at 0 is taken as 0.
    """
    return _norms(x, None)


def rownorms(x: ArrayLike) -> Array:
    """The 2-norm of every row, m x 1."""
    return _norms(x, 1)


def colnorms(x: ArrayLike) -> Array:
    """The 2-norm of every column, as a column n x 1 (so that diag(1./colnorms(X)) is n x n)."""
    return _norms(numeric(x).T, 1)


def norm1(x: ArrayLike) -> Array:
    """The sum of the absolute values of all entries, 1 x 1 (for a matrix too, not the induced norm)."""
    return as_scalar(np.sum(abs_(x)))


def norminf(x: ArrayLike) -> Array:
    """The largest absolute value, 1 x 1; the first one carries the derivative in a tie."""
    size = abs_(x).reshape(-1, order="F")
    return as_scalar(size[np.argmax(size.real)])


def normp(x: ArrayLike, p: ArrayLike) -> Array:
    """(sum |x|^p)^(1/p) over all entries, 1 x 1; p > 0, and p may carry a derivative. Zero entries contribute 0.

    Raises ValueError if p is not a scalar.
    """
    size, power = abs_(x), stacked_entries(p)
    if power.size != 1:
        raise ValueError("normp needs a scalar p")
    top = np.max(size.real)
    if top == 0:
        return as_scalar(np.zeros((), dtype=np.result_type(size, power)))
    scale = _power_of_two(top)
    kept = size[size.real != 0] / scale
    return as_scalar(scale * np.sum(kept**power) ** (1.0 / power))


def indmax(x: ArrayLike) -> Array:
    """1 at the entry with the largest real part, 0 elsewhere, in the shape of x; the first in column order in a tie."""
    z = numeric(x)
    flat = np.zeros(z.size, dtype=z.dtype)
    flat[np.argmax(stacked_entries(z).real)] = 1
    return flat.reshape(z.shape, order="F")
