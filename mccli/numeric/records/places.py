"""Points at which a record is looked at: sizes all different, arrays not symmetric, assumptions respected."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mccli.errors import McError
from mccli.expressions.tree import Node, Symbol
from mccli.identities.assumptions import Assumption
from mccli.identities.statement import Statement
from mccli.language.elaborate import elaborate
from mccli.language.names import canonical_name
from mccli.numeric.evaluate import Evaluator
from mccli.numeric.records.sizes import drawn_sizes, largest

Array = NDArray[Any]
Generator = np.random.Generator

POOL = (4, 3, 5, 2, 6, 7)
ATTEMPTS = 80
MARGIN = 1e-2
MOST_ENTRIES = 5_000


class Flavour(NamedTuple):
    """How points are drawn: sizes for the letters, the scale of the entries, whole numbers, the largest arrays."""

    pools: tuple[Sequence[int], ...]
    scale: float = 1.0
    whole: tuple[int, int] = (2, 4)
    most_entries: int = MOST_ENTRIES


ORDINARY = Flavour((POOL,))
LARGE = Flavour((range(20, 41), range(10, 20), range(8, 14)), whole=(5, 9), most_entries=200_000)
BEYOND = Flavour((range(8, 13),), whole=(5, 9), most_entries=150)
AT_SCALE = 3
SCALES = ((Flavour((POOL,), 1e-3),), tuple(Flavour((POOL,), scale) for scale in (300.0, 30.0, 5.0)))
"""Small entries, and large ones: those of the largest scale at which the function is finite."""


class ComplexEvaluator(Evaluator):
    """Evaluates at complex arrays; the transpose is the conjugate transpose."""

    def _transpose(self, x: Array) -> Array:
        return np.conj(x).T


@dataclass(frozen=True)
class RecordPoint:
    """Numbers for the size letters and arrays for the symbols, of a scale; evaluates formulas of a record."""

    statement: Statement
    sizes: Mapping[str, int]
    arrays: Mapping[str, Array]
    scale: float = 1.0

    def value(self, node: Node, changed: Mapping[str, Array] | None = None) -> Array:
        """The value of a formula, local names included, with some arrays changed."""
        kind = ComplexEvaluator if self.statement.record.field == "complex" else Evaluator
        with np.errstate(all="ignore"):
            evaluator = kind({**self.arrays, **(changed or {})}, self.sizes)
            for symbol in self.statement.used(node):
                evaluator.arrays[symbol.name] = evaluator.value(self.statement.definitions[symbol])
            return evaluator.value(node)


def points(
    statement: Statement, count: int, flavour: Flavour = ORDINARY, nodes: Sequence[Node] = ()
) -> list[RecordPoint]:
    """Points at which everything stated is finite and assumed conditions hold; fewer if too few are found.

    At large sizes the ``nodes`` are those that must not become too large.
    """
    conditions = list(_conditions(statement))
    found: list[RecordPoint] = []
    for pool in flavour.pools:
        for seed in range(ATTEMPTS):
            with np.errstate(all="ignore"):
                point = _draw(statement, np.random.default_rng([7, seed]), pool, flavour)
            if point is None or (nodes and largest(nodes, point.sizes) > flavour.most_entries):
                continue
            if _usable(point, conditions, MARGIN * min(1.0, flavour.scale)):
                found.append(point)
            if len(found) == count:
                return found
    return found


def far_points(statement: Statement, large: Flavour, nodes: Sequence[Node] = ()) -> list[RecordPoint]:
    """A point with large sizes, some with small entries and some with large ones, where there are such."""
    found = points(statement, 1, large, nodes)
    for flavours in SCALES:
        found += next((some for f in flavours if (some := points(statement, AT_SCALE, f))), [])
    return found


def _conditions(statement: Statement) -> Iterator[tuple[Assumption, Node]]:
    """The assumptions about expressions, read."""
    for assumption in statement.assumptions:
        if assumption.kind in ("property", "generic", "sizes", "set"):
            continue
        text = assumption.subject
        if assumption.kind == "above":
            text = f"{text} - ({assumption.value})" if assumption.value != "0" else text
        yield assumption, elaborate(text, statement.scope).expression


def _usable(point: RecordPoint, conditions: list[tuple[Assumption, Node]], margin: float) -> bool:
    try:
        values = [point.value(point.statement.expression)]
        if not all(np.all(np.isfinite(v)) for v in values):
            return False
        return all(_HOLDS[a.kind](point.value(node), a, margin) for a, node in conditions)
    except (McError, ValueError, ArithmeticError, IndexError, np.linalg.LinAlgError):
        return False


def _between(x: Array, assumption: Assumption, _margin: float) -> bool:
    low, high = (float(bound) for bound in assumption.value.split(","))
    return bool(np.all(x > low) and np.all(x < high))


_HOLDS: dict[str, Callable[[Array, Assumption, float], bool]] = {
    "above": lambda x, _, margin: bool(np.all(x > margin)),
    "nonzero entries": lambda x, _, margin: bool(np.all(np.abs(x) > margin)),
    "nonzero": lambda x, _, margin: bool(np.sqrt(np.sum(np.abs(x) ** 2)) > margin),
    "invertible": lambda x, _, margin: bool(np.linalg.svd(x, compute_uv=False)[-1] > margin),
    "between": _between,
}


# ------------------------------------------------------------------------------------------------ drawing


def _draw(statement: Statement, rng: Generator, pool: Sequence[int], flavour: Flavour) -> RecordPoint | None:
    pool = pool[: max(len(statement.letters), 3)] if flavour.pools == ORDINARY.pools else pool
    sizes = drawn_sizes(statement, pool, rng)
    if sizes is None:
        return None
    arrays: dict[str, Array] = {}
    for name, symbol in statement.symbols.items():
        shape = (symbol.rows.value(sizes), symbol.columns.value(sizes))
        if min(shape) < 1 or shape[0] * shape[1] > flavour.most_entries:
            return None
        arrays[name] = _draw_array(statement, symbol, shape, rng, flavour)
    point = RecordPoint(statement, sizes, arrays, flavour.scale)
    for assumption in statement.assumptions:
        if assumption.kind == "set":
            node = elaborate(assumption.value, statement.scope).expression
            arrays[canonical_name(assumption.subject)] = point.value(node)
    return point


def _draw_array(
    statement: Statement, symbol: Symbol, shape: tuple[int, int], rng: Generator, flavour: Flavour
) -> Array:
    """A random array for which everything holds that the record assumes about the symbol alone."""
    if "integer" in symbol.properties:
        return np.full(shape, float(rng.integers(flavour.whole[0], flavour.whole[1] + 1)))
    x: Array = flavour.scale * rng.normal(size=shape)
    if statement.record.field == "complex" and not symbol.is_scalar:
        x = x + 1j * flavour.scale * rng.normal(size=shape)
    for assumption in statement.assumptions:
        about = {canonical_name(assumption.subject), canonical_name(assumption.subject.removeprefix("all "))}
        if assumption.kind == "property" and symbol.name in about and assumption.value in _MAKE:
            x = _MAKE[assumption.value](x, rng)
        if assumption.kind == "above" and symbol.name in about:
            x = np.abs(x) + 0.3 * min(1.0, flavour.scale) + float(assumption.value)
        if assumption.kind == "between" and symbol.name in about:
            x = 1 / (1 + np.exp(-x))
        if assumption.kind == "above" and assumption.subject == f"diag({symbol.name})":
            x = x + np.diag(np.abs(np.diag(x)) + 0.3 - np.diag(x))
    return x


def _positive_definite(x: Array, _rng: Generator) -> Array:
    return np.asarray(x @ np.conj(x.T) / len(x) + 0.5 * np.eye(len(x)))


def _hurwitz(x: Array, _rng: Generator) -> Array:
    return np.asarray(x - (np.max(np.abs(np.linalg.eigvals(x))) + 1) * np.eye(len(x)))


def _simplex(x: Array, _rng: Generator) -> Array:
    return np.asarray(np.exp(x) / np.sum(np.exp(x)))


def _one_hot_rows(x: Array, rng: Generator) -> Array:
    return np.asarray(np.eye(x.shape[1])[rng.integers(x.shape[1], size=len(x))])


def _toeplitz(x: Array, symmetric: bool = False) -> Array:
    """The Toeplitz matrix with the first row and the first column of x."""
    n = len(x)
    entries = np.concatenate([x[:0:-1, 0], x[0]])
    entries = (entries + entries[::-1]) / 2 if symmetric else entries
    return np.asarray([[entries[n - 1 + j - i] for j in range(n)] for i in range(n)])


def _circulant(x: Array) -> Array:
    """The circulant matrix with the first row of x."""
    n = len(x)
    return np.asarray([[x[0, (j - i) % n] for j in range(n)] for i in range(n)])


def _real_eigenvalues(x: Array, rng: Generator) -> Array:
    n = len(x)
    v = 0.3 * rng.normal(size=(n, n)) + np.eye(n)
    return np.asarray(v @ np.diag(np.arange(1, n + 1) + 0.3 * rng.uniform(size=n)) @ np.linalg.inv(v))


_MAKE: dict[str, Callable[[Array, Generator], Array]] = {
    "positive definite": _positive_definite,
    "positive semidefinite": _positive_definite,
    "symmetric": lambda x, _: x + x.T,
    "skew-symmetric": lambda x, _: x - x.T,
    "diagonal": lambda x, _: np.diag(np.diag(x)),
    "lower triangular": lambda x, _: np.tril(x),
    "upper triangular": lambda x, _: np.triu(x),
    "orthogonal": lambda x, _: np.asarray(np.linalg.qr(x)[0]),
    "orthonormal columns": lambda x, _: np.asarray(np.linalg.qr(x)[0]),
    "Hurwitz": _hurwitz,
    "contraction": lambda x, _: x / (1.5 * np.linalg.norm(x, 2)),
    "on the simplex": _simplex,
    "one-hot": lambda x, rng: _one_hot_rows(x.T, rng).T,
    "rows one-hot": _one_hot_rows,
    "in {0,1}": lambda x, _: (x > 0) * 1.0,
    "in {-1,1}": lambda x, _: np.sign(x),
    "Toeplitz": lambda x, _: _toeplitz(x),
    "symmetric Toeplitz": lambda x, _: _toeplitz(x, symmetric=True),
    "circulant": lambda x, _: _circulant(x),
    "diagonalizable with real distinct eigenvalues": _real_eigenvalues,
}
