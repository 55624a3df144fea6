"""Convexity by composition: what follows from the convexity of the parts, for functions with kinks as well.

The rules of disciplined convex programming (Grant, Boyd & Ye 2006; Boyd & Vandenberghe 3.2), entry by entry for
arrays: an expression that they do not settle is unknown, never guessed.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from mccli.calculus.curvature.bend import (
    AFFINE,
    CONCAVE,
    CONSTANT,
    CONVEX,
    UNKNOWN,
    Bend,
    below,
    domains,
    turned,
    unknown,
)
from mccli.calculus.curvature.forms import Forms
from mccli.calculus.curvature.products import Products
from mccli.calculus.curvature.reason import Reason
from mccli.calculus.curvature.special import Special
from mccli.calculus.curvature.tables import FUNCTIONS, KEEPING, OF_AFFINE, Known
from mccli.calculus.needs import Need
from mccli.expressions.graph import walk
from mccli.expressions.tree import (
    Apply,
    Node,
    Number,
    Product,
    Sum,
    Symbol,
    Transpose,
    add,
    broadcast,
)

SAID = {CONVEX: "convex", CONCAVE: "concave"}
RISES = {"everywhere": " and increasing", "nowhere": " and decreasing"}


class Rules:
    """The bend of every node of an expression in one variable."""

    def __init__(self, variable: Symbol, forms: Forms) -> None:
        self.variable, self.forms, self.ranges = variable, forms, forms.ranges
        self.known: dict[Node, Bend] = {}
        self.products = Products(self.bend, forms)
        self.special = Special(self.bend, forms, self.products)

    def bend(self, node: Node) -> Bend:
        """The bend of a node; parts first, so that depth is no limit."""
        for part in walk(node, self.known):
            if part not in self.known:
                self.known[part] = self._bend(part)
        return self.known[node]

    def _bend(self, node: Node) -> Bend:
        if not node.depends_on((self.variable.name,)):
            return Bend(CONSTANT, Reason("{0} is constant", (node,)))
        if isinstance(node, Symbol):
            return Bend(AFFINE, Reason("{0} is the variable", (node,)))
        if isinstance(node, Transpose):
            return self.known[node.operand]
        if isinstance(node, Sum):
            return self._sum(node)
        if isinstance(node, Product):
            return self.products.bend_of(node)
        assert isinstance(node, Apply)
        return self._operation(node)

    def _sum(self, node: Sum) -> Bend:
        parts = [self.known[n] for _, n in node.terms]
        kinds = {turned(b, c > 0, c < 0) for (c, _), b in zip(node.terms, parts, strict=True)}
        kind = joined(kinds)
        if kind in (AFFINE, CONSTANT):
            return Bend(kind, Reason("{0} is affine in {1}", (node, self.variable)), domains(*parts))
        if kind == UNKNOWN:
            return unknown(node)
        words = f"{{0}} is a sum of {kind} terms"
        return Bend(kind, Reason(words, (node,), below(*parts)), domains(*parts))

    # ------------------------------------------------------------------------------------ operations

    def _operation(self, node: Apply) -> Bend:
        name = node.operation.name
        if name == "hadamard":
            return self.products.bend_of_entries(node)
        moving = [n for n in node.arguments if n.depends_on((self.variable.name,))]
        parts = [self.known[n] for n in moving]
        if name in KEEPING:
            kept = self._kept(node, parts)
            if kept.kind != UNKNOWN:
                return kept
        found = self.special.operation(node)
        if found is not None:
            return found
        if self._is_linear(node, moving) and all(b.is_affine for b in parts):
            return Bend(AFFINE, Reason("{0} is affine in {1}", (node, self.variable)), domains(*parts))
        if name == "sqdist":
            return self._distances(node, parts)
        return self._function(node) if moving == [node.arguments[0]] else unknown(node)

    def _kept(self, node: Apply, parts: list[Bend]) -> Bend:
        """Sums and rearrangements of entries."""
        bounds = node.arguments[1:3] if node.operation.name == "series" else ()
        if any(n.depends_on((self.variable.name,)) for n in bounds):
            return unknown(node)
        kind = joined({b.kind for b in parts})
        if kind == UNKNOWN:
            return unknown(node)
        if kind in (CONSTANT, AFFINE):
            return Bend(AFFINE, Reason("{0} is affine in {1}", (node, self.variable)), domains(*parts))
        return Bend(
            kind, Reason(f"{{0}} adds up or rearranges {kind} entries", (node,), below(*parts)), domains(*parts)
        )

    def _is_linear(self, node: Apply, moving: Iterable[Node]) -> bool:
        """Whether an operation is linear in what varies: one argument, or several of a jointly linear operation."""
        record = node.operation
        named = zip(record.parameters, node.arguments, strict=False)
        wanted = list(moving)
        linear = [p for p, n in named if n in wanted and (p in record.adjoint or record.name == "convmtx")]
        return len(linear) == len(wanted) and (len(wanted) == 1 or record.jointly_linear)

    def _distances(self, node: Apply, parts: list[Bend]) -> Bend:
        if not all(b.is_affine for b in parts):
            return unknown(node)
        words = "every entry of {0} is a squared distance of affine functions"
        return Bend(CONVEX, Reason(words, (node,)), domains(*parts))

    # ------------------------------------------------------------------------------------ functions

    def _function(self, node: Apply) -> Bend:
        name, argument = node.operation.name, node.arguments[0]
        inside = self.known[argument]
        if name in OF_AFFINE and inside.is_affine:
            kind = OF_AFFINE[name]
            words = f"{{0}}: {name} of an affine function is {kind}"
            return Bend(kind, Reason(words, (node,)), inside.domain)
        for known in self._table(node):
            found = self._composed(node, known, inside)
            if found is not None:
                return found
        return unknown(node)

    def _table(self, node: Apply) -> tuple[Known, ...]:
        name = node.operation.name
        rest = [self.ranges.of(n) for n in node.arguments[1:]]
        if name == "power":
            exponent = node.arguments[1]
            return power_facts(exponent.value) if isinstance(exponent, Number) else ()
        if name in ("leakyrelu", "elu"):
            if rest[0].nonnegative and rest[0].high.value <= 1:
                return (Known(CONVEX, "everywhere"),)
            return (Known(CONCAVE, "everywhere"),) if name == "leakyrelu" and rest[0].low.value >= 1 else ()
        if name == "normp":
            return (Known(CONVEX, "right"),) if rest[0].low.value >= 1 else ()
        if name == "schatten":
            return (Known(CONVEX, ""),) if rest[0].low.value >= 1 else ()
        return FUNCTIONS.get(name, ())

    def _composed(self, node: Apply, known: Known, inside: Bend) -> Bend | None:
        argument = node.arguments[0]
        entries = self.ranges.of(argument)
        if (known.side == "right" and not entries.nonnegative) or (known.side == "left" and not entries.nonpositive):
            return None
        rises = known.rises
        if rises == "right":
            rises = "everywhere" if entries.nonnegative else "nowhere" if entries.nonpositive else ""
        like, unlike = (inside.is_convex, inside.is_concave)
        if known.kind == CONCAVE:
            like, unlike = unlike, like
        fits = inside.is_affine or (rises == "everywhere" and like) or (rises == "nowhere" and unlike)
        condition = self._condition(known, argument)
        if not fits or (condition and not inside.is_concave):
            return None
        return Bend(known.kind, self._said(node, known.kind, rises, inside), (*inside.domain, *condition))

    def _condition(self, known: Known, argument: Node) -> tuple[Need, ...]:
        """The condition on the argument, unless it holds anyway."""
        if known.domain == "above -1":
            argument = add(broadcast(Number(1), argument.shape), argument)
        entries = self.ranges.of(argument)
        certain = entries.positive or (known.domain == "not negative" and entries.nonnegative)
        return () if not known.domain or certain else (Need("positive", argument),)

    def _said(self, node: Apply, kind: str, rises: str, inside: Bend) -> Reason:
        name = node.operation.name
        if inside.is_affine:
            return Reason(f"{{0}}: {name} is {SAID[kind]}, of an affine function", (node,))
        words = f"{{0}}: {name} is {SAID[kind]}{RISES[rises]} there, of a {SAID[inside.kind]} function"
        return Reason(words, (node,), below(inside))


def joined(kinds: set[str]) -> str:
    """The kind of a sum of terms of these kinds."""
    for kind in (CONVEX, CONCAVE):
        if kind in kinds and kinds <= {CONSTANT, AFFINE, kind}:
            return kind
    if kinds <= {CONSTANT, AFFINE}:
        return AFFINE if AFFINE in kinds else CONSTANT
    return UNKNOWN


def power_facts(p: Fraction) -> tuple[Known, ...]:
    """x^p: even powers are convex, odd ones from 3 on to the right of zero; others for x > 0."""
    if p.denominator == 1 and p > 1:
        if p % 2 == 0:
            return (Known(CONVEX, "right"),)
        return (Known(CONVEX, "everywhere", "right"), Known(CONCAVE, "everywhere", "left"))
    if p > 1:
        return (Known(CONVEX, "everywhere", domain="not negative"),)
    if p > 0:
        return (Known(CONCAVE, "everywhere", domain="not negative"),)
    return (Known(CONVEX, "nowhere", domain="positive"),)
