"""One argument: its probes at every point, the second look at those that fail, and the verdict."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from math import ceil

import numpy as np

from mccli.numeric.gradcheck.allowance import Allowance
from mccli.numeric.gradcheck.closer import (
    EVALUATIONS,
    LARGE,
    OUTSTANDING,
    SMALL,
    TINY,
    common_factor,
    look_closer,
    relative,
)
from mccli.numeric.gradcheck.complex_step import ComplexTrust, complex_error, complex_slope
from mccli.numeric.gradcheck.confirm import CLAIM_MARGIN, ROUGH, Confirmed, claim_noise, confirm
from mccli.numeric.gradcheck.kinks import kink_in
from mccli.numeric.gradcheck.ladder import RATIO, START, Slope, slope
from mccli.numeric.gradcheck.limits import at_least, smallest_seen
from mccli.numeric.gradcheck.noise import EPS
from mccli.numeric.gradcheck.probes import Measured
from mccli.numeric.gradcheck.problem import Array, Direction
from mccli.numeric.gradcheck.report import Finding, Limit, Probe, Verdict
from mccli.numeric.gradcheck.second import second_slope
from mccli.numeric.gradcheck.spot import Spot
from mccli.numeric.gradcheck.structures import SYMMETRIC, Structure, is_symmetric
from mccli.numeric.gradcheck.table import Prober

QUIET = 1e3
"""Noise of more than so many roundings is no rounding."""

ALIKE = 30.0
"""A disagreement of at most so many times one that was excused is of the same kind."""

AGREED = 0.1
"""The complex step sees a disagreement if it misses no more than this part of it."""

LOOK = 30
"""Evaluations of a second look."""

KINK_ENTRIES, KINK_LOOKS = 8, 6
"""At a kink every entry of a small argument is looked at by itself, of a larger one so many further directions."""


@dataclass(frozen=True)
class Judged:
    """A probe with its verdict."""

    measured: Measured
    verdict: Verdict
    finding: Finding | None = None
    kink: bool = False

    @property
    def probe(self) -> Probe:
        """For the report."""
        return self.measured.probe(self.verdict, self.finding)


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

    suspicious: list[Judged] = field(default_factory=list)
    """Probes that pass by differences and fail by the complex step."""

    excused: float = 0.0
    """The largest disagreement that was put down to a solver inside f, as a part of the slope's scale."""

    @property
    def wrong(self) -> bool:
        """Whether some probe has failed for good."""
        return any(j.verdict == "wrong" for j in self.judged)

    def run(self, spots: list[Spot], probes: int) -> None:
        """All probes at all points; where one fails, the others at that point are not needed."""
        total = len(spots) * probes
        for i, spot in enumerate(spots):
            for k in range(probes):
                if not self.goes_on:
                    break
                if k == 0 and self.found_below:
                    self.start, self.found_below = START, False
                later = total - i * probes - k - 1
                verdict = self.one(spot, k, later)
                if verdict == "cannot tell" and k == 0 and i > 0 and self.start < START:
                    self.judged.pop()  # steps that suited the other point need not suit this one
                    self.start = START
                    verdict = self.one(spot, k, later)
                if verdict == "right" and self.at_kink(spot):
                    self.around_kink(spot)
                    break
                if verdict == "wrong" or self.at_kink(spot):
                    break
        self.off_by_a_factor()
        self.sharpen()

    @property
    def goes_on(self) -> bool:
        """Whether there is time, and evaluations are left; without any verdict these do not count."""
        told = any(j.verdict != "cannot tell" for j in self.judged)
        return not self.judged or (self.allowance.in_time and (self.allowance.suffices or not told))

    def at_kink(self, spot: Spot) -> bool:
        """Whether a second look has found a kink at the point."""
        last = self.judged[-1]
        return last.measured.spot is spot and last.kink

    def around_kink(self, spot: Spot) -> None:
        """Further directions at a kink: a value between the slopes along one of them may be outside along others."""
        size = sum(np.size(spot.direction(n, self.rng, self.structure, False)) for n in self.names)
        single = size <= KINK_ENTRIES and self.structure is None and len(self.names) == 1
        for k in range(size if single else KINK_LOOKS):
            direction = {n: spot.direction(n, self.rng, self.structure, False) for n in self.names}
            if single:
                direction = {n: np.where(np.arange(v.size).reshape(v.shape) == k, v, 0.0) for n, v in direction.items()}
            if self.looked(spot, direction, "one entry" if single else "random", k + 1, 0) == "wrong":
                break

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
        if verdict == "wrong" and finding is None:
            return self.second_look(measured, number, later)
        return self.settle(Judged(measured, verdict, finding))

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
        exact = complex_slope(spot, measured.direction)
        self.trust.compare(exact, measured.slope)
        return replace(measured, complex_value=exact)

    # ------------------------------------------------------------------------------------ probes that fail

    def second_look(self, measured: Measured, number: int, later: int) -> Verdict:
        """Before a failure counts: does f see one triangle only, and does it hold when looked at again."""
        if self.wrong:
            return self.settle(Judged(measured, "wrong"))  # confirmed at another point
        if self.alike(measured):
            return self.settle(Judged(self.excuse(measured), "right"))
        if self.structure is None and self.reads_one_triangle(measured.spot):
            self.structure = SYMMETRIC
            self.judged = [j for j in self.judged if j.measured.spot is not measured.spot]
            text = "f reads one triangle of the symmetric {}: compared on symmetric directions"
            self.remark(text.format(" and ".join(self.names)))
            return self.one(measured.spot, number, later)
        self.second_looks += 1
        before = self.allowance.spent
        confirmed = self.closer(confirm(measured))
        if self.excused:  # the other probes are needed all the more
            self.allowance.total += self.allowance.spent - before
        if confirmed.verdict == "right" and confirmed.measured.slope.step < measured.slope.step / RATIO:
            self.start, self.found_below = confirmed.measured.slope.step * RATIO**2, True
        if confirmed.remark:
            self.remark(confirmed.remark)
        verdict = self.settle(Judged(confirmed.measured, confirmed.verdict, confirmed.finding, confirmed.kink))
        if verdict == "wrong":
            self.try_symmetric(measured.spot)
        return verdict

    def closer(self, confirmed: Confirmed) -> Confirmed:
        """A failure so small that a solver inside f may be behind it."""
        if confirmed.kink or (confirmed.verdict != "wrong" and confirmed.finding is not ROUGH):
            return confirmed
        judgement = self.judgement(confirmed.measured, self.seen_by_complex_step(confirmed.measured))
        if judgement == "solver":
            return Confirmed(self.excuse(confirmed.measured), "right", None)
        return replace(confirmed, verdict="cannot tell", finding=ROUGH) if judgement == "unclear" else confirmed

    def judgement(self, measured: Measured, exact: bool) -> str:
        """What a closer look says; all arguments together are as right as each of them is."""
        if len(self.names) > 1:
            return "solver" if relative(measured) <= TINY else "pinned"
        before = self.allowance.spent
        limit = 28 if exact else EVALUATIONS
        prober = Prober(measured.spot, self.names[0], exact, self.structure, self.start, limit)
        found = look_closer(measured, prober)
        self.second_looks += ceil((self.allowance.spent - before) / LOOK)
        return found

    def seen_by_complex_step(self, measured: Measured) -> bool:
        """Whether the complex step sees the same disagreement, and can be used to follow it."""
        exact = measured.complex_value
        if exact is None or self.trust.refused or not self.trust.agreed:
            return False
        apart = np.abs(exact - measured.slope.value)
        return bool(np.all((apart <= AGREED * measured.difference)[measured.fails]))

    def alike(self, measured: Measured) -> bool:
        """Whether a disagreement is no larger than others that were excused."""
        most = TINY if self.excused <= TINY else SMALL
        return bool(self.excused) and relative(measured) <= min(most, ALIKE * self.excused)

    def excuse(self, measured: Measured) -> Measured:
        """The probe with a tolerance that covers what a solver may have done."""
        self.excused = max(self.excused, relative(measured))
        return replace(measured, extra=measured.extra + np.where(measured.fails, measured.difference, 0.0))

    def off_by_a_factor(self) -> None:
        """Disagreements that look like a solver's one by one, and together are a mistake."""
        doubtful = self.excused or any(j.finding is ROUGH for j in self.judged)
        factor = None if self.wrong or not doubtful else common_factor([j.measured for j in self.judged])
        if factor is not None:
            text = f"along every direction the gradient is off by the same factor, 1 {factor:+.2g}"
            self.judged[0] = replace(self.judged[0], verdict="wrong", finding=Finding("differs", text))

    @property
    def agreement(self) -> str:
        """To how many digits the gradient agrees, where they are fewer than could be seen."""
        if not self.excused:
            return ""
        return (
            f"agrees to {int(-np.log10(self.excused))} digits and no further: f or the gradient is not computed more "
            "exactly, as with an iterative solver inside (or a term of that size is missing)"
        )

    def reads_one_triangle(self, spot: Spot) -> bool:
        """Whether a symmetric argument can be changed in one strict triangle without f noticing."""
        if len(self.names) != 1:
            return False
        x = np.asarray(spot.arguments[self.names[0]])
        if not is_symmetric(x):
            return False
        v = spot.direction(self.names[0], self.rng)
        return any(self.unmoved(spot, half) for half in (np.triu(v, 1), np.tril(v, -1)))

    def unmoved(self, spot: Spot, v: Array) -> bool:
        """Whether f keeps its value, to the last bit, along a direction."""
        found = spot.line({self.names[0]: v})([0.125])[0]
        return found is not None and np.array_equal(found, spot.center)

    def try_symmetric(self, spot: Spot) -> None:
        """A wrong gradient of a symmetric argument may be right on symmetric directions: worth a remark."""
        name = self.names[0]
        if len(self.names) != 1 or self.structure is not None or not is_symmetric(np.asarray(spot.arguments[name])):
            return
        direction = {name: spot.direction(name, self.rng, SYMMETRIC)}
        measured = self.measure(spot, direction, "symmetric", 0, first=False)
        if measured.verdict()[0] == "right":
            self.remark(
                f"along symmetric directions the gradient agrees: it is right if {name} is symmetric by definition"
            )

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
            if measured.verdict()[0] == "wrong" and self.alike(measured):
                measured = self.excuse(measured)
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
        if found is None or not self.excused:
            return found
        entries = np.count_nonzero(passed[0].spot.scale(self.names[0]))
        return at_least(found, max(LARGE, OUTSTANDING * self.excused * entries**0.5))

    @property
    def method(self) -> str:
        """How the slopes were found."""
        if self.trust.verified and not self.suspicious:
            return "complex step, verified against differences"
        reason = f" (complex step refused: {self.trust.refused})" if self.trust.refused else ""
        return f"central differences, extrapolated{reason}"
