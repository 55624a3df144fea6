"""Which assumptions of a record its results do not rely on: these are no condition of a match.

Decided over a prime field against the engine: the record is read again without the assumption, and what it states must
equal what mc derives of its function. What cannot be decided so stays a condition.
"""

from __future__ import annotations

from collections.abc import Iterator

from mccli.calculus.derivation import derive
from mccli.calculus.differential import differential
from mccli.errors import McError
from mccli.expressions.graph import walk
from mccli.expressions.tree import Apply, Node, apply, multiply
from mccli.identities.assumptions import is_about_values
from mccli.identities.equality import equal
from mccli.identities.record import Record
from mccli.identities.statement import Statement, understand

NARROW_DOMAIN = frozenset({"symmetric", "spd", "eigenvalues"})
"""Words in the domain of an operation that has a value, or a rule, for some matrices only: they must be declared."""


def idle_assumptions(record: Record) -> tuple[str, ...]:
    """The assumptions about values without which everything that the record states still equals what mc derives."""
    statement = understand(record)
    demanded = _demanded(statement)
    idle: list[str] = []
    for text, assumption in zip(record.assume, statement.assumptions, strict=True):
        if is_about_values(assumption) and assumption.subject not in demanded:
            kept = tuple(other for other in record.assume if other not in (text, *idle))
            idle += [text] if _holds(record._replace(assume=kept)) else []
    return tuple(idle)


def _demanded(statement: Statement) -> frozenset[str]:
    """The symbols inside operations that are defined for some matrices only."""
    found: set[str] = set()
    for part in walk(statement.expression):
        if isinstance(part, Apply) and NARROW_DOMAIN & set(part.operation.domain.replace(",", " ").split()):
            found |= part.symbols
    return frozenset(found)


def _holds(record: Record) -> bool:
    """Whether everything that a record states equals what the engine derives. False where that is not decided."""
    if record.convention or record.field == "complex" or record.order == 2:
        return False
    try:
        statement = understand(record)
        if any(a.kind == "set" for a in statement.assumptions):
            return False
        return all(equal(told, derived) for told, derived in _pairs(statement))
    except McError:
        return False


def _pairs(statement: Statement) -> Iterator[tuple[Node, Node]]:
    """What the record states, and what the engine derives."""
    changes: dict[Node, Node] = dict(statement.differentials().items())
    change = next(iter(statement.differentials().values()))
    curved = statement.record.kind == "hessian"
    first = differential(_gradient(statement) if curved else statement.expression, changes)
    for stated in statement.results:
        node = statement.full(stated.node)
        if stated.kind == "gradient":
            yield node, _gradient(statement)
        elif stated.kind == "differential":
            yield node, first
        else:
            yield multiply(node, apply("vec", change)), apply("vec", first)
    for form in statement.proof:
        yield statement.full(form.node), first


def _gradient(statement: Statement) -> Node:
    return derive(statement.expression, statement.symbols, statement.variables).gradients[0].full
