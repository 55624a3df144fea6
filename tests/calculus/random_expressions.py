"""Random well-typed expressions: a text of the language with a NumPy function that knows nothing of mc.

Every expression carries two texts that differ only in the order of sums, of elementwise factors and of
scalar factors, and the value that the text means, written out by hand for every construct.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

Array = NDArray[Any]
Env = Mapping[str, Array]
Shape = tuple[str, str]

SYMBOLS: dict[str, Shape] = {
    "A": ("m", "n"), "B": ("n", "h"), "C": ("m", "m"), "D": ("n", "n"), "E": ("h", "m"),
    "x": ("m", "1"), "y": ("n", "1"), "z": ("h", "1"), "a": ("1", "1"), "b": ("1", "1"),
}  # fmt: skip
"""The symbols around the variable X, with their sizes."""

VARIABLE_SHAPES: tuple[Shape, ...] = (
    ("m", "n"), ("n", "m"), ("m", "m"), ("m", "1"), ("n", "1"), ("1", "1"), ("h", "m"),
)  # fmt: skip
STRUCTURES = ("", "symmetric", "diagonal", "lower", "upper", "skew")
SIZES = ("m", "n", "h")


@dataclass(frozen=True)
class Term:
    """An expression: its text, the text in another order, and its value."""

    text: str
    other: str
    value: Callable[[Env], Array]


@dataclass(frozen=True)
class Problem:
    """A scalar expression and its variable."""

    term: Term
    shape: Shape
    structure: str

    @property
    def shapes(self) -> list[str]:
        """The declarations of all symbols."""
        return [f"{name}:{_sizes(shape)}" for name, shape in {**SYMBOLS, "X": self.shape}.items()]

    @property
    def properties(self) -> list[str]:
        """The declared structure of the variable."""
        return [f"X:{self.structure}"] if self.structure else []


def _sizes(shape: Shape) -> str:
    rows, columns = shape
    if shape == ("1", "1"):
        return "scalar"
    return rows if columns == "1" else f"{rows},{columns}"


def _leaf(name: str, transposed: bool = False) -> Term:
    if transposed:
        return Term(f"{name}'", f"{name}'", lambda env: env[name].T)
    return Term(name, name, lambda env: env[name])


def _unary(form: str, value: Callable[[Array], Array], term: Term) -> Term:
    return Term(form.format(term.text), form.format(term.other), lambda env: value(term.value(env)))


def _pair(form: str, left: Term, right: Term, value: Callable[[Array, Array], Array], swap: bool = False) -> Term:
    other = form.format(right.other, left.other) if swap else form.format(left.other, right.other)
    return Term(form.format(left.text, right.text), other, lambda env: value(left.value(env), right.value(env)))


def _scalar(x: Any) -> Array:
    return np.asarray(x, dtype=float).reshape(1, 1)


def _matmul(left: Array, right: Array) -> Array:
    return left * right if 1 in (left.size, right.size) else left @ right


def _times(scalar: Array, matrix: Array) -> Array:
    return scalar[0, 0] * matrix


def _softmax(x: Array) -> Array:
    e = np.exp(x - np.max(x))
    return np.asarray(e / np.sum(e))


def _softmax_rows(x: Array) -> Array:
    return np.vstack([_softmax(row)[None, :] for row in x])


def _power(x: Array, k: int) -> Array:
    return np.linalg.matrix_power(x, k)


def _plus(x: Array, factor: float) -> Array:
    return np.asarray(x + factor * np.eye(x.shape[0]))


def _logdet(x: Array) -> Array:
    return _scalar(np.log(abs(np.linalg.det(x))))


def _series_exponential(x: Array) -> Array:
    """exp(x) of a matrix by squaring a Taylor sum."""
    small, total, term = x / 64, np.eye(x.shape[0]), np.eye(x.shape[0])
    for i in range(1, 14):
        term = term @ small / i
        total = total + term
    return np.linalg.matrix_power(total, 64)


ENTRYWISE: list[tuple[str, Callable[[Array], Array]]] = [
    ("sin({})", np.sin),
    ("cos({})", np.cos),
    ("tanh({})", np.tanh),
    ("exp(-({}).^2)", lambda x: np.exp(-x * x)),
    ("exp(tanh({}))", lambda x: np.exp(np.tanh(x))),
    ("sigmoid({})", lambda x: 1 / (1 + np.exp(-x))),
    ("softplus({})", lambda x: np.log1p(np.exp(-np.abs(x))) + np.maximum(x, 0)),
    ("log(1 + ({}).^2)", lambda x: np.log(1 + x * x)),
    ("sqrt(1 + ({}).^2)", lambda x: np.sqrt(1 + x * x)),
    ("({}).^2", lambda x: x * x),
    ("({}).^3", lambda x: x**3),
    ("1./(2 + ({}).^2)", lambda x: 1 / (2 + x * x)),
    ("arctan({})", np.arctan),
    ("logcosh({})", lambda x: np.log(np.cosh(x))),
    ("relu({})", lambda x: np.maximum(x, 0)),
    ("abs({})", np.abs),
    ("silu({})", lambda x: x / (1 + np.exp(-x))),
    ("log(abs({}))", lambda x: np.log(np.abs(x))),
    ("(-({}))", lambda x: -x),
    ("1/3*({})", lambda x: x / 3),
    ("({} - 2)", lambda x: x - 2),
]
"""Functions that act on every entry, as text and as NumPy; also shifts and factors."""

OF_MATRIX: list[tuple[str, Callable[[Array], Array]]] = [
    ("sum({})", lambda x: _scalar(np.sum(x))),
    ("mean({})", lambda x: _scalar(np.mean(x))),
    ("sum(({}).^2)", lambda x: _scalar(np.sum(x * x))),
    ("normF({})", lambda x: _scalar(np.sqrt(np.sum(x * x)))),
    ("normF({})^2", lambda x: _scalar(np.sum(x * x))),
    ("normF({})^3", lambda x: _scalar(np.sum(x * x) ** 1.5)),
    ("sum(logsumexp({}, 2))", lambda x: _scalar(np.sum(np.log(np.sum(np.exp(x), axis=1))))),
    ("var({})", lambda x: _scalar(np.var(x))),
    ("norm1({})", lambda x: _scalar(np.sum(np.abs(x)))),
    ("max({})", lambda x: _scalar(np.max(x))),
    ("sum(rownorms({}))", lambda x: _scalar(np.sum(np.sqrt(np.sum(x * x, axis=1))))),
]
OF_COLUMN: list[tuple[str, Callable[[Array], Array]]] = [
    ("||{}||", lambda x: _scalar(np.sqrt(np.sum(x * x)))),
    ("||{}||^2", lambda x: _scalar(np.sum(x * x))),
    ("logsumexp({})", lambda x: _scalar(np.log(np.sum(np.exp(x))))),
    ("sum({})", lambda x: _scalar(np.sum(x))),
    ("sum(({})*({})')", lambda x: _scalar(np.sum(x @ x.T))),
    ("prod(2 + sin({}))", lambda x: _scalar(np.prod(2 + np.sin(x)))),
]
OF_SQUARE: list[tuple[str, Callable[[Array], Array]]] = [
    ("tr({})", lambda x: _scalar(np.trace(x))),
    ("tr(({})^3)", lambda x: _scalar(np.trace(_power(x, 3)))),
    ("det({} + 3*I)", lambda x: _scalar(np.linalg.det(_plus(x, 3)))),
    ("logdet({} + 3*I)", lambda x: _logdet(_plus(x, 3))),
    ("log(det(({})*({})' + 2*I))", lambda x: _logdet(_plus(x @ x.T, 2))),
    ("tr(inv({} + 3*I))", lambda x: _scalar(np.trace(np.linalg.inv(_plus(x, 3))))),
    ("tr(expm(sin({})))", lambda x: _scalar(np.trace(_series_exponential(np.sin(x))))),
]
SQUARE_TO_SQUARE: list[tuple[str, Callable[[Array], Array]]] = [
    ("inv({} + 3*I)", lambda x: np.linalg.inv(_plus(x, 3))),
    ("inv(({})*({})' + I)", lambda x: np.linalg.inv(_plus(x @ x.T, 1))),
    ("({})^2", lambda x: x @ x),
    ("tril({})", np.tril),
    ("sym({})", lambda x: (x + x.T) / 2),
    ("Diag(diag({}))", lambda x: np.diag(np.diag(x))),
    ("expm(sin({}))", lambda x: _series_exponential(np.sin(x))),
    ("(1/2*({}) + I)", lambda x: _plus(x / 2, 1)),
]
OF_SCALAR: list[tuple[str, Callable[[Array], Array]]] = [
    *(pair for pair in ENTRYWISE if ".^" not in pair[0] and "./" not in pair[0]),
    ("({})^2", lambda x: x * x),
    ("({})^3", lambda x: x**3),
    ("1/(1 + ({})^2)", lambda x: 1 / (1 + x * x)),
    ("(1 + ({})^2)^(1/2)", lambda x: np.sqrt(1 + x * x)),
    ("(1 + ({})^2)^(-3/2)", lambda x: (1 + x * x) ** -1.5),
]


def _doubled(pair: tuple[str, Callable[[Array], Array]], term: Term) -> Term:
    form, value = pair
    times = form.count("{}")
    return Term(
        form.format(*[term.text] * times), form.format(*[term.other] * times), lambda env: value(term.value(env))
    )


class _Generator:
    """Draws terms of a wanted shape; the variable is taken wherever it fits more often than not."""

    def __init__(self, draw: Callable[[st.SearchStrategy[Any]], Any], variable: Shape) -> None:
        self.draw, self.symbols = draw, {**SYMBOLS, "X": variable}

    def choose(self, options: list[Any] | tuple[Any, ...]) -> Any:
        return self.draw(st.sampled_from(options))

    def term(self, shape: Shape, depth: int) -> Term:
        """A random expression of a shape."""
        if depth <= 0:
            return self._leaf(shape)
        if shape == ("1", "1"):
            return self._scalar_term(depth)
        kinds = ["leaf", "sum", "difference", "product", "product", "hadamard", "entrywise", "scaled", "transpose"]
        if shape[0] == shape[1]:
            kinds += ["square", "square", "Diag"]
        if shape[1] == "1":
            kinds += ["softmax", "diag", "rowsums", "quotient"]
        elif shape[0] != "1":
            kinds += ["softmax_rows"]
        return getattr(self, f"_{self.choose(kinds)}")(shape, depth - 1)  # type: ignore[no-any-return]

    # -- leaves

    def _leaf(self, shape: Shape, _depth: int = 0) -> Term:
        straight = [_leaf(n) for n, s in self.symbols.items() if s == shape]
        turned = [_leaf(n, True) for n, s in self.symbols.items() if (s[1], s[0]) == shape and s[0] != s[1]]
        if shape == self.symbols["X"]:
            straight += [_leaf("X")] * 2
        elif (shape[1], shape[0]) == self.symbols["X"]:
            turned += [_leaf("X", True)] * 2
        options = straight + turned
        return self.choose(options) if options else self._product(shape, 0)

    # -- any shape

    def _sum(self, shape: Shape, depth: int) -> Term:
        return _pair("({} + {})", self.term(shape, depth), self.term(shape, depth), np.add, swap=True)

    def _difference(self, shape: Shape, depth: int) -> Term:
        left, right = self.term(shape, depth), self.term(shape, depth)
        other = f"(-({right.other}) + {left.other})"
        return Term(f"({left.text} - {right.text})", other, lambda env: left.value(env) - right.value(env))

    def _product(self, shape: Shape, depth: int) -> Term:
        inside = self.choose([*SIZES, "1"] if "1" not in shape else SIZES)
        left, right = self.term((shape[0], inside), depth), self.term((inside, shape[1]), depth)
        return _pair("({})*({})", left, right, _matmul)

    def _hadamard(self, shape: Shape, depth: int) -> Term:
        return _pair("(({}) .* ({}))", self.term(shape, depth), self.term(shape, depth), np.multiply, swap=True)

    def _entrywise(self, shape: Shape, depth: int) -> Term:
        return _doubled(self.choose(ENTRYWISE), self.term(shape, depth))

    def _scaled(self, shape: Shape, depth: int) -> Term:
        return _pair("({})*({})", self.term(("1", "1"), depth), self.term(shape, depth), _times, swap=True)

    def _quotient(self, shape: Shape, depth: int) -> Term:
        left, right = self.term(shape, depth), self.term(("1", "1"), depth)
        return _pair("({})/(1 + ({})^2)", left, right, lambda u, s: u / (1 + s[0, 0] ** 2))

    def _transpose(self, shape: Shape, depth: int) -> Term:
        return _unary("({})'", np.transpose, self.term((shape[1], shape[0]), depth))

    # -- special shapes

    def _square(self, shape: Shape, depth: int) -> Term:
        return _doubled(self.choose(SQUARE_TO_SQUARE), self.term(shape, depth))

    def _Diag(self, shape: Shape, depth: int) -> Term:
        return _unary("Diag({})", lambda x: np.diag(x[:, 0]), self.term((shape[0], "1"), depth))

    def _softmax(self, shape: Shape, depth: int) -> Term:
        return _unary("softmax({})", _softmax, self.term(shape, depth))

    def _softmax_rows(self, shape: Shape, depth: int) -> Term:
        return _unary("softmax({}, 2)", _softmax_rows, self.term(shape, depth))

    def _diag(self, shape: Shape, depth: int) -> Term:
        inside = self.term((shape[0], shape[0]), depth)
        return _unary("diag({})", lambda x: np.diag(x).reshape(-1, 1), inside)

    def _rowsums(self, shape: Shape, depth: int) -> Term:
        inside = self.term((shape[0], self.choose(SIZES)), depth)
        return _unary("sum({}, 2)", lambda x: np.sum(x, axis=1, keepdims=True), inside)

    # -- scalars

    def _scalar_term(self, depth: int) -> Term:
        kinds = ["matrix", "matrix", "column", "square", "square", "inner", "trace", "sum", "times", "scalar", "kron"]
        kinds += ["ratio"]
        return getattr(self, f"_scalar_{self.choose(kinds)}")(depth - 1)  # type: ignore[no-any-return]

    def _any_shape(self) -> Shape:
        return (self.choose(SIZES), self.choose(SIZES))

    def _scalar_matrix(self, depth: int) -> Term:
        return _doubled(self.choose(OF_MATRIX), self.term(self._any_shape(), depth))

    def _scalar_column(self, depth: int) -> Term:
        return _doubled(self.choose(OF_COLUMN), self.term((self.choose(SIZES), "1"), depth))

    def _scalar_square(self, depth: int) -> Term:
        size = self.choose(SIZES)
        return _doubled(self.choose(OF_SQUARE), self.term((size, size), depth))

    def _scalar_inner(self, depth: int) -> Term:
        size = self.choose(SIZES)
        left, right = self.term((size, "1"), depth), self.term((size, "1"), depth)
        return _pair("({})'*({})", left, right, lambda u, v: u.T @ v, swap=True)

    def _scalar_trace(self, depth: int) -> Term:
        rows, columns = self._any_shape()
        left, right = self.term((rows, columns), depth), self.term((columns, rows), depth)
        return _pair("tr(({})*({}))", left, right, lambda p, q: _scalar(np.trace(p @ q)))

    def _scalar_sum(self, depth: int) -> Term:
        return _pair("({} + {})", self.term(("1", "1"), depth), self.term(("1", "1"), depth), np.add, swap=True)

    def _scalar_times(self, depth: int) -> Term:
        return _pair("({})*({})", self.term(("1", "1"), depth), self.term(("1", "1"), depth), np.multiply, swap=True)

    def _scalar_ratio(self, depth: int) -> Term:
        left, right = self.term(("1", "1"), depth), self.term(("1", "1"), depth)
        return _pair("({})/(2 + ({})^2)", left, right, lambda s, t: s / (2 + t * t))

    def _scalar_scalar(self, depth: int) -> Term:
        return _doubled(self.choose(OF_SCALAR), self.term(("1", "1"), depth))

    def _scalar_kron(self, depth: int) -> Term:
        left, right = self.term(self._any_shape(), depth), self.term(self._any_shape(), depth)
        form = self.choose(["sum(kron({}, {}))", "normF(kron({}, {}))^2", "sum(sin(kron({}, {})))"])
        value = {
            "sum(kron({}, {}))": np.sum,
            "normF(kron({}, {}))^2": lambda x: np.sum(x * x),
            "sum(sin(kron({}, {})))": lambda x: np.sum(np.sin(x)),
        }[form]
        return _pair(form, left, right, lambda p, q: _scalar(value(np.kron(p, q))))


@st.composite
def problems(draw: Any, structured: bool = False, depth: int = 4) -> Problem:
    """A random scalar expression in X and others; ``structured`` gives X a linear structure."""
    shape = draw(st.sampled_from([("m", "m"), ("n", "n")] if structured else VARIABLE_SHAPES))
    structure = draw(st.sampled_from(STRUCTURES[1:])) if structured else ""
    term = _Generator(draw, shape).term(("1", "1"), draw(st.integers(2, depth)))
    if "X" not in term.text:
        extra = _unary("sum(sin({}))", lambda x: _scalar(np.sum(np.sin(x))), _leaf("X"))
        term = _pair("({} + {})", term, extra, np.add, swap=True)
    return Problem(term, shape, structure)


@st.composite
def array_problems(draw: Any, structured: bool = False, depth: int = 3) -> Problem:
    """A random expression with a vector or a matrix for its value, in X and others."""
    shape = draw(st.sampled_from([("m", "m"), ("n", "n")] if structured else VARIABLE_SHAPES))
    structure = draw(st.sampled_from(STRUCTURES[1:])) if structured else ""
    wanted = draw(st.sampled_from([("m", "1"), ("n", "1"), ("m", "n"), ("n", "n"), ("h", "m"), ("1", "n")]))
    term = _Generator(draw, shape).term(wanted, draw(st.integers(1, depth)))
    if "X" not in term.text:
        factor = _unary("sum(sin({}))", lambda x: _scalar(np.sum(np.sin(x))), _leaf("X"))
        term = _pair("({})*({})", factor, term, _times, swap=True)
    return Problem(term, shape, structure)
