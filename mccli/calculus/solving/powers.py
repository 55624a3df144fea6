"""An expression as a sum of powers of a scalar: the coefficients by their exponents, which may be negative.

Arrays are allowed: the coefficients of (A + s B)(c + s d) are A c, A d + B c and B d.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import reduce

from mccli.calculus.solving.affine import NotAffine
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
    inner,
    is_operation,
    is_zero,
    multiply,
    number,
    scaled,
    transpose,
)

Powers = dict[Fraction, Node]
MOST_TERMS = 12


def powers(node: Node, unknown: Symbol) -> Powers:
    """The coefficients of a sum of powers of a scalar symbol. NotAffine if the expression is no such sum."""
    if not node.depends_on((unknown.name,)):
        return {Fraction(0): node}
    if isinstance(node, Symbol):
        return {Fraction(1): Number(1)}
    if isinstance(node, Sum):
        return _sum([_mapped(powers(n, unknown), lambda v, c=c: scaled(c, v)) for c, n in node.terms])  # type: ignore[misc]
    if isinstance(node, Transpose):
        return _mapped(powers(node.operand, unknown), transpose)
    if isinstance(node, Product):
        factors = [powers(n, unknown) for n in node.children()]
        return reduce(_product, factors, {Fraction(0): number(node.coefficient)})
    assert isinstance(node, Apply)
    return _operation(node, unknown)


def _operation(node: Apply, unknown: Symbol) -> Powers:
    if is_operation(node, "power") and isinstance(exponent := node.arguments[1], Number):
        return _power(node, powers(node.arguments[0], unknown), exponent.value)
    if node.operation.name == "hadamard":
        parts = [powers(n, unknown) for n in node.arguments]
        return reduce(lambda a, b: _product(a, b, _entrywise), parts)
    if node.operation.name == "sqnorm":
        inside = powers(node.arguments[0], unknown)
        return _product(inside, inside, inner)
    moving = [
        p for p, a in zip(node.operation.parameters, node.arguments, strict=True) if a.depends_on((unknown.name,))
    ]
    if len(moving) != 1 or moving[0] not in node.operation.adjoint:
        raise NotAffine(node)
    place = node.operation.parameters.index(moving[0])

    def applied(inside: Node) -> Node:
        arguments = [*node.arguments[:place], inside, *node.arguments[place + 1 :]]
        return apply(node.operation, *arguments, sizes=node.sizes)

    return _mapped(powers(node.arguments[place], unknown), applied)


def _power(node: Node, base: Powers, exponent: Fraction) -> Powers:
    if len(base) == 1:
        ((inside, coefficient),) = base.items()
        if exponent.denominator != 1 and inside != 1:
            raise NotAffine(node)  # (s^2)^(3/2) is |s|^3
        return {inside * exponent: apply("power", coefficient, number(exponent))}
    if exponent.denominator != 1 or not 0 < exponent <= 4 or not node.is_scalar:
        raise NotAffine(node)
    return reduce(_product, [base] * int(exponent))


def _entrywise(a: Node, b: Node) -> Node:
    if a.is_scalar or b.is_scalar:
        return multiply(a, b)
    return apply("hadamard", a, b)


def _mapped(given: Powers, change: Callable[[Node], Node]) -> Powers:
    return _sum([{exponent: change(value)} for exponent, value in given.items()])


def _product(a: Powers, b: Powers, times: Callable[[Node, Node], Node] = multiply) -> Powers:
    found = _sum([{i + j: times(u, v)} for i, u in a.items() for j, v in b.items()])
    if len(found) > MOST_TERMS:
        raise NotAffine(Number(0))
    return found


def _sum(given: list[Powers]) -> Powers:
    total: dict[Fraction, list[Node]] = {}
    for part in given:
        for exponent, value in part.items():
            total.setdefault(exponent, []).append(value)
    summed = {exponent: add(*values) for exponent, values in total.items()}
    return {exponent: value for exponent, value in summed.items() if not is_zero(value)}
