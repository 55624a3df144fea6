"""Identities that every user expects: mc derives each of them, and its answer has the listed value.

A record is taken through mc as a user would type it. Where mc refuses, the refusal is listed here with its
reason; a record that is neither derived nor listed fails, and so does a listed one that is no longer refused.
"""

from __future__ import annotations

from collections import Counter
from functools import cache

import numpy as np
import pytest
from gradient_records import Answer, Array, NotOffered, Place, answer, places, read_records

from mccli.errors import McError
from mccli.expressions.tree import Symbol
from mccli.numeric.certify import certify
from mccli.numeric.evaluate import Evaluator

POINTS = 3
TOLERANCE = 1e-7

NO_MINIMUM_SIZE = "the sizes k and n would have to be equal"
NO_HALF_VECTOR = "no gradient in the form vech"
NO_TOEPLITZ = "unknown property toeplitz"
NO_CIRCULANT = "unknown property circulant"
NO_COMPLEX_FIELD = "unknown property complex"
NO_GENERAL_EIGENVALUE = NO_GENERALISED_EIGENVALUE = "the function eigval takes no subscript"

REFUSED = {
    "svd-singular-values-vjp": NO_MINIMUM_SIZE,
    "sym-vech-gradient": NO_HALF_VECTOR,
    "sym-vech-logdet": NO_HALF_VECTOR,
    "toeplitz-trace": NO_TOEPLITZ,
    "toeplitz-general-rule": NO_TOEPLITZ,
    "toeplitz-symmetric-trace": NO_TOEPLITZ,
    "circulant-general-rule": NO_CIRCULANT,
    "wirtinger-trace-xxh": NO_COMPLEX_FIELD,
    "wirtinger-quadratic": NO_COMPLEX_FIELD,
    "wirtinger-lms": NO_COMPLEX_FIELD,
    "wirtinger-least-squares": NO_COMPLEX_FIELD,
    "wirtinger-trace-axh": NO_COMPLEX_FIELD,
    "wirtinger-det-xhax": NO_COMPLEX_FIELD,
    "eig-general-simple": NO_GENERAL_EIGENVALUE,
    "eig-generalized": NO_GENERALISED_EIGENVALUE,
    "eig-generalized-b": NO_GENERALISED_EIGENVALUE,
}
"""What mc does not derive, by id, with what it says. Exact: nothing may be missing here, nothing too much."""

RECORDS = {record.id: record for record in read_records()}
DERIVED = [name for name in RECORDS if name not in REFUSED]


@cache
def answered(name: str) -> Answer:
    """What mc makes of a record."""
    return answer(RECORDS[name])


@pytest.mark.parametrize("name", DERIVED)
def test_the_gradient_has_the_listed_value(name: str) -> None:
    question = answered(name)
    found = places(question, POINTS)
    assert len(found) == POINTS, "too few points at which the function is defined"
    for place in found:
        compare(question, place)


@pytest.mark.parametrize("name", DERIVED)
def test_the_certificate_is_given(name: str) -> None:
    question = answered(name)
    certificate = certify(question.derivation, question.read.letters)
    assert certificate.passed, f"{certificate.failed}: {certificate.worst}"


@pytest.mark.parametrize("name", REFUSED)
def test_a_refusal_says_why(name: str) -> None:
    with pytest.raises((McError, NotOffered)) as refusal:
        answer(RECORDS[name])
    assert str(refusal.value).startswith(REFUSED[name])


def test_no_must_is_refused() -> None:
    assert not [name for name in REFUSED if RECORDS[name].priority == "must"]


def test_at_least_95_percent_of_should_are_derived() -> None:
    known = Counter(record.priority for record in RECORDS.values())
    refused = Counter(RECORDS[name].priority for name in REFUSED)
    assert refused["should"] <= 0.05 * known["should"]


def test_the_file_is_whole() -> None:
    assert Counter(r.priority for r in read_records()) == {"must": 108, "should": 423, "nice": 119}
    assert len(RECORDS) == 650


# ------------------------------------------------------------------------------------------ the comparison


def compare(question: Answer, place: Place) -> None:
    """The gradient, in full and in the names of the derivation, against every listed result."""
    variable = question.gradient.variable
    found = place.value(question.formula)
    assert found.shape == place.arrays[variable.name].shape
    for listed in question.listed:
        expected = np.broadcast_to(place.value(listed.expression), found.shape)
        if question.record.structure is None:
            expected = in_space(expected, variable)
        assert difference(found, expected) < TOLERANCE, f"{listed.text} at {dict(place.sizes)}"
    full = place.value(question.gradient.full)
    assert difference(full, value_in_names(question, place)) < TOLERANCE


def difference(found: Array, expected: Array) -> float:
    """The largest deviation, relative to the larger of the two arrays."""
    assert found.shape == expected.shape
    scale = max(float(np.max(np.abs(found))), float(np.max(np.abs(expected))), 1e-8)
    return float(np.max(np.abs(found - expected))) / scale


def value_in_names(question: Answer, place: Place) -> Array:
    """The value of the gradient as the derivation writes it, through the named parts."""
    derivation = question.derivation
    evaluator = Evaluator(place.arrays, place.sizes)
    evaluator.arrays[derivation.function] = evaluator.value(derivation.expression)
    for definition in (*derivation.definitions, *derivation.adjoints):
        evaluator.arrays[definition.symbol.name] = evaluator.value(definition.expression)
    return evaluator.value(question.gradient.named)


def in_space(listed: Array, variable: Symbol) -> Array:
    """A listed result for a variable of any kind, projected onto the space of the declared variable."""
    if "diagonal" in variable.properties:
        return np.diag(np.diag(listed))
    if "symmetric" in variable.properties:
        return np.asarray((listed + listed.T) / 2)
    if "skew" in variable.properties:
        return np.asarray((listed - listed.T) / 2)
    if "lower" in variable.properties:
        return np.tril(listed)
    return np.triu(listed) if "upper" in variable.properties else listed
