"""One argument: its probes at every point, and what they come to."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from mccli.numeric.gradcheck.allowance import Allowance
from mccli.numeric.gradcheck.calls import Spent
from mccli.numeric.gradcheck.complex_step import ComplexTrust, complex_error, complex_slope
from mccli.numeric.gradcheck.confirm import CLAIM_MARGIN, LADDER, ROUGH, claim_noise
from mccli.numeric.gradcheck.disagreement import LARGE, OUTSTANDING
from mccli.numeric.gradcheck.excuses import Excuses
from mccli.numeric.gradcheck.factor import common_factor, off_by
from mccli.numeric.gradcheck.kinks import kink_in
from mccli.numeric.gradcheck.ladder import RATIO, START, Slope, continued, slope
from mccli.numeric.gradcheck.limits import at_least, smallest_seen
from mccli.numeric.gradcheck.noise import EPS
from mccli.numeric.gradcheck.probes import OUTSIDE, Judged, Measured
from mccli.numeric.gradcheck.problem import Direction
from mccli.numeric.gradcheck.report import Limit, Verdict
from mccli.numeric.gradcheck.second import second_slope
from mccli.numeric.gradcheck.second_look import SPENT, SecondLook
from mccli.numeric.gradcheck.spot import Spot
from mccli.numeric.gradcheck.structures import Structure

QUIET = 1e3
"""Noise of more than so many roundings is no rounding."""


@dataclass
class Examination:
    """The probes of one derivative with respect to one argument, or to all of them together."""

    names: tuple[str, ...]
    allowance: Allowance
    rng: np.random.Generator
    trust: ComplexTrust = field(default_factory=ComplexTrust)
    judged: list[Judged] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    structure: Structure | None = None
    start: float = START
    second_looks: int = 0
    found_below: bool = False
    """Whether the start was learnt from a second look, at this point only."""

    spots: list[Spot] = field(default_factory=list)
    """All the points."""

    suspicious: list[Judged] = field(default_factory=list)
    """Probes that pass by differences and fail by the complex step."""

    excuses: Excuses = field(default_factory=Excuses)
    """Disagreements that were put down to a solver inside f."""

    @property
    def wrong(self) -> bool:
        """Whether some probe has failed for good."""
        return any(j.verdict == "wrong" for j in self.judged)

    def run(self, spots: list[Spot], probes: int) -> None:
        """All probes at all points; where one fails, the others at that point are not needed."""
        self.spots, total = spots, len(spots) * probes
        for i, spot in enumerate(spots):
            for k in range(probes):
                if not self.goes_on:
                    break
                if k == 0 and self.found_below:
                    self.start, self.found_below = START, False
                later = total - i * probes - k - 1
                verdict = self.one(spot, k, later)
                if verdict == "cannot tell" and k == 0 and i > 0 and self.start < START and self.allowance.suffices:
                    self.judged.pop()  # steps that suited the other point need not suit this one
                    self.start = START
                    verdict = self.one(spot, k, later)
                if verdict == "wrong" or self.at_kink(spot) or self.judged[-1].finding is OUTSIDE:
                    break
        self.off_by_a_factor()
        self.sharpen()

    @property
    def goes_on(self) -> bool:
        """Whether there is time, and evaluations are left."""
        return not self.judged or (self.allowance.in_time and self.allowance.suffices)

    def at_kink(self, spot: Spot) -> bool:
        """Whether a second look has found a kink at the point."""
        last = self.judged[-1]
        return last.measured.spot is spot and last.kink

    def one(self, spot: Spot, number: int, later: int) -> Verdict:
        """One probe; the odd ones are balanced."""
        balanced = number % 2 == 1
        direction = {n: spot.direction(n, self.rng, self.structure, balanced) for n in self.names}
        along = f"{'balanced' if balanced else 'random'} {self.structure.name if self.structure else ''}".strip()
        return self.looked(spot, direction, along, number, later)

    def looked(self, spot: Spot, direction: Direction, along: str, number: int, later: int) -> Verdict:
        """The verdict along a direction, a failure looked at again."""
        measured = self.measure(spot, direction, along, later, first=number == 0)
        verdict, finding = measured.verdict()
        if verdict != "wrong" or finding is not None:
            return self.settle(Judged(measured, verdict, finding))
        try:
            longer = self.longer(measured)
            if longer.verdict()[0] == "right":
                return self.settle(Judged(longer, "right"))
            return SecondLook(self, measured).verdict(number, later)
        except Spent:
            return self.settle(Judged(measured, "cannot tell", SPENT))

    def longer(self, measured: Measured) -> Measured:
        """A ladder that had to end early, taken further down."""
        spot, first = measured.spot, measured.slope
        if not first.cut or spot.second or not first.found:
            return measured
        line = spot.line(measured.direction)
        return replace(measured, slope=continued(first, line, spot.noise, spot.center, LADDER))

    def settle(self, judged: Judged) -> Verdict:
        """Keep a probe; say so if it has seen a kink."""
        self.judged.append(judged)
        slope_found = judged.measured.slope
        kink = kink_in(slope_found.rungs, judged.measured.spot.center, judged.measured.spot.noise)
        if judged.verdict == "right" and kink is not None and np.any(kink.jump > judged.measured.tolerance):
            self.remark("f has a kink at or near the point")
        return judged.verdict

    def remark(self, text: str) -> None:
        """Say it once."""
        if text not in self.remarks:
            self.remarks.append(text)

    def measure(self, spot: Spot, direction: Direction, along: str, later: int, first: bool) -> Measured:
        """The slope along a direction; by the complex step alone where that was verified before."""
        said = spot.claim.along(direction)
        if self.trust.verified and spot.number > 0 and not first:
            exact = complex_slope(spot, direction)
            if exact is not None:
                found = Slope(exact, complex_error(exact, said.rounding), 0.0)
                measured = Measured(spot, direction, along, found, said, exact, method_complex=True)
                if measured.verdict()[0] == "right":
                    return measured
        limit = self.allowance.for_ladder(later)
        # what hides below the steps at one direction hides there at the others; a second look would find it too
        line = spot.line(direction)
        if spot.second:
            return Measured(spot, direction, along, second_slope(line, spot.noise, spot.center, limit=limit), said)
        found = slope(line, spot.noise, spot.center, start=self.start, limit=limit, guard=first)
        self.learn(found)
        measured = Measured(spot, direction, along, found, said)
        return self.with_complex(measured)

    def learn(self, found: Slope) -> None:
        """The next ladder need not begin with the steps that were of no use to this one."""
        if found.found:
            low = found.restarted or self.start < START
            self.start = min(START, found.step * (RATIO**2 if low else RATIO**4))

    def with_complex(self, measured: Measured) -> Measured:
        """Try the complex step beside the differences."""
        spot = measured.spot
        if self.trust.refused or not spot.calls.problem.allow_complex or not measured.slope.found:
            return measured
        try:
            exact = complex_slope(spot, measured.direction)
        except Spent:
            return measured
        self.trust.compare(exact, measured.slope)
        return replace(measured, complex_value=exact)

    def off_by_a_factor(self) -> None:
        """Disagreements that look like a solver's one by one, and together are a mistake."""
        doubtful = self.excuses or any(j.finding is ROUGH for j in self.judged)
        factor = None if self.wrong or not doubtful else common_factor([j.measured for j in self.judged])
        if factor is not None:
            self.judged[0] = replace(self.judged[0], verdict="wrong", finding=off_by(factor))

    # ------------------------------------------------------------------------------------ sharper by complex step

    def sharpen(self) -> None:
        """Replace the differences by the complex step where it was verified."""
        if not self.trust.verified:
            return
        sharper = []
        for judged in self.judged:
            exact = judged.measured.complex_value
            if judged.verdict == "wrong" or judged.kink or exact is None or judged.measured.method_complex:
                sharper.append(judged)
                continue
            error = complex_error(exact, judged.measured.said.rounding)
            measured = judged.measured.with_complex(exact, np.minimum(error, judged.measured.slope.error))
            if measured.verdict()[0] == "wrong":
                # the user's own rounding may be all there is to it
                measured = replace(measured, extra=CLAIM_MARGIN * claim_noise(measured))
            if measured.verdict()[0] == "wrong" and self.excuses.alike(measured):
                measured = self.excuses.excuse(measured)
            if measured.verdict()[0] == "wrong":
                if np.any(measured.spot.noise.level > QUIET * EPS * np.abs(measured.spot.center)):
                    self.trust.refused = "f is noisy"  # and the imaginary part need not know of it
                    return
                self.suspicious.append(Judged(measured, "wrong"))
                sharper.append(judged)
            else:
                sharper.append(replace(judged, measured=measured, verdict="right", finding=None))
        self.judged = sharper

    def limit(self) -> Limit | None:
        """What the probes that passed could see."""
        passed = [j.measured for j in self.judged if j.verdict == "right"]
        found = smallest_seen(self.names[0], passed)
        if found is None or not self.excuses:
            return found
        entries = np.count_nonzero(passed[0].spot.scale(self.names[0]))
        return at_least(found, max(LARGE, OUTSTANDING * self.excuses.largest * entries**0.5))

    @property
    def method(self) -> str:
        """How the slopes were found."""
        if self.trust.verified and not self.suspicious:
            return "complex step, verified against differences"
        reason = f" (complex step refused: {self.trust.refused})" if self.trust.refused else ""
        return f"central differences, extrapolated{reason}"
