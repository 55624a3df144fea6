"""Tables whose cells wrap: the columns get the widths that make the shortest page, and nothing is cut."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import NamedTuple

Row = Sequence[str]

F, WITH, RESULT, SHAPE, ID = range(5)
GAP = 2
MOST_ID, MOST_SHAPE = 26, 11
"""Ids and shapes up to these lengths may have a column; a longer one stands further down, at the right."""
TRIED = 8
"""How many widths of a column are tried."""
BROKEN, BELOW = 0.8, 0.7
"""What a further line of a formula and an id outside of its column cost beside the line itself, in lines."""


class Columns(NamedTuple):
    """The widths of five columns: function, with, result, shape, id."""

    widths: tuple[int, ...]
    total: int

    @classmethod
    def fitted(cls, head: Row, rows: Sequence[Row], total: int) -> Columns:
        """Columns for these rows on a page of this width."""
        return min((cls(widths, total) for widths in _candidates(head, rows, total)), key=lambda c: c.cost(rows))

    def cost(self, rows: Sequence[Row]) -> float:
        """The length of the page, and how many formulas are broken."""
        return sum(self._cost(row) for row in rows)

    def _cost(self, row: Row) -> float:
        heights = [len(cell) for cell in self.cells(row)]
        lines = max(heights)
        below = len(row[ID]) > self.widths[ID]
        return lines + (below and lines == 1) + BELOW * below + BROKEN * (heights[F] + heights[RESULT] - 2)

    def cells(self, row: Row) -> tuple[tuple[str, ...], ...]:
        """The cells that wrap, as lines."""
        return (
            wrapped_formula(row[F], self.widths[F]),
            wrapped_list(row[WITH], self.widths[WITH]),
            wrapped_formula(row[RESULT], self.widths[RESULT]),
        )

    def lines(self, row: Row) -> list[str]:
        """A row as lines."""
        cells = self.cells(row)
        lines = [self._line([c[i] if i < len(c) else "" for c in cells]) for i in range(max(map(len, cells)))]
        end = self.total - self.widths[ID]
        for column, start in ((SHAPE, end - GAP - self.widths[SHAPE]), (ID, end)):
            _place(lines, row[column], start if len(row[column]) <= self.widths[column] else None, self.total)
        return lines

    def _line(self, cells: Row) -> str:
        return "".join(f"{cell:<{width + GAP}}" for cell, width in zip(cells, self.widths, strict=False)).rstrip()


def _candidates(head: Row, rows: Sequence[Row], total: int) -> Iterator[tuple[int, ...]]:
    """Widths to be tried: with and without a column for ids, and some widths of the function and the conditions."""
    lengths = [sorted(len(row[i]) for row in (head, *rows)) for i in range(5)]
    shape = max(n for n in lengths[SHAPE] if n <= MOST_SHAPE)
    narrow = max(7, total // 8)
    fitting = [n for n in lengths[ID] if n <= min(MOST_ID, total // 3)]
    for of_id in {len(head[ID]), fitting[-1], fitting[len(fitting) // 2], fitting[len(fitting) * 3 // 4]}:
        room = total - shape - of_id - 4 * GAP
        for f in _spread(lengths[F], narrow, room - 2 * narrow):
            widest = room - f - narrow
            rest = {room - f - n for n in _spread(lengths[RESULT], narrow, widest)}
            for given in sorted({*_spread(lengths[WITH], narrow, widest), *(n for n in rest if n >= narrow)}):
                yield f, given, max(1, room - f - given), shape, of_id


def _spread(lengths: Sequence[int], low: int, high: int) -> list[int]:
    """Some of the lengths that occur, and the bounds."""
    step = max(1, len(lengths) // TRIED)
    high = max(low, high)
    return sorted({min(max(n, low), high) for n in (*lengths[::step], lengths[-1], low)})


def _place(lines: list[str], mark: str, start: int | None, total: int) -> None:
    """Write a mark into the first line at its column; one too long for it at the end of a line further down."""
    if start is not None:
        lines[0] = f"{lines[0]:<{start}}{mark}"
        return
    start = max(0, total - len(mark))
    free = next((i for i in range(1, len(lines)) if len(lines[i]) + GAP <= start), len(lines))
    if free == len(lines):
        lines.append("")
    lines[free] = f"{lines[free]:<{start}}{mark}"


@cache
def wrapped_list(listed: str, width: int, comma: str = ", ") -> tuple[str, ...]:
    """A list on as many lines as it needs; an item that is longer than a line is broken as a formula is."""
    lines: list[str] = []
    items = listed.split(comma)
    for i, item in enumerate(items):
        shown = item + (comma.rstrip() if i < len(items) - 1 else "")
        if lines and len(lines[-1]) + 1 + len(shown) <= width:
            lines[-1] += f" {shown}"
        else:
            lines += wrapped_formula(shown, width)
    return tuple(lines) or ("",)


@cache
def wrapped_formula(formula: str, width: int) -> tuple[str, ...]:
    """A formula on as many lines as it needs, broken before a sign outside of brackets where there is one."""
    lines: list[str] = []
    while len(formula) > width:
        cut = _cut(formula, width)
        lines.append(formula[:cut].rstrip())
        formula = formula[cut:].lstrip()
    return (*lines, formula)


_SIGNS = ("+ ", "− ", "- ", "∘ ", "⊗ ", "= ")
_ASCII_SIGNS = ("*", ".*", "+", "-")
_CLINGS = "ᵀᴴ⁻⁺¹²³⁴⁵⁶⁷⁸⁹⁰'^_,)₁₂"
"""Signs that never begin a line."""


def _cut(formula: str, width: int) -> int:
    """Where the first line ends: before a sign as far outside of brackets as possible, else where it hurts least."""
    best = (99, 0)
    place, depth = 0, 0
    for i, character in enumerate(formula[: width + 1]):
        depth += (character in "([") - (character in ")]")
        kind = _break(formula, i)
        if kind is not None and 3 * i >= width:
            rank = (kind + 2 * (depth - (character in "([")), -i)
            best, place = min((best, place), (rank, i))
    if place:
        return place
    place = width
    while place > 1 and formula[place] in _CLINGS:
        place -= 1
    return place


def _break(formula: str, i: int) -> int | None:
    """How well a line may begin here: 0 well, before a sign; None not at all."""
    before = formula[i - 1 : i]
    if not before or formula[i] in _CLINGS:
        return None
    if before == " ":
        return 0 if formula.startswith(_SIGNS, i) else 1
    if formula.startswith(_ASCII_SIGNS, i) and before not in "(./" and formula[i : i + 1] != " ":
        return 1
    return 3 if before in ",(" else None
