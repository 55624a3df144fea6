"""Numbers that can be built from the arguments at a point: norms, sums, traces, the value of f, and functions of them.

A factor that is one number at each point and not the same at all of them is one of these, if it has a name at all.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mccli.numeric.diagnose.expressions import Expr, library
from mccli.numeric.diagnose.naming import names_for
from mccli.numeric.diagnose.scene import Scene
from mccli.numeric.diagnose.view import View

NEAR = 1e-6
MOST = 400


@dataclass(frozen=True)
class Scalar:
    """A number with its formula."""

    text: str
    cost: float


POWERS = ((1.0, "{}"), (-1.0, "1/{}"), (2.0, "{}^2"), (-2.0, "1/{}^2"), (0.5, "sqrt({})"), (-0.5, "1/sqrt({})"),
          (-1.5, "1/{}^(3/2)"), (-3.0, "1/{}^3"), (-4.0, "1/{}^4"))  # fmt: skip


def scalar_name(scene: Scene, wanted: list[float]) -> Scalar | None:
    """A formula that gives these numbers at the points, up to a named constant."""
    lists = [_scalars(v) for v in scene.views[: len(wanted)]]
    texts = [t for t in lists[0] if all(t in other for other in lists)]
    if not texts or len(wanted) < 2:
        return None
    table = np.array([[found[t][0] for t in texts] for found in lists])
    with np.errstate(all="ignore"):
        ratio = np.array(wanted)[:, None] / table
        same = np.max(np.abs(ratio / ratio[0] - 1), axis=0) <= NEAR
    names = names_for(scene.views[0].arguments, scene.scalars, scene.name)
    best: Scalar | None = None
    for index in np.nonzero(same)[0]:
        text, cost = texts[int(index)], lists[0][texts[int(index)]][1]
        named = names.of(float(ratio[0, index]))
        if named is None:
            continue
        whole = text if named.value == 1 else f"{named.text}*{text}"
        cost += named.rank + (0.3 if named.value != 1 else 0)
        if best is None or cost < best.cost:
            best = Scalar(whole, cost)
    return best


def _scalars(view: View) -> dict[str, tuple[float, float]]:
    """Formula to value and cost."""
    found: dict[str, tuple[float, float]] = {}
    for text, value, cost in _bases(view):
        if not np.isfinite(value) or value == 0:
            continue
        for power, form in POWERS:
            if value > 0 or float(power).is_integer():
                found.setdefault(form.format(text), (float(value**power), cost + 0.2 * (power != 1)))
        with np.errstate(all="ignore"):
            for form, other in _functions(value):
                if np.isfinite(other) and other:
                    found.setdefault(form.format(text), (float(other), cost + 0.8))
    return found


def _functions(s: float) -> list[tuple[str, float]]:
    sigma = 1 / (1 + np.exp(-s))
    return [
        ("exp({})", np.exp(s)), ("exp(-{})", np.exp(-s)), ("cos({})", np.cos(s)), ("sin({})", np.sin(s)),
        ("exp(-{}/2)", np.exp(-s / 2)), ("log({})", np.log(s) if s > 0 else np.nan), ("1 - {}^2", 1 - s * s),
        ("{0}(1 - {0})", s * (1 - s)), ("1/(1 + {})", 1 / (1 + s)), ("1/(1 + {}^2)", 1 / (1 + s * s)),
        ("(1 - tanh({})^2)", 1 - np.tanh(s) ** 2), ("tanh({})", np.tanh(s)), ("σ({})", sigma),
        ("σ({0})(1 - σ({0}))", sigma * (1 - sigma)), ("(1 + {})", 1 + s), ("1/(1 + {})^2", 1 / (1 + s) ** 2),
        ("(1 - {})", 1 - s), ("1/sqrt(1 + {})", 1 / np.sqrt(1 + s) if s > -1 else np.nan),
    ]  # fmt: skip


def _bases(view: View) -> list[tuple[str, float, float]]:
    lib = library(view.arguments, view.value, {})
    found: list[tuple[str, float, float]] = []
    if view.value.size == 1:
        found.append(("f", float(view.value.reshape(-1)[0]), 0.5))
    found += [(n, float(a), 0.5) for n, a in view.arguments.items() if np.size(a) == 1]
    simple = [*lib.plain, *[e for e in [*lib.paired, *lib.residuals] if e.cost <= 3.2][:MOST]]
    with np.errstate(all="ignore"):
        for e in simple:
            found += _of_one(e)
        found += _forms(lib.plain, [*lib.plain, *lib.paired])
    return found


def _of_one(e: Expr) -> list[tuple[str, float, float]]:
    v = e.value
    found = [
        (f"||{e.text}||", float(np.linalg.norm(v)), e.cost),
        (f"sum({e.text})", float(np.sum(v)), e.cost + 0.2),
        (f"sum(exp({e.text}))", float(np.sum(np.exp(v))), e.cost + 0.6),
        (f"sum(|{e.text}|)", float(np.sum(np.abs(v))), e.cost + 0.5),
        (f"prod({e.text})", float(np.prod(v)), e.cost + 0.6),
    ]
    if v.ndim == 2 and v.shape[0] == v.shape[1]:
        found.append((f"tr({e.text})", float(np.trace(v)), e.cost + 0.3))
        found.append((f"det({e.text})", float(np.linalg.det(v)), e.cost + 0.3))
    return found


def _forms(left: list[Expr], right: list[Expr]) -> list[tuple[str, float, float]]:
    """a'b of vectors, and of matrices entry by entry."""
    found = []
    for a in left:
        for b in right:
            if a.value.shape == b.value.shape and a.text != b.text:
                text = f"({a.factor}'{b.factor})" if a.value.ndim == 1 else f"<{a.text}, {b.text}>"
                found.append((text, float(np.sum(a.value * b.value)), a.cost + b.cost))
    return found[:MOST]
