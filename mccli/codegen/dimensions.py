"""Where a program finds its sizes: in the shapes of its inputs."""

from __future__ import annotations

import ast
from collections.abc import Collection, Sequence
from fractions import Fraction

from mccli.codegen.arithmetic import Arithmetic
from mccli.codegen.context import Names, rank
from mccli.codegen.forge import Expr, Forge
from mccli.expressions.sizes import ONE, Monomial, Size
from mccli.expressions.tree import Symbol


class Dimensions:
    """Finds the size letters of a program in the shapes of its inputs."""

    def __init__(self, inputs: Sequence[Symbol], names: Names) -> None:
        self.inputs, self.names = inputs, names

    def find(self, wanted: Collection[str]) -> tuple[list[str], list[str]]:
        """The lines that set the wanted letters, and those letters that no shape gives."""
        lines, known = self._exact(wanted)
        if set(wanted) <= known:
            return lines, []
        wanted = self._with_neighbours(set(wanted) - known) | set(wanted)
        lines, known = self._exact(wanted)
        lines += self._solved(wanted, known)
        return lines, sorted(set(wanted) - known)

    def _with_neighbours(self, letters: set[str]) -> set[str]:
        """The letters of every dimension in which one of these letters occurs."""
        sizes = [set(size.letters()) for symbol in self.inputs for size in symbol.shape]
        return letters.union(*(found for found in sizes if found & letters))

    def _exact(self, wanted: Collection[str]) -> tuple[list[str], set[str]]:
        """Letters that are themselves a dimension of an input."""
        lines: list[str] = []
        known: set[str] = set()
        for symbol in self.inputs:
            new = [s.letter for s in symbol.shape if s.letter in wanted and s.letter not in known]
            if not new:
                continue
            name = self.names.symbols[symbol.name]
            rows, columns = (s.letter for s in symbol.shape)
            if rank(symbol.shape) == 2 and rows in new and columns in new and rows != columns:
                lines.append(f"{self._variable(rows)}, {self._variable(columns)} = {name}.shape")
                known |= {letter for letter in (rows, columns) if letter}
                continue
            for axis, letter in enumerate((rows, columns)):
                if letter is not None and letter in new and letter not in known:
                    known.add(letter)
                    lines.append(f"{self._variable(letter)} = {_dimension(symbol, name, axis)}")
        return lines, known

    def _solved(self, wanted: Collection[str], known: set[str]) -> list[str]:
        """Letters inside a dimension, as n in n + 1; one unknown at a time. Adds to ``known``."""
        lines: list[str] = []
        waiting = [(symbol, axis) for symbol in self.inputs for axis in (0, 1)]
        for symbol, axis in waiting * len(waiting):
            unknown = set(symbol.shape[axis].letters()) - known
            letter = next(iter(unknown), "")
            if len(unknown) == 1 and letter in wanted and (line := self._equation(symbol, axis, letter)):
                lines.append(line)
                known.add(letter)
        return lines

    def _equation(self, symbol: Symbol, axis: int, letter: str) -> str | None:
        """letter = (dimension - rest) // factor if the size is linear in the letter."""
        factor, rest = _linear(symbol.shape[axis], letter)
        if factor is None:
            return None
        forge = Forge()
        arithmetic = Arithmetic(forge, self.names.letters)
        dimension = ast.parse(_dimension(symbol, self.names.symbols[symbol.name], axis), mode="eval").body
        value: Expr = dimension
        if rest.terms:
            value = forge.make("#d - #r", d=value, r=arithmetic.size(rest))
        if factor != ONE:
            value = forge.make("#d // #f", d=value, f=arithmetic.size(factor))
        return f"{self._variable(letter)} = {ast.unparse(value)}"

    def _variable(self, letter: str | None) -> str:
        assert letter is not None
        return self.names.letters[letter]


def _dimension(symbol: Symbol, name: str, axis: int) -> str:
    return f"{name}.size" if rank(symbol.shape) == 1 else f"{name}.shape[{axis}]"


def _linear(size: Size, letter: str) -> tuple[Size | None, Size]:
    """The size as factor * letter + rest; the factor is None if it is not linear in the letter."""
    factor: dict[Monomial, Fraction] = {}
    rest: dict[Monomial, Fraction] = {}
    for monomial, coefficient in size.terms:
        power = dict(monomial).get(letter, 0)
        if power > 1:
            return None, size
        left = tuple(p for p in monomial if p[0] != letter)
        (factor if power else rest)[left] = coefficient
    if any(c.denominator != 1 for c in (*factor.values(), *rest.values())):
        return None, size
    return Size(factor), Size(rest)
