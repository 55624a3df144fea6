"""Python expressions as a graph in which equal parts are one object.

Expressions are nodes of the standard library's ``ast``, built from templates such as ``np.linalg.solve(#a, #b)``.
Because equal parts are the same object, a computation that occurs twice is found by counting.
"""

from __future__ import annotations

import ast
import re
from functools import cache

Expr = ast.expr


@cache
def _parsed(template: str) -> Expr:
    """The template as a syntax tree with a name ``__x`` for every place ``#x``. A cached tree is never changed."""
    return ast.parse(re.sub(r"#(\w+)", r"__\1", template), mode="eval").body


class Forge:
    """Makes expressions; two that are equal are the same object, so they can be compared by ``is``."""

    def __init__(self) -> None:
        self._known: dict[tuple[object, ...], ast.AST] = {}
        self._made: dict[int, ast.AST] = {}

    def make(self, template: str, **parts: Expr) -> Expr:
        """The expression that a template gives with its places filled."""
        made = self._filled(_parsed(template), parts)
        assert isinstance(made, ast.expr)
        return made

    def name(self, name: str) -> Expr:
        """A variable."""
        return self._expression(ast.Name(id=name, ctx=ast.Load()))

    def constant(self, value: int | float) -> Expr:
        """A number that is not negative."""
        return self._expression(ast.Constant(value=value))

    def call(self, function: str, *arguments: Expr) -> Expr:
        """A call of a function by its name."""
        places = {f"a{i}": argument for i, argument in enumerate(arguments)}
        return self.make(f"{function}({', '.join(f'#{p}' for p in places)})", **places)

    def chained(self, operator: str, operands: list[Expr]) -> Expr:
        """``a * b * c`` from the left."""
        total = operands[0]
        for operand in operands[1:]:
            total = self.make(f"#a {operator} #b", a=total, b=operand)
        return total

    def negative(self, x: Expr) -> Expr:
        """-x."""
        return self.make("-#x", x=x)

    def transposed(self, x: Expr) -> Expr:
        """x.T, and x for x.T.T."""
        return self.make("#x.T", x=x)

    def _expression(self, node: Expr) -> Expr:
        made = self._unique(node)
        assert isinstance(made, ast.expr)
        return made

    def _filled(self, node: ast.AST, parts: dict[str, Expr]) -> ast.AST:
        if id(node) in self._made:
            return node
        if isinstance(node, ast.Name) and node.id.startswith("__"):
            return parts[node.id[2:]]
        fields = {name: self._field(value, parts) for name, value in ast.iter_fields(node)}
        return self._unique(type(node)(**fields))

    def _field(self, value: object, parts: dict[str, Expr]) -> object:
        if isinstance(value, list):
            return [self._field(item, parts) for item in value]
        return self._filled(value, parts) if isinstance(value, ast.AST) else value

    def _unique(self, node: ast.AST) -> ast.AST:
        simpler = _simplified(node)
        if id(simpler) in self._made:
            return simpler
        key = (type(simpler), *(_key(value) for _, value in ast.iter_fields(simpler)))
        known = self._known.setdefault(key, simpler)
        self._made[id(known)] = known
        return known


def _key(value: object) -> object:
    if isinstance(value, list):
        return tuple(_key(item) for item in value)
    if isinstance(value, ast.AST):
        return id(value) if ast_children(value) or not isinstance(value, _MARKS) else type(value)
    return (type(value), value)


_MARKS = (ast.operator, ast.unaryop, ast.cmpop, ast.expr_context)


def ast_children(node: ast.AST) -> list[ast.AST]:
    """The parts of an expression, without operators and contexts."""
    return [child for child in ast.iter_child_nodes(node) if not isinstance(child, _MARKS)]


# ---------------------------------------------------------------------------------------------- simplification


def _simplified(node: ast.AST) -> ast.AST:
    """x for x.T.T and --x; sums of whole numbers; int() of a whole number; x for x[None, :].ravel()."""
    match node:
        case ast.Attribute(attr="T", value=ast.Attribute(attr="T", value=inner)):
            return inner
        case ast.UnaryOp(op=ast.USub(), operand=ast.UnaryOp(op=ast.USub(), operand=inner)):
            return inner
        case ast.BinOp(left=ast.Constant(value=int() as a), right=ast.Constant(value=int() as b), op=op):
            return _folded(node, a, b, op)
        case ast.Call(func=ast.Name(id="int"), args=[ast.Constant(value=int()) as inner]):
            return inner
        case ast.Call(func=ast.Attribute(attr="ravel", value=ast.Subscript() as inner), args=[]) if is_lifted(inner):
            return inner.value
    return node


def _folded(node: ast.AST, a: int, b: int, op: ast.operator) -> ast.AST:
    if isinstance(op, ast.Add):
        return ast.Constant(value=a + b)
    if isinstance(op, ast.Sub) and a >= b:
        return ast.Constant(value=a - b)
    return ast.Constant(value=a * b) if isinstance(op, ast.Mult) else node


def is_lifted(node: ast.Subscript) -> bool:
    """Whether the subscript is ``[:, None]`` or ``[None, :]``, which makes a matrix of a vector."""
    if not isinstance(node.slice, ast.Tuple) or len(node.slice.elts) != 2:
        return False
    return sum(isinstance(e, ast.Constant) and e.value is None for e in node.slice.elts) == 1
