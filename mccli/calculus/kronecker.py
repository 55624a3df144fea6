"""Products of Kronecker products, commutation matrices, diagonal matrices and selections, brought together.

(A ⊗ B)(C ⊗ D) = AC ⊗ BD, K (A ⊗ B) = (B ⊗ A) K, vec(a b') = b ⊗ a, (A ⊗ B) vec(C) = vec(B C A')
(Magnus & Neudecker, Matrix Differential Calculus, ch. 2 and 3). The commutation matrix moves to the right,
so that two of them meet and cancel; in a sum it comes back out as (I + K).
"""

from __future__ import annotations

from collections.abc import Iterable

from mccli.calculus.blocks import stacked_product
from mccli.calculus.entrywise import shorter_product
from mccli.calculus.kronecker_sums import collected, is_kronecker_like, parts
from mccli.calculus.naming import weight
from mccli.calculus.selections import (
    commutation,
    diagonal_of_product,
    is_commutation,
    is_selection,
    is_turned_selection,
    khatri_rao,
    kronecker,
    kronecker_factors,
    outer_product,
    selected,
)
from mccli.expressions.graph import rebuild, walk
from mccli.expressions.sizes import ONE
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
    inner,
    is_eye,
    is_operation,
    multiply,
    scaled,
    transpose,
)


def gathered(node: Node, typed: Iterable[Node] = ()) -> Node:
    """The same value with the products of Kronecker products and their kin carried out.

    ``typed`` are expressions to leave as they are.
    """
    keep = {n for root in typed for n in walk(root)}
    done: dict[Node, Node] = {}
    for current in walk(node):
        if current in keep:
            done[current] = current
            continue
        children = tuple(done[c] for c in current.children())
        same = all(a is b for a, b in zip(children, current.children(), strict=True))
        done[current] = _local(current if same else rebuild(current, children))
    return done[node]


def _local(node: Node) -> Node:
    if isinstance(node, Product) and len(node.chain) > 1:
        return _chain(_with_sign_outside(node))
    if isinstance(node, Sum):
        together = collected(node)
        return together if isinstance(together, Sum) else _local(together)
    if is_operation(node, "kron"):
        return kronecker(node)
    if is_operation(node, "kr"):
        return khatri_rao(*node.children())
    if is_operation(node, "hadamard"):
        return diagonal_of_product(shorter_product(node))
    return _vec_of_product(node) if is_operation(node, "vec") else node


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
    halves = outer_product(multiply(*inside.chain))
    if halves is None:
        return node
    left, right = halves
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
    found = selected(left, right) or _over_sum(left, right)
    if found is not None:
        return found
    if is_operation(left, "kron"):
        return _kronecker_times(left, right)
    if is_commutation(left):
        assert isinstance(left, Constant)
        return _commutation_times(left, right)
    if is_operation(left, "Diag") and is_operation(right, "Diag"):
        return [apply("Diag", apply("hadamard", left.children()[0], right.children()[0]))]
    if _is_row_of_vec(left):
        return _row_of_vec_times(left, right)
    found = _times_kronecker(left, right) if is_operation(right, "kron") else None
    return stacked_product(left, right) if found is None else found


def _merged(*factors: Node) -> Node:
    return _local(multiply(*factors))


def _kronecker_times(left: Node, right: Node) -> list[Node] | None:
    a, b = left.children()
    if is_operation(right, "kron") and (groups := _in_groups(left, right)) is not None:
        return groups
    if is_operation(right, "kr") and (a.columns, b.columns) == tuple(n.rows for n in right.children()):
        c, d = right.children()
        return [khatri_rao(multiply(a, c), multiply(b, d))]
    if is_operation(right, "vec"):
        return _vec_of_sandwich(a, right.children()[0], b)
    if right == commutation(a.columns, b.columns) and ONE in (a.rows, b.rows):
        return [kronecker(b, a)]
    if a == b and _is_symmetrizer(right) and right == add(eye(left.columns), commutation(a.columns, a.columns)):
        return [add(eye(left.rows), commutation(a.rows, a.rows)), left]
    if ONE in (a.columns, b.columns) and not is_commutation(right) and right.columns != ONE:
        return [kronecker(multiply(a, right), b) if b.columns == ONE else kronecker(a, multiply(b, right))]
    return None


def _in_groups(left: Node, right: Node) -> list[Node] | None:
    """(A ⊗ B ⊗ C)(D ⊗ E) = (A ⊗ B) D ⊗ C E, wherever the sizes allow a cut."""
    first, second = kronecker_factors(left), kronecker_factors(right)
    for i in range(1, len(first)):
        for j in range(1, len(second)):
            upper, lower = kronecker(*first[:i]), kronecker(*first[i:])
            above, below = kronecker(*second[:j]), kronecker(*second[j:])
            if upper.columns == above.rows and lower.columns == below.rows:
                return [kronecker(_merged(upper, above), _merged(lower, below))]
    return None


def _is_symmetrizer(node: Node) -> bool:
    """I + K, which commutes with A ⊗ A (Magnus & Neudecker 3.8, theorem 12)."""
    if not isinstance(node, Sum) or len(node.terms) != 2 or any(c != 1 for c, _ in node.terms):
        return False
    return {is_eye(n) for _, n in node.terms} == {is_commutation(n) for _, n in node.terms} == {True, False}


def _times_kronecker(left: Node, right: Node) -> list[Node] | None:
    """M (a' ⊗ B) = a' ⊗ M B."""
    a, b = right.children()
    if ONE in (a.rows, b.rows) and left.rows != ONE:
        return [kronecker(multiply(left, a), b) if b.rows == ONE else kronecker(a, multiply(left, b))]
    return None


def _vec_of_sandwich(a: Node, inside: Node, b: Node) -> list[Node] | None:
    """(A ⊗ B) vec(C) = vec(B C A')."""
    if a.columns == inside.columns and b.columns == inside.rows:
        return [apply("vec", multiply(b, inside, transpose(a)))]
    return None


def _is_row_of_vec(node: Node) -> bool:
    return isinstance(node, Transpose) and is_operation(node.operand, "vec")


def _row_of_vec_times(left: Node, right: Node) -> list[Node] | None:
    """vec(A)'vec(B) = tr(A'B), vec(C)'(A ⊗ B) = vec(B'C A)', vec(C)'K = vec(C')' (Magnus & Neudecker 2.4, 3.7)."""
    inside = transpose(left).children()[0]
    if is_operation(right, "vec") and right.children()[0].shape == inside.shape:
        return [inner(inside, right.children()[0])]
    if is_commutation(right) and isinstance(right, Constant) and inside.shape == (right.sizes[1], right.sizes[0]):
        return [transpose(apply("vec", transpose(inside)))]
    if not is_operation(right, "kron"):
        return None
    a, b = right.children()
    if (b.rows, a.rows) != inside.shape:
        return None
    return [transpose(_merged(apply("vec", multiply(transpose(b), inside, a))))]


def _commutation_times(left: Constant, right: Node) -> list[Node] | None:
    m, n = left.sizes
    if is_commutation(right) and isinstance(right, Constant) and right.sizes == (n, m):
        return [eye(left.rows)]
    if is_operation(right, "kron"):
        a, b = right.children()
        if (b.rows, a.rows) == (m, n):
            return [kronecker(b, a), commutation(b.columns, a.columns)]
    if is_operation(right, "vec") and right.children()[0].shape == (m, n):
        return [apply("vec", transpose(right.children()[0]))]
    return [right] if is_turned_selection(right) and m == n else None


# ---------------------------------------------------------------------------------------------- over a sum


def _over_sum(left: Node, right: Node) -> list[Node] | None:
    """A product with a sum term by term, where every term then merges with the other factor and it pays."""
    if isinstance(left, Sum) == isinstance(right, Sum):
        return None
    whole = left if isinstance(left, Sum) else right
    assert isinstance(whole, Sum)
    other = right if whole is left else left
    if not (_distributes(other) or all(is_kronecker_like(n) for _, n in whole.terms)):
        return None
    terms = []
    for coefficient, term in whole.terms:
        term = scaled(coefficient, term)
        merged = _merged(term, other) if whole is left else _merged(other, term)
        if _stays_apart(other, term, parts(merged)[1]):
            return None
        terms.append(merged)
    total = add(*terms)
    together = collected(total) if isinstance(total, Sum) else total  # once: what comes out is not multiplied out again
    return [together] if _pays(other, whole, terms, together) else None


def _stays_apart(other: Node, term: Node, chain: tuple[Node, ...]) -> bool:
    """Whether a product is still one of both factors; a commutation matrix that only changed its side is apart too."""
    if is_eye(term):
        return False
    if is_commutation(term) and any(is_commutation(n) for n in chain):
        return True
    return other in chain and len(chain) > len(parts(term)[1])


def _distributes(node: Node) -> bool:
    named = any(is_operation(node, name) for name in ("kron", "kr", "vec"))
    return named or is_selection(node) or is_turned_selection(node) or _is_row_of_vec(node)


def _pays(other: Node, whole: Sum, terms: list[Node], together: Node) -> bool:
    """Kronecker products stay such or vanish, a row of one takes (I + K) up, or the result is shorter."""
    if all(is_kronecker_like(n) for n in terms) and all(is_kronecker_like(n) for _, n in whole.terms):
        return True
    if _is_symmetrizer(whole) and is_operation(other, "kron") and ONE in {n.rows for n in other.children()}:
        return True
    plain = is_operation(other, "kron") and not any(is_operation(n, "kron") for n in walk(together))
    return plain or weight(together) < weight(other) + weight(whole)
