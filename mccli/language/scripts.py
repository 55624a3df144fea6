"""Subscripts and superscripts as text: ``₁``, ``_{ij}``, ``_F``, ``⁻¹``. The lexer asks where one starts and ends."""

from __future__ import annotations

import re
from collections.abc import Mapping

from mccli.errors import Mark, Span, SyntaxMistake
from mccli.language.latex import closing_brace, plain_symbol
from mccli.language.names import SUBSCRIPTS, fold

SUPERSCRIPTS: Mapping[str, str] = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺ᵀⁿᵏʳⁱʲᵐᵖˢᵗ⁽⁾", "0123456789-+Tnkrijmpst()", strict=True))
_NAME = re.compile(r"[0-9]+|[A-Za-z][A-Za-z0-9_]*")
_NORM = re.compile(r"[0-9]+|inf|fro|nuc|[A-Za-z*∞]")
_BARE = re.compile(r"\\[A-Za-z]+|[^\W\d_]")
_PART = re.compile(r"[0-9]+|.")


def subscript_follows(text: str, at: int, end: int) -> bool:
    """Whether a subscript that belongs to a name starts here; a grouped operation (``I_{n+1}``) does not count."""
    character = text[at] if at < end else ""
    if character != "_":
        return character in SUBSCRIPTS
    close = closing_brace(text, at + 1, end)
    return close is None or _is_plain(text[at + 2 : close])


def _is_plain(inner: str) -> bool:
    return all(fold(c) or c in "0123456789_*" for c in plain_symbol(inner))


def read_subscript(text: str, start: int, end: int, *, norm: bool = False) -> tuple[str, int]:
    """The subscript at ``start`` and where it ends; without braces that of a norm is shorter than a name's."""
    at = start
    while at < end and text[at] in SUBSCRIPTS:
        at += 1
    if at > start:
        return "".join(SUBSCRIPTS[c] for c in text[start:at]), at
    close = closing_brace(text, start + 1, end)
    if close is not None:
        inner, at = text[start + 2 : close], close + 1
    else:
        bare = _NORM if norm else _NAME
        match = bare.match(text, start + 1, end) or _BARE.match(text, start + 1, end)
        inner, at = (match.group(), match.end()) if match else ("", start + 1)
    subscript = plain_symbol(inner)
    if not subscript or not _is_plain(subscript):
        marks = [Mark(Span(start, at), focus=True)]
        raise SyntaxMistake("a subscript is made of letters and digits", marks=marks)
    return subscript, at


def superscript_parts(text: str, start: int, end: int) -> list[tuple[str, Span]]:
    """The numbers, signs and letters of the superscript at ``start``; a transpose mark ends it."""
    stop = start
    while stop < end and text[stop] in SUPERSCRIPTS:
        stop += 1
        if text[stop - 1] == "ᵀ" or (text[stop : stop + 1] == "ᵀ" and text[stop - 1] != "⁻"):
            break
    plain = "".join(SUPERSCRIPTS[c] for c in text[start:stop])
    return [(m.group(), Span(start + m.start(), start + m.end())) for m in _PART.finditer(plain)]
