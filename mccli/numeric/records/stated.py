"""What a record states, compared with differences of its function at a point.

Every comparison is a pair (expected, found): ``expected`` comes from differences, ``found`` from the record's text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mccli.expressions.tree import Node, Symbol
from mccli.numeric.records.derivatives import Slopes, basis, everywhere
from mccli.numeric.records.places import RecordPoint
from mccli.numeric.spaces import in_space

Array = NDArray[Any]


class Pair(NamedTuple):
    """What differences give, what the record says, and the field it says it in."""

    field: str
    expected: Array
    found: Array


def vec(x: Array) -> Array:
    """The columns of an array, stacked."""
    return np.asarray(x.reshape(-1, 1, order="F"))


def pairs(point: RecordPoint) -> Iterator[Pair]:
    """Every comparison of a record at a point."""
    slopes = Slopes(point)
    for stated in point.statement.results:
        for expected, found in _COMPARE[stated.kind](slopes, stated.node):
            yield Pair(stated.field, expected, found)
    for form in point.statement.proof:
        yield Pair("proof", *_proof(slopes, form.node))


# ---------------------------------------------------------------------------------------------- gradients


def _gradient(slopes: Slopes, node: Node) -> Iterator[tuple[Array, Array]]:
    point = slopes.point
    variable = point.statement.variables[0]
    convention = point.statement.record.convention
    found = point.value(node)
    if point.statement.record.field == "complex":
        yield _wirtinger(slopes, variable), found
    elif convention == "vech":
        yield np.array([[_slope(slopes, variable, d)] for _, d in basis(variable, point)]), found
    elif convention == "entries":
        yield _by_entries(slopes, variable), found
    elif convention in _PARAMETERS:
        yield _by_parameters(slopes, variable, _PARAMETERS[convention]), found
    else:
        yield from _in_space(slopes, variable, found)


def _slope(slopes: Slopes, variable: Symbol, direction: Array) -> float:
    return float(np.real(slopes.first({variable.name: direction})[0, 0]))


def _in_space(slopes: Slopes, variable: Symbol, found: Array) -> Iterator[tuple[Array, Array]]:
    """<G, D> along a basis of the variable's space; a G that is not in the space is compared along all directions."""
    point = slopes.point
    shape = point.arrays[variable.name].shape
    if found.shape != shape:
        yield np.zeros(shape), found
        return
    inside = [(d, _slope(slopes, variable, d)) for _, d in basis(variable, point)]
    yield np.array([s for _, s in inside]), np.array([np.sum(found * d) for d, _ in inside])
    if not np.allclose(in_space(found, variable.properties), found):
        units = [d for _, d in everywhere(shape)]
        yield np.array([_slope(slopes, variable, d) for d in units]), np.array([np.sum(found * d) for d in units])


def _by_entries(slopes: Slopes, variable: Symbol) -> Array:
    """Partial derivatives by the independent entries, in the places of the entries."""
    expected = np.zeros(slopes.point.arrays[variable.name].shape)
    for _, direction in basis(variable, slopes.point):
        expected += _slope(slopes, variable, direction) * direction
    return expected


def _by_parameters(slopes: Slopes, variable: Symbol, place: Callable[[int, int, int], int]) -> Array:
    """Partial derivatives by the parameters of a Toeplitz or circulant matrix, in all places of each."""
    n = slopes.point.arrays[variable.name].shape[0]
    places = np.array([[place(i, j, n) for j in range(n)] for i in range(n)])
    expected = np.zeros((n, n))
    for parameter in np.unique(places):
        direction = (places == parameter) * 1.0
        expected += _slope(slopes, variable, direction) * direction
    return expected


_PARAMETERS: dict[str, Callable[[int, int, int], int]] = {
    "toeplitz": lambda i, j, _n: j - i,
    "symmetric toeplitz": lambda i, j, _n: abs(j - i),
    "circulant": lambda i, j, n: (j - i) % n,
}


def _wirtinger(slopes: Slopes, variable: Symbol) -> Array:
    """The derivative by the conjugate variable: half of d/dRe + i d/dIm, entry by entry."""
    shape = slopes.point.arrays[variable.name].shape
    expected = np.zeros(shape, dtype=complex)
    for (i, j), unit in everywhere(shape):
        real = slopes.first({variable.name: unit})[0, 0]
        imaginary = slopes.first({variable.name: 1j * unit})[0, 0]
        expected[i, j] = (real + 1j * imaginary) / 2
    return expected


# ------------------------------------------------------------------------------- Jacobians, Hessians, dF


def _jacobian(slopes: Slopes, node: Node) -> Iterator[tuple[Array, Array]]:
    point = slopes.point
    variable = point.statement.variables[0]
    found = point.value(node)
    directions = [d for _, d in basis(variable, point)]
    expected = np.hstack([vec(slopes.first({variable.name: d})) for d in directions])
    if point.statement.record.convention != "vech":
        if found.shape != (expected.shape[0], directions[0].size):
            yield expected, found
            return
        found = found @ np.hstack([vec(d) for d in directions])
    yield expected, found


def _hessian(slopes: Slopes, node: Node) -> Iterator[tuple[Array, Array]]:
    point = slopes.point
    variable = point.statement.variables[0]
    units = [d for _, d in everywhere(point.arrays[variable.name].shape)]
    expected = np.array([[slopes.second({variable.name: a}, {variable.name: b})[0, 0] for b in units] for a in units])
    yield expected, point.value(node)


def _differential(slopes: Slopes, node: Node) -> Iterator[tuple[Array, Array]]:
    order = slopes.point.statement.record.order
    for seed in (1, 2):
        directions = _directions(slopes.point, seed)
        expected = slopes.first(directions) if order == 1 else slopes.second(directions, directions)
        yield expected, _with_differentials(slopes.point, node, directions)


_COMPARE: dict[str, Callable[[Slopes, Node], Iterator[tuple[Array, Array]]]] = {
    "gradient": _gradient,
    "jacobian": _jacobian,
    "hessian": _hessian,
    "differential": _differential,
}


def _directions(point: RecordPoint, seed: int) -> dict[str, Array]:
    """A random direction for every variable, in the space it is declared to be in."""
    rng = np.random.default_rng(seed)
    found = {}
    for variable in point.statement.variables:
        direction = rng.normal(size=point.arrays[variable.name].shape)
        if point.statement.record.field == "complex":
            direction = direction + 1j * rng.normal(size=direction.shape)
        if point.statement.record.convention in _PARAMETERS:
            places = np.array(_places(point, variable))
            values = rng.normal(size=4 * len(places))
            direction = values[places + len(places)]
        found[variable.name] = in_space(direction, variable.properties)
    return found


def _places(point: RecordPoint, variable: Symbol) -> list[list[int]]:
    place = _PARAMETERS[point.statement.record.convention]
    n = point.arrays[variable.name].shape[0]
    return [[place(i, j, n) for j in range(n)] for i in range(n)]


def _with_differentials(point: RecordPoint, node: Node, directions: dict[str, Array]) -> Array:
    return point.value(node, {f"d{name}": d for name, d in directions.items()})


def _proof(slopes: Slopes, node: Node) -> tuple[Array, Array]:
    """A form of the differential; for a Hessian, of the gradient's."""
    point = slopes.point
    directions = _directions(point, 3)
    found = _with_differentials(point, node, directions)
    if point.statement.record.kind == "hessian":
        variable = point.statement.variables[0]
        shape = point.arrays[variable.name].shape
        expected = np.zeros(shape)
        for place, unit in everywhere(shape):
            expected[place] = slopes.second({variable.name: unit}, directions)[0, 0]
        return expected, found
    if point.statement.record.order == 2:
        return slopes.second(directions, directions), found
    return slopes.first(directions), found
