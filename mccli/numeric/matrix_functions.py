"""Functions of matrices, their Fréchet derivatives, and linear matrix equations.

Everything takes float64 and complex128 and stays in one arithmetic, so that ``f(X + ihE)`` carries the Fréchet
derivative of f at X along E in its imaginary part. In particular sin and cos do not use exp(iX), which would mix
the two imaginary units. Iterations go on for some steps after the value has converged: the derivative follows one
step behind.

Source: N. J. Higham, Functions of Matrices: Theory and Computation, SIAM 2008, cited as FM.

Where a function is not defined (or a matrix equation is singular) the result is NaN, as is the result for input that
is not finite. Shapes that do not fit raise :class:`ValueError`.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from mccli.numeric.kernels.arrays import Array, numeric, require_square, undefined
from mccli.numeric.kernels.linear_algebra import inv, solve

# fmt: off
PADE_13_INTEGERS = (
    64764752532480000.0, 32382376266240000.0, 7771770303897600.0, 1187353796428800.0, 129060195264000.0,
    10559470521600.0, 670442572800.0, 33522128640.0, 1323241920.0, 40840800.0, 960960.0, 16380.0, 182.0, 1.0,
)
# fmt: on
PADE_13 = tuple(b / PADE_13_INTEGERS[0] for b in PADE_13_INTEGERS)
"""Coefficients of the [13/13] Padé approximant of exp (FM, table 10.4), divided by the first: exp(0) is exact."""

THETA_13 = 5.371920351148152
"""Largest 1-norm for which the [13/13] Padé approximant of exp is exact to double precision (FM, table 10.2)."""

LOG_NODES = 16
LOG_RADIUS = 0.5
"""The [16/16] Padé approximant of log(I + X) is exact to double precision up to ||X|| = 0.74 (FM, table 11.1)."""

STEP_SIZE = 1e-6
SMALLEST = 1e-18
"""An imaginary part below STEP_SIZE times the real part, or below SMALLEST, is a complex step: branches ignore it."""

SMALL_DIRECTION = 2.0**20
"""Fréchet derivatives divide the direction until it is smaller than X by this factor, and multiply it back."""

EXTRA_STEPS = 3
MOST_STEPS = 100
EPS = float(np.finfo(np.float64).eps)


def _square(x: ArrayLike, name: str) -> Array:
    z = numeric(x)
    require_square(z, name)
    return z


def _norm(x: Array) -> float:
    """The induced 1-norm, for decisions only."""
    return float(np.max(np.sum(np.abs(x), axis=0), initial=0.0))


def _finite(x: Array) -> bool:
    return bool(np.all(np.isfinite(x)))


# --- exponential, sine, cosine ------------------------------------------------------------------------------------


def _pade_exponential(x: Array) -> Array:
    """The [13/13] Padé approximant of exp (FM, 10.33)."""
    b, one = PADE_13, np.eye(len(x))
    x2 = x @ x
    x4 = x2 @ x2
    x6 = x4 @ x2
    odd = x6 @ (b[13] * x6 + b[11] * x4 + b[9] * x2) + b[7] * x6 + b[5] * x4 + b[3] * x2 + b[1] * one
    even = x6 @ (b[12] * x6 + b[10] * x4 + b[8] * x2) + b[6] * x6 + b[4] * x4 + b[2] * x2 + b[0] * one
    odd = x @ odd
    return solve(even - odd, even + odd)


def _expm(x: Array) -> Array:
    if not _finite(x):
        return undefined(x.shape, x)
    squarings = max(0, math.ceil(math.log2(max(_norm(x), 1.0) / THETA_13)))
    with np.errstate(over="ignore", invalid="ignore"):
        out = _pade_exponential(x * 2.0**-squarings)
        for _ in range(squarings):
            out = out @ out
    return out


def expm(x: ArrayLike) -> Array:
    """The matrix exponential by scaling and squaring with a Padé approximant (FM, algorithm 10.20).

    Raises ValueError if not square.
    """
    return _expm(_square(x, "expm"))


def _cosine_sine(x: Array) -> tuple[Array, Array]:
    """Cosine and sine from exp([[0, X], [-X, 0]]) = [[cos X, sin X], [-sin X, cos X]]: no imaginary unit."""
    zero = np.zeros_like(x)
    n = len(x)
    both = _expm(np.block([[zero, x], [-x, zero]]))
    return both[:n, :n], both[:n, n:]


def cosm(x: ArrayLike) -> Array:
    """The matrix cosine, the real part of exp(iX) for real X (FM, 12). Raises ValueError if not square."""
    return _cosine_sine(_square(x, "cosm"))[0]


def sinm(x: ArrayLike) -> Array:
    """The matrix sine, the imaginary part of exp(iX) for real X (FM, 12). Raises ValueError if not square."""
    return _cosine_sine(_square(x, "sinm"))[1]


# --- square root and logarithm ------------------------------------------------------------------------------------


def _is_step(x: Array) -> bool:
    """Whether the imaginary part is that of a complex step (or absent)."""
    if not np.iscomplexobj(x):
        return True
    return float(np.max(np.abs(x.imag))) <= max(STEP_SIZE * float(np.max(np.abs(x.real))), SMALLEST)


def _has_principal(x: Array) -> bool:
    """Finite, numerically invertible, and no eigenvalue on the negative real axis (FM, theorems 1.29 and 1.31)."""
    if not _finite(x):
        return False
    w = np.linalg.eigvals(x.real if _is_step(x) else x)
    small = len(x) * EPS * float(np.max(np.abs(w), initial=0.0))
    on_cut = (w.real <= 0) & (np.abs(w.imag) <= small)
    return not bool(np.any(on_cut | (np.abs(w) <= small)))


def _scaling(m: Array) -> float:
    """|det M|^(-1/2n), which speeds up the first steps (FM, 6.5); 1 once M is near the identity."""
    if _norm(m - np.eye(len(m))) < 1e-2:
        return 1.0
    size = float(np.linalg.slogdet(m)[1])
    return math.exp(-size / (2 * len(m))) if math.isfinite(size) else 1.0


def _denman_beavers(x: Array) -> Array:
    """The product form of the Denman-Beavers iteration (FM, 6.29), which is numerically stable."""
    one = np.eye(len(x))
    m, root, extra = x, x, EXTRA_STEPS
    for _ in range(MOST_STEPS):
        mu = _scaling(m)
        back = inv(m) / mu**2
        root = mu / 2 * (root @ (one + back))
        m = (one + (mu**2 * m + back) / 2) / 2
        extra -= int(_norm((m - one).real) <= 10 * len(x) * EPS)
        if extra == 0 or not _finite(m):
            break
    return np.asarray(root)


def _sqrtm(x: Array) -> Array:
    """The root, polished by one Newton step X D + D X = A - X^2 where the Kronecker system is small enough."""
    root = _denman_beavers(x)
    if _finite(root) and len(x) <= 12:
        change = sylvester(root, root, x - root @ root)
        root = root + change if _finite(change) else root
    good = _finite(root) and _norm((root @ root - x).real) <= 1e-6 * _norm(x.real)
    return root if good else undefined(x.shape, x)


def sqrtm(x: ArrayLike) -> Array:
    """The principal square root; NaN for singular matrices and for eigenvalues on the negative real axis.

    Product form of the Denman-Beavers iteration (FM, 6.29). Raises ValueError if not square.
    """
    z = _square(x, "sqrtm")
    return _sqrtm(z) if _has_principal(z) else undefined(z.shape, z)


def _pade_logarithm(x: Array) -> Array:
    """log(I + X) as a partial fraction: Gauss-Legendre quadrature of X (I + tX)^-1 on [0, 1] (FM, 11.18)."""
    nodes, weights = np.polynomial.legendre.leggauss(LOG_NODES)
    one = np.eye(len(x))
    total = np.zeros_like(x)
    for t, w in zip((nodes + 1) / 2, weights / 2, strict=True):
        total = total + float(w) * solve(one + float(t) * x, x)
    return total


def _logm(x: Array) -> Array:
    one = np.eye(len(x))
    root, doublings = x, 0
    while _finite(root) and _norm((root - one) if not _is_step(root) else (root - one).real) > LOG_RADIUS:
        root, doublings = _sqrtm(root), doublings + 1
    return np.asarray(2.0**doublings * _pade_logarithm(root - one)) if _finite(root) else undefined(x.shape, x)


def logm(x: ArrayLike) -> Array:
    """The principal logarithm; NaN for singular matrices and for eigenvalues on the negative real axis.

    Inverse scaling and squaring: square roots until X is near I, then a Padé approximant (FM, 11.4, 11.5).
    Raises ValueError if not square.
    """
    z = _square(x, "logm")
    return _logm(z) if _has_principal(z) else undefined(z.shape, z)


def mpow(x: ArrayLike, k: int) -> Array:
    """The integer power X^k by repeated squaring; X^0 = I, and k < 0 powers the inverse (NaN for singular X).

    Raises ValueError if not square or if k is not an integer.
    """
    z = _square(x, "mpow")
    if int(k) != k:
        raise ValueError(f"mpow needs an integer exponent, not {k}")
    base = z if k >= 0 else inv(z)
    return np.asarray(np.linalg.matrix_power(base, abs(int(k))))


# --- Fréchet derivatives ------------------------------------------------------------------------------------------


def _pair(x: ArrayLike, e: ArrayLike, name: str) -> tuple[Array, Array]:
    z, direction = _square(x, name), numeric(e)
    if z.shape != direction.shape:
        raise ValueError(f"{name} needs a direction of the shape of X, not {direction.shape} for {z.shape}")
    return z, direction


def _frechet(function: Callable[[Array], Array], z: Array, e: Array) -> Array:
    """The top-right block of f([[X, E], [0, X]]) (FM, 3.16); E is scaled below the size of X."""
    size = float(np.max(np.abs(e), initial=0.0))
    if size == 0 or not math.isfinite(size):
        return np.asarray(0 * e * z)
    ratio = size / max(float(np.max(np.abs(z))), EPS)
    scale = SMALL_DIRECTION * 2.0 ** math.floor(math.log2(ratio))
    n = len(z)
    block = np.block([[z, e / scale], [np.zeros_like(z), z]])
    return np.asarray(scale * function(block)[:n, n:])


def frechet_expm(x: ArrayLike, e: ArrayLike) -> Array:
    """The Fréchet derivative of expm at X along E. Raises ValueError if the shapes do not fit."""
    return _frechet(_expm, *_pair(x, e, "frechet_expm"))


def frechet_sinm(x: ArrayLike, e: ArrayLike) -> Array:
    """The Fréchet derivative of sinm at X along E. Raises ValueError if the shapes do not fit."""
    return _frechet(lambda b: _cosine_sine(b)[1], *_pair(x, e, "frechet_sinm"))


def frechet_cosm(x: ArrayLike, e: ArrayLike) -> Array:
    """The Fréchet derivative of cosm at X along E. Raises ValueError if the shapes do not fit."""
    return _frechet(lambda b: _cosine_sine(b)[0], *_pair(x, e, "frechet_cosm"))


def frechet_logm(x: ArrayLike, e: ArrayLike) -> Array:
    """The Fréchet derivative of logm at X along E; NaN where logm is. Raises ValueError if the shapes do not fit."""
    z, direction = _pair(x, e, "frechet_logm")
    return _frechet(_logm, z, direction) if _has_principal(z) else undefined(z.shape, z)


def frechet_sqrtm(x: ArrayLike, e: ArrayLike) -> Array:
    """The Fréchet derivative L of sqrtm at X along E, which solves S L + L S = E with S = sqrtm(X) (FM, 6.1).

    NaN where sqrtm is. Raises ValueError if the shapes do not fit.
    """
    z, direction = _pair(x, e, "frechet_sqrtm")
    root = sqrtm(z)
    return sylvester(root, root, direction)


# --- linear matrix equations --------------------------------------------------------------------------------------


def _solve_vec(operator: Array, right: Array) -> Array:
    """Z of the shape of ``right`` with operator vec(Z) = vec(right)."""
    flat = solve(operator, right.reshape(-1, 1, order="F"))
    return flat.reshape(right.shape, order="F")


def sylvester(a: ArrayLike, b: ArrayLike, c: ArrayLike) -> Array:
    """Z with A Z + Z B = C, from (I kron A + B' kron I) vec Z = vec C: for small matrices (mn unknowns, dense).

    NaN if A and -B share an eigenvalue exactly. Raises ValueError if the shapes do not fit.
    """
    left, right, value = _square(a, "sylvester"), _square(b, "sylvester"), numeric(c)
    if value.shape != (len(left), len(right)):
        raise ValueError(f"sylvester needs C of shape {(len(left), len(right))}, not {value.shape}")
    operator = np.kron(np.eye(len(right)), left) + np.kron(right.T, np.eye(len(left)))
    return _solve_vec(operator, value)


def lyap(a: ArrayLike, q: ArrayLike) -> Array:
    """P with A P + P A' + Q = 0, the continuous Lyapunov equation. Raises ValueError if the shapes do not fit."""
    z = numeric(a)
    return sylvester(z, z.T, -numeric(q))


def stein(a: ArrayLike, q: ArrayLike) -> Array:
    """P with P = A P A' + Q, the discrete Lyapunov equation, from (I - A kron A) vec P = vec Q.

    NaN if a product of two eigenvalues is exactly 1. Raises ValueError if the shapes do not fit.
    """
    z, value = _pair(a, q, "stein")
    return _solve_vec(np.eye(len(z) ** 2) - np.kron(z, z), value)
