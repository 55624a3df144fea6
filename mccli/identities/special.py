"""Special cases of a record: some of its matrices equal to the identity, or an added vector or matrix equal to zero."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence

from mccli.errors import McError
from mccli.expressions.graph import walk
from mccli.expressions.sizes import ONE, Size, Unifier, letter_size
from mccli.expressions.tree import Node, Sum, Symbol, eye, zeros
from mccli.identities.instantiate import instantiate
from mccli.identities.statement import Stated, Statement

MOST_SET_TO_IDENTITY = 2


def special_settings(statement: Statement) -> Iterator[tuple[str, ...]]:
    """The sets of symbols that may be set to a constant, as ``A=I`` and ``b=0``."""
    yield from ((f"{name}=0",) for name in _added(statement))
    for names in _identity_cases(statement):
        yield tuple(f"{name}=I" for name in names)


def _added(statement: Statement) -> Iterator[str]:
    """Vectors and matrices without the variable that stand as a term of a sum with it: an offset that may be absent."""
    variables = [v.name for v in statement.variables]
    for part in walk(statement.expression):
        if isinstance(part, Sum) and part.depends_on(variables):
            for _, term in part.terms:
                if isinstance(term, Symbol) and not term.is_scalar and term.name not in variables:
                    yield from [term.name] if _occurs_once(term, statement.expression) else ()


def _occurs_once(symbol: Symbol, node: Node) -> bool:
    """Whether a symbol stands in one place only."""
    return sum(1 for part in walk(node) for child in part.children() if child == symbol) == 1


def _identity_cases(statement: Statement) -> Iterator[tuple[str, ...]]:
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


def specialized(statement: Statement, settings: Sequence[str]) -> Statement | None:
    """The record with some symbols set to the identity or to zero; None if sizes forbid that."""
    chosen = {name: (statement.symbols[name], value) for name, _, value in (s.partition("=") for s in settings)}
    sizes = _equal_sizes(symbol for symbol, value in chosen.values() if value == "I")
    if sizes is None:
        return None
    values: dict[str, Node] = {
        name: eye(s.rows.substitute(sizes)) if value == "I" else zeros(_resized(s, sizes).shape)
        for name, (s, value) in chosen.items()
    }

    def told(node: Node) -> Node:
        return instantiate(node, values, sizes)

    try:
        kept = {name: _resized(s, sizes) for name, s in statement.symbols.items() if name not in chosen}
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
