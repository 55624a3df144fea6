"""One self-contained Python module that computes a function and its derivative with NumPy.

Vectors are 1-D arrays, matrices 2-D, scalars numbers; a row is a matrix of one row. Inverses are solved
for, products are bracketed to be cheap, and what is needed twice is computed once.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from mccli.codegen.block import INDENT, Block, Temporaries, postorder
from mccli.codegen.context import rank
from mccli.codegen.dimensions import Dimensions
from mccli.codegen.docstring import function_docstring, module_docstring
from mccli.codegen.forge import Expr, Forge
from mccli.codegen.helpers import helper_sources, needs_math
from mccli.codegen.layout import source
from mccli.codegen.lowering import Lowering
from mccli.codegen.program import Definitions, Program, body_of
from mccli.codegen.sharing import frequent_pairs
from mccli.expressions.operation import Operation
from mccli.expressions.sizes import ONE
from mccli.expressions.tree import Node, Symbol


def numpy_module(
    value: Node,
    derivative: Node,
    symbols: Mapping[str, Symbol],
    letters: Collection[str],
    *,
    title: str = "",
    definitions: Definitions = (),
) -> str:
    """The text of a module with ``value(**inputs)`` and ``derivative(**inputs)``; it imports NumPy only.

    ``symbols`` are the inputs, ``letters`` the size letters in their shapes. ``definitions`` are named
    parts that value and derivative may use as symbols; they become variables of these names.
    """
    return numpy_functions({"value": value, "derivative": derivative}, symbols, letters, title, definitions)


def numpy_functions(
    formulas: Mapping[str, Node],
    symbols: Mapping[str, Symbol],
    letters: Collection[str],
    title: str = "",
    definitions: Definitions = (),
) -> str:
    """The text of a module with a function of the inputs for every formula, by its name; it imports NumPy only."""
    return _Module(Program(formulas, symbols, letters, definitions)).text(title)


@dataclass(frozen=True, slots=True)
class _Body:
    """The lines of a function, its result, and the names that occur."""

    lines: list[str]
    result: str
    variables: frozenset[str]


class _Module:
    def __init__(self, program: Program) -> None:
        self.program, self.names = program, program.names
        self.dimensions = Dimensions(program.inputs, program.names)
        self.bodies = {name: self._body(root) for name, root in program.roots.items()}
        self.local = {n: self._defined(op) for n, op in program.defined_functions.items()}
        self.missing = self.dimensions.find(self._sizes_in(self.bodies.values()))[1]

    def text(self, title: str) -> str:
        """The whole module."""
        helpers = self._helpers()
        imports = ["import math\n"] if needs_math(helpers) else []
        head = "\n".join([module_docstring(title), "", *imports, "import numpy as np"])
        sources = [*helper_sources(helpers), *self.local.values()]
        functions = [self._function(name) for name in self.bodies]
        return "\n\n\n".join([head, *_gathered(sources), *functions]) + "\n"

    # ------------------------------------------------------------------------------ functions

    def _body(self, root: Node) -> _Body:
        forge = Forge()
        frequent = frequent_pairs(self.program.nodes_of(root))
        lowering = Lowering(forge, self.names, self.program.definitions, frequent)
        expression = _result(forge, lowering.lower(root), root)
        variables = frozenset(n.id for n in postorder(expression) if isinstance(n, ast.Name))
        block = Block(Temporaries(self.program.taken), lowering.called, self.program.numbers)
        result = source(block.write(expression))
        return _Body(block.lines, result, variables)

    def _function(self, name: str) -> str:
        body = self.bodies[name]
        lines = [
            *function_docstring(self.program, name, self.missing),
            *self._rows(body),
            *self.dimensions.find(self._sizes_in([body]))[0],
            *body.lines,
            f"return {body.result}",
        ]
        return "\n".join([f"def {name}({self._signature(name)}):", *(INDENT + line if line else "" for line in lines)])

    def _signature(self, name: str) -> str:
        inputs = [self.names.symbols[s.name] for s in self.program.inputs]
        functions = []
        for given in self.program.given_functions:
            called = self.names.functions[given]
            functions.append(called if called in self.bodies[name].variables else f"{called}=None")
        functions.sort(key=lambda f: "=" in f)
        parameters = [*inputs, *(self.names.letters[m] for m in self.missing), *functions]
        return ", ".join(["*", *parameters]) if parameters else ""

    def _rows(self, body: _Body) -> list[str]:
        """Rows are given as matrices of one row and computed with as 1-D arrays."""
        rows = [s for s in self.program.inputs if s.rows == ONE and s.columns != ONE]
        names = [self.names.symbols[s.name] for s in rows]
        return [f"{n} = np.ravel({n})" for n in names if n in body.variables]

    def _sizes_in(self, bodies: Iterable[_Body]) -> list[str]:
        used = frozenset().union(*(b.variables for b in bodies))
        sizes = {k: v for k, v in self.names.letters.items() if k not in self.program.indices}
        return [letter for letter, variable in sizes.items() if variable in used]

    def _defined(self, record: Operation) -> str:
        """A function with a body, which acts entry by entry."""
        argument, node = body_of(record)
        forge = Forge()
        names = type(self.names)({argument.name: argument.name}, self.names.letters, self.names.functions)
        expression = Lowering(forge, names, {}).lower(node)
        block = Block(Temporaries([argument.name, *self.program.reserved]), {}, frozenset())
        result = source(block.write(expression))
        lines = [*block.lines, f"return {result}"]
        return "\n".join([f"def {self.names.functions[record.name]}({argument.name}):", *(INDENT + x for x in lines)])

    def _helpers(self) -> list[str]:
        """The helpers that the text really calls."""
        used = frozenset().union(*(b.variables for b in self.bodies.values()))
        text = "\n".join(self.local.values())
        called = {n.id for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Name)}
        return sorted((used | called) & set(self.program.helpers))


def _result(forge: Forge, expression: Expr, root: Node) -> Expr:
    """What the function returns: a float, a 1-D array for one column, a matrix otherwise."""
    if root.is_scalar:
        return forge.call("float", expression)
    if rank(root.shape) == 1 and root.rows == ONE:
        return forge.make("#x[None, :]", x=expression)
    return expression


def _gathered(sources: Iterable[str]) -> list[str]:
    """Sources in which constants that follow one another stand together."""
    gathered: list[str] = []
    for piece in sources:
        plain = not piece.startswith("def ")
        if plain and gathered and not gathered[-1].startswith("def "):
            gathered[-1] += "\n" + piece
        else:
            gathered.append(piece)
    return gathered
