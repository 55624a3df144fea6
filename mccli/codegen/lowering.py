"""From the typed tree to NumPy expressions, every node once.

Columns and rows are 1-D arrays, matrices 2-D, scalars numbers. A row and the column that is its transpose
are the same array, so they share one expression.
"""

from __future__ import annotations

from collections.abc import Mapping

from mccli.codegen.broadcasting import kinds_that_fill, short
from mccli.codegen.chains import Chains, inverted
from mccli.codegen.context import Context, Names, rank
from mccli.codegen.forge import Expr, Forge
from mccli.codegen.operations import Operations
from mccli.codegen.sharing import Pair
from mccli.expressions.sizes import ONE
from mccli.expressions.tree import (
    Apply,
    Constant,
    Node,
    Number,
    Product,
    Sum,
    Symbol,
    Transpose,
    add,
    is_ones,
    multiply,
    ones,
    terms_of,
    transpose,
)


def upright(node: Node) -> Node:
    """The column for a row; any other node as it is."""
    return transpose(node) if node.rows == ONE and node.columns != ONE else node


class Lowering(Context):
    """Expressions of nodes. ``definitions`` are the values of symbols that stand for parts."""

    def __init__(
        self, forge: Forge, names: Names, definitions: Mapping[str, Node], frequent: frozenset[Pair] = frozenset()
    ) -> None:
        super().__init__(forge, names)
        self.definitions = definitions
        self.operations, self.chains = Operations(self), Chains(self, frequent)
        self.done: dict[Node, Expr] = {}
        self.called: dict[Expr, str] = {}
        """The expressions that stand for definitions, with the names of these."""

    def lower(self, node: Node) -> Expr:
        """The expression of a node."""
        stack = [(node, False)]
        while stack:
            current, expanded = stack.pop()
            if upright(current) in self.done:
                continue
            if expanded:
                self.done[upright(current)] = self._one(current)
                continue
            stack.append((current, True))
            stack += [(child, False) for child in reversed(self._below(current))]
        return self.done[upright(node)]

    def _below(self, node: Node) -> tuple[Node, ...]:
        if isinstance(node, Symbol) and node.name in self.definitions:
            return (self.definitions[node.name],)
        return node.children()

    def _one(self, node: Node) -> Expr:
        if isinstance(node, Symbol):
            return self._symbol(node)
        if isinstance(node, Number):
            return self.arithmetic.fraction(node.value)
        if isinstance(node, Constant):
            return self._constant(node)
        if isinstance(node, Sum):
            return self._sum(node)
        if isinstance(node, Product):
            return self._product(node)
        if isinstance(node, Transpose):
            return self._transpose(node)
        assert isinstance(node, Apply)
        return self.operations.write(node)

    def _symbol(self, node: Symbol) -> Expr:
        if node.name not in self.definitions:
            return self.forge.name(self.names.symbols[node.name])
        value = self.lower(self.definitions[node.name])
        self.called.setdefault(value, self.names.symbols[node.name])
        return value

    def _constant(self, node: Constant) -> Expr:
        sizes = [self.arithmetic.size(size) for size in node.sizes]
        match node.name:
            case "pi":
                return self.forge.make("np.pi")
            case "size":
                return sizes[0]
            case "eye":
                return self.forge.call("np.eye", *sizes)
            case "ones" | "zeros":
                return self._filled(node)
            case "unit":
                return self.forge.make("np.eye(#n)[#i - #o]", n=sizes[1], i=sizes[0], o=self.forge.constant(1))
        return self.forge.call(node.name, *sizes)

    def _filled(self, node: Constant) -> Expr:
        sizes = [self.arithmetic.size(size) for size in node.shape if size != ONE]
        if len(sizes) == 1:
            return self.forge.call(f"np.{node.name}", sizes[0])
        return self.forge.make(f"np.{node.name}((#m, #n))", m=sizes[0], n=sizes[1])

    def _sum(self, node: Sum) -> Expr:
        """The terms, those with a plus sign first; ones are left to broadcasting."""
        kinds = kinds_that_fill([n for _, n in node.terms])
        terms = sorted(zip(node.terms, kinds, strict=True), key=lambda t: t[0][0] < 0)
        (coefficient, first), what = terms[0]
        total = short(self, first, what, coefficient)
        for (coefficient, term), what in terms[1:]:
            part = short(self, term, what, abs(coefficient))
            total = self.forge.make("#a + #b" if coefficient > 0 else "#a - #b", a=total, b=part)
        return total

    def _product(self, node: Product) -> Expr:
        if not node.chain:
            return self.scaled(node.coefficient, node.scalars)
        if node.scalars or node.coefficient != 1:
            return self.scaled(node.coefficient, node.scalars, self.lower(multiply(*node.chain)))
        spread = [part for factor in node.chain for part in _without_full_ones(factor)]
        if len(spread) > len(node.chain):
            return self.lower(multiply(*spread))
        distributed = _distributed(node.chain)
        if distributed is not None:
            return self.lower(distributed)
        turned = self.done.get(transpose(node)) if rank(node.shape) == 2 else None
        return self.chains.write(node.chain) if turned is None else self.forge.transposed(turned)

    def _transpose(self, node: Transpose) -> Expr:
        if rank(node.shape) < 2:
            return self._one(node.operand)
        return self.forge.transposed(self.lower(node.operand))


def _distributed(chain: tuple[Node, ...]) -> Node | None:
    """The product with a sum in it multiplied out if the sum has an inverse in it, so that this can be solved for."""
    for i, factor in enumerate(chain):
        terms = terms_of(factor) if isinstance(factor, Sum | Transpose) else ()
        if len(terms) > 1 and any(inverted(n) is not None for _, n in terms):
            return add(*(multiply(Number(c), *chain[:i], n, *chain[i + 1 :]) for c, n in terms))
    return None


def _without_full_ones(factor: Node) -> tuple[Node, ...]:
    """The matrix of ones as column times row."""
    if is_ones(factor) and rank(factor.shape) == 2:
        return ones((factor.rows, ONE)), ones((ONE, factor.columns))
    return (factor,)
