"""One equation solved for one unknown: linear, through a function of it, or as a sum of powers of a scalar.

An equation that is not linear may be linear in X⁻¹ or in f(x) entry by entry; or it becomes linear when it is
multiplied by X from the left or the right; a scalar may be a root of a quadratic in one of its powers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction

from mccli.calculus.needs import Need
from mccli.calculus.solving.affine import NotAffine, affine
from mccli.calculus.solving.by_jacobian import by_jacobian
from mccli.calculus.solving.inverses import inverse, invertible_if
from mccli.calculus.solving.isolate import Equation, Isolated, NotIsolated, isolate
from mccli.calculus.solving.multiplied import multiplied, squared
from mccli.calculus.solving.scalar_roots import of_powers
from mccli.calculus.solving.spread import spread
from mccli.expressions.graph import substitute, walk
from mccli.expressions.tree import (
    Apply,
    Node,
    Number,
    Product,
    Sum,
    Symbol,
    add,
    apply,
    broadcast,
    is_operation,
    multiply,
    number,
    scaled,
    subtract,
    traits,
)

PLACEHOLDER = "·"


def roots(equation: Node, unknown: Symbol, *, positive: bool = False) -> list[Isolated]:
    """All solutions of ``equation = 0``; ``positive`` says that the unknown has positive entries.

    NotAffine with the part that stands in the way, NotIsolated, or DeriveError for a singular operator.
    """
    equation = _without_nonzero_factors(equation, unknown)
    try:
        affine(equation, unknown)
    except NotAffine as error:
        blocked = error
    else:
        return [isolate(equation, unknown)]
    linear = by_jacobian(equation, unknown)
    if linear is not None:
        return [linear]
    for method in (_through_function, multiplied, squared, of_powers):
        found = method(equation, unknown, positive)
        if found:
            return found
    raise blocked


def _without_nonzero_factors(equation: Node, unknown: Symbol) -> Node:
    """The equation without scalar factors that are never zero: 1/‖r‖, exp(u)."""
    if not isinstance(equation, Product):
        return equation
    kept = [s for s in equation.scalars if not (s.depends_on((unknown.name,)) and _never_zero(s))]
    return multiply(number(equation.coefficient), *kept, *equation.chain)


def _never_zero(scalar: Node) -> bool:
    if is_operation(scalar, "power") and isinstance(exponent := scalar.children()[1], Number):
        return exponent.value < 0 or _never_zero(scalar.children()[0])
    return is_operation(scalar, "exp")


# ---------------------------------------------------------------------------------------------- through a function


def _one_array(x: Node) -> Node:
    return broadcast(Number(1), x.shape)


def _logit(c: Node) -> Node:
    return apply("log", _entry_product(c, apply("power", subtract(_one_array(c), c), number(-1))))


def _artanh(c: Node) -> Node:
    ratio = _entry_product(add(_one_array(c), c), apply("power", subtract(_one_array(c), c), number(-1)))
    return scaled(Fraction(1, 2), apply("log", ratio))


def _entry_product(a: Node, b: Node) -> Node:
    return multiply(a, b) if a.is_scalar else apply("hadamard", a, b)


INVERSES: dict[str, tuple[Callable[[Node], Node], Callable[[Node], list[Need]], str]] = {
    "exp": (lambda c: apply("log", c), lambda c: [Need("positive", c)], "take logarithms"),
    "log": (lambda c: apply("exp", c), lambda _: [], "take exponentials"),
    "sqrt": (lambda c: apply("power", c, number(2)), lambda c: [Need("positive", c)], "square"),
    "sigmoid": (
        _logit,
        lambda c: [Need("positive", c), Need("positive", subtract(_one_array(c), c))],
        "σ(t) = c at t = log(c/(1 − c))",
    ),
    "tanh": (_artanh, lambda c: [Need("within one", c)], "tanh t = c at t = 1/2 log((1 + c)/(1 − c))"),
    "inv": (inverse, invertible_if, "invert both sides"),
}
"""Functions that are undone: the inverse, where it is defined, and what is said."""


def _through_function(equation: Node, unknown: Symbol, positive: bool) -> list[Isolated]:
    """Solutions where the unknown stands only inside one function f(...): first for f, then for what is inside."""
    for node in _candidates(equation, unknown):
        undo = _undone(node, unknown, positive)
        if undo is None:
            continue
        placeholder = Symbol(PLACEHOLDER, node.shape, _lasting(node))
        through = substitute(equation, {node: placeholder})
        if through.depends_on((unknown.name,)):
            continue
        try:
            found = roots(through, placeholder)
        except (NotAffine, NotIsolated):
            continue
        return [r for f in found for r in _undo(node, f, placeholder, unknown, undo, positive)]
    return []


def _lasting(node: Node) -> frozenset[str]:
    return traits(node) & frozenset({"symmetric", "invertible", "square", "spd"})


Undo = tuple[Callable[[Node], Node], Callable[[Node], list[Need]], str]


def _candidates(equation: Node, unknown: Symbol) -> Iterator[Apply | Sum]:
    """Functions of the unknown and sums with it, outer ones first."""
    nodes = [n for n in walk(equation) if isinstance(n, Apply | Sum) and n.depends_on((unknown.name,))]
    factors = equation.children() if isinstance(equation, Product) else ()
    yield from (n for n in reversed(nodes) if n != equation and factors != (n,))


def _undone(node: Apply | Sum, unknown: Symbol, positive: bool) -> Undo | None:
    if isinstance(node, Sum):
        return (lambda c: c, lambda _: [], "")
    if node.operation.name in INVERSES:
        return INVERSES[node.operation.name]
    if not is_operation(node, "power") or not isinstance(node.arguments[1], Number) or node.is_scalar:
        return None
    p = node.arguments[1].value
    certain = "positive" in traits(node.arguments[0]) or (positive and node.arguments[0] == unknown)
    odd = p.denominator == 1 and p.numerator % 2 == 1
    if not (odd or certain):
        return None
    needed = "nonzero entries" if p == -1 else "positive"
    words = "take reciprocals" if p == -1 else f"raise to the power {1 / p}"
    return (lambda c: apply("power", c, number(1 / p)), lambda c: [Need(needed, c)], words)


def _undo(
    node: Apply | Sum, found: Isolated, placeholder: Symbol, unknown: Symbol, undo: Undo, positive: bool
) -> list[Isolated]:
    undone, conditions, words = undo
    back: dict[Node, Node] = {placeholder: node}
    lines = tuple(
        Equation(substitute(x.left, back), substitute(x.right, back), _named(x.reason, unknown)) for x in found.lines
    )
    value = spread(undone(found.solution))
    needs = (*found.needs, *conditions(found.solution))
    argument = node.arguments[0] if isinstance(node, Apply) else node
    if argument == unknown:
        return [Isolated(value, (*lines, Equation(unknown, value, words)), needs)]
    inner = roots(subtract(argument, value), unknown, positive=positive)
    start = [Equation(argument, value, words)] if words else []
    return [Isolated(r.solution, (*lines, *start, *r.lines), (*needs, *r.needs)) for r in inner]


def _named(reason: str, unknown: Symbol) -> str:
    """A reason said of the placeholder, said of the unknown."""
    return reason.replace(PLACEHOLDER, unknown.name)
