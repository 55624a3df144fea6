"""What a differential is brought into: <G, dX> for a gradient, J vec(dX) for a Jacobian, F' dt by a scalar.

A pairing says how a derivative is paired with a differential, and how it moves on when the differential of a
named part is replaced by what it stands for.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from mccli.calculus.identify import pullback
from mccli.calculus.kronecker import gathered
from mccli.calculus.tidy import tidy
from mccli.calculus.vectorise import vectorise
from mccli.expressions.graph import substitute, walk
from mccli.expressions.sizes import ONE, SCALAR, Shape
from mccli.expressions.tree import (
    Node,
    Number,
    Sum,
    Symbol,
    Transpose,
    add,
    apply,
    eye,
    inner,
    is_operation,
    multiply,
    scaled,
    split_coefficient,
    zeros,
)


class Pairing(Protocol):
    """How a derivative stands beside a differential."""

    shape: Shape
    """The shape of the paired form."""
    stacked: bool
    """Whether the paired form is vec of the function's differential, not the differential itself."""

    def start(self) -> Node:
        """What the function's own differential is paired with."""

    def pair(self, derivative: Node, change: Node) -> Node:
        """A derivative together with a differential."""

    def moved(self, change: Node, upstream: Node, direction: Symbol) -> Node:
        """The derivative along ``direction`` of what ``upstream`` is paired with, if its differential is ``change``."""

    def zero(self, direction: Symbol, /) -> Node:
        """The derivative of what does not depend on ``direction``."""

    def read(self, derivative: Node, typed: Sequence[Node]) -> Node:
        """A derivative in the form for reading; ``typed`` parts stay as they are."""

    def reason(self, before: Node, after: Node, /) -> str:
        """Why the terms of a line can be brought into the paired form."""


class AsGradient:
    """<G, dX>: for a scalar function. G has the shape of X."""

    shape, stacked = SCALAR, False

    def start(self) -> Node:
        """1."""
        return Number(1)

    def pair(self, derivative: Node, change: Node) -> Node:
        """The Frobenius inner product."""
        return inner(derivative, change)

    def moved(self, change: Node, upstream: Node, direction: Symbol) -> Node:
        """The pullback of ``upstream`` through ``change``."""
        if change.depends_on((direction.name,)):
            return pullback(change, upstream, direction)
        return self.zero(direction)

    def zero(self, direction: Symbol) -> Node:
        """Zero in the shape of the variable."""
        return zeros(direction.shape)

    def read(self, derivative: Node, typed: Sequence[Node]) -> Node:
        """The tidy form."""
        return tidy(derivative, typed)

    def reason(self, before: Node, _after: Node) -> str:
        """By the trace, by transposing a scalar, or across the inner product."""
        turned = any(isinstance(n, Transpose) and is_differential(n.operand) for n in walk(before))
        if any(is_operation(n, "tr") for n in walk(before)):
            return "tr(A) = tr(Aᵀ), cyclic shift" if turned else "cyclic shift in the trace"
        if turned:
            return "a scalar equals its transpose"
        if any(is_operation(n, "hadamard") for n in walk(before)):
            return "move the elementwise factors: ⟨M, A ∘ dX⟩ = ⟨A ∘ M, dX⟩"
        return "move the other factors across the inner product"


class AsJacobian:
    """J vec(dX): for a vector or matrix function F; J has a row for every entry of F, a column for every one of X."""

    def __init__(self, function: Node) -> None:
        self.length = function.rows * function.columns
        self.shape = (self.length, ONE)
        self.stacked = function.shape != self.shape

    def start(self) -> Node:
        """The identity."""
        return eye(self.length)

    def pair(self, derivative: Node, change: Node) -> Node:
        """A matrix times the stacked differential."""
        return multiply(derivative, apply("vec", change))

    def moved(self, change: Node, upstream: Node, direction: Symbol) -> Node:
        """The chain rule: the Jacobian of what comes after, times that of the change."""
        return gathered(multiply(upstream, vectorise(change, direction)))

    def zero(self, direction: Symbol) -> Node:
        """Zero, with a column for every entry of the variable."""
        return zeros((self.length, direction.rows * direction.columns))

    def read(self, derivative: Node, typed: Sequence[Node]) -> Node:
        """The tidy form with Kronecker products carried out."""
        return tidy(gathered(tidy(derivative, typed)), typed)

    def reason(self, before: Node, after: Node) -> str:
        """By the rule for the vec of a product, or by what the elementwise product is."""
        operations = {n.operation.name for n in walk(before) if hasattr(n, "operation")}
        reasons = []
        if any(is_operation(n, "kron") for n in walk(after)):
            reasons.append("vec(A X B) = (Bᵀ ⊗ A) vec(X)")
        if any(getattr(n, "name", "") == "commutation" for n in walk(after)):
            reasons.append("vec(Xᵀ) = K vec(X)")
        if "hadamard" in operations:
            reasons.append("a ∘ b = Diag(a) b")
        return "; ".join(reasons) or "the differential last"


class ByScalars:
    """F' dt: for any function of scalars; F' has the shape of the function."""

    stacked = False

    def __init__(self, function: Node) -> None:
        self.shape = function.shape

    def start(self) -> Node:
        """1."""
        return Number(1)

    def pair(self, derivative: Node, change: Node) -> Node:
        """The product with the differential of the scalar."""
        return multiply(derivative, change)

    def moved(self, change: Node, upstream: Node, direction: Symbol) -> Node:
        """The factor of the scalar differential."""
        others = {n: zeros(n.shape) for n in walk(change) if is_differential(n) and n != direction}
        return multiply(upstream, substitute(change, {**others, direction: Number(1)}))

    def zero(self, _direction: Symbol) -> Node:
        """Zero in the shape of the function."""
        return zeros(self.shape)

    def read(self, derivative: Node, typed: Sequence[Node]) -> Node:
        """The tidy form."""
        return tidy(derivative, typed)

    def reason(self, _before: Node, _after: Node) -> str:
        """Scalars commute."""
        return "a scalar factor commutes"


def is_differential(node: Node) -> bool:
    """Whether a node is the differential of a symbol."""
    return isinstance(node, Symbol) and node.role == "differential"


def terms_moved(line: Node, pairing: Pairing, directions: Sequence[Symbol]) -> Node:
    """Every term of a differential by itself in the paired form, terms in their order."""
    terms = line.terms if isinstance(line, Sum) else (split_coefficient(line),)
    moved = []
    for coefficient, term in terms:
        for direction in directions:
            if term.depends_on((direction.name,)):
                part = pairing.moved(scaled(coefficient, term), pairing.start(), direction)
                moved += [pairing.pair(addend, direction) for addend in _addends(part)]
    return add(*moved) if moved else zeros(pairing.shape)


def _addends(node: Node) -> list[Node]:
    return [scaled(c, n) for c, n in node.terms] if isinstance(node, Sum) else [node]
