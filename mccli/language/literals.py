r"""Numbers: literals kept exact, ``1/2`` as one number, and ``\frac``."""

from __future__ import annotations

from fractions import Fraction

from mccli.language.cursor import FACTOR_STARTS, Cursor, Grammar
from mccli.language.syntax import Binary, Group, Number, Syntax
from mccli.language.tokens import POWERS, Token


def read_number(cursor: Cursor) -> Number:
    """A number; a fraction of two literals is a number unless it stands in a denominator."""
    denominator = _in_denominator(cursor)
    first = cursor.take()
    value, span = literal(cursor, first), first.span
    while not denominator and cursor.ahead("/", "number") and _is_bare(cursor.tokens[cursor.at + 2]):
        cursor.count(cursor.take())
        token = cursor.take()
        below = literal(cursor, token)
        if below == 0:
            raise cursor.mistake("a division by zero", token)
        value, span = value / below, span.to(token.span)
    return Number(value, span)


def _in_denominator(cursor: Cursor) -> bool:
    """Whether the operand here comes after a slash, perhaps with a sign."""
    before = cursor.at - 1
    while before >= 0 and cursor.tokens[before].text == "-":
        before -= 1
    return before >= 0 and cursor.tokens[before].kind == "op" and cursor.tokens[before].text in ("/", "./")


def _is_bare(after: Token) -> bool:
    """Whether the number before ``after`` carries no power, mark or subscript."""
    return after.kind not in ("mark", "sub", "method") and after.text not in POWERS


def literal(cursor: Cursor, token: Token) -> Fraction:
    """The exact value of a literal; scientific notation is remarked on."""
    above, _, below = token.text.partition("/")
    if "e" in above and token.text:
        cursor.notes.append(f"{token.text} is read as a number")
    return Fraction(above.rstrip(".") if above != "." else "0") / (int(below) if below else 1)


def read_fraction(grammar: Grammar) -> Syntax:
    r"""``\frac{a}{b}`` is never ambiguous."""
    cursor = grammar.cursor
    start = cursor.take()
    cursor.deeper(start)
    above, below = _part(grammar, start), _part(grammar, start)
    cursor.depth -= 1
    span = start.span.to(below.span)
    upper, lower = above.inner, below.inner
    if isinstance(upper, Number) and isinstance(lower, Number) and lower.value != 0:
        return Number(upper.value / lower.value, span)
    cursor.count(start)
    return Binary("/", above, below, start.span, span)


def _part(grammar: Grammar, start: Token) -> Group:
    if grammar.cursor.here.kind not in FACTOR_STARTS:
        raise grammar.cursor.mistake("a fraction has two parts in braces", start)
    node = grammar.atom()
    return node if isinstance(node, Group) else Group(node, node.span)
