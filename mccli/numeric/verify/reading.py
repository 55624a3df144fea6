"""A formula read over the arguments of a function: which symbol is which argument, and the sizes as numbers."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mccli.errors import McError, NameMistake, UsageError, closest
from mccli.expressions.sizes import ONE, SCALAR, Size
from mccli.expressions.tree import Symbol
from mccli.language.declare import Scope, read_scope
from mccli.language.elaborate import Elaborated, elaborate
from mccli.language.names import canonical_name
from mccli.numeric.verify.arguments import Place, with_numbers
from mccli.numeric.verify.edit_search import Spot
from mccli.numeric.verify.forms import Form
from mccli.numeric.verify.request import Request
from mccli.numeric.verify.subject import Subject

Array = NDArray[Any]
Value = Any

INFERRED = "of_"
"""Size letters that the formula brought are kept apart from those that a person wrote."""


# ---------------------------------------------------------------------------------------------- names


def symbol_for(argument: str, matches: Mapping[str, str]) -> str:
    """What an argument is called in the formula."""
    said = next((symbol for symbol, name in matches.items() if name == argument), None)
    return said or canonical_name(argument.rstrip("_") or argument)


def arguments_for(wanted: Sequence[str], names: Sequence[str], request: Request) -> list[str]:
    """The arguments that ``--wrt`` names, by their own name or by that in the formula."""
    by_symbol = {symbol_for(n, request.matches()): n for n in names}
    return [n if n in names else by_symbol.get(canonical_name(n), n) for n in wanted]


def _size_texts(shape: Sequence[int]) -> str:
    return ",".join(str(n) for n in shape) or "scalar"


def _declared(shapes: Mapping[str, str], request: Request) -> Scope:
    return read_scope([f"{name}:{sizes}" for name, sizes in shapes.items()], request.assume)


def shapes_from_formula(place: Place, request: Request, names: Sequence[str]) -> Place:
    """Shapes for the arguments of which nothing else is known, as the formula demands them."""
    matches = request.matches()
    known = {n: _size_texts(np.shape(v)) for n, v in place.values.items() if _is_number(v)}
    known |= {n: str(form) for n, form in place.forms.items() if all(w.isalnum() for w in form.sizes)}
    read = elaborate(request.formula, _declared({symbol_for(n, matches): s for n, s in known.items()}, request))
    forms = dict(place.forms)
    said = {letter for form in place.forms.values() for letter in form.sizes}
    for name in place.missing:
        symbol = read.symbols.get(symbol_for(name, matches)) or _only_other(read, names, matches)
        if symbol is not None and symbol.shape is not None:
            form = _form(symbol, said)
            if form is not None:
                forms[name] = form
    missing = tuple(n for n in place.missing if n not in forms)
    sources = {**place.sources, **dict.fromkeys((n for n in forms if n not in place.forms), "drawn")}
    filled = dataclasses.replace(place, forms=forms, missing=missing, sources=sources)
    return with_numbers(filled, forms)


def _only_other(read: Elaborated, names: Sequence[str], matches: Mapping[str, str]) -> Symbol | None:
    """The one symbol that has no argument."""
    taken = {symbol_for(n, matches) for n in names}
    free = [s for name, s in read.symbols.items() if name not in taken]
    return free[0] if len(free) == 1 else None


def _form(symbol: Symbol, said: set[str]) -> Form | None:
    """The shape of a symbol as that of an array: vectors have one size."""
    if symbol.shape == SCALAR:
        return Form(())
    sizes = [symbol.rows] if symbol.columns == ONE else [symbol.rows, symbol.columns]
    words = [_word(size, said) for size in sizes]
    return Form(tuple(w for w in words if w is not None)) if all(words) else None


def _word(size: Size, said: set[str]) -> str | None:
    if size.number is not None:
        return str(size.number)
    if size.letter is None:
        return None
    return size.letter if size.letter in said else INFERRED + size.letter


def _is_number(value: Value) -> bool:
    return isinstance(value, np.ndarray | float | int) and not isinstance(value, bool) and np.ndim(value) <= 2


# ---------------------------------------------------------------------------------------------- reading


@dataclass(frozen=True)
class Reading:
    """The formula over the arguments at hand: sizes are numbers where they can be."""

    read: Elaborated
    arguments: Mapping[str, str]
    """By symbol."""

    sizes: Mapping[str, int]
    remarks: tuple[str, ...] = ()

    def spot(self, values: Mapping[str, Value]) -> Spot:
        """The arguments as two-dimensional arrays of the symbols."""
        arrays = {symbol: two_dimensional(values[name]) for symbol, name in self.arguments.items()}
        return Spot(arrays, self.sizes)


def two_dimensional(value: Value) -> Array:
    """A number as 1×1, a vector as a column."""
    array = np.asarray(value, dtype=float)
    return array.reshape(-1, 1) if array.ndim < 2 else array


def read_formula(subject: Subject, request: Request) -> Reading:
    """The formula with every symbol matched to an argument. McError if one is none."""
    values = {n: v for n, v in subject.all_values(subject.arguments).items() if _is_number(v)}
    matches, place = request.matches(), subject.place
    for argument in matches.values():
        if argument not in values:
            raise UsageError(f"--match: there is no argument {argument}", notes=[f"arguments: {', '.join(values)}"])
    shapes = {n: _size_texts(np.shape(v)) for n, v in values.items()}
    reading = _in_numbers_or_letters(request, shapes, matches, values, place)
    remarks: tuple[str, ...] = ()
    if len(reading.free) == 1:
        unused = [n for n in values if n not in reading.arguments.values()]
        if len(unused) == 1:
            matches = {**matches, reading.free[0]: unused[0]}
            remarks = (f"{reading.free[0]} of the formula is taken to be the argument {unused[0]}",)
            reading = _read(request, shapes, matches, values, {})
    if reading.free:
        raise _unmatched(reading.free, list(values), request)
    return Reading(reading.read, reading.arguments, place.numbers, remarks)


def _in_numbers_or_letters(
    request: Request,
    shapes: Mapping[str, str],
    matches: Mapping[str, str],
    values: Mapping[str, Value],
    place: Place,
) -> _Attempt:
    """Read with sizes that are numbers; where a declared size is used as a number (1/m), with its letter."""
    lettered = {**shapes, **{n: str(f) for n, f in place.forms.items() if n in values}}
    try:
        reading = _read(request, shapes, matches, values, {})
    except McError:
        if not place.numbers or lettered == shapes:
            raise
        return _read(request, lettered, matches, values, place.numbers)
    if any(symbol in place.numbers for symbol in reading.free):
        return _read(request, lettered, matches, values, place.numbers)
    return reading


@dataclass(frozen=True)
class _Attempt:
    read: Elaborated
    arguments: dict[str, str]
    free: list[str]


def _read(
    request: Request,
    shapes: Mapping[str, str],
    matches: Mapping[str, str],
    values: Mapping[str, Value],
    numbers_: Mapping[str, int],
) -> _Attempt:
    by_symbol = {symbol_for(n, matches): n for n in values}
    read = elaborate(request.formula, _declared({s: shapes[n] for s, n in by_symbol.items()}, request))
    folded = {s.casefold(): n for s, n in by_symbol.items()}
    arguments, free = {}, []
    for symbol in read.symbols:
        argument = by_symbol.get(symbol) or (folded.get(symbol.casefold()) if symbol not in numbers_ else None)
        if argument is not None and (symbol in by_symbol or argument not in by_symbol.values()):
            arguments[symbol] = argument
        else:
            free.append(symbol)
    return _Attempt(read, arguments, free)


def _unmatched(free: Sequence[str], names: Sequence[str], request: Request) -> NameMistake:
    near = closest(free[0], names)
    example = near or (names[-1] if names else "ARGUMENT")
    return NameMistake(
        f"the formula has {' and '.join(free)}, and the function has no such argument",
        notes=[f"its arguments: {', '.join(names)}", f"say which one it is: --match {free[0]}={example}"],
        source=request.formula,
    )
