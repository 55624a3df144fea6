"""What the user says a directional derivative is: read off a gradient, a Jacobian, a Hessian, or a function."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from mccli.numeric.gradcheck.calls import numbers
from mccli.numeric.gradcheck.noise import EPS, SINGLE_EPS
from mccli.numeric.gradcheck.problem import Arguments, Array, Direction, Kind


@dataclass(frozen=True)
class Said:
    """The claimed slope of each output, what rounding may do to it, and how large it is without cancellation."""

    value: Array
    rounding: Array
    size: Array


@dataclass(frozen=True)
class Blocks:
    """Derivatives as matrices (outputs, entries of the argument), by argument."""

    blocks: Mapping[str, Array]
    precision: float = EPS

    def along(self, direction: Direction) -> Said:
        """The product with a direction; rounding is that of a long sum."""
        value: Any = 0.0
        total: Any = 0.0
        squares: Any = 0.0
        for name, v in direction.items():
            terms = self.blocks[name] * v.reshape(-1)
            value = value + np.sum(terms, axis=1)
            total = total + np.sum(np.abs(terms), axis=1)
            squares = squares + np.linalg.norm(terms, axis=1) ** 2
        return Said(np.asarray(value), ROUNDINGS * self.precision * np.asarray(total), np.sqrt(squares))

    def weight(self, name: str, shape: tuple[int, ...]) -> Array | None:
        """How much each entry of an argument matters."""
        return np.asarray(np.max(np.abs(self.blocks[name]), axis=0).reshape(shape))


@dataclass(frozen=True)
class Products:
    """A function that gives the slope along a direction (jvp)."""

    function: Callable[[Direction], Array | None]

    def along(self, direction: Direction) -> Said:
        """What the function returns."""
        found = self.function(direction)
        if found is None:
            return Said(np.array([np.nan]), np.array([0.0]), np.array([0.0]))
        return Said(found, ROUNDINGS * EPS * np.full(found.shape, np.max(np.abs(found), initial=0.0)), np.abs(found))

    def weight(self, name: str, shape: tuple[int, ...]) -> Array | None:
        """Not known."""
        del name, shape
        return None


class Claim(Protocol):
    """What says how f changes along a direction."""

    def along(self, direction: Direction) -> Said:
        """The claimed slope."""
        ...

    def weight(self, name: str, shape: tuple[int, ...]) -> Array | None:
        """How much each entry of an argument matters, where that is known."""
        ...


ROUNDINGS = 4.0
"""A sum is taken to be off by so many roundings of its terms."""


@dataclass
class Reading:
    """The arrays a user's function returned, made into blocks, and what was wrong with their form."""

    blocks: dict[str, Array] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)
    remarks: dict[str, str] = field(default_factory=dict)
    single: bool = False


def read_blocks(
    found: Any, kind: Kind, arguments: Arguments, names: tuple[str, ...], outputs: Array, order: str
) -> Reading:
    """Check shapes and lay every array out as (outputs, entries)."""
    reading = Reading()
    for name in names:
        x = arguments[name]
        if not isinstance(found, Mapping) or name not in found:
            reading.faults[name] = f"the {kind} has nothing for {name}"
            continue
        array = numbers(found[name])
        if array is None:
            reading.faults[name] = f"the {kind} for {name} is no array of numbers"
        elif array.dtype.kind == "c":
            reading.faults[name] = f"the {kind} for {name} is complex"
        else:
            _lay_out(reading, kind, name, array, x, outputs, order)
    return reading


def _lay_out(reading: Reading, kind: Kind, name: str, array: Array, x: Array, outputs: Array, order: str) -> None:
    first = {"hessian": x.shape, "jacobian": outputs.shape}.get(kind, ())
    rows = int(np.prod(first, dtype=int))
    whole, flat = first + x.shape, (rows, x.size)
    if array.shape == whole:
        block = array.reshape(flat)
    elif first and array.shape == flat:
        block = array if order == "rows" else _from_columns(array, first, x.shape)
    elif array.size == x.size == 1 and rows == 1:
        reading.remarks[name] = f"the {kind} for the number {name} has shape {array.shape}"
        block = array.reshape(flat)
    else:
        wanted = f"{whole}" if whole == flat or not first else f"{whole} or {flat}"
        reading.faults[name] = f"the {kind} for {name} has shape {array.shape}; {wanted} was expected"
        return
    reading.single |= array.dtype == np.float32 or array.dtype == np.float16
    reading.blocks[name] = block.astype(float)


def _from_columns(block: Array, first: tuple[int, ...], second: tuple[int, ...]) -> Array:
    """Rows and columns numbered by stacked columns, renumbered by stacked rows."""
    rows = np.arange(block.shape[0]).reshape(first, order="F").reshape(-1)
    columns = np.arange(block.shape[1]).reshape(second, order="F").reshape(-1)
    return np.asarray(block[np.ix_(rows, columns)])


def blocks_of(reading: Reading, single_inside: bool) -> Blocks:
    """The claim; what was computed in float32 is only as precise as that."""
    single = reading.single or single_inside or all(_is_single(b) for b in reading.blocks.values())
    return Blocks(reading.blocks, SINGLE_EPS if single else EPS)


def _is_single(block: Array) -> bool:
    """Values that fit into float32, and not merely because they are round numbers."""
    with np.errstate(over="ignore"):
        exact = bool(np.all(block.astype(np.float32) == block))
    return exact and block.size > 2 and not bool(np.all(block * 2**12 == np.rint(block * 2**12)))
