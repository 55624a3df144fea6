"""Generated NumPy modules: their text for textbook cases, their values against mc's own evaluation."""

from __future__ import annotations

import ast
import inspect
import subprocess
import sys
import warnings
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pytest

from mccli.calculus.derivation import derive
from mccli.calculus.needs import Need, needs
from mccli.codegen.numpy_code import numpy_module
from mccli.codegen.program import Program
from mccli.errors import ShapeError
from mccli.expressions.operation import Operation
from mccli.expressions.operations import OPERATIONS
from mccli.expressions.sizes import ONE, SCALAR, Shape, letter_size, number_size
from mccli.expressions.tree import Node, Number, Symbol, Transpose, add, apply, is_operation, multiply
from mccli.language.declare import read_scope
from mccli.language.elaborate import elaborate
from mccli.numeric.declared import declared_value
from mccli.numeric.evaluate import evaluate
from mccli.numeric.sample import Point, points
from mccli.symbolic.define import read_definitions

TOLERANCE = 1e-9
Inputs = dict[str, Any]


class Case:
    """A function, an expression for its derivative, and the module generated for both."""

    def __init__(
        self, value: Node, derivative: Node, symbols: Mapping[str, Symbol], letters: frozenset[str] = frozenset(),
        conditions: Sequence[Need] = (), definitions: Sequence[tuple[Symbol, Node]] = (),
    ) -> None:  # fmt: skip
        self.value, self.derivative, self.symbols, self.conditions = value, derivative, symbols, conditions
        self.program = Program({"value": value, "derivative": derivative}, symbols, letters)
        self.letters = letters | (set(self.program.names.letters) - self.program.indices)
        self.text = numpy_module(value, derivative, symbols, letters, title="a test", definitions=definitions)
        self.space: dict[str, Any] = {}
        exec(compile(self.text, "<generated>", "exec"), self.space)

    def points(self, count: int) -> list[Point]:
        supply = points(self.program.inputs, self.letters, self.conditions, self.value, 11)
        return [next(supply) for _ in range(count)]

    def inputs(self, point: Point) -> Inputs:
        """The point as the generated functions take it."""
        names = self.program.names
        found: Inputs = {names.symbols[s.name]: plain(point.arrays[s.name], s.shape) for s in self.program.inputs}
        found |= {names.functions[n]: stand_in(op, point) for n, op in self.program.given_functions.items()}
        wanted = inspect.signature(self.space["value"]).parameters
        return found | {v: point.sizes[k] for k, v in names.letters.items() if v in wanted and k in point.sizes}

    def check(self, count: int = 2) -> None:
        for point in self.points(count):
            for name, node in (("value", self.value), ("derivative", self.derivative)):
                with warnings.catch_warnings():
                    warnings.simplefilter("error")
                    found = self.space[name](**self.inputs(point))
                assert_same(found, node, point, self.text)


def plain(x: np.ndarray[Any, Any], shape: Shape) -> Any:
    """A 2-D array as generated code has it: a float for a scalar, 1-D for one column."""
    if shape == SCALAR:
        return float(x[0, 0])
    return x[:, 0] if shape[1] == ONE else x


def assert_same(found: Any, node: Node, point: Point, text: str) -> None:
    expected = np.asarray(plain(evaluate(node, point.arrays, point.sizes), node.shape))
    assert not node.is_scalar or type(found) is float, text
    assert np.shape(found) == expected.shape, text
    scale = max(1.0, float(np.max(np.abs(expected))))
    assert float(np.max(np.abs(found - expected))) <= TOLERANCE * scale, text


def stand_in(record: Operation, point: Point) -> Callable[[Any], Any]:
    """A concrete function in place of a declared one, over arrays as generated code has them."""
    assert record.declared is not None
    name, kind, order = record.declared

    def function(x: Any, *weights: Any) -> Any:
        array = np.asarray(x, dtype=float)
        upright = array.reshape(-1, 1) if array.ndim < 2 else array
        if kind == "elementwise":
            return declared_value(name, kind, order, (1, 1), array)
        rows, columns = (size.value(point.sizes) for size in record.value_shape or SCALAR)
        out = (rows * columns, upright.size) if order else (rows, columns)
        result = declared_value(name, kind, order, out, upright, *weights)
        return float(result[0, 0]) if result.size == 1 else result[:, 0] if result.shape[1] == 1 else result

    return function


def gradient(
    text: str, wrt: str, shape: Sequence[str] = (), assume: Sequence[str] = (), define: Sequence[str] = ()
) -> Case:
    """The case of a scalar expression and its gradient."""
    read = elaborate(text, read_definitions(read_scope(shape, assume), define), scalar=True)
    derivation = derive(read.expression, read.symbols, [read.symbols[wrt]])
    full = derivation.gradients[0].full
    return Case(read.expression, full, read.symbols, read.letters, derivation.needs)


def expression(text: str, shape: Sequence[str] = (), assume: Sequence[str] = (), define: Sequence[str] = ()) -> Case:
    """The case of any expression; it stands for its own derivative."""
    read = elaborate(text, read_definitions(read_scope(shape, assume), define))
    return Case(read.expression, read.expression, read.symbols, read.letters, needs(read.expression))


def lines(case: Case, name: str = "derivative") -> list[str]:
    """The lines of a function without its docstring."""
    functions = {f.name: f for f in ast.parse(case.text).body if isinstance(f, ast.FunctionDef)}
    body = functions[name].body[1:]
    source = case.text.splitlines()
    return [line[4:] for line in source[body[0].lineno - 1 : body[-1].end_lineno]]


# ---------------------------------------------------------------------------------------------- the text

GOLDEN: list[tuple[str, str, dict[str, Sequence[str]], list[str]]] = [
    ("||A x - b||^2", "x", {}, ["return 2 * (A.T @ (A @ x - b))"]),
    ("x'A x", "x", {}, ["return (A + A.T) @ x"]),
    ("x'A'S A x", "x", {"assume": ("S:symmetric",)}, ["return 2 * (A.T @ (S @ (A @ x)))"]),
    ("logdet(X)", "X", {}, ["return np.linalg.inv(X).T"]),
    ("logdet(X)", "X", {"assume": ("X:spd",)}, ["return np.linalg.inv(X)"]),
    ("a' X^-1 b", "X", {}, ["return -np.outer(np.linalg.solve(X.T, a), np.linalg.solve(X, b))"]),
    ("tr(X^-1 A)", "X", {}, ["return -np.linalg.solve(X.T, np.linalg.solve(X, A).T)"]),
    ("tr(A X B X')", "X", {}, ["return A.T @ X @ B.T + A @ X @ B"]),
    ("tr(X^5)", "X", {}, ["return 5 * np.linalg.matrix_power(X, 4).T"]),
    (
        "tr(A X B X C)", "X", {},
        ["t1 = A.T @ C.T", "return t1 @ X.T @ B.T + B.T @ X.T @ t1"],
    ),
    (
        "b' S^-1 b", "S", {"assume": ("S:spd",)},
        ["t1 = np.linalg.solve(S, b)", "return -np.outer(t1, t1)"],
    ),
    (
        "logsumexp(A x + b)", "x", {},
        ["t1 = A @ x + b", "t2 = np.exp(t1 - np.max(t1))", "return A.T @ (t2 / np.sum(t2))"],
    ),
    (
        "1/n*||X w - y||^2 + λ*w'w", "w", {"shape": ("X:n,p",)},
        ["n = X.shape[0]", "return 2 / n * (X.T @ (X @ w - y)) + 2 * lambda_ * w"],
    ),
    (
        "sum(tanh(W2*tanh(W1*x+b1)+b2))", "W1", {},
        [
            "t1 = np.tanh(W1 @ x + b1)",
            "return np.outer((W2.T @ (1 - np.tanh(W2 @ t1 + b2) ** 2)) * (1 - t1 ** 2), x)",
        ],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("text", "wrt", "given", "expected"), GOLDEN, ids=[g[0] for g in GOLDEN])
def test_derivatives_read_like_a_textbook(
    text: str, wrt: str, given: dict[str, Sequence[str]], expected: list[str]
) -> None:
    case = gradient(text, wrt, **given)
    assert lines(case) == expected
    case.check()


VALUES = [
    ("x'A B y", "return float(x @ (A @ (B @ y)))"),
    ("x'A'A x", "return float(t1 @ t1)"),
    ("tr(A*B)", "return float(np.sum(A * B.T))"),
    ("tr(A'*B)", "return float(np.sum(A * B))"),
    ("tr(Diag(v)*A)", "return float(v @ np.diag(A))"),
    ("sum(A*B)", "return float(np.sum(A, axis=0) @ np.sum(B, axis=1))"),
    ("x'A B", "return (x @ A @ B)[None, :]"),
    ("A B x", "return A @ (B @ x)"),
    ("A b c' D", "return np.outer(A @ b, c @ D)"),
    ("Diag(v)*X", "return v[:, None] * X"),
    ("X*Diag(v)", "return X * v"),
    ("B A^-1", "return np.linalg.solve(A.T, B.T).T"),
    ("A^-1 B", "return np.linalg.solve(A, B)"),
    ("A^-T B", "return np.linalg.solve(A.T, B)"),
    ("X + eye(n)", "return X + np.eye(n)"),
    ("x - mean(x)", "return x - np.mean(x)"),
    ("x/||x||", "return x / np.linalg.norm(x)"),
    ("2/3*x", "return 2 / 3 * x"),
    ("x/3", "return x / 3"),
    ("1/2*x", "return 0.5 * x"),
    ("(A^-1 + B)*x", "return np.linalg.solve(A, x) + B @ x"),
]


@pytest.mark.parametrize(("text", "expected"), VALUES)
def test_products_are_cheap(text: str, expected: str) -> None:
    case = expression(text)
    assert lines(case, "value")[-1] == expected
    case.check()


def test_symmetric_matrices_are_not_transposed() -> None:
    case = expression("B S^-1", assume=("S:symmetric",))
    assert lines(case)[-1] == "return np.linalg.solve(S, B.T).T"
    case.check()


SOLVES = [
    "a'X^-1 b", "tr(X^-1 A)", "tr(A X^-1 B X^-1)", "tr(A X^-1 B)", "logdet(X'X + A)", "tr((X'X)^-1 A)",
    "(x-m)'S^-1 (x-m)",
]  # fmt: skip


@pytest.mark.parametrize("text", SOLVES)
def test_no_inverse_where_a_solve_does(text: str) -> None:
    read = elaborate(text, read_scope(properties=("S:spd",)), scalar=True)
    for symbol in read.symbols.values():
        case = gradient(text, symbol.name, assume=("S:spd",))
        assert "inv(" not in "\n".join(lines(case, "value"))
        if not _is_an_inverse(case.derivative):
            assert "inv(" not in "\n".join(lines(case))


def _is_an_inverse(node: Node) -> bool:
    return is_operation(node.operand if isinstance(node, Transpose) else node, "inv")


def test_one_inverse_is_formed_once() -> None:
    assert lines(gradient("tr(X^-1)", "X")) == ["t1 = np.linalg.inv(X)", "return -(t1.T @ t1.T)"]


# ---------------------------------------------------------------------------------------------- the values

GRADIENTS: list[tuple[str, str, dict[str, Sequence[str]]]] = [
    ("x'x", "x", {}),
    ("a'x", "x", {}),
    ("x'A y", "A", {}),
    ("||x||", "x", {}),
    ("||x - a||_1", "x", {}),
    ("||A X B - C||_F^2", "X", {}),
    ("||X||_F", "X", {}),
    ("tr(X)", "X", {}),
    ("tr(X'A X B)", "X", {}),
    ("tr(A X^k)", "X", {}),
    ("tr(X^k)", "X", {}),
    ("det(X)", "X", {}),
    ("det(A X B)", "X", {"shape": ("A:n,n",)}),
    ("logdet(X'A X)", "X", {}),
    ("tr((X'X)^-1 A)", "X", {}),
    ("tr(X^-1 A X^-1 B)", "X", {}),
    ("tr(A X^-1 B X^-1)", "X", {}),
    ("entry(X^-1, 1, 2)", "X", {}),
    ("entry(A X B, 2, 1)", "X", {}),
    ("tr(X Diag(v) X')", "X", {}),
    ("tr(X Diag(v) X')", "v", {}),
    ("x'Diag(w)*x", "w", {}),
    ("sum(A*X*B)", "X", {}),
    ("sum(exp(A x + b))", "x", {}),
    ("sum(X.*X.*Y)", "X", {}),
    ("-y'log(softmax(W x))", "W", {"assume": ("y:positive",)}),
    ("sum(softmax_rows(X).*Y)", "X", {}),
    ("sum(logsumexp(X))", "X", {}),
    ("sum(log(1 + exp(-y.*(X w))))", "w", {}),
    ("sum(softplus(X*w)) - y'X*w", "w", {}),
    ("sum(gelu(W x + b))", "W", {}),
    ("sum(relu(W x + b))", "x", {}),
    ("sum(sigmoid(X*Y))", "X", {}),
    ("sum(huber(x - a, c))", "x", {"shape": ("c:scalar",), "assume": ("c:positive",)}),
    ("x'A x/(x'x)", "x", {}),
    ("(a'x)^3/||x||", "x", {}),
    ("tr(expm(A X))", "X", {}),
    ("tr(A*logm(X))", "X", {"assume": ("X:spd",)}),
    ("tr(A*sqrtm(X))", "X", {}),
    ("tr(A*chol(S))", "S", {"assume": ("S:spd",)}),
    ("eigmax(S)", "S", {"assume": ("S:symmetric",)}),
    ("normnuc(X)", "X", {}),
    ("normspec(X)", "X", {}),
    ("sum(sqdist(X, Y))", "X", {}),
    ("sum(exp(-sqdist(X, Y)))", "X", {}),
    ("a'kron(x, y)", "x", {}),
    ("tr(A*kron(X, Y))", "X", {}),
    ("g'conv(w, x)", "x", {}),
    ("var(x)", "x", {}),
    ("sum(colmeans(X).^2)", "X", {}),
    ("sum(rownorms(X))", "X", {}),
    ("sum(gammaln(x)) - gammaln(sum(x))", "x", {"assume": ("x:positive",)}),
    ("(x-μ)'Σ^-1 (x-μ) + logdet(Σ)", "Σ", {"assume": ("Σ:spd",)}),
    ("(x-μ)'Σ^-1 (x-μ) + logdet(Σ)", "μ", {"assume": ("Σ:spd",)}),
    ("L(A x)", "x", {"define": ("L(z): scalar",)}),
    ("L(A X)", "X", {"define": ("L(z): scalar",)}),
    ("sum(phi(A x))", "x", {"define": ("phi(t): elementwise",)}),
    ("b'g(A x)", "x", {"define": ("g(x): m",), "shape": ("b:m",)}),
    ("tr(B'G(A X))", "X", {"define": ("G(x): m,n",), "shape": ("B:m,n",)}),
    ("||G'Jg(x)'*w||^2", "x", {"define": ("g(x): m",)}),
    ("tr(B*Jg(A x))", "x", {"define": ("g(x): m",)}),
    ("tr(A*block(X, B, B', C))", "B", {"shape": ("X:m,m", "C:n,n", "B:m,n")}),
    ("a'cross(A x, b)", "x", {}),
    ("b'cumsum(A x)", "x", {}),
    ("tr(A*qrR(X))", "X", {}),
    ("tr(A*luU(X))", "X", {}),
    ("eigval_general(A X)", "X", {}),
    ("sum(elu(W x, a))", "W", {"shape": ("a:scalar",)}),
    ("sum(swish(W x))", "x", {"define": ("swish(t) = t*sigmoid(t)",)}),
    ("sum(quad(swish(W x)))", "x", {"define": ("swish(t) = t*sigmoid(t)", "quad(t) = swish(t)^2 + t")}),
    ("y*A*y'", "y", {"shape": ("y:1,n",)}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "wrt", "given"), GRADIENTS, ids=[f"{g[0]} by {g[1]}" for g in GRADIENTS])
def test_gradients_agree_with_evaluation(text: str, wrt: str, given: dict[str, Sequence[str]]) -> None:
    gradient(text, wrt, **given).check()


EXPRESSIONS: list[tuple[str, dict[str, Sequence[str]]]] = [
    ("A B^-1 C D^-1", {}),
    ("A^-1 B^-1 C", {}),
    ("A^-1 B^-1", {}),
    ("X^-1 X^-1 X^-1", {}),
    ("A^-1*ones(n,1)", {"shape": ("A:n,n",)}),
    ("diag(A*B)", {}),
    ("diag(a*b')", {}),
    ("diag(A*X^-1)", {}),
    ("Diag(a)*A*Diag(b)", {}),
    ("Diag(a)*Diag(b)", {}),
    ("sum(A,1)*x", {}),
    ("sum(A*B,1)", {}),
    ("sum(A',2)", {}),
    ("mean(X,1)", {}),
    ("kron(x, A)", {}),
    ("kron(x, y')", {}),
    ("kron(x', y')", {}),
    ("x*ones(1,n) + ones(m,1)*y' + 2", {"shape": ("x:m", "y:n")}),
    ("x*ones(1,n) - 3*ones(m,n)", {"shape": ("x:m",)}),
    ("(x*ones(1,n)).*X.*(ones(m,1)*y')./exp(X)", {"shape": ("x:m", "y:n")}),
    ("A*ones(n,p)*B", {"shape": ("A:m,n", "B:p,q")}),
    ("commutation(m,n)*vec(A)", {"shape": ("A:m,n",)}),
    ("vech(A)", {}),
    ("diagsel(n)*vec(A)", {"shape": ("A:n,n",)}),
    ("tril(A, -1) + triu(A, 1)", {}),
    ("series(k, 1, 9, X^k/factorial(k))", {}),
    ("duplication(n)*vech(A)", {"shape": ("A:n,n",)}),
    ("unvec(kron(A, B)*vec(X), p, q)", {"shape": ("A:q,n", "B:p,m", "X:m,n")}),
    ("series(i, 1, n, i*x'*unit(i,n))", {"shape": ("x:n",)}),
    ("series(i, 1, k, series(j, 0, i, X^(i+j)*A*X^(i+j)))", {"shape": ("X:n,n", "A:n,n", "k:scalar")}),
    ("softmax_rows(x)", {"shape": ("x:n",)}),
    ("rownorms(x)", {}),
    ("colnorms(x)", {}),
    ("normnuc(x)", {}),
    ("sqdist(x, y)", {}),
    ("pinv(x)", {}),
    ("expm(a)", {"shape": ("a:scalar",)}),
    ("step(a) + relu(a) + sign(a)", {"shape": ("a:scalar",)}),
    ("x./(y.*z) - 1./(x.*y)", {}),
    ("-x/3 + 7/5*y", {}),
    ("x.^(1/3) + x.^(-5/2)", {"assume": ("x:positive",)}),
    ("exp(a'*X)", {}),
    ("log(1 + exp(x'*A)).*y'", {}),
    ("hessL(x)", {"define": ("L(z): scalar",)}),
    ("a*tr(eye(n))", {"shape": ("a:scalar",)}),
]


@pytest.mark.parametrize(("text", "given"), EXPRESSIONS, ids=[e[0] for e in EXPRESSIONS])
def test_expressions_agree_with_evaluation(text: str, given: dict[str, Sequence[str]]) -> None:
    read = elaborate(
        text, read_definitions(read_scope(given.get("shape", ()), given.get("assume", ())), given.get("define", ()))
    )
    conditions = [] if "series" in text else needs(read.expression)
    Case(read.expression, read.expression, read.symbols, read.letters, conditions).check()


# ---------------------------------------------------------------------------------------------- every operation

SPECIAL_SHAPES: dict[str, tuple[str, ...]] = {
    "lyap": ("n n", "n n"), "sylvester": ("m m", "n n", "m n"), "stein": ("n n", "n n"), "sqdist": ("m p", "n p"),
    "kron": ("m n", "p q"), "kr": ("m n", "p n"), "conv": ("m", "n"), "convmtx": ("m",), "unvec": ("m*n",),
    "huber": ("m n", ""), "clip": ("m n", "", ""), "power": ("m n", ""), "mpow": ("n n", ""), "normp": ("m n", ""),
    "schatten": ("m n", ""), "offinv": ("n",), "Diag": ("n",), "cross": ("3", "3"), "skew3": ("3",), "axial3": ("3 3",),
    "cumsum": ("n",), "divdiff": ("n", "n", "n"), "block": ("m n", "m p", "q n", "q p"), "leakyrelu": ("m n", ""),
    "elu": ("m n", ""), "factorial": ("",),
}  # fmt: skip
VECTORS = frozenset({"softmax", "logsumexp", "logsoftmax"})
TALL = frozenset({"pinv", "svdS", "svdU", "svdV", "schatten", "normnuc", "qrQ", "qrR"})
PROPERTIES = {"chol": "spd", "logm": "spd", "sqrtm": "spd", "logdet": "invertible"}
NOT_EVALUATED = frozenset({"series"})
SYMMETRIC = ("eigs", "eigval", "eigvec", "eigmax", "eigmin")
GENERAL = frozenset({"eigval_general", "eigvec_right", "eigvec_left"})


def _application(name: str) -> Node:
    """The operation over symbols of the shapes that it takes."""
    record = OPERATIONS[name]
    shapes = SPECIAL_SHAPES.get(name) or _usual_shapes(record)
    arguments = [_argument(name, p, s) for p, s in zip(record.parameters, shapes, strict=True)]
    sizes = {"unvec": (letter_size("m"), letter_size("n")), "convmtx": (letter_size("n"),)}
    chosen = sizes.get(name, tuple(number_size(2) for _ in record.size_parameters))
    return apply(record, *arguments, sizes=chosen)


def _usual_shapes(record: Operation) -> tuple[str, ...]:
    if record.name in VECTORS:
        return ("n",)
    square = tuple("n n" for _ in record.parameters)
    if record.name in TALL or record.elementwise:
        return tuple("m n" for _ in record.parameters)
    try:
        arguments = [Symbol(p, (letter_size("m"), letter_size("n"))) for p in record.parameters]
        apply(record, *arguments, sizes=tuple(number_size(2) for _ in record.size_parameters))
    except ShapeError:
        return square
    return tuple("m n" for _ in record.parameters)


def _argument(name: str, parameter: str, shape: str) -> Node:
    if name in ("mpow", "factorial") and parameter == "k":
        return Symbol("k", SCALAR, frozenset({"integer"}))
    if name in ("normp", "schatten") and parameter == "p":
        return Number(3)
    properties = {PROPERTIES[name]} if name in PROPERTIES else set()
    if name.startswith(SYMMETRIC) and name not in GENERAL:
        properties = {"symmetric", "square"} | ({"spd"} if parameter == "B" else set())
    if properties & {"spd"}:
        properties |= {"symmetric", "psd", "square", "invertible"}
    sizes = [_size(s) for s in shape.split()]
    full = (sizes[0], sizes[1]) if len(sizes) == 2 else (sizes[0], ONE) if sizes else SCALAR
    return Symbol(parameter, full, frozenset(properties))


def _size(text: str) -> Any:
    if "*" in text:
        return letter_size("m") * letter_size("n")
    return number_size(int(text)) if text.isdigit() else letter_size(text)


@pytest.mark.parametrize("name", sorted(set(OPERATIONS) - NOT_EVALUATED))
def test_every_operation_agrees_with_evaluation(name: str) -> None:
    node = _application(name)
    symbols = {s: next(n for n in _symbols(node) if n.name == s) for s in sorted(node.symbols)}
    Case(node, node, symbols, frozenset(), needs(node)).check()


def _symbols(node: Node) -> list[Symbol]:
    found = [node] if isinstance(node, Symbol) else []
    return [*found, *(s for child in node.children() for s in _symbols(child))]


# ---------------------------------------------------------------------------------------------- the module


ALONE = [
    ("sum(gelu(W x + b))", "W", {}), ("tr(expm(A X))", "X", {}), ("tr(A*chol(S))", "S", {"assume": ("S:spd",)}),
    ("sum(gammaln(x))", "x", {"assume": ("x:positive",)}), ("sum(softmax_rows(X).*Y)", "X", {}),
    ("tr(A X^k)", "X", {}), ("tr(A*kron(X, Y))", "X", {}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "wrt", "given"), ALONE)
def test_the_module_runs_where_only_numpy_is(text: str, wrt: str, given: dict[str, Sequence[str]]) -> None:
    case = gradient(text, wrt, **given)
    point = case.points(1)[0]
    given_inputs = {k: v.tolist() if isinstance(v, np.ndarray) else v for k, v in case.inputs(point).items()}
    script = case.text + (
        f"\nimport sys\ninputs = {given_inputs!r}\n"
        "inputs = {k: np.array(v) if isinstance(v, list) else v for k, v in inputs.items()}\n"
        "print(value(**inputs), repr(derivative(**inputs).tolist()))\n"
        "assert not any(m.startswith('mccli') for m in sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-I", "-c", script], capture_output=True, text=True, check=True)
    value, _, slope = done.stdout.strip().partition(" ")
    assert_same(float(value), case.value, point, case.text)
    assert_same(np.array(ast.literal_eval(slope)), case.derivative, point, case.text)


def test_it_imports_nothing_but_numpy_and_math() -> None:
    for text, wrt, given in ALONE:
        module = ast.parse(gradient(text, wrt, **given).text)
        imports = [alias.name for n in ast.walk(module) if isinstance(n, ast.Import) for alias in n.names]
        assert set(imports) <= {"numpy", "math"}
        assert not any(isinstance(n, ast.ImportFrom) for n in ast.walk(module))


def test_math_is_imported_only_where_a_helper_needs_it() -> None:
    assert "import math" not in gradient("||A x - b||^2", "x").text


@pytest.mark.parametrize(("text", "wrt", "given"), GRADIENTS, ids=[f"{g[0]} by {g[1]}" for g in GRADIENTS])
def test_nothing_is_computed_twice(text: str, wrt: str, given: dict[str, Sequence[str]]) -> None:
    case = gradient(text, wrt, **given)
    for name in ("value", "derivative"):
        function = next(f for f in ast.parse(case.text).body if isinstance(f, ast.FunctionDef) and f.name == name)
        counts = Counter(ast.unparse(n) for n in ast.walk(function) if isinstance(n, ast.Call) or _is_product(n))
        repeated = {k for k, v in counts.items() if v > 1 and not k.startswith(("range(", "int("))}
        assert not repeated, case.text


def _is_product(node: ast.AST) -> bool:
    return isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult | ast.Pow)


def test_definitions_become_variables_of_their_names() -> None:
    read = elaborate("||A x - b||")
    derivation = derive(read.expression, read.symbols, [read.symbols["x"]])
    (residual,) = derivation.definitions
    body = apply("norm2", residual.symbol)
    named = derivation.gradients[0].named
    definitions = [(residual.symbol, residual.expression), (Symbol("f", SCALAR, role="named"), body)]
    text = numpy_module(body, named, read.symbols, read.letters, definitions=definitions)
    assert "    r = A @ x - b\n    return float(np.linalg.norm(r))\n" in text
    assert "where r = A*x - b" in text
    assert "def derivative(*, A, x, b):" in text


def test_a_deep_network_stays_linear_in_size() -> None:
    lengths = []
    for depth in (10, 20, 40):
        n = letter_size("n")
        symbols = {"x": Symbol("x", (n, ONE))} | {f"W{i}": Symbol(f"W{i}", (n, n)) for i in range(depth)}
        node: Node = symbols["x"]
        for i in range(depth):
            node = apply("tanh", multiply(symbols[f"W{i}"], node))
        value = apply("sum", node)
        derivation = derive(value, symbols, [symbols["W0"]])
        case = Case(value, derivation.gradients[0].full, symbols, frozenset({"n"}))
        case.check(1)
        lengths.append(len(lines(case)))
    assert lengths[2] - lengths[1] <= 2 * (lengths[1] - lengths[0]) + 2


def test_docstrings_give_the_formula_and_the_shapes() -> None:
    text = gradient("||A x - b||^2", "x").text
    functions = {f.name: f for f in ast.parse(text).body if isinstance(f, ast.FunctionDef)}
    doc = ast.get_docstring(functions["derivative"])
    assert doc == (
        "2*A'*(A*x - b)\n\nA: m x n array\nx: 1-D array of length n\nb: 1-D array of length m\n"
        "returns: 1-D array of length n"
    )


# ---------------------------------------------------------------------------------------------- names


def _dot(names: Sequence[str]) -> Case:
    """The sum of the squares of vectors with these names, by the first of them."""
    symbols = {name: Symbol(name, (letter_size("n"), ONE)) for name in names}
    value = apply("sum", symbols[names[0]])
    for symbol in symbols.values():
        value = add(value, apply("sqnorm", symbol))
    return Case(value, apply("exp", symbols[names[0]]), symbols, frozenset({"n"}))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("lambda", "lambda_"), ("λ", "lambda_"), ("μ", "mu"), ("Σ", "Sigma"), ("λ1", "lambda1"), ("np", "np_"),
        ("value", "value"), ("derivative", "derivative"), ("sum", "sum"), ("float", "float_"), ("in", "in_"),
        ("x_0", "x_0"), ("A_inv", "A_inv"), ("dλ", "dlambda"), ("x*", "x_"), ("t1", "t1"), ("erf", "erf"),
    ],
)  # fmt: skip
def test_every_name_can_be_an_input(name: str, expected: str) -> None:
    case = _dot([name, "n_other"])
    assert next(iter(inspect.signature(case.space["value"]).parameters)) == expected
    case.check()


def test_names_stay_apart() -> None:
    case = _dot(["λ", "lambda", "lambda_", "mu", "μ"])
    assert len(inspect.signature(case.space["value"]).parameters) == 5
    case.check()


def test_inputs_do_not_hide_helpers_letters_or_variables() -> None:
    n = letter_size("n")
    symbols = {name: Symbol(name, (n, ONE)) for name in ("erf", "t1", "n", "sum")}
    inner = apply("erf", symbols["erf"])
    value = add(apply("sqnorm", inner), multiply(*[apply("sum", symbols[s]) for s in ("t1", "n", "sum")]))
    case = Case(value, multiply(Symbol("X", (n, n)), inner), symbols, frozenset({"n"}))
    assert [*inspect.signature(case.space["value"]).parameters][:4] == ["erf_", "t1", "n", "sum"]
    case.check()


def test_declared_functions_are_parameters() -> None:
    case = gradient("L(A x)", "x", define=("L(z): scalar",))
    assert [*inspect.signature(case.space["value"]).parameters] == ["A", "x", "L", "grad_L"]
    assert "grad_L: function, the gradient of L" in case.text
    point = case.points(1)[0]
    inputs = case.inputs(point)
    del inputs["grad_L"]
    assert_same(case.space["value"](**inputs), case.value, point, case.text)


def test_a_size_that_no_shape_gives_is_a_parameter() -> None:
    case = expression("a*tr(eye(n))", shape=("a:scalar",))
    assert [*inspect.signature(case.space["value"]).parameters] == ["a", "n"]
    assert case.space["value"](a=2.0, n=3) == 6.0


def test_sizes_inside_a_dimension_are_solved_for() -> None:
    case = expression("n*sum(x)", shape=("x:n + 2",))
    assert lines(case)[0] == "n = x.size - 2"
    case.check()


def test_writing_a_module_does_not_load_numpy() -> None:
    script = "import sys, mccli.codegen.numpy_code; assert not {'numpy', 'sympy'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", script], check=True)
