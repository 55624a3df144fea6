"""How often the user's function may be called: a fixed number for each argument, whatever its size."""

from __future__ import annotations

import time
from dataclasses import dataclass

from mccli.numeric.gradcheck.calls import Calls
from mccli.numeric.gradcheck.problem import Kind

PER_ARGUMENT = 60
"""Evaluations of f for an argument with the usual two probes at two points."""

PER_PROBE = PER_ARGUMENT // 4
PLENTY = 10**9
SHORTEST, LONGEST = 8, 28
"""Evaluations of one ladder: no fewer tell anything, no more are of use."""


@dataclass
class Allowance:
    """Evaluations and time that are left."""

    calls: Calls
    kind: Kind
    total: int | None
    """Evaluations, those before the beginning included; None: as many as it takes."""

    deadline: float | None = None
    before: int = 0
    """What was spent on it before it began."""

    kept: int = 0
    """Of the total, what is meant for other probes, unless one fails."""

    def __post_init__(self) -> None:
        """From now on no more than these."""
        self.begun = self.calls.count(self.kind) - self.before
        self.calls.limit(self.kind, None if self.total is None else self.begun + self.total)

    @property
    def spent(self) -> int:
        """Evaluations of the function that is differentiated."""
        return self.calls.count(self.kind) - self.begun

    @property
    def left(self) -> int:
        """Evaluations that are left."""
        return PLENTY if self.total is None else self.total - self.spent

    def for_ladder(self, later: int) -> int:
        """How long a ladder may be if so many others are to follow."""
        return max(SHORTEST, min(LONGEST, self.left - self.kept - later * (SHORTEST + 1) - 1))

    @property
    def suffices(self) -> bool:
        """Whether there is enough left for a probe."""
        return self.left - self.kept >= SHORTEST + 2  # and two complex steps

    @property
    def in_time(self) -> bool:
        """Whether there is time left."""
        return self.deadline is None or time.monotonic() < self.deadline


def evaluations_allowed(points: int, probes: int) -> int:
    """60 for an argument; more only if more probes were asked for than usual."""
    return max(PER_ARGUMENT, PER_PROBE * points * probes)
