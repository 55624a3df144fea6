"""Cases that are right and cases that are wrong, told apart by the side of a threshold they are on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import comb

import numpy as np

from mccli.numeric.diagnose.chain import inner
from mccli.numeric.diagnose.diagnosis import Diagnosis
from mccli.numeric.diagnose.entries import wrong_mask
from mccli.numeric.diagnose.evidence import brief
from mccli.numeric.diagnose.scene import Scene
from mccli.numeric.diagnose.view import View
from mccli.numeric.gradcheck.problem import Array

CHANCE = 1e-3
"""A threshold is believed if some number among as many would tell the cases apart by chance more rarely than this."""

SIDES = 4
"""Above or below, the number or its size."""


@dataclass(frozen=True)
class Sided:
    """A case: whether it is right, and numbers that may decide, with the length of their formulas."""

    right: bool
    numbers: dict[str, tuple[float, float]]


@dataclass(frozen=True)
class Branch:
    """What tells wrong from right, and how many cases there were."""

    text: str
    wrong: int
    right: int
    cost: float


def branch(cases: Sequence[Sided]) -> Branch | None:
    """The simplest number on one side of which everything is wrong and on the other right."""
    wrong = [c for c in cases if not c.right]
    right = [c for c in cases if c.right]
    if not wrong or not right or by_chance(len(wrong), len(right), len(cases[0].numbers)) > CHANCE:
        return None
    best: Branch | None = None
    for text in cases[0].numbers:
        if not all(text in c.numbers for c in cases):
            continue
        cost = cases[0].numbers[text][1]
        bad, good = (np.array([c.numbers[text][0] for c in part]) for part in (wrong, right))
        for told, more in ((_told(text, bad, good), 0.0), (_told(f"|{text}|", np.abs(bad), np.abs(good)), 0.5)):
            if told and (best is None or cost + more < best.cost):
                best = Branch(told, len(wrong), len(right), cost + more)
    return best


def by_chance(wrong: int, right: int, numbers: int) -> float:
    """How often one of so many numbers would have all that is wrong on one side of all that is right."""
    return SIDES * numbers / comb(wrong + right, wrong)


def _told(text: str, bad: Array, good: Array) -> str:
    """ "x < 0", if that is so of all that are bad and of none that is good."""
    if text.startswith("|") and not np.any(bad) and np.all(good):
        return f"{text[1:-1]} = 0"
    if np.max(bad) < np.min(good):
        low, high, sign = float(np.max(bad)), float(np.min(good)), "<"
    elif np.min(bad) > np.max(good):
        low, high, sign = float(np.max(good)), float(np.min(bad)), ">"
    else:
        return ""
    zero = "=" if sign == "<" and low == 0 else ""
    return f"{text} {sign}{zero} {simplest(low, high)}"


def simplest(low: float, high: float) -> str:
    """The number with the fewest digits between two."""
    if low < 0 < high or (low == 0.0 and high > 0):
        return "0"
    for digits in range(6):
        step = 10.0 ** (int(np.floor(np.log10(max(abs(low), abs(high))))) + 1 - digits)
        for part in (1.0, 0.5):
            found = np.ceil(low / (step * part)) * step * part
            if low < found < high:
                return f"{found:.6g}"
    return f"{(low + high) / 2:.6g}"


def sides(scene: Scene) -> Iterator[Diagnosis]:
    """Entries that are wrong on one side: also where the signs are others."""
    if not scene.small or not scene.fits or scene.about.kind != "gradient":
        return
    flipped = _flipped(scene)
    views = [*scene.views, *flipped]
    masks = [wrong_mask(v) for v in views]
    # the same places everywhere is a matter of places
    if not flipped or all(np.array_equal(m, masks[0]) for m in masks):
        return
    told = branch([c for v, m in zip(views, masks, strict=True) for c in _cases(v, m)])
    if told is None:
        return
    sentence = f"one branch of {scene.whose} is wrong: the entries with {told.text} are wrong, all others right"
    evidence = (
        f"at {len(views)} points {told.wrong} entries with {told.text} are wrong (by up to {brief(scene.before)}) and "
        f"{told.right} others right, also after signs were exchanged"
    )
    yield Diagnosis("kink", sentence, evidence, scene.name, scene.before, 0.0, (told.text,), 9.7)


def _cases(view: View, mask: Array) -> list[Sided]:
    fitting = [e for e in inner(view) if e.value.shape == view.shape]
    return [
        Sided(not bool(mask[place]), {e.text: (float(e.value[place]), e.cost) for e in fitting})
        for place in np.ndindex(view.shape)
    ]


def _flipped(scene: Scene) -> list[View]:
    """The first point with signs exchanged at random, where f has values there."""
    rng = np.random.default_rng([scene.problem.seed, 53])
    first = scene.views[0].arguments
    x = np.asarray(first[scene.name])
    found = []
    for _ in range(2):
        signs = np.where(rng.random(x.shape) < 0.5, -1.0, 1.0)
        view = scene.looker.look({**first, scene.name: np.asarray(x * signs).astype(x.dtype)})
        if view is not None and view.fits:
            found.append(view)
    return found
