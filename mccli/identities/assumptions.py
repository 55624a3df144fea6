"""What the ``assume`` entries of a record mean: properties of a symbol, sizes, values, conditions on expressions.

Every entry must be of one of these forms, so that none is a mere remark:

    A symmetric                     a property of a symbol
    x > 0, all A*x - b != 0         a condition on every entry; ``v != 0`` on the array as a whole
    A + t*B invertible              a condition on an expression
    m >= n                          a relation between sizes
    t = 0, S0 = S                   a value at which the result is taken
    eigenvalues distinct            true at almost every point (GENERIC)
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import NamedTuple

DECLARED = {
    "symmetric": "symmetric",
    "positive definite": "spd",
    "positive semidefinite": "psd",
    "skew-symmetric": "skew",
    "diagonal": "diagonal",
    "lower triangular": "lower",
    "upper triangular": "upper",
    "orthogonal": "orthogonal",
    "invertible": "invertible",
    "positive integer": "integer",
    "on the simplex": "simplex",
}
"""Properties that are declared to mc, by the words of a record."""

SAMPLED = frozenset(
    {
        "full column rank",
        "full row rank",
        "full rank",
        "orthonormal columns",
        "Hurwitz",
        "contraction",
        "one-hot",
        "rows one-hot",
        "in {0,1}",
        "in {-1,1}",
        "Toeplitz",
        "symmetric Toeplitz",
        "circulant",
        "diagonalizable with real distinct eigenvalues",
    }
)
"""Properties that only the points at which a record is checked must have."""

VALUES = frozenset({"one-hot", "rows one-hot", "in {0,1}", "in {-1,1}", "orthonormal columns"})
"""Properties among the sampled ones that say which values a symbol takes: nobody can declare them to mc."""

RESTRICTING = ("diagonal", "spd", "psd", "symmetric", "skew", "orthogonal", "lower", "upper", "unit", "simplex")
"""Declared properties that change a result, where others (invertible, positive) only say where it is defined."""

GENERIC = frozenset(
    {
        "unique maximum",
        "eigenvalues distinct",
        "singular values distinct",
        "largest singular value simple",
        "no zero row",
        "no zero column",
    }
)
"""Statements about the variable that hold at almost every point."""


class Assumption(NamedTuple):
    """An entry understood. ``kind``: property, above, nonzero entries, nonzero, invertible, sizes, set, generic."""

    kind: str
    subject: str
    value: str = ""


_RELATION = re.compile(r"(.+?)\s(>=|>|!=|=)\s(.+)")
_BETWEEN = re.compile(r"(\S+) < (.+) < (\S+)")


def understand_assumption(text: str, symbols: Collection[str], letters: Collection[str]) -> Assumption | None:
    """The entry in one of the known forms, or None."""
    if text in GENERIC:
        return Assumption("generic", text)
    name, _, words = text.partition(" ")
    if name in symbols and words in DECLARED:
        return Assumption("property", name, words)
    if name in symbols and words in SAMPLED:
        return Assumption("property", name, words)
    if text.endswith(" invertible"):
        return Assumption("invertible", text.removesuffix(" invertible"))
    between = _BETWEEN.fullmatch(text)
    if between:
        low, inside, high = between.groups()
        return Assumption("between", inside, f"{low},{high}")
    relation = _RELATION.fullmatch(text)
    if relation is None:
        return None
    left, sign, right = relation.groups()
    if sign == ">=":
        return Assumption("sizes", left, right) if {left, right} <= set(letters) else None
    if sign == "=":
        return Assumption("set", left, right) if left in symbols else None
    if sign == ">":
        return Assumption("above", left, right)
    if right != "0":
        return Assumption("nonzero", f"{left} - ({right})")
    return Assumption("nonzero entries", left[4:]) if left.startswith("all ") else Assumption("nonzero", left)


def is_about_values(assumption: Assumption) -> bool:
    """Whether a result may be another without this assumption, and not only be undefined."""
    return assumption.kind == "property" and (
        assumption.value in VALUES or DECLARED.get(assumption.value) in RESTRICTING
    )
