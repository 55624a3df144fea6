"""Points at which a record is looked at: sizes all different, arrays not symmetric, assumptions respected."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mccli.errors import McError
from mccli.expressions.tree import Node, Symbol
from mccli.identities.assumptions import Assumption
from mccli.identities.statement import Statement
from mccli.language.elaborate import elaborate
from mccli.language.names import canonical_name
from mccli.numeric.evaluate import Evaluator

Array = NDArray[Any]
Generator = np.random.Generator

POOL = (4, 3, 5, 2, 6, 7)
ATTEMPTS = 80
MARGIN = 1e-2
MOST_ENTRIES = 5_000


class ComplexEvaluator(Evaluator):
    """Evaluates at complex arrays; the transpose is the conjugate transpose."""

    def _transpose(self, x: Array) -> Array:
        return np.conj(x).T


@dataclass(frozen=True)
class RecordPoint:
    """Numbers for the size letters and arrays for the symbols; evaluates formulas of a record."""

    statement: Statement
    sizes: Mapping[str, int]
    arrays: Mapping[str, Array]

    def value(self, node: Node, changed: Mapping[str, Array] | None = None) -> Array:
        """The value of a formula, local names included, with some arrays changed."""
        kind = ComplexEvaluator if self.statement.record.field == "complex" else Evaluator
        with np.errstate(all="ignore"):
            evaluator = kind({**self.arrays, **(changed or {})}, self.sizes)
            for symbol, meaning in self._needed(node):
                evaluator.arrays[symbol.name] = evaluator.value(meaning)
            return evaluator.value(node)

    def _needed(self, node: Node) -> list[tuple[Symbol, Node]]:
        """The local names that a formula uses, and those that these use, in order."""
        wanted = set(node.symbols)
        chosen: list[tuple[Symbol, Node]] = []
        for symbol, meaning in reversed(self.statement.definitions.items()):
            if symbol.name in wanted:
                wanted |= meaning.symbols
                chosen.insert(0, (symbol, meaning))
        return chosen


def points(statement: Statement, count: int) -> list[RecordPoint]:
    """Points at which everything stated is finite and assumed conditions hold; fewer if too few are found."""
    conditions = list(_conditions(statement))
    found: list[RecordPoint] = []
    for seed in range(ATTEMPTS):
        point = _draw(statement, np.random.default_rng([7, seed]))
        if point is not None and _usable(point, conditions):
            found.append(point)
        if len(found) == count:
            break
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


def _usable(point: RecordPoint, conditions: list[tuple[Assumption, Node]]) -> bool:
    try:
        values = [point.value(point.statement.expression)]
        if not all(np.all(np.isfinite(v)) for v in values):
            return False
        return all(_HOLDS[a.kind](point.value(node), a) for a, node in conditions)
    except (McError, ValueError, ArithmeticError, IndexError, np.linalg.LinAlgError):
        return False


def _between(x: Array, assumption: Assumption) -> bool:
    low, high = (float(bound) for bound in assumption.value.split(","))
    return bool(np.all(x > low) and np.all(x < high))


_HOLDS: dict[str, Callable[[Array, Assumption], bool]] = {
    "above": lambda x, _: bool(np.all(x > MARGIN)),
    "nonzero entries": lambda x, _: bool(np.all(np.abs(x) > MARGIN)),
    "nonzero": lambda x, _: bool(np.sqrt(np.sum(np.abs(x) ** 2)) > MARGIN),
    "invertible": lambda x, _: bool(np.linalg.svd(x, compute_uv=False)[-1] > MARGIN),
    "between": _between,
}


# ------------------------------------------------------------------------------------------------ drawing


def _draw(statement: Statement, rng: Generator) -> RecordPoint | None:
    sizes = _draw_sizes(statement, rng)
    if sizes is None:
        return None
    arrays: dict[str, Array] = {}
    for name, symbol in statement.symbols.items():
        shape = (symbol.rows.value(sizes), symbol.columns.value(sizes))
        if min(shape) < 1 or shape[0] * shape[1] > MOST_ENTRIES:
            return None
        arrays[name] = _draw_array(statement, symbol, shape, rng)
    point = RecordPoint(statement, sizes, arrays)
    for assumption in statement.assumptions:
        if assumption.kind == "set":
            node = elaborate(assumption.value, statement.scope).expression
            arrays[canonical_name(assumption.subject)] = point.value(node)
    return point


def _draw_sizes(statement: Statement, rng: Generator) -> dict[str, int] | None:
    """Different numbers for the letters. None if they break an assumption about the sizes."""
    free = sorted(statement.letters)
    pool = POOL[: max(len(free), 3)] + tuple(range(8, 8 + max(0, len(free) - len(POOL))))
    drawn = rng.permutation(pool)
    sizes = {letter: int(number) for letter, number in zip(free, drawn, strict=False)}
    return sizes if all(sizes[small] <= sizes[large] for small, large in _orders(statement, sizes)) else None


def _orders(statement: Statement, sizes: Mapping[str, int]) -> Iterator[tuple[str, str]]:
    """Pairs of size letters of which the first may not be larger."""
    for assumption in statement.assumptions:
        if assumption.kind == "sizes":
            yield assumption.value, assumption.subject
        if assumption.kind != "property":
            continue
        words = statement.record.shapes[assumption.subject]
        if len(words) == 2 and set(words) <= sizes.keys():
            if assumption.value in ("full column rank", "orthonormal columns"):
                yield words[1], words[0]
            if assumption.value == "full row rank":
                yield words[0], words[1]


def _draw_array(statement: Statement, symbol: Symbol, shape: tuple[int, int], rng: Generator) -> Array:
    """A random array for which everything holds that the record assumes about the symbol alone."""
    x: Array = rng.normal(size=shape)
    if statement.record.field == "complex" and not symbol.is_scalar:
        x = x + 1j * rng.normal(size=shape)
    for assumption in statement.assumptions:
        about = {canonical_name(assumption.subject), canonical_name(assumption.subject.removeprefix("all "))}
        if assumption.kind == "property" and symbol.name in about and assumption.value in _MAKE:
            x = _MAKE[assumption.value](x, rng)
        if assumption.kind == "above" and symbol.name in about:
            x = np.abs(x) + 0.3 + float(assumption.value)
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


def _toeplitz(x: Array, rng: Generator, symmetric: bool = False) -> Array:
    n = len(x)
    entries = rng.normal(size=2 * n - 1)
    entries = (entries + entries[::-1]) / 2 if symmetric else entries
    return np.asarray([[entries[n - 1 + j - i] for j in range(n)] for i in range(n)])


def _circulant(x: Array, rng: Generator) -> Array:
    n = len(x)
    entries = rng.normal(size=n)
    return np.asarray([[entries[(j - i) % n] for j in range(n)] for i in range(n)])


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
    "positive integer": lambda x, rng: np.full(x.shape, float(rng.integers(2, 5))),
    "Hurwitz": _hurwitz,
    "contraction": lambda x, _: x / (1.5 * np.linalg.norm(x, 2)),
    "on the simplex": _simplex,
    "one-hot": lambda x, rng: _one_hot_rows(x.T, rng).T,
    "rows one-hot": _one_hot_rows,
    "in {0,1}": lambda x, _: (x > 0) * 1.0,
    "in {-1,1}": lambda x, _: np.sign(x),
    "Toeplitz": _toeplitz,
    "symmetric Toeplitz": lambda x, rng: _toeplitz(x, rng, symmetric=True),
    "circulant": _circulant,
    "diagonalizable with real distinct eigenvalues": _real_eigenvalues,
}
