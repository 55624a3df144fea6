"""A repair is tried at every point; only if the repaired derivative passes everywhere is anything claimed."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from mccli.numeric.diagnose.diagnosis import Diagnosis
from mccli.numeric.diagnose.scene import Scene
from mccli.numeric.diagnose.view import TELLING, View
from mccli.numeric.gradcheck.problem import Array

Repair = Callable[[View], Array | None]
ENOUGH = 6.0
"""A repair with fitted numbers must be seen to hold to so many decimal digits altogether."""


def errors(scene: Scene, repair: Repair) -> list[float] | None:
    """The error after a repair, point by point; None if it does not pass at all of them."""
    found = []
    for view in scene.views:
        with np.errstate(all="ignore"):
            compared = view.compare(repair(view))
        if not compared.passes:
            return None
        found.append(compared.error)
    return found


def attempt(
    scene: Scene,
    repair: Repair,
    label: str,
    sentence: str,
    done: str,
    rank: float,
    *,
    detail: tuple[str, ...] = (),
    fitted: int = 0,
    remote: bool = False,
) -> Diagnosis | None:
    """The diagnosis, if the repair passes at all points; ``done`` says what was done: "after transposing".

    ``remote``: a formula found among many must hold far away too, where other branches of f may be at work.
    """
    after = errors(scene, repair)
    if after is None or not enough(scene, max(after), fitted):
        return None
    if remote and not all(view.compare(repair(view)).passes for view in scene.remote):
        return None
    text = said(done, scene.before, after)
    return Diagnosis(label, sentence, text, scene.name, scene.before, max(after), detail, rank)


def enough(scene: Scene, after: float, fitted: int) -> bool:
    """Whether passing means anything: the error fell by far, and not because numbers were fitted to few others."""
    if not (scene.before > TELLING * max(after, scene.coarseness)):
        return False
    measured = sum(v.numeric.size for v in scene.views)
    return (measured - fitted) * scene.digits >= (ENOUGH if fitted else 0)


def said(done: str, before: float, after: list[float]) -> str:
    """The numbers of a test."""
    others = " and ".join(brief(e) for e in after[1:])
    count = {1: "a second point", 2: "two other points"}.get(len(after) - 1, f"{len(after) - 1} other points")
    start = "" if np.isinf(before) else f"from {brief(before)} "
    # a first error of infinity is a shape that could not be compared
    verb = "the error falls" if start else "the error is"
    joint = "to " if start else ""
    also = f"; at {count}: {others}" if others else ""
    return f"{done}, {verb} {start}{joint}{brief(after[0])}{also}"


def brief(number: float) -> str:
    """Two digits are enough for an error."""
    return f"{number:.2g}" if number else "0"
