"""Records by words: which are found, and which of them comes first."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

from mccli.identities.catalogue import Library
from mccli.identities.record import KINDS, Record
from mccli.identities.words import phrases, search, substance, tokens

MOST_FOUND = 12
LOOKED_AT = 60
CALLED = ("name", "words", "alias")
"""Where it is said what a record is called."""
LEVEL = {"essential": 1.5, "standard": 1.15}
KIND = {"gradient": 1.4, "jacobian": 1.2}
"""How much more a record counts that more people need."""
NAMED = 1e3
"""How much more it counts if its name was typed as it stands."""


class Spoken(NamedTuple):
    """Records found by words, best first, and how words with mistakes in them were read."""

    records: tuple[Record, ...]
    notes: tuple[str, ...]


def by_words(library: Library, text: str) -> Spoken:
    """The records that speak of what was typed."""
    found: list[tuple[str, float]] = []
    corrected: dict[str, str] = {}
    words: tuple[str, ...] = ()
    for catalogue in library.catalogues:
        searched = search(catalogue, text)
        found += searched.ranked
        words = words or searched.words
        corrected |= {word: read for word, read in searched.corrected.items() if word not in corrected}
    found.sort(key=lambda entry: -entry[1])
    best = [(score, r) for name, score in found[:LOOKED_AT] if (r := library.record(name)) is not None]
    best.sort(key=lambda entry: -entry[0] * _worth(entry[1], words, text))
    notes = tuple(f"{word} is read as {read}" for word, read in corrected.items())
    return Spoken(tuple(r for _, r in best[:MOST_FOUND]), notes)


def is_called(record: Record, phrase: list[str]) -> bool:
    """Whether a record, or an alias of it, is known by exactly these words."""
    return any(tokens(words) == phrase for field, words in phrases(record) if field in CALLED)


def _worth(record: Record, typed: Sequence[str], text: str) -> float:
    """How much more a record counts whose name is what was typed, that states what was asked for, or is essential."""
    if record.name.casefold() == text.strip().casefold():
        return NAMED
    asked = next((kind for kind in KINDS if kind in typed), "")
    likeness = _best(record, typed, ("name", "id")) + _best(record, typed, CALLED)
    called = 1.5 if is_called(record, list(typed)) else 1.0
    stated = (1.5 if asked == record.kind else 1.0) if asked else KIND.get(record.kind, 1.0)
    return (1 + likeness**2) * called * stated * LEVEL.get(record.level, 1.0)


def _best(record: Record, typed: Sequence[str], fields: Collection[str]) -> float:
    """How much the typed words, or all of them as one, are like what is said of a record in some fields, at best."""
    said = [set(tokens(words)) for field, words in phrases(record) if field in fields]
    return max(_likeness(form, words) for words in said for form in (set(typed), {"".join(typed)}))


def _likeness(one: set[str], other: set[str]) -> float:
    """How many words two phrases share: from 0 to 1, if they are the same (Dice 1945)."""
    return 2 * substance(one & other) / max(substance(one) + substance(other), 1.0)
