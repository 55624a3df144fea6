"""Formulas that differ from a given one by one slip of the pen: a lost transpose, a swapped order, a dropped factor."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction

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
COEFFICIENTS = (Fraction(1, 2), Fraction(2), Fraction(-1))


def edits(node: Node) -> Iterator[Edited]:
    """Every single edit, of the whole and of every part."""
    yield from _here(node)
    children = node.children()
    for i, child in enumerate(children):
        for changed, change in edits(child):
            fresh = _built(lambda c=changed, i=i: rebuild(node, (*children[:i], c, *children[i + 1 :])))
            if fresh is not None:
                yield fresh, change


def coefficients(node: Node, sizes: list[int]) -> Iterator[Edited]:
    """The whole with another factor: 2, 1/2, −1, and the sizes of what it is made of."""
    factors = [*COEFFICIENTS, *(f for n in sizes if n > 2 for f in (Fraction(1, n), Fraction(n)))]
    for factor in dict.fromkeys(factors):
        kind = "sign" if factor == -1 else "coefficient"
        yield scaled(factor, node), Change(kind, Number(factor))


def _here(node: Node) -> Iterator[Edited]:
    """The edits of a node itself."""
    for made in (_transposed, _of_sum, _of_product, _of_operation):
        for build, change in made(node):
            fresh = _built(build)
            if fresh is not None and fresh.shape == node.shape and fresh != node and not is_zero(fresh):
                yield fresh, change


Made = Iterator[tuple[Callable[[], Node], Change]]


def _built(build: Callable[[], Node]) -> Node | None:
    """The node, if it fits together."""
    try:
        return build()
    except (McError, ValueError, ZeroDivisionError):
        return None


def _transposed(node: Node) -> Made:
    if node.rows == node.columns and node.rows != ONE:
        yield lambda: transpose(node), Change("transpose", node)


def _of_sum(node: Node) -> Made:
    if isinstance(node, Transpose) and isinstance(node.operand, Sum):
        for build, change in _of_sum(node.operand):
            yield (lambda b=build: transpose(b())), change
    if not isinstance(node, Sum):
        return
    for i, (coefficient, term) in enumerate(node.terms):
        rest = [scaled(c, t) for j, (c, t) in enumerate(node.terms) if j != i]
        whole = scaled(coefficient, term)
        yield lambda rest=rest: add(*rest), Change("term", whole)
        yield lambda rest=rest, t=whole: add(*rest, scaled(-1, t)), Change("sign", whole)
        for factor in COEFFICIENTS[:2]:
            fresh = scaled(factor, whole)
            yield lambda rest=rest, t=fresh: add(*rest, t), Change("coefficient", whole, fresh)


def _of_product(node: Node) -> Made:
    if not isinstance(node, Product):
        return
    number, scalars, chain = Number(node.coefficient), node.scalars, node.chain
    for i, factor in enumerate(scalars):
        others = (*scalars[:i], *scalars[i + 1 :])
        yield lambda o=others: multiply(number, *o, *chain), Change("factor", factor)
    for i, factor in enumerate(chain):
        kept = (*chain[:i], *chain[i + 1 :])
        yield lambda k=kept: multiply(number, *scalars, *k), Change("factor", factor)
    for i in range(len(chain)):
        for j in range(i + 1, len(chain)):
            yield from _swapped(node, i, j)
    for i in range(len(chain) - 1):
        yield from _entrywise(node, i)


def _swapped(node: Product, i: int, j: int) -> Made:
    chain = list(node.chain)
    chain[i], chain[j] = chain[j], chain[i]
    before = multiply(*node.chain[i : j + 1])
    after = _built(lambda: multiply(*chain[i : j + 1]))
    if after is not None:
        head = (Number(node.coefficient), *node.scalars)
        yield lambda: multiply(*head, *chain), Change("order", before, after)


def _entrywise(node: Product, i: int) -> Made:
    left, right = node.chain[i : i + 2]
    after = _built(lambda: apply("hadamard", left, right)) if left.shape == right.shape else None
    if after is not None:
        rest = (Number(node.coefficient), *node.scalars, *node.chain[:i], after, *node.chain[i + 2 :])
        yield lambda: multiply(*rest), Change("elementwise", multiply(left, right), after)


def _of_operation(node: Node) -> Made:
    if not isinstance(node, Apply):
        return
    if is_operation(node, "hadamard"):
        left, right = node.arguments
        yield lambda: multiply(left, right), Change("matrix product", node, _built(lambda: multiply(left, right)))
        yield lambda: left, Change("factor", right)
        yield lambda: right, Change("factor", left)
        return
    first = node.arguments[0] if node.arguments else None
    if first is not None and first.shape == node.shape:
        yield lambda: first, Change("function", node, first)
    last = node.arguments[-1] if len(node.arguments) > 1 else None
    if isinstance(last, Number):
        for step in (-1, 1):
            arguments = (*node.arguments[:-1], Number(last.value + step))
            fresh = _built(lambda a=arguments: apply(node.operation, *a, sizes=node.sizes))
            if fresh is not None:
                yield lambda f=fresh: f, Change("power", node, fresh)
