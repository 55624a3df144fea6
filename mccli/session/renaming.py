"""A derivation of ``loss`` speaks of loss: the function gets the name that it has in the session."""

from __future__ import annotations

import re
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

from mccli.expressions.graph import substitute, walk
from mccli.expressions.tree import Node, Symbol

T = TypeVar("T")
WITH_NAMES = frozenset({"function", "left"})
"""The fields of a derivation that hold a name as text: ``f``, ``df``, ``vec(df)``."""


def renamed(derivation: T, old: str, new: str) -> T:
    """A derivation (or a part of one) in which the function has another name, which nothing else in it has."""
    return derivation if old == new else _Renaming(old, new).of(derivation)


class _Renaming:
    def __init__(self, old: str, new: str) -> None:
        self.old, self.new = old, new
        self.pattern = re.compile(rf"(?<!\w)(d?|d²){re.escape(old)}(?!\w)")

    def of(self, value: Any) -> Any:
        """The value with the name replaced, however deep."""
        if isinstance(value, Node):
            return self.node(value)
        if isinstance(value, tuple):
            parts = [self.of(part) for part in value]
            return type(value)(*parts) if hasattr(value, "_fields") else tuple(parts)
        if not is_dataclass(value) or isinstance(value, type):
            return value
        return replace(value, **{f.name: self.field(f.name, getattr(value, f.name)) for f in fields(value) if f.init})

    def field(self, name: str, value: Any) -> Any:
        if isinstance(value, str):
            return self.pattern.sub(rf"\g<1>{self.new}", value) if name in WITH_NAMES else value
        return self.of(value)

    def node(self, node: Node) -> Node:
        names = {self.old: self.new, f"d{self.old}": f"d{self.new}"}
        if not names.keys() & node.symbols:
            return node
        own = [n for n in walk(node) if isinstance(n, Symbol) and n.name in names]
        return substitute(node, {s: Symbol(names[s.name], s.shape, s.properties, s.role) for s in own})
