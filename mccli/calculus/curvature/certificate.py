"""Whether a scalar function is convex or concave, with a proof: by the form of its Hessian, or by composition.

A function that is twice differentiable on an open convex set is convex there exactly if its Hessian is positive
semidefinite everywhere in it (Boyd & Vandenberghe 3.1.4). Functions with kinks are left to the rules of composition.
A certificate is a proof; "unknown" says that none was found, not that the function is neither.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mccli.calculus.curvature.bend import AFFINE, CONCAVE, CONVEX, UNKNOWN, Bend, below, domains, turned
from mccli.calculus.curvature.domain import convex_domain, given_facts, is_smooth
from mccli.calculus.curvature.reason import Reason
from mccli.calculus.curvature.rules import Rules, joined
from mccli.calculus.jacobian import hessian as hessian_of
from mccli.calculus.needs import Need
from mccli.errors import DeriveError
from mccli.expressions.graph import substitute, walk
from mccli.expressions.tree import Apply, Node, Sum, Symbol, is_zero, scaled
from mccli.language.rules import meaning

NO_CONVEX_SET = frozenset({"orthogonal", "unit", "integer", "complex"})
"""Properties of a variable on which convexity makes no sense."""

SIGNS = ("spd", "psd", "simplex", "positive")
"""Declarations that a certificate may rest on, the stronger first."""


@dataclass(frozen=True)
class Curvature:
    """What is certain about the curvature of a function of one variable.

    ``verdict`` is "affine", "convex", "concave" or "unknown"; ``strict`` if the Hessian is certainly definite.
    ``by`` is "form" (of the Hessian), "rules" (of composition), "terms" (both) or "". ``domain`` are the conditions on
    the variable that describe the convex set on which the verdict holds; ``declared`` the declarations it rests on.
    """

    verdict: str
    reason: Reason
    by: str = ""
    strict: bool = False
    domain: tuple[Need, ...] = ()
    declared: tuple[tuple[Symbol, str], ...] = ()

    @property
    def certain(self) -> bool:
        return self.verdict != UNKNOWN


def curvature(expression: Node, variable: Symbol, hessian: Node | None) -> Curvature:
    """The curvature of a scalar expression whose Hessian, in vec order, is given; None where there is none.

    DeriveError for an expression that has no derivative for want of a declaration.
    """
    whole = _with_meanings(expression)
    if whole != expression:
        hessian = _derived(whole, variable)
    found = _judged(whole, variable, hessian)
    if not found.certain:
        return found
    declared = _declarations_used(whole, variable, hessian, found)
    return Curvature(found.verdict, found.reason, found.by, found.strict, found.domain, declared)


def _judged(expression: Node, variable: Symbol, hessian: Node | None) -> Curvature:
    if variable.properties & NO_CONVEX_SET:
        return Curvature(UNKNOWN, Reason("{0} lies in a set that is not convex", (variable,)))
    rules = Rules(variable, given_facts(expression, variable))
    bend = rules.bend(expression)
    if bend.is_affine:
        return Curvature(AFFINE, bend.reason, "rules", domain=bend.domain)
    found = by_form(expression, variable, hessian, rules)
    if found is not None:
        return found
    if bend.kind == UNKNOWN:
        return _by_terms(expression, variable, rules) or Curvature(UNKNOWN, bend.reason)
    return Curvature(bend.kind, bend.reason, "rules", domain=bend.domain)


def by_form(expression: Node, variable: Symbol, hessian: Node | None, rules: Rules) -> Curvature | None:
    """The verdict of a Hessian that is semidefinite by its form; None where it proves nothing."""
    if hessian is None or not is_smooth(expression, variable):
        return None
    domain = convex_domain(expression, variable, rules)
    if domain is None:
        return None
    forms = given_facts(expression, variable, domain)
    if is_zero(hessian):
        return Curvature(AFFINE, Reason("the Hessian is 0"), "form", domain=domain)
    for verdict, sign, relation in ((CONVEX, 1, "⪰"), (CONCAVE, -1, "⪯")):
        proof = forms.psd(scaled(sign, hessian))
        if proof is not None:
            strictly = {"⪰": "≻", "⪯": "≺"}[relation] if proof.definite else relation
            reason = Reason(f"H = {{0}} {strictly} 0", (hessian,), (proof.reason,))
            return Curvature(verdict, reason, "form", proof.definite, domain)
    return None


def _by_terms(expression: Node, variable: Symbol, rules: Rules) -> Curvature | None:
    """A sum of terms, each settled by its own Hessian or by composition."""
    if not isinstance(expression, Sum):
        return None
    parts = [_term(n, variable, rules) for _, n in expression.terms]
    kind = joined({turned(b, c > 0, c < 0) for (c, _), b in zip(expression.terms, parts, strict=True)})
    if kind == UNKNOWN:
        return None
    reason = Reason(f"{{0}} is a sum of {kind} terms", (expression,), below(*parts))
    return Curvature(kind, reason, "terms", domain=domains(*parts))


def _term(node: Node, variable: Symbol, rules: Rules) -> Bend:
    bend = rules.bend(node)
    if bend.kind != UNKNOWN:
        return bend
    found = by_form(node, variable, _derived(node, variable), rules) if is_smooth(node, variable) else None
    if found is None:
        return bend
    reason = Reason("{0} has the Hessian H", (node,), (found.reason,))
    return Bend(found.verdict, reason, found.domain)


def _derived(expression: Node, variable: Symbol) -> Node | None:
    """The Hessian, or None where mc cannot derive it."""
    try:
        return hessian_of(expression, variable)
    except DeriveError:
        return None


def _with_meanings(expression: Node) -> Node:
    """The expression with the functions that the user defined by a body written out."""
    defined: dict[Node, Node] = {
        n: meaning(n)
        for n in walk(expression)
        if isinstance(n, Apply) and n.operation.declared is not None and n.operation.declared[1:] == ("defined", 0)
    }
    return substitute(expression, defined) if defined else expression


def _declarations_used(
    expression: Node, variable: Symbol, hessian: Node | None, found: Curvature
) -> tuple[tuple[Symbol, str], ...]:
    """The declarations without which nothing, or less, would be certain."""
    given: Sequence[Symbol] = [n for n in walk(expression) if isinstance(n, Symbol) and n.role == "given"]
    used: list[tuple[Symbol, str]] = []
    for symbol in given:
        strongest = next((p for p in SIGNS if p in symbol.properties), None)
        if strongest is not None and not _still_holds(expression, variable, hessian, found, symbol):
            used.append((symbol, strongest))
    return tuple(used)


def _still_holds(expression: Node, variable: Symbol, hessian: Node | None, found: Curvature, symbol: Symbol) -> bool:
    """Whether the verdict stands without the sign that was declared of a symbol."""
    plain = Symbol(symbol.name, symbol.shape, symbol.properties - frozenset(SIGNS) - {"invertible"})
    moved = plain if symbol == variable else variable
    bare = substitute(expression, {symbol: plain})
    try:
        again = _judged(bare, moved, hessian and _derived(bare, moved))
    except DeriveError:
        return False
    return (again.verdict, again.domain) == (found.verdict, found.domain)
