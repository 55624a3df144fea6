"""Identification in vec form: ``vectorise(term, E)`` is the J in vec(term) = J vec(E).

From vec(B E C) = (C' ⊗ B) vec(E), vec(E') = K vec(E), vec(A ∘ E) = Diag(vec A) vec(E), and for every other
linear operation from the ``vec`` of its record (Magnus & Neudecker, Matrix Differential Calculus, ch. 9).
"""

from __future__ import annotations

from mccli.calculus.identify import pullback
from mccli.calculus.selections import commutation
from mccli.errors import DeriveError
from mccli.expressions.sizes import Size
from mccli.expressions.tree import (
    Apply,
    Node,
    Number,
    Product,
    Sum,
    Symbol,
    Transpose,
    add,
    apply,
    eye,
    is_operation,
    multiply,
    scaled,
    transpose,
    zeros,
)
from mccli.language.rules import build_rule, vec_rule


def vectorise(term: Node, direction: Symbol) -> Node:
    """The J with vec(term) = J vec(direction), for a term that is linear in ``direction``.

    J has as many rows as ``term`` has entries, and as many columns as ``direction`` has. DeriveError if an
    operation on the way is not linear or has no matrix form.
    """
    if not term.depends_on((direction.name,)):
        return zeros((_length(term), _length(direction)))
    if term.is_scalar:
        return transpose(apply("vec", pullback(term, Number(1), direction)))
    if isinstance(term, Symbol):
        return eye(_length(direction))
    if isinstance(term, Sum):
        return add(*(scaled(c, vectorise(n, direction)) for c, n in term.terms))
    if isinstance(term, Transpose):
        return multiply(commutation(*term.operand.shape), vectorise(term.operand, direction))
    if isinstance(term, Product):
        return _product(term, direction)
    assert isinstance(term, Apply)
    return _hadamard(term, direction) if is_operation(term, "hadamard") else _operation(term, direction)


def _length(node: Node) -> Size:
    return node.rows * node.columns


def _product(term: Product, direction: Symbol) -> Node:
    """vec(s B E C): the factors around the one that moves as C' ⊗ B; for a scalar that moves, vec(B C) s'."""
    place = only_moving(term.children(), direction)
    count = len(term.scalars)
    still = [Number(term.coefficient), *(s for i, s in enumerate(term.scalars) if i != place)]
    if place < count:
        rest = multiply(*still, *term.chain)
        return multiply(apply("vec", rest), vectorise(term.scalars[place], direction))
    moving = term.chain[place - count]
    before = multiply(*term.chain[: place - count], eye(moving.rows))
    after = multiply(eye(moving.columns), *term.chain[place - count + 1 :])
    return multiply(*still, apply("kron", transpose(after), before), vectorise(moving, direction))


def only_moving(factors: tuple[Node, ...], direction: Symbol) -> int:
    """The place of the factor that depends on the direction. DeriveError if there are several: that is not linear."""
    moving = [i for i, n in enumerate(factors) if n.depends_on((direction.name,))]
    if len(moving) != 1:
        raise DeriveError(f"a product of {len(moving)} differentials is not linear")
    return moving[0]


def _hadamard(term: Apply, direction: Symbol) -> Node:
    place = only_moving(term.arguments, direction)
    others = [n for i, n in enumerate(term.arguments) if i != place]
    factor = apply("vec", others[0] if len(others) == 1 else apply("hadamard", *others))
    return multiply(apply("Diag", factor), vectorise(term.arguments[place], direction))


def _operation(term: Apply, direction: Symbol) -> Node:
    record = term.operation
    if record.name == "series":
        index, low, high, body = term.arguments
        return apply(record, index, low, high, vectorise(body, direction))
    moving = [(p, a) for p, a in zip(record.parameters, term.arguments, strict=True) if a.depends_on((direction.name,))]
    if len(moving) != 1 and not record.jointly_linear:
        raise DeriveError(f"{record.name} is not linear in several arguments at once")
    return add(*(multiply(build_rule(vec_rule(record, p), term, {}), vectorise(a, direction)) for p, a in moving))
