"""The ``where`` clause: ``x'Ax where A: n×n, symmetric`` ends the expression and declares names.

The patterns are compiled at their first use, for most expressions have no such clause.
"""

from __future__ import annotations

import re

from mccli.errors import Mark, Span, SyntaxMistake
from mccli.language.latex import plain_symbol
from mccli.language.names import canonical_name, fold
from mccli.language.syntax import Declaration
from mccli.language.tokens import CLOSERS

_WHERE = r"\\text\{ ?where ?\}|(?<![\w.\\{])where(?![\w(])"
_SEPARATOR = r"[,;]|\band\b"
_COLON = r":|∈|\\in\b|\bis\b|\bin\b"
_TIMES = r" ?(?:×|\\times(?![A-Za-z])) ?| (?:x|by) |(?<=[0-9])x(?=[0-9A-Za-z])|(?<=^[A-Za-z])x(?=[A-Za-z]$)"
_REALS = r"(?s:(?:ℝ|R|\\mathbb\{R\}|\\R|\\Re)\s*\^\s*(.+)$)"


def split_where(text: str) -> tuple[int, Span | None]:
    """Where the expression ends, and the range of the declarations if there are any."""
    if "where" not in text:
        return len(text), None
    for match in re.finditer(_WHERE, text):
        before = text[: match.start()]
        if not _outside(before):
            continue
        if not text[match.end() :].strip(" ,;:$"):
            marks = [Mark(Span(match.start(), match.end()), focus=True)]
            raise SyntaxMistake("nothing is declared after where", marks=marks, notes=["as in: where X: m×n"])
        return len(before.rstrip().rstrip(",;")), Span(match.end(), len(text))
    return len(text), None


def read_declarations(text: str, clause: Span) -> tuple[Declaration, ...]:
    """The items of a where clause; one without a name continues the previous one."""
    found: list[Declaration] = []
    for span in _items(text, clause):
        item = text[span.start : span.end]
        colon = re.search(_COLON, item)
        if colon:
            found.append(Declaration(_declared_name(item[: colon.start()], span), _words(item[colon.end() :]), span))
        elif found:
            last = found[-1]
            found[-1] = last._replace(words=last.words + _words(item), span=last.span.to(span))
        else:
            raise SyntaxMistake(
                "a declaration starts with a name and a colon",
                marks=[Mark(span, focus=True)],
                notes=["as in: where X: m×n, A: symmetric"],
            )
    return tuple(found)


def _items(text: str, clause: Span) -> list[Span]:
    """The parts between the separators that stand outside brackets, without the space around them."""
    items: list[Span] = []
    start = clause.start
    separators = re.compile(_SEPARATOR).finditer(text, clause.start, clause.end)
    cuts = [m.span() for m in separators if _outside(text[clause.start : m.start()])]
    for stop, after in [*cuts, (clause.end, clause.end)]:
        item = text[start:stop]
        inner = item.strip(" \t\n$")
        if inner:
            first = start + item.index(inner)
            items.append(Span(first, first + len(inner)))
        start = after
    return items


def _outside(before: str) -> bool:
    """Whether no bracket is open after ``before``."""
    return all(before.count(opener) <= before.count(closer) for opener, closer in CLOSERS.items())


def _declared_name(written: str, span: Span) -> str:
    name = canonical_name(plain_symbol(written))
    if not name or not fold(name[0]) or not all(fold(c) or c in "_0123456789" for c in name):
        raise SyntaxMistake(f"{written.strip() or 'nothing'} is no name", marks=[Mark(span, focus=True)])
    return name


def _words(written: str) -> tuple[str, ...]:
    """``m × n`` gives m and n, ``R^n`` gives n, ``Positive  definite`` gives "positive definite"."""
    written = " ".join(written.split())
    if written in ("R", "ℝ", r"\mathbb{R}"):
        return ("scalar",)
    space = re.match(_REALS, written)
    sizes = space.group(1) if space else written
    bracketed = sizes[:1] in ("(", "{", "[") and sizes[-1:] in (")", "}", "]")
    parts = re.split(_TIMES, sizes[1:-1] if bracketed else sizes)
    if bracketed and len(parts) == 1:
        parts = parts[0].split(",")
    sized = space is not None or len(parts) > 1 or bracketed
    return tuple(word for word in (_word(part, sized) for part in parts) if word)


def _word(part: str, sized: bool) -> str:
    """A size as it was written, a property in lowercase."""
    words = part.split()
    if sized or (any(c in "+-*/0123456789" for c in part) and "definite" not in part):
        return "".join(words)
    joined = " ".join(words)
    return joined if len(joined) == 1 else joined.lower()
