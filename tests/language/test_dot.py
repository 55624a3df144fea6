"""Signs that mean different things to different people: the dot, the dagger, conj, and e with an exponent."""

from __future__ import annotations

import pytest

from mccli.errors import AmbiguityError, ShapeError
from mccli.identities.equality import equal
from mccli.language.declare import read_scope
from mccli.language.elaborate import elaborate
from mccli.render.text import text


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("x·y", "x'y"),
        ("x·x", "x'x"),
        (r"x \cdot y", "x'y"),
        ("x⋅y", "x'y"),
        ("x·A y", "x'A y"),
        ("A x·B y", "(A x)'(B y)"),
        ("x·y + a·b", "x'y + a'b"),
        ("-x·y", "-x'y"),
        ("(x - y)·(x - y)", "(x - y)'(x - y)"),
        ("A·B", "A*B"),
        ("A·x", "A*x"),
        ("x'·y", "x'y"),
        ("x·y'", "x y'"),
        ("2·x", "2*x"),
        ("2·A/3·B", "2*A/3*B"),
        ("tr(A)·x'x", "tr(A)*x'x"),
        ("x·y·z", "(x'y)*z"),
    ],
)
def test_a_dot_is_the_inner_product_of_two_vectors_and_else_a_product(typed: str, meant: str) -> None:
    found = elaborate(typed)
    assert equal(found.expression, elaborate(meant).expression)
    assert equal(elaborate(text(found.expression)).expression, found.expression)


def test_the_inner_product_is_said() -> None:
    assert any("inner product x' y" in note for note in elaborate("x·y").notes)
    assert not elaborate("A·x").notes


def test_vectors_of_different_lengths_have_no_inner_product() -> None:
    with pytest.raises(ShapeError, match="inner product"):
        elaborate("x·y", read_scope(["x:3", "y:4"]))


def test_a_trace_without_brackets_before_a_dot_stays_ambiguous() -> None:
    with pytest.raises(AmbiguityError) as caught:
        elaborate("tr A·B")
    assert caught.value.readings == ("tr(A·B)", "tr(A) ·B")


def test_e_with_an_exponent_is_not_guessed() -> None:
    with pytest.raises(AmbiguityError, match="e\\^x") as caught:
        elaborate("sum(e^x)")
    assert caught.value.readings == ("sum(exp(x))",)
    assert elaborate("e^2", read_scope(["e:scalar"])).expression.is_scalar


def test_what_a_dagger_and_conj_mean_is_said() -> None:
    assert any("pseudo-inverse" in note for note in elaborate("A†").notes)
    assert any("real" in note for note in elaborate("conj(x)'A x").notes)
    assert equal(elaborate("conj(x)'A x").expression, elaborate("x'A x").expression)
