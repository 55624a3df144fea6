"""Going to a point: the value there, what the user claims there, and how noisy the function is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from mccli.numeric.gradcheck.calls import Calls, numbers
from mccli.numeric.gradcheck.claims import Blocks, Claim, Products, Reading, blocks_of, read_blocks
from mccli.numeric.gradcheck.directions import signs_and_sizes
from mccli.numeric.gradcheck.noise import Noise, measure
from mccli.numeric.gradcheck.problem import Arguments, Array, Direction, Kind
from mccli.numeric.gradcheck.report import Finding
from mccli.numeric.gradcheck.scales import entry_scales
from mccli.numeric.gradcheck.second import Curvature, asymmetry
from mccli.numeric.gradcheck.spot import Spot


class Unusable(Exception):
    """A point where nothing can be checked, and why."""

    def __init__(self, finding: Finding, wrong: bool = False) -> None:
        super().__init__(finding.text)
        self.finding, self.wrong = finding, wrong


@dataclass
class Visit:
    """A spot for each argument that can be checked there, and the faults of the others."""

    spots: dict[str, Spot] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)
    remarks: dict[str, str] = field(default_factory=dict)
    single: bool = False
    """Whether f returns float32."""

    findings: dict[str, Finding] = field(default_factory=dict)
    """Mistakes that are seen without any probe."""

    raw: Any = None
    kept: Any = None
    """What the derivative returned, and a copy of it."""


@dataclass
class Visitor:
    """Visits points for one kind of derivative."""

    calls: Calls
    kind: Kind
    rng: np.random.Generator
    jump: float = 0.0
    """How much f differs from call to call."""

    def visit(self, arguments: Arguments, number: int, known: Array | None, noise: dict[str, Noise] | None) -> Visit:
        """Everything known at a point; ``known`` is the value of f there, ``noise`` what was measured elsewhere."""
        names = self.calls.problem.checked()
        value = known if known is not None else finite(self.calls, arguments)
        cotangent = self._cotangent(value)
        visit = Visit(single=is_single(value))
        claims = self._claims(visit, arguments, value, names, cotangent)
        for name, claim in claims.items():
            center, of = self._center(arguments, value, name, cotangent)
            quiet = Noise(np.full(center.shape, self.jump))
            spot = Spot(self.calls, self.kind, arguments, center, claim, quiet, self._reread(name, cotangent, value))
            spot.second = self.kind == "hessian" and not of
            spot.number, spot.cotangent, spot.hessian_of = number, cotangent, of
            spot.output_shape = np.asarray(arguments[name]).shape if of else value.shape
            visit.spots[name] = spot
        self._add_noise(visit, noise)
        return visit

    @property
    def _has_gradient(self) -> bool:
        return self.calls.problem.gradient is not None

    def _cotangent(self, value: Array) -> Array | None:
        if self.kind != "vjp":
            return None
        # every output counts alike, large or small
        return np.asarray(signs_and_sizes((value.size,), self.rng) / entry_scales(value.reshape(-1)))

    def _claims(
        self, visit: Visit, arguments: Arguments, value: Array, names: tuple[str, ...], cotangent: Array | None
    ) -> dict[str, Claim]:
        if self.kind == "jvp":
            claim = Products(lambda v: self._jvp(arguments, v))
            return dict.fromkeys(names, claim)
        if self.kind == "gradient" and value.size != 1:
            text = f"f has shape {value.shape}; only a number has a gradient"
            raise Unusable(Finding("wrong shape", text, "give a Jacobian, or a vjp"))
        found = self._raw(arguments, value, cotangent)
        visit.raw, visit.kept = found, _copied(found)
        claims: dict[str, Claim] = {}
        for name in names:
            reading = self._read(found, arguments, value, name)
            visit.faults.update(reading.faults)
            visit.remarks.update(reading.remarks)
            if not reading.faults:
                claims[name] = self._claim(visit, reading, arguments, value)
        return claims

    def _claim(self, visit: Visit, reading: Reading, arguments: Arguments, value: Array) -> Claim:
        if self.kind != "hessian":
            return blocks_of(reading, single_inside=is_single(value))
        for name, block in reading.blocks.items():
            worst = asymmetry(block, entry_scales(np.asarray(arguments[name])))
            if worst is not None:
                i, j = worst
                pair = f"{block[i, j]:.6g} at {i, j}, {block[j, i]:.6g} at {j, i}"
                text = f"the Hessian for {name} is not symmetric: {pair}"
                visit.findings[name] = Finding("not symmetric", text)
        return blocks_of(reading, False) if self._has_gradient else Curvature(reading.blocks)

    def _raw(self, arguments: Arguments, value: Array, cotangent: Array | None) -> Any:
        more = () if cotangent is None else (cotangent.reshape(value.shape),)
        found = self.calls.derivative(self.kind, arguments, *more)
        if found is None:
            raise Unusable(Finding("raised", self.calls.failure, "make it run at this point first"))
        return found

    def _read(self, found: Any, arguments: Arguments, value: Array, name: str) -> Reading:
        order = self.calls.problem.stacking
        return read_blocks(found, self.kind, arguments, (name,), value, order)

    def _jvp(self, arguments: Arguments, direction: Direction) -> Array | None:
        found = self.calls.derivative("jvp", arguments, direction)
        array = None if found is None else numbers(found)
        return None if array is None else array.reshape(-1).astype(float)

    def _reread(self, name: str, cotangent: Array | None, value: Array) -> Any:
        """The claim elsewhere, for the noise of the claim."""

        def again(arguments: Arguments) -> Claim | None:
            if self.kind == "jvp":
                return Products(lambda v: self._jvp(arguments, v))
            try:
                found = self._raw(arguments, value, cotangent)
            except Unusable:
                return None
            names = (name,) if name else self.calls.problem.checked()
            reading = read_blocks(found, self.kind, arguments, names, value, self.calls.problem.stacking)
            if reading.faults:
                return None
            return (
                Curvature(reading.blocks)
                if self.kind == "hessian" and not self._has_gradient
                else Blocks(reading.blocks)
            )

        return again

    def _center(self, arguments: Arguments, value: Array, name: str, cotangent: Array | None) -> tuple[Array, str]:
        if self.kind == "hessian" and self._has_gradient:
            found = self.calls.derivative("gradient", arguments)
            gradient = None if found is None else numbers(found.get(name))
            if gradient is None or not np.all(np.isfinite(gradient)):
                raise Unusable(Finding("not finite", f"the gradient for {name} has no finite value"))
            return gradient.reshape(-1).astype(float), name
        flat = value.reshape(-1).astype(float)
        return (flat if cotangent is None else np.array([flat @ cotangent])), ""

    def _add_noise(self, visit: Visit, noise: dict[str, Noise] | None) -> None:
        """Measured along all arguments at once (f is one function), or carried over from another point."""
        spots = visit.spots
        if not spots:
            return
        for name, spot in _distinct(spots):
            if noise is not None and name in noise:
                found: Noise | None = noise[name]
            else:
                moving = [name] if spot.hessian_of else list(spots)
                direction = {n: spot.direction(n, self.rng) for n in moving}
                found = measure(spot.line(direction), spot.center, visit.single)
            shared = [spot] if spot.hessian_of else list(spots.values())
            for each in shared:
                each.noise = each.noise if found is None else found.widened(each.noise)


def _distinct(spots: dict[str, Spot]) -> Iterator[tuple[str, Spot]]:
    """The spots whose function is not the same: all of them for Hessians, one otherwise."""
    items = list(spots.items())
    yield from (item for n, item in enumerate(items) if n == 0 or item[1].hessian_of)


def finite(calls: Calls, arguments: Arguments) -> Array:
    """The value of f, or why there is none."""
    value = calls.value(arguments)
    if value is None:
        text = calls.failure or "f returned no numbers"
        raise Unusable(Finding("raised", text, "choose a point where f has a value"))
    if value.dtype.kind == "c":
        raise Unusable(Finding("not finite", "f is complex", "check the real part, or the absolute value"))
    if not value.size or not np.all(np.isfinite(value)):
        raise Unusable(Finding("not finite", f"f is {_shown(value)} at the point", "choose a point inside the domain"))
    return value


def is_single(value: Array) -> bool:
    """Whether a value has fewer digits than usual."""
    return value.dtype.kind == "f" and value.dtype.itemsize < 8


def _shown(value: Array) -> str:
    return str(value.reshape(-1)[0]) if value.size == 1 else "not finite"


def _copied(found: Any) -> Any:
    return {k: np.array(v) for k, v in found.items()} if hasattr(found, "items") else found
