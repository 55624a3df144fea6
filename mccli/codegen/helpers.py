"""Functions that NumPy lacks, as source text: copied from mc's own kernels with everything they call.

The kernels are read as text, not imported, so that writing a program does not load NumPy.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

SOURCES = (
    "kernels/arrays.py",
    "kernels/special.py",
    "kernels/summaries.py",
    "kernels/linear_algebra.py",
    "kernels/patterns.py",
    "matrix_functions.py",
)
"""The files of mccli/numeric that are copied from; a name, private or not, stands in one of them only."""


@dataclass(frozen=True, slots=True)
class Helper:
    """A function or constant of the kernels: its text, without type annotations, and the names it mentions."""

    text: str
    mentions: frozenset[str]


@cache
def _library() -> dict[str, Helper]:
    """Every helper by name, in the order of the files."""
    return {name: helper for source in SOURCES for name, helper in _read(source)}


def _read(source: str) -> Iterator[tuple[str, Helper]]:
    text = files("mccli").joinpath("numeric", source).read_text(encoding="utf-8")
    for statement in ast.parse(text).body:
        mentions = frozenset(n.id for n in ast.walk(statement) if isinstance(n, ast.Name))
        if isinstance(statement, ast.FunctionDef):
            yield statement.name, Helper(ast.unparse(_WithoutTypes().visit(statement)), mentions)
        elif isinstance(statement, ast.Assign):
            for target in statement.targets:
                if isinstance(target, ast.Name):
                    yield target.id, Helper(ast.get_source_segment(text, statement) or "", mentions)


class _WithoutTypes(ast.NodeTransformer):
    """Takes the type annotations away, so that the text stands by itself."""

    def visit_arg(self, node: ast.arg) -> ast.arg:
        node.annotation = None
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        self.generic_visit(node)
        node.returns = None
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.Assign | None:
        if node.value is None:
            return None
        return ast.copy_location(ast.Assign(targets=[node.target], value=node.value), node)


def helper_names() -> frozenset[str]:
    """Everything that can be copied into a program."""
    return frozenset(_library())


def needed_names(names: Iterable[str]) -> list[str]:
    """The helpers together with everything they use, in the order of the files."""
    waiting = list(names)
    if not waiting:
        return []
    library = _library()
    found: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name in library and name not in found:
            found.add(name)
            waiting += library[name].mentions
    return [name for name in library if name in found]


def helper_sources(names: Iterable[str]) -> list[str]:
    """The texts of the helpers and of everything they use."""
    return [_library()[name].text for name in needed_names(names)]


def needs_math(names: Iterable[str]) -> bool:
    """Whether the helpers use the module ``math`` of the standard library."""
    return any("math" in _library()[name].mentions for name in needed_names(names))
