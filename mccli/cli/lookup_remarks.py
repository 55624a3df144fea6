"""What is said beside the records that a lookup finds: how the question was read, reservations, a verdict."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from mccli.expressions.properties import IMPLIED
from mccli.identities.lookup import Answer, expected_variable
from mccli.identities.matched import Match, states_kind
from mccli.language.declare import PROPERTY_WORDS
from mccli.language.names import canonical_name


class Remarks(NamedTuple):
    """Sentences: how the question was read, what the records do not say, the verdict on a typed result."""

    reading: tuple[str, ...]
    reservation: tuple[str, ...]
    verdict: tuple[str, ...]

    def all(self) -> tuple[str, ...]:
        """Every sentence, in order."""
        return (*self.reading, *self.reservation, *self.verdict)


def remarks_on(answer: Answer, *, declared: bool) -> Remarks:
    """The remarks on an answer; ``declared`` says whether the command line declares anything."""
    reservation = (_near_sentence(answer),) if answer.way == "near" else ()
    return Remarks(tuple(_reading(answer, declared)), reservation, tuple(_verdict(answer)))


def _reading(answer: Answer, declared: bool) -> Iterator[str]:
    if answer.way == "words":
        yield "Found by words."
    if answer.notes:
        yield f"Read with: {'; '.join(answer.notes)}"
    if answer.read is None and declared:
        yield "Declarations and --wrt are for expressions; they are not used here."


def _verdict(answer: Answer) -> Iterator[str]:
    if answer.claim is None:
        return
    what = f"What stands behind the arrow ({answer.claim.text})"
    if answer.agrees is None:
        yield f"{what} was not compared: nothing is known to compare it with."
        return
    best = compared_with(answer)
    verdict = "agrees with" if answer.agrees else "differs from"
    condition = (
        f": it holds if {' and '.join(best.conditions)}"
        if best is not None and answer.agrees and best.conditions
        else ""
    )
    yield f"{what} {verdict} {'this' if best is not None else 'what is derived'}{condition}."
    if answer.claim.misfit:
        yield f"Its shapes do not fit: {answer.claim.misfit}."


def _near_sentence(answer: Answer) -> str:
    match, kind = answer.matches[0], answer.asked.kind
    conditions = " and ".join(match.conditions)
    if kind and not states_kind(match.record, kind) and is_for_expected(answer, match):
        condition = f", if {conditions}" if conditions else ""
        return f"No record states {kind_asked(kind)} of it. What is stated is the {match.record.kind}{condition}:"
    if match.conditions:
        options = [_declaring(condition) for condition in match.conditions]
        hint = f" (to declare that: {' '.join(options)})" if all(options) else ""
        return f"Nothing states it as it stands. It is stated if {conditions}{hint}:"
    return "Nothing in the database states it for the variable that is meant, only for others."


def kind_asked(kind: str) -> str:
    """A kind of derivative with its article."""
    return "a Hessian" if kind == "hessian" else f"a {'Jacobian' if kind == 'jacobian' else kind}"


def _declaring(condition: str) -> str:
    """The option that declares a condition such as ``A symmetric``; "" if there is none."""
    name, _, words = condition.partition(" ")
    known = PROPERTY_WORDS.get(words, words)
    return f"--assume {name}:{known}" if known in IMPLIED and canonical_name(name) == name else ""


def compared_with(answer: Answer) -> Match | None:
    """The match that a typed result is compared with: the first, unless it is by another variable."""
    best = answer.matches[0] if answer.matches else None
    return best if best is not None and (answer.way != "near" or is_for_expected(answer, best)) else None


def is_for_expected(answer: Answer, match: Match) -> bool:
    """Whether a match is by the variable that was asked for, or that one would expect."""
    if answer.read is None:
        return True
    return match.variables == (answer.asked.variables or (expected_variable(answer.read),))
