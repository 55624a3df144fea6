"""The reading form of a derivative: collect, factor, keep the user's own subexpressions as typed.

Only sums that the calculus made are touched. The value never changes; a property test holds that.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from itertools import product

from mccli.calculus.naming import weight
from mccli.expressions.graph import rebuild, walk
from mccli.expressions.sizes import SCALAR
from mccli.expressions.tree import (
    Node,
    Number,
    Product,
    Sum,
    Transpose,
    add,
    apply,
    is_operation,
    multiply,
    number,
    scaled,
    subtract,
    terms_of,
    transpose,
)

Term = tuple[Fraction, tuple[Node, ...], tuple[Node, ...]]
"""A term of a sum: coefficient, scalar factors, chain."""


def tidy(node: Node, typed: Iterable[Node] = ()) -> Node:
    """The same value in the form a person would write. ``typed`` are expressions to leave as they are."""
    keep = {n for root in typed for n in walk(root)}
    done: dict[Node, Node] = {}
    for current in walk(node):
        if current in keep:
            done[current] = current
            continue
        children = tuple(done[c] for c in current.children())
        same = all(a is b for a, b in zip(children, current.children(), strict=True))
        fresh = current if same else rebuild(current, children)
        done[current] = _local(fresh, keep)
    return done[node]


def _local(node: Node, keep: set[Node]) -> Node:
    if isinstance(node, Product):
        return _recognise(_norms_together(_whole(node)))
    if isinstance(node, Sum) and node not in keep:
        together = shortest(node)
        return _whole(together) if isinstance(together, Product) else together
    return node


def shortest(node: Sum) -> Node:
    """The shorter of the factored and the expanded form of a sum."""
    wider = expanded(node)
    return factored(node) if wider is node else min((factored(node), _collected(wider)), key=weight)


def _collected(node: Node) -> Node:
    return factored(node) if isinstance(node, Sum) else node


# ---------------------------------------------------------------------------------------------- expanding

MOST_TERMS = 24


def expanded(node: Sum) -> Node:
    """A sum with products and elementwise products distributed over the sums in them, if that stays small.

    (1 - y) ∘ a - y ∘ (1 - a) is a - y: only expanding shows it.
    """
    parts: list[Node] = []
    for coefficient, term in node.terms:
        parts += [scaled(coefficient, part) for part in _distributed(term)]
        if len(parts) > MOST_TERMS:
            return node
    return add(*parts) if len(parts) > len(node.terms) else node


def _distributed(term: Node) -> list[Node]:
    """The addends of a product after one distribution over every sum among its factors."""
    if is_operation(term, "hadamard"):
        choices = [_addends(n) for n in term.children()]
        return [apply("hadamard", *pick) for pick in product(*choices)] if _few(choices) else [term]
    if isinstance(term, Product) and (term.scalars or len(term.chain) == 1):
        choices = [_addends(n) for n in term.scalars]
        choices += [_distributed(n) for n in term.chain] if len(term.chain) == 1 else [[n] for n in term.chain]
        if _few(choices):
            return [multiply(number(term.coefficient), *pick) for pick in product(*choices)]
    return [term]


def _few(choices: Sequence[Sequence[Node]]) -> bool:
    return math.prod(len(c) for c in choices) <= MOST_TERMS


def _addends(node: Node) -> list[Node]:
    return [scaled(c, n) for c, n in node.terms] if isinstance(node, Sum) else [node]


# ---------------------------------------------------------------------------------------------- scalars


def _recognise(node: Node) -> Node:
    """exp(u)/(1 + exp(u)) and 1/(1 + exp(-u)) are sigmoid(u); (y ./ s)'s is sum(y)."""
    if not isinstance(node, Product):
        return node
    if node.is_scalar and len(node.chain) == 2:
        return _paired_entries(node)
    for scalar in node.scalars:
        inside = _logistic_argument(scalar)
        if inside is None:
            continue
        rest = [s for s in node.scalars if s is not scalar]
        exponential = apply("exp", inside)
        if exponential in rest:
            rest.remove(exponential)
            return multiply(number(node.coefficient), *rest, apply("sigmoid", inside), *node.chain)
        return multiply(number(node.coefficient), *rest, apply("sigmoid", scaled(-1, inside)), *node.chain)
    return node


def _whole(node: Product) -> Node:
    """1/2 (2 A + 2 B) as A + B: a fraction that goes into every term."""
    if node.scalars or len(node.chain) != 1 or node.coefficient.denominator == 1:
        return node
    terms = terms_of(node.chain[0])
    carried = len(terms) > 1 and all((node.coefficient * c).denominator == 1 for c, _ in terms)
    return scaled(node.coefficient, node.chain[0]) if carried else node


def _norms_together(node: Node) -> Node:
    """‖x‖² times a power of ‖x‖ as one power."""
    if not isinstance(node, Product):
        return node
    powers = _exponents(node.scalars)
    if len(powers) == len(node.scalars):
        return node
    return multiply(number(node.coefficient), *(apply("power", b, number(e)) for b, e in powers.items()), *node.chain)


def _paired_entries(node: Product) -> Node:
    """An inner product as the sum of the entrywise product where factors cancel in it."""
    left, right = transpose(node.chain[0]), node.chain[1]
    if not (is_operation(left, "hadamard") or is_operation(right, "hadamard")):
        return node
    entries = apply("hadamard", left, right)
    shorter = weight(entries) < max(weight(left), weight(right))
    return apply("sum", entries) if shorter else node


def _logistic_argument(scalar: Node) -> Node | None:
    """u if the factor is 1/(1 + exp(u)), else None."""
    if not is_operation(scalar, "power") or scalar.children()[1] != number(-1):
        return None
    base = scalar.children()[0]
    if not isinstance(base, Sum) or len(base.terms) != 2:
        return None
    rest = subtract(base, number(1))
    return rest.children()[0] if is_operation(rest, "exp") else None


# ---------------------------------------------------------------------------------------------- sums


def _term(coefficient: Fraction, node: Node) -> Term:
    if isinstance(node, Product):
        if node.shape == SCALAR and node.chain:
            return coefficient, (node,), ()
        return coefficient * node.coefficient, node.scalars, node.chain
    if isinstance(node, Number):
        return coefficient * node.value, (), ()
    return (coefficient, (node,), ()) if node.is_scalar else (coefficient, (), (node,))


def _node(term: Term) -> Node:
    return multiply(number(term[0]), *term[1], *term[2])


def factored(node: Sum) -> Node:
    """A sum with its common factors taken out, positive terms first."""
    terms = [_term(c, n) for c, n in node.terms]
    terms = _group(terms)
    if len(terms) == 1:
        return _node(terms[0])
    scalars = _common_scalars([t[1] for t in terms])
    numeric = _common_number(terms, bool(scalars))
    if scalars or numeric != 1:
        inside = _sum([(c / numeric, _without(s, scalars), chain) for c, s, chain in terms])
        return multiply(number(numeric), *scalars, inside)
    return _sum(terms)


def _sum(terms: Sequence[Term]) -> Node:
    ordered = sorted(terms, key=lambda t: t[0] < 0)
    nodes = [_node(t) for t in ordered]
    if len(nodes) == 2 and isinstance(nodes[0], Transpose) and nodes[0].operand == nodes[1]:
        nodes.reverse()
    return add(*nodes)


def _common_number(terms: Sequence[Term], anyway: bool) -> Fraction:
    """A coefficient that all terms share up to sign and that is worth taking out."""
    sizes = {abs(c) for c, _, _ in terms}
    if len(sizes) != 1:
        return Fraction(1)
    size = sizes.pop()
    sign = Fraction(-1 if all(c < 0 for c, _, _ in terms) else 1)
    plain = all(not isinstance(_plain(n), Sum) for _, s, chain in terms for n in (*s, *chain))
    if sign < 0 and size == 1 and not anyway:
        return Fraction(1)
    return sign * size if anyway or plain or size.denominator != 1 else Fraction(1)


def _plain(node: Node) -> Node:
    return node.operand if isinstance(node, Transpose) else node


def _exponents(scalars: Iterable[Node]) -> dict[Node, Fraction]:
    """Scalar factors as base and rational exponent; others count as bases of their own."""
    found: dict[Node, Fraction] = {}
    for scalar in scalars:
        base, exponent = scalar, Fraction(1)
        if is_operation(scalar, "power") and isinstance(scalar.children()[1], Number):
            base = scalar.children()[0]
            power = scalar.children()[1]
            assert isinstance(power, Number)
            exponent = power.value
        elif is_operation(scalar, "sqnorm"):
            argument = scalar.children()[0]
            base, exponent = apply("norm2" if 1 in _lengths(argument) else "normF", argument), Fraction(2)
        found[base] = found.get(base, Fraction(0)) + exponent
    return found


def _lengths(node: Node) -> tuple[Fraction | None, Fraction | None]:
    return (node.rows.number, node.columns.number)


def _common_scalars(factors: Sequence[tuple[Node, ...]]) -> list[Node]:
    """Scalar factors, with their sign of exponent, that every term has."""
    tables = [_exponents(f) for f in factors]
    common: list[Node] = []
    for base, exponent in tables[0].items():
        shared = [t.get(base, Fraction(0)) for t in tables]
        if all(e > 0 for e in shared):
            exponent = min(shared)
        elif all(e < 0 for e in shared):
            exponent = max(shared)
        else:
            continue
        common.append(apply("power", base, number(exponent)))
    return common


def _without(scalars: tuple[Node, ...], removed: Sequence[Node]) -> tuple[Node, ...]:
    inverse = [apply("power", r, number(-1)) for r in removed]
    rest = multiply(*scalars, *inverse)
    return (rest,)


# ---------------------------------------------------------------------------------------------- chains


def _group(terms: list[Term]) -> list[Term]:
    """Terms that share their last or their first matrix are put together: (A + A') x, X (G + G')."""
    for side in (_LAST, _FIRST):
        for shared in _shared_factors(terms, side):
            members = [t for t in terms if len(t[2]) > 1 and side.end(t[2]) == shared]
            members = [t for t in members if _same_scalars(t, members[0])]
            if len(members) > 1 and (len(members) == len(terms) or all(len(t[2]) == 2 for t in members)):
                together = _pull_out(members, shared, side)
                rest = [t for t in terms if t not in members]
                return _group([together, *rest]) if rest else [together]
    return terms


class _Side:
    """One end of a chain: how to look at it, cut it off, and put it back."""

    def __init__(
        self,
        end: Callable[[Sequence[Node]], Node],
        rest: Callable[[tuple[Node, ...]], tuple[Node, ...]],
        join: Callable[[Node, Node], Node],
    ) -> None:
        self.end, self.rest, self.join = end, rest, join


_LAST = _Side(lambda chain: chain[-1], lambda chain: chain[:-1], lambda inside, shared: multiply(inside, shared))
_FIRST = _Side(lambda chain: chain[0], lambda chain: chain[1:], lambda inside, shared: multiply(shared, inside))


def _shared_factors(terms: list[Term], side: _Side) -> list[Node]:
    ends = [side.end(t[2]) for t in terms if len(t[2]) > 1]
    return [n for n in dict.fromkeys(ends) if ends.count(n) > 1]


def _same_scalars(a: Term, b: Term) -> bool:
    """Only such terms are put together: A x - f B x stays as it is."""
    return Counter(a[1]) == Counter(b[1])


def _pull_out(members: list[Term], shared: Node, side: _Side) -> Term:
    inside = add(*(_node((c, s, side.rest(chain))) for c, s, chain in members))
    if isinstance(inside, Sum):
        inside = shortest(inside)
    if isinstance(inside, Sum) and all(c < 0 for c, _ in inside.terms):
        return _term(Fraction(-1), side.join(scaled(-1, inside), shared))
    return _term(Fraction(1), side.join(inside, shared))


# ---------------------------------------------------------------------------------------------- the value itself


def with_value(gradient: Node, expression: Node, name: Node) -> Node:
    """A gradient of a quotient in terms of the quotient: 2/(x'x) (A x - f x) for f = x'Ax/(x'x).

    Unchanged if the expression is no quotient or its value does not occur.
    """
    if not isinstance(expression, Product) or expression.chain or expression.coefficient != 1:
        return gradient
    wanted = _exponents(expression.scalars)
    if not any(e < 0 for e in wanted.values()) or not any(e > 0 for e in wanted.values()):
        return gradient
    flat = _expand_common(gradient)
    replaced = [(_replace_value(c, n, wanted, name)) for c, n in terms_of(flat)]
    if len(replaced) < 2 or not any(changed for _, changed in replaced):
        return gradient
    total = add(*(node for node, _ in replaced))
    return factored(total) if isinstance(total, Sum) else total


def _expand_common(node: Node) -> Node:
    """s (a + b) as s a + s b, for scalar s."""
    if isinstance(node, Product) and len(node.chain) == 1 and isinstance(node.chain[0], Sum):
        factors = [number(node.coefficient), *node.scalars]
        return add(*(multiply(*factors, number(c), n) for c, n in node.chain[0].terms))
    return node


def _replace_value(coefficient: Fraction, node: Node, wanted: dict[Node, Fraction], name: Node) -> tuple[Node, bool]:
    c, scalars, chain = _term(coefficient, node)
    have = _exponents(scalars)
    for base, exponent in wanted.items():
        there = have.get(base, Fraction(0))
        if there / exponent < 1:
            return _node((c, scalars, chain)), False
    rest = {base: e - wanted.get(base, Fraction(0)) for base, e in have.items()}
    factors = [apply("power", base, number(e)) for base, e in rest.items() if e]
    return multiply(number(c), *factors, name, *chain), True


__all__ = ["factored", "tidy", "with_value"]
