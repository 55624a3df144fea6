"""SymPy expressions in and out: the same values on both sides, and refusals for the rest."""

from __future__ import annotations

from functools import reduce
from typing import Any

import numpy as np
import pytest
import sympy
from sympy.matrices.expressions import DiagMatrix, DiagonalMatrix, DiagonalOf
from sympy.matrices.expressions.applyfunc import ElementwiseApplyFunction

from mccli.errors import DeriveError
from mccli.language.declare import read_scope
from mccli.language.elaborate import Elaborated, elaborate
from mccli.numeric.evaluate import Array, evaluate
from mccli.symbolic.convert import from_sympy, to_sympy
from mccli.symbolic.define import define_function

CONVERTED = [
    "||A x - b||^2", "tr(A X B)", "log det X", "logdet(X)", "x'A x", "tr(X^-1 A)", "softmax(x)'c", "logsumexp(A x)",
    "||A X - B||_F", "sum(sigmoid(A x + b))", "||x||_1", "sum(relu(W x))", "det(X)", "tr(adj(X) A)", "sum(kron(A, X))",
    "sum(gelu(x))", "sum(x.^c)", "x'A x/(x'*x)", "sum(sin(A x).*cos(B x))", "norm2(x)^3", "normp(x, c)", "tr(X^8)",
    "std(x)", "sum(sqdist(X, Y))", "log(x'x)*exp(-x'x)", "sum(huber(x, c))", "sum(gammaln(x))", "log|x'a|",
    "sum(x.^2.5)", "sum(logsoftmax(X))", "sum(step(x))", "A X B + 2*C", "(A + B)'x", "softmax_rows(X)", "X.*Y - X'",
    "adj(X)", "mean(X)", "Diag(x) + x x'", "diag(X)", "-1/2*A", "x./y - 1", "exp(-x)", "silu(x)", "(A x).^2", "c*x",
    "kron(A, kron(B, C))", "det(X)^2", "1/(x'*x)", "c^2/(1 + c)", "x - (x'y)*y", "pi*x", "tr(eye(n) + X'X)",
    "sigmoid(-c)", "n*x'x where x: n", "(X + Y)^3 x", "inv(X X')*x", "sign(x)", "logcosh(X)", "A'", "2",
]  # fmt: skip


def _point(found: Elaborated) -> tuple[dict[str, Array], dict[str, int]]:
    sizes = {letter: 2 + i % 2 for i, letter in enumerate(sorted(found.letters))}
    dice = np.random.default_rng(5)
    arrays = {}
    for name, symbol in found.symbols.items():
        rows, columns = (size.value(sizes) for size in symbol.shape)
        arrays[name] = np.round(dice.uniform(0.2, 1, (rows, columns)), 3)
        if rows == columns > 1:
            arrays[name] += np.diag(np.arange(1.0, rows + 1))
    return arrays, sizes


class _Explicit:
    """What SymPy's nodes mean, with NumPy: an account of its own of the expressions that came out."""

    def __init__(self, arrays: dict[str, Array], sizes: dict[str, int]) -> None:
        self.arrays, self.sizes = arrays, sizes

    def value(self, node: Any) -> Array:
        """The value as a two-dimensional array."""
        match node:
            case sympy.MatrixSymbol():
                return self.arrays[node.name]
            case sympy.Symbol():
                return self.arrays.get(node.name, np.array([[float(self.sizes.get(node.name, 0))]]))
            case sympy.Identity() | sympy.OneMatrix() | sympy.ZeroMatrix():
                rows, columns = (int(self.value(size)[0, 0]) for size in node.shape)
                make = {sympy.Identity: np.eye, sympy.OneMatrix: np.ones, sympy.ZeroMatrix: np.zeros}[type(node)]
                return make(rows) if make is np.eye else make((rows, columns))  # type: ignore[operator]
            case ElementwiseApplyFunction():
                return np.vectorize(lambda t: float(sympy.N(node.function(sympy.Float(t)))))(self.value(node.expr))
        parts = [self.value(part) for part in node.args]
        for kind, meaning in _MEANING.items():
            if isinstance(node, kind):
                return np.asarray(meaning(*parts)).reshape((1, 1) if kind in _SCALAR else np.shape(meaning(*parts)))
        scalar = node.func(*(sympy.Float(part[0, 0]) for part in parts)) if parts else node
        return np.array([[float(sympy.N(scalar))]])


def _product(*parts: Array) -> Array:
    return reduce(lambda x, y: x * y if 1 in (x.size, y.size) and x.shape[1] != y.shape[0] else x @ y, parts)


_SCALAR = (sympy.Trace, sympy.Determinant)
_MEANING: dict[Any, Any] = {
    sympy.MatAdd: lambda *x: sum(x), sympy.MatMul: _product, sympy.Transpose: np.transpose,
    sympy.Inverse: lambda x, *_: np.linalg.inv(x), sympy.MatPow: lambda x, n: np.linalg.matrix_power(x, int(n[0, 0])),
    sympy.Trace: np.trace, sympy.Determinant: np.linalg.det,
    sympy.HadamardProduct: lambda *x: reduce(np.multiply, x), sympy.HadamardPower: lambda x, p: x ** p[0, 0],
    sympy.KroneckerProduct: lambda *x: reduce(np.kron, x), DiagMatrix: lambda x: np.diag(x[:, 0]),
    DiagonalOf: lambda x: np.diag(x).reshape(-1, 1),
}  # fmt: skip


@pytest.mark.parametrize("text", CONVERTED)
def test_sympy_finds_the_same_value_at_explicit_matrices(text: str) -> None:
    found = elaborate(text, read_scope(["c:scalar"] if "softmax(x)'c" not in text else []))
    arrays, sizes = _point(found)
    want = evaluate(found.expression, arrays, sizes)
    assert np.allclose(_Explicit(arrays, sizes).value(to_sympy(found.expression)), want, rtol=1e-9)


@pytest.mark.parametrize("text", CONVERTED)
def test_what_went_to_sympy_comes_back_with_the_same_value(text: str) -> None:
    found = elaborate(text, read_scope(["c:scalar"] if "softmax(x)'c" not in text else []))
    arrays, sizes = _point(found)
    back, shapes = from_sympy(to_sympy(found.expression))
    again = elaborate(back, read_scope([f"{name}:{shape}" for name, shape in shapes.items()]))
    assert np.allclose(evaluate(again.expression, arrays, sizes), evaluate(found.expression, arrays, sizes))


def test_scalars_and_matrices_have_their_kinds() -> None:
    n = sympy.Symbol("n", integer=True, positive=True)
    found = elaborate("α*x'A x", read_scope(["α:scalar"]))
    A, x = sympy.MatrixSymbol("A", n, n), sympy.MatrixSymbol("x", n, 1)
    assert to_sympy(found.expression) == sympy.Symbol("α") * sympy.Trace(x.T * A * x)
    assert to_sympy(elaborate("A x").expression).shape == (sympy.Symbol("m", integer=True, positive=True), 1)


@pytest.mark.parametrize(("text", "name"), [
    ("expm(X)", "expm"), ("vec(X)", "vec"), ("pinv(X)", "pinv"), ("eigmax(X)", "eigval"), ("tril(X)", "tril"),
    ("prod(x)", "prod"), ("max(x)", "max"), ("commutation(m, n)*x", "commutation"), ("chol(X)", "chol"),
    ("series(r, 0, k, X^r)", "index"), ("sylvester(A, B, C)", "sylvester"),
])  # fmt: skip
def test_operations_without_a_counterpart_are_refused(text: str, name: str) -> None:
    with pytest.raises(DeriveError, match=name):
        to_sympy(elaborate(text).expression)


def test_functions_of_the_user() -> None:
    scope = read_scope(definitions=["L(z): scalar"])
    with pytest.raises(DeriveError, match="L"):
        to_sympy(elaborate("L(x)", scope).expression)
    scope = define_function(scope, "f(t) = t^2 + sigmoid(t)")
    trace = sympy.Trace(sympy.MatrixSymbol("X", *[sympy.Symbol("n", integer=True, positive=True)] * 2))
    assert to_sympy(elaborate("f(tr(X))", scope).expression) == trace**2 + 1 / (1 + sympy.exp(-trace))


m, n, k = sympy.symbols("m n k")
A, B, X = sympy.MatrixSymbol("A", m, n), sympy.MatrixSymbol("B", n, m), sympy.MatrixSymbol("X", n, n)
x, a = sympy.MatrixSymbol("x", n, 1), sympy.Symbol("a")

READ = [
    (A * B, "A*B", {"A": "m,n", "B": "n,m"}),
    (-A, "-A", {"A": "m,n"}),
    (A - B.T / 2, "A - 1/2*B'", {"A": "m,n", "B": "n,m"}),
    (X.I * x, "inv(X)*x", {"X": "n,n", "x": "n"}),
    (X**3, "X^3", {"X": "n,n"}),
    ((A * B).T.I, "inv(B'*A')", {"A": "m,n", "B": "n,m"}),
    (sympy.Trace(A * B), "tr(A*B)", {"A": "m,n", "B": "n,m"}),
    (sympy.log(sympy.Determinant(X)), "log(det(X))", {"X": "n,n"}),
    (a * sympy.Trace(X) ** 2 / 3 + 1, "1 + a*tr(X)^2/3", {"a": "scalar", "X": "n,n"}),
    (sympy.HadamardProduct(A, A), "A .* A", {"A": "m,n"}),
    (sympy.HadamardPower(A, 2), "A.^2", {"A": "m,n"}),
    (sympy.KroneckerProduct(A, B, X), "kron(kron(A, B), X)", {"A": "m,n", "B": "n,m", "X": "n,n"}),
    (sympy.Identity(n) + X, "X + eye(n)", {"X": "n,n"}),
    (A.applyfunc(sympy.sin), "sin(A)", {"A": "m,n"}),
    (A.applyfunc(sympy.Lambda(a, a**2 + 1)), "1 + A.^2", {"A": "m,n"}),
    (x.T * X * x, "x'*X*x", {"x": "n", "X": "n,n"}),
    (DiagMatrix(x), "Diag(x)", {"x": "n"}),
    (DiagonalOf(X), "diag(X)", {"X": "n,n"}),
    (DiagonalMatrix(X), "Diag(diag(X))", {"X": "n,n"}),
    (X[0, 1], "entry(X, 1, 2)", {"X": "n,n"}),
    (sympy.exp(-(a**2) / 2), "exp(-a^2/2)", {"a": "scalar"}),
    (n * sympy.Trace(X), "n*tr(X)", {"X": "n,n"}),
    (sympy.Float("0.25") * X, "1/4*X", {"X": "n,n"}),
    (sympy.MatrixSymbol("M", 2 * n, n + 1), "M", {"M": "2*n,n + 1"}),
]


@pytest.mark.parametrize(("expression", "text", "shapes"), READ, ids=[r[1] for r in READ])
def test_sympy_expressions_are_written_in_the_language(expression: Any, text: str, shapes: dict[str, str]) -> None:
    written, found = from_sympy(expression)
    again = elaborate(written, read_scope([f"{name}:{shape}" for name, shape in found.items()]))
    expected = elaborate(text, read_scope([f"{name}:{shape}" for name, shape in shapes.items()]))
    assert found == shapes
    assert again.expression == expected.expression


@pytest.mark.parametrize("expression", [
    sympy.Matrix([[1, 2], [3, 4]]), sympy.Matrix([[1, 2], [3, 4]]) * sympy.MatrixSymbol("Y", 2, 2), sympy.exp(X),
    sympy.Sum(k, (k, 1, n)), sympy.Integral(a, a), sympy.Function("f")(a), sympy.I * a, sympy.oo, a > 1,
    sympy.Piecewise((a, a > 0), (0, True)), sympy.gamma(a), sympy.Symbol("x; import os"),
    sympy.MatrixSymbol("A B", 2, 2),
    sympy.MatrixSymbol("A", 2, 2) * sympy.MatrixSymbol("A", 2, 3), sympy.BlockMatrix([[X, X]]), (x.T * X * x)[0, 0],
    sympy.MatrixSymbol("A", n**2, 2), X.applyfunc(sympy.Lambda(a, 1)), "A*B", None, 3.5,
], ids=str)  # fmt: skip
def test_unknown_nodes_are_refused(expression: Any) -> None:
    with pytest.raises(DeriveError):
        from_sympy(expression)
