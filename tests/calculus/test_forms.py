"""The form in which Jacobians and Hessians are printed: the one of textbooks, of the same value."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from mccli import derive


class Form(NamedTuple):
    """A function, its variable, the order of the derivative and how it is printed."""

    expression: str
    variable: str
    order: int
    printed: str
    shapes: tuple[str, ...] = ()


DIAGONALS = [
    Form("Diag(x) a", "x", 1, "Diag(a)"),
    Form("Diag(x) A x", "x", 1, "Diag(A x) + Diag(x) A"),
    Form("A Diag(x) a", "x", 1, "A Diag(a)"),
    Form("a'Diag(x)Diag(x)b", "x", 2, "2 Diag(a ∘ b)"),
    Form("a'Diag(x)B Diag(x)a", "x", 2, "B ∘ (a aᵀ) + (B ∘ (a aᵀ))ᵀ"),
    Form("logdet(A Diag(x) A')", "x", 2, "−(Aᵀ (A Diag(x) Aᵀ)⁻¹ A) ∘ (Aᵀ (A Diag(x) Aᵀ)⁻¹ A)"),
    Form("tr(inv(A Diag(x) A'))", "x", 2, "2 (Aᵀ (A Diag(x) Aᵀ)⁻² A) ∘ (Aᵀ (A Diag(x) Aᵀ)⁻¹ A)"),
]
ELEMENTWISE = [
    Form("sum(sigmoid(X))", "X", 2, "Diag(vec(σ(X) ∘ (1 − σ(X)) ∘ (1 − 2 σ(X))))"),
    Form("sum(log(1+exp(-y.*(X w))))", "w", 2, "Xᵀ Diag(y ∘ y ∘ σ(−y ∘ (X w)) ∘ (1 − σ(−y ∘ (X w)))) X"),
    Form("sum(abs(x).^3)", "x", 2, "6 Diag(abs(x))"),
]
KRONECKER = [
    Form("-y'log(softmax(W x))", "W", 2, "sum(y) (x xᵀ) ⊗ (Diag(softmax(W x)) − softmax(W x) softmax(W x)ᵀ)"),
    Form("V softmax(K q)", "K", 1, "qᵀ ⊗ (V (Diag(softmax(K q)) − softmax(K q) softmax(K q)ᵀ))"),
    Form("logsoftmax(W x)", "W", 1, "xᵀ ⊗ (eye(m) − ones(m,1) softmax(W x)ᵀ)"),
    Form("inv(X'X)X'y", "X", 1, "(Xᵀ X)⁻¹ ⊗ (yᵀ − yᵀ X (Xᵀ X)⁻¹ Xᵀ) − (yᵀ X (Xᵀ X)⁻¹) ⊗ ((Xᵀ X)⁻¹ Xᵀ)"),
    Form("X inv(X'X) X'", "X", 1, "(I + commutation(m,m)) ((X (Xᵀ X)⁻¹) ⊗ (I − X (Xᵀ X)⁻¹ Xᵀ))"),
    Form("norm2(X b)", "X", 2, "(b bᵀ) ⊗ (I − X b bᵀ Xᵀ/‖X b‖²)/‖X b‖"),
    Form("(I - 2 v v'/(v'v)) x", "v", 1, "−2/(vᵀ v) ((xᵀ v) (I − 2 v vᵀ/(vᵀ v)) + v xᵀ)"),
]
FACTORED = [
    Form("||A x - b||", "x", 2, "Aᵀ (I − (A x − b) (A x − b)ᵀ/‖A x − b‖²) A/‖A x − b‖"),
    Form("log(sum(exp(A x)))", "x", 2, "Aᵀ (Diag(exp(A x)) − exp(A x) exp(A x)ᵀ/sum(exp(A x))) A/sum(exp(A x))"),
    Form("norm2(x - a)^3", "x", 2, "3 (x − a) (x − a)ᵀ/‖x − a‖ + 3 ‖x − a‖ I"),
]
STACKED = [
    Form("vcat(A x, B x)", "x", 1, "vcat(A, B)"),
    Form("vcat(x.*x, A x)", "x", 1, "vcat(2 Diag(x), A)"),
    Form("hcat(X, A X)", "X", 1, "vcat(eye(m*n), eye(n) ⊗ A)"),
]
INNER_PRODUCTS = [
    Form("logdet(A+t B)", "t", 2, "−tr((A + t B)⁻¹ B (A + t B)⁻¹ B)", ("t:scalar",)),
    Form("||A + t B||^2", "t", 2, "2 tr(Bᵀ B)", ("t:scalar",)),
]
FORMS = [*DIAGONALS, *ELEMENTWISE, *KRONECKER, *FACTORED, *STACKED, *INNER_PRODUCTS]


@pytest.mark.parametrize("form", FORMS, ids=lambda f: f.expression)
def test_the_textbook_form_of_the_right_value(form: Form) -> None:
    found = derive(form.expression, form.variable, order=form.order, shapes=form.shapes)
    assert found.certificate is not None
    assert found.certificate.passed
    assert str(found.derivative) == form.printed


def test_a_mixed_block_is_read_off_kronecker_products_that_fit() -> None:
    found = derive("||kron(x,y)||^2", ["x", "y"], order=2)
    assert str(found.derivatives["x,y"]) == "4 x yᵀ"


def test_a_fraction_goes_into_every_term() -> None:
    (result,) = derive("tr(A X)", "X", assume="X:skew").results
    assert result.independent is not None
    assert str(type(derive("tr(A X)", "X").derivative)(result.independent)) == "Aᵀ − A"
