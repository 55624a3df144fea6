"""Expressions written out: every symbol as a matrix of SymPy scalars, every operation done on the entries.

A matrix of entries exists for sizes that are numbers only. What has no exact value in the entries (matrix
exponentials, eigenvalues, functions without a body) is refused, never approximated.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import reduce
from typing import Any

import sympy

from mccli.errors import DeriveError, UsageError
from mccli.expressions.graph import substitute, walk
from mccli.expressions.operation import Operation
from mccli.expressions.properties import closure
from mccli.expressions.sizes import ONE, Size
from mccli.expressions.tree import Apply, Constant, Node, Number, Product, Sum, Symbol, Transpose, number
from mccli.language.rules import meaning
from mccli.symbolic.scalars import scalar_function

Entries = Any
"""A ``sympy.ImmutableMatrix``."""

Sizes = Mapping[str, int]
Entry = Callable[[int, int], Any]

MOST_ENTRIES = 2000
LARGEST_MATRIX_POWER = 24


def matrix_of(node: Node, sizes: Sizes) -> Entries:
    """The expression as a matrix of scalar expressions in the entries of its symbols.

    ``sizes`` gives a number for every size letter. DeriveError for operations without an exact value in the
    entries, UsageError for a letter without a number or a result too large to write out.
    """
    return _Expander(sizes).value(node)


def size_value(size: Size, sizes: Sizes) -> int:
    """The number a size is. UsageError if a letter in it has no number."""
    try:
        return size.value(sizes)
    except KeyError as missing:
        raise UsageError(f"no number is given for the size {missing.args[0]}") from None


def symbol_entries(symbol: Symbol, sizes: Sizes) -> Entries:
    """A symbol as a matrix of scalars named ``x_1`` or ``A_1_2``, with the structure that is declared for it."""
    rows, columns = (size_value(size, sizes) for size in symbol.shape)
    properties = closure(symbol.properties)
    return _matrix(rows, columns, lambda i, j: _entry(symbol, properties, i, j))


def _entry(symbol: Symbol, properties: frozenset[str], i: int, j: int) -> Any:
    """One entry: 0 outside the structure, the mirrored one where the structure mirrors."""
    if outside_structure(properties, i, j):
        return sympy.Integer(0)
    if "symmetric" in properties and i < j:
        i, j = j, i
    if "skew" in properties and i > j:
        return -_entry(symbol, properties, j, i)
    positive = "positive" in properties or ("spd" in properties and i == j)
    indices = [str(k + 1) for k, size in zip((i, j), symbol.shape, strict=True) if size != ONE]
    name = "_".join([symbol.name, *indices])
    return sympy.Symbol(name, **({"positive": True} if positive else {"real": True}))


def outside_structure(properties: frozenset[str], i: int, j: int) -> bool:
    """Whether a structured matrix is 0 at a place."""
    return (
        ("diagonal" in properties and i != j)
        or ("lower" in properties and i < j)
        or ("upper" in properties and i > j)
        or ("skew" in properties and i == j)
    )


def _matrix(rows: int, columns: int, entry: Entry) -> Entries:
    if rows * columns > MOST_ENTRIES:
        raise UsageError(f"{rows}×{columns} is too large to be written out", notes=["choose smaller sizes"])
    return sympy.ImmutableMatrix(rows, columns, [entry(i, j) for i in range(rows) for j in range(columns)])


class _Expander:
    """Writes expressions out at one choice of sizes; every shared node once."""

    def __init__(self, sizes: Sizes) -> None:
        self.sizes = sizes
        self.done: dict[Node, Entries] = {}

    def value(self, node: Node) -> Entries:
        """The matrix of entries of a node."""
        if node not in self.done:
            self.done[node] = self.one(node)
        return self.done[node]

    def one(self, node: Node) -> Entries:
        """The matrix of a node from those of its children."""
        match node:
            case Number():
                return _scalar(sympy.Rational(node.value.numerator, node.value.denominator))
            case Symbol():
                return symbol_entries(node, self.sizes)
            case Constant():
                return self.constant(node)
            case Sum():
                terms = (sympy.Rational(c.numerator, c.denominator) * self.value(n) for c, n in node.terms)
                return reduce(lambda a, b: a + b, terms)
            case Product():
                return self.product(node)
            case Transpose():
                return self.value(node.operand).T
        assert isinstance(node, Apply)
        return self.operation(node)

    def product(self, node: Product) -> Entries:
        """Number and scalar factors times the chain of matrices."""
        factor = sympy.Rational(node.coefficient.numerator, node.coefficient.denominator)
        for scalar in node.scalars:
            factor *= self.value(scalar)[0, 0]
        if not node.chain:
            return _scalar(factor)
        return factor * reduce(lambda a, b: a * b, (self.value(n) for n in node.chain))

    def constant(self, node: Constant) -> Entries:
        """A constant array at its sizes."""
        numbers = [size_value(size, self.sizes) for size in node.sizes]
        if node.name in ("pi", "size"):
            return _scalar(sympy.pi if node.name == "pi" else sympy.Integer(numbers[0]))
        rows, columns = (size_value(size, self.sizes) for size in node.shape)
        return _matrix(rows, columns, _CONSTANT_ENTRY[node.name](*numbers))

    def operation(self, node: Apply) -> Entries:
        """An operation by its rule for entries, as a function of every entry, or by what it means."""
        record = node.operation
        if record.declared is not None and not record.means:
            raise DeriveError(f"{record.name} is declared without a body: it has no entries")
        if record.name == "series":
            return self.series(node)
        if record.name in _ON_ENTRIES:
            numbers = [size_value(size, self.sizes) for size in node.sizes]
            return _ON_ENTRIES[record.name](*(self.value(n) for n in node.arguments), *numbers)
        if record.elementwise and record.declared is None and len(node.arguments) == 1:
            return self.value(node.arguments[0]).applyfunc(scalar_function(record.name))
        return self.by_meaning(node, record)

    def by_meaning(self, node: Apply, record: Operation) -> Entries:
        """What an operation means, written out."""
        defined = meaning(node) if record.means else node
        if defined == node:
            raise DeriveError(f"{record.name} has no exact value in the entries")
        return self.value(defined)

    def series(self, node: Apply) -> Entries:
        """A sum between bounds that are numbers at these sizes."""
        index, low, high, body = node.arguments
        assert isinstance(index, Symbol)
        first, last = (self.value(n)[0, 0] for n in (low, high))
        if not (first.is_Integer and last.is_Integer):
            raise DeriveError("the bounds of a sum must be numbers to write it out")
        total = sympy.ImmutableMatrix.zeros(*(size_value(size, self.sizes) for size in node.shape))
        for i in range(int(first), int(last) + 1):
            inside = _Expander({**self.sizes, index.name: i})
            total += inside.value(substitute(body, {index: number(i)}))
        return total


def _scalar(value: Any) -> Entries:
    return sympy.ImmutableMatrix([[value]])


def size_letters_of(nodes: list[Node]) -> list[str]:
    """Every size letter in the shapes and sizes of expressions, in order; the index of a sum is none."""
    letters: dict[str, None] = {}
    indices: set[str] = set()
    for node in (n for root in nodes for n in walk(root)):
        if isinstance(node, Symbol) and node.role == "index":
            indices.add(node.name)
        own = node.sizes if isinstance(node, Apply | Constant) else ()
        letters.update(dict.fromkeys(letter for size in (*node.shape, *own) for letter in size.letters()))
    return [letter for letter in letters if letter not in indices]


# ------------------------------------------------------------------------------------- constants by entries


def _unit(i: int, n: int) -> Entry:
    if not 1 <= i <= n:
        raise UsageError(f"unit({i}, {n}): there is no entry {i} among {n}")
    return lambda r, _c: sympy.Integer(r == i - 1)


def _commutation(m: int, n: int) -> Entry:
    """vec(A') takes A_ij, which is entry i + m j of vec(A), to place j + n i."""
    places = {(j + n * i, i + m * j) for i in range(m) for j in range(n)}
    return lambda r, c: sympy.Integer((r, c) in places)


def _lower_places(n: int) -> list[tuple[int, int]]:
    """The lower triangle in the order of vech: column by column."""
    return [(i, j) for j in range(n) for i in range(j, n)]


def _duplication(n: int) -> Entry:
    lower = _lower_places(n)
    return lambda r, c: sympy.Integer(lower[c] in ((r % n, r // n), (r // n, r % n)))


def _elimination(n: int) -> Entry:
    lower = _lower_places(n)
    return lambda r, c: sympy.Integer(lower[r] == (c % n, c // n))


def _diagonal_selection(n: int) -> Entry:
    return lambda r, c: sympy.Integer(c == r * (n + 1))


_CONSTANT_ENTRY: Mapping[str, Callable[..., Entry]] = {
    "eye": lambda _n: lambda i, j: sympy.Integer(i == j),
    "ones": lambda *_sizes: lambda _i, _j: sympy.Integer(1),
    "zeros": lambda *_sizes: lambda _i, _j: sympy.Integer(0),
    "unit": _unit, "commutation": _commutation, "duplication": _duplication, "elimination": _elimination,
    "diagsel": _diagonal_selection,
}  # fmt: skip


# ------------------------------------------------------------------------------------- operations on entries


def determinant(x: Entries) -> Any:
    """The determinant by Berkowitz' algorithm, which never divides."""
    return x.det(method="berkowitz")


def _inverse(x: Entries) -> Entries:
    """The adjugate over the determinant."""
    value = determinant(x)
    if value == 0:
        raise DeriveError("the inverse of a matrix that is singular at these sizes")
    return x.adjugate(method="berkowitz") / value


def _pseudo_inverse(x: Entries) -> Entries:
    """(X'X)^-1 X' or X'(XX')^-1: the matrix has full rank."""
    return _inverse(x.T * x) * x.T if x.rows >= x.cols else x.T * _inverse(x * x.T)


def _hadamard(*factors: Entries) -> Entries:
    rows, columns = factors[0].shape
    return _matrix(rows, columns, lambda i, j: sympy.Mul(*(f[i, j] for f in factors)))


def _power(x: Entries, p: Entries) -> Entries:
    return x.applyfunc(lambda entry: entry ** p[0, 0])


def _matrix_power(x: Entries, k: Entries) -> Entries:
    """A power with a whole number."""
    exponent = k[0, 0]
    if not exponent.is_Integer or abs(exponent) > LARGEST_MATRIX_POWER:
        raise DeriveError(f"a matrix to the power {exponent} cannot be written out", notes=["write a small number"])
    return x ** int(exponent) if exponent >= 0 else _inverse(x) ** int(-exponent)


def _kron(a: Entries, b: Entries) -> Entries:
    p, q = b.shape
    return _matrix(a.rows * p, a.cols * q, lambda i, j: a[i // p, j // q] * b[i % p, j % q])


def _convolution_matrix(w: Entries, n: int) -> Entries:
    return _matrix(w.rows + n - 1, n, lambda i, j: w[i - j, 0] if 0 <= i - j < w.rows else sympy.Integer(0))


def _stacked(x: Entries) -> Entries:
    return sympy.ImmutableMatrix(x.rows * x.cols, 1, list(x.T))


def _unstacked(v: Entries, m: int, n: int) -> Entries:
    return sympy.ImmutableMatrix(n, m, list(v)).T


def _diagonal(x: Entries) -> Entries:
    return sympy.ImmutableMatrix([x[i, i] for i in range(x.rows)])


def _diagonal_matrix(x: Entries) -> Entries:
    return _matrix(x.rows, x.rows, lambda i, j: x[i, 0] if i == j else sympy.Integer(0))


def _lower(x: Entries) -> Entries:
    return _matrix(x.rows, x.cols, lambda i, j: x[i, j] if i >= j else sympy.Integer(0))


def _upper(x: Entries) -> Entries:
    return _matrix(x.rows, x.cols, lambda i, j: x[i, j] if i <= j else sympy.Integer(0))


def _diagonal_sums(x: Entries, place: Callable[[int], int]) -> Entries:
    """Every entry replaced by the sum along its diagonal; ``place`` says which offsets are one diagonal."""
    sums: dict[int, Any] = {}
    for i in range(x.rows):
        for j in range(x.cols):
            sums[place(j - i)] = sums.get(place(j - i), 0) + x[i, j]
    return _matrix(x.rows, x.cols, lambda i, j: sums[place(j - i)])


def _sylvester(a: Entries, b: Entries, c: Entries) -> Entries:
    """A Z + Z B = C is (I ⊗ A + B' ⊗ I) vec Z = vec C."""
    left = _kron(sympy.ImmutableMatrix.eye(b.rows), a) + _kron(b.T, sympy.ImmutableMatrix.eye(a.rows))
    return _unstacked(_inverse(left) * _stacked(c), *c.shape)


def _stein(a: Entries, q: Entries) -> Entries:
    """P - A P A' = Q is (I - A ⊗ A) vec P = vec Q."""
    left = sympy.ImmutableMatrix.eye(a.rows**2) - _kron(a, a)
    return _unstacked(_inverse(left) * _stacked(q), *q.shape)


def _cholesky(a: Entries) -> Entries:
    """The lower factor of the symmetric part, column by column."""
    a, n = (a + a.T) / 2, a.rows
    factor = sympy.zeros(n, n)
    for j in range(n):
        factor[j, j] = sympy.sqrt(a[j, j] - sum(factor[j, k] ** 2 for k in range(j)))
        for i in range(j + 1, n):
            factor[i, j] = (a[i, j] - sum(factor[i, k] * factor[j, k] for k in range(j))) / factor[j, j]
    return sympy.ImmutableMatrix(factor)


_ON_ENTRIES: Mapping[str, Callable[..., Entries]] = {
    "hadamard": _hadamard, "power": _power, "mpow": _matrix_power, "kron": _kron, "convmtx": _convolution_matrix,
    "tr": lambda x: _scalar(x.trace()),
    "sum": lambda x: _scalar(sympy.Add(*x)), "prod": lambda x: _scalar(sympy.Mul(*x)),
    "vec": _stacked, "unvec": _unstacked, "diag": _diagonal, "Diag": _diagonal_matrix, "tril": _lower, "triu": _upper,
    "toepsum": lambda x: _diagonal_sums(x, lambda k: k), "circsum": lambda x: _diagonal_sums(x, lambda k: k % x.rows),
    "vcat": lambda a, b: a.col_join(b), "hcat": lambda a, b: a.row_join(b),
    "top": lambda x, k: x[:k, :], "bottom": lambda x, k: x[x.rows - k :, :],
    "left": lambda x, k: x[:, :k], "right": lambda x, k: x[:, x.cols - k :],
    "det": lambda x: _scalar(determinant(x)), "inv": _inverse, "pinv": _pseudo_inverse,
    "adj": lambda x: x.adjugate(method="berkowitz"), "sylvester": _sylvester, "stein": _stein, "chol": _cholesky,
    "offinv": lambda w: _matrix(w.rows, w.rows, lambda i, j: 1 / (w[j, 0] - w[i, 0]) if i != j else sympy.Integer(0)),
}  # fmt: skip
"""The operations whose entries are given here; all others are functions of every entry or have a meaning."""
