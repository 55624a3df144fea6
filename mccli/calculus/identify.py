"""Identification: from a differential to a derivative.

``pullback(term, M, E)`` gives the G with <M, term> = <G, E> for a term that is linear in the symbol E: the
trace trick as an adjoint. ``gradients`` runs it backwards over the whole expression graph, so that the
result grows linearly with the graph (Giles 2008; Griewank & Walther, Evaluating Derivatives, 3.2).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mccli.calculus.differential import refuse_varying_bounds, through_meaning
from mccli.errors import DeriveError
from mccli.expressions.graph import apart, names_in, sums, walk
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
    inner,
    is_zero,
    multiply,
    scaled,
    transpose,
    zeros,
)
from mccli.language.rules import THROUGH_MEANING, adjoint_rule, build_rule, differential_rule


def pullback(term: Node, upstream: Node, direction: Symbol) -> Node:
    """The G with <upstream, term> = <G, direction>; ``term`` is linear in ``direction``.

    ``upstream`` has the shape of ``term``, the result that of ``direction``. DeriveError if an operation on
    the way is not linear or says no adjoint.
    """
    if not term.depends_on((direction.name,)) or is_zero(upstream):
        return zeros(direction.shape)
    if isinstance(term, Symbol):
        return upstream
    if isinstance(term, Sum):
        return add(*(pullback(n, scaled(c, upstream), direction) for c, n in term.terms))
    if isinstance(term, Transpose):
        return pullback(term.operand, transpose(upstream), direction)
    if isinstance(term, Product):
        return _through_product(term, upstream, direction)
    assert isinstance(term, Apply)
    return _through_operation(term, upstream, direction)


def _through_product(term: Product, upstream: Node, direction: Symbol) -> Node:
    moving = [i for i, n in enumerate(term.children()) if n.depends_on((direction.name,))]
    if len(moving) != 1:
        raise DeriveError(f"a product of {len(moving)} differentials is not linear")
    position = moving[0]
    outside = [Number(term.coefficient), *(s for i, s in enumerate(term.scalars) if i != position)]
    count = len(term.scalars)
    if position < count:
        rest = multiply(*outside, *term.chain) if term.chain else multiply(*outside)
        return pullback(term.scalars[position], inner(upstream, rest), direction)
    before, factor, after = (
        term.chain[: position - count],
        term.children()[position],
        term.chain[position - count + 1 :],
    )
    moved = multiply(
        *outside, *(transpose(n) for n in reversed(before)), upstream, *(transpose(n) for n in reversed(after))
    )
    return pullback(factor, moved, direction)


def _through_operation(term: Apply, upstream: Node, direction: Symbol) -> Node:
    record = term.operation
    if record.name == "hadamard":
        return _through_hadamard(term, upstream, direction)
    if record.name == "series":
        index, low, high, body = apart(term, names_in(upstream)).arguments
        return apply(record, index, low, high, pullback(body, upstream, direction))
    moving = [p for p, a in zip(record.parameters, term.arguments, strict=True) if a.depends_on((direction.name,))]
    if len(moving) != 1 and not record.jointly_linear:
        raise DeriveError(f"{record.name} is not linear in several arguments at once")
    return add(*(_through_argument(term, parameter, upstream, direction) for parameter in moving))


def _through_argument(term: Apply, parameter: str, upstream: Node, direction: Symbol) -> Node:
    argument = term.arguments[term.operation.parameters.index(parameter)]
    moved = build_rule(adjoint_rule(term.operation, parameter), term, {"M": upstream})
    return pullback(argument, broadcast(moved, argument.shape), direction)


def _through_hadamard(term: Apply, upstream: Node, direction: Symbol) -> Node:
    moving = [n for n in term.arguments if n.depends_on((direction.name,))]
    if len(moving) != 1:
        raise DeriveError("an elementwise product of several differentials is not linear")
    others = [n for n in term.arguments if n is not moving[0]]
    return pullback(moving[0], apply("hadamard", upstream, *others), direction)


def gradients(expression: Node, variables: Iterable[Symbol]) -> dict[Symbol, Node]:
    """The gradient of a scalar expression by each variable, in the shape of the variable.

    Runs over the graph from the value back to the variables and adds what arrives at each node once.
    """
    return _pulled_back(expression, Number(1), list(variables))


def _pulled_back(expression: Node, arriving_here: Node, wanted: Sequence[Symbol]) -> dict[Symbol, Node]:
    """The gradients of <arriving_here, expression>."""
    names = frozenset(v.name for v in wanted)
    order = [n for n in walk(expression, sums(expression)) if n.depends_on(names)]
    arriving: dict[Node, list[Node]] = {n: [] for n in (*order, *wanted)}
    if expression in arriving:
        arriving[expression].append(arriving_here)
    for node in reversed(order):
        if isinstance(node, Symbol) and node.name in names:
            continue
        contributions = arriving[node]
        if not contributions:
            continue
        upstream = add(*reversed(contributions))
        if not is_zero(upstream):
            for child, part in _step_back(node, upstream, wanted):
                if not is_zero(part):
                    arriving[child].append(part)
    return {v: add(zeros(v.shape), *reversed(arriving[v])) for v in wanted}


def _step_back(node: Node, upstream: Node, wanted: Sequence[Symbol]) -> list[tuple[Node, Node]]:
    """What arrives at the children of a node, at the variables for a sum, when ``upstream`` arrives at the node."""
    names = frozenset(v.name for v in wanted)
    if isinstance(node, Sum):
        return [(n, scaled(c, upstream)) for c, n in node.terms if n.depends_on(names)]
    if isinstance(node, Transpose):
        return [(node.operand, transpose(upstream))]
    moving = list(dict.fromkeys(n for n in node.children() if n.depends_on(names)))
    if isinstance(node, Product):
        return [(child, _product_part(node, child, upstream)) for child in moving]
    assert isinstance(node, Apply)
    if node.operation.name == "series":
        return _term_by_term(node, upstream, wanted)
    return [(child, _operation_part(node, child, upstream)) for child in moving]


def _term_by_term(node: Apply, upstream: Node, wanted: Sequence[Symbol]) -> list[tuple[Node, Node]]:
    """What arrives at the variables through a sum over an index: the sum of what arrives through its terms."""
    index, low, high, body = apart(node, names_in(upstream, *wanted)).arguments
    refuse_varying_bounds(low, high, wanted)
    through = _pulled_back(body, upstream, wanted)
    return [(v, apply(node.operation, index, low, high, part)) for v, part in through.items()]


def _product_part(node: Product, child: Node, upstream: Node) -> Node:
    placeholder = Symbol("·", child.shape, role="differential")
    parts = []
    for i, factor in enumerate(node.children()):
        if factor == child:
            factors = [*node.children()]
            factors[i] = placeholder
            parts.append(pullback(multiply(Number(node.coefficient), *factors), upstream, placeholder))
    return add(*parts)


def _operation_part(node: Apply, child: Node, upstream: Node) -> Node:
    record = node.operation
    placeholder = Symbol("·", child.shape, role="differential")
    if record.name == "hadamard":
        others = list(node.arguments)
        times = others.count(child)
        others.remove(child)
        return scaled(times, apply(record, upstream, *others))
    if record.d == THROUGH_MEANING:
        changes = [placeholder if argument == child else zeros(argument.shape) for argument in node.arguments]
        return pullback(through_meaning(node, changes), upstream, placeholder)
    leaves: dict[str, Node] = {}
    for parameter, argument in zip(record.parameters, node.arguments, strict=True):
        leaves[f"d{parameter}"] = placeholder if argument == child else zeros(argument.shape)
    return pullback(build_rule(differential_rule(record), node, leaves), upstream, placeholder)
