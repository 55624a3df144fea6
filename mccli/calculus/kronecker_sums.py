"""Sums of Kronecker products, diagonal matrices and stacked matrices, brought together.

(B ⊗ A) K + (A ⊗ B) = (I + K)(A ⊗ B), A ⊗ B + A ⊗ C = A ⊗ (B + C), Diag(a) + Diag(b) = Diag(a + b),
vec(A) + vec(B) = vec(A + B) (Magnus & Neudecker, Matrix Differential Calculus, 2.2, 2.4 and 3.7).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import NamedTuple

from mccli.calculus.blocks import sum_of_stacks
from mccli.calculus.entrywise import with_common_entries
from mccli.calculus.naming import weight
from mccli.calculus.sandwich import with_outer_factors
from mccli.calculus.selections import (
    atoms,
    commutation,
    is_column,
    is_commutation,
    is_row,
    kronecker,
    outer_product,
)
from mccli.expressions.tree import (
    Node,
    Number,
    Product,
    Sum,
    Transpose,
    add,
    apply,
    eye,
    is_eye,
    is_operation,
    multiply,
    scaled,
    transpose,
)

STACKING = ("Diag", "vec")
"""Operations that are linear, so that a sum of two of them is one."""


def collected(node: Sum) -> Node:
    """A sum with its Kronecker products, diagonal matrices and stacked matrices put together where that is shorter."""
    rules: tuple[Callable[[Sum], Node], ...] = (
        _identity_first,
        linear_together,
        sum_of_stacks,
        _with_commutation_outside,
        _with_common_factor,
        with_common_entries,
        with_outer_factors,
    )
    for rule in rules:
        together = rule(node)
        if together is not node:
            return collected(together) if isinstance(together, Sum) else together
    return node


def is_kronecker_like(node: Node) -> bool:
    """Whether a term is a multiple of one Kronecker product, perhaps with a commutation matrix."""
    _, chain = parts(node)
    return [is_operation(n, "kron") for n in chain if not is_commutation(n)] == [True]


def parts(node: Node) -> tuple[tuple[Node, ...], tuple[Node, ...]]:
    """Scalar factors and chain of a term."""
    return (node.scalars, node.chain) if isinstance(node, Product) else ((), (node,))


# ---------------------------------------------------------------------------------------------- linear operations


def linear_together(node: Sum) -> Node:
    """s Diag(a) + t Diag(b) = Diag(s a + t b), and so for vec and a transposed vec."""
    for name in STACKING:
        for turned in (False, True):
            inside = [_argument(scaled(c, n), name, turned) for c, n in node.terms]
            if len([n for n in inside if n is not None]) > 1:
                rest = [scaled(c, n) for (c, n), found in zip(node.terms, inside, strict=True) if found is None]
                argument = add(*(n for n in inside if n is not None))
                argument = collected(argument) if isinstance(argument, Sum) else argument
                together = apply(name, argument)
                return add(transpose(together) if turned else together, *rest)
    return node


def _argument(node: Node, name: str, turned: bool) -> Node | None:
    """The X of a term s op(X) or s op(X)', with the scalar; else None."""
    scalars, chain = parts(node)
    if len(chain) != 1 or isinstance(chain[0], Transpose) != turned:
        return None
    core = chain[0].operand if isinstance(chain[0], Transpose) else chain[0]
    coefficient = Number(node.coefficient) if isinstance(node, Product) else Number(1)
    return multiply(coefficient, *scalars, core.children()[0]) if is_operation(core, name) else None


# ---------------------------------------------------------------------------------------------- commutation


def _with_commutation_outside(node: Sum) -> Node:
    """(B ⊗ A) K + (A ⊗ B) = (I + K)(A ⊗ B), for A and B with as many rows."""
    terms = list(node.terms)
    for i, (coefficient, term) in enumerate(terms):
        for j, (other, partner) in enumerate(terms):
            if i != j and coefficient == other and (both := _both_orders(term, partner)) is not None:
                rest = [scaled(c, n) for k, (c, n) in enumerate(terms) if k not in (i, j)]
                return add(scaled(coefficient, both), *rest)
    return node


def _identity_first(node: Sum) -> Node:
    """K + I as I + K."""
    (c, first), (d, second) = node.terms[0], node.terms[-1]
    turned = len(node.terms) == 2 and is_commutation(first) and is_eye(second)
    return Sum(((d, second), (c, first))) if turned else node


def _both_orders(turned: Node, plain: Node) -> Node | None:
    """(I + K)(A ⊗ B) if the first node is (B ⊗ A) K and the second A ⊗ B, with what stands around them; else None."""
    scalars, chain = parts(turned)
    other_scalars, other = parts(plain)
    if len(chain) != len(other) + 1 or Counter(scalars) != Counter(other_scalars):
        return None
    for i in range(len(other)):
        if not (is_operation(chain[i], "kron") and is_operation(other[i], "kron")):
            continue
        (b, a), (c, d) = chain[i].children(), other[i].children()
        if chain[i + 1] != commutation(b.columns, a.columns):
            continue
        if (a, b) == (c, d) and a.rows == b.rows and chain[:i] == other[:i] and chain[i + 2 :] == other[i + 1 :]:
            both = add(eye(other[i].rows), commutation(a.rows, a.rows))
            return multiply(*scalars, *chain[:i], both, *other[i:])
    return None


# ---------------------------------------------------------------------------------------------- common factors


class _Term(NamedTuple):
    """A term: its scalar, what stands before and after its Kronecker product, and the factors of that."""

    scalar: Node
    before: tuple[Node, ...]
    factors: tuple[Node, ...]
    after: tuple[Node, ...]

    @property
    def around(self) -> tuple[tuple[Node, ...], tuple[Node, ...]]:
        return self.before, self.after


def _with_common_factor(node: Sum) -> Node:
    """A ⊗ B + A ⊗ C = A ⊗ (B + C) and B ⊗ A + C ⊗ A = (B + C) ⊗ A, the shortest of what is possible."""
    terms = [_read(scaled(c, n)) for c, n in node.terms]
    if sum(t is not None for t in terms) < 2:
        return node
    choices = [_pulled_out(node, terms, factor, side) for side in _SIDES for factor in _candidates(terms, side)]
    best = min((n for n in choices if n is not None), key=weight, default=node)
    return best if weight(best) < weight(node) else node


def _read(node: Node) -> _Term | None:
    """A term that is a Kronecker product between other factors; None for any other."""
    scalars, chain = parts(node)
    scalar = multiply(Number(node.coefficient) if isinstance(node, Product) else Number(1), *scalars)
    halves = outer_product(multiply(*chain))
    if halves is not None:
        found = [n for half in halves for n in atoms(half)]
        return _Term(scalar, (), tuple(found), ()) if len(found) > 2 else None
    places = [i for i, n in enumerate(chain) if is_operation(n, "kron")]
    if len(places) != 1:
        return None
    (i,) = places
    return _Term(scalar, chain[:i], tuple(atoms(chain[i])), chain[i + 1 :])


class _Side(NamedTuple):
    """An end of a Kronecker product: how factors are looked at from there, and how two parts are joined."""

    seen: Callable[[Sequence[Node]], list[Node]]
    join: Callable[[Node, Node], Node]


_SIDES = (
    _Side(list, lambda factor, rest: kronecker(factor, rest)),
    _Side(lambda factors: list(reversed(factors)), lambda factor, rest: kronecker(rest, factor)),
)


def _candidates(terms: Sequence[_Term | None], side: _Side) -> list[tuple[Node, ...]]:
    """What could be common: the first factors of each term as atoms, seen from a side."""
    found: list[tuple[Node, ...]] = []
    for term in terms:
        if term is None:
            continue
        seen = side.seen(term.factors)
        found += [tuple(seen[:i]) for i in range(1, len(seen))]
        found += [(n,) for n in (_first(seen, is_column), _first(seen, is_row)) if n is not None]
    return list(dict.fromkeys(found))


def _first(factors: Sequence[Node], kind: Callable[[Node], bool]) -> Node | None:
    """The first atom of a kind that only columns and rows stand before."""
    for factor in factors:
        if kind(factor):
            return factor
        if not (is_column(factor) or is_row(factor)):
            return None
    return None


def _pulled_out(node: Sum, terms: Sequence[_Term | None], factor: tuple[Node, ...], side: _Side) -> Node | None:
    """The sum with the factor out of the terms that have it between the same matrices; None if only one has."""
    groups: dict[object, list[tuple[int, Node]]] = {}
    for i, term in enumerate(terms):
        left = None if term is None else _divided(side.seen(term.factors), factor)
        if term is not None and left:
            rest = multiply(term.scalar, kronecker(*side.seen(left)))
            groups.setdefault((term.around, rest.shape), []).append((i, rest))
    chosen = max(groups.values(), key=len, default=[])
    if len(chosen) < 2:
        return None
    places = {i for i, _ in chosen}
    model = terms[chosen[0][0]]
    assert model is not None
    inside = add(*(n for _, n in chosen))
    inside = collected(inside) if isinstance(inside, Sum) else inside
    together = multiply(*model.before, side.join(kronecker(*side.seen(factor)), inside), *model.after)
    return add(together, *(scaled(c, n) for i, (c, n) in enumerate(node.terms) if i not in places))


def _divided(factors: Sequence[Node], by: Sequence[Node]) -> list[Node] | None:
    """What is left of a Kronecker product after the given first factors; a row and a column may change places."""
    left = list(factors)
    for wanted in by:
        place = next((i for i, n in enumerate(left) if n == wanted), None)
        if place is None or not all(_pass(wanted, n) for n in left[:place]):
            return None
        del left[place]
    return left


def _pass(one: Node, other: Node) -> bool:
    """Whether a ⊗ b' = b' ⊗ a lets two factors change places."""
    return (is_column(one) and is_row(other)) or (is_row(one) and is_column(other))
