"""How an expression bends in a variable: constant, affine, convex or concave, entry by entry; and where.

Only conditions that describe convex sets may stand in ``domain``; that is for the rules to keep.
"""

from __future__ import annotations

from dataclasses import dataclass

from mccli.calculus.curvature.reason import Reason
from mccli.calculus.needs import Need
from mccli.expressions.tree import Node

CONSTANT, AFFINE, CONVEX, CONCAVE, UNKNOWN = "constant", "affine", "convex", "concave", "unknown"
OPPOSITE = {CONVEX: CONCAVE, CONCAVE: CONVEX}


@dataclass(frozen=True)
class Bend:
    """The kind, why, and the conditions on the variable under which it holds. UNKNOWN proves nothing."""

    kind: str
    reason: Reason
    domain: tuple[Need, ...] = ()

    @property
    def is_affine(self) -> bool:
        return self.kind in (CONSTANT, AFFINE)

    @property
    def is_convex(self) -> bool:
        return self.kind in (CONSTANT, AFFINE, CONVEX)

    @property
    def is_concave(self) -> bool:
        return self.kind in (CONSTANT, AFFINE, CONCAVE)


def unknown(node: Node) -> Bend:
    """Nothing is known."""
    return Bend(UNKNOWN, Reason("{0} follows no rule of composition", (node,)))


def turned(bend: Bend, nonnegative: bool, nonpositive: bool) -> str:
    """The kind of a factor of known sign times an expression; UNKNOWN where neither sign is certain."""
    if bend.kind in (CONSTANT, AFFINE) or (nonnegative and not nonpositive):
        return bend.kind
    if nonnegative and nonpositive:
        return CONSTANT
    return OPPOSITE.get(bend.kind, UNKNOWN) if nonpositive else UNKNOWN


def below(*bends: Bend) -> tuple[Reason, ...]:
    """The reasons that say something: not those of constants and of plain affine expressions."""
    return tuple(dict.fromkeys(b.reason for b in bends if b.kind in (CONVEX, CONCAVE)))


def domains(*bends: Bend) -> tuple[Need, ...]:
    """The conditions of all, each once."""
    return tuple(dict.fromkeys(need for bend in bends for need in bend.domain))
