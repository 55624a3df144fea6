"""Backpropagation by hand: a factor forgotten inside a sum over samples is seen when there is one sample only.

X'(E*s) and X'E differ by no factor. With all rows of X zero but one, or with all samples alike, they do, and the
factor is that of the one sample: 1 - tanh(X W)^2, say. If some samples are right and others wrong, a branch is wrong:
what tells the samples apart tells which.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from mccli.numeric.diagnose.chain import by_line, factors_at, fitting, inner
from mccli.numeric.diagnose.diagnosis import Diagnosis
from mccli.numeric.diagnose.evidence import said
from mccli.numeric.diagnose.expressions import Expr
from mccli.numeric.diagnose.fits import factor, proportional
from mccli.numeric.diagnose.naming import names_for
from mccli.numeric.diagnose.scene import Scene
from mccli.numeric.diagnose.sides import Sided, branch
from mccli.numeric.diagnose.view import View
from mccli.numeric.gradcheck.problem import Arguments, Array

TRIED = 16
LOOKED_AT = 4
MOST_KEPT = 200
FAINT = 1e-9
MOST_SIZE = 400


@dataclass(frozen=True)
class Batch:
    """An argument whose rows or columns are samples, and how one of them is singled out."""

    name: str
    axis: int
    alike: bool

    @property
    def line(self) -> str:
        """What a sample is."""
        return ("row", "column")[self.axis]

    def length(self, arguments: Arguments) -> int:
        """How many samples there are."""
        return int(np.shape(arguments[self.name])[self.axis])

    def single(self, arguments: Arguments, index: int, of: str) -> dict[str, Array]:
        """One sample left: the others zero, or all equal to it."""
        found = dict(arguments)
        length = self.length(arguments)
        for name, a in arguments.items():
            array = np.asarray(a)
            if name == of or array.ndim <= self.axis or array.shape[self.axis] != length:
                continue
            if self.alike:
                found[name] = np.repeat(np.take(array, [index], self.axis), length, self.axis)
            elif name == self.name:
                shape = [1] * array.ndim
                shape[self.axis] = length
                found[name] = np.where((np.arange(length) == index).reshape(shape), array, 0.0)
        return found


@dataclass(eq=False)
class Seen:
    """One sample by itself, with what belongs to it."""

    view: View
    batch: Batch
    index: int

    @cached_property
    def parts(self) -> list[Expr]:
        """Made when they are needed: most samples end before."""
        return of_sample(self.view, self.batch, self.index)

    @property
    def right(self) -> bool:
        """Whether the gradient is right for it."""
        return self.view.yours_compared().passes


def samples(scene: Scene) -> Iterator[Diagnosis]:
    """Every batch argument in turn, until a factor or a branch is found."""
    if not scene.small or not scene.fits or scene.views[0].numeric.size > MOST_SIZE:
        return
    for batch in batches(scene):
        if not scene.in_time:
            return
        found = _factor(scene, batch) or _branch(scene, batch)
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


def _look(scene: Scene, batch: Batch, view: View, index: int) -> Seen | None:
    single = scene.looker.look(batch.single(view.arguments, index, scene.name))
    if single is None or not single.fits or not np.any(single.yours):
        return None
    return Seen(single, batch, index)


def of_sample(view: View, batch: Batch, index: int) -> list[Expr]:
    """What belongs to the sample: row ``index`` of everything that has as many rows."""
    length = batch.length(view.arguments)
    found = []
    for e in inner(view):
        for axis in range(e.value.ndim):
            if e.value.shape[axis] == length:
                row = np.take(e.value, index, axis)
                if row.ndim < 2:
                    found.append(Expr(e.text, np.asarray(row), e.cost, e.tight))
    return found


# ------------------------------------------------------------------------------------------------- a factor


def _factor(scene: Scene, batch: Batch) -> Diagnosis | None:
    """The factor that fits the first sample that is wrong, and then others, at two points."""
    length = batch.length(scene.lead.arguments)
    other = scene.views[1] if scene.lead is scene.views[0] else scene.views[0]
    chosen = [(scene.lead, i) for i in range(min(LOOKED_AT, length))] + [(other, length - 1)]
    seen: list[Seen] = []
    survivors: list[tuple[str, int, float]] = []
    for view, index in chosen:
        one = _look(scene, batch, view, index)
        if one is None or one.right or one.view.size <= FAINT * view.size:
            continue  # this sample does not show it (a mask that is all ones or all zeros, say)
        found = {(t, p): c for t, p, c in _candidates(one)}
        if not seen:
            survivors = [(t, p, c) for (t, p), c in found.items()]
        same = [(t, p, c) for t, p, c in survivors if abs(found.get((t, p), np.inf) - c) <= 1e-6 * abs(c)]
        survivors = same
        seen.append(one)
        if not survivors:
            return None
    named = names_for(scene.lead.arguments, scene.scalars, scene.name)
    known = [(t, p, c) for t, p, c in survivors if named.of(c) is not None]
    if len(seen) < 2 or not known:
        return None
    return _told(scene, batch, seen, *known[0])


def _candidates(one: Seen) -> list[tuple[str, int, float]]:
    """Factors that fit one sample: entry by entry, or as one number for all of it."""
    if not _by_lines(one.view):
        return []
    vectors = [e for e in one.parts if e.value.ndim]
    found = [(e.text, p, c) for e, p, c in fitting(one.view, factors_at(one.view, vectors), MOST_KEPT)]
    view = one.view
    if view.yours is None:
        return found
    g, size = view.gauge(view.yours)
    allowed = view.allowed(size)
    _, passes = proportional(view.numeric, allowed, g[None, :])
    if not passes[0]:
        return found
    ratio = factor(view.numeric, allowed, g)
    numbers = factors_at(view, [Expr(e.text, np.full(view.shape, e.value), e.cost, e.tight) for e in one.parts
                                if not e.value.ndim])  # fmt: skip
    with np.errstate(all="ignore"):
        for e in sorted(numbers.values(), key=lambda e: e.cost):
            t = float(e.value.reshape(-1)[0])
            if t and np.isfinite(t):
                found += [(e.text, 1, ratio / t), (e.text, -1, ratio * t)]
    # a number fits anything with some constant: here it must be 1
    fitted = {e.text for e in numbers.values()}
    return [(t, p, c) for t, p, c in found if abs(c - 1) < 1e-6 or t not in fitted]


def _by_lines(view: View) -> bool:
    """Whether the factor of one sample can be one number for each row or column: only such are looked for."""
    return len(view.shape) != 2 or any(view.compare(by_line(view, axis)).passes for axis in (0, 1))


def _told(scene: Scene, batch: Batch, seen: list[Seen], text: str, power: int, c: float) -> Diagnosis | None:
    before, after = max(s.view.yours_compared().error for s in seen), []
    for one in seen:
        parts = [
            e if e.value.ndim else Expr(e.text, np.full(one.view.shape, e.value), e.cost, e.tight) for e in one.parts
        ]
        t = factors_at(one.view, parts)[text].value
        yours = one.view.yours if one.view.yours is not None else np.array(np.nan)
        compared = one.view.compare(np.asarray(c * yours * (t if power > 0 else 1 / t)))
        if not compared.passes:
            return None
        after.append(compared.error)
    plain = text.replace(" (one for each column)", "").replace(" (one for each row)", "")
    named = names_for(scene.lead.arguments, scene.scalars, scene.name).of(c)
    number = "" if abs(c - 1) < 1e-6 or named is None else f"{named.text} times "
    what = f"the factor {number}{plain} is missing" if power > 0 else f"there is a factor {plain} too many"
    sentence = f"{what} in {scene.whose}, inside the sum over the {batch.line}s of {batch.name}"
    how = (
        f"all {batch.line}s of {batch.name} made alike"
        if batch.alike
        else f"all {batch.line}s of {batch.name} but one set to zero"
    )
    evidence = said(f"with {how}, after {'multiplying' if power > 0 else 'dividing'} by it", before, after)
    return Diagnosis("chain-factor", sentence, evidence, scene.name, before, max(after), (plain,), 10.0)


# ------------------------------------------------------------------------------------------------- a branch


def _branch(scene: Scene, batch: Batch) -> Diagnosis | None:
    """Some samples are right, the others wrong: is there a number that tells them apart?"""
    seen: list[Seen] = []
    for view in scene.views[:2]:
        for index in range(min(TRIED, batch.length(view.arguments))):
            one = _look(scene, batch, view, index) if scene.in_time else None
            seen += [] if one is None else [one]
        if len({one.right for one in seen}) < 2:
            return None
    sided = [
        Sided(one.right, {e.text: (float(e.value), e.cost) for e in one.parts if not e.value.ndim}) for one in seen
    ]
    told = branch(sided)
    if told is None:
        return None
    sentence = f"one branch of {scene.whose} is wrong: where {told.text} it is wrong, elsewhere it is right"
    evidence = (
        f"with one {batch.line} of {batch.name} at a time: {told.wrong} cases with {told.text} are all wrong, "
        f"{told.right} others all right, at two points"
    )
    return Diagnosis("kink", sentence, evidence, scene.name, scene.before, 0.0, (told.text,), 11.0)
