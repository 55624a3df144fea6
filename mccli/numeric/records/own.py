"""A user's own records: only those that pass every check are looked up."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from mccli.errors import McError
from mccli.identities.build import read_families
from mccli.identities.indexing import index_text
from mccli.numeric.records.check import check_record


def checked_index(files: Sequence[str]) -> tuple[str, list[McError]]:
    """The index of the records that hold, and what is wrong with the others."""
    families, wrong = read_families([Path(file) for file in files])
    mistakes: list[McError] = list(wrong)
    kept = []
    for family in families:
        holding = []
        for record in family.records:
            try:
                check_record(record)
                holding.append(record)
            except McError as error:
                mistakes.append(error)
        kept.append(family._replace(records=tuple(holding)))
    return index_text(kept), mistakes
