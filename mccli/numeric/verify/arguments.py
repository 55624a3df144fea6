"""Where a function is looked at: its arguments from a file, options, an example, defaults, annotations, a formula."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mccli.errors import UsageError, closest
from mccli.language.names import canonical_name
from mccli.numeric.sample import draw_array
from mccli.numeric.script import Parameter
from mccli.numeric.verify.annotations import form_of
from mccli.numeric.verify.forms import Form, bind, number_letters, shape_of

Array = NDArray[Any]
Value = Any
Properties = Mapping[str, frozenset[str]]
Generator = np.random.Generator
Flavour = Callable[[Generator, tuple[int, ...]], Array]

SYMMETRIC = frozenset({"symmetric", "spd", "psd"})
OF_SQUARES = ("spd", "psd", "orthogonal", "diagonal", "skew", "symmetric", "lower", "upper", "invertible")
"""Properties of square matrices; those that imply others come first."""

PATTERNED = {"diagonal": lambda n: ~np.eye(n, dtype=bool), "lower": lambda n: np.triu(np.ones((n, n), bool), 1),
             "upper": lambda n: np.tril(np.ones((n, n), bool), -1)}  # fmt: skip
"""Entries that are 0 by definition."""


def _normal(rng: Generator, shape: tuple[int, ...]) -> Array:
    return rng.standard_normal(shape)


def _positive(rng: Generator, shape: tuple[int, ...]) -> Array:
    return rng.uniform(0.3, 1.7, shape)


def _small(rng: Generator, shape: tuple[int, ...]) -> Array:
    return rng.uniform(-0.4, 0.4, shape)


def _fraction(rng: Generator, shape: tuple[int, ...]) -> Array:
    return rng.uniform(0.1, 0.9, shape)


def _near_identity(rng: Generator, shape: tuple[int, ...]) -> Array:
    square = len(shape) == 2 and shape[0] == shape[1]
    return 2 * np.eye(shape[0]) + 0.3 * rng.standard_normal(shape) if square else rng.uniform(0.3, 1.7, shape)


FLAVOURS: dict[str, Flavour] = {
    "": _normal,
    "positive": _positive,
    "between 0 and 1": _fraction,
    "small": _small,
    "near the identity": _near_identity,
}
"""Numbers to try in turn, until the function has a value."""


@dataclass(frozen=True)
class Place:
    """The arguments of a function, where each is from, and how those that were drawn are drawn."""

    values: Mapping[str, Value] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict)
    forms: Mapping[str, Form] = field(default_factory=dict)
    """Of what is to be drawn."""

    numbers: Mapping[str, int] = field(default_factory=dict)
    properties: Properties = field(default_factory=dict)
    missing: tuple[str, ...] = ()

    def draw(self, rng: Generator, flavour: Flavour = _normal) -> dict[str, Value]:
        """All arguments, those that are drawn drawn anew."""
        drawn = {n: self._drawn(n, form, rng, flavour) for n, form in self.forms.items()}
        every = {**self.values, **drawn}
        return {name: every[name] for name in dict.fromkeys((*self.sources, *every)) if name in every}

    def _drawn(self, name: str, form: Form, rng: Generator, flavour: Flavour) -> Value:
        shape = shape_of(form, self.numbers)
        if form.integer:
            return rng.integers(0, 2, shape)
        properties = self.properties.get(canonical_name(name), frozenset())
        if not shape and not properties:
            return np.array(rng.uniform(0.5, 2.0))
        if not properties:
            return np.asarray(flavour(rng, shape))
        _check_square(name, shape, properties)
        square = (*shape, 1, 1)[:2]
        found = draw_array(properties, (square[0], square[1]), rng, lambda r, s: np.asarray(flavour(r, s)))
        return np.asarray(found).reshape(shape)

    def at(self, rng: Generator, flavour: Flavour = _normal) -> Place:
        """With what is to be drawn drawn."""
        return replace(self, values=self.draw(rng, flavour))

    def symmetric(self) -> frozenset[str]:
        """The arguments that are symmetric by definition."""
        named = [n for n in self.values if self.properties.get(canonical_name(n), frozenset()) & SYMMETRIC]
        return frozenset(n for n in named if _is_square(np.shape(self.values[n])))

    def frozen(self) -> dict[str, Array]:
        """The entries that are 0 by definition."""
        found: dict[str, Array] = {}
        for name, value in self.values.items():
            shape = np.shape(value)
            for word in self.properties.get(canonical_name(name), frozenset()) & PATTERNED.keys():
                if _is_square(shape):
                    found[name] = found.get(name, np.zeros(shape, bool)) | PATTERNED[word](shape[0])
        return found


def _is_square(shape: tuple[int, ...]) -> bool:
    return len(shape) == 2 and shape[0] == shape[1]


def _check_square(name: str, shape: tuple[int, ...], properties: frozenset[str]) -> None:
    """UsageError for a property that an array of this shape cannot have."""
    words = [word for word in OF_SQUARES if word in properties]
    if len(shape) > 2 or (words and not _is_square(shape)):
        shown = "×".join(map(str, shape)) or "scalar"
        word = words[0] if words else min(properties)
        raise UsageError(f"--assume {name}:{word} does not fit: {name} is {shown}", notes=["give it another --shape"])


def gather(
    parameters: Sequence[Parameter],
    *,
    data: Mapping[str, Value],
    data_name: str,
    example: Mapping[str, Value],
    shapes: Mapping[str, Form],
    properties: Properties,
) -> Place:
    """For every parameter the first source that knows it: file, ``--shape``, example, default, annotation."""
    values: dict[str, Value] = {}
    sources: dict[str, str] = {}
    forms: dict[str, Form] = {}
    missing: list[str] = []
    annotated = {p.name: found for p in parameters if (found := form_of(p.annotation)) is not None}
    for p in parameters:
        if p.name in data:
            values[p.name], sources[p.name] = numeric(data[p.name]), data_name
        elif p.name in shapes:
            forms[p.name], sources[p.name] = shapes[p.name], "drawn"
        elif p.name in example:
            values[p.name], sources[p.name] = numeric(example[p.name]), "mc_example"
        elif p.default is not None:
            values[p.name], sources[p.name] = numeric(p.default), "its default"
        elif p.name in annotated:
            forms[p.name], sources[p.name] = annotated[p.name], "drawn"
        elif p.required:
            missing.append(p.name)
    place = Place(values, sources, forms, {}, properties, tuple(missing))
    return with_numbers(place, {**annotated, **shapes})


def with_numbers(place: Place, known: Mapping[str, Form]) -> Place:
    """Numbers for the letters: those of arrays that are there, different ones for the rest."""
    numbers = dict(place.numbers)
    for name, value in place.values.items():
        if name in known:
            bind(known[name], np.shape(value), numbers)
    number_letters(place.forms.values(), numbers)
    return replace(place, numbers=numbers)


def numeric(value: Value) -> Value:
    """Numbers as arrays, floats included; what is no array of numbers, and whole numbers alone, as they are."""
    if isinstance(value, bool | int | str | dict) or value is None:
        return value
    if isinstance(value, list | tuple) and not _is_array(value):
        return value
    array = np.asarray(value)
    return array if array.dtype.kind in "fiub" else value


def _is_array(value: list[Value] | tuple[Value, ...]) -> bool:
    try:
        return bool(len(value)) and np.asarray(value).dtype.kind == "f"
    except ValueError:
        return False


def read_data(path: str) -> dict[str, Value]:
    """The arrays of a ``.npz`` file. UsageError if there are none; nothing in it is unpickled."""
    if not Path(path).is_file():
        near = closest(Path(path).name, (p.name for p in Path(path).parent.glob("*.npz")))
        raise UsageError(f"--at {path}: no such file", notes=[f"there is {near}"] if near else ())
    try:
        with np.load(path, allow_pickle=False) as archive:
            if not hasattr(archive, "files"):
                raise UsageError(f"--at {path} holds one array", notes=["save with numpy.savez(path, x=x, A=A)"])
            return {name: archive[name] for name in archive.files}
    except (ValueError, OSError, EOFError) as error:
        raise UsageError(f"--at {path} cannot be read: {error}", notes=["it should come from numpy.savez"]) from None
    except Exception as error:  # zipfile has exceptions of its own
        raise UsageError(f"--at {path} cannot be read: {error}", notes=["it should come from numpy.savez"]) from None


def check_names(given: Iterable[str], option: str, known: Sequence[str], function: str) -> None:
    """UsageError for an option about an argument that the function does not have."""
    spelled = {canonical_name(n) for n in known} | set(known)
    for name in given:
        if name not in spelled:
            near = closest(name, known)
            listed = ", ".join(known) or "none"
            notes = [f"its arguments: {listed}", *([f"did you mean {near}?"] if near else [])]
            raise UsageError(f"{option}: {function} has no argument {name}", notes=notes)
