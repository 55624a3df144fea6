"""At a kink no wrong value passes, whatever the seed, and no subgradient is called wrong."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from kink_zoo import KINKED

from mccli.numeric.gradcheck import check
from mccli.numeric.gradcheck.neighbours import nearest_to_zero

SEEDS = range(50)
OFTEN = {"sum of abs", "abs of either sign", "one of two zeros", "relu", "largest of ties", "vjp"}
"""With 50 seeds each; the others with ten."""

WRONG = [(name, given) for name, case in KINKED.items() for given in case.wrong]
RIGHT = [(name, given) for name, case in KINKED.items() for given in case.right]


def verdicts(name: str, given: float) -> Counter[str]:
    found: Counter[str] = Counter()
    for seed in SEEDS if name in OFTEN else SEEDS[::5]:
        report = check(KINKED[name].problem(given, seed))
        assert report.evaluations <= 60
        found[report.verdict] += 1
    return found


@pytest.mark.parametrize(("name", "given"), WRONG)
def test_no_wrong_value_passes(name: str, given: float) -> None:
    found = verdicts(name, given)
    assert not found["right"]
    if KINKED[name].told:
        assert found["wrong"] >= 0.9 * found.total()


@pytest.mark.parametrize(("name", "given"), RIGHT)
def test_no_subgradient_is_called_wrong(name: str, given: float) -> None:
    found = verdicts(name, given)
    assert not found["wrong"]
    assert found["right"] >= 0.8 * found.total() or not KINKED[name].told


def test_it_is_said_where_the_slopes_differ() -> None:
    (finding,) = check(KINKED["one of two zeros"].problem(2.0, 0)).of("x").findings
    assert finding.reason == "kink"
    assert "slopes on the two sides" in finding.text


@pytest.mark.parametrize("seed", range(20))
def test_the_mixture_nearest_to_zero(seed: int) -> None:
    """It is a mixture p, and <p, q> >= <p, p> for every vector q: the condition for the shortest one."""
    rng = np.random.default_rng(seed)
    points = rng.normal(size=(8, 5)) + (seed % 3)
    nearest = nearest_to_zero(points)
    assert np.min(points @ nearest) >= nearest @ nearest - 1e-9
    weights, *_ = np.linalg.lstsq(np.vstack([points.T, np.ones(8)]), np.append(nearest, 1.0), rcond=None)
    assert np.allclose(weights @ points, nearest)
