"""Sums of products as a person writes them: what all terms share at either end, and as a factor, taken out.

A product that was cut at an inner product, ``X'1 (1'y)``, is put together again where that shows a common end.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from mccli.calculus.naming import weight
from mccli.calculus.tidy import tidy
from mccli.expressions.sizes import ONE
from mccli.expressions.tree import (
    Node,
    Number,
    Product,
    Sum,
    add,
    apply,
    eye,
    is_ones,
    is_operation,
    multiply,
    number,
    ones,
    terms_of,
    transpose,
)


class Piece(NamedTuple):
    """A term of a sum: coefficient, scalar factors, chain."""

    coefficient: Fraction
    scalars: tuple[Node, ...]
    chain: tuple[Node, ...]

    @property
    def node(self) -> Node:
        """The term."""
        return multiply(number(self.coefficient), *self.scalars, *self.chain)


def pieces(node: Node) -> list[Piece]:
    """The addends of a node; a scalar times a sum is distributed."""
    return [p for c, n in terms_of(node) for p in _of_term(c, n)]


def _of_term(coefficient: Fraction, node: Node) -> list[Piece]:
    if isinstance(node, Number):
        return [Piece(coefficient * node.value, (), ())]
    if node.is_scalar and not (isinstance(node, Product) and not node.chain):
        return [Piece(coefficient, (node,), ())]
    if not isinstance(node, Product):
        return [Piece(coefficient, (), (node,))]
    whole = Piece(coefficient * node.coefficient, node.scalars, node.chain)
    inside = node.chain[0] if len(node.chain) == 1 else None
    if inside is None or not isinstance(inside, Sum):
        return [whole]
    return [
        Piece(whole.coefficient * p.coefficient, (*whole.scalars, *p.scalars), p.chain)
        for c, n in inside.terms
        for p in _of_term(c, n)
    ]


def common_number(given: Sequence[Piece]) -> Fraction:
    """The largest rational number that divides every coefficient, with the sign of the first."""
    top = math.gcd(*(abs(p.coefficient.numerator) for p in given))
    bottom = math.lcm(*(p.coefficient.denominator for p in given))
    positive = any(p.coefficient > 0 for p in given)
    return Fraction(top, bottom) * (1 if positive else -1)


def exponents(piece: Piece) -> dict[Node, Fraction]:
    """The scalar factors as bases with rational exponents."""
    found: dict[Node, Fraction] = {}
    for scalar in piece.scalars:
        base, power = scalar, Fraction(1)
        if is_operation(scalar, "power") and isinstance(exponent := scalar.children()[1], Number):
            base, power = scalar.children()[0], exponent.value
        found[base] = found.get(base, Fraction(0)) + power
    return found


def common_scalars(given: Sequence[Piece]) -> dict[Node, Fraction]:
    """The scalars that every term has, each with the exponent nearest to 0."""
    tables = [exponents(p) for p in given]
    found: dict[Node, Fraction] = {}
    for base in tables[0] if tables else ():
        powers = [t.get(base, Fraction(0)) for t in tables]
        if all(p > 0 for p in powers):
            found[base] = min(powers)
        elif all(p < 0 for p in powers):
            found[base] = max(powers)
    return found


def divided(piece: Piece, factor: Fraction, scalars: dict[Node, Fraction]) -> Node:
    """The term divided by a number and by powers of scalars."""
    over = [apply("power", base, number(-power)) for base, power in scalars.items()]
    return multiply(number(piece.coefficient / factor), *piece.scalars, *over, *piece.chain)


def gathered(node: Node) -> Node:
    """The shortest of the sum as tidied, and the sum with the common ends of its terms taken out."""
    plain = tidy(node)
    if not isinstance(node, Sum) and len(pieces(node)) < 2:
        return plain
    return min((plain, _sandwich(pieces(node))), key=weight)


def _sandwich(given: Sequence[Piece]) -> Node:
    """P (sum of the middles) Q with the longest common P and Q."""
    opened = [_uncut(p) for p in given]
    chains = [p.chain for p in opened]
    first = _shared(chains)
    last = _shared([tuple(reversed(c[first:])) for c in chains])
    if not chains or first + last == 0:
        return add(*(p.node for p in given))
    head, tail = chains[0][:first], chains[0][len(chains[0]) - last :]
    size = head[-1].columns if head else tail[0].rows
    middles = [c[first : len(c) - last] for c in chains]
    if tail and head and head[-1].columns != tail[0].rows:
        return add(*(p.node for p in given))
    if size == ONE:
        return add(*(p.node for p in given))
    shared = common_scalars(opened)
    factor = common_number(opened)
    inside = [
        divided(Piece(p.coefficient, p.scalars, m or (eye(size),)), factor, shared)
        for p, m in zip(opened, middles, strict=True)
    ]
    powers = [apply("power", base, number(power)) for base, power in shared.items()]
    middle = add(*sorted(inside, key=_is_negative))
    return multiply(number(factor), *powers, *head, middle, *tail)


def _is_negative(node: Node) -> bool:
    return isinstance(node, Product) and node.coefficient < 0


def _shared(chains: Sequence[tuple[Node, ...]]) -> int:
    """How many first factors all chains share."""
    count = 0
    while all(len(c) > count for c in chains) and len({c[count] for c in chains}) == 1:
        count += 1
    return count


def _uncut(piece: Piece) -> Piece:
    """The term with one inner product put back behind a chain that ends in a column: X'1 (1'y) is X' 1 1' y."""
    if not piece.chain or piece.chain[-1].columns != ONE:
        return piece
    for i, scalar in enumerate(piece.scalars):
        chain = _inner_chain(scalar)
        if chain:
            rest = (*piece.scalars[:i], *piece.scalars[i + 1 :])
            return Piece(piece.coefficient, rest, (*piece.chain, *chain))
    return piece


def _inner_chain(scalar: Node) -> tuple[Node, ...]:
    """The factors of an inner product, ones first (1'y rather than y'1); none if it is no inner product."""
    if is_operation(scalar, "sum"):
        (inside,) = scalar.children()
        return (ones((ONE, inside.rows)), inside) if inside.columns == ONE else ()
    if not isinstance(scalar, Product) or not scalar.chain or scalar.scalars or scalar.coefficient != 1:
        return ()
    mirrored = tuple(transpose(n) for n in reversed(scalar.chain))
    return mirrored if is_ones(mirrored[0]) else scalar.chain
