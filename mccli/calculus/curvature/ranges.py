"""Bounds that hold for every entry of an expression: what signs are certain from declarations and form.

Interval arithmetic with exact ends (Moore, Interval Analysis, 1966). An end that is not attained is open, so that
exp(x) > 0 and ‖x‖² >= 0 are told apart. What is not known is unbounded; nothing is guessed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection
from fractions import Fraction
from functools import reduce
from math import inf
from typing import NamedTuple

from mccli.calculus.curvature.polynomials import same_sign
from mccli.expressions.tree import (
    Apply,
    Constant,
    Node,
    Number,
    Product,
    Sum,
    Symbol,
    Transpose,
    multiply,
    number,
    split_coefficient,
    subtract,
    traits,
    transpose,
)

Value = Fraction | float
"""A rational number, or plus or minus infinity."""


class End(NamedTuple):
    """An end of a range; ``open`` if it is not attained."""

    value: Value
    open: bool


class Range(NamedTuple):
    """Every entry lies between ``low`` and ``high``."""

    low: End
    high: End

    @property
    def nonnegative(self) -> bool:
        return self.low.value >= 0

    @property
    def positive(self) -> bool:
        return self.low.value > 0 or (self.low.value == 0 and self.low.open)

    @property
    def nonpositive(self) -> bool:
        return self.high.value <= 0

    @property
    def negative(self) -> bool:
        return self.high.value < 0 or (self.high.value == 0 and self.high.open)


def between(low: Value, high: Value, *, low_open: bool = False, high_open: bool = False) -> Range:
    """A range; infinite ends are open."""
    return Range(End(low, low_open or low == -inf), End(high, high_open or high == inf))


ANY = between(-inf, inf)
NONNEGATIVE = between(Fraction(0), inf)
POSITIVE = between(Fraction(0), inf, low_open=True)
ZERO = between(Fraction(0), Fraction(0))
UNIT = between(Fraction(0), Fraction(1))
INSIDE_UNIT = between(Fraction(0), Fraction(1), low_open=True, high_open=True)
POSITIVE_TO_ONE = between(Fraction(0), Fraction(1), low_open=True)
FROM_ONE = between(Fraction(1), inf)
SINE = between(Fraction(-1), Fraction(1))
INSIDE_SINE = between(Fraction(-1), Fraction(1), low_open=True, high_open=True)


def plus(a: Range, b: Range) -> Range:
    """The range of a sum."""
    return Range(
        End(a.low.value + b.low.value, a.low.open or b.low.open),
        End(a.high.value + b.high.value, a.high.open or b.high.open),
    )


def _product(a: End, b: End) -> End:
    """The product of two ends; zero times infinity is zero, attained if the zero is."""
    if a.value == 0 or b.value == 0:
        attained = (a.value == 0 and not a.open) or (b.value == 0 and not b.open)
        return End(Fraction(0), not attained)
    return End(a.value * b.value, a.open or b.open)


def times(a: Range, b: Range) -> Range:
    """The range of a product of two independent factors."""
    ends = [_product(x, y) for x in a for y in b]
    return Range(min(ends), max(ends, key=lambda e: (e.value, not e.open)))


def hull(a: Range, b: Range) -> Range:
    """The smallest range around both."""
    return Range(min(a.low, b.low), max(a.high, b.high, key=lambda e: (e.value, not e.open)))


def meet(a: Range, b: Range) -> Range:
    """The range of what lies in both."""
    low = max(a.low, b.low)
    return Range(low, min(a.high, b.high, key=lambda e: (e.value, not e.open)))


def total(entry: Range) -> Range:
    """The range of a sum of one or more entries: of the sign alone something is known."""
    low = entry.low if entry.nonnegative else End(-inf, True)
    high = entry.high if entry.nonpositive else End(inf, True)
    return Range(low, high)


ALWAYS: dict[str, Range] = {
    **dict.fromkeys(("exp", "softplus", "trigamma"), POSITIVE),
    **dict.fromkeys(("sigmoid", "normcdf", "normpdf"), INSIDE_UNIT),
    **dict.fromkeys(("softmax", "softmax_rows", "softmax_cols"), POSITIVE_TO_ONE),
    **dict.fromkeys(("sin", "cos"), SINE),
    **dict.fromkeys(("tanh", "erf"), INSIDE_SINE),
    **dict.fromkeys(("step", "indmax"), UNIT),
    "sign": SINE,
    "arctan": between(Fraction(-2), Fraction(2)),
    **dict.fromkeys(("cosh", "factorial"), FROM_ONE),
    **dict.fromkeys(
        ("abs", "relu", "sqrt", "logcosh", "huber", "sqnorm", "norm2", "normF", "norm1", "norminf", "normp", "rownorms",
         "colnorms", "var", "std", "sqdist", "sv", "normnuc", "normspec", "schatten", "svdS"),
        NONNEGATIVE,
    ),
}  # fmt: skip
"""The values of operations for all arguments of their domain."""

ODD_INCREASING = frozenset({"tanh", "erf", "arctan", "sinh", "log1p", "sign", "gelu", "silu", "mish", "softsign"})
"""Functions with the sign of their argument."""

SAME_ENTRIES = frozenset({"vec", "unvec", "diag", "top", "bottom", "left", "right", "max", "mean"})
"""Entries, the largest entry or means of the entries of the argument."""

WITH_ZEROS = frozenset({"Diag", "tril", "triu", "strictlower", "strictupper"})
SUMS = frozenset({"sum", "rowsums", "colsums", "tr", "cumsum", "toepsum", "circsum"})
BLOCKS = frozenset({"vcat", "hcat", "block"})


class Ranges:
    """Ranges of expressions, given which nodes are positive and which matrices are positive semidefinite."""

    def __init__(self, positive: Collection[Node], is_psd: Callable[[Node], bool]) -> None:
        self.positive, self.is_psd = frozenset(positive), is_psd
        self.known: dict[Node, Range] = {}

    def of(self, node: Node) -> Range:
        """The range of the entries of a node."""
        found = self.known.get(node)
        if found is None:
            self.known[node] = found = meet(self._of(node), POSITIVE) if self._assumed(node) else self._of(node)
        return found

    def at_most_one(self, node: Node) -> bool:
        """Whether a scalar is at most 1."""
        return self.of(subtract(number(1), node)).nonnegative

    def _assumed(self, node: Node) -> bool:
        return node in self.positive or (split_coefficient(node)[0] > 0 and split_coefficient(node)[1] in self.positive)

    def _of(self, node: Node) -> Range:
        if isinstance(node, Number):
            return between(node.value, node.value)
        if isinstance(node, Symbol):
            return _of_symbol(node)
        if isinstance(node, Constant):
            return _CONSTANTS.get(node.name, ANY)
        if isinstance(node, Transpose):
            return self.of(node.operand)
        if isinstance(node, Sum):
            return self._of_sum(node)
        if isinstance(node, Product):
            return self._of_product(node)
        assert isinstance(node, Apply)
        return self._of_operation(node)

    def _of_sum(self, node: Sum) -> Range:
        found = self._term_by_term(node)
        if found.nonnegative or found.nonpositive:
            return found
        for other in same_sign(node, lambda base: self.of(base).positive):
            sign = _with_sign_of(self._term_by_term(other) if isinstance(other, Sum) else self.of(other))
            if sign != ANY:
                return meet(found, sign)
        return found

    def _term_by_term(self, node: Sum) -> Range:
        return reduce(plus, (times(between(c, c), self.of(n)) for c, n in node.terms))

    def _of_product(self, node: Product) -> Range:
        found = between(node.coefficient, node.coefficient)
        for scalar in node.scalars:
            found = times(found, self.of(scalar))
        return times(found, self._of_chain(node)) if node.chain else found

    def _of_chain(self, node: Product) -> Range:
        chain = node.chain
        if len(chain) == 1:
            return self.of(chain[0])
        if node.is_scalar and transpose(chain[0]) == chain[-1]:
            middle = multiply(*chain[1:-1]) if len(chain) > 2 else None
            if middle is None or self.is_psd(middle):
                return NONNEGATIVE
        return reduce(lambda a, b: total(times(a, b)), (self.of(n) for n in chain))

    def _of_operation(self, node: Apply) -> Range:
        name = node.operation.name
        argument = node.arguments[0]
        if name == "power":
            return self._of_power(argument, node.arguments[1])
        if name == "hadamard":
            return self._of_hadamard(node)
        if name in SAME_ENTRIES | WITH_ZEROS | SUMS | BLOCKS:
            return self._of_arrangement(name, node)
        if name == "kron":
            return times(self.of(argument), self.of(node.arguments[1]))
        if name in ("det", "eigval") and "spd" in traits(argument):
            return POSITIVE
        found = ALWAYS.get(name, ANY)
        inside = self.of(argument)
        if name in ODD_INCREASING and (inside.nonnegative or inside.nonpositive):
            found = meet(found, _with_sign_of(inside))
        if name in ("exp", "sqrt", "log"):
            found = meet(found, _near_one(name, inside))
        return found

    def _of_arrangement(self, name: str, node: Apply) -> Range:
        inside = reduce(hull, (self.of(n) for n in node.arguments))
        if name in ("tr", "diag") and self.is_psd(node.arguments[0]):
            return NONNEGATIVE
        if name in SUMS:
            return total(inside)
        return hull(inside, ZERO) if name in WITH_ZEROS else inside

    def _of_hadamard(self, node: Apply) -> Range:
        found = between(Fraction(1), Fraction(1))
        for factor, count in Counter(node.arguments).items():
            found = times(found, self._whole_power(factor, count))
        return found

    def _whole_power(self, base: Node, exponent: int) -> Range:
        inside = self.of(base)
        once = inside if exponent == 1 else reduce(times, [inside] * exponent)
        if exponent % 2 or inside.nonnegative or inside.nonpositive:
            return once
        return meet(once, NONNEGATIVE)

    def _of_power(self, base: Node, exponent: Node) -> Range:
        inside = self.of(base)
        if not isinstance(exponent, Number):
            return POSITIVE if inside.positive else NONNEGATIVE if inside.nonnegative else ANY
        p = exponent.value
        if p > 0 and p.denominator == 1 and p <= 8:
            return self._whole_power(base, int(p))
        even = p.denominator == 1 and p.numerator % 2 == 0
        if p.denominator != 1 or inside.nonnegative or even:
            strict = inside.positive or p < 0
            return meet(POSITIVE if strict else NONNEGATIVE, _power_near_one(inside, p))
        return _with_sign_of(inside)


_CONSTANTS: dict[str, Range] = {
    "ones": between(Fraction(1), Fraction(1)), "zeros": ZERO, "eye": UNIT, "unit": UNIT, "commutation": UNIT,
    "size": FROM_ONE, "pi": between(Fraction(3), Fraction(4)),
}  # fmt: skip


def _of_symbol(symbol: Symbol) -> Range:
    known = traits(symbol)
    if "simplex" in known:
        return UNIT
    if "positive" in known:
        return NONNEGATIVE if known & {"diagonal", "lower", "upper"} else POSITIVE
    return SINE if "unit" in known else ANY


def _with_sign_of(inside: Range) -> Range:
    if inside.nonnegative:
        return POSITIVE if inside.positive else NONNEGATIVE
    if inside.nonpositive:
        return between(-inf, Fraction(0), high_open=inside.negative)
    return ANY


def _near_one(name: str, inside: Range) -> Range:
    """exp(u) <= 1 for u <= 0 and >= 1 for u >= 0; log(u) >= 0 for u >= 1; sqrt keeps to its side of 1."""
    if name == "exp":
        return FROM_ONE if inside.nonnegative else POSITIVE_TO_ONE if inside.nonpositive else ANY
    if name == "log":
        return NONNEGATIVE if inside.low.value >= 1 else between(-inf, Fraction(0)) if inside.high.value <= 1 else ANY
    return meet(_power_near_one(inside, Fraction(1, 2)), POSITIVE if inside.positive else NONNEGATIVE)


def _power_near_one(inside: Range, p: Fraction) -> Range:
    """x^p for x >= 0 is on the same side of 1 as x, or for p < 0 on the other."""
    if inside.nonnegative and inside.high.value <= 1:
        return between(Fraction(0), Fraction(1)) if p > 0 else FROM_ONE
    if inside.low.value >= 1:
        return FROM_ONE if p > 0 else POSITIVE_TO_ONE
    return ANY
