r"""The parser: what a person types becomes an untyped syntax tree.

An operator-precedence parser over the tokens of :mod:`mccli.language.tokens`, with one precedence table. The
grammar::

    input       = expression [ "where" declaration { ("," | ";") declaration } ]
    declaration = name ( ":" | "is" | "in" | "∈" ) word { "," word }
    expression  = term { ("+" | "-") term }
    term        = "-" term | product { "·" product }
    product     = factor { ( "*" | "@" | ".*" | "/" | "./" | "⊗" | nothing ) factor }       left to right
    factor      = atom { transpose | "^" exponent | ".^" exponent | method }                left to right
    exponent    = "T" | "-T" | [ "-" ] ( number | name | bracketed )
    atom        = number | number "/" number | name | "1'" | bracketed | bars | norm | frac | application
    bracketed   = "(" expression ")" | "[" expression "]" | "{" expression "}"
    bars        = "|" expression "|"
    norm        = "||" expression "||" [ "_" subscript ]
    application = function "(" expression { "," expression } ")" | function factor

What can be read in two ways is refused with both readings: a slash before a juxtaposed factor, and a function
without parentheses before another factor. Operators wait on a stack, so no chain of them recurses. This module
has the operators; every other notation has its own: :mod:`~mccli.language.where`, ``resolve``, ``brackets``,
``bars``, ``literals``, ``symbols``, ``suffixes``, ``functions`` and ``numpy_notation``.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import NamedTuple

from mccli.errors import Mark, McError, Span, SyntaxMistake
from mccli.language.bars import closes, explain_bars, read_bars, without_norm
from mccli.language.brackets import check_brackets, read_group
from mccli.language.cursor import DELIMITED, FACTOR_STARTS, Cursor, Grammar
from mccli.language.functions import read_application
from mccli.language.latex import math_range
from mccli.language.literals import read_fraction, read_number
from mccli.language.names import Vocabulary, canonical_name
from mccli.language.numpy_notation import is_numpy, matmul, read_method, read_numpy
from mccli.language.refusals import ambiguous_slash, is_long_product, leftover, no_operand, refuse_glued_number
from mccli.language.resolve import resolve
from mccli.language.suffixes import pseudo_inverse, read_power, read_subscript
from mccli.language.symbols import read_eye, read_name, read_ones
from mccli.language.syntax import Binary, BinaryOperator, Negate, Number, Parsed, Syntax, Transpose
from mccli.language.tokens import MAX_CHARACTERS, POWERS, Token, tokenize
from mccli.language.where import read_declarations, split_where

PRECEDENCE: Mapping[str, int] = {
    "+": 10,
    "-": 10,
    "negate": 20,
    "·": 25,
    "*": 30,
    "@": 30,
    ".*": 30,
    "/": 30,
    "./": 30,
    "kron": 30,
    "juxt": 30,
}  # powers, transposes and methods bind tighter than all of these: they belong to the factor

_PLAIN: Mapping[str, BinaryOperator] = {
    "+": "+", "-": "-", "*": "*", "·": "·", ".*": ".*", "/": "/", "./": "./", "kron": "kron", "juxt": "juxt",
}  # fmt: skip
_NUMPY: Mapping[str, BinaryOperator] = {**_PLAIN, "*": ".*", "/": "./"}
_NESTED: Mapping[str, Callable[[Grammar], Syntax]] = {
    "name": read_name,
    "ones": read_ones,
    "function": read_application,
    "numpy": read_numpy,
    "open": read_group,
    "bar": read_bars,
    "frac": read_fraction,
}
_MAX_NORMS_SPLIT = 8

NUMPY_NOTE = "NumPy notation: * is elementwise"
TRANSPOSE_STAR_NOTE = "`.T` with `*`: read as the matrix product; write .* for elementwise"
T_NOTE = "T after ^ is the transpose, not the symbol T"


def parse(
    text: str, *, functions: Mapping[str, str], names: Collection[str] = (), primed: Collection[str] = ()
) -> Parsed:
    """Read ``text``. Whatever cannot be read raises a McError that points at the place."""
    vocabulary = Vocabulary(functions, frozenset(map(canonical_name, names)), frozenset(primed))
    try:
        return _read(text, vocabulary)
    except McError as error:
        error.source = text
        if error.fix is not None and error.typed is None and not _readable(error.fix, vocabulary):
            error.fix = None
        raise


def _readable(text: str, vocabulary: Vocabulary) -> bool:
    try:
        _read(text, vocabulary)
    except McError:
        return False
    return True


def _read(text: str, vocabulary: Vocabulary) -> Parsed:
    _check_text(text)
    stop, clause = split_where(text)
    declarations = read_declarations(text, clause) if clause is not None else ()
    declared = vocabulary.names.union(d.name for d in declarations)
    vocabulary = Vocabulary(vocabulary.functions, declared, vocabulary.primed)
    start, stop = math_range(text, stop)
    raw = tokenize(text, start, stop, declared, vocabulary.functions)
    if len(raw) == 1:
        raise SyntaxMistake("there is no expression here", marks=[Mark(Span(start, start), focus=True)])
    check_brackets(raw, text)
    tokens, notes = resolve(raw, vocabulary, text)
    try:
        reader, tree = _read_tree(tokens, vocabulary, text)
    except RecursionError:  # a caller that is deep in the stack itself
        marks = [Mark(Span(start, stop))]
        raise SyntaxMistake("the expression is nested too deeply", marks=marks) from None
    return Parsed(text, tree, declarations, (*notes, *_notes(raw, reader.cursor)))


def _check_text(text: str) -> None:
    if not text.strip():
        raise SyntaxMistake("the expression is empty", marks=[Mark(Span(0, len(text)))])
    if len(text) > MAX_CHARACTERS:
        marks = [Mark(Span(MAX_CHARACTERS, len(text)))]
        raise SyntaxMistake(f"the expression is longer than {MAX_CHARACTERS} characters", marks=marks)
    for i, character in enumerate(text):
        if not character.isprintable() and not character.isspace():
            marks = [Mark(Span(i, i + 1), focus=True)]
            raise SyntaxMistake(f"control character U+{ord(character):04X} in the expression", marks=marks)


def _read_tree(tokens: list[Token], vocabulary: Vocabulary, text: str) -> tuple[_Reader, Syntax]:
    """The tree; a ``||`` that cannot be read as the start of a norm is read as two bars."""
    first: SyntaxMistake | None = None
    for _ in range(_MAX_NORMS_SPLIT):
        reader = _Reader(list(tokens), vocabulary, text)
        try:
            return reader, reader.whole()
        except SyntaxMistake as mistake:
            if first is None:
                explain_bars(mistake, reader.cursor)
                first = mistake
        split = without_norm(tokens, reader.cursor.opened)
        if split is None:
            break
        tokens = split
    assert first is not None
    raise first


def _notes(raw: list[Token], cursor: Cursor) -> tuple[str, ...]:
    """Remarks on how the notation was understood."""
    notes = list(cursor.notes)
    stars = any(t.kind == "op" and t.text == "*" for t in raw)
    if cursor.numpy:
        notes.append(NUMPY_NOTE)
    elif stars and any(t.kind == "mark" and t.text == ".T" for t in raw):
        notes.append(TRANSPOSE_STAR_NOTE)
    if "T" in cursor.vocabulary.names and any(t.kind == "mark" and t.text == "T" for t in raw):
        notes.append(T_NOTE)
    return tuple(dict.fromkeys(notes))


class _Waiting(NamedTuple):
    """An operator whose right operand is still being read; a sign has no left one."""

    precedence: int
    operator: str
    token: Token
    left: Syntax | None
    slash: bool = False
    """Whether the operator is a slash before something whose end cannot be seen."""


class _Reader:
    """Reads the tokens into a tree."""

    def __init__(self, tokens: list[Token], vocabulary: Vocabulary, text: str) -> None:
        self.cursor = Cursor(tokens, vocabulary, text, any(map(is_numpy, tokens)))
        self.operators = _NUMPY if self.cursor.numpy else _PLAIN

    def whole(self) -> Syntax:
        tree = self.expression()
        if self.cursor.here.kind != "end":
            raise leftover(self.cursor)
        return tree

    def expression(self) -> Syntax:
        """Everything up to a closing bracket, a closing bar, a comma or the end."""
        cursor = self.cursor
        waiting: list[_Waiting] = []
        while True:
            self.signs(waiting)
            node = self.factor()
            operator = self.infix()
            precedence = PRECEDENCE[operator] if operator else 0
            slash = False
            while waiting and waiting[-1].precedence >= precedence:
                node, slash = self.combine(waiting[-1], node), waiting.pop().slash
            if operator is None:
                return node
            if operator == "juxt" and slash and not self.halves(node):
                raise ambiguous_slash(self, node)
            if operator == "juxt":
                refuse_glued_number(cursor, node)
            token = cursor.here if operator == "juxt" else cursor.take()
            cursor.count(token)
            slash = operator in ("/", "./") and (cursor.here.kind not in DELIMITED or is_long_product(node))
            waiting.append(_Waiting(precedence, operator, token, node, slash))

    def halves(self, node: Syntax) -> bool:
        """``λ/2 ‖w‖²``: a number under the slash and a space after it leave one reading."""
        divided = isinstance(node, Binary) and node.operator in ("/", "./") and isinstance(node.right, Number)
        return divided and self.cursor.here.span.start > node.span.end

    def signs(self, waiting: list[_Waiting]) -> None:
        """The minus signs before an operand; with the operator before them there are at most two."""
        cursor, start = self.cursor, self.cursor.at
        if not cursor.is_op("-"):
            return
        while cursor.is_op("-"):
            cursor.count(cursor.take())
        before = start - (start > 0 and cursor.tokens[start - 1].text == "-")
        if cursor.at - before > 2:
            raise cursor.mistake("three signs in a row", cursor.tokens[cursor.at - 1], cursor.tokens[before])
        precedence = max(PRECEDENCE["negate"], waiting[-1].precedence if waiting else 0)
        waiting.extend(_Waiting(precedence, "negate", minus, None) for minus in cursor.tokens[start : cursor.at])

    def combine(self, waiting: _Waiting, right: Syntax) -> Syntax:
        _, operator, token, left, _ = waiting
        if left is None:
            return Negate(right, token.span.to(right.span))
        if operator == "@":
            return matmul(left, right, token.span)
        place = Span(left.span.end, right.span.start) if operator == "juxt" else token.span
        if operator == "juxt" and isinstance(left, Number) and isinstance(right, Number):
            raise self.cursor.mistake("two numbers side by side", token, notes=["write * between them"])
        return Binary(self.operators[operator], left, right, place, left.span.to(right.span))

    def infix(self) -> str | None:
        """The binary operator that comes next, "juxt" before a factor, None at the end of the expression."""
        token = self.cursor.here
        if token.kind == "op":
            return token.text if token.text in PRECEDENCE else None
        if token.kind == "bar":
            return None if closes(self.cursor) else "juxt"
        return "juxt" if token.kind in FACTOR_STARTS else None

    def product(self) -> str | None:
        """The operator of a product that comes next, if one does."""
        operator = self.infix()
        return operator if operator and PRECEDENCE[operator] >= PRECEDENCE["·"] else None

    def factor(self) -> Syntax:
        """An atom with its transposes, powers and methods, left to right."""
        cursor, node = self.cursor, self.atom()
        while True:
            token = cursor.here
            if token.kind == "mark":
                cursor.count(cursor.take())
                node = Transpose(node, node.span.to(token.span))
            elif token.kind == "op" and token.text in POWERS:
                node = read_power(self, node)
            elif token.kind == "method":
                node = read_method(self, node)
            elif token.kind == "sub":
                node = read_subscript(cursor, node)
            elif token.kind == "dagger":
                node = pseudo_inverse(cursor, node, cursor.take().span)
            else:
                return node

    def atom(self) -> Syntax:
        """One operand."""
        token = self.cursor.here
        if token.kind == "number":
            return read_number(self.cursor)
        if token.kind == "eye":
            return read_eye(self.cursor)
        read = _NESTED.get(token.kind)
        if read is None or (token.kind == "bar" and token.text[-1] == "r"):
            raise no_operand(self.cursor)
        return read(self)
