"""Proofs at small sizes and the view of a derivation by entries.

The expression is written out as a scalar function of the entries, SymPy differentiates it by every one of them, and
what it finds is compared with the entries of the gradient.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import sympy

from mccli.errors import DeriveError, McError, UsageError
from mccli.expressions.graph import walk
from mccli.expressions.properties import closure
from mccli.expressions.sizes import SCALAR
from mccli.expressions.tree import Node, Symbol
from mccli.symbolic.limit import OutOfTime, time_limit
from mccli.symbolic.matrices import matrix_of, outside_structure, size_letters_of, symbol_entries
from mccli.symbolic.zero import Point, Tower, Unfamiliar, differ_at, is_zero

__all__ = ["EntriesView", "Proof", "entries", "matrix_of", "prove"]

SECONDS = 10.0
"""What one proof may take of processor time."""

SHARE = 0.4
"""The part of the time that may go into larger sizes once a proof is there."""

POINTS = 4
"""Random points at which a gradient is tried before a proof is begun: a wrong one is found there at once."""

BEYOND_ENTRIES = frozenset({"orthogonal", "unit"})
"""Properties that tie the entries of a symbol to one another; here these entries are free."""

SYMBOLIC = "fractions of polynomials in the entries"
NUMERIC, UNDECIDED = "a value at a random point", "undecided"


@dataclass(frozen=True)
class Proof:
    """What became of a proof: ``equal`` only if every entry was shown to be equal.

    ``failed_entry`` names an entry that is certainly different. If it is None and ``equal`` is False, nothing is
    known, and ``method`` says why, beginning with "undecided".
    """

    sizes: Mapping[str, int]
    entries_checked: int
    equal: bool
    failed_entry: str | None
    method: str

    @property
    def decided(self) -> bool:
        """Whether the question was answered, in either way."""
        return self.equal or self.failed_entry is not None


@dataclass(frozen=True)
class EntriesView:
    """A scalar and its derivative in terms of the entries, as SymPy's text.

    ``partials`` are the partial derivatives by the independent entries, found by SymPy from the value;
    ``gradient`` are the entries of the gradient. Both agree unless the variable is symmetric or skew: there a
    partial derivative moves two entries at once.
    """

    sizes: Mapping[str, int]
    value: str
    partials: tuple[tuple[str, str], ...]
    gradient: tuple[tuple[str, str], ...]


def entries(expression: Node, variable: Symbol, gradient: Node, sizes: Mapping[str, int]) -> EntriesView:
    """The value and the derivative written out at the given sizes.

    DeriveError if something has no exact entries or SymPy takes too long, UsageError for a size without a number.
    """
    _require_gradient(expression, variable, gradient)
    try:
        with time_limit(SECONDS):
            value = matrix_of(expression, sizes)[0, 0]
            symbols = _independent(symbol_entries(variable, sizes))
            partials = tuple((s.name, _readable(sympy.diff(value, s))) for s in symbols)
            return EntriesView(dict(sizes), _readable(value), partials, _named_entries(variable, gradient, sizes))
    except (OutOfTime, RecursionError):
        raise DeriveError(f"SymPy needs more than {SECONDS:g} seconds", notes=["choose smaller sizes"]) from None


def _named_entries(variable: Symbol, gradient: Node, sizes: Mapping[str, int]) -> tuple[tuple[str, str], ...]:
    free = Symbol(variable.name, variable.shape)
    pairs = zip(symbol_entries(free, sizes), matrix_of(gradient, sizes), strict=True)
    return tuple((name.name, _readable(entry)) for name, entry in pairs)


def _readable(entry: Any) -> str:
    """The shortest of the forms that SymPy finds quickly."""
    forms = [entry, sympy.factor_terms(entry)]
    if entry.is_rational_function(*entry.free_symbols):
        forms += [cancelled := sympy.cancel(entry), sympy.factor(cancelled)]
    return str(min(forms, key=lambda form: form.count_ops()))


def _independent(matrix: Any) -> list[Any]:
    """The symbols in a matrix of entries, each once, row by row."""
    return list(dict.fromkeys(s for entry in matrix for s in sorted(entry.free_symbols, key=str)))


def _require_gradient(expression: Node, variable: Symbol, gradient: Node) -> None:
    if expression.shape != SCALAR:
        raise DeriveError("only the gradient of a scalar can be written out by entries")
    if gradient.shape != variable.shape:
        raise UsageError("a gradient has the shape of its variable")


def prove(
    expression: Node,
    variable: Symbol,
    gradient: Node,
    sizes: Mapping[str, int] | None = None,
    seconds: float = SECONDS,
) -> Proof:
    """Whether the gradient of a scalar is right, shown entry by entry at small sizes.

    For a structured variable the inner product of the gradient with every direction of its space is compared, and
    the gradient must lie in that space. Without ``sizes`` the letters get small, different numbers. DeriveError if
    something has no exact entries, UsageError for a size without a number.
    """
    _require_gradient(expression, variable, gradient)
    if sizes is not None:
        return _Attempt(expression, variable, gradient, dict(sizes)).run(seconds)
    search = _Search(lambda choice, limit: _Attempt(expression, variable, gradient, choice).run(limit), seconds)
    return search.run(_choices(size_letters_of([variable, expression, gradient])))


class _Search:
    """Looks for the proof at the most telling sizes that there is time for.

    Some sizes fit no expression (det(X'X) is 0 for a wide X), so what goes wrong there counts only if no sizes do
    better. A refutation at any sizes is final.
    """

    def __init__(self, attempt: Callable[[dict[str, int], float], Proof], seconds: float) -> None:
        self.attempt, self.seconds = attempt, seconds
        self.end = time.thread_time() + seconds
        self.best: Proof | None = None
        self.problem: McError | None = None

    def run(self, choices: list[dict[str, int]]) -> Proof:
        """The last proof, or what came closest. McError if no sizes fit."""
        for choice in choices:
            limit = self.limit()
            if limit <= 0 or self.is_final(choice, limit):
                break
        if self.best is None:
            raise self.problem or DeriveError("SymPy needs more time")
        return self.best

    def limit(self) -> float:
        """The time for the next sizes: all that is left, or a share of it once there is a proof."""
        left = self.end - time.thread_time()
        if self.best is None or not self.best.equal:
            return left
        return min(SHARE / 2 * self.seconds, left - (1 - SHARE) * self.seconds)

    def is_final(self, choice: dict[str, int], limit: float) -> bool:
        """Try some sizes; whether that settles the matter."""
        try:
            found = self.attempt(choice, limit)
        except McError as error:
            self.problem = self.problem or error
            return False
        if self.best is None or found.decided or not self.best.equal:
            self.best = found
        return found.failed_entry is not None or (found.equal and set(choice.values()) != {2})


def _choices(letters: list[str]) -> list[dict[str, int]]:
    """All sizes 2, which is soon done; then different sizes, rising and falling, since some expressions need that."""
    usual = [[2], [2, 3, 4], [2, 3], [3, 2], [4, 3, 2]]
    cycles = {0: [[2]], 1: [[2], [3]], 2: [[2], [2, 3], [3, 2]]}.get(len(letters), usual)
    return [{letter: cycle[i % len(cycle)] for i, letter in enumerate(letters)} for cycle in cycles]


class _Attempt:
    """One proof at one choice of sizes, within a time."""

    def __init__(self, expression: Node, variable: Symbol, gradient: Node, sizes: dict[str, int]) -> None:
        self.expression, self.variable, self.gradient, self.sizes = expression, variable, gradient, sizes
        self.checked = 0
        self.points = [Point(seed) for seed in range(POINTS)]

    def run(self, seconds: float) -> Proof:
        """Try points, which can refute; then prove every entry."""
        try:
            with time_limit(seconds):
                return self.tried(list(self.claims()))
        except (OutOfTime, RecursionError, Unfamiliar):
            return self.verdict(False, None, f"{UNDECIDED}: SymPy needs more time")

    def tried(self, claims: list[tuple[str, Any, Any]]) -> Proof:
        """What the points say, and where they agree what the proof says."""
        outcomes = {name: self.at_points(left, right) for name, left, right in claims}
        failed = next((name for name, seen in outcomes.items() if True in seen), None)
        if failed is not None:
            return self.refutation(failed, len(claims))
        if not all(False in seen for seen in outcomes.values()):
            return self.verdict(False, None, f"{UNDECIDED}: no point was found where both sides have a value")
        return self.proved(claims)

    def claims(self) -> Iterator[tuple[str, Any, Any]]:
        """The equations to show: a name, what SymPy finds, what the gradient says."""
        value = matrix_of(self.expression, self.sizes)[0, 0]
        if all(point.value(value) is None for point in self.points):
            raise DeriveError("the expression has no value at random points", notes=[f"sizes: {self.sizes}"])
        place = symbol_entries(self.variable, self.sizes)
        gradient = matrix_of(self.gradient, self.sizes)
        for symbol in _independent(place):
            direction = place.diff(symbol)
            along = sum((g * e for g, e in zip(gradient, direction, strict=True) if e != 0), sympy.Integer(0))
            yield symbol.name, sympy.diff(value, symbol), along
        yield from _structure_claims(self.variable, gradient)

    def at_points(self, left: Any, right: Any) -> set[bool | None]:
        """Whether two sides differ at the random points."""
        return {differ_at(left, right, point) for point in self.points}

    def refutation(self, failed: str, count: int) -> Proof:
        """Certainly different, unless the entries of a symbol are not free."""
        self.checked = count
        tied = self.tied_symbols()
        if tied:
            return self.verdict(False, None, f"{UNDECIDED}: the entries of {', '.join(tied)} were taken as free")
        return self.verdict(False, failed, NUMERIC)

    def tied_symbols(self) -> list[str]:
        """Symbols whose declared properties are more than a pattern of entries."""
        symbols = {n for root in (self.expression, self.gradient) for n in walk(root) if isinstance(n, Symbol)}
        return sorted(s.name for s in symbols if closure(s.properties) & BEYOND_ENTRIES)

    def proved(self, claims: list[tuple[str, Any, Any]]) -> Proof:
        """Show one equation after the other."""
        tower = Tower()
        for name, left, right in claims:
            if not is_zero(left - right, tower):
                return self.verdict(False, None, f"{UNDECIDED}: the entry {name} agrees at points, but has no proof")
            self.checked += 1
        return self.verdict(True, None, SYMBOLIC)

    def verdict(self, equal: bool, failed: str | None, method: str) -> Proof:
        """The proof as it stands."""
        return Proof(self.sizes, self.checked, equal, failed, method)


def _structure_claims(variable: Symbol, gradient: Any) -> Iterator[tuple[str, Any, Any]]:
    """That a gradient has the structure of its variable: equations between its own entries."""
    properties = closure(variable.properties)
    places = [(i, j) for i in range(gradient.rows) for j in range(gradient.cols)]
    for i, j in places:
        name, entry = f"{variable.name}_{i + 1}_{j + 1}", gradient[i, j]
        if outside_structure(properties, i, j):
            yield name, entry, sympy.Integer(0)
        elif "symmetric" in properties and i < j:
            yield name, entry, gradient[j, i]
        elif "skew" in properties and i < j:
            yield name, entry, -gradient[j, i]
