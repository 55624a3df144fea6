"""Derivatives of declared functions: the weighted sum of Hessians of an array function has a sign of its own."""

from __future__ import annotations

import pytest

from mccli.expressions.tree import Node
from mccli.language.declare import Scope, declare, define
from mccli.language.elaborate import elaborate
from mccli.render.latex import latex
from mccli.render.mathml import mathml
from mccli.render.text import text
from mccli.render.typst import typst


@pytest.fixture
def scope() -> Scope:
    known = declare(define(Scope(), "g(x): m"), "x", ("n",))
    return declare(known, "w", ("m",))


@pytest.fixture
def curvature(scope: Scope) -> Node:
    return elaborate("Hg(x, w)", scope).expression


@pytest.mark.parametrize("ascii_only", [True, False])
def test_text_can_be_read_again(curvature: Node, scope: Scope, ascii_only: bool) -> None:
    shown = text(curvature, ascii_only=ascii_only)
    assert shown.replace(" ", "") == "Hg(x,w)"
    assert elaborate(shown, scope).expression == curvature


def test_on_paper_it_has_both_arguments(curvature: Node) -> None:
    assert latex(curvature) == r"\mathrm{H}_{g}(x, w)"
    assert typst(curvature) == "upright(H)_(g)(x, w)"
    assert "<mi>w</mi>" in mathml(curvature)


def test_a_jacobian_stays_a_jacobian(scope: Scope) -> None:
    jacobian = elaborate("Jg(x)", scope).expression
    assert (text(jacobian), latex(jacobian)) == ("Jg(x)", r"\mathrm{J}_{g}(x)")
