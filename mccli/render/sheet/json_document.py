"""The cheat sheet as JSON: every field of every record."""

from __future__ import annotations

import json

from mccli.render.sheet.model import FamilySheet, Sheet


def document(sheet: Sheet) -> str:
    """The whole sheet."""
    whole = {"schema": 1, "command": "sheet", "families": [_family(family) for family in sheet.families]}
    return json.dumps(whole, ensure_ascii=False, indent=2) + "\n"


def _family(family: FamilySheet) -> dict[str, object]:
    records = [entry.details.fields for entry in family.entries if entry.details is not None]
    return {"id": family.id, "title": family.title, "about": family.about, "total": family.total, "records": records}
