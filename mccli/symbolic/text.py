"""SymPy scalars as text in mc's language, entry by entry: the text means the same for numbers and for arrays.

Products, quotients and powers are written ``.*``, ``./`` and ``.^``, so that the argument may be an array.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy

from mccli.errors import DeriveError
from mccli.symbolic.scalars import record_of

_NAMES = {
    "exp": "exp", "log": "log", "sin": "sin", "cos": "cos", "tan": "tan", "sinh": "sinh", "cosh": "cosh",
    "tanh": "tanh", "asin": "arcsin", "acos": "arccos", "atan": "arctan", "erf": "erf", "loggamma": "gammaln",
    "Abs": "abs", "sign": "sign",
}  # fmt: skip
_POLYGAMMA = {0: "digamma", 1: "trigamma"}
NEGATION, PRODUCT, POWER, ATOM = 1, 2, 3, 4


def entrywise_text(expression: Any, names: Mapping[Any, str]) -> str:
    """The text of a scalar. ``names`` gives the text of every symbol. DeriveError for what mc has no word for."""
    return ScalarPrinter(names).text(expression)


class ScalarPrinter:
    """Prints with the fewest brackets; a piece is a text and how tightly it binds.

    ``dot`` stands before ``*``, ``/`` and ``^``: "." for operations entry by entry.
    """

    def __init__(self, names: Mapping[Any, str], dot: str = ".") -> None:
        self.names = dict(names)
        self.dot = dot

    def text(self, expression: Any, binding: int = 0) -> str:
        """The text, in brackets unless it binds at least as tightly as asked."""
        text, tight = self.piece(expression)
        return text if tight >= binding else f"({text})"

    def piece(self, expression: Any) -> tuple[str, int]:
        """The text of a node and its binding."""
        if expression in self.names:
            text = self.names[expression]
            return text, ATOM if text.isidentifier() else 0
        if expression.is_Rational:
            return self.rational(expression)
        if expression is sympy.pi or expression is sympy.E:
            return ("pi" if expression is sympy.pi else "exp(1)"), ATOM
        if expression.is_Add:
            return self.sum(expression), 0
        if expression.is_Mul:
            return self.product(expression)
        if expression.is_Pow:
            return self.power(expression.base, expression.exp)
        return self.function(expression), ATOM

    def rational(self, value: Any) -> tuple[str, int]:
        """A number; a fraction of two literals is one number in mc."""
        binding = ATOM if value.is_Integer else PRODUCT
        return str(value), NEGATION if value < 0 else binding

    def sum(self, expression: Any) -> str:
        """Simple terms first, with a positive one in front."""
        terms = sorted(expression.args, key=self.place_in_sum)
        parts = [self.text(terms[0], NEGATION)]
        for term in terms[1:]:
            negative = term.could_extract_minus_sign()
            parts.append(f" - {self.text(-term, PRODUCT)}" if negative else f" + {self.text(term, PRODUCT)}")
        return "".join(parts)

    def place_in_sum(self, term: Any) -> tuple[object, ...]:
        """Positive before negative, numbers before functions, short before long."""
        size = sum(1 for _ in sympy.preorder_traversal(-term if term.could_extract_minus_sign() else term))
        return (term.could_extract_minus_sign(), not term.is_number, size, str(term))

    def product(self, expression: Any) -> tuple[str, int]:
        """Number, constants, factors; then ``./`` and the denominator."""
        if expression.could_extract_minus_sign():
            return f"-{self.text(-expression, PRODUCT)}", NEGATION
        coefficient, rest = expression.as_coeff_Mul()
        factors = sorted(sympy.Mul.make_args(rest), key=self.place_in_product)
        below = [f.base**-f.exp for f in factors if f.is_Pow and f.exp.is_Rational and f.exp < 0]
        above = [f for f in factors if not (f.is_Pow and f.exp.is_Rational and f.exp < 0)]
        if below and coefficient.q != 1:
            below, coefficient = [sympy.Integer(coefficient.q), *below], sympy.Integer(coefficient.p)
        if coefficient != 1 or not above:
            above = [coefficient, *above]
        return self.factors(above) + self.divisor(below), PRODUCT

    def divisor(self, below: list[Any]) -> str:
        """``./`` and the product of the factors that are divided by."""
        if not below:
            return ""
        below_text = self.text(below[0], POWER) if len(below) == 1 else f"({self.factors(below)})"
        return f"{self.dot}/{below_text}"

    def factors(self, factors: list[Any]) -> str:
        """Factors joined entry by entry; constants in front by the product with a number."""
        text = ""
        for last, factor in zip([None, *factors], factors, strict=False):
            joint = "" if last is None else "*" if last.is_number else f"{self.dot}*"
            text += joint + self.text(factor, PRODUCT if factor.is_Rational else POWER)
        return text

    def place_in_product(self, factor: Any) -> tuple[object, ...]:
        """Constants, powers of symbols, functions, sums."""
        base = factor.base if factor.is_Pow else factor
        kind = 0 if factor.is_number else 1 if base.is_Symbol else 3 if base.is_Add else 2
        return (kind, sum(1 for _ in sympy.preorder_traversal(factor)), str(factor))

    def power(self, base: Any, exponent: Any) -> tuple[str, int]:
        """A power with a number as exponent; any other is exp of a logarithm, which arrays allow too."""
        if not exponent.is_Rational:
            return f"exp({self.text(exponent * sympy.log(base))})", ATOM
        if exponent < 0:
            return f"1{self.divisor([base**-exponent])}", PRODUCT
        if exponent == sympy.Rational(1, 2):
            return f"sqrt({self.text(base)})", ATOM
        return f"{self.text(base, ATOM)}{self.dot}^{self.text(exponent, ATOM)}", POWER

    def function(self, expression: Any) -> str:
        """A function by mc's name for it."""
        record = record_of(expression)
        name = record.name if record is not None else _NAMES.get(type(expression).__name__)
        arguments = expression.args
        if isinstance(expression, sympy.polygamma) and arguments[0] in _POLYGAMMA:
            name, arguments = _POLYGAMMA[int(arguments[0])], arguments[1:]
        if isinstance(expression, sympy.Max) and len(arguments) == 2 and 0 in arguments:
            name, arguments = "relu", tuple(a for a in arguments if a != 0)
        if isinstance(expression, sympy.Heaviside):
            name, arguments = "step", arguments[:1]
        if name is None:
            raise DeriveError(f"mc has no function for {expression}")
        return f"{name}({', '.join(self.text(a) for a in arguments)})"
