"""The softmax family and norms against definitions and differences."""

from __future__ import annotations

import numpy as np
import pytest
from checked_derivatives import STEP, Function, assert_derivative, complex_step

from mccli.numeric.kernels import summaries


def test_softmax_and_logsumexp_values(rng: np.random.Generator) -> None:
    x = rng.standard_normal((3, 4))
    e = np.exp(x)
    np.testing.assert_allclose(summaries.softmax(x), e / e.sum(), rtol=1e-14)
    np.testing.assert_allclose(summaries.softmax_rows(x), e / e.sum(1, keepdims=True), rtol=1e-14)
    np.testing.assert_allclose(summaries.softmax_cols(x), e / e.sum(0, keepdims=True), rtol=1e-14)
    np.testing.assert_allclose(summaries.logsumexp(x), np.log(e.sum()).reshape(1, 1), rtol=1e-14)
    np.testing.assert_allclose(summaries.logsumexp_rows(x), np.log(e.sum(1)).reshape(3, 1), rtol=1e-14)
    np.testing.assert_allclose(summaries.logsumexp_cols(x), np.log(e.sum(0)).reshape(1, 4), rtol=1e-13)
    np.testing.assert_allclose(summaries.logsoftmax(x), np.log(e / e.sum()), rtol=1e-14)


SOFT = [
    summaries.softmax,
    summaries.softmax_rows,
    summaries.softmax_cols,
    summaries.logsumexp,
    summaries.logsumexp_rows,
    summaries.logsumexp_cols,
    summaries.logsoftmax,
]


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
        np.testing.assert_allclose(summaries.softmax_rows(z), [[0.5, 0, 0.5]])
        np.testing.assert_allclose(summaries.logsumexp_rows(z), [[np.log(2)]])


def test_norm_values() -> None:
    x = np.array([[3.0, -4.0], [12.0, 0.0]])
    np.testing.assert_array_equal(summaries.norm2(x), [[13.0]])
    np.testing.assert_array_equal(summaries.norm1(x), [[19.0]])
    np.testing.assert_array_equal(summaries.norminf(-x), [[12.0]])
    np.testing.assert_array_equal(summaries.rownorms(x), [[5.0], [12.0]])
    np.testing.assert_allclose(summaries.colnorms(x), [[np.sqrt(153)], [4.0]], rtol=1e-15)
    np.testing.assert_allclose(summaries.normp(x, 3), [[(27 + 64 + 1728) ** (1 / 3)]], rtol=1e-15)
    np.testing.assert_array_equal(summaries.normp(np.zeros((3, 1)), 3), [[0.0]])
    np.testing.assert_array_equal(summaries.indmax(x), [[0, 0], [1, 0]])
    np.testing.assert_array_equal(summaries.indmax(np.ones((2, 1)) + 1j * STEP), [[1], [0]])


NORMS: dict[str, Function] = {
    "norm1": summaries.norm1,
    "norm2": summaries.norm2,
    "norminf": summaries.norminf,
    "norm 2.5": lambda x: summaries.normp(x, 2.5),
    "rows": summaries.rownorms,
    "columns": summaries.colnorms,
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
    assert_derivative(lambda p: summaries.normp(x, p), np.array([[2.5]]), np.ones((1, 1)))
