"""The conditions of a derivation in words."""

from __future__ import annotations

from collections.abc import Callable

from mccli.calculus.needs import Need
from mccli.expressions.tree import Node

WORDS = {
    "invertible": "{} invertible",
    "full rank": "{} of full rank",
    "full column rank": "{} of full column rank",
    "no negative eigenvalues": "{} without eigenvalues on the negative real axis",
    "spd": "{} symmetric positive definite",
    "distinct eigenvalues": "{} with distinct eigenvalues",
    "distinct singular values": "{} with distinct singular values",
    "unique maximum": "{} with a unique largest entry",
    "unique largest modulus": "{} with a unique entry of largest absolute value",
    "unique solution": "{} with a unique solution",
    "not constant": "{} not constant",
    "whole": "{} a whole number ≥ 0",
    "nonzero": "{} ≠ 0",
    "nonzero rows": "{} without zero rows",
    "nonzero columns": "{} without zero columns",
    "within one": "|{}| < 1",
}


def need_text(need: Need, show: Callable[[Node], str]) -> str:
    """One condition: ``X invertible``, ``det(X) > 0``, ``x ≠ 0``."""
    formula = show(need.node)
    if need.kind == "positive":
        return f"{formula} > 0" if need.node.is_scalar else f"all entries of {formula} > 0"
    if need.kind == "nonzero entries":
        return f"{formula} ≠ 0" if need.node.is_scalar else f"all entries of {formula} ≠ 0"
    return WORDS[need.kind].format(formula)
