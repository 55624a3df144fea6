"""The lines of a derivation, checked: each against what its left-hand side stands for."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mccli.calculus.derivation import Derivation
from mccli.calculus.differential import Changes, differential, differential_symbol
from mccli.errors import DomainError
from mccli.expressions.graph import rebuild, walk
from mccli.expressions.tree import Node, Symbol, is_operation
from mccli.numeric.evaluate import Evaluator
from mccli.numeric.sample import Point, draw_array

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

    f is the value of the function, df the gradients paired with random differentials, a name what it was
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
        except DomainError:  # a sum too long to evaluate; the gradient itself is checked all the same
            continue
        pairs.append((known[left], value))
    return pairs or [(np.zeros((1, 1)), np.zeros((1, 1)))]


def _left_hand_sides(derivation: Derivation, point: Point, evaluator: Evaluator, changes: Changes) -> dict[str, Array]:
    rng = np.random.default_rng(SEED)
    total = np.zeros((1, 1))
    for gradient in derivation.gradients:
        symbol = changes[gradient.variable]
        assert isinstance(symbol, Symbol)
        shape = point.arrays[gradient.variable.name].shape
        change = draw_array(symbol.properties, shape, rng, lambda r, s: r.normal(size=s))
        evaluator.arrays[symbol.name] = change
        value = evaluator.value(gradient.full)
        total = total + (np.sum(value * change) if value.shape == shape else np.inf)
    for definition in derivation.definitions:
        evaluator.arrays[f"d{definition.symbol.name}"] = evaluator.value(differential(definition.expression, changes))
    return {**evaluator.arrays, f"d{derivation.function}": total}


def _changes(derivation: Derivation) -> Changes:
    moving = [*(d.symbol for d in derivation.definitions), *(g.variable for g in derivation.gradients)]
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
