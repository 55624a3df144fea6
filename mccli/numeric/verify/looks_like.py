"""Which identity of the database a function is: the records whose value and gradient agree with its numbers."""

from __future__ import annotations

import itertools
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mccli.errors import McError
from mccli.expressions.graph import substitute
from mccli.expressions.tree import Node, Symbol
from mccli.folders import data_folder
from mccli.identities.catalogue import INDEX, Catalogue
from mccli.identities.record import Record
from mccli.identities.statement import Statement, understand
from mccli.language.names import canonical_name
from mccli.numeric.gradcheck import Numerical
from mccli.numeric.gradcheck.points import candidates
from mccli.numeric.records.places import RecordPoint
from mccli.numeric.verify.outcome import Alike
from mccli.numeric.verify.reading import two_dimensional
from mccli.numeric.verify.subject import Subject

Array = NDArray[Any]
Values = Mapping[str, Any]
Shape = tuple[int, ...]

SECONDS = 1.5
MOST_ARGUMENTS = 4
MOST_ENTRIES = 10_000
MOST_FOUND = 3
AGREE, GRADIENT_AGREES = 1e-8, 1e-5
FACTORS = (1.0, 2.0, 0.5, -1.0, -2.0, -0.5, 4.0, 0.25)


def looks_like(subject: Subject, numerical: Mapping[str, Numerical]) -> tuple[Alike, ...]:
    """The records that agree at two points, the plainest first; none where that would take long."""
    names = [n for n, a in subject.arguments.items() if np.ndim(a) <= 2]
    small = all(np.size(a) <= MOST_ENTRIES for a in subject.arguments.values())
    if len(names) != len(subject.arguments) or not 0 < len(names) <= MOST_ARGUMENTS or not small:
        return ()
    places = [subject.arguments, next(candidates(subject.problem(), np.random.default_rng([subject.seed, 6])))]
    values = [_value(subject, place) for place in places]
    if any(v is None or not v for v in values):
        return ()
    shapes = {n: np.shape(subject.arguments[n]) for n in names}
    deadline = time.monotonic() + SECONDS
    found: list[Alike] = []
    for record in _candidates(shapes):
        if time.monotonic() > deadline:
            break
        alike = _alike(record, shapes, places, [v for v in values if v is not None], numerical)
        if alike is not None:
            found.append(alike)
    return tuple(sorted(found, key=lambda a: a.factor != 1.0)[:MOST_FOUND])


def _value(subject: Subject, place: Values) -> float | None:
    found = subject.finite_value(place)
    fits = found is not None and found.size == 1 and found.dtype.kind == "f"
    return float(found.reshape(-1)[0]) if fits and found is not None else None


def _candidates(shapes: Mapping[str, Shape]) -> Iterator[Record]:
    """Gradients of functions of as many numbers, vectors and matrices; the essential ones first."""
    wanted = Counter(len(s) for s in shapes.values())
    catalogue = Catalogue.read(f"{data_folder()}/{INDEX}")
    fitting = [
        r
        for r in catalogue.records()
        if r.kind == "gradient" and r.field == "real" and len(r.variables) == 1 and not r.define
        if r.convention in ("", "projection") and Counter(len(s) for s in r.shapes.values()) == wanted
    ]
    order = ("essential", "standard", "special")
    yield from sorted(fitting, key=lambda r: (order.index(r.level) if r.level in order else 3, len(r.expression)))


def _alike(
    record: Record,
    shapes: Mapping[str, Shape],
    places: Sequence[Values],
    values: Sequence[float],
    numerical: Mapping[str, Numerical],
) -> Alike | None:
    """The record in the user's names, if there is a way to read the arguments as its symbols."""
    statement: Statement | None = None
    for chosen in itertools.permutations(shapes, len(shapes)):
        pairing = dict(zip(record.shapes, chosen, strict=True))
        sizes = _sizes(record, pairing, shapes)
        if sizes is None or pairing[record.variables[0]] not in numerical:
            continue
        try:
            statement = statement or understand(record)
            factor = _factor(statement, pairing, sizes, places, values)
            if factor is not None and _same_gradient(statement, pairing, sizes, places[0], factor, numerical):
                return _told(statement, pairing, factor)
        except (McError, ValueError, ArithmeticError, IndexError, KeyError, np.linalg.LinAlgError):
            continue
    return None


def _sizes(record: Record, pairing: Mapping[str, str], shapes: Mapping[str, Shape]) -> dict[str, int] | None:
    """Numbers for the size letters, if the arguments fit."""
    sizes: dict[str, int] = {}
    for symbol, argument in pairing.items():
        words, shape = record.shapes[symbol], shapes[argument]
        if len(words) != len(shape):
            return None
        for word, size in zip(words, shape, strict=True):
            known = int(word) if word.isdigit() else sizes.setdefault(word, size) if word.isalpha() else -1
            if known != size:
                return None
    return sizes


def _point(statement: Statement, pairing: Mapping[str, str], sizes: Mapping[str, int], place: Values) -> RecordPoint:
    arrays = {canonical_name(symbol): two_dimensional(place[argument]) for symbol, argument in pairing.items()}
    return RecordPoint(statement, sizes, arrays)


def _factor(
    statement: Statement,
    pairing: Mapping[str, str],
    sizes: Mapping[str, int],
    places: Sequence[Values],
    values: Sequence[float],
) -> float | None:
    """The factor by which the record has the user's value, if it is one that people write."""
    ratios: list[float] = []
    for place, value in zip(places, values, strict=True):
        found = _point(statement, pairing, sizes, place).value(statement.expression)
        if found.size != 1 or not np.isfinite(found).all() or not found[0, 0]:
            return None
        ratios.append(value / float(found[0, 0]))
        if abs(ratios[-1] - ratios[0]) > AGREE * abs(ratios[0]):
            return None
    return next((f for f in FACTORS if abs(ratios[0] - f) <= AGREE * abs(f)), None)


def _same_gradient(
    statement: Statement,
    pairing: Mapping[str, str],
    sizes: Mapping[str, int],
    place: Values,
    factor: float,
    numerical: Mapping[str, Numerical],
) -> bool:
    """Whether the stated gradient is the numerical one: the record may assume what does not hold here."""
    stated = statement.results[0].node
    found = factor * _point(statement, pairing, sizes, place).value(stated)
    own = numerical[pairing[statement.record.variables[0]]].value
    if found.size != own.size:
        return False
    expected = own.reshape(found.shape)
    return bool(np.max(np.abs(found - expected)) <= GRADIENT_AGREES * max(float(np.max(np.abs(expected))), 1e-300))


def _told(statement: Statement, pairing: Mapping[str, str], factor: float) -> Alike:
    """The record in the names of the arguments."""
    record = statement.record
    names: dict[Node, Node] = {}
    for symbol, argument in pairing.items():
        own = statement.symbols[canonical_name(symbol)]
        names[own] = Symbol(canonical_name(argument.rstrip("_")), own.shape, own.properties)
    gradient = statement.full(statement.results[0].node)
    function = substitute(statement.expression, names)
    return Alike(record.id, record.name, function, substitute(gradient, names), factor, pairing[record.variables[0]])
