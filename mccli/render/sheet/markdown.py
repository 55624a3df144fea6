"""The cheat sheet as Markdown for GitHub: a table for every family, formulas between dollar signs."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mccli.render.latex import latex
from mccli.render.sheet.model import GROUP_TITLES, LAYOUT, RESULT_HEADS, TITLE, Dims, Entry, FamilySheet, Formula, Sheet
from mccli.render.sheet.spelling import Spelling, math_dims

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~$])")
_PLAIN_COMMANDS = {
    r"\|": r"\Vert ", "|": r"\vert ", r"\\": r"\cr ", r"\,": r"\thinspace ", r"\;": r"\thickspace ",
    r"\!": r"\negthinspace ", r"\{": r"\lbrace ", r"\}": r"\rbrace ", "<": r"\lt ", ">": r"\gt ",
}  # fmt: skip
"""Spellings without signs that Markdown would take for its own, inside of tables above all."""
_RISKY = re.compile("|".join(re.escape(sign) for sign in _PLAIN_COMMANDS))


def document(sheet: Sheet) -> str:
    """The whole sheet."""
    lines = [f"# {TITLE}", "", f"{escaped(sheet.told)}. {escaped(LAYOUT)}"]
    for family in sheet.families:
        lines += ["", *_family(family)]
    return "\n".join(lines) + "\n"


def escaped(words: str) -> str:
    """Words in which nothing is markup."""
    return _SPECIAL.sub(r"\\\1", words)


def _family(family: FamilySheet) -> Iterator[str]:
    yield from (f"## {escaped(family.title)}", "", escaped(family.about))
    for group in family.groups:
        if len(family.groups) > 1:
            yield from ("", f"### {GROUP_TITLES[group.kind]}")
        yield from ("", f"| function | with | {RESULT_HEADS[group.kind]} | shape | id |", "|---|---|---|---|---|")
        yield from map(_row, group.entries)


def _row(entry: Entry) -> str:
    spell = MarkdownSpelling()
    cells = (
        spell.formula(entry.expression),
        spell.listed(entry.with_),
        spell.formula(entry.result),
        spell.dims(entry.shape),
        f"{escaped(entry.name)} `{entry.id}`",
    )
    return f"| {' | '.join(cells)} |"


class MarkdownSpelling(Spelling):
    """Spells the parts of a sheet as Markdown."""

    def formula(self, formula: Formula) -> str:
        source = latex(formula.node)
        return self.math(source.replace(r"\top", r"\mathsf{H}") if formula.conjugate else source)

    def math(self, source: str) -> str:
        """LaTeX between dollar signs."""
        return f"${_RISKY.sub(lambda found: _PLAIN_COMMANDS[found[0]], source).strip()}$"

    def words(self, words: str) -> str:
        return escaped(words)

    def code(self, text: str) -> str:
        return "`" + text.replace("|", r"\|") + "`"

    def dims(self, dims: Dims) -> str:
        return self.math(math_dims(dims, r"\times")) if dims.sizes else "scalar"
