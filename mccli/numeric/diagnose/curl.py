"""Is the user's array the gradient of anything? Its own Jacobian must be symmetric, whatever f is."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from mccli.numeric.diagnose.diagnosis import Diagnosis
from mccli.numeric.diagnose.evidence import brief
from mccli.numeric.diagnose.scene import Scene
from mccli.numeric.diagnose.view import View
from mccli.numeric.gradcheck.calls import moved
from mccli.numeric.gradcheck.directions import signs_and_sizes
from mccli.numeric.gradcheck.ladder import slope
from mccli.numeric.gradcheck.noise import EPS, Noise, measure
from mccli.numeric.gradcheck.problem import Array
from mccli.numeric.gradcheck.scales import entry_scales

PAIRS = 3
MARGIN = 20.0
UNSYMMETRIC = 1e-6
SYMMETRIC = 1e-4
"""An error estimate above this part of the numbers leaves the question open."""


def curl(scene: Scene) -> Iterator[Diagnosis]:
    """No function has this gradient, or another function has."""
    if not scene.small or not scene.fits or scene.about.kind in ("hessian", "vjp", "jvp"):
        yield from _unsymmetric_hessian(scene)
        return
    x = np.asarray(scene.views[0].arguments[scene.name])
    if x.size < 2 or not scene.telling or scene.before < UNSYMMETRIC:
        return
    found = [_asymmetry(scene, v) for v in scene.views[:2]]
    known = [f for f in found if f is not None]
    if len(known) < 2:
        return
    left, right, _ = max(known, key=lambda f: abs(f[0] - f[1]) / max(abs(f[0]), abs(f[1]), 1e-300))
    size = max(abs(left), abs(right))
    if all(abs(a - b) > MARGIN * e + UNSYMMETRIC * max(abs(a), abs(b)) for a, b, e in known):
        yield _not_a_gradient(scene, left, right)
    elif all(abs(a - b) <= MARGIN * e and e <= SYMMETRIC * max(size, 1e-300) for a, b, e in known) or size == 0:
        yield _other_function(scene, left, right)


def _not_a_gradient(scene: Scene, left: float, right: float) -> Diagnosis:
    sentence = f"{scene.whose} is not the gradient of any function: a slip inside it, not a wrong constant or term of f"
    evidence = (
        "second derivatives must not depend on the order: moving along v and looking along u gives "
        f"{left:.6g}, the other way round {right:.6g}; so at two points"
    )
    return Diagnosis("not-a-gradient", sentence, evidence, scene.name, scene.before, scene.before, rank=20.0,
                     explains=False)  # fmt: skip


def _other_function(scene: Scene, left: float, right: float) -> Diagnosis:
    sentence = (
        f"{scene.whose} is the exact gradient of another function: a term, a constant or a parameter differs from f"
    )
    evidence = (
        f"its own derivatives are symmetric ({left:.6g} and {right:.6g} along two directions in both orders; "
        f"so at two points), but it is off by {brief(scene.before)}"
    )
    return Diagnosis("other-function", sentence, evidence, scene.name, scene.before, scene.before, rank=21.0,
                     explains=False)  # fmt: skip


def _asymmetry(scene: Scene, view: View) -> tuple[float, float, float] | None:
    """u'Jv, v'Ju and the error of their difference: the most telling of a few pairs of directions."""
    rng = np.random.default_rng([scene.problem.seed, 41])
    scale = entry_scales(np.asarray(view.arguments[scene.name]))
    worst: tuple[float, float, float] | None = None
    for _ in range(PAIRS):
        u, v = (signs_and_sizes(scale.shape, rng) * scale for _ in range(2))
        weights = rng.standard_normal(view.shape[: len(view.shape) - scale.ndim])
        one, other = _along(scene, view, v, u, weights), _along(scene, view, u, v, weights)
        if one is None or other is None:
            return None
        found = (one[0], other[0], one[1] + other[1])
        if worst is None or _excess(found) > _excess(worst):
            worst = found
    return worst


def _excess(found: tuple[float, float, float]) -> float:
    return abs(found[0] - found[1]) / max(found[2], 1e-300)


def _along(scene: Scene, view: View, v: Array, u: Array, weights: Array) -> tuple[float, float] | None:
    """How the user's gradient, seen along u, changes when the argument moves along v."""

    def line(ts: list[float]) -> list[Array | None]:
        return [_seen(scene, view, v, u, weights, t) for t in ts]

    center = line([0.0])[0]
    if center is None:
        return None
    noise = measure(line, center) or Noise(EPS * np.abs(center))
    found = slope(line, noise, center)
    return (float(found.value[0]), float(found.error[0])) if found.found else None


def _seen(scene: Scene, view: View, v: Array, u: Array, weights: Array, t: float) -> Array | None:
    there = moved(view.arguments, {scene.name: v}, t)
    value = scene.looker.calls.value(there)
    array = None if value is None else scene.looker.yours(there, value)
    if array is None or array.shape != view.shape or not np.all(np.isfinite(array)):
        return None
    contracted = np.tensordot(weights, array, axes=weights.ndim)
    return np.array([float(np.sum(contracted * u))])


def _unsymmetric_hessian(scene: Scene) -> Iterator[Diagnosis]:
    if scene.about.kind != "hessian" or not scene.fits:
        return
    worst = []
    for view in scene.views:
        n = int(np.sqrt(np.prod(view.shape)))
        h = np.reshape(view.yours, (n, n)) if view.yours is not None else np.zeros((n, n))
        worst.append(float(np.max(np.abs(h - h.T))) / (float(np.max(np.abs(h))) or 1.0))
    if min(worst) > 1e-7:
        sentence = f"{scene.whose} is not symmetric: it is not the Hessian of any function"
        evidence = f"H - H' is as large as {brief(min(worst))} of the largest entry, at {len(worst)} points"
        yield Diagnosis("not-a-gradient", sentence, evidence, scene.name, scene.before, scene.before, rank=20.0,
                        explains=False)  # fmt: skip
