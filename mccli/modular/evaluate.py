"""The value of a typed tree over a prime field, and random values for its symbols.

Equal values at random arguments show that two expressions are equal (Schwartz 1980, Zippel 1979), up to a
probability of about 1e-16: cyclic shifts, transposes, Woodbury's identity and all other algebra included.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from functools import cache

from mccli.errors import DomainError
from mccli.expressions.sizes import Size
from mccli.expressions.tree import Apply, Constant, Node, Number, Product, Sum, Symbol, Transpose
from mccli.language.rules import THROUGH_MEANING, meaning
from mccli.modular import matrices as m
from mccli.modular.functions import ALGEBRAIC, ELEMENTWISE, elementwise_power
from mccli.modular.matrices import PRIME, Matrix
from mccli.modular.scatter import entries, scattered, scattered_matrix

LONGEST_SERIES = 40
MOST_ENTRIES = 4_096


class ModularEvaluator:
    """Evaluates expressions at one point: matrices for the symbols, numbers for the size letters.

    ``functions`` gives declared functions another identity than their name.
    """

    def __init__(
        self, values: Mapping[str, Matrix], sizes: Mapping[str, int], functions: Mapping[str, str] | None = None
    ) -> None:
        self.values = dict(values)
        self.sizes = sizes
        self.functions = functions or {}
        self.done: dict[Node, Matrix] = {}
        self.open: list[str] = []
        """The operations whose definitions are being followed: one that leads back to itself is opaque."""

    def value(self, node: Node) -> Matrix:
        """The value of a node. DomainError where it has none (a singular matrix, sizes that do not fit)."""
        known = self.done.get(node)
        if known is None:
            known = self.done[node] = self._one(node)
            if len(known) * len(known[0]) > MOST_ENTRIES:
                raise DomainError("too large for the exact check")
        return known

    def size(self, size: Size) -> int:
        """The number that a size is here."""
        try:
            number = size.value(self.sizes)
        except (KeyError, ValueError) as error:
            raise DomainError(f"the size {size} has no value here") from error
        if number < 1:
            raise DomainError(f"the size {size} is not positive here")
        return number

    def _one(self, node: Node) -> Matrix:
        if isinstance(node, Symbol):
            return self.values[node.name]
        if isinstance(node, Number):
            return [[_residue(node.value)]]
        if isinstance(node, Sum):
            return self._sum(node)
        if isinstance(node, Product):
            return self._product(node)
        if isinstance(node, Transpose):
            return m.transposed(self.value(node.operand))
        if isinstance(node, Constant):
            return self._constant(node)
        assert isinstance(node, Apply)
        return self._operation(node)

    def _sum(self, node: Sum) -> Matrix:
        coefficient, first = node.terms[0]
        total = m.scaled(_residue(coefficient), self.value(first))
        for coefficient, term in node.terms[1:]:
            total = m.added(total, self.value(term), _residue(coefficient))
        return total

    def _product(self, node: Product) -> Matrix:
        factor = _residue(node.coefficient)
        for scalar in node.scalars:
            factor = factor * self.value(scalar)[0][0] % PRIME
        if not node.chain:
            return [[factor]]
        total = self.value(node.chain[0])
        for matrix in node.chain[1:]:
            total = m.product(total, self.value(matrix))
        return total if factor == 1 else m.scaled(factor, total)

    def _constant(self, node: Constant) -> Matrix:
        if node.name == "pi":
            return [[scattered("pi")]]
        numbers = [self.size(size) for size in node.sizes]
        if node.name == "size":
            return [[numbers[0]]]
        if node.name == "eye":
            return m.identity(numbers[0])
        if node.name in ("ones", "zeros"):
            return m.full(self.size(node.rows), self.size(node.columns), int(node.name == "ones"))
        make = _CONSTANTS.get(node.name)
        if make is None:
            raise DomainError(f"the constant {node.name} is not known to the exact check")
        return make(numbers)

    def _operation(self, node: Apply) -> Matrix:
        record = node.operation
        name = record.name
        if name == "series":
            return self._series(node)
        if name in ALGEBRAIC:
            sizes = [self.size(size) for size in node.sizes]
            return ALGEBRAIC[name]([self.value(n) for n in node.arguments], sizes)
        if name == "hadamard":
            total = self.value(node.arguments[0])
            for other in node.arguments[1:]:
                total = m.entrywise(total, self.value(other))
            return total
        if name in ("power", "mpow"):
            return self._power(node)
        if record.elementwise and name in ELEMENTWISE:
            function = ELEMENTWISE[name]
            return [[function(x) for x in row] for row in self.value(node.arguments[0])]
        if record.means and name not in self.open and (record.declared is None or record.value == THROUGH_MEANING):
            return self._through_meaning(node)
        return self._opaque(node)

    def _through_meaning(self, node: Apply) -> Matrix:
        for argument in node.arguments:
            self.value(argument)  # before: mean(x - mean(x)) does not lead back to itself
        self.open.append(node.operation.name)
        try:
            return self.value(_meaning(node))
        finally:
            self.open.pop()

    def _power(self, node: Apply) -> Matrix:
        base, exponent = (self.value(n) for n in node.arguments)
        if node.operation.name == "power":
            return [[elementwise_power(x, exponent[0][0]) for x in row] for row in base]
        whole = exponent[0][0]
        if whole > 64:
            raise DomainError("the exponent is no small whole number here")
        return m.power(base, whole)

    def _opaque(self, node: Apply) -> Matrix:
        """A fixed random function of the arguments; entry by entry for an elementwise operation."""
        record = node.operation
        name = scattered(record.name)
        if record.declared is not None:
            function, kind, order = record.declared
            name = scattered(self.functions.get(function, function), kind, order)
        arguments = [self.value(n) for n in node.arguments]
        if record.elementwise:
            return [[scattered(name, x) for x in row] for row in arguments[0]]
        sizes = [self.size(size) for size in node.sizes]
        return scattered_matrix(self.size(node.rows), self.size(node.columns), name, *entries(arguments), *sizes)

    def _series(self, node: Apply) -> Matrix:
        index, low, high, body = node.arguments
        assert isinstance(index, Symbol)
        first, last = (self.value(n)[0][0] for n in (low, high))
        total = m.full(self.size(node.rows), self.size(node.columns))
        if (last - first) % PRIME > LONGEST_SERIES and last != first - 1:
            raise DomainError("a sum has too many terms for the exact check")
        for i in range(first, last + 1):
            inside = ModularEvaluator({**self.values, index.name: [[i]]}, {**self.sizes, index.name: i}, self.functions)
            total = m.added(total, inside.value(body))
        return total


@cache
def _meaning(node: Apply) -> Node:
    return meaning(node)


def _residue(value: Fraction) -> int:
    if value.denominator == 1:
        return value.numerator % PRIME
    return value.numerator * pow(value.denominator, -1, PRIME) % PRIME


# ---------------------------------------------------------------------------------------------- constants


def _commutation(numbers: list[int]) -> Matrix:
    """K vec(A) = vec(Aᵀ) for an m×n matrix A."""
    rows, columns = numbers
    k = m.full(rows * columns, rows * columns)
    for i in range(rows):
        for j in range(columns):
            k[i * columns + j][j * rows + i] = 1
    return k


def _half_places(n: int) -> list[tuple[int, int]]:
    return [(i, j) for j in range(n) for i in range(j, n)]


def _duplication(numbers: list[int]) -> Matrix:
    n = numbers[0]
    d = m.full(n * n, n * (n + 1) // 2)
    for k, (i, j) in enumerate(_half_places(n)):
        d[j * n + i][k] = d[i * n + j][k] = 1
    return d


def _elimination(numbers: list[int]) -> Matrix:
    n = numbers[0]
    e = m.full(n * (n + 1) // 2, n * n)
    for k, (i, j) in enumerate(_half_places(n)):
        e[k][j * n + i] = 1
    return e


def _unit(numbers: list[int]) -> Matrix:
    i, n = numbers
    if i > n:
        raise DomainError("a unit vector beyond its length")
    return [[int(k == i - 1)] for k in range(n)]


_CONSTANTS = {
    "commutation": _commutation,
    "duplication": _duplication,
    "elimination": _elimination,
    "unit": _unit,
}
