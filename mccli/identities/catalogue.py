"""The index of the database, read as far as a question needs it.

``data/index.json`` is JSON with one entry a line, in the order of their keys. A line is found by bisection, and only
that line is parsed: a question costs the same however many records there are.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any, NamedTuple

from mccli.errors import McError
from mccli.identities.record import Alias, Record

SCHEMA = 1
INDEX = "index.json"


def record_files(folder: str) -> list[str]:
    """The record files in a folder; none if it cannot be read."""
    try:
        names = sorted(os.listdir(folder))
    except OSError:
        return []
    return [os.path.join(folder, name) for name in names if name.endswith((".yaml", ".yml"))]


class FamilyEntry(NamedTuple):
    """A family in the index: its title, a line about it, and the ids of its records."""

    id: str
    title: str
    about: str
    ids: tuple[str, ...]


def key_of_line(key: str) -> bytes:
    """How a line of the index begins; the lines are in the order of these."""
    return f"{json.dumps(key, ensure_ascii=False)}:".encode()


class Catalogue:
    """The records of one index file."""

    def __init__(self, content: bytes) -> None:
        self.content = content

    @classmethod
    def read(cls, path: str) -> Catalogue:
        """The index in a file. McError if it is not there or from another version."""
        try:
            with open(path, "rb") as file:
                content = file.read()
        except OSError as error:
            raise McError(f"the identity database cannot be read: {path}", notes=[str(error.strerror)]) from None
        if not content.startswith(f'{{"schema":{SCHEMA},'.encode()):
            raise McError(f"the identity database has another format: {path}", notes=["install mccli again"])
        return cls(content)

    def line(self, key: str) -> Any:
        """The value of the line with this key, or None."""
        mark = key_of_line(key)
        low, high = self.content.find(b"\n") + 1, len(self.content)
        while low < high:
            start = self.content.rfind(b"\n", low, (low + high) // 2) + 1 or low
            head = self.content[start : start + len(mark)]
            end = self.content.find(b"\n", start)
            if head == mark:
                return json.loads(self.content[start + len(mark) : end].rstrip(b","))
            low, high = (end + 1, high) if head < mark else (low, start)
        return None

    def record(self, name: str) -> Record | None:
        """The record with this id; for an alias, the record that it is an alias of."""
        raw = self.line(f"record {name}")
        if raw is None:
            main = self.line(f"alias {name}")
            raw = self.line(f"record {main}") if main else None
        return record_from(raw) if raw is not None else None

    @cached_property
    def families(self) -> tuple[FamilyEntry, ...]:
        """The families, in the order of the cheat sheet."""
        raw = self.line("families") or []
        return tuple(FamilyEntry(f["id"], f["title"], f["about"], tuple(f["ids"].split())) for f in raw)

    @cached_property
    def ids(self) -> tuple[str, ...]:
        """Every id, aliases included."""
        return tuple((self.line("ids") or "").split())

    def signed(self, kind: str, key: str) -> list[str]:
        """The records with a signature; ``kind`` is exact, affine or special."""
        return list((self.line(f"{kind} {key}") or "").split())

    def records(self) -> Iterator[Record]:
        """All records."""
        for family in self.families:
            for name in family.ids:
                found = self.record(name)
                if found is not None:
                    yield found


def record_from(raw: dict[str, Any]) -> Record:
    """A record from its line in the index."""
    tuples = ("define", "assume", "also", "proof", "words", "sources", "see", "variables", "idle")
    known = {name: tuple(raw[name]) for name in tuples if name in raw}
    shapes = {name: tuple(sizes) for name, sizes in raw.get("shapes", {}).items()}
    aliases = tuple(_alias_from(alias) for alias in raw.get("aliases", ()))
    rest = {name: value for name, value in raw.items() if name not in (*tuples, "shapes", "aliases")}
    fields: dict[str, Any] = {**rest, **known, "shapes": shapes, "aliases": aliases}
    return Record(**fields)


def _alias_from(raw: dict[str, Any]) -> Alias:
    shapes = {name: tuple(sizes) for name, sizes in raw.get("shapes", {}).items()}
    tuples = {name: tuple(raw.get(name, ())) for name in ("variables", "words", "sources", "define")}
    return Alias(raw["id"], raw["name"], raw["expression"], shapes=shapes, **tuples)


def record_line(record: Record) -> dict[str, Any]:
    """The line of a record in the index; empty fields are left out."""
    raw = {name: getattr(record, name) for name in record._fields if name not in ("places", "aliases")}
    kept: dict[str, Any] = {name: value for name, value in raw.items() if value or name == "shapes"}
    if record.aliases:
        kept["aliases"] = [_alias_line(alias) for alias in record.aliases]
    if record.order == 1:
        kept.pop("order")
    if record.field == "real":
        kept.pop("field")
    return kept


def _alias_line(alias: Alias) -> dict[str, Any]:
    raw = {name: getattr(alias, name) for name in alias._fields}
    return {name: value for name, value in raw.items() if value}


class Library:
    """Several catalogues as one: mc's own and the user's. The first one with an answer gives it."""

    def __init__(self, catalogues: Sequence[Catalogue]) -> None:
        self.catalogues = list(catalogues)

    def record(self, name: str) -> Record | None:
        """The record with this id or alias."""
        return next((found for c in self.catalogues if (found := c.record(name)) is not None), None)

    def signed(self, kind: str, key: str) -> list[str]:
        """The records with a signature."""
        return [name for c in self.catalogues for name in c.signed(kind, key)]

    @cached_property
    def families(self) -> tuple[FamilyEntry, ...]:
        """The families of all catalogues; one that occurs twice is joined."""
        joined: dict[str, FamilyEntry] = {}
        for family in (f for c in self.catalogues for f in c.families):
            known = joined.get(family.id)
            ids = (*known.ids, *family.ids) if known else family.ids
            joined[family.id] = FamilyEntry(family.id, known.title if known else family.title, family.about, ids)
        return tuple(joined.values())

    @cached_property
    def ids(self) -> tuple[str, ...]:
        """Every id, aliases included."""
        return tuple(name for c in self.catalogues for name in c.ids)
