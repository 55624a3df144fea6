"""The decision whether a scalar is 0: it proves what is 0, and never what is not."""

from __future__ import annotations

import pytest
import sympy

from mccli.symbolic.scalars import scalar_function
from mccli.symbolic.zero import Point, Tower, differ_at, is_zero

x, y = sympy.symbols("x y", real=True)
p = sympy.Symbol("p", positive=True)
absolute, sign, relu, sigmoid = (scalar_function(name) for name in ("abs", "sign", "relu", "sigmoid"))

ZERO = [
    (x + y) ** 2 - x**2 - 2 * x * y - y**2,
    1 / (x - y) - 1 / x - y / (x * (x - y)),
    1 / (1 + 1 / (1 + 1 / x)) - (x + 1) / (2 * x + 1),
    sympy.exp(x + y) - sympy.exp(x) * sympy.exp(y),
    sympy.exp(x / 2) ** 2 * sympy.exp(-x) - 1,
    sympy.exp(p * sympy.log(p)) - p**p,
    p ** (x - 1) * p - p**x,
    sympy.sqrt(x**2 + y**2) ** 3 - (x**2 + y**2) * sympy.sqrt(x**2 + y**2),
    1 / sympy.sqrt(1 + x**2) - sympy.sqrt(1 + x**2) / (1 + x**2),
    sympy.sin(x) ** 4 - (1 - sympy.cos(x) ** 2) ** 2,
    sympy.tan(x) ** 2 + 1 - 1 / sympy.cos(x) ** 2,
    sympy.sin(x - y) + sympy.sin(y - x),
    sympy.tanh(x) - (sympy.exp(x) - sympy.exp(-x)) / (sympy.exp(x) + sympy.exp(-x)),
    sympy.cosh(x) ** 2 - sympy.sinh(x) ** 2 - 1,
    absolute(x) * sign(x) - x,
    absolute(x - y) - absolute(y - x),
    absolute(2 * x) - 2 * absolute(x),
    sign(x * y) ** 2 - 1,
    relu(x) - relu(-x) - x,
    sigmoid(x) + sigmoid(-x) - 1,
    sympy.log(x**2 + 2 * x + 1) - sympy.log((x + 1) ** 2),
    sympy.erf(x * (1 + y)) - sympy.erf(x + x * y),
    sympy.sqrt(2) * sympy.sqrt(sympy.pi) * sympy.sqrt(2) - 2 * sympy.sqrt(sympy.pi),
    sympy.E**2 - sympy.exp(1) * sympy.exp(1),
]
NOT_ZERO = [
    x - y, sympy.Integer(1), x**2 + y**2, sympy.exp(x) - 1 - x, sympy.sqrt(x**2 + 1) - x, absolute(x) - x, sign(x) - 1,
    sympy.sin(x) ** 2 + sympy.cos(y) ** 2 - 1, 1 / x - 1 / y, sympy.exp(x) * sympy.exp(y) - sympy.exp(x * y),
    relu(x) - x, sigmoid(x) - sigmoid(-x), sympy.pi - sympy.Rational(22, 7), p**x - p ** (2 * x), sympy.log(p) - p,
    sympy.Rational(1, 10**12) * x,
]  # fmt: skip


@pytest.mark.parametrize("expression", ZERO, ids=str)
def test_zero_is_proved(expression: sympy.Expr) -> None:
    assert is_zero(expression, Tower())


@pytest.mark.parametrize("expression", NOT_ZERO, ids=str)
def test_what_is_not_zero_is_not_proved_and_is_found_at_points(expression: sympy.Expr) -> None:
    assert not is_zero(expression, Tower())
    assert True in {differ_at(expression, sympy.Integer(0), Point(seed)) for seed in range(4)}


@pytest.mark.parametrize("expression", ZERO, ids=str)
def test_points_never_speak_against_what_is_zero(expression: sympy.Expr) -> None:
    assert True not in {differ_at(expression, sympy.Integer(0), Point(seed)) for seed in range(4)}


@pytest.mark.parametrize("expression", [
    1 / (sympy.sin(x) ** 2 + sympy.cos(x) ** 2 - 1), sympy.I * x, sympy.oo, sympy.Float(0.5) * x,
    sympy.Integral(sympy.exp(x**2), (x, 0, 1)), sympy.gamma(x) * x - sympy.gamma(x + 1),
], ids=str)  # fmt: skip
def test_what_is_not_understood_is_not_proved(expression: sympy.Expr) -> None:
    assert not is_zero(expression, Tower())


def test_a_quotient_that_is_undefined_everywhere_is_not_proved() -> None:
    hidden_zero = absolute(x) * sign(x) - x
    quotient = sympy.Mul(y - y * sign(x) ** 2, sympy.Pow(hidden_zero, -1, evaluate=False), evaluate=False)
    assert is_zero(hidden_zero, Tower())
    assert not is_zero(quotient, Tower())


def test_no_value_is_claimed_outside_the_domain() -> None:
    assert Point(0).value(sympy.log(-(x**2))) is None
    assert Point(0).value(sympy.sqrt(-(p**2) - 1)) is None
    assert Point(0).value(1 / (absolute(x) * sign(x) - x)) is None
    assert differ_at(sympy.log(-p), x, Point(0)) is None
