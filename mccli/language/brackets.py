"""Brackets: every one has its partner, and an expression or the arguments of a function stand between."""

from __future__ import annotations

from mccli.errors import Mark, SyntaxMistake
from mccli.language.cursor import MAX_DEPTH, Grammar
from mccli.language.refusals import leftover
from mccli.language.syntax import Call, Group, Name, Syntax
from mccli.language.tokens import CLOSERS, Token


def check_brackets(tokens: list[Token], text: str) -> None:
    """Every bracket has its partner, and they are not nested too deeply."""
    opened: list[Token] = []
    for token in tokens:
        if token.kind == "open":
            opened.append(token)
        elif token.kind == "close":
            _check_partner(opened, token, text)
            opened.pop()
        if len(opened) > MAX_DEPTH:
            raise SyntaxMistake("the expression is nested too deeply", marks=[Mark(token.span, focus=True)])
    if opened:
        bracket = opened[-1]
        mark = Mark(bracket.span, f"a {CLOSERS[bracket.text]} is missing", focus=True)
        end = tokens[-1].span.start
        closers = "".join(CLOSERS[b.text] for b in reversed(opened))
        fix = text[:end].rstrip() + closers + text[end:]
        raise SyntaxMistake(f"this {bracket.text} is never closed", marks=[mark], fix=fix)


def _check_partner(opened: list[Token], closer: Token, text: str) -> None:
    marks = [Mark(closer.span, focus=True)]
    if not opened:
        fix = text[: closer.span.start] + text[closer.span.end :]
        raise SyntaxMistake(f"this {closer.text} closes nothing", marks=marks, fix=fix)
    expected = CLOSERS[opened[-1].text]
    if expected != closer.text:
        marks.append(Mark(opened[-1].span, f"needs {expected}"))
        fix = text[: closer.span.start] + expected + text[closer.span.end :]
        raise SyntaxMistake(f"{opened[-1].text} is closed by {closer.text}", marks=marks, fix=fix)


def read_group(grammar: Grammar) -> Group:
    """An expression in brackets."""
    cursor = grammar.cursor
    opener = cursor.enter()
    inner = grammar.expression()
    if cursor.here.kind != "close":
        raise leftover(cursor)
    return Group(inner, opener.span.to(cursor.leave().span))


def read_arguments(grammar: Grammar, *, empty_allowed: bool = False) -> tuple[tuple[Syntax, ...], Token]:
    """The arguments between brackets, separated by commas, and the closing bracket."""
    cursor = grammar.cursor
    cursor.enter()
    found: list[Syntax] = []
    while cursor.here.kind != "close" or found or not empty_allowed:
        named = cursor.here.kind in ("keyword", "string")
        found.append(_keyword(grammar) if named else grammar.expression())
        if not cursor.is_op(","):
            break
        cursor.take()
    if cursor.here.kind != "close":
        raise leftover(cursor)
    return tuple(found), cursor.leave()


def _keyword(grammar: Grammar) -> Call:
    """A keyword or a quoted word, as a Call to "axis=" or "ord=" for the NumPy notation to read."""
    token = grammar.cursor.take()
    if token.kind == "string":
        return _quoted(token)
    string = grammar.cursor.here.kind == "string"
    value = _quoted(grammar.cursor.take()) if string else grammar.expression()
    return Call(f"{token.text}=", (value,), token.span, token.span.to(value.span))


def _quoted(token: Token) -> Call:
    return Call("ord=", (Name(token.text, token.span),), token.span, token.span)


def is_keyword(node: Syntax) -> bool:
    """Whether an argument was written with a keyword or in quotes."""
    return isinstance(node, Call) and node.function.endswith("=")
