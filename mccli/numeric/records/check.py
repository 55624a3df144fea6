"""Whether a record holds: its text can be read, its numbers agree, and the engine derives the same."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from mccli.errors import McError, Place, RecordMistake
from mccli.identities.record import Record
from mccli.identities.statement import Statement, understand
from mccli.numeric.records import engine, exact, stated
from mccli.numeric.records.claims import Claim, claims
from mccli.numeric.records.derivatives import Slopes
from mccli.numeric.records.places import BEYOND, LARGE, RecordPoint, far_points, points
from mccli.numeric.records.stated import Pair

Array = NDArray[Any]
T = TypeVar("T")

POINTS = 3
EXACT, FROM_DIFFERENCES = 1e-8, 2e-6
"""Where values are not analytic, or second derivatives are taken, differences carry an error of their own."""
EXACTLY, IN_NUMBERS = "exactly", "in numbers"
SMALLEST = 1e-6
"""What is smaller than this is compared with this."""
ENTRIES_OF_HESSIAN = 12
"""A variable with more entries is not looked at by second differences beyond the ordinary points."""


@dataclass(frozen=True)
class Checked:
    """A record that was taken through every check.

    ``worst`` is the largest relative error against differences, ``engine`` says how what the engine derives was found
    to be the same (exactly, in numbers), ``refused`` what it said if it derives nothing.
    """

    record: Record
    statement: Statement
    worst: float
    engine: str
    refused: str = ""


def check_record(record: Record) -> Checked:
    """Take a record through every check. RecordMistake, with file, line and field, for the first that fails."""
    statement = understand(record).read_everything()
    found = points(statement, POINTS)
    if len(found) < POINTS:
        raise _mistake(record, "expression", "no point was found at which it is defined", record.assume)
    worst = _from_differences(record, found)
    try:
        derived = claims(statement)
    except RecordMistake:
        raise
    except McError as error:
        far = [p for p in far_points(statement, BEYOND) if _is_affordable(p)]
        return Checked(record, statement, max(worst, _from_differences(record, far)), "", error.message)
    return Checked(record, statement, worst, _from_engine(statement, derived, found))


def _from_differences(record: Record, found: Sequence[RecordPoint]) -> float:
    """The worst relative error against differences of the function at some points. RecordMistake beyond tolerance."""
    worst = 0.0
    for point in found:
        tolerance = _tolerance(Slopes(point))
        for pair in _guarded(record, partial(_stated, point)):
            worst = max(worst, _compare(record, pair, tolerance, "differences of the function give", point))
    return worst


def _stated(point: RecordPoint) -> list[Pair]:
    return list(stated.pairs(point))


def _is_affordable(point: RecordPoint) -> bool:
    entries = sum(point.arrays[v.name].size for v in point.statement.variables)
    return not _takes_second(point.statement.record) or entries <= ENTRIES_OF_HESSIAN


def _from_engine(statement: Statement, derived: Sequence[Claim], found: Sequence[RecordPoint]) -> str:
    """How the record was found to say what the engine derives. RecordMistake if it says something else."""
    record = statement.record
    verdicts = [(claim, exact.compared(claim, statement)) for claim in derived]
    for claim, verdict in verdicts:
        if verdict == exact.EQUAL:
            continue
        nodes = (claim.expected, claim.found)
        so_far = verdict == exact.SO_FAR  # only larger sizes are open
        for point in () if so_far else found:
            _compare_to_engine(record, claim, point, engine.RELATIVE)
        for point in points(statement, 1, LARGE, nodes) if so_far else far_points(statement, LARGE, nodes):
            _compare_to_engine(record, claim, point, engine.FAR)
        if verdict == exact.DIFFERENT:
            raise _mistake(record, claim.field, "does not hold: in exact arithmetic the engine derives something else")
    return EXACTLY if all(verdict in (exact.EQUAL, exact.SO_FAR) for _, verdict in verdicts) else IN_NUMBERS


def _compare_to_engine(record: Record, claim: Claim, point: RecordPoint, relative: float) -> None:
    """RecordMistake where the two differ by more than rounding."""
    both = _guarded(record, lambda: engine.compared(claim, point, relative))
    if both is not None:
        _compare(record, both.pair, both.allowed / _magnitude(both.pair), "the engine derives", point)


def _guarded(record: Record, compute: Callable[[], T]) -> T:
    try:
        return compute()
    except RecordMistake:
        raise
    except McError as error:
        raise _mistake(record, record.kind, error.message, error.notes) from None
    except (ValueError, ArithmeticError, IndexError, KeyError, np.linalg.LinAlgError) as error:
        raise _mistake(record, record.kind, f"cannot be evaluated: {error}") from None


def _tolerance(slopes: Slopes) -> float:
    return EXACT if slopes.analytic and not _takes_second(slopes.point.statement.record) else FROM_DIFFERENCES


def _takes_second(record: Record) -> bool:
    return "hessian" in record.results or record.order == 2


def _magnitude(pair: Pair) -> float:
    return max(float(np.max(np.abs(pair.expected))), float(np.max(np.abs(pair.found))), SMALLEST)


def _compare(record: Record, pair: Pair, tolerance: float, says: str, point: RecordPoint) -> float:
    if pair.expected.shape != pair.found.shape:
        raise _mistake(record, pair.field, f"has the shape {_shape(pair.found)}, not {_shape(pair.expected)}")
    error = float(np.max(np.abs(pair.expected - pair.found))) / _magnitude(pair)
    if not error <= tolerance:
        at = np.unravel_index(int(np.argmax(np.abs(pair.expected - pair.found))), pair.expected.shape)
        where = ",".join(str(int(i) + 1) for i in at)
        sizes_text = ", ".join(f"{k}={v}" for k, v in point.sizes.items())
        raise _mistake(
            record,
            pair.field,
            f"does not hold: {says} {pair.expected[at]:.6g} where it says {pair.found[at]:.6g}",
            [f"entry {where}, at a random point with {sizes_text}" if sizes_text else f"entry {where}"],
        )
    return error


def _shape(x: Array) -> str:
    return "×".join(str(n) for n in x.shape)


def _mistake(record: Record, name: str, sentence: str, notes: Sequence[str] = ()) -> RecordMistake:
    return RecordMistake(record.place(name), sentence, notes=notes)


class Verdict(NamedTuple):
    """The outcome for one record, in plain values: it travels between processes."""

    id: str
    family: str
    worst: float = 0.0
    engine: str = ""
    refused: str = ""
    place: Place | None = None
    mistake: str = ""
    notes: tuple[str, ...] = ()


def verdict(record: Record) -> Verdict:
    """The outcome of every check of a record."""
    try:
        checked = check_record(record)
    except RecordMistake as error:
        return Verdict(record.id, record.family, place=error.place, mistake=error.sentence, notes=error.notes)
    except McError as error:
        return Verdict(record.id, record.family, place=record.place(), mistake=error.message, notes=error.notes)
    return Verdict(record.id, record.family, checked.worst, checked.engine, checked.refused)
