"""NumPy notation: ``np.trace(A @ X.T)``, ``x.sum()``, ``np.linalg.norm(X, 'fro')``.

``@``, ``np.dot`` and ``np.matmul`` become a call of ``matmul``, for between two vectors they are no matrix
product; ``np.vdot`` becomes a call of ``inner``, ``np.inner`` one of ``numpy_inner``. What they
mean depends on the shapes.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from mccli.errors import Mark, NameMistake, Span, closest
from mccli.language.bars import NORMS
from mccli.language.brackets import is_keyword, read_arguments
from mccli.language.cursor import Cursor, Grammar
from mccli.language.functions import refuse_keywords
from mccli.language.refusals import leftover
from mccli.language.syntax import Binary, BinaryOperator, Call, Group, Name, Negate, Norm, Number, Syntax, Transpose
from mccli.language.tokens import Token

_OPERATORS: Mapping[str, BinaryOperator] = {
    "multiply": ".*",
    "divide": "./",
    "add": "+",
    "subtract": "-",
    "power": ".^",
    "matrix_power": "^",
}
_PRODUCTS = {"dot": "matmul", "matmul": "matmul", "inner": "numpy_inner", "vdot": "inner"}
_PAIRS = {*_OPERATORS, *_PRODUCTS, "outer", "solve", "maximum"}
_SPECIAL = {"square", "transpose", "norm", "slogdet", "log1p", "ones", "zeros"}
_NAMES = {
    "trace": "tr",
    "arctan": "atan",
    "arcsin": "asin",
    "arccos": "acos",
    "absolute": "abs",
    "expit": "sigmoid",
    "amax": "max",
    "amin": "min",
    "cholesky": "chol",
}
_AXIS_FUNCTIONS = {"sum", "mean", "prod", "max", "min", "amax", "amin", "var", "std", "cumsum", "logsumexp", "softmax"}
_METHODS = ("sum", "trace", "dot", "mean", "transpose")


def is_numpy(token: Token) -> bool:
    """Whether the token shows that the expression is in NumPy notation."""
    return token.kind in ("numpy", "method", "keyword") or (token.kind == "op" and token.text in ("@", "**"))


def matmul(left: Syntax, right: Syntax, operator: Span) -> Call:
    """``left @ right``."""
    return Call("matmul", (left, right), operator, left.span.to(right.span))


def read_numpy(grammar: Grammar) -> Syntax:
    """A name after ``np.``, with its arguments."""
    cursor = grammar.cursor
    token = cursor.take()
    if token.text == "pi":
        return Name("π", token.span)
    if cursor.here.kind != "open":
        raise cursor.mistake(f"{cursor.slice(token.span)} needs its arguments in parentheses", token)
    if token.text in ("ones", "zeros") and cursor.tokens[cursor.at + 1].kind == "open":
        cursor.take()
        arguments, _ = read_arguments(grammar)
        refuse_keywords(arguments)
        if cursor.here.kind != "close":
            raise leftover(cursor)
        return cursor.call(token.text, token.span, cursor.take().span, *arguments)
    arguments, close = read_arguments(grammar)
    return _NumpyCall(cursor, token, token.span.to(close.span)).build(arguments)


def read_method(grammar: Grammar, node: Syntax) -> Syntax:
    """``x.sum()``, ``A.dot(B)``."""
    cursor = grammar.cursor
    token = cursor.take()
    cursor.count(token)
    if token.text not in _METHODS or cursor.here.kind != "open":
        similar = closest(token.text, (*_METHODS, "T"))
        notes = [f"did you mean .{similar}?"] if similar else ["write * for a product"]
        raise cursor.mistake(f"unknown method {cursor.slice(token.span)}", token, notes=notes)
    arguments, close = read_arguments(grammar, empty_allowed=True)
    return _NumpyCall(cursor, token, node.span.to(close.span)).build((node, *arguments))


def _wrapped(node: Syntax) -> Syntax:
    """An argument that is a sum or product, as a group, so that messages show it in parentheses."""
    product = isinstance(node, Call) and node.function == "matmul"
    return Group(node, node.span) if product or isinstance(node, Binary | Negate) else node


class _NumpyCall:
    """Builds the tree of one NumPy call, whose name is ``token``."""

    def __init__(self, cursor: Cursor, token: Token, span: Span) -> None:
        self.cursor, self.token, self.span = cursor, token, span

    def build(self, arguments: tuple[Syntax, ...]) -> Syntax:
        name = self.token.text
        if name in _PAIRS:
            self.expect(name, arguments, 2)
            return self.pair(name, _wrapped(arguments[0]), _wrapped(arguments[1]))
        if name == "norm":
            return self.norm(arguments)
        if name in _SPECIAL:
            return self.special(name, arguments)
        return self.known(name, arguments)

    def pair(self, name: str, left: Syntax, right: Syntax) -> Syntax:
        """A function of two arguments that is an operator of the language, or nearly so."""
        if name in _OPERATORS:
            return self.binary(_OPERATORS[name], left, right)
        if name == "outer":
            return self.binary("*", left, Transpose(right, right.span))
        if name == "solve":
            return self.binary("*", self.call("inv", left), right)
        if name == "maximum":
            return self.maximum(left, right)
        self.cursor.count(self.token)
        return Call(_PRODUCTS[name], (left, right), self.token.span, self.span)

    def special(self, name: str, arguments: tuple[Syntax, ...]) -> Syntax:
        """A function that is written in another way in the language."""
        self.expect(name, arguments, 2 if name in ("ones", "zeros") and len(arguments) == 2 else 1)
        first = arguments[0]
        if name == "square":
            return self.binary(".^", _wrapped(first), Number(Fraction(2), self.token.span))
        if name == "transpose":
            return Transpose(_wrapped(first), self.span)
        if name == "slogdet":
            return self.slogdet(first)
        if name == "log1p" and "log1p" not in self.cursor.vocabulary.functions:
            one = Number(Fraction(1), self.token.span)
            return self.call("log", self.binary("+", one, _wrapped(first)))
        if name == "log1p" or len(arguments) == 2:
            return self.call(name, *arguments)
        return self.call(name, first, Number(Fraction(1), self.token.span))

    def binary(self, operator: BinaryOperator, left: Syntax, right: Syntax) -> Binary:
        self.cursor.count(self.token)
        return Binary(operator, left, right, self.token.span, self.span)

    def call(self, function: str, *arguments: Syntax) -> Call:
        return Call(self.cursor.canonical(function), arguments, self.token.span, self.span)

    def expect(self, name: str, arguments: tuple[Syntax, ...], count: int) -> None:
        if len(arguments) != count or any(map(is_keyword, arguments)):
            raise self.cursor.mistake(f"{name} takes {count} argument{'s' * (count > 1)} here", self.token)

    def maximum(self, left: Syntax, right: Syntax) -> Syntax:
        """``np.maximum(x, 0)`` is relu."""
        for zero, other in ((left, right), (right, left)):
            if isinstance(zero, Number) and zero.value == 0:
                return self.call("relu", other.inner if isinstance(other, Group) else other)
        raise self.cursor.mistake("np.maximum is read with 0 only", self.token, notes=["np.maximum(x, 0) is relu(x)"])

    def norm(self, arguments: tuple[Syntax, ...]) -> Syntax:
        """``np.linalg.norm`` with its order."""
        self.expect("norm", arguments[:1], 1)
        kind = arguments[1] if len(arguments) > 1 else None
        while isinstance(kind, Call) and kind.function == "ord=":
            kind = kind.arguments[0]
        text = kind.name if isinstance(kind, Name) else str(kind.value) if isinstance(kind, Number) else "?"
        text = "" if kind is None else text
        if text not in NORMS or len(arguments) > 2:
            notes = ["the orders are 1, 2, 'fro', 'nuc'"]
            raise self.cursor.mistake("this order of the norm is not read", self.token, notes=notes)
        return Norm(arguments[0], NORMS[text], self.span)

    def slogdet(self, matrix: Syntax) -> Syntax:
        """``np.linalg.slogdet(X)[1]`` is the logarithm of the absolute determinant."""
        cursor = self.cursor
        index = cursor.tokens[cursor.at : cursor.at + 3]
        if [t.kind for t in index] != ["open", "number", "close"] or index[1].text != "1":
            raise cursor.mistake("slogdet gives two values", self.token, notes=["write np.linalg.slogdet(X)[1]"])
        cursor.at += 3
        self.span = self.span.to(index[2].span)
        return self.call("logdet", matrix)

    def known(self, name: str, arguments: tuple[Syntax, ...]) -> Syntax:
        """A function of the registry under its NumPy name; an axis counts from 0 there."""
        functions = self.cursor.vocabulary.functions
        function = functions.get(name) or functions.get(_NAMES.get(name, name))
        if function is None:
            similar = closest(name, functions)
            notes = [f"did you mean {similar}?"] if similar else []
            shown = self.cursor.slice(self.token.span)
            raise NameMistake(f"unknown function {shown}", marks=[Mark(self.token.span, focus=True)], notes=notes)
        if name in _AXIS_FUNCTIONS and len(arguments) > 1:
            arguments = (arguments[0], self.axis(arguments[1:]))
        self.expect(name, arguments, len(arguments))
        return Call(function, arguments, self.token.span, self.span)

    def axis(self, given: tuple[Syntax, ...]) -> Syntax:
        """``axis=0`` sums down the columns: 1 in mc."""
        first = given[0]
        value = first.arguments[0] if isinstance(first, Call) and first.function == "axis=" else first
        if not isinstance(value, Number) or value.value not in (0, 1) or len(given) > 1:
            raise self.cursor.mistake("the axis is 0 or 1 here", self.token)
        return Number(value.value + 1, value.span)
