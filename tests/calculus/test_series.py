"""Sums over an index: the index is no symbol of the user, and they are differentiated term by term."""

from __future__ import annotations

import pytest

import mccli
from mccli.errors import DeriveError, ShapeError
from mccli.expressions.graph import apart, names_in, substitute, sums
from mccli.expressions.sizes import letter_size
from mccli.expressions.tree import Apply, Node, Symbol
from mccli.language.elaborate import elaborate

CASES = {
    "r' X^k r": ("X",),
    "r' X^k i": ("X", "r"),
    "tr(X^k) + r'r": ("X", "r"),
    "sum(X^k)": ("X",),
    "tr(X^k)^2": ("X",),
    "tr(A X^k) x'x": ("X", "x"),
    "series(i,1,n,exp(unit(i,n)'*x)*(unit(i,n)'*x))": ("x",),
    "tr(series(i,1,k,series(j,i,k,X^i*X^j)))": ("X",),
}


@pytest.mark.parametrize("function", CASES)
@pytest.mark.parametrize("order", [1, 2])
def test_derivatives_agree_with_differences(function: str, order: int) -> None:
    found = mccli.derive(function, CASES[function], order=order)
    assert found.certificate is not None
    assert 0 < found.certificate.worst < 1e-10


@pytest.mark.parametrize("upstream", ["r", "r i'"])
def test_the_index_is_renamed_apart_from_an_upstream_gradient(upstream: str) -> None:
    assert mccli.derive("X^k", "X", upstream=upstream).certificate is not None


@pytest.mark.parametrize("order", [1, 2])
def test_the_index_is_renamed_apart_from_a_direction(order: int) -> None:
    found = mccli.derive("r' X^k r", "X", order=order, along="r r'")
    assert "series(i, 0, k − 1" in str(found.derivative)


def test_the_index_is_renamed_apart_from_a_size() -> None:
    assert "series(r" not in str(mccli.derive("sum(X^k)", "X", shapes="X:r,r").gradient)


def test_the_jacobian_of_a_typed_sum() -> None:
    found = mccli.derive("series(i,1,k,X^i)", "X")
    assert str(found.derivative) == "series(i, 1, k, series(r, 0, i − 1, (Xᵀ)^(i − 1 − r) ⊗ X^r))"
    assert found.certificate is not None
    assert found.certificate.worst > 0


def test_bounds_are_scalars_and_do_not_vary() -> None:
    assert str(elaborate("series(i,1,k,X^i)").symbols["k"].shape) == "(1, 1)"
    with pytest.raises(ShapeError, match="bounds of a sum"):
        mccli.derive("series(i,1,x,X^i)", "X", shapes="x:n")
    with pytest.raises(DeriveError, match="bounds of a sum"):
        mccli.derive("series(i,1,x'x,sum(X^i))", "x")


def test_the_needs_of_the_function_stay_with_the_hessian_along() -> None:
    found = mccli.derive("sum(X^k)", "X", order=2, along="V")
    assert [need.kind for need in found.derivation.needs] == ["whole"]


def test_a_sum_is_called_term_by_term() -> None:
    steps = mccli.derive("series(i,1,k,X^i)", "X").derivation.steps
    words = [rule.words for step in steps for rule in step.rules]
    assert "term by term" in words


# ---------------------------------------------------------------------------------------------- renaming


def _series(text: str) -> tuple[Node, Apply]:
    node = elaborate(text).expression
    (found,) = (n for n in sums(node) if isinstance(n, Apply))
    return node, found


def test_apart_renames_the_index_in_sizes_too() -> None:
    _, series = _series("series(i,1,n,unit(i,n)*exp(unit(i,n)'*x))")
    other = apart(series, {"i"})
    assert "i" not in names_in(other)
    assert {size.letter for n in (other,) for size in (letter_size(s) for s in names_in(n))} >= {"n"}
    assert apart(series, {"j"}) is series


def test_substitution_captures_nothing() -> None:
    node, series = _series("tr(series(r,0,k,X^r*A))")
    square = series.shape
    column = Symbol("r", square)
    (a,) = (n for n in (series.arguments[3].children()) if isinstance(n, Symbol) and n.name == "A")
    replaced = substitute(node, {a: column})
    (inside,) = (n for n in sums(replaced) if isinstance(n, Apply))
    assert inside.arguments[0].symbols != {"r"}
    assert replaced.depends_on(["r"])
