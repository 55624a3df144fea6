"""Whether a record holds: its text can be read, its numbers agree, and the engine derives the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mccli.errors import McError, RecordMistake
from mccli.identities.record import Record
from mccli.identities.statement import Statement, understand
from mccli.numeric.records import stated
from mccli.numeric.records.derivatives import Slopes
from mccli.numeric.records.engine import engine_pairs
from mccli.numeric.records.places import points
from mccli.numeric.records.stated import Pair

Array = NDArray[Any]

POINTS = 3
EXACT, FROM_ENGINE = 1e-8, 1e-7
FROM_DIFFERENCES = 2e-6
"""Where values are not analytic, or second derivatives are taken, differences carry an error of their own."""


@dataclass(frozen=True)
class Checked:
    """A record that was taken through every check.

    ``worst`` is the largest relative error against differences, ``engine`` the way in which the engine derived the
    same (formula, differential), ``refused`` what it said if it did not.
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
    worst = 0.0
    for point in found:
        tolerance = _tolerance(Slopes(point))
        for pair in _guarded(record, lambda at=point: list(stated.pairs(at))):
            worst = max(worst, _compare(record, pair, tolerance, "differences of the function give", point.sizes))
    engine, refused = "", ""
    try:
        for point in found:
            for way, pair in engine_pairs(point):
                engine = way
                _compare(record, pair, FROM_ENGINE, "the engine derives", point.sizes)
    except RecordMistake:
        raise
    except McError as error:
        engine, refused = "", error.message
    return Checked(record, statement, worst, engine, refused)


def _guarded(record: Record, compute: Any) -> Sequence[Pair]:
    try:
        found: Sequence[Pair] = compute()
    except RecordMistake:
        raise
    except McError as error:
        raise _mistake(record, record.kind, error.message, error.notes) from None
    except (ValueError, ArithmeticError, IndexError, KeyError, np.linalg.LinAlgError) as error:
        raise _mistake(record, record.kind, f"cannot be evaluated: {error}") from None
    return found


def _tolerance(slopes: Slopes) -> float:
    second = slopes.point.statement.record.kind == "hessian" or slopes.point.statement.record.order == 2
    return EXACT if slopes.analytic and not second else FROM_DIFFERENCES


def _compare(record: Record, pair: Pair, tolerance: float, says: str, sizes: Any) -> float:
    if pair.expected.shape != pair.found.shape:
        raise _mistake(record, pair.field, f"has the shape {_shape(pair.found)}, not {_shape(pair.expected)}")
    scale = max(float(np.max(np.abs(pair.expected))), float(np.max(np.abs(pair.found))), 1e-6)
    error = float(np.max(np.abs(pair.expected - pair.found))) / scale
    if not error <= tolerance:
        at = np.unravel_index(int(np.argmax(np.abs(pair.expected - pair.found))), pair.expected.shape)
        where = ",".join(str(int(i) + 1) for i in at)
        sizes_text = ", ".join(f"{k}={v}" for k, v in sizes.items())
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
    return RecordMistake(f"{record.place(name)}: {sentence}", notes=notes)


class Verdict(NamedTuple):
    """The outcome for one record, in plain values: it travels between processes."""

    id: str
    family: str
    worst: float = 0.0
    engine: str = ""
    refused: str = ""
    mistake: str = ""
    notes: tuple[str, ...] = ()


def verdict(record: Record) -> Verdict:
    """The outcome of every check of a record."""
    try:
        checked = check_record(record)
    except McError as error:
        return Verdict(record.id, record.family, mistake=error.message, notes=error.notes)
    return Verdict(record.id, record.family, checked.worst, checked.engine, checked.refused)
