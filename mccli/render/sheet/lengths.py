"""Where a formula may be broken, for the formats that break formulas by themselves, and how wide the rest is."""

from __future__ import annotations

import re

from mccli.render.sheet.model import Formula
from mccli.render.text import text

_SIGN = re.compile(r" [+−∘] ")


def longest_term(formula: Formula) -> int:
    """How many letters the longest stretch without a sign outside of brackets has."""
    shown = text(formula.node)
    return max(len(term) for term in _terms(shown))


def _terms(shown: str) -> list[str]:
    terms, depth, start = [], 0, 0
    for i, character in enumerate(shown):
        depth += (character in "([") - (character in ")]")
        if depth == 0 and _SIGN.match(shown, i):
            terms.append(shown[start:i])
            start = i + 1
    return [*terms, shown[start:]]


def breakable_latex(source: str) -> str:
    """LaTeX that may also end a line between two factors."""
    result, depth = "", 0
    for token in re.findall(r"\\[A-Za-z]+|\\.|[{}]|[^\\{}]", source):
        depth += (token in ("{", r"\left", r"\begin")) - (token in ("}", r"\right", r"\end"))
        factor = token == " " and depth == 0 and not re.search(r"(\\[A-Za-z]+|[(,+-])$", result)
        result += r"\allowbreak " if factor else token
    return result
