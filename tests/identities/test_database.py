"""Every record of the database holds, and what the engine does not derive is listed with its reason."""

from __future__ import annotations

from collections import Counter
from functools import cache

import pytest

from mccli.calculus.derivation import derive
from mccli.identities.build import database
from mccli.identities.record import Record
from mccli.numeric.certify import certify
from mccli.numeric.records.check import Checked, check_record
from mccli.numeric.records.whole import whole_mistakes

FAMILIES, MISTAKES = database()
RECORDS: dict[str, Record] = {r.id: r for family in FAMILIES for r in family.records}

COMPLEX = "derivatives by complex variables are not derived"
TOEPLITZ = "no gradient in the form toeplitz"
NO_RULE = "mc knows no derivative of"

BY_NUMBERS_ALONE = {
    "wirtinger-trace-xxh": COMPLEX,
    "wirtinger-trace-axh": COMPLEX,
    "wirtinger-quadratic": COMPLEX,
    "wirtinger-lms": COMPLEX,
    "wirtinger-least-squares": COMPLEX,
    "wirtinger-det-xhax": COMPLEX,
    "diff-hermitian-transpose": COMPLEX,
    "toeplitz-trace": TOEPLITZ,
    "toeplitz-general-rule": TOEPLITZ,
    "toeplitz-symmetric-trace": "no gradient in the form symmetric toeplitz",
    "circulant-general-rule": "no gradient in the form circulant",
    "svd-u-differential": NO_RULE,
    "svd-v-differential": NO_RULE,
}
"""Records that the engine does not derive, with what it says. Exact: nothing may be missing, nothing too much."""

DERIVED_GRADIENTS = [r.id for r in RECORDS.values() if "gradient" in r.results and r.id not in BY_NUMBERS_ALONE]


@cache
def checked(name: str) -> Checked:
    return check_record(RECORDS[name])


def test_every_file_can_be_read() -> None:
    assert not [m.message for m in MISTAKES]


def test_what_holds_between_records() -> None:
    assert not [m.message for m in whole_mistakes(FAMILIES, own=True)]


@pytest.mark.parametrize("name", RECORDS)
def test_a_record_holds(name: str) -> None:
    """Its text, its shapes, its numbers and its proof; and what the engine derives, unless it is listed above."""
    found = checked(name)
    expected = BY_NUMBERS_ALONE.get(name)
    if expected is None:
        assert found.engine, found.refused
    else:
        assert not found.engine
        assert found.refused.startswith(expected)


@pytest.mark.parametrize("name", DERIVED_GRADIENTS)
def test_the_certificate_is_given(name: str) -> None:
    """The engine's own certificate: every form of the gradient, and every line of the derivation."""
    statement = checked(name).statement
    derivation = derive(statement.expression, statement.symbols, statement.variables)
    certificate = certify(derivation, statement.letters)
    assert certificate.passed, f"{certificate.failed}: {certificate.worst}"


def test_no_essential_record_is_left_to_numbers() -> None:
    assert not [name for name in BY_NUMBERS_ALONE if RECORDS[name].level == "essential"]


def test_the_database_is_whole() -> None:
    """942 identities; those that repeat another are its aliases."""
    aliases = [a for r in RECORDS.values() for a in r.aliases]
    assert (len(RECORDS), len(aliases)) == (918, 24)
    assert len(FAMILIES) == 16
    kinds = Counter(r.kind for r in RECORDS.values())
    assert kinds == {"gradient": 628, "jacobian": 142, "differential": 92, "hessian": 56}
    assert Counter(r.level for r in RECORDS.values()) == {"essential": 163, "standard": 588, "special": 167}


COOKBOOK_ERRATA = (
    "27", "28", "43", "51", "55", "56", "67", "68", "89", "92", "95", "127", "128", "131", "139", "140", "141", "143",
    "251", "392", "396", "524", "539", "547",
)  # fmt: skip
"""Equations of the Matrix Cookbook that are misprinted, or true under an assumption only that is not stated there."""


@pytest.mark.parametrize("number", COOKBOOK_ERRATA)
def test_what_is_wrong_in_the_matrix_cookbook_is_told(number: str) -> None:
    told = [r.id for r in RECORDS.values() if f"({number})" in r.pitfall]
    assert told, f"no record speaks of equation ({number})"


def test_every_record_has_what_a_reader_needs() -> None:
    bare = [r.id for r in RECORDS.values() if not (r.why and r.words and r.sources)]
    assert not bare
