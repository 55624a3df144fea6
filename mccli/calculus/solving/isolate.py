"""Linear matrix equations solved for their unknown: A X = C, X B = C, A X B = C, A X + X B = C, M ∘ X = C.

The terms with the unknown are collected, what all terms share is divided out, and the operator on the unknown is
inverted if it is one of these kinds (Magnus & Neudecker 2; Golub & Van Loan 7.6.3 for Sylvester's equation).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from mccli.calculus.needs import Need
from mccli.calculus.solving.affine import Affine, Term, affine
from mccli.calculus.solving.gather import Piece, common_number, common_scalars, divided, gathered, pieces
from mccli.calculus.solving.inverses import inverse, invertible_if, mirrored, unique_if, without_scalars
from mccli.calculus.solving.regular import is_singular
from mccli.errors import DeriveError
from mccli.expressions.sizes import ONE, Shape
from mccli.expressions.tree import (
    Node,
    Number,
    Product,
    Sum,
    Symbol,
    add,
    apply,
    broadcast,
    eye,
    is_eye,
    is_operation,
    is_zero,
    multiply,
    number,
    ones,
    scaled,
    traits,
    transpose,
    zeros,
)


class Equation(NamedTuple):
    """A line ``left = right`` with the reason why it follows from the one before."""

    left: Node
    right: Node
    reason: str


@dataclass(frozen=True)
class Isolated:
    """The solution of an equation for an unknown: the lines that lead to it, and what they assume."""

    solution: Node
    lines: tuple[Equation, ...]
    needs: tuple[Need, ...]


class NotIsolated(Exception):
    """The equation is linear, but its operator is of no kind that mc inverts; ``reason`` says so."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def isolate(equation: Node, unknown: Symbol, words: str = "") -> Isolated:
    """The solution of ``equation = 0`` for the unknown.

    ``words`` are said of the collected equation. NotAffine if the equation is not affine in the unknown,
    NotIsolated if its operator is of no kind that is inverted here, DeriveError if it is surely singular.
    """
    found = affine(equation, unknown)
    if found.terms and all(t.transposed for t in found.terms):
        found = affine(transpose(equation), unknown)
        equation = transpose(equation)
    if any(t.transposed for t in found.terms):
        raise NotIsolated(f"{unknown.name} stands there both as it is and transposed")
    return _Isolation(found, unknown, equation.shape, words).run()


class _Isolation:
    def __init__(self, found: Affine, unknown: Symbol, shape: Shape, words: str) -> None:
        self.unknown, self.words, self.shape = unknown, words, shape
        self.needs: list[Need] = []
        self.masked = any(t.mask is not None for t in found.terms)
        self.terms, self.right = self._divided(found)

    def _divided(self, found: Affine) -> tuple[list[Term], Node]:
        """The equation with everything common divided out, numbers and scalars."""
        inside = [
            (_bare(t), Piece(p.coefficient * c, (*p.scalars, *s), ()))
            for t in found.terms
            for c, s in [_scalars(t)]
            for p in pieces(t.factor)
        ]
        constants = [p for n in found.constants for p in pieces(n)]
        constants = pieces(add(zeros(self.shape), *(scaled(-1, p.node) for p in constants)))
        if not inside:
            raise NotIsolated(f"{self.unknown.name} cancels")
        factor = common_number([p for _, p in inside])
        shared = common_scalars([p for _, p in inside] + constants)
        shared |= {b: e for b, e in common_scalars(constants).items() if e < 0}
        for base, power in shared.items():
            if power > 0 and "positive" not in traits(base):
                self.needs.append(Need("nonzero entries", base))
        terms = [Term(divided(p, factor, shared), t.left, t.right, False, t.mask) for t, p in inside]
        return terms, gathered(add(zeros(self.shape), *(divided(p, factor, shared) for p in constants)))

    # ------------------------------------------------------------------------------------ kinds of operator

    def run(self) -> Isolated:
        if self.masked:
            return self._entry_by_entry()
        by_right = _grouped(self.terms, by_right=True)
        if not by_right:
            raise NotIsolated(f"{self.unknown.name} cancels")
        if len(by_right) == 1:
            ((right, left),) = by_right.items()
            return self._two_sided(left, right)
        by_left = _grouped(self.terms, by_right=False)
        if len(by_left) == 1:
            ((left, right),) = by_left.items()
            return self._two_sided(left, right)
        return self._sylvester(by_right)

    def _two_sided(self, left: Node, right: Node) -> Isolated:
        left, right = _as_diagonal(gathered(left)), gathered(right)
        self._demand(left)
        self._demand(right)
        collected = Equation(multiply(left, self.unknown, right), self.right, self.words or self._collected())
        solution = present(multiply(inverse(left), self.right, inverse(right)))
        lines = [] if _is_trivial(left) and _is_trivial(right) else [collected]
        reason = _reason(left, right)
        return self._done([*lines, Equation(self.unknown, solution, reason)], solution)

    def _sylvester(self, groups: dict[Node, Node]) -> Isolated:
        """L1 X R1 + L2 X R2 = C as A X + X B = C."""
        if len(groups) != 2:
            groups = _grouped_by_identities(self.terms)
        (r1, l1), (r2, l2) = groups.items()
        if not is_eye(r1) and (is_eye(r2) or not _is_trivial(l2)):
            (r1, l1), (r2, l2) = (r2, l2), (r1, l1)
        typed = add(multiply(l1, self.unknown, r1), multiply(l2, self.unknown, r2))
        lines = [Equation(typed, self.right, self.words or self._collected())]
        a = gathered(multiply(inverse(l2), l1)) if not _is_trivial(l2) else multiply(inverse(l2), l1)
        b = multiply(r2, inverse(r1))
        right = multiply(inverse(l2), self.right, inverse(r1))
        for divisor in (l2, r1):
            self._demand(divisor)
        if not (_is_trivial(l2) and is_eye(r1)):
            simpler = add(multiply(a, self.unknown), multiply(self.unknown, b))
            lines.append(Equation(simpler, right, "divide, so that one factor stands on each side"))
        solution = apply("sylvester", a, b, right)
        self.needs += unique_if(a, b)
        reason = "Sylvester's equation A Z + Z B = C has the solution Z = sylvester(A, B, C)"
        return self._done([*lines, Equation(self.unknown, solution, reason)], solution)

    def _entry_by_entry(self) -> Isolated:
        """M ∘ X + s X = C."""
        masks = []
        for term in self.terms:
            if term.mask is None and not (_is_trivial(term.left) and _is_trivial(term.right)):
                raise NotIsolated(f"{self.unknown.name} stands there both multiplied entry by entry and by a matrix")
            factor = multiply(term.factor, _scalar_of(term.left), _scalar_of(term.right))
            masks.append(broadcast(factor, self.shape) if term.mask is None else multiply(factor, term.mask))
        mask = gathered(add(*masks))
        self.needs.append(Need("nonzero entries", mask))
        typed = Equation(apply("hadamard", mask, self.unknown), self.right, self.words or self._collected())
        solution = present(apply("hadamard", self.right, apply("power", mask, number(-1))))
        return self._done([typed, Equation(self.unknown, solution, "divide entry by entry")], solution)

    # ------------------------------------------------------------------------------------ conditions

    def _demand(self, operator: Node) -> None:
        """The condition under which an operator is invertible. DeriveError or NotIsolated if it never is."""
        if operator.rows != operator.columns:
            raise NotIsolated(f"what multiplies {self.unknown.name} is not square")
        if is_zero(operator):
            raise NotIsolated(f"{self.unknown.name} cancels")
        self.needs += [n for n in invertible_if(operator) if n not in self.needs]
        if not operator.is_scalar and is_singular(operator):
            raise Singular(self._equation(), operator)

    def _equation(self) -> Equation:
        terms = [multiply(t.factor, t.left, self.unknown, t.right) for t in self.terms]
        return Equation(gathered(add(zeros(self.shape), *terms)), self.right, "")

    def _collected(self) -> str:
        if self._normal_equations():
            return "the normal equations"
        return f"collect the terms with {self.unknown.name}"

    def _normal_equations(self) -> bool:
        """Whether a column is multiplied by B'B or B'W B, as in least squares."""
        if self.unknown.columns != ONE or self.unknown.role != "given":
            return False
        return any(mirrored(t.left) is not None for t in self.terms)

    def _done(self, lines: Sequence[Equation], solution: Node) -> Isolated:
        return Isolated(solution, tuple(lines), tuple(dict.fromkeys(self.needs)))


class Singular(DeriveError):
    """The operator on the unknown is singular whatever the matrices: no solution, or many."""

    def __init__(self, equation: Equation, operator: Node) -> None:
        super().__init__("the operator on the unknown is singular")
        self.equation, self.operator = equation, operator


# ---------------------------------------------------------------------------------------------- grouping


def _scalars(term: Term) -> tuple[Fraction, tuple[Node, ...]]:
    """The number and the scalar factors of the matrices beside the unknown."""
    coefficient, found = Fraction(1), []
    for node in (term.left, term.right, term.mask):
        if isinstance(node, Number):
            coefficient *= node.value
        elif node is not None and node.is_scalar:
            found.append(node)
        elif isinstance(node, Product):
            coefficient *= node.coefficient
            found += node.scalars
    return coefficient, tuple(found)


def _bare(term: Term) -> Term:
    """The term with matrices without scalar factors."""
    mask = None if term.mask is None else without_scalars(term.mask)
    return Term(Number(1), without_scalars(term.left), without_scalars(term.right), term.transposed, mask)


def _grouped(terms: Sequence[Term], *, by_right: bool) -> dict[Node, Node]:
    """The sums of one end by the other end."""
    groups: dict[Node, list[Node]] = {}
    for t in terms:
        key, value = (t.right, t.left) if by_right else (t.left, t.right)
        groups.setdefault(key, []).append(multiply(t.factor, value))
    sums = {key: add(*values) for key, values in groups.items()}
    return {key: value for key, value in sums.items() if not is_zero(value)}


def _grouped_by_identities(terms: Sequence[Term]) -> dict[Node, Node]:
    """A X + X B from terms with an identity at one end each, by their right ends."""
    on_left = [multiply(t.factor, t.left) for t in terms if is_eye(t.right)]
    on_right = [multiply(t.factor, t.right) for t in terms if not is_eye(t.right)]
    if any(not is_eye(t.left) for t in terms if not is_eye(t.right)) or not on_left:
        raise NotIsolated("the unknown is multiplied from both sides in more than two ways")
    b = gathered(add(*on_right))
    identity_l, identity_r = eye(terms[0].left.rows), eye(terms[0].right.columns)
    return {identity_r: gathered(add(*on_left)), b: identity_l}


def _as_diagonal(operator: Node) -> Node:
    """Diag(u) + s I as Diag(u + s)."""
    if not isinstance(operator, Sum):
        return operator
    entries = []
    for coefficient, term in operator.terms:
        core, factor = without_scalars(term), multiply(number(coefficient), _scalar_of(term))
        if is_operation(core, "Diag"):
            entries.append(multiply(factor, core.children()[0]))
        elif is_eye(core):
            entries.append(multiply(factor, ones((operator.rows, ONE))))
        else:
            return operator
    if all(is_eye(without_scalars(n)) for _, n in operator.terms):
        return multiply(add(*(multiply(number(c), _scalar_of(n)) for c, n in operator.terms)), eye(operator.rows))
    return apply("Diag", add(*entries))


def _is_trivial(operator: Node) -> bool:
    """Whether an operator is a scalar times the identity."""
    return operator.is_scalar or is_eye(without_scalars(operator))


def _scalar_of(operator: Node) -> Node:
    if operator.is_scalar:
        return operator
    return multiply(number(operator.coefficient), *operator.scalars) if isinstance(operator, Product) else Number(1)


def _reason(left: Node, right: Node) -> str:
    if _is_trivial(left) and _is_trivial(right):
        return "solve"
    if _is_trivial(left):
        return "multiply by the inverse from the right"
    return "multiply by the inverse from the left" if _is_trivial(right) else "multiply by the inverses"


# ---------------------------------------------------------------------------------------------- presentation


def present(node: Node) -> Node:
    """A solution as it is written: Diag(u)⁻¹ v as v ./ u, sums tidied."""
    if not isinstance(node, Product) or len(node.chain) != 2:
        return gathered(node)
    first, last = node.chain
    scalars = [number(node.coefficient), *node.scalars]
    if is_operation(first, "Diag") and last.columns == ONE:
        return multiply(*scalars, apply("hadamard", last, first.children()[0]))
    return node
