"""The numerical gradient with its error, where there is none to check; and a Taylor table as an explanation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from mccli.numeric.gradcheck.calls import Calls
from mccli.numeric.gradcheck.claims import Claim, Products
from mccli.numeric.gradcheck.noise import Noise, measure
from mccli.numeric.gradcheck.prechecks import precheck
from mccli.numeric.gradcheck.problem import Arguments, Array, Direction, Problem
from mccli.numeric.gradcheck.spot import Spot
from mccli.numeric.gradcheck.table import Progress, prober_for, table
from mccli.numeric.gradcheck.visits import Visitor, finite


@dataclass(frozen=True)
class Numerical:
    """A derivative of shape f.shape + x.shape, the error of every entry, and how it was found."""

    value: Array
    error: Array
    method: str


def _nothing(direction: Direction) -> None:
    del direction


def _nobody(arguments: Arguments) -> Claim | None:
    del arguments
    return None


def full_gradient(problem: Problem, *, progress: Progress | None = None) -> Mapping[str, Numerical]:
    """The derivative with respect to every argument to be checked, entry by entry."""
    calls = Calls(problem)
    known = precheck(calls)
    center = known.value.reshape(-1).astype(float)
    quiet = Noise(np.full(center.shape, known.jump))
    spot = Spot(calls, "gradient", problem.arguments, center, Products(_nothing), quiet, _nobody)
    rng = np.random.default_rng(problem.seed)
    names = problem.checked()
    if names:
        found = measure(spot.line({n: spot.direction(n, rng) for n in names}), center)
        spot.noise = quiet if found is None else found.widened(quiet)
    return {name: _numerical(spot, name, known.value, rng, progress) for name in names}


def _numerical(spot: Spot, name: str, value: Array, rng: np.random.Generator, progress: Progress | None) -> Numerical:
    prober = prober_for(spot, name, None, rng)
    x = np.asarray(spot.arguments[name])
    found = table(prober, range(x.size), progress)
    shape = value.shape + x.shape
    method = "complex step" if prober.exact else "differences"
    return Numerical(found.value.reshape(shape), found.error.reshape(shape), method)


@dataclass(frozen=True)
class TaylorRow:
    """What is left of f(x + h v) - f(x) without and with the claimed gradient, and how it shrinks."""

    step: float
    plain: float
    corrected: float
    rate: float
    """2 with a right gradient, 1 with a wrong one, until rounding takes over; NaN in the first row."""


def taylor_table(problem: Problem, *, start: float = 0.1, rows: int = 7) -> tuple[TaylorRow, ...]:
    """The Taylor remainder along a random direction of all arguments: an explanation, never a verdict."""
    calls, rng = Calls(problem), np.random.default_rng([problem.seed, 3])
    value = finite(calls, problem.arguments)
    visit = Visitor(calls, problem.kinds()[0], rng).visit(problem.arguments, 0, value, {})
    if not visit.spots:
        return ()
    name, spot = next(iter(visit.spots.items()))
    direction = {name: spot.direction(name, rng)}
    said = spot.claim.along(direction).value
    found: list[TaylorRow] = []
    for k in range(rows):
        h = start / 4**k
        there = spot.line(direction)([h])[0]
        if there is None:
            continue
        change = there - spot.center
        plain, corrected = float(np.linalg.norm(change)), float(np.linalg.norm(change - h * said))
        found.append(TaylorRow(h, plain, corrected, _rate(found, h, corrected)))
    return tuple(found)


def _rate(rows: list[TaylorRow], step: float, corrected: float) -> float:
    if not rows or corrected <= 0 or rows[-1].corrected <= 0:
        return float("nan")
    return float(np.log(rows[-1].corrected / corrected) / np.log(rows[-1].step / step))
