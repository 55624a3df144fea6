"""The source text that is copied into programs."""

from __future__ import annotations

import ast
from importlib.resources import files

from mccli.codegen.helpers import SOURCES


def test_no_name_stands_in_two_files() -> None:
    """The helpers are found by name alone: a second one would silently take the place of the first."""
    names: list[str] = []
    for source in SOURCES:
        statements = ast.parse(files("mccli").joinpath("numeric", source).read_text(encoding="utf-8")).body
        names += [s.name for s in statements if isinstance(s, ast.FunctionDef)]
        names += [t.id for s in statements if isinstance(s, ast.Assign) for t in s.targets if isinstance(t, ast.Name)]
    assert sorted(names) == sorted(set(names))
