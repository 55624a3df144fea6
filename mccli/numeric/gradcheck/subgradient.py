"""At a kink: is the value that the user gives there a subgradient.

Along a direction v the slopes of f from both sides bracket <g, v> for every subgradient g, if f is convex or concave
near the point; so they do along an entry whose part of f stands by itself. For other kinks the bracket may be too
narrow (|x| - |y| along (1, 1)): the limits of gradients, and their mixtures, allow more (F. H. Clarke, Optimization and
Nonsmooth Analysis (1983), 2.1 and 2.5). The user's own gradient around the point, where f is smooth, says which case it
is, and which directions are worth a look; it costs no evaluation of f.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import numpy as np

from mccli.numeric.gradcheck.kinks import Sides, sides
from mccli.numeric.gradcheck.neighbours import Neighbours
from mccli.numeric.gradcheck.problem import Array, Direction
from mccli.numeric.gradcheck.spot import Spot
from mccli.numeric.gradcheck.structures import Structure

OUTPUTS, ENTRIES = 2, 4
"""Outputs, and entries, that are looked at: those that are the furthest from what the neighbours have."""

MARGIN = 10.0
VAGUE = 0.05
"""A tolerance beyond this part of the slopes proves nothing."""

NEARER = 0.01

Judgement = Literal["within", "beside", "outside", "unclear"]
"""Between the slopes; not so, but like the neighbours; beyond both, and that a mistake; or perhaps none."""


@dataclass(frozen=True)
class Looked:
    """A direction with the slopes on both sides, the slope that is claimed, and what follows."""

    direction: Direction
    sides: Sides
    said: Array
    judgement: Judgement
    entry: int | None = None


class AtKink:
    """One argument at a point where a kink was seen clearly at some step."""

    def __init__(
        self, spot: Spot, name: str, structure: Structure | None, step: float, rng: np.random.Generator
    ) -> None:
        self.spot, self.name, self.structure, self.step = spot, name, structure, step
        self.neighbours = Neighbours(spot, name, structure, step, rng)

    def look(self, direction: Direction) -> list[Looked]:
        """The direction in which the kink was seen, and then those in which a mistake would show most."""
        found = [self._along(direction)]
        for other, entry in self._directions():
            if found[-1].judgement == "outside":
                break
            found.append(self._along(other, entry))
        return found

    def _directions(self) -> Iterator[tuple[Direction, int | None]]:
        """Along what parts the claim from its neighbours, and along single entries."""
        neighbours = self.neighbours
        beyond = neighbours.beyond()
        order = np.argsort(-np.max(np.abs(beyond), axis=1, initial=0.0), kind="stable")
        for output in order[:OUTPUTS]:
            apart = neighbours.apart(int(output))
            if apart is not None:
                v = (apart / np.max(np.abs(apart))).reshape(neighbours.scale.shape) * neighbours.scale
                yield self._direction(v), None
        most = np.max(np.abs(beyond), axis=0, initial=0.0)
        for entry in np.argsort(-most, kind="stable")[:ENTRIES]:
            if most[entry] > 0:
                yield self._direction(neighbours.unit(int(entry))), int(entry)

    def _direction(self, v: Array) -> Direction:
        return {self.name: v if self.structure is None else self.structure.project(v)}

    def _along(self, direction: Direction, entry: int | None = None) -> Looked:
        spot = self.spot
        said = spot.claim.along(direction)
        both = self._sides(direction, said.value)
        if both is None:
            return Looked(direction, Sides(said.value, said.value, said.rounding), said.value, "unclear", entry)
        tolerance = MARGIN * both.error + said.rounding
        looked = Looked(direction, both, said.value, "within", entry)
        out = ~both.covers(said.value, tolerance)
        if not np.any(out):
            blurred = ~both.covers(said.value, said.rounding) & (tolerance > VAGUE * both.size(said.value))
            return replace(looked, judgement="unclear") if np.any(blurred) else looked
        if not np.any(out & self.neighbours.unlike(direction, said.value, tolerance)):
            return replace(looked, judgement="beside")
        one_way = self._one_way  # finds more neighbours
        out &= self.neighbours.unlike(direction, said.value, tolerance)
        if not np.any(out):
            return replace(looked, judgement="beside")
        if np.any(out & (one_way | self._told_by_entry(entry))):
            return replace(looked, judgement="outside")
        return replace(looked, judgement="beside" if self._entries_stand_alone(direction, out) else "unclear")

    @cached_property
    def _one_way(self) -> Array:
        return self.neighbours.bend_one_way()

    def _sides(self, direction: Direction, said: Array) -> Sides | None:
        """The slopes on both sides; from nearer by where the first step was too large."""
        spot, line = self.spot, self.spot.line(direction)
        found = sides(line, self.step, spot.center, spot.noise)
        if found is None or not np.any(MARGIN * found.error > VAGUE * found.size(said)):
            return found
        nearer = sides(line, self.step * NEARER, spot.center, spot.noise)
        return nearer if nearer is not None and np.all(nearer.error <= found.error) else found

    def _told_by_entry(self, entry: int | None) -> Array:
        """Outputs for which the slopes along an entry say all about it."""
        return np.zeros(self.spot.center.shape, bool) if entry is None else self.neighbours.stands_alone(entry)

    def _entries_stand_alone(self, direction: Direction, out: Array) -> bool:
        """Whether f is a sum of functions of one entry each, so that looking at entries is enough."""
        moving = np.flatnonzero(direction[self.name])
        return self.structure is None and all(np.all(self.neighbours.stands_alone(int(i))[out]) for i in moving)
