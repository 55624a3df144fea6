"""Mistakes of the whole array: a factor, a sign, a transposition, and two of these at once."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from mccli.numeric.diagnose.diagnosis import Diagnosis
from mccli.numeric.diagnose.evidence import Repair, attempt
from mccli.numeric.diagnose.naming import Named, names_for
from mccli.numeric.diagnose.scene import Scene
from mccli.numeric.diagnose.view import View
from mccli.numeric.gradcheck.problem import Array


def direct(scene: Scene) -> Iterator[Diagnosis]:
    """Factors, then transpositions with and without a factor."""
    if not scene.fits:
        return
    yield from factors(scene, yours_of, "", 0.0)
    for text, turn in turns(scene):
        found = attempt(scene, turn, _turned(scene), f"{scene.whose} is transposed{text}", "after transposing", 5.0)
        if found is not None:
            yield found
        else:
            yield from factors(scene, turn, f" and transposed{text}", 2.5)


def yours_of(view: View) -> Array | None:
    """The user's array as it is."""
    return view.yours


def fitted_factor(scene: Scene, base: Repair) -> float | None:
    """The number c for which c times the array is nearest to the right one, over all points."""
    top = bottom = 0.0
    for view in scene.views:
        array = base(view)
        if array is None or array.shape != view.shape:
            return None
        g, terms = view.gauge(array)
        weight = 1 / np.maximum(view.allowed(terms), 1e-300) ** 2
        weight = weight / np.max(weight)
        top, bottom = top + float(np.sum(weight * g * view.numeric)), bottom + float(np.sum(weight * g * g))
    return top / bottom if bottom > 0 and np.isfinite(top) else None


def factors(scene: Scene, base: Repair, also: str, more: float, prefix: str = "") -> Iterator[Diagnosis]:
    """A constant factor; named, if it can be, and then tested with its exact value."""
    c = fitted_factor(scene, base)
    if c is None or abs(c) < 1e-12 or abs(c - 1) < 1e-9:
        return
    named = names_for(scene.views[0].arguments, scene.scalars, scene.name).of(c)
    if named is not None:
        found = _named_factor(scene, base, named, also, more, prefix)
        if found is not None:
            yield found
            return
    sentence = f"{prefix or scene.whose} is off by the constant factor {1 / c:.6g}{also}"
    done = f"after multiplying by {c:.8g}"
    times = scaled(base, c)
    found = attempt(scene, times, "factor", sentence, done, 7.0 + more, detail=(f"{c:.6g}",), fitted=1)
    if found is not None:
        yield found


def _named_factor(scene: Scene, base: Repair, named: Named, also: str, more: float, prefix: str) -> Diagnosis | None:
    c = named.value
    if c == -1:
        sentence = f"{prefix or scene.whose} is the negative of the right one{also}"
        return attempt(scene, scaled(base, -1.0), "sign", sentence, "after changing the sign", 3.0 + more)
    label = "mean-or-sum" if named.batch else "factor"
    sentence = f"{prefix or scene.whose} {_is_off(named)}{also}"
    done = f"after multiplying by {named.text}"
    return attempt(scene, scaled(base, c), label, sentence, done, 4.0 + named.rank + more, detail=(named.text,))


def _is_off(named: Named) -> str:
    sign = " and the opposite sign" if named.value < 0 else ""
    text, times = named.text.lstrip("-"), abs(named.value)
    if times == 2:
        return f"is half of the right one: the factor 2 is missing{sign}"
    if times == 0.5:
        return f"is twice the right one: there is a factor 2 too many{sign}"
    kind = ""
    if named.batch:
        kind = ": a mean instead of a sum" if times > 1 else ": a sum instead of a mean"
    if times < 1 and text.startswith("1/") and text[2:].isdigit():
        return f"is {text[2:]} times the right one{kind}: the factor {text} is missing{sign}{_why(named)}"
    return f"lacks the factor {text}{kind}{sign}{_why(named)}"


def _why(named: Named) -> str:
    return f" ({named.because})" if named.because else ""


def scaled(base: Repair, c: float) -> Repair:
    """A repair, times a number."""

    def times(view: View) -> Array | None:
        array = base(view)
        return None if array is None else c * array

    return times


# -------------------------------------------------------------------------------------------------- transposition


def turns(scene: Scene) -> Iterator[tuple[str, Repair]]:
    """The ways in which an array of the right shape can be turned over."""
    shape = scene.views[0].shape
    x = np.shape(scene.views[0].arguments[scene.name])
    first = len(shape) - len(x)
    if len(shape) == 2 and shape[0] == shape[1] > 1:
        yield "", lambda v: None if v.yours is None else v.yours.T
    if len(shape) > 2:
        half, rest = int(np.prod(shape[:first], dtype=int)), int(np.prod(x, dtype=int))
        if first and half == rest > 1:
            yield " (outputs and inputs exchanged)", lambda v: _flat_turned(v, half)
        if len(x) >= 2 and x[-1] == x[-2] > 1:
            yield f" in the two last axes of {scene.name}", _last_turned
        if first >= 2 and shape[first - 1] == shape[first - 2] > 1:
            yield " in the axes of f", lambda v: None if v.yours is None else np.swapaxes(v.yours, first - 1, first - 2)


def _flat_turned(view: View, rows: int) -> Array | None:
    return None if view.yours is None else view.yours.reshape(rows, rows).T.reshape(view.shape)


def _last_turned(view: View) -> Array | None:
    return None if view.yours is None else np.swapaxes(view.yours, -1, -2)


def _turned(scene: Scene) -> str:
    del scene
    return "transpose"
