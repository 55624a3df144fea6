"""From the typed tree to NumPy expressions: columns and rows are 1-D arrays, matrices 2-D, scalars floats."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction

from mccli.codegen.arithmetic import Arithmetic
from mccli.codegen.forge import Expr, Forge
from mccli.expressions.sizes import ONE, Shape
from mccli.expressions.tree import (
    Apply,
    Constant,
    Node,
    Number,
    Product,
    Sum,
    Symbol,
    Transpose,
    is_ones,
    multiply,
    transpose,
)


def rank(shape: Shape) -> int:
    """The number of dimensions of the array: 0, 1 or 2."""
    return sum(size != ONE for size in shape)


class Names:
    """The Python names of symbols, size letters and declared functions in one program."""

    def __init__(self, symbols: Mapping[str, str], letters: Mapping[str, str], functions: Mapping[str, str]) -> None:
        self.symbols, self.letters, self.functions = symbols, letters, functions


class Lowering:
    """Turns nodes into expressions, every node once.

    A row and the column that is its transpose are one array, so they share one expression. ``definitions``
    are parts that have a name of their own.
    """

    def __init__(self, forge: Forge, names: Names, definitions: Mapping[str, Node]) -> None:
        from mccli.codegen.chains import Chains
        from mccli.codegen.operations import Operations

        self.forge, self.names, self.definitions = forge, names, definitions
        self.arithmetic = Arithmetic(forge, names.letters)
        self.chains, self.operations = Chains(self), Operations(self)
        self.done: dict[int, Expr] = {}
        self.named: dict[int, str] = {}
