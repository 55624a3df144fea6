"""What a match claims, in numbers: NumPy values of the typed function and of what the record says about it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mccli.errors import DomainError
from mccli.expressions.properties import LINEAR_SPACES
from mccli.expressions.tree import Node
from mccli.identities.matched import Match
from mccli.numeric.evaluate import evaluate

Array = NDArray[Any]
TOLERANCE = 1e-7


def value(node: Node, arrays: Mapping[str, Array], sizes: Mapping[str, int]) -> Array:
    """The value of a formula; broadcasts nothing."""
    return evaluate(node, arrays, sizes)


def deviation(found: Array, expected: Array) -> float:
    """The largest difference, relative to the larger of two arrays; infinite for different shapes."""
    if found.shape != expected.shape:
        return float("inf")
    scale = max(float(np.max(np.abs(found))), float(np.max(np.abs(expected))), 1e-6)
    return float(np.max(np.abs(found - expected))) / scale


def in_space(x: Array, properties: frozenset[str]) -> Array:
    """The orthogonal projection onto the matrices with a property."""
    space = properties & LINEAR_SPACES
    if "diagonal" in space:
        return np.asarray(np.diag(np.diag(x)))
    if "symmetric" in space:
        return np.asarray((x + x.T) / 2)
    if "skew" in space:
        return np.asarray((x - x.T) / 2)
    if "lower" in space:
        return np.asarray(np.tril(x))
    return np.asarray(np.triu(x)) if "upper" in space else x


def told_results(match: Match, kind: str) -> Iterator[Node]:
    """What a match says of one kind, in the user's names, differentials included."""
    for stated in match.statement.results:
        if stated.kind == kind:
            yield match.result(stated.node)


def along(kind: str, result: Array, directions: Mapping[str, Array], properties: Mapping[str, frozenset[str]]) -> Array:
    """A result applied to directions in the spaces of the variables: results that agree there say the same."""
    if kind == "differential":
        return result
    name, direction = next(iter(directions.items()))
    inside = in_space(direction, properties.get(name, frozenset()))
    if kind == "gradient":
        return np.asarray(np.sum(result * inside).reshape(1, 1)) if result.shape == inside.shape else result
    change = inside.reshape(-1, 1, order="F")
    if result.shape[1] != change.shape[0]:
        return result
    return np.asarray(change.T @ result @ change) if kind == "hessian" else np.asarray(result @ change)


def finite(node: Node, arrays: Mapping[str, Array], sizes: Mapping[str, int]) -> Array | None:
    """The value of a formula, or None where it has none."""
    try:
        return evaluate(node, arrays, sizes)
    except (DomainError, ValueError, ArithmeticError, IndexError, KeyError, np.linalg.LinAlgError):
        return None
