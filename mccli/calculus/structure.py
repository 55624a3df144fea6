"""Gradients by structured variables: the gradient in the space that the variable lives in, or can move in.

For a variable in a linear space of matrices with the Frobenius inner product, the gradient is the orthogonal
projection of the unconstrained gradient onto that space (Srinivasan & Panda 2020); on a sphere, among orthogonal
matrices or on the simplex, onto the tangent space.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from mccli.errors import DeriveError
from mccli.expressions.tree import (
    Node,
    Symbol,
    add,
    apply,
    eye,
    inner,
    multiply,
    number,
    ones,
    scaled,
    size_scalar,
    subtract,
    traits,
    transpose,
)

STRUCTURES = ("diagonal", "symmetric", "skew", "lower", "upper")
"""The linear spaces in the order in which the narrowest is found."""


def structure_of(variable: Symbol) -> str | None:
    """The linear space a variable is declared to be in, or None."""
    properties = traits(variable)
    return next((s for s in STRUCTURES if s in properties), None)


CURVED = {
    "orthogonal": "the orthogonal matrices",
    "unit": "the unit sphere",
    "simplex": "the simplex",
    "integer": "the whole numbers",
}
"""The sets that are no linear spaces, each as it is said."""


TANGENT = ("orthogonal", "unit", "simplex")
"""The curved sets that have tangent spaces, and so gradients."""


def tangent_of(variable: Symbol) -> str | None:
    """The curved set a variable is declared to be in, if that has tangent spaces; or None."""
    return next((s for s in TANGENT if s in variable.properties), None)


def refuse_whole_numbers(variable: Symbol) -> None:
    """DeriveError for a variable that takes whole numbers only."""
    if "integer" in variable.properties:
        raise DeriveError(
            f"there is no derivative by a variable on {CURVED['integer']} ({variable.name} is declared integer)",
            notes=["leave out the declaration for the derivative by a real variable"],
        )


def refuse_curved_second(variable: Symbol) -> None:
    """DeriveError for a second derivative by a variable in a curved set. The simplex is flat."""
    for name, where in CURVED.items():
        if name in variable.properties and name != "simplex":
            raise DeriveError(
                f"a second derivative on {where} needs the curvature of that set, which mc does not know "
                f"({variable.name} is declared {name})",
                notes=["leave out the declaration for the second derivative in the whole space"],
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
    """The gradient in the space of the variable, or tangent to the set it is in; unchanged for an unstructured one."""
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
    return apply("triu", gradient) if structure == "upper" else _tangent_part(gradient, variable)


def _tangent_part(gradient: Node, variable: Symbol) -> Node:
    """The gradient in the tangent space of a curved set (Absil, Mahony & Sepulchre 2008, 3.6); else unchanged."""
    curved = tangent_of(variable)
    if curved == "unit":
        return subtract(gradient, multiply(inner(variable, gradient), variable))
    if curved == "simplex":
        return subtract(gradient, multiply(apply("mean", gradient), ones(gradient.shape)))
    if curved != "orthogonal":
        return gradient
    return _half(subtract(gradient, multiply(variable, transpose(gradient), variable)))


def _half(node: Node) -> Node:
    return scaled(Fraction(1, 2), node)


def tangent_projector(variable: Symbol) -> Node:
    """I - 1 1'/n: onto the changes of a vector of probabilities."""
    column = ones(variable.shape)
    mean = multiply(apply("power", size_scalar(variable.rows), number(-1)), column, transpose(column))
    return subtract(eye(variable.rows), mean)


def canonical_metric(unconstrained: Node, variable: Symbol) -> Node | None:
    """The gradient by an orthogonal matrix in the canonical metric, G - X G' X (Edelman, Arias & Smith 1998, 2.4)."""
    if tangent_of(variable) != "orthogonal":
        return None
    return subtract(unconstrained, multiply(variable, transpose(unconstrained), variable))


def independent_entries(gradient: Node, variable: Symbol) -> Node | None:
    """The partial derivatives by the independent entries, where that is another convention in use.

    Symmetric: G + G' - G ∘ I (Matrix Cookbook 2.8.1). Skew: G - G'. None where both conventions agree.
    """
    structure = structure_of(variable)
    if structure == "symmetric":
        both = add(gradient, transpose(gradient))
        return subtract(both, apply("hadamard", gradient, eye(variable.rows)))
    return subtract(gradient, transpose(gradient)) if structure == "skew" else None
