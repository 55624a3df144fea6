"""A term that is missing, or one too many: what is left over is a multiple of something built from the arguments."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from mccli.numeric.diagnose.diagnosis import Diagnosis
from mccli.numeric.diagnose.evidence import attempt
from mccli.numeric.diagnose.expressions import Expr, entry_functions, of_shape
from mccli.numeric.diagnose.fits import factor, measured, proportional
from mccli.numeric.diagnose.naming import Named, names_for
from mccli.numeric.diagnose.scalars import scalar_name
from mccli.numeric.diagnose.scene import Scene
from mccli.numeric.diagnose.view import View
from mccli.numeric.gradcheck.problem import Array

TRIED = 12
LARGE = 10**5


def terms(scene: Scene) -> Iterator[Diagnosis]:
    """The simplest terms that account for the difference."""
    if not scene.fits or not scene.telling:
        return
    survivors = fitting(scene.lead, candidates(scene.lead))
    count = 0
    for e in survivors:
        found = _term(scene, e)
        if found is not None:
            yield found
            count += 1
        if count == 2:
            return


def candidates(view: View) -> dict[str, Expr]:
    """The candidates at a point, made once."""
    known = view.expressions.get("terms")
    if known is None:
        listed = of_shape(view.arguments, view.value, view.shape) if view.small else _entrywise(view)
        found = {e.text: e for e in listed}
        view.expressions["terms"] = found  # type: ignore[assignment]
        return found
    return known  # type: ignore[return-value]


def _entrywise(view: View) -> list[Expr]:
    """For large arguments: what needs no more than a pass over the entries."""
    same = [Expr(n, np.asarray(a, dtype=float), 1.0) for n, a in view.arguments.items() if np.shape(a) == view.shape]
    return [Expr("1", np.ones(view.shape), 0.5), *same, *(f for e in same for f in entry_functions(e))]


def fitting(view: View, found: dict[str, Expr]) -> list[Expr]:
    """Those that are proportional to what is missing, at one point."""
    if view.yours is None:
        return []
    g, size = view.gauge(view.yours)
    listed = list(found.values())
    table = measured(view, [e.value for e in listed])
    _, passes = proportional(view.numeric - g, view.allowed(size), table)
    return sorted((e for e, passed in zip(listed, passes, strict=True) if passed), key=lambda e: e.cost)[:TRIED]


def _coefficient(view: View, text: str) -> float | None:
    e = candidates(view).get(text)
    if e is None or view.yours is None:
        return None
    g, size = view.gauge(view.yours)
    c = factor(view.numeric - g, view.allowed(size), view.gauge(e.value)[0])
    return c if np.isfinite(c) else None


def _term(scene: Scene, e: Expr) -> Diagnosis | None:
    text = e.text
    coefficients = [_coefficient(v, text) for v in scene.views]
    known = [c for c in coefficients if c is not None]
    if len(known) < len(coefficients) or min(abs(c) for c in known) == 0:
        return None
    first = known[0]
    if max(abs(c - first) for c in known) <= 1e-5 * abs(first):
        return _constant(scene, e, float(np.mean(known)))
    return _varying(scene, e, known)


def _constant(scene: Scene, e: Expr, c: float) -> Diagnosis | None:
    named = names_for(scene.views[0].arguments, scene.scalars, scene.name).of(c)
    if named is not None:
        found = _with(scene, e, named, 9.0 + 0.5 * e.cost + named.rank, 0)
        if found is not None:
            return found
    return _with(scene, e, Named(c, f"{c:.6g}"), 11.5 + 0.5 * e.cost, 1)


def _with(scene: Scene, e: Expr, named: Named, rank: float, fitted: int) -> Diagnosis | None:
    c = named.value
    shown = _product(named, e)
    also = f"{c:.6g}*{e.text}" if named.because or named.text != f"{c:.6g}" else shown
    note = f" ({named.because})" if named.because else ""
    if also != shown and abs(c) != 1:
        note = f" = {also}{note}"
    too_many = f", or {shown.lstrip('-')} is one too many" if c < 0 else ""
    sentence = f"the term {shown} is missing in {scene.whose}{too_many}{note}"

    def repair(view: View) -> Array | None:
        there = candidates(view).get(e.text)
        return None if there is None or view.yours is None else view.yours + c * there.value

    done = f"after adding {c:.6g}*{e.text}"
    return attempt(scene, repair, "missing-term", sentence, done, rank, detail=(e.text, named.text), fitted=fitted,
                  remote=True)  # fmt: skip


def _product(named: Named, e: Expr) -> str:
    if abs(named.value) == 1:
        return ("-" if named.value < 0 else "") + e.factor
    return f"{named.text}*{e.factor}"


def _varying(scene: Scene, e: Expr, coefficients: list[float]) -> Diagnosis | None:
    """A multiple that changes with the point: named by a number built from the arguments, if there is one."""
    if min(v.numeric.size for v in scene.views) < 3:
        return None
    named = scalar_name(scene, coefficients)
    by_view = {id(v): c for v, c in zip(scene.views, coefficients, strict=True)}
    values = " and ".join(f"{c:.4g}" for c in coefficients)
    shown = f"{named.text}*{e.factor}" if named else f"a multiple of {e.text}"
    changing = "" if named else f" (the multiple changes with the point: {values})"
    sentence = f"the term {shown} is missing in {scene.whose}{changing}"

    def repair(view: View) -> Array | None:
        there = candidates(view).get(e.text)
        return None if there is None or view.yours is None else view.yours + by_view[id(view)] * there.value

    rank = 10.5 + 0.5 * (e.cost + named.cost) if named else 13.0 + 0.5 * e.cost
    done = f"after adding {values} times {e.text}"
    detail = (e.text, named.text) if named else (e.text,)
    return attempt(scene, repair, "missing-term", sentence, done, rank, detail=detail, fitted=len(coefficients))
