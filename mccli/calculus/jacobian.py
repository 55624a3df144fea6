"""Jacobians and Hessians: vec by vec, outputs as rows, accumulated forward over the expression graph.

The Jacobian of a node is the sum over its children of its own Jacobian by the child times that of the
child (the chain rule; Magnus & Neudecker 5.12 and 9.4), so that a chain of layers gives a product of matrices.
"""

from __future__ import annotations

from collections.abc import Sequence

from mccli.calculus.differential import differential, refuse_varying_bounds, through_curvature, through_meaning
from mccli.calculus.identify import gradients
from mccli.calculus.kronecker import gathered
from mccli.calculus.selections import commutation
from mccli.calculus.tidy import tidy
from mccli.calculus.vectorise import vectorise
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
    eye,
    multiply,
    scaled,
    zeros,
)
from mccli.language.rules import THROUGH_MEANING, build_rule, differential_rule


def jacobian(expression: Node, variable: Symbol) -> Node:
    """J with vec(dF) = J vec(dX): a row for every entry of F, a column for every one of X.

    By a scalar the one column is vec of the derivative. DeriveError as for gradients.
    """
    return in_reading_form(raw_jacobian(expression, variable), [expression])


ROUNDS = 4
"""How often the two simplifiers take turns: each brings together what the other has laid open."""


def in_reading_form(node: Node, typed: Sequence[Node]) -> Node:
    """The same matrix with Kronecker products carried out, tidy. ``typed`` are expressions to leave as they are."""
    for _ in range(ROUNDS):
        before, node = node, tidy(gathered(node, typed), typed)
        if node == before:
            break
    return node


def hessian(expression: Node, variable: Symbol) -> Node:
    """H with d²f = vec(dX)' H vec(dX) for a scalar f: the Jacobian of the gradient."""
    return jacobian(tidy(gradients(expression, [variable])[variable], [expression]), variable)


def raw_jacobian(expression: Node, variable: Symbol) -> Node:
    """The Jacobian as the chain rule gives it; by a scalar the stacked derivative."""
    if variable.is_scalar:
        return apply("vec", differential(expression, {variable: Number(1)}))
    names = (variable.name,)
    found: dict[Node, Node] = {}
    for node in walk(expression, sums(expression)):
        if isinstance(node, Symbol) and node.name == variable.name:
            found[node] = eye(node.rows * node.columns)
        elif isinstance(node, Apply) and node.operation.name == "series":
            found[node] = _term_by_term(node, variable)
        elif node.depends_on(names):
            found[node] = add(*(multiply(part, found[child]) for child, part in _parts(node, names)))
    size = (expression.rows * expression.columns, variable.rows * variable.columns)
    return found.get(expression, zeros(size))


def _term_by_term(node: Apply, variable: Symbol) -> Node:
    """The Jacobian of a sum over an index."""
    index, low, high, body = apart(node, names_in(variable)).arguments
    refuse_varying_bounds(low, high, [variable])
    return apply(node.operation, index, low, high, raw_jacobian(body, variable))


def _parts(node: Node, names: tuple[str, ...]) -> list[tuple[Node, Node]]:
    """The children that vary, each with the Jacobian of the node by it."""
    if isinstance(node, Sum):
        return [(n, scaled(c, eye(n.rows * n.columns))) for c, n in node.terms if n.depends_on(names)]
    if isinstance(node, Transpose):
        return [(node.operand, commutation(*node.operand.shape))]
    if isinstance(node, Product):
        return [_by_factor(node, i) for i, n in enumerate(node.children()) if n.depends_on(names)]
    assert isinstance(node, Apply)
    moving = dict.fromkeys(n for n in node.arguments if n.depends_on(names))
    placeholders = {child: _placeholder(child) for child in moving}
    return [(child, vectorise(_operation_change(node, child, p), p)) for child, p in placeholders.items()]


def _placeholder(node: Node) -> Symbol:
    return Symbol("·", node.shape, role="differential")


def _by_factor(node: Product, place: int) -> tuple[Node, Node]:
    """The Jacobian of a product by the factor at a place; for the Jacobian of a declared function, by its argument."""
    factors = node.children()
    changed: list[Node] = []

    def change(argument: Node) -> Node:
        changed.append(argument)
        return _placeholder(argument)

    curved = through_curvature(node, place, change)
    if curved is not None:
        return changed[0], scaled(node.coefficient, vectorise(curved, _placeholder(changed[0])))
    placeholder = _placeholder(factors[place])
    moved = multiply(Number(node.coefficient), *factors[:place], placeholder, *factors[place + 1 :])
    return factors[place], vectorise(moved, placeholder)


def _operation_change(node: Apply, child: Node, placeholder: Symbol) -> Node:
    record = node.operation
    if record.name == "hadamard":
        others = list(node.arguments)
        times = others.count(child)
        others.remove(child)
        return scaled(times, apply(record, placeholder, *others))
    changes = [placeholder if argument == child else zeros(argument.shape) for argument in node.arguments]
    if record.d == THROUGH_MEANING:
        return through_meaning(node, changes)
    leaves = {f"d{p}": change for p, change in zip(record.parameters, changes, strict=True)}
    return build_rule(differential_rule(record), node, leaves)
