"""Scalar expressions of mc's language as SymPy expressions, and every elementwise function as a SymPy function.

A function that SymPy has itself (exp, sin, erf, ...) becomes that; of every other one the SymPy function is made
from its record, whose rule ``d`` gives the derivative and ``means`` the definition. Nothing here evaluates text:
only syntax trees of mc's own parser are read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import sympy

from mccli.errors import DeriveError, Mark, McError, NameMistake, Span
from mccli.expressions.operation import UNKNOWN, Operation
from mccli.expressions.operations import OPERATIONS
from mccli.language import syntax
from mccli.language.rules import rule_syntax

NATIVE: Mapping[str, Callable[[Any], Any]] = {
    "exp": sympy.exp, "log": sympy.log, "sqrt": sympy.sqrt, "sin": sympy.sin, "cos": sympy.cos, "tan": sympy.tan,
    "sinh": sympy.sinh, "cosh": sympy.cosh, "tanh": sympy.tanh, "arcsin": sympy.asin, "arccos": sympy.acos,
    "arctan": sympy.atan, "erf": sympy.erf, "gammaln": sympy.loggamma,
    "digamma": lambda x: sympy.polygamma(0, x), "trigamma": lambda x: sympy.polygamma(1, x), "conj": lambda x: x,
}  # fmt: skip
"""The elementwise functions that SymPy has itself."""

_WITH_PARAMETERS = ("clip", "elu", "huber", "leakyrelu", "power")
"""Operations that act entry by entry and take scalars beside the array."""

LARGEST_POWER = 64
"""A number to a larger power than this is refused: it could fill the memory."""


def _slope(function: Any, _position: int = 1) -> Any:
    """The derivative of a function of one argument, from the rule of its record."""
    record, argument = function.record, function.args[0]
    parameter = record.parameters[0]
    if record.d == UNKNOWN:
        raise DeriveError(f"mc knows no derivative of {record.name}")
    tree = rule_syntax(record.d, (f"d{parameter}", parameter))
    return read_scalar(tree, {parameter: argument, f"d{parameter}": sympy.Integer(1)})


def _is_real(function: Any) -> bool | None:
    return function.args[0].is_extended_real  # type: ignore[no-any-return]


def _is_positive(function: Any) -> bool | None:
    return True if "positive" in function.record.creates and function.args[0].is_extended_real else None


def _number(function: Any, precision: int) -> Any:
    """The value with the given number of binary digits."""
    written_out: Any = written_definition(function)
    return written_out.evalf(max(1, round(precision / 3.3219)))


@cache
def scalar_function(name: str) -> Callable[[Any], Any]:
    """The SymPy function of an elementwise operation of one argument."""
    if name in NATIVE:
        return NATIVE[name]
    members = {
        "nargs": 1, "record": OPERATIONS[name], "fdiff": _slope,
        "_eval_is_extended_real": _is_real, "_eval_is_positive": _is_positive, "_eval_evalf": _number,
    }  # fmt: skip
    made: Callable[[Any], Any] = type(name, (sympy.Function,), members)
    return made


def record_of(expression: Any) -> Operation | None:
    """The record behind a function made by :func:`scalar_function`, else None."""
    return getattr(expression, "record", None)


def own_absolute(expression: Any) -> Any:
    """The expression with SymPy's |x| and sign, which it makes by itself out of sqrt(x^2), in mc's own functions."""
    absolute, sign = scalar_function("abs"), scalar_function("sign")
    return expression.replace(sympy.Abs, absolute).replace(sympy.sign, sign)


class _Reader:
    """Reads a syntax tree as a scalar. ``values`` gives the names, ``defined`` the user's own functions."""

    def __init__(self, values: Mapping[str, Any], defined: Mapping[str, Operation], source: str | None) -> None:
        self.values, self.defined, self.source = values, defined, source

    def refuse(self, kind: type[McError], message: str, span: Span, *notes: str) -> McError:
        """The mistake with its place in the text that the user typed, if it is theirs."""
        if self.source is None:
            return kind(message, notes=notes)
        return kind(message, marks=[Mark(span, focus=True)], notes=notes, source=self.source)

    def not_entrywise(self, what: str, span: Span) -> McError:
        """The mistake of a body that is no function of one scalar."""
        return self.refuse(
            DeriveError,
            f"{what} does not act entry by entry",
            span,
            "a body is a function of one scalar, which acts on every entry, as in swish(t) = t*sigmoid(t)",
            "a function of a vector or a matrix is written out where it is used, or named in mc repl",
        )

    def read(self, node: syntax.Syntax) -> Any:
        """The SymPy expression. McError for whatever does not act entry by entry."""
        match node:
            case syntax.Number():
                return sympy.Rational(node.value.numerator, node.value.denominator)
            case syntax.Name():
                return self.name(node)
            case syntax.Group():
                return self.read(node.inner)
            case syntax.Negate():
                return -self.read(node.operand)
            case syntax.Bars():
                return scalar_function("abs")(self.read(node.operand))
            case syntax.Binary():
                return self.binary(node)
            case syntax.Call():
                return self.call(node)
        what = {syntax.Transpose: "a transpose", syntax.Norm: "a norm"}.get(type(node), "an array of ones")
        raise self.not_entrywise(what, node.span)

    def name(self, node: syntax.Name) -> Any:
        """The value of a name, or pi."""
        if node.name in self.values:
            return self.values[node.name]
        if node.name in ("π", "pi"):
            return sympy.pi
        notes = [f"the argument is {', '.join(self.values)}; other names cannot stand in the body"]
        notes += ["the number e is written exp(1)"] if node.name == "e" else []
        raise self.refuse(NameMistake, f"unknown name {node.name} in the definition", node.span, *notes)

    def binary(self, node: syntax.Binary) -> Any:
        """Sum, product, quotient or power of two scalars."""
        if node.operator == "kron":
            raise self.not_entrywise("a Kronecker product", node.operator_span)
        left, right = self.read(node.left), self.read(node.right)
        match node.operator:
            case "+":
                return left + right
            case "-":
                return left - right
            case "*" | "·" | ".*" | "juxt":
                return left * right
            case "/" | "./":
                return left / self.nonzero(right, node.right.span)
        return self.power(left, right, node)

    def nonzero(self, value: Any, span: Span) -> Any:
        """A divisor, unless it is the number 0."""
        if value == 0:
            raise self.refuse(DeriveError, "division by zero", span)
        return value

    def power(self, base: Any, exponent: Any, node: syntax.Binary) -> Any:
        """A power, unless it is a number of absurd size."""
        if exponent.is_Number and exponent < 0:
            self.nonzero(base, node.left.span)
        if exponent.is_number and base.is_number and not (abs(exponent) <= LARGEST_POWER):
            raise self.refuse(DeriveError, f"a power of a number beyond {LARGEST_POWER}", node.right.span)
        return base**exponent

    def call(self, node: syntax.Call) -> Any:
        """A function of scalars: the user's own, an elementwise one, or one that its definition gives."""
        record = self.defined.get(node.function) or OPERATIONS.get(node.function)
        if record is None or (record.name not in _WITH_PARAMETERS and not record.elementwise):
            raise self.not_entrywise(node.function, node.name_span)
        if len(node.arguments) != len(record.parameters):
            expected = len(record.parameters)
            raise self.refuse(NameMistake, f"{record.name} takes {expected} argument(s)", node.span)
        if record.declared is not None and not record.means:
            raise self.refuse(DeriveError, f"{record.name} is declared without a body", node.name_span)
        arguments = [self.read(argument) for argument in node.arguments]
        if record.name == "power":
            return arguments[0] ** arguments[1]
        if record.elementwise and record.declared is None:
            return scalar_function(record.name)(arguments[0])
        return definition(record, *arguments)


def read_scalar(
    node: syntax.Syntax,
    values: Mapping[str, Any],
    defined: Mapping[str, Operation] | None = None,
    source: str | None = None,
) -> Any:
    """A syntax tree as a SymPy expression. McError for unknown names and for what does not act entry by entry."""
    return _Reader(values, defined or {}, source).read(node)


def definition(record: Operation, *arguments: Any) -> Any:
    """What an operation on scalars means, written out. DeriveError if it has no definition."""
    if not record.means:
        raise DeriveError(f"{record.name} has no definition in simpler functions")
    tree = rule_syntax(record.means, tuple(sorted(record.parameters)))
    return read_scalar(tree, dict(zip(record.parameters, arguments, strict=True)))


def written_definition(expression: Any) -> Any | None:
    """One of mc's own functions by its definition, |u| as u sign(u); None for everything else."""
    record = record_of(expression)
    if record is None:
        return None
    if record.name in ("abs", "sign"):
        sign = sympy.sign(expression.args[0])
        return sign if record.name == "sign" else expression.args[0] * sign
    return definition(record, *expression.args)
