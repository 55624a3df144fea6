"""Sums along diagonals, products that follow a pattern, stacking, and constant matrices."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mccli.numeric.kernels.arrays import Array, numeric, require_square, stacked_entries

# --- sums along diagonals, gaps, products -------------------------------------------------------------------------


def toepsum(x: ArrayLike) -> Array:
    """The Toeplitz matrix whose k-th diagonal holds the sum of the k-th diagonal of x (Matrix Cookbook 143)."""
    z = numeric(x)
    out = np.zeros_like(z)
    offset = np.subtract.outer(-np.arange(z.shape[0]), -np.arange(z.shape[1]))
    for k in range(1 - z.shape[0], z.shape[1]):
        out[offset == k] = np.sum(z[offset == k])
    return out


def circsum(x: ArrayLike) -> Array:
    """The circulant matrix that holds, where j - i = k (mod n), the sum of x over these places.

    Raises ValueError if not square.
    """
    z = numeric(x)
    require_square(z, "circsum")
    n = len(z)
    out = np.zeros_like(z)
    offset = np.subtract.outer(-np.arange(n), -np.arange(n)) % n
    for k in range(n):
        out[offset == k] = np.sum(z[offset == k])
    return out


def offinv(d: ArrayLike) -> Array:
    """F_ij = 1/(d_j - d_i) off the diagonal and 0 on it; infinite where two entries coincide."""
    v = stacked_entries(d)
    gap = v[None, :] - v[:, None]
    np.fill_diagonal(gap, 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        out = np.asarray(1 / gap)
    np.fill_diagonal(out, 0)
    return out


def divdiff(w: ArrayLike, f: ArrayLike, df: ArrayLike) -> Array:
    """(f_i - f_j)/(w_i - w_j) off the diagonal and df_i on it; where w_i = w_j the mean of df_i and df_j, the limit."""
    knots, values, slopes = (stacked_entries(v) for v in (w, f, df))
    gap = knots[:, None] - knots[None, :]
    rise = values[:, None] - values[None, :]
    mean = (slopes[:, None] + slopes[None, :]) / 2
    return np.asarray(np.where(gap == 0, mean, rise / np.where(gap == 0, 1, gap)))


def kron(a: ArrayLike, b: ArrayLike) -> Array:
    """The Kronecker product."""
    return np.asarray(np.kron(numeric(a), numeric(b)))


def khatri_rao(a: ArrayLike, b: ArrayLike) -> Array:
    """The columnwise Kronecker product, (mp) x n for m x n and p x n. Raises ValueError if the columns do not match."""
    x, y = numeric(a), numeric(b)
    if x.shape[1] != y.shape[1]:
        raise ValueError(f"khatri_rao needs as many columns on both sides, not {x.shape[1]} and {y.shape[1]}")
    return np.asarray((x[:, None, :] * y[None, :, :]).reshape(-1, x.shape[1]))


def conv(w: ArrayLike, x: ArrayLike) -> Array:
    """The full convolution of two vectors, a column of length k + n - 1."""
    return np.convolve(stacked_entries(w), stacked_entries(x)).reshape(-1, 1)


def convmtx(w: ArrayLike, n: int) -> Array:
    """The (k + n - 1) x n Toeplitz matrix T with T x = conv(w, x) for every x of length n."""
    v = stacked_entries(w)
    out = np.zeros((v.size + n - 1, n), dtype=v.dtype)
    for j in range(n):
        out[j : j + v.size, j] = v
    return out


def sqdist(x: ArrayLike, y: ArrayLike) -> Array:
    """||row i of x - row j of y||^2, n x m for n x d and m x d. Raises ValueError if the columns do not match."""
    a, b = numeric(x), numeric(y)
    if a.shape[1] != b.shape[1]:
        raise ValueError(f"sqdist needs as many columns on both sides, not {a.shape[1]} and {b.shape[1]}")
    return np.asarray(np.sum((a[:, None, :] - b[None, :, :]) ** 2, axis=2))


# --- stacking, unit vectors, constant matrices --------------------------------------------------------------------


def vec(x: ArrayLike) -> Array:
    """The columns of x on top of one another, mn x 1."""
    return stacked_entries(x).reshape(-1, 1)


def unvec(v: ArrayLike, m: int, n: int) -> Array:
    """The m x n matrix with vec(unvec(v, m, n)) = v. Raises ValueError if v does not have mn entries."""
    return stacked_entries(v).reshape((m, n), order="F")


def _lower(n: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Rows and columns of the lower triangle in the order of vech: column by column."""
    columns, rows = np.triu_indices(n)
    return rows, columns


def vech(x: ArrayLike) -> Array:
    """The columns of the lower triangle on top of one another, n(n+1)/2 x 1. Raises ValueError if not square."""
    z = numeric(x)
    require_square(z, "vech")
    return z[_lower(len(z))].reshape(-1, 1)


def unit(i: int, n: int) -> Array:
    """The i-th unit vector of length n, counted from 1. Raises ValueError unless 1 <= i <= n."""
    if not 1 <= i <= n:
        raise ValueError(f"unit({i}, {n}): the first argument must lie between 1 and {n}")
    out = np.zeros((n, 1))
    out[i - 1, 0] = 1.0
    return out


def commutation(m: int, n: int) -> Array:
    """K with K vec(A) = vec(A') for every m x n matrix A (Magnus & Neudecker, 3.7)."""
    out = np.zeros((m * n, m * n))
    i, j = np.indices((m, n))
    out[(j + n * i).ravel(), (i + m * j).ravel()] = 1.0
    return out


def duplication(n: int) -> Array:
    """D with D vech(S) = vec(S) for every symmetric n x n matrix S (Magnus & Neudecker, 3.8)."""
    rows, columns = _lower(n)
    out = np.zeros((n * n, rows.size))
    place = np.arange(rows.size)
    out[rows + n * columns, place] = 1.0
    out[columns + n * rows, place] = 1.0
    return out


def elimination(n: int) -> Array:
    """L with L vec(A) = vech(A) for every n x n matrix A (Magnus & Neudecker 1980)."""
    rows, columns = _lower(n)
    out = np.zeros((rows.size, n * n))
    out[np.arange(rows.size), rows + n * columns] = 1.0
    return out


def diagsel(n: int) -> Array:
    """S with S vec(A) = diag(A) for every n x n matrix A."""
    out = np.zeros((n, n * n))
    place = np.arange(n)
    out[place, place * (n + 1)] = 1.0
    return out
