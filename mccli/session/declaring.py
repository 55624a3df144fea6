"""Declarations: a line says what a symbol is; what it says replaces what was said of that before."""

from __future__ import annotations

from collections.abc import Collection

from mccli.errors import McError, NameMistake, Span, UsageError
from mccli.expressions.sizes import ONE, SCALAR, shape_text
from mccli.language.declare import Scope, declare, define
from mccli.language.elaborate import Elaborated, elaborate
from mccli.language.names import canonical_name
from mccli.language.syntax import Declaration
from mccli.language.where import read_declarations
from mccli.session.naming import (
    describe_redefinition,
    refuse_definition,
    refuse_symbol,
    unchanging_function,
)
from mccli.session.state import Function, State
from mccli.session.statement import Declare

Changed = tuple[State, tuple[str, ...]]
"""A state, and sentences about what is new in it."""


def declare_symbols(state: State, line: Declare) -> Changed:
    """The state after declarations such as ``A : m x n, symmetric; x : n``.

    NameMistake if a name means something else, UsageError or ShapeError if what is declared contradicts itself.
    """
    before, sentences, items = state, [], _items(line)
    for item in items:
        state, said = _declare(state, item)
        sentences.append(said)
    return state, (*sentences, *consequences(before, state, {item.name for item in items}))


def _items(line: Declare) -> list[Declaration]:
    """The declarations in a line; ``a, b : scalar`` declares both."""
    if len(line.names) < 2:
        return list(read_declarations(line.text, Span(0, len(line.text))))
    texts = [f"{name} {line.rest}" for name in line.names]
    return [item for text in texts for item in read_declarations(text, Span(0, len(text)))]


def _declare(state: State, item: Declaration) -> tuple[State, str]:
    name = canonical_name(item.name)
    said = declare(Scope(), name, item.words)
    shape, properties = said.shapes.get(name), said.properties.get(name) or frozenset()
    refuse_symbol(state, name, frozenset(letter for size in shape or () for letter in size.letters()))
    scope = state.scope
    if shape is not None:
        scope = scope._replace(shapes={**scope.shapes, name: shape})
    kept = scope.properties.get(name, frozenset())
    scope = scope._replace(properties={**scope.properties, name: properties or kept})
    fresh = state._replace(scope=scope)
    old, new = _article(state.said(name)), _article(fresh.said(name))
    _refuse_contradiction(fresh, name, old)
    if old == new:
        return fresh, f"{name} is {new}, as before"
    return fresh, f"{name} is now {new}; it was {old}" if old else f"{name} is {new}"


def _article(said: str) -> str:
    return f"a {said}" if said.startswith("scalar") else said


def _refuse_contradiction(state: State, name: str, old: str) -> None:
    """A declaration must leave something that the symbol can be: no symmetric matrix is m×n."""
    try:
        elaborate(name, state.scope)
    except McError as error:
        error.marks = ()
        notes = [f"{name} was {old}; clear {name} forgets that"] if old else []
        raise UsageError(error.message, notes=[*error.notes, *notes]) from None


def declare_function(state: State, text: str) -> Changed:
    """The state after ``L(z): scalar``, a function without a body."""
    name = canonical_name(text.partition("(")[0].strip())
    refuse_definition(state, name)
    if name in state.scope.expressions and state.users(name):
        raise NameMistake(f"{' and '.join(state.users(name))} is defined by {name}", notes=[f"clear {name} first"])
    unchanging_function(state, name)
    sentences = describe_redefinition(state, name)
    before = state.without([name])
    scope = define(before.scope, text)
    added = frozenset(scope.functions) - frozenset(before.scope.functions)
    fresh = before.with_function(name, scope, Function(text, added))
    return fresh, (f"{text.strip()} is a function", *sentences, *consequences(state, fresh, {name}))


def consequences(before: State, after: State, changed: Collection[str]) -> tuple[str, ...]:
    """What a change of some names did to the definitions that use them: they are read otherwise, or no longer fit."""
    sentences = []
    for name in after.dependents(changed):
        was, found = _read(before, name), _read(after, name)
        if isinstance(found, McError):
            if not isinstance(was, McError):
                sentences.append(f"{name} no longer fits: {found.message}")
        elif isinstance(was, McError):
            sentences.append(f"{name} fits again")
        elif _kinds(was) != _kinds(found):
            sentences.append(f"{name} is read anew: {shape_text(found.expression.shape)}")
    return tuple(sentences)


def _kinds(read: Elaborated) -> dict[str, str]:
    """What the whole and every symbol is: scalar, vector or matrix."""
    shapes = {"": read.expression.shape, **{n: s.shape for n, s in read.symbols.items()}}
    return {n: "scalar" if s == SCALAR else "vector" if ONE in s else "matrix" for n, s in shapes.items()}


def _read(state: State, name: str) -> Elaborated | McError:
    try:
        return elaborate(state.call(name), state.scope, scalar=True)
    except McError as error:
        return error
