"""Nothing is found for an expression that is not equal to it: records with one thing changed.

Whatever a lookup returns must be true, decided by numbers alone: NumPy values of the typed function and of the one
that the match states, and differences of the typed function along a direction against what the match says of its
derivative. A match under a condition is looked at where the condition holds.
"""

from __future__ import annotations

import random
from functools import cache

import pytest
from match_claims import claims_of, untrue
from near_misses import mutants
from record_questions import library, other_names, records, statement

from mccli.errors import McError
from mccli.identities.lookup import Answer, look_up
from mccli.language.declare import Scope
from mccli.render.text import text

MOST = 3
"""Changes looked at for a record."""
LOOKED_AT = 4
"""Matches looked at for a change, besides all under a condition."""


@cache
def answered(name: str) -> tuple[tuple[str, Answer], ...]:
    """What is found for a record with one thing changed, in other names."""
    stated = statement(name)
    rng = random.Random(f"near {name}")
    names = other_names(stated, rng)
    found = []
    for node in mutants(names.told(stated.expression), rng, MOST):
        wrt = tuple(names.symbols[v.name].name for v in stated.variables)
        if not node.depends_on(wrt):
            continue
        typed = text(node, ascii_only=True)
        used = {n: s for n, s in names.scope.shapes.items() if n in node.symbols or n in wrt}
        scope = Scope(used, {n: names.scope.properties[n] for n in used}, names.scope.functions)
        try:
            found.append((typed, look_up(library(), typed, scope, [n for n in wrt if n in node.symbols])))
        except McError:
            continue  # what cannot be read is not found
    return tuple(found)


@pytest.mark.parametrize("name", [name for name in records() if statement(name).expression.symbols])
def test_what_is_found_for_a_near_miss_is_true(name: str) -> None:
    for typed, answer in answered(name):
        for claim in claims_of(answer, LOOKED_AT):
            assert untrue(claim) == "", f"{typed}: {claim.match.record.id}"


def test_most_near_misses_are_found_by_nothing_or_looked_at() -> None:
    found = [answer for name in list(records())[::7] for _, answer in answered(name)]
    assert len(found) > 200
    assert sum(1 for answer in found if not answer.matches) > 0.3 * len(found)
