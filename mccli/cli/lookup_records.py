"""The answers of ``mc lookup`` for programs: records for a pipe, JSON, and what is said beside them."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from mccli.cli.lookup_remarks import compared_with
from mccli.errors import to_ascii
from mccli.expressions.sizes import shape_text
from mccli.identities.lookup import Answer
from mccli.identities.matched import Match, how_found
from mccli.render.text import text

if TYPE_CHECKING:
    from mccli.cli.derived import Derived

KEYS = ("id", "function", "variable", "kind", "result", "shape", "how")


def fields(match: Match, way: str) -> Sequence[str]:
    """A match for a pipe, in ASCII: id, function, variable, kind, result, shape, how it was found.

    How: ``exact``, ``special`` (with what is set), ``up to a factor``, ``up to constants``, ``condition`` (with it),
    ``words`` or ``id``; ``derived`` is the engine's answer.
    """
    first = match.statement.results[0]
    result = match.result(first.node)
    said = "; ".join(match.conditions or match.set_to)
    how = how_of(match, way)
    return (
        match.record.id,
        text(match.function, ascii_only=True),
        to_ascii(",".join(match.variables)),
        first.kind,
        text(result, ascii_only=True),
        shape_text(result.shape, times="x"),
        f"{how}: {to_ascii(said)}" if said else how,
    )


def how_of(match: Match, way: str) -> str:
    """How a match was found, in one word or two."""
    return way if way in ("words", "id") else how_found(match)


def show_records(answer: Answer, derived: Derived | None, remarks: Sequence[str]) -> None:
    """One record a line on standard output; how the question was read, and the verdict, on standard error."""
    for remark in remarks:
        print(to_ascii(remark), file=sys.stderr)
    for match in answer.matches:
        print("\t".join(fields(match, answer.way)))
    if derived is not None and derived.formula is not None:
        print("\t".join(derived.fields()))
    elif not answer.matches and derived is not None:
        print(f"nothing found, and not derived: {derived.refusal}", file=sys.stderr)


def show_json(answer: Answer, derived: Derived | None, remarks: Sequence[str]) -> None:
    """The whole answer as one document."""
    document = {
        "schema": 1,
        "command": "lookup",
        "query": answer.asked.expression,
        "found_by": answer.way,
        "notes": list(answer.notes),
        "remarks": list(remarks),
        "claim": answer.claim.text if answer.claim is not None else None,
        "agrees": answer.agrees,
        "agrees_if": list(best.conditions) if answer.agrees and (best := compared_with(answer)) is not None else [],
        "matches": list(_matches(answer)),
        "nearest": [record.id for record in answer.nearest],
        "derived": derived.record() if derived is not None else None,
    }
    print(json.dumps(document, indent=2))  # ASCII, so that it is JSON in every encoding


def _matches(answer: Answer) -> Iterator[dict[str, object]]:
    for match in answer.matches:
        record = match.record
        yield {
            **dict(zip(KEYS, fields(match, answer.way), strict=True)),
            "how": how_of(match, answer.way),
            "name": record.name,
            "family": record.family,
            "stated": record.expression,
            "assume": list(record.assume),
            "missing": list(match.conditions),
            "set_to": list(match.set_to),
            "why": record.why,
            "pitfall": record.pitfall,
            "sources": list(record.sources),
            "related": list(record.see),
        }
