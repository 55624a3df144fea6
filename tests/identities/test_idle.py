"""What a record assumes is a condition of a match unless its results hold without it, decided by numbers here.

The index says which assumptions are idle, decided in exact arithmetic against the engine. This test knows neither: it
takes the assumption away and compares what the record says with differences of its function.
"""

from __future__ import annotations

import numpy as np
import pytest
from record_questions import library, records, statement

from mccli.errors import McError
from mccli.identities.assumptions import is_about_values
from mccli.identities.idle import idle_assumptions
from mccli.identities.lookup import look_up
from mccli.identities.record import Record
from mccli.identities.statement import understand
from mccli.language.declare import read_scope
from mccli.numeric.records import stated
from mccli.numeric.records.places import RecordPoint, points

POINTS = 4
TOLERANCE = 3e-6


def about_values(record: Record) -> list[str]:
    """The assumptions that may change a result."""
    pairs = zip(record.assume, statement(record.id).assumptions, strict=True)
    return [text for text, assumption in pairs if is_about_values(assumption)]


def without(record: Record, dropped: tuple[str, ...]) -> Record:
    """The record with some assumptions taken away."""
    return record._replace(assume=tuple(text for text in record.assume if text not in dropped))


def deviation(point: RecordPoint) -> float:
    """The largest relative difference between what a record says and what differences give."""
    worst = 0.0
    for pair in stated.pairs(point):
        if pair.expected.shape != pair.found.shape:
            return float("inf")
        scale = max(float(np.max(np.abs(pair.expected))), float(np.max(np.abs(pair.found))), 1e-6)
        worst = max(worst, float(np.max(np.abs(pair.expected - pair.found))) / scale)
    return worst


WITH_IDLE = [name for name, record in records().items() if record.idle]
RELYING = [name for name, record in records().items() if set(about_values(record)) - set(record.idle)]


@pytest.mark.parametrize("name", WITH_IDLE)
def test_a_record_holds_without_its_idle_assumptions(name: str) -> None:
    freed = without(records()[name], records()[name].idle)
    found = points(understand(freed).read_everything(), POINTS)
    assert found, "no point without them"
    assert max(map(deviation, found)) < TOLERANCE


UNDECIDED = frozenset(
    {
        # rules of operations that are defined for symmetric matrices only: the declaration is what makes them right
        *("eig-sum", "eig-simple-symmetric", "eig-max", "eig-min", "eig-diff-value", "eig-diff-all-values"),
        *("eig-vjp-values", "eig-spectral-function", "eig-condition-number", "eig-generalized", "eig-generalized-b"),
        "eig-top-k-sum",
        # not decided in exact arithmetic: the condition is stated, though numbers show none to be needed
        *("orthogonal-tangent", "squared-hinge-loss", "contrastive-pair-loss", "flow-lu-logdet"),
        *("trace-logm", "diff-logm-symmetric", "sylvester-adjoint-b"),
        *("trace-sqrtm", "diff-sqrtm", "diff-inverse-sqrtm", "vec-sqrtm", "sqrtm-vjp"),
    }
)
"""Records that keep a condition which numbers do not show to be needed. Exact."""


def needless(name: str) -> list[str]:
    """The stated conditions without any of which the numbers agree as well."""
    record = records()[name]
    found = []
    for text in about_values(record):
        if text in record.idle:
            continue
        freed = without(record, (text, *record.idle))
        try:
            places = points(understand(freed).read_everything(), POINTS)
            same = bool(places) and max(map(deviation, places)) < TOLERANCE
        except (McError, ValueError, ArithmeticError, IndexError, KeyError, np.linalg.LinAlgError):
            same = False
        found += [text] if same else []
    return found


def test_conditions_that_are_not_needed_are_few_and_known() -> None:
    assert {name for name in RELYING if needless(name)} == UNDECIDED


def test_a_wrong_record_has_no_idle_assumption() -> None:
    record = records()["softmax-cross-entropy-logits"]
    assert set(about_values(record)) == set(record.idle) or not about_values(record)
    twice = records()["quadratic-form-symmetric"]
    assert idle_assumptions(twice) == ()
    needed = records()["softmax-cross-entropy-probabilities"]
    assert idle_assumptions(needed) == ()
    assert idle_assumptions(needed._replace(results={"gradient": "sum(y)*softmax(z) - y"}, proof=())) == needed.assume


@pytest.mark.parametrize(
    ("typed", "wrt", "condition", "declared"),
    [
        ("-y'*log(softmax(z))", "z", "y on the simplex", "y:simplex"),
        ("-y'*log(softmax(z))", "z", "y on the simplex", "y:probabilities"),
        ("x'Ax", "x", "A symmetric", "A:symmetric"),
        ("log(softmax(x)'*y)", "x", "y one-hot", ""),
    ],
)
def test_an_assumption_about_values_is_a_condition_until_it_is_declared(
    typed: str, wrt: str, condition: str, declared: str
) -> None:
    answer = look_up(library(), typed, read_scope(), [wrt])
    conditional = [match for match in answer.matches if condition in match.missing]
    assert conditional
    assert not any(match.unconditional and match.record.id == conditional[0].record.id for match in answer.matches)
    if declared:
        sure = look_up(library(), typed, read_scope((), [declared]), [wrt])
        assert sure.matches[0].unconditional
        assert any(match.record.id == conditional[0].record.id and match.unconditional for match in sure.matches)
