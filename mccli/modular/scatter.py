"""Numbers that look drawn at random and depend on what they are asked for alone, on every machine alike."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mccli.modular.matrices import PRIME, Matrix

_MASK = (1 << 64) - 1
_GOLDEN = 0x9E3779B97F4A7C15


def scattered(*content: int | str) -> int:
    """A residue that depends on the numbers and words given (a multiply-xorshift hash)."""
    state = _GOLDEN
    for part in content:
        number = part if isinstance(part, int) else int.from_bytes(part.encode(), "little") % PRIME
        state = ((state ^ number) * 0xBF58476D1CE4E5B9) & _MASK
        state = ((state ^ (state >> 29)) * 0x94D049BB133111EB) & _MASK
        state ^= state >> 31
    return state % PRIME


def scattered_matrix(rows: int, columns: int, *content: int | str) -> Matrix:
    """A matrix of such residues, none of them zero."""
    seed = scattered(*content)
    return [[scattered(seed, i, j) or 1 for j in range(columns)] for i in range(rows)]


def entries(matrices: Iterable[Matrix]) -> Iterator[int]:
    """The shapes and entries of matrices, one after the other."""
    for matrix in matrices:
        yield len(matrix)
        yield len(matrix[0])
        for row in matrix:
            yield from row
