"""The second look at a probe that fails, before anyone is told that a gradient is wrong.

Everything that can make a right gradient look wrong is measured along the very direction that failed: the noise of f
there, its roughness (jumps of an iterative solver show at coarse spacing only), a kink at the point, the noise of the
user's gradient (an ill-conditioned formula), and the slope itself by a ladder with other steps.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from mccli.numeric.gradcheck.calls import moved
from mccli.numeric.gradcheck.kinks import Kink, kink_at
from mccli.numeric.gradcheck.ladder import RATIO, START, Line, Rung, Slope, slope, take_rung
from mccli.numeric.gradcheck.noise import POINTS, SPACING, Noise, measure, sample, table_level
from mccli.numeric.gradcheck.probes import Measured
from mccli.numeric.gradcheck.problem import Array
from mccli.numeric.gradcheck.report import Finding, Verdict
from mccli.numeric.gradcheck.second import second_slope

SHIFT = 0.6
CLAIM_SPACING = 1e-10
CLAIM_MARGIN = 30.0
ROUGH_SPACING = 1e-3
ROUGH_MARGIN = 100.0
TELLING = 100.0
FINEST = 1e-13
KINK_REACH = 0.75
"""Off the one-sided slopes by more than so many jumps, a value is no subgradient of anything."""

LADDER = 8
ASCENT, ASCENTS = 64.0, 5


@dataclass(frozen=True)
class Confirmed:
    """What is left of a failure."""

    measured: Measured
    verdict: Verdict
    finding: Finding | None
    remark: str = ""
    kink: bool = False


def confirm(measured: Measured) -> Confirmed:
    """Look again at a probe that fails."""
    spot, line = measured.spot, measured.spot.line(measured.direction)
    if spot.second:
        return _confirm_second(measured)
    rung = _telling_rung(measured, spot.noise)
    kink = None if rung is None else kink_at(line, rung, spot.center, spot.noise)
    decided = None if kink is None else _at_kink(measured, kink)
    if decided is not None:
        return decided
    found = _seen_from_below(measured, rung) or _seen_again(measured, kink)
    better = replace(measured, slope=found, extra=CLAIM_MARGIN * claim_noise(measured))
    verdict, finding = better.verdict()
    if verdict == "wrong" and finding is None and kink is None and _rough(better):
        return Confirmed(better, "cannot tell", ROUGH)
    return Confirmed(better, verdict, finding or (_differs(better) if verdict == "wrong" else None))


def _confirm_second(measured: Measured) -> Confirmed:
    """Second differences again, with other steps."""
    spot, line = measured.spot, measured.spot.line(measured.direction)
    noise = spot.noise.widened(measure(line) or spot.noise)
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
    found = _floored(below, _noise_below(below, spot.noise, line))
    apart = np.abs(found.value - measured.slope.value)
    return found if np.any((apart > 10 * found.error)[measured.fails]) else None


def _seen_again(measured: Measured, kink: Kink | None) -> Slope:
    """The slope by other steps, and with the noise that is found near the best one."""
    spot, first, line = measured.spot, measured.slope, measured.spot.line(measured.direction)
    # across a kink the values look noisy, and are not
    noise = spot.noise if kink is not None else _noise_below(first, spot.noise, line)
    return _both(first, _other_ladder(first, line, noise, measured), noise)


def _noise_below(first: Slope, known: Noise, line: Line) -> Noise:
    """The noise just below the best step of the ladder: at 1e-12 a ripple may be too long to be seen as noise."""
    spacing = float(np.clip(first.step / 8, SPACING, ROUGH_SPACING)) if first.found else SPACING
    values = sample(line, spacing)
    return known if values is None else known.widened(Noise(table_level(values), known.single))


def _other_ladder(first: Slope, line: Line, noise: Noise, measured: Measured) -> Slope:
    """Other steps around the best one; larger ones, if there is more noise than the first ladder knew of."""
    center = measured.spot.center
    known = measured.spot.noise.floor(center)
    more = float(np.max(np.divide(noise.floor(center), known, out=np.ones_like(known), where=known > 0)))
    start = SHIFT * min(START, first.step * RATIO**3 * more ** (1 / 3)) if first.found else SHIFT * START
    return slope(line, noise, center, start=start, limit=LADDER, guard=False)


def _telling_rung(measured: Measured, noise: Noise) -> Rung | None:
    """The smallest step at which noise still lets the two slopes be told apart.

    A kink, a wave or a singularity below the ladder's steps would show here, and nowhere else.
    """
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
    """Noise of the claimed slope when x moves in its last digits."""
    spot, found = measured.spot, []
    for k in range(POINTS):
        t = CLAIM_SPACING * (k - POINTS // 2)
        claim = spot.reread(moved(spot.arguments, measured.direction, t))
        if claim is None:
            return np.zeros_like(spot.center)
        found.append(claim.along(measured.direction).value)
    table = np.stack(found)
    if table.shape[1:] != spot.center.shape or not np.all(np.isfinite(table)):
        return np.zeros_like(spot.center)
    return table_level(table)


def _rough(measured: Measured) -> bool:
    """Whether jumps of f at a coarse spacing are as large as what the disagreement amounts to."""
    # not coarser than what the ladder resolved: a wave is no jump
    spacing = min(ROUGH_SPACING, 30 * measured.slope.step)
    values = sample(measured.spot.line(measured.direction), spacing)
    if values is None:
        return False
    level = table_level(values, smooth=True)
    return bool(np.all(measured.difference[measured.fails] <= ROUGH_MARGIN * level[measured.fails]))


def _at_kink(measured: Measured, kink: Kink) -> Confirmed | None:
    """Between the one-sided slopes a value is right; far from them it is as wrong as anywhere."""
    value, fails = measured.said.value, measured.fails
    tolerance = measured.said.rounding + 1e-3 * kink.jump
    if np.all(kink.covers(value, tolerance)[fails]):
        return Confirmed(measured, "right", None, SUBGRADIENT, kink=True)
    middle = (kink.left + kink.right) / 2
    near = kink.there & (np.abs(value - middle) <= KINK_REACH * kink.jump)
    return Confirmed(measured, "cannot tell", KINKED, kink=True) if np.all(near[fails]) else None


def _differs(measured: Measured) -> Finding:
    probe = measured.probe("wrong")
    found = f"{probe.numeric:.10g} ± {probe.error:.1g}"
    text = f"along a random direction f changes by {found}, the gradient says {probe.yours:.10g}"
    return Finding("differs", text)


SUBGRADIENT = "f has a kink at the point; the value lies between the slopes on both sides (a valid subgradient)"
KINKED = Finding(
    "kink",
    "f has a kink at the point: its slopes on both sides differ, and the gradient is near neither",
    "choose a point away from the kink (zeros and ties are the usual ones)",
)
ROUGH = Finding(
    "noise",
    "f jumps by as much as the disagreement amounts to (an iterative solver that stops early?)",
    "tighten the tolerance of the solver inside f",
)
