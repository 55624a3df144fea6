"""What the engine derives for a record, beside what the record says.

A gradient is derived as a formula. For Jacobians, Hessians and differentials the engine's differential (for a
Hessian that of its gradient) is evaluated along every direction.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mccli.calculus.derivation import Gradient, derive
from mccli.calculus.differential import differential
from mccli.errors import DeriveError
from mccli.expressions.tree import Node, Symbol
from mccli.numeric.records.derivatives import basis
from mccli.numeric.records.places import RecordPoint
from mccli.numeric.records.stated import Pair, vec
from mccli.numeric.spaces import in_space

Array = NDArray[Any]

FORMULA, DIFFERENTIAL = "formula", "differential"


def engine_pairs(point: RecordPoint) -> Iterator[tuple[str, Pair]]:
    """How the engine derived it, with its value and that of the record. McError if it cannot."""
    statement = point.statement
    if statement.record.field == "complex":
        raise DeriveError("derivatives by complex variables are not derived")
    for stated in statement.results:
        if stated.kind == "gradient":
            expected, found = _gradient(point, point.value(stated.node))
            yield FORMULA, Pair(stated.field, expected, found)
        else:
            yield DIFFERENTIAL, Pair(stated.field, *_along(point, stated.kind, stated.node))


def _derived(point: RecordPoint) -> Gradient:
    statement = point.statement
    return derive(statement.expression, statement.symbols, statement.variables).gradients[0]


def _gradient(point: RecordPoint, found: Array) -> tuple[Array, Array]:
    convention = point.statement.record.convention
    variable = point.statement.variables[0]
    gradient = _derived(point)
    if convention == "entries":
        return point.value(gradient.independent if gradient.independent is not None else gradient.full), found
    if convention == "vech":
        full = point.value(gradient.full)
        return np.array([[np.sum(full * d)] for _, d in basis(variable, point)]), found
    if convention not in ("", "projection"):
        raise DeriveError(f"no gradient in the form {convention}")
    return point.value(gradient.full), in_space(found, variable.properties)


def _along(point: RecordPoint, kind: str, node: Node) -> tuple[Array, Array]:
    statement = point.statement
    changes: dict[Node, Node] = dict(statement.differentials().items())
    if kind == "differential":
        return _random_direction(point, node, changes)
    variable = statement.variables[0]
    form = statement.expression if kind == "jacobian" else _derived(point).full
    change = differential(form, changes)
    directions = [d for _, d in basis(variable, point)]
    expected = np.hstack([vec(point.value(change, {f"d{variable.name}": d})) for d in directions])
    found = point.value(node)
    if statement.record.convention != "vech":
        found = found @ np.hstack([vec(d) for d in directions])
    if kind == "hessian":
        shape = _shape(point, variable)
        columns = (found[:, k].reshape(shape, order="F") for k in range(found.shape[1]))
        found = np.hstack([vec(in_space(column, variable.properties)) for column in columns])
    return expected, found


def _random_direction(point: RecordPoint, node: Node, changes: dict[Node, Node]) -> tuple[Array, Array]:
    change = differential(point.statement.expression, changes)
    if point.statement.record.order == 2:
        change = differential(change, changes)
    rng = np.random.default_rng(4)
    drawn = {f"d{v.name}": in_space(rng.normal(size=_shape(point, v)), v.properties) for v in point.statement.variables}
    return point.value(change, drawn), point.value(node, drawn)


def _shape(point: RecordPoint, variable: Symbol) -> tuple[int, int]:
    rows, columns = point.arrays[variable.name].shape
    return rows, columns
