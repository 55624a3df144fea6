"""Bars: ``|X|`` and the norm ``||x||``. Which bar closes depends on what is open, not on the bar alone.

The lexer takes two bars side by side for one token. Where an operator is expected, ``||`` inside ``|`` is split
and its first half closes. Where an operand is expected, ``||`` opens a norm; if no expression can be read
like that, as in ``||x|-1|``, it is split too, see :func:`without_norm`.
"""

from __future__ import annotations

from collections.abc import Mapping

from mccli.errors import Span, SyntaxMistake
from mccli.language.cursor import Cursor, Grammar
from mccli.language.syntax import Bars, Norm
from mccli.language.tokens import Token

NORMS: Mapping[str, str] = {"": "", "1": "1", "2": "2", "F": "F", "fro": "F", "inf": "inf", "*": "*", "nuc": "*"}
NESTED_NOTE = "for bars inside bars write | |x| - 1 | with spaces, or abs(...)"


def read_bars(grammar: Grammar) -> Bars | Norm:
    """An expression between bars."""
    cursor = grammar.cursor
    opener = cursor.enter()
    inner = grammar.expression()
    if cursor.here.kind != "bar" or cursor.here.text.rstrip("lr") != opener.text.rstrip("lr"):
        raise _never_closed(cursor, opener)
    span = opener.span.to(cursor.leave().span)
    return Bars(inner, span) if opener.text.rstrip("l") == "|" else Norm(inner, "", span)


def closes(cursor: Cursor) -> bool:
    """Whether the bar here, after an operand, closes the innermost bracket; ``||`` inside ``|`` is split."""
    bar = cursor.here
    if bar.text[-1] in "lr":
        return bar.text[-1] == "r"
    innermost = cursor.opened[-1].text.rstrip("l") if cursor.opened else ""
    if bar.text == "||" and innermost == "|":
        cursor.tokens[cursor.at : cursor.at + 1] = _split(bar)
        return True
    return innermost == bar.text


def _split(bars: Token) -> list[Token]:
    """The two halves of ``||``."""
    middle = bars.span.start + 1
    return [
        bars._replace(text="|", span=Span(bars.span.start, middle)),
        bars._replace(text="|", span=Span(middle, bars.span.end), spaced=False),
    ]


def _never_closed(cursor: Cursor, opener: Token) -> SyntaxMistake:
    shown = opener.text.rstrip("l")
    notes = [f"a {shown} is missing"]
    before = cursor.tokens[next(i for i, t in enumerate(cursor.tokens) if t is opener) - 1]
    nested = any(t.text.rstrip("l") == shown for t in cursor.opened[-2:-1])
    if nested and before.kind == "op":
        notes.append(f"if it closes the {shown} before it, an operand is missing after {cursor.slice(before.span)}")
    end = cursor.tokens[-1].span.start
    fix = None if nested else cursor.text[:end].rstrip() + shown + cursor.text[end:]
    return cursor.mistake(f"this {shown} is never closed", opener, notes=notes, fix=fix)


# --- bars inside bars ---------------------------------------------------------------------------------


def without_norm(tokens: list[Token], opened: list[Token]) -> list[Token] | None:
    """The tokens with the innermost ``||`` among ``opened`` read as two bars; None if that cannot help.

    The second bar of ``|||`` joins the third, so that ``|||x||-1|`` is ``| ||x|| - 1 |``.
    """
    starts = [t.span.start for t in opened if t.kind == "bar" and t.text == "||"]
    if not starts or _count(tokens) % 2:
        return None
    at = next(i for i, t in enumerate(tokens) if t.kind == "bar" and t.span.start == starts[-1])
    stop, end = at + 1, tokens[at].span.end
    while _is_plain(tokens[stop]) and tokens[stop].span.start == end:
        stop, end = stop + 1, tokens[stop].span.end
    places = [(starts[-1], starts[-1] + 1), *((i, min(i + 2, end)) for i in range(starts[-1] + 1, end, 2))]
    run = [Token("bar", "|" * (b - a), Span(a, b), i == 0 and tokens[at].spaced) for i, (a, b) in enumerate(places)]
    return [*tokens[:at], *run, *tokens[stop:]]


def explain_bars(mistake: SyntaxMistake, cursor: Cursor) -> None:
    """Say how bars inside bars are written, if the mistake is due to them."""
    bars, inside = _count(cursor.tokens), any(map(_is_plain, cursor.opened))
    unclosed = mistake.message.endswith("is never closed")
    if bars > 2 and inside and (bars % 2 or unclosed):
        mistake.notes = (*mistake.notes, NESTED_NOTE)


def _is_plain(token: Token) -> bool:
    """Whether this is ``|`` or ``||`` as typed on a keyboard, which does not say where it opens."""
    return token.kind == "bar" and token.text in ("|", "||") and token.span.end - token.span.start == len(token.text)


def _count(tokens: list[Token]) -> int:
    return sum(len(t.text) for t in tokens if _is_plain(t))
