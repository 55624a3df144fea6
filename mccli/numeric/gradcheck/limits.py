"""What a successful check could have seen: the smallest error of a single entry.

A probe along v with tolerance tau and residual r sees an error delta of entry i for certain if |delta v_i| > tau + |r|.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from mccli.numeric.gradcheck.probes import Measured
from mccli.numeric.gradcheck.problem import Array
from mccli.numeric.gradcheck.report import Limit
from mccli.numeric.gradcheck.spot import Spot


@dataclass
class Sight:
    """For every entry of one argument the smallest error that some probe at one point would have seen."""

    name: str
    spot: Spot
    smallest: Array

    def limit(self) -> Limit:
        """Absolute, relative to the gradient's scaled entries, and the share of entries whose doubling shows."""
        scale = self.spot.scale(self.name)
        moving = scale > 0
        seen, scales = self.smallest[moving], scale[moving]
        weight = self.spot.claim.weight(self.name, scale.shape)
        if weight is None:
            return Limit(float(np.max(seen)), float("nan"), float("nan"))
        g = weight[moving]
        typical = float(np.sqrt(np.mean((g * scales) ** 2)))
        relative = float(np.max(seen * scales)) / typical if typical else float("inf")
        return Limit(float(np.max(seen)), relative, float(np.mean(g > seen)))


def smallest_seen(name: str, probes: list[Measured]) -> Limit | None:
    """The limit at the point where it is the lowest; a mistake is taken to be made at every point."""
    sights: dict[int, Sight] = {}
    for measured in probes:
        spot, v = measured.spot, np.abs(measured.direction[name])
        if not np.any(spot.scale(name) > 0):
            return None
        blur = float(np.max(measured.tolerance + measured.difference))
        with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
            seen = np.where(v > 0, blur / np.where(v > 0, v, 1.0), np.inf)
        sight = sights.setdefault(spot.number, Sight(name, spot, seen))
        sight.smallest = np.minimum(sight.smallest, seen)
    limits = [sight.limit() for sight in sights.values()]
    return min(limits, key=lambda limit: limit.relative, default=None)


def at_least(limit: Limit, relative: float) -> Limit:
    """The limit where smaller mistakes would have been put down to a solver."""
    if not limit.relative < relative:
        return limit
    with np.errstate(divide="ignore"):
        factor = float(np.float64(relative) / limit.relative)
    return replace(limit, absolute=limit.absolute * factor, relative=relative)
