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

    def covers(self, value: Array, tolerance: Array) -> Array:
        """Where a value lies between the slopes: a subgradient."""
        low, high = np.minimum(self.left, self.right), np.maximum(self.left, self.right)
        return np.asarray(self.there & (value >= low - tolerance) & (value <= high + tolerance))


def kink_between(near: Rung, far: Rung, center: Array, noise: Noise) -> Kink:
    """The kink that two rungs see, ``near`` at the smaller step."""
    near_jump, far_jump = _jump(near, center), _jump(far, center)
    clear = np.abs(near_jump) > CLEAR * 4 * noise.floor(center) / near.step
    same = (np.abs(near_jump) < SAME * np.abs(far_jump)) & (np.abs(far_jump) < SAME * np.abs(near_jump))
    left, right = (center - near.minus) / near.step, (near.plus - center) / near.step
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


def _jump(rung: Rung, center: Array) -> Array:
    return np.asarray((rung.plus + rung.minus - 2 * center) / rung.step)
