"""How HTML spells formulas, words and shapes."""

from __future__ import annotations

import re
from html import escape

from mccli.render.mathml import mathml
from mccli.render.sheet.model import Dims, Formula
from mccli.render.sheet.spelling import Spelling, plain_dims
from mccli.render.sheet.wrapping import broken, longest

VERY_LONG = 44
"""A piece of more letters than this is printed smaller."""

_NAMESPACE = re.compile(r' alttext="[^"]*"')
_TRANSPOSE = '<mi mathvariant="normal">⊤</mi>'
_ADJOINT = '<mi mathvariant="normal">H</mi>'


class HtmlSpelling(Spelling):
    """Spells prose as HTML with MathML in it."""

    comma = "; "

    def formula(self, formula: Formula) -> str:
        math = _NAMESPACE.sub("", mathml(formula.node))  # MathML is read aloud as it is
        if formula.conjugate:
            math = math.replace(_TRANSPOSE, _ADJOINT).replace("<mo>−</mo>⊤", "<mo>−</mo>H")
        shown = broken(math)
        return f'<span class="long">{shown}</span>' if longest(shown) > VERY_LONG else shown

    def words(self, words: str) -> str:
        return escape(words)

    def code(self, text: str) -> str:
        return f"<code>{escape(text)}</code>"

    def dims(self, dims: Dims) -> str:
        shown = escape(plain_dims(dims))
        return f'<span class="dims">{shown}</span>' if dims.sizes else shown
