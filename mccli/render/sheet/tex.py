r"""The cheat sheet as a LaTeX document for pdflatex: a ``longtable`` for every family."""

from __future__ import annotations

from collections.abc import Iterator

from mccli.render.latex import latex
from mccli.render.sheet.lengths import breakable_latex, longest_term
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

BREAKS = 18
"""A term of more letters than this is made smaller if it is wider than its column."""

PREAMBLE = r"""\documentclass[9pt,a4paper]{extarticle}
\usepackage[utf8]{inputenc}
\usepackage[T1]{fontenc}
\usepackage{lmodern}
\usepackage{amsmath,amssymb}
\usepackage{array,booktabs,longtable,graphicx}
\usepackage[a4paper,margin=12mm,bottom=16mm]{geometry}
\usepackage[hidelinks,pdftitle={Matrix calculus}]{hyperref}
\setlength{\parindent}{0pt}
\setlength{\tabcolsep}{1.5mm}
\setlength{\LTleft}{0pt}
\setlength{\LTpre}{3pt}
\setlength{\LTpost}{6pt}
\renewcommand{\arraystretch}{1.3}
\emergencystretch=2em
\relpenalty=0
\binoppenalty=0
\newcolumntype{L}[1]{>{\raggedright\arraybackslash}p{#1}}
% a formula that cannot be broken is made smaller where it is wider than its column
\newsavebox{\fitbox}
\newcommand{\fit}[1]{\sbox{\fitbox}{$#1$}%
  \ifdim\wd\fitbox>\linewidth\resizebox{\linewidth}{!}{\usebox{\fitbox}}\else\usebox{\fitbox}\fi}
% a heading goes to the next page where little room is left
\newcommand{\room}{\par\vskip 0pt plus 0.15\textheight\penalty-150\vskip 0pt plus -0.15\textheight\relax}
\newcommand{\entry}[1]{\texttt{\scriptsize #1}}
"""

WIDTHS = ("44mm", "40mm", "52mm", "13mm", "25mm")
_ESCAPES = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{", "}": r"\}",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "<": "$<$", ">": "$>$", "|": r"\textbar{}",
    "≠": r"$\neq$", "≥": r"$\geq$", "≤": r"$\leq$", "×": r"$\times$", "−": "$-$", "·": r"$\cdot$",
    "`": r"\textasciigrave{}",
}  # fmt: skip


def document(sheet: Sheet) -> str:
    """The whole document."""
    lines = [
        PREAMBLE + r"\begin{document}",
        rf"{{\LARGE\bfseries {TITLE}}}\par\smallskip",
        f"{escaped(sheet.told)}. {escaped(LAYOUT)}",
    ]
    for family in sheet.families:
        lines += ["", *_family(family)]
    return "\n".join([*lines, r"\end{document}", ""])


def escaped(words: str) -> str:
    """Words in which nothing is a command; letters that the fonts lack become a question mark."""
    return "".join(_ESCAPES.get(c, c if c.isascii() or (c.isalpha() and ord(c) < 0x180) else "?") for c in words)


def _family(family: FamilySheet) -> Iterator[str]:
    yield rf"\room\section*{{{escaped(family.title)}}}\addcontentsline{{toc}}{{section}}{{{escaped(family.title)}}}"
    yield escaped(family.about)
    for group in family.groups:
        if len(family.groups) > 1:
            yield rf"\subsection*{{{GROUP_TITLES[group.kind]}}}"
        yield from _table(group)


def _table(group: Group) -> Iterator[str]:
    heads = " & ".join(("function", "with", RESULT_HEADS[group.kind], "shape", "id"))
    yield r"\begin{longtable}{@{}" + "".join(f"L{{{width}}}" for width in WIDTHS) + "@{}}"
    yield rf"\toprule {heads} \\ \midrule \endhead"
    yield r"\bottomrule \endlastfoot"
    yield from map(_row, group.entries)
    yield r"\end{longtable}"


def _row(entry: Entry) -> str:
    spell = TexSpelling()
    cells = (
        spell.formula(entry.expression),
        spell.listed(entry.with_),
        spell.formula(entry.result),
        spell.dims(entry.shape),
        spell.id(entry.id),
    )
    return " & ".join(cells) + r" \\"


class TexSpelling(Spelling):
    """Spells the parts of a sheet as LaTeX."""

    def formula(self, formula: Formula) -> str:
        source = latex(formula.node)
        if formula.conjugate:
            source = source.replace(r"\top", r"\mathsf{H}")
        if longest_term(formula) > BREAKS and any(tall in source for tall in (r"\left", r"\frac", r"\begin")):
            return rf"\fit{{{source}}}"
        return f"${breakable_latex(source)}$"

    def item(self, shown: str) -> str:
        return rf"\mbox{{{shown}}}"

    def words(self, words: str) -> str:
        return escaped(words)

    def code(self, text: str) -> str:
        return rf"\texttt{{{escaped(text)}}}"

    def dims(self, dims: Dims) -> str:
        return f"${math_dims(dims, chr(92) + 'times')}$" if dims.sizes else "scalar"

    def id(self, name: str) -> str:
        """An id, which may end a line behind a hyphen."""
        return rf"\entry{{{escaped(name).replace('-', '-' + chr(92) + 'allowbreak ')}}}"
