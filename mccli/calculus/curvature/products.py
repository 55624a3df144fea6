"""Convexity of products: one factor that varies, quadratic forms, quadratic over linear, u log u.

Boyd & Vandenberghe 3.1.5 (quadratic over linear, negative entropy) and 3.2.6 (the matrix fractional function).
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import reduce

from mccli.calculus.curvature.bend import AFFINE, CONVEX, UNKNOWN, Bend, below, domains, turned, unknown
from mccli.calculus.curvature.forms import Forms
from mccli.calculus.curvature.ranges import Range, between, times, total
from mccli.calculus.curvature.reason import Reason
from mccli.calculus.needs import Need
from mccli.expressions.tree import (
    Apply,
    Node,
    Number,
    Product,
    apply,
    eye,
    is_operation,
    multiply,
    traits,
    transpose,
)

ONE = between(Fraction(1), Fraction(1))


class Products:
    """The bend of products, given that of their factors."""

    def __init__(self, bend: Callable[[Node], Bend], forms: Forms) -> None:
        self.bend, self.forms, self.ranges = bend, forms, forms.ranges

    def varies(self, node: Node) -> bool:
        return self.bend(node).kind != "constant"

    # ------------------------------------------------------------------------------------ matrix products

    def bend_of(self, node: Product) -> Bend:
        """The bend of a product of scalars and a chain."""
        moving = [n for n in node.children() if self.varies(n)]
        if len(moving) == 1:
            return self._one_factor(node, moving[0])
        factor = [Number(node.coefficient), *(n for n in node.scalars if not self.varies(n))]
        scalars = [n for n in node.scalars if self.varies(n)]
        found: Bend | None = None
        if not scalars:
            found = self._chain(node)
        elif node.is_scalar and not any(self.varies(n) for n in node.chain):
            factor += [multiply(*node.chain)] if node.chain else []
            found = self._scalars(scalars)
        if found is None:
            return unknown(node)
        sign = self.ranges.of(multiply(*factor))
        kind = turned(found, sign.nonnegative, sign.nonpositive)
        return Bend(kind, found.reason, found.domain) if kind != UNKNOWN else unknown(node)

    def _one_factor(self, node: Product, factor: Node) -> Bend:
        inside = self.bend(factor)
        if inside.is_affine:
            return Bend(AFFINE, Reason("{0} is affine", (node,)), inside.domain)
        if factor in node.scalars:
            others = [Number(node.coefficient), *(n for n in node.scalars if n is not factor)]
            sign = self.ranges.of(multiply(*others))
            if node.chain:
                sign = times(sign, self._chain_sign(node.chain))
        else:
            sign = times(self.ranges.of(multiply(Number(node.coefficient), *node.scalars)), self._around(node, factor))
        kind = turned(inside, sign.nonnegative, sign.nonpositive)
        if kind == UNKNOWN:
            return unknown(node)
        words = f"{{0}} is {kind}: a factor of certain sign times a {inside.kind} function"
        return Bend(kind, Reason(words, (node,), below(inside)), inside.domain)

    def _chain_sign(self, chain: tuple[Node, ...]) -> Range:
        return self.ranges.of(multiply(*chain))

    def _around(self, node: Product, factor: Node) -> Range:
        """The sign of the weights with which the entries of one factor of a chain are added up."""
        place = next(i for i, n in enumerate(node.chain) if n is factor)
        sides = [multiply(*side) for side in (node.chain[:place], node.chain[place + 1 :]) if side]
        return reduce(times, (total(self.ranges.of(side)) for side in sides), ONE)

    def _chain(self, node: Product) -> Bend | None:
        chain = node.chain
        if not node.is_scalar:
            return None
        return self.quadratic(chain) or self._entropy_pair(transpose(chain[0]), multiply(*chain[1:]))

    def quadratic(self, chain: tuple[Node, ...]) -> Bend | None:
        """u'M u with M ⪰ 0 constant, or u'V⁻¹u with V affine and positive definite, for an affine u."""
        outer: list[Node] = []
        inside = list(chain)
        while len(inside) > 1 and transpose(inside[0]) == inside[-1]:
            outer.insert(0, inside.pop())
            inside.pop(0)
        if not outer:
            return None
        u = multiply(*outer)
        if not self.bend(u).is_affine:
            return None
        middle = multiply(eye(u.rows), *inside)
        whole = multiply(*chain)
        if not self.varies(middle):
            proof = self.forms.psd(middle)
            words = "{0} is a quadratic form, with {1} ⪰ 0, of an affine function"
            domain = self.bend(u).domain
            return proof and Bend(CONVEX, Reason(words, (whole, middle), (proof.reason,)), domain)
        return self._fractional(whole, u, middle)

    def _fractional(self, whole: Node, u: Node, middle: Node) -> Bend | None:
        if not is_operation(middle, "inv"):
            return None
        matrix = middle.children()[0]
        if not self.bend(matrix).is_affine or "symmetric" not in traits(matrix):
            return None
        words = "{0} is the matrix fractional function uᵀV⁻¹u of affine functions, with {1} ≻ 0"
        parts = domains(self.bend(u), self.bend(matrix))
        return Bend(CONVEX, Reason(words, (whole, matrix)), (*parts, *definite(self.forms, matrix)))

    # ------------------------------------------------------------------------------------ scalar factors

    def _scalars(self, factors: list[Node]) -> Bend | None:
        return self._over_linear(factors) or (self._entropy_pair(*factors) if len(factors) == 2 else None)

    def _over_linear(self, factors: list[Node]) -> Bend | None:
        """‖u‖²/t with u affine and t > 0 affine, or concave."""
        below_line = [n for n in factors if is_operation(n, "power") and n.children()[1] == Number(-1)]
        if len(below_line) != 1 or len(factors) != 2:
            return None
        above = next(n for n in factors if n is not below_line[0])
        t = below_line[0].children()[0]
        square = self.is_square(above)
        if square is None or not self.bend(t).is_concave:
            return None
        words = "{0} is a square of an affine function over {1} > 0"
        reason = Reason(words, (multiply(*factors), t), below(self.bend(t)))
        condition = () if self.ranges.of(t).positive else (Need("positive", t),)
        return Bend(CONVEX, reason, (*domains(square, self.bend(t)), *condition))

    def is_square(self, node: Node) -> Bend | None:
        """The affine function under squares: ‖u‖², u'M u with M ⪰ 0, and entry by entry u²; or None."""
        if is_operation(node, "sqnorm") or (is_operation(node, "power") and node.children()[1] == Number(2)):
            inside = self.bend(node.children()[0])
            return inside if inside.is_affine else None
        if is_operation(node, "hadamard") and len(node.children()) == 2 and len(set(node.children())) == 1:
            return self.is_square(apply("power", node.children()[0], Number(2)))
        if isinstance(node, Product) and node.chain and len([n for n in node.chain if self.varies(n)]) == 2:
            return self.quadratic(node.chain)
        return None

    # ------------------------------------------------------------------------------------ entries

    def bend_of_entries(self, node: Apply) -> Bend:
        """The bend of an elementwise product."""
        moving = [n for n in node.arguments if self.varies(n)]
        constant = [n for n in node.arguments if not self.varies(n)]
        distinct = list(dict.fromkeys(moving))
        if len(moving) == 1:
            found: Bend | None = self.bend(moving[0])
        elif len(distinct) == 1:
            found = self._entry_power(distinct[0], len(moving))
        else:
            found = self._entropy_pair(*moving) if len(moving) == 2 else None
        if found is None:
            return unknown(node)
        if found.is_affine:
            return Bend(AFFINE, Reason("{0} is affine", (node,)), found.domain)
        sign = reduce(times, (self.ranges.of(n) for n in constant)) if constant else None
        kind = turned(found, sign.nonnegative, sign.nonpositive) if sign else found.kind
        return Bend(kind, found.reason, found.domain) if kind != UNKNOWN else unknown(node)

    def _entry_power(self, base: Node, count: int) -> Bend | None:
        """u ∘ u: an even power of an affine function, any power of a convex one that is not negative."""
        inside, entries = self.bend(base), self.ranges.of(base)
        if (inside.is_affine and count % 2 == 0) or (inside.is_convex and entries.nonnegative):
            words = "every entry of {0} is a convex power"
            return Bend(CONVEX, Reason(words, (apply("hadamard", *[base] * count),), below(inside)), inside.domain)
        return None

    def _entropy_pair(self, first: Node, second: Node) -> Bend | None:
        """u log(c u), convex for u > 0, with u affine and c constant."""
        for u, other in ((first, second), (second, first)):
            if not is_operation(other, "log") or not self.bend(u).is_affine or u.shape != other.shape:
                continue
            inside = other.children()[0]
            if self._is_multiple(inside, u):
                condition = () if self.ranges.of(u).positive else (Need("positive", u),)
                words = "t log(c t) is convex for t > 0, here with t = {0}"
                return Bend(CONVEX, Reason(words, (u,)), (*self.bend(u).domain, *condition))
        return None

    def _is_multiple(self, inside: Node, u: Node) -> bool:
        """Whether an expression is u times, entry by entry, something constant and positive."""
        if inside == u:
            return True
        factors = inside.children() if is_operation(inside, "hadamard") else ()
        if isinstance(inside, Product) and not (inside.is_scalar and inside.chain):
            factors = (Number(inside.coefficient), *inside.children()) if len(inside.chain) <= 1 else ()
        others = [n for n in factors if n != u]
        certain = all(self.ranges.of(n).positive and not self.varies(n) for n in others)
        return certain and len(others) + 1 == len(factors)


def definite(forms: Forms, matrix: Node) -> tuple[Need, ...]:
    """The condition that a matrix is positive definite, unless it is so by its form."""
    proof = forms.psd(matrix)
    return () if proof is not None and proof.definite else (Need("spd", matrix),)
