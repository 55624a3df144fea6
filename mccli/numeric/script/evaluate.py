"""Evaluate a function of the user's on copies of its arguments, and see what it did. Runs in the child process."""

from __future__ import annotations

import inspect
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

import numpy as np

from mccli.numeric.script.frameworks import (
    MISFITS,
    framework_of,
    handed,
    least_precise,
    manners,
    plain,
    unchanged,
)
from mccli.numeric.script.wire import Array, Json, Unsendable, pack

Arguments = Mapping[str, Any] | Sequence[Any]


@dataclass(frozen=True)
class Evaluation:
    """A value as the function returned it, and the arguments as they were handed to it."""

    value: Any
    seconds: float
    handed: Arguments
    manner: str

    @property
    def framework(self) -> str:
        """The library whose arrays went in or came out."""
        into = self.manner.partition("-")[0]
        return into if into != "numpy" else framework_of([self.value])


class Evaluator:
    """One function. The way it wants its arrays is found at the first evaluation and kept."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function
        self._parameters = parameters(function)
        self._manners = manners(function)
        self._last: list[Array] = []

    def evaluate(self, arguments: Arguments) -> Evaluation:
        """The function at copies of ``arguments``; its exceptions pass through."""
        first: BaseException | None = None
        for manner in self._manners:
            try:
                evaluation = self._in_manner(arguments, manner)
            except MISFITS as error:
                first = first or error
                continue
            self._manners = (manner,)
            return evaluation
        assert first is not None
        raise first

    def _in_manner(self, arguments: Arguments, manner: str) -> Evaluation:
        if isinstance(arguments, Mapping):
            given: Any = {key: handed(item, manner) for key, item in arguments.items()}
            positional, named = self._bound(given)
        else:
            given = [handed(item, manner) for item in arguments]
            positional, named = given, {}
        with complex_is_kept() if has_complex(arguments) else nullcontext():
            start = time.perf_counter()
            value = self._function(*positional, **named)
            if hasattr(value, "block_until_ready"):  # JAX answers before it has computed
                value.block_until_ready()
            seconds = time.perf_counter() - start
        return Evaluation(value, seconds, given, manner)

    def _bound(self, given: dict[str, Any]) -> tuple[list[Any], dict[str, Any]]:
        """Arguments that may only be given by position, in their order, and the others by name."""
        if self._parameters is None:  # compiled: all that is known is the order
            return list(given.values()), {}
        only = [p.name for p in self._parameters if p.kind is p.POSITIONAL_ONLY and p.name in given]
        return [given[name] for name in only], {name: v for name, v in given.items() if name not in only}

    # -------------------------------------------------------------------------------------- what it did

    def answer(self, arguments: Arguments, arrays: list[Array], numeric: bool) -> dict[str, Json]:
        """Evaluate, and say the value and what happened to the arguments, as JSON and arrays."""
        done = self.evaluate(arguments)
        before, after = self._named(arguments), self._named(done.handed)
        value = packed(done.value, arrays, numeric)
        own = [_view(a) for a in _arrays(done.value)]
        reused = any(np.may_share_memory(a, b) for a in own for b in self._last)
        self._last = own
        return {
            "value": value,
            "seconds": done.seconds,
            "changed": [name for name, item in before.items() if not unchanged(after[name], item)],
            "shared": [name for name, item in after.items() if _share(_arrays(item), own)],
            "reused": reused,
            "framework": done.framework,
            "dtype": least_precise(done.value),
        }

    def _named(self, arguments: Arguments) -> dict[str, Any]:
        """The arguments by name; those given by position take the names of the parameters."""
        if isinstance(arguments, Mapping):
            return dict(arguments)
        names = [p.name for p in self._parameters or ()]
        names += [f"argument {i + 1}" for i in range(len(names), len(arguments))]
        return dict(zip(names, arguments, strict=False))


def has_complex(arguments: Arguments) -> bool:
    """Whether an argument is complex, as for a complex step."""
    items = arguments.values() if isinstance(arguments, Mapping) else arguments
    return any(np.iscomplexobj(item) for item in items if isinstance(item, np.ndarray | np.generic | complex))


@contextmanager
def complex_is_kept() -> Iterator[None]:
    """A function that throws an imaginary part away with a warning raises it instead."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", np.exceptions.ComplexWarning)
        yield


@contextmanager
def quiet() -> Iterator[None]:
    """No warnings: they would be about points that the user has not chosen."""
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def parameters(function: Callable[..., Any]) -> list[inspect.Parameter] | None:
    """The parameters of a function; None where Python cannot tell."""
    try:
        return list(inspect.signature(function).parameters.values())
    except (ValueError, TypeError):
        return None


def packed(value: Any, arrays: list[Array], numeric: bool) -> Json:
    """The value for the wire. If it must be numeric, it is a number, an array, or a container."""
    if numeric and (value is None or isinstance(value, str)):
        raise Unsendable("None" if value is None else f"a string ({value[:30]!r})")
    return pack(value, arrays, plain)


def _arrays(value: Any) -> list[Any]:
    """The arrays in a value, as they are."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list | tuple):
        return [array for item in value for array in _arrays(item)]
    return [value] if isinstance(value, np.ndarray) or framework_of([value]) == "torch" else []


def _view(array: Any) -> Array:
    return array if isinstance(array, np.ndarray) else np.asarray(plain(array))


def _share(theirs: list[Any], own: list[Array]) -> bool:
    return any(np.may_share_memory(_view(a), b) for a in theirs for b in own)


# ------------------------------------------------------------------------------------------ along a line


@dataclass(frozen=True)
class Line:
    """Points base + t direction; ``part`` picks from a tuple or dict, ``cotangent`` contracts what was picked."""

    base: Arguments
    direction: Mapping[str, Any]
    part: int | str | None
    cotangent: Any

    def point(self, step: Any) -> Arguments:
        """The arguments at one step. What does not move is the same object each time."""
        if isinstance(self.base, Mapping):
            return {key: self._moved(key, item, step) for key, item in self.base.items()}
        return [self._moved(str(i), item, step) for i, item in enumerate(self.base)]

    def _moved(self, key: str, item: Any, step: Any) -> Any:
        """The argument at one step, in its own dtype unless the step is complex."""
        if key not in self.direction:
            return item
        moved = item + step * self.direction[key]
        own = item.dtype if isinstance(item, np.ndarray) and item.dtype.kind == "f" else None
        return moved if own is None or np.iscomplexobj(moved) else np.asarray(moved).astype(own, copy=False)

    def value(self, returned: Any) -> Any:
        """The picked and contracted part of what the function returned."""
        if self.part is not None:
            try:
                returned = returned[self.part]
            except (TypeError, LookupError) as error:
                raise Unsendable(f"{type(returned).__name__} without a part {self.part!r}") from error
        returned = plain(returned)
        return returned if self.cotangent is None else contracted(self.cotangent, returned)


def contracted(cotangent: Any, value: Any) -> Any:
    """The sum of the products of the entries, without conjugation: a complex step passes through."""
    value = plain(value)
    if isinstance(cotangent, dict):
        if not isinstance(value, dict) or not cotangent.keys() <= value.keys():
            raise Unsendable("a dict with other keys than expected")
        return sum(contracted(u, value[key]) for key, u in cotangent.items())
    if isinstance(cotangent, list | tuple):
        if not isinstance(value, list | tuple) or len(value) != len(cotangent):
            raise Unsendable(f"something other than the expected {len(cotangent)} parts")
        return sum(contracted(u, v) for u, v in zip(cotangent, value, strict=True))
    if np.shape(cotangent) != np.shape(value):
        raise Unsendable(f"an array of shape {np.shape(value)} where {np.shape(cotangent)} was expected")
    return np.sum(np.asarray(cotangent) * np.asarray(value))
