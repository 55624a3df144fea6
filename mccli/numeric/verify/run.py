"""A verification from the request to what was found."""

from __future__ import annotations

import dataclasses
import importlib
import importlib.util
import shlex
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from mccli.errors import McError, ScriptError
from mccli.numeric.gradcheck import Problem, Report, Worst, check, full_gradient, worst_entries
from mccli.numeric.gradcheck.calls import numbers
from mccli.numeric.gradcheck.problem import Kind
from mccli.numeric.script import Rng, Script, parse_target
from mccli.numeric.script.pairs import EXAMPLE
from mccli.numeric.verify.arguments import FLAVOURS, Place, check_names, gather, read_data
from mccli.numeric.verify.find import PRODUCTS, Plan, added, plan_for, plans, renamed
from mccli.numeric.verify.forms import read_shapes
from mccli.numeric.verify.functions import Function, ScriptFunction, Seeding, own_parameters
from mccli.numeric.verify.missing import missing_arguments
from mccli.numeric.verify.outcome import Looked, Outcome, Verdict
from mccli.numeric.verify.request import Progress, Request
from mccli.numeric.verify.subject import Subject

Value = Any
WORST_SECONDS = 10.0
FROZEN_DICE = "f draws random numbers"
"""How the checker's remark begins."""

MOST_NUMERICAL = 4000
"""Entries of an argument up to which the whole numerical gradient is computed."""


def verify(request: Request, progress: Progress | None = None) -> Iterator[Outcome]:
    """Every function that the request names, one after the other; the process with the script ends with the last."""
    target = parse_target(request.target)
    with Script(target, request.timeout, request.memory, python=request.python) as script:
        if target.attribute:
            plan = plan_for(script, target.attribute, request.grad, request.order)
            yield Verification(script, request, plan, progress).run()
            return
        for plan in plans(script, request.order):
            yield _one_of_many(script, request, plan, progress)


def _one_of_many(script: Script, request: Request, plan: Plan, progress: Progress | None) -> Outcome:
    """A function of a whole file: what keeps it from being checked does not keep the others."""
    try:
        return Verification(script, request, plan, progress).run()
    except McError as error:
        return Outcome(plan.function, plan.claims, script.source, "cannot tell", request.seed, error=error)


class Verification:
    """One function under verification."""

    def __init__(self, script: Script, request: Request, plan: Plan, progress: Progress | None) -> None:
        self.script, self.request, self.plan, self.progress = script, request, plan, progress
        self.seeding = Seeding()
        self.f = self._function(plan.function)
        self.derivatives: dict[Kind, Function] = {k: self._function(n) for k, n in plan.claims.items()}

    def _function(self, name: str) -> Function:
        return ScriptFunction(self.script, self.script.function(name), self.seeding)

    def run(self) -> Outcome:
        """Everything, with the printing and the time."""
        begun = time.monotonic()
        found = examine(self.subject(), self.request, self.progress)
        return dataclasses.replace(
            found, source=self.script.source, printed=self.script.printed, seconds=time.monotonic() - begun
        )

    # ------------------------------------------------------------------------------------------ the place

    def subject(self) -> Subject:
        """The functions at the first place where f has a value."""
        place, flavour = self._place()
        wrt = self._wrt(place)
        return Subject(self.f, self.derivatives, place, flavour, self.request.seed, self.seeding, wrt)

    def parameters(self) -> list[Any]:
        """Those of f and of its derivatives, without cotangents."""
        found = {p.name: p for p in own_parameters(self.f.info)}
        for kind, derivative in self.derivatives.items():
            if kind in PRODUCTS:
                continue
            other = renamed(self.f.info, derivative.info, kind)
            more = set(added(self.f.info, derivative.info)) - other.keys()
            found |= {p.name: p for p in own_parameters(derivative.info) if p.name in more}
        return list(found.values())

    def _place(self) -> tuple[Place, str]:
        request, parameters = self.request, self.parameters()
        shapes, names = read_shapes(request.shapes), [p.name for p in parameters]
        if not request.formula and parse_target(request.target).attribute:
            every = [*names, *(p.name for d in self.derivatives.values() for p in own_parameters(d.info))]
            check_names(shapes, "--shape", list(dict.fromkeys(every)), self.f.info.name)
            check_names(request.properties(), "--assume", names, self.f.info.name)
        data = read_data(request.at) if request.at else {}
        place = gather(
            parameters,
            data=data,
            data_name=request.at,
            example=self._example(names),
            shapes=shapes,
            properties=request.properties(),
        )
        if place.missing and request.formula:
            from mccli.numeric.verify.formula import shapes_from_formula

            place = shapes_from_formula(place, request, names)
        if place.missing:
            known = place.draw(np.random.default_rng(request.seed))
            raise missing_arguments(self.f, place.missing, known, command_of(request))
        return self._drawn(place)

    def _example(self, names: list[str]) -> Mapping[str, Value]:
        """What ``mc_example(rng)`` returns; nothing where there is none, or it has nothing of these."""
        if EXAMPLE not in [f.name for f in self.script.functions]:
            return {}
        takes = own_parameters(self.script.function(EXAMPLE))
        found = self.script.call(EXAMPLE, [Rng(self.request.seed)][: len(takes)]).value
        if not isinstance(found, dict):
            raise ScriptError(
                f"{EXAMPLE} returned {type(found).__name__}, not a dict",
                notes=[f"it returns the arguments by name: {{{', '.join(f'{n!r}: ...' for n in names[:3])}}}"],
            )
        return found

    def _drawn(self, place: Place) -> tuple[Place, str]:
        """Numbers at which f has a value, if there are any."""
        first = place.at(np.random.default_rng([self.request.seed, 0]))
        if not place.forms:
            return first, ""
        for number, (name, flavour) in enumerate(FLAVOURS.items()):
            found = place.at(np.random.default_rng([self.request.seed, number]), flavour)
            if _has_value(self.f, found.values):
                return found, name
        self.f.failure = None
        return first, ""

    def _wrt(self, place: Place) -> tuple[str, ...]:
        wanted = [n.strip() for text in self.request.wrt for n in text.split(",") if n.strip()]
        if self.request.formula:
            from mccli.numeric.verify.formula import arguments_for

            wanted = arguments_for(wanted, list(place.values), self.request)
        check_names(wanted, "--wrt", list(place.values), self.f.info.name)
        return tuple(dict.fromkeys(wanted))


def _has_value(f: Function, values: Mapping[str, Value]) -> bool:
    try:
        found = f(values)
    except McError:
        raise
    except Exception:  # the user's
        return False
    array = numbers(found[0] if isinstance(found, tuple) and found else found)
    return array is not None and bool(np.all(np.isfinite(array)))


def command_of(request: Request) -> str:
    """The command that was typed, for fixes."""
    words = ["mc", "verify", request.target]
    words += ["--grad", request.grad] if request.grad else []
    words += ["--of", request.formula] if request.formula else []
    for option, values in (("--wrt", request.wrt), ("--shape", request.shapes), ("--assume", request.assume)):
        words += [w for value in values for w in (option, value)]
    words += ["--order", str(request.order)] if request.order != 1 else []
    return shlex.join(words)


# ---------------------------------------------------------------------------------------------- the examination


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
        from mccli.numeric.verify.formula import against_formula

        outcome = against_formula(outcome, subject, request)
    if outcome.verdict in ("wrong", "cannot tell") and outcome.report is not None:
        outcome = _explained(outcome, subject, problem, request, progress)
    if not subject.derivatives and not request.formula:
        outcome = _unclaimed(outcome, subject, problem, progress)
    return outcome


def _checked(
    outcome: Outcome, subject: Subject, problem: Problem, request: Request, progress: Progress | None
) -> Outcome:
    report = check(
        problem, budget_seconds=request.budget, thorough=request.thorough, progress=_named(progress, outcome)
    )
    verdict = verdict_of(report)
    error: McError | None = None
    if verdict == "cannot tell" and _raised(report):
        error = _first_failure(subject) or (_no_numbers(subject) if numbers(subject.value) is None else None)
    return dataclasses.replace(outcome, report=report, verdict=verdict, error=error)


def verdict_of(report: Report) -> Verdict:
    """The report's; but a gradient that damages its arguments or rolls dice of its own is wrong.

    And where f rolls dice, agreement with frozen dice says nothing about the next throw.
    """
    if report.verdict == "right" and any(r.startswith(FROZEN_DICE) for r in report.remarks):
        return "cannot tell"
    if report.verdict != "cannot tell":
        return report.verdict
    for finding in report.findings:
        by_dice = finding.reason == "non-deterministic" and "differs from call to call" in finding.text
        if by_dice or (finding.reason == "changed in place" and not finding.text.startswith("f ")):
            return "wrong"
    return "cannot tell"


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
    diagnose = _diagnose()
    if diagnose is None:
        return ()
    scalars = {n: float(v) for n, v in subject.constants.items() if isinstance(v, int | float)}
    return tuple(
        diagnose(
            problem, report, scalars=scalars, worst=worst[0] if worst else None, budget_seconds=budget or WORST_SECONDS
        )
    )


def _diagnose() -> Callable[..., Any] | None:
    if importlib.util.find_spec("mccli.numeric.diagnose") is None:
        return None
    found: Callable[..., Any] | None = getattr(importlib.import_module("mccli.numeric.diagnose"), "diagnose", None)
    return found


def _unclaimed(outcome: Outcome, subject: Subject, problem: Problem, progress: Progress | None) -> Outcome:
    """There is no gradient: what it is by differences, and what the function looks like."""
    from mccli.numeric.verify.looks_like import looks_like

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
