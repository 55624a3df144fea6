"""What a derivation assumes: the conditions under which the function and its derivative exist.

Each operation states its domain in its record; what follows from declarations is not asked again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from mccli.errors import DeriveError
from mccli.expressions.graph import sums, walk
from mccli.expressions.tree import (
    Apply,
    Constant,
    Node,
    Number,
    Product,
    Sum,
    Symbol,
    Transpose,
    add,
    apply,
    broadcast,
    is_ones,
    is_operation,
    multiply,
    subtract,
    traits,
    transpose,
)
from mccli.language.rules import meaning


class Need(NamedTuple):
    """A condition of a kind ("positive", "invertible", "nonzero", ...) on a subexpression."""

    kind: str
    node: Node


def needs(expression: Node, inverted: Sequence[Node] = ()) -> list[Need]:
    """The conditions of an expression, each once, weaker ones dropped.

    DeriveError if an operation needs a symmetric argument that was not declared symmetric.
    """
    found: dict[Need, None] = {}
    bound = sums(expression)
    for node in walk(expression, bound):
        if isinstance(node, Apply) and node not in bound:
            for need in map(_simpler, _of_operation(node)):
                if not certain(need):
                    found.setdefault(need)
    for matrix in inverted:
        need = Need("invertible" if not matrix.is_scalar else "nonzero entries", matrix)
        if not certain(need):
            found.setdefault(need)
    return without_weaker(found)


def without_weaker(found: Iterable[Need]) -> list[Need]:
    """Each condition once, without those that another one implies."""
    each = list(dict.fromkeys(found))
    positive_determinants = {n.node.children()[0] for n in each if n.kind == "positive" and is_operation(n.node, "det")}
    return [n for n in each if not (n.kind == "invertible" and n.node in positive_determinants)]


def _of_operation(node: Apply) -> list[Need]:
    record = node.operation
    named = dict(zip(record.parameters, node.arguments, strict=False))
    domain = record.domain
    if record.declared is not None and record.declared[1] == "defined":
        return [n for part in walk(meaning(node)) if isinstance(part, Apply) for n in _of_operation(part)]
    if domain == "any" or record.name == "hadamard":
        return []
    if domain == "power":
        return _of_power(*node.arguments)
    if domain == "unique solution":
        return [Need("unique solution", node)]
    if domain == "lo < hi":
        return [Need("positive", subtract(named["hi"], named["lo"]))]
    if domain == "x > -1":
        return [Need("positive", add(_spread_one(named["x"]), named["x"]))]
    if domain == "0 < x < 1":
        return [Need("positive", named["x"]), Need("positive", subtract(_spread_one(named["x"]), named["x"]))]
    if domain == "A symmetric, B spd":
        _refuse_unsymmetric(record.name, named["A"])
        pencil = multiply(apply("inv", named["B"]), named["A"])
        return [Need("spd", named["B"]), Need("distinct eigenvalues", pencil)]
    if domain.endswith("symmetric with distinct eigenvalues"):
        return [_symmetric(record.name, node.arguments[0])]
    for pattern, kind in _PATTERNS:
        prefix, suffix = pattern
        if domain.startswith(prefix) and domain.endswith(suffix):
            name = domain[len(prefix) : len(domain) - len(suffix)]
            if name in named:
                return [Need(kind, named[name])]
    first, _, rest = domain.partition(" ")
    return [Need(rest, named[first])]


_PATTERNS = (
    (("entries of ", " != 0"), "nonzero entries"),
    (("rows of ", " != 0"), "nonzero rows"),
    (("columns of ", " != 0"), "nonzero columns"),
    (("|", "| < 1"), "within one"),
    (("", " > 0"), "positive"),
    (("", " != 0"), "nonzero"),
)


def _of_power(base: Node, exponent: Node) -> list[Need]:
    if isinstance(exponent, Number):
        if exponent.value.denominator != 1:
            return [Need("positive", base)]
        return [Need("nonzero entries", base)] if exponent.value < 0 else []
    if _is_whole(exponent):
        return [Need("whole", exponent)] if exponent.symbols else []
    return [Need("positive", base)]


def _is_whole(exponent: Node) -> bool:
    """Whether an exponent is surely whole: sizes, whole symbols, and their sums and products with whole numbers."""
    if isinstance(exponent, Symbol):
        return "integer" in exponent.properties
    if isinstance(exponent, Sum):
        return all(c.denominator == 1 and _is_whole(n) for c, n in exponent.terms)
    if isinstance(exponent, Product):
        return exponent.coefficient.denominator == 1 and all(_is_whole(n) for n in exponent.children())
    if isinstance(exponent, Number):
        return exponent.value.denominator == 1
    return isinstance(exponent, Constant) and exponent.name == "size"


def _simpler(need: Need) -> Need:
    """x'x ≠ 0, x'S x ≠ 0 with S positive definite, and ‖x‖² ≠ 0 say that x ≠ 0."""
    if need.kind not in ("positive", "nonzero entries"):
        return need
    node = need.node
    if is_operation(node, "sqnorm"):
        return Need("nonzero", node.children()[0])
    if isinstance(node, Product) and len(node.chain) in (2, 3) and node.is_scalar and not node.scalars:
        middle = node.chain[1:-1]
        if transpose(node.chain[0]) == node.chain[-1] and all("spd" in traits(n) for n in middle):
            return Need("nonzero", node.chain[-1])
    return need


def _spread_one(x: Node) -> Node:
    return broadcast(Number(1), x.shape)


def _symmetric(operation: str, argument: Node) -> Need:
    _refuse_unsymmetric(operation, argument)
    return Need("distinct eigenvalues", argument)


def _refuse_unsymmetric(operation: str, argument: Node) -> None:
    if "symmetric" not in traits(argument):
        raise DeriveError(
            f"{operation} is defined here for symmetric matrices only",
            notes=["declare the matrix symmetric, for example --assume X:symmetric"],
        )


_BELOW_ONE = ("sigmoid", "normcdf", "softmax", "softmax_rows", "softmax_cols")


def _is_complement(node: Node) -> bool:
    """1 - f(u) for a function with values between 0 and 1."""
    if not isinstance(node, Sum) or len(node.terms) != 2:
        return False
    terms = {n: c for c, n in node.terms}
    rest = [n for n in terms if not (is_ones(n) or isinstance(n, Number))]
    one = [c for n, c in terms.items() if n not in rest]
    return one == [1] and terms[rest[0]] == -1 and any(is_operation(rest[0], name) for name in _BELOW_ONE)


def certain(need: Need) -> bool:
    """Whether a condition follows from the declarations."""
    node = need.node.operand if isinstance(need.node, Transpose) else need.node
    known = traits(node)
    match need.kind:
        case "positive":
            return (
                "positive" in known
                or _is_complement(node)
                or (is_operation(node, "det") and "spd" in traits(node.children()[0]))
            )
        case "nonzero entries" | "nonzero" | "nonzero rows" | "nonzero columns":
            return "positive" in known or _is_complement(node) or (isinstance(node, Number) and node.value != 0)
        case "invertible" | "full rank" | "full column rank":
            return "invertible" in known or "fullrank" in known
        case "no negative eigenvalues":
            return "spd" in known
        case "whole":
            return isinstance(node, Number) and node.value.denominator == 1
        case "spd":
            return "spd" in known
        case "within one":
            return isinstance(node, Number) and abs(node.value) < 1
    return False
