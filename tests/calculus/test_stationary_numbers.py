"""Stationary points against numbers that know nothing of the rules: a Newton step on differences, NumPy's solvers.

Also the checks themselves: a wrong solution, a wrong claim and a wrong eigenvalue problem must be noticed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

import mccli
from mccli.calculus.solving.affine import NotAffine, affine
from mccli.calculus.solving.gather import gathered
from mccli.calculus.solving.powers import powers
from mccli.calculus.solving.regular import is_singular
from mccli.calculus.solving.spread import spread
from mccli.calculus.solving.stationary import Point, Solved
from mccli.expressions.tree import Node, add, apply, multiply, number, scaled, transpose
from mccli.language.declare import read_scope
from mccli.language.elaborate import elaborate
from mccli.numeric.eigen_check import check_eigenproblem
from mccli.numeric.evaluate import evaluate
from mccli.numeric.solution_check import check_point
from mccli.solving import Solution

Array = NDArray[np.float64]
SIZES = {"m": 5, "n": 3, "p": 4, "q": 6, "d": 3, "k": 2}
SHAPES = ["A:m,n", "B:p,n", "S:n,n", "T:n,n", "b:m", "c:p", "a:n", "g:n", "x:n", "r:scalar", "s:scalar"]
SPD = ["S:spd", "T:symmetric", "r:positive", "s:positive"]


def arrays(symbols: Mapping[str, tuple[int, int]], seed: int = 5) -> dict[str, Array]:
    rng = np.random.default_rng(seed)
    found = {name: rng.normal(size=shape) for name, shape in symbols.items()}
    for name in {"S"} & set(found):
        found[name] = found[name] @ found[name].T + np.eye(len(found[name]))
    if "T" in found:
        found["T"] = found["T"] + found["T"].T
    return found | {n: np.abs(found[n]) + 0.2 for n in ("r", "s") if n in found}


TERMS = (
    "||A x - b||^2", "r*||x||^2", "1/2 x'S x", "s/2 (x - a)'S(x - a)", "||B x - c||^2/(2 s)", "g'x", "(a - g)'x",
    "||x - a||^2/m", "(B x - c)'(B x - c)", "x'T x", "sum((x - a).^2)", "(A x - b)'inv(A*S^-1*A' + eye(m))*(A x - b)",
)  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(
    terms=st.lists(st.sampled_from(TERMS), min_size=1, max_size=4, unique=True),
    signs=st.lists(st.sampled_from(["+", "-"]), min_size=4, max_size=4),
)
def test_a_quadratic_has_the_stationary_point_that_newton_finds(terms: list[str], signs: list[str]) -> None:
    """For a quadratic one Newton step on differences of the value is exact."""
    if set(terms) <= {"g'x", "(a - g)'x"}:
        return
    expression = " ".join(f"{sign} {term}" for sign, term in zip(signs, terms, strict=False))
    found = mccli.solve(expression.lstrip("+ "), wrt="x", shapes=SHAPES, assume=SPD, check=False)
    at = arrays({n: tuple(z.value(SIZES) for z in s.shape) for n, s in found.elaborated.symbols.items()})  # type: ignore[misc]
    expected = newton(found.elaborated.expression, at)
    actual = evaluate(found.solution.node, at, SIZES)
    np.testing.assert_allclose(actual, expected, rtol=1e-6, atol=1e-7)


def newton(value: Node, at: Mapping[str, Array]) -> Array:
    """The stationary point of a quadratic in x from its values alone."""
    n = SIZES["n"]

    def f(x: Array) -> float:
        return float(evaluate(value, {**at, "x": x}, SIZES)[0, 0])

    units = [np.eye(n)[:, [i]] for i in range(n)]
    zero = np.zeros((n, 1))
    slope = np.array([(f(u) - f(-u)) / 2 for u in units])
    bend = np.array([[f(u + v) - f(u) - f(v) + f(zero) for v in units] for u in units])
    return -np.linalg.solve(bend, slope)[:, None]


def run(found: Solution, **inputs: Array) -> Array:
    """The generated module, executed."""
    space: dict[str, object] = {}
    exec(found.numpy_code(), space)  # mc's own text
    return np.asarray(space["solution"](**inputs))  # type: ignore[operator]


def test_least_squares_is_what_numpy_says() -> None:
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(7, 3)), rng.normal(size=7)
    found = mccli.solve("||X w - y||^2", wrt="w")
    np.testing.assert_allclose(run(found, X=x, y=y), np.linalg.lstsq(x, y, rcond=None)[0], rtol=1e-10)


def test_the_minimum_norm_solution_is_what_numpy_says() -> None:
    rng = np.random.default_rng(2)
    a, b = rng.normal(size=(3, 7)), rng.normal(size=3)
    found = mccli.solve("||x||^2", wrt="x", subject_to="A x = b")
    np.testing.assert_allclose(run(found, A=a, b=b), np.linalg.pinv(a) @ b, rtol=1e-10)


def test_the_gaussian_covariance_is_the_sample_covariance() -> None:
    x = np.random.default_rng(3).normal(size=(9, 3))
    expression = "n/2 log det S + 1/2 tr((X - ones(n,1)*m')S^-1(X - ones(n,1)*m')')"
    found = mccli.solve(expression, wrt=["m", "S"], assume="S:spd", shapes="X:n,d")
    space: dict[str, object] = {}
    exec(found.numpy_code(), space)  # mc's own text
    np.testing.assert_allclose(space["solution_S"](X=x), np.cov(x.T, bias=True), rtol=1e-10)  # type: ignore[operator]
    np.testing.assert_allclose(space["solution_m"](X=x), x.mean(axis=0), rtol=1e-10)  # type: ignore[operator]


def test_regression_with_intercept_is_regression_with_a_column_of_ones() -> None:
    rng = np.random.default_rng(4)
    x, y = rng.normal(size=(8, 3)), rng.normal(size=8)
    found = mccli.solve("||X w + b*1 - y||^2", wrt=["w", "b"], shapes="b:scalar")
    space: dict[str, object] = {}
    exec(found.numpy_code(), space)  # mc's own text
    both = np.linalg.lstsq(np.column_stack([x, np.ones(8)]), y, rcond=None)[0]
    np.testing.assert_allclose(space["solution_w"](X=x, y=y), both[:3], rtol=1e-9)  # type: ignore[operator]
    np.testing.assert_allclose(space["solution_b"](X=x, y=y), both[3], rtol=1e-9)  # type: ignore[operator]


# ---------------------------------------------------------------------------------------------- the checks


MUTANTS = {
    "sign": lambda node: scaled(-1, node),
    "factor": lambda node: scaled(2, node),
    "nearly": lambda node: scaled(Fraction(1_000_001, 1_000_000), node),
    "transposed": transpose,
    "shifted": lambda node: add(node, multiply(number(Fraction(1, 10**6)), apply("mean", node), _ones(node))),
}
PROBLEMS = (
    ("||X w - y||^2", "w", (), ()),
    ("1/2 x'A x - b'x", "x", (), ()),
    ("||A X B - C||_F^2", "X", (), ()),
    ("-log det X + tr(S X)", "X", (), ()),
    ("log det S + tr(S^-1 C)", "S", (), ()),
    ("1/2 x'P x + q'x", "x", ("A x = b",), ("P:spd",)),
    ("||A X - B||_F^2", "X", (), ("X:symmetric",)),
    ("n log v + r/(2v^2)", "v", (), ("v:positive", "n:positive", "r:positive")),
)


def _ones(node: Node) -> Node:
    return apply("power", node, number(0))


@pytest.mark.parametrize("mutant", MUTANTS)
@pytest.mark.parametrize(("expression", "wrt", "constraints", "assume"), PROBLEMS)
def test_a_wrong_solution_does_not_pass(
    expression: str, wrt: str, constraints: tuple[str, ...], assume: tuple[str, ...], mutant: str
) -> None:
    shapes = [f"{name}:scalar" for name in "vrn"] if wrt == "v" else []
    found = mccli.solve(expression, wrt=wrt, subject_to=constraints, assume=assume, shapes=shapes)
    (point,) = found.points
    (solved,) = point.solved
    wrong = MUTANTS[mutant](solved.full)
    if mutant == "transposed" and "symmetric" in solved.variable.properties:
        return
    if wrong == solved.full or wrong.shape != solved.full.shape:
        return
    other = replace(point, solved=(Solved(solved.variable, wrong, wrong),))
    assert not check_point(found.stationary, other, found.elaborated.letters).passed


@pytest.mark.parametrize(("expression", "wrt", "assume", "sign"), [
    ("||X w - y||^2", "w", (), -1), ("1/2 x'A x - b'x", "x", ("A:symmetric",), 1),
    ("1/2 x'A x - b'x", "x", ("A:symmetric",), -1), ("-log det X + tr(S X)", "X", ("X:spd", "S:spd"), -1),
    ("b'x - x'A x", "x", ("A:spd",), 1), ("x'x - (a'x)^2", "x", (), -1),
])  # fmt: skip
def test_a_wrong_claim_does_not_pass(expression: str, wrt: str, assume: tuple[str, ...], sign: int) -> None:
    found = mccli.solve(expression, wrt=wrt, assume=assume)
    assert not check_point(found.stationary, found.points[0], found.elaborated.letters, sign).passed


def test_a_solution_that_only_looks_right_in_one_form_does_not_pass() -> None:
    found = mccli.solve("||X w - y||^2", wrt="w")
    (point,) = found.points
    (solved,) = point.solved
    other = replace(point, solved=(replace(solved, expression=scaled(3, solved.full)),))
    assert "two forms" in check_point(found.stationary, other, found.elaborated.letters).failed


@pytest.mark.parametrize("part", ["operator", "value"])
def test_a_wrong_eigenvalue_problem_does_not_pass(part: str) -> None:
    found = mccli.solve("v'S v", wrt="v", subject_to="v'B v = 1", assume=["S:symmetric", "B:spd"])
    eigen = found.stationary.eigen
    assert eigen is not None
    wrong = replace(eigen, **{part: scaled(2, getattr(eigen, part))})
    assert not check_eigenproblem(found.stationary, wrong, found.elaborated.letters).passed


def test_a_missing_multiplier_is_noticed() -> None:
    """A point that minimises without the constraint violates it."""
    free = mccli.solve("||x - a||^2", wrt="x")
    bound = mccli.solve("||x - a||^2", wrt="x", subject_to="A x = b")
    (point,) = bound.points
    other = Point(free.points[0].solved, point.multipliers, point.needs)
    assert not check_point(bound.stationary, other, bound.elaborated.letters).passed


# ---------------------------------------------------------------------------------------------- the pieces


ADDENDS = ("S*A'*b", "T*A'*b", "S*a", "S*T*a", "r*S*a", "-2*S*g", "S*g*(a'*g)", "S*ones(n,1)*sum(a)")
PIECES = (
    "A*x + b", "A*(x - a) - 3*b", "(a'*x)*g", "g*(x'*a)", "A*(S*x + g*(a'*x)) - b", "s*x + r*(x - a)", "a.*x",
    "x + a.*(g - x)",
    "sum(A*x - b)*g", "mean(x)*a", "(x'*S)'", "Diag(x)*a", "tr(x*a')*g", "A*Diag(a)*x", "x*r - (x'*(S*a))*g",
)  # fmt: skip


@pytest.mark.parametrize("expression", PIECES)
def test_an_affine_function_is_the_sum_of_its_terms(expression: str) -> None:
    read = elaborate(expression, read_scope(SHAPES, SPD))
    found = affine(read.expression, read.symbols["x"])
    terms = [multiply(t.factor, t.left, read.symbols["x"], t.right) for t in found.terms]
    assert not any(t.transposed or t.mask for t in found.terms)
    at = arrays({n: tuple(z.value(SIZES) for z in s.shape) for n, s in read.symbols.items()})  # type: ignore[misc]
    values = [evaluate(n, at, SIZES) for n in (read.expression, add(*terms, *found.constants))]
    np.testing.assert_allclose(values[1], values[0], rtol=1e-12)


@pytest.mark.parametrize("expression", ["x.*x", "exp(x)", "(a'x)*x", "||x||^2*a", "A*abs(x)", "1./x", "max(x)*a"])
def test_what_is_not_affine_is_said(expression: str) -> None:
    read = elaborate(expression, read_scope(SHAPES))
    with pytest.raises(NotAffine):
        affine(read.expression, read.symbols["x"])


@pytest.mark.parametrize("expression", [
    "(A*x - s*b)'*(A*x - s*b)", "||a - s*g||^2", "s^2*r + (1 - s)^3", "tr((S + s*T)*S)", "r/s - sum(a)/s^2 + 4",
    "(s*r)^2/s^3",
])  # fmt: skip
def test_powers_of_a_scalar_sum_to_the_expression(expression: str) -> None:
    read = elaborate(expression, read_scope(SHAPES, SPD))
    s = read.symbols["s"]
    table = powers(read.expression, s)
    total = add(*(multiply(c, apply("power", s, number(e))) for e, c in table.items()))
    at = arrays({n: tuple(z.value(SIZES) for z in y.shape) for n, y in read.symbols.items()})  # type: ignore[misc]
    assert not any(c.depends_on(("s",)) for c in table.values())
    np.testing.assert_allclose(evaluate(total, at, SIZES), evaluate(read.expression, at, SIZES), rtol=1e-12)


@pytest.mark.parametrize("expression", [
    "exp(a + r*ones(n,1))", "exp(r*ones(n,1) - s*ones(n,1))", "(r*a).^(-1)", "sqrt(a'*a)",
    "sqrt(4*r*||a||^2)",
    "log(1/r)", "sum(r*a - s*g + 2*ones(n,1))", "sqrt(r^2*(a'*a)/9)", "sqrt(1/s^2)",
])  # fmt: skip
def test_spreading_keeps_the_value(expression: str) -> None:
    read = elaborate(expression, read_scope(SHAPES, SPD))
    at = arrays({n: tuple(z.value(SIZES) for z in s.shape) for n, s in read.symbols.items()})  # type: ignore[misc]
    spreaded = spread(read.expression)
    assert spreaded != read.expression
    np.testing.assert_allclose(evaluate(spreaded, at, SIZES), evaluate(read.expression, at, SIZES), rtol=1e-12)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(ADDENDS), min_size=1, max_size=4, unique=True))
def test_gathering_keeps_the_value(terms: list[str]) -> None:
    read = elaborate(" + ".join(terms), read_scope(SHAPES, SPD))
    at = arrays({n: tuple(z.value(SIZES) for z in s.shape) for n, s in read.symbols.items()})  # type: ignore[misc]
    np.testing.assert_allclose(
        evaluate(gathered(read.expression), at, SIZES), evaluate(read.expression, at, SIZES), rtol=1e-11, atol=1e-11
    )


@pytest.mark.parametrize(("expression", "singular"), [
    ("a*a'", True), ("a*g' + g*a'", False), ("A'*A", False), ("A*A'", False), ("eye(n) - a*a'/(a'*a)", True),
    ("A'*A + r*eye(n)", False), ("a*a' + g*g'", False), ("S - a*(S*a)'/(a'*a)", True), ("S*a*g'", True),
])  # fmt: skip
def test_singular_matrices_are_known_without_numbers(expression: str, singular: bool) -> None:
    """A sum of two outer products is regular for n = 2: only what is singular at every size counts."""
    assert is_singular(elaborate(expression, read_scope(SHAPES, SPD)).expression) is singular
