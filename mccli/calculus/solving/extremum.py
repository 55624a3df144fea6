"""Whether a stationary point is a minimum or a maximum, with a proof; nothing is said where there is none.

A stationary point of a convex function on a convex set is a global minimum (Boyd & Vandenberghe 4.2.3); under
constraints, one where the Lagrangian is convex for the multipliers found: it minimises the Lagrangian, which is f
wherever the constraints hold (Lagrangian sufficiency, Boyd & Vandenberghe 5.5.3).

Several variables are minimised one after the other, each for every value of the others: f(m, S) ≥ f(m*, S) ≥ f(m*, S*).
A function of X that is convex in X⁻¹ counts as well: S ↦ S⁻¹ is one to one.
"""

from __future__ import annotations

from dataclasses import dataclass

from mccli.calculus.curvature.certificate import Curvature, curvature
from mccli.calculus.identify import gradients
from mccli.calculus.jacobian import hessian
from mccli.calculus.needs import Need, certain
from mccli.calculus.solving.spread import spread
from mccli.calculus.solving.stationary import Point, Stationary
from mccli.calculus.tidy import tidy
from mccli.errors import DeriveError
from mccli.expressions.graph import substitute, walk
from mccli.expressions.tree import Node, Symbol, apply, number

MINIMUM, MAXIMUM = "minimum", "maximum"
KINDS = {"convex": MINIMUM, "concave": MAXIMUM}
PLACEHOLDERS = "PQRMpqr"


@dataclass(frozen=True)
class Ground:
    """Why a function is convex or concave in one of its unknowns: in ``argument``, the unknown or its inverse.

    ``variable`` stands for the argument in the proof.
    """

    argument: Node
    curvature: Curvature
    variable: Symbol


@dataclass(frozen=True)
class Extremum:
    """A stationary point that is certainly a global minimum or maximum, with the grounds, one for each unknown."""

    kind: str
    grounds: tuple[Ground, ...]

    @property
    def sign(self) -> int:
        """1 for a minimum, -1 for a maximum."""
        return 1 if self.kind == MINIMUM else -1


def extremum(problem: Stationary, point: Point) -> Extremum | None:
    """The proof that a stationary point is a global minimum or maximum, or None."""
    if problem.constraints:
        return _of_lagrangian(problem, point)
    grounds: list[Ground] = []
    current = problem.expression
    for solved in point.solved:
        ground = _ground(current, solved.variable, problem.domain)
        if ground is None or (grounds and ground.curvature.verdict != grounds[0].curvature.verdict):
            return None
        grounds.append(ground)
        current = spread(substitute(current, {solved.variable: solved.expression}))
    return Extremum(KINDS[grounds[0].curvature.verdict], tuple(grounds))


def _of_lagrangian(problem: Stationary, point: Point) -> Extremum | None:
    """Where the Lagrangian is convex for the multipliers found, its stationary point minimises it, and so f.

    Several variables must not be mixed in it: then it is convex in all of them if it is in each.
    """
    found: dict[Node, Node] = {m.variable: m.full for m in point.multipliers}
    lagrangian = spread(substitute(problem.lagrangian, found))
    names = {v.name for v in problem.variables}
    slopes = gradients(lagrangian, problem.variables)
    if any(slope.depends_on(names - {v.name}) for v, slope in slopes.items()):
        return None
    grounds = [_ground(lagrangian, v, problem.domain) for v in problem.variables]
    certain_grounds = tuple(g for g in grounds if g is not None and g.argument == g.variable)
    kinds = {g.curvature.verdict for g in certain_grounds}
    if len(certain_grounds) < len(grounds) or len(kinds) != 1:
        return None
    return Extremum(KINDS[kinds.pop()], certain_grounds)


def constant_hessian(problem: Stationary) -> Node | None:
    """The Hessian of an unconstrained function of one variable, if it is the same everywhere; else None."""
    if problem.constraints or len(problem.variables) != 1:
        return None
    (variable,) = problem.variables
    try:
        found = hessian(problem.expression, variable)
    except DeriveError:
        return None
    return None if found.depends_on((variable.name,)) else found


def _ground(expression: Node, variable: Symbol, domain: tuple[Need, ...]) -> Ground | None:
    """Convexity or concavity in a variable, or else in its inverse."""
    found = _certain(expression, variable, domain)
    if found is not None:
        return Ground(variable, found, variable)
    inverse = _by_inverse(expression, variable, domain)
    if inverse is None:
        return None
    other, placeholder = inverse
    found = _certain(other, placeholder, ())
    back = apply("power", variable, number(-1)) if variable.is_scalar else apply("inv", variable)
    return Ground(back, found, placeholder) if found is not None else None


def _certain(expression: Node, variable: Symbol, domain: tuple[Need, ...]) -> Curvature | None:
    """The curvature, if it is certain on the whole domain of the function."""
    try:
        found = curvature(expression, variable, hessian(expression, variable))
    except DeriveError:
        return None
    if found.verdict not in KINDS or not all(n in domain or certain(n) for n in found.domain):
        return None
    return found


def _by_inverse(expression: Node, variable: Symbol, domain: tuple[Need, ...]) -> tuple[Node, Symbol] | None:
    """The function of P = X⁻¹ for a positive definite X, or of p = 1/x for a positive scalar x."""
    positive = "positive" in variable.properties or Need("positive", variable) in domain
    if not (positive if variable.is_scalar else "spd" in variable.properties):
        return None
    taken = {n.name for n in walk(expression) if isinstance(n, Symbol)}
    pool = PLACEHOLDERS[4:] if variable.is_scalar else PLACEHOLDERS[:4]
    name = next((n for n in pool if n not in taken), None)
    if name is None:
        return None
    properties = variable.properties | ({"positive"} if variable.is_scalar else frozenset())
    placeholder = Symbol(name, variable.shape, properties)
    inverse = apply("power", placeholder, number(-1)) if variable.is_scalar else apply("inv", placeholder)
    return tidy(spread(substitute(expression, {variable: inverse}))), placeholder
