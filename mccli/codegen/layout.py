"""The text of an expression, with parentheses where ``@`` and ``*`` meet although Python needs none."""

from __future__ import annotations

import ast

MARK = "__group__"


def source(node: ast.AST) -> str:
    """The expression as a person would write it: ``(A @ B) * C``, ``(u * v) @ w``."""
    return ast.unparse(_grouped(node)).replace(f"{MARK}(", "(")


def _grouped(node: ast.AST) -> ast.AST:
    fields = {name: _field(value) for name, value in ast.iter_fields(node)}
    fresh = type(node)(**fields)
    if isinstance(fresh, ast.BinOp) and isinstance(fresh.left, ast.BinOp) and _meet(fresh.left.op, fresh.op):
        fresh.left = ast.Call(func=ast.Name(id=MARK, ctx=ast.Load()), args=[fresh.left], keywords=[])
    return fresh


def _field(value: object) -> object:
    if isinstance(value, list):
        return [_field(item) for item in value]
    return _grouped(value) if isinstance(value, ast.AST) else value


def _meet(inner: ast.operator, outer: ast.operator) -> bool:
    """Whether an entrywise product stands before a matrix product, or a matrix product before a factor."""
    entrywise = (ast.Mult, ast.Div)
    if isinstance(outer, ast.MatMult):
        return isinstance(inner, entrywise)
    return isinstance(outer, ast.Mult) and isinstance(inner, ast.MatMult)
