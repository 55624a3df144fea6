r"""Symbols: names, the vector of ones ``1'`` and the identity ``I_n``, with the sizes in their subscripts."""

from __future__ import annotations

import re
from fractions import Fraction

from mccli.language.brackets import read_group
from mccli.language.cursor import Cursor, Grammar
from mccli.language.names import canonical_name
from mccli.language.syntax import Binary, Group, Name, Number, Ones, Syntax
from mccli.language.tokens import Token


def read_name(grammar: Grammar) -> Syntax:
    """A name, or ``I_{n+1}``."""
    cursor = grammar.cursor
    token = cursor.take()
    if token.text == "I" and cursor.is_op("_"):
        underscore = cursor.take()
        if cursor.here.kind != "open":
            raise cursor.mistake("a subscript is made of letters and digits", underscore)
        group = read_group(grammar)
        return cursor.call("eye", token.span, group.span, group.inner)
    _refuse_index(cursor, token)
    return Name(token.text, token.span)


def _refuse_index(cursor: Cursor, name: Token) -> None:
    """``X[0]`` is an entry and ``E[x]`` an expectation: neither is a product."""
    bracket = cursor.here
    if bracket.kind == "open" and bracket.text == "[" and not bracket.spaced:
        notes = ["an entry is entry(A, i, j)", f"for a product write {name.text}*(...)"]
        raise cursor.mistake("entries, slices and expectations are not read", bracket, name, notes=notes)


def read_ones(grammar: Grammar) -> Syntax:
    """``1``, ``1_n`` or ``1_{n+1}`` where it stands for a vector."""
    cursor = grammar.cursor
    token = cursor.take()
    if cursor.here.kind == "sub" and not cursor.here.spaced:
        size = cursor.take()
        one = Number(Fraction(1), size.span)
        return cursor.call("ones", token.span, size.span, _size(cursor, size), one)
    if cursor.is_op("_"):
        cursor.take()
        group = grammar.atom()
        one = Number(Fraction(1), group.span)
        return cursor.call("ones", token.span, group.span, group.inner if isinstance(group, Group) else group, one)
    return Ones(token.span)


def read_eye(cursor: Cursor) -> Syntax:
    """``I_n``, an identity with its size."""
    token = cursor.take()
    return cursor.call("eye", token.span, token.span, _size(cursor, token))


def _size(cursor: Cursor, token: Token) -> Syntax:
    """The size in a subscript: ``n``, ``3``, ``mn`` for a product."""
    factors: list[Syntax] = [
        Number(Fraction(part), token.span) if part.isdigit() else Name(canonical_name(part), token.span)
        for part in re.findall(r"[0-9]+|[^\W\d_][0-9]*", token.text)
    ]
    if not factors:
        raise cursor.mistake("this size cannot be read", token)
    product = factors[0]
    for factor in factors[1:]:
        cursor.count(token)
        product = Binary("*", product, factor, token.span, token.span)
    return product
