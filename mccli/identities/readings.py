"""Readings of an expression that is looked up: as declared, with letters taken for functions or for scalars.

A lookup is tolerant where a derivation is strict: ``L(Wx)`` is read with L as an unknown function, ``1/(2m)``
with m as a number. Every such reading is said in the answer.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from mccli.errors import AmbiguityError, McError
from mccli.expressions.operations import spellings
from mccli.expressions.tree import is_operation
from mccli.language.declare import Scope, declare, define
from mccli.language.elaborate import Elaborated, elaborate
from mccli.language.names import canonical_name


class Reading(NamedTuple):
    """An expression read in one way; ``notes`` say what was assumed for it, ``options`` declare just that."""

    read: Elaborated
    notes: tuple[str, ...] = ()
    options: tuple[tuple[str, str], ...] = ()
    kind: str = ""
    """The only kind of derivative for which this reading is right."""


_CALL = re.compile(r"(?<![\w\\])([A-Za-zφψσΦΨ]|phi|psi|sigma|Phi)\s?\(")
_INNER = re.compile(r"(?:<|⟨|\\langle)([^<>⟨⟩|]+?),([^<>⟨⟩|]+?)(?:>|⟩|\\rangle)")
_LEADING = re.compile(r"(?:^|[-+=(])\s*([A-Za-z]+)\s*(?=[A-Za-z(|‖\\']|\Z)")
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
MOST_REPAIRS = 4
"""Choices between two readings that are made in one text."""


def readings(text: str, scope: Scope) -> Iterator[Reading]:
    """The ways to read a text, the likeliest first. McError if there is none."""
    plain = _INNER.sub(r"inner(\1,\2)", text)
    notes = (f"{text} is read with the inner product of matrices, <A,B> = tr(A'B)",) if plain != text else ()
    for _ in range(MOST_REPAIRS):
        try:
            for reading in _as_typed(plain, scope):
                yield reading._replace(notes=(*notes, *reading.notes))
            return
        except AmbiguityError as error:
            scalar = [other for other in error.readings if _is_scalar(other, scope)]
            if len(scalar) != 1:
                raise
            plain = scalar[0]
            notes = (*notes, f'"{text}" is read as {plain}')


def _is_scalar(text: str, scope: Scope) -> bool:
    """Whether a text is read as a scalar, perhaps after a further choice of the same kind."""
    try:
        return elaborate(text, scope, scalar=True).expression.is_scalar
    except AmbiguityError as error:
        return bool(error.readings)
    except McError:
        return False


def _as_typed(text: str, scope: Scope) -> Iterator[Reading]:
    """The ways to read a text with letters as declared, as functions, or as numbers."""
    letters = _function_letters(text, scope)
    known = [name for name in letters if name in spellings()]
    unknown = [name for name in letters if name not in known]
    found = False
    for reading in _with_functions(text, scope, unknown) if unknown else ():
        found = True
        yield reading
    if found and not any(name.isupper() for name in unknown):
        return  # f(x'x) is no product with a vector f, where L(W x) may be one with a matrix
    try:
        plain = elaborate(text, scope, scalar=True)
    except McError as error:
        if not isinstance(error, AmbiguityError) or _is_about_a_power(error, text):
            for reading in _with_numbers(text, scope, _SMALL_LETTER.findall(text)):
                found = True
                yield reading
        if not found:
            raise
        return
    numbers: tuple[Reading, ...] = ()
    if not plain.expression.is_scalar:
        numbers = tuple(_with_numbers(text, scope, _leading_letters(text), scalar=True))
    if numbers and any("added to every entry" in note for note in plain.notes):
        yield from numbers  # a scalar beside a vector is a slip
        return
    if is_operation(plain.expression, "vec"):
        yield _without_vec(plain)
    yield Reading(plain, tuple(f"{name}(...) is read as a product with {name}" for name in unknown))
    if known:
        yield from _with_functions(text, scope, letters)
    yield from numbers


def _leading_letters(text: str) -> list[str]:
    """The small letters with which terms begin: c in ``logdet(X) + c x'x``."""
    runs = [run for run in _LEADING.findall(text) if run not in spellings()]
    return [run[0] for run in runs if run[0].islower()]


def _without_vec(read: Elaborated) -> Reading:
    """F for vec(F): a Jacobian is by vec on both sides, so that both have the same one."""
    inside = read.expression.children()[0]
    note = "the Jacobian of vec(F) is that of F, which is vec by vec"
    return Reading(read._replace(expression=inside), (note,), kind="jacobian")


def _is_about_a_power(error: AmbiguityError, text: str) -> bool:
    """Whether ``x^2`` is what can be read in two ways: of a number it has one meaning."""
    return any("^" in text[m.span.start : m.span.end] or "²" in text[m.span.start : m.span.end] for m in error.marks)


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
        given = zip(letters, kinds, SIZES, strict=False)
        definitions = [f"{name}(x): {_declared_kind(kind, sizes)}" for name, kind, sizes in given]
        try:
            for definition in definitions:
                declared = define(declared, definition)
            read = elaborate(text, declared, scalar=True)
        except McError:
            continue
        notes = tuple(f"{n} is read as {_kind_text(k)}" for n, k in zip(letters, kinds, strict=True))
        yield Reading(read, notes, tuple(("--define", definition) for definition in definitions))


def _declared_kind(kind: str, sizes: tuple[str, str]) -> str:
    if kind in ("scalar", "elementwise"):
        return kind
    if kind == "matrix":
        return ",".join(sizes)
    return sizes[0] if kind == "vector" else SIZES[0][0]


def _kind_text(kind: str) -> str:
    return "a function that acts entry by entry" if kind == "elementwise" else f"a {kind.split()[0]}-valued function"


def _with_numbers(text: str, scope: Scope, candidates: Sequence[str], *, scalar: bool = False) -> Iterator[Reading]:
    """The text with one or two small letters declared as numbers; ``scalar``: if it is one then."""
    letters = [x for x in dict.fromkeys(candidates) if x not in scope.names()]
    for count in range(1, MOST_SCALARS + 1):
        for chosen in itertools.combinations(letters, count):
            declared = scope
            for name in chosen:
                declared = declare(declared, name, ("scalar",))
            try:
                read = elaborate(text, declared, scalar=True)
            except McError:
                continue
            if not all(name in read.symbols for name in chosen) or (scalar and not read.expression.is_scalar):
                continue
            notes = tuple(f"{name} is read as a number" for name in chosen)
            yield Reading(read, notes, tuple(("--shape", f"{name}:scalar") for name in chosen))
            return
