"""What a cheat sheet shows, the same in every format: families, groups, entries, and prose with formulas in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from mccli.expressions.sizes import ONE, SCALAR, Shape, Size
from mccli.expressions.tree import Node


class Formula(NamedTuple):
    """A formula; where ``conjugate`` is set its transposes are conjugate transposes."""

    node: Node
    conjugate: bool = False


class Code(NamedTuple):
    """A text as it is typed."""

    text: str


class Dims(NamedTuple):
    """A shape: no size for a scalar, one for a column vector, two for a matrix."""

    sizes: tuple[str, ...]


Part = str | Formula | Code | Dims
Prose = tuple[Part, ...]
"""Words with formulas between them."""


class Proof(NamedTuple):
    """The forms of a differential, each equal to the one before.

    ``sign`` is d, d² or d∇, and ``name`` is what the function is called; ``defined`` says whether that name must be
    introduced, because the record uses the letter f for something else.
    """

    sign: str
    name: str
    defined: bool
    forms: tuple[Formula, ...]


class AlsoKnown(NamedTuple):
    """Another name of an entry, with its expression as it is typed."""

    id: str
    name: str
    expression: str


class Details(NamedTuple):
    """What stands behind a row of the table.

    Attributes:
        local: local definitions that only the proof and the words need.
        also: other forms of the result.
        proof, why, pitfall: why it holds, and where people go wrong.
        aliases: other names.
        sources, related: where it is stated, and the ids of its neighbours.
        fields: the whole record, for machines.
    """

    local: tuple[Prose, ...]
    also: tuple[Formula, ...]
    proof: Proof
    why: Prose
    pitfall: Prose
    aliases: tuple[AlsoKnown, ...]
    words: tuple[str, ...]
    sources: tuple[str, ...]
    related: tuple[str, ...]
    fields: Mapping[str, Any]


class Entry(NamedTuple):
    """A record as the sheet shows it.

    Attributes:
        id, name, level, kind: as in the record.
        expression: the function.
        by: the variables with their shapes and properties.
        usual: whether the variable needs no mention: it is the only x or X of the record, and the result has its shape.
        properties: the variables with their properties only.
        given: the other symbols, functions, conditions and local definitions that the table needs.
        result: the result, in local names.
        details: the rest, for the formats that have room for it.
    """

    id: str
    name: str
    level: str
    kind: str
    expression: Formula
    variables: tuple[Formula, ...]
    by: tuple[Prose, ...]
    usual: bool
    properties: tuple[Prose, ...]
    given: tuple[Prose, ...]
    result: Formula
    details: Details | None = None

    @property
    def shape(self) -> Dims:
        """The shape of the result."""
        return dims(self.result.node.shape)

    @property
    def with_(self) -> tuple[Prose, ...]:
        """Everything that must be known to read the row."""
        return (*self.by, *self.given)

    @property
    def short_with(self) -> tuple[Prose, ...]:
        """The same for a narrow page: the variable only where it is not the usual one."""
        return (*(self.properties if self.usual else self.by), *self.given)


class Group(NamedTuple):
    """The entries of one kind in a family."""

    kind: str
    entries: tuple[Entry, ...]


class FamilySheet(NamedTuple):
    """A family: its title, the line about it, its entries by kind, and how many records it has in all."""

    id: str
    title: str
    about: str
    total: int
    groups: tuple[Group, ...]

    @property
    def entries(self) -> tuple[Entry, ...]:
        """All entries, in the order of the sheet."""
        return tuple(entry for group in self.groups for entry in group.entries)


class Sheet(NamedTuple):
    """A cheat sheet: which records it has is said in ``scope``.

    ``total`` is the number of records in the whole database, ``aliases`` that of further names of them.
    """

    families: tuple[FamilySheet, ...]
    scope: str
    total: int
    aliases: int = 0

    @property
    def shown(self) -> int:
        """How many entries there are."""
        return sum(len(family.entries) for family in self.families)

    @property
    def told(self) -> str:
        """What is in the sheet, in a sentence."""
        of = f" of {self.total}" if self.shown < self.total else ""
        return f"{self.shown} {self.scope}{of}{counted(self.total, self.aliases)}"


def counted(records: int, aliases: int) -> str:
    """How many identities records state; a repetition under another name has no record of its own."""
    return f" ({records + aliases} identities, {aliases} of them under a further name of a record)" if aliases else ""


TITLE = "Matrix calculus"
GROUP_TITLES = {
    "gradient": "Gradients",
    "jacobian": "Jacobians",
    "hessian": "Hessians",
    "differential": "Differentials",
}
"""Headings of groups, where a family has several kinds."""

RESULT_HEADS = {"gradient": "gradient", "jacobian": "Jacobian", "hessian": "Hessian", "differential": "differential"}
"""Column heads."""

LAYOUT = (
    "A gradient has the shape of its variable; a Jacobian has the outputs as rows; "
    "matrices are stacked column by column (vec)."
)


def dims(shape: Shape) -> Dims:
    """A shape as sizes in mc's own letters."""
    rows, columns = shape
    if shape == SCALAR:
        return Dims(())
    return Dims((_factor(rows),) if columns == ONE else (_factor(rows), _factor(columns)))


def _factor(size: Size) -> str:
    return f"({size})" if len(size.terms) > 1 else str(size)
