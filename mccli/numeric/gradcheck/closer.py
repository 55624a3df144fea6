"""A closer look at a disagreement that is too small to be the mistake it looks like.

A function with an iterative solver inside is smooth where the number of iterations stays the same, and its slope is
known to 12 digits; yet the textbook gradient is that of the solution itself and agrees to as many digits as the solver
was asked for. Such a bias is small in every entry. Mistakes are not: they are large in some entry, or in one entry
only, or the same factor in all of them.
"""

from __future__ import annotations

from typing import Literal

from mccli.numeric.gradcheck.calls import Spent
from mccli.numeric.gradcheck.disagreement import DOUBTFUL, SMALL, TINY, relative
from mccli.numeric.gradcheck.interpolated import MORE_NODES, NEAR, NODES, WIDE, interpolated
from mccli.numeric.gradcheck.ladder import Slope
from mccli.numeric.gradcheck.locate import Located, Search
from mccli.numeric.gradcheck.probes import Measured
from mccli.numeric.gradcheck.table import Prober

EVALUATIONS = 6
"""For the slope along a part of a direction, with steps that suited the whole."""

TELLING, TRACE = 2e-3, 1e-5
"""Jumps of that part of the disagreement explain it; smaller ones, down to the other, may have to do with it."""

FAINT = 1e-4
"""Where no evaluations are left for a nearer look, f is smooth if it cannot jump by more than that."""

Judgement = Literal["pinned", "solver", "unclear"]


class Closer:
    """Whether a small disagreement is pinned to an entry, or is as a solver would make it.

    Where the evaluations do not suffice to find out, a disagreement that may be a solver's counts as one: the limit
    that is then reported is above anything that could be behind it. Spent if it is too large for that.
    """

    def __init__(self, measured: Measured, prober: Prober, inexact: bool = False) -> None:
        self.measured, self.prober, self.inexact = measured, prober, inexact
        self.unlimited = measured.spot.calls.ceiling is None
        self.unsettled = False
        """Whether it counts as a solver's for want of evaluations."""

        self.slope: Slope | None = None
        """The slope by interpolation, where f was seen to be smooth."""

        self.entry: Measured | None = None
        """An entry that is off by much, by itself."""

    def judgement(self) -> Judgement:
        """What it is."""
        part = relative(self.measured)
        if self.measured.spot.second or part > DOUBTFUL:
            return "pinned"
        return self._among_roundings() if part <= TINY else self._beside_jumps(part)

    def _among_roundings(self) -> Judgement:
        """A disagreement so small that f need not be seen to jump."""
        try:
            found = Search(self.measured, self.prober).run()
            pinned = found.large or (found.alone and not self.jump())
        except Spent:
            self.unsettled = True
            return "solver"
        return self._pinned_to(found) if pinned else "solver"

    def _beside_jumps(self, part: float) -> Judgement:
        """A disagreement that would be too large for a solver if f did not jump by a good part of it."""
        explained: Judgement = "solver" if self.inexact and part <= SMALL else "unclear"
        search = Search(self.measured, self.prober)
        try:
            found = search.single() or Located()
            if _is_slip(found, part):
                return self._pinned_to(found)
            jump = self.jump()
            if jump < TRACE:
                return self._pinned_to(found)
            explained = "solver" if jump >= TELLING and part <= SMALL else "unclear"
            found = search.halved()
        except Spent:
            if explained == "solver":
                return explained
            raise
        return self._pinned_to(found) if _is_slip(found, part) else explained

    def _pinned_to(self, found: Located) -> Judgement:
        self.entry = found.entry
        return "pinned"

    def jump(self) -> float:
        """How much f jumps along the direction, as a part of the disagreement; 0 where no jump is seen."""
        largest, smooth = 0.0, False
        for reach in (WIDE, NEAR):
            try:
                found = interpolated(self.measured, reach, MORE_NODES if self.unlimited else NODES)
            except Spent:
                if smooth:  # from afar; that has to do
                    break
                raise
            if found is None:
                continue
            largest = max(largest, found.jump(self.measured))
            if largest >= TRACE:
                break
            self.slope = self.slope or found.slope(self.measured)
            unseen = found.unseen(self.measured)
            if unseen <= TRACE and not self.unlimited:
                break
            smooth = unseen <= FAINT
        return largest


def _is_slip(found: Located, part: float) -> bool:
    """Whether an entry has more of a disagreement than a solver would leave to it."""
    return found.large or (found.alone and part > SMALL)
