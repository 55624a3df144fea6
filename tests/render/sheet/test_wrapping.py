"""Long formulas come apart at signs, and nothing of them is lost."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from sheets import everything

from mccli.render.mathml import mathml
from mccli.render.sheet.lengths import breakable_latex
from mccli.render.sheet.wrapping import BREAK, LONGEST, broken, longest


def shown(math: str) -> str:
    return re.sub(r"<[^>]*>", "", math)


def test_nothing_is_lost_and_every_piece_is_well_formed() -> None:
    for family in everything().families:
        for entry in family.entries:
            whole = mathml(entry.result.node)
            pieces = broken(whole)
            assert shown(pieces) == shown(whole), entry.id
            for piece in pieces.split(BREAK):
                ElementTree.fromstring(piece)


def test_short_formulas_stay_whole_and_long_ones_come_apart() -> None:
    formulas = [mathml(e.result.node) for f in everything().families for e in f.entries]
    assert all(broken(m) == m for m in formulas if longest(m) <= LONGEST)
    long = [m for m in formulas if longest(m) > 40]
    assert sum(BREAK in broken(m) for m in long) > len(long) / 2


def test_latex_may_end_a_line_between_factors_only() -> None:
    assert breakable_latex(r"A^{\top} B") == r"A^{\top}\allowbreak B"
    assert breakable_latex(r"\log x") == r"\log x"
    assert breakable_latex(r"\frac{A B}{c d}") == r"\frac{A B}{c d}"
    assert breakable_latex(r"\left(A B\right) C") == r"\left(A B\right)\allowbreak C"
