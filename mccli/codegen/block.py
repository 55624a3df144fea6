"""From a graph of expressions to lines of code: parts that are used more than once become variables."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping

from mccli.codegen.forge import Expr, ast_children, is_lifted
from mccli.codegen.layout import source

LONGEST = 100
"""Expressions longer than this get a variable for their longest part, so that lines stay readable."""

INDENT = "    "

LONGEST_TERM = 60
"""A longer body of a finite sum becomes a function of its index."""


def is_wrapper(node: ast.AST) -> bool:
    """Whether the node is a view or mere syntax: it is what it wraps that gets a variable."""
    if isinstance(node, ast.Subscript):
        return is_lifted(node)
    return isinstance(node, ast.Attribute | ast.Tuple | ast.Slice | ast.keyword | ast.comprehension | ast.GeneratorExp)


class Temporaries:
    """Names for variables, in the order in which they are used: t1, t2, ..."""

    def __init__(self, taken: Iterable[str]) -> None:
        self.taken = set(taken)
        self.counts: dict[str, int] = {}

    def following(self, base: str = "t") -> str:
        """The next free name."""
        while True:
            self.counts[base] = self.counts.get(base, 0) + 1
            name = f"{base}{self.counts[base]}"
            if name not in self.taken:
                self.taken.add(name)
                return name


class Block:
    """The lines of one function, or of the body of one finite sum.

    ``cheap`` are variables with which computing costs nothing (sizes and scalars); ``called`` are parts that have a
    name. What depends on the index of a sum is computed inside it, everything else once outside.
    """

    def __init__(
        self,
        temporaries: Temporaries,
        called: Mapping[Expr, str],
        cheap: frozenset[str],
        written: Mapping[ast.AST, ast.AST] | None = None,
        loops: frozenset[str] = frozenset(),
    ) -> None:
        self.temporaries, self.called, self.cheap, self.loops = temporaries, called, cheap, loops
        self.lines: list[str] = []
        self.written: dict[ast.AST, ast.AST] = dict(written or {})

    def write(self, root: Expr) -> Expr:
        """The root as a short expression over variables; the lines that define these are kept."""
        order = [n for n in postorder(root) if n not in self.written]
        bound = _bound_names(order, self.loops)
        uses = self._uses(order, bound)
        for node in order:
            if not bound[node] <= self.loops:
                continue
            self.written[node] = self._loop(node) if isinstance(node, ast.GeneratorExp) else self._fitted(node)
            if node is not root and self._costs(node) and (uses[node] > 1 or node in self.called):
                self._assign(node)
        result = self.written[root]
        assert isinstance(result, ast.expr)
        return result

    def _uses(self, order: list[ast.AST], bound: Mapping[ast.AST, frozenset[str]]) -> dict[ast.AST, int]:
        """How often each part is needed; twice at least where it stands in a sum on whose index it does not depend."""
        uses = dict.fromkeys(order, 0)
        uses[order[-1]] = 1
        for node in reversed(order):
            inside = not bound[node] <= self.loops
            for child in ast_children(node):
                if child in uses:
                    repeated = inside and bound[child] <= self.loops
                    uses[child] += 2 if repeated else 1 if self._costs(node) else uses[node]
        return uses

    def _costs(self, node: ast.AST) -> bool:
        """Whether the node computes something, other than a size, a view or a bit of arithmetic with numbers."""
        if not ast_children(node) or is_wrapper(node):
            return False
        is_range = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("range", "int")
        return not is_range and not self._is_cheap(node)

    def _is_cheap(self, node: ast.AST) -> bool:
        if isinstance(node, ast.BinOp):
            return self._is_cheap(node.left) and self._is_cheap(node.right)
        if isinstance(node, ast.UnaryOp):
            return self._is_cheap(node.operand)
        return isinstance(node, ast.Constant) or (isinstance(node, ast.Name) and node.id in self.cheap)

    # ------------------------------------------------------------------------------ expressions

    def _rebuilt(self, node: ast.AST) -> ast.AST:
        """The node over its children as they are written."""
        fields = {name: self._field(value) for name, value in ast.iter_fields(node)}
        return type(node)(**fields)

    def _field(self, value: object) -> object:
        if isinstance(value, list):
            return [self._field(item) for item in value]
        if not isinstance(value, ast.AST) or value not in self.written:
            return value
        wraps = is_wrapper(value) and not isinstance(value, ast.GeneratorExp)
        return self._rebuilt(value) if wraps else self.written[value]

    def _fitted(self, node: ast.AST) -> ast.AST:
        """The node as it is written, its longest parts assigned to variables while it is too long."""
        written = self._rebuilt(node)
        while self._costs(node) and len(source(written)) > LONGEST:
            part = self._longest_part(node)
            if part is None:
                break
            self._assign(part)
            written = self._rebuilt(node)
        return written

    def _longest_part(self, node: ast.AST) -> ast.AST | None:
        parts = [p for p in self._parts(node) if self._costs(p) and not isinstance(self.written[p], ast.Name)]
        return max(parts, key=lambda p: len(source(self.written[p])), default=None)

    def _parts(self, node: ast.AST) -> Iterator[ast.AST]:
        """The nearest parts below that compute something."""
        for child in ast_children(node):
            if is_wrapper(child) and child in self.written:
                yield from self._parts(child)
            elif child in self.written:
                yield child

    def _assign(self, node: ast.AST) -> None:
        assert isinstance(node, ast.expr)
        name = self.called.get(node) or self.temporaries.following()
        self.lines.append(f"{name} = {source(self.written[node])}")
        self.written[node] = ast.Name(id=name, ctx=ast.Load())

    # ------------------------------------------------------------------------------ finite sums

    def _loop(self, node: ast.GeneratorExp) -> ast.GeneratorExp:
        """The generator; a body with variables of its own becomes a function of the index."""
        (clause,) = node.generators
        assert isinstance(clause.target, ast.Name)
        index = clause.target.id
        body = Block(self.temporaries, self.called, self.cheap, self.written, self.loops | {index})
        element = body.write(node.elt)
        if body.lines or len(source(element)) > LONGEST_TERM:
            function = self.temporaries.following("term")
            self.lines.append(f"def {function}({index}):")
            self.lines += [INDENT + line for line in (*body.lines, f"return {source(element)}")]
            element = ast.Call(func=ast.Name(id=function, ctx=ast.Load()), args=[clause.target], keywords=[])
        values = self._field(clause.iter)
        assert isinstance(values, ast.expr)
        fresh = ast.comprehension(target=clause.target, iter=values, ifs=[], is_async=0)
        return ast.GeneratorExp(elt=element, generators=[fresh])


def postorder(root: ast.AST) -> list[ast.AST]:
    """Every part of the graph once, parts before what they stand in."""
    order: list[ast.AST] = []
    seen: set[ast.AST] = set()
    stack: list[tuple[ast.AST, bool]] = [(root, False)]
    while stack:
        node, expanded = stack.pop()
        if expanded:
            order.append(node)
        elif node not in seen:
            seen.add(node)
            stack.append((node, True))
            stack += [(child, False) for child in reversed(ast_children(node))]
    return order


def _bound_names(order: list[ast.AST], loops: frozenset[str]) -> dict[ast.AST, frozenset[str]]:
    """The indices of sums on which each part depends."""
    indices = loops | {_index(n) for n in order if isinstance(n, ast.GeneratorExp)}
    found: dict[ast.AST, frozenset[str]] = {}
    for node in order:
        below = frozenset().union(*(found.get(child, frozenset()) for child in ast_children(node)))
        if isinstance(node, ast.Name):
            below = indices & {node.id}
        elif isinstance(node, ast.GeneratorExp):
            below -= {_index(node)}
        found[node] = below
    return found


def _index(node: ast.GeneratorExp) -> str:
    target = node.generators[0].target
    assert isinstance(target, ast.Name)
    return target.id
