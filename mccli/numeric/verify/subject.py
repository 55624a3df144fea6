"""A function, its claimed derivatives and a place to look at them, as the problem that the checker takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mccli.errors import McError, UsageError
from mccli.numeric.gradcheck import Problem
from mccli.numeric.gradcheck.calls import numbers
from mccli.numeric.gradcheck.problem import Arguments, Direction, Kind
from mccli.numeric.verify.arguments import FLAVOURS, Place
from mccli.numeric.verify.arrange import arranged, entry_by_entry, movable, names_in
from mccli.numeric.verify.find import PRODUCTS, added, renamed, variable_parameters
from mccli.numeric.verify.functions import Function, Seeding, own_parameters, spoil

Array = NDArray[Any]
Value = Any


@dataclass
class Subject:
    """Everything about one function that is to be checked."""

    f: Function
    derivatives: dict[Kind, Function]
    place: Place
    flavour: str
    seed: int
    seeding: Seeding
    wrt: tuple[str, ...] = ()
    part: int | None = None
    """Which part of what f returns is its value."""

    both: bool = False
    """Whether f returns its gradient too."""

    value: Value = None
    """The value at the place; None where f has none."""

    names: tuple[str, ...] = ()
    remarks: list[str] = field(default_factory=list)
    arguments: dict[str, Array] = field(default_factory=dict)
    constants: dict[str, Value] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._split()
        self._look_at_value()
        self._look_at_derivatives()

    # ------------------------------------------------------------------------------------------ looking

    def _split(self) -> None:
        for name, value in self.place.values.items():
            if isinstance(value, np.ndarray):
                whole = name in self.wrt and value.dtype.kind in "iub"
                self.arguments[name] = value.astype(float) if whole else value
                if whole:
                    self.remarks.append(f"{name} holds whole numbers: they were made real ones")
            else:
                self.constants[name] = value
        still = [n for n in self.wrt if n in self.constants]
        if still and isinstance(self.constants[still[0]], int):
            self.arguments[still[0]] = np.array(float(self.constants.pop(still[0])))
        elif still:
            raise UsageError(f"{still[0]} is no array of numbers", notes=["mc differentiates by arrays and numbers"])

    def _look_at_value(self) -> None:
        try:
            found = self.f(self.all_values(self.arguments))
        except McError:
            raise
        except Exception:  # the user's: the check will say so
            return
        if isinstance(found, tuple | list) and is_value_and_more(found, self._has_numbers()):
            self.part = 0
            if not self.derivatives and len(found) == 2 and not isinstance(found[1], str | None):
                self.both, self.derivatives = True, {"gradient": self.f}
            else:
                self.remarks.append(f"{self.f.info.name} returns {len(found)} things: the first is taken as its value")
        self.value = found if self.part is None else found[0]

    def _has_numbers(self) -> bool:
        return any(not np.ndim(a) for a in self.arguments.values())

    def _look_at_derivatives(self) -> None:
        """Which arguments they are about, and whether it is a gradient or a Jacobian."""
        if "gradient" in self.derivatives and self.value is not None and _size(self.value) != 1:
            self.derivatives = {"jacobian" if k == "gradient" else k: v for k, v in self.derivatives.items()}
        if self.wrt:
            self.names = self.wrt
            return
        order = [p.name for p in own_parameters(self.f.info)] or list(self.arguments)
        can = [n for n in order if n in movable(self.arguments)]
        if not can:
            raise UsageError(
                f"{self.f.info.name} has no argument that mc could differentiate by",
                notes=["arguments of whole numbers, texts and dicts have no derivative"],
            )
        if not self.derivatives:
            self.names = tuple(can)
            return
        kind = next(iter(self.derivatives))
        if kind == "jvp":
            tangents = added(self.f.info, self.derivatives[kind].info)
            self.names = tuple(can[: max(len(tangents), 1)])
            return
        self.names = tuple(names_in(self._first_claim(kind), self.arguments, order, self._outputs(kind)))

    def _first_claim(self, kind: Kind) -> Value:
        """What a derivative returns at the place; None where it fails, which the check will say."""
        try:
            return self._raw(kind, self.arguments, np.ones(np.shape(self.value)) if kind == "vjp" else None)
        except McError:
            raise
        except Exception:  # the user's
            return None

    def _outputs(self, kind: Kind, name: str = "") -> tuple[int, ...]:
        """The shape that stands before that of the argument in a derivative."""
        if kind == "hessian":
            return np.shape(self.arguments[name]) if name else (-1,)
        return np.shape(self.value) if kind == "jacobian" else ()

    # ------------------------------------------------------------------------------------------ calling

    def all_values(self, arguments: Mapping[str, Value]) -> dict[str, Value]:
        """The arguments, those that are no arrays included, in the order of the function."""
        every = {**self.constants, **arguments}
        return {n: every[n] for n in dict.fromkeys((*self.place.values, *every)) if n in every}

    def _raw(self, kind: Kind, arguments: Mapping[str, Value], more: Any) -> Value:
        """What the user's derivative returns."""
        function = self.derivatives[kind]
        values = self.all_values(arguments)
        if kind in PRODUCTS:
            values |= self._directions(kind, function, more)
        for theirs, own in renamed(self.f.info, function.info, kind).items():
            values[theirs] = values[own]
        found = function(values)
        return found[1] if self.both else found

    def _directions(self, kind: Kind, function: Function, more: Any) -> dict[str, Value]:
        """The cotangent or the tangents, by the names of their parameters."""
        names = variable_parameters(added(self.f.info, function.info), kind)
        if not names:
            what = "cotangent" if kind == "vjp" else "tangent"
            raise UsageError(
                f"{function.info.name} has no argument for the {what}",
                notes=[f"a {kind} takes those of {self.f.info.name} and then the {what}"],
            )
        if kind == "vjp":
            return {names[0]: more}
        zeros = {n: np.zeros(np.shape(self.arguments[n])) for n in self.names}
        return {p: more.get(n, zeros[n]) for p, n in zip(names, self.names, strict=False)}

    def value_at(self, arguments: Arguments) -> Value:
        """The value of f."""
        found = self.f(self.all_values(arguments))
        return found if self.part is None else found[self.part]

    def finite_value(self, arguments: Arguments) -> Array | None:
        """The value of f as an array; None where it raises, or is no finite numbers."""
        try:
            found = numbers(self.value_at(arguments))
        except McError:
            raise
        except Exception:  # the user's
            return None
        return found if found is not None and np.all(np.isfinite(found)) else None

    def claim(self, kind: Kind, arguments: Arguments, more: Any = None) -> dict[str, Value]:
        """A derivative by argument."""
        found = self._raw(kind, arguments, more)
        first = self.names[0]
        by_name = arranged(found, self.names, self._outputs(kind, first) + np.shape(arguments[first]))
        if kind == "jacobian":
            return {n: entry_by_entry(g, self.value, arguments[n]) for n, g in by_name.items()}
        return by_name

    def _jvp(self, arguments: Arguments, direction: Direction) -> Value:
        return self._raw("jvp", arguments, direction)

    def _along(self, arguments: Arguments, name: str, direction: Array, steps: Sequence[float]) -> Sequence[Value]:
        values = self.all_values(arguments)
        found = self.f.along(values, {name: direction}, steps, self.part)
        if found is not None:
            return list(found)
        return [self._or_nan({**arguments, name: _moved(arguments[name], direction, t)}) for t in steps]

    def _or_nan(self, arguments: Arguments) -> Value:
        try:
            return self.value_at(arguments)
        except McError:
            raise
        except Exception:  # the user's
            return np.full(np.shape(self.value), np.nan)

    # ------------------------------------------------------------------------------------------ the problem

    def problem(self) -> Problem:
        """What the checker takes."""
        kinds = self.derivatives
        frozen = {n: mask for n, mask in self.place.frozen().items() if n in self.names}
        return Problem(
            value=self._watched(self.f, self.value_at),
            arguments=self.arguments,
            gradient=self._claimer("gradient"),
            jacobian=self._claimer("jacobian"),
            hessian=self._claimer("hessian"),
            vjp=self._watched(kinds["vjp"], lambda a, u: self.claim("vjp", a, u)) if "vjp" in kinds else None,
            jvp=self._jvp if "jvp" in kinds else None,
            along=self._along,
            names=self.names,
            seed=self.seed,
            frozen=frozen,
            symmetric=self.place.symmetric() & set(self.names),
            draw=self._draw if self._is_drawn() else None,
            reseed=self.seeding.demand,
            both=self.both,
        )

    def may_be_stacked_by_columns(self) -> bool:
        """Whether a Jacobian or Hessian of matrices can be laid out in two ways."""
        matrices = np.ndim(self.value) > 1 or any(np.ndim(self.arguments[n]) > 1 for n in self.names)
        return matrices and bool({"jacobian", "hessian"} & self.derivatives.keys())

    def _claimer(self, kind: Kind) -> Callable[[Arguments], Mapping[str, Value]] | None:
        if kind not in self.derivatives:
            return None
        return self._watched(self.derivatives[kind], lambda a: self.claim(kind, a))

    def _watched(self, function: Function, call: Callable[..., Value]) -> Callable[..., Value]:
        """Changes that the function made to its own copy of an argument, made to that of the checker."""

        def called(arguments: Arguments, *more: Any) -> Value:
            found = call(arguments, *more)
            spoil(arguments, function.changed)
            return found

        return called

    def _is_drawn(self) -> bool:
        return set(self.names) <= self.place.forms.keys()

    def _draw(self, rng: np.random.Generator) -> Arguments:
        drawn = self.place.draw(rng, FLAVOURS[self.flavour])
        return {n: np.asarray(drawn[n]).astype(a.dtype) for n, a in self.arguments.items()}


def is_value_and_more(found: Sequence[Value], by_numbers: bool) -> bool:
    """Whether a number comes first and then something else, such as its gradient."""
    if len(found) < 2 or isinstance(found[0], list | tuple | dict | str) or found[0] is None:
        return False
    first = np.asarray(found[0])
    if first.dtype.kind not in "fiub" or first.size != 1:
        return False
    others = any(part is None or isinstance(part, dict | tuple | list | str) or np.ndim(part) for part in found[1:])
    return others or (by_numbers and len(found) == 2 and isinstance(found, tuple))


def _size(value: Value) -> int:
    try:
        return int(np.asarray(value).size)
    except ValueError:
        return 0


def _moved(x: Array, direction: Array, t: float) -> Array:
    return np.asarray(x + t * direction).astype(x.dtype if np.isrealobj(t) else complex)
