"""The database: no certificate for the function of a record is refuted by numbers, and the Hessians' are not lost."""

from __future__ import annotations

from functools import cache

import pytest

from mccli.calculus.curvature.certificate import curvature
from mccli.calculus.jacobian import hessian
from mccli.errors import DomainError, McError
from mccli.identities.build import database
from mccli.identities.record import Record
from mccli.identities.statement import understand
from mccli.numeric.curvature_check import check

RECORDS: dict[str, Record] = {r.id: r for family in database()[0] for r in family.records}
SCALAR = ["gradient", "hessian"]
HESSIANS = [name for name, record in RECORDS.items() if "hessian" in record.results]

CERTAIN_HESSIANS = {
    "linear-regression-hessian": "convex",
    "hess-least-squares": "convex",
    "hess-squared-norm": "convex",
    "hess-linear": "affine",
    "hess-frobenius-least-squares": "convex",
    "hess-half-least-squares": "convex",
    "logistic-regression-hessian": "convex",
}
"""What the seeds say of these records."""


@cache
def verdict_of(name: str) -> str:
    """The verdict on the function of a record, held against numbers; "" where mc has none to give."""
    statement = understand(RECORDS[name])
    if not statement.expression.is_scalar or len(statement.variables) != 1:
        return ""
    (variable,) = statement.variables
    try:
        second = hessian(statement.expression, variable)
    except McError:
        second = None
    try:
        found = curvature(statement.expression, variable, second)
        if found.certain:
            symbols = list(statement.symbols.values())
            _, against = check(found, statement.expression, second, variable, symbols, statement.letters, count=3)
            assert not against, f"{found.verdict}, but {against}"
    except DomainError:
        return "nowhere defined"
    except McError:
        return ""
    return found.verdict


@pytest.mark.parametrize("name", [n for n, r in RECORDS.items() if any(kind in r.results for kind in SCALAR)])
def test_no_certificate_of_a_record_is_refuted(name: str) -> None:
    verdict_of(name)


@pytest.mark.parametrize("name", CERTAIN_HESSIANS)
def test_the_hessians_of_the_seeds(name: str) -> None:
    assert verdict_of(name) == CERTAIN_HESSIANS[name]


def test_most_semidefinite_hessians_are_recognised() -> None:
    certain = [name for name in HESSIANS if verdict_of(name) in ("convex", "concave", "affine")]
    assert len(certain) > 20
