"""Elementwise products in shorter form: the sign with the absolute value, the logistic function, common factors.

sign(u) ∘ |u| = u, sign(u) ∘ u = |u|, exp(u) ./ (1 + exp(u)) = σ(u), a ∘ b + a ∘ c = a ∘ (b + c); all hold
entry by entry for real u (Magnus & Neudecker 3.6 for the algebra of ∘).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from mccli.calculus.naming import weight
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
    ones,
    scaled,
    subtract,
)

HIGHEST_POWER = 6
"""A whole power up to this is looked at as a repeated factor."""


def shorter_product(node: Node) -> Node:
    """An elementwise product with its signs and logistic functions recognised."""
    factors = _with_absolute_values(_with_logistic(_factors(node)))
    together = _product(factors, node)
    return together if weight(together) < weight(node) else node


def _factors(node: Node) -> list[Node]:
    """The factors of an elementwise product, whole powers as repeated factors; ones have none."""
    if is_operation(node, "hadamard"):
        return [n for child in node.children() for n in _factors(child)]
    if is_operation(node, "power"):
        base, exponent = node.children()
        count = int(exponent.value) if isinstance(exponent, Number) and exponent.value.denominator == 1 else 0
        if 1 < abs(count) <= HIGHEST_POWER:
            return [apply("power", base, Number(1 if count > 0 else -1))] * abs(count)
    return [] if is_ones(node) else [node]


def _product(factors: Iterable[Node], model: Node) -> Node:
    """The elementwise product of factors, in the shape of a model; the same factors side by side become a power."""
    counted = Counter(factors)
    return apply("hadamard", ones(model.shape), *(n for n, times in counted.items() for _ in range(times)))


def _with_logistic(factors: list[Node]) -> list[Node]:
    """exp(u) and 1 ./ (1 + exp(u)) together as σ(u)."""
    left = list(factors)
    for factor in factors:
        exponential = _under_one(factor)
        if exponential is not None and exponential in left and factor in left:
            left.remove(exponential)
            left[left.index(factor)] = apply("sigmoid", exponential.children()[0])
    return left


def _under_one(factor: Node) -> Node | None:
    """exp(u) if the factor is 1 ./ (1 + exp(u)), else None."""
    if not is_operation(factor, "power") or factor.children()[1] != Number(-1):
        return None
    rest = subtract(factor.children()[0], ones(factor.shape))
    return rest if is_operation(rest, "exp") else None


def _with_absolute_values(factors: list[Node]) -> list[Node]:
    """sign(u) with |u| as u, and with u as |u|."""
    left = list(factors)
    for factor in factors:
        if not is_operation(factor, "sign"):
            continue
        inside = factor.children()[0]
        for partner, result in ((apply("abs", inside), inside), (inside, apply("abs", inside))):
            if partner in left and factor in left:
                left.remove(factor)
                left[left.index(partner)] = result
    return left


def with_common_entries(node: Sum) -> Node:
    """a ∘ b + a ∘ c = a ∘ (b + c), if that is shorter; 1 with a plus."""
    terms = [(scaled(c, n), *_bare(n)) for c, n in node.terms]
    common: Counter[Node] | None = None
    for _, _, core in terms:
        found = Counter(_factors(core))
        common = found if common is None else common & found
    if not common:
        return node
    rest = [
        multiply(Number(c), *scalars, _product((Counter(_factors(core)) - common).elements(), core))
        for (c, _), (_, scalars, core) in zip(node.terms, terms, strict=True)
    ]
    inside = add(*rest)
    turned = isinstance(inside, Sum) and any(c < 0 and is_ones(n) for c, n in inside.terms)
    inside = scaled(-1, inside) if turned else inside
    together = apply("hadamard", *common.elements(), inside)
    together = scaled(-1, together) if turned else together
    return together if weight(together) < weight(node) else node


def _bare(node: Node) -> tuple[tuple[Node, ...], Node]:
    """Scalar factors, and what they multiply."""
    if isinstance(node, Product) and node.chain:
        return (Number(node.coefficient), *node.scalars), multiply(*node.chain)
    return (), node
