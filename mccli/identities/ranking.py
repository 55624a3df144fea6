"""Which match comes first."""

from __future__ import annotations

from collections.abc import Sequence

from mccli.expressions.tree import Node, Number, split_coefficient
from mccli.identities.matched import PREFERRED, Match, is_plain, restrictions, states_kind
from mccli.identities.record import KINDS, LEVELS


def ranked(found: Sequence[Match], kind: str) -> list[Match]:
    best: dict[tuple[str, tuple[str, ...]], Match] = {}
    for match in sorted(found, key=lambda m: _rank(m, kind)):
        best.setdefault((match.record.id, match.variables), match)
    return list(best.values())


def _rank(match: Match, kind: str) -> tuple[object, ...]:
    record = match.record
    preferred = [PREFERRED.index(v) if v in PREFERRED else len(PREFERRED) for v in match.variables]
    level = LEVELS.index(record.level)
    return (
        bool(kind) and not states_kind(record, kind),
        bool(match.missing),
        bool(match.same_sizes),
        record.field == "complex",
        bool(kind) and kind not in record.results,
        record.kind != "gradient" and match.statement.expression.is_scalar and not kind,
        match.offset,
        not match.alias,
        [level] if match.alias else preferred,
        match.steps,
        bool(match.set_to),
        not is_plain(match.factor),
        -restrictions(match.statement),
        {"": 0, "projection": 1}.get(record.convention, 2),
        not match.literal,
        _weight(match.factor),
        KINDS.index(record.kind),
        level,
        preferred,
        len(record.expression),
        record.id,
    )


def _weight(factor: Node) -> int:
    """How far a factor is from 1: small fractions come first, symbols last."""
    coefficient, _ = split_coefficient(factor)
    symbols = 0 if isinstance(factor, Number) else 1_000_000
    return abs(coefficient.numerator) + coefficient.denominator + symbols
