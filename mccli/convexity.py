"""Whether a scalar function is convex, concave or neither: a proof held against numbers, or a counterexample."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from mccli.calculus.curvature.certificate import Curvature, curvature
from mccli.errors import CheckFailed, DomainError, McError
from mccli.expressions.graph import walk
from mccli.expressions.tree import Apply, Node, Symbol


@dataclass(frozen=True)
class Convexity:
    """What is known: the certificate (it may be none), and where the function was seen to be neither.

    ``neither`` says at which random point; ``data`` names the symbols whose random values it was seen for. ``depends``
    are the functions without a body on which it depends where there is no certificate.
    """

    hessian: Node
    certificate: Curvature
    neither: str = ""
    data: tuple[str, ...] = ()
    depends: tuple[str, ...] = ()


def judge(
    expression: Node,
    variable: Symbol,
    hessian: Node,
    symbols: Collection[Symbol],
    letters: Collection[str],
    *,
    check: bool = True,
) -> Convexity | None:
    """The curvature of a scalar expression with the given Hessian; None where nothing can be said.

    ``check`` holds a certificate against random points and segments, and looks for a counterexample where there is no
    certificate. CheckFailed if numbers contradict a certificate, which would be a mistake in mc.
    """
    try:
        found = curvature(expression, variable, hessian)
    except McError:
        return None
    unknown = () if found.certain else tuple(sorted(_without_body(expression)))
    if not check or unknown:
        return Convexity(hessian, found, depends=unknown)
    from mccli.numeric.curvature_check import check as held
    from mccli.numeric.curvature_check import indefinite_at, neither_said

    try:
        if found.certain:
            _, contradiction = held(found, expression, hessian, variable, symbols, letters)
            if contradiction:
                raise CheckFailed(
                    f"the certificate that the function is {found.verdict} is contradicted: {contradiction}",
                    notes=["this is a mistake in mc; please report the expression"],
                )
            return Convexity(hessian, found)
        seen = indefinite_at(expression, hessian, variable, symbols, letters)
    except DomainError:
        return Convexity(hessian, found) if not found.certain else None
    return Convexity(hessian, found, neither_said(seen), seen.data) if seen is not None else Convexity(hessian, found)


def _without_body(expression: Node) -> set[str]:
    """The declared functions of which nothing but the shape is known."""
    declared = [n.operation.declared for n in walk(expression) if isinstance(n, Apply)]
    return {d[0] for d in declared if d is not None and d[1] != "defined"}
