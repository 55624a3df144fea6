"""A closer look at a disagreement that is too small to be the mistake it looks like.

A function with an iterative solver inside is smooth where the number of iterations stays the same, and its slope is
known to 12 digits; yet the textbook gradient is that of the solution itself and agrees to as many digits as the solver
was asked for. Such a bias is small in every entry. Mistakes are not: halving the direction leads to an entry that is
off by much of itself, or to the only one that is off at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.polynomial import chebyshev

from mccli.numeric.gradcheck.claims import Blocks
from mccli.numeric.gradcheck.ladder import Slope
from mccli.numeric.gradcheck.noise import EPS
from mccli.numeric.gradcheck.probes import Measured
from mccli.numeric.gradcheck.problem import Array
from mccli.numeric.gradcheck.table import Prober

TINY = 1e-7
"""A disagreement below this part of the slope's scale, sqrt(sum (g_i v_i)^2), may be a solver's."""

SMALL = 3e-6
"""Up to here it may be one too, but only if f is seen to jump as solvers do."""

DOUBTFUL = 2e-5
"""And up to here nobody can tell, if f jumps."""

LARGE = 1e-5
"""An entry off by more than this part of a typical one is wrong."""

OUTSTANDING = 10.0
"""Or, where all of them may be off by more than that, by so many times what they are off by."""

OWN = 1e-3
"""And so is one off by more than this part of itself; a right entry may be nearly zero by chance, but seldom so."""

CLEAN = 0.05
"""One half has all of the disagreement if the other has no more than this part of it."""

ENOUGH, OTHERS = 3, 2
"""So many halvings in a row with all of it on one side are no accident; the first two may part wrong entries."""

DOUBT, BLUR = 0.3, 0.2
EVALUATIONS = 6
"""For the slope along a part of a direction, with steps that suited the whole."""

NODES, MORE_NODES, REACHES = 17, 25, (0.1, 0.5)
PLATEAU, DEEP, LOUD = 0.2, 1e-6, 30.0
FITS = 30.0
"""An interpolated slope counts if its error is so many times smaller than the disagreement."""

TELLING, TRACE = 2e-3, 1e-5
"""Jumps of that part of the disagreement explain it; smaller ones, down to the other, may have to do with it."""

FACTOR_PROBES = 3

Judgement = Literal["pinned", "solver", "unclear"]


def scale_of(measured: Measured) -> Array:
    """The scale of each output's slope, sqrt(sum (g_i s_i)^2); in a balanced direction slopes are smaller."""
    claim, spot = measured.spot.claim, measured.spot
    if not isinstance(claim, Blocks):
        return measured.natural_size()
    parts = [claim.blocks[name] * spot.scale(name).reshape(-1) for name in measured.direction]
    return np.asarray(np.sqrt(sum(np.linalg.norm(p, axis=1) ** 2 for p in parts)))


def relative(measured: Measured) -> float:
    """The largest disagreement of an output that fails, as a part of the slope's scale."""
    return float(np.max(_parts(measured), initial=0.0))


def _parts(measured: Measured) -> Array:
    with np.errstate(divide="ignore", invalid="ignore"):
        part = np.nan_to_num(measured.difference / scale_of(measured), nan=np.inf, posinf=np.inf)
    return np.asarray(np.where(measured.fails, part, 0.0))


class Closer:
    """Whether a small disagreement is pinned to an entry, or is as a solver would make it."""

    def __init__(self, measured: Measured, prober: Prober) -> None:
        self.measured, self.prober = measured, prober
        self.unlimited = measured.spot.calls.ceiling is None
        self.slope: Slope | None = None
        """The slope by interpolation, where f was seen to be smooth."""

        self.entry: Measured | None = None
        """An entry that is off by much, by itself."""

    def judgement(self) -> Judgement:
        """What it is."""
        part = relative(self.measured)
        if self.measured.spot.second or part > DOUBTFUL:
            return "pinned"
        if part > TINY:
            return self._beside_jumps(part)
        found = self._descend()
        return "pinned" if found.large or (found.alone and not self.jump()) else "solver"

    def _beside_jumps(self, part: float) -> Judgement:
        """A disagreement that would be too large for a solver if f did not jump by a good part of it."""
        jump = self.jump()
        if jump < TRACE:
            return "pinned"
        found = self._descend()
        if found.large or (found.alone and part > SMALL):
            return "pinned"
        return "solver" if jump >= TELLING and part <= SMALL else "unclear"

    def _descend(self) -> Located:
        found = Descent(self.measured, self.prober).run()
        self.entry = found.entry if found.large else None
        return found

    def jump(self) -> float:
        """How much f jumps along the direction, as a part of the disagreement; 0 where no jump is seen.

        A solver jumps where the number of its iterations changes. The Chebyshev coefficients of a smooth function fall
        to its rounding; small jumps keep them from it.
        """
        largest = 0.0
        for reach in REACHES:
            found = interpolated(self.measured, reach, MORE_NODES if self.unlimited else NODES)
            if found is None:
                continue
            largest = max(largest, found.jump(self.measured))
            if largest >= TRACE:
                break
            self.slope = self.slope or found.slope(self.measured)
        return largest


@dataclass(frozen=True)
class Located:
    """Where halving a direction has led to: an entry that is off by much, or is alone in being off."""

    large: bool = False
    alone: bool = False
    entry: Measured | None = None
    """The entry by itself."""


@dataclass
class Descent:
    """Halving a failing direction, always into the half that is off the most."""

    measured: Measured
    prober: Prober
    halvings: int = 0
    clean: int = 0
    """Halvings, the last ones, that had all of it on one side."""

    def __post_init__(self) -> None:
        """Of many outputs, the one that is off the most."""
        self.output = int(np.argmax(_parts(self.measured)))
        ((self.name, self.v),) = self.measured.direction.items()

    def run(self) -> Located:
        """To a single entry, or to where nothing more can be seen."""
        used = np.flatnonzero(self.v)
        off = self.off(self.measured)
        while used.size > 1:
            middle = used.size // 2
            left = self.part(used[:middle])
            if left is None:
                return Located()
            one, other, doubt = self.off(left), off - self.off(left), float(left.tolerance[self.output])
            less, more = sorted((abs(one), abs(other)))
            if more <= DOUBT * doubt:
                return Located()
            self.halvings += 1
            self.clean = self.clean + 1 if less <= max(CLEAN * more, BLUR * doubt) else 0
            used, off = (used[:middle], one) if abs(one) >= abs(other) else (used[middle:], other)
        return self.entry(used)

    def entry(self, used: Array) -> Located:
        """The verdict about the one that is left, looked at by itself."""
        looked = self.part(used)
        if looked is None or abs(self.off(looked)) <= looked.tolerance[self.output]:
            return Located()
        large = stands_out(looked, relative(self.measured), self.output)
        return Located(large, self.clean >= max(ENOUGH, self.halvings - OTHERS), looked)

    def off(self, measured: Measured) -> float:
        """By how much the claim is off."""
        return float((measured.said.value - measured.slope.value)[self.output])

    def part(self, used: Array) -> Measured | None:
        """The slope with some of the entries moving."""
        masked = np.zeros_like(self.v)
        masked.flat[used] = self.v.flat[used]
        if self.prober.structure is not None:
            masked = self.prober.structure.project(masked)
        direction = {self.name: masked}
        said = self.prober.spot.claim.along(direction)
        measured = Measured(self.prober.spot, direction, "part", self.prober.slope(direction), said)
        return measured if measured.slope.found else None


def stands_out(entry: Measured, level: float, output: int = 0) -> bool:
    """Whether a single entry is off by much of itself, or of a typical one, or far more than all are."""
    ((name, v),) = entry.direction.items()
    scale, off = entry.spot.scale(name), float(entry.difference[output])
    used = np.flatnonzero(v)
    whole = off * float(np.max(scale.flat[used] / np.abs(v.flat[used])))
    typical = float(scale_of(entry)[output]) / np.sqrt(np.count_nonzero(scale))
    return whole > max(LARGE, OUTSTANDING * level) * typical or off > OWN * abs(float(entry.said.size[output]))


@dataclass(frozen=True)
class Interpolated:
    """f along a direction, up to some reach on both sides, as a series of Chebyshev polynomials."""

    reach: float
    coefficients: Array
    size: Array

    def sizes(self) -> tuple[Array, Array, Array]:
        """Of the first coefficients, of some in the middle, and of the last."""
        sizes = np.abs(self.coefficients)
        head, middle, tail = (np.max(s, axis=0) for s in (sizes[:5], sizes[-7:-4], sizes[-4:]))
        return head, middle, tail

    def jump(self, measured: Measured) -> float:
        """Where coefficients fall by much at first, and then no further although there is no noise yet."""
        head, middle, tail = self.sizes()
        noise = np.maximum(measured.spot.noise.level, EPS * self.size)
        seen = (middle <= DEEP * head) & (tail >= PLATEAU * middle) & (tail > LOUD * noise)
        fails = measured.fails
        return float(np.min(np.where(seen, tail, 0.0)[fails] / measured.difference[fails]))

    def derivative(self) -> tuple[Array, Array]:
        """The slope at 0 and its error."""
        *_, tail = self.sizes()
        derivative = chebyshev.chebval(0.0, chebyshev.chebder(self.coefficients)) / self.reach
        error = len(self.coefficients) ** 2 * np.maximum(tail, EPS * self.size) / self.reach
        return np.asarray(derivative), np.asarray(error)

    def slope(self, measured: Measured) -> Slope | None:
        """The slope at 0; None where the last coefficients are too large for it."""
        derivative, error = self.derivative()
        fits = np.all((error <= measured.difference / FITS)[measured.fails])
        return Slope(derivative, error, self.reach / len(self.coefficients)) if fits else None


def interpolated(measured: Measured, reach: float, count: int = NODES) -> Interpolated | None:
    """Evaluate f at Chebyshev points (the middle one is the point itself); None outside the domain."""
    nodes = np.cos(np.pi * (np.arange(count) + 0.5) / count)
    half = count // 2
    found = measured.spot.line(measured.direction)([float(t) for t in reach * np.delete(nodes, half)])
    values = [v for v in (*found[:half], measured.spot.center, *found[half:]) if v is not None]
    if len(values) < count or not np.all(np.isfinite(values)):
        return None
    stacked = np.stack(values)
    return Interpolated(reach, chebyshev.chebfit(nodes, stacked, count - 1), np.max(np.abs(stacked), axis=0))


def slope_from_afar(measured: Measured) -> Slope | None:
    """The slope of f seen from some distance, where ripples do not show; None where it is not what is claimed."""
    found = interpolated(measured, REACHES[0], MORE_NODES)
    if found is None:
        return None
    derivative, error = found.derivative()
    near = np.abs(derivative - measured.said.value) <= error
    fits = np.all((near & (error <= measured.difference / FITS))[measured.fails])
    return Slope(derivative, error, found.reach / MORE_NODES) if fits else None


def common_factor(probes: list[Measured]) -> float | None:
    """The factor by which all slopes are off, if it is the same everywhere: no solver does that."""
    if len(probes) < FACTOR_PROBES or any(m.spot.center.size > 1 or np.any(m.slope.value == 0) for m in probes):
        return None
    if max(np.count_nonzero(v) for v in probes[0].direction.values()) <= ENOUGH:
        return None
    off = np.array([float((m.said.value / m.slope.value)[0]) - 1 for m in probes])
    middle = float(np.median(off))
    return middle if abs(middle) > TINY and np.all(np.abs(off - middle) <= CLEAN * abs(middle)) else None
