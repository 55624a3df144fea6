"""Every identity is found first for its function in other names and in another, equal way of writing.

What comes first must say the same as the record, decided by numbers: the function that the match states, told in the
user's names, has the values of the typed one, and its derivative those of the record's. A record that is not found is
listed here with its reason; the list is exact.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from functools import cache

import numpy as np
import pytest
from match_numbers import TOLERANCE, along, deviation, finite, in_space, told_results
from record_questions import Asked, asked, library, records, statement

from mccli.expressions.tree import multiply, number
from mccli.identities.assumptions import VALUES
from mccli.identities.lookup import look_up
from mccli.identities.matched import Match, states_kind
from mccli.identities.record import Record
from mccli.numeric.records.places import RecordPoint, points

WAYS = ("renamed", "inferred", "multiple")
POINTS = 2
MOST_POINTS = 12

NOTHING = "nothing is found"
ANOTHER = "{} comes first, another derivative"
GENERAL = "diff-scalar-matrix-identification comes first, a differential"

EXCEPTIONS: dict[tuple[str, str], str] = {
    # the variable does not occur: there is nothing to look up
    ("constant-scalar", "renamed"): NOTHING,
    ("constant-scalar", "inferred"): NOTHING,
    ("constant-scalar", "multiple"): NOTHING,
    ("jac-constant", "renamed"): NOTHING,
    ("jac-constant", "inferred"): ANOTHER.format("jac-identity"),  # by the only symbol there is
    ("diff-constant", "renamed"): NOTHING,
    ("diff-constant", "inferred"): "vec-x comes first, a jacobian",
    # the function vanishes where all sizes are equal, as they are in a signature
    ("least-squares-residual-norm", "inferred"): NOTHING,
    ("least-squares-residual-norm", "multiple"): NOTHING,
    ("least-squares-residual-wrt-x", "renamed"): NOTHING,
    ("least-squares-residual-wrt-x", "inferred"): NOTHING,
    ("least-squares-residual-wrt-x", "multiple"): NOTHING,
    # nobody can declare a Toeplitz or circulant variable: without that the general rule comes first
    ("toeplitz-general-rule", "renamed"): GENERAL,
    ("toeplitz-general-rule", "inferred"): GENERAL,
    ("toeplitz-general-rule", "multiple"): GENERAL,
    ("circulant-general-rule", "renamed"): GENERAL,
    ("circulant-general-rule", "inferred"): GENERAL,
    ("circulant-general-rule", "multiple"): GENERAL,
    # equal to the record's function only by the declared symmetry of a matrix inside, which a signature leaves out
    ("sqrtm-vjp", "multiple"): NOTHING,
    ("discrete-lyapunov-adjoint", "inferred"): ANOTHER.format("sym-gradient-trace-ax"),
    # a multiple of a record that is a multiple itself and has a term that the variable does not touch
    ("vae-kl-logvar", "multiple"): NOTHING,
    ("vae-kl-sigma", "multiple"): NOTHING,
    ("vae-kl-diagonal-gaussians", "multiple"): NOTHING,
}
"""What is not found first, by id and way, with what comes instead. Exact: nothing may be missing, nothing too much."""

FACTOR = number(Fraction(-5, 7))
ASKS_MORE = ("toeplitz", "symmetric toeplitz", "circulant", "entries", "vech")
"""Conventions for which nobody asks by the function alone: the record is among the matches."""


def applies(record: Record, way: str) -> bool:
    """Whether a record can be asked for in a way."""
    stated = statement(record.id)
    if way == "inferred":
        return len(stated.variables) == 1 and not stated.variables[0].is_scalar
    return way != "multiple" or (len(stated.variables) == 1 and stated.expression.is_scalar)


def question(name: str, way: str) -> Asked:
    """A record as somebody types it."""
    number_of = WAYS.index(way)
    return asked(name, number_of, expected=way == "inferred", factor=FACTOR if way == "multiple" else None)


CASES = [(name, way) for name, record in records().items() for way in WAYS if applies(record, way)]


def cannot_be_declared(record: Record) -> bool:
    """Whether a record relies on something that nobody can declare, so that it is stated under a condition only."""
    assumed = zip(record.assume, statement(record.id).assumptions, strict=True)
    return any(a.kind == "set" or (a.value in VALUES and text not in record.idle) for text, a in assumed)


@cache
def complaint(name: str, way: str) -> str:
    """What is wrong with the answer for a record; empty if nothing is."""
    record, typed = records()[name], question(name, way)
    answer = look_up(library(), typed.text, typed.names.scope, typed.wrt)
    if not answer.matches:
        return "nothing is found"
    first = answer.matches[0]
    listed = [match for match in answer.matches if match.record.id == name]
    if cannot_be_declared(record):
        return "" if listed and not any(match.unconditional for match in listed) else "not listed with its condition"
    if not first.unconditional:
        return f"{first.record.id} comes first, under a condition"
    if not states_kind(first.record, record.kind):
        return f"{first.record.id} comes first, a {first.record.kind}"
    if record.order == 2 or record.field == "complex" or record.convention in ASKS_MORE:
        return "" if listed else f"not among the matches, {first.record.id} is"
    if first.record.convention not in ("", "projection"):
        return f"{first.record.id} comes first, another convention"
    if record.kind not in first.record.results:
        return f"{first.record.id} comes first, which has only a proof of the {record.kind}"
    return disagreement(record, typed, first)


@cache
def some_points(name: str, count: int) -> tuple[RecordPoint, ...]:
    """Points at which a record is defined."""
    return tuple(points(statement(name), count))


def places_of(name: str) -> Iterator[RecordPoint]:
    """Few points, and more if these do not do."""
    few = some_points(name, POINTS)
    yield from few
    yield from some_points(name, MOST_POINTS)[len(few) :]


def disagreement(record: Record, typed: Asked, first: Match) -> str:
    """Where the numbers of a match and of a record differ."""
    stated = statement(record.id)
    used = 0
    for at, place in enumerate(places_of(record.id)):
        rng = np.random.default_rng([11, at])
        arrays = {typed.names.symbols[own].name: array for own, array in place.arrays.items()}
        sizes = {str(new): place.sizes[old] for old, new in typed.names.sizes.items()}
        properties = {s.name: s.properties for s in typed.names.symbols.values()}
        changes = {
            typed.names.symbols[v.name].name: in_space(rng.normal(size=place.arrays[v.name].shape), v.properties)
            for v in stated.variables
        }
        arrays |= {f"d{name}": change for name, change in changes.items()}
        function = finite(typed.node, arrays, sizes)
        told = finite(multiply(first.factor, first.told(first.statement.expression)), arrays, sizes)
        if function is None or told is None:
            continue
        if not first.offset and deviation(told, function) > TOLERANCE:
            return f"{first.record.id} comes first, another function"
        expected_node = multiply(typed.factor, typed.names.told(stated.full(stated.results[0].node)))
        expected = finite(expected_node, arrays, sizes)
        results = [finite(node, arrays, sizes) for node in told_results(first, record.kind)]
        if expected is None or not results or results[0] is None:
            continue
        seen = along(record.kind, results[0], changes, properties)
        wanted = along(record.kind, expected, changes, properties)
        if deviation(seen, wanted) > TOLERANCE:
            return f"{first.record.id} comes first, another derivative"
        used += 1
        if used == POINTS:
            break
    return "" if used else "no point at which both have a value"


@pytest.mark.parametrize(("name", "way"), [case for case in CASES if case not in EXCEPTIONS])
def test_a_record_is_found_first(name: str, way: str) -> None:
    assert complaint(name, way) == "", question(name, way).text


@pytest.mark.parametrize(("name", "way"), EXCEPTIONS)
def test_an_exception_is_one(name: str, way: str) -> None:
    assert complaint(name, way).startswith(EXCEPTIONS[name, way])


def test_the_list_of_exceptions_is_short() -> None:
    counted = Counter(way for _, way in EXCEPTIONS)
    assert counted["renamed"] <= 0.02 * len(records())
