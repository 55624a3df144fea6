"""Where a small disagreement comes from: one entry that explains it all, or the one to which halving leads."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from mccli.numeric.gradcheck.disagreement import fine_start, off_by_itself, parts, relative, stands_out
from mccli.numeric.gradcheck.probes import Measured
from mccli.numeric.gradcheck.problem import Array
from mccli.numeric.gradcheck.table import Prober

CLEAN = 0.05
"""One half has all of the disagreement if the other has no more than this part of it."""

ENOUGH, OTHERS = 3, 2
"""So many halvings in a row with all of it on one side are no accident; the first two may part wrong entries."""

DOUBT, BLUR = 0.3, 0.2
COARSE = 4
"""Evaluations for the slope along a half: two steps."""

FEW = 8
"""So many entries are as soon halved."""

ALL = 2e-3
"""An entry has all of the disagreement if no more than this part of it is left."""

SURE = 3.0
"""Errors are no larger than so many times their estimates."""


@dataclass(frozen=True)
class Located:
    """Where a disagreement was followed to.

    ``large``: an entry that is off by much; ``alone``: one that is alone in being off, or off by much of itself.
    """

    large: bool = False
    alone: bool = False
    entry: Measured | None = None
    """The entry by itself."""


class Search:
    """Looking for the entry behind a failing direction."""

    def __init__(self, measured: Measured, prober: Prober) -> None:
        self.measured, self.prober = measured, prober
        self.output = int(np.argmax(parts(measured)))
        """Of many outputs, the one that is off the most."""
        ((self.name, self.v),) = measured.direction.items()
        self.used = np.flatnonzero(self.v)

    def run(self) -> Located:
        """An entry by itself, or nothing that could be seen."""
        return self.single() or self.halved()

    def single(self) -> Located | None:
        """The entry that has all of the disagreement, if there is one.

        Along the direction times weights, one for each entry, that disagreement is multiplied by the weight of its
        entry, which is thereby known.
        """
        used, off = self.used, self.off(self.measured)
        if self.prober.structure is not None or used.size <= FEW:
            return None
        while used.size > 1:
            weights = np.linspace(0.5, 1.5, used.size)
            looked = self.part(used, self.prober, weights)
            if looked is None:
                return None
            blur = (self.error(looked) + self.error(self.measured)) / abs(off) + 0.5 / (used.size - 1)
            near = used[np.abs(weights - self.off(looked) / off) <= blur]
            if not near.size or near.size > max(used.size // 4, 1):
                return None
            used = near
        found = self.entry(used, alone=True)
        if found.entry is None:
            return None
        rest = abs(self.off(found.entry) - self.off(self.measured))
        blur = self.error(found.entry) + self.error(self.measured)
        return found if rest <= max(blur, ALL * abs(self.off(self.measured))) else None

    def halved(self) -> Located:
        """Always into the half that is off the most."""
        used, off = self.used, self.off(self.measured)
        halvings = clean = 0
        coarse = (
            self.prober if self.prober.exact else replace(self.prober, limit=COARSE, start=fine_start(self.measured, 2))
        )
        while used.size > 1:
            middle = used.size // 2
            left = self.part(used[:middle], coarse)
            if left is None:
                return Located()
            one, other, doubt = self.off(left), off - self.off(left), float(left.tolerance[self.output])
            less, more = sorted((abs(one), abs(other)))
            if more <= DOUBT * doubt:
                return Located()
            halvings += 1
            clean = clean + 1 if less <= max(CLEAN * more, BLUR * doubt) else 0
            used, off = (used[:middle], one) if abs(one) >= abs(other) else (used[middle:], other)
        return self.entry(used, alone=clean >= max(ENOUGH, halvings - OTHERS))

    def entry(self, used: Array, alone: bool) -> Located:
        """The verdict about the one that is left, looked at by itself."""
        looked = self.part(used, self.prober)
        if looked is None or abs(self.off(looked)) <= looked.tolerance[self.output]:
            return Located()
        alone = alone or off_by_itself(looked, self.output)
        return Located(stands_out(looked, relative(self.measured), self.output), alone, looked)

    def off(self, measured: Measured) -> float:
        """By how much the claim is off."""
        return float((measured.said.value - measured.slope.value)[self.output])

    def error(self, measured: Measured) -> float:
        """How well that is known."""
        return float((SURE * measured.slope.error + measured.said.rounding)[self.output])

    def part(self, used: Array, prober: Prober, weights: Array | float = 1.0) -> Measured | None:
        """The slope with some of the entries moving."""
        masked = np.zeros_like(self.v)
        masked.flat[used] = self.v.flat[used] * weights
        if prober.structure is not None:
            masked = prober.structure.project(masked)
        direction = {self.name: masked}
        said = prober.spot.claim.along(direction)
        measured = Measured(prober.spot, direction, "part", prober.slope(direction), said)
        return measured if measured.slope.found else None


def coarser(prober: Prober, measured: Measured) -> Prober:
    """One that tells a disagreement from its half with two steps."""
    return prober if prober.exact else replace(prober, limit=COARSE, start=fine_start(measured, 2))
