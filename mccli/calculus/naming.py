"""Names for shared parts, so that a derivation reads well and a deep chain stays linear in size.

A part is named when it occurs more than once in the function or in the derivative and is long enough for a
name to help, or when it is the residual inside a norm.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import NamedTuple

from mccli.expressions.graph import inside_sums, substitute, walk
from mccli.expressions.sizes import ONE
from mccli.expressions.tree import (
    Apply,
    Constant,
    Node,
    Number,
    Product,
    Sum,
    Symbol,
    Transpose,
    is_operation,
    traits,
)

NORMS = frozenset({"norm2", "normF", "sqnorm", "norm1"})
LONG = 6
"""Nodes in the printed tree from which on a repeated part gets a name."""


class Definition(NamedTuple):
    """A name for a part: ``r = A x - b``."""

    symbol: Symbol
    expression: Node


def weight(node: Node, known: dict[Node, int] | None = None) -> int:
    """Number of nodes of the printed tree, shared parts counted each time (bounded, never walked twice)."""
    table: dict[Node, int] = {} if known is None else known
    for current in walk(node):
        if current not in table:
            table[current] = min(10**9, 1 + sum(table[c] for c in current.children()))
    return table[node]


def occurrences(roots: Iterable[Node]) -> dict[Node, int]:
    """How often each part stands in the expression graphs, transposes counted with what they transpose."""
    counts: dict[Node, int] = {}
    seen: set[Node] = set()
    for root in roots:
        for node in walk(root):
            if node in seen:
                continue
            seen.add(node)
            if not isinstance(node, Transpose):
                for child in node.children():
                    inner = child.operand if isinstance(child, Transpose) else child
                    counts[inner] = counts.get(inner, 0) + 1
    return counts


def choose_parts(expression: Node, derivatives: Sequence[Node], names: Collection[str]) -> list[Node]:
    """The parts of the expression that deserve a name, inner ones first."""
    weights: dict[Node, int] = {}
    for root in (expression, *derivatives):
        weight(root, weights)
    in_value, in_derivative = occurrences([expression]), occurrences(derivatives)
    bound = inside_sums(expression)
    normed = {n.children()[0] for n in walk(expression) if isinstance(n, Apply) and n.operation.name in NORMS}
    chosen = {n for n in _declared_arguments(expression) if n.depends_on(names) and n != expression}
    order = [n for n in walk(expression) if n.depends_on(names) and not isinstance(n, Symbol | Transpose)]
    for node in order:
        if node == expression or is_operation(node, "power"):
            continue
        often = max(in_value.get(node, 0), in_derivative.get(node, 0)) > 1
        complement = _complement_of(node, names)
        if complement is not None:
            if often and _helps(complement, weights[complement]):
                chosen.add(complement)
            continue
        residual = isinstance(node, Sum) and not node.is_scalar
        if (often and (residual or _helps(node, weights[node]))) or (residual and node in normed):
            chosen.add(node)
            if _is_output(node) and not isinstance(node.children()[0], Symbol) and not node.is_scalar:
                chosen.add(node.children()[0])
    return [n for n in order if n in chosen and n not in bound and not isinstance(n, Symbol)]


def _declared_arguments(expression: Node) -> Iterator[Node]:
    """What stands inside a declared scalar function: the Z of L(Z)."""
    for node in walk(expression):
        if isinstance(node, Apply) and node.operation.declared is not None and node.operation.declared[1] == "scalar":
            inside = node.arguments[0]
            yield inside
            if _is_output(inside):
                yield inside.children()[0]


def _complement_of(node: Node, names: Collection[str]) -> Node | None:
    """f(u) for a node c - f(u): what deserves a name in 1 - σ(u) is σ(u)."""
    if not isinstance(node, Sum):
        return None
    moving = [n for _, n in node.terms if n.depends_on(names)]
    single = len(moving) == 1 and isinstance(moving[0], Apply) and moving[0].operation.elementwise
    return moving[0] if single else None


def _helps(node: Node, size: int) -> bool:
    if isinstance(node, Product) and node.is_scalar:
        return size > 3 * LONG
    if isinstance(node, Product) and len(node.chain) < 3 and not any(isinstance(n, Sum) for n in node.chain):
        return size > 2 * LONG
    return size >= LONG


def _is_output(node: Node) -> bool:
    return isinstance(node, Apply) and (node.operation.elementwise or node.operation.name.startswith("softmax"))


def is_residual(part: Node) -> bool:
    """Whether a part is a difference of data and fit, as A x - b is and 1 - h.^2 is not."""
    return isinstance(part, Sum) and any(c < 0 for c, _ in part.terms) and not _has_constant(part)


def _has_constant(part: Sum) -> bool:
    return any(isinstance(n, Number | Constant) for _, n in part.terms)


_VECTORS = {"residual": "reuv", "layer": "zuvt", "output": "ahyc", "other": "uvhe"}
_MATRICES = {"residual": "REU", "layer": "ZUV", "output": "HPYC", "other": "SMQP"}
_SCALARS = "stuvq"


def _role(part: Node) -> str:
    if is_residual(part):
        return "residual"
    if _is_output(part):
        return "output"
    if isinstance(part, Sum) and _has_constant(part):
        return "other"
    return "layer" if isinstance(part, Sum | Product) and "symmetric" not in traits(part) else "other"


def _pool(part: Node) -> str:
    """Letters for a part in the habit of the field: r for residuals, z for layers, a for their outputs."""
    if part.is_scalar:
        return _SCALARS
    return (_VECTORS if ONE in part.shape else _MATRICES)[_role(part)]


def name_parts(expression: Node, parts: Sequence[Node], taken: Collection[str]) -> tuple[Node, list[Definition]]:
    """The expression in terms of named parts, and their definitions in order of use."""
    used = set(taken)
    replaced: dict[Node, Node] = {}
    definitions: list[Definition] = []
    pools = [_pool(p) for p in parts]
    for part, pool in zip(parts, pools, strict=True):
        body = substitute(part, replaced)
        if isinstance(body, Symbol):
            continue
        name = _fresh(pool, pools.count(pool) > 1, used)
        used |= {name, f"d{name}"}
        symbol = Symbol(name, part.shape, traits(part), "named")
        replaced[part] = symbol
        definitions.append(Definition(symbol, body))
    return substitute(expression, replaced), definitions


def _fresh(pool: str, several: bool, used: Collection[str]) -> str:
    """A free name from the pool; numbered if several parts draw from it."""
    letter = next((c for c in pool if c not in used), pool[0])
    if letter not in used and not several:
        return letter
    return numbered(letter, used)


def numbered(base: str, used: Collection[str]) -> str:
    """A free name with a number: δ1, δ2, ..."""
    return next(f"{base}{i}" for i in range(1, 10_000) if f"{base}{i}" not in used)
