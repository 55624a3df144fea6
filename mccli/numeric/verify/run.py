"""A verification from the request to what was found."""

from __future__ import annotations

import dataclasses
import shlex
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from mccli.errors import McError, ScriptError
from mccli.language.names import canonical_name
from mccli.numeric.gradcheck.calls import numbers
from mccli.numeric.gradcheck.problem import Kind
from mccli.numeric.script import Parameter, Rng, Script, parse_target
from mccli.numeric.script.pairs import EXAMPLE
from mccli.numeric.verify.arguments import FLAVOURS, Place, check_names, gather, read_data
from mccli.numeric.verify.examine import examine
from mccli.numeric.verify.find import (
    PRODUCTS,
    Plan,
    added,
    nothing_to_check,
    others,
    plan_for,
    plans,
    renamed,
)
from mccli.numeric.verify.forms import Form, read_shapes
from mccli.numeric.verify.functions import Function, ScriptFunction, Seeding, UserError, own_parameters
from mccli.numeric.verify.missing import missing_arguments
from mccli.numeric.verify.outcome import Outcome
from mccli.numeric.verify.reading import arguments_for, shapes_from_formula
from mccli.numeric.verify.request import Progress, Request
from mccli.numeric.verify.subject import Subject

Value = Any


def verify(request: Request, progress: Progress | None = None) -> Iterator[Outcome]:
    """Every function that the request names, one after the other; the process with the script ends with the last."""
    target = parse_target(request.target)
    with Script(target, request.timeout, request.memory, python=request.python) as script:
        if target.attribute:
            plan = plan_for(script, target.attribute, request.grad, request.order)
            yield Verification(script, request, plan, progress).run()
            return
        found = plans(script, request.order)
        if request.order == 1:
            found += [plan for plan in others(script, found) if _returns_both(script, request, plan)]
        if not found:
            raise nothing_to_check(script)
        for plan in found:
            yield _one_of_many(script, request, plan, progress)


def _returns_both(script: Script, request: Request, plan: Plan) -> bool:
    """Whether a function returns its value and arrays of the shapes of its arguments; it is called once to see."""
    try:
        subject = Verification(script, request, plan, None).subject()
        claims = subject.claim("gradient", subject.arguments) if subject.both else {}
    except (McError, UserError):
        return False
    return bool(claims) and all(
        n in claims and np.shape(claims[n]) == np.shape(subject.arguments[n]) for n in subject.names
    )


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

    def parameters(self) -> list[Parameter]:
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
        names = [p.name for p in parameters]
        data = read_data(request.at) if request.at else {}
        shapes = self._shapes(names)
        known = {*data, *shapes}
        example = {} if names and known.issuperset(names) else self._example(names)
        if not names:  # *args, or compiled: whatever is given, in its order
            names = list(dict.fromkeys([*data, *example, *shapes]))
            parameters = [Parameter(n) for n in names]
        place = gather(
            parameters,
            data=data,
            data_name=request.at,
            example=example,
            shapes=shapes,
            properties=request.properties(),
        )
        if place.missing and request.formula:
            place = shapes_from_formula(place, request, names)
        if place.missing:
            drawn = place.draw(np.random.default_rng(request.seed))
            raise missing_arguments(self.f, place.missing, drawn, command_of(request))
        return self._drawn(place)

    def _shapes(self, names: Sequence[str]) -> dict[str, Form]:
        """What ``--shape`` says, by argument; it may name a symbol of the formula. UsageError for what is neither."""
        request, matches = self.request, self.request.matches()
        shapes = {matches.get(canonical_name(n), n): form for n, form in read_shapes(request.shapes).items()}
        if names and parse_target(request.target).attribute:
            theirs = [p.name for d in self.derivatives.values() for p in own_parameters(d.info)]
            every = list(dict.fromkeys([*names, *theirs]))
            check_names(shapes, "--shape", every, self.f.info.name)
            check_names([n for n in request.properties() if n not in matches], "--assume", every, self.f.info.name)
        return shapes

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
