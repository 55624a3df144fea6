"""Which records a record is a special case of: the same function under fewer assumptions, or with a matrix set to I."""

from __future__ import annotations

from mccli.identities.catalogue import Library
from mccli.identities.matched import restrictions
from mccli.identities.record import Record
from mccli.identities.signature import exact_signature
from mccli.identities.statement import Statement, understand

MOST = 2


def more_general(library: Library, statement: Statement) -> list[tuple[str, str]]:
    """Ids of the records that state the same kind of derivative more generally, each with what makes it this one."""
    record = statement.record
    signature = exact_signature(statement.expression, [v.name for v in statement.variables])
    if signature is None:
        return []
    found: dict[str, str] = {}
    for entry in library.signed("exact", signature.key):
        other = library.record(entry.partition(":")[0])
        if other is not None and _is_weaker(other, record):
            found[other.id] = _extra(statement)
    for entry in library.signed("special", signature.key):
        name, _, settings = entry.partition("|")
        other = library.record(name)
        if other is not None and other.kind == record.kind and name != record.id and other.level == "essential":
            found.setdefault(name, settings.replace(",", ", ").replace("=", " = "))
    return list(found.items())[:MOST]


def _extra(statement: Statement) -> str:
    """The restricting properties of a record, in words."""
    return ", ".join(f"{a.subject} {a.value}" for a in statement.assumptions if a.kind == "property")


def _is_weaker(other: Record, record: Record) -> bool:
    """Whether another record states the same kind of result with fewer restricting assumptions."""
    if other.id == record.id or other.kind != record.kind or other.field != record.field or other.convention:
        return False
    return restrictions(understand(other)) < restrictions(understand(record))
