"""How HTML spells formulas, words and shapes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape

from mccli.render.mathml import mathml
from mccli.render.sheet.model import Dims, Formula, Prose
from mccli.render.sheet.spelling import Spelling, plain_dims
from mccli.render.sheet.wrapping import broken, longest

WIDTHS = ((42, "widest"), (31, "wider"), (24, "wide"))
"""Pieces of more letters than these are printed smaller."""

_ALTTEXT = re.compile(r' alttext="[^"]*"')
_TRANSPOSE = '<mi mathvariant="normal">⊤</mi>'
_ADJOINT = '<mi mathvariant="normal">H</mi>'


class HtmlSpelling(Spelling):
    """Spells prose as HTML with MathML in it."""

    def formula(self, formula: Formula) -> str:
        math = _ALTTEXT.sub("", mathml(formula.node))  # MathML is read aloud as it is
        if formula.conjugate:
            math = math.replace(_TRANSPOSE, _ADJOINT).replace("<mo>−</mo>⊤", "<mo>−</mo>H")
        shown = broken(math)
        letters = longest(shown)
        width = next((name for most, name in WIDTHS if letters > most), "")
        return f'<span class="{width}">{shown}</span>' if width else shown

    def listed(self, items: Iterable[Prose]) -> str:
        """Pieces that stay together where there is room; the comma belongs to the piece before it."""
        *most, last = [self.prose(item) for item in items] or [""]
        return " ".join(f'<span class="item">{piece}</span>' for piece in (*(f"{m}," for m in most), last) if piece)

    def words(self, words: str) -> str:
        return escape(words)

    def code(self, text: str) -> str:
        return f"<code>{escape(text)}</code>"

    def dims(self, dims: Dims) -> str:
        shown = escape(plain_dims(dims))
        return f'<span class="dims">{shown}</span>' if dims.sizes else shown
