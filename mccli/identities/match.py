"""Records that state a given function: found by signature, confirmed by exact evaluation, told in the user's names.

A candidate counts only if the function it states, written over the user's symbols, equals what was typed (up to
a factor and an added term without the variable). Equality is decided over a prime field with all sizes different
and the declared properties in force, so nothing is found for an expression that is not equal to it.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from mccli.errors import McError, RecordMistake
from mccli.expressions.sizes import Size, Unifier, letter_size
from mccli.expressions.tree import Node, Number, Symbol, Transpose, number, split_coefficient, traits
from mccli.identities.catalogue import Library
from mccli.identities.equality import equal, rational_factor
from mccli.identities.instantiate import instantiate
from mccli.identities.record import KINDS, LEVELS, Record
from mccli.identities.reduce import Reduced, reductions, with_logdet
from mccli.identities.signature import Signature, affine_signature, exact_signature
from mccli.identities.special import specialized
from mccli.identities.statement import Statement, understand
from mccli.language.declare import Scope
from mccli.language.elaborate import elaborate
from mccli.language.names import canonical_name

RESTRICTING = ("spd", "psd", "symmetric", "skew", "diagonal", "orthogonal", "lower", "upper", "unit", "simplex")
"""Properties that change a result, where others (invertible, positive) only say where it is defined."""
MOST_REDUCTIONS = 4
MOST_VARIABLES = 8
"""Symbols that are tried as the variable where none is given."""
PREFERRED = ("X", "x", "W", "w")
"""The variable, where none is given."""


class Match(NamedTuple):
    """A record found for an expression.

    Attributes:
        record: the record.
        statement: the record understood.
        symbols: what its symbols are in the user's expression.
        sizes: what its size letters are there.
        functions: what its declared functions are called there.
        variables: the user's variables.
        factor: the typed function is this times the record's, plus, if ``offset``, terms without the variable.
        missing: assumptions of the record that were not declared.
        same_sizes: equations between the user's sizes under which it holds.
        set_to: matrices of the record that are the identity here (``A = I``).
        literal: whether the record's expression reads as the typed one in the user's names.
        alias: the id of the alias whose expression was typed, name by name; the record's own id if it is its own.
        steps: how far the typed expression was reduced before it was found.
    """

    record: Record
    statement: Statement
    symbols: Mapping[str, Node]
    sizes: Mapping[str, Size]
    functions: Mapping[str, str]
    variables: tuple[str, ...]
    factor: Node = number(1)
    offset: bool = False
    missing: tuple[str, ...] = ()
    same_sizes: tuple[str, ...] = ()
    set_to: tuple[str, ...] = ()
    literal: bool = False
    alias: str = ""
    steps: int = 0

    def told(self, node: Node) -> Node:
        """A formula of the record in the user's names, for the record's own function."""
        return instantiate(node, self.symbols, self.sizes, self.functions)

    @property
    def unconditional(self) -> bool:
        """Whether it holds for the expression as it was typed and declared."""
        return not self.missing and not self.same_sizes


class Question(NamedTuple):
    """An expression with what is known about its names; ``fixed`` are size letters that were declared."""

    expression: Node
    symbols: Mapping[str, Symbol]
    scope: Scope
    fixed: frozenset[str] = frozenset()


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
            matches = matches or _affinely(library, question, reduced, variables)
            matches = matches or _as_multiple(library, question, reduced, variables)
            found += [match._replace(steps=steps) for match in matches]
        everything += found
        if any(match.unconditional and match.variables == chosen[0] for match in everything):
            break
        if any(match.unconditional and match.alias for match in found):
            break
    if not any(match.unconditional for match in everything):
        everything += [match for variables in chosen for match in _specially(library, question, variables)]
    return _ranked(everything, kind)


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
    """Records of which the typed function is the case with a matrix equal to the identity."""
    signature = exact_signature(question.expression, variables)
    if signature is None:
        return []
    found = []
    for name, matrices in special_cases(library, signature.key):
        match = _special(library, name, matrices, question, variables)
        found += [match] if match is not None else []
    return found


def special_cases(library: Library, key: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The records that give a signature when the named matrices are set to the identity."""
    for entry in library.signed("special", key):
        name, _, matrices = entry.partition("|")
        yield name, tuple(matrices.split(","))


def _special(
    library: Library, name: str, matrices: tuple[str, ...], question: Question, variables: tuple[str, ...]
) -> Match | None:
    record = library.record(name)
    case = specialized(understand(record), matrices) if record is not None else None
    if case is None:
        return None
    own = exact_signature(case.expression, [v.name for v in case.variables])
    typed = exact_signature(question.expression, variables)
    if own is None or typed is None or own.key != typed.key or len(own.order) != len(typed.order):
        return None
    pairs = list(zip((a.name for a in own.order), (a.name for a in typed.order), strict=True))
    match = _bound(case, pairs, question, Reduced(question.expression, {}), variables)
    return match._replace(set_to=tuple(f"{m} = I" for m in matrices)) if match else None


# -------------------------------------------------------------------------------------------- confirmation


def _first_confirmed(
    library: Library,
    entry: str,
    signature: Signature,
    question: Question,
    reduced: Reduced,
    variables: tuple[str, ...],
    *,
    affine: bool = False,
) -> Match | None:
    """The match of the first order of the typed symbols that fits."""
    for order in (signature.order, *signature.ties):
        names = [atom.name for atom in order]
        match = _confirmed(library, entry, names, question, reduced, variables, affine=affine)
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
    return _bound(statement, list(zip(own, names, strict=True)), question, reduced, variables, affine=affine)


def _bound(
    statement: Statement,
    pairs: Sequence[tuple[str, str]],
    question: Question,
    reduced: Reduced,
    variables: tuple[str, ...],
    *,
    affine: bool = False,
) -> Match | None:
    """The record over the user's symbols, if that is the typed function."""
    functions = {a.removesuffix("()"): b.removesuffix("()") for a, b in pairs if a.endswith("()")}
    typed = {a: reduced.symbol(b, question.symbols) for a, b in pairs if not a.endswith("()")}
    pairs_of_sizes = list(_paired_sizes(statement, typed, functions, question.scope))
    fitted = _fit_sizes(statement, pairs_of_sizes, question.fixed)
    if fitted is None:
        return None
    sizes, same = fitted
    symbols = {name: instantiate(reduced.meaning(s), {}, same) for name, s in typed.items()}
    target = instantiate(reduced.full(), {}, same)
    try:
        told = instantiate(statement.expression, symbols, sizes, functions)
        factor, offset = _relation(told, target, variables, affine=affine)
    except McError:
        return None
    if factor is None:
        return None
    return Match(
        record=statement.record,
        statement=statement,
        symbols=symbols,
        sizes=sizes,
        functions=functions,
        variables=variables,
        factor=factor,
        offset=offset,
        missing=tuple(_missing(statement, symbols)),
        same_sizes=tuple(f"{letter} = {size}" for letter, size in same.items()),
        literal=_same_form(split_coefficient(told)[1], split_coefficient(target)[1]),
        alias=_typed_as(statement, symbols, target, told, variables),
    )


def _same_form(a: Node, b: Node) -> bool:
    """Whether two equal formulas are also written alike: the same nodes in the same order."""
    if a != b or type(a) is not type(b):
        return False
    pairs = zip(a.children(), b.children(), strict=False)
    return len(a.children()) == len(b.children()) and all(_same_form(x, y) for x, y in pairs)


def _typed_as(
    statement: Statement, symbols: Mapping[str, Node], target: Node, told: Node, variables: tuple[str, ...]
) -> str:
    """The id under which exactly this was typed, names included: the record's, or that of an alias; "" if neither."""
    if _same_form(told, target) and all(isinstance(n, Symbol) and n.name == name for name, n in symbols.items()):
        return statement.record.id
    typed = {n.name: n for n in symbols.values() if isinstance(n, Symbol)}
    for alias in statement.record.aliases:
        if tuple(map(canonical_name, alias.variables)) == variables:
            scope = Scope({name: s.shape for name, s in typed.items()}, {n: s.properties for n, s in typed.items()})
            try:
                if elaborate(alias.expression, scope).expression == target:
                    return alias.id
            except McError:
                continue
    return ""


def _relation(told: Node, target: Node, variables: tuple[str, ...], *, affine: bool) -> tuple[Node | None, bool]:
    """The factor between a record's function and the typed one, and whether a term without the variable is added."""
    if told.shape != target.shape:
        return None, False
    if not affine:
        return (number(1), False) if equal(told, target) else (None, False)
    return rational_factor(told, target, variables)


def _paired_sizes(
    statement: Statement, typed: Mapping[str, Symbol], functions: Mapping[str, str], scope: Scope
) -> Iterator[tuple[Size, Size]]:
    """The sizes of the record's symbols and of its functions' values, each with the user's."""
    for name, symbol in typed.items():
        yield from zip(statement.symbols[name].shape, symbol.shape, strict=True)
    for own, given in functions.items():
        shape, other = statement.scope.functions[own].value_shape, scope.functions[given].value_shape
        if shape is not None and other is not None:
            yield from zip(shape, other, strict=True)


def _fit_sizes(
    statement: Statement, pairs: Sequence[tuple[Size, Size]], fixed: frozenset[str]
) -> tuple[dict[str, Size], dict[str, Size]] | None:
    """What the record's size letters are, and which of the user's letters must be equal. None if it does not fit."""
    bound: dict[str, Size] = {}
    unifier = Unifier()
    letters: set[str] = set()
    later: list[tuple[Size, Size]] = []
    for own, given in pairs:
        letters |= set(given.letters())
        if own.letter is not None and own.letter not in bound:
            bound[own.letter] = given
        else:
            later.append((own, given))
    for own, given in later:
        if not unifier.unify(own.substitute(bound), given):
            return None
    same = {x: unifier.resolve(letter_size(x)) for x in sorted(letters)}
    same = {x: size for x, size in same.items() if size != letter_size(x)}
    if any(x in fixed or set(size.letters()) & set(statement.letters) - letters for x, size in same.items()):
        return None
    return {letter: unifier.resolve(size) for letter, size in bound.items()}, same


def _missing(statement: Statement, symbols: Mapping[str, Node]) -> Iterator[str]:
    """What the record assumes and the user did not declare: restricting properties, and values that are taken."""
    names = {name: _called(node) or name for name, node in symbols.items()}
    for name, node in symbols.items():
        lacking = [p for p in RESTRICTING if p in statement.symbols[name].properties and p not in traits(node)]
        if lacking:
            yield f"{names[name]} {lacking[0]}"
    for assumption in statement.assumptions:
        subject, value = (canonical_name(part) for part in (assumption.subject, assumption.value))
        if assumption.kind == "set" and subject in names and symbols.get(value) != symbols[subject]:
            yield f"{names[subject]} = {names.get(value, value)}"
    if statement.record.convention and statement.record.convention not in ("entries", "projection", "vech"):
        variable = canonical_name(statement.record.variables[0])
        yield f"{names.get(variable, variable)} {statement.record.convention}"


def _called(node: Node) -> str:
    """The user's name for a symbol or its transpose; "" for a longer part, which the card explains."""
    if isinstance(node, Transpose):
        return f"{_called(node.operand)}'" if isinstance(node.operand, Symbol) else ""
    return node.name if isinstance(node, Symbol) else ""


# ------------------------------------------------------------------------------------------------- ranking


def _ranked(found: Sequence[Match], kind: str) -> list[Match]:
    best: dict[tuple[str, tuple[str, ...]], Match] = {}
    for match in sorted(found, key=lambda m: _rank(m, kind)):
        best.setdefault((match.record.id, match.variables), match)
    return list(best.values())


def _rank(match: Match, kind: str) -> tuple[object, ...]:
    record = match.record
    preferred = [PREFERRED.index(v) if v in PREFERRED else len(PREFERRED) for v in match.variables]
    level = LEVELS.index(record.level)
    declared = sum(1 for s in match.statement.symbols.values() for p in RESTRICTING if p in s.properties)
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
        -declared,
        {"": 0, "projection": 1}.get(record.convention, 2),
        not match.literal,
        _weight(match.factor),
        KINDS.index(record.kind),
        level,
        preferred,
        record.id,
    )


def _weight(factor: Node) -> int:
    """How far a factor is from 1: small fractions come first, symbols last."""
    if not isinstance(factor, Number):
        return 1_000_000
    return abs(factor.value.numerator) + factor.value.denominator


def states_kind(record: Record, kind: str) -> bool:
    """Whether a record states a derivative of a kind; the proof of a gradient states the differential."""
    return kind in record.results or (kind == "differential" and record.kind == "gradient" and bool(record.proof))


def is_plain(factor: Node) -> bool:
    """Whether a factor is 1."""
    return factor == number(1)
