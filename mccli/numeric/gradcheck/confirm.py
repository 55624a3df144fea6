"""The second look at a probe that fails, before anyone is told that a gradient is wrong.

Everything that can make a right gradient look wrong is measured along the very direction that failed: the noise of f
there, its roughness (jumps of an iterative solver show at coarse spacing only), a kink at the point, the noise of the
user's gradient (an ill-conditioned formula), and the slope itself by a ladder with other steps.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from mccli.numeric.gradcheck.calls import Spent, moved
from mccli.numeric.gradcheck.disagreement import relative
from mccli.numeric.gradcheck.kinks import kink_at, kink_in, seen_up_to
from mccli.numeric.gradcheck.ladder import RATIO, START, Line, Rung, Slope, slope, take_rung
from mccli.numeric.gradcheck.noise import POINTS, SPACING, Noise, measure, sample, table_level
from mccli.numeric.gradcheck.probes import Measured
from mccli.numeric.gradcheck.problem import Array, Direction
from mccli.numeric.gradcheck.report import Finding, Verdict
from mccli.numeric.gradcheck.second import second_slope
from mccli.numeric.gradcheck.spot import Spot

SHIFT = 0.6
CLAIM_SPACING = 1e-10
CLAIM_MARGIN = 30.0
ROUGH_SPACING = 1e-3
ROUGH_MARGIN = 100.0
LIKE = 10.0
"""A spacing that is smaller by this factor shows the same jumps."""

TELLING = 100.0
FINEST = 1e-13
LADDER = 8
GROSS = 1e-3
"""No solver is so far off: what two kinds of steps see is enough, if there are no evaluations for more."""

LIKENESS = 0.1
"""Two slopes are the same if they differ by no more than this part of the disagreement."""

ASCENT, ASCENTS = 64.0, 5


@dataclass(frozen=True)
class Confirmed:
    """What is left of a failure."""

    measured: Measured
    verdict: Verdict
    finding: Finding | None


@dataclass(frozen=True)
class Below:
    """What a step far below those of the ladder shows: one at which noise just lets the two slopes be told apart."""

    rung: Rung | None = None
    kink: float | None = None
    """The largest step at which a kink is the same."""


def look_below(measured: Measured) -> Below:
    """A kink, a wave or a singularity below the ladder's steps would show here, and nowhere else."""
    spot = measured.spot
    rung = None if spot.second else _telling_rung(measured, spot.noise)
    if rung is None:
        return Below()
    line, near, rungs = spot.line(measured.direction), rung, measured.slope.rungs
    kink = kink_at(line, near, spot.center, spot.noise)
    if kink is None and kink_in(rungs, spot.center, spot.noise) is not None:
        # a kink that is small beside the disagreement is only clear a little further out
        further = take_rung(line, rung.step * ASCENT)
        near = further or rung
        kink = None if further is None else kink_at(line, further, spot.center, spot.noise)
    return Below(rung, None if kink is None else seen_up_to(kink, near, rungs, spot.center))


def confirm(measured: Measured, below: Below) -> Confirmed:
    """Measure again what fails, where there is no kink. Spent if there are no evaluations for what is needed."""
    if measured.spot.second:
        return _confirm_second(measured)
    better, sampled = measured, None
    try:
        found = _seen_from_below(measured, below.rung)
        if found is None:
            sampled = _sample_below(measured.slope, measured.spot, measured.direction)
            found = _seen_again(measured, sampled)
        better = replace(measured, slope=found)
        confirmed = told(better)
        if confirmed.verdict == "wrong" and _rough(better, sampled):
            return Confirmed(confirmed.measured, "cannot tell", ROUGH)
        return confirmed
    except Spent:
        if relative(measured) < GROSS or (better is measured and not _sees_the_same(measured, below)):
            raise
        return told(better)


def told(measured: Measured) -> Confirmed:
    """The verdict where the noise of the claim is taken into account."""
    better = replace(measured, extra=CLAIM_MARGIN * claim_noise(measured))
    verdict, finding = better.verdict()
    return Confirmed(better, verdict, finding or (_differs(better) if verdict == "wrong" else None))


def with_other(measured: Measured, other: Slope) -> Confirmed:
    """The verdict with the slope by another method beside the first."""
    return told(replace(measured, slope=_both(measured.slope, other, measured.spot.noise)))


def _sees_the_same(measured: Measured, below: Below) -> bool:
    """Whether the step below disagrees with the claim as the ladder does, for all outputs that fail."""
    if below.rung is None:
        return False
    apart = np.abs(below.rung.slope - measured.slope.value)
    return bool(np.all((apart <= LIKENESS * measured.difference)[measured.fails]))


def _confirm_second(measured: Measured) -> Confirmed:
    """Second differences again, with other steps."""
    spot, line = measured.spot, measured.spot.line(measured.direction)
    noise = spot.noise.widened(measure(line, spot.center) or spot.noise)
    again = second_slope(line, noise, spot.center, start=SHIFT * START, limit=2 * LADDER)
    better = replace(measured, slope=again, extra=np.abs(again.value - measured.slope.value))
    verdict, finding = better.verdict()
    return Confirmed(better, verdict, finding or (_differs(better) if verdict == "wrong" else None))


def _seen_from_below(measured: Measured, rung: Rung | None) -> Slope | None:
    """The slope by small steps, if these show that the ladder was deceived."""
    if rung is None or not _sides_with_claim(measured, rung):
        return None
    spot, line = measured.spot, measured.spot.line(measured.direction)
    below = _from_below(line, spot.noise, spot.center, rung)
    sampled = _sample_below(below, spot, measured.direction)
    found = _floored(below, sampled.noise(spot.noise))
    apart = np.abs(found.value - measured.slope.value)
    return found if np.any((apart > 10 * found.error)[measured.fails]) else None


def _seen_again(measured: Measured, sampled: Sampled) -> Slope:
    """The slope by other steps, and with the noise that is found near the best one."""
    noise = sampled.noise(measured.spot.noise)
    line = measured.spot.line(measured.direction)
    return _both(measured.slope, _other_ladder(measured.slope, line, noise, measured), noise)


@dataclass(frozen=True)
class Sampled:
    """Values at equal spacing."""

    spacing: float
    values: Array | None

    def noise(self, known: Noise) -> Noise:
        """With what they show of it."""
        return known if self.values is None else known.widened(Noise(table_level(self.values), known.single))


def _sample_below(first: Slope, spot: Spot, direction: Direction) -> Sampled:
    """Just below the best step of the ladder: at 1e-12 a ripple may be too long to be seen as noise."""
    spacing = float(np.clip(first.step / 8, SPACING, ROUGH_SPACING)) if first.found else SPACING
    return Sampled(spacing, sample(spot.line(direction), spacing, spot.center))


def _other_ladder(first: Slope, line: Line, noise: Noise, measured: Measured) -> Slope:
    """Other steps around the best one; larger ones, if there is more noise than the first ladder knew of."""
    center = measured.spot.center
    known = measured.spot.noise.floor(center)
    more = float(np.max(np.divide(noise.floor(center), known, out=np.ones_like(known), where=known > 0)))
    start = SHIFT * min(START, first.step * RATIO**3 * more ** (1 / 3)) if first.found else SHIFT * START
    return slope(line, noise, center, start=start, limit=LADDER, guard=False)


def _telling_rung(measured: Measured, noise: Noise) -> Rung | None:
    """The smallest step at which noise still lets the two slopes be told apart."""
    fails = measured.fails & np.isfinite(measured.difference)
    apart = measured.difference[fails]
    if not apart.size or not measured.slope.found:
        return None
    floor = noise.floor(measured.spot.center)[fails]
    step = float(np.clip(np.max(TELLING * floor / apart), FINEST, START))
    if step >= measured.slope.step / RATIO:
        return None
    return take_rung(measured.spot.line(measured.direction), step)


def _sides_with_claim(measured: Measured, rung: Rung) -> bool:
    """Whether the smallest step is nearer to the user's slope than to the ladder's, for some output that fails."""
    to_claim = np.abs(rung.slope - measured.said.value)
    to_slope = np.abs(rung.slope - measured.slope.value)
    return bool(np.any((3 * to_claim < to_slope)[measured.fails]))


def _from_below(line: Line, noise: Noise, center: Array, rung: Rung) -> Slope:
    """The ladder again, below the largest step that still agrees with the small one."""
    floor = noise.floor(center)
    doubt = 10 * floor / rung.step
    for _ in range(ASCENTS):
        allowed = 10 * floor / rung.step
        higher = take_rung(line, rung.step * ASCENT)
        if higher is None or not np.all(np.abs(higher.slope - rung.slope) <= allowed):
            break
        # the larger step has less noise but may have bent: what was allowed is what may be wrong with it
        rung, doubt = higher, allowed
    found = slope(line, noise, center, start=rung.step * RATIO, limit=LADDER, guard=False)
    if found.found and np.all(np.abs(found.value - rung.slope) <= 10 * found.error + doubt):
        return found
    return Slope(rung.slope, doubt, rung.step, [rung])


def _both(first: Slope, second: Slope, noise: Noise) -> Slope:
    """The better of two slopes; where they contradict each other, their distance is the error."""
    if not second.found:
        return first
    before, after = _floored(first, noise).error, second.error
    value = np.where(before <= after, first.value, second.value)
    least = np.minimum(before, after)
    apart = np.abs(first.value - second.value)
    # a poor ladder that agrees within its own error does not spoil a good one
    contradiction = apart > 10 * (before + after)
    step = first.step if np.all(before <= after) else second.step
    rungs = [*first.rungs, *second.rungs]
    return replace(first, value=value, error=np.where(contradiction, apart, least), step=step, rungs=rungs)


def _floored(first: Slope, noise: Noise) -> Slope:
    """With at least the error that the noise makes at its step."""
    return replace(first, error=np.maximum(first.error, noise.level / max(first.step, FINEST)))


def claim_noise(measured: Measured) -> Array:
    """Noise of the claimed slope when x moves in its last digits, to one side: a kink is no noise."""
    spot, found = measured.spot, []
    for k in range(1, POINTS + 1):
        t = CLAIM_SPACING * k
        claim = spot.reread(moved(spot.arguments, measured.direction, t))
        if claim is None:
            return np.zeros_like(spot.center)
        found.append(claim.along(measured.direction).value)
    table = np.stack(found)
    if table.shape[1:] != spot.center.shape or not np.all(np.isfinite(table)):
        return np.zeros_like(spot.center)
    return table_level(table)


def _rough(measured: Measured, sampled: Sampled | None) -> bool:
    """Whether jumps of f at a coarse spacing are as large as what the disagreement amounts to."""
    # not coarser than what the ladder resolved: a wave is no jump
    spacing = min(ROUGH_SPACING, 30 * measured.slope.step)
    if sampled is not None and sampled.spacing * LIKE >= spacing:
        values = sampled.values
    else:
        values = sample(measured.spot.line(measured.direction), spacing, measured.spot.center)
    if values is None:
        return False
    level = table_level(values, smooth=True)
    return bool(np.all(measured.difference[measured.fails] <= ROUGH_MARGIN * level[measured.fails]))


def _differs(measured: Measured) -> Finding:
    probe = measured.probe("wrong")
    found = f"{probe.numeric:.10g} ± {probe.error:.1g}"
    text = f"along a random direction f changes by {found}, the gradient says {probe.yours:.10g}"
    return Finding("differs", text)


ROUGH = Finding(
    "noise",
    "f jumps by as much as the disagreement amounts to (an iterative solver that stops early?)",
    "tighten the tolerance of the solver inside f",
)
