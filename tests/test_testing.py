"""The helper for tests of users: right gradients pass, wrong ones fail with the report."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from mccli.errors import McError
from mccli.testing import assert_gradient, check_gradient

RNG = np.random.default_rng(0)
A, X = RNG.normal(size=(7, 4)), RNG.normal(size=4)
B = RNG.normal(size=7)


def loss(x: Any, A: Any, b: Any) -> Any:
    return np.sum((A @ x - b) ** 2)


def grad_loss(x: Any, A: Any, b: Any) -> Any:
    return 2 * A.T @ (A @ x - b)


def half(x: Any, A: Any, b: Any) -> Any:
    return A.T @ (A @ x - b)


def test_right_passes() -> None:
    assert_gradient(loss, grad_loss, X, A, B)
    assert check_gradient(loss, grad_loss, X, A, B).verdict == "right"


def test_wrong_fails_with_the_report() -> None:
    with pytest.raises(AssertionError) as caught:
        assert_gradient(loss, half, X, A, B)
    text = str(caught.value)
    assert "wrong   half is not the gradient of loss by x" in text
    assert "x[0]" in text
    assert "the factor 2 is missing" in text
    assert check_gradient(loss, half, X, A, B).labels[0] == "factor"


def test_arguments_by_name_and_wrt() -> None:
    def by_b(x: Any, A: Any, b: Any) -> Any:
        return -2 * (A @ x - b)

    assert_gradient(loss, by_b, X, wrt="b", named={"A": A, "b": B})
    assert not check_gradient(loss, by_b, X, A, B, wrt=["x"])


def test_value_and_gradient_in_one() -> None:
    assert_gradient(lambda x: (np.sum(x**2), 2 * x), None, X)
    assert not check_gradient(lambda x: (np.sum(x**2), x), None, X)


def test_tuple_and_dict() -> None:
    def f(u: Any, v: Any) -> Any:
        return u @ np.sin(v)

    assert_gradient(f, lambda u, v: (np.sin(v), u * np.cos(v)), X, X + 1)
    assert_gradient(f, lambda u, v: {"v": u * np.cos(v), "u": np.sin(v)}, X, X + 1)
    found = check_gradient(f, lambda u, v: (np.sin(v), u), X, X + 1)
    assert [a.verdict for a in found.outcome.report.arguments] == ["right", "wrong"]


def test_jacobian_hessian_and_products() -> None:
    assert_gradient(lambda x: A @ np.sin(x), lambda x: A * np.cos(x), X)
    assert_gradient(np.sin, np.cos, X)
    assert_gradient(lambda x: np.sum(x**3), lambda x: np.diag(6 * x), X, kind="hessian")
    assert_gradient(lambda x: A @ x**2, lambda x, u: 2 * x * (A.T @ u), X, kind="vjp")
    assert_gradient(lambda x: A @ x**2, lambda x, v: A @ (2 * x * v), X, kind="jvp")
    assert not check_gradient(lambda x: A @ x**2, lambda x, v: A @ (x * v), X, kind="jvp")


def test_symmetric() -> None:
    s = A.T @ A + np.eye(4)

    def logdet(S: Any) -> Any:
        return 2 * np.sum(np.log(np.diag(np.linalg.cholesky(S))))

    assert_gradient(logdet, lambda S: np.linalg.inv(S), s, symmetric="S")


def test_cannot_tell_fails_with_its_cause() -> None:
    with pytest.raises(AssertionError, match="cannot tell") as caught:
        assert_gradient(loss, lambda x, A, b: A @ b @ x, X, A, B)
    assert isinstance(caught.value.__cause__, ValueError)


def test_arguments_are_not_changed() -> None:
    def greedy(x: Any) -> Any:
        x *= 2
        return np.sum(x**2)

    kept = X.copy()
    found = check_gradient(greedy, lambda x: 8 * x, X)
    assert np.array_equal(X, kept)
    assert not found
    assert "changes its argument x in place" in str(found)


def test_mistakes_of_use() -> None:
    with pytest.raises(McError, match="there is no value for b"):
        check_gradient(loss, grad_loss, X, A)
    with pytest.raises(McError, match="takes 3 arguments"):
        check_gradient(loss, grad_loss, X, A, B, B)
    with pytest.raises(McError, match="has no argument z"):
        check_gradient(loss, grad_loss, X, A, B, wrt="z")
    with pytest.raises(McError, match="does not return"):
        check_gradient(lambda x: x @ x, None, X)
    with pytest.raises(McError, match="kind 'curl'"):
        check_gradient(loss, grad_loss, X, A, B, kind="curl")


def test_the_module_is_light() -> None:
    """Collecting tests that import the helper does not load NumPy."""
    code = "import sys, mccli.testing; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("library", ["jax", "torch", "autograd"])
def test_functions_of_other_libraries(library: str) -> None:
    module = pytest.importorskip({"jax": "jax.numpy", "autograd": "autograd.numpy"}.get(library, library))

    def f(x: Any) -> Any:
        return module.sum(module.tanh(x) ** 2)

    def grad(x: Any) -> Any:
        return 2 * module.tanh(x) * (1 - module.tanh(x) ** 2)

    assert_gradient(f, grad, X)
