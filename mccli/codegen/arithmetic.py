"""Numbers, sizes and scalar factors in generated code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import lcm

from mccli.codegen.forge import Expr, Forge
from mccli.expressions.sizes import Monomial, Size

SHORT_DECIMAL = 10_000
"""A fraction whose denominator divides this is written as a decimal, any other one as a quotient."""


class Arithmetic:
    """Writes numbers, sizes and products of scalars. ``letters`` are the variables of the size letters."""

    def __init__(self, forge: Forge, letters: Mapping[str, str]) -> None:
        self.forge, self.letters = forge, letters

    def fraction(self, value: Fraction) -> Expr:
        """A rational number."""
        size = self.scaled(abs(value), [], [])
        return self.forge.negative(size) if value < 0 else size

    def scaled(
        self, coefficient: Fraction, over: Sequence[Expr], under: Sequence[Expr], array: Expr | None = None
    ) -> Expr:
        """``coefficient * over / under * array``: all scalars first, so that the array is scaled once."""
        top, bottom = _number_parts(abs(coefficient))
        above = [*([self.forge.constant(top)] if top != 1 else []), *over]
        below = [*([self.forge.constant(bottom)] if bottom != 1 else []), *under]
        if coefficient < 0 and above:
            above[0] = self.forge.negative(above[0])
        if not above:
            unscaled = array if array is not None else self.forge.constant(1)
            return self._divided(self.forge.negative(unscaled) if coefficient < 0 else unscaled, below)
        scalar = self._divided(self.forge.chained("*", above), below)
        return scalar if array is None else self.forge.make("#s * #x", s=scalar, x=array)

    def _divided(self, top: Expr, below: list[Expr]) -> Expr:
        return self.forge.make("#t / #b", t=top, b=self.forge.chained("*", below)) if below else top

    def size(self, size: Size) -> Expr:
        """A size as a whole number: ``m * n``, ``n + k - 1``, ``(n**2 + n) // 2``."""
        common = lcm(*(c.denominator for _, c in size.terms)) if size.terms else 1
        ordered = sorted(size.terms, key=lambda t: (t[1] < 0, -sum(p for _, p in t[0]), t[0]))
        total: Expr | None = None
        for monomial, coefficient in ordered:
            total = self._plus(total, monomial, coefficient * common)
        whole = total if total is not None else self.forge.constant(0)
        return whole if common == 1 else self.forge.make("#x // #c", x=whole, c=self.forge.constant(common))

    def _plus(self, total: Expr | None, monomial: Monomial, coefficient: Fraction) -> Expr:
        term = self._monomial(monomial, abs(int(coefficient)))
        if total is None:
            return self.forge.negative(term) if coefficient < 0 else term
        return self.forge.make("#a - #b" if coefficient < 0 else "#a + #b", a=total, b=term)

    def _monomial(self, monomial: Monomial, factor: int) -> Expr:
        factors = [self.forge.constant(factor)] if factor != 1 or not monomial else []
        for letter, power in monomial:
            base = self.forge.name(self.letters[letter])
            raised = self.forge.make("#x ** #p", x=base, p=self.forge.constant(power)) if power > 1 else base
            factors.append(raised)
        return self.forge.chained("*", factors)


def _number_parts(value: Fraction) -> tuple[int | float, int]:
    """A positive number as numerator and denominator; short decimals have the denominator 1."""
    if value.denominator == 1:
        return int(value), 1
    if SHORT_DECIMAL % value.denominator == 0 and value.numerator < SHORT_DECIMAL:
        return float(value), 1
    return value.numerator, value.denominator
