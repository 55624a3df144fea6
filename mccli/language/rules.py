"""Rule texts of the operations turned into nodes: read once, built over the arguments at hand."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from mccli.errors import DeriveError
from mccli.expressions.operation import THROUGH_MEANING, UNKNOWN, Operation
from mccli.expressions.operations import spellings
from mccli.expressions.tree import Apply, Node, Symbol, traits
from mccli.language.build import FORMS, FRECHET, Builder
from mccli.language.declare import FORM_SPELLINGS
from mccli.language.parser import parse
from mccli.language.syntax import Syntax

_RELATED = frozenset({"gradient", "hessian", "derivative", "jacobian", "curvature"})


@cache
def _functions() -> dict[str, str]:
    return spellings() | dict(FORM_SPELLINGS) | {name: name for name in FORMS | _RELATED}


@cache
def rule_syntax(text: str, names: tuple[str, ...]) -> Syntax:
    """The syntax tree of a rule text whose leaves have the given names."""
    return parse(text, functions=_functions(), names=names).tree


def build_rule(text: str, node: Apply, leaves: Mapping[str, Node]) -> Node:
    """A rule of ``node``'s operation over its arguments and the given further leaves (dx, M, ...)."""
    record = node.operation
    names = dict(zip(record.parameters, node.arguments, strict=True)) | dict(leaves) | {"self": node}
    sizes = dict(zip(record.size_parameters, node.sizes, strict=True))
    related = record.related() if record.related is not None else {}
    tree = rule_syntax(text, tuple(sorted({*names, *sizes})))
    return Builder(names, sizes, related).build(tree)


def meaning(node: Apply) -> Node:
    """The definition of an operation, written out for its arguments."""
    return build_rule(node.operation.means, node, {})


def generic(node: Apply) -> tuple[Apply, dict[Node, Node]]:
    """The operation over fresh symbols in the place of its arguments, and what each of them stands for."""
    letters = tuple(
        Symbol(f"⟨{parameter}⟩", argument.shape, traits(argument))
        for parameter, argument in zip(node.operation.parameters, node.arguments, strict=True)
    )
    return Apply(node.operation, letters, node.sizes, node.shape), dict(zip(letters, node.arguments, strict=True))


def adjoint_rule(record: Operation, parameter: str) -> str:
    """The adjoint of an operation in one argument. DeriveError if it is not linear there."""
    rule = record.adjoint.get(parameter)
    if rule is None:
        raise DeriveError(f"mc cannot move {record.name} across an inner product: no adjoint is known")
    return rule


class NoMatrix(DeriveError):
    """A Jacobian is asked for that mc has no formula for, though it knows its product with a direction."""


def vec_rule(record: Operation, parameter: str) -> str:
    """The text of the V in vec(f(E)) = V vec(E). NoMatrix if the operation is not linear there or V is not known."""
    rule = record.vec.get(parameter, UNKNOWN)
    if rule == UNKNOWN:
        raise NoMatrix(
            f"mc has no formula for the Jacobian of {record.name.removeprefix(FRECHET)} as a matrix",
            notes=["--along V gives its product with a direction V, which needs no such matrix"],
        )
    return rule


def differential_rule(record: Operation) -> str:
    """The text of d. DeriveError if there is none."""
    if record.d == UNKNOWN:
        raise DeriveError(f"mc knows no derivative of {record.name}")
    return record.d


__all__ = ["THROUGH_MEANING", "adjoint_rule", "build_rule", "differential_rule", "meaning", "rule_syntax", "vec_rule"]
