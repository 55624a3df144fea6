"""A record understood: its expression, local definitions and results as typed trees over its symbols."""

from __future__ import annotations

import copy
from functools import cached_property
from typing import Any, NamedTuple

from mccli.calculus.differential import differential_symbol
from mccli.errors import McError, RecordMistake
from mccli.expressions.graph import substitute
from mccli.expressions.tree import Node, Symbol
from mccli.identities.assumptions import DECLARED, Assumption, understand_assumption
from mccli.identities.record import Record
from mccli.language.declare import Scope, declare, define
from mccli.language.elaborate import Elaborated, elaborate
from mccli.language.names import canonical_name


class Stated(NamedTuple):
    """A formula of a record: the field it stands in, its kind, its text and its tree (local names unexpanded)."""

    field: str
    kind: str
    text: str
    node: Node


def understand(record: Record) -> Statement:
    """A record with its declarations and its expression read. RecordMistake, with the place, if they cannot be.

    The results are read when they are asked for.
    """
    return Statement(record)


class Statement:
    """What a record states.

    Attributes:
        record: the record.
        assumptions: the ``assume`` entries.
        scope: the declarations.
        expression: the function, with local definitions written out.
        symbols: the symbols of the record, by name.
        variables: those it is differentiated by.
    """

    def __init__(self, record: Record) -> None:
        self.record = record
        self._seen: set[str] = set()
        self.scope = self._declared_symbols(self._declared_functions())
        self._seen |= self.scope.letters()
        self.assumptions = tuple(self._assumption(text) for text in record.assume)
        self.scope = self._with_properties(self.scope)
        needs_locals = any(name in record.expression for name in record.let)
        read = self._read("expression", record.expression, self._inner_scope if needs_locals else self.scope)
        self.expression = self.full(read.expression) if needs_locals else read.expression
        self.symbols = self._symbols(read)
        self.variables = tuple(self.symbols[canonical_name(name)] for name in record.variables)

    def read_everything(self) -> Statement:
        """Read also what is read on demand. RecordMistake if something cannot be."""
        _ = self.results, self.proof
        return self

    @cached_property
    def definitions(self) -> dict[Symbol, Node]:
        """What the local names stand for, each in terms of symbols and earlier local names."""
        found: dict[Symbol, Node] = {}
        scope = self._with_differentials
        for name, text in self.record.let.items():
            node = self._read("let", text, scope).expression
            symbol = Symbol(canonical_name(name), node.shape)
            found[symbol] = node
            scope = scope._replace(shapes={**scope.shapes, symbol.name: node.shape})
        return found

    @cached_property
    def results(self) -> tuple[Stated, ...]:
        """The stated results, other forms included."""
        return tuple(
            Stated(place, kind, text, self._read(place, text, self._inner_scope).expression)
            for place, kind, text in self.record.listed()
        )

    @cached_property
    def proof(self) -> tuple[Stated, ...]:
        """The forms of the differential."""
        return tuple(
            Stated("proof", "differential", text, self._read("proof", text, self._inner_scope).expression)
            for text in self.record.proof
        )

    @property
    def letters(self) -> frozenset[str]:
        """Every size letter that was read so far."""
        return frozenset(self._seen)

    def full(self, node: Node) -> Node:
        """A formula with the local definitions written out."""
        for symbol, meaning in reversed(self.definitions.items()):
            node = substitute(node, {symbol: meaning})
        return node

    def used(self, node: Node) -> list[Symbol]:
        """The local names in a formula, and those in their meanings, in the order in which they are defined."""
        names = set(node.symbols)
        for symbol, meaning in reversed(self.definitions.items()):
            if symbol.name in names:
                names |= meaning.symbols
        return [symbol for symbol in self.definitions if symbol.name in names]

    def differentials(self) -> dict[Symbol, Symbol]:
        """The differential of every variable."""
        return {variable: differential_symbol(variable) for variable in self.variables}

    def changed(self, **values: Any) -> Statement:
        """A copy in which some attributes have other values."""
        other = copy.copy(self)
        other.__dict__.update(values)
        return other

    # ------------------------------------------------------------------------------------------ declarations

    def _mistake(self, name: str, error: McError) -> RecordMistake:
        place = self.record.place(name)
        return RecordMistake(place, error.message, marks=error.marks, notes=error.notes, source=error.source)

    def _declared_functions(self) -> Scope:
        scope = Scope()
        for text in self.record.define:
            try:
                scope = define(scope, text)
            except McError as error:
                raise self._mistake("define", error) from None
        return scope

    def _declared_symbols(self, scope: Scope) -> Scope:
        for name, sizes in self.record.shapes.items():
            try:
                scope = declare(scope, name, sizes or ("scalar",))
            except McError as error:
                raise self._mistake("shapes", error) from None
        return scope

    def _assumption(self, text: str) -> Assumption:
        found = understand_assumption(text, self.record.shapes, self._seen)
        if found is None:
            raise RecordMistake(
                self.record.place("assume"),
                f"{text!r} is no assumption that mc knows",
                notes=["forms: A symmetric, x > 0, all x != 0, A + B invertible, m >= n, t = 0"],
            )
        return found

    def _with_properties(self, scope: Scope) -> Scope:
        if self.record.field == "complex":
            for name in self.record.variables:
                scope = declare(scope, name, ("complex",))
        for assumption in self.assumptions:
            if assumption.kind == "property" and assumption.value in DECLARED:
                try:
                    scope = declare(scope, assumption.subject, (DECLARED[assumption.value],))
                except McError as error:
                    raise self._mistake("assume", error) from None
        return scope

    @cached_property
    def _with_differentials(self) -> Scope:
        """The scope in which dX is known for every variable X."""
        scope = self.scope
        for name in map(canonical_name, self.record.variables):
            shape = scope.shapes[name]
            variable = differential_symbol(Symbol(name, shape, scope.properties.get(name, frozenset())))
            scope = scope._replace(
                shapes={**scope.shapes, variable.name: shape},
                properties={**scope.properties, variable.name: variable.properties},
            )
        return scope

    @property
    def _inner_scope(self) -> Scope:
        """The scope of results: differentials and local names are known."""
        scope = self._with_differentials
        return scope._replace(shapes={**scope.shapes, **{s.name: s.shape for s in self.definitions}})

    @cached_property
    def prose_scope(self) -> Scope:
        """What is known inside a sentence. Properties are left out, so that nothing in it is simplified away."""
        return self._inner_scope._replace(properties={})

    def _read(self, place: str, text: str, scope: Scope) -> Elaborated:
        try:
            read = elaborate(text, scope)
        except McError as error:
            raise self._mistake(place, error) from None
        self._seen |= read.letters
        stray = [name for name in read.symbols if name not in scope.shapes]
        if stray:
            raise RecordMistake(self.record.place(place), f"{stray[0]} is not declared", notes=[f"in {text}"])
        return read

    def _symbols(self, read: Elaborated) -> dict[str, Symbol]:
        """The record's own symbols, also those that occur in a result only."""
        found = {name: s for name, s in read.symbols.items() if name in self.scope.shapes}
        for typed in self.record.shapes:
            name = canonical_name(typed)
            properties = self.scope.properties.get(name, frozenset())
            found.setdefault(name, Symbol(name, self.scope.shapes[name], properties))
        return found
