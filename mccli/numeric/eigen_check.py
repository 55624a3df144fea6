"""The certificate of an eigenvalue problem: its solutions satisfy the Lagrange condition, and bound the function.

The eigenvectors are computed at random points. At each the gradient of the function, by differences, is λ times that
of the constraint, and the function has the value that is said; random points of the constraint are never beyond the
largest and the smallest of these values.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mccli.calculus.solving.lagrange import Eigenproblem
from mccli.calculus.solving.stationary import Stationary
from mccli.errors import DomainError
from mccli.numeric.differences import complex_step, richardson
from mccli.numeric.evaluate import Evaluator, is_analytic
from mccli.numeric.sample import Point, points
from mccli.numeric.solution_check import EPSILON, POINTS, SAFETY, SEED, SolutionCheck

Array = NDArray[Any]
OTHERS, MOST_TRIES = 60, 40


def check_eigenproblem(
    problem: Stationary, eigen: Eigenproblem, letters: frozenset[str], *, count: int = POINTS, seed: int = SEED
) -> SolutionCheck:
    """Check an eigenvalue problem at random points. DomainError if there is none at which it makes sense."""
    given = [s for s in problem.symbols.values() if s.name != eigen.variable.name]
    analytic = is_analytic(problem.lagrangian)
    result = SolutionCheck(method="complex step" if analytic else "Richardson differences")
    supply = points(given, letters, [*problem.needs, *eigen.needs], eigen.operator, seed)
    tries = 0
    while result.points < count and result.passed:
        _look(problem, eigen, next(supply), result, analytic)
        tries += 1
        if tries > MOST_TRIES and not result.points:
            raise DomainError("the constraint has no solution at the sizes that were tried")
    return result


def _look(problem: Stationary, eigen: Eigenproblem, given: Point, result: SolutionCheck, analytic: bool) -> None:
    evaluator = Evaluator(given.arrays, given.sizes)
    operator = evaluator.value(eigen.operator)
    metric = evaluator.value(eigen.metric) if eigen.metric is not None else np.eye(len(operator))
    tolerance = SAFETY * EPSILON * float(np.linalg.cond(metric))
    values, vectors = _generalised(operator, metric)
    columns = eigen.variable.columns.value(given.sizes)
    if columns > len(values):
        return  # no point satisfies the constraint at these sizes
    found = []
    for chosen, turn in _choices(len(values), columns):
        multiplier = turn.T @ np.diag(values[chosen]) @ turn
        at = _on_constraint(eigen, given, vectors[:, chosen] @ turn)
        at = Point(at.sizes, {**at.arrays, eigen.constraint.multiplier.name: multiplier})
        result.worst = max(result.worst, _error(problem, eigen, at, float(np.max(np.abs(values))), analytic))
        found.append(float(Evaluator(at.arrays, at.sizes).value(problem.expression)[0, 0]))
    if not result.worst <= tolerance:
        result.failed = "the Lagrange condition"
    result.tolerance, result.sizes = max(result.tolerance, tolerance), result.sizes or given.sizes
    result.points += 1
    _compare(problem, eigen, given, found, result)


def _choices(count: int, columns: int) -> Iterator[tuple[list[int], Array]]:
    """Which eigenvectors are taken, the extreme ones among them, and an orthogonal matrix that turns them."""
    rng = np.random.default_rng(SEED)
    sets = {tuple(range(columns)), tuple(range(count - columns, count))}
    sets |= {tuple(sorted(rng.permutation(count)[:columns])) for _ in range(count)}
    for chosen in sorted(sets):
        yield [int(i) for i in chosen], np.linalg.qr(rng.normal(size=(columns, columns)))[0]


def _generalised(operator: Array, metric: Array) -> tuple[Array, Array]:
    """The eigenvalues and eigenvectors of S v = λ B v for symmetric S and positive definite B."""
    root = np.linalg.inv(np.linalg.cholesky(metric))
    values, vectors = np.linalg.eigh(root @ (operator + operator.T) @ root.T / 2)
    return values, root.T @ vectors


def _on_constraint(eigen: Eigenproblem, given: Point, vectors: Array) -> Point:
    """The point with vectors, orthonormal in the metric, scaled so that the constraint holds."""
    at = {**given.arrays, eigen.variable.name: vectors}
    evaluator = Evaluator(at, given.sizes)
    radius = evaluator.value(eigen.radius)
    size = evaluator.value(eigen.constraint.residual) + radius
    return Point(given.sizes, {**at, eigen.variable.name: vectors * np.sqrt(radius[0, 0] / size[0, 0])})


def _error(problem: Stationary, eigen: Eigenproblem, at: Point, largest: float, analytic: bool) -> float:
    """The gradient of the Lagrangian, the constraint, and the value, each relative to its size."""
    name, start = eigen.variable.name, at.arrays[eigen.variable.name]
    evaluator = Evaluator(at.arrays, at.sizes)

    def value(change: Array) -> Array:
        return Evaluator({**at.arrays, name: start + change}, at.sizes).value(problem.lagrangian)

    slopes = []
    for place in np.ndindex(*start.shape):
        unit = np.zeros(start.shape)
        unit[place] = 1.0
        slopes.append(complex_step(value, unit) if analytic else richardson(value, unit)[0])
    size = largest * float(np.max(np.abs(start)))
    said, true = (float(evaluator.value(n)[0, 0]) for n in (eigen.value, problem.expression))
    off = float(np.max(np.abs(evaluator.value(eigen.constraint.residual))))
    return max(float(np.max(np.abs(slopes))) / size, abs(said - true) / max(abs(true), largest), off)


def _compare(problem: Stationary, eigen: Eigenproblem, given: Point, found: list[float], result: SolutionCheck) -> None:
    """Random points of the constraint against the extremes of the stationary values."""
    rng = np.random.default_rng(SEED)
    low, high = min(found), max(found)
    margin = 1e-9 * max(abs(low), abs(high))
    shape = (eigen.variable.rows.value(given.sizes), eigen.variable.columns.value(given.sizes))
    evaluator = Evaluator(given.arrays, given.sizes)
    metric = evaluator.value(eigen.metric) if eigen.metric is not None else np.eye(shape[0])
    for _ in range(OTHERS):
        vectors = rng.normal(size=shape)
        vectors = vectors @ np.linalg.inv(np.linalg.cholesky(vectors.T @ metric @ vectors)).T
        at = _on_constraint(eigen, given, vectors)
        value = float(Evaluator(at.arrays, at.sizes).value(problem.expression)[0, 0])
        result.compared += 1
        if not low - margin <= value <= high + margin:
            result.failed = "a value beyond the extreme eigenvalues"
