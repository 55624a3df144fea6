"""What a gradient function returned, as one array for each argument."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from mccli.numeric.gradcheck.problem import is_real

Value = Any
PREFIXES = ("grad_", "gradient_", "d_", "g_", "d", "g")


def movable(arguments: Mapping[str, Value]) -> list[str]:
    """The arguments that can be differentiated by, in their order."""
    return [n for n, v in arguments.items() if is_real(np.asarray(v)) and np.asarray(v).size]


def is_many(found: Value, shape: tuple[int, ...], wanted: int) -> bool:
    """Whether a returned tuple or list has one part for each argument, or is an array written as a list."""
    if not isinstance(found, tuple | list):
        return False
    numbers = all(np.ndim(part) == 0 and part is not None for part in found)
    if numbers and shape:
        return wanted > 1 and len(found) == wanted and shape != (len(found),)
    return not (isinstance(found, list) and _shape_of(found) == shape and wanted <= 1)


def _shape_of(found: list[Any]) -> tuple[int, ...] | None:
    try:
        return np.shape(found)
    except ValueError:  # parts of different lengths
        return None


def names_in(found: Value, arguments: Mapping[str, Value], order: Sequence[str], outputs: tuple[int, ...]) -> list[str]:
    """The arguments that a returned value speaks of: as many as it has parts; ``outputs`` is the shape of f's value."""
    can = [n for n in order if n in movable(arguments)]
    if isinstance(found, Mapping):
        named = [n for n in can if key_for(n, found) is not None]
        return named or can[:1]
    if can and is_many(found, outputs + np.shape(arguments[can[0]]), 0):
        return can[: max(len(found), 1)]
    arrays = [n for n in can if np.ndim(arguments[n])]
    return (arrays or can)[:1]


def key_for(name: str, found: Mapping[str, Any]) -> str | None:
    """The key under which the gradient by an argument is returned: its name, or ``dW``, ``grad_W``."""
    return next((key for key in (name, *(p + name for p in PREFIXES)) if key in found), None)


def arranged(found: Value, names: Sequence[str], shape: tuple[int, ...]) -> dict[str, Value]:
    """The returned value by argument; what is not there is not in it. ``shape`` is that of the first derivative."""
    if isinstance(found, Mapping):
        keys = {n: key_for(n, found) for n in names}
        return {n: found[key] for n, key in keys.items() if key is not None}
    if names and is_many(found, shape, len(names)):
        return {n: part for n, part in zip(names, found, strict=False) if part is not None}
    return {names[0]: found} if names else {}


def entry_by_entry(found: Value, value: Any, x: Any) -> Any:
    """The Jacobian of a function that acts on each entry, if what was returned is its derivative at each entry."""
    array = np.asarray(found)
    if array.dtype.kind in "fiu" and array.shape == np.shape(x) == np.shape(value) and array.ndim:
        return np.diag(array.reshape(-1))
    return found
