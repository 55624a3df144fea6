"""The elementwise functions against high-precision values and derivatives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from checked_derivatives import STEP, Function, assert_derivative, complex_step, mp, relative

from mccli.numeric.kernels import special, summaries

PRECISE: dict[str, tuple[Function, Callable[[Any], Any], Callable[[Any], Any]]] = {
    "sigmoid": (special.sigmoid, lambda x: 1 / (1 + mp.exp(-x)), lambda x: 1 / (2 * mp.cosh(x / 2)) ** 2),
    "softplus": (special.softplus, lambda x: mp.log1p(mp.exp(x)), lambda x: 1 / (1 + mp.exp(-x))),
    "logsigmoid": (special.logsigmoid, lambda x: -mp.log1p(mp.exp(-x)), lambda x: 1 / (1 + mp.exp(x))),
    "silu": (special.silu, lambda x: x / (1 + mp.exp(-x)), lambda x: mp.diff(lambda t: t / (1 + mp.exp(-t)), x)),
    "logcosh": (special.logcosh, lambda x: mp.log1p(2 * mp.sinh(x / 2) ** 2), mp.tanh),
    "erf": (special.erf, mp.erf, lambda x: 2 / mp.sqrt(mp.pi) * mp.exp(-x * x)),
    "normcdf": (special.normcdf, lambda x: mp.erfc(-x / mp.sqrt(2)) / 2, mp.npdf),
    "normpdf": (special.normpdf, mp.npdf, lambda x: -x * mp.npdf(x)),
    "gelu": (
        special.gelu,
        lambda x: x * mp.erfc(-x / mp.sqrt(2)) / 2,
        lambda x: mp.erfc(-x / mp.sqrt(2)) / 2 + x * mp.npdf(x),
    ),
    "gammaln": (special.gammaln, lambda x: mp.log(abs(mp.gamma(x))), mp.digamma),
    "digamma": (special.digamma, mp.digamma, lambda x: mp.psi(1, x)),
    "trigamma": (special.trigamma, lambda x: mp.psi(1, x), lambda x: mp.psi(2, x)),
}
NEAR = [1e-9, -1e-9, 1e-3, -1e-3, 0.9999, 1.0001, 1.9999, 2.0001, 11.99, 12.01]
POINTS = np.array([*np.linspace(-8.03, 8.11, 83), *NEAR])


@pytest.mark.parametrize("name", PRECISE)
def test_special_functions_have_fourteen_digits(name: str) -> None:
    f, value, _ = PRECISE[name]
    expected = np.array([float(value(mp.mpf(x))) for x in POINTS.tolist()])
    np.testing.assert_allclose(f(POINTS.reshape(-1, 1)).ravel(), expected, rtol=1.5e-14)


@pytest.mark.parametrize("name", PRECISE)
def test_special_functions_carry_their_derivative(name: str) -> None:
    f, _, slope = PRECISE[name]
    expected = np.array([float(slope(mp.mpf(x))) for x in POINTS.tolist()])
    x = POINTS.reshape(-1, 1)
    np.testing.assert_allclose(complex_step(f, x, np.ones_like(x)).ravel(), expected, rtol=2e-14)


@pytest.mark.parametrize("name", PRECISE)
def test_complex_without_imaginary_part_is_the_real_value(name: str) -> None:
    f = PRECISE[name][0]
    x = np.array([[0.0, -1.0, 2.5, 800.0, -0.5]])
    np.testing.assert_array_equal(f(x + 0j).real, f(x))
    np.testing.assert_array_equal(f(x + 0j).imag, 0)


@pytest.mark.parametrize("x", [100.0, 700.0, 1e4, 1e150, 1e300])
def test_gamma_family_for_large_arguments(x: float) -> None:
    point = np.array([[x]])
    assert relative(special.gammaln(point), np.array([[float(mp.loggamma(x))]])) < 1e-15
    assert relative(special.digamma(point), np.array([[float(mp.digamma(x))]])) < 1e-15
    assert relative(special.trigamma(point), np.array([[float(mp.psi(1, mp.mpf(x)))]])) < 1e-15


def test_gamma_family_at_its_poles_and_zeros() -> None:
    poles = np.array([[0.0, -1.0, -20.0]])
    assert np.all(np.isposinf(special.gammaln(poles)))
    assert np.all(np.isnan(special.digamma(poles)))
    assert np.all(np.isposinf(special.trigamma(poles)))
    np.testing.assert_array_equal(special.gammaln(np.array([[1.0, 2.0, np.inf]])), [[0, 0, np.inf]])


def test_gamma_recurrences(rng: np.random.Generator) -> None:
    x = rng.uniform(0.1, 40, (60, 1))
    np.testing.assert_allclose(special.gammaln(x + 1), special.gammaln(x) + np.log(x), rtol=1e-13, atol=1e-14)
    np.testing.assert_allclose(special.digamma(x + 1), special.digamma(x) + 1 / x, rtol=1e-13, atol=1e-14)
    np.testing.assert_allclose(special.trigamma(x + 1), special.trigamma(x) - 1 / x**2, rtol=1e-12, atol=1e-14)


LIMITS: list[tuple[Function, list[float], list[float]]] = [
    (special.sigmoid, [0, 1], [0, 0]),
    (special.softplus, [0, 1e5], [0, 1]),
    (special.logsigmoid, [-1e5, 0], [1, 0]),
    (special.relu, [0, 1e5], [0, 1]),
    (special.step, [0, 1], [0, 0]),
    (special.sign, [-1, 1], [0, 0]),
    (special.abs_, [1e5, 1e5], [-1, 1]),
    (special.gelu, [0, 1e5], [0, 1]),
    (special.silu, [0, 1e5], [0, 1]),
    (special.erf, [-1, 1], [0, 0]),
    (special.normcdf, [0, 1], [0, 0]),
    (special.normpdf, [0, 0], [0, 0]),
    (special.logcosh, [1e5 - special.LOG_TWO, 1e5 - special.LOG_TWO], [-1, 1]),
]


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(("f", "values", "slopes"), LIMITS)
def test_large_arguments_neither_overflow_nor_warn(f: Function, values: list[float], slopes: list[float]) -> None:
    x = np.array([[-1e5, 1e5]])
    np.testing.assert_allclose(f(x), [values], rtol=1e-15)
    np.testing.assert_allclose(complex_step(f, x, np.ones_like(x)), [slopes], rtol=1e-15)
    assert np.all(np.isfinite(f(np.array([[-1e300, 1e300]]))))


@pytest.mark.parametrize(
    "f",
    [
        special.step,
        special.sign,
        special.abs_,
        special.relu,
        special.sigmoid,
        special.erf,
        special.gammaln,
        special.digamma,
        special.trigamma,
    ],
)
def test_nan_stays_nan(f: Function) -> None:
    assert np.isnan(f(np.array([[np.nan]])))[0, 0]
    assert np.isnan(f(np.array([[np.nan + 0j]])))[0, 0]


def test_kinks_take_the_derivative_zero_at_zero() -> None:
    z = np.array([[1j * STEP]])
    for f in (special.step, special.sign, special.abs_, special.relu, summaries.norm2, summaries.norm1):
        assert f(z)[0, 0] == 0


def test_piecewise_functions_branch_on_the_real_part() -> None:
    x = np.array([[-3.0], [-0.5], [0.5], [3.0]]) + 1j * STEP
    np.testing.assert_array_equal(special.step(x), [[0], [0], [1], [1]])
    np.testing.assert_array_equal(special.sign(x), [[-1], [-1], [1], [1]])
    np.testing.assert_array_equal(special.abs_(x), [[-x[0, 0]], [-x[1, 0]], [x[2, 0]], [x[3, 0]]])
    np.testing.assert_array_equal(special.relu(x), [[0], [0], [x[2, 0]], [x[3, 0]]])
    np.testing.assert_array_equal(special.clip(x, -1, 1), [[-1], [x[1, 0]], [x[2, 0]], [1]])


def test_huber_is_quadratic_then_linear_and_clip_is_its_derivative() -> None:
    x = np.array([[-3.0], [-0.5], [0.0], [0.5], [3.0]])
    np.testing.assert_allclose(special.huber(x, 2), [[4.0], [0.125], [0.0], [0.125], [4.0]])
    np.testing.assert_allclose(complex_step(lambda t: special.huber(t, 2), x, np.ones_like(x)), special.clip(x, -2, 2))
    slope_in_c = complex_step(lambda c: special.huber(x, c), np.array([[2.0]]), np.ones((1, 1)))
    np.testing.assert_allclose(slope_in_c, [[1.0], [0.0], [0.0], [0.0], [1.0]])
    assert special.huber(np.array([[1e200]]), 1.0)[0, 0] == 1e200


def test_elu_is_linear_then_exponential() -> None:
    x, a = np.array([[-800.0], [-1e-12], [0.0], [0.5], [800.0]]), np.array([[1.7]])
    np.testing.assert_allclose(special.elu(x, a), [[-1.7], [-1.7e-12], [0.0], [0.5], [800.0]], rtol=1e-11)
    slopes = complex_step(lambda t: special.elu(t, a), x, np.ones_like(x))
    np.testing.assert_allclose(slopes, [[0], [1.7], [0], [1], [1]], rtol=1e-11)
    np.testing.assert_allclose(
        complex_step(lambda t: special.elu(x, t), a, np.ones((1, 1))), special.elu(-abs(x), 1) * (x < 0)
    )


def test_clip_follows_its_bounds() -> None:
    x = np.array([[-3.0], [0.5], [3.0]])
    assert_derivative(lambda hi: special.clip(x, -1, hi), np.array([[1.5]]), np.ones((1, 1)))
    assert_derivative(lambda lo: special.clip(x, lo, 1), np.array([[-1.5]]), np.ones((1, 1)))
