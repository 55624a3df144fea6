"""Equality constraints: the Lagrangian, and the eigenvalue problems among its stationarity conditions.

The stationary points of f under h(x) = 0 are those of f - <λ, h> (Nocedal & Wright 12.1). Where f is a quadratic
form and so is the constraint, v'B v = c, the condition is S v = λ B v, and λ c is the value of f.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from fractions import Fraction

from mccli.calculus.identify import gradients
from mccli.calculus.naming import numbered
from mccli.calculus.needs import Need, certain
from mccli.calculus.solving.affine import Affine, NotAffine, Term, affine
from mccli.calculus.solving.gather import common_number, gathered, pieces
from mccli.calculus.solving.spread import spread
from mccli.expressions.graph import substitute
from mccli.expressions.properties import LINEAR_SPACES
from mccli.expressions.sizes import ONE
from mccli.expressions.tree import (
    Node,
    Symbol,
    add,
    apply,
    eye,
    inner,
    is_eye,
    is_zero,
    multiply,
    number,
    scaled,
    subtract,
    traits,
    zeros,
)

MULTIPLIER = "multiplier"
"""The role of a Lagrange multiplier."""


@dataclass(frozen=True)
class Constraint:
    """A constraint ``left = right`` with its multiplier; ``scale`` times the multiplier stands in the Lagrangian."""

    left: Node
    right: Node
    multiplier: Symbol
    scale: Fraction = Fraction(1)

    @property
    def residual(self) -> Node:
        """What is zero where the constraint holds."""
        return subtract(self.left, self.right)


def with_multipliers(pairs: Sequence[tuple[Node, Node]], used: Collection[str]) -> list[Constraint]:
    """The constraints, each with a multiplier of its shape: λ, μ, ν, for matrices Λ, M, N, as they are free."""
    found: list[Constraint] = []
    taken = set(used)
    for left, right in pairs:
        matrix = ONE not in left.shape
        name = next((n for n in ("ΛΘΞ" if matrix else "λμν") if n not in taken), None)
        name = name or numbered("Λ" if matrix else "λ", taken)
        taken.add(name)
        space = traits(subtract(left, right)) & LINEAR_SPACES if matrix else frozenset()
        properties = space & frozenset({"symmetric", "diagonal"}) | ({"square"} if space else frozenset())
        found.append(Constraint(left, right, Symbol(name, left.shape, frozenset(properties), MULTIPLIER)))
    return found


def lagrangian(expression: Node, constraints: Sequence[Constraint]) -> Node:
    """f - <λ, h> - ..."""
    return add(expression, *(scaled(-c.scale, inner(c.multiplier, c.residual)) for c in constraints))


# ---------------------------------------------------------------------------------------------- eigenvalue problems


@dataclass(frozen=True)
class Eigenproblem:
    """The condition ``operator v = λ metric v`` (for a matrix: operator V = V Λ), and the value of f there.

    ``metric`` is None for the identity; ``value`` is λ c, for a matrix c times the trace of Λ.
    """

    variable: Symbol
    constraint: Constraint
    operator: Node
    metric: Node | None
    left: Node
    right: Node
    value: Node
    radius: Node
    needs: tuple[Need, ...]


def eigenproblem(expression: Node, variable: Symbol, constraint: Constraint) -> Eigenproblem | None:
    """The eigenvalue problem that a quadratic form under a quadratic constraint gives, or None.

    The constraint is v'B v = c for a vector, V'B V = I for a matrix of several vectors (Magnus & Neudecker 17.4).
    """
    if variable.is_scalar or constraint.left.shape != (variable.columns, variable.columns):
        return None
    multiplier = constraint.multiplier
    of_value = _linear_gradient(expression, variable, None)
    of_constraint = _linear_gradient(inner(multiplier, constraint.residual), variable, multiplier)
    if of_value is None or of_constraint is None:
        return None
    (own, operator), (other, metric) = of_value, of_constraint
    origin: dict[Node, Node] = {variable: zeros(variable.shape)}
    radius = scaled(-1, spread(substitute(constraint.residual, origin)))
    if is_zero(radius) or not (radius.is_scalar or is_eye(radius)):
        return None
    scale = own / other
    total = multiplier if multiplier.is_scalar else apply("tr", multiplier)
    at_origin = spread(substitute(expression, origin))
    value = add(at_origin, multiply(number(scale), total, radius if radius.is_scalar else number(1)))
    return Eigenproblem(
        variable,
        Constraint(constraint.left, constraint.right, multiplier, scale),
        operator,
        None if multiply(metric, variable) == variable else metric,
        multiply(operator, variable),
        multiply(metric, variable, multiplier) if not multiplier.is_scalar else multiply(multiplier, metric, variable),
        value,
        radius,
        tuple(n for n in _demands(metric, radius) if not certain(n)),
    )


def _demands(metric: Node, radius: Node) -> list[Need]:
    return [Need("spd", metric), *([Need("positive", radius)] if radius.is_scalar else [])]


def _linear_gradient(expression: Node, variable: Symbol, multiplier: Symbol | None) -> tuple[Fraction, Node] | None:
    """The gradient as number times M V, or M V Λ for a multiplier Λ; None if it is not linear and homogeneous."""
    gradient = gradients(expression, [variable])[variable]
    try:
        found: Affine = affine(gradient, variable)
    except NotAffine:
        return None
    if not is_zero(add(zeros(gradient.shape), *found.constants)) or not found.terms:
        return None
    if any(t.transposed or t.mask is not None for t in found.terms):
        return None
    parts = [_left_factor(t, multiplier) for t in found.terms]
    operators = [p for p in parts if p is not None]
    if len(operators) != len(parts):
        return None
    operator = add(*operators)
    if is_zero(operator):
        return None
    factor = common_number(pieces(operator))
    return factor, gathered(scaled(1 / factor, operator))


def _left_factor(term: Term, multiplier: Symbol | None) -> Node | None:
    """M for a term M V, or M V Λ; None for any other term."""
    if multiplier is not None and multiplier.is_scalar:
        return multiply(term.factor, apply("power", multiplier, number(-1)), term.left)
    expected = multiplier if multiplier is not None else eye(term.right.columns)
    return multiply(term.factor, term.left) if term.right == expected else None
