"""Derivatives along directions: their sizes, several variables, what is said of them."""

from __future__ import annotations

import pytest

import mccli
from mccli.errors import DeriveError, UsageError


@pytest.mark.parametrize(("direction", "shape"), [("B", "B:n,n"), ("B", "B:p,q"), ("B C", "B:p,q"), ("2 B", "B:p,q")])
def test_a_variable_takes_the_declared_sizes_of_its_direction(direction: str, shape: str) -> None:
    found = mccli.derive("tr(A X)", "X", along=direction, shapes=shape)
    assert found.certificate is not None
    assert not found.elaborated.notes


def test_sizes_that_are_declared_stay() -> None:
    with pytest.raises(DeriveError, match="cannot change by a direction of the shape p×q"):
        mccli.derive("tr(A X)", "X", along="B", shapes=["B:p,q", "A:m,n"])


def test_the_direction_that_must_be_declared_is_named() -> None:
    with pytest.raises(DeriveError) as caught:
        mccli.derive("tr(A X)", "X", along="B", shapes="B:n,n", assume="X:symmetric")
    assert list(caught.value.notes) == ["declare it: --assume B:symmetric"]
    both = ["X:symmetric", "B:symmetric"]
    assert mccli.derive("tr(A X)", "X", along="B", shapes="B:n,n", assume=both).certificate is not None


SEVERAL = {
    "x'A y": ("x", "y"),
    "||tanh(W x + b) - y||^2": ("W", "b"),
    "logsumexp(A x + s b)": ("x", "b"),
    "sum(X^k) x'x": ("X", "x"),
}


@pytest.mark.parametrize("function", SEVERAL)
def test_the_hessian_by_several_variables_times_directions(function: str) -> None:
    variables = SEVERAL[function]
    directions = [f"D{i}" if v.isupper() else f"d{i}" for i, v in enumerate(variables)]
    shapes = ["s:scalar"] if "s b" in function else []
    found = mccli.derive(function, variables, order=2, along=directions, shapes=shapes)
    assert found.certificate is not None
    assert list(found.derivatives) == list(variables)
    shapes_of = {d.variable.name: (d.full.shape, d.variable.shape) for d in found.results}
    assert all(own == wanted for own, wanted in shapes_of.values())
    with pytest.raises(UsageError, match="a module computes one derivative"):
        found.numpy_code()


def test_the_results_are_each_the_sum_of_the_blocks_times_the_directions() -> None:
    found = mccli.derive("x'A y", ["x", "y"], order=2, along=["u", "v"])
    assert str(found.derivatives["x"]) == "A v"
    assert str(found.derivatives["y"]) == "Aᵀ u"


def test_what_does_not_vary_is_named() -> None:
    def last(function: str, *variables: str) -> str:
        steps = mccli.derive(function, variables, differential=True, order=2).derivation.steps
        return steps[-1].rules[-1].words

    assert last("x'x", "x") == "product rule; dx does not vary"
    assert last("x'y", "x", "y") == "product rule; dx, dy do not vary"
