"""A small disagreement that is the same part of the slope along every direction: a factor, which no solver makes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mccli.numeric.gradcheck.disagreement import TINY
from mccli.numeric.gradcheck.probes import Measured
from mccli.numeric.gradcheck.table import Prober

PROBES = 3
"""Directions along which it must be the same."""

ENTRIES = 3
"""With no more entries than these, directions are too much alike."""

SAME = 0.05
"""So much of the factor's distance from 1 may differ."""


def common_factor(probes: Sequence[Measured]) -> float | None:
    """By how much all slopes are off, as a part of themselves; None if that differs, or there are too few."""
    return _same(probes) if len(probes) >= PROBES else None


def _same(probes: Sequence[Measured]) -> float | None:
    if any(m.spot.center.size > 1 or np.any(m.slope.value == 0) for m in probes):
        return None
    if max(np.count_nonzero(v) for v in probes[0].direction.values()) <= ENTRIES:
        return None
    off = np.array([float((m.said.value / m.slope.value)[0]) - 1 for m in probes])
    middle = float(np.median(off))
    return middle if abs(middle) > TINY and np.all(np.abs(off - middle) <= SAME * abs(middle)) else None


def factor_along_others(measured: Measured, prober: Prober, rng: np.random.Generator) -> float | None:
    """The factor that a failing direction and other ones have in common; no more are tried once one differs."""
    probes, spot = [measured], measured.spot
    while len(probes) < PROBES and _same(probes) is not None:
        direction = {prober.name: spot.direction(prober.name, rng, prober.structure)}
        found = Measured(spot, direction, "random", prober.slope(direction), spot.claim.along(direction))
        if not found.slope.found or np.any(found.slope.error > SAME * found.difference):
            return None
        probes.append(found)
    return common_factor(probes)
