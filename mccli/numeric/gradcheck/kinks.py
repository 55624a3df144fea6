"""Kinks: slopes from the left and from the right that differ however close one looks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mccli.numeric.gradcheck.ladder import Line, Rung, take_rung
from mccli.numeric.gradcheck.noise import Noise
from mccli.numeric.gradcheck.problem import Array

CLEAR = 20.0
"""A jump counts if it is so many times what noise makes of it."""

SAME = 1.7
"""The jump of a kink does not depend on the step; that of a smooth function shrinks with it, that of noise grows."""

WIDER = 8.0

WIDEST, STEADY = 1e-3, 1.02
"""One-sided slopes are taken at the largest step up to here at which the jump is still the same, up to that factor."""


@dataclass(frozen=True)
class Kink:
    """One-sided slopes of each output, and where they differ."""

    left: Array
    right: Array
    there: Array

    @property
    def jump(self) -> Array:
        """How much the slopes differ."""
        return np.asarray(np.where(self.there, np.abs(self.right - self.left), 0.0))


@dataclass(frozen=True)
class Sides:
    """The slopes on both sides of a point, and their error."""

    left: Array
    right: Array
    error: Array

    def covers(self, value: Array, tolerance: Array) -> Array:
        """Where a value lies between the slopes."""
        low, high = np.minimum(self.left, self.right), np.maximum(self.left, self.right)
        return np.asarray((value >= low - tolerance) & (value <= high + tolerance))

    def size(self, value: Array) -> Array:
        """The largest of the slopes and a value."""
        return np.asarray(np.max(np.abs([self.left, self.right, value]), axis=0))


def sides(line: Line, step: float, center: Array, noise: Noise) -> Sides | None:
    """The one-sided slopes by a step and one of half its size, extrapolated; None outside the domain."""
    near, far = take_rung(line, step / 2), take_rung(line, step)
    if near is None or far is None:
        return None
    (left, right), (far_left, far_right) = _slopes(near, center), _slopes(far, center)
    bend = np.maximum(np.abs(far_left - left), np.abs(far_right - right))
    error = bend / 2 + 8 * noise.floor(center) / step
    return Sides(2 * left - far_left, 2 * right - far_right, error)


def seen_up_to(kink: Kink, near: Rung, rungs: list[Rung], center: Array) -> float:
    """The largest step of a ladder at which a kink is the same as at its small one."""
    step = near.step
    for rung in sorted((r for r in rungs if r.step > step), key=lambda r: r.step):
        ratio = _jump(rung, center)[kink.there] / _jump(near, center)[kink.there]
        if rung.step > WIDEST or not np.all((ratio > 1 / STEADY) & (ratio < STEADY)):
            break
        step = rung.step
    return step


def kink_between(near: Rung, far: Rung, center: Array, noise: Noise) -> Kink:
    """The kink that two rungs see, ``near`` at the smaller step."""
    near_jump, far_jump = _jump(near, center), _jump(far, center)
    clear = np.abs(near_jump) > CLEAR * 4 * noise.floor(center) / near.step
    same = (np.abs(near_jump) < SAME * np.abs(far_jump)) & (np.abs(far_jump) < SAME * np.abs(near_jump))
    left, right = _slopes(near, center)
    return Kink(left, right, clear & same & (near_jump * far_jump > 0))


def kink_in(rungs: list[Rung], center: Array, noise: Noise) -> Kink | None:
    """The kink that a climbed ladder has seen, from its two smallest steps."""
    ordered = sorted(rungs, key=lambda r: r.step)
    if len(ordered) < 2 or ordered[1].step < 3 * ordered[0].step:
        return None
    found = kink_between(ordered[0], ordered[1], center, noise)
    return found if np.any(found.there) else None


def kink_at(line: Line, near: Rung, center: Array, noise: Noise) -> Kink | None:
    """The kink that shows at a small step, if it is still the same at a somewhat larger one."""
    if not np.any(np.abs(_jump(near, center)) > CLEAR * 4 * noise.floor(center) / near.step):
        return None
    far = take_rung(line, near.step * WIDER)
    found = None if far is None else kink_between(near, far, center, noise)
    return found if found is not None and np.any(found.there) else None


def _slopes(rung: Rung, center: Array) -> tuple[Array, Array]:
    return np.asarray((center - rung.minus) / rung.step), np.asarray((rung.plus - center) / rung.step)


def _jump(rung: Rung, center: Array) -> Array:
    return np.asarray((rung.plus + rung.minus - 2 * center) / rung.step)
