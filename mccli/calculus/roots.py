"""One equation solved for one unknown: linear, through a function of it, or as a sum of powers of a scalar.

An equation that is not linear may be linear in X⁻¹ or in f(x) entry by entry; or it becomes linear when it is
multiplied by X from the left or the right; a scalar may be a root of a quadratic in one of its powers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from mccli.calculus.affine import NotAffine, affine
from mccli.calculus.gather import common_number, common_scalars, divided, gathered, pieces
from mccli.calculus.isolate import Equation, Isolated, NotIsolated, inverse, invertible_if, isolate
from mccli.calculus.needs import Need
from mccli.calculus.powers import Powers, powers
from mccli.calculus.spread import spread, square_root
from mccli.expressions.graph import substitute, walk
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
    broadcast,
    is_operation,
    multiply,
    number,
    scaled,
    split_coefficient,
    subtract,
    traits,
    transpose,
    zeros,
)

PLACEHOLDER = "·"


@dataclass(frozen=True)
class Root:
    """One solution of an equation: its lines, what it assumes, and whether it came through another unknown."""

    solution: Node
    lines: tuple[Equation, ...]
    needs: tuple[Need, ...]


def roots(equation: Node, unknown: Symbol, *, positive: bool = False) -> list[Root]:
    """All solutions of ``equation = 0``; ``positive`` says that the unknown has positive entries.

    NotAffine with the part that stands in the way, NotIsolated, or DeriveError for a singular operator.
    """
    equation = _without_nonzero_factors(equation, unknown)
    try:
        affine(equation, unknown)
    except NotAffine as error:
        blocked = error
    else:
        return [_root(isolate(equation, unknown))]
    for method in (_through_function, _multiplied, _of_powers):
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


def _root(found: Isolated) -> Root:
    return Root(found.solution, found.lines, found.needs)


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


def _through_function(equation: Node, unknown: Symbol, positive: bool) -> list[Root]:
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
    if p != -1 and not certain:
        return None
    needed = "nonzero entries" if p == -1 else "positive"
    words = "take reciprocals" if p == -1 else f"raise to the power {1 / p}"
    return (lambda c: apply("power", c, number(1 / p)), lambda c: [Need(needed, c)], words)


def _undo(
    node: Apply | Sum, found: Root, placeholder: Symbol, unknown: Symbol, undo: Undo, positive: bool
) -> list[Root]:
    undone, conditions, words = undo
    back: dict[Node, Node] = {placeholder: node}
    lines = tuple(
        Equation(substitute(x.left, back), substitute(x.right, back), _named(x.reason, unknown)) for x in found.lines
    )
    value = spread(undone(found.solution))
    needs = (*found.needs, *conditions(found.solution))
    argument = node.arguments[0] if isinstance(node, Apply) else node
    if argument == unknown:
        return [Root(value, (*lines, Equation(unknown, value, words)), needs)]
    inner = roots(subtract(argument, value), unknown, positive=positive)
    start = [Equation(argument, value, words)] if words else []
    return [Root(r.solution, (*lines, *start, *r.lines), (*needs, *r.needs)) for r in inner]


def _named(reason: str, unknown: Symbol) -> str:
    """A reason said of the placeholder, said of the unknown."""
    return reason.replace(PLACEHOLDER, unknown.name)


# ---------------------------------------------------------------------------------------------- multiplied by X


def _multiplied(equation: Node, unknown: Symbol, _positive: bool) -> list[Root]:
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
        return [Root(found.solution, tuple(lines), (*found.needs, *invertible_if(found.solution)))]
    return []


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


# ---------------------------------------------------------------------------------------------- powers of a scalar


def _of_powers(equation: Node, unknown: Symbol, positive: bool) -> list[Root]:
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
        found.append(Root(Number(0), (Equation(unknown, Number(0), "the factor in front"),), ()))
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


def _two_terms(table: Powers, unknown: Symbol, positive: bool) -> list[Root]:
    (degree,) = (e for e in table if e)
    leading, constant = table[degree], table[Fraction(0)]
    value = spread(gathered(multiply(scaled(-1, constant), apply("power", leading, number(-1)))))
    return _extracted(value, degree, unknown, positive, tuple(invertible_if(leading)))


def _extracted(value: Node, degree: Fraction, unknown: Symbol, positive: bool, needs: tuple[Need, ...]) -> list[Root]:
    """The s with s^degree = value."""
    if degree == 1:
        return [Root(value, (Equation(unknown, value, "divide"),), needs)]
    if degree == 2:
        root = square_root(value)
    elif positive:
        root = apply("power", value, number(1 / degree))
    else:
        return []
    needs = (*needs, Need("positive", value))
    words = "take the root" if positive else "take a root"
    signs = (1,) if positive else (1, -1)
    return [Root(scaled(s, root), (Equation(unknown, scaled(s, root), words),), needs) for s in signs]


def _quadratic(table: Powers, unknown: Symbol, positive: bool) -> list[Root]:
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
