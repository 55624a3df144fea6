"""Mistakes of behaviour: random numbers, a stale cache, arguments changed in place, float32, a kink at the point."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from mccli.numeric.diagnose.diagnosis import Diagnosis
from mccli.numeric.diagnose.evidence import brief
from mccli.numeric.diagnose.scene import Scene
from mccli.numeric.gradcheck.calls import Calls, numbers
from mccli.numeric.gradcheck.problem import Arguments, Array, Kind, Problem
from mccli.numeric.gradcheck.report import ArgumentReport, Report

SINGLE_EPS = float(np.finfo(np.float32).eps)
SAME = 1e-11
REPEATS = 4
NAN = float("nan")


def behaviour(problem: Problem, report: Report) -> list[Diagnosis]:
    """What is wrong before any number is compared."""
    if not report.arguments:
        return []
    kind = report.arguments[0].kind
    found = [*_changed(problem, report, kind), *_random(problem, report, kind)]
    return found or [*_stale(problem, report, kind)]


def _call(problem: Problem, kind: Kind, arguments: Arguments, name: str) -> Array | None:
    """The user's derivative by one argument, on copies; only for kinds that need no second input."""
    if kind not in ("gradient", "jacobian", "hessian"):
        return None
    raw = Calls(problem).derivative(kind, arguments)
    array = numbers(raw.get(name)) if hasattr(raw, "get") else None
    return None if array is None else np.array(array)


def _apart(a: Array | None, b: Array | None) -> float:
    """How far two results are apart, relative to the larger one."""
    if a is None or b is None or a.shape != b.shape or not a.size:
        return 0.0 if a is b else float("inf")
    size = max(float(np.max(np.abs(a))), float(np.max(np.abs(b))))
    return float(np.max(np.abs(a - b))) / size if size else 0.0


# ------------------------------------------------------------------------------------------------- in place


def _changed(problem: Problem, report: Report, kind: Kind) -> Iterator[Diagnosis]:
    if not any(f.reason == "changed in place" for f in report.findings):
        return
    calls, other = Calls(problem), Calls(problem)
    calls.value(problem.arguments)
    if kind in ("gradient", "jacobian", "hessian"):
        other.derivative(kind, problem.arguments)
    for argument, by, what in [(n, "f", "f") for n in calls.changed] + [
        (n, "the gradient", kind) for n in other.changed
    ]:
        copies = {k: np.array(a) for k, a in problem.arguments.items()}
        _quietly(problem, "value" if by == "f" else kind, copies)
        off = _apart(copies[argument], np.asarray(problem.arguments[argument]))
        sentence = (
            f"your {what} changes its argument {argument} in place; whoever calls it has another {argument} afterwards"
        )
        evidence = f"after one call {argument} differs by {brief(off)} of its largest entry"
        yield Diagnosis("changed-in-place", sentence, evidence, argument, off, 0.0, (argument,), 0.1)


def _quietly(problem: Problem, function: str, arguments: Arguments) -> None:
    with np.errstate(all="ignore"):
        try:
            getattr(problem, function)(arguments)
        except Exception:
            return


# ------------------------------------------------------------------------------------------------- random


def _random(problem: Problem, report: Report, kind: Kind) -> Iterator[Diagnosis]:
    reasons = {f.reason for f in report.findings}
    frozen = any("frozen by seeding" in r for r in report.remarks)
    if "non-deterministic" not in reasons and not frozen:
        return
    for about in report.arguments:
        results = [_call(problem, kind, problem.arguments, about.name) for _ in range(REPEATS)]
        jump = max(_apart(results[0], r) for r in results[1:])
        if jump > SAME:
            sentence = f"your {kind} for {about.name} is random: it differs from call to call at the same point"
            evidence = f"{REPEATS} calls with the same arguments differ by up to {brief(jump)} of the largest entry"
            yield Diagnosis("random", sentence, evidence, about.name, jump, 0.0, rank=0.2)
            return
    values = [Calls(problem).value(problem.arguments) for _ in range(REPEATS)]
    jump = max(_apart(values[0], v) for v in values[1:])
    if jump > 0:
        sentence = "f is random: it differs from call to call at the same point"
        evidence = f"{REPEATS} calls with the same arguments differ by up to {brief(jump)}"
        yield Diagnosis("random", sentence, evidence, report.arguments[0].name, jump, 0.0, rank=0.2)


# ------------------------------------------------------------------------------------------------- stale


def _stale(problem: Problem, report: Report, kind: Kind) -> Iterator[Diagnosis]:
    """Does the derivative depend on where f was evaluated last?"""
    if len(report.places) < 2:
        return
    here, there = report.places[0], report.places[1]
    calls = Calls(problem)
    for about in report.arguments:
        calls.value(here)
        right = _call(problem, kind, here, about.name)
        calls.value(there)
        later = _call(problem, kind, here, about.name)
        off = _apart(right, later)
        if off > 1e-9:
            sentence = f"your {kind} for {about.name} uses what f left behind at another point (a stale cache)"
            evidence = (
                f"at the same point it differs by {brief(off)} of its largest entry "
                "after f was evaluated somewhere else in between"
            )
            yield Diagnosis("stale-state", sentence, evidence, about.name, off, 0.0, rank=0.3)
            return


def never_changes(scene: Scene) -> Iterator[Diagnosis]:
    """The derivative is right where it was asked for first, and the same everywhere else.

    So is a constant one that lacks a factor, at a point where that factor is one: such causes are told before.
    """
    if not scene.small or not scene.fits or not np.any(scene.views[0].yours):
        return
    first = scene.views[0]
    if not first.yours_compared().passes or first.yours is None:
        return
    others = scene.views[1:]
    if not all(v.yours is not None and np.array_equal(v.yours, first.yours) for v in others):
        return
    moved = max(v.yours_compared().error for v in others)
    if moved < 1e-6:
        return
    sentence = f"{scene.whose} never changes: right at the first point, it is handed out everywhere (a stale cache)"
    evidence = (
        f"at {len(others)} other points it is the same to the last bit and wrong by {brief(moved)}; "
        f"at the first one its error is {brief(first.yours_compared().error)}"
    )
    error = first.yours_compared().error
    yield Diagnosis("stale-state", sentence, evidence, scene.name, scene.before, error, rank=12.8)


def lags_behind(scene: Scene) -> Iterator[Diagnosis]:
    """The derivative at one point is the right one of the point before."""
    if not scene.small or not scene.fits:
        return
    pairs = list(zip(scene.views[:-1], scene.views[1:], strict=True))
    if not all(_same_moved(a.numeric, b.numeric) and b.compare(a.numeric.reshape(b.shape)).error > 1e-6
               and a.compare(b.yours).passes for a, b in pairs if a.numeric.size == int(np.prod(b.shape))):  # fmt: skip
        return
    if any(a.numeric.size != int(np.prod(b.shape)) for a, b in pairs):
        return
    sentence = f"{scene.whose} is that of the point before: it is one call late (a stale cache)"
    after = max(a.compare(b.yours).error for a, b in pairs)
    evidence = f"compared with the numerical one at the previous point, the error is {brief(after)}"
    yield Diagnosis("stale-state", sentence, evidence, scene.name, scene.before, after, rank=0.4)


def _same_moved(a: Array, b: Array) -> bool:
    return a.shape == b.shape and not np.allclose(a, b, rtol=1e-9)


# ------------------------------------------------------------------------------------------------- float32


def single_precision(scene: Scene) -> Iterator[Diagnosis]:
    """The disagreement is what float32 does to the arguments."""
    if not scene.fits:
        return
    raw = _call(scene.problem, scene.about.kind, scene.views[0].arguments, scene.name)
    if raw is None or not (raw.dtype.itemsize < 8 or np.array_equal(raw.astype(np.float32), raw)) or not np.any(raw):
        return
    jumps, offs = [], []
    for view in scene.views:
        if view.yours is None:
            return
        jumps.append(_rounding_jump(scene, view.arguments, view.yours))
        offs.append(view.yours_compared().error)
    size = max(jumps)
    if not size or max(offs) > 4 * size or max(offs) > 0.3:
        return
    sentence = f"{scene.whose} is computed in float32, and that is not enough here: use float64"
    evidence = (
        f"its error of {brief(max(offs))} is no more than what rounding the arguments to float32 does to it "
        f"({brief(size)}); all its entries are float32 numbers"
    )
    yield Diagnosis("float32", sentence, evidence, scene.name, scene.before, 0.0, rank=0.6)


def _rounding_jump(scene: Scene, arguments: Arguments, yours: Array) -> float:
    """How much the derivative changes when arguments are moved by less than float32 can see."""
    rng, size = np.random.default_rng(5), float(np.max(np.abs(yours))) or 1.0
    jumps = []
    for _ in range(3):
        moved = {k: _nudged(np.asarray(a), rng) for k, a in arguments.items()}
        there = _call(scene.problem, scene.about.kind, moved, scene.name)
        if there is not None and there.shape == yours.shape:
            jumps.append(float(np.max(np.abs(there.astype(float) - yours))) / size)
    return max(jumps, default=0.0)


def _nudged(array: Array, rng: np.random.Generator) -> Array:
    if array.dtype.kind != "f":
        return array
    return np.asarray(array * (1 + SINGLE_EPS * rng.uniform(-1, 1, array.shape)))


# ------------------------------------------------------------------------------------------------- kinks


def at_kink(report: Report) -> Iterator[Diagnosis]:
    """The check itself has found a kink at the point, and a value outside of what is allowed there."""
    for about in report.arguments:
        finding = next((f for f in about.findings if f.reason == "kink"), None)
        if finding is not None and about.verdict != "right":
            sentence = (
                f"f has a kink at the point, and your {about.kind} for {about.name} is no slope of either side there"
            )
            yield Diagnosis("kink", sentence, _numbers(about, finding.text), about.name, NAN, NAN, rank=0.5)


def _numbers(about: ArgumentReport, text: str) -> str:
    probe = next((p for p in about.probes if p.finding is not None and p.finding.reason == "kink"), None)
    if probe is None:
        return text
    return f"{text}: along a random direction yours is {probe.yours:.6g}, f changes by {probe.numeric:.6g} on average"
