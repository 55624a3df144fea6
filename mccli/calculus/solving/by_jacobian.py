"""Equations that are linear without showing it: J vec X = -vec E(0), with the Jacobian J of the equation E."""

from __future__ import annotations

from mccli.calculus.jacobian import jacobian
from mccli.calculus.solving.gather import common_number, gathered, pieces
from mccli.calculus.solving.inverses import inverse, invertible_if
from mccli.calculus.solving.isolate import Equation, Isolated, NotIsolated
from mccli.calculus.solving.regular import is_singular
from mccli.calculus.solving.spread import spread
from mccli.calculus.tidy import tidy
from mccli.errors import DeriveError
from mccli.expressions.graph import substitute, walk
from mccli.expressions.properties import LINEAR_SPACES
from mccli.expressions.sizes import ONE
from mccli.expressions.tree import Apply, Node, Symbol, apply, is_zero, multiply, scaled, zeros


def by_jacobian(equation: Node, unknown: Symbol) -> Isolated | None:
    """The solution of an equation whose Jacobian does not contain the unknown; None if it does, or is singular.

    A variable in a linear space of matrices has fewer entries than vec X and is not solved for here.
    """
    if unknown.properties & LINEAR_SPACES or equation.shape != unknown.shape or unknown.is_scalar:
        return None
    operator = constant_jacobian(equation, unknown)
    if operator is None or is_zero(operator) or is_singular(operator):
        return None
    factor = common_number(pieces(operator))
    operator = gathered(scaled(1 / factor, operator))
    origin: dict[Node, Node] = {unknown: zeros(unknown.shape)}
    constant = scaled(-1 / factor, tidy(spread(substitute(equation, origin))))
    column = unknown.columns == ONE
    right, left = (constant, unknown) if column else (apply("vec", constant), apply("vec", unknown))
    value = multiply(inverse(operator), right)
    solution = value if column else apply("unvec", value, sizes=unknown.shape)
    lines = (
        Equation(
            multiply(operator, left),
            right,
            f"linear in {unknown.name}: its Jacobian times {unknown.name}, and its value at 0",
        ),
        Equation(unknown, solution, "multiply by the inverse from the left"),
    )
    return Isolated(solution, lines, tuple(invertible_if(operator)))


def constant_jacobian(equation: Node, unknown: Symbol) -> Node | None:
    """The Jacobian of an equation that is affine in the unknown; else None.

    A Jacobian without the unknown shows that only for smooth functions (that of sign is 0): here every function of
    the unknown must be a linear operation.
    """
    if not all(_is_linear(n, unknown) for n in walk(equation) if isinstance(n, Apply)):
        return None
    try:
        found = jacobian(equation, unknown)
    except (DeriveError, NotIsolated):
        return None
    return None if found.depends_on((unknown.name,)) else found


def _is_linear(node: Apply, unknown: Symbol) -> bool:
    """Whether an operation is linear in those of its arguments that contain the unknown."""
    names = (unknown.name,)
    moving = [p for p, a in zip(node.operation.parameters, node.arguments, strict=False) if a.depends_on(names)]
    if node.operation.name in ("hadamard", "kron"):
        return sum(a.depends_on(names) for a in node.arguments) < 2
    return all(p in node.operation.adjoint for p in moving) and (len(moving) < 2 or node.operation.jointly_linear)
