"""The text of an expression, with parentheses where ``@`` and ``*`` meet although Python needs none."""

from __future__ import annotations

import ast

MARK = "__group__"


def source(node: ast.AST) -> str:
    """The expression as a person would write it: ``(A @ B) * C``, ``(u * v) @ w``."""
    return _single_parentheses(ast.unparse(_grouped(node)).replace(f"{MARK}(", "("))


def _single_parentheses(text: str) -> str:
    """``sum(... for ...)`` where ``ast`` writes ``sum((... for ...))``."""
    start = text.find("sum((")
    while start >= 0:
        opened = start + len("sum(")
        closed = _closing(text, opened)
        if text[closed + 1] == ")":
            text = text[:opened] + text[opened + 1 : closed] + text[closed + 1 :]
        start = text.find("sum((", opened)
    return text


def _closing(text: str, opened: int) -> int:
    """Where the parenthesis that opens at a place is closed."""
    depth = 0
    for place in range(opened, len(text)):
        depth += {"(": 1, ")": -1}.get(text[place], 0)
        if not depth:
            return place
    raise ValueError(f"no parenthesis closes {text[opened:]!r}")


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
