"""Products of matrices and vectors, bracketed so that they are cheap, with solves in place of inverses."""

from __future__ import annotations

from itertools import pairwise

from mccli.codegen.context import Context
from mccli.codegen.forge import Expr
from mccli.codegen.sharing import Pair, pair_key
from mccli.expressions.sizes import ONE
from mccli.expressions.tree import Constant, Node, Transpose, is_ones, is_operation, multiply, transpose

Chain = tuple[Node, ...]


def inverted(node: Node) -> Node | None:
    """A for A^-1 and A' for A^-T, else None."""
    if is_operation(node, "inv"):
        return node.children()[0]
    if isinstance(node, Transpose) and is_operation(node.operand, "inv"):
        return transpose(node.operand.children()[0])
    return None


def diagonal(node: Node) -> Node | None:
    """v for Diag(v), else None."""
    return node.children()[0] if is_operation(node, "Diag") else None


def is_unit(node: Node) -> bool:
    """Whether the node is unit(i, n) or its transpose."""
    inner = node.operand if isinstance(node, Transpose) else node
    return isinstance(inner, Constant) and inner.name == "unit"


class Chains:
    """Writes a product of at least two arrays."""

    def __init__(self, context: Context, frequent: frozenset[Pair] = frozenset()) -> None:
        self.context, self.forge, self.frequent = context, context.forge, frequent

    def write(self, chain: Chain) -> Expr:
        """The product; vectors are multiplied first, outer products formed last."""
        if chain[0].rows == ONE:
            return self._inner(chain) if chain[-1].columns == ONE else self._row(chain)
        cut = next((i for i, n in enumerate(chain) if n.columns == ONE), None)
        if cut is None:
            return self._matrices(chain)
        return self._column(chain) if cut == len(chain) - 1 else self._outer(chain[: cut + 1], chain[cut + 1 :])

    def _of(self, *factors: Node) -> Expr:
        return self.context.lower(multiply(*factors))

    # ------------------------------------------------------------------------------ with vectors

    def _outer(self, left: Chain, right: Chain) -> Expr:
        return self.forge.call("np.outer", self._of(*left), self._of(*right))

    def _inner(self, chain: Chain) -> Expr:
        """Row times ... times column, from both ends where these are equal, else from the right."""
        first, last = chain[0], chain[-1]
        if is_ones(first) or is_ones(last):
            return self._sum(chain)
        if is_unit(first):
            return self._entry(chain)
        if is_unit(last):
            return self._entry(tuple(transpose(n) for n in reversed(chain)))
        half = len(chain) // 2
        left, right = chain[:half], chain[-half:]
        if [transpose(n) for n in reversed(left)] != list(right):
            left, right = chain[:1], chain[1:]
            return self.forge.make("#u @ #v", u=self._of(*left), v=self._of(*right))
        both = self._of(*right)
        middle = chain[half] if len(chain) % 2 else None
        if middle is None:
            return self.forge.make("#u @ #u", u=both)
        return self.forge.make("#u @ #v", u=both, v=self._of(middle, *right))

    def _sum(self, chain: Chain) -> Expr:
        """1'v is the sum of v, 1'A1 that of A; 1'A B1 is column sums times row sums."""
        if not is_ones(chain[0]):
            chain = tuple(transpose(n) for n in reversed(chain))
        rest = chain[1:]
        if not is_ones(rest[-1]) or len(rest) == 1 or inverted(rest[0]) is not None:
            return self.forge.call("np.sum", self._of(*rest))
        if len(rest) == 2:
            return self.forge.call("np.sum", self.context.lower(rest[0]))
        return self.forge.make("#u @ #v", u=self._of(*chain[:2]), v=self._of(*chain[2:]))

    def _entry(self, chain: Chain) -> Expr:
        """unit(i)'v is an entry of v, unit(i)'A unit(j) one of A."""
        row = self._index(chain[0])
        if len(chain) == 3 and is_unit(chain[2]):
            column = self._index(chain[2])
            matrix = chain[1]
            if inverted(matrix) is not None:
                return self.forge.make("#v[#i]", v=self._of(*chain[1:]), i=row)
            if isinstance(matrix, Transpose):
                matrix, row, column = matrix.operand, column, row
            return self.forge.make("#A[#i, #j]", A=self.context.lower(matrix), i=row, j=column)
        return self.forge.make("#v[#i]", v=self._of(*chain[1:]), i=row)

    def _index(self, unit: Node) -> Expr:
        inner = unit.operand if isinstance(unit, Transpose) else unit
        assert isinstance(inner, Constant)
        place = self.context.arithmetic.size(inner.sizes[0])
        return self.forge.make("#i - #o", i=place, o=self.forge.constant(1))

    def _column(self, chain: Chain) -> Expr:
        """A (B x)."""
        return self._times(chain[0], multiply(*chain[1:]), as_row=False)

    def _row(self, chain: Chain) -> Expr:
        """(x' A) B, a 1-D array."""
        return self._times(transpose(chain[-1]), multiply(*chain[:-1]), as_row=True)

    def _times(self, matrix: Node, vector: Node, *, as_row: bool) -> Expr:
        """The matrix times the column; written x @ A instead of A.T @ x if the product was a row."""
        if is_ones(vector):
            return self._axis_sum(matrix)
        if is_unit(vector):
            return self._column_of(matrix, vector)
        v = self.context.lower(vector)
        base, weights = inverted(matrix), diagonal(matrix)
        if base is not None:
            return self.forge.call("np.linalg.solve", self.context.lower(base), v)
        if weights is not None:
            return self.forge.make("#d * #v", d=self.context.lower(weights), v=v)
        if as_row:
            return self.forge.make("#v @ #A", v=v, A=self.context.lower(transpose(matrix)))
        return self.forge.make("#A @ #v", A=self.context.lower(matrix), v=v)

    def _axis_sum(self, matrix: Node) -> Expr:
        if inverted(matrix) is not None:
            return self.forge.call("np.linalg.solve", *self._solve_ones(matrix))
        if isinstance(matrix, Transpose):
            return self.forge.make("np.sum(#A, axis=0)", A=self.context.lower(matrix.operand))
        return self.forge.make("np.sum(#A, axis=1)", A=self.context.lower(matrix))

    def _solve_ones(self, matrix: Node) -> tuple[Expr, Expr]:
        base = inverted(matrix)
        assert base is not None
        count = self.context.arithmetic.size(matrix.columns)
        return self.context.lower(base), self.forge.call("np.ones", count)

    def _column_of(self, matrix: Node, unit: Node) -> Expr:
        index = self._index(unit)
        if isinstance(matrix, Transpose) and inverted(matrix) is None:
            return self.forge.make("#A[#i]", A=self.context.lower(matrix.operand), i=index)
        base = inverted(matrix)
        if base is not None:
            return self.forge.call("np.linalg.solve", self.context.lower(base), self.context.lower(unit))
        return self.forge.make("#A[:, #i]", A=self.context.lower(matrix), i=index)

    # ------------------------------------------------------------------------------ matrices only

    def _matrices(self, chain: Chain) -> Expr:
        """Matrices from the left; where there is an inverse, as a solve on its right or left neighbour."""
        places = [i for i, n in enumerate(chain) if inverted(n) is not None]
        if not places:
            if len(chain) > 2 and all(n == chain[0] for n in chain):
                return self._power(chain[0], len(chain))
            shared = self._shared(chain) if len(chain) > 2 else None
            return shared if shared is not None else self._pair(multiply(*chain[:-1]), chain[-1])
        if len(places) == len(chain):
            return self._inverses(chain)
        if places[0] == 0:
            return self._solved(chain[0], multiply(*chain[1:]))
        if places[-1] == len(chain) - 1:
            return self._solved_right(chain)
        first = places[0]
        return self._pair(multiply(*chain[:first]), multiply(*chain[first:]))

    def _shared(self, chain: Chain) -> Expr | None:
        """The product with a pair computed first that other products need as well."""
        for i, (left, right) in enumerate(pairwise(chain)):
            if pair_key(left, right) in self.frequent and not (diagonal(left) or diagonal(right)):
                before, after = chain[:i], chain[i + 2 :]
                factors = [*([self._of(*before)] if before else []), self._of(left, right)]
                return self.forge.chained("@", [*factors, *(self.context.lower(n) for n in after)])
        return None

    def _power(self, matrix: Node, exponent: int) -> Expr:
        """A A A as a power, by repeated squaring."""
        base = matrix.operand if isinstance(matrix, Transpose) else matrix
        p = self.forge.constant(exponent)
        power = self.forge.call("np.linalg.matrix_power", self.context.lower(base), p)
        return power if base is matrix else self.forge.transposed(power)

    def _solved(self, inverse: Node, right: Node) -> Expr:
        base = inverted(inverse)
        assert base is not None
        return self.forge.call("np.linalg.solve", self.context.lower(base), self.context.lower(right))

    def _solved_right(self, chain: Chain) -> Expr:
        """B A^-1 = (A^-T B')'."""
        return self.forge.transposed(self._solved(transpose(chain[-1]), transpose(multiply(*chain[:-1]))))

    def _inverses(self, chain: Chain) -> Expr:
        """A^-1 B^-1: one inverse is needed; equal ones are formed once and multiplied."""
        if all(n == chain[-1] for n in chain):
            return self.forge.chained("@", [self.context.lower(n) for n in chain])
        return self._solved(chain[0], multiply(*chain[1:]))

    def _pair(self, left: Node, right: Node) -> Expr:
        column, row = diagonal(left), diagonal(right)
        if column is not None and row is not None:
            u, v = self.context.lower(column), self.context.lower(row)
            return self.forge.make("np.diag(#u * #v)", u=u, v=v)
        if column is not None:
            return self.forge.make("#v[:, None] * #X", v=self.context.lower(column), X=self.context.lower(right))
        if row is not None:
            return self.forge.make("#X * #v", X=self.context.lower(left), v=self.context.lower(row))
        return self.forge.make("#A @ #B", A=self.context.lower(left), B=self.context.lower(right))
