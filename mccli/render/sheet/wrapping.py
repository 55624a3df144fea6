"""Breaking a long MathML formula into several elements, since browsers do not break lines inside of one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from mccli.render.mathml import NAMESPACE

LONGEST = 26
"""Formulas of more letters than this may be broken."""

_TAG = re.compile(r"<[^>]*>|[^<]+")
_MATH = re.compile(r"<math[^>]*>(.*)</math>", re.DOTALL)
_INFIX = frozenset("+−⊙⊘⊗=")
_TALL = re.compile(r'<mo form="p\w+fix">[^−]')
_FLAT = "<mrow>"
BREAK = "<wbr/>"


class Child(NamedTuple):
    """An element inside a row: its source, how many letters it shows, how deep in brackets it stands."""

    source: str
    length: int
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


def longest(math: str) -> int:
    """How many letters the longest unbroken piece of a formula shows."""
    return max(map(shown_length, math.split(BREAK)))


def shown_length(source: str) -> int:
    """About how many letters wide a piece of MathML is; tall brackets are wide as well."""
    text = "".join(part for part in _TAG.findall(source) if not part.startswith("<"))
    return sum(c not in "\u2061\u2062" for c in text) + len(_TALL.findall(source))


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
    parts = [children[a:b] for a, b in zip(edges, edges[1:], strict=False)]
    return [piece for part in parts for piece in _pieces(part, longest)]


def _may_break(children: Sequence[Child], i: int) -> bool:
    """Whether a line may begin with this child: a sign between two terms, or a factor behind another."""
    before, here = children[i - 1], children[i]
    if here.sign in _INFIX and here.sign:
        return before.sign == "" and not before.source.startswith('<mo form="prefix"')
    return before.sign == "\u2062"


def _rank(children: Sequence[Child], i: int) -> tuple[int, int]:
    """The better places come first: outside of brackets before inside, sums before products."""
    sign = children[i].sign
    return children[i].depth, 0 if sign in ("+", "−", "=") else 1 if sign else 2
