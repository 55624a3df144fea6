"""Right for special matrices only: symmetric ones, ones that commute, diagonal ones.

The whole comparison is repeated with the square arguments replaced, and a cause is named only if the gradient is then
right and the matrices were not of that kind before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import combinations

import numpy as np

from mccli.numeric.diagnose.diagnosis import Diagnosis
from mccli.numeric.diagnose.evidence import said
from mccli.numeric.diagnose.scene import Scene
from mccli.numeric.diagnose.view import TELLING, View
from mccli.numeric.gradcheck.problem import Arguments, Array
from mccli.numeric.gradcheck.structures import is_square

Project = Callable[[Array], Array]
MOST_TOGETHER = 3


def special(scene: Scene) -> Iterator[Diagnosis]:
    """The first structure that makes the gradient right."""
    if not scene.small or not scene.fits:
        return
    squares = [n for n, a in scene.views[0].arguments.items() if _square(a)]
    if not squares:
        return
    for found in (_symmetric(scene, squares), _commuting(scene, squares), _diagonal(scene, squares)):
        if found is not None:
            yield found
            return


def _square(a: Array) -> bool:
    array = np.asarray(a)
    return array.dtype.kind == "f" and is_square(array)


def symmetric_part(a: Array) -> Array:
    """(A + A')/2."""
    return np.asarray((a + np.swapaxes(a, -1, -2)) / 2)


def circulant_part(a: Array) -> Array:
    """The mean along each wrapped diagonal: circulant matrices commute and are not symmetric."""
    n = a.shape[-1]
    found = np.zeros_like(a)
    i = np.arange(n)
    for k in range(n):
        j = (i + k) % n
        found[..., i, j] = np.mean(a[..., i, j], axis=-1, keepdims=True)
    return found


def diagonal_part(a: Array) -> Array:
    """Zero off the diagonal."""
    return np.asarray(a * np.eye(a.shape[-1]))


def _symmetric(scene: Scene, squares: list[str]) -> Diagnosis | None:
    """One argument first, then more of them together."""
    for count in range(1, min(len(squares), MOST_TOGETHER) + 1):
        for names in combinations(squares, count):
            after = _right_with(scene, names, symmetric_part)
            if after is not None:
                sentence = f"you assume that {_and(names)} {_is(names)} symmetric ({scene.whose} is right only then)"
                done = f"with {_and(names)} symmetrised"
                return _found(scene, "symmetric-assumed", sentence, done, after, 8.0, names)
    return None


def _commuting(scene: Scene, squares: list[str]) -> Diagnosis | None:
    if len(squares) < 2 and not scene.about.kind:
        return None
    after = _right_with(scene, tuple(squares), circulant_part)
    if after is None:
        return None
    sentence = f"{scene.whose} has a matrix product in the wrong order: it is right if {_and(squares)} commute"
    done = f"with {_and(squares)} replaced by matrices that commute (circulant ones)"
    return _found(scene, "product-order", sentence, done, after, 9.0, tuple(squares))


def _diagonal(scene: Scene, squares: list[str]) -> Diagnosis | None:
    for names in [(n,) for n in squares] + ([tuple(squares)] if len(squares) > 1 else []):
        after = _right_with(scene, names, diagonal_part)
        if after is not None:
            matrices = "a diagonal matrix" if len(names) == 1 else "diagonal matrices"
            sentence = (
                f"{scene.whose} has an elementwise product, power or inverse where that of matrices is meant: "
                f"it is right only if {_and(names)} {_is(names)} {matrices}"
            )
            done = f"with {_and(names)} replaced by {_its(names)} diagonal"
            return _found(scene, "elementwise-product", sentence, done, after, 12.5, names)
    return None


def _found(
    scene: Scene, label: str, sentence: str, done: str, after: list[float], rank: float, names: tuple[str, ...]
) -> Diagnosis:
    evidence = said(done, scene.before, after)
    return Diagnosis(label, sentence, evidence, scene.name, scene.before, max(after), names, rank)


def _right_with(scene: Scene, names: tuple[str, ...], project: Project) -> list[float] | None:
    """The errors with these arguments replaced; None if they do not pass, or if nothing was replaced."""
    errors = []
    for view in scene.views[:2]:
        replaced = _replaced(view.arguments, names, project)
        if replaced is None or not scene.in_time:
            return None
        seen = scene.looker.look(replaced)
        if seen is None or not seen.fits or not _alive(seen, view):
            return None
        compared = seen.yours_compared()
        if not compared.passes or scene.before < TELLING * max(compared.error, seen.coarseness):
            return None
        errors.append(compared.error)
    return errors


def _alive(seen: View, view: View) -> bool:
    """Whether there still is a derivative to be right about."""
    return seen.size > 1e-6 * view.size


def _replaced(arguments: Arguments, names: tuple[str, ...], project: Project) -> dict[str, Array] | None:
    found = dict(arguments)
    for name in names:
        a = np.asarray(arguments[name])
        found[name] = project(a)
        if np.allclose(found[name], a, rtol=1e-6):
            return None
    return found


def _and(names: tuple[str, ...] | list[str]) -> str:
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1]


def _is(names: tuple[str, ...]) -> str:
    return "is" if len(names) == 1 else "are"


def _its(names: tuple[str, ...]) -> str:
    return "its" if len(names) == 1 else "their"
