"""Simpler forms of a typed expression, in which parts without the variable stand as symbols of their own.

``tr(A'XB)`` is ``tr(PXB)`` with P = A', and ``||(A + B)x - c/2||²`` is ``||Px - q||²``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from mccli.expressions.graph import rebuild, substitute, walk
from mccli.expressions.sizes import ONE
from mccli.expressions.tree import (
    Apply,
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
)

WRAPPERS = frozenset({"inv"})
MOST_SIGNS = 3


class Reduced(NamedTuple):
    """An expression in which new symbols stand for parts of the typed one."""

    node: Node
    definitions: Mapping[Symbol, Node]

    def symbol(self, name: str, given: Mapping[str, Symbol]) -> Symbol:
        """A symbol of the reduced expression by name."""
        own = next((s for s in self.definitions if s.name == name), None)
        return own if own is not None else given[name]

    def meaning(self, symbol: Symbol) -> Node:
        """What a symbol stands for in the typed expression."""
        return self.definitions.get(symbol, symbol)

    def full(self) -> Node:
        """The typed expression."""
        return substitute(self.node, dict(self.definitions.items()))


def reductions(node: Node, variables: Sequence[str]) -> Iterator[Reduced]:
    """The expression itself, then with wrapped symbols replaced, then with all parts without the variable replaced.

    What is added to the variable stands as a symbol, then as minus a symbol; last, single symbols change sign.
    """
    yield Reduced(node, {})
    seen = {node}
    fixed = frozenset(variables)
    forms = (_wrapped(node, fixed), _constant_parts(node, fixed, 1), _constant_parts(node, fixed, -1))
    for reduced in (*forms, *_with_a_sign_changed(node, fixed)):
        if reduced is not None and reduced.node not in seen:
            seen.add(reduced.node)
            yield reduced


def _with_a_sign_changed(node: Node, variables: frozenset[str]) -> Iterator[Reduced]:
    """One vector or matrix at a time stands as minus a symbol: ``x'x + b'x`` is ``x'x - q'x`` with q = -b."""
    given = [s for s in walk(node) if isinstance(s, Symbol) and not s.is_scalar and s.name not in variables]
    for symbol in given[:MOST_SIGNS]:
        fresh = _Fresh(node.symbols)
        minus = scaled(-1, fresh.symbol(scaled(-1, symbol)))
        yield Reduced(substitute(node, {symbol: minus}), fresh.definitions())


def with_logdet(node: Node) -> Node:
    """log(det(X)) and log|det(X)| written as logdet(X), which they equal wherever they are defined."""
    found: dict[Node, Node] = {}
    for part in walk(node):
        if is_operation(part, "log"):
            inside = part.children()[0]
            inside = inside.children()[0] if is_operation(inside, "abs") else inside
            if is_operation(inside, "det"):
                found[part] = apply("logdet", *inside.children())
    return substitute(node, found) if found else node


class _Fresh:
    """New symbols, one for each part."""

    def __init__(self, taken: frozenset[str]) -> None:
        self.taken = set(taken)
        self.known: dict[Node, Symbol] = {}

    def symbol(self, part: Node) -> Symbol:
        if part not in self.known:
            stem = "γ" if part.is_scalar else "q" if part.columns == ONE else "P"
            names = (stem if i == 0 else f"{stem}{i}" for i in range(len(self.taken) + 2))
            name = next(n for n in names if n not in self.taken)
            self.taken.add(name)
            self.known[part] = Symbol(name, part.shape)
        return self.known[part]

    def definitions(self) -> dict[Symbol, Node]:
        return {symbol: part for part, symbol in self.known.items()}


def _wrapped(node: Node, variables: frozenset[str]) -> Reduced | None:
    """Matrices that occur only transposed or only inverted stand for their transpose or inverse."""
    plain: Counter[str] = Counter()
    wrapped: dict[str, set[Node]] = {}
    for part in walk(node):
        for child in part.children():
            if isinstance(child, Symbol):
                if _is_wrapper(part) and child.name not in variables:
                    wrapped.setdefault(child.name, set()).add(part)
                else:
                    plain[child.name] += 1
    fresh = _Fresh(node.symbols)
    chosen = [next(iter(parts)) for name, parts in wrapped.items() if len(parts) == 1 and not plain[name]]
    if not chosen:
        return None
    return Reduced(substitute(node, {part: fresh.symbol(part) for part in chosen}), fresh.definitions())


def _is_wrapper(part: Node) -> bool:
    return isinstance(part, Transpose) or (isinstance(part, Apply) and part.operation.name in WRAPPERS)


def _constant_parts(node: Node, variables: frozenset[str], sign: int) -> Reduced | None:
    """Every largest part without the variable that is more than a symbol stands as a symbol."""
    fresh = _Fresh(node.symbols)
    done: dict[Node, Node] = {}
    for part in walk(node):
        done[part] = _with_parts_named(part, done, variables, fresh, sign)
    if not fresh.known or done[node] == node:
        return None
    return Reduced(done[node], fresh.definitions())


def _with_parts_named(
    part: Node, done: Mapping[Node, Node], variables: frozenset[str], fresh: _Fresh, sign: int
) -> Node:
    if not part.depends_on(variables) or not part.children():
        return part
    if isinstance(part, Product):
        scalars = [done[s] for s in part.scalars]
        return multiply(Number(part.coefficient), *scalars, *_chain(part.chain, done, variables, fresh))
    if isinstance(part, Sum):
        moving = [scaled(c, done[n]) for c, n in part.terms if n.depends_on(variables)]
        still = [scaled(sign * c, n) for c, n in part.terms if not n.depends_on(variables)]
        if not still:
            return add(*moving)
        named = fresh.symbol(add(*still)) if sign < 0 else _named(add(*still), fresh)
        return add(*moving, scaled(sign, named))
    children = tuple(done[c] if c.depends_on(variables) else _named(c, fresh) for c in part.children())
    return rebuild(part, children)


def _chain(chain: Sequence[Node], done: Mapping[Node, Node], variables: frozenset[str], fresh: _Fresh) -> list[Node]:
    """The factors, runs of them without the variable joined."""
    joined: list[Node] = []
    run: list[Node] = []
    for factor in chain:
        if factor.depends_on(variables):
            joined += [_named(multiply(*run), fresh)] if run else []
            joined.append(done[factor])
            run = []
        else:
            run.append(factor)
    return [*joined, *([_named(multiply(*run), fresh)] if run else [])]


def _named(part: Node, fresh: _Fresh) -> Node:
    if isinstance(part, Symbol) or not part.symbols or isinstance(scaled(-1, part), Symbol):
        return part
    return fresh.symbol(part)
