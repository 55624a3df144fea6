"""The user's function and gradient against a formula: its value, and the gradient that mc derives from it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mccli.calculus.derivation import derive
from mccli.errors import McError
from mccli.expressions.sizes import number_size
from mccli.expressions.tree import zeros
from mccli.numeric.gradcheck.calls import numbers
from mccli.numeric.gradcheck.points import candidates
from mccli.numeric.gradcheck.problem import Kind
from mccli.numeric.verify.edit_search import closest_edit
from mccli.numeric.verify.matrix_formula import DERIVED, against_derived
from mccli.numeric.verify.outcome import FormulaGradient, FormulaReport, Outcome, Verdict
from mccli.numeric.verify.reading import Reading, read_formula, two_dimensional
from mccli.numeric.verify.request import Request
from mccli.numeric.verify.subject import Subject

Array = NDArray[Any]
Value = Any

EXACT, SINGLE, NOISE_MARGIN = 1e-8, 1e-4, 1e4
"""How well values of one formula agree, relative to the largest; in float32; in units of the noise of f."""


# ---------------------------------------------------------------------------------------------- comparing


def against_formula(outcome: Outcome, subject: Subject, request: Request) -> Outcome:
    """The comparison with the formula, and the verdict that follows from both."""
    reading = read_formula(subject, request)
    places = _places(outcome, subject)
    report = _compared(reading, subject, places, _tolerance(outcome, subject), request)
    gradients = tuple(_gradients(reading, subject, places, _tolerance(outcome, subject)))
    report = dataclasses.replace(report, gradients=gradients)
    return dataclasses.replace(outcome, formula=report, verdict=_verdict(outcome, report))


def _verdict(outcome: Outcome, report: FormulaReport) -> Verdict:
    if outcome.verdict == "wrong" or not report.agrees or any(g.agrees is False for g in report.gradients):
        return "wrong"
    if outcome.verdict == "nothing claimed":
        return "right"
    exact = bool(report.gradients) and all(g.agrees for g in report.gradients)
    random = outcome.report is not None and outcome.report.random
    return "right" if exact and not random else outcome.verdict


def _places(outcome: Outcome, subject: Subject) -> list[dict[str, Value]]:
    """The points that were checked, or as many."""
    places = list(outcome.report.places) if outcome.report is not None else []
    if len(places) < 2:
        rng = np.random.default_rng([subject.seed, 5])
        places = [subject.arguments, next(candidates(subject.problem(), rng))]
    return [subject.all_values(place) for place in places]


def _tolerance(outcome: Outcome, subject: Subject) -> float:
    """How well values must agree: f may be noisy."""
    noise = outcome.report.noise if outcome.report is not None else None
    single = getattr(subject.f, "dtype", "") in ("float32", "float16") or (noise is not None and noise.single)
    rough = NOISE_MARGIN * noise.relative if noise is not None and np.isfinite(noise.relative) else 0.0
    return max(EXACT, SINGLE if single else 0.0, min(rough, 1e-2))


def _compared(
    reading: Reading, subject: Subject, places: Sequence[Mapping[str, Value]], tolerance: float, request: Request
) -> FormulaReport:
    expression = reading.read.expression
    pairs: list[tuple[Array, Array]] = []
    remarks = list(reading.remarks)
    for place in places:
        own = subject.finite_value(place)
        formula = reading.spot(place).value(expression)
        if own is None or formula is None:
            remarks.append("at one of the points there is no value")
            continue
        if own.size != formula.size:
            remarks.append(f"f returns an array of shape {own.shape}, the formula has {formula.shape}")
        pairs.append((own, formula))
    error = max((_off(a, b) for a, b in pairs), default=float("inf"))
    numbers_ = tuple((float(a.reshape(-1)[0]), float(b[0, 0])) for a, b in pairs if a.size == b.size == 1)
    agrees = error <= tolerance
    ratio, offset = (None, None) if agrees else _relation(numbers_)
    return FormulaReport(
        request.formula, expression, agrees, error, numbers_, dict(reading.arguments), (), tuple(remarks), ratio, offset
    )


def _off(own: Array, formula: Array) -> float:
    """The largest difference, relative to the largest entry."""
    if own.size != formula.size:
        return float("inf")
    flat = formula.reshape(-1) if formula.shape[1] > 1 or own.ndim < 2 else formula.reshape(own.shape).reshape(-1)
    size = float(np.max(np.abs(flat), initial=0.0))
    difference = float(np.max(np.abs(own.reshape(-1) - flat), initial=0.0))
    return difference / size if size else (float("inf") if difference else 0.0)


def _relation(values: Sequence[tuple[float, float]]) -> tuple[float | None, float | None]:
    """A factor or a constant by which the values differ at every point."""
    if len(values) < 2 or any(not b for _, b in values):
        return None, None
    ratios, offsets = np.array([a / b for a, b in values]), np.array([a - b for a, b in values])
    if np.ptp(ratios) <= 1e-8 * np.max(np.abs(ratios)):
        return float(ratios[0]), None
    size = max(abs(b) for _, b in values)
    return None, (float(offsets[0]) if np.ptp(offsets) <= 1e-8 * size else None)


# ---------------------------------------------------------------------------------------------- gradients


def _gradients(
    reading: Reading, subject: Subject, places: Sequence[Mapping[str, Value]], tolerance: float
) -> list[FormulaGradient]:
    found: list[FormulaGradient] = []
    if "gradient" in subject.derivatives and reading.read.expression.is_scalar:
        claims = [_claims(subject, "gradient", place) for place in places]
        found += [_gradient(reading, name, places, claims, tolerance) for name in subject.names]
    for kind in DERIVED:
        if kind in subject.derivatives:
            claims = [_claims(subject, kind, place) for place in places]
            found += against_derived(reading, subject, kind, places, claims, max(tolerance, 1e-7))
    return found


def _claims(subject: Subject, kind: Kind, place: Mapping[str, Value]) -> dict[str, Value]:
    try:
        return subject.claim(kind, {k: v for k, v in place.items() if k in subject.arguments})
    except McError:
        raise
    except Exception:  # the user's
        return {}


def _gradient(
    reading: Reading,
    name: str,
    places: Sequence[Mapping[str, Value]],
    claims: Sequence[Mapping[str, Value]],
    tolerance: float,
) -> FormulaGradient:
    """One argument: what mc derives, whether the user's numbers are its numbers, and if not, of which formula."""
    symbol = next((s for s, n in reading.arguments.items() if n == name), None)
    variable = reading.read.symbols.get(symbol or "")
    if variable is None:
        rows, columns = two_dimensional(places[0][name]).shape
        right = zeros((number_size(rows), number_size(columns)))
    else:
        try:
            derivation = derive(reading.read.expression, reading.read.symbols, [variable], reading.read.inverted)
        except McError as refused:
            return FormulaGradient(name, reading.read.expression, None, float("nan"), remark=refused.message)
        right = derivation.gradients[0].full
    spots = [reading.spot(place) for place in places]
    symmetric = variable is not None and "symmetric" in variable.properties
    wanted = [_wanted(claim.get(name), place[name], symmetric) for claim, place in zip(claims, places, strict=True)]
    pairs = [(w, spot.value(right)) for w, spot in zip(wanted, spots, strict=True)]
    error = max((_gradient_error(w, r, symmetric) for w, r in pairs), default=float("inf"))
    if error <= max(tolerance, 1e-7):
        return FormulaGradient(name, right, True, error)
    given = [w for w in wanted if w is not None]
    edit = closest_edit(right, spots, given, max(tolerance, 1e-7)) if len(given) == len(spots) else None
    return FormulaGradient(name, right, False, error, edit)


def _wanted(given: Value, x: Value, symmetric: bool) -> Array | None:
    """The user's gradient as a two-dimensional array of the shape of its argument."""
    array = numbers(given) if given is not None else None
    if array is None or array.size != np.size(x) or array.dtype.kind == "c" or not np.all(np.isfinite(array)):
        return None
    if array.shape != np.shape(x) and array.size > 1:
        return None
    found = array.astype(float).reshape(two_dimensional(x).shape)
    return (found + found.T) / 2 if symmetric else found


def _gradient_error(given: Array | None, right: Array | None, symmetric: bool) -> float:
    if given is None or right is None or given.shape != right.shape:
        return float("inf")
    right = (right + right.T) / 2 if symmetric else right
    size = float(np.max(np.abs(right), initial=0.0))
    difference = float(np.max(np.abs(given - right), initial=0.0))
    return difference / size if size else (float("inf") if difference else 0.0)
