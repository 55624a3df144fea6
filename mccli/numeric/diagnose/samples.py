"""Backpropagation by hand: a factor forgotten inside a sum over samples is seen when there is one sample only.

X'(E*s) and X'E differ by no factor. With all rows of X zero but one, or with all samples alike, they do, and the
factor is that of the one sample: 1 - tanh(X W)^2, say.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from mccli.numeric.diagnose.chain import factors_at, fitting, inner
from mccli.numeric.diagnose.diagnosis import Diagnosis
from mccli.numeric.diagnose.evidence import said
from mccli.numeric.diagnose.expressions import Expr
from mccli.numeric.diagnose.scene import Scene
from mccli.numeric.diagnose.view import View
from mccli.numeric.gradcheck.problem import Arguments, Array

TRIED = 3
MOST_SIZE = 400


@dataclass(frozen=True)
class Batch:
    """An argument whose rows or columns are samples, and how one of them is singled out."""

    name: str
    axis: int
    alike: bool

    def single(self, arguments: Arguments, index: int, of: str) -> dict[str, Array]:
        """One sample left: the others zero, or all equal to it."""
        found = dict(arguments)
        length = np.shape(arguments[self.name])[self.axis]
        for name, a in arguments.items():
            array = np.asarray(a)
            if name == of or array.ndim <= self.axis or array.shape[self.axis] != length:
                continue
            if self.alike:
                found[name] = np.repeat(np.take(array, [index], self.axis), length, self.axis)
            elif name == self.name:
                keep = np.zeros(length, dtype=bool)
                keep[index] = True
                shape = [1] * array.ndim
                shape[self.axis] = length
                found[name] = np.where(keep.reshape(shape), array, 0.0)
        return found


def samples(scene: Scene) -> Iterator[Diagnosis]:
    """Every batch argument in turn, until a factor is found."""
    if not scene.small or not scene.fits or scene.views[0].numeric.size > MOST_SIZE:
        return
    for batch in batches(scene):
        if not scene.in_time:
            return
        found = _by(scene, batch)
        if found is not None:
            yield found
            return


def batches(scene: Scene) -> Iterator[Batch]:
    """Matrices first by rows, then by columns."""
    arguments = scene.views[0].arguments
    for alike in (False, True):
        for axis in (0, 1):
            for name, a in arguments.items():
                array = np.asarray(a)
                if name != scene.name and array.ndim == 2 and array.dtype.kind == "f" and array.shape[axis] > 1:
                    yield Batch(name, axis, alike)


def _by(scene: Scene, batch: Batch) -> Diagnosis | None:
    """The factor that fits the first sample, and then others, at two points."""
    length = np.shape(scene.views[0].arguments[batch.name])[batch.axis]
    chosen = [(scene.views[0], i) for i in range(min(TRIED, length))] + [(scene.views[1], length - 1)]
    seen: list[tuple[View, int, dict[str, Expr]]] = []
    survivors: list[tuple[Expr, int]] = []
    for view, index in chosen:
        single = scene.looker.look(batch.single(view.arguments, index, scene.name))
        if single is None or not single.fits or not single.size or single.yours_compared().passes:
            continue  # this sample does not show it (a mask that is one, say)
        factors = factors_at(single, _of_sample(single, batch, index))
        if not seen:
            survivors = fitting(single, factors)
        seen.append((single, index, factors))
        survivors = [(e, p) for e, p in survivors if _fits(single, factors.get(e.text), p)]
        if not survivors:
            return None
    if len(seen) < 2:
        return None
    return _told(scene, batch, seen, *survivors[0])


def _fits(view: View, e: Expr | None, power: int) -> bool:
    return e is not None and any(p == power for _, p in fitting(view, {e.text: e}))


def _of_sample(view: View, batch: Batch, index: int) -> list[Expr]:
    """What belongs to the sample: row ``index`` of everything that has as many rows, as a number or along an axis."""
    length = np.shape(view.arguments[batch.name])[batch.axis]
    found = []
    for e in inner(view):
        for axis in range(e.value.ndim):
            if e.value.shape[axis] != length:
                continue
            row = np.take(e.value, index, axis)
            if row.ndim == 0:
                # a number for the whole sample: not constant over entries only to be told from a constant factor
                found.append(Expr(e.text, np.broadcast_to(row, view.shape), e.cost, e.tight))
            elif row.ndim == 1:
                found.append(Expr(e.text, row, e.cost, e.tight))
    return found


def _told(
    scene: Scene, batch: Batch, seen: list[tuple[View, int, dict[str, Expr]]], e: Expr, power: int
) -> Diagnosis:
    before = max(v.yours_compared().error for v, _, _ in seen)
    after = []
    for view, _, factors in seen:
        factor = factors[e.text].value
        array = (view.yours if view.yours is not None else np.nan) * (factor if power > 0 else 1 / factor)
        after.append(view.compare(np.asarray(array)).error)
    text = e.text.replace(" (one for each column)", "").replace(" (one for each row)", "")
    line = ("row", "column")[batch.axis]
    how = f"all {line}s of {batch.name} made alike" if batch.alike else f"all {line}s of {batch.name} zero but one"
    what = f"the factor {text} is missing" if power > 0 else f"there is a factor {text} too many"
    sentence = f"{what} in {scene.whose} (in each {line} of {batch.name}, inside the sum)"
    evidence = said(f"with {how}, after {'multiplying' if power > 0 else 'dividing'} by it", before, after)
    return Diagnosis("chain-factor", sentence, evidence, scene.name, before, max(after), (text,), 10.0 + 0.5 * e.cost)
