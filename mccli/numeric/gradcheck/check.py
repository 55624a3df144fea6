"""The check from beginning to end: look at f, visit the points, probe every argument, and put it together."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace

import numpy as np

from mccli.numeric.gradcheck.allowance import Allowance, evaluations_allowed
from mccli.numeric.gradcheck.bisect import Bisection
from mccli.numeric.gradcheck.calls import Calls
from mccli.numeric.gradcheck.claims import Blocks
from mccli.numeric.gradcheck.closer import TINY, relative, stands_out
from mccli.numeric.gradcheck.confirm import confirm
from mccli.numeric.gradcheck.examine import Examination, Judged
from mccli.numeric.gradcheck.ladder import Slope
from mccli.numeric.gradcheck.noise import Noise
from mccli.numeric.gradcheck.points import broken, candidates, warnings_about
from mccli.numeric.gradcheck.prechecks import Prechecked, changed_arguments, precheck, stale
from mccli.numeric.gradcheck.probes import Measured
from mccli.numeric.gradcheck.problem import Arguments, Array, Kind, Problem, is_real
from mccli.numeric.gradcheck.report import ArgumentReport, Finding, NoiseReport, Report, Verdict
from mccli.numeric.gradcheck.spot import Spot
from mccli.numeric.gradcheck.structures import SYMMETRIC
from mccli.numeric.gradcheck.table import Prober, Progress, table
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
) -> Report:
    """Whether the claimed derivatives are those of f: right, wrong, or why that cannot be told."""
    begun = time.monotonic()
    deadline = None if budget_seconds is None else begun + budget_seconds
    checker = Checker(Calls(problem), points, probes, deadline, thorough, progress)
    return replace(checker.run(), seconds=time.monotonic() - begun)


MOST = 0.25
"""If more than this part of the entries is off, each by next to nothing, it is no slip in one of them."""

BEYOND = 12
"""Evaluations kept for a look at matrices that are not symmetric, where the given ones are."""


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
            return self.report(reports, "cannot tell", Finding("non-deterministic", text, "let both take the numbers"))
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
        before = self.calls.count(kind) if kind == "hessian" else 0
        visitor = Visitor(self.calls, kind, rng, known.jump)
        try:
            visits = self.visit_all(visitor, known)
        except Unusable as stop:
            return [_hopeless(n, kind, stop) for n in names]
        found, remarks = stale(visitor, visits[0])
        self.findings += found
        self.remarks += remarks
        total = evaluations_allowed(1, self.points, self.probes)
        if broken(self.problem, np.random.default_rng(0)) is not None:
            total -= BEYOND
        shared = self.calls.count(kind) - before
        reports = []
        examinations = []
        for number, name in enumerate(names):
            if name in visits[0].faults:
                reports.append(_misshapen(name, kind, visits[0].faults[name]))
                continue
            start = self.calls.count(kind)
            # what all arguments share is charged to the first
            allowance = Allowance(self.calls, kind, total, self.deadline, start - (shared if not reports else 0))
            examination = self.examine(name, visits, allowance, rng)
            examinations.append(examination)
            reports.append(_with_finding(report_on(examination, visits[0].remarks.get(name, "")), visits[0]))
            if self.progress is not None:
                self.progress(number + 1, len(names), f"{kind} by {name}")
        reports = self.beyond(kind, visits, reports, examinations, rng)
        return self.all_together(kind, visits, reports, rng)

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
            _pursue(examination)
        if self.thorough and not examination.wrong:
            self.every_entry(examination, visits[0].spots[name])
        return examination

    def every_entry(self, examination: Examination, spot: Spot) -> None:
        """Each entry by itself; the worst one that fails gets a second look."""
        name = examination.names[0]
        exact = examination.trust.verified and not examination.suspicious
        prober = Prober(spot, name, exact, examination.structure, examination.start)
        found = table(prober, range(spot.scale(name).size), self.progress, self.deadline)
        suspects: list[tuple[float, int, Measured]] = []
        for column, index in enumerate(found.indices):
            measured = _entry(prober, int(index), found.value[:, column], found.error[:, column])
            if measured is not None and np.any(measured.fails):
                suspects.append((float(np.max(measured.difference / measured.tolerance)), int(index), measured))
        if len(suspects) > MOST * len(found.indices) and all(relative(m) <= TINY for *_, m in suspects):
            examination.excused = max([examination.excused, *(relative(m) for *_, m in suspects)])
        left = [s[:2] for s in suspects if not examination.alike(s[2]) or stands_out(s[2], examination.excused)]
        for _, index in sorted(left, reverse=True)[:3]:
            if _confirm_entry(examination, spot, index) == "wrong":
                return
        if len(found.indices) == spot.scale(name).size:
            examination.remark("every entry was looked at")

    # ------------------------------------------------------------------------------------ more than one by one

    def all_together(
        self, kind: Kind, visits: list[Visit], reports: list[ArgumentReport], rng: np.random.Generator
    ) -> list[ArgumentReport]:
        """One probe that moves all arguments at once: what holds for each must hold for all."""
        spots = visits[-1].spots
        names = tuple(r.name for r in reports if r.verdict == "right" and r.name in spots and not r.structure)
        if len(names) < 2 or kind not in ("gradient", "jacobian"):
            return reports
        spot = _joint(spots, names)
        examination = Examination(names, Allowance(self.calls, kind, 14 + self.calls.count(kind)), rng)
        examination.one(spot, 0, 0)
        if examination.wrong:
            text = "each argument agrees, but not all of them moving together: does f remember earlier arguments?"
            self.findings.append(Finding("stale cache", text))
        return reports

    def beyond(
        self,
        kind: Kind,
        visits: list[Visit],
        reports: list[ArgumentReport],
        examinations: list[Examination],
        rng: np.random.Generator,
    ) -> list[ArgumentReport]:
        """Where the given matrices are symmetric: is the gradient right for others too? Worth a remark, no verdict."""
        place = broken(self.problem, rng)
        right = {r.name for r in reports if r.verdict == "right" and not r.structure}
        if place is None or not right or any(r.verdict == "wrong" for r in reports):
            return reports
        try:
            noise = {name: spot.noise for name, spot in visits[0].spots.items()}
            visit = Visitor(self.calls, kind, rng).visit(place, len(visits), None, noise)
        except Unusable:
            return reports
        remarks = {}
        for examination in examinations:
            name = examination.names[0]
            if name in right and name in visit.spots:
                allowance = Allowance(self.calls, kind, BEYOND - 1, self.deadline, self.calls.count(kind))
                general = Examination((name,), allowance, rng)
                if general.one(visit.spots[name], 0, 0) == "wrong":
                    matrices = " and ".join(n for n in place if place[n] is not self.problem.arguments[n])
                    remarks[name] = f"right because {matrices} is symmetric; wrong for a general {matrices}"
        return [replace(r, remarks=(*r.remarks, remarks[r.name])) if r.name in remarks else r for r in reports]

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


def _joint(spots: dict[str, Spot], names: tuple[str, ...]) -> Spot:
    """The spot of several arguments at once."""
    first = spots[names[0]]
    claims = [spots[n].claim for n in names]
    blocks = {n: c.blocks[n] for n, c in zip(names, claims, strict=True) if isinstance(c, Blocks)}
    precision = max(c.precision for c in claims if isinstance(c, Blocks))
    return replace(first, claim=Blocks(blocks, precision), scales={}, reread=lambda _: None)


def _entry(prober: Prober, index: int, value: Array, error: Array) -> Measured | None:
    """The comparison of one entry of a table."""
    v, step = prober.unit(index)
    if not step:
        return None
    direction = {prober.name: v}
    found = Slope(value * step, error * step, 0.0)
    return Measured(prober.spot, direction, "entry", found, prober.spot.claim.along(direction))


def _confirm_entry(examination: Examination, spot: Spot, index: int) -> Verdict:
    """One entry by differences, and again if it fails."""
    name = examination.names[0]
    prober = Prober(spot, name, structure=examination.structure, start=examination.start)
    v, _ = prober.unit(index)
    direction = {name: v}
    measured = Measured(spot, direction, f"entry {index}", prober.slope(direction), spot.claim.along(direction))
    verdict, finding = measured.verdict()
    if verdict == "wrong" and finding is None:
        confirmed = confirm(measured)
        examination.judged.append(Judged(confirmed.measured, confirmed.verdict, confirmed.finding))
        return confirmed.verdict
    return "right"


def _pursue(examination: Examination) -> None:
    """The complex step sees an error that differences cannot: find the entry, and look at it alone."""
    suspect = examination.suspicious[0].measured
    name = examination.names[0]
    if examination.judgement(suspect, exact=True) == "solver":
        examination.excuse(suspect)
        return
    prober = Prober(suspect.spot, name, exact=True, structure=examination.structure, start=examination.start)
    located = Bisection(prober, suspect.direction[name], most=1, evaluations=80).run()
    for index in located:
        if _confirm_entry(examination, suspect.spot, index) == "wrong":
            return
    examination.trust.refused = "it disagrees with the gradient by less than differences can see"
    shape = suspect.spot.scale(name).shape
    for index in located:
        place = tuple(int(i) for i in np.unravel_index(index, shape))
        examination.remark(f"at {name}{list(place)} the complex step disagrees, by less than differences can see")
