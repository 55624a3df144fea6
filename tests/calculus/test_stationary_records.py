"""Every function of the identity database put to ``solve``: it is solved and checked, or cleanly refused."""

from __future__ import annotations

from collections import Counter

import mccli
from mccli.errors import CheckFailed, McError
from mccli.identities.build import database
from mccli.identities.record import Record

KNOWN = ("positive", "spd", "symmetric", "invertible", "psd", "diagonal", "orthogonal", "skew")
FEWEST_SOLVED = 150


def assumed(record: Record) -> list[str]:
    """The assumptions of a record that can be declared by a word."""
    words = [a.replace("> 0", "positive").replace("positive definite", "spd").split() for a in record.assume]
    return [f"{w[0]}:{w[1]}" for w in words if len(w) == 2 and w[1] in KNOWN]


def outcome(record: Record) -> str:
    shapes = {name: shape or "scalar" for name, shape in record.shapes.items()}
    try:
        found = mccli.solve(record.expression, wrt=list(record.variables), shapes=shapes, assume=assumed(record))
    except CheckFailed as error:
        return f"failed: {record.id}: {error.message}"
    except McError:
        return "refused"
    return "solved" if all(check.passed for check in found.checks) else f"failed: {record.id}"


def test_no_function_of_the_database_is_solved_wrongly() -> None:
    """A traceback, or an answer that its own check rejects, fails here."""
    counts = Counter(outcome(record) for family in database()[0] for record in family.records)
    assert [name for name in counts if name.startswith("failed")] == []
    assert counts["solved"] >= FEWEST_SOLVED
