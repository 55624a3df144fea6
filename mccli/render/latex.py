r"""Formulas as LaTeX, from the ``latex`` templates of the operations.

The result needs amsmath. Products, traces, inverses, powers and norms are read back by mc's own parser.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from mccli.expressions.tree import Node
from mccli.render.typeset import Typesetter


def latex(node: Node) -> str:
    """The formula as LaTeX for math mode."""
    return _LatexWriter(node.symbols).write(node)


_TALL = re.compile(r"\\frac|\\sum|\\left|\\begin")
_HOLE = re.compile(r"#([A-Za-z]+)")


class _LatexWriter(Typesetter):
    """Fills templates as they stand."""

    infix = r" \odot "
    divide = r" \oslash "
    dot = r" \cdot "

    def fill(self, template: str, texts: Mapping[str, str] | None = None, *, grow: bool = True) -> str:
        if not texts:
            return template
        tall = grow and any(_TALL.search(text) for text in texts.values())
        shown = _stretched(template) if tall else template
        return _HOLE.sub(lambda match: texts[match.group(1)], shown)


def _stretched(template: str) -> str:
    """A template whose brackets grow with what is inside."""
    stretched = template.replace("(", r"\left(").replace(")", r"\right)")
    return re.sub(r"\\([lr])([vV]ert)", lambda m: rf"\{'left' if m[1] == 'l' else 'right'}\{m[1]}{m[2]}", stretched)
