"""What is said about convexity: the verdict with its reasons and conditions, or the counterexample."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from mccli.cli.needs_text import need_text
from mccli.expressions.tree import Node

if TYPE_CHECKING:  # only a Hessian needs what judges convexity
    from mccli.calculus.curvature.certificate import Curvature
    from mccli.calculus.curvature.reason import Reason
    from mccli.convexity import Convexity

Show = Callable[[Node], str]

MOST_REASONS = 4
"""Statements of a proof that are shown; the first ones carry it."""


def convexity_facts(found: Convexity, show: Show) -> Iterator[tuple[str, str]]:
    """Labels and sentences."""
    certificate = found.certificate
    if found.neither:
        given = f" (for random {', '.join(found.data)})" if found.data else ""
        yield "Neither", f"neither convex nor concave{given}: {found.neither}"
    elif found.depends:
        yield "Convex?", f"depends on {', '.join(found.depends)}"
    elif not certificate.certain:
        yield "Convex?", "not known: mc found neither a proof nor a counterexample"
    else:
        words = reasons(certificate.reason, lambda node: "H" if node == found.hessian else show(node))
        yield LABELS[certificate.verdict], f"{verdict_words(certificate, show)}: {words}"


LABELS = {"affine": "Affine", "convex": "Convex", "concave": "Concave"}


def verdict_words(certificate: Curvature, show: Show) -> str:
    """convex, strictly convex where b - A x > 0, given S spd."""
    strictly = "strictly " if certificate.strict and certificate.verdict != "affine" else ""
    also = "affine, so convex and concave" if certificate.verdict == "affine" else f"{strictly}{certificate.verdict}"
    where = ", ".join(need_text(need, show) for need in certificate.domain)
    given = ", ".join(f"{show(symbol)} {name}" for symbol, name in certificate.declared)
    return also + (f" where {where}" if where else "") + (f", given {given}" if given else "")


def reasons(reason: Reason, show: Show) -> str:
    """The proof in a line: the statement and those it follows from; that H is H is not said."""
    said = dict.fromkeys(r.words.format(*(show(n) for n in r.nodes)) for _, r in reason.lines())
    told = [words for words in said if not words.startswith("H = H ")] or list(said)
    return "; ".join(told[:MOST_REASONS])
