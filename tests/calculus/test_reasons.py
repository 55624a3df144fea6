"""The reasons that are given for lines: said only where they are true."""

from __future__ import annotations

import pytest

import mccli
from mccli.calculus.derivation import Derivation
from mccli.errors import DeriveError
from mccli.expressions.operations import OPERATIONS

EQUAL = "both terms are equal"


def words(derivation: Derivation) -> list[str]:
    told = (derivation.first, *derivation.chapters, derivation)
    return [rule.words for d in told if d is not None for step in d.steps for rule in step.rules]


TWICE = {"x'x": "", "x'A x": "A:symmetric", "x'A x - b'x": "A:symmetric", "sum(x .* x)": ""}
ONCE = {"tr(X X)": "", "x'A x": "", "tr(X A X)": "", "x'x + x'A x": "", "x'exp(x)": "", "(A x)'(B x)": ""}


@pytest.mark.parametrize("function", TWICE)
def test_equal_terms(function: str) -> None:
    variable = "X" if "X" in function else "x"
    assert EQUAL in words(mccli.derive(function, variable, assume=TWICE[function] or ()).derivation)


@pytest.mark.parametrize("function", ONCE)
def test_terms_that_are_not_equal(function: str) -> None:
    variable = "X" if "X" in function else "x"
    assert EQUAL not in words(mccli.derive(function, variable).derivation)


def test_a_common_factor_does_not_make_terms_equal() -> None:
    found = mccli.derive("||tanh(W x + b) - y||^2", ["W", "b"], order=2)
    assert EQUAL not in words(found.derivation)
    assert "name the residual" not in words(found.derivation)


def test_the_residual_is_data_and_fit() -> None:
    assert "name the residual" in words(mccli.derive("norm2(A x - b)", "x").derivation)


@pytest.mark.parametrize("function", ["expm", "logm", "sinm", "cosm", "toepsum", "circsum"])
def test_a_jacobian_without_a_formula_is_refused_in_plain_words(function: str) -> None:
    assert function in OPERATIONS
    with pytest.raises(DeriveError, match=f"no formula for the Jacobian of {function} as a matrix") as caught:
        mccli.derive(f"{function}(X)", "X", command='mc derive "{}" --wrt X')
    assert caught.value.fix == f'mc derive "{function}(X)" --wrt X --along V'
    assert mccli.derive(f"{function}(X)", "X", along="V").certificate is not None


def test_a_hessian_without_a_formula_is_offered_along_a_direction() -> None:
    with pytest.raises(DeriveError, match="Jacobian of expm") as caught:
        mccli.derive("tr(expm(X))", "X", order=2, command='mc derive "{}" --wrt X --order 2')
    assert caught.value.fix == 'mc derive "tr(expm(X))" --wrt X --order 2 --along V'
    with pytest.raises(DeriveError, match="second derivative of expm") as caught:
        mccli.derive("tr(A expm(X))", "X", order=2, command='mc derive "{}" --wrt X --order 2')
    assert caught.value.fix is None


def test_the_slope_of_a_function_of_one_scalar_is_written_with_a_prime() -> None:
    found = mccli.derive("f(a'x)", "x", define="f(t): scalar")
    assert str(found.gradient) == "f'(aᵀ x) a"
    again = mccli.derive("a'y f'(a'x)", "x", define="f(t): scalar")
    assert str(again.gradient) == "f''(aᵀ x) (aᵀ y) a"
    assert str(mccli.derive("f(A x)", "x", define="f(t): scalar").gradient) == "Aᵀ ∇f(A x)"
