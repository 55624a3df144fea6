"""Whether two formulas of a record are equal, decided over a prime field at random sizes beyond those of the points.

There a wrong digit is as wrong as a wrong sign. Functions such as exp are replaced by random ones: formulas that are
equal with those are equal; if they are not, it is decided only where nothing was replaced.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Mapping

import numpy as np

from mccli.errors import DomainError
from mccli.expressions.graph import walk
from mccli.expressions.operation import Operation
from mccli.expressions.properties import LINEAR_SPACES
from mccli.expressions.tree import Apply, Node, Number, Symbol
from mccli.identities.statement import Statement
from mccli.language.elaborate import elaborate
from mccli.language.names import canonical_name
from mccli.language.rules import meaning
from mccli.modular.draw import draw
from mccli.modular.evaluate import MOST_ENTRIES, ModularEvaluator
from mccli.modular.functions import ALGEBRAIC
from mccli.modular.matrices import Matrix
from mccli.modular.scatter import scattered
from mccli.numeric.records.claims import Claim
from mccli.numeric.records.sizes import drawn_sizes, largest

EQUAL, SO_FAR, DIFFERENT, OPEN = "equal", "equal so far", "different", "open"

BEYOND = 9
POOLS = (range(BEYOND, 20), range(5, 12), range(2, 9), range(2, 6))
"""Sizes that are tried, the largest first; formulas that are equal at the first of them are EQUAL."""
POINTS, ATTEMPTS = 2, 4
MOST_WHOLE = 9


def compared(claim: Claim, statement: Statement) -> str:
    """EQUAL, SO_FAR if at small sizes only, DIFFERENT, or OPEN if exact arithmetic cannot tell."""
    if claim.expected == claim.found:
        return EQUAL
    agreed = 0
    for point in _points(claim, statement):
        try:
            same = point.value(claim.expected) == point.value(claim.found)
        except DomainError:
            continue
        if not same:
            return DIFFERENT if _is_decided(claim, statement) else OPEN
        agreed += 1
        if agreed == POINTS:
            return EQUAL if min(point.sizes.values(), default=BEYOND) >= BEYOND else SO_FAR
    return OPEN


def _points(claim: Claim, statement: Statement) -> Iterator[ModularEvaluator]:
    """Random points, from the largest sizes at which the formulas can be evaluated."""
    seed = zlib.crc32(repr((statement.record.expression, claim.field)).encode())
    for pool in POOLS:
        for attempt in range(ATTEMPTS):
            rng = np.random.default_rng([seed, attempt])
            sizes = drawn_sizes(statement, pool, rng)
            if sizes is None or largest((claim.expected, claim.found), sizes) > MOST_ENTRIES:
                continue
            try:
                yield _point(statement, sizes, seed + attempt)
            except (DomainError, ValueError):
                continue


def _point(statement: Statement, sizes: Mapping[str, int], seed: int) -> ModularEvaluator:
    values: dict[str, Matrix] = {}
    for symbol in (*statement.symbols.values(), *statement.differentials().values()):
        rows, columns = (size.value(sizes) for size in symbol.shape)
        if min(rows, columns) < 1:
            raise DomainError("a size is not positive")
        values[symbol.name] = _drawn(statement, symbol, rows, columns, seed)
    evaluator = ModularEvaluator(values, sizes)
    for assumption in statement.assumptions:
        if assumption.kind == "set":
            node = elaborate(assumption.value, statement.scope).expression
            evaluator.values[canonical_name(assumption.subject)] = evaluator.value(node)
    return ModularEvaluator(evaluator.values, sizes)


def _drawn(statement: Statement, symbol: Symbol, rows: int, columns: int, seed: int) -> Matrix:
    if symbol.role == "differential":
        return draw(symbol.properties & LINEAR_SPACES, rows, columns, symbol.name, seed)
    if "integer" in symbol.properties:
        return [[2 + scattered(symbol.name, seed) % (MOST_WHOLE - 1)]]
    for words in _sampled(statement, symbol):
        if words in _DRAW:
            return _DRAW[words](rows, columns, scattered(symbol.name, seed))
    return draw(symbol.properties, rows, columns, symbol.name, seed)


def _sampled(statement: Statement, symbol: Symbol) -> list[str]:
    """The assumed properties of a symbol."""
    return [a.value for a in statement.assumptions if a.kind == "property" and canonical_name(a.subject) == symbol.name]


def _one_hot(rows: int, columns: int, seed: int) -> Matrix:
    chosen = [scattered(seed, j) % rows for j in range(columns)]
    return [[int(i == chosen[j]) for j in range(columns)] for i in range(rows)]


def _one_of(first: int, second: int) -> Callable[[int, int, int], Matrix]:
    return lambda rows, columns, seed: [
        [(first, second)[scattered(seed, i, j) % 2] for j in range(columns)] for i in range(rows)
    ]


_DRAW: dict[str, Callable[[int, int, int], Matrix]] = {
    "one-hot": _one_hot,
    "rows one-hot": lambda rows, columns, seed: [list(r) for r in zip(*_one_hot(columns, rows, seed), strict=True)],
    "on the simplex": lambda rows, columns, seed: draw({"simplex"}, rows, columns, seed),
    "in {0,1}": _one_of(0, 1),
    "in {-1,1}": _one_of(1, -1),
    "orthonormal columns": lambda rows, columns, seed: [
        row[:columns] for row in draw({"orthogonal"}, rows, rows, seed)
    ],
}
_NOT_DRAWN = frozenset({"Toeplitz", "symmetric Toeplitz", "circulant"})
"""Assumptions that these points do not meet, and formulas may need."""


def _is_decided(claim: Claim, statement: Statement) -> bool:
    """Whether all operations are computed here as they are, and everything holds that is assumed."""
    if any(a.kind == "property" and a.value in _NOT_DRAWN for a in statement.assumptions):
        return False
    return is_rational(claim.expected) and is_rational(claim.found)


def is_rational(node: Node) -> bool:
    """Whether a formula has only operations that are computed over a prime field as they are."""
    return all(_is_computed(part) for part in walk(node) if isinstance(part, Apply))


def _is_computed(node: Apply) -> bool:
    if node.operation.name == "power":
        exponent = node.arguments[1]
        whole = isinstance(exponent, Number) and exponent.value.denominator == 1
        return whole or (isinstance(exponent, Symbol) and "integer" in exponent.properties)
    if node.operation.name in ALGEBRAIC or node.operation.name in ("hadamard", "series", "mpow"):
        return True
    return node.operation.declared is None and bool(node.operation.means) and _means_rational(node.operation, node)


_KNOWN: dict[str, bool] = {}


def _means_rational(operation: Operation, node: Apply) -> bool:
    """Whether an operation is defined by rational ones. Cached by name: a definition is the same for all arguments."""
    if operation.name not in _KNOWN:
        _KNOWN[operation.name] = False  # one that leads back to itself is not
        inside = [part for part in walk(meaning(node)) if isinstance(part, Apply) and part not in set(walk(node))]
        _KNOWN[operation.name] = all(_is_computed(part) for part in inside)
    return _KNOWN[operation.name]
