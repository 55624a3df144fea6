"""Questions about expressions: the expression itself with its shape, and its derivatives."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from mccli.errors import AmbiguityError, Mark, McError, NameMistake, ShapeError, Span, closest
from mccli.expressions.sizes import SCALAR
from mccli.expressions.tree import Node
from mccli.language.definitions import used_definitions
from mccli.language.elaborate import Elaborated, elaborate
from mccli.language.names import canonical_name
from mccli.session.derivatives import derive
from mccli.session.loading import load
from mccli.session.reply import Derived, Solved, Value
from mccli.session.state import ANS, WORD, State
from mccli.session.statement import Ask

_NAME = re.compile(r"\\?[^\W\d_][\w₀-₉]*")
_CALLED = re.compile(r"([^\W\d_][\w₀-₉]*)('+)\(")


def read(state: State, text: str) -> Elaborated:
    """An expression under the present declarations. McError if it cannot be read in one way, or is out of date."""
    refuse_unclear(state, text)
    try:
        return _without_idle(state, elaborate(text, state.scope, scalar=True))
    except ShapeError:
        return elaborate(text, state.scope)  # the same mistake, with fixes that need not give a scalar


def _without_idle(state: State, found: Elaborated) -> Elaborated:
    """Without the remarks that other declarations of the session do not occur in this expression."""
    idle = {f"{name} is declared but does not occur" for name in state.scope.names()}
    return found._replace(notes=tuple(n for n in found.notes if n not in idle))


def value(state: State, text: str) -> Value:
    """The expression itself."""
    text = _called(state, text)
    found = read(state, text)
    name = canonical_name(text)
    known = name in state.names() or name == ANS
    lonely = len(found.symbols) == 1 and name in found.symbols and not known
    notes = (f"{name} is neither declared nor defined: what it is comes from its letter",) if lonely else ()
    return Value(text if known or text.partition("(")[0] in state.defined() else "", found, notes)


def derivative(state: State, ask: Ask) -> Derived | Solved:
    """A derivative, or the stationary points. AmbiguityError if the line can be read as asking for two."""
    found: list[tuple[str, Derived | Solved]] = []
    first: McError | None = None
    for expression, variables in _readings(state, ask):
        try:
            by = f" wrt {', '.join(variables)}" if variables else ""
            found.append((f"({expression}){by}", _derive(state, ask.kind, expression, variables, ask.constraints)))
        except McError as error:
            first = first or error
    if not found:
        assert first is not None
        raise first
    if len(found) > 1:
        raise AmbiguityError(
            "this can be read in two ways", notes=[f"write {_word(ask.kind)} {reading}" for reading, _ in found]
        )
    return found[0][1]


def _word(kind: str) -> str:
    return {"gradient": "grad", "derivative": "derivative"}.get(kind, kind)


def _readings(state: State, ask: Ask) -> list[tuple[str, tuple[str, ...]]]:
    """``grad f x`` is the gradient of f by x where f is one name; else the whole may be the expression as well."""
    whole = (ask.expression, ask.variables)
    if ask.perhaps is None:
        return [whole]
    before, name = ask.perhaps
    split = (before, (name,))
    return [split] if _NAME.fullmatch(before) and before not in state.scope.functions else [split, whole]


def _derive(
    state: State, kind: str, expression: str, variables: Sequence[str], constraints: Sequence[str]
) -> Derived | Solved:
    name = canonical_name(expression)
    _refuse_undefined(state, expression)
    variables = [canonical_name(v) for v in variables] or list(state.arguments(name))
    inner = state
    notes: tuple[str, ...] = ()
    for variable in variables:
        inner, said = _as_symbol(inner, variable)
        notes += said
    found = read(inner, _called(inner, expression))
    label = name if name in state.defined() else ""
    if kind == "solve":
        return _solve(inner, _called(inner, expression), variables, constraints)._replace(label=label, notes=notes)
    answer = derive(found, kind, variables, label, state.names(), _parts(inner, found))
    return answer._replace(notes=(*answer.notes, *notes))


def _solve(state: State, expression: str, variables: Sequence[str], constraints: Sequence[str]) -> Solved:
    """The stationary points of an expression, perhaps under equations."""
    for constraint in constraints:
        refuse_unclear(state, constraint)
    load("mccli.numeric.certify")
    result = load("mccli.solving").solve_in(state.scope, expression, variables, constraints)
    return Solved(replace(result, elaborated=_without_idle(state, result.elaborated)), tuple(constraints))


def _parts(state: State, found: Elaborated) -> dict[str, Node]:
    """What the names in an expression stand for, in the shapes that were found: the steps call these parts so."""
    names = frozenset(canonical_name(word) for word in WORD.findall(found.text))
    scope = state.scope._replace(shapes={**state.scope.shapes, **{n: s.shape for n, s in found.symbols.items()}})
    used = [n for n in used_definitions(names, scope.expressions) if not state.arguments(n)]
    return {name: elaborate(name, scope, scalar=True).expression for name in sorted(used)}


def _called(state: State, text: str) -> str:
    """``f`` alone, where f is a function of its arguments, is f(x)."""
    name = canonical_name(text) if _NAME.fullmatch(text.strip()) else ""
    return state.call(name) if name and state.arguments(name) else text


def _as_symbol(state: State, variable: str) -> tuple[State, tuple[str, ...]]:
    """The state in which a defined name is a variable: by ``r`` where ``r = A x - b`` is an intermediate result."""
    if variable in state.functions or state.arguments(variable):
        raise NameMistake(f"{variable} is a function, not a variable")
    if variable not in state.scope.expressions:
        return state, ()
    node = read(state, variable).expression
    scope = state.without([variable]).scope
    scope = scope._replace(shapes={**scope.shapes, variable: node.shape})
    return state._replace(scope=scope), (f"{variable} varies by itself here; what it stands for is not looked into",)


# ------------------------------------------------------------------------------------------------ refusals


def refuse_unclear(state: State, text: str) -> None:
    """McError if a text uses a result that is out of date, or what looks like a derivative and would be a product."""
    _refuse_stale(state, text)
    _refuse_differential(state, text)
    _refuse_primes(state, text)


def _refuse_undefined(state: State, text: str) -> None:
    """``grad f x`` before f was defined: the derivative of a symbol f would be 0."""
    if not _NAME.fullmatch(text):
        return
    name = canonical_name(text)
    if name in state.names() or name == ANS:
        return
    near = closest(name, state.names())
    notes = [f"did you mean {near}?"] if near else [f"{name} = ... defines it"]
    raise NameMistake(f"{name} is not defined", notes=notes)


def _refuse_stale(state: State, text: str) -> None:
    """A result does not outlive what it was found from."""
    names = frozenset(canonical_name(n) for n in WORD.findall(text))
    for name in sorted(used_definitions(names, state.scope.expressions)):
        changed = state.changed_since(name)
        if changed:
            asked = state.bases[name].asked
            again = f"ask for it again: {asked}" if asked else "ask for it again"
            raise NameMistake(f"{name} does not hold any more: {changed}", notes=[again])


def _refuse_differential(state: State, text: str) -> None:
    """``df`` inside an expression would be read as the product d f."""
    for found in re.finditer(r"(?<![\w\\])d([^\W\d_][\w₀-₉]*)", text):
        name = canonical_name(found[1])
        if name in state.names() and canonical_name(found[0]) not in state.names():
            raise NameMistake(
                f"{found[0]} is the differential of {name}, which stands at the start of a line only",
                marks=[Mark(Span(found.start(), found.end()), focus=True)],
                notes=[f"for a product write d*{found[1]}"],
                source=text,
            )


def _refuse_primes(state: State, text: str) -> None:
    """``f'(x)`` of a scalar f is a derivative for whoever writes it, and would be read as a product."""
    for found in _CALLED.finditer(text):
        name = canonical_name(found[1])
        if name in state.scope.expressions and read(state, state.call(name)).expression.shape == SCALAR:
            raise AmbiguityError(
                f"{found[0][:-1]} of a scalar, before a parenthesis, looks like a derivative",
                marks=[Mark(Span(found.start(), found.end() - 1), focus=True)],
                notes=[f"grad {name} x is the gradient", f"for a product write {name}*(...)"],
                source=text,
            )
