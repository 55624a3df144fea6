"""A function of the user's as the checks call it: in the process apart, or, for pytest, in this one.

What it raises becomes an ordinary exception, which counts as "no value here"; a hang or a crash stays what it is.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from mccli.numeric.script import CallFailed, FunctionInfo, Parameter, Script
from mccli.numeric.script.evaluate import Evaluator
from mccli.numeric.script.wire import Unsendable, unpack

Array = NDArray[Any]
Value = Any
Values = Mapping[str, Value]

STARRED = ("variadic positional", "variadic keyword")
FROZEN_SEED = 20240301


class UserError(Exception):
    """What a function of the user's raised; the class of the instance has the name of the user's exception."""


class Function(Protocol):
    """A function that is called by the names of its arguments."""

    info: FunctionInfo
    changed: tuple[str, ...]
    """Arguments that the last call has changed in place."""

    calls: int
    """How often it was called."""

    failure: CallFailed | None
    """The first exception, with its place in the user's code."""

    def __call__(self, values: Values) -> Value:
        """The value at those of the arguments that the function has."""
        ...

    def along(self, values: Values, direction: Mapping[str, Array], steps: Sequence[float], part: int | None) -> Any:
        """The values along a line; None where one call after the other is as good."""
        ...


@dataclass
class Seeding:
    """Whether the next call is to seed the global random generators first."""

    wanted: bool = False

    def demand(self) -> None:
        """Seed before the next call."""
        self.wanted = True

    def take(self) -> int | None:
        """The seed for this call."""
        wanted, self.wanted = self.wanted, False
        return FROZEN_SEED if wanted else None


@dataclass
class ScriptFunction:
    """A function in the user's script, which runs apart."""

    script: Script
    info: FunctionInfo
    seeding: Seeding = field(default_factory=Seeding)
    changed: tuple[str, ...] = ()
    calls: int = 0
    failure: CallFailed | None = None
    reused: bool = False
    framework: str = "numpy"
    dtype: str = ""

    def __call__(self, values: Values) -> Value:
        """One evaluation in the other process."""
        self.changed = ()
        self.calls += 1
        try:
            outcome = self.script.call(self.info.name, taken(self.info, values), self.seeding.take())
        except CallFailed as error:
            self.failure = self.failure or error
            raise ordinary(error) from None
        self.reused |= outcome.reused_result
        self.framework, self.dtype = outcome.framework, outcome.dtype
        self.changed = outcome.changed_arguments
        return outcome.value

    def along(self, values: Values, direction: Mapping[str, Array], steps: Sequence[float], part: int | None) -> Any:
        """Many evaluations for one message."""
        names, by_position = taken_names(self.info, values)
        if not direction.keys() <= set(names):  # an argument that only the derivative has
            return None
        keyed = {str(names.index(n)): v for n, v in direction.items()} if by_position else direction
        base = taken(self.info, values)
        self.calls += len(steps)
        try:
            return list(self.script.scalar_probe(self.info.name, base, keyed, np.array(steps), part=part).values)
        except CallFailed:
            return [np.nan] * len(steps)


class LocalFunction:
    """A function in this process."""

    def __init__(self, function: Callable[..., Any], seeding: Seeding | None = None, unnamed: str = "f") -> None:
        self.info = local_info(function, unnamed)
        self.changed: tuple[str, ...] = ()
        self.calls = 0
        self.failure: CallFailed | None = None
        self.raised: BaseException | None = None
        self._evaluator = Evaluator(function)
        self._seeding = seeding or Seeding()

    def __call__(self, values: Values) -> Value:
        """One evaluation, on copies."""
        self.changed = ()
        self.calls += 1
        seed = self._seeding.take()
        if seed is not None:
            np.random.seed(seed)
        arrays: list[Array] = []
        try:
            answer = self._evaluator.answer(taken(self.info, values), arrays, numeric=True)
        except Unsendable as error:
            raise TypeError(f"it returned {error}, not numbers") from None
        except SystemExit as error:
            self.raised = self.raised or error
            raise UserError(f"it ends the program ({error})") from error
        except Exception as error:
            self.raised = self.raised or error
            raise
        self.changed = tuple(answer["changed"])
        return unpack(answer["value"], arrays)

    def along(self, values: Values, direction: Mapping[str, Array], steps: Sequence[float], part: int | None) -> Any:
        """Nothing is gained by many at once."""
        del values, direction, steps, part


def local_info(function: Callable[..., Any], unnamed: str = "f") -> FunctionInfo:
    """The parameters of a function of this process; a lambda is called ``unnamed``."""
    name = getattr(function, "__qualname__", type(function).__name__).rpartition("<locals>.")[2]
    name = unnamed if name == "<lambda>" else name
    try:
        found = inspect.signature(function).parameters.values()
    except (ValueError, TypeError):
        return FunctionInfo(name, readable=False)
    parameters = tuple(
        Parameter(p.name, p.default is p.empty and p.kind.description not in STARRED, kind=p.kind.description)
        for p in found
    )
    return FunctionInfo(name, parameters)


def own_parameters(info: FunctionInfo) -> list[Parameter]:
    """The parameters that have a name of their own (no ``*args``)."""
    return [p for p in info.parameters if p.kind not in STARRED]


POSITIONAL = ("positional-only", "positional or keyword")


def taken(info: FunctionInfo, values: Values) -> dict[str, Value] | list[Value]:
    """Those of the arguments that a function has: in its order, or by name where some in between are left out.

    By position where that is possible: the gradient functions of JAX and autograd take no names.
    """
    names, by_position = taken_names(info, values)
    return [values[n] for n in names] if by_position else {n: values[n] for n in names}


def taken_names(info: FunctionInfo, values: Values) -> tuple[list[str], bool]:
    """The names of the arguments that a function takes, and whether they are given by position."""
    own = own_parameters(info)
    starred = {p.kind for p in info.parameters} & set(STARRED)
    if not info.readable or (starred and not own):
        return list(values), True
    names = [p.name for p in own if p.name in values]
    if "variadic keyword" in starred:
        return [*names, *(n for n in values if n not in names)], False
    first = [p.name for p in own[: len(names)] if p.kind in POSITIONAL]
    return names, first == names


def ordinary(error: CallFailed) -> UserError:
    """The mistake as an exception of the name that it had in the user's code."""
    said = error.message
    for opening in (f"raised {error.exception}: ", f"raised {error.exception}"):
        if opening in said:
            said = said.split(opening, 1)[1]
            break
    kind: type[UserError] = type(error.exception or "Error", (UserError,), {})
    return kind(said.strip())


def spoil(values: Values, changed: Sequence[str]) -> None:
    """Change an array of the checker too where the function changed its own copy: the checker watches these."""
    for name in changed:
        array = values.get(name)
        if isinstance(array, np.ndarray) and array.ndim and array.size and array.flags.writeable:
            array.flat[0] = array.flat[0] + 1
