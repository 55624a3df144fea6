"""Whether a scalar expression is exactly 0: decided by arithmetic of polynomials, or not at all.

Quotients, roots, exponentials, logarithms, sines and signs become further variables of a polynomial. What is known of
them is used: v p = 1 for v = 1/p, g^q = p for g = p^(1/q), exp(a + b) = exp(a) exp(b), sin^2 + cos^2 = 1, sign^2 = 1
(where the expression is differentiable). A polynomial that vanishes after that proves the expression 0; any other
outcome proves nothing, since further relations may hold between these variables. A value at a point with many digits,
on the other hand, can show that an expression is not 0.
"""

from __future__ import annotations

import random
from typing import Any

import mpmath  # type: ignore[import-untyped]
import sympy
from sympy.polys.fields import field
from sympy.polys.rings import ring

from mccli.symbolic.scalars import written_definition

DIGITS = 60
CLEARLY = 25
"""Two values that differ before this many digits are not equal."""


class Unfamiliar(Exception):
    """A function or number that the arithmetic here does not know, or a division by 0."""


class Tower:
    """Variables for everything that is no polynomial, in the order in which they are built on one another."""

    def __init__(self) -> None:
        self.variables: dict[tuple[str, Any], Any] = {}
        self.powers: dict[Any, tuple[int, Any]] = {}
        """A variable g with g^q = value, by q and value; the value contains earlier variables only."""
        self.inverses: dict[Any, Any] = {}
        """A variable v with v value = 1, by the value."""
        self.logarithms: dict[Any, Any] = {}
        self.done: dict[Any, Any] = {}

    # ------------------------------------------------------------------------------ from SymPy to polynomials

    def variable(self, kind: str, key: Any) -> Any:
        """The variable that stands for a function of a canonical argument."""
        if (kind, key) not in self.variables:
            self.variables[kind, key] = sympy.Symbol(f"%{kind}{len(self.variables)}")
        return self.variables[kind, key]

    def polynomial(self, expression: Any) -> Any:
        """The expression as a polynomial in its symbols and in variables of the tower."""
        if expression not in self.done:
            self.done[expression] = self.fresh(expression)
        return self.done[expression]

    def fresh(self, expression: Any) -> Any:
        """One step of :meth:`polynomial`. Unfamiliar for what cannot be read."""
        if expression.is_Symbol or expression.is_Rational:
            return expression
        if expression.is_Add or expression.is_Mul:
            return expression.func(*(self.polynomial(a) for a in expression.args))
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
            return self.raised(self.polynomial(base), int(exponent))
        if exponent.is_Rational:
            return self.raised(self.root(self.canonical(base), exponent.q), exponent.p)
        return self.exponential(self.canonical(exponent * self.log(base)))

    def raised(self, base: Any, exponent: int) -> Any:
        """A whole power of a polynomial; a negative one is a power of the variable for its inverse."""
        if exponent >= 0 or (base.is_Rational and base != 0):
            return base**exponent
        if base.is_Pow and base.exp.is_Integer:
            return self.raised(base.base, int(base.exp) * exponent)
        if base.is_Mul:
            return sympy.Mul(*(self.raised(factor, exponent) for factor in base.args))
        if not self.reduced(base):
            raise Unfamiliar("division by zero")
        inverse = self.variable("inverse", base)
        self.inverses[inverse] = base
        return inverse**-exponent

    def root(self, value: Any, q: int) -> Any:
        """g with g^q = value."""
        value = self.polynomial(value)
        if q == 1:
            return value
        root = self.variable("root", (value, q))
        self.powers[root] = (q, value)
        return root

    def function(self, expression: Any) -> Any:
        """A function of SymPy."""
        written_out = written_definition(expression)
        if written_out is not None:
            return self.polynomial(written_out)
        if isinstance(expression, sympy.log):
            return self.polynomial(self.log(expression.args[0]))
        if isinstance(expression, sympy.sinh | sympy.cosh | sympy.tanh):
            return self.polynomial(expression.rewrite(sympy.exp))
        if isinstance(expression, sympy.tan):
            return self.polynomial(sympy.sin(expression.args[0]) / sympy.cos(expression.args[0]))
        arguments = [self.canonical(a) for a in expression.args]
        u = arguments[0] if arguments else None
        match expression:
            case sympy.exp():
                return self.exponential(u)
            case sympy.sin() | sympy.cos():
                return self.circular(expression, u)
            case sympy.sign():
                return self.sign(u)
            case sympy.Abs():
                return self.polynomial(u) * self.sign(u)
        if not isinstance(expression, sympy.Function):
            raise Unfamiliar(str(expression))
        return self.variable(type(expression).__name__, tuple(arguments))

    def log(self, base: Any) -> Any:
        """The logarithm as an expression: of a power and of an exponential the exponent, else a variable."""
        if isinstance(base, sympy.exp):
            return base.args[0]
        if base.is_Pow and not base.exp.is_Rational:
            return base.exp * self.log(base.base)
        key = self.canonical(base)
        logarithm = self.variable("log", key)
        self.logarithms[logarithm] = key
        return logarithm

    def exponential(self, u: Any) -> Any:
        """exp of a sum as a product: one variable per monomial, a root of it for a fraction; exp(c log w) = w^c."""
        total = sympy.Integer(1)
        for term in sympy.Add.make_args(sympy.expand(u)):
            coefficient, monomial = term.as_coeff_Mul()
            base = self.logarithms.get(monomial)
            if base is None:
                base = self.variable("exp", monomial)
            total *= self.raised(self.root(base, int(coefficient.q)), int(coefficient.p))
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

    # ------------------------------------------------------------------------------ arithmetic

    def canonical(self, expression: Any) -> Any:
        """An argument as a fraction in its lowest terms, so that equal arguments give equal variables."""
        value = self.polynomial(expression)
        symbols = self.symbols_of(value)
        if not symbols or (value.is_Symbol and value not in self.inverses):
            return value
        domain = field([s for s in symbols if s not in self.inverses] or [sympy.Symbol("%none")], sympy.QQ)[0]
        done: dict[Any, Any] = {}
        for inverse in (v for v in self.variables.values() if v in self.inverses and v in symbols):
            done[inverse] = 1 / evaluated(self.inverses[inverse], domain, done)
        return evaluated(value, domain, done).as_expr()

    def reduced(self, value: Any) -> Any:
        """A polynomial with every known relation put in; it is multiplied by what it was divided by."""
        symbols = self.symbols_of(value)
        domain = ring(symbols or [sympy.Symbol("%none")], sympy.QQ)[0]
        done: dict[Any, Any] = {}
        polynomial = evaluated(value, domain, done)
        for variable in reversed([v for v in self.variables.values() if v in symbols]):
            place = symbols.index(variable)
            if variable in self.inverses:
                polynomial = _cleared(polynomial, place, evaluated(self.inverses[variable], domain, done))
            elif variable in self.powers:
                q, power = self.powers[variable]
                polynomial = _lowered(polynomial, place, q, evaluated(power, domain, done))
        return polynomial

    def symbols_of(self, value: Any) -> list[Any]:
        """The symbols of a polynomial and of everything that may be put in for one of them."""
        found: set[Any] = set()
        waiting = list(value.free_symbols)
        while waiting:
            symbol = waiting.pop()
            if symbol not in found:
                found.add(symbol)
                _, power = self.powers.get(symbol, (1, sympy.Integer(0)))
                waiting += [*power.free_symbols, *self.inverses.get(symbol, sympy.Integer(0)).free_symbols]
        return sorted(found, key=str)


def evaluated(expression: Any, domain: Any, done: dict[Any, Any]) -> Any:
    """A polynomial expression as an element of a ring of polynomials or a field of fractions."""
    if expression in done:
        return done[expression]
    if expression.is_Rational:
        value = domain(domain.domain.from_sympy(expression))
    elif expression.is_Symbol:
        value = domain.gens[domain.symbols.index(expression)]
    elif expression.is_Pow:
        value = evaluated(expression.base, domain, done) ** int(expression.exp)
    else:
        value = domain.zero if expression.is_Add else domain.one
        for part in (evaluated(a, domain, done) for a in expression.args):
            value = value + part if expression.is_Add else value * part
    done[expression] = value
    return value


def _by_power(polynomial: Any, place: int) -> dict[int, Any]:
    """The coefficients of the powers of one variable."""
    groups: dict[int, dict[tuple[int, ...], Any]] = {}
    for monomial, coefficient in polynomial.terms():
        groups.setdefault(monomial[place], {})[(*monomial[:place], 0, *monomial[place + 1 :])] = coefficient
    return {power: polynomial.ring.from_dict(terms) for power, terms in groups.items()}


def _cleared(polynomial: Any, place: int, divisor: Any) -> Any:
    """The polynomial times the highest power of the divisor that it is divided by."""
    groups = _by_power(polynomial, place)
    highest = max(groups, default=0)
    return sum((part * divisor ** (highest - k) for k, part in groups.items()), polynomial.ring.zero)


def _lowered(polynomial: Any, place: int, q: int, power: Any) -> Any:
    """The polynomial with g^q put in as ``power``."""
    generator = polynomial.ring.gens[place]
    groups = _by_power(polynomial, place)
    return sum((p * generator ** (k % q) * power ** (k // q) for k, p in groups.items()), polynomial.ring.zero)


def is_zero(expression: Any, tower: Tower) -> bool:
    """Whether the expression is proved to be 0. False says nothing. ``tower`` may be shared by many questions."""
    try:
        return not tower.reduced(tower.polynomial(expression))
    except (Unfamiliar, ZeroDivisionError, sympy.PolynomialError, NotImplementedError):
        return False


# ------------------------------------------------------------------------------------------------- points


def random_value(symbol: Any, seed: int) -> Any:
    """A fraction that depends on the name. Four kinds of points take turns.

    Small and positive; large on diagonals, where matrices are definite; of either sign; of the opposite signs.
    """
    kind, dice = seed % 4, random.Random(f"{symbol.name} {seed}")
    value = sympy.Rational(dice.randint(1000, 9000), 10007)
    indices = symbol.name.rsplit("_", 2)[1:]
    if kind == 1 and len(indices) == 2 and indices[0] == indices[1]:
        return value + 3
    heads = random.Random(f"{symbol.name} {seed // 4}").random() < 0.5
    return -value if not symbol.is_positive and ((kind == 2 and heads) or (kind == 3 and not heads)) else value


class Point:
    """Evaluates expressions at one random point with many digits, every shared part once."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.done: dict[Any, Any] = {}

    def value(self, expression: Any) -> Any:
        """The value, or None where it is not a finite real number. Unfamiliar for an unknown function."""
        with mpmath.workdps(DIGITS):
            try:
                value = self.one(expression)
            except (ArithmeticError, ValueError):
                return None
            return mpmath.re(value) if mpmath.im(value) == 0 and mpmath.isfinite(value) else None

    def one(self, expression: Any) -> Any:
        """The value of a node from those of its children."""
        if expression not in self.done:
            self.done[expression] = self.fresh(expression)
        return self.done[expression]

    def fresh(self, expression: Any) -> Any:
        """One step of :meth:`one`."""
        if expression.is_Symbol:
            expression = random_value(expression, self.seed)
        if expression.is_Rational:
            return mpmath.mpf(int(expression.p)) / int(expression.q)
        if expression is sympy.pi or expression is sympy.E:
            return +mpmath.pi if expression is sympy.pi else +mpmath.e
        written_out = written_definition(expression)
        if written_out is not None:
            return self.one(written_out)
        arguments = [self.one(argument) for argument in expression.args]
        if expression.is_Add or expression.is_Mul:
            return mpmath.fsum(arguments) if expression.is_Add else mpmath.fprod(arguments)
        if expression.is_Pow:
            exponent = expression.exp
            return arguments[0] ** int(exponent) if exponent.is_Integer else mpmath.power(*arguments)
        name = type(expression).__name__
        if name not in _EVALUATED:
            raise Unfamiliar(str(expression))
        return getattr(mpmath, "fabs" if name == "Abs" else name)(*arguments)


_EVALUATED = frozenset({
    "exp", "log", "sin", "cos", "tan", "sinh", "cosh", "tanh", "asin", "acos", "atan", "erf", "loggamma", "polygamma",
    "sign", "Abs",
})  # fmt: skip
"""The functions of SymPy that mpmath has by the same name."""


def differ_at(left: Any, right: Any, point: Point) -> bool | None:
    """Whether two expressions differ at a point; None where one of them has no value."""
    a, b = point.value(left), point.value(right)
    if a is None or b is None:
        return None
    with mpmath.workdps(DIGITS):
        return bool(abs(a - b) > (1 + abs(a) + abs(b)) * mpmath.mpf(10) ** -CLEARLY)
