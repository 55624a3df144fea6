"""The whole sheet, made once for all tests, and the ids that every format must show."""

from __future__ import annotations

from functools import cache

from mccli.cli.library import library
from mccli.cli.sheet import whole_sheet
from mccli.render.sheet.model import Sheet


@cache
def everything() -> Sheet:
    """Every record of every family, with its details."""
    records = library()
    return whole_sheet(records, records.families, "special", details=True)


@cache
def ids() -> tuple[str, ...]:
    """The ids of all records, sorted."""
    records = library()
    return tuple(sorted(name for family in records.families for name in family.ids))
