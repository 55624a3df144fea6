"""Walking an expression as a graph: every shared node once."""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Iterator, Mapping
from functools import cached_property

from mccli.expressions.constants import resized
from mccli.expressions.sizes import letter_size
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
    is_operation,
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
    """The expression with nodes replaced, shared parts visited once; the index of a sum is renamed out of the way."""
    done: dict[Node, Node] = {}
    stop = _Replaced(replacement)
    for current in walk(node, stop):
        if current in replacement:
            done[current] = replacement[current]
            continue
        if isinstance(current, Apply) and current in stop:
            done[current] = substitute(apart(current, stop.names), replacement)
            continue
        children = current.children()
        fresh = tuple(done[child] for child in children)
        changed = any(a is not b for a, b in zip(children, fresh, strict=True))
        done[current] = rebuild(current, fresh) if changed else current
    return done[node]


class _Replaced(Container[Node]):
    """What a substitution replaces, and the sums over an index that occurs in it."""

    def __init__(self, replacement: Mapping[Node, Node]) -> None:
        self.replacement = replacement

    @cached_property
    def names(self) -> frozenset[str]:
        return names_in(*self.replacement, *self.replacement.values())

    def __contains__(self, node: object) -> bool:
        if node in self.replacement:
            return True
        return (
            isinstance(node, Apply)
            and is_operation(node, "series")
            and not self.names.isdisjoint(node.arguments[0].symbols)
        )


def sums(node: Node) -> frozenset[Node]:
    """The sums over an index in an expression. The index has no value outside its sum."""
    return frozenset(n for n in walk(node) if is_operation(n, "series"))


def inside_sums(node: Node) -> frozenset[Node]:
    """The parts of an expression that have no value of their own, since they mention the index of a sum around them."""
    found: set[Node] = set()
    for series in sums(node):
        index, _low, _high, body = series.children()
        found |= {n for n in walk(body) if not index.symbols.isdisjoint(n.symbols | size_letters(n))}
    return frozenset(found)


def apart(series: Apply, names: Collection[str]) -> Apply:
    """The same sum over an index that has none of the given names, so that what has them can be put into the body."""
    index, low, high, body = series.arguments
    assert isinstance(index, Symbol)
    if index.name not in names:
        return series
    other = Symbol(fresh_index(index.name, {*names, *names_in(body)}), index.shape, index.properties, index.role)
    return Apply(series.operation, (other, low, high, _renamed(body, index, other)), series.sizes, series.shape)


def fresh_index(wanted: str, used: Collection[str]) -> str:
    """A name for the index of a sum that is not used."""
    choices: Iterable[str] = (wanted, *"rijlst", *(f"r{i}" for i in range(len(used) + 1)))
    return next(name for name in choices if name not in used)


def names_in(*nodes: Node) -> frozenset[str]:
    """The names of the symbols and of the sizes in expressions: none may be given to the index of a sum around them."""
    sizes = {letter for n in nodes for size in n.shape for letter in size.letters()}
    return frozenset(sizes).union(*(n.symbols | size_letters(n) for n in nodes))


def _renamed(node: Node, index: Symbol, other: Symbol) -> Node:
    """The expression with another index, which may stand in sizes too, as in unit(i, n)."""
    sizes = {index.name: letter_size(other.name)}
    done: dict[Node, Node] = {}
    for current in walk(node):
        children = tuple(done[c] for c in current.children())
        if isinstance(current, Constant):
            done[current] = resized(current, sizes)
        elif isinstance(current, Apply):
            done[current] = apply(current.operation, *children, sizes=tuple(s.substitute(sizes) for s in current.sizes))
        else:
            done[current] = other if current == index else rebuild(current, children)
    return done[node]


def size_letters(node: Node) -> frozenset[str]:
    """The size letters in constants and size parameters (an index of a sum can be one: unit(i, n))."""
    sizes = [size for n in walk(node) if isinstance(n, Constant | Apply) for size in n.sizes]
    return frozenset(letter for size in sizes for letter in size.letters())


def count_nodes(node: Node) -> int:
    """Number of distinct nodes: the size of the expression as a graph."""
    return sum(1 for _ in walk(node))
