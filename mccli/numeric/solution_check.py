"""The certificate of a stationary point: at random points the gradient vanishes there, and a minimum is not beaten.

The gradient is taken by differences of the value, which know nothing of the rules; it is compared with the size of
its terms, and the tolerance grows with the condition of what is inverted. The Hessian there, among the directions
that the constraints allow, is looked at too: what it says is an observation at these points and no proof.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mccli.calculus.solving.affine import NotAffine, affine
from mccli.calculus.solving.multiplied import expanded
from mccli.calculus.solving.stationary import Point as StationaryPoint
from mccli.calculus.solving.stationary import Stationary
from mccli.expressions.graph import walk
from mccli.expressions.tree import Node, Symbol, is_operation, multiply, scaled, terms_of
from mccli.numeric.differences import complex_step, richardson
from mccli.numeric.evaluate import Evaluator, is_analytic
from mccli.numeric.sample import Point, holds, points
from mccli.numeric.spaces import in_space

Array = NDArray[Any]

POINTS = 3
SPARE_POINTS = 40
SEED = 20240517
EPSILON = float(np.finfo(float).eps)
SAFETY = 2e3
"""How many rounding errors, times the condition of what is inverted, a gradient may be away from zero."""
LARGEST_TOLERANCE = 1e-6
DIFFERENCE_TOLERANCE = 1e-6
STEPS_BACK = 12
DIRECTIONS, DISTANCES = 24, (1e-3, 1e-1, 1.0, 10.0)


@dataclass
class SolutionCheck:
    """What was checked of one stationary point, and what was seen there.

    ``worst`` is the largest gradient relative to its terms, ``compared`` how many other points were looked at
    without one that is better, ``hessian`` the sign of the Hessian ("" where it was not the same at all points).
    """

    points: int = 0
    worst: float = 0.0
    tolerance: float = 0.0
    method: str = ""
    sizes: Mapping[str, int] = field(default_factory=dict)
    compared: int = 0
    hessian: str = ""
    failed: str = ""

    @property
    def passed(self) -> bool:
        """Whether everything agreed."""
        return not self.failed


def check_point(
    problem: Stationary,
    point: StationaryPoint,
    letters: frozenset[str],
    extremum: int = 0,
    *,
    count: int = POINTS,
    seed: int = SEED,
) -> SolutionCheck:
    """Check a stationary point; ``extremum`` is 1 if it is said to be a minimum, -1 for a maximum, 0 if neither.

    DomainError if no point is found at which everything that it needs holds.
    """
    names = {v.name for v in problem.variables}
    given = [s for s in problem.symbols.values() if s.name not in names]
    needs = [*problem.needs, *point.needs]
    supply = points(given, letters, needs, point.solved[0].full, seed)
    work = _Check(problem, point, extremum)
    spare = SPARE_POINTS
    while work.result.points < count and work.result.passed:
        at = next(supply)
        tolerance = work.tolerance(at)
        if spare and not tolerance <= LARGEST_TOLERANCE:
            spare -= 1
            continue
        work.look(at, tolerance)
    return work.finished()


class _Check:
    def __init__(self, problem: Stationary, point: StationaryPoint, extremum: int) -> None:
        self.problem, self.point, self.extremum = problem, point, extremum
        self.unknowns = [(s.variable, s.full) for s in (*point.solved, *point.multipliers)]
        self.inverted = _inverted([full for _, full in self.unknowns])
        self.analytic = is_analytic(problem.lagrangian)
        self.result = SolutionCheck(method="complex step" if self.analytic else "Richardson differences")
        self.signs: set[str] = set()
        self.free = False

    def tolerance(self, at: Point) -> float:
        """Rounding errors times the condition of what the solution inverts."""
        evaluator = Evaluator(at.arrays, at.sizes)
        with np.errstate(all="ignore"):
            condition = max([1.0, *(_condition(evaluator.value(n)) for n in self.inverted)])
        own = SAFETY * EPSILON * condition
        return own if self.analytic else max(own, DIFFERENCE_TOLERANCE)

    def look(self, given: Point, tolerance: float) -> None:
        """Everything at one point."""
        at = self._solved(given)
        with np.errstate(all="ignore"):
            errors = {**self._shown(at), **self._gradients(at), **self._constraints(at), **self._spaces(at)}
            errors["the value"] = 0.0 if self._is_defined(at) else float("inf")
            found, what = max((error if np.isfinite(error) else float("inf"), what) for what, error in errors.items())
            if not found <= tolerance:
                self.result.failed = what
            self.result.worst = max(self.result.worst, found)
            self.result.tolerance = max(self.result.tolerance, tolerance)
            self.result.sizes = self.result.sizes or given.sizes
            self.result.points += 1
            self.signs.add(self._second_order(at))
            if self.extremum:
                self._compare(at)

    def _is_defined(self, at: Point) -> bool:
        """Whether the function is finite at the stationary point."""
        return bool(np.all(np.isfinite(Evaluator(at.arrays, at.sizes).value(self.problem.expression))))

    def finished(self) -> SolutionCheck:
        """The result, with the sign of the Hessian if it was the same everywhere."""
        if len(self.signs) == 1:
            self.result.hessian = self.signs.pop()
        if self.extremum and self.result.passed and self.free and not self.result.compared:
            self.result.failed = "no other point of the domain was found to compare with"
        wrong = {1: "negative", -1: "positive"}.get(self.extremum, "-")
        if self.result.hessian.startswith(wrong) or (self.extremum and self.result.hessian == "indefinite"):
            self.result.failed = "the sign of the Hessian"
        return self.result

    def _solved(self, given: Point) -> Point:
        evaluator = Evaluator(given.arrays, given.sizes)
        with np.errstate(all="ignore"):
            solved = {v.name: evaluator.value(full) for v, full in self.unknowns}
        return Point(given.sizes, {**given.arrays, **solved})

    # ------------------------------------------------------------------------------------ what must vanish

    def _shown(self, at: Point) -> dict[str, float]:
        """The solution as it is shown, in terms of other unknowns, against the one in given symbols."""
        evaluator = Evaluator(at.arrays, at.sizes)
        found = {}
        for s in self.point.solved:
            value, full = evaluator.value(s.expression), at.arrays[s.variable.name]
            if value.shape != _shape(s.variable, at) or value.shape != full.shape:
                return {f"the shape of {s.variable.name}": np.inf}
            found[f"the two forms of {s.variable.name}"] = _relative(value - full, full)
        return found

    def _gradients(self, at: Point) -> dict[str, float]:
        evaluator = Evaluator(at.arrays, at.sizes)
        found = {}
        for v, formula in self.problem.gradients.items():
            terms = [float(np.max(np.abs(evaluator.value(n)))) for n in _addends(formula, v)]
            scale = (max(terms) if len(terms) > 1 else 0.0) or self._scale_nearby(formula, at)
            slopes = [self._slope(self.problem.lagrangian, v.name, at, d) for d in self._basis(v, at)]
            largest = float(np.max(np.abs([*slopes, *evaluator.value(formula).ravel()])))
            found[f"the gradient by {v.name}"] = largest / scale if scale else float("inf")
        return found

    def _scale_nearby(self, formula: Node, at: Point) -> float:
        """The size of the gradient a little away, where its terms vanish (at x = 0, say) or cannot be told apart."""
        rng = np.random.default_rng(SEED)
        moved = dict(at.arrays)
        for other in self.problem.variables:
            value = at.arrays[other.name]
            moved[other.name] = value + in_space(rng.normal(size=value.shape), other.properties)
        return float(np.max(np.abs(Evaluator(moved, at.sizes).value(formula))))

    def _constraints(self, at: Point) -> dict[str, float]:
        """How far every constraint is from holding, relative to its terms."""
        evaluator = Evaluator(at.arrays, at.sizes)
        found = {}
        for i, c in enumerate(self.problem.constraints, 1):
            left, right = evaluator.value(c.left), evaluator.value(c.right)
            size = max(float(np.max(np.abs(left))), float(np.max(np.abs(right))), self._reach(c.residual, at))
            error = float(np.max(np.abs(left - right)))
            found[f"constraint {i}"] = error / size if size else error
        return found

    def _reach(self, residual: Node, at: Point) -> float:
        """How much a constraint changes when the variables change by their own size: its scale where it is 0 = 0."""
        reached = 0.0
        for v in self.problem.variables:
            slopes = [float(np.max(np.abs(self._change(residual, at, {v.name: d})))) for d in self._basis(v, at)]
            reached = max(reached, max(slopes) * float(np.max(np.abs(at.arrays[v.name]))))
        return reached

    def _spaces(self, at: Point) -> dict[str, float]:
        found = {}
        for v in self.problem.variables:
            value = at.arrays[v.name]
            found[f"the space of {v.name}"] = _relative(in_space(value, v.properties) - value, value)
            if not _in_domain(v, value):
                found[f"the domain of {v.name}"] = float("inf")
        return found

    def _slope(self, node: Node, name: str, at: Point, direction: Array) -> float:
        start = at.arrays[name]

        def value(change: Array) -> Array:
            return Evaluator({**at.arrays, name: start + change}, at.sizes).value(node)

        slope = complex_step(value, direction) if self.analytic else richardson(value, direction)[0]
        return float(slope[0, 0])

    def _basis(self, v: Symbol, at: Point) -> Iterator[Array]:
        """The unit directions of the space of a variable."""
        shape = at.arrays[v.name].shape
        seen: set[bytes] = set()
        for place in np.ndindex(*shape):
            unit = np.zeros(shape)
            unit[place] = 1.0
            direction = in_space(unit, v.properties)
            if np.any(direction) and direction.tobytes() not in seen:
                seen.add(direction.tobytes())
                yield direction

    # ------------------------------------------------------------------------------------ second order

    def _allowed(self, at: Point) -> list[dict[str, Array]]:
        """A basis of the joint changes of the variables along which the constraints hold to first order."""
        joint = [{v.name: d} for v in self.problem.variables for d in self._basis(v, at)]
        if not self.problem.constraints:
            return joint
        _, singular, vt = np.linalg.svd(self._slopes(joint, at))
        rank = int(np.sum(singular > 1e-9 * max(1.0, float(singular[0]))))
        return [_combined(joint, weights) for weights in vt[rank:]]

    def _change(self, node: Node, at: Point, direction: Mapping[str, Array]) -> Array:
        """The derivative of an expression along a joint change of the variables."""

        def value(step: Array) -> Array:
            moved = {name: at.arrays[name] + step * d for name, d in direction.items()}
            return Evaluator({**at.arrays, **moved}, at.sizes).value(node)

        one = np.ones((1, 1))
        return complex_step(value, one) if self.analytic else richardson(value, one)[0]

    def _second_order(self, at: Point) -> str:
        """The sign of the Hessian of the Lagrangian among the allowed directions."""
        allowed = self._allowed(at)
        if not allowed:
            return ""
        size = len(allowed)
        hessian = np.zeros((size, size))
        for j, direction in enumerate(allowed):
            changes = {v.name: self._change(g, at, direction) for v, g in self.problem.gradients.items()}
            for i, other in enumerate(allowed):
                hessian[i, j] = sum(float(np.sum(changes[name] * d)) for name, d in other.items())
        if not np.all(np.isfinite(hessian)):
            return ""
        values = np.linalg.eigvalsh((hessian + hessian.T) / 2)
        margin = 1e-7 * float(np.max(np.abs(values)))
        if values[0] > margin:
            return "positive definite"
        if values[-1] < -margin:
            return "negative definite"
        return "indefinite" if values[0] < -margin and values[-1] > margin else "singular"

    # ------------------------------------------------------------------------------------ other points

    def _compare(self, at: Point) -> None:
        """Points near and far that satisfy the constraints: none may be better."""
        rng = np.random.default_rng(SEED)
        allowed = self._allowed(at)
        self.free |= bool(allowed)
        best = float(Evaluator(at.arrays, at.sizes).value(self.problem.expression)[0, 0])
        for _ in range(DIRECTIONS if allowed else 0):
            direction = _combined(allowed, rng.normal(size=len(allowed)))
            for distance in DISTANCES:
                moved = {n: at.arrays[n] + distance * (1 + _size(at.arrays[n])) * d for n, d in direction.items()}
                self._compare_with(self._back(Point(at.sizes, {**at.arrays, **moved})), best)

    def _back(self, at: Point) -> Point:
        """A point of the constraints near a point beside them, by Gauss-Newton steps of least norm."""
        joint = [{v.name: d} for v in self.problem.variables for d in self._basis(v, at)]
        for _ in range(STEPS_BACK if self.problem.constraints else 0):
            evaluator = Evaluator(at.arrays, at.sizes)
            residual = np.concatenate([evaluator.value(c.residual).ravel() for c in self.problem.constraints])
            if not np.all(np.isfinite(residual)) or np.max(np.abs(residual)) < EPSILON:
                break
            step = -np.linalg.lstsq(self._slopes(joint, at), residual, rcond=None)[0]
            moved = {n: at.arrays[n] + d for n, d in _combined(joint, step).items()}
            at = Point(at.sizes, {**at.arrays, **moved})
        return at

    def _slopes(self, joint: Sequence[Mapping[str, Array]], at: Point) -> Array:
        """The Jacobian of all constraints, a column for every joint change of the variables."""
        rows = [np.array([self._change(c.residual, at, d).ravel() for d in joint]).T for c in self.problem.constraints]
        return np.vstack(rows)

    def _compare_with(self, other: Point, best: float) -> None:
        if not self._defined_at(other):
            return
        value = float(Evaluator(other.arrays, other.sizes).value(self.problem.expression)[0, 0])
        self.result.compared += 1
        if self.extremum * (best - value) > 1e-9 * max(abs(best), abs(value)):
            self.result.failed = "a better point was found"

    def _defined_at(self, at: Point) -> bool:
        evaluator = Evaluator(at.arrays, at.sizes)
        if not all(_in_domain(v, at.arrays[v.name]) for v in self.problem.variables):
            return False
        if max(self._constraints(at).values(), default=0.0) > 1e-9:
            return False
        finite = bool(np.all(np.isfinite(evaluator.value(self.problem.expression))))
        return finite and all(holds(need.kind, evaluator.value(need.node)) for need in self.problem.domain)


# ---------------------------------------------------------------------------------------------- pieces


def _addends(formula: Node, v: Symbol) -> list[Node]:
    """The terms of a gradient, whose sizes say what counts as zero."""
    try:
        found = affine(formula, v)
    except NotAffine:
        return expanded(formula, v)
    moving = [multiply(t.factor, t.left, v, t.right) for t in found.terms if not t.transposed and t.mask is None]
    fixed = [scaled(c, n) for constant in found.constants for c, n in terms_of(constant)]
    return [*moving, *fixed] if len(moving) == len(found.terms) else expanded(formula, v)


def _shape(v: Symbol, at: Point) -> tuple[int, int]:
    return v.rows.value(at.sizes), v.columns.value(at.sizes)


def _size(x: Array) -> float:
    return float(np.sqrt(np.mean(np.abs(x) ** 2)))


def _relative(difference: Array, size: Array) -> float:
    """A difference relative to the largest entry; absolute where that is zero."""
    largest = float(np.max(np.abs(size)))
    error = float(np.max(np.abs(difference)))
    return error / largest if largest else error


def _in_domain(v: Symbol, value: Array) -> bool:
    """Whether a value has the declared properties that are no linear space."""
    if "spd" in v.properties:
        return bool(np.allclose(value, value.T) and np.linalg.eigvalsh((value + value.T) / 2)[0] > 0)
    return bool(np.all(value > 0)) if "positive" in v.properties else True


def _combined(basis: Sequence[Mapping[str, Array]], weights: Array) -> dict[str, Array]:
    total: dict[str, Array] = {}
    for direction, weight in zip(basis, weights, strict=True):
        for name, d in direction.items():
            total[name] = total.get(name, np.zeros(d.shape)) + weight * d
    return total


def _inverted(formulas: Sequence[Node]) -> list[Node]:
    """What the formulas invert, matrices and divisors; and the solutions of Sylvester's equation."""
    found: dict[Node, None] = {}
    for formula in formulas:
        for node in walk(formula):
            if is_operation(node, "inv"):
                found.setdefault(node.children()[0])
    return list(found)


def _condition(x: Array) -> float:
    singular = np.linalg.svd(x, compute_uv=False)
    return float(singular[0] / singular[-1]) if singular[-1] else float("inf")
