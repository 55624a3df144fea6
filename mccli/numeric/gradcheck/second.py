"""Second derivatives of f along a line, for a Hessian that comes without a gradient.

(f(h) - 2 f(0) + f(-h))/h^2 has an error in even powers of h, so the same table extrapolates it; the noise is divided
by h^2.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from mccli.numeric.gradcheck.claims import ROUNDINGS, Said
from mccli.numeric.gradcheck.ladder import START, Ladder, Line, Rung, Slope, take_rung
from mccli.numeric.gradcheck.noise import EPS, Noise
from mccli.numeric.gradcheck.problem import Array, Direction

UNSYMMETRIC = 1e-7
"""A Hessian is as symmetric as this, relative to its largest scaled entry."""


@dataclass(frozen=True)
class Curvature:
    """The claim v'Hv of a Hessian."""

    blocks: Mapping[str, Array]

    def along(self, direction: Direction) -> Said:
        """v'Hv for the one argument that moves."""
        ((name, v),) = direction.items()
        terms = v.reshape(-1)[:, None] * self.blocks[name] * v.reshape(-1)
        size = np.array([np.linalg.norm(terms)])
        return Said(np.array([np.sum(terms)]), ROUNDINGS * EPS * np.array([np.sum(np.abs(terms))]), size)

    def weight(self, name: str, shape: tuple[int, ...]) -> Array | None:
        """Entries are seen in pairs: no size of one by itself."""
        del name, shape
        return None


class SecondLadder(Ladder):
    """A ladder of second differences; the slope of a rung is the second difference."""

    def take(self, step: float) -> Rung | None:
        """Evaluate both sides."""
        self.left -= 2
        rung = take_rung(self.line, step)
        if rung is None:
            return None
        bend = (rung.plus + rung.minus - 2 * self.center) / step
        found = Rung(step, bend, -bend)
        self.rungs.append(found)
        return found

    def rounding_at(self, rung: Rung) -> Array:
        """Three values, one of them twice."""
        return np.asarray(4 * self.noise.floor(self.center) / rung.step**2)

    def done(self, following: float) -> bool:
        """Good enough, or the next step would be noisier than what there is."""
        hopeless = 4 * self.noise.floor(self.center) / following**2 >= self.error
        return bool(np.all(hopeless & np.isfinite(self.error)))


def second_slope(line: Line, noise: Noise, center: Array, *, start: float = START, limit: int = 28) -> Slope:
    """The second derivative at 0 of a line whose value there is ``center``."""
    ladder = SecondLadder(line, noise, center, limit)
    ladder.climb(start)
    return Slope(ladder.value, ladder.error, ladder.step, ladder.rungs)


def asymmetry(block: Array, scale: Array) -> tuple[int, int] | None:
    """Where a Hessian is not symmetric: the worst pair of entries."""
    scaled = block * scale.reshape(-1)[:, None] * scale.reshape(-1)
    off = np.abs(scaled - scaled.T)
    if not np.all(np.isfinite(off)) or np.max(off, initial=0.0) <= UNSYMMETRIC * np.max(np.abs(scaled), initial=0.0):
        return None
    row, column = np.unravel_index(int(np.argmax(off)), off.shape)
    return int(row), int(column)
