"""All that is known about one wrong derivative: views at two or three points, and where to get more of them."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from mccli.numeric.diagnose.looking import Looker
from mccli.numeric.diagnose.view import TELLING, View
from mccli.numeric.gradcheck.calls import Calls
from mccli.numeric.gradcheck.points import candidates
from mccli.numeric.gradcheck.problem import Arguments, Problem
from mccli.numeric.gradcheck.report import ArgumentReport, Report
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
    notes: dict[str, str] = field(default_factory=dict)

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
    def before(self) -> float:
        """The error of what the user has, the largest over the points."""
        return max(v.yours_compared().error for v in self.views)

    @property
    def fits(self) -> bool:
        """Whether the user's arrays have the right shape everywhere."""
        return all(v.fits for v in self.views)

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


def open_scene(
    problem: Problem,
    report: Report,
    about: ArgumentReport,
    scalars: Mapping[str, float],
    deadline: float,
    worst: Worst | None,
) -> Scene | None:
    """Look at the points of the report, and at one more; None if two of them cannot be had."""
    calls = Calls(problem)
    calls.reseeding = any("frozen by seeding" in r for r in report.remarks)
    looker = Looker(calls, about.kind, about.name, about.structure == "symmetric")
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


def _places(problem: Problem, report: Report) -> Iterator[Arguments]:
    yield from report.places
    if not report.places:
        yield problem.arguments
    for attempt in range(ATTEMPTS):
        rng = np.random.default_rng([problem.seed, 31, attempt])
        yield from candidates(problem, rng)
