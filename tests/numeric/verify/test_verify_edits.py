"""The smallest edit of a formula that has given numbers; each kind of slip is made and found again."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pytest

from mccli.expressions.tree import Node
from mccli.language.declare import read_scope
from mccli.language.elaborate import elaborate
from mccli.numeric.verify.edit_search import MOST_MUTANTS, SECONDS, Search, Spot, closest_edit
from mccli.numeric.verify.edits import edits
from mccli.numeric.verify.outcome import Edit
from mccli.render.text import text

DECLARED = ["A:4,4", "B:4,4", "X:4,4", "M:3,4", "x:4", "b:3", "c:4"]
SIZES = {"A": (4, 4), "B": (4, 4), "X": (4, 4), "M": (3, 4), "x": (4, 1), "b": (3, 1), "c": (4, 1)}


def read(formula: str) -> Node:
    return elaborate(formula, read_scope(DECLARED)).expression


def spots(count: int = 2) -> list[Spot]:
    rng = np.random.default_rng(3)
    return [Spot({name: rng.normal(size=size) for name, size in SIZES.items()}, {}) for _ in range(count)]


def found(right: str, yours: str) -> Edit | None:
    places = spots()
    wanted: list[Any] = [place.value(read(yours)) for place in places]
    return closest_edit(read(right), places, wanted, 1e-9)


SLIPS = {
    "coefficient": ("2 M'(M x - b)", "M'(M x - b)"),
    "coefficient of a term": ("A x + c", "A x + 2 c"),
    "sign": ("-inv(X)'", "inv(X)'"),
    "sign of a term": ("A x - c", "A x + c"),
    "term": ("(A + A') x + c", "(A + A') x"),
    "transpose": ("(A + A') x", "2 A x"),
    "order": ("A'B'", "B'A'"),
    "order around a sum": ("2 (X A - B) A'", "2 A'(X A - B)"),
    "elementwise": ("2 A'(A X - B)", "2 A' .* (A X - B)"),
    "matrix product": ("A .* X", "A X"),
    "factor": ("A (A x - c)", "A x - c"),
    "factor that is a number": ("(x'c) A x", "A x"),
    "function": ("A' tanh(A x)", "A' A x"),
    "factor of entries": ("A'(x .* c)", "A' x"),
    "size": ("1/4 A x", "A x"),
}


@pytest.mark.parametrize("name", SLIPS)
def test_slip_is_found(name: str) -> None:
    right, yours = SLIPS[name]
    edit = found(right, yours)
    assert edit is not None
    assert len(edit.changes) == 1
    place = spots(3)[2]  # it is the same formula, not one with the same numbers at two points
    np.testing.assert_allclose(place.value(edit.formula), place.value(read(yours)), rtol=1e-9)


DOUBLE = {
    "term and factor": ("2 M'(M x - b)", "M'M x"),
    "transpose and sign": ("A'c + x", "x - A c"),
    "term and coefficient": ("(A + A') x", "1/2 A x"),
}


@pytest.mark.parametrize("name", DOUBLE)
def test_two_slips(name: str) -> None:
    edit = found(*DOUBLE[name])
    assert edit is not None
    assert 1 <= len(edit.changes) <= 2


def test_nothing_is_found_for_another_formula() -> None:
    assert found("2 M'(M x - b)", "A tanh(x) + c") is None


def test_search_is_bounded() -> None:
    right = "A'(A x - c) + B'(B x - c) + A'B'X'A x + B A X c + tanh(A x) .* (B x)"
    begun = time.monotonic()
    assert found(right, "c") is None
    assert time.monotonic() - begun < SECONDS + 2
    search = Search(spots(), [np.zeros((4, 1))] * 2, 1e-9)
    search.run(read(right))
    assert len(search.seen) <= MOST_MUTANTS + 1


def test_edits_are_no_repetitions_of_the_formula() -> None:
    node = read("2 M'(M x - b) + c")
    made = [edited for edited, _ in edits(node)]
    assert node not in made
    assert all(edited.shape == node.shape for edited in made)
    assert "c" in {text(edited) for edited in made}
