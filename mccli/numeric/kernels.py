"""Elementwise special functions and small array helpers, the leaves of every numerical evaluation.

Every value is a 2-D array: a column is n x 1, a row 1 x n, a scalar 1 x 1. Unless a docstring says *real only*, a
function takes float64 and complex128, and ``f(x + ih)`` carries the derivative in its imaginary part: nothing is
conjugated, transposes are plain, squares are summed without moduli, and branches look at the real part.

The special functions are evaluated to first order in the imaginary part, ``f(a) + i b f'(a)``. That is exact for a
complex step; it is not the analytic continuation of the function to the complex plane.

Outside the domain of a function the result is NaN (or a signed infinity where the limit is one). Only shapes that do
not fit raise, always :class:`ValueError`; the real-only functions also raise it for a nonzero imaginary part.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array: TypeAlias = NDArray[Any]

EULER_GAMMA = 0.57721566490153286061
SQRT_TWO_PI = 2.50662827463100050242
LOG_TWO = 0.69314718055994530942

BERNOULLI = (1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510)
"""B_2, B_4, ..., B_16 (Abramowitz & Stegun, table 23.2)."""

ASYMPTOTIC_FROM = 12.0
"""From here on eight terms of the series in 1/x of gammaln and its derivatives are exact to double precision."""

# fmt: off
ZETA_MINUS_ONE = (
    0.64493406684822643647, 0.2020569031595942854, 0.082323233711138191516, 0.036927755143369926331,
    0.017343061984449139715, 0.0083492773819228268398, 0.0040773561979443393787, 0.0020083928260822144179,
    0.00099457512781808533715, 0.0004941886041194645587, 0.00024608655330804829864, 0.00012271334757848914675,
    6.1248135058704829259e-05, 3.0588236307020493552e-05, 1.5282259408651871733e-05, 7.6371976378997622736e-06,
    3.8172932649998398565e-06, 1.9082127165539389257e-06, 9.5396203387279611315e-07, 4.7693298678780646312e-07,
    2.3845050272773299e-07, 1.1921992596531107307e-07, 5.9608189051259479612e-08, 2.9803503514652280186e-08,
    1.4901554828365041235e-08, 7.450711789835429492e-09,
)
# fmt: on
"""zeta(k) - 1 for k = 2, 3, ..., 27 (Abramowitz & Stegun, table 23.3)."""


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


def _scalar(value: Any) -> Array:
    return np.asarray(value).reshape(1, 1)


def _entries(x: ArrayLike) -> Array:
    """All entries in column-stacking order, one-dimensional."""
    return numeric(x).reshape(-1, order="F")


def _real_only(x: ArrayLike, name: str) -> Array:
    z = numeric(x)
    if np.iscomplexobj(z) and np.any(z.imag != 0):
        raise ValueError(f"{name} is real only: a complex step cannot pass through it")
    return np.ascontiguousarray(z.real)


# --- elementwise: kinks -------------------------------------------------------------------------------------------


def step(x: ArrayLike) -> Array:
    """1 where Re x > 0, else 0 (also at 0); NaN stays NaN. The imaginary part is 0."""
    z = numeric(x)
    return np.where(np.isnan(z), np.nan, z.real > 0).astype(z.dtype)


def sign(x: ArrayLike) -> Array:
    """-1, 0 or 1 by the real part; NaN stays NaN. The imaginary part is 0."""
    z = numeric(x)
    return np.where(np.isnan(z), np.nan, np.sign(z.real)).astype(z.dtype)


def abs_(x: ArrayLike) -> Array:
    """x sign(Re x): the absolute value of a real x, with derivative sign(x)."""
    z = numeric(x)
    return np.where(z.real < 0, -z, np.where(z.real == 0, 0, z))


def relu(x: ArrayLike) -> Array:
    """max(x, 0) by the real part; the derivative at 0 is taken as 0."""
    z = numeric(x)
    return np.where(z.real <= 0, 0, z)


def clip(x: ArrayLike, lo: ArrayLike, hi: ArrayLike) -> Array:
    """min(max(x, lo), hi) by the real parts; the bounds may be scalars or arrays and carry derivatives too."""
    z, low, high = numeric(x), numeric(lo), numeric(hi)
    raised = np.where(z.real < low.real, low, z)
    return np.where(raised.real > high.real, high, raised)


def huber(x: ArrayLike, c: ArrayLike) -> Array:
    """x^2/2 where |x| <= c, else c|x| - c^2/2 (Huber 1964); the derivative is clip(x, -c, c)."""
    size, bound = abs_(x), numeric(c)
    inner = np.where(size.real <= bound.real, size, bound)
    return np.asarray(inner * (size - inner / 2))


# --- elementwise: logistic family ---------------------------------------------------------------------------------


def _sigmoid(a: Array) -> Array:
    e = np.exp(-np.abs(a))
    return np.where(a >= 0, 1.0, e) / (1.0 + e)


def _softplus(a: Array) -> Array:
    return np.asarray(np.maximum(a, 0.0) + np.log1p(np.exp(-np.abs(a))))


def _silu_slope(a: Array) -> Array:
    return np.asarray(_sigmoid(a) * (1.0 + a * _sigmoid(-a)))


def _logcosh(a: Array) -> Array:
    size = np.abs(a)
    near = np.log1p(2.0 * np.sinh(np.minimum(size, 1.0) / 2.0) ** 2)
    return np.where(size < 1.0, near, size + np.log1p(np.exp(-2.0 * size)) - LOG_TWO)


def sigmoid(x: ArrayLike) -> Array:
    """1/(1 + exp(-x)); the derivative is s(1 - s), computed as s(x) s(-x)."""
    return first_order(x, _sigmoid, lambda a: np.asarray(_sigmoid(a) * _sigmoid(-a)))


def softplus(x: ArrayLike) -> Array:
    """log(1 + exp(x)); the derivative is sigmoid(x)."""
    return first_order(x, _softplus, _sigmoid)


def logsigmoid(x: ArrayLike) -> Array:
    """log sigmoid(x) = -softplus(-x); the derivative is sigmoid(-x)."""
    return first_order(x, lambda a: -_softplus(-a), lambda a: _sigmoid(-a))


def silu(x: ArrayLike) -> Array:
    """x sigmoid(x), also called swish."""
    return first_order(x, lambda a: np.asarray(a * _sigmoid(a)), _silu_slope)


def logcosh(x: ArrayLike) -> Array:
    """log cosh x; near 0 as log(1 + 2 sinh(x/2)^2), so that it keeps its relative accuracy. The derivative is tanh."""
    return first_order(x, _logcosh, lambda a: np.asarray(np.tanh(a)))


# --- elementwise: normal distribution -----------------------------------------------------------------------------


def _each(function: Callable[[float], float], a: Array) -> Array:
    """A scalar function of the standard library applied to every entry."""
    return np.array([function(v) for v in a.ravel().tolist()], dtype=np.float64).reshape(a.shape)


def _gaussian(a: Array) -> Array:
    """exp(-a^2/2), a^2 split into an exact part and a rest so that the exponent is not rounded (Cody 1969)."""
    clear = np.minimum(np.abs(a), 64.0)
    coarse = np.round(clear * 16.0) / 16.0
    return np.asarray(np.exp(-coarse * coarse / 2.0) * np.exp(-(clear - coarse) * (clear + coarse) / 2.0))


def _normpdf(a: Array) -> Array:
    return np.asarray(_gaussian(a) / SQRT_TWO_PI)


def _normcdf(a: Array) -> Array:
    return 0.5 * _each(math.erfc, -a / math.sqrt(2.0))


def erf(x: ArrayLike) -> Array:
    """The error function (DLMF 7.2.1); the derivative is 2/sqrt(pi) exp(-x^2)."""
    return first_order(x, lambda a: _each(math.erf, a), lambda a: 2.0 / math.sqrt(math.pi) * np.exp(-a * a))


def normcdf(x: ArrayLike) -> Array:
    """Phi(x) = erfc(-x/sqrt 2)/2 (DLMF 7.18); relative error about x^2 eps in the far lower tail."""
    return first_order(x, _normcdf, _normpdf)


def normpdf(x: ArrayLike) -> Array:
    """phi(x) = exp(-x^2/2)/sqrt(2 pi); the derivative is -x phi(x)."""
    return first_order(x, _normpdf, lambda a: -a * _normpdf(a))


def gelu(x: ArrayLike) -> Array:
    """x Phi(x), the exact form (Hendrycks & Gimpel 2016), not the one with tanh; as accurate as normcdf."""
    return first_order(x, lambda a: a * _normcdf(a), lambda a: _normcdf(a) + a * _normpdf(a))


# --- elementwise: gamma family ------------------------------------------------------------------------------------


def _polynomial(coefficients: tuple[float, ...], t: Array) -> Array:
    """c_0 + c_1 t + c_2 t^2 + ... by Horner's rule."""
    total = np.zeros_like(t)
    for c in reversed(coefficients):
        total = total * t + c
    return total


def _reflected(a: Array) -> tuple[Array, Array, Array]:
    """``a`` or 1 - a, whichever is positive, and sin and cos of pi (a - round a) for the reflection formulas."""
    turn = np.pi * (a - np.round(a))
    return np.where(a > 0, a, 1.0 - a), np.sin(turn), np.cos(turn)


def _pole(a: Array) -> Array:
    return np.asarray((a <= 0) & (a == np.round(a)))


def _raised(a: Array, power: int) -> tuple[Array, Array]:
    """``y = a + n`` with y >= ASYMPTOTIC_FROM, and the sum of 1/(a+k)^power, k < n, that the recurrence adds."""
    y, total = a.copy(), np.zeros_like(a)
    for _ in range(int(ASYMPTOTIC_FROM)):
        low = y < ASYMPTOTIC_FROM
        total += np.where(low, 1.0 / y**power, 0.0)
        y = np.where(low, y + 1.0, y)
    return y, total


def _gammaln_near(a: Array) -> Array:
    """log gamma(a), 0 < a < 12, from the series at 2 (Abramowitz & Stegun 6.1.33) and the recurrence 6.1.15."""
    nearest = np.round(a)
    up, down = np.ones_like(a), np.ones_like(a)
    for k in range(1, int(ASYMPTOTIC_FROM)):
        up = np.where(k <= nearest - 2, up * (a - k), up)
    for k in range(2):
        down = np.where(k < 2 - nearest, down * (a + k), down)
    t = a - nearest
    terms = tuple((-1) ** k * z / k for k, z in enumerate(ZETA_MINUS_ONE, start=2))
    return np.asarray(t * _polynomial((1.0 - EULER_GAMMA, *terms), t) + np.log(up) - np.log(down))


def _gammaln_far(a: Array) -> Array:
    """Stirling's series (Abramowitz & Stegun 6.1.40)."""
    terms = tuple(b / (2 * k * (2 * k - 1)) for k, b in enumerate(BERNOULLI, start=1))
    series = _polynomial(terms, 1.0 / (a * a)) / a
    value = a * (np.log(a) - 1.0) - 0.5 * np.log(a) + math.log(SQRT_TWO_PI) + series
    return np.where(np.isinf(a), np.inf, value)


def _gammaln(a: Array) -> Array:
    y, sine, _ = _reflected(a)
    value = np.where(y < ASYMPTOTIC_FROM, _gammaln_near(np.minimum(y, ASYMPTOTIC_FROM)), _gammaln_far(y))
    value = np.where(a > 0, value, math.log(math.pi) - np.log(np.abs(sine)) - value)
    return np.where(_pole(a) | np.isneginf(a), np.inf, value)


def _digamma(a: Array) -> Array:
    positive, sine, cosine = _reflected(a)
    y, added = _raised(positive, 1)
    terms = tuple(b / (2 * k) for k, b in enumerate(BERNOULLI, start=1))
    w = 1.0 / (y * y)
    value = np.log(y) - 0.5 / y - w * _polynomial(terms, w) - added
    return np.where(_pole(a), np.nan, np.where(a > 0, value, value - np.pi * cosine / sine))


def _trigamma(a: Array) -> Array:
    positive, sine, _ = _reflected(a)
    y, added = _raised(positive, 2)
    w = 1.0 / (y * y)
    value = (1.0 + 0.5 / y + w * _polynomial(BERNOULLI, w)) / y + added
    return np.where(_pole(a), np.inf, np.where(a > 0, value, (np.pi / sine) ** 2 - value))


def _tetragamma(a: Array) -> Array:
    """The derivative of trigamma, polygamma of order 2 (Abramowitz & Stegun 6.4.6, 6.4.7, 6.4.13)."""
    positive, sine, cosine = _reflected(a)
    y, added = _raised(positive, 3)
    w = 1.0 / (y * y)
    terms = tuple((2 * k + 1) * b for k, b in enumerate(BERNOULLI, start=1))
    value = -w * (1.0 + 1.0 / y + w * _polynomial(terms, w)) - 2.0 * added
    return np.where(_pole(a), np.nan, np.where(a > 0, value, value - 2.0 * (np.pi / sine) ** 3 * cosine))


def gammaln(x: ArrayLike) -> Array:
    """log |gamma(x)|, +inf at 0, -1, -2, ...; relative accuracy also at the zeros 1 and 2 (absolute at those below 0).

    Abramowitz & Stegun 6.1.33 and 6.1.15 below 12, 6.1.40 from there on, 6.1.17 for x <= 0.
    """
    return first_order(x, _gammaln, _digamma)


def digamma(x: ArrayLike) -> Array:
    """The derivative of gammaln (Abramowitz & Stegun 6.3.5, 6.3.7, 6.3.18); NaN at 0, -1, -2, ...

    Near its zeros (1.4616..., and one between every two poles) the accuracy is absolute, not relative.
    """
    return first_order(x, _digamma, _trigamma)


def trigamma(x: ArrayLike) -> Array:
    """The derivative of digamma (Abramowitz & Stegun 6.4.6, 6.4.7, 6.4.12); +inf at 0, -1, -2, ..."""
    return first_order(x, _trigamma, _tetragamma)


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
    return _scalar(np.sum(abs_(x)))


def norminf(x: ArrayLike) -> Array:
    """The largest absolute value, 1 x 1; the first one carries the derivative in a tie."""
    size = abs_(x).reshape(-1, order="F")
    return _scalar(size[np.argmax(size.real)])


def normp(x: ArrayLike, p: ArrayLike) -> Array:
    """(sum |x|^p)^(1/p) over all entries, 1 x 1; p > 0, and p may carry a derivative. Zero entries contribute 0.

    Raises ValueError if p is not a scalar.
    """
    size, power = abs_(x), _entries(p)
    if power.size != 1:
        raise ValueError("normp needs a scalar p")
    top = np.max(size.real)
    if top == 0:
        return _scalar(np.zeros((), dtype=np.result_type(size, power)))
    scale = _power_of_two(top)
    kept = size[size.real != 0] / scale
    return _scalar(scale * np.sum(kept**power) ** (1.0 / power))


def indmax(x: ArrayLike) -> Array:
    """1 at the entry with the largest real part, 0 elsewhere, in the shape of x; the first in column order in a tie."""
    z = numeric(x)
    flat = np.zeros(z.size, dtype=z.dtype)
    flat[np.argmax(_entries(z).real)] = 1
    return flat.reshape(z.shape, order="F")


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
    return _scalar(_determinants(z[None])[0])


def logdet(x: ArrayLike) -> Array:
    """log |det x|, 1 x 1; -inf for a singular matrix. Raises ValueError if not square.

    The derivative of a complex step sits in the phase of the determinant, that the modulus alone would lose.
    """
    z = numeric(x)
    require_square(z, "logdet")
    phase, size = np.linalg.slogdet(z)
    if not np.iscomplexobj(z):
        return _scalar(size)
    if np.isneginf(np.linalg.slogdet(z.real)[1]):
        return _scalar(np.complex128(-np.inf))
    return _scalar(complex(float(size), math.atan(phase.imag / phase.real) if phase.real else math.nan))


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
    v = _entries(d)
    gap = v[None, :] - v[:, None]
    np.fill_diagonal(gap, 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        out = np.asarray(1 / gap)
    np.fill_diagonal(out, 0)
    return out


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
    return np.convolve(_entries(w), _entries(x)).reshape(-1, 1)


def convmtx(w: ArrayLike, n: int) -> Array:
    """The (k + n - 1) x n Toeplitz matrix T with T x = conv(w, x) for every x of length n."""
    v = _entries(w)
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
    return _entries(x).reshape(-1, 1)


def unvec(v: ArrayLike, m: int, n: int) -> Array:
    """The m x n matrix with vec(unvec(v, m, n)) = v. Raises ValueError if v does not have mn entries."""
    return _entries(v).reshape((m, n), order="F")


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
