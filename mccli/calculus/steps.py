"""The lines of a derivation, and the rules that lead from one line to the next."""

from __future__ import annotations

from dataclasses import dataclass

from mccli.calculus.differential import DEFERRED, differential_symbol
from mccli.expressions.graph import walk
from mccli.expressions.tree import Apply, Node, Product, Symbol, is_operation, zeros
from mccli.language.rules import THROUGH_MEANING, build_rule, differential_rule, meaning


@dataclass(frozen=True)
class Rule:
    """Why a line follows: in words, or as an equation ``left = right`` from an operation's record."""

    words: str = ""
    left: Node | None = None
    right: Node | None = None


@dataclass(frozen=True)
class Step:
    """A line: what stands on the left ("" continues the line above), the expression, the rules applied."""

    left: str
    expression: Node
    rules: tuple[Rule, ...]


def rules_for(line: Node, varying: frozenset[str]) -> tuple[Rule, ...]:
    """The rules that opening the outermost d(...) of a line applies, each once."""
    found: dict[str, Rule] = {}
    for node in walk(line):
        if is_operation(node, "d"):
            inside = node.children()[0]
            name, rule = _rule_of(inside, varying)
            found.setdefault(name, rule)
    return tuple(found.values())


def _rule_of(inside: Node, varying: frozenset[str]) -> tuple[str, Rule]:
    if isinstance(inside, Product):
        return "product", Rule("product rule")
    if not isinstance(inside, Apply):
        return "sum", Rule("term by term")
    record = inside.operation
    if record.name == "series":
        return "sum", Rule("term by term")
    if record.name == "hadamard":
        return "hadamard", Rule("product rule")
    generic = _generic(inside)
    if record.d == THROUGH_MEANING:
        return record.name, Rule(f"definition of {record.name}", generic, meaning(generic))
    leaves = {
        f"d{parameter}": _generic_differential(letter) if argument.depends_on(varying) else zeros(letter.shape)
        for parameter, letter, argument in zip(record.parameters, generic.arguments, inside.arguments, strict=True)
    }
    left = Apply(DEFERRED, (generic,), (), generic.shape)
    return record.name, Rule("", left, build_rule(differential_rule(record), generic, leaves))


def _generic(node: Apply) -> Apply:
    """The operation over plain letters of the same shapes, for stating its rule."""
    arguments = tuple(
        a if a.is_scalar and not a.symbols else Symbol(_letter(p, a), a.shape)
        for p, a in zip(node.operation.parameters, node.arguments, strict=True)
    )
    return Apply(node.operation, arguments, node.sizes, node.shape)


def _letter(parameter: str, argument: Node) -> str:
    if len(parameter) > 1:
        return parameter
    matrix = argument.rows.number != 1 and argument.columns.number != 1
    return parameter.upper() if matrix else parameter.lower()


def _generic_differential(argument: Node) -> Node:
    return differential_symbol(argument) if isinstance(argument, Symbol) else zeros(argument.shape)
