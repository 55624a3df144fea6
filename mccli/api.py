"""The Python interface: the commands as functions, formulas as objects that show themselves.

>>> import mccli
>>> print(mccli.derive("tr(AXB)", wrt="X").gradient)
Aᵀ Bᵀ
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from mccli.calculus.derivation import (
    ALONG,
    DIFFERENTIAL,
    GRADIENT,
    HESSIAN,
    JACOBIAN,
    PULLBACK,
    Derivation,
    Derivative,
)
from mccli.declarations import Texts, scope_of, texts
from mccli.derivatives import FIRST, LAYOUTS, Request, run
from mccli.errors import CheckFailed, McError, NameMistake, Typed, UsageError, closest, to_ascii, unknown_choice
from mccli.expressions.sizes import letter_size, number_size, shape_text
from mccli.expressions.tree import Node, Symbol
from mccli.language.declare import Scope
from mccli.language.elaborate import Elaborated, elaborate
from mccli.language.names import canonical_name
from mccli.render.text import text

if TYPE_CHECKING:
    from mccli.convexity import Convexity
    from mccli.numeric.certify import Certificate
    from mccli.symbolic.entries import EntriesView, Proof

LARGE_SIZE = 9
"""Declared sizes above this are checked at smaller ones."""


@dataclass(frozen=True, repr=False)
class Formula:
    """A formula with its shape. ``str`` gives Unicode, :attr:`ascii` plain text; both can be read again."""

    node: Node

    def __repr__(self) -> str:
        return f"<{self}>"

    def __str__(self) -> str:
        return text(self.node)

    @property
    def ascii(self) -> str:
        """The formula in ASCII (MATLAB-like notation)."""
        return text(self.node, ascii_only=True)

    @property
    def latex(self) -> str:
        """The formula in LaTeX."""
        from mccli.render.latex import latex

        return latex(self.node)

    @property
    def shape(self) -> str:
        """The shape: ``m×n``, ``n`` for a column vector, ``scalar``."""
        return shape_text(self.node.shape)

    def to_sympy(self) -> Any:
        """The formula as a SymPy (matrix) expression. DeriveError if SymPy has no counterpart."""
        from mccli.symbolic.convert import to_sympy

        return to_sympy(self.node)

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self.latex}$"


@dataclass(frozen=True, repr=False)
class Result:
    """What :func:`derive` gives: the derivatives, the steps, what is assumed, and the certificate."""

    elaborated: Elaborated
    derivation: Derivation
    certificate: Certificate | None = None
    request: Request = FIRST
    layout: str = ""
    convexity: Convexity | None = None

    @property
    def is_turned(self) -> bool:
        """Whether the derivatives are in the layout that is not their own."""
        kind = self.derivation.kind
        return (kind in (GRADIENT, PULLBACK) and self.layout == "numerator") or (
            kind == JACOBIAN and self.layout == "denominator"
        )

    @cached_property
    def results(self) -> tuple[Derivative, ...]:
        """The derivatives in the layout that was asked for."""
        found = self.derivation.results
        return tuple(d.transposed() for d in found) if self.is_turned else found

    @property
    def derivative(self) -> Formula:
        """What was derived, if it is one formula. UsageError if there are several; see :attr:`derivatives`."""
        if len(self.results) != 1:
            raise UsageError("there are several derivatives", notes=["use .derivatives[name]"])
        return Formula(self.results[0].full)

    @cached_property
    def derivatives(self) -> dict[str, Formula]:
        """Every derivative by the name of its variable; the blocks of a Hessian by two names, as ``"x,y"``."""
        return {_label(d): Formula(d.full) for d in self.results}

    @property
    def gradient(self) -> Formula:
        """The gradient, if there is one variable. UsageError if there are several, or something else was derived."""
        if self.derivation.kind not in (GRADIENT, PULLBACK):
            raise UsageError(f"this is a {self.derivation.kind}, not a gradient", notes=["use .derivative"])
        if len(self.results) != 1:
            raise UsageError("there are several gradients", notes=["use .gradients[name]"])
        return Formula(self.results[0].full)

    @cached_property
    def gradients(self) -> dict[str, Formula]:
        """The gradient by every variable, by name. UsageError if something else was derived."""
        if self.derivation.kind not in (GRADIENT, PULLBACK):
            raise UsageError(f"this is a {self.derivation.kind}, not a gradient", notes=["use .derivatives"])
        return self.derivatives

    @property
    def expression(self) -> Formula:
        """The function as it was understood."""
        return Formula(self.elaborated.expression)

    def numpy_code(self) -> str:
        """A Python module that computes the value and the derivative. UsageError for several variables."""
        from mccli.codegen.numpy_code import numpy_module

        if len(self.derivatives) != 1:
            raise UsageError("a module computes one derivative", notes=["give one variable"])
        value, letters = self.elaborated.expression, self.elaborated.letters
        title = "\n".join([self._module_title(), *self._assumptions()])
        return numpy_module(value, self.derivative.node, self.used_symbols(), letters, title=title)

    def _module_title(self) -> str:
        """What the module's derivative() returns, in ASCII."""
        value, derivation = text(self.elaborated.expression, ascii_only=True), self.derivation
        if derivation.upstream is None:
            return f"{TITLES[derivation.kind]} of {value}"
        upstream, variable = (text(n, ascii_only=True) for n in (derivation.upstream, self.results[0].variable))
        return f"{value}, and by derivative() the gradient of <{upstream}, {value}> by {variable}"

    def _assumptions(self) -> list[str]:
        """What the generated code takes for granted, in ASCII."""
        declared = [
            f"{name} is {', '.join(sorted(s.properties - {'square'}))}"
            for name, s in self.used_symbols().items()
            if s.properties - {"square"}
        ]
        return [f"Assumes: {to_ascii('; '.join(declared))}"] if declared else []

    def used_symbols(self) -> dict[str, Symbol]:
        """The symbols of the expression and the variables."""
        return {**self.elaborated.symbols, **{v.name: v for v in self.derivation.variables}}

    def check(self, points: int = 3, seed: int | None = None) -> Certificate:
        """Compare the gradients with differences of the value at random points.

        Sizes given as large numbers are replaced by letters for the check, if the same formula holds then.
        """
        from mccli.numeric.certify import certify
        from mccli.numeric.comparisons import SEED

        if points < 1:
            raise UsageError("a check needs at least one point")
        checked = self._with_small_sizes()
        chosen = SEED if seed is None else seed
        return certify(checked.derivation, checked.elaborated.letters, count=points, seed=chosen)

    def _with_small_sizes(self) -> Result:
        """The same derivation for sizes by letters where a declared size is a large number, if it reads the same."""
        scope = self.elaborated.scope
        large = {n for shape in scope.shapes.values() for size in shape if (n := size.number) and n > LARGE_SIZE}
        if not large:
            return self
        letters = {number_size(n): letter_size(f"n{n}") for n in large}
        shapes = {name: (letters.get(r, r), letters.get(c, c)) for name, (r, c) in scope.shapes.items()}
        try:
            read = understand(self.elaborated.text, scope._replace(shapes=shapes), scalar=True)
            names = [v.name for v in self.derivation.variables]
            other = Result(*run(read, choose_variables(read, names), self.request), None, self.request)
        except McError:
            return self
        from mccli.identities.instantiate import instantiate

        sizes = {f"n{n}": number_size(n) for n in large}
        same = [instantiate(d.full, {}, sizes) for d in other.derivation.results]
        return other if same == [d.full for d in self.derivation.results] else self

    def prove(self) -> list[Proof]:
        """Show with SymPy, entry by entry at small sizes, that the gradients are exact."""
        from mccli.symbolic.entries import prove

        self._refuse_entries()
        return [prove(self.elaborated.expression, g.variable, g.full) for g in self.derivation.gradients]

    def entries(self, sizes: Sequence[int]) -> list[EntriesView]:
        """The partial derivatives as explicit expressions in the entries, for the given sizes."""
        from mccli.symbolic.entries import entries

        self._refuse_entries()
        letters = sorted(self.elaborated.letters)
        if len(sizes) != len(letters):
            raise UsageError(
                f"the number of sizes to choose is {len(letters)} ({', '.join(letters)}), not {len(sizes)}",
                notes=["give them in this order, for example " + ",".join(str(2 + i) for i in range(len(letters)))],
            )
        chosen = dict(zip(letters, sizes, strict=True))
        return [entries(self.elaborated.expression, g.variable, g.full, chosen) for g in self.derivation.gradients]

    def _refuse_entries(self) -> None:
        if self.derivation.kind != GRADIENT:
            raise UsageError("the entrywise view and the proof are for gradients of scalar functions")

    def __repr__(self) -> str:
        return f"<{self}>"

    def __str__(self) -> str:
        sign = SIGNS[self.derivation.kind]
        return "\n".join(f"{sign.format(name)} = {formula}" for name, formula in self.derivatives.items())

    def _repr_latex_(self) -> str:
        from mccli.render.latex import latex

        lines = [
            rf"\frac{{\partial {self.derivation.function}}}{{\partial {latex(g.variable)}}} &= {latex(g.full)}"
            for g in self.derivation.results
        ]
        return "$$\\begin{aligned} " + r" \\ ".join(lines) + " \\end{aligned}$$"


TITLES = {
    GRADIENT: "Gradient",
    JACOBIAN: "Jacobian",
    HESSIAN: "Hessian",
    PULLBACK: "Pullback",
    ALONG: "Derivative along a direction",
    DIFFERENTIAL: "Differential",
}
SIGNS = {
    GRADIENT: "∇{}",
    JACOBIAN: "J[{}]",
    HESSIAN: "H[{}]",
    PULLBACK: "∇{}",
    ALONG: "D[{}]",
    DIFFERENTIAL: "d[{}]",
}


def _label(derivative: Derivative) -> str:
    name = derivative.variable.name
    return name if derivative.of in (None, derivative.variable) else f"{derivative.of.name},{name}"


def understand(expression: str, scope: Scope, *, scalar: bool = False) -> Elaborated:
    """Read an expression in a scope. McError if it cannot be read in one way."""
    return elaborate(expression, scope, scalar=scalar)


def derive(
    expression: str | Any,
    wrt: str | Iterable[str] | None = None,
    *,
    shapes: Texts = (),
    assume: Texts = (),
    define: Texts = (),
    order: int = 1,
    differential: bool = False,
    along: str | Iterable[str] = (),
    upstream: str = "",
    layout: str = "",
    check: bool = True,
    command: str = "{}",
) -> Result:
    """The derivative of an expression, with steps and a certificate.

    A gradient for a scalar function, a Jacobian (vec by vec, outputs as rows) for a vector or a matrix.

    Args:
        expression: the function in mc's notation, LaTeX, or NumPy; or a SymPy expression.
        wrt: the variable or variables; may be left out if the expression has a single symbol.
        shapes: declared shapes, ``"A:m,n"`` or ``{"A": "m,n"}``.
        assume: declared properties, ``"S:spd"`` or ``{"S": "spd"}``.
        define: functions of your own, ``"swish(t) = t*sigmoid(t)"`` or ``"L(z): scalar"``.
        order: 2 for the Hessian; by several variables every block of it.
        differential: the differential in terms of dX instead.
        along: a direction for each variable: the derivative along them, with ``order=2`` the Hessian times it.
        upstream: what the function is paired with: the gradient of <upstream, F>, as in backpropagation.
        layout: "numerator" or "denominator"; by default a gradient is in denominator layout, a Jacobian in numerator.
        check: compare with differences at random points.
        command: the command line around the expression, for fixes in messages.

    Raises:
        McError: the text cannot be read, or the derivative cannot be given.
        CheckFailed: the numerical check did not agree.
    """
    if not isinstance(expression, str):
        expression, found = _from_sympy(expression)
        shapes = [*(f"{name}:{sizes}" for name, sizes in found.items()), *texts(shapes)]
    read = understand(expression, scope_of(shapes, assume, define, command), scalar=True)
    variables = choose_variables(read, [wrt] if isinstance(wrt, str) else list(wrt or ()))
    request = Request(order, differential, (along,) if isinstance(along, str) else tuple(along), upstream)
    _refuse_layout(layout, request)
    result = Result(*run(read, variables, request), None, request, layout)
    result = replace(result, convexity=_convexity(result, check=check))
    if not check:
        return result
    certificate = result.check()
    if not certificate.passed:
        raise CheckFailed(
            f"the check failed: {certificate.failed or 'the derivative'} differs from differences of the value",
            notes=[
                f"worst relative error {certificate.worst:.1e}",
                "this is a mistake in mc; please report the expression",
            ],
        )
    return replace(result, certificate=certificate)


def _refuse_layout(layout: str, request: Request) -> None:
    """UsageError for a layout that there is not, or where there is none."""
    if layout not in LAYOUTS:
        raise unknown_choice("--layout", layout, filter(None, LAYOUTS))
    if layout and (request.differential or request.along):
        raise UsageError("a differential and a derivative along a direction have no layout", notes=["drop --layout"])


def _convexity(result: Result, *, check: bool) -> Convexity | None:
    """What is known about convexity beside a Hessian by one variable."""
    derivation = result.derivation
    if derivation.kind != HESSIAN or len(derivation.variables) != 1:
        return None
    from mccli.convexity import judge

    (block,) = derivation.results
    symbols = list(result.used_symbols().values())
    letters = result.elaborated.letters
    return judge(derivation.expression, block.variable, block.full, symbols, letters, check=check)


def _from_sympy(expression: Any) -> tuple[str, dict[str, str]]:
    from mccli.symbolic.convert import from_sympy

    return from_sympy(expression)


def choose_variables(read: Elaborated, wanted: Sequence[str]) -> list[Symbol]:
    """The symbols to differentiate by. NameMistake for one that does not occur."""
    names = [canonical_name(part) for w in wanted for part in w.split(",") if part.strip()]
    if not names:
        if len(read.symbols) != 1:
            listed = ", ".join(read.symbols) or "no symbol"
            raise UsageError("by which variable?", notes=[f"the expression has {listed}; add --wrt NAME"])
        names = list(read.symbols)
    return [_variable(read, name) for name in dict.fromkeys(names)]


def _variable(read: Elaborated, name: str) -> Symbol:
    found = read.symbols.get(name)
    if found is not None:
        return found
    shape = read.scope.shapes.get(name)
    if shape is not None:
        return Symbol(name, shape, read.scope.properties.get(name, frozenset()))
    near = closest(name, read.symbols)
    listed = ", ".join(read.symbols) or "no symbol"
    notes = [f"it has {listed}"]
    raise NameMistake(f"the expression has no variable {name}", notes=notes, fix=near, typed=Typed(name, "--wrt"))


@dataclass(frozen=True)
class Shapes:
    """What :func:`shape` gives: the shape of the whole, of every symbol, and of every subexpression."""

    elaborated: Elaborated

    @property
    def whole(self) -> str:
        """The shape of the expression."""
        return shape_text(self.elaborated.expression.shape)

    @property
    def symbols(self) -> dict[str, str]:
        """The shape of every symbol, by name."""
        return {name: shape_text(s.shape) for name, s in self.elaborated.symbols.items()}

    @property
    def subexpressions(self) -> dict[str, str]:
        """The shape of every subexpression, by its text."""
        return {s.text: shape_text(s.shape) for s in self.elaborated.subexpressions}

    def __str__(self) -> str:
        return self.whole


def shape(
    expression: str, *, shapes: Texts = (), assume: Texts = (), define: Texts = (), command: str = "{}"
) -> Shapes:
    """Infer the shapes in an expression. ShapeError, with both operands marked, where they do not fit."""
    return Shapes(understand(expression, scope_of(shapes, assume, define, command)))
