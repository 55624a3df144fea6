"""What the results of a derivation are called, by kind, in Unicode, ASCII and LaTeX, and how they are read off."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from mccli.calculus.derivation import ALONG, DIFFERENTIAL, GRADIENT, HESSIAN, JACOBIAN, PULLBACK, Derivation, Derivative
from mccli.calculus.structure import structure_of, tangent_of
from mccli.expressions.graph import walk
from mccli.expressions.sizes import ONE
from mccli.expressions.tree import Apply, Constant, Node, Symbol

Show = Callable[[Node], str]


def result_name(derivation: Derivation, result: Derivative, show: Show, *, ascii_only: bool, turned: str = "") -> str:
    """The name of a result: ∇f(x), ∂f/∂xᵀ, ∂vec(f)/∂vec(X)ᵀ, ∇²f(x), ∂²f/∂x∂yᵀ, df, Df(X)[V].

    ``turned`` is the layout where that is not the result's own: ∂f/∂xᵀ for a gradient, ∂fᵀ/∂x for a Jacobian.
    """
    f, x = derivation.function, show(result.variable)
    nabla, d, prime = ("grad ", "d", "'") if ascii_only else ("∇", "∂", "ᵀ")
    if derivation.kind == GRADIENT and len(derivation.results) == 1 and not turned:
        return f"{nabla}{f}({x})"
    if derivation.kind == HESSIAN:
        return _hessian_name(derivation, result, show, ascii_only=ascii_only)
    if derivation.kind == JACOBIAN and not result.variable.is_scalar:
        above, below = _stacked_name(derivation.expression, f), _stacked_name(result.variable, x)
        return f"{d}{above}{prime}/{d}{below}" if turned else f"{d}{above}/{d}{below}{prime}"
    if derivation.kind == DIFFERENTIAL:
        return differential_name(derivation, ascii_only=ascii_only)
    if derivation.kind == ALONG:
        return _along_name(derivation, result, show, ascii_only=ascii_only)
    above, below = (f"{f}{prime}", x) if derivation.kind == JACOBIAN else (f, f"{x}{prime}")
    return f"{d}{above}/{d}{below}" if turned else f"{d}{f}/{d}{x}"


def _stacked_name(node: Node, name: str) -> str:
    return name if node.columns == ONE else f"vec({name})"


def _hessian_name(derivation: Derivation, result: Derivative, show: Show, *, ascii_only: bool) -> str:
    f, x = derivation.function, show(result.variable)
    assert result.of is not None
    if len(derivation.results) == 1:
        return f"hess {f}({x})" if ascii_only else f"∇²{f}({x})"
    rows, columns = _stacked_name(result.of, show(result.of)), _stacked_name(result.variable, x)
    return f"d2{f}/d{rows}d{columns}'" if ascii_only else f"∂²{f}/∂{rows}∂{columns}ᵀ"


def differential_name(derivation: Derivation, *, ascii_only: bool) -> str:
    """df or d²f."""
    if derivation.order == 1:
        return f"d{derivation.function}"
    return f"d^2{derivation.function}" if ascii_only else f"d²{derivation.function}"


def _along_name(derivation: Derivation, result: Derivative, show: Show, *, ascii_only: bool) -> str:
    where = ", ".join(show(v) for v in derivation.variables)
    along = ", ".join(show(d) for d in derivation.directions)
    if derivation.first is None:
        return f"D{derivation.function}({where})[{along}]"
    f = derivation.first.function
    if len(derivation.results) > 1:
        d = "d" if ascii_only else "∂"
        return f"D({d}{f}/{d}{show(result.variable)})[{along}]"
    return f"hess {f}({where})[{along}]" if ascii_only else f"∇²{f}({where})[{along}]"


def read_off(derivation: Derivation, show: Show, *, ascii_only: bool, second: bool = False) -> str:
    """The identification that is used in the last line of a derivation; "" if nothing is read off.

    ``second``: the derivation is that of a gradient's Jacobian, which is the Hessian.
    """
    if derivation.kind in (DIFFERENTIAL, ALONG):
        return ""
    if len(derivation.variables) > 1:
        return f"read off each {'block' if second else 'Jacobian' if derivation.kind == JACOBIAN else 'gradient'}"
    f, variable = derivation.function, derivation.variables[0]
    name = change_of(variable, show)
    if derivation.kind == JACOBIAN:
        return _read_jacobian(derivation, variable, name, "H" if second else "J")
    form = f"(grad {f})'*{name}" if ascii_only else f"(∇{f})ᵀ {name}"
    return f"d{f} = {form}" if variable.columns == ONE else f"d{f} = tr({form})"


def _read_jacobian(derivation: Derivation, variable: Symbol, name: str, letter: str) -> str:
    f = derivation.function
    if variable.is_scalar:
        return f"d{f} = {f}' {name}"
    left = f"d{f}" if derivation.expression.columns == ONE else f"vec(d{f})"
    right = name if variable.columns == ONE else f"vec({name})"
    return f"{left} = {letter} {right}"


def change_of(variable: Symbol, show: Show) -> str:
    """dX for X."""
    return show(Symbol(f"d{variable.name}", (ONE, ONE)))


LAYOUT_OF = {GRADIENT: "denominator", PULLBACK: "denominator", JACOBIAN: "numerator"}
"""The layout that a derivative is given in unless another one is asked for."""


def layout_words(derivation: Derivation, layout: str) -> str:
    """Which layout the results are in, and what that means; "" where both are the same."""
    if derivation.kind == HESSIAN:
        return _hessian_layout(derivation)
    if derivation.kind not in LAYOUT_OF:
        return ""
    chosen = layout or LAYOUT_OF[derivation.kind]
    if derivation.kind == JACOBIAN:
        scalars = all(v.is_scalar for v in derivation.variables)
        if scalars:
            shape = "the shape of the function" if chosen == "numerator" else "the transpose of the function's shape"
            return f"{chosen}: a derivative by a scalar has {shape}"
        means = "outputs as rows, inputs as columns" if chosen == "numerator" else "inputs as rows, outputs as columns"
        stacked = any(n.columns != ONE for n in (derivation.expression, *derivation.variables))
        return f"{chosen}: {means}" + ("; entries of a matrix stacked by columns" if stacked else "")
    means = "the shape of the variable" if chosen == "denominator" else "the transpose of the variable's shape"
    return f"{chosen}: a gradient has {means}"


def _hessian_layout(derivation: Derivation) -> str:
    several = len(derivation.variables) > 1
    same = "rows belong to the first variable, columns to the second" if several else "the same in both layouts"
    stacked = any(v.columns != ONE for v in derivation.variables)
    return same + ("; entries of a matrix stacked by columns" if stacked else "")


def notation_words(formulas: Iterable[Node]) -> Iterator[str]:
    """What the constants and products in formulas mean that a first course does not have."""
    nodes = [node for formula in formulas for node in walk(formula)]
    names = {n.name for n in nodes if isinstance(n, Constant)} | {
        n.operation.name for n in nodes if isinstance(n, Apply)
    }
    return (words for name, words in _NOTATION.items() if name in names)


_NOTATION = {
    "commutation": "commutation(m,n) vec(A) = vec(Aᵀ) for an m×n matrix A",
    "diagsel": "diagsel(n) vec(A) = diag(A) for an n×n matrix A",
    "kr": "kr(A, B): the Kronecker product column by column",
}

_SETS = {
    "unit": ("stays on the unit sphere", "it"),
    "orthogonal": ("varies among orthogonal matrices", "them"),
    "simplex": ("varies among vectors of probabilities", "them"),
}


def space_words(derivation: Derivation, variable: Symbol) -> str:
    """The space a structured variable varies in, and what that means for the result; "" for an unstructured one."""
    structure, curved = structure_of(variable), tangent_of(variable)
    if structure is None and curved is None:
        return ""
    where, them = _SETS[curved] if curved else (f"varies among {structure} matrices", "")
    if derivation.kind in (GRADIENT, PULLBACK):
        return f"{where}; the gradient is tangent to {them}" if curved else f"{where}; the gradient is in that space"
    if derivation.kind == HESSIAN:
        return f"{where}; only the quadratic form on such changes is determined, not its matrix"
    return f"{where}; the result holds for changes that stay there"


def told_chapters(derivation: Derivation) -> Iterator[Derivation]:
    """The derivations that have lines, in their order."""
    if derivation.first is not None:
        yield derivation.first
    yield from derivation.chapters
    if derivation.steps:
        yield derivation


def convention_words(result: Derivative) -> str:
    """The other convention in use for a structured variable."""
    if tangent_of(result.variable) == "orthogonal":
        return "in the canonical metric instead of the Frobenius one"
    return f"by the independent entries of a {result.structure} {result.variable.name}"
