"""Traces and diagonals of products, without forming the product."""

from __future__ import annotations

from mccli.codegen.chains import Chain, diagonal, inverted
from mccli.codegen.context import Context
from mccli.codegen.forge import Expr
from mccli.expressions.sizes import ONE
from mccli.expressions.tree import Node, Transpose, multiply, transpose


class Traces:
    """Writes the trace or the diagonal of a product of at least two matrices."""

    def __init__(self, context: Context) -> None:
        self.context, self.forge = context, context.forge

    def _of(self, *factors: Node) -> Expr:
        return self.context.lower(multiply(*factors))

    def trace(self, chain: Chain) -> Expr:
        """tr(A B) as the sum of A * B', tr(A' B) as that of A * B; a solve where there is an inverse."""
        turned = _turned(chain)
        weights = diagonal(turned[0])
        if weights is not None:
            return self.forge.make("#v @ #d", v=self.context.lower(weights), d=self.diagonal_of(turned[1:]))
        if all(inverted(n) is not None for n in turned[:-1]):
            return self.forge.call("np.trace", self._of(*turned))
        return self.forge.call("np.sum", self._entrywise(turned))

    def diagonal_of(self, chain: Chain) -> Expr:
        """diag(A B) as the row sums of A * B', diag(u v') as u * v."""
        cut = next((i for i, n in enumerate(chain) if n.columns == ONE), None)
        if cut is not None:
            return self.forge.make("#u * #v", u=self._of(*chain[: cut + 1]), v=self._of(*chain[cut + 1 :]))
        if len(chain) == 1 or inverted(chain[-1]) is not None or all(inverted(n) is not None for n in chain[:-1]):
            return self.forge.call("np.diag", self._of(*chain))
        left, right, axis = multiply(*chain[:-1]), transpose(chain[-1]), 1
        if isinstance(left, Transpose):
            left, right, axis = left.operand, chain[-1], 0
        a, b = self.context.lower(left), self.context.lower(right)
        return self.forge.make("np.sum(#A * #B, axis=#n)", A=a, B=b, n=self.forge.constant(axis))

    def _entrywise(self, chain: Chain) -> Expr:
        """An array whose sum is the trace of the product."""
        if isinstance(chain[0], Transpose) and inverted(chain[0]) is None:
            left, right = chain[0].operand, multiply(*chain[1:])
        else:
            cut = next((i for i in range(2, len(chain) - 1) if inverted(chain[i]) is not None), len(chain) - 1)
            left, right = multiply(*chain[:cut]), transpose(multiply(*chain[cut:]))
        return self.forge.make("#A * #B", A=self.context.lower(left), B=self.context.lower(right))


def _turned(chain: Chain) -> Chain:
    """The product under a trace turned so that a diagonal matrix, an inverse or a transpose comes first.

    An inverse comes first only where the factor before it is none, so that it always has something to solve for.
    """
    count = len(chain)
    diagonals = [i for i in range(count) if diagonal(chain[i]) is not None]
    inverses = [i for i in range(count) if inverted(chain[i]) is not None and inverted(chain[i - 1]) is None]
    transposes = [i for i in range(count) if isinstance(chain[i], Transpose)]
    if transposes and not isinstance(chain[-1], Transpose):
        inverses = inverses or transposes
    place = (diagonals or inverses or [0])[0]
    return chain[place:] + chain[:place]
