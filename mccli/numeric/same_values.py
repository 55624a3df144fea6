"""Whether two formulas have the same values, where exact arithmetic does not find them equal."""

from __future__ import annotations

import numpy as np

from mccli.errors import McError
from mccli.expressions.graph import walk
from mccli.expressions.tree import Node, Symbol
from mccli.numeric.agreement import relative
from mccli.numeric.evaluate import evaluate
from mccli.numeric.sample import draw

POINTS_TRIED, SEED = 12, 3
TOLERANCE = 1e-9


def same_values(a: Node, b: Node) -> bool | None:
    """Whether two formulas agree at random points; None where no point is found at which both have a value."""
    symbols = {part.name: part for n in (a, b) for part in walk(n) if isinstance(part, Symbol) and part.role != "index"}
    letters = {letter for n in (a, b) for part in walk(n) for size in part.shape for letter in size.letters()}
    compared = False
    for number in range(POINTS_TRIED):
        point = draw(symbols.values(), letters, np.random.default_rng([SEED, number]), number)
        if point is None:
            continue
        try:
            left, right = (evaluate(node, point.arrays, point.sizes) for node in (a, b))
        except (McError, ValueError, ArithmeticError, np.linalg.LinAlgError):
            continue
        if relative(left, right) > TOLERANCE and relative(right, left) > TOLERANCE:
            return False
        compared = True
    return True if compared else None
