"""Tables whose cells wrap: columns get the widths that cost the fewest lines, and nothing is cut."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

GAP = 2
NARROWEST = 8
"""No column that wraps becomes narrower than this."""

F, WITH, RESULT, SHAPE, ID = range(5)
MOST_ID, MOST_SHAPE = 26, 11
"""Ids and shapes up to these lengths have their column; a longer one goes on the line below, to the right."""

WEIGHTS = {F: 1.6, WITH: 0.8, RESULT: 1.3, ID: 0.6}
"""What a further line costs by the column that needs it: a broken formula reads worse than a list."""


class Columns(NamedTuple):
    """The widths of five columns: function, with, result, shape, id."""

    widths: tuple[int, ...]
    total: int

    @classmethod
    def fitted(cls, rows: Sequence[Sequence[str]], total: int) -> Columns:
        """Columns for these rows in a page of this width."""
        lengths = [sorted(len(row[i]) for row in rows) for i in range(5)]
        widths = [column[-1] for column in lengths]
        most = max(NARROWEST, min(MOST_ID, total // 3))
        widths[ID] = max((n for n in lengths[ID] if n <= most), default=2)
        widths[SHAPE] = max((n for n in lengths[SHAPE] if n <= MOST_SHAPE), default=5)
        while sum(widths) + GAP * 4 > total:
            column = min((F, WITH, RESULT, ID), key=lambda i: _price(lengths[i], widths[i], i))
            if widths[column] <= NARROWEST:
                break
            widths[column] -= 1
        return cls(tuple(widths), total)

    def lines(self, row: Sequence[str]) -> Iterator[str]:
        """A row as lines."""
        cells = [
            wrapped_formula(row[F], self.widths[F]),
            wrapped_list(row[WITH].split(", "), self.widths[WITH], ", "),
            wrapped_formula(row[RESULT], self.widths[RESULT]),
        ]
        texts = [self._line([c[i] if i < len(c) else "" for c in cells]) for i in range(max(map(len, cells)))]
        end = self.total - self.widths[ID]
        for mark, start, width in (
            (row[SHAPE], end - GAP - self.widths[SHAPE], self.widths[SHAPE]),
            (row[ID], end, self.widths[ID]),
        ):
            _place(texts, mark, start if len(mark) <= width else None, self.total)
        yield from texts

    def _line(self, cells: Sequence[str]) -> str:
        return "".join(f"{cell:<{width + GAP}}" for cell, width in zip(cells, self.widths, strict=False)).rstrip()


def _price(lengths: Sequence[int], width: int, column: int) -> float:
    """How many further lines a column one letter narrower costs."""
    if width <= NARROWEST:
        return float("inf")
    if column == ID:  # an id is never broken
        return WEIGHTS[ID] * sum(1 for n in lengths if n == width) + 0.5
    return WEIGHTS[column] * sum(-(-n // (width - 1)) - -(-n // width) for n in lengths) + 0.5 / width


def _place(lines: list[str], mark: str, start: int | None, total: int) -> None:
    """Write a mark into the first line at its column; one too long for it at the end of a line further down."""
    if start is not None:
        lines[0] = f"{lines[0]:<{start}}{mark}"
        return
    start = max(0, total - len(mark))
    free = next((i for i in range(1, len(lines)) if len(lines[i]) + GAP <= start), len(lines))
    lines[free:] = [*(lines[free:] or [""])]
    lines[free] = f"{lines[free]:<{start}}{mark}"


def wrapped_list(items: Sequence[str], width: int, comma: str) -> list[str]:
    """Items with commas between them, on as many lines as they need; a long item is broken as a formula is."""
    lines: list[str] = []
    for i, item in enumerate(items):
        shown = item + (comma.rstrip() if i < len(items) - 1 else "")
        if lines and len(lines[-1]) + 1 + len(shown) <= width:
            lines[-1] += f" {shown}"
        else:
            lines += wrapped_formula(shown, width)
    return lines or [""]


def wrapped_formula(formula: str, width: int) -> list[str]:
    """A formula on as many lines as it needs, broken before a sign outside of brackets where there is one."""
    lines: list[str] = []
    while len(formula) > width:
        cut = _cut(formula, width)
        lines.append(formula[:cut].rstrip())
        formula = formula[cut:].lstrip()
    return [*lines, formula]


_SIGNS = ("+ ", "− ", "- ", "∘ ", "⊗ ", "= ")


def _cut(formula: str, width: int) -> int:
    """Where the first line ends: before a sign as far out as possible, else at a blank or behind a mark."""
    best: tuple[int, int, int] | None = None
    depth = 0
    for i, character in enumerate(formula[: width + 1]):
        depth += (character in "([") - (character in ")]")
        sign = formula.startswith(_SIGNS, i) and formula[i - 1 : i] == " "
        if i and (sign or formula[i - 1] in " ,*+-" or formula.startswith(("*", ".*"), i)):
            rank = (depth if sign else depth + 2, -i)
            if i > width // 3 and (best is None or (*rank, i) < best):
                best = (*rank, i)
    return best[2] if best else width
