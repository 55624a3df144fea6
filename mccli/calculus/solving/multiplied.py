"""Equations that become linear, or a square, when they are multiplied by the unknown matrix."""

from __future__ import annotations

from fractions import Fraction

from mccli.calculus.needs import Need
from mccli.calculus.solving.affine import NotAffine
from mccli.calculus.solving.inverses import invertible_if
from mccli.calculus.solving.isolate import Equation, Isolated, NotIsolated, isolate
from mccli.calculus.solving.spread import square_root
from mccli.expressions.tree import (
    Node,
    Number,
    Product,
    Sum,
    Symbol,
    Transpose,
    add,
    apply,
    is_eye,
    multiply,
    number,
    scaled,
    split_coefficient,
    terms_of,
    traits,
    transpose,
    zeros,
)


def multiplied(equation: Node, unknown: Symbol, _positive: bool) -> list[Isolated]:
    """Solutions of an equation that is linear in X once it is multiplied by X from the left, the right or both."""
    if unknown.rows != unknown.columns or unknown.is_scalar:
        return []
    flipped = transpose(unknown)
    sides = [(unknown, unknown), (flipped, flipped), (unknown, None), (None, unknown), (flipped, None), (None, flipped)]
    addends = expanded(equation, unknown)
    for left, right in sides:
        moved = [multiply(*(n for n in (left, addend, right) if n is not None)) for addend in addends]
        product = add(*moved)
        if not product.depends_on((unknown.name,)):
            continue
        try:
            found = isolate(product, unknown)
        except (NotAffine, NotIsolated):
            continue
        where = (
            "both sides" if left is not None and right is not None else "the left" if left is not None else "the right"
        )
        factor = "Xᵀ" if flipped in (left, right) and flipped != unknown else "X"
        reason = f"multiply by {factor.replace('X', unknown.name)} from {where}"
        lines = [found.lines[0]._replace(reason=reason), *found.lines[1:]]
        return [Isolated(found.solution, tuple(lines), (*found.needs, *invertible_if(found.solution)))]
    return []


def squared(equation: Node, unknown: Symbol, _positive: bool) -> list[Isolated]:
    """Two solutions of X X = C for a symmetric X, or of an equation that is that once X multiplies it: ± C^(1/2)."""
    if unknown.is_scalar or "symmetric" not in traits(unknown):
        return []
    addends = expanded(equation, unknown)
    x, name = unknown, unknown.name
    sides = (((), (), "collect"), ((x,), (), f"multiply by {name} from the left"),
             ((x,), (x,), f"multiply by {name} from both sides"))  # fmt: skip
    for left, right, words in sides:
        moved = add(*(multiply(*left, n, *right) for n in addends))
        found = {n: c for c, n in terms_of(moved)}
        leading = found.pop(multiply(x, x), Fraction(0))
        if not leading or any(n.depends_on((name,)) for n in found):
            continue
        value = scaled(-1 / leading, add(zeros(equation.shape), *(scaled(c, n) for n, c in found.items())))
        line = Equation(multiply(x, x), value, words)
        root, needs = _matrix_root(value), (Need("spd", value),)
        signs = (1,) if "spd" in traits(unknown) else (1, -1)
        return [Isolated(scaled(s, root), (line, Equation(x, scaled(s, root), "take a root")), needs) for s in signs]
    return []


def _matrix_root(value: Node) -> Node:
    """The principal square root, with the square of a number outside."""
    coefficient, core = split_coefficient(value)
    if is_eye(core):
        return multiply(square_root(number(coefficient)), core)
    outside = square_root(number(coefficient))
    plain = isinstance(outside, Number) and coefficient > 0
    return multiply(outside, apply("sqrtm", core)) if plain else apply("sqrtm", value)


def expanded(node: Node, unknown: Symbol) -> list[Node]:
    """The addends of an expression, products distributed over the sums in which the unknown stands."""
    if isinstance(node, Sum):
        return [scaled(c, part) for c, n in node.terms for part in expanded(n, unknown)]
    if isinstance(node, Transpose) and isinstance(node.operand, Sum):
        return [transpose(n) for n in expanded(node.operand, unknown)]
    if isinstance(node, Product):
        for i, factor in enumerate(node.children()):
            inside = factor.operand if isinstance(factor, Transpose) else factor
            if isinstance(inside, Sum) and factor.depends_on((unknown.name,)):
                before, after = node.children()[:i], node.children()[i + 1 :]
                parts = expanded(factor, unknown)
                products = [multiply(number(node.coefficient), *before, p, *after) for p in parts]
                return [addend for p in products for addend in expanded(p, unknown)]
    return [node]
