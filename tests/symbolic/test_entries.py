"""Proofs at small sizes: right gradients are proved, wrong ones are refuted, nothing else is claimed."""

from __future__ import annotations

import pytest

from mccli.calculus.identify import gradients
from mccli.calculus.structure import project
from mccli.errors import DeriveError, UsageError
from mccli.expressions.tree import Node, Symbol
from mccli.language.declare import read_scope
from mccli.language.elaborate import elaborate
from mccli.symbolic.define import define_function
from mccli.symbolic.entries import entries, prove


def _problem(text: str, name: str, *assume: str, shapes: tuple[str, ...] = ()) -> tuple[Node, Symbol]:
    found = elaborate(text, read_scope(shapes, assume), scalar=True)
    return found.expression, found.symbols[name]


def _claimed(text: str, claim: str, name: str, *assume: str, shapes: tuple[str, ...] = ()) -> tuple[Node, Symbol, Node]:
    """An expression, its variable, and a gradient typed by hand with the shapes of the expression."""
    found = elaborate(text, read_scope(shapes, assume), scalar=True)
    variable = found.symbols[name]
    declared = [f"{n}:{s.shape[0]},{s.shape[1]}" for n, s in found.symbols.items()]
    return found.expression, variable, elaborate(claim, read_scope(declared, assume)).expression


RIGHT = [
    ("||A x - b||^2", "x"), ("x'A x", "x"), ("x'A x", "A"), ("tr(A X B)", "X"), ("tr(A X' B X)", "X"),
    ("log det X", "X"),
    ("logdet(A X B)", "X"), ("tr(X^-1 A)", "X"), ("det(X)", "X"), ("tr(adj(X) A)", "X"), ("log det(X'X)", "X"),
    ("softmax(x)'c", "x"), ("logsumexp(A x)", "x"), ("sum(sigmoid(A x + b))", "A"), ("||A X - B||_F", "X"),
    ("sum(log(1 + exp(-y.*(X w))))", "w"), ("||x||_1", "x"), ("sum(relu(W x))", "W"), ("sum(kron(A, X))", "X"),
    ("sum(gelu(x))", "x"), ("sum(tanh(A x).^2)", "x"), ("x'A x/(x'*x)", "x"), ("sum(sin(A x).*cos(B x))", "x"),
    ("norm2(x)^3", "x"), ("tr(X^3 A)", "X"), ("std(x)", "x"), ("sum(sqdist(X, Y))", "X"), ("prod(x)", "x"),
    ("log(x'x)*exp(-x'x)", "x"), ("sum(erf(x))", "x"), ("sum(gammaln(x))", "x"), ("sqrt(x'x)*x'b", "x"),
    ("log|x'a|", "x"), ("sum(x.^2.5)", "x"), ("sum(logsoftmax(X))", "X"), ("sum(arctan(x)./x)", "x"),
    ("cos(x'x)*sin(a'x)", "x"), ("log det(eye(n) + X'X)", "X"), ("a'vec(X)", "X"), ("sum(pinv(A))", "A"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "name"), RIGHT)
def test_right_gradients_are_proved(text: str, name: str) -> None:
    expression, variable = _problem(text, name)
    proof = prove(expression, variable, gradients(expression, [variable])[variable])
    rows, columns = (size.value(proof.sizes) for size in variable.shape)
    assert proof.equal, proof
    assert proof.decided
    assert proof.entries_checked == rows * columns
    assert min(proof.sizes.values()) >= 2


STRUCTURED = [
    ("tr(A S)", "S", "S:symmetric"), ("log det S", "S", "S:spd"), ("x'S^-1 x", "S", "S:spd"),
    ("x'S x", "S", "S:symmetric"),
    ("tr(A D B)", "D", "D:diagonal"), ("tr(A*K*B)", "K", "K:skew"), ("tr(A L)", "L", "L:lower"),
    ("tr(U'U)", "U", "U:upper"),
    ("tr(chol(S) A)", "S", "S:spd"), ("tr(S^3)", "S", "S:symmetric"), ("tr(X'Q'Q X)", "X", "Q:orthogonal"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "name", "assume"), STRUCTURED)
def test_gradients_by_structured_variables_are_proved(text: str, name: str, assume: str) -> None:
    expression, variable = _problem(text, name, assume)
    gradient = project(gradients(expression, [variable])[variable], variable)
    assert prove(expression, variable, gradient).equal


WRONG = [
    ("x'A x", "A x", "x", "one side of (A + A')x"),
    ("x'A x", "2*A x", "x", "A taken for symmetric"),
    ("x'A x", "x x' + A", "A", "an extra term"),
    ("||A x - b||^2", "A'(A x - b)", "x", "a missing factor 2"),
    ("||A x - b||^2", "2*A'(A x + b)", "x", "a wrong sign"),
    ("log det X", "inv(X)", "X", "a missing transpose"),
    ("log det X", "inv(X)'*2", "X", "a factor too many"),
    ("tr(X^-1 A)", "-(X^-1 A X^-1)", "X", "a missing transpose"),
    ("tr(X^-1 A)", "(X^-1 A X^-1)'", "X", "a wrong sign"),
    ("tr(A X^2)", "A X + X A", "X", "a missing transpose"),
    ("tr(X^2)", "2*X", "X", "a missing transpose"),
    ("det(X)", "det(X)*inv(X)", "X", "a missing transpose"),
    ("||x||", "x", "x", "not divided by the norm"),
    ("sum(sigmoid(x))", "sigmoid(x)", "x", "no derivative"),
    ("logsumexp(x)", "exp(x)", "x", "not normalised"),
    ("||x||_1", "x", "x", "x for its sign"),
    ("||x||_1", "ones(n, 1)", "x", "right for positive x only"),
    ("sum(relu(x))", "ones(n, 1)", "x", "right for positive x only"),
    ("sum(x.^2)", "2*x + 1/1000000000000*x", "x", "right to twelve digits"),
    ("det(X)", "(tr(X)*eye(n) - X)'", "X", "right for 2×2 only"),
]


@pytest.mark.parametrize(("text", "claim", "name", "mistake"), WRONG, ids=[f"{w[0]}: {w[3]}" for w in WRONG])
def test_wrong_gradients_are_refuted(text: str, claim: str, name: str, mistake: str) -> None:
    proof = prove(*_claimed(text, claim, name))
    assert not proof.equal, mistake
    assert proof.decided
    assert proof.failed_entry is not None
    assert proof.failed_entry.startswith(f"{name}_")


def test_a_gradient_outside_the_space_of_its_variable_is_refuted() -> None:
    assert not prove(*_claimed("tr(A S)", "A'", "S", "S:symmetric")).equal
    assert not prove(*_claimed("tr(A D)", "A'", "D", "D:diagonal")).equal
    assert not prove(*_claimed("tr(A S)", "A + A' - A.*eye(n)", "S", "S:symmetric")).equal
    assert prove(*_claimed("tr(A S)", "(A + A')/2", "S", "S:symmetric")).equal


def test_scalar_variables_and_scalar_factors() -> None:
    assert prove(*_claimed("α*sum(x)", "sum(x)", "α", shapes=("α:scalar",))).equal
    assert not prove(*_claimed("α^2*sum(x)", "α*sum(x)", "α", shapes=("α:scalar",))).equal
    assert prove(*_claimed("sum(x.^p)", "p*x.^(p - 1)", "x", shapes=("p:scalar",))).equal


def test_given_sizes_are_used() -> None:
    proof = prove(*_claimed("sum(x.^2)", "2*x", "x"), sizes={"n": 5})
    assert (proof.sizes, proof.entries_checked, proof.equal) == ({"n": 5}, 5, True)
    with pytest.raises(UsageError, match="size n"):
        prove(*_claimed("sum(x.^2)", "2*x", "x"), sizes={"m": 5})


def test_a_gradient_that_is_right_at_size_one_only_is_refuted_by_default() -> None:
    claim = _claimed("tr(X^2)", "2*X", "X")
    assert prove(*claim, sizes={"n": 1}).equal
    assert prove(*claim).failed_entry is not None


def test_without_time_nothing_is_claimed() -> None:
    expression, variable = _problem("tr(inv(A + B X C) D)", "X")
    right = gradients(expression, [variable])[variable]
    proof = prove(expression, variable, right, sizes={"n": 4, "m": 4, "p": 4}, seconds=0.3)
    assert (proof.equal, proof.failed_entry, proof.decided) == (False, None, False)
    assert proof.method.startswith("undecided")


def test_an_equation_between_piecewise_functions_is_not_claimed() -> None:
    """The points agree, the arithmetic does not know how two signs are tied: that is no proof and no refutation."""
    expression, variable = _problem("sum(huber(x, c))", "x", "c:positive", shapes=("c:scalar",))
    proof = prove(expression, variable, gradients(expression, [variable])[variable])
    assert not proof.decided
    assert proof.method.startswith("undecided")


def test_properties_that_tie_entries_leave_a_difference_undecided() -> None:
    """For a unit vector sum(u.^2) is 1, but its entries are free symbols here: neither proved nor refuted."""
    assert prove(*_claimed("u'x", "u", "x", "u:unit")).equal
    proof = prove(*_claimed("u'x", "sum(u.^2)*u", "x", "u:unit"))
    assert not proof.decided
    assert "u" in proof.method
    assert prove(*_claimed("u'x", "sum(u.^2)*u", "x")).failed_entry == "x_1"


@pytest.mark.parametrize(("text", "name"), [("tr(expm(X))", "expm"), ("eigmax(X)", "eigval"), ("max(x)", "max")])
def test_what_has_no_entries_is_refused(text: str, name: str) -> None:
    found = elaborate(text, scalar=True)
    variable = next(iter(found.symbols.values()))
    with pytest.raises(DeriveError, match=name):
        prove(found.expression, variable, variable)


def test_shapes_that_do_not_fit_are_refused() -> None:
    found = elaborate("A x")
    with pytest.raises(DeriveError, match="scalar"):
        prove(found.expression, found.symbols["x"], found.symbols["x"])
    found = elaborate("x'A x")
    with pytest.raises(UsageError, match="shape of its variable"):
        prove(found.expression, found.symbols["x"], found.symbols["A"])


def test_a_function_with_a_body_is_proved_through_it() -> None:
    scope = define_function(read_scope(), "swish(t) = t*sigmoid(t)")
    found = elaborate("sum(swish(A x))", scope)
    variable = found.symbols["x"]
    assert prove(found.expression, variable, gradients(found.expression, [variable])[variable]).equal


def test_the_view_by_entries() -> None:
    expression, variable = _problem("x'A x", "x")
    view = entries(expression, variable, gradients(expression, [variable])[variable], {"n": 2})
    assert view.value == "x_1*(A_1_1*x_1 + A_2_1*x_2) + x_2*(A_1_2*x_1 + A_2_2*x_2)"
    assert dict(view.partials) == {
        "x_1": "2*A_1_1*x_1 + A_1_2*x_2 + A_2_1*x_2",
        "x_2": "A_1_2*x_1 + A_2_1*x_1 + 2*A_2_2*x_2",
    }
    assert [name for name, _ in view.gradient] == ["x_1", "x_2"]
    assert view.sizes == {"n": 2}


def test_the_view_of_a_symmetric_variable_shows_both_conventions() -> None:
    expression, variable = _problem("x'S x", "S", "S:symmetric")
    gradient = project(gradients(expression, [variable])[variable], variable)
    view = entries(expression, variable, gradient, {"n": 2})
    assert dict(view.partials) == {"S_1_1": "x_1**2", "S_2_1": "2*x_1*x_2", "S_2_2": "x_2**2"}
    assert dict(view.gradient)["S_1_2"] == dict(view.gradient)["S_2_1"] == "x_1*x_2"


def test_the_view_keeps_functions_by_name() -> None:
    expression, variable = _problem("sum(sigmoid(x))", "x")
    view = entries(expression, variable, gradients(expression, [variable])[variable], {"n": 2})
    assert view.value == "sigmoid(x_1) + sigmoid(x_2)"
    assert view.partials[0] == ("x_1", "(1 - sigmoid(x_1))*sigmoid(x_1)")


def test_the_view_needs_every_size() -> None:
    expression, variable = _problem("x'A x", "x")
    with pytest.raises(UsageError, match="size n"):
        entries(expression, variable, variable, {})
