"""Products and sums of matrices put together from blocks: [A; B] C = [AC; BC], [A, B][C; D] = AC + BD.

Carried out where a block is I or 0, as in the Jacobian of [F; G], so that the result is shorter
(Magnus & Neudecker 1.11; Horn & Johnson, Matrix Analysis, 0.7).
"""

from __future__ import annotations

from mccli.expressions.tree import (
    Apply,
    Node,
    Sum,
    add,
    apply,
    is_eye,
    is_operation,
    is_zero,
    multiply,
    scaled,
    split_coefficient,
)

ON_TOP, BESIDE = "vcat", "hcat"


def stacked_product(left: Node, right: Node) -> list[Node] | None:
    """The product of two neighbours of which one consists of blocks, I or 0 among them; else None."""
    if is_operation(left, BESIDE) and is_operation(right, ON_TOP) and (_is_plain(left) or _is_plain(right)):
        (a, b), (c, d) = left.children(), right.children()
        return [add(multiply(a, c), multiply(b, d))] if a.columns == c.rows else None
    if is_operation(left, ON_TOP) and _is_plain(left):
        return [_over_rows(left, right)]
    if is_operation(right, BESIDE) and _is_plain(right):
        return [_over_columns(left, right)]
    return None


def _is_plain(node: Node) -> bool:
    """Whether I or 0 is among the blocks."""
    return any(is_eye(n) or is_zero(n) or (_is_stack(n) and _is_plain(n)) for n in node.children())


def _is_stack(node: Node) -> bool:
    return is_operation(node, ON_TOP) or is_operation(node, BESIDE)


def _over_rows(left: Node, right: Node) -> Node:
    """[A; B] C = [AC; BC]."""
    return apply(
        ON_TOP, *(_over_rows(n, right) if is_operation(n, ON_TOP) else multiply(n, right) for n in left.children())
    )


def _over_columns(left: Node, right: Node) -> Node:
    """A [B, C] = [AB, AC]."""
    parts = right.children()
    return apply(BESIDE, *(_over_columns(left, n) if is_operation(n, BESIDE) else multiply(left, n) for n in parts))


def sum_of_stacks(node: Sum) -> Node:
    """[A; B] + [C; D] = [A + C; B + D] where I or 0 is among the blocks; other sums as they are."""
    terms = list(node.terms)
    for i, (c, first) in enumerate(terms):
        for j, (d, second) in enumerate(terms[:i]):
            both = _together(scaled(c, first), scaled(d, second))
            if both is not None:
                rest = [scaled(e, n) for k, (e, n) in enumerate(terms) if k not in (i, j)]
                return add(both, *rest)
    return node


def _together(first: Node, second: Node) -> Node | None:
    (c, a), (d, b) = split_coefficient(first), split_coefficient(second)
    alike = _is_stack(a) and is_operation(b, a.operation.name) if isinstance(a, Apply) else False
    if not alike or [n.shape for n in a.children()] != [n.shape for n in b.children()]:
        return None
    if not (_is_plain(a) or _is_plain(b)):
        return None
    assert isinstance(a, Apply)
    return apply(
        a.operation, *(_sum(scaled(c, m), scaled(d, n)) for m, n in zip(a.children(), b.children(), strict=True))
    )


def _sum(first: Node, second: Node) -> Node:
    both = add(first, second)
    return sum_of_stacks(both) if isinstance(both, Sum) else both
