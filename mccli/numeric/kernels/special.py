"""Elementwise functions: those with kinks, the logistic family, the normal distribution and the gamma family.

The smooth ones are evaluated to first order in the imaginary part, ``f(a) + i b f'(a)``. That is exact for a complex
step; it is not the analytic continuation of the function to the complex plane.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from mccli.numeric.kernels.arrays import Array, first_order, numeric

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


# --- kinks --------------------------------------------------------------------------------------------------------


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


def elu(x: ArrayLike, a: ArrayLike) -> Array:
    """x where Re x > 0, else a(exp(x) - 1) (Clevert et al. 2016); expm1 sees no positive argument."""
    z = numeric(x)
    return np.asarray(relu(z) + numeric(a) * np.expm1(-relu(-z)))


# --- logistic family ----------------------------------------------------------------------------------------------


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


# --- normal distribution ------------------------------------------------------------------------------------------


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


# --- gamma family -------------------------------------------------------------------------------------------------


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
