"""What a differential is brought into: <G, dX> for a gradient, J vec(dX) for a Jacobian, F' dt by a scalar.

A pairing says how a derivative is paired with a differential, and how it moves on when the differential of a
named part is replaced by what it stands for.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from mccli.calculus.identify import pullback
from mccli.calculus.tidy import tidy
from mccli.expressions.graph import walk
from mccli.expressions.sizes import SCALAR, Shape
from mccli.expressions.tree import (
    Node,
    Number,
    Sum,
    Symbol,
    Transpose,
    add,
    inner,
    is_operation,
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
    in_parts: bool
    """Whether the derivative can be put together from those of named parts."""

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

    shape, stacked, in_parts = SCALAR, False, True

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
