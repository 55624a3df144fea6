"""Some entries are wrong and all others right: which ones, and what is wrong with them."""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np

from mccli.numeric.diagnose.diagnosis import Diagnosis
from mccli.numeric.diagnose.evidence import attempt, brief
from mccli.numeric.diagnose.scene import Scene
from mccli.numeric.diagnose.view import View
from mccli.numeric.gradcheck.problem import Array
from mccli.numeric.gradcheck.report import Report
from mccli.numeric.gradcheck.worst import Worst, worst_entries

SHOWN = 6
MOST_SHARE = 0.5
LEAST_SECONDS = 8.0


def some_entries(scene: Scene) -> Iterator[Diagnosis]:
    """Wrong entries in the same places at every point."""
    if not scene.fits:
        return
    if not scene.small:
        yield from _few_of_many(scene)
        return
    masks = [wrong_mask(v) for v in scene.views]
    telling = [m for m in masks if np.any(m)]
    wrong = np.logical_or.reduce(masks)
    share = float(np.mean(wrong))
    if not telling or share > MOST_SHARE or np.all(wrong) or not _rest_says_something(scene, wrong):
        return
    where = places(wrong)
    what = _what_is_there(scene, wrong)
    sentence = f"{where} of {scene.whose} {_verb(where)} wrong, all others are right{what}"

    def repair(view: View) -> Array | None:
        if view.yours is None or view.whole is None:
            return None
        return np.asarray(np.where(wrong, view.whole, view.yours))

    count = int(np.sum(wrong))
    done = f"with {count} of {wrong.size} entries replaced by numerical ones"
    rank = 9.8 + 3 * share
    found = attempt(scene, repair, _label(wrong), sentence, done, rank, detail=(where,), fitted=0)
    if found is not None:
        yield found


def wrong_mask(view: View) -> Array:
    """The entries that are wrong at a point."""
    mask = np.zeros(view.shape, dtype=bool)
    if view.yours is None or view.whole is None or view.uncertainty is None:
        return mask
    size = float(np.max(np.abs(view.whole[np.isfinite(view.whole)]), initial=0.0))
    allowed = 10 * np.nan_to_num(view.uncertainty, nan=np.inf) + view.floor * size + 1e-14 * np.abs(view.yours)
    off = np.abs(view.yours - view.whole)
    return np.asarray(np.nan_to_num(off, nan=0.0) > allowed)


def _rest_says_something(scene: Scene, wrong: Array) -> bool:
    """Zeros that agree with zeros are no right entries."""
    return any(v.whole is not None and bool(np.any(v.whole[~wrong] != 0)) for v in scene.views)


def _label(wrong: Array) -> str:
    if wrong.ndim == 2 and wrong.shape[0] == wrong.shape[1] > 2 and np.array_equal(wrong, np.eye(len(wrong)) > 0):
        return "diagonal"
    return "some-entries"


def _verb(where: str) -> str:
    singular = where.startswith(("row ", "column ", "entry ", "output ", "the diagonal", "the last", "the first"))
    return "is" if singular else "are"


# ------------------------------------------------------------------------------------------------- where


def places(wrong: Array) -> str:
    """The places in words: rows, columns, a diagonal, a list of entries."""
    shape = wrong.shape
    if wrong.ndim == 1:
        return _listed("entry", "entries", list(np.nonzero(wrong)[0]), shape[0])
    if wrong.ndim == 2:
        rows, columns = np.any(wrong, axis=1), np.any(wrong, axis=0)
        words = ("row", "column")
        if shape[0] == shape[1] and np.array_equal(wrong, np.eye(shape[0]) > 0):
            return "the diagonal"
        if np.sum(rows) <= np.sum(columns) and np.sum(rows) <= shape[0] / 2:
            return _listed(words[0], f"{words[0]}s", list(np.nonzero(rows)[0]), shape[0]) + _part(wrong, rows, 0)
        if np.sum(columns) <= shape[1] / 2:
            return _listed(words[1], f"{words[1]}s", list(np.nonzero(columns)[0]), shape[1]) + _part(wrong, columns, 1)
    found = [tuple(int(i) for i in place) for place in np.argwhere(wrong)]
    text = ", ".join(str(list(p)) for p in found[:SHOWN])
    return f"{len(found)} entries ({text}{', ...' if len(found) > SHOWN else ''})"


def _part(wrong: Array, lines: Array, axis: int) -> str:
    """Single entries of a row, not all of it."""
    inside = wrong[lines] if axis == 0 else wrong[:, lines].T
    if np.sum(wrong) > SHOWN or bool(np.all(inside)):
        return ""
    found = ", ".join(str([int(i) for i in place]) for place in np.argwhere(wrong))
    return f" (at {found})"


def _listed(one: str, many: str, indices: list[int], length: int) -> str:
    numbers = [int(i) for i in indices]
    if len(numbers) == 1:
        index = numbers[0]
        extra = ", the last one" if index == length - 1 else ", the first one" if index == 0 else ""
        return f"{one} {index} (counted from 0{extra})"
    if len(numbers) > SHOWN:
        return f"{len(numbers)} {many} ({', '.join(map(str, numbers[:SHOWN]))}, ...)"
    return f"{many} {', '.join(map(str, numbers[:-1]))} and {numbers[-1]}"


# ------------------------------------------------------------------------------------------------- what is wrong there


def _what_is_there(scene: Scene, wrong: Array) -> str:
    """Zero, or off by one factor."""
    g = np.concatenate([v.yours[wrong] for v in scene.views if v.yours is not None])
    d = np.concatenate([v.whole[wrong] for v in scene.views if v.whole is not None])
    if not np.any(g):
        return ": there yours is zero"
    bottom = float(np.sum(g * g))
    c = float(np.sum(g * d)) / bottom
    if np.all(np.abs(c * g - d) <= 1e-6 * np.max(np.abs(d))) and c:
        return (
            ": there yours has the wrong sign"
            if abs(c + 1) < 1e-6
            else f": there yours is {1 / c:.4g} times the right one"
        )
    return ""


# ------------------------------------------------------------------------------------------------- a million entries


def _few_of_many(scene: Scene) -> Iterator[Diagnosis]:
    """By bisection, at the first point; the same entries must be all that is wrong at the others."""
    worst = scene.worst or _search(scene, scene.report)
    if worst is None or worst.method != "bisection" or not worst.entries or worst.share:
        return
    x = np.asarray(scene.views[0].arguments[scene.name])
    indices = [int(np.ravel_multi_index(e.index, x.shape)) for e in worst.entries] if x.ndim else [0]
    values = {id(v): _numeric(scene, v, indices) for v in scene.views}

    def repair(view: View) -> Array | None:
        if view.yours is None:
            return None
        array = np.array(view.yours, dtype=float)
        array.reshape(-1)[indices] = values[id(view)]
        return array

    mask = np.zeros(x.shape, dtype=bool)
    mask.reshape(-1)[indices] = True
    where = places(mask)
    first = worst.entries[0]
    shown = f": yours is {first.yours:.6g}, the right one {first.numeric:.6g}"
    sentence = f"{where} of {scene.whose} {_verb(where)} wrong, all others are right{shown}"
    done = f"with {len(indices)} of {x.size} entries replaced by numerical ones ({brief(first.error)} exact)"
    found = attempt(scene, repair, "some-entries", sentence, done, 9.0, detail=(where,))
    if found is not None:
        yield found


def _search(scene: Scene, report: Report) -> Worst | None:
    left = max(scene.deadline - time.monotonic(), LEAST_SECONDS)
    return worst_entries(scene.problem, report, name=scene.name, kind=scene.about.kind, budget_seconds=left)


def _numeric(scene: Scene, view: View, indices: list[int]) -> Array:
    spot = scene.looker.spot(view.arguments, view.value)
    prober = scene.looker.prober(spot, np.random.default_rng(1))
    return np.array([float(prober.entry(i)[0][0]) for i in indices])
