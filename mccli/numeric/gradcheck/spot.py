"""One point with everything that is known there: the value, the claim, the noise, the scales."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from mccli.numeric.gradcheck.calls import Calls, moved, numbers
from mccli.numeric.gradcheck.claims import Claim
from mccli.numeric.gradcheck.directions import balancing, signs_and_sizes
from mccli.numeric.gradcheck.ladder import Line
from mccli.numeric.gradcheck.noise import EPS, Noise
from mccli.numeric.gradcheck.problem import Arguments, Array, Direction, Kind
from mccli.numeric.gradcheck.scales import entry_scales
from mccli.numeric.gradcheck.structures import Structure


@dataclass
class Spot:
    """A point of a check; outputs are flat arrays."""

    calls: Calls
    kind: Kind
    arguments: Arguments
    center: Array
    claim: Claim
    noise: Noise
    reread: Callable[[Arguments], Claim | None]
    number: int = 0
    cotangent: Array | None = None
    hessian_of: str = ""
    second: bool = False
    """Whether second derivatives of f are compared, for want of a gradient."""

    output_shape: tuple[int, ...] = ()
    scales: dict[str, Array] = field(default_factory=dict)

    def line(self, direction: Direction) -> Line:
        """The function along a direction."""

        def values(ts: list[float]) -> list[Array | None]:
            self.calls.reserve(len(ts))  # some of them would be in vain
            if self.hessian_of:
                return [self._gradient(moved(self.arguments, direction, t)) for t in ts]
            return [self._flat(y) for y in self.calls.line(self.arguments, direction, ts)]

        return values

    def _flat(self, value: Array | None) -> Array | None:
        if value is None or value.dtype.kind == "c":
            return None
        flat: Array = value.reshape(-1).astype(float)
        if self.cotangent is not None:
            if flat.shape != self.cotangent.shape:
                return None
            flat = np.asarray([flat @ self.cotangent])
        return flat if flat.shape == self.center.shape else None

    def _gradient(self, arguments: Arguments) -> Array | None:
        found = self.calls.derivative("gradient", arguments)
        array = None if found is None else numbers(found.get(self.hessian_of))
        return self._flat(array)

    def complex_slope(self, direction: Direction, step: float) -> tuple[Array, Array] | None:
        """Real and imaginary part at a complex step, flat."""
        if self.hessian_of or self.second:
            return None
        found = self.calls.complex_value(self.arguments, direction, step)
        if found is None:
            return None
        flat = found.reshape(-1)
        if self.cotangent is not None:
            if flat.shape != self.cotangent.shape:
                return None
            flat = np.array([flat @ self.cotangent])
        return (flat.real, flat.imag / step) if flat.shape == self.center.shape else None

    def scale(self, name: str) -> Array:
        """How far the entries of an argument may move; zero where they are constants."""
        if name not in self.scales:
            x = np.asarray(self.arguments[name])
            frozen = self.calls.problem.frozen.get(name)
            scale = entry_scales(x)
            self.scales[name] = scale if frozen is None else np.where(frozen, 0.0, scale)
        return self.scales[name]

    def direction(
        self, name: str, rng: np.random.Generator, structure: Structure | None = None, balanced: bool = False
    ) -> Array:
        """A random direction for one argument."""
        scale = self.scale(name)
        v = signs_and_sizes(scale.shape, rng) * scale
        if balanced:
            v = v * balancing(self.claim.weight(name, scale.shape), scale)
        return np.asarray(v if structure is None else structure.project(v))

    def rounding(self) -> Array:
        """Rounding of the value itself."""
        return np.asarray(EPS / 2 * np.abs(self.center))
