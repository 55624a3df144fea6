"""Determinants, inverses and factorisations against identities and known differentials."""

from __future__ import annotations

import numpy as np
import pytest
from checked_derivatives import STEP, Function, assert_derivative, complex_step, mp, precise

from mccli.numeric import matrix_functions as mf
from mccli.numeric.kernels import linear_algebra as la
from mccli.numeric.kernels import patterns


@pytest.mark.parametrize("n", [1, 2, 5, 8])
def test_det_logdet_inv_adj(n: int, rng: np.random.Generator) -> None:
    x, e = rng.standard_normal((n, n)), rng.standard_normal((n, n))
    exact = float(mp.det(precise(x)))
    np.testing.assert_allclose(la.det(x), [[exact]], rtol=1e-13)
    np.testing.assert_allclose(la.logdet(x), [[np.log(abs(exact))]], rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(x @ la.inv(x), np.eye(n), atol=1e-11)
    np.testing.assert_allclose(la.adj(x), exact * la.inv(x), rtol=1e-10, atol=1e-11)
    trace = np.trace(la.inv(x) @ e)
    np.testing.assert_allclose(complex_step(la.det, x, e), [[exact * trace]], rtol=1e-11)
    np.testing.assert_allclose(complex_step(la.logdet, x, e), [[trace]], rtol=1e-11)
    np.testing.assert_allclose(complex_step(la.inv, x, e), -la.inv(x) @ e @ la.inv(x), rtol=1e-9, atol=1e-10)


def test_adj_derivative_and_value_at_singular_matrices(rng: np.random.Generator) -> None:
    e = rng.standard_normal((4, 4))
    for rank in (0, 1, 2, 3):
        x = rng.standard_normal((4, rank)) @ rng.standard_normal((rank, 4))
        np.testing.assert_allclose(x @ la.adj(x), np.zeros((4, 4)), atol=1e-13)
        assert_derivative(la.adj, x, e)
        np.testing.assert_allclose(complex_step(la.det, x, e), [[np.trace(la.adj(x) @ e)]], rtol=1e-10, atol=1e-13)
    np.testing.assert_array_equal(la.adj(np.array([[7.0]])), [[1.0]])
    np.testing.assert_array_equal(la.adj(np.array([[1.0, 2.0], [3.0, 4.0]])), [[4, -2], [-3, 1]])


@pytest.mark.filterwarnings("error")
def test_singular_matrices() -> None:
    x = np.array([[1.0, 2.0], [2.0, 4.0]])
    for z in (x, x + 1j * STEP * np.eye(2)):
        assert la.det(z).real == 0
        assert la.logdet(z)[0, 0].real == -np.inf
    assert np.all(np.isnan(la.inv(x)))
    assert la.inv(x).shape == (2, 2)


@pytest.mark.filterwarnings("error")
def test_logdet_does_not_overflow() -> None:
    x = np.diag(np.full(60, 1e10))
    assert la.det(x)[0, 0] == np.inf
    np.testing.assert_allclose(la.logdet(x), [[600 * np.log(10)]], rtol=1e-14)
    np.testing.assert_allclose(complex_step(la.logdet, x, np.eye(60)), [[60e-10]], rtol=1e-13)


@pytest.mark.parametrize("shape", [(5, 3), (3, 5), (4, 4)])
def test_pinv_of_full_rank(shape: tuple[int, int], rng: np.random.Generator) -> None:
    x, e = rng.standard_normal(shape), rng.standard_normal(shape)
    np.testing.assert_allclose(la.pinv(x), np.linalg.pinv(x), rtol=1e-11, atol=1e-12)
    p, left, right = la.pinv(x), np.eye(shape[0]), np.eye(shape[1])
    expected = -p @ e @ p + p @ p.T @ e.T @ (left - x @ p) + (right - p @ x) @ e.T @ p.T @ p
    np.testing.assert_allclose(complex_step(la.pinv, x, e), expected, rtol=1e-10, atol=1e-11)


def test_pinv_below_full_rank(rng: np.random.Generator) -> None:
    x = rng.standard_normal((4, 2)) @ rng.standard_normal((2, 3))
    np.testing.assert_allclose(x @ la.pinv(x) @ x, x, atol=1e-13)
    assert np.all(np.isnan(la.pinv(x + 1j * STEP)))


def test_chol(rng: np.random.Generator) -> None:
    b, e = rng.standard_normal((4, 4)), rng.standard_normal((4, 4))
    a = b @ b.T + np.eye(4)
    factor = la.chol(a)
    np.testing.assert_allclose(factor, np.linalg.cholesky(a), rtol=1e-13, atol=1e-14)
    m = np.linalg.solve(factor, np.linalg.solve(factor, (e + e.T) / 2).T)
    np.testing.assert_allclose(complex_step(la.chol, a, e), factor @ (np.tril(m) - m * np.eye(4) / 2), atol=1e-12)
    assert np.all(np.isnan(la.chol(-a)))
    assert np.all(np.isnan(la.chol(a * np.nan)))


@pytest.mark.parametrize("shape", [(5, 3), (4, 4), (3, 1)])
def test_qr(shape: tuple[int, int], rng: np.random.Generator) -> None:
    x, e = rng.standard_normal(shape), rng.standard_normal(shape)
    q, r = la.qrQ(x), la.qrR(x)
    np.testing.assert_allclose(q @ r, x, atol=1e-14)
    np.testing.assert_allclose(q.T @ q, np.eye(shape[1]), atol=1e-14)
    np.testing.assert_array_equal(r, np.triu(r))
    assert np.all(np.diag(r) > 0)
    assert_derivative(la.qrQ, x, e)
    assert_derivative(la.qrR, x, e)


def test_qr_stays_orthogonal_for_nearly_dependent_columns() -> None:
    x = np.vander(np.linspace(0, 1, 12), 8)
    np.testing.assert_allclose(la.qrQ(x).T @ la.qrQ(x), np.eye(8), atol=1e-13)


def test_qr_below_full_column_rank() -> None:
    for x in (np.ones((3, 2)), np.ones((2, 3)), np.zeros((2, 2))):
        assert np.all(np.isnan(la.qrQ(x)))
        assert np.all(np.isnan(la.qrR(x)))
        assert la.qrR(x).shape == (x.shape[1], x.shape[1])


def test_lu(rng: np.random.Generator) -> None:
    x, e = rng.standard_normal((4, 4)) + 3 * np.eye(4), rng.standard_normal((4, 4))
    lower, upper = la.luL(x), la.luU(x)
    np.testing.assert_allclose(lower @ upper, x, atol=1e-13)
    np.testing.assert_array_equal(lower, np.tril(lower, -1) + np.eye(4))
    np.testing.assert_array_equal(upper, np.triu(upper))
    assert_derivative(la.luL, x, e)
    assert_derivative(la.luU, x, e)
    for f in (la.luL, la.luU):
        assert np.all(np.isnan(f(np.array([[0.0, 1.0], [1.0, 0.0]]))))


def test_eigenvalue_of_a_general_matrix(rng: np.random.Generator) -> None:
    basis = rng.standard_normal((4, 4)) + 2 * np.eye(4)
    x = basis @ np.diag([0.5, 3.0, -4.0, 1.0]) @ np.linalg.inv(basis)
    value, right, left = la.eigval_general(x), la.eigvec_right(x), la.eigvec_left(x)
    np.testing.assert_allclose(value, [[3.0]], rtol=1e-12)
    np.testing.assert_allclose(x @ right, 3 * right, atol=1e-12)
    np.testing.assert_allclose(left.T @ x, 3 * left.T, atol=1e-12)
    np.testing.assert_allclose([np.sum(right**2), np.sum(left**2)], 1)
    for f in (la.eigval_general, la.eigvec_right, la.eigvec_left):
        assert np.all(np.isnan(f(np.array([[0.0, 1.0], [-1.0, 0.0]]))))
        np.testing.assert_allclose(f(x + 1e-11 * rng.standard_normal((4, 4))), f(x), atol=1e-8)


def test_eigenvalue_of_a_pencil(rng: np.random.Generator) -> None:
    a, c = rng.standard_normal((4, 4)), rng.standard_normal((4, 4))
    a, b = a + a.T, c @ c.T + np.eye(4)
    value, v = la.eigval_generalized(a, b), la.eigvec_generalized(a, b)
    np.testing.assert_allclose(a @ v, value * (b @ v), atol=1e-12)
    np.testing.assert_allclose(v.T @ b @ v, [[1.0]])
    np.testing.assert_allclose(value, [[np.max(np.linalg.eigvals(np.linalg.solve(b, a)).real)]])
    assert np.all(np.isnan(la.eigvec_generalized(a, -b)))


def test_eigen_decomposition(rng: np.random.Generator) -> None:
    b = rng.standard_normal((5, 5))
    w, v = la.eigs(b), la.eigvecs(b)
    assert w.shape == (5, 1)
    assert np.all(np.diff(w.ravel()) > 0)
    np.testing.assert_allclose(v @ np.diag(w.ravel()) @ v.T, (b + b.T) / 2, atol=1e-13)
    np.testing.assert_allclose(la.eigvecs(b + 1e-9 * rng.standard_normal((5, 5))), v, atol=1e-6)


def test_sign_of_structured_eigenvectors_is_stable(rng: np.random.Generator) -> None:
    a = np.array([[2.0, 1.0], [1.0, 2.0]])
    for _ in range(20):
        np.testing.assert_allclose(la.eigvecs(a + 1e-9 * rng.standard_normal((2, 2))), la.eigvecs(a), atol=1e-7)


@pytest.mark.parametrize("shape", [(5, 3), (3, 5), (4, 4)])
def test_svd(shape: tuple[int, int], rng: np.random.Generator) -> None:
    x = rng.standard_normal(shape)
    u, s, v = la.svdU(x), la.svdS(x), la.svdV(x)
    assert s.shape == (min(shape), 1)
    assert np.all(np.diff(s.ravel()) < 0)
    np.testing.assert_allclose(u @ np.diag(s.ravel()) @ v.T, x, atol=1e-13)
    np.testing.assert_allclose(u.T @ u, np.eye(min(shape)), atol=1e-13)
    np.testing.assert_allclose(la.svdU(x + 1e-9), u, atol=1e-6)


@pytest.mark.parametrize(
    "f",
    [la.eigs, la.eigvecs, la.svdU, la.svdS, la.svdV, la.eigval_general, la.eigvec_right, la.eigvec_left],
)
def test_real_only_functions_refuse_a_complex_step(f: Function) -> None:
    np.testing.assert_array_equal(f(np.eye(2) + 0j), f(np.eye(2)))
    assert np.all(np.isnan(f(np.full((2, 2), np.nan))))
    with pytest.raises(ValueError, match="real only"):
        f(np.eye(2) + 1j * STEP)


@pytest.mark.parametrize(
    "f",
    [
        *(la.det, la.logdet, la.inv, la.adj, la.chol, la.eigs, la.luL, la.luU, la.eigval_general, la.eigvec_left),
        *(patterns.vech, patterns.circsum, mf.expm, mf.logm),
    ],
)
def test_square_matrices_are_required(f: Function) -> None:
    with pytest.raises(ValueError, match="square"):
        f(np.ones((2, 3)))
