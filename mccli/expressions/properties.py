"""The properties that can be declared about a symbol, and what each of them implies."""

from __future__ import annotations

from collections.abc import Iterable

IMPLIED: dict[str, frozenset[str]] = {
    "symmetric": frozenset({"square"}),
    "skew": frozenset({"square"}),
    "spd": frozenset({"symmetric", "psd", "invertible", "square"}),
    "psd": frozenset({"symmetric", "square"}),
    "diagonal": frozenset({"symmetric", "square"}),
    "orthogonal": frozenset({"invertible", "square"}),
    "invertible": frozenset({"square"}),
    "lower": frozenset({"square"}),
    "upper": frozenset({"square"}),
    "positive": frozenset(),
    "simplex": frozenset({"positive"}),
    "unit": frozenset(),
    "integer": frozenset(),
    "fullrank": frozenset(),
    "complex": frozenset(),
}
"""The properties that can be declared, each with what it implies."""


LINEAR_SPACES = frozenset({"symmetric", "skew", "diagonal", "lower", "upper"})
"""The properties that describe a linear space of matrices: a differential of the variable lies in it too."""


def closure(properties: Iterable[str]) -> frozenset[str]:
    """Properties together with everything they imply."""
    found = frozenset(properties)
    found = found.union(*(IMPLIED.get(p, frozenset()) for p in found))
    if len(found & {"symmetric", "lower", "upper"}) > 1:
        found |= {"diagonal", "symmetric"}
    return found
