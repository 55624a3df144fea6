"""How a session's replies look: laid out for a person, or one record a line for a pipe."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from mccli.cli.derivation_text import DerivationText
from mccli.cli.terminal import Terminal
from mccli.expressions.sizes import Shape, shape_text
from mccli.language.elaborate import Elaborated
from mccli.render.text import text
from mccli.session.reply import Derived, Entry, Listing, Said, Solved, Steps, Value

if TYPE_CHECKING:
    from mccli.cli.solve_text import SolveText

Styled = tuple[str, str]
Shown = Said | Value | Derived | Solved | Steps | Listing


KEPT_FOR_WHY = frozenset({"shapes", "layout"})
"""Facts that are shown with the steps only: in a session they would be said again and again."""


class _BriefText(DerivationText):
    def formulas(self) -> Iterator[Styled]:
        """The function and its derivative."""
        yield from self._laid_out([self.value_line(), *self.result_lines()])


class ReplyText:
    """Lays out replies for a terminal."""

    def __init__(self, terminal: Terminal) -> None:
        self.terminal = terminal

    def lines(self, reply: Shown) -> Iterator[Styled]:
        """The lines of a reply with their styles."""
        match reply:
            case Said():
                yield from self._sentences(reply.sentences)
            case Value():
                yield from self._value(reply)
            case Derived():
                yield from self._derived(reply)
            case Solved():
                yield from self._solving(reply, steps=False).lines()
                yield from self._sentences(reply.notes, "dim")
                yield from self._sentences(reply.sentences)
            case Steps():
                yield from self._steps(reply)
            case Listing():
                yield from self._listing(reply.entries)

    def records(self, reply: Shown) -> Iterator[Sequence[str]]:
        """The records of a reply: a kind first, then what stands on the left, the formula, the shape, a remark."""
        match reply:
            case Said():
                yield from (("said", sentence) for sentence in reply.sentences)
            case Value():
                node = reply.read.expression
                yield "value", reply.label, self.show(reply.read), self.shape(node.shape)
                yield from (("note", note) for note in (*reply.notes, *reply.read.notes))
                yield from (("said", sentence) for sentence in reply.sentences)
            case Derived():
                yield from self._derivation(reply, steps=False)
                yield from (("note", note) for note in reply.notes)
                yield from (("said", sentence) for sentence in reply.sentences)
            case Solved():
                yield from self._solution(reply, steps=False)
                yield from (("note", note) for note in reply.notes)
                yield from (("said", sentence) for sentence in reply.sentences)
            case Steps(of=Solved() as solved):
                yield from self._solution(solved, steps=True)
            case Steps(of=Derived() as derived):
                yield from self._derivation(derived, steps=True)
            case Steps():
                yield from (("symbol", name, shown) for name, shown in self._symbols(reply.of.read))
                yield from (("part", part, shown) for part, shown in self._parts(reply.of.read))
            case Listing():
                yield from ((e.kind, e.name, e.meaning, e.shape) for e in reply.entries)

    def show(self, read: Elaborated) -> str:
        """An expression in the notation of the terminal."""
        return text(read.expression, ascii_only=self.terminal.ascii_only)

    def shape(self, shape: Shape) -> str:
        """A shape in the notation of the terminal."""
        return shape_text(shape, times="x" if self.terminal.ascii_only else "×")

    # -------------------------------------------------------------------------------------------- the kinds

    def _derivation(self, reply: Derived, *, steps: bool) -> Iterator[Sequence[str]]:
        for record in DerivationText(reply.result, self.terminal, steps=steps).records():
            yield record.split("\t")

    def _solving(self, reply: Solved, *, steps: bool) -> SolveText:
        from mccli.cli.solve_text import SolveText  # NumPy comes with it

        return SolveText(reply.result, self.terminal, steps=steps)

    def _solution(self, reply: Solved, *, steps: bool) -> Iterator[Sequence[str]]:
        for record in self._solving(reply, steps=steps).records():
            yield record.split("\t")

    def _sentences(self, sentences: Sequence[str], style: str = "") -> Iterator[Styled]:
        for sentence in sentences:
            words = self.terminal.plain(sentence)
            for i, row in enumerate(textwrap.wrap(words, self.terminal.width - 4, break_on_hyphens=False)):
                yield ("    " if i else "  ") + row, style

    def _value(self, reply: Value) -> Iterator[Styled]:
        yield from self._formula(reply.label, self.show(reply.read), self.shape(reply.read.expression.shape))
        inferred = [(n, s) for n, s in self._symbols(reply.read) if n not in reply.read.scope.shapes]
        if inferred and not (len(inferred) == 1 and inferred[0][0] == reply.read.text):
            yield from self._sentences([", ".join(f"{name} {shown}" for name, shown in inferred)], "dim")
        yield from self._sentences((*reply.notes, *reply.read.notes), "dim")
        yield from self._sentences(reply.sentences)

    def _formula(self, label: str, formula: str, shape: str) -> Iterator[Styled]:
        head = f"  {self.terminal.plain(label)} = ".replace("   =", "  =") if label else "  = "
        room = max(self.terminal.width - len(head) - len(shape) - 2, 20)
        rows = textwrap.wrap(formula, room, break_long_words=False, break_on_hyphens=False)
        yield f"{head + rows[0]:<{self.terminal.width - len(shape)}}{shape}", "strong"
        yield from ((" " * len(head) + row, "strong") for row in rows[1:])

    def _derived(self, reply: Derived) -> Iterator[Styled]:
        text = _BriefText(reply.result, self.terminal, steps=False)
        yield from text.formulas()
        for line in text.fact_lines():
            if line.kind not in KEPT_FOR_WHY:
                yield from self._sentences(
                    [f"{line.left}: {line.formula}"], "good" if line.kind == "checked" else "dim"
                )
        yield from self._sentences(reply.notes, "dim")
        yield from self._sentences(reply.sentences)

    def _steps(self, reply: Steps) -> Iterator[Styled]:
        if isinstance(reply.of, Derived):
            yield from DerivationText(reply.of.result, self.terminal, steps=True).lines()
            return
        if isinstance(reply.of, Solved):
            yield from self._solving(reply.of, steps=True).lines()
            return
        rows = [*self._symbols(reply.of.read), *self._parts(reply.of.read)]
        room = self.terminal.width - 4 - max((len(shown) for _, shown in rows), default=0)
        for name, shown in rows:
            cut = name if len(name) <= room else name[: room - 3] + "..."
            yield f"  {cut:<{room}}{shown}", ""

    def _symbols(self, read: Elaborated) -> list[tuple[str, str]]:
        return [(self.terminal.plain(n), self.shape(s.shape)) for n, s in read.symbols.items()]

    def _parts(self, read: Elaborated) -> list[tuple[str, str]]:
        """The subexpressions, the symbols left out."""
        parts = [s for s in read.subexpressions if s.text not in read.symbols]
        return [(self.terminal.plain(s.text), self.shape(s.shape)) for s in parts]

    def _listing(self, entries: Sequence[Entry]) -> Iterator[Styled]:
        if not entries:
            yield "  nothing is declared or defined yet; help shows how", "dim"
        width = max((len(self.terminal.plain(e.name)) for e in entries), default=0)
        for entry in entries:
            sign = ":" if entry.kind == "declared" else "="
            meaning = entry.meaning if entry.kind != "function" else entry.meaning.partition("=")[2].strip()
            if entry.kind == "function" and not meaning:
                sign, meaning = ":", entry.meaning.rpartition(":")[2].strip()
            name = self.terminal.plain(entry.name)
            shape = self.terminal.plain(entry.shape)
            head = f"  {name:<{width}} {sign} {self.terminal.plain(meaning)}"
            gap = max(self.terminal.width - len(shape) - len(head), 3)
            yield head + (" " * gap + shape if shape else ""), "dim" if entry.kind == "last result" else ""
