"""Formulas as MathML Core, which browsers draw by themselves.

A text of this notation is one element, except for a minus sign in front of one; what takes texts in wraps
those. Bold and italic words are mathematical letters of Unicode, since MathML Core has no other bold.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import escape

from mccli.expressions.tree import Node
from mccli.render.template import (
    APPLY,
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
from mccli.render.text import text
from mccli.render.typeset import Typesetter

NAMESPACE = "http://www.w3.org/1998/Math/MathML"


def mathml(node: Node, *, display: bool = False) -> str:
    """The formula as a ``<math>`` element, on a line of its own if ``display``."""
    kind = ' display="block"' if display else ""
    body = _MathmlWriter(node.symbols).write(node)
    return f'<math xmlns="{NAMESPACE}"{kind} alttext="{escape(text(node))}">{body}</math>'


_CLOSING = {"(": ")", "[": "]", "|": "|", "‖": "‖"}
_ACCENTS = {"hat": "ˆ", "tilde": "˜", "bar": "¯"}
_PRIMES = {1: "′", 2: "″", 3: "‴", 4: "⁗"}
_TIGHT = frozenset("/∘")
_GREEK_CAPITAL = re.compile(r"[Α-Ω]$")
_TALL = re.compile(r"<m(?:frac|table|underover|sqrt)>")
_LEADING_MARK = r"(?:<m(?:row|sub|sup|subsup|underover)>)*"
_LEADS_WITH_DIGIT = re.compile(_LEADING_MARK + r"<mn>\d")
_LEADS_WITH_FUNCTION = re.compile(_LEADING_MARK + r"<m(?:i>[A-Za-z]{2}|o>∑)")
_INDEXED = re.compile(r'((?:<mrow><mi mathvariant="normal">d</mi>)?)<msub>(.*)</msub>((?:</mrow>)?)')
"""A letter or a norm with a subscript, or the differential of such a letter: the superscript goes above it."""
_SPACE = '<mspace width="0.1667em"/>'


def _operator(sign: str) -> str:
    return f'<mo lspace="0" rspace="0">{sign}</mo>' if sign in _TIGHT else f"<mo>{sign}</mo>"


class _MathmlWriter(Typesetter):
    """Fills templates with elements."""

    minus = '<mo form="prefix">−</mo>'
    times = _operator(TIMES)
    dot = _operator("⋅")
    infix = _operator("⊙")
    divide = _operator("⊘")

    def numeral(self, digits: str) -> str:
        return f"<mn>{digits}</mn>"

    def row(self, texts: Sequence[str]) -> str:
        return texts[0] if len(texts) == 1 else f"<mrow>{''.join(texts)}</mrow>"

    def sign(self, *, negative: bool, first: bool) -> str:
        if first:
            return self.minus if negative else ""
        return _operator("−" if negative else "+")

    def beside(self, right: str) -> str:
        if _LEADS_WITH_DIGIT.match(right):
            return self.dot
        return self.times + _SPACE if _LEADS_WITH_FUNCTION.match(right) else self.times

    def fill(self, template: str, texts: Mapping[str, str] | None = None, *, grow: bool = True) -> str:  # noqa: ARG002
        return _element(marks_of(template), texts or {})


def _element(mark: Mark, texts: Mapping[str, str]) -> str:
    """A mark as one element."""
    match mark:
        case Hole():
            return _whole(texts[mark.name])
        case Word():
            return _word(mark)
        case Sign():
            return _operator(mark.text)
        case Glyph():
            return _glyph(mark.text)
        case Row():
            return f"<mrow>{''.join(_marks(mark.marks, texts))}</mrow>"
        case Fence():
            return _fenced(mark.left, _element(mark.body, texts))
        case Script():
            return _scripted(mark, texts)
        case Fraction():
            return f"<mfrac>{_element(mark.above, texts)}{_element(mark.below, texts)}</mfrac>"
        case Root():
            return f"<msqrt>{_element(mark.body, texts)}</msqrt>"
        case Accent():
            return _accented(mark.kind, _element(mark.body, texts))
        case Matrix():
            return _fenced("[", _table(mark, texts))


def _whole(element: str) -> str:
    """An element, or a row of a minus sign and an element."""
    return f"<mrow>{element}</mrow>" if element.startswith(_MathmlWriter.minus) else element


def _marks(marks: Sequence[Mark], texts: Mapping[str, str]) -> list[str]:
    """Elements in a row; a function stands off from an argument without brackets."""
    elements: list[str] = []
    for i, mark in enumerate(marks):
        if mark == Sign(THIN):
            elements.append(_SPACE)
            continue
        elements.append(_element(mark, texts))
        if mark == Sign(APPLY) and not isinstance(marks[i + 1], Fence):
            elements.append(_SPACE)
    return elements


def _word(word: Word) -> str:
    """Letters or digits in their style. A browser slants a single letter, unless it is told not to."""
    match word.style:
        case "number":
            return f"<mn>{word.text}</mn>"
        case "text":
            return f"<mtext>{escape(word.text)}</mtext>"
        case "bold":
            return f"<mn>{''.join(chr(0x1D7CE + int(c)) for c in word.text)}</mn>"
        case "italic" if len(word.text) > 1:
            return f"<mi>{escape(''.join(map(_slanted, word.text)))}</mi>"
    upright = len(word.text) == 1 and (word.style != "italic" or _GREEK_CAPITAL.match(word.text))
    return _upright(word.text) if upright else f"<mi>{escape(word.text)}</mi>"


def _upright(letter: str) -> str:
    return f'<mi mathvariant="normal">{escape(letter)}</mi>'


def _slanted(letter: str) -> str:
    """A letter in the mathematical italic of Unicode, where small h is elsewhere."""
    for first, last, slanted in (("A", "Z", 0x1D434), ("a", "z", 0x1D44E), ("α", "ω", 0x1D6FC)):
        if first <= letter <= last and letter != "h":
            return chr(slanted + ord(letter) - ord(first))
    return "ℎ" if letter == "h" else letter


def _glyph(sign: str) -> str:
    return _operator(sign) if sign == "∑" else _upright(sign)


def _fenced(left: str, body: str) -> str:
    """Brackets or bars, which keep their size around a line of ordinary height."""
    size = "" if _TALL.search(body) else ' stretchy="false"'
    return f'<mrow><mo form="prefix"{size}>{left}</mo>{body}<mo form="postfix"{size}>{_CLOSING[left]}</mo></mrow>'


def _accented(kind: str, body: str) -> str:
    """A letter under an accent; a line over a formula is a border, for which few fonts have a wide enough sign."""
    if kind == "overline":
        return f'<mrow style="border-top: 0.05em solid; padding-top: 0.1em">{body}</mrow>'
    lowered = "" if kind == "bar" else ' accent="true"'  # an accent sits close, where the bar would touch the letter
    return f'<mover{lowered}>{body}<mo stretchy="false">{_ACCENTS[kind]}</mo></mover>'


def _table(matrix: Matrix, texts: Mapping[str, str]) -> str:
    rows = ("".join(f"<mtd>{_element(cell, texts)}</mtd>" for cell in row) for row in matrix.rows)
    return f"<mtable>{''.join(f'<mtr>{row}</mtr>' for row in rows)}</mtable>"


def _scripted(mark: Script, texts: Mapping[str, str]) -> str:
    """A base with its scripts; a superscript goes above the subscript that the base may have."""
    base = _element(mark.base, texts)
    below = "" if mark.below is None else _element(mark.below, texts)
    above = "" if mark.above is None else _element(mark.above, texts)
    if mark.primes:
        primes = f"<mo>{_PRIMES.get(mark.primes, '′' * mark.primes)}</mo>"
        above = f"<mrow>{primes}{above}</mrow>" if above else primes
    if mark.base == Glyph("∑"):
        return f"<munderover>{base}{below}{above}</munderover>"
    if below and above:
        return f"<msubsup>{base}{below}{above}</msubsup>"
    if below:
        return f"<msub>{base}{below}</msub>"
    indexed = _INDEXED.fullmatch(base)
    if indexed:
        return f"{indexed[1]}<msubsup>{indexed[2]}{above}</msubsup>{indexed[3]}"
    return f"<msup>{base}{above}</msup>"
