"""The conditions of a solution in the given symbols: substituted, simplified, each once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from mccli.calculus.needs import Need, certain
from mccli.calculus.solving.inverses import gram_factor
from mccli.calculus.solving.regular import is_singular
from mccli.calculus.solving.spread import spread
from mccli.calculus.tidy import tidy
from mccli.expressions.graph import substitute, walk
from mccli.expressions.tree import (
    Apply,
    Node,
    Number,
    Product,
    is_ones,
    is_operation,
    is_zero,
    multiply,
    split_coefficient,
    traits,
    transpose,
)

NEVER_OF_ZERO = ("positive", "nonzero", "nonzero entries", "invertible", "spd", "full column rank")


def conditions(assumed: Iterable[Need], full: Mapping[Node, Node]) -> tuple[Need, ...]:
    """The needs with the solution put in, without those that follow from declarations or from one another."""
    put_in = [Need(n.kind, tidy(spread(substitute(n.node, dict(full))))) for n in assumed]
    put_in += [Need("nonzero", n) for value in full.values() for n in _divided_by_norm(value)]
    found = list(dict.fromkeys(simple for need in put_in for simple in simplified(need) if not certain(simple)))
    strong = {n.node for n in found if n.kind == "spd"}
    found = [n for n in found if not (n.kind in ("invertible", "psd") and n.node in strong)]
    positive = {n.node for n in found if n.kind == "positive"}
    found = [n for n in found if not (n.kind in ("nonzero entries", "positive") and _surely_positive(n.node))]
    regular = {n.children()[0] for n in positive if is_operation(n, "det")}
    found = [n for n in found if not (n.kind == "invertible" and n.node in regular)]
    inside = {f for n in positive for f in (_nonzero_factors(n) if n.is_scalar else (n,))}
    return tuple(n for n in found if not (n.kind == "nonzero entries" and n.node in inside))


def impossible(needs: Iterable[Need]) -> bool:
    """Whether a condition can never hold: 0 > 0, 0 ≠ 0, a matrix invertible that is singular whatever its entries."""
    return any(_never_holds(need) for need in needs)


def _never_holds(need: Need) -> bool:
    node = need.node
    if is_zero(node) and need.kind in NEVER_OF_ZERO:
        return True
    if need.kind == "positive":
        return isinstance(node, Number) or (is_operation(node, "det") and is_zero(node.children()[0]))
    if need.kind == "full column rank":
        return is_singular(multiply(transpose(node), node))
    return need.kind in ("invertible", "spd") and is_singular(node)


def _divided_by_norm(value: Node) -> Iterator[Node]:
    for node in walk(value):
        if is_operation(node, "power") and isinstance(p := node.children()[1], Number) and p.value < 0:
            base = node.children()[0]
            if isinstance(base, Apply) and base.operation.name in ("norm2", "normF", "sqnorm"):
                yield base.arguments[0]


def simplified(need: Need) -> Iterator[Need]:
    """A condition without what does not matter: factors that are not zero, positive factors, the inverse."""
    if need.kind == "nonzero entries":
        yield from _nonzero(need.node)
    elif need.kind in ("invertible", "spd"):
        yield from _invertible(need)
    elif need.kind == "positive":
        yield _positive(need.node)
    else:
        yield need


def _nonzero(node: Node) -> Iterator[Need]:
    core = split_coefficient(node)[1]
    if is_operation(core, "sum") and _is_form_of_ones(core.children()[0]):
        return
    if is_operation(core, "power") and isinstance(core.children()[1], Number):
        yield from _nonzero(core.children()[0])
    elif is_operation(core, "hadamard") or _splits(core):
        for factor in core.children():
            yield from _nonzero(factor)
    elif is_operation(core, "norm2") or is_operation(core, "sqnorm") or is_operation(core, "normF"):
        yield Need("nonzero", core.children()[0])
    elif isinstance(core, Product) and len(core.chain) == 2 and transpose(core.chain[0]) == core.chain[1]:
        yield Need("nonzero", core.chain[1])
    else:
        yield Need("nonzero entries", core)


def _is_form_of_ones(node: Node) -> bool:
    """Whether the sum of the entries is 1'M 1 for a positive definite M, which is positive."""
    if not isinstance(node, Product) or len(node.chain) != 2 or node.scalars:
        return False
    return is_ones(node.chain[1]) and "spd" in traits(node.chain[0])


def _splits(core: Node) -> bool:
    """Whether a product has no zero entry exactly if none of its factors has one."""
    return isinstance(core, Product) and (not core.chain or (bool(core.scalars) and len(core.chain) == 1))


def _nonzero_factors(node: Node) -> set[Node]:
    """What is not zero where a scalar is positive: its factors."""
    return {need.node for need in _nonzero(node)}


def _positive(node: Node) -> Need:
    """Without positive factors; x'x > 0 and ‖x‖² > 0 say that x ≠ 0."""
    coefficient, core = split_coefficient(node)
    if coefficient <= 0:
        return Need("positive", node)
    if isinstance(core, Product):
        rest = multiply(*(s for s in core.scalars if not _surely_positive(s)), *core.chain)
        core = rest.chain[0] if isinstance(rest, Product) and not rest.scalars and len(rest.chain) == 1 else rest
    if isinstance(core, Product) and len(core.chain) == 2 and transpose(core.chain[0]) == core.chain[1]:
        return Need("nonzero", core.chain[1]) if core.is_scalar and not core.scalars else Need("positive", core)
    if is_operation(core, "power") and isinstance(p := core.children()[1], Number) and p.value == -1:
        return _positive(core.children()[0])
    return Need("nonzero", core.children()[0]) if is_operation(core, "sqnorm") else Need("positive", core)


def _surely_positive(scalar: Node) -> bool:
    """A positive scalar, a power of one, a sum of positive numbers."""
    if is_operation(scalar, "power") or is_operation(scalar, "sum"):
        return _surely_positive(scalar.children()[0])
    return "positive" in traits(scalar)


def _invertible(need: Need) -> Iterator[Need]:
    """A condition on s M or on M⁻¹ as one on M; B'B and B'W B are positive definite for B of full column rank."""
    coefficient, core = split_coefficient(need.node)
    if need.kind == "spd" and coefficient < 0:
        core = need.node
    if is_operation(core, "inv"):
        core = core.children()[0]
    if isinstance(core, Product) and all(_surely_positive(s) for s in core.scalars):
        core = multiply(*core.chain)
    tail = gram_factor(core)
    yield Need("full column rank", tail) if tail is not None else Need(need.kind, core)
