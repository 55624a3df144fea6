"""The entries of a wrong gradient that are off the most: all of them looked at, or found by bisection."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Literal

import numpy as np

from mccli.numeric.gradcheck.bisect import Bisection
from mccli.numeric.gradcheck.calls import Calls
from mccli.numeric.gradcheck.probes import MARGIN
from mccli.numeric.gradcheck.problem import Array, Kind, Problem
from mccli.numeric.gradcheck.report import ArgumentReport, Report
from mccli.numeric.gradcheck.spot import Spot
from mccli.numeric.gradcheck.structures import STRUCTURES
from mccli.numeric.gradcheck.table import Prober, Progress, Table, prober_for, table
from mccli.numeric.gradcheck.visits import Visitor

FEW = 2000
"""So many entries are all looked at."""

SAMPLED = 24
MANY = 0.25
"""If this part of a sample of entries is wrong, bisection would find nothing but wrong entries."""

EVALUATIONS = 6000


@dataclass(frozen=True)
class Entry:
    """One entry: where, what the user has, what it is. ``index`` is in the argument, ``output`` in f."""

    index: tuple[int, ...]
    yours: float
    numeric: float
    error: float
    output: tuple[int, ...] = ()
    severity: float = 0.0
    """How much f would change along this entry by its own size, wrongly."""

    @property
    def ratio(self) -> float:
        """Yours over numeric."""
        return self.yours / self.numeric if self.numeric else float("nan") if not self.yours else float("inf")


@dataclass(frozen=True)
class Worst:
    """The wrong entries of one argument, the worst first."""

    name: str
    kind: Kind
    entries: tuple[Entry, ...]
    total: int
    wrong: int | None
    """How many are wrong; None where not all were looked at."""

    share: float | None
    """The wrong part of a random sample, where not all were looked at."""

    method: Literal["every entry", "bisection", "sample"]
    evaluations: int
    numeric: Array | None = None
    """The whole numerical derivative (outputs, entries), where every entry was looked at."""

    error: Array | None = None


def worst_entries(
    problem: Problem,
    report: Report,
    *,
    name: str | None = None,
    kind: Kind | None = None,
    most: int = 10,
    budget_seconds: float | None = 10.0,
    thorough: bool = False,
    progress: Progress | None = None,
) -> Worst:
    """The worst entries of an argument (the first wrong one), at the point where it was found wrong."""
    chosen = _chosen(report, name, kind)
    calls = Calls(problem)
    rng = np.random.default_rng([problem.seed, 2])
    prober = _prober(calls, report, chosen, rng)
    deadline = None if budget_seconds is None else time.monotonic() + budget_seconds
    entries = prober.spot.scale(chosen.name).size
    if thorough or entries <= FEW:
        return _every(calls, prober, chosen, most, None if thorough else deadline, progress)
    return _search(calls, prober, chosen, most, deadline, rng)


def _chosen(report: Report, name: str | None, kind: Kind | None) -> ArgumentReport:
    fitting = [a for a in report.arguments if name in (None, a.name) and kind in (None, a.kind)]
    return next((a for a in fitting if a.verdict == "wrong"), fitting[0])


def _prober(calls: Calls, report: Report, chosen: ArgumentReport, rng: np.random.Generator) -> Prober:
    """At the first point where a probe failed."""
    number = next((p.point for p in chosen.probes if p.verdict == "wrong"), 0)
    visit = Visitor(calls, chosen.kind, rng).visit(report.places[number], number, None, None)
    structure = next((s for s in STRUCTURES if s.name == chosen.structure), None)
    return prober_for(visit.spots[chosen.name], chosen.name, structure, rng)


def _every(
    calls: Calls, prober: Prober, chosen: ArgumentReport, most: int, deadline: float | None, progress: Progress | None
) -> Worst:
    size = prober.spot.scale(chosen.name).size
    # in random order, so that running out of time leaves a sample
    order = np.random.default_rng(0).permutation(size) if deadline is not None else np.arange(size)
    found = table(prober, order, progress, deadline)
    entries, wrong = _compare(prober, found)
    complete = len(found.indices) == size
    count = len(wrong)
    return Worst(
        chosen.name,
        chosen.kind,
        tuple(entries[:most]),
        size * prober.spot.center.size,
        count if complete else None,
        None if complete else count / found.value.size,
        "every entry" if complete else "sample",
        calls.values,
        _in_order(found, found.value) if complete else None,
        _in_order(found, found.error) if complete else None,
    )


def _in_order(found: Table, values: Array) -> Array:
    return np.asarray(values[:, np.argsort(found.indices)])


def _search(
    calls: Calls, prober: Prober, chosen: ArgumentReport, most: int, deadline: float | None, rng: np.random.Generator
) -> Worst:
    """A sample first: where many are wrong it says enough, where few are it finds none and bisection finds them."""
    size = prober.spot.scale(chosen.name).size
    sampled = table(prober, rng.choice(size, SAMPLED, replace=False), None, deadline)
    entries, wrong = _compare(prober, sampled)
    share = len(wrong) / sampled.value.size
    complete: int | None = None
    method: Literal["bisection", "sample"] = "sample"
    if share <= MANY:
        bisection = Bisection(prober, prober.spot.direction(chosen.name, rng, prober.structure), most, EVALUATIONS)
        bisection.deadline = deadline
        located = bisection.run()
        extra, more = _compare(prober, table(prober, located)) if located else ([], [])
        known = {(e.index, e.output) for e in extra}
        entries = sorted([*extra, *(e for e in entries if (e.index, e.output) not in known)], key=_by_severity)
        method = "bisection"
        complete = len(more) if bisection.finished and not wrong else None
    total = size * prober.spot.center.size
    return Worst(chosen.name, chosen.kind, tuple(entries[:most]), total, complete, share, method, calls.values)


def _compare(prober: Prober, found: Table) -> tuple[list[Entry], list[tuple[int, int]]]:
    """The wrong entries of a table, the worst first."""
    spot, name = prober.spot, prober.name
    yours = np.full(found.value.shape, np.nan)
    rounding = np.zeros(found.value.shape)
    for column, index in enumerate(found.indices):
        v, step = prober.unit(int(index))
        if step:
            said = spot.claim.along({name: v})
            yours[:, column], rounding[:, column] = said.value / step, said.rounding / step
        else:
            yours[:, column] = 0.0
    off = ~(np.abs(yours - found.value) <= MARGIN * found.error + rounding)
    scale = spot.scale(name)
    entries = []
    for output, column in zip(*np.nonzero(off), strict=True):
        index = int(found.indices[column])
        values = (float(a[output, column]) for a in (yours, found.value, found.error))
        y, d, e = values
        severity = abs(y - d) * float(scale.flat[index])
        place = tuple(int(i) for i in np.unravel_index(index, scale.shape))
        row = place if spot.second else _output(spot, int(output))  # by second differences the diagonal is seen
        entries.append(Entry(place, y, d, e, row, severity))
    entries.sort(key=_by_severity)
    return entries, [(int(o), int(found.indices[c])) for o, c in zip(*np.nonzero(off), strict=True)]


def _by_severity(entry: Entry) -> float:
    return -entry.severity if np.isfinite(entry.severity) else -np.inf


def _output(spot: Spot, number: int) -> tuple[int, ...]:
    return () if spot.center.size == 1 else tuple(int(i) for i in np.unravel_index(number, spot.output_shape))
