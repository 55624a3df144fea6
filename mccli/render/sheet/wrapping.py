"""Breaking a long MathML formula into several elements, since browsers do not break lines inside of one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from mccli.render.mathml import NAMESPACE

LONGEST = 26
"""Formulas of more letters than this may be broken."""

_MATH = re.compile(r"<math[^>]*>(.*)</math>", re.DOTALL)
_INFIX = frozenset("+−⊙⊘⊗=")
_TALL = re.compile(r'<mo form="p\w+fix">[^−]')
_NESTED = frozenset(
    {"math", "mrow", "msqrt", "mfrac", "munderover", "msup", "msub", "msubsup", "mover", "mtable", "mtr", "mtd"}
)
_FLAT = "<mrow>"
BREAK = "<wbr/>"


class Child(NamedTuple):
    """An element inside a row: its source, how many letters it shows, how deep in brackets it stands."""

    source: str
    length: float
    depth: int
    sign: str


def broken(math: str) -> str:
    """A formula as one element, or as several between which a line may end, if it is long."""
    found = _MATH.fullmatch(math)
    if found is None or shown_length(math) <= LONGEST:
        return math
    children = _flattened(found[1], 0)
    pieces = _pieces(children, LONGEST)
    if len(pieces) == 1:
        return math
    return BREAK.join(_element(piece, first=i == 0) for i, piece in enumerate(pieces))


def longest(math: str) -> float:
    """How many letters the longest unbroken piece of a formula shows."""
    return max(map(shown_length, math.split(BREAK)))


def shown_length(source: str) -> float:
    """About how many letters wide a piece of MathML is."""
    return sum(map(_width, _elements(source)))


def _width(element: str) -> float:
    """The width of one element: scripts are small, fractions as wide as their wider part, tall brackets wide."""
    name = element[1 : re.search(r"[ />]", element).start()]  # type: ignore[union-attr]
    inner = element[element.index(">") + 1 : element.rindex("<")] if "</" in element else ""
    if name not in _NESTED:
        return sum(c not in "\u2061\u2062" for c in inner) + bool(_TALL.match(element))
    widths = [_width(child) for child in _elements(inner)]
    if name in ("mfrac", "munderover"):
        return max(widths)
    if name.startswith(("msu", "mover")):
        return widths[0] + 0.6 * max(widths[1:])
    return sum(widths)


def _element(children: Sequence[Child], *, first: bool) -> str:
    body = "".join(child.source for child in children)
    if not first:  # a sign that now comes first keeps the space of one between two terms
        body = re.sub(r"^<mo>", '<mo form="infix">', body)
    return f'<math xmlns="{NAMESPACE}"><mrow>{body}</mrow></math>'


def _flattened(source: str, depth: int) -> list[Child]:
    """The elements of a formula, those of plain rows and of brackets that do not grow among them."""
    found: list[Child] = []
    for element in _elements(source):
        if element.startswith(_FLAT) and not re.search(r'<mo form="p\w+fix">[([|‖]', element[:60]):
            inner = _flattened(element[len(_FLAT) : -len("</mrow>")], depth)
            found += inner
            continue
        sign = re.fullmatch(r"<mo(?: [^>]*)?>(.)</mo>", element)
        fence = re.match(r'<mo form="(prefix|postfix)" stretchy="false">', element)
        depth += 1 if fence and fence[1] == "prefix" else 0
        found.append(Child(element, shown_length(element), depth, sign[1] if sign and not fence else ""))
        depth -= 1 if fence and fence[1] == "postfix" else 0
    return found


def _elements(source: str) -> list[str]:
    """The elements side by side in a source."""
    elements, level, start = [], 0, 0
    for tag in re.finditer(r"<(/?)[^>]*?(/?)>", source):
        level += 0 if tag[2] else -1 if tag[1] else 1
        if level == 0:
            elements.append(source[start : tag.end()])
            start = tag.end()
    return elements


def _pieces(children: Sequence[Child], longest: int) -> list[Sequence[Child]]:
    """The children in pieces that are short enough, divided as far outside of brackets as possible."""
    if sum(child.length for child in children) <= longest:
        return [children]
    cuts = [(*_rank(children, i), i) for i in range(1, len(children)) if _may_break(children, i)]
    if not cuts:
        return [children]
    best = min(cuts)[:2]
    edges = [0, *(cut[2] for cut in cuts if cut[:2] == best), len(children)]
    parts = [children[a:b] for a, b in pairwise(edges)]
    return [piece for part in parts for piece in _pieces(part, longest)]


def _may_break(children: Sequence[Child], i: int) -> bool:
    """Whether a line may begin with this child: a sign between two terms, or a factor behind another."""
    before, here = children[i - 1], children[i]
    if here.sign in _INFIX:
        return before.sign == "" and not before.source.startswith('<mo form="prefix"')
    return before.sign == "\u2062"


def _rank(children: Sequence[Child], i: int) -> tuple[int, int]:
    """The better places come first: outside of brackets before inside, sums before products."""
    sign = children[i].sign
    return children[i].depth, 0 if sign in ("+", "−", "=") else 1 if sign else 2
