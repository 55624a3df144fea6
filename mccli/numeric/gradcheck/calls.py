"""Calling the user's functions: counted, on copies, with every exception turned into "no value"."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from mccli.errors import McError
from mccli.numeric.gradcheck.problem import Arguments, Array, Direction, Kind, Problem

NUMBERS = "fiubc"


class Spent(Exception):
    """No evaluation is left."""


@dataclass
class Calls:
    """The user's functions and what was seen of them so far."""

    problem: Problem
    values: int = 0
    derivatives: Counter[str] = field(default_factory=Counter)
    """Calls of each kind of derivative."""

    kind: Kind = "gradient"
    ceiling: int | None = None
    """No more evaluations than these of the function of which derivatives of this kind are taken."""

    reseeding: bool = False
    failure: str = ""
    changed: dict[str, str] = field(default_factory=dict)
    """Arguments that a function changed in place, with the name of the function."""

    @property
    def gradients(self) -> int:
        """Calls of all derivatives."""
        return self.derivatives.total()

    def differentiates_gradient(self, kind: Kind) -> bool:
        """Whether derivatives of this kind are those of the gradient: a Hessian that comes with one."""
        return kind == "hessian" and self.problem.gradient is not None

    def count(self, kind: Kind) -> int:
        """Evaluations of the function that is differentiated."""
        if self.differentiates_gradient(kind):
            return self.derivatives["gradient"]
        return self.values + (self.derivatives["gradient"] if self.problem.both else 0)

    def limit(self, kind: Kind, ceiling: int | None) -> None:
        """Allow so many evaluations for one kind of derivative, counted from the beginning."""
        self.kind, self.ceiling = kind, ceiling

    def _counted(self) -> tuple[str, ...]:
        """Which calls are evaluations of the function that is differentiated."""
        if self.differentiates_gradient(self.kind):
            return ("gradient",)
        return ("", "gradient") if self.problem.both else ("",)

    def reserve(self, count: int) -> None:
        """Spent if there are not so many evaluations left of the function that is differentiated."""
        if not self.affords(count):
            raise Spent

    def affords(self, count: int) -> bool:
        """Whether so many evaluations are left."""
        return self.ceiling is None or self.count(self.kind) + count <= self.ceiling

    def _spend(self, count: int, function: str = "") -> None:
        """Count evaluations of f, or of one of its derivatives. Spent if there are not so many left."""
        if function in self._counted():
            self.reserve(count)
        if function:
            self.derivatives[function] += count
        else:
            self.values += count

    def value(self, arguments: Arguments) -> Array | None:
        """f as an array, or None where it raises or returns no numbers; entries may be NaN."""
        self._spend(1)
        found: Array | None = self._guarded("f", lambda a: numbers(self.problem.value(a)), arguments)
        return found

    def derivative(self, kind: str, arguments: Arguments, *more: Any) -> Any:
        """What the user's gradient, jacobian, ... returns, as it is; None where it raises."""
        self._spend(1, kind)
        function: Callable[..., Any] = getattr(self.problem, kind)
        return self._guarded(kind, lambda a: function(a, *more), arguments)

    def line(self, arguments: Arguments, direction: Direction, ts: list[float]) -> list[Array | None]:
        """f at x + t*direction for every t."""
        if self.problem.along is not None and len(direction) == 1 and not self.reseeding:
            self._spend(len(ts))
            (name, v), *_ = direction.items()
            found = self.problem.along(arguments, name, v, ts)
            return [numbers(y) for y in found]
        return [self.value(moved(arguments, direction, t)) for t in ts]

    def complex_value(self, arguments: Arguments, direction: Direction, step: float) -> Array | None:
        """f at x + i*step*direction; None where it raises, warns, or does not stay complex."""
        self._spend(1)
        shifted = {k: np.array(a) for k, a in arguments.items()}
        for name, v in direction.items():
            shifted[name] = shifted[name] + 1j * step * v
        try:
            with np.errstate(all="ignore"), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                warnings.simplefilter("error", np.exceptions.ComplexWarning)
                found = numbers(self.problem.value(shifted))
        except McError:
            raise
        except Exception:
            return None
        return found if found is not None and found.dtype.kind == "c" else None

    def _guarded(self, name: str, call: Callable[[Arguments], Any], arguments: Arguments) -> Any:
        copies = {k: np.array(a) for k, a in arguments.items()}
        if self.reseeding:
            (self.problem.reseed or _reseed)()
        with _quiet():
            try:
                found = call(copies)
            except McError:
                raise  # the child process is gone, say: not a matter of this point
            except Exception as error:
                self.failure = f"{name} raised {type(error).__name__}: {error}"
                return None
        if self.gradients + self.values <= WATCHED:
            self._watch(name, arguments, copies)
        return found

    def _watch(self, name: str, before: Arguments, after: Mapping[str, Array]) -> None:
        for argument, array in before.items():
            if not _equal(array, after[argument]):
                self.changed.setdefault(argument, name)


def _equal(one: Array, other: Array) -> bool:
    """Whether two arrays are the same, with NaN where the other has it; that is only looked for where it matters."""
    return np.array_equal(one, other) or (one.dtype.kind in "fc" and np.array_equal(one, other, equal_nan=True))


WATCHED = 12
"""Calls after which arguments are no longer compared: whoever changes them does so from the first call."""


@contextmanager
def _quiet() -> Iterator[None]:
    """Warnings of the user's code at points it never asked for are of no interest."""
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _reseed() -> None:
    np.random.seed(20240301)


def numbers(found: Any) -> Array | None:
    """An array of numbers, or None."""
    try:
        array = np.asarray(found)
    except Exception:
        return None
    return array if array.dtype.kind in NUMBERS else None


def moved(arguments: Arguments, direction: Direction, t: float) -> dict[str, Array]:
    """The arguments at x + t*direction, each in its own dtype."""
    return {
        name: np.asarray(array + t * direction[name]).astype(array.dtype, copy=False) if name in direction else array
        for name, array in arguments.items()
    }
