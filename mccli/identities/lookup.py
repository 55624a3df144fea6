"""What the database says to a question: by id, by family, by words, or by an expression."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from mccli.errors import McError, ShapeError, closest
from mccli.expressions.operations import spellings
from mccli.expressions.sizes import Size, letter_size
from mccli.expressions.tree import Node, Symbol, multiply
from mccli.identities.catalogue import Library
from mccli.identities.equality import equal
from mccli.identities.instantiate import instantiate
from mccli.identities.match import find
from mccli.identities.matched import PREFERRED, Match, Question, is_plain, states_kind
from mccli.identities.query import Asked, looks_like_words, take_apart
from mccli.identities.readings import Reading, readings
from mccli.identities.record import Record
from mccli.identities.sketch import likeness, sketch
from mccli.identities.statement import understand
from mccli.identities.words import search, tokens
from mccli.language.declare import Scope
from mccli.language.elaborate import Elaborated, elaborate

MOST_BY_WORDS = 12
LOOKED_AT = 24
NEAREST = 3


class Answer(NamedTuple):
    """The records that answer a question.

    ``way`` is id, words, expression or nothing; ``matches`` come with the user's names where an expression was asked;
    ``notes`` say how the question was understood; ``nearest`` are records that are like it when none states it.
    ``agrees`` says whether a result that was typed behind an arrow is the one of the first match.
    """

    way: str
    matches: tuple[Match, ...]
    asked: Asked
    read: Elaborated | None = None
    notes: tuple[str, ...] = ()
    nearest: tuple[Record, ...] = ()
    agrees: bool | None = None


def look_up(library: Library, text: str, scope: Scope, wrt: Sequence[str] = ()) -> Answer:
    """Answer a question. McError if it is an expression that cannot be read and no words that are known."""
    by_id = _by_id(library, text)
    if by_id is not None:
        return by_id
    asked = take_apart(text)
    functions = frozenset(spellings())
    worded = looks_like_words(asked.expression, functions)
    if worded:
        found = _by_words(library, text)
        if found.matches:
            return found
    try:
        return _by_expression(library, replace_variables(asked, wrt), scope)
    except McError as error:
        found = _by_words(library, text)
        named = any(_is_called(match.record, tokens(text)) for match in found.matches)
        if worded or named or (found.matches and not _is_mathematics(asked.expression)):
            return found
        raise error from None


def replace_variables(asked: Asked, wrt: Sequence[str]) -> Asked:
    """The question with the variables of the command line, if there are any."""
    names = tuple(name.strip() for given in wrt for name in given.split(",") if name.strip())
    return asked._replace(variables=names or asked.variables)


def as_stated(record: Record) -> Match:
    """A record in its own names."""
    statement = understand(record)
    return Match(record, statement, {}, {}, {}, tuple(v.name for v in statement.variables), literal=True)


def _is_mathematics(text: str) -> bool:
    return any(c in text for c in "*+^'()|=‖∘⊗ᵀ⁻²\\")


def _by_id(library: Library, text: str) -> Answer | None:
    name = "-".join(text.strip().casefold().replace("_", "-").split())
    record = library.record(name) if name and all(c.isalnum() or c == "-" for c in name) else None
    if record is None:
        return None
    match = as_stated(record)._replace(alias=name)
    return Answer("id", (match,), Asked(text))


def _by_words(library: Library, text: str) -> Answer:
    found: list[tuple[str, float]] = []
    corrected: dict[str, str] = {}
    for catalogue in library.catalogues:
        ranked, changed = search(catalogue, text)
        found += ranked
        corrected |= {word: read for word, read in changed.items() if word not in corrected}
    found.sort(key=lambda entry: -entry[1])
    best = [(score, r) for name, score in found[:LOOKED_AT] if (r := library.record(name)) is not None]
    phrase = [corrected.get(word, word) for word in tokens(text)]
    best.sort(key=lambda entry: -entry[0] * _worth(entry[1], phrase))
    records = [r for _, r in best[:MOST_BY_WORDS]]
    notes = tuple(f"{word} is read as {read}" for word, read in corrected.items())
    return Answer("words" if records else "nothing", tuple(map(as_stated, records)), Asked(text), None, notes)


def _is_called(record: Record, phrase: list[str]) -> bool:
    """Whether a record, or an alias of it, is known by exactly these words."""
    said = [
        record.name,
        *record.words,
        *(a.name for a in record.aliases),
        *(w for a in record.aliases for w in a.words),
    ]
    return any(tokens(name) == phrase for name in said)


def _worth(record: Record, phrase: list[str]) -> float:
    """How much more a record counts that has the typed words as a phrase, or that more people need."""
    exact = _is_called(record, phrase)
    level = {"essential": 1.1, "standard": 1.05}.get(record.level, 1.0)
    kind = {"gradient": 1.1, "jacobian": 1.05}.get(record.kind, 1.0)
    return level * kind * (2.0 if exact else 1.0)


# --------------------------------------------------------------------------------------------- expressions


def _by_expression(library: Library, asked: Asked, scope: Scope) -> Answer:
    first: tuple[Reading, list[Match]] | None = None
    for reading in readings(asked.expression, scope):
        matches = _matches(library, asked, reading.read)
        if first is None or (matches and not first[1]):
            first = (reading, matches)
        if matches and _is_answer(matches, reading.read, asked):
            return _answer(library, asked, reading, matches)
    assert first is not None
    reading, matches = first
    return _unanswered(library, asked, reading, matches) if matches else _answer(library, asked, reading, ())


def expected_variable(read: Elaborated) -> str | None:
    """The variable that is meant where none is given: X, x, W or w, else the first symbol."""
    return next((name for name in PREFERRED if name in read.symbols), next(iter(read.symbols), None))


def _is_answer(matches: Sequence[Match], read: Elaborated, asked: Asked) -> bool:
    """Whether the first match answers the question: it holds as typed, for the variable one would expect.

    Another variable will do where the record reads as typed, or where it states the function exactly and what is
    known by the expected variable leaves out terms.
    """
    best = matches[0]
    if not best.unconditional or (asked.kind and not states_kind(best.record, asked.kind)):
        return False
    expected = expected_variable(read)
    if asked.variables or expected in best.variables:
        return True
    rivals = [m for m in matches if (m.alias or m.literal) and expected in m.variables and not m.unconditional]
    if (best.literal and not best.steps) or best.alias:
        return not rivals
    exact = is_plain(best.factor) and not (best.offset or best.steps or best.set_to)
    return exact and any(m.unconditional and expected in m.variables for m in matches)


def _matches(library: Library, asked: Asked, read: Elaborated) -> list[Match]:
    general, numbers = _with_letters(read)
    question = Question(general.expression, general.symbols, general.scope, general.scope.letters() - set(numbers))
    found = find(library, question, asked.variables, asked.kind)
    found = [_with_numbers(match, numbers) for match in found] if numbers else found
    if asked.answer:
        found.sort(key=lambda match: match.record.field == "complex" or not _agrees(match, read, asked.answer))
    return found


def _with_letters(read: Elaborated) -> tuple[Elaborated, dict[str, Size]]:
    """The expression with letters for the sizes that were declared as numbers, if it can be read so."""
    numbers = {size for shape in read.scope.shapes.values() for size in shape if size.number and size.number > 1}
    if not numbers:
        return read, {}
    letters = {size: letter_size(f"n{size}") for size in numbers}
    shapes = {n: (letters.get(r, r), letters.get(c, c)) for n, (r, c) in read.scope.shapes.items()}
    try:
        general = elaborate(read.text, read.scope._replace(shapes=shapes), scalar=True)
    except McError:
        return read, {}
    return general, {f"n{size}": size for size in numbers}


def _with_numbers(match: Match, numbers: dict[str, Size]) -> Match:
    symbols = {name: instantiate(node, {}, numbers) for name, node in match.symbols.items()}
    sizes = {letter: size.substitute(numbers) for letter, size in match.sizes.items()}
    return match._replace(symbols=symbols, sizes=sizes, factor=instantiate(match.factor, {}, numbers))


def _answer(library: Library, asked: Asked, reading: Reading, matches: Sequence[Match]) -> Answer:
    nearest = () if matches else nearest_records(library, reading.read, asked.variables)
    answer = Answer("expression", tuple(matches), asked, reading.read, reading.notes, nearest)
    if asked.answer and matches:
        return answer._replace(agrees=_agrees(matches[0], reading.read, asked.answer))
    return answer


def _unanswered(library: Library, asked: Asked, reading: Reading, matches: Sequence[Match]) -> Answer:
    """Records state something near the question only: under conditions, for another variable, of another kind."""
    expected = asked.variables or (expected_variable(reading.read),)
    ordered = sorted(matches, key=lambda match: expected[0] not in match.variables)
    agrees = _agrees(ordered[0], reading.read, asked.answer) if asked.answer else None
    return _answer(library, asked, reading, ())._replace(matches=tuple(ordered), way="near", agrees=agrees)


def _agrees(match: Match, read: Elaborated, answer: str) -> bool | None:
    """Whether a typed result equals that of a match. None if it cannot be read."""
    shapes = {**read.scope.shapes, **{name: s.shape for name, s in read.symbols.items()}}
    shapes |= {f"d{name}": read.symbols[name].shape for name in match.variables if name in read.symbols}
    try:
        typed = elaborate(answer, read.scope._replace(shapes=shapes)).expression
        results = [told_result(match, r.node) for r in match.statement.results]
        return any(equal(result, _fitted(typed, result, read)) for result in results)
    except ShapeError:
        return False
    except McError:
        return None


def _fitted(typed: Node, result: Node, read: Elaborated) -> Node:
    """A typed result with the sizes that it leaves open (those of 2I) taken from the other."""
    pairs = zip(typed.shape, result.shape, strict=True)
    sizes = {a.letter: b for a, b in pairs if a.letter is not None and a.letter not in read.letters}
    return instantiate(typed, {}, sizes) if sizes else typed


def told_result(match: Match, node: Node) -> Node:
    """A result of a record for the typed function, local names written out, differentials and the factor included."""
    names = dict(match.symbols)
    for variable, change in match.statement.differentials().items():
        own = names.get(variable.name)
        if isinstance(own, Symbol):
            names[change.name] = Symbol(f"d{own.name}", own.shape, change.properties, "differential")
    return multiply(match.factor, match._replace(symbols=names).told(match.statement.full(node)))


def nearest_records(library: Library, read: Elaborated, variables: Sequence[str]) -> tuple[Record, ...]:
    """The records whose expressions look most like the typed one."""
    own = sketch(read.expression, variables or (expected_variable(read) or "",))
    scored: list[tuple[float, str]] = []
    for catalogue in library.catalogues:
        for name, features in (catalogue.line("sketches") or {}).items():
            scored.append((likeness(own, Counter(features.split())), name))
    scored.sort(key=lambda entry: (-entry[0], entry[1]))
    return tuple(r for _, name in scored[:NEAREST] if (r := library.record(name)) is not None)


def closest_family(library: Library, name: str) -> str | None:
    """The family that was meant by an id, a part of it, or a word of its title; None if it is not clear."""
    folded = name.casefold().strip()
    ids = [f.id for f in library.families]
    if folded in ids:
        return folded
    starting = [f.id for f in library.families if f.id.startswith(folded) or folded in f.title.casefold().split()]
    return starting[0] if len(starting) == 1 else closest(folded, ids)
