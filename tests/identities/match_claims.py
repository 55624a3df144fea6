"""Whether what a match says is true, by NumPy values and differences; mccli.modular has no part in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from match_numbers import deviation, finite, in_space, told_results
from numpy.typing import NDArray

from mccli.expressions.graph import walk
from mccli.expressions.sizes import ONE, letter_size
from mccli.expressions.tree import Node, Symbol, multiply
from mccli.identities.assumptions import DECLARED, is_about_values
from mccli.identities.instantiate import instantiate
from mccli.identities.lookup import Answer
from mccli.identities.matched import Match
from mccli.language.elaborate import Elaborated
from mccli.language.names import canonical_name
from mccli.numeric.differences import richardson
from mccli.numeric.records import places

Array = NDArray[Any]
Arrays = dict[str, Array]
TRIES = 40
POINTS = 2
TOLERANCE = 2e-5
SIZES = (3, 4, 2, 5, 6, 7, 8)


class Claim(NamedTuple):
    """A match, and the expression that was typed."""

    match: Match
    read: Elaborated


def claims_of(answer: Answer, most: int) -> Iterator[Claim]:
    """The first matches of an answer and all that hold under a condition."""
    if answer.read is None:
        return
    for i, match in enumerate(answer.matches):
        if i < most or not match.unconditional:
            yield Claim(match, answer.read)


def untrue(claim: Claim) -> str:
    """What is not true of a match; empty if all is."""
    match = claim.match
    if match.record.field == "complex":
        return ""
    used = 0
    for seed in range(TRIES):
        drawn = _drawn(claim, np.random.default_rng([5, seed]))
        if drawn is None:
            continue
        wrong = _untrue_at(claim, *drawn, np.random.default_rng([6, seed]))
        if wrong is None:
            continue
        if wrong:
            return wrong
        used += 1
        if used == POINTS:
            return ""
    composed = not all(isinstance(node, Symbol) for node in match.symbols.values())
    return "" if used or (composed and not match.unconditional) else "no point to look at"


def _untrue_at(claim: Claim, arrays: Arrays, sizes: Mapping[str, int], rng: np.random.Generator) -> str | None:
    match, target = claim.match, _target(claim)
    own = _own_function(match)
    typed, told = finite(target, arrays, sizes), finite(own, arrays, sizes)
    if typed is None or told is None or not np.max(np.abs(typed)) < 1e6:
        return None
    directions = {v: _direction(claim, v, arrays, rng) for v in match.variables}
    if match.offset:
        moved = {**arrays, **{v: arrays[v] + 0.1 * d for v, d in directions.items()}}
        typed_there, told_there = finite(target, moved, sizes), finite(own, moved, sizes)
        if typed_there is None or told_there is None:
            return None
        if deviation(typed_there - typed, told_there - told) > 1e-6:
            return "another function, up to what does not depend on the variable"
    elif deviation(typed, told) > 1e-7:
        return "another function"
    return _untrue_derivative(claim, target, arrays, sizes, directions)


def _untrue_derivative(
    claim: Claim, target: Node, arrays: Arrays, sizes: Mapping[str, int], directions: Mapping[str, Array]
) -> str | None:
    match = claim.match
    if match.record.order == 2 or match.record.convention not in ("", "projection"):
        return ""
    for kind in match.record.results:
        if kind == "hessian":
            continue  # the function is equal, and the record's own test takes its second derivative
        node = next(told_results(match, kind))
        result = finite(node, {**arrays, **{f"d{v}": d for v, d in directions.items()}}, sizes)
        slope = _slope(target, arrays, sizes, directions)
        if result is None or slope is None:
            return None
        slope = slope.reshape(-1, 1, order="F") if kind == "jacobian" else slope
        found = result if kind == "differential" else _applied(kind, result, next(iter(directions.values())))
        if found is None or deviation_from(slope, found) > TOLERANCE:
            return f"another {kind}"
    return ""


def deviation_from(slope: Array, found: Array) -> float:
    """Relative where the slope is not small."""
    if slope.shape != found.shape:
        return float("inf")
    return float(np.max(np.abs(slope - found)) / max(1.0, float(np.max(np.abs(slope)))))


def _applied(kind: str, result: Array, direction: Array) -> Array | None:
    if kind == "gradient":
        return np.sum(result * direction).reshape(1, 1) if result.shape == direction.shape else None
    return np.asarray(result @ direction.reshape(-1, 1, order="F")) if result.shape[1] == direction.size else None


def _slope(node: Node, arrays: Arrays, sizes: Mapping[str, int], directions: Mapping[str, Array]) -> Array | None:
    def at(step: Array) -> Array:
        found = finite(node, {**arrays, **{v: arrays[v] + step * d for v, d in directions.items()}}, sizes)
        if found is None:
            raise ArithmeticError
        return found

    try:
        slope, error = richardson(at, np.array(1.0))
    except ArithmeticError:
        return None
    if not error < 1e-5 * max(1.0, float(np.max(np.abs(slope)))):
        return None
    return slope


def _own_function(match: Match) -> Node:
    return multiply(match.factor, match.told(match.statement.expression))


def _target(claim: Claim) -> Node:
    same = {
        left: letter_size(right) for left, right in (e.split(" = ") for e in claim.match.same_sizes) if right.isalpha()
    }
    return instantiate(claim.read.expression, {}, same)


# ------------------------------------------------------------------------------------------------ drawing


def _drawn(claim: Claim, rng: np.random.Generator) -> tuple[Arrays, dict[str, int]] | None:
    """Arrays for the user's symbols, and for those that a record needs besides; None if a condition does not hold."""
    match = claim.match
    nodes = (_target(claim), *match.symbols.values(), _own_function(match))
    letters = sorted({x for n in nodes for x in _letters(n)} | {x for s in match.sizes.values() for x in s.letters()})
    sizes = {letter: int(n) for letter, n in zip(letters, rng.permutation(SIZES[: max(3, len(letters))]), strict=False)}
    arrays: Arrays = {}
    symbols = {s.name: s for n in nodes for s in _symbols(n)}
    wanted = _wanted(match)
    for name, symbol in symbols.items():
        shape = (symbol.rows.value(sizes), symbol.columns.value(sizes))
        if min(shape) < 1:
            return None
        x: Array = rng.normal(size=shape)
        for words in (*_words(symbol.properties), *wanted.get(name, ())):
            make = places._MAKE.get(words)
            if make and "column" not in words and shape[0] != shape[1] and ONE not in symbol.shape:
                continue
            x = make(x, rng) if make else np.abs(x) + 0.3 if words == "positive" else x
            x = rng.integers(2, 5, size=shape) * 1.0 if words == "positive integer" else x
        arrays[name] = x
    return (arrays, sizes) if _assumed(match, arrays, sizes) else None


def _letters(node: Node) -> Iterator[str]:
    for part in walk(node):
        for size in (*part.shape, *getattr(part, "sizes", ())):
            yield from size.letters()


def _symbols(node: Node) -> Iterator[Symbol]:
    yield from (part for part in walk(node) if isinstance(part, Symbol) and part.role != "index")


WORDS = {
    "spd": "positive definite", "psd": "positive semidefinite", "symmetric": "symmetric", "skew": "skew-symmetric",
    "diagonal": "diagonal", "lower": "lower triangular", "upper": "upper triangular", "orthogonal": "orthogonal",
    "integer": "positive integer", "positive": "positive", "simplex": "on the simplex",
}  # fmt: skip


def _words(properties: frozenset[str]) -> Sequence[str]:
    """One way to draw for all declared properties: the most special."""
    order = (
        "diagonal",
        "spd",
        "psd",
        "skew",
        "orthogonal",
        "symmetric",
        "lower",
        "upper",
        "integer",
        "simplex",
        "positive",
    )
    return [WORDS[next(p for p in order if p in properties)]] if properties & set(order) else []


def _wanted(match: Match) -> dict[str, list[str]]:
    """What the record assumes about symbols that stand for symbols of the user, where the match says so."""
    found: dict[str, list[str]] = {}
    for assumption in match.statement.assumptions:
        given = match.symbols.get(assumption.subject.removeprefix("all "))
        declarable = is_about_values(assumption) or assumption.value in WORDS.values()
        if given is None or (declarable and not _said(match, given, assumption.value)):
            continue
        if len(given.symbols) == 1 and not isinstance(given, Symbol):
            found.setdefault(next(iter(given.symbols)), []).append(assumption.value)
        if isinstance(given, Symbol) and assumption.kind == "property":
            found.setdefault(given.name, []).append(assumption.value)
        if isinstance(given, Symbol) and assumption.kind == "above":
            found.setdefault(given.name, []).append("positive")
    return found


def _said(match: Match, given: Node, words: str) -> bool:
    """Whether an assumption about values is a condition of the match: what is not said there must not be needed."""
    said = [condition for condition in match.missing if condition.endswith((words, DECLARED.get(words, words)))]
    return any(c.startswith(f"{given.name} ") if isinstance(given, Symbol) else c.startswith("(what") for c in said)


def _assumed(match: Match, arrays: Arrays, sizes: Mapping[str, int]) -> bool:
    """Whether the other assumptions of the record hold; values that are taken are put in."""
    for assumption in match.statement.assumptions:
        if assumption.kind == "set":
            given, to = match.symbols.get(assumption.subject), match.symbols.get(assumption.value)
            if isinstance(given, Symbol):
                value = finite(to, arrays, sizes) if to is not None else np.zeros_like(arrays[given.name])
                if value is None:
                    return False
                arrays[given.name] = value
    for assumption, node in places._conditions(match.statement):
        if match.set_to and not node.symbols <= match.symbols.keys():
            continue
        value = finite(match.told(node), arrays, sizes)
        if value is None or not places._HOLDS[assumption.kind](value, assumption, places.MARGIN):
            return False
    relied_on = [
        a.subject
        for t, a in zip(match.record.assume, match.statement.assumptions, strict=True)
        if t not in match.record.idle
    ]
    for name, node in match.symbols.items():
        if name not in map(canonical_name, relied_on):
            continue
        restricted = match.statement.symbols[name].properties & {"spd", "psd", "symmetric"}
        if restricted and not isinstance(node, Symbol):
            value = finite(node, arrays, sizes)
            if value is None or not np.allclose(value, value.T):
                return False
            if restricted & {"spd", "psd"} and np.linalg.eigvalsh(value)[0] < 0:
                return False
    for assumption in match.statement.assumptions:
        if assumption.kind == "sizes":
            large, small = (match.sizes.get(x) for x in (assumption.subject, assumption.value))
            if large is not None and small is not None and large.value(sizes) < small.value(sizes):
                return False
    return True


def _direction(claim: Claim, name: str, arrays: Arrays, rng: np.random.Generator) -> Array:
    """A direction in the space that the variable is declared, or by the match assumed, to be in."""
    symbol = claim.read.symbols[name]
    own = next((v for v in claim.match.statement.variables if _is(claim.match, v, name)), None)
    assumed = own.properties if own is not None and not claim.match.unconditional else frozenset()
    return in_space(rng.normal(size=arrays[name].shape), symbol.properties | assumed)


def _is(match: Match, variable: Symbol, name: str) -> bool:
    given = match.symbols.get(variable.name)
    return isinstance(given, Symbol) and given.name == name
