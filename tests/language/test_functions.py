"""Names of functions as they are typed, and functions that a number chooses."""

from __future__ import annotations

import pytest

from mccli.errors import McError, NameMistake, ShapeError
from mccli.expressions.tree import Apply
from mccli.language.declare import read_scope
from mccli.language.elaborate import elaborate


@pytest.mark.parametrize(("text", "operation"), [
    ("log1p(x)", "log1p"), ("np.log1p(x)", "log1p"), ("gelu_tanh(A x)", "gelu_tanh"), ("skew3(a)", "skew3"),
    ("leaky_relu(x, 1/10)", "leakyrelu"), ("softsign(x)", "softsign"), ("cumsum(x)", "cumsum"),
    ("eigval_general(X)", "eigval_general"), ("eigval_generalized(A, B)", "eigval_generalized"),
    ("qrQ(X)", "qrQ"), ("luU(X)", "luU"), ("cross(a, x)", "cross"), ("block(A, B, C, D)", "block"),
])  # fmt: skip
def test_names_with_digits_and_underscores_are_functions(text: str, operation: str) -> None:
    node = elaborate(text).expression
    assert isinstance(node, Apply)
    assert node.operation.name == operation


@pytest.mark.parametrize(("text", "said"), [
    ("gelu_foo(x)", "takes no subscript"), ("AcumsumB", "glued"), ("logitt(x)", "unknown function"),
])  # fmt: skip
def test_names_that_are_nearly_functions_are_refused(text: str, said: str) -> None:
    with pytest.raises(NameMistake, match=said):
        elaborate(text)


@pytest.mark.parametrize(("typed", "operation"), [
    ("tril(X)", "tril"), ("tril(X,0)", "tril"), ("tril(X,-1)", "strictlower"), ("triu(X, 1)", "strictupper"),
    ("np.tril(X, -1)", "strictlower"), ("sum(X,1)", "colsums"), ("logsumexp(X, 2)", "logsumexp_rows"),
])  # fmt: skip
def test_a_number_chooses_the_operation(typed: str, operation: str) -> None:
    node = elaborate(typed).expression
    assert isinstance(node, Apply)
    assert node.operation.name == operation


@pytest.mark.parametrize(("typed", "said"), [
    ("tril(X,1)", "leaves the diagonal out"), ("triu(X,-1)", "leaves the diagonal out"),
    ("sum(X,3)", "the axis of sum"), ("sum(X,-1)", "the axis of sum"),
    ("tril(X,k)", "leaves the diagonal out"), ("tril(X,1/2)", "leaves the diagonal out"),
])  # fmt: skip
def test_other_numbers_are_refused(typed: str, said: str) -> None:
    with pytest.raises(ShapeError, match=said):
        elaborate(typed)


@pytest.mark.parametrize("text", [
    "cross(x, y) where x: 4", "skew3(x) where x: 2", "cross(A, x)", "cumsum(X)",
    "block(A, B, C, D) where A: 2×2, B: 3×2", "divdiff(w, f, g) where w: 2, f: 3",
    "factorial(x)", "eigval_general(X) where X: 2×3",
])  # fmt: skip
def test_shapes_that_do_not_fit_are_refused(text: str) -> None:
    with pytest.raises(McError):
        elaborate(text)


def test_lengths_of_three_are_inferred() -> None:
    assert [str(elaborate("cross(a, A x)").symbols[name].rows) for name in "aA"] == ["3", "3"]
    assert str(elaborate("skew3(a) b").symbols["b"].rows) == "3"


def test_a_factorial_in_a_sum_is_written_out() -> None:
    short = elaborate("series(k, 0, 3, X^k/factorial(k))").expression
    assert short == elaborate("eye(n) + X + 1/2*X^2 + 1/6*X^3", read_scope(["X:n,n"])).expression
