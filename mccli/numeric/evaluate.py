"""The value of a typed tree at NumPy arrays: every shared node once, two-dimensional arrays throughout.

The value of an operation is the ``value`` text of its record, compiled once; the texts belong to mc, never
to the user. They may be evaluated at complex arrays unless the record says otherwise.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import cache
from types import CodeType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mccli.errors import DomainError
from mccli.expressions.graph import walk
from mccli.expressions.operation import THROUGH_MEANING
from mccli.expressions.tree import Apply, Constant, Node, Number, Product, Sum, Symbol, Transpose
from mccli.language.rules import meaning
from mccli.numeric import matrix_functions
from mccli.numeric.declared import declared_value
from mccli.numeric.kernels import arrays, linear_algebra, patterns, special, summaries

Array = NDArray[Any]
Sizes = Mapping[str, int]


LONGEST_SERIES = 2_000


def elementwise_power(x: Array, p: Array) -> Array:
    """Every entry to the power p; an exact power where p is a whole number."""
    exponent = p[0, 0]
    if exponent.imag == 0 and float(exponent.real).is_integer():
        whole = int(exponent.real)
        return np.asarray(x ** float(whole)) if whole < 0 or abs(whole) > 64 else np.asarray(x**whole)
    return np.asarray(x**exponent)


KERNELS = (arrays, special, summaries, linear_algebra, patterns, matrix_functions)

_NAMESPACE: dict[str, Any] = {
    **{name: value for module in KERNELS for name, value in vars(module).items() if not name.startswith("_")},
    "np": np,
    "elementwise_power": elementwise_power,
    "declared_value": declared_value,
}


@cache
def _compiled(text: str) -> CodeType:
    return compile(text, "<operation record>", "eval")


class Evaluator:
    """Evaluates expressions at one point: arrays for the symbols and numbers for the size letters."""

    def __init__(self, arrays: Mapping[str, Array], sizes: Sizes) -> None:
        self.arrays = dict(arrays)
        self.sizes = sizes
        self.done: dict[Node, Array] = {}

    def value(self, node: Node) -> Array:
        """The value of a node as a two-dimensional array."""
        for current in self._pending(node):
            self.done[current] = self._one(current)
        return self.done[node]

    def _pending(self, node: Node) -> list[Node]:
        if node in self.done:
            return []
        return [n for n in _walk_outside_series(node) if n not in self.done]

    def _one(self, node: Node) -> Array:
        if isinstance(node, Number):
            return np.array([[float(node.value)]])
        if isinstance(node, Symbol):
            return self.arrays[node.name]
        if isinstance(node, Constant):
            return self._constant(node)
        if isinstance(node, Sum):
            total = sum(float(c) * self.done[n] for c, n in node.terms)
            return np.asarray(total)
        if isinstance(node, Product):
            return self._product(node)
        if isinstance(node, Transpose):
            return self._transpose(self.done[node.operand])
        assert isinstance(node, Apply)
        return self._operation(node)

    def _transpose(self, x: Array) -> Array:
        return x.T

    def _product(self, node: Product) -> Array:
        factor = np.array([[float(node.coefficient)]])
        for scalar in node.scalars:
            factor = factor * self.done[scalar]
        if not node.chain:
            return factor
        total = self.done[node.chain[0]]
        for matrix in node.chain[1:]:
            total = total @ self.done[matrix]
        return factor * total

    def _constant(self, node: Constant) -> Array:
        if node.name == "pi":
            return np.array([[math.pi]])
        numbers = [size.value(self.sizes) for size in node.sizes]
        if node.name == "size":
            return np.array([[float(numbers[0])]])
        if node.name == "eye":
            return np.eye(numbers[0])
        if node.name in ("ones", "zeros"):
            rows, columns = (size.value(self.sizes) for size in node.shape)
            return np.full((rows, columns), float(node.name == "ones"))
        make: Callable[..., Array] = _NAMESPACE[node.name]
        return np.asarray(make(*numbers))

    def _operation(self, node: Apply) -> Array:
        record = node.operation
        if record.name == "series":
            return self._series(node)
        if record.value == THROUGH_MEANING:
            return self.value(meaning(node))
        if record.name == "hadamard":
            return self._hadamard(node)
        local: dict[str, Any] = {p: self.done[a] for p, a in zip(record.parameters, node.arguments, strict=True)}
        local.update({p: s.value(self.sizes) for p, s in zip(record.size_parameters, node.sizes, strict=True)})
        if record.declared is not None:
            local["out"] = tuple(size.value(self.sizes) for size in node.shape)
        return np.asarray(eval(_compiled(record.value), _NAMESPACE, local))  # the text is mc's own record

    def _hadamard(self, node: Apply) -> Array:
        total = self.done[node.arguments[0]]
        for other in node.arguments[1:]:
            total = total * self.done[other]
        return total

    def _series(self, node: Apply) -> Array:
        index, low, high, body = node.arguments
        assert isinstance(index, Symbol)
        first, last = (round(float(np.real(self.value(n)[0, 0]))) for n in (low, high))
        if last - first > LONGEST_SERIES:
            raise DomainError(f"a sum of {last - first + 1} terms is too long to evaluate")
        total = np.zeros(tuple(size.value(self.sizes) for size in node.shape))
        for i in range(first, last + 1):
            arrays = {**self.arrays, index.name: np.array([[float(i)]])}
            inside = Evaluator(arrays, {**self.sizes, index.name: i})
            total = total + inside.value(body)
        return total


def _walk_outside_series(node: Node) -> list[Node]:
    """Children before parents, without the bodies of symbolic sums (their index has no value outside)."""
    order: list[Node] = []
    seen: set[int] = set()
    stack: list[tuple[Node, bool]] = [(node, False)]
    while stack:
        current, expanded = stack.pop()
        if expanded:
            order.append(current)
            continue
        if current.key in seen:
            continue
        seen.add(current.key)
        stack.append((current, True))
        inside_sum = isinstance(current, Apply) and current.operation.name == "series"
        children = current.children()[1:3] if inside_sum else current.children()
        stack += [(child, False) for child in children]
    return order


def evaluate(node: Node, arrays: Mapping[str, Array], sizes: Sizes) -> Array:
    """The value of an expression. DomainError if it is not finite there."""
    with np.errstate(all="ignore"):
        value = Evaluator(arrays, sizes).value(node)
    if not np.all(np.isfinite(value)):
        raise DomainError("the expression is not finite at this point")
    return value


def is_analytic(node: Node) -> bool:
    """Whether the value may be computed at complex arrays (complex-step differences)."""
    return all(n.operation.analytic for n in walk(node) if isinstance(n, Apply))
