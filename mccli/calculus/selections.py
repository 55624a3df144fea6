"""Commutation matrices, selections of a diagonal, and the products that stack: Kronecker and Khatri-Rao.

With S the selection of a diagonal, S vec(X) = diag(X): (A ⊗ B) S' = A ∗ B, S (A ∗ B) = A ∘ B,
(A ∗ B)'(C ∗ D) = A'C ∘ B'D (Magnus & Neudecker 3.6 to 3.8; Rao & Rao, Matrix Algebra, 6.4).
"""

from __future__ import annotations

from mccli.expressions.constants import constant
from mccli.expressions.sizes import ONE, Size
from mccli.expressions.tree import (
    Constant,
    Node,
    Number,
    Product,
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
    terms_of,
    transpose,
)


def commutation(m: Size, n: Size) -> Node:
    """K with K vec(A) = vec(A') for an m×n matrix A; the identity for a vector."""
    return constant("commutation", (m, n))


def is_commutation(node: Node) -> bool:
    """Whether a node is a commutation matrix."""
    return _is_named(node, "commutation")


def _is_named(node: Node, name: str) -> bool:
    return isinstance(node, Constant) and node.name == name


def is_selection(node: Node) -> bool:
    """Whether a node is the selection S of a diagonal."""
    return _is_named(node, "diagsel")


def is_turned_selection(node: Node) -> bool:
    """Whether a node is S'."""
    return isinstance(node, Transpose) and is_selection(node.operand)


# ---------------------------------------------------------------------------------------------- products


def kronecker_factors(node: Node) -> list[Node]:
    """The factors of a Kronecker product from left to right; any other node is one factor."""
    if not is_operation(node, "kron"):
        return [node]
    return [n for child in node.children() for n in kronecker_factors(child)]


def atoms(node: Node) -> list[Node]:
    """Kronecker factors, with every a b' in them as a ⊗ b' (which it is)."""
    found: list[Node] = []
    for factor in kronecker_factors(node):
        halves = outer_product(factor)
        found += [factor] if halves is None else [n for half in halves for n in atoms(half)]
    return found


def outer_product(node: Node) -> tuple[Node, Node] | None:
    """a and b' for a node a b' without a scalar factor, else None."""
    if not isinstance(node, Product) or node.scalars or node.coefficient != 1:
        return None
    place = next((i for i, n in enumerate(node.chain[:-1], 1) if n.columns == ONE), None)
    return None if place is None else (multiply(*node.chain[:place]), multiply(*node.chain[place:]))


def kronecker(*factors: Node) -> Node:
    """A Kronecker product, flat to the right; a ⊗ b' = b' ⊗ a = a b' for vectors; ones with ones.

    A row commutes with a column, so that those side by side are brought together from the right:
    (a b') ⊗ c' = b' ⊗ a c'.
    """
    together: list[Node] = []
    columns: list[Node] = []
    rows: list[Node] = []
    outside: list[Node] = []
    for factor in factors:
        plain, scalars = _without_scalars(factor)
        outside += scalars
        for atom in atoms(plain):
            if is_column(atom) or is_row(atom):
                (columns if is_column(atom) else rows).append(atom)
            else:
                together += [*_side_by_side(columns, rows), atom]
                columns, rows = [], []
    together += _side_by_side(columns, rows)
    result = together[-1] if together else Number(1)
    for factor in reversed(together[:-1]):
        result = _two(factor, result)
    return multiply(*outside, result)


def is_column(node: Node) -> bool:
    """Whether a node is a column of more than one entry."""
    return node.columns == ONE != node.rows


def is_row(node: Node) -> bool:
    """Whether a node is a row of more than one entry."""
    return node.rows == ONE != node.columns


def _side_by_side(columns: list[Node], rows: list[Node]) -> list[Node]:
    """Columns and rows in pairs, the first ones alone if there are more of one kind."""
    pairs = min(len(columns), len(rows))
    alone = columns[: len(columns) - pairs] + rows[: len(rows) - pairs]
    both = zip(columns[len(columns) - pairs :], rows[len(rows) - pairs :], strict=True)
    return [*alone, *(multiply(a, b) for a, b in both)]


def _two(a: Node, b: Node) -> Node:
    if is_ones(a) and is_ones(b):
        return ones((a.rows * b.rows, a.columns * b.columns))
    return apply("kron", a, b)


def khatri_rao(a: Node, b: Node) -> Node:
    """A ∗ B, column by column; for a row a' it is B Diag(a): every column times a number."""
    (a, left), (b, right) = _without_scalars(a), _without_scalars(b)
    if a.rows == ONE:
        return multiply(*left, *right, b, apply("Diag", transpose(a)))
    if b.rows == ONE:
        return multiply(*left, *right, a, apply("Diag", transpose(b)))
    return multiply(*left, *right, apply("kr", a, b))


def diagonal_of_product(node: Node) -> Node:
    """I ∘ a b' = Diag(a ∘ b), term by term; any other elementwise product as it is."""
    factors = [n for n in node.children() if not is_eye(n)]
    if len(factors) != 1 or len(node.children()) != 2:
        return node
    terms = [(c, outer_product(n)) for c, n in terms_of(factors[0])]
    diagonals = [
        scaled(c, apply("Diag", apply("hadamard", halves[0], transpose(halves[1])))) for c, halves in terms if halves
    ]
    return add(*diagonals) if len(diagonals) == len(terms) else node


def _without_scalars(node: Node) -> tuple[Node, list[Node]]:
    """A matrix without its scalar factors, and these."""
    if not isinstance(node, Product) or not node.chain or not (node.scalars or node.coefficient != 1):
        return node, []
    return multiply(*node.chain), [Number(node.coefficient), *node.scalars]


# ---------------------------------------------------------------------------------------------- neighbours


def selected(left: Node, right: Node) -> list[Node] | None:
    """Two neighbours in a product of which one picks a diagonal, in a shorter form of the same value, or None."""
    if is_operation(left, "kron") and is_turned_selection(right):
        a, b = left.children()
        return [khatri_rao(a, b)] if a.columns == b.columns == right.columns else None
    if _is_turned_khatri_rao(left) and is_operation(right, "kr"):
        return _entrywise(transpose(left), right)
    if _is_turned_khatri_rao(left) and is_turned_selection(right):
        found = _picked(transpose(left), right.columns)
        return None if found is None else [transpose(n) for n in reversed(found)]
    return _picked(right, left.rows) if is_selection(left) else None


def _is_turned_khatri_rao(node: Node) -> bool:
    return isinstance(node, Transpose) and is_operation(node.operand, "kr")


def _entrywise(left: Node, right: Node) -> list[Node] | None:
    """(A ∗ B)'(C ∗ D) = A'C ∘ B'D."""
    (a, b), (c, d) = left.children(), right.children()
    if (a.rows, b.rows) != (c.rows, d.rows):
        return None
    return [apply("hadamard", multiply(transpose(a), c), multiply(transpose(b), d))]


def _picked(right: Node, n: Size) -> list[Node] | None:
    """S (A ∗ B) = A ∘ B, S (a ⊗ B) = Diag(a) B, S vec(X) = diag(X), S K = S, S S' = I."""
    if is_turned_selection(right):
        return [eye(n)]
    if is_commutation(right):
        return [constant("diagsel", (n,))]
    if is_operation(right, "vec") and right.children()[0].shape == (n, n):
        return [apply("diag", right.children()[0])]
    if not (is_operation(right, "kr") or is_operation(right, "kron")) or {c.rows for c in right.children()} != {n}:
        return None
    a, b = right.children()
    if is_operation(right, "kr"):
        return [apply("hadamard", a, b)]
    if a.columns == ONE:
        return [apply("Diag", a), b]
    return [apply("Diag", b), a] if b.columns == ONE else None
