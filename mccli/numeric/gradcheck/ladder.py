"""The derivative of a line t -> f(x + t v) at 0, with an error estimate that can be believed.

Central differences at h, h/4, h/16, ... with Richardson's table (C. Ridders, Accurate computation of F'(x), Advances
in Engineering Software 4 (1982)); the error of an entry is the spread of the table around it plus the rounding noise
divided by h. Both parts are needed: two entries may agree by accident, and neither knows about the noise.

The table alone is deceived by a function that oscillates between the rungs (sin(1e5 x)) and by a kink closer than the
last rung: both look smooth from afar. One more difference at a small step finds them out, and the ladder starts again
from there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from mccli.numeric.gradcheck.noise import EPS, Noise
from mccli.numeric.gradcheck.problem import Array

START = 0.25
RATIO = 4.0
COLUMNS = 4
SMALLEST = 1e-13
FAR = 64.0
"""As long as no rung was inside the domain, the step shrinks faster."""

ENOUGH = 3.0
"""An error of so many times the rounding part cannot be improved much."""

PRECISE = 1e-13
"""Nor is an error of that part of the slope worth more steps."""

LEAP = 64.0
"""How much further down to go when the rungs have nothing in common."""

MISFIT = 10.0
"""The small step disagrees if it is off by so many times the errors of both."""

Line = Callable[[list[float]], list["Array | None"]]


@dataclass(frozen=True)
class Rung:
    """Values on both sides."""

    step: float
    plus: Array
    minus: Array

    @property
    def slope(self) -> Array:
        """The central difference."""
        return np.asarray((self.plus - self.minus) / (2 * self.step))


@dataclass
class Slope:
    """The derivative along a line: one value and one error for each output."""

    value: Array
    error: Array
    step: float
    rungs: list[Rung] = field(default_factory=list)
    restarted: bool = False
    cut: bool = False
    """Whether smaller steps would have followed, had there been evaluations."""

    @property
    def found(self) -> bool:
        """Whether there is an estimate at all."""
        return bool(np.all(np.isfinite(self.error)))


class Ladder:
    """The rungs climbed so far and the best entry of the table."""

    def __init__(self, line: Line, noise: Noise, center: Array, limit: int) -> None:
        self.line, self.noise, self.center, self.left = line, noise, center, limit
        self.rungs: list[Rung] = []
        self.forget()

    def forget(self) -> None:
        """Start a new table; the rungs stay on record."""
        self.row: list[Array] = []
        self.last = np.nan
        self.spreads: list[Array] = []
        self.value = np.full(self.center.shape, np.nan)
        self.error = np.full(self.center.shape, np.inf)
        self.rounding = np.full(self.center.shape, np.inf)
        self.step = np.nan

    def climb(self, step: float) -> None:
        """Down to smaller steps, until rounding forbids more."""
        while self.left >= 2 and step > SMALLEST:
            rung = self.take(step)
            if rung is None:
                step /= FAR if not self.rungs else RATIO
                continue
            self.enter(rung)
            if self.done(step / RATIO):
                return
            step /= RATIO
            if self.lost():
                step /= LEAP

    def take(self, step: float) -> Rung | None:
        """Evaluate both sides; None outside the domain."""
        self.left -= 2
        rung = take_rung(self.line, step)
        if rung is not None:
            self.rungs.append(rung)
        return rung

    def enter(self, rung: Rung) -> None:
        """A new row of Richardson's table, which needs every step of its ratio."""
        if not np.isclose(self.last, rung.step * RATIO):
            self.row = []
        self.last = rung.step
        rounding = self.rounding_at(rung)
        row = [rung.slope]
        power = RATIO**2
        least = np.full(self.center.shape, np.inf)
        for older in self.row[:COLUMNS]:
            better = (power * row[-1] - older) / (power - 1)
            spread = np.maximum(np.abs(better - row[-1]), np.abs(better - older))
            self.keep(better, spread + rounding, rounding, rung.step)
            least = np.minimum(least, spread)
            row.append(better)
            power *= RATIO**2
        self.row = row
        self.spreads.append(least)

    def keep(self, value: Array, error: Array, rounding: Array, step: float) -> None:
        """Entries that are better than what there was."""
        better = error < self.error
        if np.any(better):
            self.value = np.where(better, value, self.value)
            self.rounding = np.where(better, rounding, self.rounding)
            self.error = np.where(better, error, self.error)
            self.step = step

    def rounding_at(self, rung: Rung) -> Array:
        """What noise does to a central difference."""
        size = np.maximum(np.abs(rung.plus), np.abs(rung.minus))
        return np.asarray(self.noise.floor(size) / rung.step)

    def done(self, following: float) -> bool:
        """Good enough, or the next step would be noisier than what there is."""
        enough = self.error <= np.maximum(ENOUGH * self.rounding, PRECISE * np.abs(self.value))
        hopeless = self.noise.floor(self.center) / following >= self.error
        return bool(np.all((enough | hopeless) & np.isfinite(self.error)))

    def lost(self) -> bool:
        """Whether three rungs have nothing in common and do not converge: what there is to see must be much smaller."""
        if len(self.row) < 3:
            return False
        vain = self.spreads[-1] > self.spreads[-2] / RATIO
        return bool(np.all(vain & (self.error >= 0.5 * np.max(np.abs(self.row), axis=0))))

    def small_step(self) -> float:
        """Where rounding and truncation of one central difference balance, judged by how much f varied."""
        varied = np.max([self.variation(r) for r in self.rungs], axis=0)
        noise = self.noise.floor(self.center)
        ratio = np.divide(noise, varied, out=np.full(noise.shape, EPS), where=varied > 0)
        return float(np.clip(np.max(ratio), EPS, 1e-3) ** (1 / 3))

    def variation(self, rung: Rung) -> Array:
        """How far f moved; not less than its rounding."""
        sides = np.maximum(np.abs(rung.plus - self.center), np.abs(rung.minus - self.center))
        return np.asarray(np.maximum(sides, EPS * np.abs(self.center)))

    def fits(self, rung: Rung) -> bool:
        """Whether a small step says the same as the table."""
        best = min(self.rungs, key=lambda r: abs(r.step - self.step))
        truncation = np.abs(best.slope - self.value) * (rung.step / best.step) ** 2
        allowed = MISFIT * (self.error + self.rounding_at(rung) + truncation)
        return bool(np.all(np.abs(rung.slope - self.value) <= allowed))


def take_rung(line: Line, step: float) -> Rung | None:
    """Both sides of a step; None if one of them is outside the domain."""
    plus, minus = line([step, -step])
    if plus is None or minus is None or not (np.all(np.isfinite(plus)) and np.all(np.isfinite(minus))):
        return None
    return Rung(step, plus, minus)


def slope(
    line: Line, noise: Noise, center: Array, *, start: float = START, limit: int = 28, guard: bool = True
) -> Slope:
    """The derivative at 0 of a line whose value there is ``center``."""
    ladder = Ladder(line, noise, center, limit)
    ladder.climb(start)
    restarted = bool(guard and ladder.rungs) and _look_closer(ladder)
    cut = bool(ladder.rungs) and ladder.left < 2 and not ladder.done(ladder.last / RATIO)
    return Slope(ladder.value, ladder.error, ladder.step, ladder.rungs, restarted, cut)


def continued(first: Slope, line: Line, noise: Noise, center: Array, limit: int) -> Slope:
    """A ladder that was cut short, with smaller steps; large ones that these contradict are dropped."""
    ladder = Ladder(line, noise, center, limit)
    for rung in sorted(first.rungs, key=lambda r: -r.step):
        ladder.rungs.append(rung)
        ladder.enter(rung)
    ladder.climb(ladder.last / RATIO)
    _look_back(ladder)
    return Slope(ladder.value, ladder.error, ladder.step, ladder.rungs, first.restarted)


def _look_closer(ladder: Ladder) -> bool:
    """Compare with a small step, unless the ladder went as far by itself; if it disagrees, climb again from there."""
    small = ladder.small_step()
    if ladder.left < 2 or ladder.rungs[-1].step <= RATIO * small:
        if not _look_back(ladder):
            return False
        if not ladder.done(ladder.last / RATIO):  # it stopped because the deceptive error was so small
            ladder.climb(ladder.last / RATIO)
            _look_back(ladder)
        return True
    rung = ladder.take(small)
    if rung is None or ladder.fits(rung):
        return False
    ladder.forget()
    ladder.enter(rung)
    ladder.climb(small / RATIO)
    _look_back(ladder)
    return True


def _look_back(ladder: Ladder) -> bool:
    """Drop large steps until no smaller one contradicts what is left of the table."""
    rungs = sorted(ladder.rungs, key=lambda r: -r.step)
    for first in range(len(rungs) - 1):
        if all(ladder.fits(r) for r in rungs if r.step < ladder.step / RATIO):
            return first > 0
        ladder.forget()
        for rung in rungs[first + 1 :]:
            ladder.enter(rung)
    return True
