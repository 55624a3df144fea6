"""The docstrings of generated modules: the formula, and the shapes of what goes in and comes out."""

from __future__ import annotations

from collections.abc import Sequence

from mccli.codegen.context import Names
from mccli.codegen.program import Program
from mccli.expressions.graph import walk
from mccli.expressions.operation import Operation
from mccli.expressions.sizes import ONE, SCALAR, Shape, shape_text
from mccli.expressions.tree import Node, Symbol
from mccli.render.text import text

LONGEST_FORMULA = 300
"""A formula with more nodes than this is left out."""


def module_docstring(title: str) -> str:
    """The docstring of the module."""
    return f'"""{_safe(title.strip()) or "A function and its derivative."}"""'


def function_docstring(program: Program, name: str, missing: Sequence[str]) -> list[str]:
    """The lines of the docstring of ``value`` or ``derivative``."""
    root = program.roots[name]
    lines = [_formula(root), *_where(program, root), ""]
    lines += [f"{program.names.symbols[s.name]}: {_input(s, program.names)}" for s in program.inputs]
    lines += [f"{program.names.letters[letter]}: a size" for letter in missing]
    lines += [f"{program.names.functions[n]}: {_function(op)}" for n, op in program.given_functions.items()]
    lines.append(f"returns: {array_text(root.shape)}")
    first, *rest = (_safe(line) for line in lines)
    return [f'"""{first}', *rest, '"""']


def _safe(line: str) -> str:
    """The line as it may stand in a docstring."""
    line = line.replace("\\", "\\\\").replace('"""', "'''")
    return f"{line} " if line.endswith('"') else line


def _formula(node: Node) -> str:
    return text(node, ascii_only=True) if printed_size(node) <= LONGEST_FORMULA else "(too long to print)"


def printed_size(node: Node) -> int:
    """The number of nodes of the printed formula, shared parts counted each time."""
    sizes: dict[Node, int] = {}
    for current in walk(node):
        sizes[current] = min(10**9, 1 + sum(sizes[c] for c in current.children()))
    return sizes[node]


def _where(program: Program, root: Node) -> list[str]:
    """The definitions that the formula uses, in the order of the list."""
    needed: set[str] = set()
    waiting = [root]
    while waiting:
        fresh = (waiting.pop().symbols & set(program.definitions)) - needed
        needed |= fresh
        waiting += [program.definitions[name] for name in fresh]
    word = "where"
    lines = []
    for name, node in program.definitions.items():
        if name in needed:
            lines.append(f"{word} {program.names.symbols[name]} = {_formula(node)}")
            word = "     "
    return lines


def _input(symbol: Symbol, names: Names) -> str:
    renamed = names.symbols[symbol.name]
    said = array_text(symbol.shape)
    plain = text(symbol, ascii_only=True)
    return said if plain == renamed else f"{said} ({plain} in the formula)"


def array_text(shape: Shape) -> str:
    """A shape for a person who programs: ``scalar``, ``array of length n``, ``m x n array``."""
    if shape == SCALAR:
        return "scalar"
    if shape[1] == ONE:
        return f"1-D array of length {shape[0]}"
    return f"{shape_text(shape, times=' x ')} array"


_SAID = {
    ("scalar", 0): "function, the value of {}",
    ("scalar", 1): "function, the gradient of {}, of the shape of its argument",
    ("scalar", 2): "function, the Hessian matrix of {} (in vec order, columns stacked)",
    ("elementwise", 0): "function, {} of every entry",
    ("elementwise", 1): "function, the derivative of {} of every entry",
    ("array", 0): "function, the value of {}",
    ("array", 1): "function, the Jacobian matrix of {} (vec by vec, columns stacked)",
    ("array", 2): "function of x and w, the sum of w_i times the Hessian of the i-th entry of {} (vec order)",
}


def _function(record: Operation) -> str:
    assert record.declared is not None
    name, kind, order = record.declared
    plain = text(Symbol(name, SCALAR), ascii_only=True)
    return _SAID.get((kind, order), f"function, derivative {order} of {{}} of every entry").format(plain)
