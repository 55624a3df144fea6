"""Making the index from the record files: signatures, words, sketches, and the records themselves."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mccli.errors import DomainError
from mccli.identities.catalogue import SCHEMA, key_of_line, record_line
from mccli.identities.idle import idle_assumptions
from mccli.identities.record import Family
from mccli.identities.signature import Signature, affine_signature, exact_signature
from mccli.identities.sketch import sketch
from mccli.identities.special import special_settings, specialized
from mccli.identities.statement import Statement, understand
from mccli.identities.words import postings, word_lines


def index_text(families: Sequence[Family]) -> str:
    """The index of some families, as the text of its file."""
    statements = {r.id: understand(r) for family in families for r in family.records}
    lines = dict(_lines(families, statements))
    ordered = sorted(lines, key=key_of_line)
    body = ",\n".join(f"{key_of_line(key).decode()}{_json(lines[key])}" for key in ordered)
    return f'{{"schema":{SCHEMA},\n{body}\n}}\n'


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _lines(families: Sequence[Family], statements: Mapping[str, Statement]) -> Iterator[tuple[str, Any]]:
    yield (
        "families",
        [{"id": f.id, "title": f.title, "about": f.about, "ids": " ".join(r.id for r in f.records)} for f in families],
    )
    records = [r for f in families for r in f.records]
    titles = {r.id: f.title for f in families for r in f.records}
    yield "ids", " ".join(name for r in records for name in (r.id, *(a.id for a in r.aliases)))
    yield "count", len(records)
    yield from word_lines({r.id: postings(r, titles[r.id]) for r in records})
    yield (
        "sketches",
        {r.id: " ".join(sorted(sketch(statements[r.id].expression, r.variables).elements())) for r in records},
    )
    yield from _signature_lines(statements)
    for record in records:
        yield f"record {record.id}", record_line(record._replace(idle=idle_assumptions(record)))
        for alias in record.aliases:
            yield f"alias {alias.id}", record.id


def _signature_lines(statements: Mapping[str, Statement]) -> Iterator[tuple[str, str]]:
    found: dict[str, list[str]] = {}
    for name, statement in statements.items():
        for key, order in _signatures(statement):
            found.setdefault(key, []).append(f"{name}:{order}")
        for key, changed in _special_signatures(statement):
            found.setdefault(key, []).append(f"{name}|{changed}")
    for key in sorted(found):
        yield key, " ".join(found[key])


def _signatures(statement: Statement) -> Iterator[tuple[str, str]]:
    """The signatures of a record, each with its symbols in the order that belongs to it."""
    names = [v.name for v in statement.variables]
    exact = exact_signature(statement.expression, names)
    affine = affine_signature(statement.expression, names)
    if exact is not None:
        yield f"exact {exact.key}", _names(exact)
    if affine is not None and exact is not None and len(affine.order) == len(exact.order):
        yield f"affine {affine.key}", _names(affine)


def _names(signature: Signature) -> str:
    return ",".join(atom.name for atom in signature.order)


def _special_signatures(statement: Statement) -> Iterator[tuple[str, str]]:
    """Signatures of the record with some of its symbols set to the identity or to zero."""
    for settings in special_settings(statement):
        case = specialized(statement, settings)
        try:
            found = exact_signature(case.expression, [v.name for v in case.variables]) if case is not None else None
        except DomainError:
            continue
        if found is not None:
            yield f"special {found.key}", ",".join(settings)
