"""The certificate of an eigenvalue problem: its solutions satisfy the Lagrange condition, and bound the function.

The eigenvectors are computed at random points. At each the gradient of the function, by differences, is λ times that
of the constraint, and the function has the value that is said; random points of the constraint are never beyond the
largest and the smallest of these values.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mccli.calculus.lagrange import Eigenproblem
from mccli.calculus.stationary import Stationary
from mccli.numeric.differences import complex_step, richardson
from mccli.numeric.evaluate import Evaluator, is_analytic
from mccli.numeric.sample import Point, points
from mccli.numeric.solution_check import EPSILON, POINTS, SAFETY, SEED, SolutionCheck

Array = NDArray[Any]
OTHERS = 60


def check_eigenproblem(
    problem: Stationary, eigen: Eigenproblem, letters: frozenset[str], *, count: int = POINTS, seed: int = SEED
) -> SolutionCheck:
    """Check an eigenvalue problem at random points. DomainError if there is none at which it makes sense."""
    given = [s for s in problem.symbols.values() if s.name != eigen.variable.name]
    analytic = is_analytic(problem.lagrangian)
    result = SolutionCheck(method="complex step" if analytic else "Richardson differences")
    supply = points(given, letters, [*problem.needs, *eigen.needs], eigen.operator, seed)
    while result.points < count and result.passed:
        _look(problem, eigen, next(supply), result, analytic)
    return result


def _look(problem: Stationary, eigen: Eigenproblem, given: Point, result: SolutionCheck, analytic: bool) -> None:
    evaluator = Evaluator(given.arrays, given.sizes)
    operator = evaluator.value(eigen.operator)
    metric = evaluator.value(eigen.metric) if eigen.metric is not None else np.eye(len(operator))
    radius = float(evaluator.value(eigen.radius)[0, 0])
    values, vectors = _generalised(operator, metric)
    tolerance = SAFETY * EPSILON * float(np.linalg.cond(metric))
    found = []
    for value, vector in zip(values, vectors.T, strict=True):
        at = _on_constraint(eigen, given, vector[:, None], radius)
        at = Point(at.sizes, {**at.arrays, eigen.constraint.multiplier.name: np.array([[value]])})
        result.worst = max(result.worst, _error(problem, eigen, at, float(np.max(np.abs(values))), analytic))
        found.append(float(Evaluator(at.arrays, at.sizes).value(problem.expression)[0, 0]))
    if not result.worst <= tolerance:
        result.failed = "the Lagrange condition"
    result.tolerance, result.sizes = max(result.tolerance, tolerance), result.sizes or given.sizes
    result.points += 1
    _compare(problem, eigen, given, radius, found, result)


def _generalised(operator: Array, metric: Array) -> tuple[Array, Array]:
    """The eigenvalues and eigenvectors of S v = λ B v for symmetric S and positive definite B."""
    root = np.linalg.inv(np.linalg.cholesky(metric))
    values, vectors = np.linalg.eigh(root @ (operator + operator.T) @ root.T / 2)
    return values, root.T @ vectors


def _on_constraint(eigen: Eigenproblem, given: Point, vector: Array, radius: float) -> Point:
    """The point with the vector scaled so that the constraint holds."""
    at = {**given.arrays, eigen.variable.name: vector}
    size = float(Evaluator(at, given.sizes).value(eigen.constraint.residual)[0, 0]) + radius
    return Point(given.sizes, {**at, eigen.variable.name: vector * np.sqrt(radius / size)})


def _error(problem: Stationary, eigen: Eigenproblem, at: Point, largest: float, analytic: bool) -> float:
    """The gradient of the Lagrangian, the constraint, and the value, each relative to its size."""
    name, start = eigen.variable.name, at.arrays[eigen.variable.name]
    evaluator = Evaluator(at.arrays, at.sizes)

    def value(change: Array) -> Array:
        return Evaluator({**at.arrays, name: start + change}, at.sizes).value(problem.lagrangian)

    slopes = []
    for i in range(len(start)):
        unit = np.zeros(start.shape)
        unit[i] = 1.0
        slopes.append(complex_step(value, unit) if analytic else richardson(value, unit)[0])
    size = largest * float(np.max(np.abs(start)))
    said, true = (float(evaluator.value(n)[0, 0]) for n in (eigen.value, problem.expression))
    off = float(np.abs(evaluator.value(eigen.constraint.residual)[0, 0]))
    return max(float(np.max(np.abs(slopes))) / size, abs(said - true) / max(abs(true), largest), off)


def _compare(
    problem: Stationary, eigen: Eigenproblem, given: Point, radius: float, found: list[float], result: SolutionCheck
) -> None:
    rng = np.random.default_rng(SEED)
    low, high = min(found), max(found)
    margin = 1e-9 * max(abs(low), abs(high))
    rows = eigen.variable.rows.value(given.sizes)
    for _ in range(OTHERS):
        at = _on_constraint(eigen, given, rng.normal(size=(rows, 1)), radius)
        value = float(Evaluator(at.arrays, at.sizes).value(problem.expression)[0, 0])
        result.compared += 1
        if not low - margin <= value <= high + margin:
            result.failed = "a value beyond the extreme eigenvalues"
