"""How the entries of a matrix are numbered in a Jacobian or Hessian: by rows, as NumPy does, or by columns, as vec."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mccli.errors import McError
from mccli.numeric.gradcheck import Problem
from mccli.numeric.gradcheck.claims import read_blocks
from mccli.numeric.gradcheck.directions import signs_and_sizes
from mccli.numeric.gradcheck.problem import Kind
from mccli.numeric.gradcheck.scales import entry_scales
from mccli.numeric.verify.subject import Subject

Array = NDArray[np.float64]
Stacking = Literal["rows", "columns"]
STEP = 1e-5
NEARER = 0.01
"""Columns are meant where they are nearer to a difference by this factor."""


def likely_stackings(subject: Subject, problem: Problem) -> tuple[Stacking, ...]:
    """The orders that a derivative may be meant in, the likelier first: a difference along one direction tells."""
    if not subject.may_be_stacked_by_columns():
        return ("rows",)
    try:
        off = _off(subject, problem)
    except McError:
        raise
    except Exception:  # the user's, or shapes that the check will complain of
        return ("rows", "columns")
    return ("columns", "rows") if off["columns"] < NEARER * off["rows"] else ("rows", "columns")


def _off(subject: Subject, problem: Problem) -> dict[Stacking, float]:
    """How far the claim is from a difference, read in both orders."""
    kind: Kind = "jacobian" if "jacobian" in subject.derivatives else "hessian"
    name, x = subject.names[0], problem.arguments[subject.names[0]]
    v = signs_and_sizes(x.shape, np.random.default_rng(problem.seed)) * entry_scales(x)
    slope = _slope(subject, problem, kind, name, v)
    claim, value = subject.claim(kind, problem.arguments), np.asarray(subject.value)
    orders: tuple[Stacking, ...] = ("rows", "columns")
    blocks = {o: read_blocks(claim, kind, problem.arguments, (name,), value, o).blocks[name] for o in orders}
    return {o: float(np.linalg.norm(block @ v.reshape(-1) - slope)) for o, block in blocks.items()}


def _slope(subject: Subject, problem: Problem, kind: Kind, name: str, v: Array) -> Array:
    """The derivative of f, or for a Hessian of the gradient, along a direction."""

    def at(t: float) -> Array:
        moved = {**problem.arguments, name: problem.arguments[name] + t * v}
        found = subject.value_at(moved) if kind == "jacobian" else subject.claim("gradient", moved)[name]
        return np.asarray(found, dtype=float).reshape(-1)

    return (at(STEP) - at(-STEP)) / (2 * STEP)
