"""What must hold between records: ids and names unique, related records there, aliases equal, sources known."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from mccli.errors import McError, Place, RecordMistake
from mccli.folders import data_folder
from mccli.identities.read import read_references
from mccli.identities.record import Alias, Family, Record
from mccli.identities.signature import exact_signature
from mccli.identities.statement import understand
from mccli.language.declare import function_spellings
from mccli.language.parser import parse

REFERENCES = "references.yaml"
LONGEST_PROSE = 260
_FORMULA = re.compile(r"`([^`]*)`")


def whole_mistakes(
    families: Sequence[Family], *, own: bool, taken: Collection[str] = frozenset()
) -> list[RecordMistake]:
    """Everything that is wrong between the records of some families.

    ``own`` is for mc's own database, ``taken`` are the ids of it that others may not have.
    """
    records = [r for f in families for r in f.records]
    known = {name for r in records for name in (r.id, *(a.id for a in r.aliases))}
    mistakes = [*_repeated(records), *_taken(records, taken)]
    references = tuple(read_references(Path(data_folder()) / REFERENCES)) if own else ()
    for record in records:
        if _is_understood(record):
            mistakes += _prose(record)
            mistakes += _aliases(record)
        if own:
            mistakes += _related(record, known)
            mistakes += _sources(record, references)
    return mistakes


def _is_understood(record: Record) -> bool:
    """Whether the expression can be read; if it cannot, the check of the record itself says so."""
    try:
        understand(record)
    except McError:
        return False
    return True


def _mistake(place: Place, sentence: str, notes: Sequence[str] = ()) -> RecordMistake:
    return RecordMistake(place, sentence, notes=notes)


def _repeated(records: Sequence[Record]) -> Iterator[RecordMistake]:
    """Ids that stand twice, aliases included, and names that stand twice in a family."""
    ids: dict[str, Place] = {}
    names: dict[tuple[str, str], Place] = {}
    for record in records:
        for name in (record.id, *(a.id for a in record.aliases)):
            first = ids.setdefault(name, record.place("id"))
            if first is not record.place("id"):
                yield _mistake(record.place("id"), f"the id {name} stands twice", [f"first at {first}"])
        first = names.setdefault((record.family, record.name), record.place("name"))
        if first is not record.place("name"):
            yield _mistake(record.place("name"), f"the name {record.name!r} stands twice", [f"first at {first}"])


def _taken(records: Sequence[Record], taken: Collection[str]) -> Iterator[RecordMistake]:
    """Ids of a user's records that one of mc's own records has."""
    for record in records:
        for field, name in (("id", record.id), *(("aliases", a.id) for a in record.aliases)):
            if name in taken:
                yield _mistake(record.place(field), f"the id {name} is that of one of mc's own records")


def _related(record: Record, known: set[str]) -> Iterator[RecordMistake]:
    for name in record.see:
        if name not in known or name == record.id:
            yield _mistake(record.place("see"), f"there is no other record {name}")


def _sources(record: Record, references: Sequence[str]) -> Iterator[RecordMistake]:
    """Every source begins with a work that is known."""
    cited = [("sources", s) for s in record.sources] + [("aliases", s) for a in record.aliases for s in a.sources]
    for field, source in cited:
        if not any(source == work or source.startswith(f"{work} ") for work in references):
            yield _mistake(record.place(field), f"{source!r} is no known work", [f"known works stand in {REFERENCES}"])


def _prose(record: Record) -> Iterator[RecordMistake]:
    """Sentences are not too long, and the formulas in them can be read."""
    for field, words in (("why", record.why), ("pitfall", record.pitfall)):
        if len(words) > LONGEST_PROSE:
            yield _mistake(record.place(field), f"is longer than {LONGEST_PROSE} characters")
        if words.count("`") % 2:
            yield _mistake(record.place(field), "a formula is not closed by a backtick")
            continue
        yield from _formulas(record, field, words)


def _formulas(record: Record, field: str, words: str) -> Iterator[RecordMistake]:
    scope = understand(record).scope
    given = {*scope.shapes, *record.let}
    names = frozenset({*given, *(f"d{name}" for name in given)})
    spellings = function_spellings(scope)
    for formula in _FORMULA.findall(words):
        if formula in spellings:
            continue
        try:
            parse(formula, functions=spellings, names=names)
        except McError as error:
            yield _mistake(record.place(field), f"the formula {formula!r} cannot be read: {error.message}")


def _aliases(record: Record) -> Iterator[RecordMistake]:
    """The expression of an alias is that of the record, with other names."""
    if not record.aliases:
        return
    statement = understand(record)
    own = exact_signature(statement.expression, [v.name for v in statement.variables])
    for alias in record.aliases:
        place = record.place("aliases")
        try:
            other = understand(_as_record(record, alias))
        except McError as error:
            yield _mistake(place, f"{alias.id} cannot be read: {error.message}")
            continue
        found = exact_signature(other.expression, [v.name for v in other.variables])
        if own is None or found is None or own.key != found.key:
            yield _mistake(place, f"{alias.id} states another function: {alias.expression}")


def _as_record(record: Record, alias: Alias) -> Record:
    return record._replace(
        expression=alias.expression,
        variables=alias.variables,
        shapes=alias.shapes,
        define=alias.define,
        let={},
        assume=(),
    )
