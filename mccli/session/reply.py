"""What a session answers to a line, as data: whoever prints it decides how it looks."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mccli.calculus.derivation import DIFFERENTIAL
from mccli.errors import CheckFailed
from mccli.expressions.tree import Node
from mccli.language.elaborate import Elaborated

if TYPE_CHECKING:
    from mccli.api import Result
    from mccli.solving import Solution


class Said(NamedTuple):
    """Sentences: what a declaration did, what was taken back."""

    sentences: tuple[str, ...]


class Value(NamedTuple):
    """An expression with its shape; ``label`` is its name, ``ans`` or ""."""

    label: str
    read: Elaborated
    notes: tuple[str, ...] = ()
    sentences: tuple[str, ...] = ()


class Derived(NamedTuple):
    """A derivative; ``label`` is the name that it was given, ``notes`` how the question was read."""

    result: Result
    label: str = ""
    notes: tuple[str, ...] = ()
    sentences: tuple[str, ...] = ()

    @property
    def read(self) -> Elaborated:
        """The expression that was differentiated."""
        return self.result.elaborated

    @property
    def node(self) -> Node | None:
        """The derivative, if it is a single one."""
        derivation = self.result.derivation
        single = len(derivation.results) == 1 and derivation.kind != DIFFERENTIAL  # dx is no symbol of a session
        return derivation.results[0].full if single else None

    def checked(self, points: int) -> str:
        """Compare with differences at more points, drawn anew. CheckFailed if they differ."""
        derivation, certificate = self.result.derivation, self.result.check(points, seed=points)
        if not certificate.passed:
            raise CheckFailed("the check failed; this is a mistake in mc; please report the expression")
        what = f"{derivation.kind} of {derivation.function} by {' and '.join(v.name for v in derivation.variables)}"
        return (
            f"{what}: {certificate.points} random points, {certificate.method}: "
            f"worst relative error {certificate.worst:.0e}"
        )


class Solved(NamedTuple):
    """Stationary points, perhaps under constraints; the other fields are those of a derivative."""

    result: Solution
    constraints: tuple[str, ...] = ()
    label: str = ""
    notes: tuple[str, ...] = ()
    sentences: tuple[str, ...] = ()

    @property
    def read(self) -> Elaborated:
        """The function and its constraints."""
        read = self.result.elaborated
        return read._replace(text="; ".join((read.text, *self.constraints)))

    @property
    def node(self) -> Node | None:
        """The solution, if there is one point and one unknown."""
        only = self.result.solutions[0] if len(self.result.solutions) == 1 else {}
        return next(iter(only.values())).node if len(only) == 1 else None


class Steps(NamedTuple):
    """The steps that lead to an answer."""

    of: Value | Derived | Solved


class Entry(NamedTuple):
    """A line of the list of names: the kind, the name, what it stands for, its shape."""

    kind: str
    name: str
    meaning: str
    shape: str = ""


class Listing(NamedTuple):
    """Everything that has a name."""

    entries: tuple[Entry, ...]


class LookUp(NamedTuple):
    """A question for the database, with the declarations that it is asked under, in the notation of the options."""

    query: str
    variables: tuple[str, ...] = ()
    shapes: tuple[str, ...] = ()
    properties: tuple[str, ...] = ()
    functions: tuple[str, ...] = ()


class Help(NamedTuple):
    """A page of the help."""

    topic: str


class Left(NamedTuple):
    """The session is over."""


Reply = Said | Value | Derived | Solved | Steps | Listing | LookUp | Help | Left
