"""Random directions that see every entry.

Sign times U[.5, 1.5], scaled by the entries: no entry is nearly left out (as with normal numbers) and two errors do not
cancel twice (as with signs alone).
"""

from __future__ import annotations

import numpy as np

from mccli.numeric.gradcheck.problem import Array
from mccli.numeric.gradcheck.scales import some_of

LEAST, MOST = 0.5, 1.5
FAINTEST = 1e-9
"""No entry is turned down further than this in a balanced direction."""


def signs_and_sizes(shape: tuple[int, ...], rng: np.random.Generator) -> Array:
    """Random signs times U[.5, 1.5]."""
    sizes, sides = np.asarray(rng.uniform(LEAST, MOST, shape)), np.asarray(rng.random(shape))
    return np.asarray(np.copysign(sizes, np.subtract(sides, 0.5, out=sides), out=sizes))


def balancing(weight: Array | None, scales: Array) -> Array | float:
    """Factors that keep large contributions to the slope from drowning small ones.

    An entry whose contribution |g_i| s_i is beyond the lower quartile is turned down to it. The user's own gradient
    serves: where it is far too small, nothing is turned down; where it is far too large, its product with the direction
    remains as large as that of the others.
    """
    if weight is None:
        return 1.0
    share = np.abs(weight) * scales
    used = share[(share > 0) & np.isfinite(share)]
    if used.size < 2:
        return 1.0
    quiet = float(np.quantile(some_of(used), 0.25))
    with np.errstate(divide="ignore", over="ignore"):
        return np.asarray(np.clip(np.where(share > quiet, quiet / share, 1.0), FAINTEST, 1.0))
