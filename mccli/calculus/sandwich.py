"""Common outer factors of a sum of products: B'C D - B'E D = B'(C - E) D, with I where nothing is left.

Unlike the factoring of gradients it takes terms with different scalars together, as Hessians have them:
A'A/s - A'r r'A/s³ = A'(I - r r'/s²) A/s.
"""

from __future__ import annotations

from typing import NamedTuple

from mccli.calculus.naming import weight
from mccli.expressions.sizes import ONE
from mccli.expressions.tree import Node, Number, Product, Sum, add, eye, multiply, scaled, terms_of, transpose

MOST_TERMS = 24


class _Term(NamedTuple):
    scalar: Node
    chain: tuple[Node, ...]


def with_outer_factors(node: Sum) -> Node:
    """The sum with the first and the last matrices that all terms share taken out; itself if that is longer."""
    if node.is_scalar:
        return node
    terms = [part for c, n in node.terms for part in _expanded(_term(scaled(c, n)))]
    if len(terms) > MOST_TERMS:
        return node
    before, after, inside = _peeled([t.chain for t in terms], in_pairs=transpose(node) == node)
    if not before and not after:
        return node
    size = before[-1].columns if before else after[0].rows
    middle = add(*(multiply(t.scalar, eye(size), *chain) for t, chain in zip(terms, inside, strict=True)))
    turned = isinstance(middle, Sum) and all(c < 0 for c, _ in middle.terms)
    together = multiply(Number(-1 if turned else 1), *before, scaled(-1, middle) if turned else middle, *after)
    return together if weight(together) <= weight(node) else node


def _term(node: Node) -> _Term:
    if isinstance(node, Product):
        return _Term(multiply(Number(node.coefficient), *node.scalars), node.chain)
    return _Term(Number(1), (node,))


def _expanded(term: _Term) -> list[_Term]:
    """A product with its one sum carried out."""
    places = [i for i, n in enumerate(term.chain) if isinstance(n, Sum) and ONE not in n.shape]
    if len(places) != 1 or len(term.chain) == 1:
        return [term]
    (i,) = places
    inner = (_term(scaled(c, n)) for c, n in terms_of(term.chain[i]))
    return [
        _Term(multiply(term.scalar, t.scalar), _chain(*term.chain[:i], *t.chain, *term.chain[i + 1 :])) for t in inner
    ]


def _chain(*factors: Node) -> tuple[Node, ...]:
    product = multiply(*factors)
    return product.chain if isinstance(product, Product) and not product.scalars else factors


def _peeled(chains: list[tuple[Node, ...]], *, in_pairs: bool) -> tuple[list[Node], list[Node], list[tuple[Node, ...]]]:
    """What all chains start and end with, and what is left; of a symmetric sum as much on both sides."""
    before: list[Node] = []
    after: list[Node] = []
    while len(chains) > 1:
        first = _shared(chains, 0)
        rest = [c[1:] for c in chains] if first is not None else chains
        last = _shared(rest, -1)
        if (in_pairs and (first is None or last is None)) or (first is None and last is None):
            break
        before += [] if first is None else [first]
        after[:0] = [] if last is None else [last]
        chains = [c[:-1] for c in rest] if last is not None else rest
    return before, after, chains


def _shared(chains: list[tuple[Node, ...]], end: int) -> Node | None:
    """The matrix at an end of every chain; a vector only where none is left without it: A x - s x stays; else None."""
    if not all(chains) or any(c[end] != chains[0][end] for c in chains):
        return None
    node = chains[0][end]
    if ONE in node.shape and ((node.columns if end == 0 else node.rows) == ONE or any(len(c) == 1 for c in chains)):
        return None
    return node
