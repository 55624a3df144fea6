"""What is said where reading cannot go on: a token that cannot stand here, an operand that is missing."""

from __future__ import annotations

from mccli.errors import AmbiguityError, Mark, Span, SyntaxMistake
from mccli.language.cursor import Cursor, Grammar
from mccli.language.syntax import Bars, Binary, Call, Group, Name, Norm, Number, Syntax, Transpose
from mccli.language.tokens import Token


def leftover(cursor: Cursor) -> SyntaxMistake:
    """Why the expression cannot go on with the token here."""
    token = cursor.here
    if token.kind == "op" and token.text == "×":
        fix = cursor.text[: token.span.start] + "*" + cursor.text[token.span.end :]
        return cursor.mistake("× is no product of matrices", token, notes=["write * for a product"], fix=fix)
    if token.kind == "op" and token.text == "=":
        notes = ["type the side that is the function"]
        fix = cursor.text[token.span.end :].strip()
        return cursor.mistake("an expression is read here, not an equation", token, notes=notes, fix=fix)
    if token.kind == "op" and token.text == ",":
        return cursor.mistake("a comma only separates the arguments of a function", token)
    if token.kind == "sub" or token.text == "_":
        return cursor.mistake("a subscript only belongs to a name or a norm", token)
    if token.kind == "bar":
        return cursor.mistake(f"this {token.text[:-1] or '|'} closes nothing", token)
    return cursor.mistake(f"{cursor.slice(token.span) or 'this'} cannot stand here", token)


def no_operand(cursor: Cursor) -> SyntaxMistake:
    """Why no operand can start here."""
    token, before = cursor.here, cursor.tokens[cursor.at - 1] if cursor.at else None
    if token.kind == "op" and token.text == "×":
        return leftover(cursor)
    if before is not None and before.kind == "bar":
        return _after_bar(cursor, before)
    if before is not None and before.kind == "op":
        if token.kind == "op":
            return cursor.mistake(f"two operators in a row: {before.text} {token.text}", token, before)
        if token.kind == "bar":
            return missing_operand(cursor, before, token)
        if token.kind in ("end", "close"):
            return cursor.mistake(f"nothing comes after this {cursor.slice(before.span)}", before)
    return _nothing_before(cursor)


def _after_bar(cursor: Cursor, bar: Token) -> SyntaxMistake:
    """``|x+|``: a bar that was read as an opening one, but it was meant to close, or it is one too many."""
    opened, operator = cursor.opened[-2:], cursor.tokens[cursor.at - 2] if cursor.at > 1 else None
    meant = len(opened) == 2 and opened[1] is bar and opened[0].text == bar.text
    if meant and operator is not None and operator.kind == "op" and operator.text != ",":
        return missing_operand(cursor, operator, bar)
    if cursor.here.kind in ("end", "close") and opened[-1:] == [bar]:
        return cursor.mistake(f"this {cursor.slice(bar.span)} has no partner", bar)
    return _nothing_before(cursor)


def _nothing_before(cursor: Cursor) -> SyntaxMistake:
    """Why the token here, with no operator before it, starts no operand."""
    token = cursor.here
    if token.kind in ("close", "bar"):
        return cursor.mistake("there is nothing between these brackets", token, *cursor.opened[-1:])
    if token.kind == "mark":
        return cursor.mistake("there is nothing to transpose before this mark", token)
    if token.kind == "end":
        return cursor.mistake("the expression ends too early", token, *cursor.opened[-1:])
    if token.kind == "op":
        return cursor.mistake(f"nothing comes before this {cursor.slice(token.span)}", token)
    return leftover(cursor)


def missing_operand(cursor: Cursor, operator: Token, bar: Token) -> SyntaxMistake:
    """``|x+|``: nothing stands between an operator and a closing bar."""
    shown = cursor.slice(operator.span), cursor.slice(bar.span)
    return cursor.mistake(f"an operand is missing between this {shown[0]} and the closing {shown[1]}", operator, bar)


def ambiguous_slash(grammar: Grammar, left: Syntax) -> AmbiguityError:
    """``a/b c``: both readings, as text that can be typed."""
    assert isinstance(left, Binary)
    cursor = grammar.cursor
    start = cursor.here.span.start
    while grammar.product() == "juxt":
        cursor.count(cursor.here)
        grammar.factor()
    rest = Span(start, cursor.tokens[cursor.at - 1].span.end)
    slash, after = cursor.slice(left.operator_span), cursor.slice(rest)
    above = cursor.slice(left.left.span)
    if not _is_plain(left.left):
        above = f"({above})"
    below = cursor.text[left.right.span.start : rest.end]
    return AmbiguityError(
        f"{slash} before a product without * can be read in two ways",
        marks=[Mark(left.left.span), Mark(left.operator_span, focus=True), Mark(left.right.span), Mark(rest)],
        notes=[f"write {above}{slash}({below})", f"or    ({cursor.slice(left.span)}) {after}"],
    )


def _is_plain(node: Syntax) -> bool:
    """Whether the operand needs no parentheses before a slash."""
    if isinstance(node, Call):
        return node.function != "matmul"
    return isinstance(node, Name | Number | Group | Norm | Bars)


def is_long_product(numerator: Syntax) -> bool:
    """Whether what stands above a slash is a product with a transpose, a norm or a group in it.

    In ``a'x/‖x‖ ‖a‖`` both norms may be meant to stand below; ``2/(x'x) (A x - b)`` has one reading.
    """
    if isinstance(numerator, Binary) and numerator.operator in ("juxt", "*", "·", ".*"):
        return is_long_product(numerator.left) or is_long_product(numerator.right)
    return isinstance(numerator, Transpose | Group)


def refuse_glued_number(cursor: Cursor, left: Syntax) -> None:
    """``1/2n`` is n/2 or 1/(2n); ``1 x`` is x or the vector of ones beside x."""
    here = cursor.here
    last = left.right if isinstance(left, Binary) else left
    if not isinstance(last, Number) or here.kind not in ("name", "run", "symbol"):
        return
    typed = cursor.slice(last.span)
    if "/" in typed and here.span.start == last.span.end:
        above, below = typed.split("/")
        rest = cursor.slice(here.span)
        raise AmbiguityError(
            f"{typed}{rest} can be read in two ways",
            marks=[Mark(last.span), Mark(here.span, focus=True)],
            notes=[f"{typed} {rest} is the number times {rest}", f"{above}/({below} {rest})"],
            source=cursor.text,
        )
    if typed == "1":
        raise AmbiguityError(
            "1 beside a symbol can be read in two ways",
            marks=[Mark(last.span, focus=True), Mark(here.span)],
            notes=["the vector of ones is ones(n,1), with its size", "the number 1 can be left out"],
            source=cursor.text,
        )
