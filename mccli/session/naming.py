"""Which names can be given: none has two meanings in a session, so no answer depends on which one was meant."""

from __future__ import annotations

from mccli.errors import McError, NameMistake
from mccli.expressions.constants import CONSTANTS
from mccli.language.declare import Scope, function_spellings
from mccli.language.definitions import names_in
from mccli.language.elaborate import elaborate
from mccli.language.names import GREEK_NAME, canonical_name
from mccli.session.state import ANS, State
from mccli.session.statement import ALIASES, COMMANDS, KINDS

RESERVED = {
    "d": "d is the differential at the start of a line; inside a formula it is a symbol without a declaration",
    "I": "I is the identity matrix",
    "π": "π is a number",
    ANS: f"{ANS} is the last result",
}
WORDS = frozenset({*COMMANDS, *ALIASES, *KINDS, "where", "wrt"})


def refuse_symbol(state: State, name: str, sizes: frozenset[str]) -> None:
    """NameMistake if a symbol cannot be declared: its name, or a size in its shape, means something else already."""
    _refuse_meaning(name)
    if name in state.scope.expressions or name in state.functions:
        raise NameMistake(f"{name} is defined as {_meaning(state, name)}", notes=[_forget(name)])
    _refuse_size(state, name)
    _refuse_differential(state, name)
    for size in sorted(sizes):
        _refuse_as_size(state, size, name)


def refuse_definition(state: State, name: str) -> None:
    """NameMistake if a name cannot stand for an expression or a function."""
    _refuse_meaning(name)
    if name in state.declared():
        raise NameMistake(f"{name} is declared as a symbol ({state.said(name)})", notes=[_forget(name)])
    _refuse_size(state, name)
    _refuse_differential(state, name)
    known = name in state.defined()
    users = () if known else state.users(name)
    if users:
        raise NameMistake(
            f"{name} is a symbol in {' and '.join(users)}",
            notes=["another name leaves that as it is", f"clear {' '.join(users)} forgets {_them(users)}"],
        )


def refuse_clearing(state: State, names: list[str]) -> None:
    """NameMistake if a definition that stays would take a name that goes for a symbol."""
    for name in names:
        if name not in state.names() and name != ANS:
            raise NameMistake(f"nothing is known of {name}", notes=["vars lists the names"])
        users = [] if name in state.declared() else [u for u in state.users(name) if u not in names]
        if users:
            raise NameMistake(f"{' and '.join(users)} would lose {name}", notes=[f"clear {' '.join([name, *users])}"])


def describe_redefinition(state: State, name: str) -> tuple[str, ...]:
    """What is said where a name gets another meaning."""
    if name not in state.defined():
        return ()
    users = state.users(name)
    follows = f"; {' and '.join(users)} {'follow' if len(users) > 1 else 'follows'}" if users else ""
    return (f"{name} was {_meaning(state, name)}{follows}",)


def unchanging_function(state: State, name: str) -> None:
    """NameMistake if another function was worked out from a function: it would keep the old one."""
    users = [f for f, function in state.functions.items() if name in function.uses]
    if users:
        raise NameMistake(f"{' and '.join(users)} was worked out from {name}", notes=[_forget(" ".join(users))])


def _refuse_meaning(name: str) -> None:
    if name in RESERVED:
        raise NameMistake(RESERVED[name], notes=["choose another name"])
    if name in WORDS:
        raise NameMistake(f"{name} is a word of the session", notes=["choose another name"])
    spelled = {name, GREEK_NAME.get(name, name)}
    if spelled & set(function_spellings(Scope())) or name in CONSTANTS:
        raise NameMistake(f"{name} is a function of mc", notes=["choose another name"])


def _refuse_size(state: State, name: str) -> None:
    for symbol, shape in state.scope.shapes.items():
        if any(name in size.letters() for size in shape):
            raise NameMistake(
                f"{name} is a size: {symbol} is {state.said(symbol)}",
                notes=[f"another name, or another letter in the declaration of {symbol}"],
            )


def _refuse_as_size(state: State, size: str, name: str) -> None:
    users = state.users(size)
    if size in state.declared() or size in state.defined():
        what = f"declared as a symbol ({state.said(size)})" if size in state.declared() else "defined"
        raise NameMistake(
            f"{size} is no free size for {name}: it is {what}", notes=["take another letter for the size"]
        )
    symbols = [u for u in users if size in _symbols_of(state, u)]
    if symbols:
        raise NameMistake(
            f"{size} is no free size for {name}: it is a symbol in {' and '.join(symbols)}",
            notes=["take another letter for the size"],
        )


def _symbols_of(state: State, name: str) -> frozenset[str]:
    """The symbols of a definition; sizes are none."""
    try:
        return frozenset(elaborate(state.call(name), state.scope, scalar=True).symbols)
    except McError:
        return frozenset()


def _refuse_differential(state: State, name: str) -> None:
    """``dx`` beside ``x``: one of them is the other's differential."""
    every = {*state.declared(), *state.defined()}
    every |= {n for d in state.scope.expressions.values() for n in names_in(d.tree)}
    inner = canonical_name(name[1:]) if name.startswith("d") and len(name) > 1 else ""
    if inner in every:
        raise NameMistake(f"{name} is the differential of {inner}", notes=["choose another name"])
    if f"d{name}" in every:
        raise NameMistake(f"d{name} would be the differential of {name}", notes=["choose another name"])


def _meaning(state: State, name: str) -> str:
    if name in state.functions:
        return state.functions[name].text
    definition = state.scope.expressions[name]
    return definition.text.partition("=")[2].strip()


def _forget(names: str) -> str:
    return f"clear {names} forgets {_them(names.split())}"


def _them(names: list[str] | tuple[str, ...]) -> str:
    return "them" if len(names) > 1 else "it"
