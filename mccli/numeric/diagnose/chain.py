"""A factor that is missing from the chain rule: the right entries are the user's times something known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from mccli.numeric.diagnose.diagnosis import Diagnosis
from mccli.numeric.diagnose.evidence import Repair, attempt, errors
from mccli.numeric.diagnose.expressions import FUNCTIONS, Expr, Function, entry_functions, library, products, sigmoid
from mccli.numeric.diagnose.fits import factor, measured, proportional
from mccli.numeric.diagnose.naming import Named, names_for
from mccli.numeric.diagnose.scalars import scalar_name
from mccli.numeric.diagnose.scene import Scene
from mccli.numeric.diagnose.view import View
from mccli.numeric.gradcheck.problem import Array

DERIVATIVES: tuple[tuple[str, Function, float], ...] = (
    ("{}", lambda z: z, 0),
    *FUNCTIONS,
    ("1 + tanh({})", lambda z: 1 + np.tanh(z), 1.6),
    ("1 - tanh({})", lambda z: 1 - np.tanh(z), 1.6),
    ("1 - σ({})", lambda z: 1 - sigmoid(z), 1.4),
    ("1/(1 + {}^2)", lambda z: 1 / (1 + z * z), 1.4),
    ("1/(1 + {})", lambda z: 1 / (1 + z), 1.4),
    ("1/sqrt(1 + {}^2)", lambda z: 1 / np.sqrt(1 + z * z), 1.6),
    ("1/sqrt(1 - {}^2)", lambda z: 1 / np.sqrt(1 - z * z), 1.6),
    ("exp(-{}^2)", lambda z: np.exp(-z * z), 1.5),
    ("exp(-{}^2/2)", lambda z: np.exp(-z * z / 2), 1.5),
    ("cosh({})", np.cosh, 1.5),
    ("sinh({})", np.sinh, 1.5),
    ("1/cos({})^2", lambda z: 1 / np.cos(z) ** 2, 1.5),
    ("[{} < 0]", lambda z: (z < 0) * 1.0, 1.2),
    ("{}^4", lambda z: z**4, 1.5),
    ("1 - {}^2", lambda z: 1 - z * z, 1.2),
    ("{0}(1 - {0})", lambda z: z * (1 - z), 1.2),
)
LAYERS = (("tanh({})", np.tanh), ("σ({})", sigmoid), ("max({}, 0)", lambda z: np.maximum(z, 0)), ("sin({})", np.sin))
TRIED = 8
MOST_INNER = 100
PLAIN = 3.0
POWERS = (1, -1)


def chain(scene: Scene) -> Iterator[Diagnosis]:
    """Factors entry by entry, and factors that are one number at each point."""
    if not scene.fits or not scene.telling:
        return
    yield from entry_factors(scene)
    if scene.small:
        yield from one_number(scene)
        yield from constant_along(scene)


# ------------------------------------------------------------------------------------------------- entry by entry


def inner(view: View) -> list[Expr]:
    """What a function may have been applied to at a point: arguments, layers, layers of layers."""
    if not view.small:
        return [
            Expr(n, np.asarray(a, dtype=float), 1.0) for n, a in view.arguments.items() if np.shape(a) == view.shape
        ]
    lib = library(view.arguments, view.value, {})
    simple = [f for e in lib.plain if e.value.shape == view.shape for f in entry_functions(e)]
    found = [*lib.plain, *lib.paired, *lib.residuals, *simple]
    hidden = [
        Expr(form.format(e.text), function(e.value), e.cost + 1)
        for e in [*lib.paired, *lib.residuals]
        if e.cost <= 3.3 and e.value.ndim == 2
        for form, function in LAYERS
    ]
    return [*found, *products(hidden[:80], lib.plain)[:120], *products(lib.plain, hidden[:80])[:120]]


def spread(e: Expr, shape: tuple[int, ...]) -> Iterator[tuple[str, Array]]:
    """The ways in which an expression can multiply the entries of a derivative."""
    if e.value.shape == shape:
        yield e.text, e.value
        return
    if e.value.ndim == 1 and len(shape) == 2:
        n = e.value.size
        if n == shape[0]:
            yield f"{e.text} (one for each row)", np.broadcast_to(e.value[:, None], shape)
        if n == shape[1]:
            yield f"{e.text} (one for each column)", np.broadcast_to(e.value, shape)


def factors_at(view: View, expressions: Iterable[Expr] | None = None) -> dict[str, Expr]:
    """Every factor that could be missing, at a point."""
    if expressions is None and "chain" in view.expressions:
        return view.expressions["chain"]  # type: ignore[return-value]
    found: dict[str, Expr] = {}
    listed = inner(view) if expressions is None else list(expressions)
    able = [e for e in listed if any(True for _ in spread(e, view.shape))]
    for e in sorted(able, key=lambda e: e.cost)[:MOST_INNER]:
        for f in entry_functions(e, DERIVATIVES):
            for text, value in spread(f, view.shape):
                found.setdefault(text, Expr(text, value, f.cost, f.tight))
    if expressions is None:
        view.expressions["chain"] = found  # type: ignore[assignment]
    return found


def entry_factors(scene: Scene) -> Iterator[Diagnosis]:
    """d = c g t or d = c g / t with t from the list."""
    count = 0
    for e, power, c in fitting(scene.lead, factors_at(scene.lead)):
        if abs(c - 1) > 1e-6 and e.cost > PLAIN:
            continue  # a long formula with a constant of its own: an identity between functions, no mistake
        named = Named(1.0, "1") if abs(c - 1) < 1e-6 else names_for(
            scene.views[0].arguments, scene.scalars, scene.name).of(c)  # fmt: skip
        fitted = 0 if named else 1
        number = named or Named(c, f"{c:.6g}")
        found = _missing(scene, e, power, number, fitted)
        if found is not None:
            yield found
            count += 1
        if count == 2:
            return


def fitting(view: View, found: dict[str, Expr], most: int = TRIED) -> list[tuple[Expr, int, float]]:
    """The factors that fit at one point, the simplest first, with their power and what else is to be multiplied."""
    if view.yours is None:
        return []
    allowed = view.allowed(view.gauge(view.yours)[1])
    kept = []
    for power in POWERS:
        # a constant factor is no chain factor
        listed = [e for e in found.values() if np.any(e.value != e.value.reshape(-1)[0])]
        arrays = [(e, a) for e in listed if (a := _times(view, e, power)) is not None]
        numbers, passes = proportional(view.numeric, allowed, measured(view, [a for _, a in arrays]))
        for index in np.nonzero(passes)[0]:
            kept.append((arrays[int(index)][0], power, float(numbers[index])))
    kept.sort(key=lambda item: item[0].cost + 0.4 * (item[1] < 0) + (abs(item[2] - 1) > 1e-6))
    return kept[:most]


def _times(view: View, e: Expr, power: int) -> Array | None:
    if view.yours is None:
        return None
    with np.errstate(all="ignore"):
        found = view.yours * (e.value if power > 0 else 1 / e.value)
    return np.asarray(found) if np.all(np.isfinite(found)) else None


def _missing(scene: Scene, e: Expr, power: int, number: Named, fitted: int) -> Diagnosis | None:
    c = number.value

    def repair(view: View) -> Array | None:
        there = factors_at(view).get(e.text)
        found = None if there is None else _times(view, there, power)
        return None if found is None else c * found

    times = "" if c == 1 else f"{number.text} times "
    what = f"the factor {times}{e.text} is missing" if power > 0 else f"there is a factor {e.text} too many"
    if power < 0 and c != 1:
        what += f", and {number.shown} is missing"
    sentence = f"{what} in {scene.whose}"
    verb = "multiplying by" if power > 0 else "dividing by"
    rank = 9.0 + 0.5 * e.cost + (0.5 if power < 0 else 0) + (0 if c == 1 else 0.8) + 2 * fitted
    return attempt(scene, repair, "chain-factor", sentence, f"after {verb} {times}{e.text}", rank, detail=(e.text,),
                  fitted=fitted, remote=True)  # fmt: skip


# ------------------------------------------------------------------------------------------------- one number


def one_number(scene: Scene) -> Iterator[Diagnosis]:
    """At each point a factor, and not the same at all of them."""
    if any(v.numeric.size < 2 for v in scene.views):
        return
    found = [_ratio(v) for v in scene.views]
    ratios = [c for c in found if c is not None]
    if len(ratios) < len(found) or max(ratios) - min(ratios) <= 1e-6 * abs(ratios[0]):
        return
    if max(abs(c - 1) for c in ratios) < 1e-9:
        return
    by_view = {id(v): c for v, c in zip(scene.views, ratios, strict=True)}
    named = scalar_name(scene, ratios)
    values = " and ".join(f"{c:.4g}" for c in ratios)
    if named:
        sentence = f"the factor {named.text} is missing in {scene.whose}"
        rank = 9.5 + 0.5 * named.cost
    else:
        sentence = (
            f"a factor that changes with the point is missing in {scene.whose}: it is {values} at {len(ratios)} points"
        )
        rank = 12.0
    repair: Repair = lambda v: None if v.yours is None else by_view[id(v)] * v.yours  # noqa: E731
    diagnosis = attempt(
        scene, repair, "chain-factor", sentence, f"after multiplying by {values}", rank, fitted=len(ratios)
    )
    if diagnosis is not None:
        yield diagnosis


def _ratio(view: View) -> float | None:
    if view.yours is None:
        return None
    g, size = view.gauge(view.yours)
    c = factor(view.numeric, view.allowed(size), g)
    return c if np.isfinite(c) and c and view.compare(c * view.yours).passes else None


# ------------------------------------------------------------------------------------------------- rows and columns


def constant_along(scene: Scene) -> Iterator[Diagnosis]:
    """Every row (or column) is off by a factor of its own."""
    shape = scene.views[0].shape
    if len(shape) != 2 or min(shape) < 3:
        return
    for axis, (one, each) in enumerate((("column", "columns"), ("row", "rows"))):
        repair: Repair = lambda v, a=axis: by_line(v, a)  # type: ignore[misc]  # noqa: E731
        if errors(scene, repair) is None:
            continue
        sentence = f"{scene.whose}: every {one} is off by a factor of its own; a factor for the {each} is missing"
        lines = shape[1 - axis] * len(scene.views)
        found = attempt(
            scene, repair, "chain-factor", sentence, f"after one factor for every {one}", 12.5, fitted=lines
        )
        if found is not None:
            yield found


def by_line(view: View, axis: int) -> Array | None:
    """Each row or column times the factor that fits it best."""
    if view.yours is None or view.whole is None:
        return None
    bottom = np.sum(view.yours**2, axis=axis, keepdims=True)
    top = np.sum(view.yours * view.whole, axis=axis, keepdims=True)
    with np.errstate(all="ignore"):
        factor = np.where(bottom > 0, top / bottom, 0.0)
    return np.asarray(view.yours * factor)
