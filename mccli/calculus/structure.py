"""Gradients by structured variables: the gradient in the linear space that the variable lives in.

For a variable in a linear space of matrices with the Frobenius inner product, the gradient is the
orthogonal projection of the unconstrained gradient onto that space (Srinivasan & Panda 2020).
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from mccli.errors import DeriveError
from mccli.expressions.tree import Node, Symbol, add, apply, eye, scaled, subtract, traits, transpose

STRUCTURES = ("diagonal", "symmetric", "skew", "lower", "upper")
"""The linear spaces in the order in which the narrowest is found."""


def structure_of(variable: Symbol) -> str | None:
    """The linear space a variable is declared to be in, or None."""
    properties = traits(variable)
    return next((s for s in STRUCTURES if s in properties), None)


_CURVED = {
    "orthogonal": "the orthogonal matrices",
    "unit": "the unit sphere",
    "simplex": "the simplex",
    "integer": "the whole numbers",
}


def refuse_curved(variable: Symbol) -> None:
    """DeriveError for a variable in a set that is no linear space: its gradient needs a tangent space."""
    for name, where in _CURVED.items():
        if name in variable.properties:
            raise DeriveError(
                f"mc does not derive by a variable on {where} yet ({variable.name} is declared {name})",
                notes=["leave out the declaration for the gradient in the whole space"],
            )


def refuse_complex(symbols: Iterable[Symbol]) -> None:
    """DeriveError if a symbol is declared complex: mc transposes without conjugating."""
    for symbol in symbols:
        if "complex" in symbol.properties:
            raise DeriveError(
                f"derivatives by complex variables are not derived ({symbol.name} is declared complex)",
                notes=["mc lookup --family complex lists the known ones"],
            )


def project(gradient: Node, variable: Symbol) -> Node:
    """The gradient in the space of the variable; unchanged for an unstructured one."""
    structure = structure_of(variable)
    if structure == "diagonal":
        return gradient if "diagonal" in traits(gradient) else apply("hadamard", gradient, eye(variable.rows))
    if structure == "symmetric":
        return gradient if transpose(gradient) == gradient else _half(add(gradient, transpose(gradient)))
    if structure == "skew":
        return (
            gradient if transpose(gradient) == scaled(-1, gradient) else _half(subtract(gradient, transpose(gradient)))
        )
    if structure == "lower":
        return apply("tril", gradient)
    return apply("triu", gradient) if structure == "upper" else gradient


def _half(node: Node) -> Node:
    return scaled(Fraction(1, 2), node)


def independent_entries(gradient: Node, variable: Symbol) -> Node | None:
    """The partial derivatives by the independent entries, where that is another convention in use.

    Symmetric: G + G' - G ∘ I (Matrix Cookbook 2.8.1). Skew: G - G'. None where both conventions agree.
    """
    structure = structure_of(variable)
    if structure == "symmetric":
        both = add(gradient, transpose(gradient))
        return subtract(both, apply("hadamard", gradient, eye(variable.rows)))
    return subtract(gradient, transpose(gradient)) if structure == "skew" else None
