"""The cheat sheet as a Typst document, which is also what the PDF is made from."""

from __future__ import annotations

from collections.abc import Iterator

from mccli.render.sheet.lengths import longest_term
from mccli.render.sheet.model import (
    GROUP_TITLES,
    LAYOUT,
    RESULT_HEADS,
    TITLE,
    Dims,
    Entry,
    FamilySheet,
    Formula,
    Group,
    Sheet,
)
from mccli.render.sheet.spelling import Spelling, math_dims
from mccli.render.typst import typst

BREAKS = 18
"""A term of more letters than this is made smaller if it is wider than its column."""

PREAMBLE = """\
#set document(title: "Matrix calculus", date: none)
#set page(paper: "a4", margin: (x: 12mm, top: 12mm, bottom: 14mm), numbering: "1")
#set text(size: 9pt, lang: "en")
#set par(leading: 0.5em)
#set table(
  columns: (46mm, 41mm, 1fr, 15mm, 28mm),
  inset: (x: 1.2mm, y: 1.3mm),
  align: left + horizon,
  stroke: (_, y) => if y < 2 { (top: 0.6pt) } else { (top: 0.2pt + gray) },
)
#show table.cell.where(y: 0): set text(size: 8pt, weight: "bold")
#show heading.where(level: 1): set text(size: 13pt)
#show heading.where(level: 2): set text(size: 10pt)
// a formula that cannot be broken is made smaller where it is wider than its column
#let fit(it) = box(layout(room => {
  let wide = measure(it).width
  if wide <= room.width { it } else if wide < 1.5 * room.width {
    scale(it, 100% * (room.width / wide), reflow: true, origin: left)
  } else { text(size: 0.8em, it) }
}))
#let entry(it) = text(size: 6.8pt, raw(it))
#let given(it) = text(size: 8pt, it)
"""


def document(sheet: Sheet) -> str:
    """The whole document."""
    spell = TypstSpelling()
    lines = [
        PREAMBLE,
        f'#text(size: 19pt, weight: "bold")[{TITLE}]',
        "",
        spell.words(f"{sheet.told}. {LAYOUT}"),
    ]
    for family in sheet.families:
        lines += ["", *_family(family, spell)]
    return "\n".join(lines) + "\n"


def quoted(words: str) -> str:
    """Words as a string of Typst code."""
    return '"' + words.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _family(family: FamilySheet, spell: TypstSpelling) -> Iterator[str]:
    yield f"= {spell.words(family.title)}"
    yield spell.words(family.about)
    for group in family.groups:
        if len(family.groups) > 1:
            yield f"== {GROUP_TITLES[group.kind]}"
        yield from _table(group, spell)


def _table(group: Group, spell: TypstSpelling) -> Iterator[str]:
    heads = ", ".join(f"[{head}]" for head in ("function", "with", RESULT_HEADS[group.kind], "shape", "id"))
    yield "#table("
    yield f"  table.header({heads}),"
    yield from (_row(entry, spell) for entry in group.entries)
    yield ")"


def _row(entry: Entry, spell: TypstSpelling) -> str:
    cells = (
        f"[{spell.formula(entry.expression)}]",
        f"given[{spell.listed(entry.with_)}]",
        f"[{spell.formula(entry.result)}]",
        f"given[{spell.dims(entry.shape)}]",
        f"entry({quoted(entry.id)})",
    )
    return f"  {', '.join(cells)},"


class TypstSpelling(Spelling):
    """Spells the parts of a sheet as Typst markup."""

    def formula(self, formula: Formula) -> str:
        source = typst(formula.node)
        if formula.conjugate:
            source = source.replace("^top", "^upright(H)").replace("- top", "- upright(H)")
        return f"#fit(${source}$)" if longest_term(formula) > BREAKS else f"${source}$"

    def item(self, shown: str) -> str:
        return f"#box[{shown}]"

    def words(self, words: str) -> str:
        return f"#{quoted(words)}"

    def code(self, text: str) -> str:
        return f"#raw({quoted(text)})"

    def dims(self, dims: Dims) -> str:
        return f"${math_dims(dims, 'times')}$" if dims.sizes else "scalar"
