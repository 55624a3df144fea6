"""Numbers for the size letters of a record: all different, in the order that is assumed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np

from mccli.expressions.graph import walk
from mccli.expressions.sizes import Size
from mccli.expressions.tree import Apply, Node, Number, is_operation
from mccli.identities.statement import Statement

STACKED = ("sylvester", "stein")
"""Operations that solve a system with as many unknowns as their result has entries."""


def drawn_sizes(statement: Statement, pool: Sequence[int], rng: np.random.Generator) -> dict[str, int] | None:
    """Different numbers of a pool for the letters. None if they break an assumption about the sizes."""
    free = sorted(statement.letters)
    longer = [*pool, *range(max(pool) + 1, max(pool) + 1 + max(0, len(free) - len(pool)))]
    sizes = {letter: int(number) for letter, number in zip(free, rng.permutation(longer), strict=False)}
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


def largest(nodes: Iterable[Node], sizes: Mapping[str, int]) -> int:
    """The number of entries of the largest array that some formulas need, those of all terms of a sum together."""
    return max((_entries(part, sizes) for node in nodes for part in walk(node)), default=1)


def _entries(node: Node, sizes: Mapping[str, int]) -> int:
    entries = _number(node.rows, sizes) * _number(node.columns, sizes)
    if is_operation(node, "series"):
        _, low, high, body = node.children()
        if isinstance(low, Number) and isinstance(high, Number):
            return int(high.value - low.value + 1) * largest((body,), sizes)
    return entries**2 if isinstance(node, Apply) and node.operation.name in STACKED else entries


def _number(size: Size, sizes: Mapping[str, int]) -> int:
    try:
        return size.value(sizes)
    except (KeyError, ValueError):  # the index of a sum, or sizes that do not fit
        return 1
