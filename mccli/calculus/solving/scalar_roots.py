"""Scalar equations a s^i + b s^j (+ c s^k) = 0: by division, by a root, or by the quadratic formula."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from mccli.calculus.needs import Need
from mccli.calculus.solving.affine import NotAffine
from mccli.calculus.solving.gather import common_number, common_scalars, divided, gathered, pieces
from mccli.calculus.solving.inverses import invertible_if
from mccli.calculus.solving.isolate import Equation, Isolated
from mccli.calculus.solving.multiplied import expanded
from mccli.calculus.solving.powers import Powers, powers
from mccli.calculus.solving.spread import spread, square_root
from mccli.expressions.graph import walk
from mccli.expressions.tree import (
    Node,
    Number,
    Sum,
    Symbol,
    add,
    apply,
    is_operation,
    multiply,
    number,
    scaled,
    split_coefficient,
    subtract,
    traits,
    zeros,
)


def of_powers(equation: Node, unknown: Symbol, positive: bool) -> list[Isolated]:
    """Solutions of a scalar equation a s^i + b s^j (+ c s^k) = 0."""
    if not (unknown.is_scalar and equation.is_scalar):
        return []
    try:
        table = powers(_without_denominators(equation, unknown), unknown)
    except NotAffine:
        return []
    if not 2 <= len(table) <= 3:
        return []
    low = min(table)
    table = _without_common({e - low: c for e, c in table.items()})
    line = _polynomial_line(table, unknown, low)
    found = _two_terms(table, unknown, positive) if len(table) == 2 else _quadratic(table, unknown, positive)
    if found and low > 0 and not positive:
        found.append(Isolated(Number(0), (Equation(unknown, Number(0), "the factor in front"),), ()))
    return [replace(r, lines=(line, *r.lines)) for r in found]


def _without_denominators(equation: Node, unknown: Symbol) -> Node:
    """The equation times the sums with the unknown by which it divides: a/p - b/(1 - p) gives a (1 - p)/p - b."""
    degrees: dict[Node, Fraction] = {}
    for node in walk(equation):
        if is_operation(node, "power") and isinstance(p := node.children()[1], Number) and p.value < 0:
            base = node.children()[0]
            if isinstance(base, Sum) and base.is_scalar and base.depends_on((unknown.name,)):
                degrees[base] = max(degrees.get(base, Fraction(0)), -p.value)
    factors = [apply("power", base, number(degree)) for base, degree in degrees.items()]
    return add(*(multiply(*factors, n) for n in expanded(equation, unknown))) if factors else equation


def _without_common(table: Powers) -> Powers:
    """The coefficients without the number and the scalars that all share."""
    every = [p for c in table.values() for p in pieces(c)]
    factor, shared = common_number(every), common_scalars(every)
    shared = {base: e for base, e in shared.items() if e < 0 or "positive" in traits(base)}
    return {
        e: gathered(add(zeros(c.shape), *(divided(p, factor, shared) for p in pieces(c)))) for e, c in table.items()
    }


def _power_of(unknown: Node, exponent: Fraction) -> Node:
    return apply("power", unknown, number(exponent))


def _polynomial_line(table: Powers, unknown: Symbol, low: Fraction) -> Equation:
    moving = [multiply(c, _power_of(unknown, e)) for e, c in sorted(table.items(), reverse=True) if e]
    words = f"multiply by powers of {unknown.name}" if low < 0 else f"collect the powers of {unknown.name}"
    left, right = add(*moving), scaled(-1, table[Fraction(0)])
    if _negative(left) and _negative(right):
        left, right = scaled(-1, left), scaled(-1, right)
    return Equation(left, right, words)


def _negative(node: Node) -> bool:
    return split_coefficient(node)[0] < 0


def _two_terms(table: Powers, unknown: Symbol, positive: bool) -> list[Isolated]:
    (degree,) = (e for e in table if e)
    leading, constant = table[degree], table[Fraction(0)]
    value = spread(gathered(multiply(scaled(-1, constant), apply("power", leading, number(-1)))))
    return _extracted(value, degree, unknown, positive, tuple(invertible_if(leading)))


def _extracted(
    value: Node, degree: Fraction, unknown: Symbol, positive: bool, needs: tuple[Need, ...]
) -> list[Isolated]:
    """The s with s^degree = value."""
    if degree == 1:
        return [Isolated(value, (Equation(unknown, value, "divide"),), needs)]
    if degree == 2:
        root = square_root(value)
    elif positive:
        root = apply("power", value, number(1 / degree))
    else:
        return []
    needs = (*needs, Need("positive", value))
    words = "take the root" if positive else "take a root"
    signs = (1,) if positive else (1, -1)
    return [Isolated(scaled(s, root), (Equation(unknown, scaled(s, root), words),), needs) for s in signs]


def _quadratic(table: Powers, unknown: Symbol, positive: bool) -> list[Isolated]:
    """a u² + b u + c = 0 for u a power of the unknown."""
    degree = min(e for e in table if e)
    if set(table) != {Fraction(0), degree, 2 * degree}:
        return []
    a, b, c = table[2 * degree], table[degree], table[Fraction(0)]
    discriminant = gathered(subtract(multiply(b, b), scaled(4, multiply(a, c))))
    root, found = apply("sqrt", discriminant), []
    for sign in (1, -1) if not (positive and _opposite(a, c)) else (1 if _sign(a) == 1 else -1,):
        value = multiply(number(Fraction(1, 2)), apply("power", a, number(-1)), add(scaled(-1, b), scaled(sign, root)))
        needs = (*invertible_if(a), Need("positive", discriminant))
        found += _extracted(value, degree, unknown, positive, needs)
    return [replace(r, lines=(r.lines[0]._replace(reason="the quadratic formula"),)) for r in found]


def _sign(node: Node) -> int:
    """1 or -1 where the sign of a scalar is certain, else 0."""
    coefficient, rest = split_coefficient(node)
    certain = "positive" in traits(rest)
    return (1 if coefficient > 0 else -1) if certain else 0


def _opposite(a: Node, c: Node) -> bool:
    """Whether a and c surely differ in sign: then exactly one root is positive."""
    return _sign(a) * _sign(c) == -1
