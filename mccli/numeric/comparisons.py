"""What a derivation claims, beside what differences of the function say: pairs of arrays that must agree at any point.

The differences know nothing of the rules. A gradient is compared entry by entry (in a structured space direction by
direction), a Jacobian or Hessian column by column, a differential and a directional derivative along their direction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mccli.calculus.derivation import ALONG, DIFFERENTIAL, HESSIAN, JACOBIAN, Derivation, Derivative
from mccli.calculus.differential import differential, differential_symbol
from mccli.expressions.tree import Node, Symbol
from mccli.numeric.differences import complex_step, richardson
from mccli.numeric.evaluate import Evaluator, is_analytic
from mccli.numeric.lines import evaluator_with_names
from mccli.numeric.sample import Point, draw_array
from mccli.numeric.spaces import basis, in_space, tangent, tangent_directions

Array = NDArray[Any]
Pair = tuple[Array, Array]
Directions = Mapping[str, Array]

ENTRIES = 48
"""A variable with more entries is checked along this many random directions instead."""
SEED = 20240229


class Comparison(NamedTuple):
    """What is compared, the function that is differentiated, and both sides at a point."""

    what: str
    function: Node
    pairs: Callable[[Point], list[Pair]]


def comparisons(derivation: Derivation) -> Iterator[Comparison]:
    """Everything that a derivation claims, those of the derivation it starts from included."""
    if derivation.first is not None:
        yield from comparisons(derivation.first)
    for chapter in derivation.chapters:
        yield from comparisons(chapter)
    if derivation.kind == HESSIAN:
        yield from _blocks(derivation)
    elif derivation.kind == DIFFERENTIAL:
        yield Comparison("the differential", derivation.expression, lambda at: _differential(derivation, at))
    elif derivation.kind == ALONG and not derivation.chapters:
        yield Comparison("the derivative", derivation.expression, lambda at: _along(derivation, at))
    elif derivation.kind != ALONG:
        compared = _jacobian if derivation.kind == JACOBIAN else _gradient
        for result in derivation.results:
            what = f"∂{derivation.function}/∂{result.variable.name}"
            yield Comparison(what, derivation.expression, _bound(compared, derivation, result))


def _bound(
    compared: Callable[[Derivation, Derivative, Point], list[Pair]], derivation: Derivation, result: Derivative
) -> Callable[[Point], list[Pair]]:
    return lambda at: compared(derivation, result, at)


def slope(node: Node, point: Point, directions: Directions) -> Array:
    """The derivative of a value along directions of some arrays, by complex step or by Richardson's differences."""
    names = list(directions)
    starts = [point.arrays[n] for n in names]
    lengths = [directions[n].size for n in names]
    together = np.concatenate([directions[n].ravel() for n in names])

    def value(change: Array) -> Array:
        parts = np.split(change, np.cumsum(lengths)[:-1])
        moved = {n: s + p.reshape(s.shape) for n, s, p in zip(names, starts, parts, strict=True)}
        return Evaluator({**point.arrays, **moved}, point.sizes).value(node)

    return complex_step(value, together) if is_analytic(node) else richardson(value, together)[0]


# ---------------------------------------------------------------------------------------------- first derivatives


def _gradient(derivation: Derivation, gradient: Derivative, at: Point) -> list[Pair]:
    """Both forms of a gradient, and the one by the independent entries, against differences of the value."""
    variable, name = gradient.variable, gradient.variable.name
    directions = list(_directions(variable, at))
    expected = np.array([float(slope(derivation.expression, at, {name: d})[0, 0]) for d in directions])
    evaluator = evaluator_with_names(derivation, at)
    values = [evaluator.value(form) for form in (gradient.full, gradient.named)]
    if any(value.shape != directions[0].shape for value in values):
        return [(expected, np.full_like(expected, np.inf))]
    compared = [(expected, np.array([float(np.sum(value * d)) for d in directions])) for value in values]
    start = at.arrays[name]
    compared += [(_tangent_part(value, start, variable), value) for value in values]
    if gradient.independent is not None and "orthogonal" in variable.properties:
        entries = evaluator.value(gradient.independent)
        metric = np.eye(len(start)) - start @ start.T / 2
        compared.append((expected, np.array([float(np.sum(entries * (metric @ d))) for d in directions])))
        compared.append((_tangent_part(entries, start, variable), entries))
    elif gradient.independent is not None and len(directions) == _dimension(variable, at):
        entries = evaluator.value(gradient.independent)
        means = np.array([float(np.sum(entries * d)) / np.count_nonzero(d) for d in directions])
        compared.append((expected, means))
        compared.append((in_space(entries, variable.properties), entries))
    return compared


def _tangent_part(value: Array, start: Array, variable: Symbol) -> Array:
    return tangent(start, in_space(value, variable.properties), variable.properties)


def _jacobian(derivation: Derivation, result: Derivative, at: Point) -> list[Pair]:
    """Both forms of a Jacobian, column by column; a derivative by a scalar as it is."""
    variable, name = result.variable, result.variable.name
    evaluator = evaluator_with_names(derivation, at)
    values = [evaluator.value(form) for form in (result.full, result.named)]
    if variable.is_scalar:
        expected = slope(derivation.expression, at, {name: np.ones((1, 1))})
        if result.of is not None:  # a block of a Hessian, vec by vec also here
            expected = _vec(expected)
        return [(expected, _of_shape(value, expected.shape)) for value in values]
    directions = list(_directions(variable, at))
    expected = np.hstack([_vec(slope(derivation.expression, at, {name: d})) for d in directions])
    stacked = np.hstack([_vec(d) for d in directions])
    shape = (expected.shape[0], stacked.shape[0])
    images = [_of_shape(value, shape) @ stacked for value in values]
    if result.of == variable:
        images = [_columns_in_space(image, at.arrays[name].shape, variable) for image in images]
    return [(expected, image) for image in images]


def _columns_in_space(image: Array, shape: tuple[int, ...], variable: Symbol) -> Array:
    """The columns as matrices in the space of the variable, where the gradient they change lives."""
    parts = [in_space(column.reshape(shape, order="F"), variable.properties) for column in image.T]
    return np.hstack([_vec(part) for part in parts])


def _of_shape(value: Array, shape: tuple[int, ...]) -> Array:
    return value if value.shape == shape else np.full(shape, np.inf)


def _vec(x: Array) -> Array:
    return x.reshape(-1, 1, order="F")


def _blocks(derivation: Derivation) -> Iterator[Comparison]:
    """Every block of a Hessian beside the change of its gradient; one by one variable equals its transpose."""
    f = derivation.function
    assert derivation.first is not None
    gradients = {g.variable: g.full for g in derivation.first.results}
    for result in derivation.results:
        assert result.of is not None
        start = replace(derivation, expression=gradients[result.of], definitions=(), adjoints=())
        what = f"∂²{f}/∂{result.of.name}∂{result.variable.name}"
        yield Comparison(what, start.expression, _bound(_jacobian_in_full, start, result))
        if result.of == result.variable:
            yield Comparison(f"the symmetry of {what}", start.expression, _bound(_transposed, start, result))


def _jacobian_in_full(derivation: Derivation, result: Derivative, at: Point) -> list[Pair]:
    """The form without names only; the other one is compared in its chapter."""
    return _jacobian(derivation, replace(result, named=result.full), at)


def _transposed(_derivation: Derivation, result: Derivative, at: Point) -> list[Pair]:
    value = Evaluator(at.arrays, at.sizes).value(result.full)
    return [(value.T, value)]


# ---------------------------------------------------------------------------------------------- along a direction


def _along(derivation: Derivation, at: Point) -> list[Pair]:
    """The derivative along the directions that were given."""
    evaluator = evaluator_with_names(derivation, at)
    given = zip(derivation.variables, derivation.directions, strict=True)
    directions = {v.name: evaluator.value(d) for v, d in given}
    expected = slope(derivation.expression, at, directions)
    (result,) = derivation.results
    return [(expected, _of_shape(evaluator.value(form), expected.shape)) for form in (result.full, result.named)]


def _differential(derivation: Derivation, at: Point) -> list[Pair]:
    """The differential along a random direction of all variables; the second one also against the first."""
    changes = {v: differential_symbol(v) for v in derivation.variables}
    rng = np.random.default_rng(SEED)
    directions = {
        v.name: draw_array(d.properties, at.arrays[v.name].shape, rng, lambda r, s: r.normal(size=s))
        for v, d in changes.items()
    }
    wider = Point(at.sizes, {**at.arrays, **{f"d{n}": d for n, d in directions.items()}})
    value = Evaluator(wider.arrays, wider.sizes).value(derivation.results[0].full)
    first = differential(derivation.expression, dict(changes.items()))
    expected = slope(derivation.expression, at, directions)
    of_first = Evaluator(wider.arrays, wider.sizes).value(first)
    if derivation.order == 1:
        return [(expected, _of_shape(value, expected.shape))]
    second = slope(first, wider, directions)
    return [(expected, of_first), (second, _of_shape(value, second.shape))]


# ---------------------------------------------------------------------------------------------- directions


def _dimension(variable: Symbol, point: Point) -> int:
    """The number of independent entries of a symmetric or skew variable."""
    n = int(point.arrays[variable.name].shape[0])
    return n * (n + 1) // 2 if "symmetric" in variable.properties else n * (n - 1) // 2


def _directions(variable: Symbol, point: Point) -> Iterator[Array]:
    """A basis of the space of the variable, or random directions in it if there are many entries."""
    start, properties = point.arrays[variable.name], variable.properties
    if start.size > ENTRIES:
        rng = np.random.default_rng(SEED)
        drawn = (in_space(rng.normal(size=start.shape), properties) for _ in range(ENTRIES // 2))
        yield from (tangent(start, d, properties) for d in drawn)
        return
    yield from tangent_directions(start, (d for _, d in basis(start.shape, properties)), properties)
