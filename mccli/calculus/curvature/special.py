"""Convexity of particular functions: log det, tr V⁻¹, extreme eigenvalues, log-convex sums, geometric means.

Boyd & Vandenberghe 3.1.5 (log det, log-sum-exp, geometric mean), 3.5 (log-convex functions), exercise 3.18 (tr X⁻¹).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction

from mccli.calculus.curvature.bend import CONCAVE, CONVEX, Bend, domains
from mccli.calculus.curvature.forms import Forms
from mccli.calculus.curvature.products import Products, definite
from mccli.calculus.curvature.reason import Reason
from mccli.calculus.needs import Need
from mccli.expressions.sizes import number_size
from mccli.expressions.tree import (
    Apply,
    Node,
    Number,
    Product,
    Sum,
    add,
    apply,
    eye,
    is_operation,
    multiply,
    scaled,
    size_scalar,
    traits,
    transpose,
)


class Special:
    """The bend of expressions that a rule of composition alone does not settle."""

    def __init__(self, bend: Callable[[Node], Bend], forms: Forms, products: Products) -> None:
        self.bend, self.forms, self.ranges, self.products = bend, forms, forms.ranges, products

    def operation(self, node: Apply) -> Bend | None:
        """The bend of an operation that has a rule of its own here, or None."""
        found = _RULES.get(node.operation.name)
        return found(self, node) if found is not None else None

    # ------------------------------------------------------------------------------------ matrices

    def logdet(self, node: Apply) -> Bend | None:
        """log det V is concave where V ≻ 0."""
        matrix = node.arguments[0]
        if not self._is_symmetric_affine(matrix):
            return None
        reason = Reason("{0}: log det is concave on the positive definite matrices", (node,))
        return Bend(CONCAVE, reason, (*self.bend(matrix).domain, *definite(self.forms, matrix)))

    def trace(self, node: Apply) -> Bend | None:
        """tr(C V⁻¹) with C ⪰ 0, and tr(U'M U N) with M, N ⪰ 0 constant."""
        inside = node.arguments[0]
        chain = inside.chain if isinstance(inside, Product) else (inside,)
        factor = multiply(Number(inside.coefficient), *inside.scalars) if isinstance(inside, Product) else Number(1)
        if not chain or not self.ranges.of(factor).nonnegative or self.products.varies(factor):
            return None
        for i in range(len(chain)):
            found = self._rotated(node, chain[i:] + chain[:i])
            if found is not None:
                return found
        return None

    def _rotated(self, node: Node, chain: tuple[Node, ...]) -> Bend | None:
        if is_operation(chain[0], "inv"):
            return self._inverse_trace(node, chain)
        moving = [i for i, n in enumerate(chain) if self.products.varies(n)]
        if len(moving) != 2 or moving[0] != 0 or transpose(chain[0]) != chain[moving[1]]:
            return None
        left, right = (self._weight(chain[1 : moving[1]]), self._weight(chain[moving[1] + 1 :]))
        if left is None or right is None or not self.bend(chain[0]).is_affine:
            return None
        words = "{0} = ‖M¹ᐟ² U N¹ᐟ²‖² with M, N ⪰ 0 and U affine"
        return Bend(CONVEX, Reason(words, (node,), (*left, *right)), self.bend(chain[0]).domain)

    def _weight(self, chain: tuple[Node, ...]) -> tuple[Reason, ...] | None:
        """Why a constant product is positive semidefinite; nothing to say of the empty one."""
        if not chain:
            return ()
        proof = self.forms.psd(multiply(*chain))
        return None if proof is None else (proof.reason,)

    def _inverse_trace(self, node: Node, chain: tuple[Node, ...]) -> Bend | None:
        matrix = chain[0].children()[0]
        rest = multiply(eye(matrix.rows), *chain[1:])
        if self.products.varies(rest) or self._weight((rest,)) is None or not self._is_symmetric_affine(matrix):
            return None
        words = "{0}: tr(C V⁻¹) with C ⪰ 0 is convex on the positive definite matrices V"
        return Bend(CONVEX, Reason(words, (node,)), (*self.bend(matrix).domain, *definite(self.forms, matrix)))

    def eigenvalue(self, node: Apply) -> Bend | None:
        """The largest eigenvalue is convex and the smallest concave, of a symmetric affine matrix."""
        matrix, k = node.arguments[0], node.sizes[0]
        if not self._is_symmetric_affine(matrix) or k not in (matrix.rows, number_size(1)) or matrix.is_scalar:
            return None
        kind, which, bound = (CONVEX, "largest", "maximum") if k == matrix.rows else (CONCAVE, "smallest", "minimum")
        words = f"{{0}} is the {which} eigenvalue, a {bound} of vᵀMv over unit vectors v"
        return Bend(kind, Reason(words, (node,)), self.bend(matrix).domain)

    def singular_value(self, node: Apply) -> Bend | None:
        """The largest singular value is a norm."""
        inside = self.bend(node.arguments[0])
        if node.sizes[0] != number_size(1) or not inside.is_affine:
            return None
        return Bend(CONVEX, Reason("{0} is the spectral norm of an affine function", (node,)), inside.domain)

    def _is_symmetric_affine(self, matrix: Node) -> bool:
        return "symmetric" in traits(matrix) and self.bend(matrix).is_affine

    # ------------------------------------------------------------------------------------ roots and logarithms

    def root(self, node: Apply) -> Bend | None:
        """(c + ‖u‖²)^p with p >= 1/2 and c >= 0: a norm, to a power of at least 1."""
        p = node.arguments[1] if len(node.arguments) > 1 else Number(Fraction(1, 2))
        if not isinstance(p, Number) or p.value < Fraction(1, 2):
            return None
        inside = node.arguments[0]
        terms = [scaled(c, n) for c, n in inside.terms] if isinstance(inside, Sum) else [inside]
        squares = [n for n in terms if self.products.varies(n)]
        rest = [n for n in terms if n not in squares]
        if rest and not self.ranges.of(add(*rest)).nonnegative:
            return None
        parts = [self._square_term(n) for n in squares]
        if not all(parts):
            return None
        power = "" if p.value == Fraction(1, 2) else ", to a power ≥ 1"
        words = f"{{0}} is a Euclidean norm of an affine function{power}"
        return Bend(CONVEX, Reason(words, (node,)), domains(*(b for b in parts if b is not None)))

    def _square_term(self, node: Node) -> Bend | None:
        """The affine function under a square times a constant that is not negative."""
        if not isinstance(node, Product) or node.chain:
            return self.products.is_square(node)
        moving = [n for n in node.scalars if self.products.varies(n)]
        constant = [n for n in node.scalars if n not in moving]
        sign = self.ranges.of(multiply(Number(node.coefficient), *constant))
        return self.products.is_square(moving[0]) if sign.nonnegative and len(moving) == 1 else None

    def logarithm(self, node: Apply) -> Bend | None:
        """log of a log-convex function, and of the log-concave ones of the language."""
        inside = node.arguments[0]
        domain = self.log_convex(inside)
        if domain is not None:
            return Bend(CONVEX, Reason("{0} is the log of a sum of exponentials of convex functions", (node,)), domain)
        if not isinstance(inside, Apply):
            return None
        name, argument = inside.operation.name, inside.arguments[0]
        bend = self.bend(argument)
        if name == "det" and self._is_symmetric_affine(argument):
            reason = Reason("{0}: log det is concave on the positive definite matrices", (node,))
            return Bend(CONCAVE, reason, (*bend.domain, *definite(self.forms, argument)))
        if name in ("sigmoid", "normcdf") and bend.is_concave:
            return Bend(CONCAVE, Reason(f"{{0}}: {name} is log-concave and increasing", (node,)), bend.domain)
        if name in ("softmax", "softmax_rows", "softmax_cols") and bend.is_affine:
            return Bend(CONCAVE, Reason("every entry of {0} is affine minus a log-sum-exp", (node,)), bend.domain)
        if name == "prod" and bend.is_concave:
            return Bend(CONCAVE, Reason("{0} is a sum of logs of concave functions", (node,)), self._positive(argument))
        return None

    def log_convex(self, node: Node) -> tuple[Need, ...] | None:
        """The conditions under which every entry is positive with a convex logarithm, or None."""
        if not self.products.varies(node):
            return () if self.ranges.of(node).positive else None
        if isinstance(node, Sum):
            return self._all_log_convex(n for _, n in node.terms) if all(c > 0 for c, _ in node.terms) else None
        if isinstance(node, Product):
            return self._all_log_convex(node.children()) if node.coefficient > 0 else None
        if not isinstance(node, Apply):
            return None
        name, argument = node.operation.name, node.arguments[0]
        if name in ("exp", "cosh"):
            bend = self.bend(argument)
            return bend.domain if bend.is_affine or (name == "exp" and bend.is_convex) else None
        if name in ("sum", "mean", "rowsums", "colsums", "vec", "unvec"):
            return self.log_convex(argument)
        if name == "hadamard":
            return self._all_log_convex(node.arguments)
        return None

    def _all_log_convex(self, nodes: Iterable[Node]) -> tuple[Need, ...] | None:
        found = [self.log_convex(n) for n in nodes]
        return None if any(d is None for d in found) else tuple(need for d in found for need in d or ())

    # ------------------------------------------------------------------------------------ geometric means

    def exponential(self, node: Apply) -> Bend | None:
        """exp(w'log u) with weights w >= 0 that add up to 1."""
        inside = node.arguments[0]
        u = self._mean_log(inside) if node.is_scalar else None
        return self._geometric(node, u) if u is not None else None

    def _mean_log(self, node: Node) -> Node | None:
        if is_operation(node, "mean"):
            return _under_log(node.children()[0])
        if isinstance(node, Product) and len(node.chain) == 2 and not node.scalars and node.coefficient == 1:
            for w, other in (node.chain, tuple(transpose(n) for n in reversed(node.chain))):
                u = _under_log(other)
                if u is not None and "simplex" in traits(transpose(w)) and not self.products.varies(w):
                    return u
        if isinstance(node, Product) and not node.chain:
            sums = [n for n in node.scalars if is_operation(n, "sum")]
            u = _under_log(sums[0].children()[0]) if len(sums) == 1 else None
            if u is not None and multiply(node, apply("power", sums[0], Number(-1))) == _one_over_entries(u):
                return u
        return None

    def power(self, node: Apply) -> Bend | None:
        """prod(u)^(1/n) over the n entries of u."""
        base, exponent = node.arguments
        if is_operation(base, "prod") and exponent == _one_over_entries(base.children()[0]):
            return self._geometric(node, base.children()[0])
        return self.root(node)

    def _geometric(self, node: Node, u: Node) -> Bend | None:
        if not self.bend(u).is_concave:
            return None
        return Bend(CONCAVE, Reason("{0} is a geometric mean of concave functions", (node,)), self._positive(u))

    def _positive(self, u: Node) -> tuple[Need, ...]:
        condition = () if self.ranges.of(u).positive else (Need("positive", u),)
        return (*self.bend(u).domain, *condition)


def _under_log(node: Node) -> Node | None:
    return node.children()[0] if is_operation(node, "log") else None


def _one_over_entries(u: Node) -> Node:
    return apply("power", size_scalar(u.rows * u.columns), Number(-1))


_RULES: dict[str, Callable[[Special, Apply], Bend | None]] = {
    "logdet": Special.logdet,
    "tr": Special.trace,
    "eigval": Special.eigenvalue,
    "sv": Special.singular_value,
    "sqrt": Special.root,
    "power": Special.power,
    "log": Special.logarithm,
    "exp": Special.exponential,
}
