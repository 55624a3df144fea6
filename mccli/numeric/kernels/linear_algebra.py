"""Determinants, inverses and factorisations."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mccli.numeric.kernels.arrays import Array, as_scalar, numeric, require_square, undefined

# --- determinants and inverses ------------------------------------------------------------------------------------


def _exchange(stack: Array, row: int, others: NDArray[np.intp]) -> Array:
    """Swap, in every matrix of the stack, ``row`` with its own ``others``; -1 where something moved, else 1."""
    every = np.arange(len(stack))
    moved = stack[every, others].copy()
    stack[every, others] = stack[:, row]
    stack[:, row] = moved
    return np.where(others == row, 1.0, -1.0)


def _determinants(matrices: Array) -> Array:
    """det of every matrix of a stack k x n x n: product of the pivots (Golub & Van Loan, 3.4).

    Unlike np.linalg.det it does not take a logarithm in between, so a 1 x 1 matrix is its own determinant.
    """
    stack = matrices.copy()
    result = np.ones(len(stack), dtype=stack.dtype)
    for k in range(stack.shape[1]):
        largest = k + np.argmax(np.abs(stack[:, k:, k]), axis=1)
        result = result * _exchange(stack, k, largest)
        pivot = stack[:, k, k]
        with np.errstate(over="ignore", invalid="ignore"):
            result = result * pivot
        factor = stack[:, k + 1 :, k] / np.where(pivot == 0, 1, pivot)[:, None]
        stack[:, k + 1 :, k:] -= factor[:, :, None] * stack[:, None, k, k:]
    return result


def det(x: ArrayLike) -> Array:
    """The determinant, 1 x 1, by Gaussian elimination with partial pivoting. Raises ValueError if not square."""
    z = numeric(x)
    require_square(z, "det")
    return as_scalar(_determinants(z[None])[0])


def logdet(x: ArrayLike) -> Array:
    """log |det x|, 1 x 1; -inf for a singular matrix. Raises ValueError if not square.

    The derivative of a complex step sits in the phase of the determinant, that the modulus alone would lose.
    """
    z = numeric(x)
    require_square(z, "logdet")
    phase, size = np.linalg.slogdet(z)
    if not np.iscomplexobj(z):
        return as_scalar(size)
    if np.isneginf(np.linalg.slogdet(z.real)[1]):
        return as_scalar(np.complex128(-np.inf))
    return as_scalar(complex(float(size), math.atan(phase.imag / phase.real) if phase.real else math.nan))


def inv(x: ArrayLike) -> Array:
    """The inverse; NaN for a singular matrix. Raises ValueError if not square."""
    z = numeric(x)
    require_square(z, "inv")
    return solve(z, np.eye(len(z)))


def solve(a: Array, b: Array) -> Array:
    """The solution of a x = b; NaN if a is exactly singular."""
    try:
        return np.asarray(np.linalg.solve(a, b))
    except np.linalg.LinAlgError:
        return undefined((a.shape[1], b.shape[1]), a)


def adj(x: ArrayLike) -> Array:
    """The adjugate, x adj(x) = det(x) I, by cofactors: also for singular matrices. Raises ValueError if not square."""
    z = numeric(x)
    require_square(z, "adj")
    n = len(z)
    rest = [np.delete(np.arange(n), i) for i in range(n)]
    minors = np.array([z[np.ix_(rest[j], rest[i])] for i in range(n) for j in range(n)]).reshape(n * n, n - 1, n - 1)
    checkerboard = (-1.0) ** np.add.outer(np.arange(n), np.arange(n))
    return np.asarray(checkerboard * _determinants(minors).reshape(n, n))


def pinv(x: ArrayLike) -> Array:
    """The Moore-Penrose inverse: (x'x)^-1 x' or x'(xx')^-1 for full rank, with one step of refinement.

    Below full rank it is discontinuous: the value of a real matrix then comes from the SVD (np.linalg.pinv), and a
    complex step gives NaN.
    """
    z = numeric(x)
    if z.shape[0] < z.shape[1]:
        return pinv(z.T).T
    if np.linalg.matrix_rank(z.real) < z.shape[1]:
        return undefined((z.shape[1], z.shape[0]), z) if np.iscomplexobj(z) else np.asarray(np.linalg.pinv(z))
    rough = solve(z.T @ z, z.T)
    return np.asarray(rough + (np.eye(z.shape[1]) - rough @ z) @ rough)


# --- factorisations -----------------------------------------------------------------------------------------------


def chol(x: ArrayLike) -> Array:
    """The lower Cholesky factor of the symmetric part (x + x')/2; NaN if that is not positive definite.

    Both triangles count, so the derivative along a direction is that along its symmetric part (Golub & Van Loan, 4.2).
    Raises ValueError if not square.
    """
    z = numeric(x)
    require_square(z, "chol")
    s = (z + z.T) / 2
    factor = np.zeros_like(s)
    for j in range(len(s)):
        pivot = s[j, j] - factor[j, :j] @ factor[j, :j]
        if not pivot.real > 0:
            return undefined(s.shape, s)
        factor[j, j] = np.sqrt(pivot)
        factor[j + 1 :, j] = (s[j + 1 :, j] - factor[j + 1 :, :j] @ factor[j, :j]) / factor[j, j]
    return factor


def _qr(x: ArrayLike) -> tuple[Array, Array]:
    """Thin QR of a tall matrix by Gram-Schmidt, each column twice (Golub & Van Loan, 5.2); NaN below full rank.

    np.linalg.qr conjugates, so a complex step could not pass through it.
    """
    z = numeric(x)
    m, n = z.shape
    q, r = z.copy(), np.zeros((n, n), dtype=z.dtype)
    if m < n or np.linalg.matrix_rank(z.real) < n:
        return undefined(q.shape, z), undefined(r.shape, z)
    for j in range(n):
        for _ in range(2):
            along = q[:, :j].T @ q[:, j]
            q[:, j] -= q[:, :j] @ along
            r[:j, j] += along
        r[j, j] = np.sqrt(q[:, j] @ q[:, j])
        q[:, j] /= r[j, j]
    return q, r


def qrQ(x: ArrayLike) -> Array:
    """The factor of x = Q R with orthonormal columns, m x n for a tall x of full rank, else NaN."""
    return _qr(x)[0]


def qrR(x: ArrayLike) -> Array:
    """The upper triangular factor of x = Q R with a positive diagonal, n x n for a tall x of full rank, else NaN."""
    return _qr(x)[1]


def _lu(x: ArrayLike, name: str) -> tuple[Array, Array]:
    """x = L U without pivoting (Golub & Van Loan, 3.2); NaN where a leading minor is 0."""
    z = numeric(x)
    require_square(z, name)
    lower, upper = np.eye(len(z), dtype=z.dtype), z.copy()
    for k in range(len(z)):
        if upper[k, k] == 0:
            return undefined(z.shape, z), undefined(z.shape, z)
        lower[k + 1 :, k] = upper[k + 1 :, k] / upper[k, k]
        upper[k + 1 :, k:] -= lower[k + 1 :, k : k + 1] * upper[k, k:]
    return lower, np.triu(upper)


def luL(x: ArrayLike) -> Array:
    """The lower factor of x = L U without pivoting, with ones on its diagonal. ValueError if not square."""
    return _lu(x, "luL")[0]


def luU(x: ArrayLike) -> Array:
    """The upper factor of x = L U without pivoting. ValueError if not square."""
    return _lu(x, "luU")[1]


def _real_only(x: ArrayLike, name: str) -> Array:
    z = numeric(x)
    if np.iscomplexobj(z) and np.any(z.imag != 0):
        raise ValueError(f"{name} is real only: a complex step cannot pass through it")
    return np.ascontiguousarray(z.real)


def _orientation(vectors: Array) -> Array:
    """+-1 for every column: makes its product with fixed positive weights positive.

    The weights have no pattern, so that the columns of structured matrices, (1, -1)/sqrt 2 say, do not sit on the
    edge where the sign jumps.
    """
    weights = 1.0 + np.modf(np.arange(1, len(vectors) + 1) * 0.6180339887498949)[0]
    return np.where(weights @ vectors < 0, -1.0, 1.0)


def _symmetric_part(x: ArrayLike, name: str) -> Array:
    z = _real_only(x, name)
    require_square(z, name)
    return (z + z.T) / 2


def eigs(x: ArrayLike) -> Array:
    """The eigenvalues of the symmetric part (x + x')/2, ascending, n x 1. Real only; ValueError if not square."""
    s = _symmetric_part(x, "eigs")
    return np.asarray(np.linalg.eigvalsh(s)).reshape(-1, 1) if np.all(np.isfinite(s)) else undefined((len(s), 1), s)


def eigvecs(x: ArrayLike) -> Array:
    """Unit eigenvectors of the symmetric part in the columns, in the order of eigs, with a deterministic sign.

    Real only; ValueError if not square.
    """
    s = _symmetric_part(x, "eigvecs")
    if not np.all(np.isfinite(s)):
        return undefined(s.shape, s)
    vectors = np.linalg.eigh(s)[1]
    return np.asarray(vectors * _orientation(vectors))


def _svd(x: ArrayLike, name: str) -> tuple[Array, Array, Array]:
    z = _real_only(x, name)
    k = min(z.shape)
    if not np.all(np.isfinite(z)):
        return undefined((z.shape[0], k), z), undefined((k, 1), z), undefined((z.shape[1], k), z)
    u, s, vt = np.linalg.svd(z, full_matrices=False)
    flip = _orientation(u)
    return u * flip, s.reshape(-1, 1), vt.T * flip


def svdU(x: ArrayLike) -> Array:
    """Left singular vectors of the thin SVD, m x min(m, n), with a deterministic sign. Real only."""
    return _svd(x, "svdU")[0]


def svdS(x: ArrayLike) -> Array:
    """Singular values, descending, min(m, n) x 1. Real only."""
    return _svd(x, "svdS")[1]


def svdV(x: ArrayLike) -> Array:
    """Right singular vectors of the thin SVD, n x min(m, n); x = U diag(s) V'. Real only."""
    return _svd(x, "svdV")[2]


def _largest_real(x: ArrayLike, name: str) -> tuple[float, Array]:
    """The largest real eigenvalue and a unit right eigenvector, with a deterministic sign; NaN if none is real."""
    z = _real_only(x, name)
    require_square(z, name)
    if not np.all(np.isfinite(z)):
        return math.nan, undefined((len(z), 1), z)
    values, vectors = np.linalg.eig(z)
    real = np.where(np.isreal(values), values.real, -np.inf)
    chosen = int(np.argmax(real))
    if not np.isfinite(real[chosen]):
        return math.nan, undefined((len(z), 1), z)
    vector = vectors[:, chosen : chosen + 1].real
    return float(real[chosen]), vector * _orientation(vector)


def eigval_general(x: ArrayLike) -> Array:
    """The largest real eigenvalue of any square matrix, 1 x 1. Real only; ValueError if not square."""
    return as_scalar(_largest_real(x, "eigval_general")[0])


def eigvec_right(x: ArrayLike) -> Array:
    """The unit v with x v = eigval_general(x) v, n x 1, with a deterministic sign. Real only."""
    return _largest_real(x, "eigvec_right")[1]


def eigvec_left(x: ArrayLike) -> Array:
    """The unit w with w'x = eigval_general(x) w', n x 1, with a deterministic sign. Real only."""
    return _largest_real(numeric(x).T, "eigvec_left")[1]


def _largest_pair(a: ArrayLike, b: ArrayLike, name: str) -> tuple[Array, Array]:
    """The largest l with a v = l b v and its v with v'b v = 1, from L^-1 a L^-T where b = L L'."""
    s, factor = _symmetric_part(a, name), chol(_real_only(b, name))
    if not (np.all(np.isfinite(s)) and np.all(np.isfinite(factor))):
        return undefined((1, 1), s), undefined((len(s), 1), s)
    values, vectors = np.linalg.eigh(solve(factor, solve(factor, s).T))
    vector = solve(factor.T, vectors[:, -1:])
    return as_scalar(values[-1]), vector * _orientation(vector)


def eigval_generalized(a: ArrayLike, b: ArrayLike) -> Array:
    """The largest l with a v = l b v, 1 x 1, for symmetric a and positive definite b (else NaN). Real only."""
    return _largest_pair(a, b, "eigval_generalized")[0]


def eigvec_generalized(a: ArrayLike, b: ArrayLike) -> Array:
    """The v with a v = eigval_generalized(a, b) b v and v'b v = 1, with a deterministic sign. Real only."""
    return _largest_pair(a, b, "eigvec_generalized")[1]
