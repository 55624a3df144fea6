"""Functions that NumPy lacks, as source text: copied from mc's own kernels with everything they call.

The kernels are read as text, not imported, so that writing a program does not load NumPy.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from functools import cache
from importlib.resources import files

SOURCES = ("kernels.py", "matrix_functions.py")


@cache
def _definitions() -> dict[str, ast.stmt]:
    """Every function and constant of the kernel files by name, in the order of the files."""
    found: dict[str, ast.stmt] = {}
    for source in SOURCES:
        text = files("mccli").joinpath("numeric", source).read_text(encoding="utf-8")
        for statement in ast.parse(text).body:
            for name in _defined(statement):
                found[name] = statement
    return found


def _defined(statement: ast.stmt) -> list[str]:
    if isinstance(statement, ast.FunctionDef):
        return [statement.name]
    if isinstance(statement, ast.Assign):
        return [target.id for target in statement.targets if isinstance(target, ast.Name)]
    return []


@cache
def helper_names() -> frozenset[str]:
    """Every function that can be copied into a program."""
    return frozenset(name for name, s in _definitions().items() if isinstance(s, ast.FunctionDef))


def needed_names(names: Iterable[str]) -> list[str]:
    """The helpers together with everything they use, in the order of the files."""
    definitions = _definitions()
    found: set[str] = set()
    waiting = [name for name in names if name in definitions]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += [n for n in _names_in(_plain(definitions[name])) if n in definitions]
    return [name for name in definitions if name in found]


def _names_in(statement: ast.AST) -> list[str]:
    return [node.id for node in ast.walk(statement) if isinstance(node, ast.Name)]


def helper_sources(names: Iterable[str]) -> list[str]:
    """The source texts of the helpers and of everything they use."""
    return [ast.unparse(_plain(_definitions()[name])) for name in needed_names(names)]


def needs_math(names: Iterable[str]) -> bool:
    """Whether the helpers use the module ``math`` of the standard library."""
    return any("math" in _names_in(_plain(_definitions()[n])) for n in needed_names(names))


class _WithoutTypes(ast.NodeTransformer):
    """Takes the type annotations away, so that the text stands by itself."""

    def visit_arg(self, node: ast.arg) -> ast.arg:
        return ast.arg(arg=node.arg)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        self.generic_visit(node)
        node.returns = None
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST | None:
        if node.value is None:
            return None
        return ast.Assign(targets=[node.target], value=node.value)


def _plain(statement: ast.stmt) -> ast.stmt:
    copy = ast.parse(ast.unparse(statement)).body[0]
    plain = ast.fix_missing_locations(_WithoutTypes().visit(copy))
    assert isinstance(plain, ast.stmt)
    return plain
