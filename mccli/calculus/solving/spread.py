"""Simplifications that elimination asks for: scalars moved out of functions of arrays, and roots of squares.

exp(x + s 1) = exp(s) exp(x), (s x).^p = s^p x.^p, sqrt(x'x) = ‖x‖, sqrt(4 t) = 2 sqrt(t).
"""

from __future__ import annotations

from fractions import Fraction
from math import isqrt

from mccli.expressions.graph import rebuild, walk
from mccli.expressions.tree import (
    Node,
    Number,
    Product,
    add,
    apply,
    is_ones,
    is_operation,
    is_zero,
    multiply,
    number,
    ones,
    split_coefficient,
    terms_of,
    transpose,
    zeros,
)


def spread(node: Node) -> Node:
    """The same value with scalars outside of functions of arrays, and with fewer roots."""
    done: dict[Node, Node] = {}
    for current in walk(node):
        children = tuple(done[c] for c in current.children())
        same = all(a is b for a, b in zip(children, current.children(), strict=True))
        fresh = current if same else rebuild(current, children)
        done[current] = _simpler(fresh)
    return done[node]


def _simpler(node: Node) -> Node:
    if is_operation(node, "exp") and not node.is_scalar:
        return _exponential(node.children()[0])
    if is_operation(node, "log") and node.is_scalar:
        return _logarithm(node)
    if is_operation(node, "power"):
        return _power(*node.children()) or node
    if is_operation(node, "hadamard"):
        return _entrywise_product(node)
    if is_operation(node, "sqrt") and node.is_scalar:
        return square_root(node.children()[0])
    if is_operation(node, "sqnorm") and is_zero(node.children()[0]):
        return Number(0)
    if is_operation(node, "sum"):
        return _sum(node.children()[0])
    return node


def constant_of(node: Node) -> Node | None:
    """The s of s 1, an array of equal entries; None for any other array."""
    if is_ones(node):
        return Number(1)
    if isinstance(node, Product) and len(node.chain) == 1 and is_ones(node.chain[0]):
        return multiply(number(node.coefficient), *node.scalars)
    if isinstance(node, Product) and len(node.chain) == 2 and all(is_ones(n) for n in node.chain):
        return multiply(number(node.coefficient), *node.scalars)
    return None


def _exponential(inside: Node) -> Node:
    constants, rest = [], []
    for coefficient, term in terms_of(inside):
        value = constant_of(term)
        if value is None:
            rest.append(multiply(number(coefficient), term))
        else:
            constants.append(multiply(number(coefficient), value))
    varying = apply("exp", add(*rest)) if rest else ones(inside.shape)
    return multiply(apply("exp", add(*constants)), varying) if constants else varying


def _logarithm(node: Node) -> Node:
    """log(1/x) = -log x; log det X⁻¹ comes to that too."""
    (inside,) = node.children()
    if is_operation(inside, "power") and isinstance(p := inside.children()[1], Number) and p.value < 0:
        return multiply(p, apply("log", inside.children()[0])) if p.value == -1 else node
    return node


def _scalars(node: Node) -> tuple[list[Node], Node]:
    """The scalar factors of an array, and the array without them."""
    if isinstance(node, Product) and node.chain and not node.is_scalar:
        return [number(node.coefficient), *node.scalars], multiply(*node.chain)
    return [], node


def _power(base: Node, exponent: Node) -> Node | None:
    if not isinstance(exponent, Number) or exponent.value.denominator != 1 or base.is_scalar:
        return None
    scalars, core = _scalars(base)
    if not scalars:
        return None
    return multiply(*(apply("power", s, exponent) for s in scalars), apply("power", core, exponent))


def _entrywise_product(node: Node) -> Node:
    parts = [_scalars(n) for n in node.children()]
    if not any(s for s, _ in parts) and not any(is_ones(n) for _, n in parts):
        return node
    arrays = [n for _, n in parts if not is_ones(n)]
    scalars = [s for found, _ in parts for s in found]
    product = apply("hadamard", *arrays) if len(arrays) > 1 else arrays[0] if arrays else ones(node.shape)
    return multiply(*scalars, product)


def _sum(inside: Node) -> Node:
    """The sum of the entries, term by term."""
    parts = [zeros((inside.rows, inside.columns))] if not terms_of(inside) else []
    for coefficient, term in terms_of(inside):
        scalars, core = _scalars(term)
        parts.append(multiply(number(coefficient), *scalars, apply("sum", core)))
    return add(*parts) if terms_of(inside) else Number(0)


# ---------------------------------------------------------------------------------------------- roots


def square_root(node: Node) -> Node:
    """The square root of a nonnegative scalar, with squares taken out and sqrt(x'x) as a norm."""
    coefficient, rest = split_coefficient(node)
    outside = _rational_root(coefficient)
    if outside is None:
        outside, rest = Number(1), node
    factors = rest.scalars if isinstance(rest, Product) and not rest.chain else (rest,)
    roots = [_root(f) for f in factors]
    found = [r for r in roots if r is not None]
    left = [f for f, r in zip(factors, roots, strict=True) if r is None]
    inside = multiply(*left) if left else Number(1)
    kept = rest.coefficient if isinstance(rest, Product) and not rest.chain else Fraction(1)
    inside = multiply(number(kept), inside)
    under = inside if inside == Number(1) else apply("sqrt", inside)
    return multiply(outside, *found, under)


def _rational_root(value: Fraction) -> Node | None:
    if value <= 0:
        return None
    top, bottom = isqrt(value.numerator), isqrt(value.denominator)
    exact = top * top == value.numerator and bottom * bottom == value.denominator
    return number(Fraction(top, bottom)) if exact else None


def _root(factor: Node) -> Node | None:
    """The root of a factor that is a square: x'x, ‖x‖², s², and their inverses."""
    if is_operation(factor, "power") and isinstance(exponent := factor.children()[1], Number):
        base = factor.children()[0]
        if exponent.value % 2 == 0:
            return apply("power", apply("abs", base), number(exponent.value / 2))
        root = _root(base)
        return apply("power", root, exponent) if root is not None else None
    if is_operation(factor, "sqnorm"):
        inside = factor.children()[0]
        return apply("norm2" if 1 in (inside.rows.number, inside.columns.number) else "normF", inside)
    if isinstance(factor, Product) and len(factor.chain) == 2 and not factor.scalars:
        left, right = factor.chain
        if transpose(left) == right and factor.coefficient == 1:
            return apply("norm2", right)
    return None
