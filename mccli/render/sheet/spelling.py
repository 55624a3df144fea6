"""How a format spells the parts of a sheet: one method for each kind of part."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable

from mccli.render.sheet.model import Code, Dims, Formula, Part, Prose
from mccli.render.text import text

SHORT = 22


class Spelling(ABC):
    """Spells prose: words, formulas, code and shapes."""

    comma = ", "

    @abstractmethod
    def formula(self, formula: Formula) -> str:
        """A formula in a line."""

    @abstractmethod
    def words(self, words: str) -> str:
        """Plain words, escaped."""

    @abstractmethod
    def code(self, text: str) -> str:
        """Text as it is typed."""

    @abstractmethod
    def dims(self, dims: Dims) -> str:
        """A shape."""

    def part(self, part: Part) -> str:
        """Any part of prose."""
        match part:
            case Formula():
                return self.formula(part)
            case Code():
                return self.code(part.text)
            case Dims():
                return self.dims(part)
        return self.words(part)

    def prose(self, prose: Prose) -> str:
        """Words with formulas between them."""
        return "".join(map(self.part, prose))

    def item(self, shown: str) -> str:
        """A short item of a list, which no line should break."""
        return shown

    def listed(self, items: Iterable[Prose]) -> str:
        """Several pieces of prose with commas between them."""
        return self.comma.join(self.item(self.prose(i)) if _is_short(i) else self.prose(i) for i in items)


def _is_short(item: Prose) -> bool:
    """A symbol and its shape, or a condition of a few letters."""
    return not any(isinstance(p, Code) for p in item) and all(
        len(p if isinstance(p, str) else text(p.node)) < SHORT // 2 for p in item if isinstance(p, str | Formula)
    )


_POWER = re.compile(r"\^(\d)")
_DIGITS = "⁰¹²³⁴⁵⁶⁷⁸⁹"


def plain_dims(dims: Dims, times: str = "×") -> str:
    """A shape as text: ``m×n``, ``n×1``, ``scalar``; products of sizes without a sign, powers raised."""
    if not dims.sizes:
        return "scalar"
    sizes = dims.sizes if len(dims.sizes) > 1 else (*dims.sizes, "1")
    if times != "×":
        return times.join(sizes)
    return times.join(_POWER.sub(lambda m: _DIGITS[int(m[1])], size.replace("*", "")) for size in sizes)


def math_dims(dims: Dims, times: str) -> str:
    """A shape for a notation of math mode that reads ``n^2/2 + n/2`` as it stands."""
    sizes = dims.sizes if len(dims.sizes) > 1 else (*dims.sizes, "1")
    return f" {times} ".join(size.replace("*", " ") for size in sizes)
