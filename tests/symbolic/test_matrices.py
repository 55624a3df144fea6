"""Expressions written out: the same numbers as NumPy's for every operation that has exact entries."""

from __future__ import annotations

import numpy as np
import pytest
import sympy

from mccli.errors import DeriveError, UsageError
from mccli.expressions.tree import Node
from mccli.language.declare import read_scope
from mccli.language.elaborate import elaborate
from mccli.numeric.evaluate import Array, evaluate
from mccli.symbolic.define import define_function
from mccli.symbolic.matrices import matrix_of, symbol_entries

SIZES = {"m": 2, "n": 3, "p": 2, "q": 3}
VALUES = [
    "A X + B", "x'A x", "tr(A X B)", "det(X)", "logdet(X)", "inv(X)", "adj(X)", "pinv(A)", "pinv(A')", "X^3", "X^-2",
    "kron(A, B)", "kr(A, B)", "conv(a, b)", "vec(A)", "vech(X)", "unvec(vec(A'), m, n)", "diag(X)", "Diag(x)",
    "tril(X)", "triu(X)", "sym(X)", "toepsum(X)", "circsum(X)", "lowhalf(X)", "sum(A)", "sum(A, 1)", "sum(A, 2)",
    "mean(A)", "mean(A, 1)", "mean(A, 2)", "prod(x)", "var(x)", "std(x)", "norm1(x)", "norm2(x)", "normF(A)",
    "normp(x, p)", "rownorms(A)", "colnorms(A)", "sqdist(A, B)", "softmax(x)", "softmax(A)", "softmax(A, 1)",
    "logsumexp(x)", "logsumexp(A)", "logsumexp(A, 1)", "logsoftmax(x)", "logsoftmax(A)", "A.*B - A./B", "A.^p",
    "sylvester(X, Y, Z)", "stein(X, Y)", "commutation(m, n) vec(A)", "duplication(n) vech(X)",
    "elimination(n) vec(X)", "unit(2, n)'x", "entry(A, 1, 2)", "series(r, 0, 2, X^r*Y)", "n*pi*x", "ones(m, n) - A",
    "huber(x, p)", "clip(x, p, 2)", "(eye(n) + X)^-1 x", "1'x",
    *(f"{f}(A)" for f in (
        "exp log sqrt sin cos tan sinh cosh tanh arcsin arccos arctan sigmoid softplus logsigmoid relu step sign abs"
        " erf normcdf normpdf gelu silu logcosh gammaln digamma trigamma").split()),
]  # fmt: skip
SHAPES = ["A:m,n", "B:m,n", "X:n,n", "Y:n,n", "Z:n,n", "x:n", "a:m", "b:n", "p:scalar"]


def _read(text: str) -> Node:
    shapes = [s for s in SHAPES if not (text in ("A X + B",) and s.startswith("B"))]
    if text in ("A X + B", "tr(A X B)"):
        shapes = [s for s in shapes if not s.startswith("B")] + (["B:n,m"] if "tr" in text else ["B:m,n"])
    if "kr(" in text or "sqdist" in text:
        shapes = [s for s in shapes if not s.startswith("B")] + ["B:p,n"]
        shapes.remove("p:scalar")
    return elaborate(text, read_scope(shapes)).expression


def _arrays(rng: np.random.Generator) -> dict[str, Array]:
    shapes = {"A": (2, 3), "B": (2, 3), "X": (3, 3), "Y": (3, 3), "Z": (3, 3), "x": (3, 1), "a": (2, 1), "b": (3, 1)}
    arrays = {name: np.round(rng.uniform(0.1, 0.9, shape), 3) for name, shape in shapes.items()}
    return arrays | {"p": np.array([[1.25]]), "X": arrays["X"] + np.diag([1.0, 2.0, 3.0])}


def _numbers(matrix: object, arrays: dict[str, Array]) -> Array:
    values = {}
    for name, array in arrays.items():
        for (i, j), value in np.ndenumerate(array):
            key = name if array.shape == (1, 1) else f"{name}_{i + 1}" if array.shape[1] == 1 else f"{name}_{i + 1}_{j + 1}"
            values[sympy.Symbol(key, real=True)] = sympy.Float(value, 30)
    assert isinstance(matrix, sympy.ImmutableMatrix)
    return np.array(matrix.subs(values).evalf(20).tolist(), dtype=float)


@pytest.mark.parametrize("text", VALUES)
def test_entries_have_the_values_that_numpy_finds(text: str) -> None:
    node = _read(text)
    arrays = _arrays(np.random.default_rng(7))
    if text == "tr(A X B)":
        arrays["B"] = arrays["B"].T
    got = _numbers(matrix_of(node, SIZES), arrays)
    assert np.allclose(got, evaluate(node, arrays, SIZES), rtol=1e-9, atol=1e-12)


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
