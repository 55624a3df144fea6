"""Expressions of mc as SymPy's matrix expressions, and back as text.

Scalars become scalar expressions: x'Ax is the trace of a 1×1 product, which evaluates at explicit matrices and can
be added to numbers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import reduce
from typing import Any

import sympy
from sympy.matrices.expressions import DiagMatrix, DiagonalMatrix, DiagonalOf, MatrixExpr
from sympy.matrices.expressions.applyfunc import ElementwiseApplyFunction
from sympy.matrices.expressions.matexpr import MatrixElement

from mccli.errors import DeriveError
from mccli.expressions.graph import walk
from mccli.expressions.operation import Operation
from mccli.expressions.sizes import Size
from mccli.expressions.tree import Apply, Constant, Node, Number, Product, Sum, Symbol, Transpose
from mccli.language.rules import meaning
from mccli.symbolic.scalars import NATIVE, definition
from mccli.symbolic.text import ATOM, NEGATION, POWER, PRODUCT, ScalarPrinter

# ------------------------------------------------------------------------------------------------- to SymPy


def to_sympy(node: Node) -> Any:
    """A SymPy expression (scalar) or MatrixExpr. DeriveError for what SymPy has no symbolic counterpart of.

    Symbols become ``MatrixSymbol(name, rows, columns)`` or, if scalar, ``Symbol(name)``; size letters become
    positive integer symbols.
    """
    done: dict[Node, Any] = {}
    for current in walk(node):
        if isinstance(current, Symbol) and current.role == "index":
            raise DeriveError("SymPy has no counterpart of a sum of matrices with an index")
        done[current] = _converted(current, done)
    return done[node]


def _converted(node: Node, done: Mapping[Node, Any]) -> Any:
    match node:
        case Number():
            return sympy.Rational(node.value.numerator, node.value.denominator)
        case Symbol():
            return sympy.Symbol(node.name) if node.is_scalar else sympy.MatrixSymbol(node.name, *_shape(node))
        case Constant():
            return _constant(node)
        case Sum():
            terms = [sympy.Rational(c.numerator, c.denominator) * done[n] for c, n in node.terms]
            return reduce(lambda a, b: a + b, terms)
        case Product():
            return _product(node, done)
        case Transpose():
            return done[node.operand].T
    assert isinstance(node, Apply)
    return _operation(node, done)


def _size(size: Size) -> Any:
    """A size as a polynomial in positive integer symbols."""
    total = sympy.Integer(0)
    for monomial, coefficient in size.terms:
        letters = (sympy.Symbol(letter, integer=True, positive=True) ** power for letter, power in monomial)
        total += sympy.Rational(coefficient.numerator, coefficient.denominator) * sympy.Mul(*letters)
    return total


def _shape(node: Node) -> tuple[Any, Any]:
    return _size(node.rows), _size(node.columns)


def _constant(node: Constant) -> Any:
    match node.name:
        case "pi":
            return sympy.pi
        case "size":
            return _size(node.sizes[0])
        case "eye":
            return sympy.Identity(_size(node.sizes[0]))
        case "ones":
            return sympy.OneMatrix(*_shape(node))
        case "zeros":
            return sympy.ZeroMatrix(*_shape(node))
    raise DeriveError(f"SymPy has no counterpart of {node.name}")


def _product(node: Product, done: Mapping[Node, Any]) -> Any:
    """Number and scalars times the chain; a scalar chain is the trace of its product."""
    factor = sympy.Rational(node.coefficient.numerator, node.coefficient.denominator)
    factor = factor * sympy.Mul(*(done[scalar] for scalar in node.scalars))
    if not node.chain:
        return factor
    chain = sympy.MatMul(*(done[n] for n in node.chain))
    return factor * (sympy.Trace(chain) if node.is_scalar else chain)


def _operation(node: Apply, done: Mapping[Node, Any]) -> Any:
    """An operation by SymPy's own, as a function of every entry, or by what it means."""
    record = node.operation
    if record.name in _COUNTERPARTS and not (record.name == "power" and node.is_scalar):
        return _COUNTERPARTS[record.name](*(done[n] for n in node.arguments))
    if record.name == "power":
        return done[node.arguments[0]] ** done[node.arguments[1]]
    if record.elementwise and len(node.arguments) == 1 and not (record.declared and not record.means):
        return _entrywise(record, done[node.arguments[0]])
    defined = meaning(node) if record.means else node
    if defined == node:
        raise DeriveError(f"SymPy has no counterpart of {record.name}")
    return to_sympy(defined)


def _entrywise(record: Operation, argument: Any) -> Any:
    if not isinstance(argument, MatrixExpr):
        return _standard(record, argument)
    entry = sympy.Dummy("d")
    return argument.applyfunc(sympy.Lambda(entry, _standard(record, entry)))


def _standard(record: Operation, argument: Any) -> Any:
    """An elementwise function in functions that SymPy has itself."""
    if record.name in _STANDARD:
        return _STANDARD[record.name](argument)
    written_out = definition(record, argument)
    while own := [f for f in written_out.atoms(sympy.Function) if hasattr(f, "record")]:
        written_out = written_out.xreplace({f: _standard(f.record, *f.args) for f in own})
    return written_out


def _squared_norm(x: Any) -> Any:
    return sympy.Trace(x.T * x)


_STANDARD: Mapping[str, Callable[[Any], Any]] = {
    **NATIVE, "abs": sympy.Abs, "sign": sympy.sign, "relu": lambda x: sympy.Max(x, 0),
    "step": lambda x: sympy.Heaviside(x, 0),
}  # fmt: skip

_COUNTERPARTS: Mapping[str, Callable[..., Any]] = {
    "tr": sympy.Trace, "det": sympy.Determinant, "inv": sympy.Inverse,
    "logdet": lambda x: sympy.log(sympy.Abs(sympy.Determinant(x))),
    "adj": lambda x: sympy.Determinant(x) * sympy.Inverse(x),
    "hadamard": lambda *x: sympy.HadamardProduct(*x), "power": sympy.HadamardPower, "mpow": sympy.MatPow,
    "kron": lambda a, b: sympy.KroneckerProduct(a, b), "diag": DiagonalOf, "Diag": DiagMatrix,
    "sqnorm": _squared_norm, "norm2": lambda x: sympy.sqrt(_squared_norm(x)),
    "normF": lambda x: sympy.sqrt(_squared_norm(x)),
}  # fmt: skip

# ------------------------------------------------------------------------------------------------- from SymPy

_NAME = re.compile(r"[^\W\d_]\w*")


def from_sympy(expression: Any) -> tuple[str, dict[str, str]]:
    """The text of a SymPy expression in mc's language, and the shapes of its symbols (``m,n``, ``n`` or ``scalar``).

    DeriveError for whatever has no counterpart in the language, such as explicit matrices or unevaluated sums.
    """
    if not isinstance(expression, sympy.Basic):
        raise DeriveError(f"{type(expression).__name__} is no SymPy expression")
    if isinstance(expression, sympy.MatrixBase):
        raise DeriveError("an explicit matrix is no expression in symbols")
    writer = _Writer({}, dot="")
    text = writer.text(expression)
    shapes = {name: shape for name, shape in writer.shapes.items() if shape != "scalar" or name not in writer.letters}
    return text, shapes


class _Writer(ScalarPrinter):
    """Prints matrix expressions; scalars are the business of the printer it builds on."""

    def __init__(self, names: Mapping[Any, str], dot: str) -> None:
        super().__init__(names, dot)
        self.shapes: dict[str, str] = {}
        self.letters: set[str] = set()

    def piece(self, expression: Any) -> tuple[str, int]:
        """The text of a node and its binding."""
        if expression in self.names:
            return super().piece(expression)
        if isinstance(expression, sympy.MatrixSymbol):
            return self.symbol(expression.name, self.shape_text(expression.shape)), ATOM
        if expression.is_Symbol:
            return self.symbol(expression.name, "scalar"), ATOM
        if expression.is_Float:
            return super().piece(sympy.Rational(str(expression)))
        for kind, write in _WRITTEN.items():
            if isinstance(expression, kind):
                return write(self, expression)
        parts = (expression, *expression.args)
        if not isinstance(expression, sympy.Expr) or any(isinstance(e, MatrixExpr | sympy.MatrixBase) for e in parts):
            raise DeriveError(f"mc has no counterpart of {type(expression).__name__} here")
        return super().piece(expression)

    def symbol(self, name: str, shape: str) -> str:
        """A symbol and its shape. DeriveError if the name is none in mc."""
        if not _NAME.fullmatch(name):
            raise DeriveError(f"{name!r} cannot be the name of a symbol in mc")
        if self.shapes.setdefault(name, shape) != shape:
            raise DeriveError(f"{name} has two shapes, {self.shapes[name]} and {shape}")
        return name

    def size(self, size: Any) -> str:
        """A size: a number, a letter, or sums and products of those."""
        self.letters |= {s.name for s in size.free_symbols}
        text = str(sympy.expand(size))
        if not re.fullmatch(r"[\w\s*+-]+", text) or "**" in text:
            raise DeriveError(f"{text} is no size in mc")
        return text

    def shape_text(self, shape: tuple[Any, Any]) -> str:
        """A shape as ``--shape`` reads it."""
        if shape == (1, 1):
            return "scalar"
        return self.size(shape[0]) if shape[1] == 1 else f"{self.size(shape[0])},{self.size(shape[1])}"

    def call(self, name: str, *arguments: str) -> tuple[str, int]:
        """A function applied to texts."""
        return f"{name}({', '.join(arguments)})", ATOM

    def matrix_sum(self, expression: Any) -> tuple[str, int]:
        """Terms in SymPy's order; a negative number in front becomes a minus."""
        text = ""
        for term in expression.args:
            coefficient, _ = term.as_coeff_mmul()
            negative = bool(coefficient.is_number and coefficient < 0)
            joint = (" - " if negative else " + ") if text else ("-" if negative else "")
            text += joint + self.text(-term if negative else term, PRODUCT)
        return text, 0

    def matrix_product(self, expression: Any) -> tuple[str, int]:
        """Scalars, then matrices from left to right."""
        coefficient, product = expression.as_coeff_mmul()
        if coefficient.is_number and coefficient < 0:
            return f"-{self.text(-expression, PRODUCT)}", NEGATION
        factors = [coefficient] if coefficient != 1 else []
        factors += product.args if isinstance(product, sympy.MatMul) else [product]
        return "*".join(self.text(f, PRODUCT if f.is_Rational else POWER) for f in factors), PRODUCT

    def entrywise(self, expression: Any) -> tuple[str, int]:
        """A function of every entry, its argument put in as text."""
        entry, argument = sympy.Dummy("d"), self.text(expression.expr)
        body = expression.function(entry)
        inner = {s: self.symbol(s.name, "scalar") for s in body.free_symbols - {entry}}
        if not body.has(entry):
            raise DeriveError("a constant function of every entry has no counterpart in mc")
        printer = ScalarPrinter({**inner, entry: argument})
        return printer.piece(body) if body != entry else (argument, 0)

    def element(self, expression: Any) -> tuple[str, int]:
        """An entry; mc counts from 1."""
        indices = [self.size(sympy.expand(index + 1)) for index in expression.indices]
        return self.call("entry", self.text(expression.parent), *indices)

    def hadamard(self, expression: Any) -> tuple[str, int]:
        """Factors joined entry by entry."""
        return " .* ".join(self.text(f, POWER) for f in expression.args), PRODUCT

    def hadamard_power(self, expression: Any) -> tuple[str, int]:
        """Every entry to a power."""
        return f"{self.text(expression.base, ATOM)}.^{self.text(expression.exp, ATOM)}", POWER

    def matrix_power(self, expression: Any) -> tuple[str, int]:
        """A power of a matrix."""
        return f"{self.text(expression.base, ATOM)}^{self.text(expression.exp, ATOM)}", POWER

    def kronecker(self, expression: Any) -> tuple[str, int]:
        """kron takes two matrices at a time."""
        texts = [self.text(f) for f in expression.args]
        return reduce(lambda a, b: f"kron({a}, {b})", texts), ATOM


Written = Callable[[_Writer, Any], tuple[str, int]]


def _function(name: str) -> Written:
    return lambda writer, e: writer.call(name, *(writer.text(a) for a in e.args[:1]))


def _array(name: str) -> Written:
    return lambda writer, e: writer.call(name, *(writer.size(size) for size in e.args))


_WRITTEN: Mapping[Any, Written] = {
    sympy.MatAdd: _Writer.matrix_sum,
    sympy.MatMul: _Writer.matrix_product,
    sympy.Inverse: _function("inv"),  # before MatPow, which it is one of
    sympy.MatPow: _Writer.matrix_power,
    sympy.Transpose: lambda writer, e: (f"{writer.text(e.arg, ATOM)}'", POWER),
    sympy.Trace: _function("tr"),
    sympy.Determinant: _function("det"),
    sympy.HadamardProduct: _Writer.hadamard,
    sympy.HadamardPower: _Writer.hadamard_power,
    sympy.KroneckerProduct: _Writer.kronecker,
    sympy.Identity: _array("eye"),
    sympy.OneMatrix: _array("ones"),
    sympy.ZeroMatrix: _array("zeros"),
    ElementwiseApplyFunction: _Writer.entrywise,
    MatrixElement: _Writer.element,
    DiagMatrix: _function("Diag"),
    DiagonalOf: _function("diag"),
    DiagonalMatrix: lambda writer, e: (f"Diag(diag({writer.text(e.arg)}))", ATOM),
}
