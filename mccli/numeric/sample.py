"""Random points for checks: non-symmetric, rectangular, all sizes different, declared properties respected.

Symmetric samples let wrong rules for inverses and determinants through; equal sizes let transposes through.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mccli.calculus.needs import Need
from mccli.errors import DomainError
from mccli.expressions.tree import Node, Symbol
from mccli.numeric.evaluate import Evaluator

Array = NDArray[Any]
Generator = np.random.Generator

FIRST_SIZES = (3, 4, 2, 5, 6, 7, 8, 9)
ATTEMPTS = 240
MOST_ENTRIES = 4_096
SMALLEST_VALUE = 1e-200
MARGIN = 1e-2
"""How far from the edge of its domain a function is checked."""


@dataclass(frozen=True)
class Point:
    """Numbers for the size letters and arrays for the symbols."""

    sizes: Mapping[str, int]
    arrays: Mapping[str, Array]


def points(
    symbols: Collection[Symbol], letters: Collection[str], conditions: Sequence[Need], value: Node, seed: int
) -> Iterator[Point]:
    """Points at which all conditions hold with a margin and the value is finite, without end.

    DomainError after many attempts in a row without such a point.
    """
    failures = 0
    number = 0
    while failures < ATTEMPTS:
        rng = np.random.default_rng([seed, number])
        point = draw(symbols, letters, rng, number)
        number += 1
        if point is not None and acceptable(point, conditions, value):
            failures = 0
            yield point
        else:
            failures += 1
    raise DomainError(
        "no point was found at which the derivative can be checked",
        notes=[
            "the function is undefined, overflows or vanishes at every point that was tried",
            "declare what it needs, for example --assume A:spd or --assume x:positive; --no-check derives without it",
        ],
    )


def draw(symbols: Collection[Symbol], letters: Collection[str], rng: Generator, number: int) -> Point | None:
    """One point; ``number`` chooses the flavour. None if the sizes cannot be met."""
    sizes = _draw_sizes(letters, rng, number)
    arrays: dict[str, Array] = {}
    for symbol in symbols:
        try:
            shape = (symbol.rows.value(sizes), symbol.columns.value(sizes))
        except ValueError:
            return None
        if min(shape) < 1:
            return None
        if shape[0] * shape[1] > MOST_ENTRIES:
            raise DomainError(
                f"{symbol.name} with {shape[0]}×{shape[1]} entries is too large for the numerical check",
                notes=["declare its shape with letters, or derive with --no-check"],
            )
        arrays[symbol.name] = draw_array(symbol.properties, shape, rng, _FLAVOURS[number % len(_FLAVOURS)])
    return Point(sizes, arrays)


def _draw_sizes(letters: Collection[str], rng: Generator, number: int) -> dict[str, int]:
    ordered = sorted(letters)
    pool = list(FIRST_SIZES[: max(len(ordered), 2)]) + list(range(10, 10 + max(0, len(ordered) - 8)))
    if number:
        pool = [int(v) for v in rng.permutation(pool)]
    return dict(zip(ordered, pool, strict=False))


def draw_array(properties: Collection[str], shape: tuple[int, int], rng: Generator, flavour: Flavour) -> Array:
    """A random array of a shape with the declared properties."""
    n = shape[0]
    if "integer" in properties:
        return np.full(shape, float(rng.integers(2, 5)))
    x = flavour(rng, shape)
    if "diagonal" in properties:
        d = np.diag(rng.uniform(0.5, 1.5, n))
        return (
            d if "spd" in properties or "invertible" in properties or "positive" in properties else np.diag(np.diag(x))
        )
    if "spd" in properties:
        return np.asarray(x @ x.T / n + 0.5 * np.eye(n))
    if "psd" in properties:
        return np.asarray(x @ x.T / n)
    if "orthogonal" in properties:
        return np.asarray(np.linalg.qr(rng.normal(size=shape))[0])
    if "lower" in properties or "upper" in properties:
        t = np.tril(x) + np.diag(np.sign(np.diag(x)) * 0.3)
        return t if "lower" in properties else np.asarray(t.T)
    if "symmetric" in properties:
        return np.asarray((x + x.T) / 2)
    if "skew" in properties:
        return np.asarray(x - x.T)
    if "simplex" in properties:
        weights = rng.uniform(0.2, 1.2, size=shape)
        return np.asarray(weights / np.sum(weights))
    if "positive" in properties:
        return np.asarray(np.abs(x) + 0.2)
    return np.asarray(x / np.sqrt(np.sum(x * x))) if "unit" in properties else x


Flavour = Callable[[Generator, tuple[int, int]], Array]


def _normal(rng: Generator, shape: tuple[int, int]) -> Array:
    return rng.normal(size=shape)


def _positive(rng: Generator, shape: tuple[int, int]) -> Array:
    return rng.uniform(0.2, 1.4, size=shape)


def _near_identity(rng: Generator, shape: tuple[int, int]) -> Array:
    square = shape[0] == shape[1] and shape[0] > 1
    return np.asarray(1.5 * np.eye(shape[0]) + 0.3 * rng.normal(size=shape)) if square else rng.normal(size=shape)


def _positive_vectors(rng: Generator, shape: tuple[int, int]) -> Array:
    return _positive(rng, shape) if shape[1] == 1 else _near_identity(rng, shape)


def _small(rng: Generator, shape: tuple[int, int]) -> Array:
    return rng.uniform(-0.4, 0.4, size=shape)


def _spread(rng: Generator, shape: tuple[int, int]) -> Array:
    return np.asarray(rng.uniform(-0.5, 0.5, size=shape) + float(rng.choice([0.0, 0.5, 1.0, 3.0, 8.0, -3.0])))


_FLAVOURS: tuple[Flavour, ...] = (_normal, _positive, _near_identity, _positive_vectors, _small, _spread)


def acceptable(point: Point, conditions: Sequence[Need], value: Node) -> bool:
    """Whether the value is finite at a point and every condition holds there with a margin."""
    evaluator = Evaluator(point.arrays, point.sizes)
    with np.errstate(all="ignore"):
        try:
            if not _tells_something(evaluator.value(value), value):
                return False
            return all(holds(need.kind, evaluator.value(need.node)) for need in conditions)
        except (ValueError, IndexError, ArithmeticError, np.linalg.LinAlgError):
            return False


def _tells_something(found: Array, value: Node) -> bool:
    """Whether a value is finite and not lost to underflow: where all is 0, a wrong derivative agrees too."""
    if not np.all(np.isfinite(found)):
        return False
    return not value.symbols or bool(np.max(np.abs(found)) > SMALLEST_VALUE)


def holds(kind: str, x: Array) -> bool:
    """Whether a condition of a kind holds for a value, with a margin."""
    if not np.all(np.isfinite(x)):
        return False
    return _TESTS[kind](x)


def _well_conditioned(x: Array) -> bool:
    singular = np.linalg.svd(x, compute_uv=False)
    return bool(singular[-1] > 1e-3 * max(1.0, singular[0]))


def _gap(x: Array) -> float:
    values = np.sort(np.asarray(x).ravel())
    return float(np.min(np.diff(values))) if values.size > 1 else 1.0


def _distinct_eigenvalues(x: Array) -> bool:
    """Whether all eigenvalues are real and no two are close."""
    if np.allclose(x, x.T):
        return _gap(np.linalg.eigvalsh(x)) > MARGIN
    values = np.linalg.eigvals(x)
    return bool(np.all(np.isreal(values))) and _gap(values.real) > MARGIN


def _no_negative_eigenvalues(x: Array) -> bool:
    values = np.linalg.eigvals(x)
    return bool(np.all((values.real > MARGIN) | (np.abs(values.imag) > MARGIN)) and _well_conditioned(x))


_TESTS: dict[str, Callable[[Array], bool]] = {
    "positive": lambda x: bool(np.all(x > MARGIN)),
    "nonzero entries": lambda x: bool(np.all(np.abs(x) > MARGIN)),
    "nonzero": lambda x: bool(np.sqrt(np.sum(x * x)) > MARGIN),
    "nonzero rows": lambda x: bool(np.all(np.sqrt(np.sum(x * x, axis=1)) > MARGIN)),
    "nonzero columns": lambda x: bool(np.all(np.sqrt(np.sum(x * x, axis=0)) > MARGIN)),
    "within one": lambda x: bool(np.all(np.abs(x) < 1 - MARGIN)),
    "invertible": _well_conditioned,
    "full rank": _well_conditioned,
    "full column rank": lambda x: x.shape[0] >= x.shape[1] and _well_conditioned(x),
    "no negative eigenvalues": _no_negative_eigenvalues,
    "spd": lambda x: bool(np.allclose(x, x.T) and np.all(np.linalg.eigvalsh(x) > MARGIN)),
    "distinct eigenvalues": _distinct_eigenvalues,
    "distinct singular values": lambda x: _gap(np.linalg.svd(x, compute_uv=False)) > MARGIN,
    "unique maximum": lambda x: (
        _gap(np.sort(x.ravel())[-2:]) > MARGIN and _gap(np.sort(np.abs(x).ravel())[-2:]) > MARGIN
    ),
    "unique largest modulus": lambda x: _gap(np.sort(np.abs(x).ravel())[-2:]) > MARGIN,
    "unique solution": lambda x: bool(np.max(np.abs(x)) < 1e6),
    "not constant": lambda x: bool(np.std(x) > MARGIN),
    "whole": lambda x: bool(np.all(x == np.round(x)) and np.all(x >= 0)),
}
