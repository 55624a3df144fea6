"""Inverses of the operators of linear equations, and the conditions under which they exist."""

from __future__ import annotations

from mccli.calculus.needs import Need
from mccli.calculus.solving.gather import common_number, pieces
from mccli.expressions.tree import (
    Node,
    Number,
    Product,
    Sum,
    add,
    apply,
    eye,
    is_operation,
    multiply,
    number,
    scaled,
    traits,
    transpose,
)


def without_scalars(node: Node) -> Node:
    """A matrix without its scalar factors; 1 for a scalar."""
    if node.is_scalar:
        return Number(1)
    return multiply(*node.chain) if isinstance(node, Product) else node


def inverse(operator: Node) -> Node:
    """The inverse; of a product of matrices that are surely invertible the product of the inverses."""
    if isinstance(operator, Product) and all("invertible" in traits(n) for n in operator.chain):
        scalars = [apply("power", n, number(-1)) for n in (*operator.scalars, number(operator.coefficient))]
        return multiply(*scalars, *(apply("inv", n) for n in reversed(operator.chain)))
    if operator.is_scalar:
        return apply("power", operator, number(-1))
    if isinstance(operator, Sum):
        factor = common_number(pieces(operator))
        return multiply(number(1 / factor), apply("inv", scaled(1 / factor, operator)))
    return apply("inv", operator)


def invertible_if(operator: Node) -> list[Need]:
    """The conditions under which an operator is invertible, those that follow from declarations left out."""
    if operator.is_scalar:
        plain = "positive" in traits(operator) or (isinstance(operator, Number) and operator.value != 0)
        return [] if plain else [Need("nonzero entries", operator)]
    scalars = operator.scalars if isinstance(operator, Product) else ()
    found = [n for s in scalars for n in invertible_if(s)]
    core = without_scalars(operator)
    if "invertible" in traits(core):
        return found
    if is_operation(core, "Diag"):
        return [*found, Need("nonzero entries", core.children()[0])]
    tail = gram_factor(core)
    return [*found, Need("full column rank", tail) if tail is not None else Need("invertible", core)]


def unique_if(a: Node, b: Node) -> list[Need]:
    """The condition under which A X + X B = C has one solution: no eigenvalue of A is the negative of one of B.

    For positive semidefinite A and B, that one of them is definite; else that I ⊗ A + Bᵀ ⊗ I is invertible.
    """
    both = [traits(a), traits(b)]
    if all("psd" in t for t in both):
        if any("spd" in t for t in both):
            return []
        if a == b:
            return invertible_if(a)
    left, right = apply("kron", eye(b.rows), a), apply("kron", transpose(b), eye(a.rows))
    return [Need("invertible", add(left, right))]


def gram_factor(operator: Node) -> Node | None:
    """B for an operator B'B or B'W B with W positive definite: it is invertible if B has full column rank."""
    chain = mirrored(operator)
    if chain is None:
        return None
    half = len(chain) // 2
    if len(chain) % 2 and "spd" not in traits(chain[half]):
        return None
    return multiply(*chain[len(chain) - half :])


def mirrored(operator: Node) -> tuple[Node, ...] | None:
    """The factors of a product that reads the same transposed; None for anything else."""
    if not isinstance(operator, Product) or len(operator.chain) < 2:
        return None
    chain = operator.chain
    return chain if [transpose(n).key for n in reversed(chain)] == [n.key for n in chain] else None
