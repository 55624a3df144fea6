"""What a record states, compared with differences of its function at a point.

Every comparison is a pair (expected, found): ``expected`` comes from differences, ``found`` from the record's text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mccli.expressions.tree import Node, Symbol
from mccli.numeric.records.derivatives import Slopes
from mccli.numeric.records.places import RecordPoint
from mccli.numeric.spaces import basis, in_space

Array = NDArray[Any]


class Pair(NamedTuple):
    """What differences give, what the record says, and the field it says it in."""

    field: str
    expected: Array
    found: Array


def vec(x: Array) -> Array:
    """The columns of an array, stacked."""
    return np.asarray(x.reshape(-1, 1, order="F"))


def _basis(point: RecordPoint, variable: Symbol) -> Iterator[tuple[tuple[int, int], Array]]:
    """A basis of the space that a variable is declared to be in."""
    return basis(point.arrays[variable.name].shape, variable.properties)


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
        yield np.array([[_slope(slopes, variable, d)] for _, d in _basis(point, variable)]), found
    elif convention == "entries":
        yield _by_entries(slopes, variable), found
    elif convention in _PARAMETERS:
        yield _by_parameters(slopes, variable), found
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
    inside = [(d, _slope(slopes, variable, d)) for _, d in _basis(point, variable)]
    yield np.array([s for _, s in inside]), np.array([np.sum(found * d) for d, _ in inside])
    if not np.allclose(in_space(found, variable.properties), found):
        units = [d for _, d in basis(shape)]
        yield np.array([_slope(slopes, variable, d) for d in units]), np.array([np.sum(found * d) for d in units])


def _by_entries(slopes: Slopes, variable: Symbol) -> Array:
    """Partial derivatives by the independent entries, in the places of the entries."""
    expected = np.zeros(slopes.point.arrays[variable.name].shape)
    for _, direction in _basis(slopes.point, variable):
        expected += _slope(slopes, variable, direction) * direction
    return expected


def _by_parameters(slopes: Slopes, variable: Symbol) -> Array:
    """Partial derivatives by the parameters of a Toeplitz or circulant matrix, in all places of each."""
    places = _places(slopes.point, variable)
    expected = np.zeros(places.shape)
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
    for (i, j), unit in basis(shape):
        real = slopes.first({variable.name: unit})[0, 0]
        imaginary = slopes.first({variable.name: 1j * unit})[0, 0]
        expected[i, j] = (real + 1j * imaginary) / 2
    return expected


# ------------------------------------------------------------------------------- Jacobians, Hessians, dF


def _jacobian(slopes: Slopes, node: Node) -> Iterator[tuple[Array, Array]]:
    point = slopes.point
    variable = point.statement.variables[0]
    found = point.value(node)
    directions = [d for _, d in _basis(point, variable)]
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
    units = [d for _, d in basis(point.arrays[variable.name].shape)]
    expected = np.array([[slopes.second({variable.name: a}, {variable.name: b})[0, 0] for b in units] for a in units])
    yield expected, point.value(node)


def _differential(slopes: Slopes, node: Node) -> Iterator[tuple[Array, Array]]:
    order = slopes.point.statement.record.order
    for seed in (1, 2):
        directions = drawn_directions(slopes.point, seed)
        expected = slopes.first(directions) if order == 1 else slopes.second(directions, directions)
        yield expected, _with_differentials(slopes.point, node, directions)


_COMPARE: dict[str, Callable[[Slopes, Node], Iterator[tuple[Array, Array]]]] = {
    "gradient": _gradient,
    "jacobian": _jacobian,
    "hessian": _hessian,
    "differential": _differential,
}


def drawn_directions(point: RecordPoint, seed: int) -> dict[str, Array]:
    """A random direction for every variable, in the space it is declared to be in."""
    rng = np.random.default_rng(seed)
    found = {}
    for variable in point.statement.variables:
        direction = rng.normal(size=point.arrays[variable.name].shape)
        if point.statement.record.field == "complex":
            direction = direction + 1j * rng.normal(size=direction.shape)
        if point.statement.record.convention in _PARAMETERS:
            places = _places(point, variable)
            values = rng.normal(size=4 * len(places))
            direction = values[places + len(places)]
        found[variable.name] = in_space(direction, variable.properties)
    return found


def _places(point: RecordPoint, variable: Symbol) -> Array:
    """The parameter that stands in each entry of a structured variable."""
    place = _PARAMETERS[point.statement.record.convention]
    n = point.arrays[variable.name].shape[0]
    return np.array([[place(i, j, n) for j in range(n)] for i in range(n)])


def _with_differentials(point: RecordPoint, node: Node, directions: dict[str, Array]) -> Array:
    return point.value(node, {f"d{name}": d for name, d in directions.items()})


def _proof(slopes: Slopes, node: Node) -> tuple[Array, Array]:
    """A form of the differential; for a Hessian, of the gradient's."""
    point = slopes.point
    directions = drawn_directions(point, 3)
    found = _with_differentials(point, node, directions)
    if point.statement.record.kind == "hessian":
        variable = point.statement.variables[0]
        shape = point.arrays[variable.name].shape
        expected = np.zeros(shape)
        for place, unit in basis(shape):
            expected[place] = slopes.second({variable.name: unit}, directions)[0, 0]
        return expected, found
    if point.statement.record.order == 2:
        return slopes.second(directions, directions), found
    return slopes.first(directions), found
