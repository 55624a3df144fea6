"""The derivation of Jacobians, with steps: J is read off vec(dF) = J vec(dX), a derivative by a scalar off dF = F' dt.

Magnus & Neudecker, Matrix Differential Calculus, ch. 9.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mccli.calculus.derivation import JACOBIAN, Derivation, Derivative, Problem
from mccli.calculus.jacobian import in_reading_form, jacobian
from mccli.calculus.kronecker import gathered
from mccli.calculus.pairing import is_differential
from mccli.calculus.structure import structure_of
from mccli.calculus.tidy import tidy
from mccli.calculus.vectorise import vectorise
from mccli.expressions.graph import substitute, walk
from mccli.expressions.sizes import ONE
from mccli.expressions.tree import Node, Number, Symbol, apply, eye, is_operation, multiply, zeros


def derive_jacobian(
    expression: Node, symbols: Mapping[str, Symbol], variables: Sequence[Symbol], inverted: Sequence[Node] = ()
) -> Derivation:
    """Jacobians, vec by vec with outputs as rows, of a vector or a matrix by the given variables, with steps.

    The derivative by a scalar has the shape of the function. DeriveError as for :func:`derive`.
    """
    problem = Problem(expression, symbols, variables, inverted)
    full = {v: derivative_of_array(expression, v) for v in variables}
    pairing = ByScalars(expression) if all(v.is_scalar for v in variables) else AsJacobian(expression)
    told = problem.tell(pairing, full)
    results = []
    for v in variables:
        named = told.pairs[v]
        if v.is_scalar and named.shape != expression.shape:
            named = apply("unvec", named, sizes=expression.shape)
        results.append(Derivative(v, full[v] if told.definitions else named, named, structure_of(v)))
    return told.derivation(JACOBIAN, results, problem.symmetry(lambda e: {v: jacobian(e, v) for v in variables}))


def derivative_of_array(expression: Node, variable: Symbol) -> Node:
    """The Jacobian, or the derivative by a scalar in the shape of the expression."""
    found = jacobian(expression, variable)
    if not variable.is_scalar or expression.columns == ONE:
        return found
    return tidy(apply("unvec", found, sizes=expression.shape), [expression])


class AsJacobian:
    """J vec(dX): for a vector or matrix function F; J has a row for every entry of F, a column for every one of X."""

    in_parts = True

    def __init__(self, function: Node) -> None:
        self.length = function.rows * function.columns
        self.shape = (self.length, ONE)
        self.stacked = function.shape != self.shape

    def start(self) -> Node:
        """The identity."""
        return eye(self.length)

    def pair(self, derivative: Node, change: Node) -> Node:
        """A matrix times the stacked differential."""
        return multiply(derivative, apply("vec", change))

    def moved(self, change: Node, upstream: Node, direction: Symbol) -> Node:
        """The chain rule: the Jacobian of what comes after, times that of the change."""
        return gathered(multiply(upstream, vectorise(change, direction)))

    def zero(self, direction: Symbol) -> Node:
        """Zero, with a column for every entry of the variable."""
        return zeros((self.length, direction.rows * direction.columns))

    def read(self, derivative: Node, typed: Sequence[Node]) -> Node:
        """The tidy form with Kronecker products carried out."""
        return in_reading_form(derivative, typed)

    def reason(self, before: Node, after: Node) -> str:
        """By the rule for the vec of a product, or by what the elementwise product is."""
        operations = {n.operation.name for n in walk(before) if hasattr(n, "operation")}
        reasons = []
        if any(is_operation(n, "kron") for n in walk(after)):
            reasons.append("vec(A X B) = (Bᵀ ⊗ A) vec(X)")
        if any(getattr(n, "name", "") == "commutation" for n in walk(after)):
            reasons.append("vec(Xᵀ) = K vec(X)")
        if "hadamard" in operations:
            reasons.append("a ∘ b = Diag(a) b")
        return "; ".join(reasons) or "the differential last"


class ByScalars:
    """F' dt: for any function of scalars; F' has the shape of the function."""

    stacked, in_parts = False, False

    def __init__(self, function: Node) -> None:
        self.shape = function.shape

    def start(self) -> Node:
        """1."""
        return Number(1)

    def pair(self, derivative: Node, change: Node) -> Node:
        """The product with the differential of the scalar."""
        return multiply(derivative, change)

    def moved(self, change: Node, upstream: Node, direction: Symbol) -> Node:
        """The factor of the scalar differential."""
        others = {n: zeros(n.shape) for n in walk(change) if is_differential(n) and n != direction}
        return multiply(upstream, substitute(change, {**others, direction: Number(1)}))

    def zero(self, _direction: Symbol) -> Node:
        """Zero in the shape of the function."""
        return zeros(self.shape)

    def read(self, derivative: Node, typed: Sequence[Node]) -> Node:
        """The tidy form."""
        return tidy(derivative, typed)

    def reason(self, _before: Node, _after: Node) -> str:
        """Scalars commute."""
        return "a scalar factor commutes"
