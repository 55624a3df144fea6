"""Results that get a name: ``ans``, ``g = ans``, ``g = grad f x``."""

from __future__ import annotations

from mccli.errors import McError, NameMistake
from mccli.expressions.tree import Node
from mccli.language.declare import Scope, function_spellings
from mccli.language.definitions import Definition, moved_tree
from mccli.language.elaborate import Elaborated, elaborate
from mccli.language.parser import parse
from mccli.render.text import text
from mccli.session.state import ANS, State


def definition_of(name: str, read: Elaborated, node: Node) -> Definition:
    """The definition by which a name stands for a result of an expression that was read.

    NameMistake if what would be read is not that result: a formula is printed to be read by people.
    """
    head = f"{name} = "
    formula = text(node, ascii_only=True)
    try:
        tree = parse(formula, functions=function_spellings(read.scope), names=_names(read.scope, node)).tree
        same = elaborate(formula, _with_symbols(read, node)).expression == node
    except McError:
        same = False
    if not same:
        raise NameMistake(f"this result cannot be called {name}: it cannot be read back as it is printed")
    return Definition(head + formula, (), moved_tree(tree, len(head)))


def _names(scope: Scope, node: Node) -> frozenset[str]:
    return scope.known() | node.symbols


def _with_symbols(read: Elaborated, node: Node) -> Scope:
    """The scope in which an expression was read, with the shapes that were found for its symbols."""
    shapes = {name: symbol.shape for name, symbol in read.symbols.items() if name in node.symbols}
    return read.scope._replace(shapes={**read.scope.shapes, **shapes})


def with_last_result(state: State) -> State:
    """The state in which ``ans`` stands for the last result. NameMistake if there is none."""
    if state.result is None:
        raise NameMistake(f"{ANS} is the result of the last question, and there is none")
    read, node, basis = state.result
    return state.with_expression(ANS, definition_of(ANS, read, node), basis)
