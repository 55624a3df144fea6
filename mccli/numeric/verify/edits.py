"""Formulas that differ from a given one by one slip of the pen: a lost transpose, a swapped order, a dropped factor."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

from mccli.errors import McError
from mccli.expressions.graph import rebuild
from mccli.expressions.sizes import ONE
from mccli.expressions.tree import (
    Apply,
    Node,
    Number,
    Product,
    Sum,
    Transpose,
    add,
    apply,
    is_operation,
    is_zero,
    multiply,
    scaled,
    transpose,
)
from mccli.numeric.verify.outcome import Change

Edited = tuple[Node, Change]
Made = Iterator[tuple[Node | None, Change]]
COEFFICIENTS = (Fraction(1, 2), Fraction(2), Fraction(-1))


def edits(node: Node) -> Iterator[Edited]:
    """Every single edit, of the whole and of every part."""
    yield from _here(node)
    children = node.children()
    for i, child in enumerate(children):
        for changed, change in edits(child):
            fresh = _built(rebuild, node, (*children[:i], changed, *children[i + 1 :]))
            if fresh is not None:
                yield fresh, change


def coefficients(node: Node, sizes: list[int]) -> Iterator[Edited]:
    """The whole with another factor: 2, 1/2, −1, and the sizes of what it is made of."""
    factors = [*COEFFICIENTS, *(f for n in sizes if n > 2 for f in (Fraction(1, n), Fraction(n)))]
    for factor in dict.fromkeys(factors):
        kind = "sign" if factor == -1 else "coefficient"
        yield scaled(factor, node), Change(kind, Number(factor))


def _here(node: Node) -> Iterator[Edited]:
    """The edits of a node itself that fit into its place."""
    for made in (_transposed, _of_sum, _of_product, _of_operation):
        for fresh, change in made(node):
            if fresh is not None and fresh.shape == node.shape and fresh != node and not is_zero(fresh):
                yield fresh, change


def _built(build: Callable[..., Node], *parts: Any) -> Node | None:
    """The node, if it fits together."""
    try:
        return build(*parts)
    except (McError, ValueError, ZeroDivisionError):
        return None


def _transposed(node: Node) -> Made:
    if node.rows == node.columns and node.rows != ONE:
        yield _built(transpose, node), Change("transpose", node)


def _of_sum(node: Node) -> Made:
    if isinstance(node, Transpose) and isinstance(node.operand, Sum):
        for fresh, change in _of_sum(node.operand):
            yield (_built(transpose, fresh) if fresh is not None else None), change
    if not isinstance(node, Sum):
        return
    for i, (coefficient, term) in enumerate(node.terms):
        rest = [scaled(c, t) for j, (c, t) in enumerate(node.terms) if j != i]
        whole = scaled(coefficient, term)
        yield _built(add, *rest), Change("term", whole)
        yield _built(add, *rest, scaled(-1, whole)), Change("sign", whole)
        for factor in COEFFICIENTS[:2]:
            other = scaled(factor, whole)
            yield _built(add, *rest, other), Change("coefficient", whole, other)


def _of_product(node: Node) -> Made:
    if not isinstance(node, Product):
        return
    number, scalars, chain = Number(node.coefficient), node.scalars, node.chain
    for i, factor in enumerate(scalars):
        yield _built(multiply, number, *scalars[:i], *scalars[i + 1 :], *chain), Change("factor", factor)
    for i, factor in enumerate(chain):
        yield _built(multiply, number, *scalars, *chain[:i], *chain[i + 1 :]), Change("factor", factor)
    for i in range(len(chain)):
        for j in range(i + 1, len(chain)):
            yield from _swapped(node, i, j)
    for i in range(len(chain) - 1):
        yield from _entrywise(node, i)


def _swapped(node: Product, i: int, j: int) -> Made:
    chain = list(node.chain)
    chain[i], chain[j] = chain[j], chain[i]
    after = _built(multiply, *chain[i : j + 1])
    if after is not None:
        change = Change("order", multiply(*node.chain[i : j + 1]), after)
        yield _built(multiply, Number(node.coefficient), *node.scalars, *chain), change


def _entrywise(node: Product, i: int) -> Made:
    left, right = node.chain[i : i + 2]
    after = _built(apply, "hadamard", left, right) if left.shape == right.shape else None
    if after is not None:
        rest = (Number(node.coefficient), *node.scalars, *node.chain[:i], after, *node.chain[i + 2 :])
        yield _built(multiply, *rest), Change("elementwise", multiply(left, right), after)


def _of_operation(node: Node) -> Made:
    if not isinstance(node, Apply):
        return
    if is_operation(node, "hadamard"):
        left, right = node.arguments
        product = _built(multiply, left, right)
        yield product, Change("matrix product", node, product)
        yield left, Change("factor", right)
        yield right, Change("factor", left)
        return
    first = node.arguments[0] if node.arguments else None
    if first is not None and first.shape == node.shape:
        yield first, Change("function", node, first)
    yield from _other_power(node)


def _other_power(node: Apply) -> Made:
    """A parameter that is a number, such as an exponent, one more or less."""
    last = node.arguments[-1] if len(node.arguments) > 1 else None
    if isinstance(last, Number):
        for step in (-1, 1):
            fresh = _built(_with_sizes, node, (*node.arguments[:-1], Number(last.value + step)))
            yield fresh, Change("power", node, fresh)


def _with_sizes(node: Apply, arguments: tuple[Node, ...]) -> Node:
    return apply(node.operation, *arguments, sizes=node.sizes)
