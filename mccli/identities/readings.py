"""Readings of an expression that is looked up: as declared, with letters taken for functions or for scalars.

A lookup is tolerant where a derivation is strict: ``L(Wx)`` is read with L as an unknown function, ``1/(2m)``
with m as a number. Every such reading is said in the answer.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from typing import NamedTuple

from mccli.errors import McError
from mccli.expressions.operations import spellings
from mccli.language.declare import Scope, declare, define
from mccli.language.elaborate import Elaborated, elaborate
from mccli.language.names import canonical_name


class Reading(NamedTuple):
    """An expression read in one way; ``notes`` say what was assumed for it."""

    read: Elaborated
    notes: tuple[str, ...] = ()


_CALL = re.compile(r"(?<![\w\\])([A-Za-zφψσΦΨ]|phi|psi|sigma|Phi)\s?\(")
_SMALL_LETTER = re.compile(r"(?<![A-Za-z\\])[a-z](?![A-Za-z(])|(?<=\d)[a-z](?![A-Za-z(])")
FUNCTION_LETTERS = {
    "f": "scalar",
    "g": "vector",
    "h": "vector",
    "L": "scalar",
    "l": "scalar",
    "J": "scalar",
    "F": "matrix",
    "H": "matrix",
    "φ": "elementwise",
    "ψ": "elementwise",
    "Φ": "elementwise",
    "σ": "elementwise",
}
"""Letters that are functions before a bracket more often than factors, each with its most likely kind."""
KINDS = ("scalar", "elementwise", "vector", "matrix", "vector of the same size")
SIZES = (("m", "q"), ("p", "r"), ("s", "t"))
"""Size letters for the values of the functions, in their order."""
MOST_FUNCTIONS = 3
MOST_SCALARS = 2


def readings(text: str, scope: Scope) -> Iterator[Reading]:
    """The ways to read a text, the likeliest first. McError if there is none."""
    letters = _function_letters(text, scope)
    known = [name for name in letters if name in spellings()]
    unknown = [name for name in letters if name not in known]
    found = False
    for reading in _with_functions(text, scope, unknown) if unknown else ():
        found = True
        yield reading
    try:
        yield Reading(elaborate(text, scope, scalar=True))
        if known:
            yield from _with_functions(text, scope, letters)
        return
    except McError as error:
        for reading in _with_scalars(text, scope):
            found = True
            yield reading
        if not found:
            raise error from None


def _function_letters(text: str, scope: Scope) -> list[str]:
    names = dict.fromkeys(canonical_name(name) for name in _CALL.findall(text))
    usable = [n for n in names if n in FUNCTION_LETTERS and n not in scope.functions]
    return [n for n in usable if n not in scope.names()][:MOST_FUNCTIONS]


def _with_functions(text: str, scope: Scope, letters: list[str]) -> Iterator[Reading]:
    """The text with letters declared as functions, in every combination of kinds."""
    choices = [[FUNCTION_LETTERS[n], *(k for k in KINDS if k != FUNCTION_LETTERS[n])] for n in letters]

    def unlikely(kinds: tuple[str, ...]) -> int:
        return sum(choice.index(kind) for choice, kind in zip(choices, kinds, strict=True))

    for kinds in sorted(itertools.product(*choices), key=unlikely):
        declared = scope
        try:
            for name, kind, sizes in zip(letters, kinds, SIZES, strict=False):
                declared = define(declared, f"{name}(x): {_declared_kind(kind, sizes)}")
            read = elaborate(text, declared, scalar=True)
        except McError:
            continue
        yield Reading(read, tuple(f"{n} is read as {_kind_text(k)}" for n, k in zip(letters, kinds, strict=True)))


def _declared_kind(kind: str, sizes: tuple[str, str]) -> str:
    if kind in ("scalar", "elementwise"):
        return kind
    if kind == "matrix":
        return ",".join(sizes)
    return sizes[0] if kind == "vector" else SIZES[0][0]


def _kind_text(kind: str) -> str:
    return "a function that acts entry by entry" if kind == "elementwise" else f"a {kind.split()[0]}-valued function"


def _with_scalars(text: str, scope: Scope) -> Iterator[Reading]:
    """The text with one or two small letters declared as numbers."""
    found = dict.fromkeys(_SMALL_LETTER.findall(text))
    letters = [x for x in found if x not in scope.names()]
    for count in range(1, MOST_SCALARS + 1):
        for chosen in itertools.combinations(letters, count):
            declared = scope
            for name in chosen:
                declared = declare(declared, name, ("scalar",))
            try:
                read = elaborate(text, declared, scalar=True)
            except McError:
                continue
            yield Reading(read, tuple(f"{name} is read as a number" for name in chosen))
            return
