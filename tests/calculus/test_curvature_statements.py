"""Convexity of textbook functions: each certificate stated here, held against numbers, and resting on what it says."""

from __future__ import annotations

import pytest
from curvature_cases import CERTAIN, NEITHER, OPEN, Case, judged

from mccli.calculus.curvature.certificate import curvature
from mccli.errors import DeriveError
from mccli.expressions.tree import Node
from mccli.language.declare import read_scope
from mccli.language.elaborate import elaborate
from mccli.numeric.curvature_check import check, indefinite_at, is_neither, neither_said
from mccli.symbolic.define import read_definitions


def _named(case: Case) -> str:
    return f"{case.text} by {case.by} {case.assumed}".strip()


@pytest.mark.parametrize("case", CERTAIN, ids=_named)
def test_certain(case: Case) -> None:
    read, variable, second, found = judged(case)
    assert (found.verdict, found.strict) == (case.verdict, case.strict)
    assert " ".join(sorted({n.kind for n in found.domain})) == case.domain
    assert sorted(f"{s.name}:{p}" for s, p in found.declared) == sorted(case.declared.split())
    evidence, against = check(found, read.expression, second, variable, list(read.symbols.values()), read.letters)
    assert not against
    assert evidence.segments > 10
    assert found.verdict == "affine" or (evidence.up if found.verdict == "convex" else evidence.down) is not None


@pytest.mark.parametrize("case", CERTAIN, ids=_named)
def test_a_verdict_turns_with_its_sign(case: Case) -> None:
    opposite = {"convex": "concave", "concave": "convex"}
    found = judged(case._replace(text=f"-({case.text})")).curvature
    assert (found.verdict, found.strict) == (opposite.get(case.verdict, case.verdict), case.strict)


@pytest.mark.parametrize("case", CERTAIN, ids=_named)
def test_every_line_of_a_reason_can_be_filled_in(case: Case) -> None:
    for depth, reason in judged(case).curvature.reason.lines():
        assert depth < 12
        filled = reason.words.format(*("·" for _ in reason.nodes))
        assert "{" not in filled
        assert all(isinstance(n, Node) for n in reason.nodes)
        assert all(f"{{{i}}}" in reason.words or "BᵀB" in reason.words for i in range(len(reason.nodes)))


@pytest.mark.parametrize("case", NEITHER, ids=_named)
def test_neither(case: Case) -> None:
    read, variable, second, found = judged(case)
    assert found.verdict == "unknown"
    seen = indefinite_at(read.expression, second, variable, list(read.symbols.values()), read.letters)
    assert seen is not None
    assert is_neither(seen)
    assert neither_said(seen)
    assert seen.data == tuple(sorted(n for n in read.symbols if n != case.by))


@pytest.mark.parametrize("case", OPEN, ids=_named)
def test_no_certificate(case: Case) -> None:
    assert judged(case).curvature.verdict == "unknown"


def test_a_hessian_that_vanishes_almost_everywhere_proves_nothing() -> None:
    found = judged(Case("sum(step(x))", "x"))
    assert found.hessian is not None
    assert found.curvature.verdict == "unknown"


def test_a_reason_names_the_form() -> None:
    found = judged(Case("||X*w - y||^2", "w")).curvature
    _, inner = found.reason.lines()
    assert inner[1].words == "{0} = c BᵀB with B = {1} and c = {2} > 0"


def test_an_eigenvalue_asks_for_symmetry() -> None:
    found = elaborate("eigmax(X)", read_scope(), scalar=True)
    with pytest.raises(DeriveError, match="symmetric"):
        curvature(found.expression, found.symbols["X"], None)


def test_a_function_with_a_body_is_written_out() -> None:
    scope = read_definitions(read_scope(["x:n"]), ["smooth(t) = log(1 + exp(t)) + t^2"])
    found = elaborate("sum(smooth(x))", scope, scalar=True)
    assert curvature(found.expression, found.symbols["x"], None).verdict == "convex"
