"""From a wrong verdict to its causes: the tests in order, each argument by itself."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping

from mccli.errors import McError
from mccli.numeric.diagnose.behaviour import at_kink, behaviour, lags_behind, never_changes, single_precision
from mccli.numeric.diagnose.chain import chain
from mccli.numeric.diagnose.curl import curl
from mccli.numeric.diagnose.diagnosis import Diagnosis, ordered
from mccli.numeric.diagnose.direct import direct
from mccli.numeric.diagnose.entries import some_entries
from mccli.numeric.diagnose.masks import masks
from mccli.numeric.diagnose.samples import samples
from mccli.numeric.diagnose.scene import Scene, open_scene
from mccli.numeric.diagnose.shapes import shapes
from mccli.numeric.diagnose.sides import sides
from mccli.numeric.diagnose.special import special
from mccli.numeric.diagnose.terms import terms
from mccli.numeric.gradcheck import Problem, Report, Worst

Test = Callable[[Scene], Iterator[Diagnosis]]

STAGES: tuple[tuple[Test, ...], ...] = (
    (lags_behind, single_precision),
    (shapes,),
    (direct, masks),
    (special, terms, chain, some_entries, sides, never_changes),
    (samples,),
    (curl,),
)
"""A later stage is only entered if the earlier ones found nothing."""

CHEAP = 3
"""These stages need nothing but the views, which were made already."""


def diagnose(
    problem: Problem,
    report: Report,
    *,
    scalars: Mapping[str, float] | None = None,
    worst: Worst | None = None,
    budget_seconds: float = 10.0,
) -> list[Diagnosis]:
    """The mistakes that explain a wrong gradient, the most likely one first; empty if none was found, or none is there.

    ``scalars``: names and values of numbers that f uses and that are no arguments of the problem, such as defaults.
    """
    if report.verdict == "right":
        return []
    deadline = time.monotonic() + budget_seconds
    found = [*behaviour(problem, report), *at_kink(report)]
    if found:
        return ordered(found)
    for about in report.arguments:
        if about.verdict != "wrong":
            continue
        mine = worst if worst is not None and worst.name == about.name else None
        scene = open_scene(problem, report, about, scalars or {}, deadline, mine)
        if scene is not None and not scene.right:
            found += ordered(_stages(scene))
    return sorted(found, key=lambda d: (d.rank, d.after))


def _stages(scene: Scene) -> Iterator[Diagnosis]:
    for number, stage in enumerate(STAGES):
        if number >= CHEAP and not scene.in_time:
            return
        found = [d for test in stage for d in _safely(test, scene)]
        yield from found
        if found:
            return


def _safely(test: Test, scene: Scene) -> list[Diagnosis]:
    """A test that breaks down on strange numbers finds nothing; trouble with the user's process is passed on."""
    try:
        return list(test(scene))
    except McError:
        raise
    except (ArithmeticError, ValueError, IndexError, TypeError):
        return []
