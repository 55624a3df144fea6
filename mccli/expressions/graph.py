"""Walking an expression as a graph: every shared node once."""

from __future__ import annotations

from collections.abc import Container, Iterator

from mccli.expressions.tree import (
    Apply,
    Constant,
    Node,
    Number,
    Product,
    Sum,
    Transpose,
    add,
    apply,
    multiply,
    scaled,
    transpose,
)


def walk(node: Node, stop: Container[Node] = ()) -> Iterator[Node]:
    """Every distinct node of the expression graph once, children before parents; not below ``stop``."""
    seen: set[int] = set()
    stack: list[tuple[Node, bool]] = [(node, False)]
    while stack:
        current, expanded = stack.pop()
        if expanded:
            yield current
        elif current.key not in seen:
            seen.add(current.key)
            stack.append((current, True))
            if current not in stop:
                stack += [(child, False) for child in reversed(current.children())]


def rebuild(node: Node, children: tuple[Node, ...]) -> Node:
    """The same node over other children, through the constructors."""
    if isinstance(node, Sum):
        pairs = zip(node.terms, children, strict=True)
        return add(*(multiply(Number(c), n) if isinstance(n, Sum) else scaled(c, n) for (c, _), n in pairs))
    if isinstance(node, Product):
        return multiply(Number(node.coefficient), *children)
    if isinstance(node, Transpose):
        return transpose(children[0])
    if isinstance(node, Apply):
        return apply(node.operation, *children, sizes=node.sizes)
    return node


def substitute(node: Node, replacement: dict[Node, Node]) -> Node:
    """The expression with nodes replaced, shared parts visited once."""
    done: dict[Node, Node] = {}
    for current in walk(node, replacement):
        if current in replacement:
            done[current] = replacement[current]
            continue
        children = current.children()
        fresh = tuple(done[child] for child in children)
        changed = any(a is not b for a, b in zip(children, fresh, strict=True))
        done[current] = rebuild(current, fresh) if changed else current
    return done[node]


def size_letters(node: Node) -> frozenset[str]:
    """The size letters in constants and size parameters (an index of a sum can be one: unit(i, n))."""
    sizes = [size for n in walk(node) if isinstance(n, Constant | Apply) for size in n.sizes]
    return frozenset(letter for size in sizes for letter in size.letters())


def count_nodes(node: Node) -> int:
    """Number of distinct nodes: the size of the expression as a graph."""
    return sum(1 for _ in walk(node))
