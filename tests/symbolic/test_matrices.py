"""Expressions written out: the same numbers as NumPy's for every operation that has exact entries."""

from __future__ import annotations

import numpy as np
import pytest
import sympy

from mccli.errors import DeriveError, UsageError
from mccli.expressions.operations import OPERATIONS
from mccli.expressions.tree import Symbol
from mccli.language.declare import read_scope
from mccli.language.elaborate import elaborate
from mccli.numeric.evaluate import Array, evaluate
from mccli.symbolic.define import define_function
from mccli.symbolic.matrices import matrix_of, symbol_entries

VALUES = [
    "A X + B", "x'X x", "tr(A X B)", "det(X)", "logdet(X)", "inv(X)", "adj(X)", "pinv(A)", "pinv(A')", "X^3", "X^-2",
    "kron(A, B)", "kr(A, B)", "conv(a, b)", "vec(A)", "vech(X)", "unvec(x, 2, 3)", "diag(X)", "Diag(x)", "tril(X)",
    "triu(X)", "sym(X)", "toepsum(X)", "circsum(X)", "lowhalf(X)", "sum(A)", "sum(A, 1)", "sum(A, 2)", "mean(A)",
    "mean(A, 1)", "mean(A, 2)", "prod(x)", "var(x)", "std(x)", "norm1(x)", "norm2(x)", "normF(A)", "normp(x, c)",
    "rownorms(A)", "colnorms(A)", "sqdist(A, B)", "softmax(x)", "softmax(A)", "softmax(A, 1)", "logsumexp(x)",
    "logsumexp(A)", "logsumexp(A, 1)", "logsoftmax(x)", "logsoftmax(A)", "A.*B - A./B", "A.^c",
    "sylvester(X, Y, Z) where X: 2×2, Y: 2×2",
    "stein(X, Y)", "commutation(m, n) vec(A) where A: m×n", "duplication(n) vech(X) where X: n×n",
    "elimination(n) vec(X) where X: n×n", "unit(2, n)'x", "entry(A, 1, 2)", "series(r, 0, 2, X^r*Y)",
    "n*pi*x where x: n", "ones(m, n) - A", "huber(x, c)", "clip(x, c, 2)", "(eye(n) + X)^-1 x", "1'x",
    "tril(X, -1) + triu(X, 1)'", "cumsum(x)", "cross(x, y) where x: 3, y: 3", "skew3(x) where x: 3",
    "axial3(X) where X: 3×3", "block(A, B, C, D)", "leakyrelu(A, c)", "elu(A, c)", "qrQ(A')", "qrR(A')",
    "vcat(A, B)", "hcat(A, B)", "top(A, 1)", "bottom(A, 1)", "left(A, 1)", "right(A, 1)",
    "divdiff(x, y, z)", "series(k, 1, 9, factorial(k)*X/k)", "diagsel(n) vec(X) where X: n×n",
    *(f"{name}(A)" for name, record in OPERATIONS.items() if record.elementwise),
]  # fmt: skip


def _sizes(letters: frozenset[str]) -> dict[str, int]:
    return {letter: 2 + i % 2 for i, letter in enumerate(sorted(letters))}


def _array(symbol: Symbol, sizes: dict[str, int], rng: np.random.Generator) -> Array:
    rows, columns = (size.value(sizes) for size in symbol.shape)
    array = np.round(rng.uniform(0.1, 0.9, (rows, columns)), 3)
    return array + np.diag(np.arange(1.0, rows + 1)) if symbol.name == "X" and rows == columns else array


def _numbers(matrix: object, arrays: dict[str, Array]) -> Array:
    values = {}
    for name, array in arrays.items():
        for (i, j), value in np.ndenumerate(array):
            key = (
                name
                if array.shape == (1, 1)
                else f"{name}_{i + 1}"
                if array.shape[1] == 1
                else f"{name}_{i + 1}_{j + 1}"
            )
            values[sympy.Symbol(key, real=True)] = sympy.Float(value, 30)
    assert isinstance(matrix, sympy.ImmutableMatrix)
    return np.array(matrix.subs(values).evalf(20).tolist(), dtype=float)


@pytest.mark.parametrize("text", VALUES)
def test_entries_have_the_values_that_numpy_finds(text: str) -> None:
    found = elaborate(text, read_scope(["c:scalar"]))
    sizes, rng = _sizes(found.letters), np.random.default_rng(7)
    arrays = {name: _array(symbol, sizes, rng) for name, symbol in found.symbols.items()}
    got = _numbers(matrix_of(found.expression, sizes), arrays)
    assert np.allclose(got, evaluate(found.expression, arrays, sizes), rtol=1e-9, atol=1e-12)


def test_the_cholesky_factor_is_exact() -> None:
    found = elaborate("chol(S)", read_scope([], ["S:spd"]))
    factor = matrix_of(found.expression, {"n": 3})
    square = matrix_of(elaborate("S", read_scope([], ["S:spd"])).expression, {"n": 3})
    assert sympy.simplify(factor * factor.T - square) == sympy.zeros(3, 3)
    assert factor[0, 1] == factor[0, 2] == factor[1, 2] == 0


@pytest.mark.parametrize(("declared", "expected"), [
    ("S:symmetric", [["S_1_1", "S_2_1"], ["S_2_1", "S_2_2"]]),
    ("S:spd", [["S_1_1", "S_2_1"], ["S_2_1", "S_2_2"]]),
    ("S:skew", [["0", "S_1_2"], ["-S_1_2", "0"]]),
    ("S:diagonal", [["S_1_1", "0"], ["0", "S_2_2"]]),
    ("S:lower", [["S_1_1", "0"], ["S_2_1", "S_2_2"]]),
    ("S:upper", [["S_1_1", "S_1_2"], ["0", "S_2_2"]]),
    ("S:invertible", [["S_1_1", "S_1_2"], ["S_2_1", "S_2_2"]]),
])  # fmt: skip
def test_declared_structure_is_kept(declared: str, expected: list[list[str]]) -> None:
    symbol = elaborate("S", read_scope([], [declared])).symbols["S"]
    assert [[str(e) for e in row] for row in symbol_entries(symbol, {"n": 2, "m": 2}).tolist()] == expected


def test_positive_symbols_are_positive_and_all_are_real() -> None:
    found = elaborate("x + y", read_scope([], ["x:positive"]))
    x, y = (symbol_entries(found.symbols[name], {"n": 1})[0, 0] for name in "xy")
    assert x.is_positive
    assert y.is_positive is None
    assert y.is_real
    assert x.name == "x_1"


@pytest.mark.parametrize(("text", "name"), [
    ("expm(X)", "expm"), ("logm(X)", "logm"), ("sqrtm(X)", "sqrtm"), ("eigs(X)", "eigs"), ("eigmax(X)", "eigval"),
    ("normspec(X)", "sv"), ("max(x)", "max"), ("norminf(x)", "max"), ("X^k", "power"),
])  # fmt: skip
def test_what_has_no_exact_entries_is_refused(text: str, name: str) -> None:
    with pytest.raises(DeriveError, match=name):
        matrix_of(elaborate(text).expression, {"n": 2, "m": 2})


def test_functions_without_a_body_are_refused_and_defined_ones_are_written_out() -> None:
    scope = read_scope(definitions=["L(z): scalar", "phi(t): elementwise"])
    for text in ("L(x)", "phi(x)"):
        with pytest.raises(DeriveError, match="without a body"):
            matrix_of(elaborate(text, scope).expression, {"n": 2})
    scope = define_function(scope, "f(t) = t^2 + 1")
    assert str(matrix_of(elaborate("f(x)", scope).expression, {"n": 1})[0, 0]) == "x_1**2 + 1"


def test_a_size_without_a_number_is_refused() -> None:
    with pytest.raises(UsageError, match="size n"):
        matrix_of(elaborate("x").expression, {})


def test_sizes_that_are_too_large_are_refused() -> None:
    with pytest.raises(UsageError, match="too large"):
        matrix_of(elaborate("kron(A, B)").expression, dict.fromkeys("mnpq", 50))
    with pytest.raises(UsageError, match="too large"):
        matrix_of(elaborate("A").expression, {"m": 10**6, "n": 10**6})


def test_a_singular_matrix_has_no_inverse() -> None:
    with pytest.raises(DeriveError, match="singular"):
        matrix_of(elaborate("inv(ones(n, n))").expression, {"n": 2})
