"""Sums of entrywise products as polynomials, so that what cancels in them cancels: 1/s - x²/s³ is 1/s³ for s² = 1 + x².

A term is a coefficient and the rational exponents of its bases. Sums stay whole as long as they are divided by; when
the denominators, which are positive, are cleared, they are multiplied out. Nothing but the sign is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction

from mccli.expressions.tree import (
    Node,
    Number,
    Product,
    Sum,
    add,
    apply,
    is_ones,
    is_operation,
    multiply,
    number,
    ones,
    split_coefficient,
    zeros,
)

Monomial = frozenset[tuple[Node, Fraction]]
Polynomial = dict[Monomial, Fraction]

MOST_MONOMIALS = 64
MOST_POWER = 4
"""Sums to higher powers stay whole."""


def same_sign(node: Sum, is_positive: Callable[[Node], bool]) -> list[Node]:
    """Expressions with the sign of a sum, entry by entry: collected, and freed of positive denominators."""
    collected = _polynomial(node, frozenset(_divisors(node)))
    if collected is None:
        return []
    found = [collected]
    lowest = _lowest(collected)
    if lowest and all(is_positive(base) for base in lowest):
        cleared = _cleared(collected, {b: -e for b, e in lowest.items()})
        found += [cleared] if cleared is not None else []
    return [_without_common(polynomial, node, is_positive) for polynomial in found]


def _cleared(polynomial: Polynomial, factor: Mapping[Node, Fraction]) -> Polynomial | None:
    """A polynomial times a monomial, multiplied out."""
    found: Polynomial = {}
    for monomial, coefficient in polynomial.items():
        part = _expanded(_times(monomial, factor), coefficient)
        if part is None:
            return None
        found = _plus(found, part)
    return found


def _divisors(node: Sum) -> Iterable[Node]:
    """The bases that something in a sum is divided by."""
    for _, term in node.terms:
        for base, exponent in _factors(term):
            if exponent < 0:
                yield base
            elif isinstance(base, Sum):
                yield from _divisors(base)


def _factors(node: Node) -> list[tuple[Node, Fraction]]:
    """The bases of an entrywise product with their exponents; the rational factor is left out."""
    if isinstance(node, Number) or is_ones(node):
        return []
    if isinstance(node, Product) and len(node.chain) <= 1:
        return [pair for n in node.children() for pair in _factors(n)]
    if is_operation(node, "hadamard"):
        return [pair for n in node.children() for pair in _factors(n)]
    if is_operation(node, "sqrt"):
        return [(b, e / 2) for b, e in _root(node.children()[0])]
    if is_operation(node, "power") and isinstance(p := node.children()[1], Number):
        inside = node.children()[0]
        split = p.value.denominator == 1 and _rational(inside) == 1
        return [(b, e * p.value) for b, e in (_factors(inside) if split else _root(inside))]
    if is_operation(node, "exp"):
        coefficient, core = split_coefficient(node.children()[0])
        return [(apply("exp", core), coefficient)]
    return [(node, Fraction(1))]


def _root(node: Node) -> list[tuple[Node, Fraction]]:
    """The bases under a power: those of a square root or an exponential; any other expression is one base."""
    return _factors(node) if is_operation(node, "sqrt") or is_operation(node, "exp") else [(node, Fraction(1))]


def _monomial(factors: Iterable[tuple[Node, Fraction]]) -> Monomial:
    found: dict[Node, Fraction] = {}
    for base, exponent in factors:
        found[base] = found.get(base, Fraction(0)) + exponent
    return frozenset((b, e) for b, e in found.items() if e)


def _times(monomial: Monomial, others: Mapping[Node, Fraction]) -> Monomial:
    return _monomial([*monomial, *others.items()])


def _plus(a: Polynomial, b: Polynomial) -> Polynomial:
    found = dict(a)
    for monomial, coefficient in b.items():
        found[monomial] = found.get(monomial, Fraction(0)) + coefficient
    return {m: c for m, c in found.items() if c}


def _product(a: Polynomial, b: Polynomial) -> Polynomial | None:
    found: Polynomial = {}
    if len(a) * len(b) > MOST_MONOMIALS:
        return None
    for left, c in a.items():
        found = _plus(found, {_times(left, dict(right)): c * d for right, d in b.items()})
    return found


def _polynomial(node: Node, whole: frozenset[Node]) -> Polynomial | None:
    """A node as a polynomial in which the sums in ``whole`` are bases."""
    terms = node.terms if isinstance(node, Sum) else ((Fraction(1), node),)
    found: Polynomial = {}
    for coefficient, term in terms:
        outside = coefficient * _rational(term)
        part = _expanded(_monomial(_factors(term)), outside, whole)
        if part is None:
            return None
        found = _plus(found, part)
    return found if len(found) <= MOST_MONOMIALS else None


def _rational(node: Node) -> Fraction:
    """The rational factor that :func:`_factors` leaves out."""
    if isinstance(node, Number):
        return node.value
    return node.coefficient if isinstance(node, Product) and len(node.chain) <= 1 else Fraction(1)


def _expanded(monomial: Monomial, coefficient: Fraction, whole: frozenset[Node] = frozenset()) -> Polynomial | None:
    """A monomial with the sums in it multiplied out, except those that are to stay whole."""
    sums = [(b, e) for b, e in monomial if isinstance(b, Sum) and b not in whole and e.denominator == 1]
    sums = [(b, e) for b, e in sums if 0 < e <= MOST_POWER]
    found: Polynomial | None = {monomial - frozenset(sums): coefficient}
    for base, exponent in sums:
        inside = _polynomial(base, whole)
        for _ in range(int(exponent)):
            found = _product(found, inside) if found is not None and inside is not None else None
    return found


def _lowest(polynomial: Polynomial) -> dict[Node, Fraction]:
    """The negative exponents that must be cleared, by base."""
    found: dict[Node, Fraction] = {}
    for monomial in polynomial:
        for base, exponent in monomial:
            if exponent < 0:
                found[base] = min(found.get(base, Fraction(0)), exponent)
    return found


def _without_common(polynomial: Polynomial, node: Node, is_positive: Callable[[Node], bool]) -> Node:
    """The polynomial as an expression, divided by what is positive and common to all terms."""
    tables = [dict(m) for m in polynomial]
    shared = frozenset.intersection(*(frozenset(t) for t in tables)) if tables else frozenset()
    common = {b: -min(t[b] for t in tables) for b in shared if is_positive(b)}
    terms = [_node(c, _times(m, common), node) for m, c in polynomial.items()]
    return add(*terms) if terms else zeros(node.shape)


def _node(coefficient: Fraction, monomial: Monomial, like: Node) -> Node:
    powers = [apply("power", b, number(e)) for b, e in sorted(monomial, key=lambda pair: pair[0].key)]
    scalars = [n for n in powers if n.is_scalar]
    arrays = [] if like.is_scalar else [apply("hadamard", *(n for n in powers if not n.is_scalar), ones(like.shape))]
    return multiply(number(coefficient), *scalars, *arrays)
