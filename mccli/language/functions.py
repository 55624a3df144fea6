"""Functions: applied to arguments in brackets, or without parentheses to the next factor alone."""

from __future__ import annotations

from mccli.errors import AmbiguityError, Mark, Span, SyntaxMistake
from mccli.language.brackets import is_keyword, read_arguments
from mccli.language.cursor import DELIMITED, FACTOR_STARTS, Cursor, Grammar
from mccli.language.syntax import Call, Syntax
from mccli.language.tokens import POWERS, Token


def read_application(grammar: Grammar) -> Syntax:
    """A function with its arguments in brackets, or applied to the next factor."""
    cursor = grammar.cursor
    token = cursor.take()
    if cursor.here.kind == "open":
        arguments, close = read_arguments(grammar)
        refuse_keywords(arguments)
        return Call(token.text, arguments, token.span, token.span.to(close.span))
    _refuse_power(cursor, token)
    _refuse_nothing(cursor, token)
    cursor.deeper(token)
    delimited = cursor.here.kind in DELIMITED
    argument = grammar.factor()
    cursor.depth -= 1
    following = grammar.product()
    if following is not None and not (delimited and following in ("/", "./")):
        raise _ambiguous_application(grammar, token, argument)
    return Call(token.text, (argument,), token.span, token.span.to(argument.span))


def refuse_keywords(arguments: tuple[Syntax, ...]) -> None:
    """``tr(axis=0)``: only NumPy has keywords."""
    for argument in arguments:
        if is_keyword(argument):
            marks = [Mark(argument.span, focus=True)]
            raise SyntaxMistake("keywords and quoted words are read in NumPy calls only", marks=marks)


def _refuse_nothing(cursor: Cursor, function: Token) -> None:
    """``tr + x``: no factor follows the function."""
    opening_bar = cursor.here.kind == "bar" and cursor.here.text[-1] != "r"
    if cursor.here.kind not in FACTOR_STARTS and not opening_bar:
        spelled = cursor.slice(function.span)
        raise cursor.mistake(f"{spelled} is a function and needs an argument", function, notes=[f"as in {spelled}(X)"])


def _refuse_power(cursor: Cursor, function: Token) -> None:
    """``sin^2(x)``: the power belongs after the argument."""
    if not (cursor.is_op(*POWERS) or cursor.here.kind == "mark"):
        return
    spelled = cursor.slice(function.span)
    power = cursor.here.span.to(cursor.tokens[min(cursor.at + 1, len(cursor.tokens) - 1)].span)
    notes = [f"write {spelled}(...){cursor.slice(power if cursor.here.kind == 'op' else cursor.here.span)}"]
    fix = _moved_power(cursor)
    raise cursor.mistake("a function name takes no power", cursor.here, function, notes=notes, fix=fix)


def _moved_power(cursor: Cursor) -> str | None:
    """The text with the power of a function name moved behind its argument."""
    tokens, text = cursor.tokens, cursor.text
    power = tokens[cursor.at : cursor.at + 3]
    if [t.kind for t in power] != ["op", "number", "open"]:
        return None
    depth, at = 0, cursor.at + 2
    while at < len(tokens):
        depth += (tokens[at].kind == "open") - (tokens[at].kind == "close")
        if depth == 0:
            break
        at += 1
    start, stop, end = power[0].span.start, power[1].span.end, tokens[at].span.end
    return text[:start] + text[stop:end] + text[start:stop] + text[end:]


def _ambiguous_application(grammar: Grammar, function: Token, argument: Syntax) -> AmbiguityError:
    """``tr A B``: both readings, as text that can be typed."""
    cursor = grammar.cursor
    start = cursor.here.span.start
    while grammar.product() is not None:
        if cursor.here.kind == "op":
            cursor.take()
        cursor.count(cursor.here)
        grammar.factor()
    stop = cursor.tokens[cursor.at - 1].span.end
    spelled, rest = cursor.slice(function.span), cursor.text[start:stop]
    first, whole = cursor.slice(argument.span), cursor.text[argument.span.start : stop]
    space = "" if rest[0] in "*/.@" else " "
    whole_first, rest_apart = f"{spelled}({whole})", f"{spelled}({first}){space}{rest}"
    error = AmbiguityError(
        f"{spelled} without parentheses before a product can be read in two ways",
        marks=[Mark(function.span, focus=True), Mark(argument.span), Mark(Span(start, stop))],
        notes=[f"write {whole_first}", f"or    {rest_apart}"],
    )
    before, after = cursor.text[: function.span.start], cursor.text[stop:]
    error.readings = (before + whole_first + after, before + rest_apart + after)
    return error
