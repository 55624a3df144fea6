"""Definitions: a name for an expression or for a result, a function of its arguments, a function entry by entry."""

from __future__ import annotations

from mccli.errors import McError, NameMistake
from mccli.language.declare import function_spellings
from mccli.language.definitions import Definition, moved_tree, names_in
from mccli.language.elaborate import elaborate
from mccli.language.names import canonical_name
from mccli.language.parser import parse
from mccli.language.syntax import Syntax
from mccli.session.asking import derivative, read, refuse_unclear
from mccli.session.declaring import consequences
from mccli.session.loading import load
from mccli.session.naming import describe_redefinition, refuse_definition, unchanging_function
from mccli.session.reply import Reply, Said, Value
from mccli.session.results import definition_of
from mccli.session.state import ANS, Function, State
from mccli.session.statement import Ask, Define, read_question


def define(state: State, line: Define) -> tuple[State, Reply]:
    """The state after ``f = ...`` or ``f(x) = ...``, and the expression with its shape.

    NameMistake if the name means something else; McError if the expression cannot be read.
    """
    name = canonical_name(line.name)
    refuse_definition(state, name)
    asked = read_question(line.body, state.names())
    if asked.kind != "value" and not line.parameters:
        return _define_derivative(state, line, name, asked)
    tree = _parsed(state, line, name)
    if _is_entrywise(line, tree, state):
        found = _define_entrywise(state, line, name)
        if found is not None:
            return found
    return _define_expression(state, line, name, tree)


def _parsed(state: State, line: Define, name: str) -> Syntax:
    parameters = [canonical_name(p) for p in line.parameters]
    for parameter in parameters:
        if parameter in function_spellings(state.scope) or parameter in state.scope.expressions or parameter == name:
            raise NameMistake(f"{parameter} means something else and cannot be an argument", notes=["write x or t"])
    refuse_unclear(state, line.body)
    scope = state.scope
    tree = parse(line.body, functions=function_spellings(scope), names=[*scope.known(), *parameters]).tree
    if name in names_in(tree):
        raise NameMistake(f"{name} would be defined by itself", notes=["give the new expression another name"])
    return moved_tree(tree, line.start)


def _define_expression(state: State, line: Define, name: str, tree: Syntax) -> tuple[State, Reply]:
    parameters = tuple(canonical_name(p) for p in line.parameters)
    _refuse_other_arguments(state, name, parameters)
    if ANS in names_in(tree):
        return _define_from_ans(state, line, name)
    sentences = describe_redefinition(state, name)
    base = state.without([name]) if name in state.functions else state
    fresh = base.with_expression(name, Definition(line.text, parameters, tree))
    shown = Value(fresh.call(name), read(fresh, fresh.call(name) if parameters else line.body), (), sentences)
    return fresh, shown._replace(sentences=(*sentences, *consequences(state, fresh, {name})))


def _define_from_ans(state: State, line: Define, name: str) -> tuple[State, Reply]:
    """``g = 2 ans``: what ans is now, for ans is something else after the next question."""
    if line.parameters:
        raise NameMistake(f"{ANS} is the last result and changes", notes=[f"g = {ANS} keeps it under a name"])
    found = read(state, line.body)
    definition = definition_of(name, found, found.expression)
    basis = state.basis_of(found)._replace(asked="")
    fresh = state.with_expression(name, definition, basis)
    return fresh, Value(name, found, (), describe_redefinition(state, name))


def _define_derivative(state: State, line: Define, name: str, ask: Ask) -> tuple[State, Reply]:
    """``g = grad f x``: the result, as long as what it was found from stays as it is."""
    _refuse_other_arguments(state, name, ())
    answer = derivative(state, ask)
    node = answer.node
    if node is None:
        raise NameMistake("this is no single expression that could have a name", notes=["ask for one derivative"])
    basis = state.basis_of(answer.read)._replace(asked=line.text)
    fresh = state.with_expression(name, definition_of(name, answer.read, node), basis)
    return fresh, answer._replace(sentences=(f"{name} stands for this result", *describe_redefinition(state, name)))


def _refuse_other_arguments(state: State, name: str, parameters: tuple[str, ...]) -> None:
    """``f`` becoming ``f(x)`` where another definition uses f."""
    users = state.users(name)
    if users and (name in state.functions or len(state.arguments(name)) != len(parameters)):
        raise NameMistake(
            f"{' and '.join(users)} uses {name} as it is",
            notes=[f"clear {' '.join(users)} first, or take another name"],
        )


# ------------------------------------------------------------------------------------------------ entry by entry


def _is_entrywise(line: Define, tree: Syntax, state: State) -> bool:
    """Whether a function may act entry by entry: one lowercase argument, and no other name in its body."""
    if len(line.parameters) != 1:
        return False
    parameter = canonical_name(line.parameters[0])
    others = names_in(tree) - {parameter, "π", "pi"} - set(function_spellings(state.scope).values())
    return parameter[0].islower() and parameter in names_in(tree) and not others


def _define_entrywise(state: State, line: Define, name: str) -> tuple[State, Reply] | None:
    """``phi(t) = t*sigmoid(t)`` by SymPy; None if the body does not act entry by entry."""
    symbolic = load("mccli.symbolic.define")  # SymPy: only for a function with a body
    base = state.without([name])
    try:
        scope = symbolic.define_function(base.scope, f"{line.name}({line.parameters[0]}) = {line.body}")
    except McError:
        return None
    if name in state.scope.expressions:
        _refuse_other_arguments(state, name, (*line.parameters, ""))
    unchanging_function(state, name)
    added = frozenset(scope.functions) - frozenset(base.scope.functions)
    uses = frozenset(names_in(parse(line.body, functions=function_spellings(base.scope)).tree)) & set(state.functions)
    fresh = base.with_function(name, scope, Function(line.text, added, uses))
    said = (
        f"{line.text} acts entry by entry",
        *describe_redefinition(state, name),
        *consequences(state, fresh, {name}),
    )
    elaborate(f"{name}({line.parameters[0]})", fresh.scope)
    return fresh, Said(said)
