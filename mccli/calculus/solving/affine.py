"""An expression that is affine in a symbol, as a sum of terms s L X R and s L X' R and what does not contain X.

Every linear map of matrices is a sum of such terms (Magnus & Neudecker, 2.4); here those are found that the form
of the expression shows. An entrywise product with a matrix is kept as a mask.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import NamedTuple

from mccli.expressions.sizes import ONE
from mccli.expressions.tree import (
    Apply,
    Node,
    Number,
    Product,
    Sum,
    Symbol,
    Transpose,
    apply,
    eye,
    is_operation,
    multiply,
    ones,
    size_scalar,
    traits,
    transpose,
)


class NotAffine(Exception):
    """The expression is not affine in the symbol, or not by its form; ``node`` is the part that is not."""

    def __init__(self, node: Node) -> None:
        super().__init__()
        self.node = node


@dataclass(frozen=True)
class Term:
    """``factor * left * X * right``, with X transposed or X multiplied entry by entry by a mask where it says so."""

    factor: Node
    left: Node
    right: Node
    transposed: bool = False
    mask: Node | None = None


class Affine(NamedTuple):
    """The terms that contain the unknown, and the addends that do not."""

    terms: tuple[Term, ...]
    constants: tuple[Node, ...]


def affine(node: Node, unknown: Symbol) -> Affine:
    """The expression as an affine function of the unknown. NotAffine if it is none by its form."""
    return _Reading(unknown).read(node)


class _Reading:
    def __init__(self, unknown: Symbol) -> None:
        self.unknown = unknown
        self.column = unknown.columns == ONE and not unknown.is_scalar
        self.row = unknown.rows == ONE and not unknown.is_scalar
        self.symmetric = "symmetric" in traits(unknown)

    def moves(self, node: Node) -> bool:
        return node.depends_on((self.unknown.name,))

    def read(self, node: Node) -> Affine:
        """The affine function that a node is."""
        if not self.moves(node):
            return Affine((), (node,))
        if isinstance(node, Symbol):
            return Affine((Term(Number(1), eye(node.rows), eye(node.columns)),), ())
        if isinstance(node, Sum):
            parts = [self._times(Number(c), self.read(n)) for c, n in node.terms]
            return Affine(tuple(t for p in parts for t in p.terms), tuple(n for p in parts for n in p.constants))
        if isinstance(node, Transpose):
            return self._transposed(self.read(node.operand))
        if isinstance(node, Product):
            return self._product(node)
        assert isinstance(node, Apply)
        return self._operation(node)

    # ------------------------------------------------------------------------------------ one term

    def _times(self, factor: Node, value: Affine) -> Affine:
        terms = tuple(replace(t, factor=multiply(factor, t.factor)) for t in value.terms)
        return Affine(terms, tuple(multiply(factor, n) for n in value.constants))

    def _transposed(self, value: Affine) -> Affine:
        return Affine(tuple(map(self._flipped, value.terms)), tuple(transpose(n) for n in value.constants))

    def _flipped(self, term: Term) -> Term:
        turned = not term.transposed and not self.symmetric
        if term.mask is not None:
            return replace(term, mask=transpose(term.mask), transposed=turned)
        flipped = Term(term.factor, transpose(term.right), transpose(term.left), turned)
        return self._normal(flipped)

    def _normal(self, term: Term) -> Term:
        """Scalars into the factor; x' between a column and a column turned into x."""
        left, right, factor, turned = term.left, term.right, term.factor, term.transposed
        if self.unknown.is_scalar:
            return Term(factor, multiply(left, right), Number(1))
        if self.column and turned and right.columns == ONE:
            left, right, turned = multiply(left, transpose(right)), Number(1), False
        if self.row and turned and left.rows == ONE:
            left, right, turned = Number(1), multiply(transpose(left), right), False
        if (self.column or self.row) and left.is_scalar:
            factor, left = multiply(factor, left), Number(1)
        if (self.column or self.row) and right.is_scalar:
            factor, right = multiply(factor, right), Number(1)
        return Term(factor, left, right, turned, term.mask)

    # ------------------------------------------------------------------------------------ products

    def _product(self, node: Product) -> Affine:
        moving = [i for i, n in enumerate(node.children()) if self.moves(n)]
        if len(moving) != 1:
            raise NotAffine(node)
        place, count = moving[0], len(node.scalars)
        outside = multiply(Number(node.coefficient), *(s for i, s in enumerate(node.scalars) if i != place))
        if place < count:
            value = self.read(node.scalars[place])
            return self._times(outside, self._beside(value, node.chain) if node.chain else value)
        before, after = node.chain[: place - count], node.chain[place - count + 1 :]
        moved = _diagonal_beside(node.children()[place], before, after)
        if moved is not None:
            return self._times(outside, self.read(moved))
        value = self.read(node.children()[place])
        return self._times(outside, self._between(before, value, after))

    def _between(self, before: tuple[Node, ...], value: Affine, after: tuple[Node, ...]) -> Affine:
        if not before and not after:
            return value
        if any(t.mask is not None for t in value.terms):
            raise NotAffine(self.unknown)
        terms = [replace(t, left=multiply(*before, t.left), right=multiply(t.right, *after)) for t in value.terms]
        return Affine(tuple(map(self._normal, terms)), tuple(multiply(*before, n, *after) for n in value.constants))

    def _beside(self, value: Affine, chain: tuple[Node, ...]) -> Affine:
        """A scalar that is affine in the unknown, times a product of matrices."""
        if self.unknown.is_scalar:
            matrix = multiply(*chain)
            terms = tuple(replace(t, left=multiply(t.left, matrix)) for t in value.terms)
            return Affine(terms, tuple(multiply(n, matrix) for n in value.constants))
        cut = next((i for i in range(len(chain) + 1) if _is_cut(chain, i)), None)
        if cut is None:
            raise NotAffine(multiply(*chain))
        return self._between(chain[:cut], value, chain[cut:])

    # ------------------------------------------------------------------------------------ operations

    def _operation(self, node: Apply) -> Affine:
        name, argument = node.operation.name, node.arguments[0]
        if name == "hadamard":
            return self._hadamard(node)
        if self.unknown.is_scalar:
            return self._linear_in_scalar(node)
        rows, columns = argument.shape
        if name in ("sum", "mean"):
            total = self._between((ones((ONE, rows)),), self.read(argument), (ones((columns, ONE)),))
            count = [size_scalar(s) for s in (rows, columns) if s != ONE]
            return self._divided(total, count if name == "mean" else [])
        if name in ("rowsums", "rowmeans"):
            total = self._between((), self.read(argument), (ones((columns, ONE)),))
            return self._divided(total, [size_scalar(columns)] if name == "rowmeans" else [])
        if name in ("colsums", "colmeans"):
            total = self._between((ones((ONE, rows)),), self.read(argument), ())
            return self._divided(total, [size_scalar(rows)] if name == "colmeans" else [])
        if name == "sym":
            both = self.read(argument)
            halves = [self._times(Number(Fraction(1, 2)), part) for part in (both, self._transposed(both))]
            return Affine(tuple(t for h in halves for t in h.terms), tuple(n for h in halves for n in h.constants))
        if name == "tr" and (self.column or self.row):
            return self._trace(self.read(argument))
        raise NotAffine(node)

    def _divided(self, value: Affine, counts: Iterable[Node]) -> Affine:
        return self._times(multiply(Number(1), *(apply("power", c, Number(-1)) for c in counts)), value)

    def _trace(self, value: Affine) -> Affine:
        """tr(L x R) = R L x."""
        terms = [Term(t.factor, multiply(t.right, t.left), Number(1)) for t in value.terms if not t.transposed]
        if len(terms) != len(value.terms) or self.row:
            raise NotAffine(self.unknown)
        return Affine(tuple(terms), tuple(apply("tr", n) for n in value.constants))

    def _linear_in_scalar(self, node: Apply) -> Affine:
        """f(s M + C) = s f(M) + f(C) for a linear operation."""
        moving = [p for p, a in zip(node.operation.parameters, node.arguments, strict=True) if self.moves(a)]
        if len(moving) != 1 or moving[0] not in node.operation.adjoint:
            raise NotAffine(node)
        place = node.operation.parameters.index(moving[0])
        value = self.read(node.arguments[place])

        def applied(inside: Node) -> Node:
            arguments = [*node.arguments[:place], inside, *node.arguments[place + 1 :]]
            return apply(node.operation, *arguments, sizes=node.sizes)

        terms = tuple(replace(t, left=applied(t.left)) for t in value.terms)
        return Affine(terms, tuple(applied(n) for n in value.constants))

    def _hadamard(self, node: Apply) -> Affine:
        moving = [n for n in node.arguments if self.moves(n)]
        if len(moving) != 1:
            raise NotAffine(node)
        others = [n for n in node.arguments if n is not moving[0]]
        mask = apply("hadamard", *others) if len(others) > 1 else others[0]
        value = self.read(moving[0])
        constants = tuple(apply("hadamard", mask, n) for n in value.constants)
        return Affine(tuple(self._masked(t, mask) for t in value.terms), constants)

    def _masked(self, term: Term, mask: Node) -> Term:
        if self.unknown.is_scalar:
            return replace(term, left=apply("hadamard", mask, term.left))
        if mask.columns == ONE:
            return self._normal(replace(term, left=multiply(apply("Diag", mask), term.left)))
        if mask.rows == ONE:
            return self._normal(replace(term, right=multiply(term.right, apply("Diag", transpose(mask)))))
        if term.left != eye(self.unknown.rows) or term.right != eye(self.unknown.columns):
            raise NotAffine(self.unknown)
        return replace(term, mask=mask if term.mask is None else apply("hadamard", term.mask, mask))


def _is_cut(chain: tuple[Node, ...], place: int) -> bool:
    """Whether a scalar may stand at a place in a product of matrices."""
    if place == len(chain):
        return chain[-1].columns == ONE
    return chain[place].rows == ONE


def _diagonal_beside(factor: Node, before: tuple[Node, ...], after: tuple[Node, ...]) -> Node | None:
    """Diag(u) v as u ∘ v, in the product in which it stands; None for anything else."""
    if not is_operation(factor, "Diag"):
        return None
    inside = factor.children()[0]
    if after and after[0].columns == ONE:
        return multiply(*before, apply("hadamard", inside, after[0]), *after[1:])
    if before and before[-1].rows == ONE:
        return multiply(*before[:-1], apply("hadamard", before[-1], transpose(inside)), *after)
    return None
