"""The lines of a derivation, checked: each against what its left-hand side stands for."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mccli.calculus.derivation import ALONG, DIFFERENTIAL, JACOBIAN, Derivation
from mccli.calculus.differential import Changes, differential, differential_symbol
from mccli.errors import DomainError
from mccli.expressions.graph import rebuild, walk
from mccli.expressions.tree import Node, Symbol, is_operation
from mccli.numeric.evaluate import Evaluator
from mccli.numeric.sample import Point, draw_array
from mccli.numeric.spaces import tangent

Array = NDArray[Any]
SEED = 20240301


def evaluator_with_names(derivation: Derivation, point: Point) -> Evaluator:
    """An evaluator that also knows the value of the function and of every named part."""
    evaluator = Evaluator(point.arrays, point.sizes)
    evaluator.arrays[derivation.function] = evaluator.value(derivation.expression)
    for definition in (*derivation.definitions, *derivation.adjoints):
        evaluator.arrays[definition.symbol.name] = evaluator.value(definition.expression)
    return evaluator


def line_pairs(derivation: Derivation, point: Point) -> list[tuple[Array, Array]]:
    """For every line: what its left-hand side is, and the value of its right-hand side.

    f is the value of the function, df what the results make of random differentials, a name what it was
    defined as, and its differential the complete differential of the definition.
    """
    changes = _changes(derivation)
    evaluator = evaluator_with_names(derivation, point)
    known = _left_hand_sides(derivation, point, evaluator, changes)
    pairs, left = [], ""
    for step in derivation.steps:
        left = step.left or left
        try:
            value = evaluator.value(_taken(step.expression, changes))
        except DomainError:  # a sum too long to evaluate; the result itself is checked all the same
            continue
        pairs.append((known[left], value))
    return pairs or [(np.zeros((1, 1)), np.zeros((1, 1)))]


def _left_hand_sides(derivation: Derivation, point: Point, evaluator: Evaluator, changes: Changes) -> dict[str, Array]:
    rng = np.random.default_rng(SEED)
    for variable in derivation.variables:
        symbol = changes[variable]
        assert isinstance(symbol, Symbol)
        shape = point.arrays[variable.name].shape
        change = draw_array(symbol.properties, shape, rng, lambda r, s: r.normal(size=s))
        evaluator.arrays[symbol.name] = tangent(point.arrays[variable.name], change, variable.properties)
    evaluator.done.clear()  # names like du stood for directions until here
    total = _total(derivation, evaluator, changes)
    for definition in derivation.definitions:
        evaluator.arrays[f"d{definition.symbol.name}"] = evaluator.value(differential(definition.expression, changes))
    function = derivation.function
    known = {**evaluator.arrays, f"d{function}": total, f"vec(d{function})": total.reshape(-1, 1, order="F")}
    if derivation.kind == DIFFERENTIAL and derivation.order == 2:
        twice = differential(differential(derivation.expression, changes), changes)
        known[f"d²{function}"] = evaluator.value(twice)
    return known


def _total(derivation: Derivation, evaluator: Evaluator, changes: Changes) -> Array:
    """The differential of the function from the results; where they are no matrices, by the rules."""
    if derivation.kind in (DIFFERENTIAL, ALONG):
        return evaluator.value(differential(derivation.expression, changes))
    shape = evaluator.value(derivation.expression).shape
    total = np.zeros(shape)
    for result in derivation.results:
        change = evaluator.arrays[f"d{result.variable.name}"]
        total = total + _part(derivation.kind, evaluator.value(result.full), change, shape)
    return total


def _part(kind: str, value: Array, change: Array, shape: tuple[int, ...]) -> Array:
    """What the change of one variable contributes; infinite if the shapes do not fit."""
    if kind != JACOBIAN:
        return np.asarray(np.sum(value * change) if value.shape == change.shape else np.inf)
    if change.size == 1 and value.shape == shape:
        return np.asarray(value * change)
    if value.shape != (shape[0] * shape[1], change.size):
        return np.full(shape, np.inf)
    return (value @ change.reshape(-1, 1, order="F")).reshape(shape, order="F")


def _changes(derivation: Derivation) -> Changes:
    moving = [*(d.symbol for d in derivation.definitions), *derivation.variables]
    return {s: differential_symbol(s) for s in moving}


def _taken(node: Node, changes: Changes) -> Node:
    """The line with every d(...) carried out."""
    done: dict[Node, Node] = {}
    for current in walk(node):
        if is_operation(current, "d"):
            done[current] = differential(current.children()[0], changes)
            continue
        fresh = tuple(done[c] for c in current.children())
        same = all(a is b for a, b in zip(fresh, current.children(), strict=True))
        done[current] = current if same else rebuild(current, fresh)
    return done[node]
