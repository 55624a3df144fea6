"""From syntax to the typed tree once every leaf is known.

Two callers: the elaborator, after inference has found all shapes, and the calculus, which builds the rule
texts of the operations over given nodes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction

from mccli.errors import DeriveError, NameMistake, ShapeError
from mccli.expressions.constants import CONSTANTS, constant
from mccli.expressions.graph import fresh_index, names_in
from mccli.expressions.operation import Operation
from mccli.expressions.operations import OPERATIONS
from mccli.expressions.sizes import ONE, SCALAR, Shape, Size, letter_size, number_size
from mccli.expressions.tree import (
    Apply,
    Constant,
    Node,
    Number,
    Symbol,
    add,
    apply,
    broadcast,
    eye,
    inner,
    is_zero,
    multiply,
    number,
    ones,
    scaled,
    size_scalar,
    transpose,
    zeros,
)
from mccli.language import syntax

FRECHET = "frechet_"
"""What the name of the derivative of a matrix function in a direction starts with."""

LeafShape = Callable[[syntax.Syntax], Shape]


def is_column(shape: Shape) -> bool:
    """Whether an array is a column vector and no scalar: of two of them the dot makes the inner product."""
    return shape[1] == ONE and shape[0] != ONE


def _no_leaf_shape(_node: syntax.Syntax) -> Shape:
    raise ShapeError("a constant of inferred size cannot stand in a rule")


class Builder:
    """Builds nodes bottom-up through the constructors.

    ``names`` gives the leaves, ``sizes`` the size letters that are known, ``operations`` the functions
    declared by the user, and ``leaf_shape`` the inferred shape of constants written without sizes.
    """

    def __init__(
        self,
        names: Mapping[str, Node],
        sizes: Mapping[str, Size] | None = None,
        operations: Mapping[str, Operation] | None = None,
        leaf_shape: LeafShape = _no_leaf_shape,
    ) -> None:
        self.names = dict(names)
        self.sizes = dict(sizes or {})
        self.operations = dict(operations or {})
        self.leaf_shape = leaf_shape
        self.inverted: list[Node] = []
        """What an inverse was taken of, as typed: it must be invertible even where the inverse cancels."""

    def build(self, node: syntax.Syntax) -> Node:
        """The typed node of a syntax tree. ShapeError where shapes do not fit."""
        match node:
            case syntax.Name():
                return self._name(node)
            case syntax.Number():
                return number(node.value)
            case syntax.Ones():
                return ones(self.leaf_shape(node))
            case syntax.Group():
                return self.build(node.inner)
            case syntax.Negate():
                return scaled(-1, self.build(node.operand))
            case syntax.Transpose():
                return transpose(self.build(node.operand))
            case syntax.Bars():
                operand = self.build(node.operand)
                return apply("abs" if operand.is_scalar else "det", operand)
            case syntax.Norm():
                return self._norm(node)
            case syntax.Binary():
                return self._binary(node)
            case syntax.Call():
                return self._call(node)

    def _name(self, node: syntax.Name) -> Node:
        if node.name in self.names:
            return self.names[node.name]
        if node.name in self.sizes:
            return size_scalar(self.sizes[node.name])
        if node.name in ("π", "pi"):
            return Constant("pi", (), SCALAR)
        if node.name == "I":
            return eye(self.leaf_shape(node)[0])
        raise NameMistake(f"unknown name {node.name}")

    def _norm(self, node: syntax.Norm) -> Node:
        operand = self.build(node.operand)
        matrix = ONE not in operand.shape
        name = {"1": "norm1", "F": "normF", "inf": "norminf", "*": "normnuc"}.get(node.subscript, "norm2")
        if node.subscript in ("", "2") and matrix:
            name = "normF" if node.subscript == "" else "normspec"
        return apply(name, operand)

    def _binary(self, node: syntax.Binary) -> Node:
        left = self.build(node.left)
        if node.operator in ("^", ".^"):
            return self._power(node, left)
        right = self.build(node.right)
        match node.operator:
            case "+" | "-":
                right = scaled(-1, right) if node.operator == "-" else right
                shape = right.shape if left.is_scalar else left.shape
                return add(broadcast(left, shape), broadcast(right, shape))
            case "·" if is_column(left.shape) and is_column(right.shape):
                return multiply(transpose(left), right)
            case "*" | "·" | "juxt":
                return multiply(left, right)
            case ".*":
                return multiply(left, right) if left.is_scalar or right.is_scalar else apply("hadamard", left, right)
            case "/":
                return multiply(left, apply("power", right, Number(-1)))
            case "./":
                inverse = apply("power", right, Number(-1))
                if left.is_scalar or right.is_scalar:
                    return multiply(left, inverse)
                return apply("hadamard", left, inverse)
            case _:
                return apply("kron", left, right)

    def _power(self, node: syntax.Binary, base: Node) -> Node:
        exponent = self.build(node.right)
        if node.operator == ".^" or base.is_scalar:
            return apply("power", base, exponent)
        if isinstance(exponent, Number) and exponent.value < 0:
            self.inverted.append(base)
        if isinstance(exponent, Number) and exponent.value == -1:
            return apply("inv", base)
        return apply("mpow", base, exponent)

    def size(self, node: syntax.Syntax) -> Size:
        """A size argument: numbers, size letters, rows(x), cols(x) and their sums and products."""
        match node:
            case syntax.Number() if node.value.denominator == 1:
                return number_size(node.value)
            case syntax.Name():
                return self.sizes.get(node.name, letter_size(node.name))
            case syntax.Group():
                return self.size(node.inner)
            case syntax.Negate():
                return self.size(node.operand).scaled(Fraction(-1))
            case syntax.Call(function="rows" | "cols", arguments=(argument,)):
                operand = self.build(argument)
                return operand.rows if node.function == "rows" else operand.columns
            case syntax.Binary(operator="+" | "-" | "*" | "·" | "juxt" | "/"):
                return self._size_arithmetic(node)
        raise ShapeError("a size must be a number, a letter, or sums and products of those")

    def _size_arithmetic(self, node: syntax.Binary) -> Size:
        left, right = self.size(node.left), self.size(node.right)
        match node.operator:
            case "+":
                return left + right
            case "-":
                return left - right
            case "/" if right.number:
                return left.scaled(1 / right.number)
            case "*" | "·" | "juxt":
                return left * right
        raise ShapeError("a size can be divided by a number only")

    def _call(self, node: syntax.Call) -> Node:
        name = node.function
        if name in _FORMS:
            return _FORMS[name](self, node)
        if name in CONSTANTS:
            return constant(name, tuple(self.size(a) for a in node.arguments))
        record = self.operations.get(name) or OPERATIONS.get(name)
        if record is None:
            raise NameMistake(f"unknown function {name}")
        count = len(record.parameters)
        arguments = tuple(self.build(a) for a in node.arguments[:count])
        self.inverted += arguments if name == "inv" else ()
        return apply(record, *arguments, sizes=tuple(self.size(a) for a in node.arguments[count:]))

    def size_value(self, node: syntax.Call) -> Node:
        """rows(x) or cols(x) as a number."""
        return size_scalar(self.size(node))

    def inner(self, node: syntax.Call) -> Node:
        """inner(a, b): the Frobenius inner product in the form that suits the shapes."""
        a, b = (self.build(x) for x in node.arguments)
        return inner(a, b)

    def matmul(self, node: syntax.Call) -> Node:
        """NumPy's a @ b: a vector on the left counts as a row where the shapes want it."""
        a, b = (self.build(x) for x in node.arguments)
        turned = a.columns == ONE and b.rows != ONE and not a.is_scalar and not b.is_scalar
        return multiply(transpose(a) if turned else a, b)

    def numpy_inner(self, node: syntax.Call) -> Node:
        """np.inner: x'y of two vectors, A B' of two matrices."""
        a, b = (self.build(x) for x in node.arguments)
        vectors = a.columns == ONE and b.columns == ONE
        return inner(a, b) if vectors else multiply(a, transpose(b))

    def unknown(self, node: syntax.Call) -> Node:
        """unknown(dx): nothing if dx is zero, otherwise mc has no rule."""
        change = self.build(node.arguments[0])
        if not is_zero(change):
            whole = self.names["self"]
            name = whole.operation.name if isinstance(whole, Apply) else ""
            what = f"the second derivative of {name[len(FRECHET) :]}" if name.startswith(FRECHET) else "this derivative"
            raise DeriveError(f"mc has no rule for {what}")
        return zeros(self.names["self"].shape)

    def unless_constant(self, node: syntax.Call) -> Node:
        """unless_constant(dp, c): c*dp, where c is not even formed if dp is zero."""
        change = self.build(node.arguments[0])
        if is_zero(change):
            return zeros(self.names["self"].shape)
        return multiply(change, self.build(node.arguments[1]))

    def series(self, node: syntax.Call) -> Node:
        """series(r, lo, hi, body) with its own index r."""
        index, low, high, body = node.arguments
        if not isinstance(index, syntax.Name):
            raise NameMistake("the first argument of series is the name of its index")
        symbol = Symbol(self._fresh_index(index.name), SCALAR, frozenset({"integer"}), "index")
        shadowed = self.names.get(index.name)
        ends = (self.build(low), self.build(high))
        self.names[index.name], self.sizes[index.name] = symbol, letter_size(symbol.name)
        try:
            return apply("series", symbol, *ends, self.build(body))
        finally:
            del self.names[index.name], self.sizes[index.name]
            if shadowed is not None:
                self.names[index.name] = shadowed

    def _fresh_index(self, wanted: str) -> str:
        """An index name that no leaf contains, so that a rule never captures a symbol of the user."""
        used = names_in(*(leaf for name, leaf in self.names.items() if name != wanted))
        return fresh_index(wanted, used)

    def as_value(self, node: syntax.Call) -> Node:
        """as_value(v): the vector v in the shape of the function whose rule this is."""
        whole = self.names["self"]
        shape = (isinstance(whole, Apply) and whole.operation.value_shape) or whole.shape
        return apply("unvec", self.build(node.arguments[0]), sizes=shape)

    def vech(self, node: syntax.Call) -> Node:
        """vech(X) = elimination(n) vec(X)."""
        operand = self.build(node.arguments[0])
        return multiply(constant("elimination", (operand.rows,)), apply("vec", operand))

    def entry(self, node: syntax.Call) -> Node:
        """entry(A, i, j) = unit(i)' A unit(j)."""
        operand = self.build(node.arguments[0])
        row, column = (self.size(a) for a in node.arguments[1:])
        left = transpose(constant("unit", (row, operand.rows)))
        return multiply(left, operand, constant("unit", (column, operand.columns)))

    def variant(self, node: syntax.Call) -> Node:
        """sum(X, 1), tril(X, -1) and the like: an operation chosen by a number, as in MATLAB."""
        return apply(chosen_operation(node), self.build(node.arguments[0]))


VARIANTS: Mapping[str, Mapping[int | None, str]] = {
    "sum": {None: "sum", 1: "colsums", 2: "rowsums"},
    "mean": {None: "mean", 1: "colmeans", 2: "rowmeans"},
    "softmax": {None: "softmax", 1: "softmax_cols", 2: "softmax_rows"},
    "logsumexp": {None: "logsumexp", 1: "logsumexp_cols", 2: "logsumexp_rows"},
    "tril": {None: "tril", 0: "tril", -1: "strictlower"},
    "triu": {None: "triu", 0: "triu", 1: "strictupper"},
}
"""Functions whose second argument, an axis or the number of a diagonal, says which operation is meant."""

_TRIANGLES = {
    "tril": "tril(X,k) is read for k = 0 and for k = -1, which leaves the diagonal out",
    "triu": "triu(X,k) is read for k = 0 and for k = 1, which leaves the diagonal out",
}


def chosen_operation(node: syntax.Call) -> str:
    """The operation that a call with an axis or a diagonal means. ShapeError for another number."""
    names = VARIANTS[node.function]
    choice = _whole(node.arguments[1]) if len(node.arguments) > 1 else None
    if choice in names and (choice is None) == (len(node.arguments) == 1):
        return names[choice]
    axes = f"the axis of {node.function} is 1 (down the columns) or 2 (along the rows)"
    raise ShapeError(_TRIANGLES.get(node.function, axes))


def _whole(node: syntax.Syntax) -> int | None:
    """A whole number literal, perhaps with a minus sign."""
    if isinstance(node, syntax.Negate):
        positive = _whole(node.operand)
        return None if positive is None else -positive
    whole = isinstance(node, syntax.Number) and node.value.denominator == 1
    return int(node.value) if isinstance(node, syntax.Number) and whole else None


_FORMS: dict[str, Callable[[Builder, syntax.Call], Node]] = {
    "inner": Builder.inner,
    "matmul": Builder.matmul,
    "numpy_inner": Builder.numpy_inner,
    "unknown": Builder.unknown,
    "unless_constant": Builder.unless_constant,
    "series": Builder.series,
    "as_value": Builder.as_value,
    "vech": Builder.vech,
    "entry": Builder.entry,
    "rows": Builder.size_value,
    "cols": Builder.size_value,
    **dict.fromkeys(VARIANTS, Builder.variant),
}
FORMS = frozenset(_FORMS)
"""Calls that are no operations of their own: they are built from operations."""
