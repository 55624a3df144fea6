"""The cheat sheet as one HTML page: readable without scripts, searchable with them, printable.

The page is also well-formed XML. It loads nothing from anywhere, and says so to the browser.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape
from importlib.resources import files

from mccli.render.sheet.details import details
from mccli.render.sheet.html_spelling import HtmlSpelling
from mccli.render.sheet.model import GROUP_TITLES, LAYOUT, RESULT_HEADS, TITLE, Entry, FamilySheet, Group, Sheet

POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
)
"""Nothing is loaded: only what stands in the page itself is used."""


def document(sheet: Sheet) -> str:
    """The whole page."""
    ids = frozenset(entry.id for family in sheet.families for entry in family.entries)
    body = "\n".join(
        [
            _header(sheet),
            _contents(sheet),
            "<main>",
            *(_family(f, ids) for f in sheet.families),
            "</main>",
            _footer(sheet),
        ]
    )
    return f"""<!DOCTYPE html>
<html xmlns="http://www.w3.org/1999/xhtml" lang="en" xml:lang="en">
<head>
<meta charset="utf-8"/>
<meta http-equiv="Content-Security-Policy" content="{POLICY}"/>
<meta name="viewport" content="width=device-width, initial-scale=1"/>
<meta name="color-scheme" content="light dark"/>
<title>{TITLE}: cheat sheet</title>
<style>
{_resource("sheet.css")}</style>
</head>
<body>
{body}
<script>
//<![CDATA[
{_resource("sheet.js")}//]]>
</script>
</body>
</html>
"""


def _resource(name: str) -> str:
    """A file beside this module."""
    return (files("mccli.render.sheet") / name).read_text(encoding="utf-8")


def _header(sheet: Sheet) -> str:
    return f"""<a class="skip" href="#contents">Skip to the contents</a>
<header>
<h1>{TITLE}</h1>
<p class="told">{escape(sheet.told)}. {escape(LAYOUT)}</p>
<div class="search" role="search" hidden="hidden">
<label for="search">Search</label>
<input id="search" type="search" autocomplete="off" spellcheck="false" placeholder="trace, tr(A*X), least squares"/>
<kbd aria-hidden="true">/</kbd>
<output id="hits" for="search" aria-live="polite"></output>
</div>
</header>"""


def _contents(sheet: Sheet) -> str:
    items = "\n".join(
        f'<li><a href="#family-{escape(f.id)}">{escape(f.title)}</a>&#160;<span>{len(f.entries)}</span></li>'
        for f in sheet.families
    )
    return f'<nav id="contents" aria-label="Contents">\n<h2>Contents</h2>\n<ul>\n{items}\n</ul>\n</nav>'


def _footer(sheet: Sheet) -> str:
    return (
        f"<footer><p>{escape(sheet.told)}. Every one was checked by machine: derived anew, and against differences. "
        "Made by <code>mc sheet</code>.</p></footer>"
    )


def _family(family: FamilySheet, ids: frozenset[str]) -> str:
    name = escape(family.id)
    several = len(family.groups) > 1
    return "\n".join(
        [
            f'<section id="family-{name}" aria-labelledby="title-{name}">',
            f'<h2 id="title-{name}">{escape(family.title)}</h2>',
            f"<p>{escape(family.about)}</p>",
            *(part for group in family.groups for part in _group(family, group, ids, headed=several)),
            "</section>",
        ]
    )


def _group(family: FamilySheet, group: Group, ids: frozenset[str], *, headed: bool) -> Iterator[str]:
    yield '<div class="group">'
    if headed:
        yield f"<h3>{GROUP_TITLES[group.kind]}</h3>"
    label = f"{family.title}: {GROUP_TITLES[group.kind].lower()}"
    yield f'<table role="table" aria-label="{escape(label)}">'
    heads = ("function", "with", RESULT_HEADS[group.kind], "shape")
    cells = "".join(f'<th scope="col" role="columnheader">{head}</th>' for head in heads)
    yield f'<thead role="rowgroup"><tr role="row">{cells}</tr></thead>'
    for entry in group.entries:
        yield from _rows(entry, ids, family.title)
    yield "</table>\n</div>"


def _rows(entry: Entry, ids: frozenset[str], family: str) -> Iterator[str]:
    """Two rows for an entry: its formulas, and its name with everything else behind it."""
    spell = HtmlSpelling()
    name = escape(entry.id)
    yield f'<tbody id="{name}" role="rowgroup" data-words="{escape(_searched(entry, family))}">'
    yield (
        '<tr role="row">'
        + "".join(
            [
                f'<th scope="row" role="rowheader"><div class="formula">{spell.formula(entry.expression)}</div></th>',
                _cell("with", f"<div>{spell.listed(entry.with_)}</div>", "with"),
                _cell("result", f'<div class="formula">{spell.formula(entry.result)}</div>', RESULT_HEADS[entry.kind]),
                _cell("shape", spell.dims(entry.shape), "shape"),
            ]
        )
        + "</tr>"
    )
    yield f'<tr class="more" role="row"><td colspan="4" role="cell">{details(entry, ids)}</td></tr>'
    yield "</tbody>"


def _cell(kind: str, content: str, label: str) -> str:
    return f'<td class="{kind}" role="cell" data-label="{label}">{content}</td>'


def _searched(entry: Entry, family: str) -> str:
    """What the search looks through."""
    more = entry.details
    expression = more.fields["expression"] if more else ""
    words: Iterable[str] = more.words if more else ()
    aliases = (f"{a.id} {a.name} {a.expression}" for a in more.aliases) if more else ()
    parts = (entry.id, entry.name, entry.kind, family, expression, expression.replace("*", " "), *words, *aliases)
    return " ".join(dict.fromkeys(" ".join(parts).casefold().split()))
