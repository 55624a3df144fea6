"""Getting the numbers at a point: f, what the user returns there, and the numerical derivative."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from mccli.numeric.diagnose.view import View, along, entrywise
from mccli.numeric.gradcheck import full_gradient
from mccli.numeric.gradcheck.calls import Calls, numbers
from mccli.numeric.gradcheck.claims import Claim, Products, read_blocks
from mccli.numeric.gradcheck.directions import signs_and_sizes
from mccli.numeric.gradcheck.noise import EPS, Noise, measure
from mccli.numeric.gradcheck.probes import MARGIN
from mccli.numeric.gradcheck.problem import Arguments, Array, Direction, Kind, Problem
from mccli.numeric.gradcheck.scales import entry_scales
from mccli.numeric.gradcheck.second import second_slope
from mccli.numeric.gradcheck.spot import Spot
from mccli.numeric.gradcheck.structures import SYMMETRIC
from mccli.numeric.gradcheck.table import Prober, prober_for
from mccli.numeric.gradcheck.visits import Unusable

FEW = 2000

DIRECTIONS = 3
CLAIM_ROUNDINGS = 4.0


@dataclass
class Looker:
    """Makes views of one derivative by one argument."""

    calls: Calls
    kind: Kind
    name: str
    symmetric: bool = False
    """Compare on symmetric directions only."""

    jump: float = 0.0
    few: int = FEW
    """Arguments with more entries are seen along directions only."""

    single: bool = False
    """Whether the user's derivative was seen to be float32."""

    _known: Prober | None = None

    @property
    def problem(self) -> Problem:
        """What is looked at."""
        return self.calls.problem

    def look(self, arguments: Arguments) -> View | None:
        """The view at a point; None where f or the derivative has no value there."""
        value = self.calls.value(arguments)
        if value is None or value.dtype.kind == "c" or not value.size or not np.all(np.isfinite(value)):
            return None
        # the user's derivative right after f at the same point, before f goes elsewhere
        yours = self.yours(arguments, value)
        x = np.asarray(arguments[self.name])
        if x.size > self.few:
            return self._large(arguments, value, yours) if self.kind == "gradient" else None
        if self.kind == "gradient" and value.size != 1:
            return None
        try:
            whole, error = self._numeric(arguments, value)
        except Unusable:
            return None
        return self._small(arguments, value, yours, whole, error)

    # ------------------------------------------------------------------------------------ the user's array

    def yours(self, arguments: Arguments, value: Array) -> Array | None:
        """What the user returns, in the shape of the whole derivative if that is possible, else as it is."""
        if self.kind == "vjp":
            return self._by_cotangents(arguments, value)
        if self.kind == "jvp":
            return self._by_tangents(arguments, value)
        raw = self.calls.derivative(self.kind, arguments)
        return self._read(raw, self.kind, arguments, value)

    def _read(self, raw: Any, kind: Kind, arguments: Arguments, value: Array) -> Array | None:
        if not isinstance(raw, Mapping) or raw.get(self.name) is None:
            return None
        shape = np.shape(arguments[self.name])
        reading = read_blocks(raw, kind, arguments, (self.name,), value, self.problem.stacking)
        self.single |= reading.single
        if self.name in reading.blocks:
            first = {"hessian": shape, "jacobian": value.shape}.get(kind, ())
            return np.asarray(reading.blocks[self.name].reshape(first + shape))
        array = numbers(raw[self.name])
        return None if array is None or array.dtype.kind == "c" else array.astype(float)

    def _by_cotangents(self, arguments: Arguments, value: Array) -> Array | None:
        """A vjp at every unit cotangent is the Jacobian, row by row."""
        rows = []
        for unit in np.eye(value.size):
            raw = self.calls.derivative("vjp", arguments, unit.reshape(value.shape))
            rows.append(self._read(raw, "vjp", arguments, value))
        known = [r for r in rows if r is not None]
        if len(known) < len(rows) or any(r.shape != known[0].shape for r in known):
            return None
        stacked = np.stack(known)
        return stacked.reshape(value.shape + stacked.shape[1:])

    def _by_tangents(self, arguments: Arguments, value: Array) -> Array | None:
        """A jvp along every unit tangent is the Jacobian, column by column."""
        x = np.asarray(arguments[self.name])
        columns = []
        for unit in np.eye(x.size):
            found = self.calls.derivative("jvp", arguments, {self.name: unit.reshape(x.shape)})
            array = None if found is None else numbers(found)
            if array is None or array.shape != value.shape:
                return None
            columns.append(array.astype(float))
        return np.stack(columns, axis=-1).reshape(value.shape + x.shape)

    # ------------------------------------------------------------------------------------ the numerical derivative

    def _numeric(self, arguments: Arguments, value: Array) -> tuple[Array, Array]:
        problem = replace(self.problem, arguments=arguments, names=(self.name,), along=None)
        if self.kind == "hessian":
            if problem.gradient is None:
                return self._curvatures(arguments, value)
            gradient = problem.gradient
            problem = replace(problem, value=lambda a: gradient(a)[self.name], hessian=None, gradient=None)
        found = full_gradient(problem)[self.name]
        if self.kind == "gradient":  # a number may come as an array of one entry
            shape = np.shape(arguments[self.name])
            return found.value.reshape(shape), found.error.reshape(shape)
        return found.value, found.error

    def spot(self, arguments: Arguments, value: Array) -> Spot:
        """A point without a claim, for slopes of f."""
        center = value.reshape(-1).astype(float)
        quiet = Noise(np.full(center.shape, self.jump))
        spot = Spot(self.calls, "gradient", arguments, center, Products(_nothing), quiet, _nobody)
        found = measure(spot.line({self.name: spot.direction(self.name, np.random.default_rng(0))}), spot.center)
        spot.noise = quiet if found is None else found.widened(quiet)
        return spot

    def _curvatures(self, arguments: Arguments, value: Array) -> tuple[Array, Array]:
        """Second differences along e_i, and along e_i + e_j and e_i - e_j for what is mixed."""
        spot = self.spot(arguments, value)
        scale = spot.scale(self.name)
        flat, n = scale.reshape(-1), scale.size
        hessian, error = np.zeros((n, n)), np.zeros((n, n))
        for i in range(n):
            for j in range(i + 1):
                v = np.zeros((2, n))
                v[:, i] += flat[i]
                v[0, j], v[1, j] = v[0, j] + flat[j], v[1, j] - flat[j]
                plus = second_slope(spot.line({self.name: v[0].reshape(scale.shape)}), spot.noise, spot.center)
                minus = second_slope(spot.line({self.name: v[1].reshape(scale.shape)}), spot.noise, spot.center)
                value_ij = float(plus.value[0]) / 4 if i == j else float(plus.value[0] - minus.value[0]) / 4
                error_ij = float(plus.error[0]) / 4 if i == j else float(plus.error[0] + minus.error[0]) / 4
                hessian[i, j] = hessian[j, i] = value_ij / (flat[i] * flat[j])
                error[i, j] = error[j, i] = error_ij / (flat[i] * flat[j])
        return hessian.reshape(scale.shape * 2), error.reshape(scale.shape * 2)

    # ------------------------------------------------------------------------------------ views

    def _small(
        self, arguments: Arguments, value: Array, yours: Array | None, whole: Array, error: Array
    ) -> View | None:
        project = SYMMETRIC.project if self.symmetric else _itself
        keep = (np.isfinite(whole) & np.isfinite(error)).reshape(-1)
        frozen = self.problem.frozen.get(self.name)
        if frozen is not None:
            keep &= ~np.broadcast_to(np.asarray(frozen, dtype=bool), whole.shape).reshape(-1)
        if not np.any(keep):
            return None
        numeric, errors = project(whole).reshape(-1)[keep], project(error).reshape(-1)[keep]
        scale = np.broadcast_to(self._scale(arguments), whole.shape).reshape(-1)[keep]
        tolerance = MARGIN * errors + CLAIM_ROUNDINGS * EPS * np.abs(numeric)
        gauge = entrywise(keep, project)
        return View(self.name, arguments, value, yours, whole.shape, numeric, errors, tolerance, scale, gauge, whole,
                    error, self.single)  # fmt: skip

    def _scale(self, arguments: Arguments) -> Array:
        """How much an entry of the derivative matters: the size of the argument's entries there."""
        scale = entry_scales(np.asarray(arguments[self.name]))
        if self.kind != "hessian":
            return scale
        return np.asarray(np.multiply.outer(scale, scale))

    def prober(self, spot: Spot, rng: np.random.Generator) -> Prober:
        """What was found out about differences and the complex step at one point serves at the others."""
        structure = SYMMETRIC if self.symmetric else None
        if self._known is None:
            self._known = prober_for(spot, self.name, structure, rng)
        return Prober(spot, self.name, self._known.exact, structure, self._known.start)

    def _large(self, arguments: Arguments, value: Array, yours: Array | None) -> View | None:
        if value.size != 1:
            return None
        rng = np.random.default_rng([self.problem.seed, 17])
        spot = self.spot(arguments, value)
        prober = self.prober(spot, rng)
        rows, slopes, errors = [], [], []
        for _ in range(DIRECTIONS):
            v = signs_and_sizes(spot.scale(self.name).shape, rng) * spot.scale(self.name)
            v = SYMMETRIC.project(v) if self.symmetric else v
            found = prober.slope({self.name: v})
            if not found.found:
                return None
            rows.append(v.reshape(-1))
            slopes.append(float(found.value[0]))
            errors.append(float(found.error[0]))
        error, shape = np.array(errors), np.shape(arguments[self.name])
        gauge, ones = along(np.stack(rows)), np.ones(len(slopes))
        return View(self.name, arguments, value, yours, shape, np.array(slopes), error, MARGIN * error, ones, gauge)


def _itself(array: Array) -> Array:
    return array


def _nothing(direction: Direction) -> None:
    del direction


def _nobody(arguments: Arguments) -> Claim | None:
    del arguments
    return None
