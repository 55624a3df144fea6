"""Whether a square matrix is singular whatever its entries: its inverse over a prime field at random points.

A determinant that is not the zero polynomial vanishes at a random point with a probability of about 1e-16
(Schwartz 1980, Zippel 1979); several sizes are tried, since X'X is singular where X is wide.
"""

from __future__ import annotations

from collections.abc import Iterator

from mccli.errors import DomainError
from mccli.expressions.graph import size_letters, walk
from mccli.expressions.tree import Node, Symbol, apply
from mccli.modular.draw import draw
from mccli.modular.evaluate import ModularEvaluator
from mccli.modular.scatter import scattered

TRIALS = 8
MOST_ENTRIES = 150
"""With a part of more entries than this (a size was declared as a number) nothing is tried: the arithmetic is exact."""


def is_singular(matrix: Node) -> bool:
    """Whether a matrix is singular at every point that was tried; False where it cannot be evaluated exactly."""
    inverted = apply("inv", matrix)
    outcomes = []
    for evaluator in _points(matrix):
        try:
            evaluator.value(matrix)
        except DomainError:
            continue
        try:
            evaluator.value(inverted)
        except DomainError:
            outcomes.append(True)
            continue
        return False
    return bool(outcomes)


def _points(matrix: Node) -> Iterator[ModularEvaluator]:
    symbols = [n for n in walk(matrix) if isinstance(n, Symbol)]
    letters = sorted({x for s in symbols for size in s.shape for x in size.letters()} | size_letters(matrix))
    for trial in range(TRIALS):
        sizes = {letter: 2 + scattered("size", letter, trial) % 4 for letter in letters}
        try:
            shapes = {n: (n.rows.value(sizes), n.columns.value(sizes)) for n in walk(matrix)}
        except ValueError:
            continue
        if any(rows * columns > MOST_ENTRIES for rows, columns in shapes.values()):
            continue
        values = {s.name: draw(s.properties, *shapes[s], s.name, trial) for s in symbols}
        yield ModularEvaluator(values, sizes)
