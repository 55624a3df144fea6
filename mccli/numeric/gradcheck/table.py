"""Every entry of a derivative by itself: one ladder, or one complex step, for each entry of the argument."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from mccli.numeric.gradcheck.complex_step import ComplexTrust, complex_error, complex_slope
from mccli.numeric.gradcheck.ladder import RATIO, START, Slope, slope
from mccli.numeric.gradcheck.noise import EPS
from mccli.numeric.gradcheck.problem import Array, Direction
from mccli.numeric.gradcheck.second import second_slope
from mccli.numeric.gradcheck.spot import Spot
from mccli.numeric.gradcheck.structures import Structure

Progress = Callable[[int, int, str], None]
"""Told how many of how many are done, and of what."""


@dataclass
class Prober:
    """Slopes along any direction of one argument, by whatever method was found to work there."""

    spot: Spot
    name: str
    exact: bool = False
    structure: Structure | None = None
    start: float = START
    limit: int = 28

    def slope(self, direction: Direction) -> Slope:
        """The slope along a direction."""
        if self.exact:
            found = complex_slope(self.spot, direction)
            if found is not None:
                return Slope(found, complex_error(found, self.spot.rounding() * EPS), 0.0)
        line = self.spot.line(direction)
        if self.spot.second:
            return second_slope(line, self.spot.noise, self.spot.center, limit=self.limit)
        return slope(line, self.spot.noise, self.spot.center, start=self.start, limit=self.limit)

    def unit(self, index: int) -> tuple[Array, float]:
        """A direction that moves one entry by its scale (and its mirror image, if the argument is symmetric).

        And by what to divide the slope along it: by the scale, or its square for a second derivative.
        """
        scale = self.spot.scale(self.name)
        v = np.zeros(scale.shape)
        step = float(scale.flat[index])
        v.flat[index] = step
        return (v if self.structure is None else self.structure.project(v)), step**2 if self.spot.second else step

    def entry(self, index: int) -> tuple[Array, Array]:
        """The derivative of every output with respect to one entry, and its error."""
        v, step = self.unit(index)
        if not step:  # a constant
            nothing = np.zeros_like(self.spot.center)
            return nothing, nothing
        found = self.slope({self.name: v})
        return found.value / step, found.error / step


def prober_for(spot: Spot, name: str, structure: Structure | None, rng: np.random.Generator) -> Prober:
    """Find out with two random directions where the ladder should begin and whether the complex step works."""
    prober, trust = Prober(spot, name, structure=structure), ComplexTrust()
    starts = []
    for _ in range(2):
        direction = {name: spot.direction(name, rng, structure)}
        found = prober.slope(direction)
        if found.found:
            starts.append(min(START, found.step * (RATIO**2 if found.restarted else RATIO**4)))
        if spot.calls.problem.allow_complex and not trust.refused:
            trust.compare(complex_slope(spot, direction), found)
    prober.exact, prober.start = trust.verified, min(starts, default=START)
    return prober


@dataclass
class Table:
    """Derivatives (outputs, entries) with their errors, for some of the entries."""

    indices: Array
    value: Array
    error: Array


def table(
    prober: Prober, indices: Iterable[int], progress: Progress | None = None, deadline: float | None = None
) -> Table:
    """Entries one by one, as many as there is time for."""
    wanted = list(indices)
    done: list[int] = []
    values: list[Array] = []
    errors: list[Array] = []
    for count, index in enumerate(wanted):
        if deadline is not None and time.monotonic() > deadline and done:
            break
        value, error = prober.entry(index)
        done.append(index)
        values.append(value)
        errors.append(error)
        if progress is not None:
            progress(count + 1, len(wanted), f"entries of {prober.name}")
    return Table(np.array(done, dtype=int), np.stack(values, axis=1), np.stack(errors, axis=1))
