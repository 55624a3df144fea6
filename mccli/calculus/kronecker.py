"""Products of Kronecker products, commutation matrices, diagonal matrices and selections, brought together.

(A ⊗ B)(C ⊗ D) = AC ⊗ BD, K (A ⊗ B) = (B ⊗ A) K, vec(a b') = b ⊗ a, (A ⊗ B) S' = A ∗ B for the selection S
of a diagonal (Magnus & Neudecker, Matrix Differential Calculus, ch. 2 and 3). The commutation matrix moves
to the right, so that two of them meet and cancel; in a sum it comes back out as (I + K).
"""

from __future__ import annotations

from collections import Counter

from mccli.expressions.constants import constant
from mccli.expressions.graph import rebuild, walk
from mccli.expressions.sizes import ONE, Size
from mccli.expressions.tree import (
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
    multiply,
    ones,
    scaled,
    transpose,
)


def gathered(node: Node) -> Node:
    """The same value with the products of Kronecker products and their kin carried out."""
    done: dict[Node, Node] = {}
    for current in walk(node):
        children = tuple(done[c] for c in current.children())
        same = all(a is b for a, b in zip(children, current.children(), strict=True))
        done[current] = _local(current if same else rebuild(current, children))
    return done[node]


def _local(node: Node) -> Node:
    if isinstance(node, Product) and len(node.chain) > 1:
        return _chain(_with_sign_outside(node))
    if isinstance(node, Sum):
        return _with_commutation_outside(node)
    if is_operation(node, "kron"):
        return _kronecker(*node.children())
    return _vec_of_product(node) if is_operation(node, "vec") else node


def _kronecker(a: Node, b: Node) -> Node:
    """Flat to the right; a ⊗ b' = b' ⊗ a = a b' for vectors; ones with ones."""
    if is_operation(a, "kron"):
        first, second = a.children()
        return _kronecker(first, _kronecker(second, b))
    if a.columns == b.rows == ONE:
        return multiply(a, b)
    if a.rows == b.columns == ONE:
        return multiply(b, a)
    return ones((a.rows * b.rows, a.columns * b.columns)) if is_ones(a) and is_ones(b) else apply("kron", a, b)


def _with_sign_outside(node: Product) -> Product:
    """-(-A - B) C as (A + B) C."""
    for i, factor in enumerate(node.chain):
        if isinstance(factor, Sum) and all(c < 0 for c, _ in factor.terms) and node.coefficient < 0:
            turned = multiply(Number(-1), Number(node.coefficient), *node.scalars)
            flipped = multiply(turned, *node.chain[:i], scaled(-1, factor), *node.chain[i + 1 :])
            assert isinstance(flipped, Product)
            return flipped
    return node


def _vec_of_product(node: Node) -> Node:
    """vec(a b') = b ⊗ a."""
    inside = node.children()[0]
    if not (isinstance(inside, Product) and inside.chain):
        return node
    place = next((i for i, n in enumerate(inside.chain[:-1], 1) if inside.chain[i - 1].columns == ONE), None)
    if place is None:
        return node
    left, right = multiply(*inside.chain[:place]), multiply(*inside.chain[place:])
    return multiply(Number(inside.coefficient), *inside.scalars, apply("kron", transpose(right), left))


# ---------------------------------------------------------------------------------------------- chains


def _chain(node: Product) -> Node:
    """A product with every pair of neighbours merged that can be."""
    factors = list(node.chain)
    i = 0
    while i < len(factors) - 1:
        merged = _pair(factors[i], factors[i + 1])
        if merged is None:
            i += 1
            continue
        factors[i : i + 2] = [n for n in merged if not is_eye(n)] or [eye(factors[i].rows)]
        i = max(i - 1, 0)
    same = len(factors) == len(node.chain) and all(a is b for a, b in zip(factors, node.chain, strict=True))
    return node if same else multiply(Number(node.coefficient), *node.scalars, *factors)


def _pair(left: Node, right: Node) -> list[Node] | None:
    """Two neighbours in a product in another form of the same value, or None."""
    if is_operation(left, "kron"):
        return _kronecker_times(left, right)
    if is_commutation(left):
        assert isinstance(left, Constant)
        return _commutation_times(left, right)
    if is_operation(left, "Diag") and is_operation(right, "Diag"):
        return [apply("Diag", apply("hadamard", left.children()[0], right.children()[0]))]
    if is_operation(right, "kron"):
        return _times_kronecker(left, right)
    return None


def _kronecker_times(left: Node, right: Node) -> list[Node] | None:
    a, b = left.children()
    if is_operation(right, "kron"):
        c, d = right.children()
        if a.columns == c.rows and b.columns == d.rows:
            return [_kronecker(multiply(a, c), multiply(b, d))]
    if is_operation(right, "kr") and (a.columns, b.columns) == tuple(n.rows for n in right.children()):
        c, d = right.children()
        return [apply("kr", multiply(a, c), multiply(b, d))]
    if isinstance(right, Transpose) and _is_named(right.operand, "diagsel") and a.columns == b.columns == right.columns:
        return [apply("kr", a, b)]
    if is_operation(right, "vec"):
        return _vec_of_sandwich(a, right.children()[0], b)
    if is_commutation(right) and ONE in (a.rows, b.rows):
        return [_kronecker(b, a)]
    if isinstance(right, Sum) and all(_is_kronecker_like(n) for _, n in right.terms):
        return _distributed([multiply(left, scaled(c, n)) for c, n in right.terms])
    if ONE in (a.columns, b.columns) and not is_commutation(right) and right.columns != ONE:
        pair = (multiply(a, right), b) if b.columns == ONE else (a, multiply(b, right))
        return [_kronecker(*pair)]
    return None


def _times_kronecker(left: Node, right: Node) -> list[Node] | None:
    """M (a' ⊗ B) = a' ⊗ M B, and a sum of Kronecker products times another one term by term."""
    if isinstance(left, Sum) and all(_is_kronecker_like(n) for _, n in left.terms):
        return _distributed([multiply(scaled(c, n), right) for c, n in left.terms])
    a, b = right.children()
    if ONE in (a.rows, b.rows) and left.rows != ONE:
        return [_kronecker(multiply(left, a), b) if b.rows == ONE else _kronecker(a, multiply(left, b))]
    return None


def _is_kronecker_like(node: Node) -> bool:
    """Whether a term is a multiple of one Kronecker product, perhaps with a commutation matrix."""
    _, chain = _parts(node)
    return [is_operation(n, "kron") for n in chain if not is_commutation(n)] == [True]


def _distributed(terms: list[Node]) -> list[Node] | None:
    """The sum of the products if every one of them came out as a single Kronecker product."""
    merged = [_local(n) for n in terms]
    return [add(*merged)] if all(_is_kronecker_like(n) for n in merged) else None


def _vec_of_sandwich(a: Node, inside: Node, b: Node) -> list[Node] | None:
    """(A ⊗ B) vec(C) = vec(B C A')."""
    if a.columns == inside.columns and b.columns == inside.rows:
        return [apply("vec", multiply(b, inside, transpose(a)))]
    return None


def _commutation_times(left: Constant, right: Node) -> list[Node] | None:
    m, n = left.sizes
    if is_commutation(right) and isinstance(right, Constant) and right.sizes == (n, m):
        return [eye(left.rows)]
    if is_operation(right, "kron"):
        a, b = right.children()
        if (b.rows, a.rows) == (m, n):
            return [_kronecker(b, a), commutation(b.columns, a.columns)]
    if is_operation(right, "vec") and right.children()[0].shape == (m, n):
        return [apply("vec", transpose(right.children()[0]))]
    if isinstance(right, Transpose) and _is_named(right.operand, "diagsel") and m == n:
        return [right]
    return None


def commutation(m: Size, n: Size) -> Node:
    """K with K vec(A) = vec(A') for an m×n matrix A; the identity for a vector."""
    return constant("commutation", (m, n))


def is_commutation(node: Node) -> bool:
    """Whether a node is a commutation matrix."""
    return _is_named(node, "commutation")


def _is_named(node: Node, name: str) -> bool:
    return isinstance(node, Constant) and node.name == name


# ---------------------------------------------------------------------------------------------- sums


def _with_commutation_outside(node: Sum) -> Node:
    """(B ⊗ A) K + (A ⊗ B) = (I + K)(A ⊗ B), for A and B with as many rows."""
    terms = list(node.terms)
    for i, (coefficient, term) in enumerate(terms):
        for j, (other, partner) in enumerate(terms):
            if i != j and coefficient == other and (both := _both_orders(term, partner)) is not None:
                rest = [scaled(c, n) for k, (c, n) in enumerate(terms) if k not in (i, j)]
                return add(scaled(coefficient, both), *rest)
    return node


def _both_orders(turned: Node, plain: Node) -> Node | None:
    """(I + K)(A ⊗ B) if the first node is (B ⊗ A) K and the second A ⊗ B, with what stands around them; else None."""
    scalars, chain = _parts(turned)
    other_scalars, other = _parts(plain)
    if len(chain) != len(other) + 1 or Counter(scalars) != Counter(other_scalars):
        return None
    for i in range(len(other)):
        if not (is_commutation(chain[i + 1]) and is_operation(chain[i], "kron") and is_operation(other[i], "kron")):
            continue
        (b, a), (c, d) = chain[i].children(), other[i].children()
        if (a, b) == (c, d) and a.rows == b.rows and chain[:i] == other[:i] and chain[i + 2 :] == other[i + 1 :]:
            both = add(eye(other[i].rows), commutation(a.rows, a.rows))
            return multiply(*scalars, *chain[:i], both, *other[i:])
    return None


def _parts(node: Node) -> tuple[tuple[Node, ...], tuple[Node, ...]]:
    """Scalar factors and chain of a term."""
    return (node.scalars, node.chain) if isinstance(node, Product) else ((), (node,))
