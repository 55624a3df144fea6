"""One probe: the slope along a direction by differences, the user's slope, and whether they agree.

The tolerance is ten times the error that the ladder estimated for itself, plus the rounding of the user's own sum.
Nobody has to guess an absolute or relative tolerance.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from mccli.numeric.gradcheck.claims import Said
from mccli.numeric.gradcheck.ladder import START, Slope
from mccli.numeric.gradcheck.problem import Array, Direction
from mccli.numeric.gradcheck.report import Finding, Method, Probe, Verdict
from mccli.numeric.gradcheck.spot import Spot

MARGIN = 10.0
VAGUE = 0.05
"""A tolerance beyond this part of the slope's natural size proves nothing."""

FLAT = 50.0
"""A function that varies by less than so many noise levels is flat."""

FINE = 1e3
"""A slope that would change f by so many times what f ever changes belongs to a short stretch of x."""


@dataclass(frozen=True)
class Measured:
    """A direction with the slope found along it and the slope that was claimed."""

    spot: Spot
    direction: Direction
    along: str
    slope: Slope
    said: Said
    complex_value: Array | None = None
    extra: float | Array = 0.0
    """Noise of the claim itself, where it was measured."""

    method_complex: bool = False

    @property
    def tolerance(self) -> Array:
        """How far off the claim may be."""
        return np.asarray(MARGIN * self.slope.error + self.said.rounding + self.extra)

    @property
    def difference(self) -> Array:
        """How far off it is."""
        return np.asarray(np.abs(self.said.value - self.slope.value))

    @property
    def fails(self) -> Array:
        """The outputs where the claim is off by more than the tolerance."""
        return ~(self.difference <= self.tolerance)

    def verdict(self) -> tuple[Verdict, Finding | None]:
        """Right, wrong, or why that cannot be told."""
        if not np.all(np.isfinite(self.said.value)):
            return "wrong", Finding("not finite", "the claimed derivative is not finite")
        if not self.slope.found:
            return "cannot tell", OUTSIDE
        if np.any(self.fails):
            return "wrong", None
        if np.any(self.vague()):
            return "cannot tell", self.why_vague()
        return "right", None

    def natural_size(self) -> Array:
        """The size of a slope that would matter: of its terms, or of how f varies when x does by its own size."""
        size = np.maximum(np.abs(self.slope.value), self.said.size)
        return np.asarray(np.maximum(size, self.variation() / START))

    def variation(self) -> Array:
        """How much the function varied on the rungs."""
        center = self.spot.center
        both = [np.maximum(np.abs(r.plus - center), np.abs(r.minus - center)) for r in self.slope.rungs]
        return np.asarray(np.max(both, axis=0)) if both else np.zeros_like(center)

    def vague(self) -> Array:
        """Outputs for which agreement means nothing; a function that is flat, and said to be, is none of them."""
        noise = self.spot.noise.floor(self.spot.center)
        flat = (self.variation() <= FLAT * noise) & (self.said.size == 0)
        return np.asarray((self.tolerance > VAGUE * self.natural_size()) & ~flat & (self.tolerance > 0))

    def why_vague(self) -> Finding:
        """What keeps the probe from telling."""
        if self.spot.noise.single:
            return SINGLE
        largest = np.maximum(np.abs(self.said.value), np.abs(self.slope.value))
        vague = self.vague()
        if not np.all((largest <= self.tolerance)[vague]):
            return NOISY
        # the slope belongs to a stretch far shorter than x is long
        fine = self.said.size * START > FINE * self.variation()
        return FINE_IN_X if np.all(fine[vague]) else FAINT

    def with_complex(self, value: Array, error: Array) -> Measured:
        """The same with the slope by a complex step."""
        exact = replace(self.slope, value=value, error=error, step=0.0)
        return replace(self, slope=exact, method_complex=True)

    def probe(self, verdict: Verdict, finding: Finding | None = None) -> Probe:
        """For the report: the output that is off the most."""
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = np.nan_to_num(self.difference / self.tolerance, nan=np.inf, posinf=np.inf)
        ratio = np.where(self.difference == 0, 0.0, ratio)
        worst = int(np.argmax(ratio))
        method: Method = "complex step" if self.method_complex else "differences"
        values = (self.slope.value, self.slope.error, self.said.value, self.tolerance)
        numeric, error, yours, tolerance = (float(v[worst]) for v in values)
        names = tuple(self.direction)
        step = self.slope.step
        return Probe(
            names, self.spot.number, self.along, method, verdict, numeric, error, yours, tolerance, step, worst, finding
        )


@dataclass(frozen=True)
class Judged:
    """A probe with its verdict."""

    measured: Measured
    verdict: Verdict
    finding: Finding | None = None
    kink: bool = False

    @property
    def probe(self) -> Probe:
        """For the report."""
        return self.measured.probe(self.verdict, self.finding)


OUTSIDE = Finding(
    "out of domain",
    "f has no value on both sides of the point, however close",
    "choose a point inside the domain of f (not on its edge)",
)

SINGLE = Finding(
    "float32",
    "f is computed in float32: differences are too coarse to judge the gradient",
    "compute f in float64 for the check",
)
NOISY = Finding(
    "noise",
    "f is too noisy, or bends too sharply, for differences to judge the gradient",
    "tighten the tolerances inside f, or choose another point",
)
FAINT = Finding(
    "too small to see",
    "the slope is smaller than the rounding of f lets anyone see",
    "subtract a constant from f, or choose a point where f changes",
)
FINE_IN_X = Finding(
    "too small to see",
    "f changes within a tiny part of the size of its argument, which leaves too few digits to see the slope",
    "shift the argument (f of x minus a constant, at a small x), or rescale it",
)
