"""The database from Python: identities by expression, id or words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from mccli.api import Formula
from mccli.cli.library import library
from mccli.declarations import Texts, scope_of
from mccli.identities.lookup import look_up, refuse_unknown_names
from mccli.identities.matched import Match


@dataclass(frozen=True, repr=False)
class Identity:
    """An identity of the database that states a function, in the names it was asked for."""

    match: Match

    @property
    def id(self) -> str:
        """The id of the record."""
        return self.match.record.id

    @property
    def name(self) -> str:
        """The title of the record."""
        return self.match.record.name

    @property
    def kind(self) -> str:
        """What is stated: gradient, jacobian, hessian or differential."""
        return self.match.record.kind

    @property
    def conditions(self) -> tuple[str, ...]:
        """What must hold beyond what was declared; empty if it holds as asked."""
        return self.match.conditions

    @cached_property
    def result(self) -> Formula:
        """The stated derivative, for the function that was asked for."""
        return Formula(self.match.result(self.match.statement.results[0].node))

    def __repr__(self) -> str:
        return f"<{self}>"

    def __str__(self) -> str:
        condition = f", if {' and '.join(self.conditions)}" if self.conditions else ""
        return f"{self.id}: {self.kind} by {', '.join(self.match.variables)} = {self.result}{condition}"


def lookup(
    text: str,
    wrt: str | Iterable[str] | None = None,
    *,
    shapes: Texts = (),
    assume: Texts = (),
    define: Texts = (),
) -> list[Identity]:
    """Identities by expression, id or words, best first; empty if there is none.

    The records of the user are looked up too; those that do not hold are counted on standard error.

    Args:
        text: an expression, an id, or words.
        wrt: the variable; inferred if left out.
        shapes, assume, define: declarations, as :func:`derive` takes them.

    Raises:
        McError: an expression that cannot be read, or a declared name or variable that does not occur in it.
    """
    scope = scope_of(shapes, assume, define)
    answer = look_up(library(), text, scope, [wrt] if isinstance(wrt, str) else list(wrt or ()))
    refuse_unknown_names(answer, scope)
    return [Identity(match) for match in answer.matches]
