"""No certificate of convexity for a function that numbers show not to be convex: random functions of every kind."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from random_curved import Curved, curved
from random_expressions import Problem, problems

from mccli.calculus.curvature.certificate import Curvature, curvature
from mccli.calculus.jacobian import hessian
from mccli.errors import DeriveError, DomainError, McError
from mccli.expressions.tree import Node, Symbol
from mccli.language.declare import read_scope
from mccli.language.elaborate import Elaborated, elaborate
from mccli.numeric.curvature_check import check, indefinite_at, is_neither

EVERY = {"deadline": None, "suppress_health_check": list(HealthCheck), "derandomize": True}


def certificate(found: Elaborated, variable: Symbol) -> tuple[Curvature, Node | None]:
    """The verdict with the Hessian, if there is one. McError where mc refuses."""
    try:
        second = hessian(found.expression, variable)
    except DeriveError:
        second = None
    return curvature(found.expression, variable, second), second


def verdict(found: Elaborated, name: str) -> str:
    """The verdict, held against numbers: AssertionError if they contradict it."""
    variable = found.symbols[name]
    verdict, second = certificate(found, variable)
    if verdict.certain:
        symbols = list(found.symbols.values())
        try:
            _, against = check(verdict, found.expression, second, variable, symbols, found.letters, count=4)
        except DomainError:
            return "nowhere defined"
        assert not against, f"{found.text}: {verdict.verdict}, but {against}"
    return verdict.verdict


def examined(case: Curved) -> str:
    """The verdict of a random function, or that mc refuses it."""
    try:
        found = elaborate(case.text, read_scope(case.shapes, case.assumed), scalar=True)
    except McError:
        return "refused"
    try:
        return verdict(found, case.variable) if case.variable in found.symbols else "constant"
    except McError:
        return "refused"


def test_no_certificate_is_refuted() -> None:
    """The property says something only because many of the functions get a certificate, and many do not."""
    seen: Counter[str] = Counter()

    @given(curved())
    @settings(max_examples=500, **EVERY)  # type: ignore[arg-type]
    def examine(case: Curved) -> None:
        seen[examined(case)] += 1

    examine()
    assert seen["convex"] > 60
    assert seen["concave"] > 15
    assert seen["unknown"] > 150


@pytest.mark.slow
@given(curved(depth=4))
@settings(max_examples=12_000, **EVERY)  # type: ignore[arg-type]
def test_no_certificate_is_refuted_in_a_long_run(case: Curved) -> None:
    examined(case)


@pytest.mark.parametrize("structured", [False, True])
def test_no_certificate_of_a_random_expression_is_refuted(structured: bool) -> None:
    @given(problems(structured=structured))
    @settings(max_examples=80, **EVERY)  # type: ignore[arg-type]
    def examine(problem: Problem) -> None:
        try:
            verdict(elaborate(problem.term.text, read_scope(problem.shapes, problem.properties), scalar=True), "X")
        except McError:
            return

    examine()


@given(curved(depth=2))
@settings(max_examples=100, **EVERY)  # type: ignore[arg-type]
def test_what_is_certain_is_never_called_neither(case: Curved) -> None:
    try:
        found = elaborate(case.text, read_scope(case.shapes, case.assumed), scalar=True)
        if case.variable not in found.symbols:
            return
        verdict, second = certificate(found, found.symbols[case.variable])
        if not verdict.certain or verdict.domain:
            return
        symbols = list(found.symbols.values())
        seen = indefinite_at(found.expression, second, found.symbols[case.variable], symbols, found.letters)
    except McError:
        return
    assert seen is None or not is_neither(seen)
