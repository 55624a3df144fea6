"""Before any derivative is looked at: is f repeatable, does anybody change its arguments, is anything cached."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from mccli.numeric.gradcheck.calls import Calls, numbers
from mccli.numeric.gradcheck.problem import Array
from mccli.numeric.gradcheck.report import Finding
from mccli.numeric.gradcheck.visits import Visit, Visitor, finite

SAME = 1e-11
"""A gradient that differs by less, relative to its largest entry, from call to call is the same gradient."""


@dataclass
class Prechecked:
    """The value at the point, how much it jumps from call to call, and what was noticed."""

    value: Array
    jump: float = 0.0
    remarks: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def precheck(calls: Calls) -> Prechecked:
    """Evaluate f twice; if the values differ, with the random numbers frozen."""
    arguments = calls.problem.arguments
    value, again = finite(calls, arguments), finite(calls, arguments)
    if _identical(value, again):
        return Prechecked(value)
    jump = _distance(value, again)
    calls.reseeding = True
    seeded, repeated = finite(calls, arguments), finite(calls, arguments)
    if _identical(seeded, repeated):
        remark = "f draws random numbers: they were frozen by seeding before every call"
        return Prechecked(seeded, 0.0, [remark])
    calls.reseeding = False
    jump = max(jump, _distance(seeded, repeated), _distance(value, seeded), _distance(again, repeated))
    return Prechecked(value, jump, [f"f is not repeatable: it jumps by {jump:.1g} from call to call"])


def _identical(a: Array, b: Array) -> bool:
    return a.shape == b.shape and bool(np.array_equal(a, b))


def _distance(a: Array, b: Array) -> float:
    return float(np.max(np.abs(a - b))) if a.shape == b.shape else float("inf")


def changed_arguments(calls: Calls) -> list[Finding]:
    """Arguments that a function changed in place."""
    return [
        Finding(
            "changed in place",
            f"{function} changes its argument {argument} in place",
            f"copy {argument} first",
            function,
        )
        for argument, function in calls.changed.items()
    ]


REPEATS = 3


def stale(visitor: Visitor, visit: Visit) -> tuple[list[Finding], list[str]]:
    """The derivative again, after f was evaluated elsewhere: is it still the same, and is the first one untouched."""
    if visit.raw is None or not hasattr(visit.raw, "items") or visitor.kind == "vjp":
        return [], []
    calls, arguments = visitor.calls, visitor.calls.problem.arguments
    remarks = []
    if not _same(visit.raw, visit.kept):
        remarks.append("the array returned earlier is changed by a later call: copy it before the next one")
    # a few times: a mask or a batch drawn at random may come out the same twice
    if all(_same(_copied_blocks(calls.derivative(visitor.kind, arguments)), visit.kept) for _ in range(REPEATS)):
        return [], remarks
    calls.value(arguments)
    if all(_same(calls.derivative(visitor.kind, arguments), visit.kept) for _ in range(REPEATS)):
        text = f"the {visitor.kind} at the same point differs after f was called elsewhere: it uses what f left behind"
        return [Finding("stale cache", text, "compute what is needed from the arguments")], remarks
    values = [calls.value(arguments) for _ in range(REPEATS)]  # the first two may have been the same by chance
    if any(v is None or values[0] is None or not _identical(v, values[0]) for v in values):
        text = "f and its derivative differ from call to call at the same point"
        return [Finding("non-deterministic", text, "let both take the random numbers", "f")], remarks
    text = f"the {visitor.kind} differs from call to call at the same point"
    return [Finding("non-deterministic", text, "seed the random numbers inside", visitor.kind)], remarks


def _copied_blocks(found: Any) -> Any:
    return {k: np.array(v) for k, v in found.items()} if hasattr(found, "items") else found


def _same(one: Any, other: Any) -> bool:
    if not hasattr(one, "items") or not hasattr(other, "items"):
        return one is other
    pairs = [(numbers(v), numbers(other.get(k))) for k, v in one.items()]
    return all(a is not None and b is not None and _close(a, b) for a, b in pairs)


def _close(a: Array, b: Array) -> bool:
    if a.shape != b.shape:
        return False
    size = float(np.max(np.abs(a), initial=0.0))
    return bool(np.array_equal(a, b, equal_nan=True)) or bool(np.max(np.abs(a - b), initial=0.0) <= SAME * size)
