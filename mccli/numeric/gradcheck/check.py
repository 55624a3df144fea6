"""The check from beginning to end: look at f, visit the points, probe every argument, and put it together."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace

import numpy as np

from mccli.numeric.gradcheck.allowance import Allowance, evaluations_allowed
from mccli.numeric.gradcheck.calls import Calls
from mccli.numeric.gradcheck.entries import every_entry, pursue
from mccli.numeric.gradcheck.examine import Examination
from mccli.numeric.gradcheck.noise import Noise
from mccli.numeric.gradcheck.points import candidates, warnings_about
from mccli.numeric.gradcheck.prechecks import Prechecked, changed_arguments, precheck, stale
from mccli.numeric.gradcheck.problem import Arguments, Array, Kind, Problem, is_real
from mccli.numeric.gradcheck.report import ArgumentReport, Finding, NoiseReport, Report, Verdict
from mccli.numeric.gradcheck.structures import SYMMETRIC
from mccli.numeric.gradcheck.table import Progress
from mccli.numeric.gradcheck.together import all_together, beyond_symmetric, kept_back
from mccli.numeric.gradcheck.verdict import overall, report_on
from mccli.numeric.gradcheck.visits import Unusable, Visit, Visitor, finite


def check(
    problem: Problem,
    *,
    points: int = 2,
    probes: int = 2,
    budget_seconds: float | None = None,
    thorough: bool = False,
    progress: Progress | None = None,
    spent: int = 0,
) -> Report:
    """Whether the claimed derivatives are those of f: right, wrong, or why that cannot be told.

    ``spent`` is how often f was called before.
    """
    begun = time.monotonic()
    deadline = None if budget_seconds is None else begun + budget_seconds
    checker = Checker(Calls(problem, spent), points, probes, deadline, thorough, progress)
    return replace(checker.run(), seconds=time.monotonic() - begun)


@dataclass
class Checker:
    """A check under way."""

    calls: Calls
    points: int
    probes: int
    deadline: float | None
    thorough: bool
    progress: Progress | None
    findings: list[Finding] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    places: list[Arguments] = field(default_factory=list)
    noise: NoiseReport | None = None

    @property
    def problem(self) -> Problem:
        """What is checked."""
        return self.calls.problem

    def run(self) -> Report:
        """All kinds of derivatives that are claimed."""
        try:
            known = precheck(self.calls)
        except Unusable as stop:
            return self.report([], "cannot tell", stop.finding)
        self.remarks += known.remarks
        self.places = [self.problem.arguments]
        reports: list[ArgumentReport] = []
        for kind in self.problem.kinds():
            reports += self.check_kind(kind, known)
        self.findings += changed_arguments(self.calls)
        verdict = overall(reports, self.findings)
        if self.calls.reseeding and verdict == "wrong":
            text = "f draws random numbers, and with frozen ones the gradient disagrees: it may draw others"
            return self.report(
                reports, "cannot tell", Finding("non-deterministic", text, "let both take the numbers", "f")
            )
        return self.report(reports, verdict)

    def place(self, number: int) -> tuple[Arguments, Array] | None:
        """A point and the value there; beyond the given one, the first of the candidates that has a value."""
        if number < len(self.places):
            return self.places[number], finite(self.calls, self.places[number])
        rng = np.random.default_rng([self.problem.seed, 1, number])
        for candidate in candidates(self.problem, rng):
            value = self.calls.value(candidate)
            if value is not None and value.dtype.kind != "c" and value.size and np.all(np.isfinite(value)):
                self.places.append(candidate)
                return candidate, value
        self.remarks.append("f has no value near the given point: only that one was looked at")
        return None

    # ------------------------------------------------------------------------------------ one kind of derivative

    def check_kind(self, kind: Kind, known: Prechecked) -> list[ArgumentReport]:
        """Every argument for one kind of derivative."""
        rng = np.random.default_rng([self.problem.seed, 0])
        names = self.problem.checked()
        # the looks before everything are charged to the first kind
        before = 0 if kind == self.problem.kinds()[0] else self.calls.count(kind)
        visitor = Visitor(self.calls, kind, rng, known.jump)
        try:
            visits = self.visit_all(visitor, known)
        except Unusable as stop:
            return [_hopeless(n, kind, stop) for n in names]
        found, remarks = stale(visitor, visits[0])
        self.findings += found
        self.remarks += remarks
        total = None if self.thorough else evaluations_allowed(self.points, self.probes)
        kept = kept_back(self.problem, kind, len(names))
        shared = self.calls.count(kind) - before
        reports = []
        for number, name in enumerate(names):
            if name in visits[0].faults:
                reports.append(_misshapen(name, kind, visits[0].faults[name]))
                continue
            # what all arguments share is charged to the first
            first = shared if not reports else 0
            allowance = Allowance(self.calls, kind, total, self.deadline, first, kept)
            examination = self.examine(name, visits, allowance, rng)
            reports.append(_with_finding(report_on(examination, visits[0].remarks.get(name, "")), visits[0]))
            if self.progress is not None:
                self.progress(number + 1, len(names), f"{kind} by {name}")
        left = None if total is None else total * len(names) - self.calls.count(kind) + before
        allowance = Allowance(self.calls, kind, left, self.deadline)
        reports = beyond_symmetric(allowance, visits, reports, rng)
        self.findings += all_together(allowance, visits, reports, rng)
        self.calls.limit(kind, None)
        return reports

    def visit_all(self, visitor: Visitor, known: Prechecked) -> list[Visit]:
        """All points; the noise is measured at the first. Gradients are asked for right after f."""
        value = known.value if not self.calls.gradients else finite(self.calls, self.problem.arguments)
        first = visitor.visit(self.problem.arguments, 0, value, None)
        self.note_noise(first)
        noise = {name: spot.noise for name, spot in first.spots.items()}
        visits = [first]
        for number in range(1, self.points):
            found = self.place(number)
            if found is None:
                break
            try:
                visits.append(visitor.visit(found[0], number, found[1], noise))
            except Unusable as stop:
                self.remarks.append(f"the point nearby could not be used: {stop.finding.text}")
                continue
            _scale_noise(first, visits[-1])
        return visits

    def note_noise(self, visit: Visit) -> None:
        """For the report."""
        for spot in visit.spots.values():
            level = float(np.max(spot.noise.floor(spot.center)))
            size = float(np.max(np.abs(spot.center)))
            self.noise = self.noise or NoiseReport(level, level / size if size else float("nan"), spot.noise.single)

    def examine(self, name: str, visits: list[Visit], allowance: Allowance, rng: np.random.Generator) -> Examination:
        """One argument at all points."""
        examination = Examination((name,), allowance, rng)
        if name in self.problem.symmetric:
            examination.structure = SYMMETRIC
        examination.run([v.spots[name] for v in visits if name in v.spots], self.probes)
        if examination.suspicious and not examination.wrong:
            pursue(examination)
        if self.thorough and not examination.wrong:
            every_entry(examination, visits[0].spots[name], self.progress, self.deadline)
        return examination

    def report(self, reports: list[ArgumentReport], verdict: Verdict, finding: Finding | None = None) -> Report:
        """All of it."""
        skipped = {
            n: "whole numbers" for n in self.problem.names or self.problem.arguments if not _moves(self.problem, n)
        }
        return Report(
            verdict,
            tuple(reports),
            tuple([finding] if finding else []) + tuple(self.findings),
            tuple(dict.fromkeys(self.remarks)),
            warnings_about(self.problem),
            ("the given point", *(f"a point nearby ({n})" for n in range(1, len(self.places)))),
            self.noise,
            self.calls.values,
            self.calls.gradients,
            seed=self.problem.seed,
            random=self.calls.reseeding,
            skipped=skipped,
            places=tuple(self.places),
        )


def _moves(problem: Problem, name: str) -> bool:
    return is_real(np.asarray(problem.arguments[name])) and bool(np.asarray(problem.arguments[name]).size)


def _hopeless(name: str, kind: Kind, stop: Unusable) -> ArgumentReport:
    return ArgumentReport(name, kind, "cannot tell", "", findings=(stop.finding,))


def _misshapen(name: str, kind: Kind, fault: str) -> ArgumentReport:
    return ArgumentReport(name, kind, "wrong", "", findings=(Finding("wrong shape", fault),))


def _with_finding(report: ArgumentReport, visit: Visit) -> ArgumentReport:
    """Wrong too, where the array itself shows it."""
    finding = visit.findings.get(report.name)
    return report if finding is None else replace(report, verdict="wrong", findings=(*report.findings, finding))


def _scale_noise(first: Visit, other: Visit) -> None:
    """Noise goes with the size of f."""
    for name, spot in other.spots.items():
        here, there = np.abs(first.spots[name].center), np.abs(spot.center)
        if here.shape == there.shape:
            ratio = np.divide(there, here, out=np.ones_like(there), where=here > 0)
            level = first.spots[name].noise.level * np.maximum(ratio, 1.0)
            spot.noise = Noise(np.maximum(level, spot.noise.level), first.spots[name].noise.single)
