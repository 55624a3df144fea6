"""The user's Jacobian or Hessian against the one that mc derives: vec by vec, outputs as rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mccli.calculus.jacobian import hessian, jacobian
from mccli.errors import McError
from mccli.expressions.sizes import number_size
from mccli.expressions.tree import Node, Symbol, zeros
from mccli.numeric.gradcheck.calls import numbers
from mccli.numeric.gradcheck.problem import Kind
from mccli.numeric.verify.outcome import FormulaGradient
from mccli.numeric.verify.reading import Reading
from mccli.numeric.verify.subject import Subject

Array = NDArray[Any]
Value = Any
Claims = Sequence[Mapping[str, Value]]

DERIVED: dict[Kind, Callable[[Node, Symbol], Node]] = {"jacobian": jacobian, "hessian": hessian}
STRUCTURED = "it has a structure: compared with differences only"


def against_derived(
    reading: Reading, subject: Subject, kind: Kind, places: Sequence[Mapping[str, Value]], claims: Claims, most: float
) -> list[FormulaGradient]:
    """Every argument; ``most`` is how far off numbers may be, relative to the largest."""
    expression = reading.read.expression
    if kind == "hessian" and not expression.is_scalar:
        return []
    return [_compared(reading, subject, kind, name, places, claims, most) for name in subject.names]


def _compared(
    reading: Reading,
    subject: Subject,
    kind: Kind,
    name: str,
    places: Sequence[Mapping[str, Value]],
    claims: Claims,
    most: float,
) -> FormulaGradient:
    expression = reading.read.expression
    symbol = next((s for s, n in reading.arguments.items() if n == name), None)
    variable = reading.read.symbols.get(symbol or "")
    x = np.asarray(places[0][name])
    outputs = np.shape(subject.value) if kind == "jacobian" else x.shape
    if variable is not None and variable.properties & {"symmetric", "skew", "diagonal", "triangular"}:
        return FormulaGradient(name, expression, None, float("nan"), remark=STRUCTURED, kind=kind)
    try:
        rows = int(np.prod(outputs, dtype=int))
        nothing = zeros((number_size(rows), number_size(x.size)))
        right: Node = DERIVED[kind](expression, variable) if variable is not None else nothing
    except McError as refused:
        return FormulaGradient(name, expression, None, float("nan"), remark=refused.message, kind=kind)
    wanted = [reading.spot(place).value(right) for place in places]
    readings = [readings_of(claim.get(name), outputs, x.shape) for claim in claims]
    pairs = list(zip(readings, wanted, strict=True))
    errors = [max(_off(r[i] if r else None, w) for r, w in pairs) for i in range(2)]
    return FormulaGradient(name, right, min(errors) <= most, min(errors), kind=kind)


def readings_of(given: Value, outputs: tuple[int, ...], shape: tuple[int, ...]) -> tuple[Array, Array] | None:
    """What was returned as (outputs, entries) in the order of vec: taken to be in that of rows, and as it is.

    With an axis for each index there is nothing to be taken. None for what is no such array.
    """
    array = numbers(given) if given is not None else None
    sizes = (int(np.prod(outputs, dtype=int)), int(np.prod(shape, dtype=int)))
    if array is None or array.dtype.kind == "c" or array.shape not in (outputs + shape, sizes):
        return None
    flat = array.reshape(sizes).astype(float)
    order = [np.arange(n).reshape(s).reshape(-1, order="F") for n, s in zip(sizes, (outputs, shape), strict=True)]
    by_rows = flat[np.ix_(*order)]
    return by_rows, (flat if array.shape == sizes else by_rows)


def _off(given: Array | None, right: Array | None) -> float:
    if given is None or right is None or given.shape != right.shape or not np.all(np.isfinite(given)):
        return float("inf")
    size, difference = (float(np.max(np.abs(a), initial=0.0)) for a in (right, given - right))
    return difference / size if size else (float("inf") if difference else 0.0)
