"""How often the user's function may be called: a fixed number for each argument, whatever its size."""

from __future__ import annotations

import time
from dataclasses import dataclass

from mccli.numeric.gradcheck.calls import Calls
from mccli.numeric.gradcheck.problem import Kind

PER_ARGUMENT = 60
"""Evaluations of f for an argument with the usual two probes at two points."""

PER_PROBE = PER_ARGUMENT // 4
SHORTEST, LONGEST = 8, 28
"""Evaluations of one ladder: no fewer tell anything, no more are of use."""


@dataclass
class Allowance:
    """Evaluations and time that are left."""

    calls: Calls
    kind: Kind
    total: int
    deadline: float | None = None
    spent_before: int = 0

    @property
    def spent(self) -> int:
        """Evaluations of the function that is differentiated."""
        return self.calls.count(self.kind) - self.spent_before

    @property
    def left(self) -> int:
        """Evaluations that are left."""
        return self.total - self.spent

    def for_ladder(self, later: int) -> int:
        """How long a ladder may be if so many others are to follow."""
        return max(SHORTEST, min(LONGEST, self.left - later * (SHORTEST + 1) - 1))

    @property
    def suffices(self) -> bool:
        """Whether there is enough left for a probe."""
        return self.left >= SHORTEST + 2  # and two complex steps

    @property
    def in_time(self) -> bool:
        """Whether there is time left."""
        return self.deadline is None or time.monotonic() < self.deadline


def evaluations_allowed(arguments: int, points: int, probes: int) -> int:
    """60 for each argument; more only if more probes were asked for than usual."""
    return max(1, arguments) * max(PER_ARGUMENT, PER_PROBE * points * probes)
