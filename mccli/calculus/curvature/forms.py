"""Which matrices are positive semidefinite by their form.

A form says so for every value of its symbols: sums, congruences B'M B, Kronecker and Hadamard products of positive
semidefinite matrices, diagonal matrices without negative entries, and differences that the Cauchy-Schwarz
inequality decides (Horn & Johnson, Matrix Analysis, 7.1 and 7.5; Magnus & Neudecker 2.2). Only the quadratic form
E -> vec(E)' M vec(E) matters, so that on symmetric E the commutation matrix may be left out.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

from mccli.calculus.curvature.ranges import Ranges
from mccli.calculus.curvature.reason import Reason
from mccli.expressions.graph import rebuild, walk
from mccli.expressions.sizes import SCALAR
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
    eye,
    is_eye,
    is_ones,
    is_operation,
    is_zero,
    multiply,
    ones,
    scaled,
    split_coefficient,
    traits,
    transpose,
)

MOST_TERMS = 16
"""Sums of more terms are not searched for pairs."""


class Semidefinite(NamedTuple):
    """That a matrix is positive semidefinite, and why; ``definite`` if it is positive definite."""

    reason: Reason
    definite: bool = False


class Forms:
    """Positive semidefinite matrices, given nodes that are positive and matrices that are positive definite."""

    def __init__(
        self, positive: Collection[Node] = (), definite: Collection[Node] = (), *, symmetric_space: bool = False
    ) -> None:
        self.ranges = Ranges(positive, lambda node: self.psd(node) is not None)
        self.definite, self.symmetric_space = frozenset(definite), symmetric_space
        self.known: dict[Node, Semidefinite | None] = {}

    def psd(self, node: Node) -> Semidefinite | None:
        """Why a matrix is positive semidefinite, or None where its form does not say so."""
        if node not in self.known:
            self.known[node] = None  # a form that would rest on itself proves nothing
            self.known[node] = self._psd(prepared(node)) or (_declared(node) if "psd" in traits(node) else None)
        return self.known[node]

    def _psd(self, node: Node) -> Semidefinite | None:
        if node.is_scalar:
            return self._scalar(node)
        if is_zero(node):
            return Semidefinite(Reason("{0} = 0", (node,)))
        if node in self.definite:
            return Semidefinite(Reason("{0} ≻ 0", (node,)), True)
        if self.symmetric_space and _is_square_commutation(node):
            return Semidefinite(Reason("{0} vec(E) = vec(E) for symmetric E", (node,)), True)
        if isinstance(node, Transpose):
            return self.psd(node.operand)
        if isinstance(node, Sum):
            return self._sum(node)
        if isinstance(node, Product):
            return self._product(node)
        return self._operation(node) if isinstance(node, Apply) else None

    def _scalar(self, node: Node) -> Semidefinite | None:
        found = self.ranges.of(node)
        sign = "> 0" if found.positive else "≥ 0"
        return Semidefinite(Reason(f"{{0}} {sign}", (node,)), found.positive) if found.nonnegative else None

    # ------------------------------------------------------------------------------------ sums

    def _sum(self, node: Sum) -> Semidefinite | None:
        shared = _shared_congruence(node)
        if shared is not None:
            outer, middle = shared
            return self._congruence(node, outer, middle)
        terms = [scaled(c, n) for c, n in node.terms]
        proofs = {n: self.psd(n) for n in terms}
        if all(proofs.values()):
            return _sum_of(node, [p for p in proofs.values() if p is not None])
        return self._paired(node, terms, proofs) if len(terms) <= MOST_TERMS else None

    def _paired(self, node: Sum, terms: list[Node], proofs: dict[Node, Semidefinite | None]) -> Semidefinite | None:
        """Every term that is not positive semidefinite by itself together with one that makes up for it."""
        left = [n for n in terms if proofs[n] is not None]
        found: list[Semidefinite] = []
        for lacking in (n for n in terms if proofs[n] is None):
            pairs = ((other, self._pair(other, lacking)) for other in left)
            other, proof = next(((o, p) for o, p in pairs if p is not None), (None, None))
            if other is None or proof is None:
                return None
            left.remove(other)
            found.append(proof)
        found += [p for n in left if (p := proofs[n]) is not None]
        return found[0] if len(found) == 1 else _sum_of(node, found)

    def _pair(self, large: Node, small: Node) -> Semidefinite | None:
        """a B'Diag(q)B - b B'p p'B with b/a Σ p²/q <= 1: the Cauchy-Schwarz inequality."""
        shared = _shared_congruence(add(large, small))
        if shared is not None:
            proof = self.psd(shared[1])
            return self._congruence(add(large, small), *shared) if proof is not None else None
        diagonal, rank_one = _diagonal(large), _rank_one(small)
        if diagonal is None or rank_one is None:
            return None
        (a, q), (b, p) = diagonal, rank_one
        squares, divides = _squares_over(p, q)
        ratio = multiply(scaled(-1, b), apply("power", a, Number(-1)), squares)
        entries = self.ranges.of(q)
        if not self.ranges.of(a).positive or not (entries.positive or (divides and entries.nonnegative)):
            return None
        if not self.ranges.at_most_one(ratio):
            return None
        return Semidefinite(Reason("{0} ⪰ 0 by the Cauchy-Schwarz inequality for {1}", (add(large, small), p)))

    # ------------------------------------------------------------------------------------ products

    def _product(self, node: Product) -> Semidefinite | None:
        factor = multiply(Number(node.coefficient), *node.scalars)
        chain = list(node.chain)
        if self.symmetric_space:
            while chain and _is_square_commutation(chain[-1]):
                chain.pop()
            while chain and _is_square_commutation(chain[0]):
                chain.pop(0)
        if len(chain) <= 1:
            return self._multiple(node, factor, multiply(eye(node.rows), *chain))
        outer: list[Node] = []
        while len(chain) > 1 and transpose(chain[0]) == chain[-1]:
            outer.insert(0, chain.pop())
            chain.pop(0)
        if outer:
            return self._congruence(node, multiply(*outer), multiply(factor, eye(outer[0].rows), *chain))
        diagonal = all("diagonal" in traits(n) for n in chain) and self.ranges.of(factor).nonnegative
        return self._diagonals(node, multiply(*chain)) if diagonal else None

    def _multiple(self, node: Node, factor: Node, core: Node) -> Semidefinite | None:
        """s M with s >= 0 and M ⪰ 0, or with s <= 0 and -M ⪰ 0."""
        if is_operation(core, "Diag"):
            return self._diagonal_of(node, multiply(factor, core.children()[0]))
        sign = self.ranges.of(factor)
        if sign.nonpositive and not sign.nonnegative:
            factor, core = scaled(-1, factor), scaled(-1, core)
            sign = self.ranges.of(factor)
        inside = self.psd(core) if sign.nonnegative else None
        if inside is None:
            return None
        reason = _scaled_reason(node, factor, ">" if sign.positive else "≥", inside)
        return Semidefinite(reason, inside.definite and sign.positive)

    def _congruence(self, node: Node, outer: Node, middle: Node) -> Semidefinite | None:
        proof = self.psd(middle)
        if proof is None:
            return None
        definite = proof.definite and "invertible" in traits(outer)
        coefficient, core = split_coefficient(middle)
        if middle.is_scalar and not isinstance(middle, Number):
            words = "{0} = c v vᵀ with v = {1} and c = {2} ≥ 0"
            return Semidefinite(Reason(words, (node, transpose(outer), middle)))
        if isinstance(core, Number) or is_eye(core):
            words = "{0} = BᵀB with B = {1}" if coefficient == 1 else "{0} = c BᵀB with B = {1} and c = {2} > 0"
            return Semidefinite(Reason(words, (node, outer, Number(coefficient))), definite)
        words = "{0} = BᵀMB with B = {1} and M = {2} ⪰ 0"
        return Semidefinite(Reason(words, (node, outer, middle), _below(proof)), definite)

    def _diagonals(self, node: Node, core: Node) -> Semidefinite | None:
        """A product of diagonal matrices, each without negative entries."""
        factors = core.chain if isinstance(core, Product) else (core,)
        proofs = [self.psd(n) for n in factors]
        if not all(proofs):
            return None
        below = tuple(p.reason for p in proofs if p is not None)
        words = "{0} is a product of diagonal matrices without negative entries"
        return Semidefinite(Reason(words, (node,), below), all(p.definite for p in proofs if p is not None))

    # ------------------------------------------------------------------------------------ operations

    def _operation(self, node: Apply) -> Semidefinite | None:
        name = node.operation.name
        if name == "Diag":
            return self._diagonal_of(node, node.arguments[0])
        if name in ("kron", "hadamard"):
            return self._both(node)
        if name == "inv" and (inside := self.psd(node.arguments[0])) is not None:
            return Semidefinite(
                Reason("{0} is the inverse of a positive definite matrix", (node,), _below(inside)), True
            )
        if name == "series" and (inside := self.psd(node.arguments[3])) is not None:
            return Semidefinite(Reason("{0}: every term is ⪰ 0", (node,), (inside.reason,)))
        if name == "sqrtm" and "psd" in traits(node.arguments[0]):
            return Semidefinite(Reason("{0} is a square root of a matrix ⪰ 0", (node,)), "spd" in traits(node))
        return None

    def _diagonal_of(self, node: Node, entries: Node) -> Semidefinite | None:
        """A diagonal matrix by the signs of its entries."""
        found = self.ranges.of(entries)
        if not found.nonnegative:
            return None
        sign = "positive" if found.positive else "non-negative"
        words = f"{{0}} is {sign}" if node.is_scalar else f"{{0}} is diagonal with {sign} entries {{1}}"
        return Semidefinite(Reason(words, (node, entries)), found.positive)

    def _both(self, node: Apply) -> Semidefinite | None:
        """Kronecker and Hadamard products of two positive semidefinite matrices, or of their negatives."""
        if node.operation.name == "hadamard" and len(node.arguments) != 2:
            return None
        for sign, words in ((1, "both ⪰ 0"), (-1, "both ⪯ 0")):
            proofs = [self.psd(scaled(sign, n)) for n in node.arguments]
            if all(proofs):
                below = tuple(dict.fromkeys(p.reason for p in proofs if p is not None and not _plain(p)))
                kind = "Kronecker" if node.operation.name == "kron" else "Hadamard"
                reason = Reason(
                    f"{{0}} is a {kind} product of {{1}} and {{2}}, {words}", (node, *node.arguments), below
                )
                definite = all(p.definite for p in proofs if p is not None)
                return Semidefinite(reason, definite)
        return None


# ---------------------------------------------------------------------------------------------- forms


def prepared(node: Node) -> Node:
    """The same value with ‖u‖² of a vector as u'u and 1'Diag(v) as v', so that equal factors look equal."""
    done: dict[Node, Node] = {}
    for current in walk(node):
        children = tuple(done[c] for c in current.children())
        done[current] = _prepared(current, children)
    return done[node]


def _prepared(node: Node, children: tuple[Node, ...]) -> Node:
    if isinstance(node, Product):
        scalars, chain = children[: len(node.scalars)], _shorter(list(children[len(node.scalars) :]))
        return multiply(Number(node.coefficient), *scalars, *chain)
    if is_operation(node, "sqnorm") and children[0].columns == SCALAR[0]:
        return multiply(transpose(children[0]), children[0])
    fresh = node if all(a is b for a, b in zip(children, node.children(), strict=True)) else rebuild(node, children)
    return _one_diagonal(fresh) if isinstance(fresh, Sum) and fresh.rows == fresh.columns else fresh


def _shorter(chain: list[Node]) -> list[Node]:
    """A chain with neighbours multiplied out: 1'Diag(v) as v', Diag(u) Diag(v) as Diag(u ∘ v)."""
    done: list[Node] = []
    for factor in chain:
        left = done[-1] if done else None
        if left is not None and is_operation(factor, "Diag") and is_ones(left) and left.rows == SCALAR[0]:
            done[-1] = transpose(factor.children()[0])
        elif left is not None and is_operation(left, "Diag") and is_ones(factor) and factor.columns == SCALAR[0]:
            done[-1] = left.children()[0]
        elif left is not None and is_operation(left, "Diag") and is_operation(factor, "Diag"):
            done[-1] = apply("Diag", apply("hadamard", left.children()[0], factor.children()[0]))
        else:
            done.append(factor)
    return done


def _one_diagonal(node: Sum) -> Node:
    """Several diagonal terms of a sum as one: Diag(u) - Diag(v) as Diag(u - v)."""
    terms = [scaled(c, n) for c, n in node.terms]
    diagonal = [(n, parts) for n in terms if (parts := _diagonal(n)) is not None]
    if len(diagonal) < 2 or all(is_ones(q) for _, (_, q) in diagonal):
        return node
    rest = [n for n in terms if n not in [d for d, _ in diagonal]]
    return add(apply("Diag", add(*(multiply(a, q) for _, (a, q) in diagonal))), *rest)


def _declared(node: Node) -> Semidefinite:
    definite = "spd" in traits(node)
    if is_eye(node):
        return Semidefinite(Reason("{0} ≻ 0", (node,)), True)
    words = "{0} is positive definite" if definite else "{0} is positive semidefinite"
    return Semidefinite(Reason(words, (node,)), definite)


def _sum_of(node: Node, proofs: Sequence[Semidefinite]) -> Semidefinite:
    below = tuple(r for p in proofs for r in _below(p))
    return Semidefinite(Reason("{0} is a sum of terms ⪰ 0", (node,), below), any(p.definite for p in proofs))


def _scaled_reason(node: Node, factor: Node, sign: str, inside: Semidefinite) -> Reason:
    if isinstance(factor, Number):
        return inside.reason
    return Reason(f"{{0}} is a multiple, by {{1}} {sign} 0, of a matrix ⪰ 0", (node, factor), _below(inside))


def _plain(proof: Semidefinite) -> bool:
    """Whether a reason says something that needs no saying: I ≻ 0, 2 > 0."""
    return not proof.reason.because and all(is_eye(n) or isinstance(n, Number) for n in proof.reason.nodes)


def _below(proof: Semidefinite) -> tuple[Reason, ...]:
    return () if _plain(proof) else (proof.reason,)


def _parts(node: Node) -> tuple[Node, tuple[Node, ...]]:
    """The scalar factor and the chain of a matrix."""
    if isinstance(node, Product):
        return multiply(Number(node.coefficient), *node.scalars), node.chain
    return Number(1), (node,)


def _shared_congruence(node: Node) -> tuple[Node, Node] | None:
    """B and M for a sum of terms B'M B that all begin with B' and end with B."""
    if not isinstance(node, Sum):
        return None
    chains = [_parts(n)[1] for _, n in node.terms]
    if any(len(chain) < 2 or chain[-1] != chains[0][-1] or chain[0] != transpose(chain[-1]) for chain in chains):
        return None
    outer = chains[0][-1]
    parts = [(c, *_parts(n)) for c, n in node.terms]
    inside = [scaled(c, multiply(factor, eye(outer.rows), *chain[1:-1])) for c, factor, chain in parts]
    return outer, add(*inside)


def _diagonal(node: Node) -> tuple[Node, Node] | None:
    """a and q for a Diag(q), and for a I."""
    factor, chain = _parts(node)
    if len(chain) != 1:
        return None
    if is_eye(chain[0]):
        return factor, ones((node.rows, SCALAR[0]))
    return (factor, chain[0].children()[0]) if is_operation(chain[0], "Diag") else None


def _rank_one(node: Node) -> tuple[Node, Node] | None:
    """b and p for b p p'."""
    factor, chain = _parts(node)
    half = len(chain) // 2
    if len(chain) % 2 or not chain or [transpose(n) for n in reversed(chain[half:])] != list(chain[:half]):
        return None
    p = multiply(*chain[:half])
    return (factor, p) if p.columns == SCALAR[0] else None


def _squares_over(p: Node, q: Node) -> tuple[Node, bool]:
    """Σ p²/q, and whether every factor of q is one of p, so that q may have zeros."""
    above = [*_entry_factors(p), *_entry_factors(p)]
    divides = True
    for factor in _entry_factors(q):
        if factor in above:
            above.remove(factor)
        else:
            above.append(apply("power", factor, Number(-1)))
            divides = False
    return apply("sum", apply("hadamard", *above, ones(p.shape))), divides


def _entry_factors(node: Node) -> tuple[Node, ...]:
    return node.children() if is_operation(node, "hadamard") else (node,)


def _is_square_commutation(node: Node) -> bool:
    return isinstance(node, Constant) and node.name == "commutation" and node.sizes[0] == node.sizes[1]
