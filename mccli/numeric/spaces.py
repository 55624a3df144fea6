"""The linear spaces that a matrix can be declared to be in, as orthogonal projections of arrays."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def in_space(x: Array, properties: Collection[str]) -> Array:
    """The orthogonal projection onto the space with the given properties; the array itself if there is none."""
    if "diagonal" in properties:
        return np.asarray(np.diag(np.diag(x)))
    if "symmetric" in properties:
        return np.asarray((x + x.T) / 2)
    if "skew" in properties:
        return np.asarray((x - x.T) / 2)
    if "lower" in properties:
        return np.tril(x)
    return np.triu(x) if "upper" in properties else x
