"""What the engine derives for a record beside what the record says: exactly where that decides, else up to rounding."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mccli.expressions.properties import LINEAR_SPACES
from mccli.numeric.records.claims import Claim
from mccli.numeric.records.places import RecordPoint
from mccli.numeric.records.stated import Pair, drawn_directions
from mccli.numeric.spaces import in_space

Array = NDArray[Any]

RELATIVE, FAR = 1e-12, 1e-9
"""What counts as equal beside rounding, at ordinary points and far from them."""
SEED = 4
JITTER, JITTERS, MARGIN = 1e-14, 3, 30.0
"""Arrays are changed by this much, so often; differences of so many times what that changes are rounding."""


class Compared(NamedTuple):
    """Values at a point, and the largest difference that rounding explains."""

    pair: Pair
    allowed: float


def compared(claim: Claim, point: RecordPoint, relative: float) -> Compared | None:
    """Both sides of a claim at a point. None where one of them overflows."""
    directions = {f"d{name}": direction for name, direction in drawn_directions(point, SEED).items()}
    expected, found = _values(claim, point, directions)
    if not (np.all(np.isfinite(expected)) and np.all(np.isfinite(found))):
        return None
    pair = Pair(claim.field, expected, found)
    if expected.shape != found.shape:
        return Compared(pair, 0.0)
    allowed = relative * max(_size(expected), _size(found))
    if _size(expected - found) <= allowed:
        return Compared(pair, allowed)
    return Compared(pair, allowed + MARGIN * _noise(claim, point, directions, (expected, found)))


def _values(claim: Claim, point: RecordPoint, directions: dict[str, Array]) -> tuple[Array, Array]:
    return point.value(claim.expected, directions), point.value(claim.found, directions)


def _noise(claim: Claim, point: RecordPoint, directions: dict[str, Array], at_point: Sequence[Array]) -> float:
    """What changes in the last digits of the arrays change in either side."""
    changes = [
        _size(new - old)
        for near in _nearby(point)
        for new, old in zip(_values(claim, near, directions), at_point, strict=True)
    ]
    return max((c for c in changes if np.isfinite(c)), default=0.0)


def _nearby(point: RecordPoint) -> Iterator[RecordPoint]:
    symbols = point.statement.symbols
    for seed in range(JITTERS):
        rng = np.random.default_rng(seed)
        arrays = {}
        for name, x in point.arrays.items():
            properties = symbols[name].properties if name in symbols else frozenset()
            moved = x if "integer" in properties else x * (1 + JITTER * rng.normal(size=x.shape))
            arrays[name] = in_space(moved, properties & LINEAR_SPACES)
        yield RecordPoint(point.statement, point.sizes, arrays)


def _size(x: Array) -> float:
    return float(np.max(np.abs(x)))
