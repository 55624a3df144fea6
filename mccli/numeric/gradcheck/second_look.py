"""A probe that fails, before anyone is told that a gradient is wrong.

In turn: was the like excused before, does f see one triangle of a symmetric matrix only, is the disagreement as small
as a solver's, is there a kink, and does it hold when measured again.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from mccli.numeric.gradcheck.calls import moved
from mccli.numeric.gradcheck.closer import EVALUATIONS, Closer
from mccli.numeric.gradcheck.confirm import (
    CLAIM_MARGIN,
    ROUGH,
    Below,
    Confirmed,
    claim_noise,
    confirm,
    look_below,
    told,
    with_other,
)
from mccli.numeric.gradcheck.disagreement import DOUBTFUL, TINY, fine_start, relative
from mccli.numeric.gradcheck.factor import factor_along_others, off_by
from mccli.numeric.gradcheck.interpolated import AFAR, MORE_NODES, Interpolated, seen_from_afar
from mccli.numeric.gradcheck.ladder import RATIO, START, Slope
from mccli.numeric.gradcheck.locate import coarser
from mccli.numeric.gradcheck.noise import Noise
from mccli.numeric.gradcheck.probes import Judged, Measured
from mccli.numeric.gradcheck.problem import Array
from mccli.numeric.gradcheck.report import Finding, Verdict
from mccli.numeric.gradcheck.spot import Spot
from mccli.numeric.gradcheck.structures import SYMMETRIC, is_symmetric
from mccli.numeric.gradcheck.subgradient import AtKink, Looked
from mccli.numeric.gradcheck.table import Prober

if TYPE_CHECKING:
    from mccli.numeric.gradcheck.examine import Examination

BESIDE, JUMP = 1e-6, 0.1
"""The claim jumps if so near to the point it changes by so much of the disagreement."""

NEARER = (1.0, 1e-2, 1e-4)
"""And so it does however near: a gradient that changes fast, or a kink beside the point, is not at it."""

NEAR = 1e-6
"""A slope that shows at smaller steps only may be that of a ripple."""

AGREED = 0.1
"""The complex step sees a disagreement if it misses no more than this part of it."""


class SecondLook:
    """One failure, looked at again for an examination."""

    def __init__(self, examination: Examination, measured: Measured) -> None:
        self.examination, self.measured = examination, measured
        self.excuses, self.names = examination.excuses, examination.names

    def verdict(self, number: int, later: int) -> Verdict:
        """What is left of the failure. Spent if the evaluations do not suffice."""
        examination, measured = self.examination, self.measured
        if examination.wrong:
            return examination.settle(Judged(measured, "wrong"))  # confirmed at another point
        joint = len(self.names) > 1  # all arguments together are as right as each of them is
        if self.excuses.alike(measured) or (joint and relative(measured) <= TINY):
            return examination.settle(Judged(self.excuses.excuse(measured), "right"))
        if examination.structure is None and self.reads_one_triangle():
            return self.symmetric_only(number, later)
        examination.second_looks += 1
        below = look_below(measured)
        if below.kink is not None:
            return self.at_kink(below.kink)
        afar = self.from_afar()
        if afar is not None:
            return self.rippled(afar)
        closer = self.closer(measured)
        factor = None if joint else self.factor(closer.prober)
        if factor is not None:
            return examination.settle(Judged(measured, "wrong", off_by(factor)))
        judgement = "pinned" if joint else closer.judgement()
        if judgement == "solver":
            return examination.settle(Judged(self.excuses.excuse(measured), "right"))
        if judgement == "unclear":
            return examination.settle(Judged(measured, "cannot tell", ROUGH))
        return self.again(closer, below)

    def again(self, closer: Closer, below: Below) -> Verdict:
        """Measured again, unless that was done on the way."""
        examination, measured = self.examination, self.measured
        confirmed = self.confirmed(closer, below)
        if confirmed.verdict == "wrong" and claim_jumps(confirmed.measured):
            return examination.settle(Judged(measured, "cannot tell", KINKED, kink=True))
        if confirmed.verdict == "wrong" and confirmed.measured.slope.step < NEAR:
            afar = seen_from_afar(confirmed.measured, measured.slope.rungs)
            if afar is not None:
                return self.rippled(afar)
        if confirmed.verdict == "right" and confirmed.measured.slope.step < measured.slope.step / RATIO:
            examination.start, examination.found_below = confirmed.measured.slope.step * RATIO**2, True
        verdict = examination.settle(Judged(confirmed.measured, confirmed.verdict, confirmed.finding))
        if verdict == "wrong":
            self.try_symmetric()
        return verdict

    def from_afar(self) -> Interpolated | None:
        """f without its ripples, where the ladder has climbed down to them; if the evaluations suffice."""
        measured, rungs = self.measured, self.measured.slope.rungs
        seen = measured.slope.step < NEAR and any(r.step >= AFAR[0] for r in rungs)
        if not seen or not measured.spot.calls.affords(MORE_NODES):
            return None
        return seen_from_afar(measured, rungs)

    def rippled(self, afar: Interpolated) -> Verdict:
        """Right for f without its ripples, which are noise from now on."""
        examination = self.examination
        examination.remark(RIPPLED)
        for spot in examination.spots:
            spot.noise = spot.noise.widened(Noise(afar.noise()))
        examination.start, examination.found_below = START, False
        return examination.settle(Judged(replace(self.measured, slope=afar.nearest()), "right"))

    def confirmed(self, closer: Closer, below: Below) -> Confirmed:
        """What was seen on the way, or what other steps say."""
        if closer.slope is not None:
            return with_other(self.measured, closer.slope)
        if closer.entry is not None:
            return told(closer.entry)
        return confirm(self.measured, below)

    # ------------------------------------------------------------------------------------ solvers

    def closer(self, measured: Measured, exact: bool | None = None) -> Closer:
        """A closer look at a small disagreement, by the complex step where that sees it."""
        examination = self.examination
        exact = self.seen_by_complex_step(measured) if exact is None else exact
        limit = 28 if exact else EVALUATIONS
        prober = Prober(measured.spot, self.names[0], exact, examination.structure, fine_start(measured, 3), limit)
        return Closer(measured, prober, bool(self.excuses))

    def factor(self, prober: Prober) -> float | None:
        """The factor by which the gradient is off everywhere, if it is so little that a solver might be behind it."""
        measured = self.measured
        if measured.spot.second or not TINY < relative(measured) <= DOUBTFUL:
            return None
        examination = self.examination
        return factor_along_others(measured, coarser(prober, measured), examination.spots, examination.rng)

    def seen_by_complex_step(self, measured: Measured) -> bool:
        """Whether the complex step sees the same disagreement, and can be used to follow it."""
        exact, trust = measured.complex_value, self.examination.trust
        if exact is None or trust.refused or not trust.agreed:
            return False
        apart = np.abs(exact - measured.slope.value)
        return bool(np.all((apart <= AGREED * measured.difference)[measured.fails]))

    # ------------------------------------------------------------------------------------ kinks

    def at_kink(self, step: float) -> Verdict:
        """At a kink every subgradient is right."""
        examination, measured = self.examination, self.measured
        if len(self.names) > 1:  # each of them was looked at
            return examination.settle(Judged(measured, "right", kink=True))
        place = AtKink(measured.spot, self.names[0], examination.structure, step, examination.rng)
        looked = place.look(measured.direction)
        outside = next((found for found in looked if found.judgement == "outside"), None)
        if outside is not None:
            return self.no_subgradient(outside, step)
        verdict, finding = told_at_kink(looked)
        if verdict == "right":
            examination.remark(SUBGRADIENT)
        return examination.settle(Judged(measured, verdict, finding, kink=True))

    def no_subgradient(self, found: Looked, step: float) -> Verdict:
        """Wrong, and where it is seen."""
        middle = (found.sides.left + found.sides.right) / 2
        half = np.abs(found.sides.right - found.sides.left) / 2
        slope = Slope(middle, found.sides.error + half / 10, step)
        spot, name = self.measured.spot, self.names[0]
        place = "one direction"
        if found.entry is not None:
            index = np.unravel_index(found.entry, spot.scale(name).shape)
            place = f"{name}[{', '.join(str(int(i)) for i in index)}]" if index else name
        measured = Measured(spot, found.direction, place, slope, spot.claim.along(found.direction))
        output = measured.probe("wrong").output
        left, right, said = (float(a[output]) for a in (found.sides.left, found.sides.right, found.said))
        size = 1.0 if found.entry is None else float(spot.scale(name).flat[found.entry])
        text = (
            f"f has a kink at the point: along {place} its slopes on the two sides are {left / size:.6g} and "
            f"{right / size:.6g}, the gradient says {said / size:.6g}"
        )
        return self.examination.settle(Judged(measured, "wrong", Finding("kink", text), kink=True))

    # ------------------------------------------------------------------------------------ symmetric arguments

    def symmetric_only(self, number: int, later: int) -> Verdict:
        """Begin again at the point, with symmetric directions."""
        examination, spot = self.examination, self.measured.spot
        examination.structure = SYMMETRIC
        examination.judged = [j for j in examination.judged if j.measured.spot is not spot]
        text = "f reads one triangle of the symmetric {}: compared on symmetric directions"
        examination.remark(text.format(" and ".join(self.names)))
        return examination.one(spot, number, later)

    def reads_one_triangle(self) -> bool:
        """Whether a symmetric argument can be changed in one strict triangle without f noticing."""
        spot = self.measured.spot
        if len(self.names) != 1:
            return False
        x = np.asarray(spot.arguments[self.names[0]])
        if not is_symmetric(x):
            return False
        v = spot.direction(self.names[0], self.examination.rng)
        return any(self.unmoved(spot, half) for half in (np.triu(v, 1), np.tril(v, -1)))

    def unmoved(self, spot: Spot, v: Array) -> bool:
        """Whether f keeps its value, to the last bit, along a direction."""
        found = spot.line({self.names[0]: v})([0.125])[0]
        return found is not None and np.array_equal(found, spot.center)

    def try_symmetric(self) -> None:
        """A wrong gradient of a symmetric argument may be right on symmetric directions: worth a remark."""
        examination, spot, name = self.examination, self.measured.spot, self.names[0]
        square = is_symmetric(np.asarray(spot.arguments[name]))
        if len(self.names) != 1 or examination.structure is not None or not square:
            return
        if not examination.allowance.suffices:
            return
        direction = {name: spot.direction(name, examination.rng, SYMMETRIC)}
        measured = examination.measure(spot, direction, "symmetric", 0, first=False)
        if measured.verdict()[0] == "right":
            examination.remark(
                f"along symmetric directions the gradient agrees: it is right if {name} is symmetric by definition"
            )


def claim_jumps(measured: Measured) -> bool:
    """Whether the claim right beside the point is another one: f may have a kink that no line through it shows."""
    spot, noise, v = measured.spot, CLAIM_MARGIN * claim_noise(measured), measured.direction
    for t in (BESIDE, -BESIDE):
        beside = [spot.reread(moved(spot.arguments, v, k * t)) for k in NEARER]
        said = [claim.along(v).value for claim in beside if claim is not None]
        if len(said) < len(NEARER) or any(values.shape != measured.fails.shape for values in said):
            continue
        apart = np.abs(said[0] - measured.said.value)
        steady = np.ptp(np.stack(said), axis=0) <= JUMP * apart  # unlike noise
        if np.any((steady & (apart > np.maximum(JUMP * measured.difference, noise)))[measured.fails]):
            return True
    return False


def told_at_kink(looked: list[Looked]) -> tuple[Verdict, Finding | None]:
    """The verdict from directions none of which shows a mistake."""
    judgements = {found.judgement for found in looked}
    if "unclear" in judgements:
        return "cannot tell", KINKED
    return ("cannot tell", LIKE_ITS_NEIGHBOURS) if "beside" in judgements else ("right", None)


SUBGRADIENT = "f has a kink at the point; the value lies between the slopes on both sides (a valid subgradient)"
RIPPLED = "f has noise or ripples that show at small steps only: the gradient is right for f without them"
KINKED = Finding(
    "kink",
    "f has a kink at the point of a kind at which a subgradient cannot be told from a mistake",
    "choose a point away from the kink (zeros and ties are the usual ones)",
)
LIKE_ITS_NEIGHBOURS = Finding(
    "kink",
    "f has a kink; the gradient is what it is on one side, but slopes do not show whether that is right",
    "choose a point away from the kink (zeros and ties are the usual ones)",
)
SPENT = Finding(
    "evaluations",
    "a disagreement is not settled with the evaluations of f that are allowed",
    "allow as many as it takes: --thorough",
)
