"""From a graph of expressions to lines of code: parts that are used more than once become variables."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

from mccli.codegen.forge import Expr, ast_children

LONGEST = 100
"""Expressions longer than this get a variable for their longest part, so that lines stay readable."""

INDENT = "    "


class Temporaries:
    """Names for variables, in the order in which they are used: t1, t2, ..."""

    def __init__(self, taken: set[str]) -> None:
        self.taken, self.count = taken, 0

    def following(self, base: str = "t") -> str:
        """The next free name."""
        while True:
            self.count += 1
            name = f"{base}{self.count}"
            if name not in self.taken:
                self.taken.add(name)
                return name


class Block:
    """The lines of one function. ``cheap`` are the variables with which computing costs nothing (sizes).

    ``loops`` are the indices of the sums around: what depends on an index is computed inside its sum,
    what does not is computed once outside.
    """

    def __init__(
        self, temporaries: Temporaries, called: Mapping[Expr, str], cheap: frozenset[str], parent: Block | None = None
    ) -> None:
        self.temporaries, self.called, self.cheap = temporaries, called, cheap
        self.lines: list[str] = []
        self.written: dict[int, ast.AST] = dict(parent.written) if parent is not None else {}
        self.loops: frozenset[str] = parent.loops if parent is not None else frozenset()

    def write(self, root: Expr) -> Expr:
        """The root as a short expression over variables; the lines that define these are kept."""
        bound = _bound_names(root)
        uses = _uses(root)
        for node in _postorder(root, self.written):
            if isinstance(node, ast.GeneratorExp):
                self.written[id(node)] = self._loop(node)
                continue
            written = self._shortened(self._rebuilt(node), node)
            if self._wants_name(node, uses, bound) and node is not root:
                written = self._assigned(written, node)
            self.written[id(node)] = written
        result = self.written[id(root)]
        assert isinstance(result, ast.expr)
        return result
