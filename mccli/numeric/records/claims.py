"""What a record states beside what the engine derives, as formulas: each pair must be equal everywhere.

A gradient is derived as a formula. Jacobians, Hessians, differentials and the lines of a proof are compared with the
engine's differential (for a Hessian that of its gradient) along the differential of the variable.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from mccli.calculus.derivation import Derivative, derive
from mccli.calculus.differential import differential
from mccli.calculus.structure import project
from mccli.errors import DeriveError
from mccli.expressions.constants import constant
from mccli.expressions.tree import Node, apply, multiply, transpose
from mccli.identities.statement import Statement


class Claim(NamedTuple):
    """What the engine derives and what the record says, and the field it says it in."""

    field: str
    expected: Node
    found: Node


def claims(statement: Statement) -> list[Claim]:
    """Everything that a record states. McError where the engine cannot derive it."""
    if statement.record.field == "complex":
        raise DeriveError("derivatives by complex variables are not derived")
    return list(_Claims(statement).all())


class _Claims:
    def __init__(self, statement: Statement) -> None:
        self.statement, self.record = statement, statement.record
        self.variable = statement.variables[0]
        self.changes: Mapping[Node, Node] = dict(statement.differentials().items())

    def all(self) -> Iterator[Claim]:
        """The claims of the results and of the proof."""
        for stated in self.statement.results:
            node = self.statement.full(stated.node)
            if stated.kind == "gradient":
                yield Claim(stated.field, self._gradient(), self._projected(node))
            elif stated.kind == "differential":
                yield Claim(stated.field, self._change(), node)
            else:
                yield Claim(stated.field, *self._along(stated.kind, node))
        for stated in self.statement.proof:
            expected = self._gradient_change() if self.record.kind == "hessian" else self._change()
            yield Claim(stated.field, expected, self.statement.full(stated.node))

    def _derived(self) -> Derivative:
        statement = self.statement
        return derive(statement.expression, statement.symbols, statement.variables).gradients[0]

    def _change(self) -> Node:
        change = differential(self.statement.expression, self.changes)
        return differential(change, self.changes) if self.record.order == 2 else change

    def _gradient_change(self) -> Node:
        return differential(self._derived().full, self.changes)

    def _gradient(self) -> Node:
        """The gradient in the convention of the record."""
        gradient, convention = self._derived(), self.record.convention
        if convention == "entries":
            return gradient.independent if gradient.independent is not None else gradient.full
        if convention == "vech" and "symmetric" in self.variable.properties:
            return multiply(transpose(constant("duplication", (self.variable.rows,))), apply("vec", gradient.full))
        if convention not in ("", "projection"):
            raise DeriveError(f"no gradient in the form {convention}")
        return gradient.full

    def _projected(self, found: Node) -> Node:
        """A gradient in the space of its variable; a record may state any of those that agree there."""
        fits = self.record.convention in ("", "projection") and found.shape == self.variable.shape
        return project(found, self.variable) if fits else found

    def _along(self, kind: str, matrix: Node) -> tuple[Node, Node]:
        """A Jacobian or Hessian times the stacked differential, and what the engine says it is."""
        change = self.changes[self.variable]
        stacked = apply("vec", change)
        if self.record.convention == "vech":
            stacked = multiply(constant("elimination", (self.variable.rows,)), stacked)
        found = multiply(matrix, stacked)
        if kind == "jacobian":
            return apply("vec", self._change()), found
        columns = apply("unvec", found, sizes=self.variable.shape)
        return self._gradient_change(), project(columns, self.variable)
