"""A cheat sheet for a terminal: one table for every family, wrapped so that nothing is cut; and records for a pipe."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mccli.cli.columns import Columns, wrapped_list
from mccli.cli.terminal import Terminal
from mccli.errors import to_ascii
from mccli.expressions.tree import Node
from mccli.render.sheet.model import GROUP_TITLES, LAYOUT, Dims, Entry, FamilySheet, Formula, Group, Sheet
from mccli.render.sheet.spelling import Spelling, plain_dims
from mccli.render.text import text

Styled = tuple[str, str]

HEADS = {"gradient": "∇f", "jacobian": "J", "hessian": "∇²f", "differential": "df"}
ASCII_HEADS = {"gradient": "grad f", "jacobian": "J", "hessian": "Hessian", "differential": "df"}
INDENT = 2


class TextSpelling(Spelling):
    """Spells the parts of a sheet in the letters of a terminal."""

    def __init__(self, *, ascii_only: bool) -> None:
        self.ascii_only = ascii_only

    def formula(self, formula: Formula) -> str:
        shown = text(formula.node, ascii_only=self.ascii_only)
        return shown.replace("ᵀ", "ᴴ") if formula.conjugate else shown

    def words(self, words: str) -> str:
        return to_ascii(words) if self.ascii_only else words

    def code(self, text: str) -> str:
        return self.words(text)

    def dims(self, dims: Dims) -> str:
        return plain_dims(dims, "x" if self.ascii_only else "×")


class SheetText:
    """Lays out a sheet for a terminal."""

    def __init__(self, sheet: Sheet, terminal: Terminal) -> None:
        self.sheet, self.terminal = sheet, terminal
        self.spelling = TextSpelling(ascii_only=terminal.ascii_only)

    def lines(self) -> Iterator[Styled]:
        """The whole sheet."""
        for family in self.sheet.families:
            yield from self.family(family)
            yield "", ""
        yield self.rule()
        for line in self.closing():
            yield from ((piece, "dim") for piece in self.filled(line))

    def rule(self) -> Styled:
        """A line across the page."""
        return ("-" if self.terminal.ascii_only else "─") * self.terminal.width, "dim"

    def family(self, family: FamilySheet) -> Iterator[Styled]:
        """The title of a family, the line about it, and its tables."""
        shown = len(family.entries)
        count = f"{shown}" if shown == family.total else f"{shown} of {family.total}"
        title = f"{self.plain(family.title).upper()}   {family.id}"
        room = self.terminal.width - len(title)
        if room > len(count):
            yield f"{title}{count:>{room}}", "strong"
        else:
            yield from ((line, "strong") for line in self.filled(f"{title} {count}"))
        yield from ((line, "") for line in self.filled(family.about))
        yield self.rule()
        for i, group in enumerate(family.groups):
            if len(family.groups) > 1:
                yield from [("", "")] if i else []
                yield GROUP_TITLES[group.kind], "strong"
            yield from self.table(group)

    def filled(self, words: str) -> tuple[str, ...]:
        """Words in lines."""
        return wrapped_list(self.plain(words), self.terminal.width, " ")

    def plain(self, words: str) -> str:
        """Words in the letters of the terminal."""
        return self.spelling.words(words)

    def table(self, group: Group) -> Iterator[Styled]:
        """The entries of a group in columns."""
        heads = ASCII_HEADS if self.terminal.ascii_only else HEADS
        names = ("f", "with", heads[group.kind], "shape", "id")
        rows = [self.cells(entry) for entry in group.entries]
        columns = Columns.fitted(names, rows, self.terminal.width - INDENT)
        yield from ((" " * INDENT + line, "dim") for line in columns.lines(names))
        for row in rows:
            yield from ((" " * INDENT + line, "") for line in columns.lines(row))

    def cells(self, entry: Entry) -> tuple[str, ...]:
        """The cells of an entry."""
        spell = self.spelling
        given = spell.listed(entry.short_with)
        return spell.formula(entry.expression), given, spell.formula(entry.result), spell.dims(entry.shape), entry.id

    def closing(self) -> Iterator[str]:
        """What is on the page, and where the rest is."""
        first = self.sheet.families[0].entries[0].id if self.sheet.shown else "trace-axb"
        more = "" if self.sheet.shown == self.sheet.total else " All: mc sheet --all."
        yield f"{self.sheet.told}.{more} Families: mc sheet --list"
        yield f"One of them: mc lookup {first}. As a file: --format md|tex|html|json|typ|pdf"
        yield f"The variable is x or X unless a row says by what. {LAYOUT}"


def pipe_lines(sheet: Sheet) -> Iterator[str]:
    """One record a line, TAB between fields, in the notation that mc reads."""
    for family in sheet.families:
        for entry in family.entries:
            yield "\t".join(pipe_fields(entry))


def pipe_fields(entry: Entry) -> Sequence[str]:
    """id, kind, expression, variable, result, shape, and what is assumed."""

    def typed(node: Node) -> str:
        return text(node, ascii_only=True)

    spell = TextSpelling(ascii_only=True)
    variables = ",".join(typed(v.node) for v in entry.variables)
    shape = ",".join(entry.shape.sizes) or "scalar"
    assumed = "; ".join(spell.prose(prose) for prose in entry.with_)
    return entry.id, entry.kind, typed(entry.expression.node), variables, typed(entry.result.node), shape, assumed
