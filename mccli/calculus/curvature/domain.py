"""Where a Hessian decides: on a convex set on which the function is twice differentiable.

A Hessian that is positive semidefinite wherever it exists proves nothing for relu or for a domain in two pieces.
Conditions that cut a space in pieces are narrowed to a convex piece, which is then said: 1/x is convex where x > 0.
"""

from __future__ import annotations

from collections.abc import Sequence

from mccli.calculus.curvature.forms import Forms
from mccli.calculus.curvature.rules import Rules
from mccli.calculus.curvature.tables import SMOOTH
from mccli.calculus.needs import Need, needs
from mccli.expressions.graph import substitute, walk
from mccli.expressions.tree import Apply, Node, Symbol, traits

PUNCTURED = frozenset({"invertible", "fullrank"})
"""Properties that a set with holes has; they say nothing about where a function is defined."""


def given_facts(expression: Node, variable: Symbol, domain: Sequence[Need] = ()) -> Forms:
    """Forms under what the function needs of its constants, and under conditions on the variable."""
    constant = [n for n in needs(expression) if not n.node.depends_on((variable.name,))]
    positive = [n.node for n in (*constant, *domain) if n.kind == "positive"]
    definite = [n.node for n in (*constant, *domain) if n.kind == "spd"]
    return Forms(positive, definite, symmetric_space="symmetric" in traits(variable))


def is_smooth(expression: Node, variable: Symbol) -> bool:
    """Whether the expression is twice differentiable in the variable wherever its conditions hold."""
    moving = (n for n in walk(expression) if isinstance(n, Apply) and n.depends_on((variable.name,)))
    return all(n.operation.name in SMOOTH for n in moving)


def convex_domain(expression: Node, variable: Symbol, rules: Rules) -> tuple[Need, ...] | None:
    """The conditions on the variable, each of a convex set; None where a condition describes no convex set."""
    bare = expression
    if "spd" not in traits(variable) and variable.properties & PUNCTURED:
        bare = substitute(
            expression, {variable: Symbol(variable.name, variable.shape, variable.properties - PUNCTURED)}
        )
    found: dict[Need, None] = {}
    for need in needs(bare):
        if need.node.depends_on((variable.name,)):
            narrowed = _narrowed(need, rules)
            if narrowed is None:
                return None
            found.update(dict.fromkeys(narrowed))
    return tuple(found)


def _narrowed(need: Need, rules: Rules) -> tuple[Need, ...] | None:
    """The conditions of a convex set on which a condition holds; none if it holds anyway."""
    node, entries, bend = need.node, rules.ranges.of(need.node), rules.bend(need.node)
    match need.kind:
        case "positive" | "nonzero entries":
            if entries.positive or (entries.negative and need.kind != "positive"):
                return ()
            return (*bend.domain, Need("positive", node)) if bend.is_concave else None
        case "within one":
            return (*bend.domain, need) if bend.is_affine else None
        case "invertible" | "spd" | "no negative eigenvalues":
            proof = rules.forms.psd(node)
            if proof is not None and proof.definite:
                return ()
            return (*bend.domain, Need("spd", node)) if bend.is_affine and "symmetric" in traits(node) else None
    return None
