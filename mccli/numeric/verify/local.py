"""The same check in this process, without a script: for tests that have the functions at hand."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from mccli.errors import UsageError
from mccli.numeric.gradcheck.problem import KINDS, Kind
from mccli.numeric.script.frameworks import plain
from mccli.numeric.verify.arguments import Place, check_names, numeric
from mccli.numeric.verify.examine import examine
from mccli.numeric.verify.find import kind_of
from mccli.numeric.verify.functions import Function, LocalFunction, Seeding, own_parameters
from mccli.numeric.verify.outcome import Outcome
from mccli.numeric.verify.request import Request
from mccli.numeric.verify.subject import Subject

Value = Any


def check_local(
    f: Callable[..., Any],
    gradient: Callable[..., Any] | None,
    positional: Sequence[Value],
    named: Mapping[str, Value],
    *,
    wrt: Iterable[str],
    kind: str,
    symmetric: Iterable[str],
    request: Request,
) -> tuple[Outcome, BaseException | None]:
    """What was found, and what the functions raised, if they did."""
    begun = time.monotonic()
    seeding = Seeding()
    function = LocalFunction(f, seeding)
    derivatives: dict[Kind, Function] = {}
    if gradient is not None:
        other = LocalFunction(gradient, seeding, "grad")
        derivatives[_kind(kind, other.info.name)] = other
    values = _values(function, positional, named)
    check_names([*wrt, *symmetric], "wrt", list(values), function.info.name)
    properties = {name: frozenset({"symmetric"}) for name in symmetric}
    place = Place(values, dict.fromkeys(values, "the call"), properties=properties)
    subject = Subject(function, derivatives, place, "", request.seed, seeding, tuple(wrt))
    if not subject.derivatives:
        raise UsageError(
            f"there is no gradient to check: {function.info.name} does not return (value, gradient)",
            notes=["give the gradient as the second argument"],
        )
    found = dataclasses.replace(examine(subject, request), seconds=time.monotonic() - begun)
    raised = [d.raised for d in (function, *derivatives.values()) if isinstance(d, LocalFunction)]
    return found, next((error for error in raised if error is not None), None)


def _kind(kind: str, name: str) -> Kind:
    if not kind:
        return kind_of(name, 1)
    known = next((k for k in KINDS if k == kind), None)
    if known is None:
        raise UsageError(f"kind {kind!r} is not known", notes=["kinds: " + ", ".join(KINDS)])
    return known


def _values(function: LocalFunction, positional: Sequence[Value], named: Mapping[str, Value]) -> dict[str, Value]:
    """The arguments by name."""
    names = [p.name for p in own_parameters(function.info)]
    names += [f"argument{i + 1}" for i in range(len(names), len(positional))] if not function.info.readable else []
    if len(positional) > len(names):
        raise UsageError(
            f"{function.info.name} takes {len(names)} arguments, {len(positional)} are given",
            notes=["write assert_gradient(f, grad, x, ...), with the arguments of f after the gradient"],
        )
    given = {**dict(zip(names, positional, strict=False)), **named}
    missing = [p.name for p in own_parameters(function.info) if p.required and p.name not in given]
    if missing:
        raise UsageError(f"{function.info.name}: there is no value for {', '.join(missing)}")
    return {name: numeric(plain(value)) for name, value in given.items()}
