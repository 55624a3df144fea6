"""Matrix functions, Fréchet derivatives and matrix equations against identities and high precision."""

from __future__ import annotations

import numpy as np
import pytest
from checked_derivatives import STEP, Function, assert_derivative, complex_step, mp, precise, relative, rounded

from mccli.numeric import matrix_functions as mf
from mccli.numeric.kernels import linear_algebra as la
from mccli.numeric.kernels.arrays import Array

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
    np.testing.assert_allclose(la.logdet(mf.expm(x / scale)), [[np.trace(x / scale)]], atol=1e-12)
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
