"""What a match is: a record that states a typed function, with what its symbols are there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from mccli.calculus.differential import differential_symbol
from mccli.expressions.sizes import Size
from mccli.expressions.tree import Node, Symbol, multiply, number
from mccli.identities.assumptions import RESTRICTING
from mccli.identities.instantiate import instantiate
from mccli.identities.record import Record
from mccli.identities.statement import Statement
from mccli.language.declare import Scope

PREFERRED = ("X", "x", "W", "w")
"""The variable, where none is given."""


class Match(NamedTuple):
    """A record found for an expression.

    Attributes:
        record: the record.
        statement: the record understood.
        symbols: what its symbols are in the user's expression.
        sizes: what its size letters are there.
        functions: what its declared functions are called there.
        variables: the user's variables.
        factor: the typed function is this times the record's, plus, if ``offset``, terms without the variable.
        missing: assumptions of the record that were not declared.
        same_sizes: equations between the user's sizes under which it holds.
        set_to: matrices of the record that are the identity here (``A = I``).
        literal: whether the record's expression reads as the typed one in the user's names.
        alias: the id of the alias whose expression was typed, name by name; the record's own id if it is its own.
        steps: how far the typed expression was reduced before it was found.
    """

    record: Record
    statement: Statement
    symbols: Mapping[str, Node]
    sizes: Mapping[str, Size]
    functions: Mapping[str, str]
    variables: tuple[str, ...]
    factor: Node = number(1)
    offset: bool = False
    missing: tuple[str, ...] = ()
    same_sizes: tuple[str, ...] = ()
    set_to: tuple[str, ...] = ()
    literal: bool = False
    alias: str = ""
    steps: int = 0

    def told(self, node: Node) -> Node:
        """A formula of the record in the user's names, differentials included, for the record's own function."""
        names = dict(self.symbols)
        for variable, change in self.statement.differentials().items():
            own = names.get(variable.name)
            if isinstance(own, Symbol):
                names[change.name] = differential_symbol(own)
        return instantiate(node, names, self.sizes, self.functions)

    def result(self, node: Node) -> Node:
        """A result of the record for the typed function: local names written out, the factor included."""
        return multiply(self.factor, self.told(self.statement.full(node)))

    @property
    def function(self) -> Node:
        """The record's function in the user's names, times the factor."""
        return multiply(self.factor, self.told(self.statement.expression))

    @property
    def conditions(self) -> tuple[str, ...]:
        """What must hold beyond what was declared."""
        return (*self.missing, *self.same_sizes)

    @property
    def unconditional(self) -> bool:
        """Whether it holds for the expression as it was typed and declared."""
        return not self.conditions


class Question(NamedTuple):
    """An expression with what is known about its names; ``fixed`` are size letters that were declared."""

    expression: Node
    symbols: Mapping[str, Symbol]
    scope: Scope
    fixed: frozenset[str] = frozenset()


def restrictions(statement: Statement) -> int:
    """How many properties that change a result a record assumes."""
    return sum(1 for s in statement.symbols.values() for p in (*RESTRICTING, "complex") if p in s.properties)


def how_found(match: Match) -> str:
    """How a record states a typed expression: condition, special, up to constants, up to a factor, exact."""
    if match.conditions:
        return "condition"
    if match.set_to:
        return "special"
    if match.offset:
        return "up to constants"
    return "exact" if is_plain(match.factor) else "up to a factor"


def is_plain(factor: Node) -> bool:
    """Whether a factor is 1."""
    return factor == number(1)


def states_kind(record: Record, kind: str) -> bool:
    """Whether a record states a derivative of a kind; the proof of a gradient states the differential."""
    return kind in record.results or (kind == "differential" and record.kind == "gradient" and bool(record.proof))
