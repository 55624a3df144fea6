"""Candidates: arrays that can be built from the arguments, each with its formula.

The list is rich but honest: sums, products and usual functions, at most a handful of operations deep, no fitted
constants inside. Everything is made anew at every point, so a formula that fits means the same everywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from mccli.numeric.gradcheck.problem import Arguments, Array

MOST_ENTRIES = 4000
MOST = 4000
MOST_PAIRED = 70

Function = Callable[[Array], Array]


@dataclass(frozen=True)
class Expr:
    """A formula with its value and the number of its operations."""

    text: str
    value: Array
    cost: float
    tight: bool = True
    """Whether it can stand in a product without brackets."""

    @property
    def factor(self) -> str:
        """The text, in brackets where needed."""
        return self.text if self.tight else f"({self.text})"


def sigmoid(z: Array) -> Array:
    """1/(1 + exp(-z))."""
    return np.asarray(1 / (1 + np.exp(-z)))


FUNCTIONS: tuple[tuple[str, Function, float], ...] = (
    ("sign({})", np.sign, 1),
    ("{}^2", np.square, 1),
    ("{}^3", lambda z: z**3, 1.2),
    ("|{}|", np.abs, 1),
    ("1/{}", lambda z: 1 / z, 1),
    ("1/{}^2", lambda z: 1 / z**2, 1.2),
    ("sqrt({})", np.sqrt, 1.2),
    ("1/sqrt({})", lambda z: 1 / np.sqrt(z), 1.4),
    ("exp({})", np.exp, 1),
    ("exp(-{})", lambda z: np.exp(-z), 1.1),
    ("log({})", np.log, 1),
    ("1 + log({})", lambda z: 1 + np.log(z), 1.5),
    ("sin({})", np.sin, 1),
    ("cos({})", np.cos, 1),
    ("tanh({})", np.tanh, 1),
    ("1 - tanh({})^2", lambda z: 1 - np.tanh(z) ** 2, 1),
    ("σ({})", sigmoid, 1.1),
    ("σ({0})(1 - σ({0}))", lambda z: sigmoid(z) * (1 - sigmoid(z)), 1.2),
    ("[{} > 0]", lambda z: (z > 0) * 1.0, 1),
    ("max({}, 0)", lambda z: np.maximum(z, 0), 1),
)


def entry_functions(e: Expr, functions: Iterable[tuple[str, Function, float]] = FUNCTIONS) -> list[Expr]:
    """Usual functions of every entry; those that are not finite are left out."""
    found = []
    with np.errstate(all="ignore"):
        for form, function, cost in functions:
            value = np.asarray(function(e.value))
            if np.all(np.isfinite(value)):
                inner = e.text if "(" in form or "|" in form or "[" in form else e.factor
                inner = e.factor if "-{}" in form else inner
                found.append(Expr(form.format(inner), value, e.cost + cost, form[0] not in "1" and " + " not in form))
    return found


def atoms(arguments: Arguments, value: Array, scalars: Mapping[str, float]) -> list[Expr]:
    """The arguments, and the value of a vector-valued f."""
    del scalars
    found = [
        Expr(n, np.asarray(a, dtype=float), 1.0)
        for n, a in arguments.items()
        if np.asarray(a).dtype.kind in "fiu" and np.size(a) <= MOST_ENTRIES and np.ndim(a) >= 1
    ]
    if value.ndim >= 1 and value.size > 1:
        found.append(Expr("f", value.astype(float), 1.0))
    return [e for e in found if np.all(np.isfinite(e.value))]


def with_transposes(exprs: Iterable[Expr]) -> list[Expr]:
    """Each matrix and its transpose; inverses of square ones."""
    found: list[Expr] = []
    for e in exprs:
        found.append(e)
        if e.value.ndim == 2:
            found.append(Expr(f"{e.factor}'", e.value.T, e.cost + 0.2))
        if e.value.ndim == 2 and e.value.shape[0] == e.value.shape[1] > 1 and np.linalg.cond(e.value) < 1e8:
            inverse = np.linalg.inv(e.value)
            found.append(Expr(f"inv({e.text})", inverse, e.cost + 0.8))
            found.append(Expr(f"inv({e.text})'", inverse.T, e.cost + 1.0))
    return found


def products(left: Iterable[Expr], right: Iterable[Expr]) -> list[Expr]:
    """Matrix products that exist and are no numbers."""
    rights = list(right)
    found: list[Expr] = []
    for a in left:
        if a.value.ndim == 1:
            continue  # x'A is A'x
        for b in rights:
            if a.value.ndim > 2 or b.value.ndim > 2 or a.value.shape[-1] != b.value.shape[0]:
                continue
            value = a.value @ b.value
            if value.ndim and value.size <= MOST_ENTRIES:
                found.append(Expr(f"{a.factor} {b.factor}", value, a.cost + b.cost))
        if len(found) > MOST:
            break
    return found


def combined(exprs: list[Expr], others: list[Expr]) -> list[Expr]:
    """Sums and differences of two of the same shape (or a matrix and a row), the residuals of everyday life."""
    found = []
    for a in exprs:
        for b in others:
            if a.text == b.text or b.value.ndim > a.value.ndim:
                continue
            if a.value.shape[a.value.ndim - b.value.ndim :] == b.value.shape:
                found.append(Expr(f"{a.text} - {b.factor}", a.value - b.value, a.cost + b.cost + 0.1, False))
                found.append(Expr(f"{a.text} + {b.factor}", a.value + b.value, a.cost + b.cost + 0.1, False))
        if len(found) > MOST_PAIRED * 4:
            break
    return found


def outers(exprs: Iterable[Expr]) -> list[Expr]:
    """a b' of vectors, and diag(a)."""
    vectors = [e for e in exprs if e.value.ndim == 1 and e.value.size <= 60]
    found: list[Expr] = []
    for a in vectors:
        if len(found) > MOST:
            break
        found.append(Expr(f"diag({a.text})", np.diag(a.value), a.cost + 0.3))
        found += [Expr(f"{a.factor} {b.factor}'", np.outer(a.value, b.value), a.cost + b.cost + 0.2) for b in vectors]
    return found


def by_entries(exprs: list[Expr], others: list[Expr]) -> list[Expr]:
    """Products entry by entry, of two of the same shape."""
    found = []
    for a in exprs:
        for b in others:
            if a.value.shape == b.value.shape and a.text < b.text:
                found.append(Expr(f"{a.factor}*{b.factor}", a.value * b.value, a.cost + b.cost + 0.1))
        if len(found) > MOST:
            break
    return found


def sums(exprs: Iterable[Expr]) -> list[Expr]:
    """Sums of the rows and of the columns, the diagonal."""
    found = []
    for e in exprs:
        if e.value.ndim == 2:
            found.append(Expr(f"sum of {e.text} over axis 0", np.sum(e.value, axis=0), e.cost + 0.5, False))
            found.append(Expr(f"sum of {e.text} over axis 1", np.sum(e.value, axis=1), e.cost + 0.5, False))
            if e.value.shape[0] == e.value.shape[1]:
                found.append(Expr(f"diag({e.text})", np.diag(e.value), e.cost + 0.5))
    return found


def constants(shape: tuple[int, ...]) -> list[Expr]:
    """Ones, and the identity."""
    found = [Expr("1", np.ones(shape), 0.5)]
    if len(shape) == 2 and shape[0] == shape[1]:
        found.append(Expr("I", np.eye(shape[0]), 0.5))
        found.append(Expr("11' - I", np.ones(shape) - np.eye(shape[0]), 1.5, False))
    return found


@dataclass
class Library:
    """All that can be built at one point, by depth."""

    plain: list[Expr]
    turned: list[Expr]
    paired: list[Expr]
    residuals: list[Expr]

    @property
    def inner(self) -> list[Expr]:
        """What a function may have been applied to: arguments, products, residuals, affine layers."""
        return [*self.plain, *self.paired, *self.residuals]


def library(arguments: Arguments, value: Array, scalars: Mapping[str, float]) -> Library:
    """Arguments, products of two of them, and what differs from an argument."""
    plain = atoms(arguments, value, scalars)
    turned = with_transposes(plain)
    paired = products(turned, turned)[: 4 * MOST_PAIRED]
    residuals = combined(plain, plain) + combined([e for e in paired if e.cost <= 2.5], plain)
    return Library(plain, turned, paired, residuals[: 6 * MOST_PAIRED])


def of_shape(arguments: Arguments, value: Array, shape: tuple[int, ...]) -> list[Expr]:
    """Every candidate that has the shape of a derivative."""
    lib = library(arguments, value, {})
    simple = [*lib.turned, *(f for e in lib.turned for f in entry_functions(e))]
    functions = [f for e in [*lib.paired, *lib.residuals] for f in entry_functions(e)][: 2 * MOST]
    deep = products(lib.turned, [*lib.paired, *lib.residuals]) + products(lib.turned, functions)
    fitting = [e for e in [*simple, *functions] if e.value.shape == shape]
    everything = [
        *constants(shape),
        *simple,
        *lib.paired,
        *lib.residuals,
        *functions,
        *deep,
        *sums([*simple, *lib.paired]),
    ]
    everything += by_entries([e for e in simple if e.value.shape == shape], fitting)
    everything += products([e for e in simple if e.cost <= 2.2], lib.turned)
    if len(shape) == 2:
        vectors = [e for e in [*simple, *lib.paired, *sums(lib.turned)] if e.value.ndim == 1]
        pairs = by_entries([e for e in simple if e.value.ndim == 1], vectors)
        everything += outers(vectors[:50]) + [Expr(f"diag({e.text})", np.diag(e.value), e.cost + 0.3) for e in pairs
                                              if e.value.size == shape[0] == shape[1]]  # fmt: skip
    kept: dict[str, Expr] = {}
    for e in everything:
        if e.value.shape == shape and np.all(np.isfinite(e.value)) and np.any(e.value):
            kept.setdefault(e.text, e)
    return sorted(kept.values(), key=lambda e: e.cost)[:MOST]
