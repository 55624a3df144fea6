"""Expressions that are nearly those of records: one thing changed, so that the function is another."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

from mccli.errors import McError
from mccli.expressions.graph import rebuild, walk
from mccli.expressions.tree import (
    Apply,
    Node,
    Product,
    Sum,
    Symbol,
    Transpose,
    apply,
    is_operation,
    multiply,
    number,
    transpose,
)

Change = Callable[[Node], Iterator[Node]]


def mutants(node: Node, rng: random.Random, most: int) -> list[Node]:
    """Other expressions of the same shape over the same symbols, at most so many, drawn from all kinds of change."""
    found: dict[Node, None] = {}
    for part in list(walk(node)):
        for change in CHANGES:
            for other in _of(change, part):
                if other.shape == part.shape and other != part:
                    whole = _with(node, part, other)
                    if whole is not None and whole.shape == node.shape and whole != node:
                        found.setdefault(whole)
    chosen = list(found)
    rng.shuffle(chosen)
    return chosen[:most]


def _of(change: Change, part: Node) -> list[Node]:
    try:
        return list(change(part))
    except McError:
        return []


def _with(node: Node, old: Node, new: Node) -> Node | None:
    done: dict[Node, Node] = {}
    try:
        for part in walk(node):
            children = tuple(done[child] for child in part.children())
            changed = any(a is not b for a, b in zip(part.children(), children, strict=True))
            done[part] = new if part == old else rebuild(part, children) if changed else part
    except McError:
        return None
    return done[node]


def _swapped_factors(part: Node) -> Iterator[Node]:
    """AB as BA."""
    if isinstance(part, Product):
        for i in range(len(part.chain) - 1):
            chain = list(part.chain)
            chain[i], chain[i + 1] = chain[i + 1], chain[i]
            yield multiply(number(part.coefficient), *part.scalars, *chain)


def _transposed(part: Node) -> Iterator[Node]:
    """A' for A, and A for A', where it is square."""
    if isinstance(part, Symbol | Apply) and not part.is_scalar and part.rows == part.columns:
        yield transpose(part)
    if isinstance(part, Transpose) and part.rows == part.columns:
        yield part.operand


def _factor_transposed(part: Node) -> Iterator[Node]:
    """One factor of a product transposed: the sizes may then be equal only by chance."""
    if isinstance(part, Product):
        for i, factor in enumerate(part.chain):
            chain = [*part.chain[:i], transpose(factor), *part.chain[i + 1 :]]
            yield multiply(number(part.coefficient), *part.scalars, *chain)


def _other_sign(part: Node) -> Iterator[Node]:
    """x - y for x + y."""
    if isinstance(part, Sum):
        for i in range(1, len(part.terms)):
            yield Sum(tuple((-c, n) if i == k else (c, n) for k, (c, n) in enumerate(part.terms)))


def _other_coefficient(part: Node) -> Iterator[Node]:
    """x + 2y for x + y."""
    if isinstance(part, Sum):
        for i in range(len(part.terms)):
            yield Sum(tuple((2 * c, n) if i == k else (c, n) for k, (c, n) in enumerate(part.terms)))


def _lost_term(part: Node) -> Iterator[Node]:
    """x for x + y."""
    if isinstance(part, Sum) and len(part.terms) > 2:
        for i in range(len(part.terms)):
            yield Sum(tuple(term for k, term in enumerate(part.terms) if i != k))


def _other_power(part: Node) -> Iterator[Node]:
    """The cube for the square, the square for the thing itself."""
    if is_operation(part, "power") and part.children()[1].is_scalar:
        base, exponent = part.children()
        yield apply("power", base, multiply(number(2), exponent))
    if is_operation(part, "norm2") or is_operation(part, "normF") or is_operation(part, "det"):
        yield multiply(part, part, part)


def _entrywise(part: Node) -> Iterator[Node]:
    """A.*B for AB."""
    if isinstance(part, Product):
        for i in range(len(part.chain) - 1):
            left, right = part.chain[i : i + 2]
            if left.shape == right.shape:
                joined = apply("hadamard", left, right)
                yield multiply(number(part.coefficient), *part.scalars, *part.chain[:i], joined, *part.chain[i + 2 :])


def _matrix_product(part: Node) -> Iterator[Node]:
    """AB for A.*B."""
    if is_operation(part, "hadamard") and len(part.children()) == 2:
        yield multiply(*part.children())


def _not_inverted(part: Node) -> Iterator[Node]:
    """A' and A for inv(A)."""
    if is_operation(part, "inv"):
        yield transpose(part.children()[0])
        yield part.children()[0]


def _other_function(part: Node) -> Iterator[Node]:
    """log for exp, the trace for the determinant, and the like."""
    if isinstance(part, Apply) and part.operation.name in OTHERS:
        yield apply(OTHERS[part.operation.name], *part.children())


OTHERS = {
    "exp": "sin", "log": "sqrt", "sigmoid": "tanh", "tanh": "sigmoid", "softplus": "exp", "relu": "abs", "sin": "cos",
    "cos": "sin", "tr": "sum", "det": "tr", "logdet": "tr", "norm1": "norm2", "norm2": "norm1", "normF": "normnuc",
    "sum": "max", "softmax": "exp", "logsumexp": "norm2", "expm": "exp", "adj": "inv",
    "max": "sum", "sqrt": "log", "abs": "relu",
}  # fmt: skip
CHANGES: tuple[Change, ...] = (
    _swapped_factors,
    _transposed,
    _factor_transposed,
    _other_sign,
    _other_coefficient,
    _lost_term,
    _other_power,
    _entrywise,
    _matrix_product,
    _not_inverted,
    _other_function,
)
