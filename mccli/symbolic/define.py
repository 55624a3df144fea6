"""Functions that the user defines with a body: ``swish(t) = t*sigmoid(t)``, differentiated by SymPy.

The body is read by mc's own parser and becomes a SymPy expression node by node; no text ever reaches SymPy.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import sympy

from mccli.errors import DeriveError, NameMistake, UsageError
from mccli.expressions.constants import CONSTANTS
from mccli.expressions.declared import defined_function
from mccli.expressions.operations import OPERATIONS
from mccli.language.build import FORMS
from mccli.language.declare import Scope, define, function_spellings
from mccli.language.names import canonical_name
from mccli.language.parser import parse
from mccli.symbolic.limit import OutOfTime, time_limit
from mccli.symbolic.scalars import own_absolute, read_scalar, scalar_function
from mccli.symbolic.text import entrywise_text

SECONDS = 5.0
"""What SymPy may take for one definition."""

CLEARLY_SHORTER = 0.7
"""A factored derivative is shown instead of the product rule's if it has this share of its operations."""

LARGEST_DEGREE = 40
"""A derivative of a higher degree than this is left as the rules give it: multiplying out would fill the memory."""

_HEAD = re.compile(r"\s*([^\W\d_]\w*)\s*\(\s*([^\W\d_]\w*)\s*\)\s*")
_RESERVED = {"self", "I", "π", "T"}


def read_definitions(scope: Scope, texts: Iterable[str]) -> Scope:
    """The scope with every definition added, in order: a later one may use the functions before it."""
    for text in texts:
        scope = define_function(scope, text)
    return scope


def define_function(scope: Scope, text: str) -> Scope:
    """The scope with one function added: ``swish(t) = t*sigmoid(t)``, or an abstract one, ``L(z): scalar``.

    UsageError or NameMistake if it cannot be read, DeriveError if the body does not act entry by entry or
    SymPy cannot differentiate it.
    """
    head, equals, body = text.partition("=")
    if not equals:
        return define(scope, text)
    name, argument = _head(head, text)
    functions = defined_function(name, *_body_and_derivative(body.strip(), argument, scope), argument)
    return scope._replace(functions={**scope.functions, **functions})


def _head(head: str, text: str) -> tuple[str, str]:
    """The name of the function and of its argument."""
    found = _HEAD.fullmatch(head)
    if found is None:
        raise UsageError(
            f"--define {text!r} cannot be read",
            notes=[
                "a function with a body has one argument, as swish(t) = t*sigmoid(t)",
            ],
        )
    name, argument = (canonical_name(part) for part in found.groups())
    known = {*OPERATIONS, *CONSTANTS, *FORMS, *_RESERVED}
    if name in known:
        raise NameMistake(f"{name} has a meaning in mc already and cannot be defined anew")
    if argument in known or argument == name or f"d{argument}" in known:
        raise NameMistake(f"{argument} cannot be the name of an argument", notes=["write t or x"])
    return name, argument


def _body_and_derivative(body: str, argument: str, scope: Scope) -> tuple[str, str]:
    """Both texts, written so that they act entry by entry."""
    try:
        with time_limit(SECONDS):
            return _differentiated(body, argument, scope)
    except (OutOfTime, RecursionError):
        raise DeriveError(f"SymPy cannot differentiate {body} in {SECONDS:g} seconds") from None


def _differentiated(body: str, argument: str, scope: Scope) -> tuple[str, str]:
    symbol = sympy.Symbol(argument, real=True)
    value = _stable(own_absolute(_read(body, argument, symbol, scope)))
    _require_finite(value, body)
    slope = _simplified(own_absolute(_slope(value, symbol, body)))
    _require_finite(slope, body)
    names = {symbol: argument}
    texts = entrywise_text(value, names), entrywise_text(slope, names)
    if not value.has(symbol):
        return f"{texts[0]} + 0*{argument}", "0"
    return texts


def _read(body: str, argument: str, symbol: Any, scope: Scope) -> Any:
    """The body as a SymPy expression; where-clauses have no business here."""
    parsed = parse(body, functions=function_spellings(scope), names=[argument])
    if parsed.declarations:
        raise UsageError("a definition takes no where clause")
    return read_scalar(parsed.tree, {argument: symbol}, scope.functions, body)


def _slope(value: Any, symbol: Any, body: str) -> Any:
    """The derivative by SymPy. DeriveError if it leaves something undone."""
    slope = sympy.diff(value, symbol)
    if slope.has(sympy.Derivative, sympy.Subs, sympy.re, sympy.im, sympy.DiracDelta):
        raise DeriveError(f"SymPy cannot differentiate {body}")
    return slope


def _require_finite(expression: Any, body: str) -> None:
    if expression.has(sympy.zoo, sympy.nan, sympy.oo, -sympy.oo, sympy.I, sympy.AccumBounds):
        raise DeriveError(f"{body} is not a real function that is finite somewhere")


def _stable(expression: Any) -> Any:
    """log(1 + exp(u)) and 1/(1 + exp(u)) by their names: these do not overflow."""
    u = sympy.Wild("u")
    sigmoid, softplus = scalar_function("sigmoid"), scalar_function("softplus")
    expression = expression.replace(sympy.log(1 + sympy.exp(u)), lambda u: softplus(u))
    return expression.replace(1 / (1 + sympy.exp(u)), lambda u: sigmoid(-u))


def _simplified(slope: Any) -> Any:
    """The derivative as the rules give it, or factored where that is clearly shorter."""
    slope = _stable(_signs_collected(slope))
    if _degree(slope) > LARGEST_DEGREE:
        return slope
    rational = slope.is_rational_function(*slope.free_symbols)
    factored = sympy.factor(sympy.cancel(slope) if rational else slope)
    return factored if factored.count_ops() <= CLEARLY_SHORTER * slope.count_ops() else slope


def _degree(expression: Any) -> float:
    """How high the powers can become when the expression is multiplied out."""
    degrees = [_degree(argument) for argument in expression.args]
    if expression.is_Pow and expression.exp.is_Rational:
        return float(degrees[0] * max(abs(expression.exp), 1))
    return sum(degrees) if expression.is_Mul else max(degrees, default=1.0)


def _signs_collected(expression: Any) -> Any:
    """u sign(u) is |u|, at any depth."""
    sign: Any = scalar_function("sign")
    return expression.replace(lambda e: e.is_Mul and e.has(sign), _sign_product)


def _sign_product(product: Any) -> Any:
    sign: Any = scalar_function("sign")
    for factor in product.args:
        if isinstance(factor, sign) and factor.args[0] in product.args:
            return product / (factor * factor.args[0]) * scalar_function("abs")(factor.args[0])
    return product
