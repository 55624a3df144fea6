"""Arrays of the wrong shape: a gradient that is absent, laid out otherwise, not summed, or summed too far."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, permutations

import numpy as np

from mccli.numeric.diagnose.diagnosis import Diagnosis
from mccli.numeric.diagnose.direct import factors
from mccli.numeric.diagnose.evidence import Repair, attempt, enough, said
from mccli.numeric.diagnose.scene import Scene
from mccli.numeric.diagnose.view import View
from mccli.numeric.gradcheck.problem import Array

INFINITE = float("inf")


def shapes(scene: Scene) -> Iterator[Diagnosis]:
    """What a wrong shape means; nothing if the shape is right."""
    arrays = [v.yours for v in scene.views]
    if all(a is None for a in arrays):
        yield _missing(scene)
        return
    if all(v.fits for v in scene.views):
        yield from _zero(scene)
        return
    shape = arrays[0].shape if arrays[0] is not None else ()
    if any(a is None or a.shape != shape or not np.all(np.isfinite(a)) for a in arrays):
        return
    yield from _rearranged(scene, shape)
    if not scene.small:
        return
    yield from _unsummed(scene, shape)
    yield from _oversummed(scene, shape)


def _missing(scene: Scene) -> Diagnosis:
    sentence = f"there is no {scene.noun} for {scene.name}"
    size = max(v.size for v in scene.views)
    evidence = (
        f"nothing was returned for {scene.name} at {len(scene.views)} points; the right one is as large as {size:.3g}"
    )
    return Diagnosis("missing-argument", sentence, evidence, scene.name, INFINITE, 0.0, rank=1.0)


def _zero(scene: Scene) -> Iterator[Diagnosis]:
    if any(np.any(v.yours) for v in scene.views if v.yours is not None) or min(v.size for v in scene.views) == 0:
        return
    sentence = f"{scene.whose} is zero everywhere: it was not computed, or not handed back"
    size = max(v.size for v in scene.views)
    evidence = f"all entries are 0 at {len(scene.views)} points; the right ones are as large as {size:.3g}"
    yield Diagnosis("missing-argument", sentence, evidence, scene.name, scene.before, 0.0, rank=1.0)


# ------------------------------------------------------------------------------------------------- the same numbers


def _rearranged(scene: Scene, shape: tuple[int, ...]) -> Iterator[Diagnosis]:
    """As many numbers as there should be, in another arrangement."""
    wanted = scene.views[0].shape
    if int(np.prod(shape, dtype=int)) != int(np.prod(wanted, dtype=int)):
        return
    tail = f": its shape is {shape} instead of {wanted}"
    for label, text, done, repair in _arrangements(scene, shape, wanted):
        found = attempt(scene, repair, label, f"{scene.whose} {text}{tail}", done, 2.0)
        if found is not None:
            yield found
            return
    for _, text, _, repair in _arrangements(scene, shape, wanted):
        for found in factors(scene, repair, f", and it {text}{tail}", 2.0):
            yield found
            return


def _arrangements(
    scene: Scene, shape: tuple[int, ...], wanted: tuple[int, ...]
) -> Iterator[tuple[str, str, str, Repair]]:
    del scene
    turned = shape == wanted[::-1] and len(shape) == 2 and 1 not in shape
    if not turned:
        yield "layout", _laid_out(shape), "after reshaping", lambda v: _reshaped(v, wanted, "C")
    if len(shape) == len(wanted) and len(shape) > 1:
        for order in permutations(range(len(shape))):
            if tuple(shape[i] for i in order) == wanted and order != tuple(range(len(shape))):
                kind = "transpose" if len(shape) == 2 else "layout"
                yield kind, "is transposed", "after transposing", lambda v, o=order: _permuted(v, o)  # type: ignore[misc]
    yield "layout", "is stacked by columns instead of rows", "after unstacking", lambda v: _reshaped(v, wanted, "F")
    if turned:
        yield "layout", _laid_out(shape), "after reshaping", lambda v: _reshaped(v, wanted, "C")


def _laid_out(shape: tuple[int, ...]) -> str:
    if len(shape) == 1:
        return "is flat"
    if len(shape) == 2 and shape[1] == 1:
        return "is a column"
    if len(shape) == 2 and shape[0] == 1:
        return "is a row"
    return "has the right numbers in another shape"


def _reshaped(view: View, wanted: tuple[int, ...], order: str) -> Array | None:
    return None if view.yours is None else np.reshape(view.yours, wanted, order="F" if order == "F" else "C")


def _permuted(view: View, order: tuple[int, ...]) -> Array | None:
    return None if view.yours is None else np.transpose(view.yours, order)


# ------------------------------------------------------------------------------------------------- too many numbers


def _unsummed(scene: Scene, shape: tuple[int, ...]) -> Iterator[Diagnosis]:
    """A sum over some axes was left out."""
    wanted = scene.views[0].shape
    total = int(np.prod(wanted, dtype=int))
    for count in range(1, len(shape) + 1):
        for axes in combinations(range(len(shape)), count):
            left = tuple(n for i, n in enumerate(shape) if i not in axes)
            if int(np.prod(left, dtype=int)) != total or all(shape[i] == 1 for i in axes):
                continue
            found = list(_summed(scene, shape, axes, wanted))
            yield from found
            if found:
                return


def _summed(
    scene: Scene, shape: tuple[int, ...], axes: tuple[int, ...], wanted: tuple[int, ...]
) -> Iterator[Diagnosis]:
    over = _axes(axes, len(shape))
    lengths = " x ".join(str(shape[i]) for i in axes)
    text = f"{scene.whose} has shape {shape} instead of {wanted}: the {{}} over {over} (of length {lengths}) is missing"
    for word, function in (("sum", np.sum), ("mean", np.mean)):

        def repair(view: View, function: object = function) -> Array | None:
            reduce = np.sum if function is np.sum else np.mean
            return None if view.yours is None else np.asarray(reduce(view.yours, axis=axes)).reshape(wanted)

        found = attempt(
            scene, repair, "missing-sum", text.format(word), f"after a {word} over {over}", 2.2, detail=(over,)
        )
        if found is not None:
            yield found
            return
    for each in factors(scene, lambda v: _sum(v, axes, wanted), f"; besides, the sum over {over} is missing", 2.0):
        yield each
        return


def _sum(view: View, axes: tuple[int, ...], wanted: tuple[int, ...]) -> Array | None:
    return None if view.yours is None else np.asarray(np.sum(view.yours, axis=axes)).reshape(wanted)


def _axes(axes: tuple[int, ...], number: int) -> str:
    if number == 2 and len(axes) == 1:
        return f"axis {axes[0]} (the {('rows', 'columns')[axes[0]]})"
    return "axis " + " and ".join(str(a) for a in axes) if len(axes) == 1 else "axes " + " and ".join(map(str, axes))


# ------------------------------------------------------------------------------------------------- too few numbers


def _oversummed(scene: Scene, shape: tuple[int, ...]) -> Iterator[Diagnosis]:
    """The user has the sum, or the mean, of the right derivative over some axes."""
    wanted = scene.views[0].shape
    size = int(np.prod(shape, dtype=int))
    if size >= int(np.prod(wanted, dtype=int)):
        return
    for count in range(1, len(wanted) + 1):
        for axes in combinations(range(len(wanted)), count):
            left = tuple(n for i, n in enumerate(wanted) if i not in axes)
            if int(np.prod(left, dtype=int)) != size:
                continue
            for word in ("sum", "mean"):
                after = _agree(scene, axes, word)
                if after is not None and enough(scene, max(after), 0):
                    yield _over(scene, shape, axes, word, after)
                    return


def _over(scene: Scene, shape: tuple[int, ...], axes: tuple[int, ...], word: str, after: list[float]) -> Diagnosis:
    wanted = scene.views[0].shape
    over = "all entries" if len(axes) == len(wanted) else _axes(axes, len(wanted))
    sentence = f"{scene.whose} has shape {shape} instead of {wanted}: it is the {word} over {over} of the right one"
    evidence = said(f"compared with that {word} of the numerical one", INFINITE, after)
    return Diagnosis("extra-sum", sentence, evidence, scene.name, INFINITE, max(after), (over,), 2.4)


def _agree(scene: Scene, axes: tuple[int, ...], word: str) -> list[float] | None:
    errors = []
    for view in scene.views:
        if view.whole is None or view.uncertainty is None or view.yours is None:
            return None
        reduce = np.sum if word == "sum" else np.mean
        right = np.asarray(reduce(view.whole, axis=axes)).reshape(-1)
        allowed = 10 * np.sum(view.uncertainty, axis=axes) + view.floor * np.sum(np.abs(view.whole), axis=axes)
        off = np.abs(view.yours.reshape(-1) - right)
        size = float(np.max(np.abs(right), initial=0.0)) or 1.0
        # zeros agree with anything
        if not np.all(off <= allowed.reshape(-1)) or float(np.max(allowed)) > 1e-3 * size:
            return None
        errors.append(float(np.max(off)) / size)
    return errors
