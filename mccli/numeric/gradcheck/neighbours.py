"""What the user's gradient is around a point, where f is smooth: it tells which subgradients there can be at it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations, pairwise

import numpy as np

from mccli.numeric.gradcheck.calls import moved
from mccli.numeric.gradcheck.claims import Blocks, Claim
from mccli.numeric.gradcheck.directions import signs_and_sizes
from mccli.numeric.gradcheck.problem import Array, Direction
from mccli.numeric.gradcheck.spot import Spot
from mccli.numeric.gradcheck.structures import Structure

PATTERNS = 4
"""Neighbours on opposite sides of the point: all entries moved the same way, and so many times either way."""

SAME = 1e-4
"""Entries that differ by less, relative to the largest, are the same."""

LINES, STOPS, REACH = 4, 24, 2.0
"""Lines past the point, along which the gradient is read at so many places."""

MANY = 1000
"""With more entries fewer places must do."""

ROUNDS, ASIDE = 4, 0.1
"""So often neighbours are looked for where they may be nearer to the claim."""

FEW = 8
"""Products with so many directions make a matrix."""


class Neighbours:
    """The claims at points around a spot, for one argument."""

    def __init__(
        self, spot: Spot, name: str, structure: Structure | None, step: float, rng: np.random.Generator
    ) -> None:
        self.spot, self.name, self.structure = spot, name, structure
        self.step, self.rng = step, rng
        self.scale = spot.scale(name)
        self.offsets: list[Array] = []
        self.claims: list[Claim] = []
        sizes = [signs_and_sizes(self.scale.shape, rng) * self.scale for _ in range(1 + PATTERNS)]
        self.blocks: list[Array] = []
        """Their entries (outputs, entries), in units of the argument's; none where there are no entries."""

        for pattern in (np.abs(sizes[0]), *sizes[1:]):
            self._visit(pattern)
        self.own = self._entries(spot.claim)

    def _visit(self, pattern: Array) -> None:
        """The points on both sides."""
        for offset in (pattern, -pattern):
            claim = self._claim(offset)
            if claim is not None:
                self._keep(offset, claim)

    def _keep(self, offset: Array, claim: Claim) -> None:
        self.offsets.append(self._projected(offset))
        self.claims.append(claim)
        block = self._entries(claim)
        self.blocks += [] if block is None else [block]

    def _projected(self, offset: Array) -> Array:
        return offset if self.structure is None else self.structure.project(offset)

    def _claim(self, offset: Array) -> Claim | None:
        """What the user says a little away from the point."""
        direction = {self.name: self._projected(offset)}
        claim = self.spot.reread(moved(self.spot.arguments, direction, self.step))
        return claim if claim is not None and np.all(np.isfinite(claim.along(direction).value)) else None

    @property
    def entries(self) -> Array | None:
        """(neighbours, outputs, entries); None where there are no entries."""
        return np.stack(self.blocks) if self.blocks and self.own is not None else None

    def _entries(self, claim: Claim) -> Array | None:
        if isinstance(claim, Blocks):
            return np.asarray(claim.blocks[self.name] * self.scale.reshape(-1))
        if self.scale.size > FEW:
            return None
        units = (self.unit(i) for i in range(self.scale.size))
        return np.stack([claim.along({self.name: v}).value for v in units], axis=1)

    def unit(self, entry: int) -> Array:
        """A direction that moves one entry."""
        v = np.zeros(self.scale.shape)
        v.flat[entry] = self.scale.flat[entry]
        return v

    def bend_one_way(self) -> Array:
        """Whether each output is convex or concave here, as far as is seen.

        The slope of a convex function along a line grows, (g - h)'(x - y) >= 0 for gradients g and h at x and y; that
        of a concave one falls. Lines that miss the point cross one kink after the other.
        """
        turns = [
            self._turn(here, one, there, other)
            for (here, one), (there, other) in combinations(zip(self.offsets, self.claims, strict=True), 2)
        ]
        stops = STOPS if self.scale.size <= MANY else FEW
        for _ in range(LINES):
            base, along = (signs_and_sizes(self.scale.shape, self.rng) * self.scale for _ in range(2))
            found = [(at, self._claim(at)) for at in (base + t * along for t in np.linspace(-REACH, REACH, stops))]
            known = [(at, claim) for at, claim in found if claim is not None]
            for at, claim in known:
                self._keep(at, claim)
            turns += [self._turn(*second, *first) for first, second in pairwise(known)]
        if not turns:
            return np.zeros(self.spot.center.shape, dtype=bool)
        every = np.stack(turns)
        return np.asarray(np.all(every >= 0, axis=0) | np.all(every <= 0, axis=0))

    def _turn(self, here: Array, one: Claim, there: Array, other: Claim) -> Array:
        first, second = (claim.along({self.name: here - there}) for claim in (one, other))
        turn = first.value - second.value
        return np.where(np.abs(turn) <= SAME * (first.size + second.size), 0.0, turn)

    def unlike(self, direction: Direction, value: Array, tolerance: Array) -> Array:
        """Outputs for which a slope along a direction is beyond those of all neighbours."""
        if not self.claims:
            return np.ones(value.shape, dtype=bool)
        found = np.stack([claim.along(direction).value for claim in self.claims])
        allowed = tolerance + SAME * np.max(np.abs(found), axis=0)
        return np.asarray((value < np.min(found, axis=0) - allowed) | (value > np.max(found, axis=0) + allowed))

    def stands_alone(self, entry: int) -> Array:
        """Outputs whose slope along an entry depends on nothing but the side on which that entry is."""
        if self.entries is None:
            return np.zeros(self.spot.center.shape, dtype=bool)
        values = self.entries[:, :, entry]
        right = np.array([offset.flat[entry] > 0 for offset in self.offsets])
        spreads = [np.ptp(values[side], axis=0) for side in (right, ~right) if np.any(side)]
        return np.asarray(np.max(spreads, axis=0) <= SAME * np.max(np.abs(self.entries), axis=(0, 2)))

    def beyond(self) -> Array:
        """By how much each entry of the claim is beyond those of all neighbours (outputs, entries)."""
        if self.entries is None or self.own is None:
            return np.zeros((self.spot.center.size, 0))
        off = self.own - np.clip(self.own, np.min(self.entries, axis=0), np.max(self.entries, axis=0))
        size = np.max(np.abs(self.entries), axis=(0, 2))[:, None]
        return np.asarray(np.where(np.abs(off) > SAME * size, off, 0.0))

    def apart(self, output: int) -> Array | None:
        """What parts the claim about an output from all mixtures of its neighbours; None if it is one of them."""
        if self.own is None or not self.blocks:
            return None
        rounds = ROUNDS if self.scale.size > 1 else 1
        for left in reversed(range(rounds)):
            rows = np.stack([block[output] for block in self.blocks])
            nearest = nearest_to_zero(rows - self.own[output])
            if np.max(np.abs(nearest)) <= SAME * np.max(np.abs(rows)):
                return None
            if left:  # the extremes are on both sides of it, and beside ties that the direction itself may keep
                v = (nearest / np.max(np.abs(nearest))).reshape(self.scale.shape)
                self._visit((v + ASIDE * self.rng.uniform(-1, 1, v.shape)) * self.scale)
        return -nearest


def nearest_to_zero(points: Sequence[Array] | Array) -> Array:
    """The shortest vector among the mixtures of some vectors.

    Non-negative least squares with a row of ones (C. L. Lawson and R. J. Hanson, Solving Least Squares Problems (1974),
    chapter 23), on the few inner products.
    """
    rows = np.asarray(points)
    size = float(np.max(np.abs(rows), initial=0.0)) or 1.0
    gram = (rows / size) @ (rows / size).T + 1.0
    weights, used = np.zeros(len(rows)), np.zeros(len(rows), dtype=bool)
    for _ in range(3 * len(rows)):
        pull = 1.0 - gram @ weights
        pull[used] = -np.inf
        if np.max(pull) <= 1e-12:
            break
        used[int(np.argmax(pull))] = True
        while True:
            trial = np.zeros(len(rows))
            trial[used] = np.linalg.lstsq(gram[np.ix_(used, used)], np.ones(np.count_nonzero(used)), rcond=None)[0]
            low = used & (trial <= 0)
            if not np.any(low):
                break
            share = np.min(weights[low] / np.maximum(weights[low] - trial[low], 1e-300))
            weights = weights + share * (trial - weights)
            used &= weights > 1e-12
            weights[~used] = 0.0
        weights = trial
    return np.asarray(weights @ rows / np.sum(weights))
