"""Operations over a prime field: exact where they are algebraic, opaque where they are not.

A function such as log has no meaning modulo a prime. It is replaced by a fixed random function of the same
argument, with the symmetries that rewriting relies on (exp(-x) = 1/exp(x), sin odd, cos even). Two expressions
that agree for it agree for every function in its place, hence for log.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from mccli.errors import DomainError
from mccli.modular import matrices as m
from mccli.modular.matrices import PRIME, Matrix
from mccli.modular.scatter import scattered

Sizes = Sequence[int]
Kernel = Callable[[Sequence[Matrix], Sizes], Matrix]


def _unsigned(x: int) -> tuple[int, int]:
    """The one of x and -x that is smaller, and the sign."""
    return (x, 1) if x <= PRIME - x else (PRIME - x, -1)


def _odd(name: str) -> Callable[[int], int]:
    def value(x: int) -> int:
        size, sign = _unsigned(x)
        return sign * scattered(name, size) % PRIME if size else 0

    return value


def exp(x: int) -> int:
    """Stands for the exponential: 1 at 0, exp(-x) = 1/exp(x)."""
    size, sign = _unsigned(x)
    if not size:
        return 1
    value = scattered("exp", size) or 1
    return value if sign == 1 else m.reciprocal(value)


def _half_angle(x: int) -> int:
    return _odd("half angle")(x)


def sin(x: int) -> int:
    """2t/(1 + t²) for an odd function t of x."""
    t = _half_angle(x)
    return 2 * t * m.reciprocal(1 + t * t) % PRIME


def cos(x: int) -> int:
    """(1 - t²)/(1 + t²) for the same t."""
    t = _half_angle(x)
    return (1 - t * t) * m.reciprocal(1 + t * t) % PRIME


def log(x: int) -> int:
    """Stands for the logarithm: 0 at 1, log(1/x) = -log(x)."""
    if x == 0:
        raise DomainError("the logarithm of zero")
    size, sign = (x, 1) if x <= (other := m.reciprocal(x)) else (other, -1)
    return 0 if size == 1 else sign * scattered("log", size) % PRIME


def root(x: int, degree: int) -> int:
    """Stands for the root of a degree; 0 and 1 stay."""
    return x if x in (0, 1) else scattered("root", degree, x)


ELEMENTWISE: dict[str, Callable[[int], int]] = {
    "exp": exp,
    "log": log,
    "sqrt": lambda x: root(x, 2),
    "sin": sin,
    "cos": cos,
    "arcsin": _odd("arcsin"),
    "arctan": _odd("arctan"),
    "erf": _odd("erf"),
}


def elementwise_power(x: int, exponent: int) -> int:
    """x to a power that is an integer modulo the prime, small in absolute value, or opaque otherwise."""
    size, sign = _unsigned(exponent)
    if size < 64:
        return pow(x, size, PRIME) if sign == 1 else m.reciprocal(pow(x, size, PRIME))
    for degree in (2, 3, 4):
        whole, sign = _unsigned(exponent * degree % PRIME)
        if whole < 64:
            value = pow(root(x, degree), whole, PRIME)
            return value if sign == 1 else m.reciprocal(value)
    if sign == -1 and x:
        return m.reciprocal(scattered("power", x, size))
    return scattered("power", x, size)


def _trace(a: Sequence[Matrix], _: Sizes) -> Matrix:
    return [[sum(row[i] for i, row in enumerate(a[0])) % PRIME]]


def _sum(a: Sequence[Matrix], _: Sizes) -> Matrix:
    return [[sum(map(sum, a[0])) % PRIME]]


def _diagonal(a: Sequence[Matrix], _: Sizes) -> Matrix:
    return [[row[i]] for i, row in enumerate(a[0])]


def _diagonal_matrix(a: Sequence[Matrix], _: Sizes) -> Matrix:
    return [[row[0] if i == j else 0 for j in range(len(a[0]))] for i, row in enumerate(a[0])]


def _lower(a: Sequence[Matrix], _: Sizes) -> Matrix:
    return [[x if j <= i else 0 for j, x in enumerate(row)] for i, row in enumerate(a[0])]


def _upper(a: Sequence[Matrix], _: Sizes) -> Matrix:
    return [[x if j >= i else 0 for j, x in enumerate(row)] for i, row in enumerate(a[0])]


def _adjugate(a: Sequence[Matrix], _: Sizes) -> Matrix:
    return m.scaled(m.determinant(a[0]), m.inverse(a[0]))


def _pseudoinverse(a: Sequence[Matrix], _: Sizes) -> Matrix:
    x = a[0]
    t = m.transposed(x)
    if len(x) >= len(x[0]):
        return m.solved(m.product(t, x), t)
    return m.product(t, m.inverse(m.product(x, t)))


def _sylvester(a: Sequence[Matrix], _: Sizes) -> Matrix:
    """A Z + Z B = C through (I ⊗ A + Bᵀ ⊗ I) vec Z = vec C."""
    left, right, c = a
    rows, columns = m.shape_of(c)
    system = m.added(m.kronecker(m.identity(columns), left), m.kronecker(m.transposed(right), m.identity(rows)))
    return m.unstacked(m.solved(system, m.stacked(c)), rows, columns)


def _stein(a: Sequence[Matrix], _: Sizes) -> Matrix:
    """P = A P Aᵀ + Q through (I - A ⊗ A) vec P = vec Q."""
    left, q = a
    n = len(q)
    system = m.added(m.identity(n * n), m.kronecker(left, left), -1)
    return m.unstacked(m.solved(system, m.stacked(q)), n, n)


def _convolution_matrix(a: Sequence[Matrix], sizes: Sizes) -> Matrix:
    k, n = len(a[0]), sizes[0]
    return [[a[0][i - j][0] if 0 <= i - j < k else 0 for j in range(n)] for i in range(n + k - 1)]


def _product_of_entries(a: Sequence[Matrix], _: Sizes) -> Matrix:
    total = 1
    for row in a[0]:
        for x in row:
            total = total * x % PRIME
    return [[total]]


def _sums_along(a: Matrix, place: Callable[[int, int], int]) -> Matrix:
    totals: dict[int, int] = {}
    n = len(a)
    for i in range(n):
        for j in range(n):
            totals[place(i, j)] = totals.get(place(i, j), 0) + a[i][j]
    return [[totals[place(i, j)] % PRIME for j in range(n)] for i in range(n)]


ALGEBRAIC: dict[str, Kernel] = {
    "tr": _trace,
    "sum": _sum,
    "diag": _diagonal,
    "Diag": _diagonal_matrix,
    "vec": lambda a, _: m.stacked(a[0]),
    "unvec": lambda a, s: m.unstacked(a[0], s[0], s[1]),
    "tril": _lower,
    "triu": _upper,
    "toepsum": lambda a, _: _sums_along(a[0], lambda i, j: j - i),
    "circsum": lambda a, _: _sums_along(a[0], lambda i, j: (j - i) % len(a[0])),
    "kron": lambda a, _: m.kronecker(a[0], a[1]),
    "convmtx": _convolution_matrix,
    "vcat": lambda a, _: [*a[0], *a[1]],
    "hcat": lambda a, _: [[*r, *s] for r, s in zip(a[0], a[1], strict=True)],
    "top": lambda a, s: a[0][: s[0]],
    "bottom": lambda a, s: a[0][len(a[0]) - s[0] :],
    "left": lambda a, s: [row[: s[0]] for row in a[0]],
    "right": lambda a, s: [row[len(row) - s[0] :] for row in a[0]],
    "det": lambda a, _: [[m.determinant(a[0])]],
    "inv": lambda a, _: m.inverse(a[0]),
    "adj": _adjugate,
    "pinv": _pseudoinverse,
    "sylvester": _sylvester,
    "stein": _stein,
    "prod": _product_of_entries,
    "conj": lambda a, _: a[0],
}
"""Operations that are computed; those with a definition go through it; all others are opaque."""
