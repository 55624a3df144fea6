"""Second derivatives of declared vector functions: d Jg, the weighted Hessians Hg(x, w), and gradients through both."""

from __future__ import annotations

import numpy as np
import pytest

from mccli.calculus.derivation import derive
from mccli.calculus.differential import differential, differential_symbol
from mccli.errors import DeriveError, ShapeError
from mccli.expressions.tree import Node
from mccli.language.declare import Scope, read_scope
from mccli.language.elaborate import elaborate
from mccli.numeric.certify import certify
from mccli.numeric.evaluate import evaluate

DEFINED = ["g(x): m", "G(x): p,q", "L(z): scalar"]
SIZES = {"m": 4, "n": 3, "p": 2, "q": 5, "k": 2}


def _scope(*shapes: str) -> Scope:
    return read_scope(shapes, definitions=DEFINED)


def _arrays(nodes: list[Node], scope: Scope) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(3)
    shapes = {name: tuple(size.value(SIZES) for size in shape) for name, shape in scope.shapes.items()}
    wanted = {name for node in nodes for name in node.symbols}
    return {name: rng.normal(size=shape) for name, shape in shapes.items() if name in wanted}


@pytest.mark.parametrize(("text", "by"), [
    ("Jg(x)", "x"), ("Jg(X)", "X"), ("JG(x)", "x"), ("JG(X)", "X"), ("Jg(x)'*w", "x"), ("w'*Jg(A*x)", "x"),
    ("Jg(x)'*(g(x) - w)", "x"), ("Jg(x)'*gradL(g(x))", "x"), ("v'*Jg(x)'*Jg(x)", "x"), ("JG(X)'*vec(G(X))", "X"),
    ("Hg(x, w)", "w"), ("HG(X, W)", "W"),
])  # fmt: skip
def test_differentials_agree_with_differences(text: str, by: str) -> None:
    """The sum over the entries of g, the closed form beside a vector, and linearity in the weights."""
    scope = _scope("x:n", "X:n,k", "A:n,n", "w:m", "W:p,q", "v:n")
    found = elaborate(text, scope)
    variable = found.symbols[by]
    change = differential(found.expression, {variable: differential_symbol(variable)})
    arrays = _arrays([found.expression], scope)
    step = np.random.default_rng(4).normal(size=arrays[by].shape)
    moved = evaluate(found.expression, {**arrays, by: arrays[by] + 1e-30j * step}, SIZES)
    value = evaluate(change, {**arrays, f"d{by}": step}, SIZES)
    np.testing.assert_allclose(value, np.imag(moved) / 1e-30, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize(("text", "expected"), [
    ("Jg(x)'*g(x)", "Hg(x, g(x))*dx + Jg(x)'*Jg(x)*dx"),
    ("g(x)'*Jg(x)", "dx'*Jg(x)'*Jg(x) + dx'*Hg(x, g(x))"),
    ("Jg(x)'*gradL(g(x))", "Hg(x, gradL(g(x)))*dx + Jg(x)'*hessL(g(x))*Jg(x)*dx"),
])  # fmt: skip
def test_a_jacobian_beside_a_vector_gives_the_weighted_hessian(text: str, expected: str) -> None:
    scope = _scope("x:n", "dx:n")
    found = elaborate(text, scope)
    x = found.symbols["x"]
    assert differential(found.expression, {x: differential_symbol(x)}) == elaborate(expected, scope).expression


@pytest.mark.parametrize(("text", "by", "expected"), [
    ("||Jg(x)'*w||^2", "x", "2*Hg(x, w)*Jg(x)'*w"),
    ("w'*Jg(A*x)*v", "x", "A'*Hg(A*x, w)*v"),
    ("u'*JG(x)*v", "x", "HG(x, unvec(u, p, q))*v"),
])  # fmt: skip
def test_the_sum_over_the_entries_closes_in_a_gradient(text: str, by: str, expected: str) -> None:
    scope = _scope("x:n", "A:n,n", "w:m", "v:n", "u:p*q")
    found = elaborate(text, scope, scalar=True)
    (gradient,) = derive(found.expression, found.symbols, [found.symbols[by]]).gradients
    assert gradient.full == elaborate(expected, scope).expression


@pytest.mark.parametrize(("text", "by"), [
    ("sum(Jg(x).*B)", "x"), ("tr(C*JG(X))", "X"), ("v'*Hg(x, w)*v", "w"), ("tr(D*HG(X, W))", "W"),
])  # fmt: skip
def test_gradients_are_certified(text: str, by: str) -> None:
    found = elaborate(text, _scope("x:n", "X:n,k", "B:m,n", "w:m", "W:p,q", "v:n"), scalar=True)
    derivation = derive(found.expression, found.symbols, [found.symbols[by]])
    assert certify(derivation, found.letters).passed


def test_a_third_derivative_is_refused() -> None:
    found = elaborate("v'*Hg(x, w)*v", _scope("x:n", "v:n", "w:m"), scalar=True)
    with pytest.raises(DeriveError, match="no rule"):
        derive(found.expression, found.symbols, [found.symbols["x"]])


def test_the_weights_have_the_shape_of_the_value() -> None:
    with pytest.raises(ShapeError, match="weights in Hg"):
        elaborate("Hg(x, w)", read_scope(["w:3"], definitions=["g(x): 2"]))
