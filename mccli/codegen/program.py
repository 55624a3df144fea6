"""What a program is made from: the inputs, the functions it is given, the helpers it needs, and all their names."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cached_property

from mccli.codegen.context import Names
from mccli.codegen.helpers import helper_names, needed_names
from mccli.codegen.naming import fresh, python_name, unique_names
from mccli.expressions.graph import walk
from mccli.expressions.operation import Operation
from mccli.expressions.sizes import SCALAR
from mccli.expressions.tree import Apply, Constant, Node, Symbol
from mccli.language.rules import meaning

Definitions = Sequence[tuple[Symbol, Node]]
"""Names for parts with what they stand for, as r = A x - b; each may use the others."""

BUILTINS = frozenset({"np", "int", "float", "range"})
"""Names that any program may use."""


class Program:
    """The parts of a program and their Python names."""

    def __init__(
        self,
        roots: Mapping[str, Node],
        symbols: Mapping[str, Symbol],
        letters: Collection[str],
        definitions: Definitions = (),
    ) -> None:
        self.roots = roots
        self.definitions = {symbol.name: node for symbol, node in definitions}
        formulas = [*roots.values(), *self.definitions.values()]
        self.own = list(dict.fromkeys(node for formula in formulas for node in walk(formula)))
        self.nodes = [*self.own, *_body_nodes(self.own)]
        self.indices = {s.name for n in self._applications("series") for s in n.arguments[:1] if isinstance(s, Symbol)}
        self.inputs = self._inputs(symbols)
        self.functions = {n.operation.name: n.operation for n in self._applications() if n.operation.declared}
        self.helpers = needed_names(_helpers(self.nodes))
        self.names = self._names(letters)

    def nodes_of(self, root: Node) -> list[Node]:
        """The nodes of a formula and of the definitions that it uses."""
        found = dict.fromkeys(walk(root))
        waiting = [n.name for n in found if isinstance(n, Symbol) and n.name in self.definitions]
        used: set[str] = set()
        while waiting:
            name = waiting.pop()
            if name not in used:
                used.add(name)
                inside = list(walk(self.definitions[name]))
                found |= dict.fromkeys(inside)
                waiting += [n.name for n in inside if isinstance(n, Symbol) and n.name in self.definitions]
        return list(found)

    def _applications(self, name: str = "") -> list[Apply]:
        return [n for n in self.nodes if isinstance(n, Apply) and name in ("", n.operation.name)]

    def _inputs(self, symbols: Mapping[str, Symbol]) -> list[Symbol]:
        """The declared symbols, then those that occur without being declared, as an upstream gradient."""
        found = {s.name: s for s in symbols.values() if s.name not in self.definitions}
        for node in self.own:
            if isinstance(node, Symbol) and node.name not in self.definitions and node.name not in self.indices:
                found.setdefault(node.name, node)
        return list(found.values())

    def _names(self, letters: Collection[str]) -> Names:
        """Python names: the inputs keep theirs, everything else makes way."""
        taken = set(self.reserved)
        inputs = unique_names([s.name for s in self.inputs], self.reserved)
        taken |= set(inputs.values())
        functions: dict[str, str] = {}
        for name, record in self.functions.items():
            functions[name] = fresh(callable_name(record), taken)
            taken.add(functions[name])
        sizes = unique_names(sorted(self._letters(letters)), taken)
        inner = unique_names([*self.definitions, *sorted(self.indices)], taken | set(sizes.values()))
        indices = {name: inner[name] for name in self.indices}
        return Names({**inputs, **inner}, {**sizes, **indices}, functions)

    @cached_property
    def reserved(self) -> frozenset[str]:
        """Names that no input may have."""
        looped = frozenset({"sum"}) if self.indices else frozenset()
        copied = frozenset({"math", *self.helpers}) if self.helpers else frozenset()
        return BUILTINS | looped | copied

    def _letters(self, letters: Collection[str]) -> set[str]:
        """The size letters, without the indices of finite sums."""
        shapes = [n.shape for n in (*self.own, *self.inputs)]
        sizes = [s for shape in shapes for s in shape]
        sizes += [s for n in self.own if isinstance(n, Constant | Apply) for s in n.sizes]
        return (set(letters) | {letter for size in sizes for letter in size.letters()}) - self.indices

    @property
    def taken(self) -> frozenset[str]:
        """All names that are given."""
        names = self.names
        return self.reserved.union(names.symbols.values(), names.letters.values(), names.functions.values())

    @property
    def numbers(self) -> frozenset[str]:
        """The variables that are single numbers: sizes and scalar inputs."""
        scalars = {self.names.symbols[s.name] for s in self.inputs if s.is_scalar}
        return frozenset(scalars).union(self.names.letters.values())

    @property
    def given_functions(self) -> dict[str, Operation]:
        """Declared functions without a body: the caller supplies them."""
        return {n: op for n, op in self.functions.items() if op.declared and op.declared[1] != "defined"}

    @property
    def defined_functions(self) -> dict[str, Operation]:
        """Declared functions with a body."""
        return {n: op for n, op in self.functions.items() if op.declared and op.declared[1] == "defined"}


def body_of(record: Operation) -> tuple[Symbol, Node]:
    """The argument of a function with a body, and the body for a number."""
    argument = Symbol(record.parameters[0], SCALAR)
    return argument, meaning(Apply(record, (argument,), (), SCALAR))


def _body_nodes(nodes: Iterable[Node]) -> list[Node]:
    """The nodes in the bodies of the defined functions that occur, and in the bodies of those that occur there."""
    found: list[Node] = []
    waiting = [n.operation for n in nodes if isinstance(n, Apply)]
    seen: set[str] = set()
    while waiting:
        record = waiting.pop()
        if record.declared and record.declared[1] == "defined" and record.name not in seen:
            seen.add(record.name)
            inside = list(walk(body_of(record)[1]))
            found += inside
            waiting += [n.operation for n in inside if isinstance(n, Apply)]
    return found


_IN_NUMPY = frozenset({"eye", "ones", "zeros", "unit", "pi", "size"})
"""Constants that need no helper."""


def _helpers(nodes: Iterable[Node]) -> set[str]:
    """The helpers that the templates of the nodes mention."""
    found: set[str] = set()
    for node in nodes:
        if isinstance(node, Constant):
            found |= {node.name} - _IN_NUMPY
        elif isinstance(node, Apply) and not node.operation.declared:
            found |= set(re.findall(r"(?<![.#\w])\w+(?=\()", node.operation.numpy))
    found -= BUILTINS
    return found & helper_names() if found else found


_CALLABLES = {
    ("scalar", 0): "{}", ("scalar", 1): "grad_{}", ("scalar", 2): "hess_{}",
    ("elementwise", 0): "{}", ("elementwise", 1): "d{}",
    ("array", 0): "{}", ("array", 1): "J_{}", ("array", 2): "H_{}", ("defined", 0): "{}",
}  # fmt: skip


def callable_name(record: Operation) -> str:
    """``L``, ``grad_L``, ``hess_L``, ``phi``, ``dphi``, ``d2phi``, ``g``, ``J_g``, ``H_g``."""
    assert record.declared is not None
    name, kind, order = record.declared
    return _CALLABLES.get((kind, order), f"d{order}{{}}").format(python_name(name))
