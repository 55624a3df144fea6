"""The records of the database as the entries of a cheat sheet."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from mccli.errors import McError
from mccli.expressions.graph import substitute, walk
from mccli.expressions.sizes import SCALAR
from mccli.expressions.tree import Node, Symbol
from mccli.identities.assumptions import Assumption
from mccli.identities.record import CONVENTIONS, Record
from mccli.identities.statement import Statement, understand
from mccli.language.elaborate import elaborate
from mccli.language.names import canonical_name
from mccli.render.latex import latex
from mccli.render.sheet.model import AlsoKnown, Code, Details, Dims, Entry, Formula, Proof, Prose, dims
from mccli.render.text import text

RELATIONS = {
    "above": " > ",
    "sizes": " ≥ ",
    "set": " = ",
}
NOT_ZERO = " ≠ 0"
_DEFINED = re.compile(r"(\w+)\(\w+\): (.+)")
_NAMES = re.compile(r"[^\W\d_]\w*")
_BACKTICKS = re.compile(r"`([^`]*)`")


def entry(record: Record, *, details: bool) -> Entry:
    """A record as an entry, with its proof and its words if ``details``. RecordMistake if it cannot be read."""
    reader = _Reader(understand(record))
    return reader.entry()._replace(details=reader.details() if details else None)


class _Reader:
    """Reads one record."""

    def __init__(self, statement: Statement) -> None:
        self.statement, self.record = statement, statement.record
        self.conjugate = self.record.field == "complex"
        self.result = statement.results[0].node

    def entry(self) -> Entry:
        """What stands in the table."""
        return Entry(
            **{name: getattr(self.record, name) for name in ("id", "name", "level", "kind")},
            expression=self.formula(self.statement.expression),
            variables=tuple(map(self.formula, self.statement.variables)),
            by=tuple(("by ", *self.declared(v)) for v in self.statement.variables),
            usual=self.usual(),
            properties=tuple(self.properties()),
            given=tuple(self.given()),
            result=self.formula(self.result),
        )

    def details(self) -> Details:
        """What stands behind the row."""
        record = self.record
        used = self.statement.used(self.result)
        return Details(
            local=tuple(self.definitions([s for s in self.statement.definitions if s not in used])),
            also=self.distinct([self.formula(stated.node) for stated in self.statement.results])[1:],
            proof=self.proof(),
            why=self.prose(record.why),
            pitfall=self.prose(record.pitfall),
            aliases=tuple(AlsoKnown(a.id, a.name, a.expression) for a in record.aliases),
            words=record.words,
            sources=record.sources,
            related=record.see,
            fields=self.fields(),
        )

    # ------------------------------------------------------------------------------------------ formulas

    def formula(self, node: Node) -> Formula:
        """A formula in which every dX is a differential."""
        changes = {change.name: change for change in self.statement.differentials().values()}
        plain: dict[Node, Node] = {
            s: changes[s.name] for s in walk(node) if isinstance(s, Symbol) and s.name in changes
        }
        return Formula(substitute(node, plain) if plain else node, self.conjugate)

    def distinct(self, formulas: list[Formula]) -> tuple[Formula, ...]:
        """The formulas without those that read like an earlier one."""
        seen: dict[str, Formula] = {}
        for formula in formulas:
            seen.setdefault(text(formula.node), formula)
        return tuple(seen.values())

    def symbol(self, name: str) -> Formula:
        """A name as a formula."""
        return self.formula(Symbol(canonical_name(name), SCALAR))

    def read(self, typed: str) -> Formula | Code:
        """A formula; as it is typed where it cannot be read."""
        try:
            return self.formula(elaborate(typed, self.statement.prose_scope).expression)
        except McError:
            return Code(typed)

    def quoted(self, typed: str) -> Formula | Code:
        """A formula in a sentence; as it is typed also where it would be rewritten, which may be its point."""
        found = self.read(typed)
        if isinstance(found, Code):
            return found
        names = sorted(canonical_name(n) for n in _NAMES.findall(typed))
        kept = names == sorted(canonical_name(n) for n in _NAMES.findall(text(found.node, ascii_only=True)))
        return found if kept else Code(typed)

    def prose(self, words: str) -> Prose:
        """A sentence; its formulas stand in backticks."""
        pieces = _BACKTICKS.split(words)
        return tuple(self.quoted(p) if i % 2 else p for i, p in enumerate(pieces) if p)

    # ------------------------------------------------------------------------------------------ conditions

    def declared(self, symbol: Symbol) -> Prose:
        """A symbol with its shape and what is assumed about it."""
        words = self.assumed(symbol)
        return (self.formula(symbol), " ", dims(symbol.shape), *((f" {words}",) if words else ()))

    def assumed(self, symbol: Symbol) -> str:
        """The assumed properties of a symbol."""
        return ", ".join(
            a.value
            for a in self.statement.assumptions
            if a.kind == "property" and canonical_name(a.subject) == symbol.name
        )

    def properties(self) -> Iterator[Prose]:
        """The variables with what is assumed about them, without their shapes."""
        for variable in self.statement.variables:
            words = self.assumed(variable)
            if words:
                yield self.formula(variable), f" {words}"

    def usual(self) -> bool:
        """Whether x or X is the variable, no other symbol could be, and the result has its shape."""
        if [v.name in ("x", "X") for v in self.statement.variables] != [True]:
            return False
        (variable,) = self.statement.variables
        other = {"x": "X", "X": "x"}[variable.name]
        return other not in self.statement.symbols and (
            self.result.shape == variable.shape or self.record.kind != "gradient"
        )

    def given(self) -> Iterator[Prose]:
        """Everything but the variables that a reader of the row must know."""
        variables = {v.name for v in self.statement.variables}
        for name in map(canonical_name, self.record.shapes):
            if name not in variables:
                yield self.declared(self.statement.symbols[name])
        yield from map(self.function, self.record.define)
        for assumption in self.statement.assumptions:
            if assumption.kind != "property":
                yield self.condition(assumption)
        yield from self.definitions(self.statement.used(self.result))
        yield from ((note,) for note in self.notes())

    def function(self, definition: str) -> Prose:
        """A declared function with what it gives."""
        found = _DEFINED.fullmatch(definition)
        if found is None:
            return (Code(definition),)
        name, gives = self.symbol(found[1]), found[2]
        if gives in ("scalar", "elementwise"):
            return (name, "(·) scalar" if gives == "scalar" else "(·) entrywise")
        return (name, "(·) ", Dims(tuple(size.strip() for size in gives.split(","))))

    def condition(self, assumption: Assumption) -> Prose:
        """A condition on an expression."""
        kind, subject, value = assumption
        if kind == "generic":
            return (subject,)
        if kind == "between":
            low, high = value.split(",")
            return (f"{low} < ", self.read(subject), f" < {high}")
        if kind in RELATIONS:
            return (self.read(subject), RELATIONS[kind], value if value.isdigit() else self.read(value))
        if kind == "invertible":
            return (self.read(subject), " invertible")
        return (*(("entries of ",) if kind == "nonzero entries" else ()), self.read(subject), NOT_ZERO)

    def notes(self) -> Iterator[str]:
        """Conventions that the formula itself does not show."""
        if self.record.convention:
            yield CONVENTIONS[self.record.convention].brief
        if self.conjugate:
            yield "complex; by the conjugate variable"
        if self.record.order == 2:
            yield "second differential"

    # ------------------------------------------------------------------------------------------ definitions

    def definitions(self, symbols: list[Symbol]) -> Iterator[Prose]:
        """What local names stand for."""
        for symbol in symbols:
            yield self.formula(symbol), " = ", self.formula(self.statement.definitions[symbol])

    # ------------------------------------------------------------------------------------------ the rest

    def proof(self) -> Proof:
        """The forms of the differential."""
        sign = "d∇" if self.record.kind == "hessian" else "d²" if self.record.order == 2 else "d"
        names = self.statement.symbols.keys() | self.statement.scope.functions.keys()
        names |= {s.name for s in self.statement.definitions}
        name = next(letter for letter in "fyhq" if letter not in names)
        forms = self.distinct([self.formula(stated.node) for stated in self.statement.proof])
        return Proof(sign, name, name != "f", forms)

    def fields(self) -> Mapping[str, Any]:
        """The whole record, empty fields included, with the shape of the result and LaTeX beside it."""
        record = self.record
        raw = {name: getattr(record, name) for name in record._fields if name not in ("places", "aliases")}
        return {
            **{name: dict(value) if isinstance(value, Mapping) else value for name, value in raw.items()},
            "kind": record.kind,
            "aliases": [{**a._asdict(), "shapes": dict(a.shapes)} for a in record.aliases],
            "result_shape": dims(self.result.shape).sizes,
            "latex": {
                "expression": latex(self.formula(self.statement.expression).node),
                "result": latex(self.formula(self.result).node),
            },
        }
