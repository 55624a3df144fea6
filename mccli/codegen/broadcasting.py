"""Terms and factors that NumPy's broadcasting spreads, so that no array of ones is formed."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from mccli.codegen.context import Context, rank
from mccli.codegen.forge import Expr
from mccli.expressions.sizes import ONE
from mccli.expressions.tree import Node, Product, is_ones, multiply

SCALAR, COLUMN, ROW = "scalar", "column", "row"


def kind(node: Node) -> str | None:
    """What of the array carries information: a scalar, a column or a row; None if all of it."""
    if is_ones(node):
        return SCALAR
    if not isinstance(node, Product) or not node.chain:
        return None
    if len(node.chain) == 1:
        return SCALAR if is_ones(node.chain[0]) else None
    if rank(node.shape) < 2:
        return None
    if is_ones(node.chain[-1]) and node.chain[-1].rows == ONE:
        return COLUMN
    return ROW if is_ones(node.chain[0]) and node.chain[0].columns == ONE else None


def kinds_that_fill(nodes: Sequence[Node]) -> list[str | None]:
    """The kind of every node if all are written short, one being taken in full if nothing else gives the shape."""
    kinds = [kind(n) for n in nodes]
    if None not in kinds and not {COLUMN, ROW} <= set(kinds):
        kinds[kinds.index(next((k for k in kinds if k != SCALAR), SCALAR))] = None
    return kinds


def short(context: Context, node: Node, what: str | None, coefficient: Fraction = Fraction(1)) -> Expr:
    """An expression that broadcasts to the coefficient times the node."""
    if what is None:
        return _full(context, node, coefficient)
    scalars = node.scalars if isinstance(node, Product) else ()
    coefficient *= node.coefficient if isinstance(node, Product) else 1
    if what == SCALAR:
        return context.scaled(coefficient, scalars)
    assert isinstance(node, Product)
    kept = node.chain[:-1] if what == COLUMN else node.chain[1:]
    vector = context.scaled(coefficient, scalars, context.lower(multiply(*kept)))
    return context.forge.make("#v[:, None]", v=vector) if what == COLUMN else vector


def _full(context: Context, node: Node, coefficient: Fraction) -> Expr:
    if isinstance(node, Product) and coefficient != 1:
        chain = context.lower(multiply(*node.chain)) if node.chain else None
        return context.scaled(coefficient * node.coefficient, node.scalars, chain)
    if node.is_scalar and coefficient != 1:
        return context.scaled(coefficient, [node])
    array = context.lower(node)
    return array if coefficient == 1 else context.scaled(coefficient, [], array)
