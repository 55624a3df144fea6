"""Where to look: the point given, and others near it, where zeros, ties and symmetries are gone."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from mccli.numeric.gradcheck.directions import signs_and_sizes
from mccli.numeric.gradcheck.problem import Array, Problem, is_real
from mccli.numeric.gradcheck.scales import entry_scales
from mccli.numeric.gradcheck.structures import SYMMETRIC, degenerate, is_symmetric

DISTANCES = (0.1, 0.1, 0.01, 1e-4)
"""How far the next point may be, relative to the entries; nearer if f has no value there."""


def warnings_about(problem: Problem) -> tuple[str, ...]:
    """What makes the given point one at which errors hide."""
    real = {k: np.asarray(a) for k, a in problem.arguments.items() if is_real(a)}
    found = {k: degenerate(a) for k, a in real.items() if k not in problem.symmetric}
    return tuple(f"{name} {text}: errors can hide there" for name, text in found.items() if text)


def candidates(problem: Problem, rng: np.random.Generator) -> Iterator[dict[str, Array]]:
    """Other points, the most telling first."""
    if problem.draw is not None:
        yield {k: np.asarray(a) for k, a in problem.draw(rng).items()}
    for attempt, distance in enumerate(DISTANCES):
        # the second attempt keeps signs: a domain often is that of positive numbers
        yield {
            name: _perturbed(problem, name, np.asarray(a), distance, rng, attempt > 0)
            if name in problem.checked()
            else a
            for name, a in problem.arguments.items()
        }


def _perturbed(
    problem: Problem, name: str, x: Array, distance: float, rng: np.random.Generator, keep_signs: bool
) -> Array:
    change = distance * signs_and_sizes(x.shape, rng) * entry_scales(x)
    if keep_signs:
        change = np.where(x == 0, np.abs(change), change)
    if name in problem.symmetric or is_symmetric(x):
        change = SYMMETRIC.project(change)
    if name in problem.frozen:
        change = np.where(problem.frozen[name], 0.0, change)
    return np.asarray(x + change).astype(x.dtype)


def broken(problem: Problem, rng: np.random.Generator) -> dict[str, Array] | None:
    """A point where no matrix is symmetric any more; None if none was (or is by definition)."""
    names = [
        k
        for k, a in problem.arguments.items()
        if is_real(a) and is_symmetric(np.asarray(a)) and k not in problem.symmetric
    ]
    if not names:
        return None
    moved = dict(problem.arguments)
    for name in names:
        x = np.asarray(moved[name])
        moved[name] = np.asarray(x + 0.1 * signs_and_sizes(x.shape, rng) * entry_scales(x)).astype(x.dtype)
    return moved
