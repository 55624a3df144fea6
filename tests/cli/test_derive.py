"""``mc derive`` beyond the gradient: what is said, and what is refused, on the command line."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mccli.cli.main import main

SAID: list[tuple[tuple[str, ...], tuple[str, ...]]] = [
    (("A x", "--wrt", "x", "--assume", "x:unit"), ("∂f/∂xᵀ\tA", "x stays on the unit sphere")),
    (("X a", "--wrt", "X", "--assume", "X:symmetric"), ("∂f/∂vec(X)ᵀ\taᵀ ⊗ eye(n)", "among symmetric matrices")),
    (("A x", "--wrt", "x", "--layout", "denominator"), ("∂fᵀ/∂x\tAᵀ", "denominator: inputs as rows")),
    (("X'X", "--wrt", "X", "--layout", "denominator"), ("∂vec(f)ᵀ/∂vec(X)",)),
    (("x'A x", "--wrt", "x", "--layout", "numerator"), ("∂f/∂xᵀ\txᵀ (A + Aᵀ)\t1×n", "numerator: a gradient")),
    (("x'A x", "--wrt", "x", "--layout", "denominator"), ("∇f(x)\t(A + Aᵀ) x\tn",)),
    (("t X", "--wrt", "t", "--shape", "t:scalar"), ("∂f/∂t\tX\tm×n", "the shape of the function")),
    (("x'A x", "--wrt", "x", "--assume", "x:simplex", "--order", "2"), ("∇²f(x)\t(I − ones(n,1) ones(1,n)/n) (A",)),
    (("x'A x", "--wrt", "x", "--assume", "x:unit", "--along", "v"), ("Df(x)[v]\tvᵀ A x + xᵀ A v",)),
    (("A X B", "--wrt", "X", "--along", "a b'"), ("Df(X)[a bᵀ]\tA a bᵀ B", "a n, b p")),
    (("log det X", "--wrt", "X", "--assume", "X:spd", "--along", "V"), ("Df(X)[V]\ttr(X⁻¹ V)",)),
    (("W x", "--wrt", "W", "--wrt", "x", "--upstream", "g"), ("∂f/∂W\tg xᵀ", "∂f/∂x\tWᵀ g")),
    (("sum(W x)", "--wrt", "W", "--wrt", "x", "--order", "2"), ("∂²f/∂vec(W)∂xᵀ\teye(n) ⊗ ones(m,1)",)),
    (
        ("eigmax(X)", "--wrt", "X", "--assume", "X:symmetric", "--order", "2"),
        ("the symmetric matrix of the same form",),
    ),
    (("L(A x)", "--wrt", "x", "--define", "L(z): scalar", "--order", "2"), ("Convex?\tdepends on L",)),
    (("x'A x", "--wrt", "x", "--order", "2"), ("neither convex nor concave (for random A)",)),
    (("||A x - b||^2", "--wrt", "x", "--order", "2"), ("Convex\tconvex: H = c BᵀB with B = A",)),
    (("X'", "--wrt", "X"), ("commutation(m,n) vec(A) = vec(Aᵀ) for an m×n matrix A",)),
]


@pytest.mark.parametrize(("words", "said"), SAID, ids=[" ".join(w) for w, _ in SAID])
def test_what_is_said(words: tuple[str, ...], said: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["derive", *words]) == 0
    printed = capsys.readouterr().out
    assert [s for s in said if s not in printed] == []
    assert "\tChecked\t" in printed


REFUSED: list[tuple[tuple[str, ...], str]] = [
    (("A x", "--wrt", "x", "--order", "2"), "a Hessian needs a scalar function"),
    (("x'x", "--wrt", "x", "--order", "3"), "--order 3"),
    (("x'x", "--wrt", "x", "--along", "v", "--upstream", "g"), "exclude one another"),
    (("x'x", "--wrt", "x", "--order", "2", "--upstream", "g"), "--upstream goes with first derivatives"),
    (("x'A y", "--wrt", "x", "--along", "v", "--along", "u"), "2 directions for 1 variable"),
    (("A X B", "--wrt", "X", "--along", "A"), "cannot change by a direction of the shape"),
    (("A X B", "--wrt", "X", "--upstream", "A"), "has the shape of the function, m×q, not m×n"),
    (("x'x", "--wrt", "x", "--upstream", "sum(x)"), "must not depend on x"),
    (("x'x", "--wrt", "x", "--assume", "x:unit", "--order", "2"), "needs the curvature of that set"),
    (("x'x", "--wrt", "x", "--layout", "numerator", "--along", "v"), "have no layout"),
    (("A x", "--wrt", "x", "--prove"), "for gradients of scalar functions"),
    (("A x", "--wrt", "x", "--entries", "2,3"), "for gradients of scalar functions"),
]


@pytest.mark.parametrize(("words", "sentence"), REFUSED, ids=[" ".join(w) for w, _ in REFUSED])
def test_what_is_refused(words: tuple[str, ...], sentence: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["derive", *words]) == 2
    assert sentence in capsys.readouterr().err


def test_every_formula_in_the_json_has_its_shape(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["derive", "1/2 ||A X - B||^2", "--wrt", "X", "--order", "2", "--format", "json"]) == 0
    record: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert record["kind"] == "hessian"
    (hessian,) = record["hessians"]
    assert (hessian["of"], hessian["wrt"], hessian["ascii"]) == ("X", "X", "kron(eye(p),A'*A)")
    assert hessian["shape"] == ["n*p", "n*p"]
    assert record["convexity"]["verdict"] == "convex"
    assert [s["left"] for s in record["steps"]][-1] == "vec(dg)"
