"""Diagonal sums, products, stacking and constant matrices against their definitions."""

from __future__ import annotations

import numpy as np
import pytest
from checked_derivatives import assert_derivative, richardson

from mccli.numeric import matrix_functions as mf
from mccli.numeric.kernels import linear_algebra as la
from mccli.numeric.kernels import patterns


def test_toepsum_and_circsum() -> None:
    x = np.array([[1.0, 2, 3], [4, 5, 6], [7, 8, 9]])
    np.testing.assert_array_equal(patterns.toepsum(x), [[15, 8, 3], [12, 15, 8], [7, 12, 15]])
    np.testing.assert_array_equal(patterns.circsum(x), [[15, 15, 15], [15, 15, 15], [15, 15, 15]])
    np.testing.assert_array_equal(
        patterns.circsum(np.diag([1.0, 2, 3]) + np.eye(3, k=1)), [[6, 2, 0], [0, 6, 2], [2, 0, 6]]
    )


def test_toepsum_is_the_gradient_along_toeplitz_matrices(rng: np.random.Generator) -> None:
    g, c, r = rng.standard_normal((4, 4)), rng.standard_normal(7), np.arange(4)
    toeplitz = c[r[:, None] - r[None, :] + 3]
    parameters = [patterns.toepsum(g)[i, 0] if i >= 0 else patterns.toepsum(g)[0, -i] for i in range(-3, 4)]
    np.testing.assert_allclose(np.sum(g * toeplitz), np.dot(parameters, c), rtol=1e-13)


def test_offinv() -> None:
    d = np.array([[1.0], [3.0], [7.0]])
    np.testing.assert_allclose(patterns.offinv(d), [[0, 1 / 2, 1 / 6], [-1 / 2, 0, 1 / 4], [-1 / 6, -1 / 4, 0]])
    assert_derivative(patterns.offinv, d, np.array([[0.3], [-0.2], [0.1]]))


def test_eigenvector_differential_uses_offinv(rng: np.random.Generator) -> None:
    b, e = rng.standard_normal((4, 4)), rng.standard_normal((4, 4))
    x, dx = b + b.T + np.diag([0.0, 5, 10, 15]), e + e.T
    w, v = la.eigs(x), la.eigvecs(x)
    np.testing.assert_allclose(richardson(la.eigvecs, x, dx), v @ (patterns.offinv(w) * (v.T @ dx @ v)), atol=1e-9)


def test_divided_differences(rng: np.random.Generator) -> None:
    w = np.array([[1.0], [3.0], [3.0]])
    slopes = [[2, 4, 4], [4, 6, 7], [4, 7, 8]]
    np.testing.assert_allclose(patterns.divdiff(w, w**2, np.array([[2.0], [6.0], [8.0]])), slopes)
    b, e = rng.standard_normal((4, 4)), rng.standard_normal((4, 4))
    x, dx = (b + b.T) / 2, (e + e.T) / 2
    w, v = la.eigs(x), la.eigvecs(x)
    found = v @ (patterns.divdiff(w, np.exp(w), np.exp(w)) * (v.T @ dx @ v)) @ v.T
    np.testing.assert_allclose(found, mf.frechet_expm(x, dx), rtol=1e-10, atol=1e-12)


def test_products_of_matrices(rng: np.random.Generator) -> None:
    a, b = rng.standard_normal((2, 3)), rng.standard_normal((4, 3))
    columns = [np.kron(a[:, j], b[:, j]) for j in range(3)]
    np.testing.assert_array_equal(patterns.khatri_rao(a, b), np.array(columns).T)
    np.testing.assert_array_equal(patterns.kron(a, b), np.kron(a, b))
    pairs = [[np.sum((a[i] - b[j]) ** 2) for j in range(4)] for i in range(2)]
    np.testing.assert_allclose(patterns.sqdist(a, b), pairs, rtol=1e-15)
    for f in (patterns.khatri_rao, patterns.kron, patterns.sqdist):
        assert_derivative(lambda t, f=f: f(t, b), a, rng.standard_normal((2, 3)))  # type: ignore[misc]
    for f in (patterns.khatri_rao, patterns.sqdist):
        with pytest.raises(ValueError, match="columns"):
            f(a, b[:, :2])


def test_convolution(rng: np.random.Generator) -> None:
    w, x = rng.standard_normal((3, 1)), rng.standard_normal((5, 1))
    np.testing.assert_allclose(patterns.conv(w, x).ravel(), np.convolve(w.ravel(), x.ravel()))
    np.testing.assert_allclose(patterns.convmtx(w, 5) @ x, patterns.conv(w, x), rtol=1e-13, atol=1e-14)
    np.testing.assert_allclose(patterns.convmtx(x, 3) @ w, patterns.conv(w, x), rtol=1e-13, atol=1e-14)
    assert_derivative(lambda t: patterns.conv(w, t), x, rng.standard_normal((5, 1)))


def test_stacking(rng: np.random.Generator) -> None:
    a, b = rng.standard_normal((2, 3)), rng.standard_normal((4, 4))
    s = b + b.T
    np.testing.assert_array_equal(patterns.vec(np.array([[1, 3], [2, 4]])), [[1], [2], [3], [4]])
    np.testing.assert_array_equal(patterns.unvec(patterns.vec(a), 2, 3), a)
    np.testing.assert_array_equal(patterns.vech(np.array([[1, 9], [2, 3]])), [[1], [2], [3]])
    np.testing.assert_array_equal(patterns.commutation(2, 3) @ patterns.vec(a), patterns.vec(a.T))
    np.testing.assert_array_equal(patterns.duplication(4) @ patterns.vech(s), patterns.vec(s))
    np.testing.assert_array_equal(patterns.elimination(4) @ patterns.vec(b), patterns.vech(b))
    np.testing.assert_array_equal(patterns.elimination(4) @ patterns.duplication(4), np.eye(10))
    np.testing.assert_array_equal(patterns.diagsel(4) @ patterns.vec(b), np.diag(b).reshape(-1, 1))
    np.testing.assert_array_equal(patterns.unit(2, 3), [[0], [1], [0]])
    with pytest.raises(ValueError, match="between 1 and 3"):
        patterns.unit(0, 3)
