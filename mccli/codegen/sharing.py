"""Products of two neighbours that occur in several chains of matrices, so that they are worth computing first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from mccli.codegen.context import rank
from mccli.expressions.tree import Node, Product, transpose

Pair = tuple[int, int]


def pair_key(left: Node, right: Node) -> Pair:
    """A key of the product of two matrices; that of its transpose is the same."""
    return min((left.key, right.key), (transpose(right).key, transpose(left).key))


def frequent_pairs(nodes: Iterable[Node]) -> frozenset[Pair]:
    """The products of neighbours that stand more than once in chains of matrices without a vector."""
    counts: Counter[Pair] = Counter()
    for node in nodes:
        if isinstance(node, Product) and node.chain and all(rank(n.shape) == 2 for n in node.chain):
            counts.update({pair_key(a, b) for a, b in zip(node.chain, node.chain[1:], strict=False) if a != b})
    return frozenset(pair for pair, count in counts.items() if count > 1)
