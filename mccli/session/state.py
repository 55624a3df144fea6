"""What a session knows after a line: declarations, names for expressions, functions, the last answer. Never changed:
every line gives a new state, so that a line which fails or is stopped leaves nothing behind, and undo is exact."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import NamedTuple, TypeVar

from mccli.expressions.operation import NOTHING, Operation
from mccli.expressions.properties import IMPLIED
from mccli.expressions.sizes import ONE, SCALAR, Shape, shape_text
from mccli.expressions.tree import Node
from mccli.language.declare import Scope
from mccli.language.definitions import Definition, names_in, used_definitions
from mccli.language.elaborate import Elaborated
from mccli.language.names import canonical_name
from mccli.session.reply import Derived, Reply

V = TypeVar("V")
ANS = "ans"
"""The name of the last result."""
WORD = re.compile(r"[^\W\d_][\w₀-₉]*")
"""A name in a text; in a product of letters, all of them."""


class Basis(NamedTuple):
    """What a result was found from: what was declared about its names, what they stood for, and the line that asked."""

    declared: Mapping[str, str]
    functions: Mapping[str, Operation]
    expressions: Mapping[str, Definition]
    asked: str = ""


class Function(NamedTuple):
    """A function that was declared or defined entry by entry: its text, the names it added, the names in its body."""

    text: str
    added: frozenset[str]
    uses: frozenset[str] = frozenset()


class State(NamedTuple):
    """Everything that a line of a session can refer to."""

    scope: Scope = Scope()
    functions: Mapping[str, Function] = NOTHING
    bases: Mapping[str, Basis] = NOTHING
    last: Reply | None = None
    derived: Derived | None = None
    result: tuple[Elaborated, Node, Basis] | None = None

    def with_expression(self, name: str, definition: Definition, basis: Basis | None = None) -> State:
        """The state in which a name stands for an expression, perhaps a result that was found from something."""
        scope = self.scope._replace(expressions={**self.scope.expressions, name: definition})
        bases = {known: b for known, b in self.bases.items() if known != name}
        return self._replace(scope=scope, bases={**bases, name: basis} if basis else bases)

    def with_function(self, name: str, scope: Scope, function: Function) -> State:
        """The state with a function, from the scope in which it is known."""
        return self._replace(scope=scope, functions={**self.functions, name: function})

    def without(self, names: Collection[str]) -> State:
        """The state in which nothing is said about some names."""
        added = {key for name in names if name in self.functions for key in self.functions[name].added}
        scope = self.scope._replace(
            shapes=_without(self.scope.shapes, names),
            properties=_without(self.scope.properties, names),
            functions=_without(self.scope.functions, added),
            expressions=_without(self.scope.expressions, names),
        )
        return self._replace(scope=scope, functions=_without(self.functions, names), bases=_without(self.bases, names))

    # -------------------------------------------------------------------------------------------- names

    def declared(self) -> tuple[str, ...]:
        """The declared symbols, in order."""
        return tuple(dict.fromkeys([*self.scope.shapes, *self.scope.properties]))

    def defined(self) -> tuple[str, ...]:
        """The names for expressions and the functions of one's own, in order."""
        return (*self.scope.expressions, *self.functions)

    def names(self) -> frozenset[str]:
        """Every name of the session."""
        return frozenset((*self.declared(), *self.defined(), *self.scope.functions))

    def users(self, name: str) -> tuple[str, ...]:
        """The definitions in which a name occurs, directly."""
        inside = [n for n, d in self.scope.expressions.items() if name in names_in(d.tree) - set(d.parameters)]
        return (*inside, *(f for f, g in self.functions.items() if name in g.uses))

    def dependents(self, names: Collection[str]) -> tuple[str, ...]:
        """The names for expressions that use some names, directly or through others; not these names themselves."""
        found = set(names)
        waiting = True
        while waiting:
            new = {n for n, d in self.scope.expressions.items() if n not in found and names_in(d.tree) & found}
            found |= new
            waiting = bool(new)
        return tuple(n for n in self.scope.expressions if n in found - set(names))

    def arguments(self, name: str) -> tuple[str, ...]:
        """The parameters of a function that stands for an expression."""
        definition = self.scope.expressions.get(name)
        return definition.parameters if definition else ()

    def call(self, name: str) -> str:
        """How a defined name is written with its own parameters: ``f``, ``f(x)``."""
        arguments = self.arguments(name)
        return f"{name}({', '.join(arguments)})" if arguments else name

    def said(self, name: str) -> str:
        """What is declared about a symbol, in words; "" for nothing."""
        shape = self.scope.shapes.get(name)
        words = sorted(self.scope.properties.get(name, frozenset()) - {"square"})
        return ", ".join([*([shape_text(shape)] if shape else []), *main_properties(words)])

    # -------------------------------------------------------------------------------------------- results

    def basis_of(self, read: Elaborated) -> Basis:
        """What a result is found from: an expression that was read, and the names that it was typed with."""
        typed = frozenset(canonical_name(word) for word in WORD.findall(read.text))
        used = used_definitions(typed | frozenset(read.symbols), self.scope.expressions)
        every = frozenset(read.symbols).union(typed, *(names_in(self.scope.expressions[n].tree) for n in used))
        own = Basis(
            {n: self.said(n) for n in read.symbols if n not in self.scope.expressions},
            {n: self.scope.functions[n] for n in every if n in self.scope.functions},
            {n: self.scope.expressions[n] for n in used if n != ANS},
        )
        older = [self.bases[n] for n in used if n in self.bases]
        return Basis(
            {name: said for basis in (own, *older) for name, said in basis.declared.items()},
            {name: function for basis in (own, *older) for name, function in basis.functions.items()},
            {name: definition for basis in (own, *older) for name, definition in basis.expressions.items()},
        )

    def changed_since(self, name: str) -> str:
        """What a result was found from and has changed since, in words; "" if it still holds."""
        basis = self.bases.get(name)
        if basis is None:
            return ""
        for symbol, said in basis.declared.items():
            if symbol in self.scope.expressions:
                return f"{symbol} has been defined since"
            if self.said(symbol) != said:
                return f"{symbol} was {said or 'not declared'} then, and is {self.said(symbol) or 'not declared'} now"
        for defined, definition in basis.expressions.items():
            if self.scope.expressions.get(defined) != definition:
                return f"{defined} has changed since"
        functions = (n for n, f in basis.functions.items() if self.scope.functions.get(n) is not f)
        return next((f"{n} has changed since" for n in functions), "")


def main_properties(properties: Collection[str]) -> list[str]:
    """The properties without those that follow from another one: spd, and not also symmetric, psd and invertible."""
    return [p for p in properties if not any(p in IMPLIED[q] for q in properties if q != p and q not in IMPLIED[p])]


def plain_shape(shape: Shape) -> str:
    """A shape as an option gives it: ``m,n``, ``n``, ``scalar``."""
    if shape == SCALAR:
        return "scalar"
    return f"{shape[0]}" if shape[1] == ONE else f"{shape[0]},{shape[1]}"


def _without(table: Mapping[str, V], names: Collection[str]) -> dict[str, V]:
    return {name: value for name, value in table.items() if name not in names}
