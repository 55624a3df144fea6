"""The words of a card: conditions and sentences of a record in the user's own names.

A sentence is renamed as a whole or not at all. Where a name in it cannot be told from a word of the language, or has no
name of the user's, the sentence stays in the record's names, and says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from mccli.cli.terminal import Terminal
from mccli.errors import McError
from mccli.expressions.tree import Node, Product, Sum, Symbol
from mccli.identities.assumptions import Assumption, is_about_values
from mccli.identities.matched import Match
from mccli.language.elaborate import elaborate
from mccli.language.names import canonical_name
from mccli.render.text import text

OWN_NAMES = "(in the names of the record) "
RELATIONS = {"above": ">", "sizes": ">=", "set": "=", "nonzero": "!=", "nonzero entries": "!="}
_NAME = re.compile(r"[^\W\d_][^\W_]*")
_ENGLISH = frozenset({"a", "A", "I"})


class _Unclear(Exception):
    """A sentence that cannot be renamed as a whole."""


class Words(NamedTuple):
    """Writes the conditions and the sentences of a match."""

    match: Match
    terminal: Terminal

    def show(self, node: Node) -> str:
        """A formula in the notation of the terminal."""
        return text(node, ascii_only=self.terminal.ascii_only)

    # ------------------------------------------------------------------------------------------ conditions

    def needs(self) -> Iterator[str]:
        """What the result relies on, in the user's names; all that is assumed for a record in its own."""
        record = self.match.record
        for said, assumption in zip(record.assume, self.match.statement.assumptions, strict=True):
            idle = bool(self.match.symbols) and said in record.idle and is_about_values(assumption)
            if not idle and not self._is_set(assumption):
                yield self._condition(assumption)
        yield from map(self._signs, self.match.same_sizes)

    def _is_set(self, assumption: Assumption) -> bool:
        """Whether an assumption is about a symbol that has a value here (A = I)."""
        return canonical_name(assumption.subject) in {case.partition(" = ")[0] for case in self.match.set_to}

    def _condition(self, assumption: Assumption) -> str:
        kind, subject, value = assumption
        if kind == "generic":
            return subject
        if kind == "property":
            return f"{self._operand(subject)} {value}"
        if kind == "sizes":
            return self._signs(f"{self._size(subject)} >= {self._size(value)}")
        if kind == "between":
            low, high = value.split(",")
            return f"{low} < {self._formula(subject)} < {high}"
        if kind == "invertible":
            return f"{self._operand(subject)} invertible"
        entries = "all entries of " if kind == "nonzero entries" else ""
        right = "0" if kind.startswith("nonzero") else self._formula(value)
        return self._signs(f"{entries}{self._formula(subject)} {RELATIONS[kind]} {right}")

    def _signs(self, words: str) -> str:
        return words if self.terminal.ascii_only else words.replace("!=", "≠").replace(">=", "≥")

    def _size(self, letter: str) -> str:
        size = self.match.sizes.get(letter)
        return letter if size is None else str(size)

    def _formula(self, written: str) -> str:
        """A formula of a condition in the user's names; as it is written where it cannot be read."""
        try:
            return self.show(self._told(written))
        except McError:
            return written

    def _operand(self, written: str) -> str:
        """The same in brackets where it is more than a symbol."""
        try:
            node = self._told(written)
        except McError:
            return written
        return f"({self.show(node)})" if isinstance(node, Sum | Product) else self.show(node)

    def _told(self, written: str) -> Node:
        """A formula over the user's symbols; declared properties are left out, so that nothing is simplified away."""
        statement = self.match.statement
        node = elaborate(written, statement.prose_scope).expression
        bare = {n: Symbol(s.name, s.shape) if isinstance(s, Symbol) else s for n, s in self.match.symbols.items()}
        told = self.match._replace(symbols=bare)
        return told.told(node if self.keeps_names() else statement.full(node))

    # ------------------------------------------------------------------------------------------- sentences

    def keeps_names(self) -> bool:
        """Whether the record's local names can stand beside the user's symbols."""
        taken = {name for node in self.match.symbols.values() for name in node.symbols}
        taken |= {f"d{name}" for name in self.match.variables} if self.match.symbols else set()
        return not any(s.name in taken for s in self.match.statement.definitions)

    def sentence(self, words: str) -> str:
        """A sentence of the record in the user's names, or in the record's own with a remark that it is."""
        if not words:
            return ""
        try:
            return self.terminal.plain("".join(self._pieces(words)))
        except (McError, _Unclear):
            plain = self.terminal.plain(re.sub(r"`([^`]*)`", lambda found: self._own(found[1]), words))
            return f"{OWN_NAMES}{plain}" if self._renames() else plain

    def _pieces(self, words: str) -> Iterator[str]:
        for i, piece in enumerate(words.split("`")):
            if i % 2:
                yield self._inside(piece)
            else:
                yield _NAME.sub(self._renamed, piece) if self._renames() else piece

    def _inside(self, written: str) -> str:
        """A formula of a sentence in the user's names. _Unclear if a symbol of the record is left in it.

        One that cannot be read, which may be its point, is renamed letter by letter.
        """
        if any(self._is_set(Assumption("set", canonical_name(name))) for name in _NAME.findall(written)):
            raise _Unclear
        try:
            return self.show(self._told(written))
        except McError:
            plain = _NAME.sub(self._renamed_letter, written) if self._renames() else written
            return plain if self.terminal.ascii_only else plain.replace("*", " ")

    def _renames(self) -> bool:
        """Whether the user calls anything by another name than the record."""
        same = all(isinstance(node, Symbol) and node.name == name for name, node in self.match.symbols.items())
        letters = all(str(size) == letter for letter, size in self.match.sizes.items())
        functions = all(given == own for own, given in self.match.functions.items())
        return bool(self.match.symbols) and not (same and letters and functions and not self.match.set_to)

    def _renamed(self, found: re.Match[str]) -> str:
        """A word of a sentence: another name if it is one of the record's symbols. _Unclear if that is not clear."""
        name = self._renamed_letter(found)
        if found[0] in _ENGLISH and name != found[0]:
            raise _Unclear
        return name

    def _renamed_letter(self, found: re.Match[str]) -> str:
        """A name in a formula. _Unclear if the user has none for it."""
        word = canonical_name(found[0])
        known = self.match.statement.symbols
        name = word[1:] if word[:1] == "d" and word[1:] in self.match.record.variables else word
        if name not in known and name not in self.match.record.shapes:
            if word in self.match.sizes and str(self.match.sizes[word]) != word:
                raise _Unclear
            return self.match.functions.get(word, found[0])
        own = self.match.symbols.get(name)
        if not isinstance(own, Symbol):
            raise _Unclear
        return f"d{self.show(own)}" if name != word else self.show(own)

    def _own(self, written: str) -> str:
        """A formula in the record's names."""
        try:
            return self.show(elaborate(written, self.match.statement.prose_scope).expression)
        except McError:
            return written
