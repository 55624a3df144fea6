"""The numeric kernels against identities, high-precision values and derivatives found in other ways."""

from __future__ import annotations

import importlib
import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from mccli.numeric import kernels as k
from mccli.numeric import matrix_functions as mf
from mccli.numeric.kernels import Array

mp: Any = importlib.import_module("mpmath")  # it has no type hints

STEP = 1e-20
Function = Callable[[Array], Array]


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(20240517)


@pytest.fixture(autouse=True)
def _fifty_digits() -> Any:
    with mp.workdps(50):
        yield


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


# --- elementwise --------------------------------------------------------------------------------------------------

PRECISE: dict[str, tuple[Function, Callable[[Any], Any], Callable[[Any], Any]]] = {
    "sigmoid": (k.sigmoid, lambda x: 1 / (1 + mp.exp(-x)), lambda x: 1 / (2 * mp.cosh(x / 2)) ** 2),
    "softplus": (k.softplus, lambda x: mp.log1p(mp.exp(x)), lambda x: 1 / (1 + mp.exp(-x))),
    "logsigmoid": (k.logsigmoid, lambda x: -mp.log1p(mp.exp(-x)), lambda x: 1 / (1 + mp.exp(x))),
    "silu": (k.silu, lambda x: x / (1 + mp.exp(-x)), lambda x: mp.diff(lambda t: t / (1 + mp.exp(-t)), x)),
    "logcosh": (k.logcosh, lambda x: mp.log1p(2 * mp.sinh(x / 2) ** 2), mp.tanh),
    "erf": (k.erf, mp.erf, lambda x: 2 / mp.sqrt(mp.pi) * mp.exp(-x * x)),
    "normcdf": (k.normcdf, lambda x: mp.erfc(-x / mp.sqrt(2)) / 2, mp.npdf),
    "normpdf": (k.normpdf, mp.npdf, lambda x: -x * mp.npdf(x)),
    "gelu": (
        k.gelu,
        lambda x: x * mp.erfc(-x / mp.sqrt(2)) / 2,
        lambda x: mp.erfc(-x / mp.sqrt(2)) / 2 + x * mp.npdf(x),
    ),
    "gammaln": (k.gammaln, lambda x: mp.log(abs(mp.gamma(x))), mp.digamma),
    "digamma": (k.digamma, mp.digamma, lambda x: mp.psi(1, x)),
    "trigamma": (k.trigamma, lambda x: mp.psi(1, x), lambda x: mp.psi(2, x)),
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
    assert relative(k.gammaln(point), np.array([[float(mp.loggamma(x))]])) < 1e-15
    assert relative(k.digamma(point), np.array([[float(mp.digamma(x))]])) < 1e-15
    assert relative(k.trigamma(point), np.array([[float(mp.psi(1, mp.mpf(x)))]])) < 1e-15


def test_gamma_family_at_its_poles_and_zeros() -> None:
    poles = np.array([[0.0, -1.0, -20.0]])
    assert np.all(np.isposinf(k.gammaln(poles)))
    assert np.all(np.isnan(k.digamma(poles)))
    assert np.all(np.isposinf(k.trigamma(poles)))
    np.testing.assert_array_equal(k.gammaln(np.array([[1.0, 2.0, np.inf]])), [[0, 0, np.inf]])


def test_gamma_recurrences(rng: np.random.Generator) -> None:
    x = rng.uniform(0.1, 40, (60, 1))
    np.testing.assert_allclose(k.gammaln(x + 1), k.gammaln(x) + np.log(x), rtol=1e-13, atol=1e-14)
    np.testing.assert_allclose(k.digamma(x + 1), k.digamma(x) + 1 / x, rtol=1e-13, atol=1e-14)
    np.testing.assert_allclose(k.trigamma(x + 1), k.trigamma(x) - 1 / x**2, rtol=1e-12, atol=1e-14)


LIMITS: list[tuple[Function, list[float], list[float]]] = [
    (k.sigmoid, [0, 1], [0, 0]),
    (k.softplus, [0, 1e5], [0, 1]),
    (k.logsigmoid, [-1e5, 0], [1, 0]),
    (k.relu, [0, 1e5], [0, 1]),
    (k.step, [0, 1], [0, 0]),
    (k.sign, [-1, 1], [0, 0]),
    (k.abs_, [1e5, 1e5], [-1, 1]),
    (k.gelu, [0, 1e5], [0, 1]),
    (k.silu, [0, 1e5], [0, 1]),
    (k.erf, [-1, 1], [0, 0]),
    (k.normcdf, [0, 1], [0, 0]),
    (k.normpdf, [0, 0], [0, 0]),
    (k.logcosh, [1e5 - k.LOG_TWO, 1e5 - k.LOG_TWO], [-1, 1]),
]


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(("f", "values", "slopes"), LIMITS)
def test_large_arguments_neither_overflow_nor_warn(f: Function, values: list[float], slopes: list[float]) -> None:
    x = np.array([[-1e5, 1e5]])
    np.testing.assert_allclose(f(x), [values], rtol=1e-15)
    np.testing.assert_allclose(complex_step(f, x, np.ones_like(x)), [slopes], rtol=1e-15)
    assert np.all(np.isfinite(f(np.array([[-1e300, 1e300]]))))


@pytest.mark.parametrize("f", [k.step, k.sign, k.abs_, k.relu, k.sigmoid, k.erf, k.gammaln, k.digamma, k.trigamma])
def test_nan_stays_nan(f: Function) -> None:
    assert np.isnan(f(np.array([[np.nan]])))[0, 0]
    assert np.isnan(f(np.array([[np.nan + 0j]])))[0, 0]


def test_kinks_take_the_derivative_zero_at_zero() -> None:
    z = np.array([[1j * STEP]])
    for f in (k.step, k.sign, k.abs_, k.relu, k.norm2, k.norm1):
        assert f(z)[0, 0] == 0


def test_piecewise_functions_branch_on_the_real_part() -> None:
    x = np.array([[-3.0], [-0.5], [0.5], [3.0]]) + 1j * STEP
    np.testing.assert_array_equal(k.step(x), [[0], [0], [1], [1]])
    np.testing.assert_array_equal(k.sign(x), [[-1], [-1], [1], [1]])
    np.testing.assert_array_equal(k.abs_(x), [[-x[0, 0]], [-x[1, 0]], [x[2, 0]], [x[3, 0]]])
    np.testing.assert_array_equal(k.relu(x), [[0], [0], [x[2, 0]], [x[3, 0]]])
    np.testing.assert_array_equal(k.clip(x, -1, 1), [[-1], [x[1, 0]], [x[2, 0]], [1]])


def test_huber_is_quadratic_then_linear_and_clip_is_its_derivative() -> None:
    x = np.array([[-3.0], [-0.5], [0.0], [0.5], [3.0]])
    np.testing.assert_allclose(k.huber(x, 2), [[4.0], [0.125], [0.0], [0.125], [4.0]])
    np.testing.assert_allclose(complex_step(lambda t: k.huber(t, 2), x, np.ones_like(x)), k.clip(x, -2, 2))
    slope_in_c = complex_step(lambda c: k.huber(x, c), np.array([[2.0]]), np.ones((1, 1)))
    np.testing.assert_allclose(slope_in_c, [[1.0], [0.0], [0.0], [0.0], [1.0]])
    assert k.huber(np.array([[1e200]]), 1.0)[0, 0] == 1e200


def test_clip_follows_its_bounds() -> None:
    x = np.array([[-3.0], [0.5], [3.0]])
    assert_derivative(lambda hi: k.clip(x, -1, hi), np.array([[1.5]]), np.ones((1, 1)))
    assert_derivative(lambda lo: k.clip(x, lo, 1), np.array([[-1.5]]), np.ones((1, 1)))


# --- softmax family -----------------------------------------------------------------------------------------------


def test_softmax_and_logsumexp_values(rng: np.random.Generator) -> None:
    x = rng.standard_normal((3, 4))
    e = np.exp(x)
    np.testing.assert_allclose(k.softmax(x), e / e.sum(), rtol=1e-14)
    np.testing.assert_allclose(k.softmax_rows(x), e / e.sum(1, keepdims=True), rtol=1e-14)
    np.testing.assert_allclose(k.softmax_cols(x), e / e.sum(0, keepdims=True), rtol=1e-14)
    np.testing.assert_allclose(k.logsumexp(x), np.log(e.sum()).reshape(1, 1), rtol=1e-14)
    np.testing.assert_allclose(k.logsumexp_rows(x), np.log(e.sum(1)).reshape(3, 1), rtol=1e-14)
    np.testing.assert_allclose(k.logsumexp_cols(x), np.log(e.sum(0)).reshape(1, 4), rtol=1e-13)
    np.testing.assert_allclose(k.logsoftmax(x), np.log(e / e.sum()), rtol=1e-14)


SOFT = [k.softmax, k.softmax_rows, k.softmax_cols, k.logsumexp, k.logsumexp_rows, k.logsumexp_cols, k.logsoftmax]


@pytest.mark.parametrize("f", SOFT)
def test_softmax_family_derivatives(f: Function, rng: np.random.Generator) -> None:
    assert_derivative(f, rng.standard_normal((3, 4)), rng.standard_normal((3, 4)))


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("f", SOFT)
def test_softmax_family_is_shifted(f: Function, rng: np.random.Generator) -> None:
    x, e = rng.standard_normal((3, 4)), rng.standard_normal((3, 4))
    move = 1e4 if "logsum" in f.__name__ else 0.0
    for shift in (1e4, -1e4):
        np.testing.assert_allclose(f(x + shift), f(x) + np.sign(shift) * move, rtol=0, atol=1e-11)
        np.testing.assert_allclose(complex_step(f, x + shift, e), complex_step(f, x, e), rtol=1e-10, atol=1e-11)


@pytest.mark.filterwarnings("error")
def test_masked_entries_have_weight_zero() -> None:
    x = np.array([[0.0, -np.inf, 0.0]])
    for z in (x, x + 0j):
        np.testing.assert_allclose(k.softmax_rows(z), [[0.5, 0, 0.5]])
        np.testing.assert_allclose(k.logsumexp_rows(z), [[np.log(2)]])


# --- norms --------------------------------------------------------------------------------------------------------


def test_norm_values() -> None:
    x = np.array([[3.0, -4.0], [12.0, 0.0]])
    np.testing.assert_array_equal(k.norm2(x), [[13.0]])
    np.testing.assert_array_equal(k.norm1(x), [[19.0]])
    np.testing.assert_array_equal(k.norminf(-x), [[12.0]])
    np.testing.assert_array_equal(k.rownorms(x), [[5.0], [12.0]])
    np.testing.assert_allclose(k.colnorms(x), [[np.sqrt(153)], [4.0]], rtol=1e-15)
    np.testing.assert_allclose(k.normp(x, 3), [[(27 + 64 + 1728) ** (1 / 3)]], rtol=1e-15)
    np.testing.assert_array_equal(k.normp(np.zeros((3, 1)), 3), [[0.0]])
    np.testing.assert_array_equal(k.indmax(x), [[0, 0], [1, 0]])
    np.testing.assert_array_equal(k.indmax(np.ones((2, 1)) + 1j * STEP), [[1], [0]])


NORMS: dict[str, Function] = {
    "norm1": k.norm1,
    "norm2": k.norm2,
    "norminf": k.norminf,
    "norm 2.5": lambda x: k.normp(x, 2.5),
    "rows": k.rownorms,
    "columns": k.colnorms,
}


@pytest.mark.parametrize("name", NORMS)
def test_norm_derivatives(name: str, rng: np.random.Generator) -> None:
    x = rng.standard_normal((3, 2))
    assert_derivative(NORMS[name], x + 0.2 * np.sign(x), rng.standard_normal((3, 2)))


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("name", NORMS)
@pytest.mark.parametrize("size", [1e-250, 1e250])
def test_norms_do_not_overflow(name: str, size: float, rng: np.random.Generator) -> None:
    x, e = rng.standard_normal((3, 2)), rng.standard_normal((3, 2))
    f = NORMS[name]
    np.testing.assert_allclose(f(x * size) / size, f(x), rtol=1e-14)
    np.testing.assert_allclose(f((x + 1j * STEP * e) * size).imag / size / STEP, complex_step(f, x, e), rtol=1e-13)


def test_normp_derivative_in_p(rng: np.random.Generator) -> None:
    x = rng.standard_normal((4, 1))
    assert_derivative(lambda p: k.normp(x, p), np.array([[2.5]]), np.ones((1, 1)))


# --- determinants, inverses, factorisations -----------------------------------------------------------------------


@pytest.mark.parametrize("n", [1, 2, 5, 8])
def test_det_logdet_inv_adj(n: int, rng: np.random.Generator) -> None:
    x, e = rng.standard_normal((n, n)), rng.standard_normal((n, n))
    exact = float(mp.det(precise(x)))
    np.testing.assert_allclose(k.det(x), [[exact]], rtol=1e-13)
    np.testing.assert_allclose(k.logdet(x), [[np.log(abs(exact))]], rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(x @ k.inv(x), np.eye(n), atol=1e-11)
    np.testing.assert_allclose(k.adj(x), exact * k.inv(x), rtol=1e-10, atol=1e-11)
    trace = np.trace(k.inv(x) @ e)
    np.testing.assert_allclose(complex_step(k.det, x, e), [[exact * trace]], rtol=1e-11)
    np.testing.assert_allclose(complex_step(k.logdet, x, e), [[trace]], rtol=1e-11)
    np.testing.assert_allclose(complex_step(k.inv, x, e), -k.inv(x) @ e @ k.inv(x), rtol=1e-9, atol=1e-10)


def test_adj_derivative_and_value_at_singular_matrices(rng: np.random.Generator) -> None:
    e = rng.standard_normal((4, 4))
    for rank in (0, 1, 2, 3):
        x = rng.standard_normal((4, rank)) @ rng.standard_normal((rank, 4))
        np.testing.assert_allclose(x @ k.adj(x), np.zeros((4, 4)), atol=1e-13)
        assert_derivative(k.adj, x, e)
        np.testing.assert_allclose(complex_step(k.det, x, e), [[np.trace(k.adj(x) @ e)]], rtol=1e-10, atol=1e-13)
    np.testing.assert_array_equal(k.adj(np.array([[7.0]])), [[1.0]])
    np.testing.assert_array_equal(k.adj(np.array([[1.0, 2.0], [3.0, 4.0]])), [[4, -2], [-3, 1]])


@pytest.mark.filterwarnings("error")
def test_singular_matrices() -> None:
    x = np.array([[1.0, 2.0], [2.0, 4.0]])
    for z in (x, x + 1j * STEP * np.eye(2)):
        assert k.det(z).real == 0
        assert k.logdet(z)[0, 0].real == -np.inf
    assert np.all(np.isnan(k.inv(x)))
    assert k.inv(x).shape == (2, 2)


@pytest.mark.filterwarnings("error")
def test_logdet_does_not_overflow() -> None:
    x = np.diag(np.full(60, 1e10))
    assert k.det(x)[0, 0] == np.inf
    np.testing.assert_allclose(k.logdet(x), [[600 * np.log(10)]], rtol=1e-14)
    np.testing.assert_allclose(complex_step(k.logdet, x, np.eye(60)), [[60e-10]], rtol=1e-13)


@pytest.mark.parametrize("shape", [(5, 3), (3, 5), (4, 4)])
def test_pinv_of_full_rank(shape: tuple[int, int], rng: np.random.Generator) -> None:
    x, e = rng.standard_normal(shape), rng.standard_normal(shape)
    np.testing.assert_allclose(k.pinv(x), np.linalg.pinv(x), rtol=1e-11, atol=1e-12)
    p, left, right = k.pinv(x), np.eye(shape[0]), np.eye(shape[1])
    expected = -p @ e @ p + p @ p.T @ e.T @ (left - x @ p) + (right - p @ x) @ e.T @ p.T @ p
    np.testing.assert_allclose(complex_step(k.pinv, x, e), expected, rtol=1e-10, atol=1e-11)


def test_pinv_below_full_rank(rng: np.random.Generator) -> None:
    x = rng.standard_normal((4, 2)) @ rng.standard_normal((2, 3))
    np.testing.assert_allclose(x @ k.pinv(x) @ x, x, atol=1e-13)
    assert np.all(np.isnan(k.pinv(x + 1j * STEP)))


def test_chol(rng: np.random.Generator) -> None:
    b, e = rng.standard_normal((4, 4)), rng.standard_normal((4, 4))
    a = b @ b.T + np.eye(4)
    factor = k.chol(a)
    np.testing.assert_allclose(factor, np.linalg.cholesky(a), rtol=1e-13, atol=1e-14)
    m = np.linalg.solve(factor, np.linalg.solve(factor, (e + e.T) / 2).T)
    np.testing.assert_allclose(complex_step(k.chol, a, e), factor @ (np.tril(m) - m * np.eye(4) / 2), atol=1e-12)
    assert np.all(np.isnan(k.chol(-a)))
    assert np.all(np.isnan(k.chol(a * np.nan)))


def test_eigen_decomposition(rng: np.random.Generator) -> None:
    b = rng.standard_normal((5, 5))
    w, v = k.eigs(b), k.eigvecs(b)
    assert w.shape == (5, 1)
    assert np.all(np.diff(w.ravel()) > 0)
    np.testing.assert_allclose(v @ np.diag(w.ravel()) @ v.T, (b + b.T) / 2, atol=1e-13)
    np.testing.assert_allclose(k.eigvecs(b + 1e-9 * rng.standard_normal((5, 5))), v, atol=1e-6)


def test_sign_of_structured_eigenvectors_is_stable(rng: np.random.Generator) -> None:
    a = np.array([[2.0, 1.0], [1.0, 2.0]])
    for _ in range(20):
        np.testing.assert_allclose(k.eigvecs(a + 1e-9 * rng.standard_normal((2, 2))), k.eigvecs(a), atol=1e-7)


@pytest.mark.parametrize("shape", [(5, 3), (3, 5), (4, 4)])
def test_svd(shape: tuple[int, int], rng: np.random.Generator) -> None:
    x = rng.standard_normal(shape)
    u, s, v = k.svdU(x), k.svdS(x), k.svdV(x)
    assert s.shape == (min(shape), 1)
    assert np.all(np.diff(s.ravel()) < 0)
    np.testing.assert_allclose(u @ np.diag(s.ravel()) @ v.T, x, atol=1e-13)
    np.testing.assert_allclose(u.T @ u, np.eye(min(shape)), atol=1e-13)
    np.testing.assert_allclose(k.svdU(x + 1e-9), u, atol=1e-6)


@pytest.mark.parametrize("f", [k.eigs, k.eigvecs, k.svdU, k.svdS, k.svdV])
def test_real_only_functions_refuse_a_complex_step(f: Function) -> None:
    np.testing.assert_array_equal(f(np.eye(2) + 0j), f(np.eye(2)))
    assert np.all(np.isnan(f(np.full((2, 2), np.nan))))
    with pytest.raises(ValueError, match="real only"):
        f(np.eye(2) + 1j * STEP)


@pytest.mark.parametrize("f", [k.det, k.logdet, k.inv, k.adj, k.chol, k.eigs, k.vech, k.circsum, mf.expm, mf.logm])
def test_square_matrices_are_required(f: Function) -> None:
    with pytest.raises(ValueError, match="square"):
        f(np.ones((2, 3)))


# --- sums, products, constant matrices ----------------------------------------------------------------------------


def test_toepsum_and_circsum() -> None:
    x = np.array([[1.0, 2, 3], [4, 5, 6], [7, 8, 9]])
    np.testing.assert_array_equal(k.toepsum(x), [[15, 8, 3], [12, 15, 8], [7, 12, 15]])
    np.testing.assert_array_equal(k.circsum(x), [[15, 15, 15], [15, 15, 15], [15, 15, 15]])
    np.testing.assert_array_equal(k.circsum(np.diag([1.0, 2, 3]) + np.eye(3, k=1)), [[6, 2, 0], [0, 6, 2], [2, 0, 6]])


def test_toepsum_is_the_gradient_along_toeplitz_matrices(rng: np.random.Generator) -> None:
    g, c, r = rng.standard_normal((4, 4)), rng.standard_normal(7), np.arange(4)
    toeplitz = c[r[:, None] - r[None, :] + 3]
    parameters = [k.toepsum(g)[i, 0] if i >= 0 else k.toepsum(g)[0, -i] for i in range(-3, 4)]
    np.testing.assert_allclose(np.sum(g * toeplitz), np.dot(parameters, c), rtol=1e-13)


def test_offinv() -> None:
    d = np.array([[1.0], [3.0], [7.0]])
    np.testing.assert_allclose(k.offinv(d), [[0, 1 / 2, 1 / 6], [-1 / 2, 0, 1 / 4], [-1 / 6, -1 / 4, 0]])
    assert_derivative(k.offinv, d, np.array([[0.3], [-0.2], [0.1]]))


def test_eigenvector_differential_uses_offinv(rng: np.random.Generator) -> None:
    b, e = rng.standard_normal((4, 4)), rng.standard_normal((4, 4))
    x, dx = b + b.T + np.diag([0.0, 5, 10, 15]), e + e.T
    w, v = k.eigs(x), k.eigvecs(x)
    np.testing.assert_allclose(richardson(k.eigvecs, x, dx), v @ (k.offinv(w) * (v.T @ dx @ v)), atol=1e-9)


def test_products_of_matrices(rng: np.random.Generator) -> None:
    a, b = rng.standard_normal((2, 3)), rng.standard_normal((4, 3))
    columns = [np.kron(a[:, j], b[:, j]) for j in range(3)]
    np.testing.assert_array_equal(k.khatri_rao(a, b), np.array(columns).T)
    np.testing.assert_array_equal(k.kron(a, b), np.kron(a, b))
    pairs = [[np.sum((a[i] - b[j]) ** 2) for j in range(4)] for i in range(2)]
    np.testing.assert_allclose(k.sqdist(a, b), pairs, rtol=1e-15)
    for f in (k.khatri_rao, k.kron, k.sqdist):
        assert_derivative(lambda t, f=f: f(t, b), a, rng.standard_normal((2, 3)))  # type: ignore[misc]
    for f in (k.khatri_rao, k.sqdist):
        with pytest.raises(ValueError, match="columns"):
            f(a, b[:, :2])


def test_convolution(rng: np.random.Generator) -> None:
    w, x = rng.standard_normal((3, 1)), rng.standard_normal((5, 1))
    np.testing.assert_allclose(k.conv(w, x).ravel(), np.convolve(w.ravel(), x.ravel()))
    np.testing.assert_allclose(k.convmtx(w, 5) @ x, k.conv(w, x), rtol=1e-13, atol=1e-14)
    np.testing.assert_allclose(k.convmtx(x, 3) @ w, k.conv(w, x), rtol=1e-13, atol=1e-14)
    assert_derivative(lambda t: k.conv(w, t), x, rng.standard_normal((5, 1)))


def test_stacking(rng: np.random.Generator) -> None:
    a, b = rng.standard_normal((2, 3)), rng.standard_normal((4, 4))
    s = b + b.T
    np.testing.assert_array_equal(k.vec(np.array([[1, 3], [2, 4]])), [[1], [2], [3], [4]])
    np.testing.assert_array_equal(k.unvec(k.vec(a), 2, 3), a)
    np.testing.assert_array_equal(k.vech(np.array([[1, 9], [2, 3]])), [[1], [2], [3]])
    np.testing.assert_array_equal(k.commutation(2, 3) @ k.vec(a), k.vec(a.T))
    np.testing.assert_array_equal(k.duplication(4) @ k.vech(s), k.vec(s))
    np.testing.assert_array_equal(k.elimination(4) @ k.vec(b), k.vech(b))
    np.testing.assert_array_equal(k.elimination(4) @ k.duplication(4), np.eye(10))
    np.testing.assert_array_equal(k.unit(2, 3), [[0], [1], [0]])
    with pytest.raises(ValueError, match="between 1 and 3"):
        k.unit(0, 3)


# --- matrix functions ---------------------------------------------------------------------------------------------

NON_NORMAL = np.array([[1.0, 50.0, 3.0], [0.0, 2.0, 1000.0], [0.0, 0.0, 0.5]])
JORDAN = 2 * np.eye(3) + np.eye(3, k=1)
MATRIX_FUNCTIONS = {
    "expm": (mf.expm, mf.frechet_expm, mp.expm),
    "sinm": (mf.sinm, mf.frechet_sinm, mp.sinm),
    "cosm": (mf.cosm, mf.frechet_cosm, mp.cosm),
    "sqrtm": (mf.sqrtm, mf.frechet_sqrtm, mp.sqrtm),
    "logm": (mf.logm, mf.frechet_logm, mp.logm),
}


def _matrix(kind: str, rng: np.random.Generator) -> Array:
    if kind == "non-normal":
        return NON_NORMAL
    if kind == "jordan":
        return JORDAN
    n = int(kind)
    return np.asarray(rng.standard_normal((n, n)) + 2 * np.sqrt(n) * np.eye(n))


@pytest.mark.parametrize("kind", ["1", "2", "5", "non-normal", "jordan"])
@pytest.mark.parametrize("name", MATRIX_FUNCTIONS)
def test_matrix_functions_and_their_frechet_derivatives(name: str, kind: str, rng: np.random.Generator) -> None:
    f, frechet, high = MATRIX_FUNCTIONS[name]
    x = _matrix(kind, rng)
    e, h = rng.standard_normal(x.shape), mp.mpf(10) ** -15
    slope = rounded((high(precise(x) + h * precise(e)) - high(precise(x) - h * precise(e))) / (2 * h))
    assert relative(f(x), rounded(high(precise(x)))) < 1e-12
    assert relative(f(x + 1j * STEP * e).imag / STEP, slope) < 1e-12
    assert relative(frechet(x, e), slope) < 1e-12
    assert relative(frechet(x, 1e8 * e), 1e8 * slope) < 1e-12
    np.testing.assert_array_equal(frechet(x, 0 * e), 0 * e)


@pytest.mark.parametrize("name", MATRIX_FUNCTIONS)
def test_derivative_of_a_frechet_derivative(name: str, rng: np.random.Generator) -> None:
    """L is linear in E, and the second derivative is symmetric in its two directions."""
    frechet = MATRIX_FUNCTIONS[name][1]
    x, e, d = _matrix("3", rng), rng.standard_normal((3, 3)), rng.standard_normal((3, 3))
    along_d = complex_step(lambda t: frechet(t, e), x, d)
    assert relative(along_d, complex_step(lambda t: frechet(t, d), x, e)) < 1e-10
    assert relative(complex_step(lambda t: frechet(x, t), e, d), frechet(x, d)) < 1e-12


@pytest.mark.parametrize("scale", [1e-3, 1.0, 30.0])
def test_exponential_identities(scale: float, rng: np.random.Generator) -> None:
    x = scale * rng.standard_normal((4, 4))
    forward = mf.expm(x)
    assert relative(mf.expm(x / 2) @ mf.expm(x / 2), forward) < 1e-11
    np.testing.assert_allclose(k.logdet(mf.expm(x / scale)), [[np.trace(x / scale)]], atol=1e-12)
    wave = mf.expm(1j * x / scale)
    assert relative(wave.real, mf.cosm(x / scale)) < 1e-13
    assert relative(wave.imag, mf.sinm(x / scale)) < 1e-13


def test_exponential_limits() -> None:
    np.testing.assert_array_equal(mf.expm(np.zeros((3, 3))), np.eye(3))
    assert relative(mf.expm(np.array([[-600.0]])), np.array([[float(mp.exp(-600))]])) < 1e-12
    assert np.all(np.isnan(mf.expm(np.full((2, 2), np.nan))))


def test_principal_root_and_logarithm_of_general_matrices(rng: np.random.Generator) -> None:
    x = rng.standard_normal((4, 4)) + 1j * rng.standard_normal((4, 4))
    root = mf.sqrtm(x)
    assert relative(root @ root, x) < 1e-13
    assert np.all(np.linalg.eigvals(root).real > 0)
    assert relative(mf.expm(mf.logm(x)), x) < 1e-12
    turn = np.array([[0.0, 1.0], [-1.0, 0.0]])
    np.testing.assert_allclose(mf.logm(turn), np.pi / 2 * turn, atol=1e-14)
    np.testing.assert_allclose(mf.sqrtm(1e-200 * np.eye(2)), 1e-100 * np.eye(2), rtol=1e-13)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("x", [np.diag([-1.0, 2.0]), np.ones((2, 2)), np.zeros((1, 1)), np.full((2, 2), np.inf)])
@pytest.mark.parametrize("f", [mf.sqrtm, mf.logm, lambda x: mf.frechet_logm(x, x), lambda x: mf.frechet_sqrtm(x, x)])
def test_no_principal_value_gives_nan(f: Function, x: Array) -> None:
    assert np.all(np.isnan(f(x)))
    assert np.all(np.isnan(f(x + 1j * STEP * np.ones_like(x)).real))


def test_many_random_matrices_keep_their_derivative(rng: np.random.Generator) -> None:
    for _ in range(40):
        b, e = rng.standard_normal((4, 4)), rng.standard_normal((4, 4))
        x = b @ b.T + 0.05 * np.eye(4) + 0.02 * rng.standard_normal((4, 4))
        if np.any(np.linalg.eigvals(x).real < 0.01):
            continue
        root, log = mf.sqrtm(x), mf.logm(x)
        slope = complex_step(mf.sqrtm, x, e)
        assert relative(root @ slope + slope @ root, e) < 1e-10
        assert relative(mf.frechet_expm(log, complex_step(mf.logm, x, e)), e) < 1e-10


@pytest.mark.parametrize("power", [-3, -1, 0, 1, 2, 5])
def test_integer_powers(power: int, rng: np.random.Generator) -> None:
    x = rng.standard_normal((3, 3)) + 2 * np.eye(3)
    np.testing.assert_allclose(mf.mpow(x, power) @ mf.mpow(x, -power), np.eye(3), atol=1e-11)
    np.testing.assert_allclose(mf.mpow(x, power) @ x, mf.mpow(x, power + 1), rtol=1e-10, atol=1e-11)
    assert_derivative(lambda t: mf.mpow(t, power), x, rng.standard_normal((3, 3)))


def test_powers_that_do_not_exist() -> None:
    assert np.all(np.isnan(mf.mpow(np.zeros((2, 2)), -1)))
    with pytest.raises(ValueError, match="integer"):
        mf.mpow(np.eye(2), 0.5)  # type: ignore[arg-type]


def test_linear_matrix_equations(rng: np.random.Generator) -> None:
    a, b, c = rng.standard_normal((3, 3)), rng.standard_normal((2, 2)), rng.standard_normal((3, 2))
    q, small = rng.standard_normal((3, 3)), 0.3 * a
    z, p, s = mf.sylvester(a, b, c), mf.lyap(a, q), mf.stein(small, q)
    np.testing.assert_allclose(a @ z + z @ b, c, atol=1e-12)
    np.testing.assert_allclose(a @ p + p @ a.T + q, 0, atol=1e-12)
    np.testing.assert_allclose(small @ s @ small.T + q, s, atol=1e-12)


def test_linear_matrix_equation_derivatives(rng: np.random.Generator) -> None:
    a, b, c = rng.standard_normal((3, 3)), rng.standard_normal((2, 2)), rng.standard_normal((3, 2))
    e, q = rng.standard_normal((3, 3)), rng.standard_normal((3, 3))
    z, p, s = mf.sylvester(a, b, c), mf.lyap(a, q), mf.stein(0.3 * a, q)
    along = complex_step(lambda t: mf.sylvester(t, b, c), a, e)
    np.testing.assert_allclose(along, mf.sylvester(a, b, -e @ z), rtol=1e-9, atol=1e-10)
    along = complex_step(lambda t: mf.lyap(t, q), a, e)
    np.testing.assert_allclose(along, mf.lyap(a, e @ p + p @ e.T), rtol=1e-9, atol=1e-10)
    along = complex_step(lambda t: mf.stein(t, q), 0.3 * a, e)
    expected = mf.stein(0.3 * a, 0.3 * (e @ s @ a.T + a @ s @ e.T))
    np.testing.assert_allclose(along, expected, rtol=1e-9, atol=1e-10)


def test_singular_matrix_equations_and_wrong_shapes() -> None:
    assert np.all(np.isnan(mf.sylvester(np.eye(2), -np.eye(2), np.ones((2, 2)))))
    assert np.all(np.isnan(mf.stein(np.eye(2), np.ones((2, 2)))))
    with pytest.raises(ValueError, match="shape"):
        mf.sylvester(np.eye(2), np.eye(3), np.ones((3, 2)))
    with pytest.raises(ValueError, match="shape"):
        mf.frechet_expm(np.eye(2), np.eye(3))
