"""All that is known about one wrong derivative: views at two or three points, and where to get more of them."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from mccli.numeric.diagnose.looking import FEW, Looker
from mccli.numeric.diagnose.view import TELLING, View
from mccli.numeric.gradcheck.calls import Calls
from mccli.numeric.gradcheck.examine import QUIET
from mccli.numeric.gradcheck.noise import EPS
from mccli.numeric.gradcheck.points import candidates
from mccli.numeric.gradcheck.problem import Arguments, Problem
from mccli.numeric.gradcheck.report import ArgumentReport, Report
from mccli.numeric.gradcheck.structures import is_symmetric
from mccli.numeric.gradcheck.worst import Worst


@dataclass(eq=False)
class Scene:
    """One derivative by one argument, as far as it has been looked at."""

    problem: Problem
    about: ArgumentReport
    looker: Looker
    views: list[View]
    scalars: Mapping[str, float]
    deadline: float
    report: Report
    worst: Worst | None = None
    _remote: list[View] | None = None

    @property
    def name(self) -> str:
        """The argument."""
        return self.about.name

    @property
    def noun(self) -> str:
        """What the user calls it."""
        kind = self.about.kind
        return {"hessian": "Hessian", "jacobian": "Jacobian"}.get(kind, kind)

    @property
    def whose(self) -> str:
        """The beginning of a sentence."""
        return f"your {self.noun} for {self.name}"

    @property
    def in_time(self) -> bool:
        """Whether there is time for more."""
        return time.monotonic() < self.deadline

    @property
    def small(self) -> bool:
        """Whether every entry of the derivative is known."""
        return all(v.small for v in self.views)

    @property
    def lead(self) -> View:
        """Where the user's array is the most wrong: the point that tells the most."""
        return max(self.views, key=lambda v: v.yours_compared().error)

    @property
    def remote(self) -> list[View]:
        """A point far away, where f has a value there: other branches of f may be at work."""
        if self._remote is None:
            rng = np.random.default_rng([self.problem.seed, 37])
            view = self.looker.look(_farther(self.problem, rng, 0.7, 1.4)) if self.small else None
            self._remote = [view] if view is not None and view.fits and view.coarseness < COARSE else []
        return self._remote

    @property
    def before(self) -> float:
        """The error of what the user has, the largest over the points."""
        return max(v.yours_compared().error for v in self.views)

    @property
    def fits(self) -> bool:
        """Whether the user's arrays have the right shape everywhere."""
        return all(v.fits for v in self.views)

    @property
    def right(self) -> bool:
        """Whether there is nothing to explain after all."""
        return all(v.yours_compared().passes for v in self.views)

    @property
    def coarseness(self) -> float:
        """The worst tolerance, relative to the derivative."""
        return max(v.coarseness for v in self.views)

    @property
    def digits(self) -> float:
        """How many decimal digits of the error can be seen: what a fit may be trusted with."""
        below = max(self.coarseness, 1e-13)
        return float(np.log10(max(min(self.before, 1.0) / below, 1.0)))

    @property
    def telling(self) -> bool:
        """Whether the derivative is known well enough for a repair to mean anything."""
        return self.before > TELLING * self.coarseness


POINTS = 3
ATTEMPTS = 4
COARSE = 1e-5
EVALUATIONS, SHARE = 10, 0.25
"""An entry takes so many evaluations of f; so much of the time may go into looking."""


def open_scene(
    problem: Problem,
    report: Report,
    about: ArgumentReport,
    scalars: Mapping[str, float],
    deadline: float,
    worst: Worst | None,
) -> Scene | None:
    """Look at the points of the report, and at one more; None if two of them cannot be had."""
    if report.noise is not None and report.noise.relative > QUIET * EPS:
        # the imaginary part need not know of the noise
        problem = replace(problem, allow_complex=False)
    calls = Calls(problem)
    calls.reseeding = any("frozen by seeding" in r for r in report.remarks)
    looker = Looker(calls, about.kind, about.name, about.structure == "symmetric")
    looker.few = _affordable(calls, problem.arguments, deadline)
    views: list[View] = []
    for place in _places(problem, report):
        wanted = POINTS if np.asarray(problem.arguments[about.name]).size <= 200 else 2
        if len(views) >= wanted or (len(views) >= 2 and time.monotonic() > deadline):
            break
        view = looker.look(place)
        if view is not None:
            views.append(view)
    if len(views) < 2:
        return None
    return Scene(problem, about, looker, views, scalars, deadline, report, worst)


def _affordable(calls: Calls, arguments: Arguments, deadline: float) -> int:
    """How many entries can be looked at one by one in a part of the time."""
    begun = time.monotonic()
    calls.value(arguments)
    each = max(time.monotonic() - begun, 1e-7) * EVALUATIONS * POINTS
    return int(min(FEW, max(SHARE * (deadline - begun) / each, 1)))


def _places(problem: Problem, report: Report) -> Iterator[Arguments]:
    """The points of the report, one farther away, and more near the given one if these are not enough."""
    yield from report.places
    if not report.places:
        yield problem.arguments
    for attempt in range(ATTEMPTS):
        rng = np.random.default_rng([problem.seed, 31, attempt])
        yield _farther(problem, rng)
        yield from candidates(problem, rng)


def _farther(problem: Problem, rng: np.random.Generator, low: float = -0.9, high: float = 0.9) -> Arguments:
    """Every entry that is looked at shrinks or grows by itself and keeps its sign: most domains allow that."""
    place = dict(problem.arguments)
    for name in problem.checked():
        x = np.asarray(place[name])
        change = np.exp(rng.uniform(low, high, x.shape))
        if name in problem.symmetric or is_symmetric(x):
            change = np.full(x.shape, np.exp(rng.uniform(0.3, high)))
        if name in problem.frozen:
            change = np.where(problem.frozen[name], 1.0, change)
        place[name] = np.asarray(x * change).astype(x.dtype)
    return place
