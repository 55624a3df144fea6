"""Constant arrays by name: identity, ones, zeros, unit vectors, commutation, duplication, elimination, selection."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import NamedTuple

from mccli.expressions.sizes import ONE, Shape, Size
from mccli.expressions.tree import Constant, Node, eye, ones, size_scalar, zeros


class ConstantKind(NamedTuple):
    """A kind of constant: how many size arguments it takes and what it is."""

    arguments: int
    says: str


CONSTANTS = {
    "eye": ConstantKind(1, "identity matrix"),
    "ones": ConstantKind(2, "array of ones"),
    "zeros": ConstantKind(2, "array of zeros"),
    "unit": ConstantKind(2, "unit(i, n): i-th unit vector of length n"),
    "commutation": ConstantKind(2, "commutation(m, n) vec(A) = vec(A') for an m×n matrix A"),
    "duplication": ConstantKind(1, "duplication(n) vech(S) = vec(S) for a symmetric matrix S"),
    "elimination": ConstantKind(1, "elimination(n) vec(A) = vech(A)"),
    "diagsel": ConstantKind(1, "diagsel(n) vec(A) = diag(A) for an n×n matrix A"),
}


def constant_shape(name: str, sizes: tuple[Size, ...]) -> Shape:
    """The shape of a constant."""
    if name == "eye":
        return (sizes[0], sizes[0])
    if name in ("ones", "zeros"):
        return (sizes[0], sizes[1] if len(sizes) > 1 else ONE)
    if name == "unit":
        return (sizes[1], ONE)
    if name == "commutation":
        return (sizes[0] * sizes[1], sizes[0] * sizes[1])
    if name == "diagsel":
        return (sizes[0], sizes[0] * sizes[0])
    full, half = sizes[0] * sizes[0], (sizes[0] * sizes[0] + sizes[0]).scaled(Fraction(1, 2))
    return (full, half) if name == "duplication" else (half, full)


def constant(name: str, sizes: tuple[Size, ...]) -> Node:
    """The constant node; identity, ones and zeros of size 1 are numbers."""
    shape = constant_shape(name, sizes)
    if name == "eye":
        return eye(sizes[0])
    if name == "ones":
        return ones(shape)
    if name == "zeros":
        return zeros(shape)
    if name == "commutation" and ONE in sizes:
        return eye(shape[0])
    return Constant(name, sizes, shape)


def resized(node: Constant, sizes: Mapping[str, Size]) -> Node:
    """The constant with size letters replaced."""
    if node.name == "pi":
        return node
    given = tuple(size.substitute(sizes) for size in node.sizes)
    if node.name == "size":
        return size_scalar(given[0])
    if node.name in ("ones", "zeros"):
        rows, columns = (size.substitute(sizes) for size in node.shape)
        return ones((rows, columns)) if node.name == "ones" else zeros((rows, columns))
    return constant(node.name, given)
