"""The records of ``gradients.json``: what each one asks of mc, and points at which its answer can be looked at.

README.md beside this file describes the fields of a record.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mccli.api import choose_variables
from mccli.calculus.derivation import Derivation, Gradient, derive
from mccli.errors import DomainError
from mccli.expressions.tree import Node
from mccli.language.declare import Scope, declare, read_scope, read_size
from mccli.language.elaborate import Elaborated, elaborate
from mccli.language.names import canonical_name
from mccli.numeric.evaluate import evaluate

Array = NDArray[Any]
Generator = np.random.Generator
Sizes = Mapping[str, int]

FILE = Path(__file__).with_name("gradients.json")
POOL = (4, 3, 5, 2, 6, 7)
ATTEMPTS = 60
DECLARED = {
    "positive definite": "spd",
    "symmetric": "symmetric",
    "skew-symmetric": "skew",
    "diagonal": "diagonal",
    "lower triangular": "lower",
    "upper triangular": "upper",
    "orthogonal": "orthogonal",
    "invertible": "invertible",
    "Toeplitz": "toeplitz",
    "symmetric Toeplitz": "toeplitz",
    "circulant": "circulant",
}
"""Assumptions about one symbol that are declared to mc; all others are only respected by the points."""
CONVENTIONS = {None, "symmetric-entries", "skew-entries", "symmetric-gradient", "diagonal", "lower-triangular"}
"""The ways of stating a gradient by a structured variable that mc has."""


class NotOffered(Exception):
    """The record asks for something that mc has no words for."""


@dataclass(frozen=True)
class Record:
    """An identity: a scalar expression and its gradient as people list it."""

    id: str
    priority: str
    expr: str
    wrt: str
    shapes: dict[str, list[str]]
    result: str
    assumptions: list[str] = field(default_factory=list)
    also: list[str] = field(default_factory=list)
    functions: dict[str, str] = field(default_factory=dict)
    let: dict[str, str] = field(default_factory=dict)
    ints: dict[str, int] = field(default_factory=dict)
    structure: str | None = None
    field: str | None = None
    check: str | None = None

    @property
    def by_entries(self) -> bool:
        """Whether the result holds partial derivatives by the independent entries of a structured variable."""
        return (self.structure or "").endswith("-entries")

    def assumed(self, name: str) -> Iterator[str]:
        """What is assumed about one symbol, in words: ``positive definite``, ``> 0``."""
        yield from (a.removeprefix(f"{name} ") for a in self.assumptions if a.startswith(f"{name} "))

    def in_full(self, text: str) -> str:
        """The text with the local definitions written out."""
        for name, meaning in reversed(self.let.items()):
            text = re.sub(rf"\b{name}\b(?!\()", f"({meaning})".replace("\\", r"\\"), text)
        return text


def read_records() -> list[Record]:
    """Every record of the file."""
    return [Record(**raw) for raw in json.loads(FILE.read_text(encoding="utf-8"))]


# -------------------------------------------------------------------------------------------- the question


@dataclass(frozen=True)
class Answer:
    """What mc makes of a record: the expression read, its derivation, and the listed results read."""

    record: Record
    read: Elaborated
    derivation: Derivation
    listed: tuple[Elaborated, ...]

    @property
    def gradient(self) -> Gradient:
        """The gradient that was asked for."""
        return self.derivation.gradients[0]

    @property
    def formula(self) -> Node:
        """The gradient in the convention of the record."""
        other = self.gradient.independent
        return other if self.record.by_entries and other is not None else self.gradient.full

    @property
    def letters(self) -> frozenset[str]:
        """Every size letter."""
        own = {letter for size in self.gradient.variable.shape for letter in size.letters()}
        return frozenset(own.union(self.read.letters, *(e.letters for e in self.listed)))


def answer(record: Record) -> Answer:
    """Ask mc. McError if it refuses, NotOffered if it has no words for the question."""
    if record.structure not in CONVENTIONS and not _declared_structure(record):
        raise NotOffered(f"no gradient in the form {record.structure}")
    scope = scope_of(record)
    read = elaborate(record.in_full(record.expr), scope, scalar=True)
    variable = choose_variables(read, [record.wrt])
    derivation = derive(read.expression, read.symbols, variable)
    known = replace(scope, shapes={**scope.shapes, **{s.name: s.shape for s in read.symbols.values()}})
    listed = tuple(elaborate(record.in_full(text), known) for text in (record.result, *record.also))
    return Answer(record, read, derivation, listed)


def _declared_structure(record: Record) -> bool:
    return any(DECLARED.get(words) in ("toeplitz", "circulant") for words in record.assumed(record.wrt))


def scope_of(record: Record) -> Scope:
    """The declarations of a record: functions, shapes, properties, whole numbers, the field."""
    scope = read_scope(definitions=[f"{name}(x): {_function_kind(kind)}" for name, kind in record.functions.items()])
    for name, sizes in record.shapes.items():
        scope = declare(scope, name, tuple(sizes) or ("scalar",))
        for words in record.assumed(name):
            scope = declare(scope, name, (DECLARED[words],)) if words in DECLARED else scope
    for name in record.ints:
        scope = declare(scope, name, ("scalar", "integer"))
    return declare(scope, record.wrt, (record.field,)) if record.field else scope


def _function_kind(kind: str) -> str:
    """``vector m`` as ``m``, ``matrix p q`` as ``p,q``; ``scalar`` and ``elementwise`` as they are."""
    word, *sizes = kind.split()
    return ",".join(sizes) or word


# ---------------------------------------------------------------------------------------------- the points


@dataclass(frozen=True)
class Place:
    """Numbers for the size letters and arrays for the symbols."""

    sizes: Sizes
    arrays: Mapping[str, Array]

    def value(self, node: Node) -> Array:
        """The value of a formula here. DomainError if it is not finite."""
        return evaluate(node, self.arrays, self.sizes)


def places(question: Answer, count: int) -> list[Place]:
    """Points at which the function and the listed results are finite; fewer than ``count`` if there are too few."""
    found: list[Place] = []
    for seed in range(ATTEMPTS):
        place = _draw_place(question, np.random.default_rng(seed))
        if place is not None and _defined(question, place):
            found.append(place)
        if len(found) == count:
            break
    return found


def _defined(question: Answer, place: Place) -> bool:
    try:
        for node in (question.read.expression, *(e.expression for e in question.listed)):
            place.value(node)
    except DomainError:
        return False
    return True


def _draw_place(question: Answer, rng: Generator) -> Place | None:
    record = question.record
    sizes = _draw_sizes(question.letters, record, rng)
    if sizes is None:
        return None
    arrays = {}
    for name, words in record.shapes.items():
        rows, columns = ([sizes[letter] for letter in words] + [1, 1])[:2]
        arrays[canonical_name(name)] = draw_array(record, name, (rows, columns), rng)
    arrays |= {canonical_name(name): np.full((1, 1), float(value)) for name, value in record.ints.items()}
    return Place(sizes, arrays)


def _draw_sizes(letters: Collection[str], record: Record, rng: Generator) -> dict[str, int] | None:
    """Different numbers for the letters. None if they break an assumption about the sizes."""
    given = dict(a.split(" = ", 1) for a in record.assumptions if a.partition(" = ")[0] in letters)
    free = sorted(set(letters) - set(given))
    drawn = rng.permutation(POOL[: max(len(free), 3)])
    sizes = {letter: int(number) for letter, number in zip(free, drawn, strict=False)}
    sizes |= {letter: read_size(text).value(sizes) for letter, text in given.items()}
    return sizes if all(sizes[small] <= sizes[large] for small, large in _orders(record, sizes)) else None


def _orders(record: Record, sizes: Sizes) -> Iterator[tuple[str, str]]:
    """Pairs of size letters of which the first may not be larger: ``m >= n``, ``X full column rank``."""
    for assumption in record.assumptions:
        large, sign, small = assumption.partition(" >= ")
        if sign and {large, small} <= sizes.keys():
            yield small, large
    for name, words in record.shapes.items():
        if len(words) == 2 and set(words) <= sizes.keys():
            assumed = set(record.assumed(name))
            if assumed & {"full column rank", "orthonormal columns"}:
                yield words[1], words[0]
            if "full row rank" in assumed:
                yield words[0], words[1]


def draw_array(record: Record, name: str, shape: tuple[int, int], rng: Generator) -> Array:
    """A random array for which everything holds that the record assumes about one symbol; else not symmetric."""
    x = rng.normal(size=shape)
    for assumed in record.assumed(name):
        make = _MAKE.get(assumed)
        x = make(x, rng) if make else x
    if f"0 < {name} < 1" in record.assumptions:
        x = 1 / (1 + np.exp(-x))
    if f"diag({name}) > 0" in record.assumptions:
        x = x + np.diag(np.abs(np.diag(x)) + 0.3 - np.diag(x))
    return x


def _positive_definite(x: Array, _rng: Generator) -> Array:
    return np.asarray(x @ x.T / len(x) + 0.5 * np.eye(len(x)))


def _orthonormal(x: Array, _rng: Generator) -> Array:
    return np.asarray(np.linalg.qr(x)[0])


def _hurwitz(x: Array, _rng: Generator) -> Array:
    return np.asarray(x - (np.max(np.abs(np.linalg.eigvals(x))) + 1) * np.eye(len(x)))


def _simplex(x: Array, _rng: Generator) -> Array:
    return np.asarray(np.exp(x) / np.sum(np.exp(x)))


def _one_hot_rows(x: Array, rng: Generator) -> Array:
    return np.asarray(np.eye(x.shape[1])[rng.integers(x.shape[1], size=len(x))])


_MAKE: dict[str, Callable[[Array, Generator], Array]] = {
    "positive definite": _positive_definite,
    "symmetric": lambda x, _: x + x.T,
    "skew-symmetric": lambda x, _: x - x.T,
    "diagonal": lambda x, _: np.diag(np.diag(x)),
    "lower triangular": lambda x, _: np.tril(x),
    "upper triangular": lambda x, _: np.triu(x),
    "orthogonal": _orthonormal,
    "orthonormal columns": _orthonormal,
    "Hurwitz": _hurwitz,
    "contraction": lambda x, _: x / (1.5 * np.linalg.norm(x, 2)),
    "on the simplex": _simplex,
    "one-hot": lambda x, rng: _one_hot_rows(x.T, rng).T,
    "rows one-hot": _one_hot_rows,
    "in {0,1}": lambda x, _: (x > 0) * 1.0,
    "in {-1,1}": lambda x, _: np.sign(x),
    "> 0": lambda x, _: np.abs(x) + 0.3,
    "> 1.5": lambda x, _: np.abs(x) + 1.8,
    "= 0": lambda x, _: 0 * x,
}
