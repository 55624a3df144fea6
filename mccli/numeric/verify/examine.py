"""A subject under examination: the check, the comparison with a formula, and what explains the verdict."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

import numpy as np

from mccli.errors import McError, ScriptError
from mccli.numeric.diagnose import diagnose
from mccli.numeric.gradcheck import Problem, Report, Worst, check, full_gradient, worst_entries
from mccli.numeric.gradcheck.calls import numbers
from mccli.numeric.verify.find import PRODUCTS
from mccli.numeric.verify.formula import against_formula
from mccli.numeric.verify.looks_like import looks_like
from mccli.numeric.verify.outcome import Looked, Outcome, Verdict
from mccli.numeric.verify.request import Progress, Request
from mccli.numeric.verify.stacking import Stacking, likely_stackings
from mccli.numeric.verify.subject import Subject

Value = Any
WORST_SECONDS = 10.0
FORMULA_POINTS = 2
"""Where f is evaluated once more for the comparison of its value with a formula."""

MOST_NUMERICAL = 4000
"""Entries of an argument up to which the whole numerical gradient is computed."""


def examine(subject: Subject, request: Request, progress: Progress | None = None) -> Outcome:
    """The verdict about one subject, and all that explains it."""
    outcome = Outcome(
        subject.f.info.name,
        {kind: f.info.name for kind, f in subject.derivatives.items()},
        "",
        "nothing claimed",
        request.seed,
        subject.names,
        tuple(_looked(subject)),
        subject.flavour,
        _number(subject.value),
        subject.both,
        remarks=tuple(subject.remarks),
    )
    problem = subject.problem()
    if subject.derivatives:
        outcome = _checked(outcome, subject, problem, request, progress)
    if request.formula and subject.value is not None:
        outcome = against_formula(outcome, subject, request)
    if outcome.report is not None:  # every call until here: the explanations are extra
        counted = dataclasses.replace(outcome.report, evaluations=subject.f.calls)
        outcome = dataclasses.replace(outcome, report=counted)
    if outcome.verdict in ("wrong", "cannot tell") and outcome.report is not None:
        outcome = _explained(outcome, subject, problem, request, progress)
    if not subject.derivatives and not request.formula:
        outcome = _unclaimed(outcome, subject, problem, progress)
    return outcome


def _checked(
    outcome: Outcome, subject: Subject, problem: Problem, request: Request, progress: Progress | None
) -> Outcome:

    first, *others = likely_stackings(subject, problem)
    reserved = FORMULA_POINTS if request.formula else 0

    def checked(stacking: Stacking) -> Report:
        return check(
            dataclasses.replace(problem, stacking=stacking),
            budget_seconds=request.budget,
            thorough=request.thorough,
            progress=_named(progress, outcome),
            spent=subject.f.calls + reserved,
        )

    report, used = checked(first), first
    for stacking in others if report.verdict == "wrong" else ():
        other = checked(stacking)
        report, used = (other, stacking) if other.verdict == "right" else (report, used)
    if used == "columns":
        remark = "read with the columns of a matrix stacked, as vec does; NumPy reshapes by rows"
        outcome = dataclasses.replace(outcome, remarks=(*outcome.remarks, remark))
    verdict = verdict_of(report)
    error: McError | None = None
    if verdict == "cannot tell" and _raised(report):
        error = _first_failure(subject) or (_no_numbers(subject) if numbers(subject.value) is None else None)
    return dataclasses.replace(outcome, report=report, verdict=verdict, error=error)


def verdict_of(report: Report) -> Verdict:
    """The report's; but a gradient that damages its arguments or rolls dice of its own is wrong.

    And where f rolls dice, agreement with frozen dice says nothing about the next throw.
    """
    if report.verdict == "right" and report.random:
        return "cannot tell"
    if report.verdict != "cannot tell":
        return report.verdict
    spoils = any(
        f.reason in ("non-deterministic", "changed in place") and f.by not in ("", "f") for f in report.findings
    )
    return "wrong" if spoils else "cannot tell"


def _raised(report: Report) -> bool:
    every = [*report.findings, *(f for a in report.arguments for f in a.findings)]
    return any(f.reason == "raised" for f in every)


def _first_failure(subject: Subject) -> McError | None:
    functions = [subject.f, *subject.derivatives.values()]
    return next((f.failure for f in functions if f.failure is not None), None)


def _named(progress: Progress | None, outcome: Outcome) -> Progress | None:
    if progress is None:
        return None
    return lambda done, total, what: progress(done, total, f"{outcome.function}: {what}")


def _looked(subject: Subject) -> Iterator[Looked]:
    for name, value in subject.all_values(subject.arguments).items():
        source = subject.place.sources.get(name, "")
        array = isinstance(value, np.ndarray)
        plain = array and value.dtype == np.float64
        kind = "" if plain else str(value.dtype) if array else f"{value!r:.20}"
        yield Looked(name, np.shape(value) if array else (), source, kind)


def _number(value: Value) -> float | None:
    array = numbers(value) if value is not None else None
    return float(array.reshape(-1)[0]) if array is not None and array.size == 1 and array.dtype.kind != "c" else None


# ---------------------------------------------------------------------------------------------- explanations


def _explained(
    outcome: Outcome, subject: Subject, problem: Problem, request: Request, progress: Progress | None
) -> Outcome:
    """The worst entries of what is wrong, and which mistake it is."""
    assert outcome.report is not None
    wrong = [a for a in outcome.report.arguments if a.verdict == "wrong" and a.probes]
    worst: list[Worst] = []
    for about in wrong[:4]:
        if about.kind in PRODUCTS:
            continue
        budget = request.budget or WORST_SECONDS
        worst.append(
            worst_entries(
                problem,
                outcome.report,
                name=about.name,
                kind=about.kind,
                budget_seconds=budget,
                thorough=request.thorough,
                progress=_named(progress, outcome),
            )
        )
    diagnoses = _diagnoses(subject, problem, outcome.report, worst, request.budget)
    return dataclasses.replace(outcome, worst=tuple(worst), diagnoses=diagnoses)


def _diagnoses(
    subject: Subject, problem: Problem, report: Report, worst: list[Worst], budget: float | None
) -> tuple[Any, ...]:
    scalars = {n: float(v) for n, v in subject.constants.items() if isinstance(v, int | float)}
    return tuple(
        diagnose(
            problem, report, scalars=scalars, worst=worst[0] if worst else None, budget_seconds=budget or WORST_SECONDS
        )
    )


def _unclaimed(outcome: Outcome, subject: Subject, problem: Problem, progress: Progress | None) -> Outcome:
    """There is no gradient: what it is by differences, and what the function looks like."""
    failure = subject.f.failure
    if subject.value is None or _number_or_array(subject.value) is None:
        return dataclasses.replace(outcome, verdict="cannot tell", error=failure or _no_numbers(subject))
    small = tuple(n for n in subject.names if np.size(subject.arguments[n]) <= MOST_NUMERICAL)
    large = tuple(n for n in subject.names if n not in small)
    numerical = full_gradient(dataclasses.replace(problem, names=small), progress=_named(progress, outcome))
    return dataclasses.replace(outcome, numerical=numerical, too_large=large, alike=looks_like(subject, numerical))


def _number_or_array(value: Value) -> Any:
    array = numbers(value)
    if array is None or array.dtype.kind == "c" or not np.all(np.isfinite(array)):
        return None
    return array


def _no_numbers(subject: Subject) -> McError:
    name = subject.f.info.name
    array = numbers(subject.value) if subject.value is not None else None
    if array is None:
        return ScriptError(f"{name} returned {type(subject.value).__name__}, not numbers")
    said = (
        "complex numbers" if array.dtype.kind == "c" else f"{array.reshape(-1)[0] if array.size == 1 else 'not finite'}"
    )
    return ScriptError(f"{name} is {said} at the point", notes=["give a point inside of its domain: --at data.npz"])
