"""A small disagreement that is the same part of the slope along every direction: a factor, which no solver makes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from mccli.numeric.gradcheck.disagreement import TINY
from mccli.numeric.gradcheck.probes import Measured
from mccli.numeric.gradcheck.report import Finding
from mccli.numeric.gradcheck.spot import Spot
from mccli.numeric.gradcheck.table import Prober

PROBES = 3
"""Directions along which it must be the same."""

ENTRIES = 3
"""With no more entries than these, directions are too much alike."""

SAME, SURE = 0.05, 3.0
"""So much of the factor's distance from 1 may differ; and errors are no larger than so many times their estimates."""


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


def factor_along_others(
    measured: Measured, prober: Prober, spots: Sequence[Spot], rng: np.random.Generator
) -> float | None:
    """The factor that a failing direction has in common with others, at every point; none are tried once one differs.

    At one point a solver's bias may be the same part of every slope: where there is one number that it depends on.
    """
    probes = [measured]
    for spot in [measured.spot, *(other for other in spots for _ in range(2) if other is not measured.spot)]:
        direction = {prober.name: spot.direction(prober.name, rng, prober.structure)}
        found = replace(prober, spot=spot).slope(direction)
        probe = Measured(spot, direction, "random", found, spot.claim.along(direction))
        if not found.found or np.any(SURE * found.error > SAME * probe.difference):
            return None
        probes.append(probe)
        if _same(probes) is None:
            return None
    return common_factor(probes)


def off_by(factor: float) -> Finding:
    """For a gradient that is off by the same factor everywhere."""
    return Finding("differs", f"along every direction the gradient is off by the same factor, 1 {factor:+.2g}")
