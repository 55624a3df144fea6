"""The place in the tokens: looking ahead, moving on, counting against the limits, pointing at tokens.

Every notation has a module of its own with functions that read it. They are given the :class:`Grammar` that
they are part of, or only its :class:`Cursor` if nothing inside the notation is an expression again.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol

from mccli.errors import Mark, Span, SyntaxMistake
from mccli.language.names import Vocabulary
from mccli.language.syntax import Call, Syntax
from mccli.language.tokens import Token

MAX_OPERATORS = 800
MAX_DEPTH = 100

FACTOR_STARTS = {"number", "ones", "name", "eye", "function", "numpy", "frac", "open"}
"""The kinds of token, besides an opening bar, that start a factor."""
DELIMITED = {"open", "bar", "function", "numpy", "frac"}
"""The kinds of token that start a factor whose end can be seen."""


class Cursor:
    """The tokens of one expression and the place that reading has reached."""

    def __init__(self, tokens: list[Token], vocabulary: Vocabulary, text: str, numpy: bool) -> None:
        self.tokens, self.vocabulary, self.text, self.numpy = tokens, vocabulary, text, numpy
        self.at = 0
        self.opened: list[Token] = []
        self.operators = 0
        self.depth = 0
        self.notes: list[str] = []

    @property
    def here(self) -> Token:
        return self.tokens[self.at]

    def is_op(self, *operators: str) -> bool:
        token = self.tokens[self.at]
        return token.kind == "op" and token.text in operators

    def ahead(self, *kinds: str) -> bool:
        """Whether the kinds (of an operator, the text) of the next tokens are these."""
        tokens = self.tokens[self.at : self.at + len(kinds)]
        return [t.text if t.kind == "op" else t.kind for t in tokens] == list(kinds)

    def take(self) -> Token:
        token = self.tokens[self.at]
        self.at += token.kind != "end"
        return token

    def slice(self, span: Span) -> str:
        return self.text[span.start : span.end]

    def count(self, place: Token) -> None:
        """Count one more operator."""
        self.operators += 1
        if self.operators > MAX_OPERATORS:
            raise self.mistake(f"more than {MAX_OPERATORS} operators in one expression", place)

    def deeper(self, place: Token) -> None:
        """Count one more level of nesting; who calls this takes it back with ``depth``."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.mistake("the expression is nested too deeply", place)

    def enter(self) -> Token:
        """Take an opening bracket or bar."""
        opener = self.take()
        self.deeper(opener)
        self.opened.append(opener)
        return opener

    def leave(self) -> Token:
        """Take the closing bracket or bar."""
        self.opened.pop()
        self.depth -= 1
        return self.take()

    def canonical(self, function: str) -> str:
        """The name under which the vocabulary knows a function, if it does."""
        return self.vocabulary.functions.get(function, function)

    def call(self, function: str, name: Span, rest: Span, *arguments: Syntax) -> Call:
        return Call(self.canonical(function), arguments, name, name.to(rest))

    def mistake(self, said: str, *places: Token, notes: Collection[str] = (), fix: str | None = None) -> SyntaxMistake:
        """A mistake that points at tokens, first of all at the first."""
        marks = [Mark(token.span, focus=i == 0) for i, token in enumerate(places)]
        return SyntaxMistake(said, marks=marks, notes=notes, fix=fix)


class Grammar(Protocol):
    """What the reader of one notation asks for when something else is nested in it."""

    cursor: Cursor

    def expression(self) -> Syntax:
        """Read everything up to a closing bracket, a closing bar, a comma or the end."""

    def factor(self) -> Syntax:
        """Read an atom with its transposes, powers and methods."""

    def atom(self) -> Syntax:
        """Read one operand."""

    def product(self) -> str | None:
        """The operator of a product that comes next: its text, "juxt" before a factor, None if there is none."""
