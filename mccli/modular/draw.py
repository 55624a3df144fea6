"""Random matrices over the prime field, with the declared properties where these are algebraic."""

from __future__ import annotations

from collections.abc import Collection

from mccli.modular import matrices as m
from mccli.modular.matrices import PRIME, Matrix
from mccli.modular.scatter import scattered, scattered_matrix


def draw(properties: Collection[str], rows: int, columns: int, *seed: int | str) -> Matrix:
    """A matrix with the declared properties; positivity and the like have no meaning here."""
    if "integer" in properties:
        return [[2 + scattered(*seed) % 4]]
    x = scattered_matrix(rows, columns, *seed)
    if "diagonal" in properties:
        return [[v if i == j else 0 for j, v in enumerate(row)] for i, row in enumerate(x)]
    if "orthogonal" in properties:
        return _orthogonal(x)
    if "symmetric" in properties:
        return m.added(x, m.transposed(x))
    if "skew" in properties:
        return m.added(x, m.transposed(x), -1)
    if "lower" in properties:
        return [[v if j <= i else 0 for j, v in enumerate(row)] for i, row in enumerate(x)]
    if "upper" in properties:
        return [[v if j >= i else 0 for j, v in enumerate(row)] for i, row in enumerate(x)]
    if "simplex" in properties:
        return m.scaled(m.reciprocal(sum(map(sum, x)) % PRIME), x)
    return _unit(x) if "unit" in properties else x


def _orthogonal(x: Matrix) -> Matrix:
    """(I - K)(I + K)⁻¹ for a skew K (Cayley)."""
    k = m.added(x, m.transposed(x), -1)
    one = m.identity(len(x))
    return m.product(m.added(one, k, -1), m.inverse(m.added(one, k)))


def _unit(x: Matrix) -> Matrix:
    """The reflection of the first unit vector at the hyperplane orthogonal to x: a rational vector of norm 1."""
    norm = sum(v * v for row in x for v in row)
    factor = 2 * x[0][0] * m.reciprocal(norm) % PRIME
    first = [[1 if i == j == 0 else 0 for j in range(len(x[0]))] for i in range(len(x))]
    return m.added(first, x, -factor)
