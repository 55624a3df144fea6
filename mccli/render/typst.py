"""Formulas as Typst math, without the dollar signs around it.

The source compiles with Typst 0.13 and later. Signs without a name that all of these share stand as
characters. Letters with Greek names are spelled out, and every word of several letters is quoted, since
Typst takes a bare one for a variable.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from mccli.expressions.tree import Node
from mccli.language.names import GREEK_NAME
from mccli.render.template import (
    APPLY,
    FUNCTIONS,
    THIN,
    TIMES,
    Accent,
    Fence,
    Fraction,
    Glyph,
    Hole,
    Mark,
    Matrix,
    Root,
    Row,
    Script,
    Sign,
    Word,
    marks_of,
)
from mccli.render.typeset import Typesetter


def typst(node: Node) -> str:
    """The formula as Typst source for math mode."""
    return _TypstWriter(node.symbols).write(node)


_SIGNS = {"−": "-", "×": "times", "/": r"\/", "∗": "*", "⋅": "dot.op", TIMES: "", APPLY: "", THIN: "thin"}
_GLYPHS = {"⊤": "top", "∞": "infinity", "∇": "nabla", "∑": "sum"}
_ACCENTS = {"hat": "hat", "tilde": "tilde", "bar": "macron", "overline": "overline"}
_FENCES = {"(": "({})", "[": "[{}]", "|": "abs({})", "‖": "norm({})"}
_BARE = re.compile(r"[A-Za-z]|\d+|top")


class _TypstWriter(Typesetter):
    """Fills templates with Typst source."""

    infix = " ⊙ "
    divide = " ⊘ "
    dot = " dot.op "

    def fill(self, template: str, texts: Mapping[str, str] | None = None, *, grow: bool = True) -> str:  # noqa: ARG002
        return _source(marks_of(template), texts or {})


def _source(mark: Mark, texts: Mapping[str, str]) -> str:
    """A mark as Typst source."""
    match mark:
        case Hole():
            return texts[mark.name]
        case Word():
            return _word(mark)
        case Sign():
            return _SIGNS.get(mark.text, mark.text)
        case Glyph():
            return _GLYPHS[mark.text]
        case Row():
            return _row(mark.marks, texts)
        case Fence():
            return _FENCES[mark.left].format(_source(mark.body, texts))
        case Script():
            return _scripted(mark, texts)
        case Fraction():
            return f"frac({_source(mark.above, texts)}, {_source(mark.below, texts)})"
        case Root():
            return f"sqrt({_source(mark.body, texts)})"
        case Accent():
            return f"{_ACCENTS[mark.kind]}({_source(mark.body, texts)})"
        case Matrix():
            rows = (", ".join(_source(cell, texts) for cell in row) for row in mark.rows)
            return f'display(mat(delim: "[", {"; ".join(rows)}))'  # Typst shrinks the entries in running text


def _row(marks: Sequence[Mark], texts: Mapping[str, str]) -> str:
    """Marks with blanks between them, but none before a comma or around a slash or a function's brackets."""
    source = ""
    for i, mark in enumerate(marks):
        called = i > 0 and marks[i - 1] == Sign(APPLY) and isinstance(mark, Fence) and mark.left in "(["
        leading = i == 1 and marks[0] == Sign("−")
        tight = (
            not source or called or leading or mark in (Sign(","), Sign("/"), Sign("!")) or source.endswith(_SIGNS["/"])
        )
        shown = _source(mark, texts)
        source += shown if tight or not shown else f" {shown}"
    return source


def _word(word: Word) -> str:
    """Letters or digits in their style."""
    letter = GREEK_NAME.get(word.text, word.text)
    single = len(word.text) == 1 and (letter.isascii() and letter.isalpha())
    match word.style:
        case "number":
            return word.text
        case "bold":
            return f"bold({word.text})"
        case "function":
            return word.text if word.text in FUNCTIONS else f"op({_quoted(word.text)})"
        case "text":
            return _quoted(word.text)
        case "upright":
            return f"upright({letter})" if single else _quoted(word.text)
    return letter if single else f"italic({_quoted(word.text)})"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", r"\\").replace('"', r"\"")
    return f'"{escaped}"'


def _scripted(mark: Script, texts: Mapping[str, str]) -> str:
    """A base with primes, then its scripts; a superscript of one character or ⊤ needs no brackets."""
    below = "" if mark.below is None else f"_({_source(mark.below, texts)})"
    above = "" if mark.above is None else _source(mark.above, texts)
    if above:
        above = f"^{above}" if _BARE.fullmatch(above) else f"^({above})"
    return _source(mark.base, texts) + "'" * mark.primes + below + above
