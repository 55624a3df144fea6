"""A record over the user's own symbols, if that is the typed function: sizes fitted, equality decided."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from mccli.calculus.structure import CURVED
from mccli.errors import McError
from mccli.expressions.properties import LINEAR_SPACES
from mccli.expressions.sizes import Size, Unifier, letter_size
from mccli.expressions.tree import Constant, Node, Symbol, Transpose, number, split_coefficient, traits
from mccli.identities.assumptions import DECLARED, is_about_values
from mccli.identities.equality import equal, rational_factor
from mccli.identities.instantiate import instantiate
from mccli.identities.matched import Match, Question
from mccli.identities.reduce import Reduced
from mccli.identities.statement import Statement
from mccli.language.declare import Scope
from mccli.language.elaborate import elaborate
from mccli.language.names import canonical_name


def bound(
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
    if not _keeps_signs(statement, typed, reduced):
        return None
    if not statement.expression.symbols <= typed.keys() or not _in_the_same_space(statement, typed):
        return None  # a symbol that stands for nothing would be left in the answer
    if statement.record.field != "complex" and any("complex" in s.properties for s in typed.values()):
        return None  # what holds for real arrays says nothing about complex ones
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


def _in_the_same_space(statement: Statement, typed: Mapping[str, Symbol]) -> bool:
    """Whether the record's variables are in every set that the user's are declared to be in."""
    known = LINEAR_SPACES | CURVED.keys()
    return all(typed[v.name].properties & known <= v.properties for v in statement.variables if v.name in typed)


def _keeps_signs(statement: Statement, typed: Mapping[str, Symbol], reduced: Reduced) -> bool:
    """Whether no symbol that the record takes as positive stands for minus something."""
    above = {a.subject.removeprefix("all ") for a in statement.assumptions if a.kind in ("above", "between")}
    return not any(
        name in map(canonical_name, above) and split_coefficient(reduced.meaning(symbol))[0] < 0
        for name, symbol in typed.items()
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
    names = {name: _called(node) or f"(what stands for {name})" for name, node in symbols.items()}
    record = statement.record
    for text, assumption in zip(record.assume, statement.assumptions, strict=True):
        subject, value = (canonical_name(part) for part in (assumption.subject, assumption.value))
        if subject in symbols and is_about_values(assumption) and text not in record.idle:
            yield from _lacking(names[subject], assumption.value, symbols[subject])
        if assumption.kind == "set" and subject in names and symbols.get(value) != symbols[subject]:
            yield f"{names[subject]} = {names.get(value, value)}"
    for name, node in symbols.items():
        if "complex" in statement.symbols[name].properties and "complex" not in traits(node):
            yield f"{names[name]} complex"
    if record.convention and record.convention not in ("entries", "projection", "vech"):
        variable = canonical_name(record.variables[0])
        yield f"{names.get(variable, variable)} {record.convention}"


def _lacking(name: str, words: str, node: Node) -> Iterator[str]:
    """An assumption about values, unless what stands for the symbol is declared or known to have them."""
    declared = DECLARED.get(words)
    known = declared in traits(node) if declared else False
    is_unit = isinstance(node, Constant) and node.name == "unit"
    if not known and not (is_unit and words in ("one-hot", "on the simplex", "in {0,1}")):
        yield f"{name} {words}" if declared in (None, "simplex") else f"{name} {declared}"


def _called(node: Node) -> str:
    """The user's name for a symbol or its transpose; "" for a longer part, which the card explains."""
    if isinstance(node, Transpose):
        return f"{_called(node.operand)}'" if isinstance(node.operand, Symbol) else ""
    return node.name if isinstance(node, Symbol) else ""
