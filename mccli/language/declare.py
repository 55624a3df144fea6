"""Declarations: shapes, properties and functions, from options or from a ``where`` clause."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import NamedTuple

from mccli.errors import McError, NameMistake, Typed, UsageError, closest
from mccli.expressions.declared import array_function, elementwise_function, scalar_function
from mccli.expressions.operation import NOTHING, Operation
from mccli.expressions.operations import OPERATIONS, spellings
from mccli.expressions.properties import IMPLIED, closure
from mccli.expressions.sizes import ONE, SCALAR, Shape, Size
from mccli.language.build import Builder
from mccli.language.definitions import Definition
from mccli.language.names import GREEK_NAME, canonical_name
from mccli.language.parser import parse
from mccli.language.syntax import Declaration

PROPERTY_WORDS = {
    "sym": "symmetric",
    "skew-symmetric": "skew",
    "antisymmetric": "skew",
    "skewsymmetric": "skew",
    "positive definite": "spd",
    "positive-definite": "spd",
    "pd": "spd",
    "positive semidefinite": "psd",
    "positive-semidefinite": "psd",
    "nonsingular": "invertible",
    "regular": "invertible",
    "orthonormal": "orthogonal",
    "lower triangular": "lower",
    "lower-triangular": "lower",
    "upper triangular": "upper",
    "upper-triangular": "upper",
    "unit norm": "unit",
    "unit-norm": "unit",
    "full rank": "fullrank",
    "full-rank": "fullrank",
    "integral": "integer",
    "whole": "integer",
    "probabilities": "simplex",
    "on the simplex": "simplex",
}


class Scope(NamedTuple):
    """What is declared about the names of an expression.

    ``command`` is the command line around an expression, with ``{}`` for it: fixes are shown in it.
    ``expressions`` are the names that stand for expressions.
    """

    shapes: Mapping[str, Shape] = NOTHING
    properties: Mapping[str, frozenset[str]] = NOTHING
    functions: Mapping[str, Operation] = NOTHING
    command: str = "{}"
    expressions: Mapping[str, Definition] = NOTHING

    def names(self) -> frozenset[str]:
        """Every declared symbol."""
        return frozenset(self.shapes) | frozenset(self.properties)

    def known(self) -> frozenset[str]:
        """Every name that is read as one name: the declared symbols, and the names for expressions."""
        return self.names() | {name for name, defined in self.expressions.items() if not defined.parameters}

    def letters(self) -> frozenset[str]:
        """Every size letter in a declared shape."""
        shapes = [*self.shapes.values(), *(op.value_shape for op in self.functions.values() if op.value_shape)]
        return frozenset(letter for shape in shapes for size in shape for letter in size.letters())


def function_spellings(scope: Scope) -> dict[str, str]:
    """Every spelling of a function that is known here, the user's own included."""
    table = spellings()
    for name, canonical in FORM_SPELLINGS.items():
        table.setdefault(name, canonical)
    table.update({spelled: spelled for spelled in scope.functions})
    table.update({name: name for name, defined in scope.expressions.items() if defined.parameters})
    return table


FORM_SPELLINGS = {
    "eye": "eye",
    "ones": "ones",
    "zeros": "zeros",
    "unit": "unit",
    "commutation": "commutation",
    "duplication": "duplication",
    "elimination": "elimination",
    "diagsel": "diagsel",
    "inner": "inner",
    "series": "series",
    "vech": "vech",
    "entry": "entry",
    "norm": "norm2",
    "matmul": "matmul",
    "numpy_inner": "numpy_inner",
}


def read_scope(
    shapes: Iterable[str] = (),
    properties: Iterable[str] = (),
    definitions: Iterable[str] = (),
    base: Scope | None = None,
) -> Scope:
    """A scope from option texts such as ``A:m,n``, ``S:spd`` and ``L(z): scalar``. UsageError if unreadable."""
    scope = base or Scope()
    for text in definitions:
        scope = define(scope, text)
    for text in shapes:
        for item in text.split(";"):
            with pointing_at(item, "--shape"):
                name, words = _split(item, "--shape", "A:m,n or x:n or a:scalar")
                scope = declare(scope, name, _dimension_words(words))
    for text in properties:
        for item in text.split(";"):
            with pointing_at(item, "--assume"):
                name, words = _split(item, "--assume", "S:symmetric")
                scope = declare(scope, name, tuple(w.strip() for w in words.split(",")))
    return scope


@contextmanager
def pointing_at(text: str, option: str) -> Iterator[None]:
    """Mistakes in here are in the value of an option."""
    try:
        yield
    except McError as error:
        if error.source is None:
            error.typed = (error.typed or Typed(text))._replace(option=option)
        raise


def with_declarations(scope: Scope, declarations: Iterable[Declaration]) -> Scope:
    """The scope with the items of a ``where`` clause added."""
    for item in declarations:
        scope = declare(scope, item.name, item.words)
    return scope


def declare(scope: Scope, name: str, words: tuple[str, ...]) -> Scope:
    """The scope with one name's shape or properties added; words that are no property are sizes."""
    name = canonical_name(name)
    if not words or not all(words):
        raise UsageError(f"nothing is declared about {name}", notes=["write its shape (m,n) or a property (symmetric)"])
    sizes: list[str] = []
    properties = set(scope.properties.get(name, frozenset()))
    for word in words:
        lowered = word.casefold().strip()
        known = PROPERTY_WORDS.get(lowered, lowered)
        if known in IMPLIED:
            properties.add(known)
        elif lowered in ("scalar", "number", "vector", "matrix", "triangular") or _is_word(lowered):
            sizes += _kind_word(lowered)
        else:
            sizes.append(word)
    _refuse_contradiction(name, closure(properties))
    declared = dict(scope.shapes)
    if sizes:
        declared[name] = _shape(name, sizes)
    return scope._replace(shapes=declared, properties={**scope.properties, name: closure(properties)})


def _refuse_contradiction(name: str, properties: frozenset[str]) -> None:
    """Only the zero matrix is skew and symmetric or triangular."""
    other = sorted(properties & {"symmetric", "lower", "upper", "diagonal"})
    if "skew" in properties and other:
        raise UsageError(f"{name} cannot be skew and {other[0]}", notes=["only the zero matrix is both"])


def _is_word(word: str) -> bool:
    return word.replace("-", "").replace(" ", "").isalpha() and len(word) > 2


def _kind_word(word: str) -> list[str]:
    if word in ("scalar", "number"):
        return ["1"]
    if word == "triangular":
        raise UsageError("triangular can mean two things", notes=["say lower or upper"])
    known = closest(word, [*IMPLIED, *PROPERTY_WORDS, "scalar"])
    raise NameMistake(
        f"unknown property {word}",
        notes=[
            *([f"did you mean {known}?"] if known else []),
            "properties: " + ", ".join(sorted(IMPLIED)),
        ],
        fix=known,
        typed=Typed(word),
    )


def _split(item: str, option: str, example: str) -> tuple[str, str]:
    name, colon, rest = item.partition(":")
    if not colon or not name.strip() or not rest.strip():
        raise UsageError(f"{option} {item!r} cannot be read", notes=[f"write it like {example}"])
    return name.strip(), rest.strip()


def _dimension_words(text: str) -> tuple[str, ...]:
    text = text.strip().strip("()[]")
    for separator in ("×", " x ", " by "):
        text = text.replace(separator, ",")
    if "," not in text and "x" in text:
        left, _, right = text.partition("x")
        if left.strip().isdigit() and right.strip().isdigit():
            text = f"{left},{right}"
    return tuple(word.strip() for word in text.split(","))


def _shape(name: str, words: list[str]) -> Shape:
    if len(words) > 2:
        raise UsageError(f"{name} is declared with {len(words)} sizes", notes=["a vector has one, a matrix two"])
    sizes = [read_size(word) for word in words]
    if sizes == [ONE]:
        return SCALAR
    return (sizes[0], sizes[1]) if len(sizes) == 2 else (sizes[0], ONE)


def read_size(text: str) -> Size:
    """A size from text: ``3``, ``n``, ``m*n``, ``n + 1``. UsageError if it is none."""
    try:
        size = Builder({}).size(parse(text, functions={}).tree)
    except McError as error:
        raise UsageError(f"{text!r} is no size", notes=[error.message]) from None
    number = size.number
    if number is not None and (number < 1 or number.denominator != 1):
        raise UsageError(f"a size must be a positive whole number, not {text}")
    return size


def define(scope: Scope, text: str) -> Scope:
    """The scope with an abstract function added: ``L(z): scalar``, ``f(x): m``, ``phi(t): elementwise``.

    A definition with a body (``swish(t) = t*sigmoid(t)``) is the business of :mod:`mccli.symbolic`.
    """
    head, colon, kind = text.partition(":")
    name, bracket, argument = head.strip().partition("(")
    if not colon or not bracket or not argument.endswith(")") or not name.strip() or not kind.strip():
        raise UsageError(
            f"--define {text!r} cannot be read",
            notes=[
                "with a body: swish(t) = t*sigmoid(t)",
                "without: L(z): scalar, f(x): m, phi(t): elementwise",
            ],
        )
    name = canonical_name(name.strip())
    if name == "d" or name in OPERATIONS:
        raise UsageError(f"{name} has a meaning already", notes=["choose another name for the function"])
    if name in scope.functions:
        raise UsageError(f"the function {name} is defined twice")
    word = kind.strip().casefold()
    if word in ("scalar", "number"):
        functions = scalar_function(name)
    elif word == "elementwise":
        functions = elementwise_function(name)
    elif _is_word(word):
        near = closest(word, ("scalar", "elementwise"))
        raise UsageError(
            f"{kind.strip()} is no kind of function",
            notes=[
                *([f"did you mean {near}?"] if near else []),
                "kinds: scalar, elementwise, or a shape such as m or m,n",
            ],
        )
    else:
        functions = array_function(name, _shape(name, list(_dimension_words(kind))))
    plain = {canonical_name(spelled) if spelled == name else spelled: op for spelled, op in functions.items()}
    return scope._replace(functions={**scope.functions, **plain, **_typed_spellings(head, functions, name)})


def _typed_spellings(head: str, functions: Mapping[str, Operation], name: str) -> dict[str, Operation]:
    """The spellings with the name as typed: ``dphi`` for φ declared as phi."""
    typed = head.partition("(")[0].strip()
    spelled_out = GREEK_NAME.get(name[:1], name[:1]) + name[1:]
    return {
        spelled.replace(name, other): op for other in {typed, spelled_out} - {name} for spelled, op in functions.items()
    }
