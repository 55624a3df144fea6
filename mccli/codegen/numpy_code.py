"""One self-contained Python module that computes a function and its derivative with NumPy.

Vectors are 1-D arrays, matrices 2-D, scalars numbers; a row is a matrix of one row. Inverses are solved
for, products are bracketed to be cheap, and what is needed twice is computed once.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from mccli.calculus.rules import meaning
from mccli.codegen.block import INDENT, Block, Temporaries, postorder
from mccli.codegen.context import Names, rank
from mccli.codegen.dimensions import Dimensions
from mccli.codegen.forge import Expr, Forge
from mccli.codegen.helpers import helper_names, helper_sources, needed_names, needs_math
from mccli.codegen.lowering import Lowering
from mccli.codegen.naming import fresh, unique_names
from mccli.expressions.operation import Operation
from mccli.expressions.sizes import ONE, SCALAR, shape_text
from mccli.expressions.tree import Apply, Constant, Node, Symbol, is_operation, walk
from mccli.render.text import ascii_name, text

Definitions = Sequence[tuple[Symbol, Node]]
"""Names for parts with what they stand for, as r = A x - b; each may use the others."""

BUILTINS = frozenset({"np", "int", "float", "range"})
LONGEST_FORMULA = 400
"""Formulas with more nodes than this are left out of the docstring."""


def numpy_module(
    value: Node, derivative: Node, symbols: Mapping[str, Symbol], letters: Collection[str], *, title: str = "",
    definitions: Definitions = (),
) -> str:
    """The text of a module with ``value(**inputs)`` and ``derivative(**inputs)``; it imports NumPy only.

    ``symbols`` are the inputs, ``letters`` the size letters in their shapes. ``definitions`` are named
    parts that value and derivative may use as symbols; they become variables of these names.
    """
    return _Module(value, derivative, symbols, letters, definitions).text(title)


@dataclass(frozen=True, slots=True)
class _Body:
    """The lines of a function and what they use."""

    lines: list[str]
    result: str
    variables: frozenset[str]
    calls: frozenset[str]


class _Module:
    def __init__(
        self, value: Node, derivative: Node, symbols: Mapping[str, Symbol], letters: Collection[str],
        definitions: Definitions,
    ) -> None:
        self.roots = {"value": value, "derivative": derivative}
        self.definitions = {symbol.name: node for symbol, node in definitions}
        self.nodes = _all_nodes([value, derivative, *self.definitions.values()])
        self.inputs = self._inputs(symbols)
        self.functions = {n.operation.name: n.operation for n in self.nodes if isinstance(n, Apply) and n.operation.declared}
        self.helpers = sorted(_helpers(self.nodes))
        self.names = self._names(letters)
        self.dimensions = Dimensions(self.inputs, self.names)

    def _inputs(self, symbols: Mapping[str, Symbol]) -> list[Symbol]:
        """The declared symbols, then those that occur without being declared, as the upstream gradient."""
        bound = {n.arguments[0] for n in self.nodes if isinstance(n, Apply) and n.operation.name == "series"}
        found = {s.name: s for s in symbols.values() if s.name not in self.definitions}
        for node in self.nodes:
            if isinstance(node, Symbol) and node not in bound and node.name not in self.definitions:
                found.setdefault(node.name, node)
        return list(found.values())

    def _names(self, letters: Collection[str]) -> Names:
        reserved = BUILTINS | set(needed_names(self.helpers)) | {"math"}
        reserved |= {"sum"} if any(is_operation(n, "series") for n in self.nodes) else set()
        inputs = unique_names([s.name for s in self.inputs], reserved)
        taken = reserved | set(inputs.values())
        functions = {n: fresh(callable_name(op), taken) for n, op in self.functions.items()}
        taken |= set(functions.values())
        indices = {n.arguments[0].symbols for n in self.nodes if isinstance(n, Apply) and n.operation.name == "series"}
        occurring = set(letters) | _letters(self.nodes, self.inputs)
        sizes = unique_names(sorted(occurring - frozenset().union(*indices)), taken)
        taken |= set(sizes.values())
        inner = unique_names([*self.definitions, *sorted(frozenset().union(*indices))], taken)
        bound = {name: inner[name] for name in frozenset().union(*indices)}
        return Names({**inputs, **inner}, {**sizes, **bound}, functions)

    # ------------------------------------------------------------------------------ the text

    def text(self, title: str) -> str:
        """The whole module."""
        bodies = {name: self._body(root) for name, root in self.roots.items()}
        used = frozenset().union(*(b.variables for b in bodies.values()))
        wanted = [letter for letter, variable in self.names.letters.items() if variable in used and self._is_size(letter)]
        missing = self.dimensions.find(wanted)[1]
        local = [self._defined(op) for op in self.functions.values() if op.declared and op.declared[1] == "defined"]
        parts = [self._head(title), *self._helper_texts(bodies, local)]
        parts += [f"{source}\n" for source in local]
        parts += [self._function(name, body, bodies, missing) for name, body in bodies.items()]
        return "\n\n".join(parts)

    def _is_size(self, letter: str) -> bool:
        return letter not in self.indices()

    def indices(self) -> frozenset[str]:
        """The indices of finite sums."""
        return frozenset().union(
            *(n.arguments[0].symbols for n in self.nodes if isinstance(n, Apply) and n.operation.name == "series")
        )

    def _head(self, title: str) -> str:
        lines = [f'"""{_plain(title) or "A function and its derivative."}"""', ""]
        return "\n".join([*lines, *(["import math", ""] if needs_math(self.helpers) else []), "import numpy as np", ""])
