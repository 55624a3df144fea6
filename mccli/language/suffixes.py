"""What follows an atom: powers, ``^T`` and ``^+`` in the place of a power, the subscript of a norm or name."""

from __future__ import annotations

from fractions import Fraction

from mccli.errors import AmbiguityError, Mark, Span
from mccli.language.bars import NORMS
from mccli.language.cursor import Cursor, Grammar
from mccli.language.literals import literal
from mccli.language.names import canonical_name
from mccli.language.refusals import missing_operand, no_operand
from mccli.language.syntax import Binary, BinaryOperator, Call, Group, Name, Negate, Norm, Number, Syntax, Transpose
from mccli.language.tokens import Token

DAGGER_NOTE = "† is read as the pseudo-inverse; the conjugate transpose of a real matrix is its transpose"


def read_power(grammar: Grammar, base: Syntax) -> Syntax:
    """The power of ``base`` whose operator comes next."""
    cursor = grammar.cursor
    operator = cursor.take()
    cursor.count(operator)
    if operator.text == "^":
        special = _special_exponent(cursor, base)
        if special is not None:
            return special
    exponent = _exponent(grammar, operator)
    _refuse_tower(cursor, base, operator)
    _refuse_index(cursor, base, exponent, operator)
    span = base.span.to(cursor.tokens[cursor.at - 1].span)
    _refuse_fraction(cursor, base, exponent, operator)
    _refuse_exponential(cursor, base, exponent)
    symbol: BinaryOperator = "^" if operator.text == "^" else ".^"
    return Binary(symbol, base, exponent, operator.span, span)


def _refuse_tower(cursor: Cursor, base: Syntax, operator: Token) -> None:
    """``x^2^3``: 2^3 above x in mathematics and Python, (x^2)^3 in MATLAB."""
    if not isinstance(base, Binary) or base.operator not in ("^", ".^"):
        return
    if isinstance(base.right, Number) and base.right.value == -1:
        return
    inner, low, high = cursor.slice(base.left.span), cursor.slice(base.right.span), cursor.tokens[cursor.at - 1]
    upper = cursor.text[operator.span.end : high.span.end]
    raise AmbiguityError(
        "a power of a power can be read in two ways",
        marks=[Mark(base.span), Mark(operator.span, focus=True)],
        notes=[f"({inner}^{low})^{upper}", f"{inner}^({low}^{upper})"],
        source=cursor.text,
    )


def _refuse_exponential(cursor: Cursor, base: Syntax, exponent: Syntax) -> None:
    """``e^x``: the exponential, unless e is declared."""
    if not (isinstance(base, Name) and base.name == "e") or "e" in cursor.vocabulary.names:
        return
    above = cursor.text[exponent.span.start : exponent.span.end].strip("{}()")
    stop = cursor.tokens[cursor.at - 1].span.end
    written = f"exp({above})"
    error = AmbiguityError(
        f"{cursor.text[base.span.start : stop]} can be read in two ways",
        marks=[Mark(base.span, focus=True), Mark(exponent.span)],
        notes=[
            f"write {written} for the exponential (of every entry; expm is that of a matrix)",
            "if e is a symbol of yours, declare it: --shape e:scalar",
        ],
        source=cursor.text,
    )
    error.readings = (cursor.text[: base.span.start] + written + cursor.text[stop:],)
    raise error


def _refuse_index(cursor: Cursor, base: Syntax, exponent: Syntax, operator: Token) -> None:
    """``W^{(2)}``: the second layer's W in many papers, the square of W elsewhere."""
    bracketed = cursor.text[operator.span.end : cursor.tokens[cursor.at - 1].span.end].replace(" ", "")
    if operator.text != "^" or not isinstance(base, Name) or not isinstance(exponent, Group | Number):
        return
    inside = exponent.inner if isinstance(exponent, Group) else exponent
    if not isinstance(inside, Number) or inside.value.denominator != 1 or inside.value <= 0:
        return
    if bracketed.strip("{}").startswith("("):
        number = bracketed.strip("{}()")
        raise AmbiguityError(
            "a number in parentheses above a name can be read in two ways",
            marks=[Mark(base.span), Mark(operator.span, focus=True)],
            notes=[
                f"{base.name}^{number} is the power",
                f"{base.name}{number} or {base.name}_{number} is a name of its own",
            ],
            source=cursor.text,
        )


def _special_exponent(cursor: Cursor, base: Syntax) -> Syntax | None:
    """``^T``, ``^-T``, ``^+`` and ``^†``, bare or in braces."""
    length = 1 if cursor.here.kind != "open" else 3
    opened = length == 3
    tokens = cursor.tokens[cursor.at + opened : cursor.at + opened + 2]
    negative = tokens[0].kind == "op" and tokens[0].text == "-"
    mark = tokens[1] if negative and len(tokens) > 1 else tokens[0]
    length += negative
    pseudo = mark.kind == "dagger" or (mark.kind == "op" and mark.text == "+")
    if (mark.kind != "mark" and not pseudo) or (negative and pseudo):
        return None
    if opened and cursor.tokens[cursor.at + length - 1].kind != "close":
        return None
    cursor.at += length
    end = cursor.tokens[cursor.at - 1].span
    if pseudo:
        return pseudo_inverse(cursor, base, end)
    if negative:
        minus_one = Number(Fraction(-1), tokens[0].span)
        base = Binary("^", base, minus_one, tokens[0].span, base.span.to(end))
    return Transpose(base, base.span.to(end))


def pseudo_inverse(cursor: Cursor, base: Syntax, end: Span) -> Syntax:
    """The pseudo-inverse of ``base``; the mark that says so ends at ``end``."""
    mark = cursor.tokens[cursor.at - 1]
    cursor.count(mark)
    if mark.kind == "dagger":
        cursor.notes.append(DAGGER_NOTE)
    return Call(cursor.canonical("pinv"), (base,), end, base.span.to(end))


def _exponent(grammar: Grammar, operator: Token) -> Syntax:
    """A number, a name or a bracket, each with an optional minus."""
    cursor = grammar.cursor
    minus = cursor.take() if cursor.is_op("-") else None
    token = cursor.here
    if token.kind == "op" and token.text == "*":
        raise cursor.mistake("complex conjugates are not read", token, operator)
    if token.kind == "bar" and _must_close(cursor):
        raise missing_operand(cursor, minus or operator, token)
    if token.kind == "number":
        node: Syntax = Number(literal(cursor, token), cursor.take().span)
    elif token.kind in ("name", "ones", "open", "frac", "eye"):
        node = grammar.atom()
    elif token.kind in ("function", "bar", "numpy"):
        notes = ["put the exponent in parentheses"]
        raise cursor.mistake("this exponent needs parentheses", token, operator, notes=notes)
    else:
        raise no_operand(cursor)
    return _plain_exponent(cursor, node, minus)


def _must_close(cursor: Cursor) -> bool:
    """Whether the bar here matches the innermost open one and nothing after it can stand between bars."""
    bar, following = cursor.here, cursor.tokens[cursor.at + 1]
    if bar.text[-1] == "r":
        return True
    innermost = cursor.opened[-1].text if cursor.opened else ""
    return innermost == bar.text and following.kind in ("end", "close", "op", "mark")


def _plain_exponent(cursor: Cursor, node: Syntax, minus: Token | None) -> Syntax:
    """Braces vanish, and a negative literal is one number."""
    span = node.span
    if isinstance(node, Group) and cursor.slice(span)[:1] != "(":
        node = node.inner
    inner = node.inner if isinstance(node, Group) else node
    if isinstance(inner, Negate) and isinstance(inner.operand, Number):
        node = Number(-inner.operand.value, span)
    if minus is None:
        return node
    whole = minus.span.to(span)
    return Number(-node.value, whole) if isinstance(node, Number) else Negate(node, whole)


def _refuse_fraction(cursor: Cursor, base: Syntax, exponent: Syntax, operator: Token) -> None:
    """``x^1/2`` was probably meant as a root."""
    before = cursor.tokens[cursor.at - 1]
    if before.kind != "number" or not cursor.ahead("/"):
        return
    if not isinstance(exponent, Number) or abs(exponent.value) != 1:
        return
    below = cursor.tokens[cursor.at + 1]
    if below.kind not in (("number", "name") if exponent.value > 0 else ("number",)):
        return
    written = cursor.slice(base.span.to(before.span))
    power = f"{cursor.slice(base.span.to(operator.span))}({cursor.slice(exponent.span)}/{cursor.slice(below.span)})"
    raise AmbiguityError(
        "the slash after this exponent can be read in two ways",
        marks=[Mark(cursor.here.span, focus=True), Mark(exponent.span)],
        notes=[f"write {power}", f"or    ({written})/{cursor.slice(below.span)}"],
    )


def read_subscript(cursor: Cursor, node: Syntax) -> Syntax:
    """A subscript after a closing bar, or after the superscript of a norm or name."""
    token = cursor.take()
    found = _with_subscript(cursor, node, token)
    if found is None:
        raise cursor.mistake("a subscript only belongs to a name or a norm", token)
    return found


def _with_subscript(cursor: Cursor, node: Syntax, token: Token) -> Syntax | None:
    span = node.span.to(token.span)
    if isinstance(node, Norm) and not node.subscript:
        if token.text not in NORMS:
            notes = ["the norms are 1, 2, F, inf and *", "write normp(x, p) for a p-norm"]
            raise cursor.mistake(f"no norm has the subscript {token.text}", token, notes=notes)
        return Norm(node.operand, NORMS[token.text], span)
    if isinstance(node, Name):
        return Name(canonical_name(f"{node.name}_{token.text}"), span)
    if isinstance(node, Transpose) and isinstance(node.operand, Name):
        inner = _with_subscript(cursor, node.operand, token)
        return Transpose(inner, span) if inner else None
    if isinstance(node, Binary) and node.operator == "^" and isinstance(node.left, Norm | Name):
        inner = _with_subscript(cursor, node.left, token)
        return node._replace(left=inner, span=span) if inner else None
    return None
