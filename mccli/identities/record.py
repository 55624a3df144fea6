"""What an identity is: one record that says everything the database knows about it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from mccli.errors import Place
from mccli.expressions.operation import NOTHING

KINDS = ("gradient", "jacobian", "hessian", "differential")
LEVELS = ("essential", "standard", "special")


class Convention(NamedTuple):
    """A way of stating a gradient by a structured variable: in a few words, and what must be known about it."""

    brief: str
    remark: str = ""

    @property
    def full(self) -> str:
        """All of it."""
        return f"{self.brief}, {self.remark}" if self.remark else self.brief


CONVENTIONS = {
    "entries": Convention("by the independent entries", "not the gradient in the inner product tr(A'B)"),
    "projection": Convention("in the space of such matrices", "in the inner product tr(A'B)"),
    "vech": Convention("by the stacked lower triangle", "vech"),
    "toeplitz": Convention("by the diagonals of a Toeplitz matrix", "in its shape"),
    "symmetric toeplitz": Convention("by the diagonals of a symmetric Toeplitz matrix", "in its shape"),
    "circulant": Convention("by the wrapped diagonals of a circulant matrix", "in its shape"),
}

Shape = tuple[str, ...]


class Alias(NamedTuple):
    """Another name under which the same identity is known, with its own symbols."""

    id: str
    name: str
    expression: str
    variables: tuple[str, ...]
    words: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    shapes: Mapping[str, Shape] = NOTHING
    define: tuple[str, ...] = ()


class Record(NamedTuple):
    """An identity.

    Attributes:
        id: kebab-case name, unique in the database.
        name: a short title.
        family: the family whose file it stands in.
        level: how many people need it: essential, standard, special.
        expression: the function, in mc's language.
        variables: what it is differentiated by; several only for a differential.
        shapes: sizes by symbol: ``()`` a scalar, ``("n",)`` a column vector, ``("m", "n")`` a matrix.
        results: by kind (gradient, jacobian, hessian, differential), in mc's language.
        define: declared functions, as ``--define`` takes them.
        let: local definitions that expression, results and proof use.
        assume: what is taken for granted, see :mod:`mccli.identities.assumptions`.
        also: other forms of the first result.
        order: 2 for a second differential.
        convention: how a gradient by a structured variable is meant (see CONVENTIONS).
        field: ``real``, or ``complex``: the derivative by the conjugate variable, ``'`` being the conjugate transpose.
        proof: forms of the differential, each equal to the one before.
        why: the idea of the proof in a sentence or two; formulas stand in backticks.
        pitfall: the classic mistake, if there is one.
        words: what people type when they look for it.
        aliases: the same identity under other names.
        sources: where it is stated.
        see: ids of related records.
        places: where each field stands ("" is the record itself).
        idle: the assumptions that no result relies on, found when the index is made (:mod:`mccli.identities.idle`).
    """

    id: str
    name: str
    family: str
    level: str
    expression: str
    variables: tuple[str, ...]
    shapes: Mapping[str, Shape]
    results: Mapping[str, str]
    define: tuple[str, ...] = ()
    let: Mapping[str, str] = NOTHING
    assume: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    order: int = 1
    convention: str = ""
    field: str = "real"
    proof: tuple[str, ...] = ()
    why: str = ""
    pitfall: str = ""
    words: tuple[str, ...] = ()
    aliases: tuple[Alias, ...] = ()
    sources: tuple[str, ...] = ()
    see: tuple[str, ...] = ()
    places: Mapping[str, Place] = NOTHING
    idle: tuple[str, ...] = ()

    def place(self, name: str = "") -> Place:
        """Where a field stands in its file; the record itself if the field is left out."""
        return self.places.get(name) or self.places.get("") or Place("", 0, self.id, name)

    @property
    def kind(self) -> str:
        """The kind of the first result."""
        return next(iter(self.results))

    def listed(self) -> Iterator[tuple[str, str, str]]:
        """Every stated result: the field it stands in, its kind, its text."""
        for kind, text in self.results.items():
            yield kind, kind, text
        for text in self.also:
            yield "also", self.kind, text


class Family(NamedTuple):
    """A file of records that belong together; ``order`` is its place in the cheat sheet."""

    id: str
    title: str
    about: str
    order: int
    records: tuple[Record, ...]
