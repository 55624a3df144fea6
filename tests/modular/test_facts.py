"""Algebra that the prime field must know: facts that hold, and some that do not.

What is equal by the meaning of a function that has none modulo a prime (exp, eigenvalues, abs) cannot be decided;
those facts are listed here with their reason. The list is exact, and nothing unequal is ever found equal.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from mccli.expressions.tree import Node
from mccli.identities.equality import equal
from mccli.language.declare import Scope, declare, define
from mccli.language.elaborate import elaborate

FACTS: dict[str, dict[str, Any]] = {
    fact["id"]: fact for fact in json.loads(Path(__file__).with_name("facts.json").read_text(encoding="utf-8"))
}
DECLARED = {"symmetric": "symmetric", "positive definite": "spd", "invertible": "invertible"}

OF_SUMS = "exp of a sum is opaque, as is every function of it"
VALUES = "two functions that are opaque, each by itself"
CONDITION = "holds under a condition that cannot be declared"
UNDECIDED: dict[str, str] = {
    "sigmoid-tanh": OF_SUMS,
    "softplus-reflection": OF_SUMS,
    "softmax-shift-invariance": OF_SUMS,
    "logsumexp-shift": OF_SUMS,
    "kron-sum-exponential": OF_SUMS,
    "logdet-trace-logm": VALUES,
    "eigenvalue-as-variance": VALUES,
    "l1-norm-sign-form": VALUES,
    "bce-stable-form": CONDITION,  # y is 0 or 1
    "pinv-full-column-rank": CONDITION,  # at least as many rows as columns
}
"""Facts that hold and are not found to. Exact: nothing may be missing, nothing too much."""


@cache
def sides(name: str) -> tuple[Node, Node]:
    """Both sides of a fact."""
    fact = FACTS[name]
    scope = Scope()
    for function, kind in fact.get("functions", {}).items():
        scope = define(scope, f"{function}(x): {kind}")
    for symbol, sizes in fact["shapes"].items():
        scope = declare(scope, symbol, tuple(map(str, sizes)) or ("scalar",))
    for words in fact.get("assume", ()):
        symbol, _, assumed = words.partition(" ")
        if assumed in DECLARED and symbol in fact["shapes"]:
            scope = declare(scope, symbol, (DECLARED[assumed],))
    left, right = (elaborate(fact[side], scope).expression for side in ("lhs", "rhs"))
    return left, right


HOLDING = [name for name, fact in FACTS.items() if fact["relation"] == "="]


@pytest.mark.parametrize("name", [name for name in HOLDING if name not in UNDECIDED])
def test_a_fact_is_known(name: str) -> None:
    assert equal(*sides(name))


@pytest.mark.parametrize("name", UNDECIDED)
def test_a_fact_beyond_the_field_is_not_found_equal(name: str) -> None:
    assert not equal(*sides(name))


@pytest.mark.parametrize("name", [name for name in FACTS if name not in HOLDING])
def test_what_is_not_equal_is_found_unequal(name: str) -> None:
    assert not equal(*sides(name))


def test_the_file_is_whole() -> None:
    assert len(FACTS) == 75
    assert len(FACTS) - len(HOLDING) == 7
