"""Whether a scalar expression is exactly 0: decided by arithmetic of fractions, or not at all.

Roots, exponentials, logarithms, sines and signs become further variables of a rational function. What is
known of them is used: exp(a + b) = exp(a) exp(b), g^q = p for g = p^(1/q), sin^2 + cos^2 = 1, sign^2 = 1 (where
the expression is differentiable). A numerator that is the zero polynomial after that proves the expression 0; any
other outcome proves nothing, since further relations may hold between these variables. A value at a point with many
digits, on the other hand, can show that an expression is not 0.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from typing import Any

import mpmath
import sympy
from sympy.polys.fields import field

from mccli.symbolic.scalars import defined_away

DIGITS = 60
CLEARLY = sympy.Rational(1, 10**25)
"""Two values that differ by more than this part of their size at ``DIGITS`` digits are not equal."""


class Unfamiliar(Exception):
    """A function or number that the arithmetic here does not know."""


class Tower:
    """Variables for everything that is no rational function, and what is known of them."""

    def __init__(self) -> None:
        self.variables: dict[tuple[str, Any], Any] = {}
        self.powers: dict[Any, tuple[int, Any]] = {}
        """A variable g with g^q = value, by q and value; the value contains earlier variables only."""
        self.logarithms: dict[Any, Any] = {}
        self.done: dict[Any, Any] = {}

    def variable(self, kind: str, key: Any) -> Any:
        """The variable that stands for a function of a canonical argument."""
        if (kind, key) not in self.variables:
            self.variables[kind, key] = sympy.Symbol(f"%{kind}{len(self.variables)}")
        return self.variables[kind, key]

    def rational(self, expression: Any) -> Any:
        """The expression as a rational function of its symbols and of the variables here."""
        if expression not in self.done:
            self.done[expression] = self.fresh(expression)
        return self.done[expression]

    def fresh(self, expression: Any) -> Any:
        """One step of :meth:`rational`. Unfamiliar for what cannot be read."""
        if expression.is_Symbol or expression.is_Rational:
            return expression
        if expression.is_Add or expression.is_Mul:
            return expression.func(*(self.rational(a) for a in expression.args))
        if expression is sympy.E:
            return self.exponential(sympy.Integer(1))
        if expression.is_Pow:
            return self.power(expression.base, expression.exp)
        if expression is sympy.pi:
            return self.variable("pi", ())
        return self.function(expression)

    def power(self, base: Any, exponent: Any) -> Any:
        """A whole power, a root, or exp(exponent log base)."""
        if exponent.is_Integer:
            return self.rational(base) ** exponent
        if exponent.is_Rational:
            return self.root(self.canonical(base), exponent.q) ** exponent.p
        return self.rational(sympy.exp(exponent * sympy.log(base), evaluate=False))

    def root(self, value: Any, q: int) -> Any:
        """g with g^q = value."""
        if q == 1:
            return value
        root = self.variable("root", (value, q))
        self.powers[root] = (q, value)
        return root

    def function(self, expression: Any) -> Any:
        """A function of SymPy."""
        arguments = [self.canonical(a) for a in expression.args]
        u = arguments[0] if arguments else None
        match expression:
            case sympy.exp():
                return self.exponential(u)
            case sympy.log():
                logarithm = self.variable("log", u)
                self.logarithms[logarithm] = u
                return logarithm
            case sympy.sinh() | sympy.cosh() | sympy.tanh():
                return self.rational(expression.rewrite(sympy.exp))
            case sympy.sin() | sympy.cos():
                return self.circular(expression, u)
            case sympy.tan():
                return self.rational(sympy.sin(expression.args[0]) / sympy.cos(expression.args[0]))
            case sympy.sign():
                return self.sign(u)
            case sympy.Abs():
                return u * self.sign(u)
        if not isinstance(expression, sympy.Function) or expression.has(sympy.Integral, sympy.Derivative):
            raise Unfamiliar(str(expression))
        return self.variable(type(expression).__name__, tuple(arguments))

    def exponential(self, u: Any) -> Any:
        """exp of a sum as a product: one variable per monomial, a root of it for a fraction; exp(c log w) = w^c."""
        total = sympy.Integer(1)
        for term in sympy.Add.make_args(sympy.expand(u)):
            coefficient, monomial = term.as_coeff_Mul()
            base = self.logarithms.get(monomial)
            if base is None:
                base = self.variable("exp", monomial)
            total *= self.root(base, int(coefficient.q)) ** coefficient.p
        return total

    def circular(self, expression: Any, u: Any) -> Any:
        """sin and cos of one argument, tied by sin^2 = 1 - cos^2."""
        negative = u.could_extract_minus_sign()
        cosine, sine = (self.variable(name, -u if negative else u) for name in ("cos", "sin"))
        self.powers[sine] = (2, 1 - cosine**2)
        if isinstance(expression, sympy.cos):
            return cosine
        return -sine if negative else sine

    def sign(self, u: Any) -> Any:
        """The sign, of which the square is 1; positive factors do not matter."""
        if u.is_Rational or u.is_positive:
            return sympy.sign(u)
        content, primitive = u.as_content_primitive()
        negative = primitive.could_extract_minus_sign()
        sign = self.variable("sign", sympy.expand(-primitive if negative else primitive))
        self.powers[sign] = (2, sympy.Integer(1))
        return -sign * sympy.sign(content) if negative else sign * sympy.sign(content)

    def canonical(self, expression: Any) -> Any:
        """A rational function in its lowest terms, so that equal arguments give equal variables."""
        value = self.rational(expression)
        return self.reduced(value).as_expr()

    def reduced(self, value: Any) -> Any:
        """A rational function as a fraction of polynomials, with every known power put in."""
        symbols = self.symbols_of(value)
        if not symbols:
            symbols = [sympy.Symbol("%none")]
        domain = field(symbols, sympy.QQ)[0]
        done: dict[Any, Any] = {}
        fraction = _fraction(value, domain, done)
        for symbol in reversed([s for s in self.variables.values() if s in self.powers and s in symbols]):
            q, power = self.powers[symbol]
            fraction = _reduce(fraction, symbols.index(symbol), q, _fraction(power, domain, done))
        return fraction

    def symbols_of(self, value: Any) -> list[Any]:
        """The symbols of a rational function and of every power that may be put in for one of them."""
        found: set[Any] = set()
        waiting = list(value.free_symbols)
        while waiting:
            symbol = waiting.pop()
            if symbol not in found:
                found.add(symbol)
                waiting += self.powers[symbol][1].free_symbols if symbol in self.powers else []
        return sorted(found, key=str)


def _fraction(expression: Any, domain: Any, done: dict[Any, Any]) -> Any:
    """A rational function as an element of a field of fractions. Unfamiliar if it divides by 0."""
    if expression in done:
        return done[expression]
    if expression.is_Rational:
        value = domain.domain_new(expression)
        value = domain.field_new(value)
    elif expression.is_Symbol:
        value = domain.gens[domain.symbols.index(expression)]
    elif expression.is_Pow:
        base = _fraction(expression.base, domain, done)
        if not base and expression.exp < 0:
            raise Unfamiliar("division by zero")
        value = base ** int(expression.exp)
    else:
        value = domain.zero if expression.is_Add else domain.one
        for part in (_fraction(a, domain, done) for a in expression.args):
            value = value + part if expression.is_Add else value * part
    done[expression] = value
    return value


def _reduce(fraction: Any, place: int, q: int, power: Any) -> Any:
    """A fraction with g^q put in as ``power``; g is the variable at ``place``."""
    domain = fraction.field
    parts = [_reduced_polynomial(p, domain, place, q, power) for p in (fraction.numer, fraction.denom)]
    if not parts[1]:
        raise Unfamiliar("division by zero")
    return parts[0] / parts[1]


def _reduced_polynomial(polynomial: Any, domain: Any, place: int, q: int, power: Any) -> Any:
    groups: dict[int, dict[tuple[int, ...], Any]] = {}
    for monomial, coefficient in polynomial.terms():
        whole, rest = divmod(monomial[place], q)
        groups.setdefault(whole, {})[(*monomial[:place], rest, *monomial[place + 1 :])] = coefficient
    total = domain.zero
    for whole, terms in groups.items():
        total += domain.field_new(domain.ring.from_dict(terms)) * power**whole
    return total


def is_zero(expression: Any, tower: Tower) -> bool:
    """Whether the expression is proved to be 0. False says nothing. ``tower`` may be shared by many questions."""
    try:
        return not tower.reduced(tower.rational(defined_away(expression)))
    except (Unfamiliar, ZeroDivisionError, sympy.PolynomialError, NotImplementedError):
        return False


# ------------------------------------------------------------------------------------------------- points


def random_point(symbols: Iterable[Any], seed: int) -> dict[Any, Any]:
    """Random fractions: small positive numbers, then with large diagonals, then of either sign."""
    dice = random.Random(seed)
    point = {}
    for symbol in sorted(symbols, key=str):
        value = sympy.Rational(dice.randint(1000, 9000), 10007)
        _, *indices = symbol.name.rsplit("_", 2)
        if seed % 3 == 1 and len(indices) == 2 and indices[0] == indices[1]:
            value += 3
        if seed % 3 == 2 and not symbol.is_positive and dice.random() < 0.5:
            value = -value
        point[symbol] = value
    return point


def value_at(expression: Any, point: Mapping[Any, Any]) -> Any:
    """The value with many digits, or None where it is not a finite real number."""
    symbols = sorted(expression.free_symbols, key=str)
    names = [sympy.Symbol(f"p{i}") for i in range(len(symbols))]
    plain = defined_away(expression).xreplace(dict(zip(symbols, names, strict=True)))
    with mpmath.workdps(DIGITS):
        try:
            numbers = [mpmath.mpf(point[s].p) / point[s].q for s in symbols]
            value = sympy.lambdify(names, plain, "mpmath", cse=True)(*numbers)
            value = mpmath.mpmathify(value)
        except (ArithmeticError, ValueError, TypeError, NameError, KeyError):
            return None
        if mpmath.im(value) != 0 or not mpmath.isfinite(value):
            return None
        return mpmath.re(value)


def differ_at(left: Any, right: Any, point: Mapping[Any, Any]) -> bool | None:
    """Whether two expressions differ at a point; None where one of them has no value."""
    a, b = value_at(left, point), value_at(right, point)
    if a is None or b is None:
        return None
    with mpmath.workdps(DIGITS):
        return bool(abs(a - b) > (1 + abs(a) + abs(b)) * mpmath.mpf(10) ** -25)
