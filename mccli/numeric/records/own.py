"""A user's own records: only those that pass every check are looked up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from typing import NamedTuple

from mccli.errors import Place
from mccli.identities.build import read_families
from mccli.identities.indexing import index_text
from mccli.identities.record import Record
from mccli.numeric.records.check import verdict
from mccli.numeric.records.whole import whole_mistakes


class Own(NamedTuple):
    """The text of the index of the records that hold, and how many others a file has (0: none of it is used)."""

    text: str
    unused: dict[str, int]


def checked_index(files: Sequence[str], taken: Collection[str]) -> Own:
    """The index of a user's records; those that do not hold, or have an id that is taken, are left out."""
    families, mistakes = read_families(files)
    records = [r for family in families for r in family.records]
    places = [m.place for m in (*mistakes, *whole_mistakes(families, own=False, taken=taken))]
    places += [found.place for found in map(verdict, records) if found.place is not None]
    kept = [
        family._replace(records=tuple(r for r in family.records if not any(_concerns(p, r) for p in places)))
        for family in families
    ]
    unread = Counter(m.place.file for m in mistakes)
    unread.update(r.place().file for r in records if any(_concerns(p, r) for p in places))
    whole = {m.place.file for m in mistakes} - {r.place().file for r in records}
    return Own(index_text(kept), {file: 0 if file in whole else count for file, count in unread.items()})


def _concerns(place: Place, record: Record) -> bool:
    """Whether a place is one of a record's."""
    return place in record.places.values()
