"""The Jacobians, Hessians and differentials of the database, derived as formulas and held against the records."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest

from mccli.calculus.directional import derive_differential
from mccli.calculus.jacobian import hessian, jacobian
from mccli.calculus.structure import structure_of
from mccli.errors import DeriveError
from mccli.expressions.tree import Node, Symbol
from mccli.identities.read import read_family
from mccli.identities.record import Record
from mccli.identities.statement import Statement, understand
from mccli.numeric.records.places import RecordPoint, points
from mccli.numeric.records.stated import vec
from mccli.numeric.spaces import basis, in_space

FOLDER = Path(__file__).parents[2] / "data" / "identities"
REFUSED = {
    "vec-expm": "the matrix of the Fréchet derivative of expm has no closed form",
    "svd-u-differential": "mc has no differential of the singular vectors",
    "svd-v-differential": "mc has no differential of the singular vectors",
    "diff-hermitian-transpose": "a complex variable",
}
"""Records that mc does not derive, each with the reason. Exact: the test fails if one can be derived."""
POINTS = 3
TOLERANCE = 1e-9


@cache
def records(*kinds: str) -> list[Record]:
    """All records that state a derivative of these kinds."""
    families = [read_family(path)[0] for path in sorted(FOLDER.glob("*.yaml"))]
    found = [r for family in families if family is not None for r in family.records]
    return [r for r in found if r.kind in kinds]


def derived(statement: Statement) -> Node:
    """What mc derives for a record."""
    (variable,) = statement.variables
    return (hessian if statement.record.kind == "hessian" else jacobian)(statement.expression, variable)


@pytest.mark.parametrize("record", records("jacobian", "hessian"), ids=lambda r: r.id)
def test_derives_what_the_record_states(record: Record) -> None:
    statement = understand(record)
    if record.id in REFUSED:
        with pytest.raises(DeriveError):
            derived(statement)
        return
    formula = derived(statement)
    stated = [s.node for s in statement.results if s.kind == record.kind]
    found = points(statement, POINTS)
    assert len(found) == POINTS
    assert stated
    for point in found:
        for node in stated:
            compare(point, formula, node)


def compare(point: RecordPoint, formula: Node, stated: Node) -> None:
    """Equal as they are; for a structured variable, equal as maps of its space."""
    variable = point.statement.variables[0]
    ours, theirs = point.value(formula), point.value(stated)
    if point.statement.record.convention == "vech":
        directions = [d for _, d in basis(point.arrays[variable.name].shape, variable.properties)]
        ours = ours @ np.hstack([vec(d) for d in directions])
    elif structure_of(variable):
        ours, theirs = (along(m, variable, point) for m in (ours, theirs))
    scale = max(1.0, float(np.max(np.abs(theirs))))
    assert ours.shape == theirs.shape
    assert np.max(np.abs(ours - theirs)) <= TOLERANCE * scale


def along(matrix: np.ndarray, variable: Symbol, point: RecordPoint) -> np.ndarray:
    """A Jacobian along a basis of the space of the variable; of a Hessian the part in the space."""
    shape = point.arrays[variable.name].shape
    image = matrix @ np.hstack([vec(d) for _, d in basis(shape, variable.properties)])
    if point.statement.record.kind == "jacobian":
        return image
    parts = [in_space(c.reshape(shape, order="F"), variable.properties) for c in image.T]
    return np.hstack([vec(p) for p in parts])


def test_hessians_are_symmetric() -> None:
    for record in records("hessian"):
        statement = understand(record)
        value = points(statement, 1)[0].value(derived(statement))
        assert np.allclose(value, value.T, rtol=1e-9, atol=1e-9 * np.max(np.abs(value))), record.id


@pytest.mark.parametrize("record", records("differential"), ids=lambda r: r.id)
def test_the_differential_is_what_the_record_states(record: Record) -> None:
    statement = understand(record)
    arguments = (statement.expression, statement.symbols, statement.variables)
    if record.id in REFUSED:
        with pytest.raises(DeriveError):
            derive_differential(*arguments, order=record.order)
        return
    derivation = derive_differential(*arguments, order=record.order)
    formula = derivation.results[0].full
    stated = [s.node for s in statement.results if s.kind == "differential"]
    found = points(statement, POINTS)
    assert len(found) == POINTS
    assert stated
    for number, point in enumerate(found):
        rng = np.random.default_rng(number)
        drawn = {
            f"d{v.name}": in_space(rng.normal(size=point.arrays[v.name].shape), v.properties)
            for v in statement.variables
        }
        for node in stated:
            ours, theirs = point.value(formula, drawn), point.value(node, drawn)
            assert ours.shape == theirs.shape
            assert np.max(np.abs(ours - theirs)) <= TOLERANCE * max(1.0, float(np.max(np.abs(theirs))))
