"""A rough picture of an expression, by which the nearest records are found when none fits exactly."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from mccli.expressions.graph import walk
from mccli.expressions.tree import Apply, Node, Product, Sum, Symbol, Transpose


def sketch(node: Node, variables: Sequence[str]) -> Counter[str]:
    """Features with their numbers: operations, what stands directly under what, how often the variable occurs."""
    found: Counter[str] = Counter()
    for part in walk(node):
        label = _label(part, variables)
        found[label] += 1
        for child in part.children():
            found[f"{label}>{_label(child, variables)}"] += 1
    found[f"shape:{_kind(node)}"] += 2
    return found


def _kind(node: Node) -> str:
    if node.is_scalar:
        return "scalar"
    return "vector" if str(node.columns) == "1" else "matrix"


def _label(node: Node, variables: Sequence[str]) -> str:
    if isinstance(node, Symbol):
        return f"variable:{_kind(node)}" if node.name in variables else f"given:{_kind(node)}"
    if isinstance(node, Sum):
        return f"sum{len(node.terms)}"
    if isinstance(node, Product):
        return f"product{len(node.scalars) + len(node.chain)}"
    if isinstance(node, Transpose):
        return "transpose"
    return node.operation.name if isinstance(node, Apply) else type(node).__name__.lower()


def likeness(a: Counter[str], b: Counter[str]) -> float:
    """How much of the features two expressions share, from 0 to 1."""
    union = sum((a | b).values())
    return sum((a & b).values()) / union if union else 0.0
