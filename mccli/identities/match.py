"""Records that state a given function: found by signature, confirmed by exact evaluation, told in the user's names.

A candidate counts only if the function it states, written over the user's symbols, equals what was typed (up to
a factor and an added term without the variable). Equality is decided over a prime field with all sizes different
and the declared properties in force, so nothing is found for an expression that is not equal to it.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

from mccli.errors import RecordMistake
from mccli.expressions.tree import number, split_coefficient
from mccli.identities.binding import bound
from mccli.identities.catalogue import Library
from mccli.identities.matched import PREFERRED, Match, Question
from mccli.identities.ranking import ranked
from mccli.identities.reduce import Reduced, reductions, with_logdet
from mccli.identities.signature import Signature, affine_signature, exact_signature
from mccli.identities.special import specialized
from mccli.identities.statement import understand
from mccli.language.names import canonical_name

MOST_REDUCTIONS = 8
MOST_VARIABLES = 8
"""Symbols that are tried as the variable where none is given."""


def find(library: Library, question: Question, wrt: Sequence[str] = (), kind: str = "") -> list[Match]:
    """The records that state the function, best first; empty if there is none.

    The typed expression is tried as it stands for every variable, then reduced, then as a special case.
    """
    chosen = [v for v in _variable_sets(question, wrt, kind) if all(name in question.symbols for name in v)]
    forms = dict.fromkeys((question.expression, with_logdet(question.expression)))
    queues = {(v, form): reductions(form, v) for v in chosen for form in forms}
    everything: list[Match] = []
    for steps in range(MOST_REDUCTIONS):
        found: list[Match] = []
        for (variables, _), queue in queues.items():
            reduced = next(queue, None)
            if reduced is None:
                continue
            matches = _exactly(library, question, reduced, variables)
            for find_more in (_affinely, _as_multiple):
                if not any(match.unconditional for match in matches):
                    matches += find_more(library, question, reduced, variables)
            found += [match._replace(steps=steps) for match in matches]
        everything += found
        if any(match.unconditional and match.variables == chosen[0] for match in everything):
            break
        if any(match.unconditional and match.alias for match in found):
            break
    if not any(match.unconditional for match in everything):
        everything += [match for variables in chosen for match in _specially(library, question, variables)]
    return ranked(everything, kind)


def _variable_sets(question: Question, wrt: Sequence[str], kind: str) -> Iterator[tuple[str, ...]]:
    if wrt:
        yield tuple(canonical_name(name) for name in wrt)
        return
    names = list(question.symbols)
    first = [name for name in PREFERRED if name in names]
    ordered = [*first, *(name for name in names if name not in first)][:MOST_VARIABLES]
    for name in ordered:
        yield (name,)
    if kind == "differential" or (not kind and not question.expression.is_scalar):
        for count in (2, 3):
            yield from itertools.combinations(ordered[:4], count)


def _exactly(library: Library, question: Question, reduced: Reduced, variables: tuple[str, ...]) -> list[Match]:
    signature = exact_signature(reduced.node, variables)
    if signature is None:
        return []
    entries = library.signed("exact", signature.key)
    found = (_first_confirmed(library, entry, signature, question, reduced, variables) for entry in entries)
    return [match for match in found if match is not None]


def _affinely(library: Library, question: Question, reduced: Reduced, variables: tuple[str, ...]) -> list[Match]:
    if len(variables) > 1:
        return []
    signature = affine_signature(reduced.node, variables)
    if signature is None:
        return []
    names = [atom.name for atom in signature.order]
    entries = library.signed("affine", signature.key)
    return [
        m for entry in entries if (m := _confirmed(library, entry, names, question, reduced, variables, affine=True))
    ]


def _as_multiple(library: Library, question: Question, reduced: Reduced, variables: tuple[str, ...]) -> list[Match]:
    """Records that state the typed function without the number that stands before it."""
    coefficient, core = split_coefficient(reduced.node)
    if coefficient == 1:
        return []
    found = _exactly(library, question, Reduced(core, reduced.definitions), variables)
    return [match._replace(factor=number(coefficient), literal=False, alias="") for match in found]


def _specially(library: Library, question: Question, variables: tuple[str, ...]) -> list[Match]:
    """Records of which the typed function is a special case."""
    signature = exact_signature(question.expression, variables)
    if signature is None:
        return []
    found = []
    for name, settings in special_cases(library, signature.key):
        match = _special(library, name, settings, question, signature, variables)
        found += [match] if match is not None else []
    return found


def special_cases(library: Library, key: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The records that give a signature with the settings that do so."""
    for entry in library.signed("special", key):
        name, _, settings = entry.partition("|")
        yield name, tuple(settings.split(","))


def _special(
    library: Library,
    name: str,
    settings: tuple[str, ...],
    question: Question,
    typed: Signature,
    variables: tuple[str, ...],
) -> Match | None:
    record = library.record(name)
    case = specialized(understand(record), settings) if record is not None else None
    if case is None:
        return None
    own = exact_signature(case.expression, [v.name for v in case.variables])
    if own is None or own.key != typed.key or len(own.order) != len(typed.order):
        return None
    pairs = list(zip((a.name for a in own.order), (a.name for a in typed.order), strict=True))
    match = bound(case, pairs, question, Reduced(question.expression, {}), variables)
    return match._replace(set_to=tuple(s.replace("=", " = ") for s in settings)) if match else None


def _first_confirmed(
    library: Library,
    entry: str,
    signature: Signature,
    question: Question,
    reduced: Reduced,
    variables: tuple[str, ...],
) -> Match | None:
    """The match of the first order of the typed symbols that fits."""
    for order in (signature.order, *signature.ties):
        names = [atom.name for atom in order]
        match = _confirmed(library, entry, names, question, reduced, variables)
        if match is not None:
            return match
    return None


def _confirmed(
    library: Library,
    entry: str,
    names: Sequence[str],
    question: Question,
    reduced: Reduced,
    variables: tuple[str, ...],
    *,
    affine: bool = False,
) -> Match | None:
    name, _, order = entry.partition(":")
    record = library.record(name)
    own = order.split(",")
    if record is None or len(own) != len(names) or len(record.variables) != len(variables):
        return None
    try:
        statement = understand(record)
    except RecordMistake:
        return None
    return bound(statement, list(zip(own, names, strict=True)), question, reduced, variables, affine=affine)
