"""What the database says to a question: by id, by family, by words, or by an expression."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from mccli.errors import McError, NameMistake, Typed, UsageError, closest
from mccli.expressions.sizes import Size, letter_size
from mccli.expressions.tree import Node
from mccli.identities.by_words import by_words, is_called
from mccli.identities.catalogue import Library
from mccli.identities.claim import Claim
from mccli.identities.instantiate import instantiate
from mccli.identities.match import find
from mccli.identities.matched import PREFERRED, Match, Question, is_plain, states_kind
from mccli.identities.query import Asked, has_words, is_mathematics, looks_like_words, take_apart
from mccli.identities.readings import Reading, readings
from mccli.identities.record import Record
from mccli.identities.sketch import likeness, sketch
from mccli.identities.statement import understand
from mccli.identities.words import tokens
from mccli.language.declare import Scope, function_spellings
from mccli.language.elaborate import Elaborated, elaborate
from mccli.language.names import canonical_name

NEAREST = 3


class Answer(NamedTuple):
    """The records that answer a question.

    ``way`` is id, words, expression, near or nothing; ``matches`` come with the user's names where an expression was
    asked; ``notes`` say how the question was understood; ``options`` are the declarations of the command line under
    which :func:`elaborate` reads it so; ``nearest`` are records that are like it when none states it. ``claim`` is the
    result that was typed behind an arrow, and ``agrees`` says whether it is the one of the first match.
    """

    way: str
    matches: tuple[Match, ...]
    asked: Asked
    read: Elaborated | None = None
    notes: tuple[str, ...] = ()
    nearest: tuple[Record, ...] = ()
    claim: Claim | None = None
    agrees: bool | None = None
    options: tuple[tuple[str, str], ...] = ()


def look_up(library: Library, text: str, scope: Scope, wrt: Sequence[str] = ()) -> Answer:
    """Answer a question. McError if it is mathematics that cannot be read, or neither that nor known words."""
    by_id = _by_id(library, text)
    if by_id is not None:
        return by_id
    asked = take_apart(text)
    functions = function_spellings(scope)
    mathematics = is_mathematics(asked.expression, functions)
    worded = not mathematics and looks_like_words(asked.expression, functions)
    if worded and (found := _said(library, text)).matches:
        return found
    try:
        return _by_expression(library, replace_variables(asked, wrt), scope)
    except McError as error:
        found = _said(library, text)
        named = any(is_called(match.record, tokens(text)) for match in found.matches)
        if worded or named or (found.matches and not mathematics):
            return found
        if found.matches and has_words(asked.expression, functions):
            ids = ", ".join(match.record.id for match in found.matches[:NEAREST])
            error.notes = (*error.notes, f"as words it would be: {ids}")
        raise error from None


def refuse_unknown_names(found: Answer, scope: Scope) -> None:
    """UsageError, NameMistake for a declared name or a variable that does not occur: it would be ignored unseen."""
    if found.read is None:
        return
    known = found.read.symbols
    for name in sorted(scope.names() - known.keys()):
        raise UsageError(
            f"{name} is declared but does not occur in the expression",
            notes=[f"it has {', '.join(known) or 'no symbol'}"],
            typed=Typed(name, "--shape" if name in scope.shapes else "--assume"),
        )
    for name in found.asked.variables:
        if name not in known:
            near = closest(name, known)
            raise NameMistake(
                f"the expression has no variable {name}",
                notes=[f"it has {', '.join(known) or 'no symbol'}"],
                typed=Typed(name, "--wrt"),
                fix=near,
            )


def replace_variables(asked: Asked, wrt: Sequence[str]) -> Asked:
    """The question with the variables of the command line, if there are any."""
    names = tuple(canonical_name(name) for given in wrt for name in given.split(",") if name.strip())
    return asked._replace(variables=names or tuple(map(canonical_name, asked.variables)))


def as_stated(record: Record) -> Match:
    """A record in its own names."""
    statement = understand(record)
    return Match(record, statement, {}, {}, {}, tuple(v.name for v in statement.variables), literal=True)


def _by_id(library: Library, text: str) -> Answer | None:
    name = "-".join(text.strip().casefold().replace("_", "-").split())
    record = library.record(name) if name and all(c.isalnum() or c == "-" for c in name) else None
    if record is None:
        return None
    match = as_stated(record)._replace(alias=name)
    return Answer("id", (match,), Asked(text))


def _said(library: Library, text: str) -> Answer:
    """The answer by words."""
    found = by_words(library, text)
    way = "words" if found.records else "nothing"
    return Answer(way, tuple(map(as_stated, found.records)), Asked(text), None, found.notes)


# --------------------------------------------------------------------------------------------- expressions


def _by_expression(library: Library, asked: Asked, scope: Scope) -> Answer:
    first: tuple[Reading, list[Match]] | None = None
    for reading in readings(asked.expression, scope):
        if reading.kind and asked.kind not in ("", reading.kind):
            continue
        matches = _matches(library, asked._replace(kind=reading.kind or asked.kind), reading.read)
        matches = [m for m in matches if not reading.kind or m.record.kind == reading.kind]
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
        claim = Claim(asked.answer, read)
        found.sort(key=lambda match: match.record.field == "complex" or not claim.equals(_results(match)))
    return found


def _results(match: Match) -> list[Node]:
    return [match.result(stated.node) for stated in match.statement.results]


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
    read = reading.read
    nearest = () if matches else nearest_records(library, read, asked.variables)
    notes = tuple(dict.fromkeys((*reading.notes, *read.notes)))
    answer = Answer("expression", tuple(matches), asked, read, notes, nearest, options=reading.options)
    return _with_verdict(answer, matches) if asked.answer else answer


def _with_verdict(answer: Answer, matches: Sequence[Match]) -> Answer:
    """The answer with what is said about the result behind the arrow. McError if that cannot be read."""
    assert answer.read is not None
    claim = Claim(answer.asked.answer, answer.read)
    return answer._replace(claim=claim, agrees=claim.equals(_results(matches[0])) if matches else None)


def _unanswered(library: Library, asked: Asked, reading: Reading, matches: Sequence[Match]) -> Answer:
    """Records state something near the question only: under conditions, for another variable, of another kind."""
    expected = asked.variables or (expected_variable(reading.read),)
    ordered = sorted(matches, key=lambda match: expected[0] not in match.variables)
    return _answer(library, asked, reading, ordered)._replace(way="near")


def nearest_records(library: Library, read: Elaborated, variables: Sequence[str]) -> tuple[Record, ...]:
    """The records whose expressions look most like the typed one."""
    own = sketch(read.expression, variables or (expected_variable(read) or "",))
    scored: list[tuple[float, str]] = []
    for catalogue in library.catalogues:
        for name, features in (catalogue.line("sketches") or {}).items():
            scored.append((likeness(own, Counter(features.split())), name))
    scored.sort(key=lambda entry: (-entry[0], entry[1]))
    return tuple(r for _, name in scored[:NEAREST] if (r := library.record(name)) is not None)
