"""Operations in NumPy: the template of the record, or a form that suits the arguments better."""

from __future__ import annotations

from collections.abc import Callable

from mccli.codegen.broadcasting import kinds_that_fill, short
from mccli.codegen.context import Context, denominator, rank
from mccli.codegen.forge import Expr
from mccli.codegen.traces import Traces
from mccli.expressions.operation import Operation
from mccli.expressions.sizes import ONE, SCALAR
from mccli.expressions.tree import Apply, Node, Number, Product, add, is_operation, multiply, number, ones, zeros

ANY_RANK = frozenset(
    {
        "sum",
        "mean",
        "norm2",
        "normF",
        "sqnorm",
        "norm1",
        "norminf",
        "normp",
        "max",
        "indmax",
        "prod",
        "var",
        "std",
        "huber",
        "clip",
        "leakyrelu",
        "elu",
        "softmax",
        "logsumexp",
        "logsoftmax",
    }
)
"""Templates that are right for scalars, 1-D and 2-D arrays alike."""

VECTOR = frozenset({"Diag", "unvec", "conv", "convmtx", "offinv", "divdiff", "cumsum", "cross", "skew3"})
"""Templates over 1-D arrays. All other templates want rows as 2-D arrays, most of them columns too."""


class Operations:
    """Writes applications of operations."""

    def __init__(self, context: Context) -> None:
        self.context, self.forge, self.traces = context, context.forge, Traces(context)
        self.forms: dict[str, Callable[[Apply], Expr | None]] = {
            "hadamard": self._hadamard,
            "power": self._power,
            "sqnorm": self._squared_norm,
            "sum": self._sum,
            "tr": self._trace,
            "diag": self._diagonal,
            "vec": self._vec,
            "unvec": self._unvec,
            "rowsums": self._rowsums,
            "colsums": self._colsums,
            "kron": self._kron,
            "series": self._series,
        }

    def write(self, node: Apply) -> Expr:
        """The expression of an application."""
        form = self.forms.get(node.operation.name)
        special = form(node) if form is not None else None
        return special if special is not None else self._template(node)

    # ------------------------------------------------------------------------------ templates

    def _template(self, node: Apply) -> Expr:
        record = node.operation
        lifts = {p: _lift(record, p, a) for p, a in zip(record.parameters, node.arguments, strict=True)}
        arguments = zip(record.parameters, node.arguments, strict=True)
        places = {p: self.forge.make(lifts[p], x=self.context.lower(a)) for p, a in arguments}
        places |= {p: self.context.arithmetic.size(s) for p, s in zip(record.size_parameters, node.sizes, strict=True)}
        written = self.forge.make(self._text(record), **places)
        lifted = any(lift != "#x" for lift in lifts.values())
        return self._flat(node, written, lifted) if _is_shaped(record) else written

    def _text(self, record: Operation) -> str:
        if record.declared is None:
            return record.numpy
        return f"{self.context.names.functions[record.name]}({', '.join(f'#{p}' for p in record.parameters)})"

    def _flat(self, node: Apply, written: Expr, lifted: bool) -> Expr:
        """The result as a number or a 1-D array if it is one."""
        if node.is_scalar:
            return self.forge.make("#x.item()", x=written) if lifted else written
        if rank(node.shape) == 1 and (lifted or node.rows == ONE):
            return self.forge.make("#x.ravel()", x=written)
        return written

    # ------------------------------------------------------------------------------ entry by entry

    def _hadamard(self, node: Apply) -> Expr:
        kinds = dict(zip(node.arguments, kinds_that_fill(node.arguments), strict=True))
        over = [a for a in node.arguments if denominator(a) is None]
        under = [below for a in node.arguments if (below := denominator(a)) is not None]
        top = self.forge.chained("*", [short(self.context, a, kinds[a]) for a in over] or [self.forge.constant(1)])
        if not under:
            return top
        return self.forge.make("#a / #b", a=top, b=self.forge.chained("*", [self.context.lower(b) for b in under]))

    def _power(self, node: Apply) -> Expr:
        base, exponent = node.arguments
        below = denominator(node)
        if below is not None:
            return self.forge.make("1 / #x", x=self.context.lower(below))
        return self.forge.make("#x ** #p", x=self.context.lower(base), p=self.context.lower(exponent))

    # ------------------------------------------------------------------------------ sums

    def _squared_norm(self, node: Apply) -> Expr | None:
        vector = node.arguments[0]
        return self.forge.make("#x @ #x", x=self.context.lower(vector)) if rank(vector.shape) == 1 else None

    def _sum(self, node: Apply) -> Expr | None:
        array = node.arguments[0]
        if is_operation(array, "hadamard") and rank(array.shape) == 1:
            factors = array.children()
            if len(factors) == 2 and not any(denominator(f) for f in factors):
                return self.forge.make("#u @ #v", u=self.context.lower(factors[0]), v=self.context.lower(factors[1]))
        if isinstance(array, Product) and len(array.chain) > 1 and rank(array.shape) == 2:
            return self.context.lower(multiply(ones((ONE, array.rows)), array, ones((array.columns, ONE))))
        return None

    def _rowsums(self, node: Apply) -> Expr | None:
        array = node.arguments[0]
        if rank(array.shape) < 2:
            return self.forge.call("np.sum", self.context.lower(array))
        if isinstance(array, Product) and len(array.chain) > 1:
            return self.context.lower(multiply(array, ones((array.columns, ONE))))
        return None

    def _colsums(self, node: Apply) -> Expr | None:
        array = node.arguments[0]
        if rank(array.shape) < 2:
            return self.forge.call("np.sum", self.context.lower(array))
        if isinstance(array, Product) and len(array.chain) > 1:
            return self.context.lower(multiply(ones((ONE, array.rows)), array))
        return None

    def _trace(self, node: Apply) -> Expr | None:
        array = node.arguments[0]
        return self.traces.trace(array.chain) if isinstance(array, Product) and len(array.chain) > 1 else None

    def _diagonal(self, node: Apply) -> Expr | None:
        array = node.arguments[0]
        return self.traces.diagonal_of(array.chain) if isinstance(array, Product) and len(array.chain) > 1 else None

    # ------------------------------------------------------------------------------ arrangements

    def _vec(self, node: Apply) -> Expr | None:
        return self.context.lower(node.arguments[0]) if rank(node.arguments[0].shape) < 2 else None

    def _unvec(self, node: Apply) -> Expr | None:
        return self.context.lower(node.arguments[0]) if rank(node.shape) < 2 else None

    def _kron(self, node: Apply) -> Expr | None:
        """The Kronecker product of two columns, or of two rows, is that of the 1-D arrays."""
        if rank(node.shape) == 2:
            return None
        return self.forge.call("np.kron", *(self.context.lower(a) for a in node.arguments))

    # ------------------------------------------------------------------------------ finite sums

    def _series(self, node: Apply) -> Expr:
        """sum(body for r in range(lo, hi + 1)); begun with zeros where the range may be empty."""
        index, low, high, body = node.arguments
        parts = {
            "r": self.context.lower(index),
            "lo": self._whole(low),
            "end": self._whole(add(high, number(1))),
            "body": self.context.lower(body),
        }
        loop = "#body for #r in range(#end)" if low == number(0) else "#body for #r in range(#lo, #end)"
        if node.shape == SCALAR:
            return self.forge.make(f"sum({loop})", **parts)
        start = self.context.lower(zeros(node.shape))
        return self.forge.make(f"sum(({loop}), #start)", start=start, **parts)

    def _whole(self, node: Node) -> Expr:
        """A scalar as a whole number, as range wants it."""
        written = self.context.lower(node)
        plain = isinstance(node, Number) or not node.symbols
        return written if plain else self.forge.make("int(#x)", x=written)


SCALAR_PARAMETERS = frozenset({"mpow.k", "schatten.p", "factorial.k"})
"""Arguments that are scalars where the other arguments or the result are lifted."""


def _lift(record: Operation, parameter: str, argument: Node) -> str:
    """The template that makes an argument what the record's template wants: a matrix for operations on matrices."""
    if record.elementwise or record.name in ANY_RANK | VECTOR or f"{record.name}.{parameter}" in SCALAR_PARAMETERS:
        return "#x"
    dimensions = rank(argument.shape)
    if dimensions == 1 and argument.rows == ONE:
        return "#x[None, :]"
    if record.declared is not None or dimensions == 2:
        return "#x"
    return "#x[:, None]" if dimensions else "np.reshape(#x, (1, 1))"


def _is_shaped(record: Operation) -> bool:
    """Whether the result of the template may have to be made flat."""
    return not record.elementwise and record.name not in ANY_RANK | VECTOR
