"""Special cases of a record: some of its matrices equal to the identity."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence

from mccli.errors import McError
from mccli.expressions.sizes import ONE, Size, Unifier, letter_size
from mccli.expressions.tree import Node, Symbol, eye
from mccli.identities.instantiate import instantiate
from mccli.identities.statement import Stated, Statement

MOST_SET_TO_IDENTITY = 2


def identity_cases(statement: Statement) -> Iterator[tuple[str, ...]]:
    """The sets of matrices that may be set to the identity, by name."""
    free = [
        name
        for name, s in statement.symbols.items()
        if s not in statement.variables
        and ONE not in s.shape
        and name in statement.expression.symbols
        and "skew" not in s.properties
    ]
    for count in range(1, MOST_SET_TO_IDENTITY + 1):
        yield from itertools.combinations(free, count)


def specialized(statement: Statement, matrices: Sequence[str]) -> Statement | None:
    """The record with some matrices set to the identity, their sizes made equal; None if they cannot be."""
    chosen = [statement.symbols[name] for name in matrices]
    sizes = _equal_sizes(chosen)
    if sizes is None:
        return None
    values: dict[str, Node] = {s.name: eye(s.rows.substitute(sizes)) for s in chosen}

    def told(node: Node) -> Node:
        return instantiate(node, values, sizes)

    try:
        kept = {name: _resized(s, sizes) for name, s in statement.symbols.items() if name not in matrices}
        return statement.changed(
            expression=told(statement.expression),
            symbols=kept,
            variables=tuple(kept[v.name] for v in statement.variables),
            definitions={_resized(s, sizes): told(n) for s, n in statement.definitions.items()},
            results=tuple(Stated(r.field, r.kind, r.text, told(r.node)) for r in statement.results),
            proof=(),
        )
    except McError:
        return None


def _resized(symbol: Symbol, sizes: dict[str, Size]) -> Symbol:
    rows, columns = (size.substitute(sizes) for size in symbol.shape)
    return Symbol(symbol.name, (rows, columns), symbol.properties, symbol.role)


def _equal_sizes(chosen: Iterable[Symbol]) -> dict[str, Size] | None:
    """The size letters that become others when the given matrices are square."""
    unifier = Unifier()
    letters: set[str] = set()
    for symbol in chosen:
        letters |= {letter for size in symbol.shape for letter in size.letters()}
        if not unifier.unify(*symbol.shape):
            return None
    changed = {letter: unifier.resolve(letter_size(letter)) for letter in letters}
    return {letter: size for letter, size in changed.items() if size != letter_size(letter)}
