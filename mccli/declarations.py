"""Declarations as options and the Python interface give them: texts or mappings become a scope."""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Mapping

from mccli.language.declare import Scope, define, pointing_at, read_scope

Texts = str | Iterable[str] | Mapping[str, str]


def scope_of(shapes: Texts = (), assume: Texts = (), define: Texts = (), command: str = "{}") -> Scope:
    """A scope from texts such as ``"A:m,n"`` or mappings such as ``{"A": "m,n"}``."""
    scope = Scope(command=command)
    for definition in texts(define):
        with pointing_at(definition, "--define"):
            scope = _define(scope, definition)
    return read_scope(texts(shapes), texts(assume), base=scope)


def _define(scope: Scope, definition: str) -> Scope:
    if "=" not in definition:
        return define(scope, definition)
    symbolic = importlib.import_module("mccli.symbolic.define")  # SymPy: only for a definition with a body
    defined: Scope = symbolic.define_function(scope, definition)
    return defined


def texts(given: Texts) -> list[str]:
    """Declarations as a list of option texts."""
    if isinstance(given, str):
        return [given]
    if isinstance(given, Mapping):
        return [f"{name}:{_joined(value)}" for name, value in given.items()]
    return list(given)


def _joined(value: object) -> str:
    """A shape or several properties as text: (3, 4) and ["spd"] are read as "3,4" and "spd"."""
    return ",".join(str(v) for v in value) if isinstance(value, tuple | list) else str(value)
