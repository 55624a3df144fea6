"""What every part of the NumPy code generator works with."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from mccli.codegen.arithmetic import Arithmetic
from mccli.codegen.forge import Expr, Forge
from mccli.expressions.sizes import ONE, Shape
from mccli.expressions.tree import Node, Number, apply, is_operation


def rank(shape: Shape) -> int:
    """The number of dimensions of the array: 0, 1 or 2. Columns and rows are both 1-D."""
    return sum(size != ONE for size in shape)


@dataclass(frozen=True)
class Names:
    """The Python names of symbols, size letters and declared functions in one program."""

    symbols: Mapping[str, str]
    letters: Mapping[str, str]
    functions: Mapping[str, str]


class Context(ABC):
    """Makes expressions of nodes."""

    def __init__(self, forge: Forge, names: Names) -> None:
        self.forge, self.names = forge, names
        self.arithmetic = Arithmetic(forge, names.letters)

    @abstractmethod
    def lower(self, node: Node) -> Expr:
        """The expression of a node: 1-D for columns and rows, 2-D for matrices, a number for scalars."""

    def scaled(self, coefficient: Fraction, scalars: Sequence[Node], array: Expr | None = None) -> Expr:
        """A multiple of an array; negative powers of scalars become a denominator."""
        over: list[Expr] = []
        under: list[Expr] = []
        for scalar in scalars:
            below = denominator(scalar)
            (over if below is None else under).append(self.lower(scalar if below is None else below))
        return self.arithmetic.scaled(coefficient, over, under, array)


def denominator(scalar: Node) -> Node | None:
    """s^p for s^-p with a number p, else None."""
    if is_operation(scalar, "power"):
        base, exponent = scalar.children()
        if isinstance(exponent, Number) and exponent.value < 0:
            return apply("power", base, Number(-exponent.value))
    return None
