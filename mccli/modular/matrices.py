"""Matrices over the field of integers modulo a prime: lists of rows of Python integers."""

from __future__ import annotations

from collections.abc import Sequence

from mccli.errors import DomainError

PRIME = (1 << 61) - 1
"""A Mersenne prime: two different polynomials of degree d agree at a random point with probability d/PRIME."""

Matrix = list[list[int]]


def shape_of(a: Matrix) -> tuple[int, int]:
    """Rows and columns."""
    return len(a), len(a[0])


def full(rows: int, columns: int, value: int = 0) -> Matrix:
    """A matrix of equal entries."""
    return [[value] * columns for _ in range(rows)]


def identity(n: int) -> Matrix:
    """The identity."""
    return [[1 if i == j else 0 for j in range(n)] for i in range(n)]


def transposed(a: Matrix) -> Matrix:
    """The transpose."""
    return [list(column) for column in zip(*a, strict=True)]


def product(a: Matrix, b: Matrix) -> Matrix:
    """The matrix product."""
    columns = list(zip(*b, strict=True))
    return [[sum(x * y for x, y in zip(row, column, strict=True)) % PRIME for column in columns] for row in a]


def scaled(factor: int, a: Matrix) -> Matrix:
    """A number times a matrix."""
    return [[factor * x % PRIME for x in row] for row in a]


def added(a: Matrix, b: Matrix, factor: int = 1) -> Matrix:
    """a + factor·b."""
    return [[(x + factor * y) % PRIME for x, y in zip(r, s, strict=True)] for r, s in zip(a, b, strict=True)]


def entrywise(a: Matrix, b: Matrix) -> Matrix:
    """The Hadamard product."""
    return [[x * y % PRIME for x, y in zip(r, s, strict=True)] for r, s in zip(a, b, strict=True)]


def kronecker(a: Matrix, b: Matrix) -> Matrix:
    """The Kronecker product."""
    return [[x * y % PRIME for x in r for y in s] for r in a for s in b]


def reciprocal(x: int) -> int:
    """1/x. DomainError for 0."""
    if x % PRIME == 0:
        raise DomainError("division by zero")
    return pow(x, -1, PRIME)


def eliminated(a: Sequence[Sequence[int]], width: int) -> tuple[Matrix, int]:
    """Gauss-Jordan elimination of the first ``width`` columns, and the determinant of that square part.

    DomainError if it is singular.
    """
    rows = [list(row) for row in a]
    determinant = 1
    for k in range(width):
        pivot = next((i for i in range(k, width) if rows[i][k]), None)
        if pivot is None:
            raise DomainError("a matrix is singular")
        if pivot != k:
            rows[k], rows[pivot] = rows[pivot], rows[k]
            determinant = -determinant
        head = rows[k][k]
        determinant = determinant * head % PRIME
        inverse = pow(head, -1, PRIME)
        rows[k] = [x * inverse % PRIME for x in rows[k]]
        for i in range(width):
            factor = rows[i][k]
            if i != k and factor:
                rows[i] = [(x - factor * y) % PRIME for x, y in zip(rows[i], rows[k], strict=True)]
    return rows, determinant % PRIME


def inverse(a: Matrix) -> Matrix:
    """The inverse. DomainError if there is none."""
    n = len(a)
    joined = [[*row, *unit] for row, unit in zip(a, identity(n), strict=True)]
    return [row[n:] for row in eliminated(joined, n)[0]]


def determinant(a: Matrix) -> int:
    """The determinant."""
    try:
        return eliminated(a, len(a))[1]
    except DomainError:
        return 0


def solved(a: Matrix, b: Matrix) -> Matrix:
    """X with a X = b. DomainError if a is singular."""
    n = len(a)
    return [row[n:] for row in eliminated([[*r, *s] for r, s in zip(a, b, strict=True)], n)[0]]


def power(a: Matrix, exponent: int) -> Matrix:
    """A square matrix to a whole power."""
    base = inverse(a) if exponent < 0 else a
    total = identity(len(a))
    for _ in range(abs(exponent)):
        total = product(total, base)
    return total


def stacked(a: Matrix) -> Matrix:
    """vec: the columns one below the other."""
    return [[row[j]] for j in range(len(a[0])) for row in a]


def unstacked(v: Matrix, rows: int, columns: int) -> Matrix:
    """The matrix of a shape whose vec is v."""
    return [[v[j * rows + i][0] for j in range(columns)] for i in range(rows)]
