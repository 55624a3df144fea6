"""How large a disagreement is: small ones may be a solver's, in all entries alike; a mistake is large in some entry."""

from __future__ import annotations

import numpy as np

from mccli.numeric.gradcheck.claims import Blocks
from mccli.numeric.gradcheck.ladder import RATIO, START
from mccli.numeric.gradcheck.probes import Measured
from mccli.numeric.gradcheck.problem import Array

TINY = 1e-7
"""A disagreement below this part of the slope's scale, sqrt(sum (g_i v_i)^2), may be a solver's."""

SMALL = 3e-6
"""Up to here it may be one too, but only if f is seen to jump as solvers do."""

DOUBTFUL = 2e-5
"""And up to here nobody can tell, if f jumps."""

LARGE = 1e-5
"""An entry off by more than this part of a typical one is wrong."""

OUTSTANDING = 10.0
"""Or, where all of them may be off by more than that, by so many times what they are off by."""

CLEAR = 300.0
"""A step at which noise amounts to so little of a disagreement is large enough."""

OWN = 1e-3
"""And so is one off by more than this part of itself; a right entry may be nearly zero by chance, but seldom so."""


def scale_of(measured: Measured) -> Array:
    """The scale of each output's slope, sqrt(sum (g_i s_i)^2); in a balanced direction slopes are smaller."""
    claim, spot = measured.spot.claim, measured.spot
    if not isinstance(claim, Blocks):
        return measured.natural_size()
    parts = [claim.blocks[name] * spot.scale(name).reshape(-1) for name in measured.direction]
    return np.asarray(np.sqrt(sum(np.linalg.norm(p, axis=1) ** 2 for p in parts)))


def relative(measured: Measured) -> float:
    """The largest disagreement of an output that fails, as a part of the slope's scale."""
    return float(np.max(parts(measured), initial=0.0))


def parts(measured: Measured) -> Array:
    """The disagreement of each output as a part of the slope's scale; 0 where it does not fail."""
    with np.errstate(divide="ignore", invalid="ignore"):
        part = np.nan_to_num(measured.difference / scale_of(measured), nan=np.inf, posinf=np.inf)
    return np.asarray(np.where(measured.fails, part, 0.0))


def stands_out(entry: Measured, level: float, output: int = 0) -> bool:
    """Whether a single entry is off by much of a typical one, or far more than all are."""
    ((name, v),) = entry.direction.items()
    scale, off = entry.spot.scale(name), float(entry.difference[output])
    used = np.flatnonzero(v)
    whole = off * float(np.max(scale.flat[used] / np.abs(v.flat[used])))
    typical = float(scale_of(entry)[output]) / np.sqrt(np.count_nonzero(scale))
    return bool(whole > max(LARGE, OUTSTANDING * level) * typical)


def off_by_itself(entry: Measured, output: int = 0) -> bool:
    """Whether a single entry, small as it may be, is off by much of itself."""
    return float(entry.difference[output]) > OWN * abs(float(entry.said.size[output]))


def fine_start(measured: Measured, rungs: int) -> float:
    """Where so few rungs begin: the last one where noise is far below the disagreement, near the best one there was."""
    best = measured.slope.step if measured.slope.step > 0 else START / RATIO**2
    fails = measured.fails & (measured.difference > 0)
    floor = measured.spot.noise.floor(measured.spot.center)[fails]
    last = float(np.max(CLEAR * floor / measured.difference[fails], initial=0.0))
    return float(np.clip(last, best / RATIO**2, best)) * RATIO ** (rungs - 1)
