"""The user has a part of the right derivative, or its symmetric form: a triangle, the diagonal."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from mccli.numeric.diagnose.diagnosis import Diagnosis
from mccli.numeric.diagnose.evidence import enough, said
from mccli.numeric.diagnose.scene import Scene
from mccli.numeric.diagnose.view import View
from mccli.numeric.gradcheck.problem import Array

Transform = Callable[[Array], Array]


def _diagonal(d: Array) -> Array:
    return d * np.eye(d.shape[0])


FORMS: tuple[tuple[str, str, Transform, float], ...] = (
    ("diagonal", "only the diagonal is there: all other entries are zero and should not be", _diagonal, 6.0),
    ("diagonal", "the diagonal is zero and should not be", lambda d: d - _diagonal(d), 6.0),
    ("triangle", "only the lower triangle is there: above the diagonal all is zero and should not be", np.tril, 6.1),
    ("triangle", "only the upper triangle is there: below the diagonal all is zero and should not be", np.triu, 6.1),
    ("triangle", "only the strictly lower triangle is there", lambda d: np.tril(d, -1), 6.2),
    ("triangle", "only the strictly upper triangle is there", lambda d: np.triu(d, 1), 6.2),
    ("triangle", "the lower triangle was mirrored upwards", lambda d: np.tril(d) + np.tril(d, -1).T, 6.3),
    ("triangle", "the upper triangle was mirrored downwards", lambda d: np.triu(d) + np.triu(d, 1).T, 6.3),
    ("triangle", "the strictly lower triangle is doubled", lambda d: np.tril(d) + np.tril(d, -1), 6.4),
    ("triangle", "the strictly upper triangle is doubled", lambda d: np.triu(d) + np.triu(d, 1), 6.4),
    ("symmetric-assumed", "it is the symmetric part (G + G')/2 of the right one", lambda d: (d + d.T) / 2, 6.5),
    ("symmetric-assumed", "it is G + G' - diag(G), as for a symmetric argument", lambda d: d + d.T - _diagonal(d), 6.5),
    ("symmetric-assumed", "it is G + G', where G is the right one", lambda d: d + d.T, 6.6),
)  # fmt: skip


def masks(scene: Scene) -> Iterator[Diagnosis]:
    """The first form that the user's array has."""
    shape = scene.views[0].shape
    if not scene.small or len(shape) != 2 or shape[0] != shape[1] or shape[0] < 2:
        return
    if not scene.fits:
        yield from _vector(scene)
        return
    for label, text, transform, rank in FORMS:
        after = [agreement(v, transform) for v in scene.views]
        known = [a for a in after if a is not None]
        if len(known) == len(after) and enough(scene, max(known), 0):
            sentence = f"{scene.whose}: {text}"
            evidence = said("compared with that part of the numerical one", scene.before, known)
            yield Diagnosis(label, sentence, evidence, scene.name, scene.before, max(known), (text,), rank)
            return


def agreement(view: View, transform: Transform) -> float | None:
    """The error of the user's array against a transform of the right one; None if it is more than nothing."""
    if view.whole is None or view.uncertainty is None or view.yours is None:
        return None
    right = transform(view.whole)
    size = float(np.max(np.abs(right), initial=0.0))
    allowed = 10 * np.abs(transform(view.uncertainty)) + view.floor * size
    off = np.abs(view.yours - right)
    if not size or not np.all(off <= allowed):
        return None
    return float(np.max(off)) / size


def _vector(scene: Scene) -> Iterator[Diagnosis]:
    """The diagonal alone, as a vector."""
    errors = []
    for view in scene.views:
        if view.yours is None or view.whole is None or view.uncertainty is None or view.yours.size != view.shape[0]:
            return
        right, size = np.diag(view.whole), float(np.max(np.abs(np.diag(view.whole)))) or 1.0
        off = np.abs(view.yours.reshape(-1) - right)
        if not np.all(off <= 10 * np.diag(view.uncertainty) + view.floor * size):
            return
        errors.append(float(np.max(off)) / size)
    sentence = f"{scene.whose} is a vector: only the diagonal of the right one"
    evidence = said("compared with the diagonal of the numerical one", float("inf"), errors)
    yield Diagnosis("diagonal", sentence, evidence, scene.name, float("inf"), max(errors), rank=2.3)
