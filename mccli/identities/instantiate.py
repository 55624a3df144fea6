"""A record's formula over the user's own symbols, sizes and functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mccli.expressions.constants import resized
from mccli.expressions.declared import array_function, elementwise_function, scalar_function
from mccli.expressions.graph import rebuild, walk
from mccli.expressions.operation import Operation
from mccli.expressions.sizes import Shape, Size, letter_size
from mccli.expressions.tree import Apply, Constant, Node, Symbol, apply

Sizes = Mapping[str, Size]


def instantiate(
    node: Node, symbols: Mapping[str, Node], sizes: Sizes, functions: Mapping[str, str] | None = None
) -> Node:
    """The formula with symbols, size letters and declared functions replaced; others keep their names."""
    parts = list(walk(node))
    fresh = _fresh_indices(parts, symbols, sizes)
    if fresh:
        symbols = {**symbols, **fresh}
        sizes = {**sizes, **{name: letter_size(s.name) for name, s in fresh.items()}}
    done: dict[Node, Node] = {}
    for part in parts:
        done[part] = _one(part, done, symbols, sizes, functions or {})
    return done[node]


def _fresh_indices(parts: Sequence[Node], symbols: Mapping[str, Node], sizes: Sizes) -> dict[str, Symbol]:
    """Other names for the indices of sums that a new name would be taken for."""
    indices = [n.arguments[0] for n in parts if isinstance(n, Apply) and n.operation.name == "series"]
    if not indices:
        return {}
    taken = {letter for size in sizes.values() for letter in size.letters()}
    taken = taken.union(*(given.symbols for given in symbols.values()))
    found: dict[str, Symbol] = {}
    for index in indices:
        if isinstance(index, Symbol) and index.name in taken and index.name not in found:
            name = next(f"{index.name}{i}" for i in range(1, len(taken) + 2) if f"{index.name}{i}" not in taken)
            found[index.name] = Symbol(name, index.shape, index.properties, index.role)
    return found


def _one(
    part: Node, done: Mapping[Node, Node], symbols: Mapping[str, Node], sizes: Sizes, functions: Mapping[str, str]
) -> Node:
    if isinstance(part, Symbol):
        given = symbols.get(part.name)
        if given is not None:
            return given
        return Symbol(part.name, _resized(part.shape, sizes), part.properties, part.role)
    if isinstance(part, Constant):
        return resized(part, sizes)
    children = tuple(done[child] for child in part.children())
    if isinstance(part, Apply):
        operation = _operation(part.operation, sizes, functions)
        return apply(operation, *children, sizes=tuple(size.substitute(sizes) for size in part.sizes))
    return rebuild(part, children)


def _resized(shape: Shape, sizes: Sizes) -> Shape:
    return (shape[0].substitute(sizes), shape[1].substitute(sizes))


def _operation(record: Operation, sizes: Sizes, functions: Mapping[str, str]) -> Operation:
    """A declared function, or a derivative of one, under its new name and with its new sizes."""
    if record.declared is None:
        return record
    name, kind, order = record.declared
    if kind == "defined":
        return record
    wanted = (functions.get(name, name), kind, order)
    if kind == "scalar":
        family = scalar_function(wanted[0])
    elif kind == "elementwise":
        family = elementwise_function(wanted[0])
    else:
        assert record.value_shape is not None
        family = array_function(wanted[0], _resized(record.value_shape, sizes))
    return next(operation for operation in family.values() if operation.declared == wanted)
