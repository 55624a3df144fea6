"""Wrong entries among a million, by halving the range that a failing direction moves.

The disagreement along a direction is the sum of the disagreements along its parts: one half is measured, the other
follows by subtraction. The part with the largest disagreement is halved next.
"""

from __future__ import annotations

import heapq
import time
from dataclasses import dataclass

import numpy as np

from mccli.numeric.gradcheck.probes import Measured
from mccli.numeric.gradcheck.problem import Array
from mccli.numeric.gradcheck.table import Prober


@dataclass(frozen=True)
class Part:
    """A range of entries and by how much its slope is off."""

    low: int
    high: int
    off: Array
    tolerance: Array

    @property
    def severity(self) -> float:
        """How far off, in units of the tolerance."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return float(np.nan_to_num(np.max(np.abs(self.off) / self.tolerance), nan=0.0, posinf=1e300))

    @property
    def wrong(self) -> bool:
        """Whether there is a wrong entry inside for certain."""
        return bool(np.any(np.abs(self.off) > self.tolerance))


@dataclass
class Bisection:
    """The search for the wrong entries of one argument."""

    prober: Prober
    v: Array
    most: int
    evaluations: int
    deadline: float | None = None
    finished: bool = False

    def part(self, low: int, high: int) -> Part:
        """Measure a range of entries."""
        masked = np.zeros_like(self.v)
        masked.flat[low:high] = self.v.flat[low:high]
        direction = {self.prober.name: masked}
        spot = self.prober.spot
        said = spot.claim.along(direction)
        measured = Measured(spot, direction, "part", self.prober.slope(direction), said)
        return Part(low, high, said.value - measured.slope.value, measured.tolerance)

    def run(self) -> list[int]:
        """Indices of wrong entries, at most so many; ``finished`` says whether these are all that can be seen."""
        whole = self.part(0, self.v.size)
        queue = [(-whole.severity, 0, whole)] if whole.wrong else []
        found: list[int] = []
        calls, ticket = self.prober.spot.calls, 0
        stop = calls.values + calls.gradients + self.evaluations
        while queue and len(found) < self.most:
            if calls.values + calls.gradients > stop or (self.deadline and time.monotonic() > self.deadline):
                return found
            part = heapq.heappop(queue)[2]
            if part.high - part.low == 1:
                found.append(part.low)
                continue
            for half in self.halves(part):
                if half.wrong:
                    ticket += 1
                    heapq.heappush(queue, (-half.severity, ticket, half))
        self.finished = not queue
        return found

    def halves(self, part: Part) -> tuple[Part, Part]:
        """One half measured, the other by subtraction; measured too where the rest could hide something."""
        middle = (part.low + part.high) // 2
        left = self.part(part.low, middle)
        right = Part(middle, part.high, part.off - left.off, part.tolerance + left.tolerance)
        if not left.wrong and not right.wrong:
            right = self.part(middle, part.high)
        return left, right
