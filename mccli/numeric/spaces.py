"""The linear spaces that a matrix can be declared to be in, as orthogonal projections of arrays."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def in_space(x: Array, properties: Collection[str]) -> Array:
    """The orthogonal projection onto the space with the given properties; the array itself if there is none."""
    if "diagonal" in properties:
        return np.asarray(np.diag(np.diag(x)))
    if "symmetric" in properties:
        return np.asarray((x + x.T) / 2)
    if "skew" in properties:
        return np.asarray((x - x.T) / 2)
    if "lower" in properties:
        return np.tril(x)
    return np.triu(x) if "upper" in properties else x


def basis(shape: tuple[int, ...], properties: Collection[str] = ()) -> Iterator[tuple[tuple[int, int], Array]]:
    """A basis of the space of arrays with the given properties: the leading entry, and the direction in which it is 1.

    In the order of vec; for symmetric matrices that of vech.
    """
    for j in range(shape[1]):
        for i in range(shape[0]):
            unit = np.zeros(shape)
            unit[i, j] = 1.0
            direction = in_space(unit, properties)
            if direction[i, j] and (i, j) == _leading(direction):
                yield (i, j), direction / direction[i, j]


def _leading(direction: Array) -> tuple[int, int]:
    """The first entry that is not 0, in the order of vec."""
    j, i = (int(k) for k in np.argwhere(direction.T)[0])
    return i, j


def tangent(start: Array, x: Array, properties: Collection[str]) -> Array:
    """The orthogonal projection of ``x`` onto the directions in which ``start`` can move and keep its properties.

    Unit norm: what is orthogonal to it; orthogonal: X times skew matrices (and what is orthogonal to its columns);
    on the simplex: what adds up to zero (Absil, Mahony & Sepulchre 2008, 3.6). Otherwise ``x`` itself.
    """
    if "unit" in properties:
        return np.asarray(x - np.sum(start * x) * start)
    if "orthogonal" in properties:
        inside = start.T @ x
        return np.asarray(x - start @ (inside + inside.T) / 2)
    return np.asarray(x - np.mean(x)) if "simplex" in properties else x


def tangent_directions(start: Array, directions: Iterable[Array], properties: Collection[str]) -> Iterator[Array]:
    """The directions as far as they are tangent; those of which nothing is left are passed over."""
    for direction in directions:
        found = tangent(start, direction, properties)
        if np.any(np.abs(found) > 1e-9):
            yield found
