"""What a match is: a record that states a typed function, with what its symbols are there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from mccli.expressions.sizes import Size
from mccli.expressions.tree import Node, Symbol, number
from mccli.identities.instantiate import instantiate
from mccli.identities.record import Record
from mccli.identities.statement import Statement
from mccli.language.declare import Scope

RESTRICTING = (
    *("diagonal", "spd", "psd", "symmetric", "skew", "orthogonal", "lower", "upper"),
    *("unit", "simplex", "complex"),
)
"""Properties that change a result, where others (invertible, positive) only say where it is defined."""
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
        """A formula of the record in the user's names, for the record's own function."""
        return instantiate(node, self.symbols, self.sizes, self.functions)

    @property
    def unconditional(self) -> bool:
        """Whether it holds for the expression as it was typed and declared."""
        return not self.missing and not self.same_sizes


class Question(NamedTuple):
    """An expression with what is known about its names; ``fixed`` are size letters that were declared."""

    expression: Node
    symbols: Mapping[str, Symbol]
    scope: Scope
    fixed: frozenset[str] = frozenset()


def is_plain(factor: Node) -> bool:
    """Whether a factor is 1."""
    return factor == number(1)


def states_kind(record: Record, kind: str) -> bool:
    """Whether a record states a derivative of a kind; the proof of a gradient states the differential."""
    return kind in record.results or (kind == "differential" and record.kind == "gradient" and bool(record.proof))
