"""The HTML page: well-formed, complete, self-contained, with links that lead somewhere."""

from __future__ import annotations

import re
from functools import cache
from html.parser import HTMLParser
from itertools import pairwise
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import pytest
from sheets import everything, ids

from mccli.render.sheet import html
from mccli.render.sheet.model import Code, Sheet

XHTML = "{http://www.w3.org/1999/xhtml}"
MATHML = "{http://www.w3.org/1998/Math/MathML}"
VOID = {"meta", "input", "br", "wbr"}


@cache
def page() -> str:
    return html.document(everything())


@cache
def root() -> Element:
    return ElementTree.fromstring(page())


class Balance(HTMLParser):
    """Reads the page as HTML and notes tags that do not fit."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.wrong: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: object) -> None:  # noqa: ARG002
        if tag not in VOID and tag != "mspace":
            self.wrong.append(f"<{tag}/>")

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"</{tag}>")


def test_the_page_is_well_formed_html() -> None:
    reader = Balance()
    reader.feed(page())
    assert (reader.open, reader.wrong) == ([], [])


def test_every_record_is_there_once() -> None:
    assert tuple(sorted(str(body.get("id")) for body in root().iter(f"{XHTML}tbody"))) == ids()


def test_ids_are_unique_and_links_lead_to_them() -> None:
    names = [e.get("id") for e in root().iter() if e.get("id")]
    assert len(names) == len(set(names))
    targets = [str(a.get("href")) for a in root().iter(f"{XHTML}a")]
    assert not [t for t in targets if not t.startswith("#") or t[1:] not in names]
    for attribute in ("aria-labelledby", "for"):
        assert not [e for e in root().iter() if e.get(attribute) and e.get(attribute) not in names]


def test_nothing_is_loaded_from_elsewhere() -> None:
    own = {"http://www.w3.org/1999/xhtml", "http://www.w3.org/1998/Math/MathML"}
    assert set(re.findall(r"\w+://[^\s\"'<)]+", page())) <= own
    assert not re.search(r"\b(src|srcset|poster|data)=|url\(|@import|<link|<img|<iframe|fetch\(|XMLHttp", page())
    assert "default-src 'none'" in page()


def test_headings_are_in_order() -> None:
    levels = [int(e.tag[-1]) for e in root().iter() if re.fullmatch(rf"{XHTML}h[1-6]", str(e.tag))]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(b <= a + 1 for a, b in pairwise(levels))


def test_tables_have_headers_with_a_scope() -> None:
    assert {e.get("scope") for e in root().iter(f"{XHTML}th")} == {"col", "row"}
    assert root().get("lang") == "en"


def test_the_page_can_be_read_without_scripts() -> None:
    search = next(e for e in root().iter(f"{XHTML}div") if e.get("class") == "search")
    assert search.get("hidden") is not None
    hidden = [e for e in root().iter() if e.get("hidden") is not None]
    assert hidden == [search]


def test_each_record_has_formulas_and_what_stands_behind_them() -> None:
    for body in root().iter(f"{XHTML}tbody"):
        assert len(list(body.iter(f"{MATHML}math"))) >= 2, body.get("id")
        labels = [e.text for e in body.iter(f"{XHTML}dt")]
        assert {"Why", "Sources", "Typed"} <= set(labels), body.get("id")


def test_proofs_are_chains() -> None:
    proofs = {e.id: e.details.proof.forms for f in everything().families for e in f.entries if e.details}
    for body in root().iter(f"{XHTML}tbody"):
        steps = [e for e in body.iter(f"{XHTML}div") if e.get("class") == "step"]
        forms = proofs[str(body.get("id"))]
        assert len(forms) <= len(steps) <= len(forms) + 1
        assert all("=" in "".join(step.itertext()) for step in steps)


def test_formulas_in_sentences_are_typeset() -> None:
    parts = [
        p for f in everything().families for e in f.entries if e.details for p in (*e.details.why, *e.details.pitfall)
    ]
    typeset = sum(not isinstance(p, str) for p in parts)
    assert sum(isinstance(p, Code) for p in parts) < typeset / 10
    assert not [p for p in parts if isinstance(p, str) and "`" in p]


def test_words_are_escaped() -> None:
    family = everything().families[0]
    nasty = "<script>alert('x & y')</script>"
    made = html.document(Sheet((family._replace(title=nasty, about=nasty),), nasty, 1))
    assert "<script>alert" not in made
    ElementTree.fromstring(made)


@pytest.mark.parametrize("words", ["essential", "trace", "tr(a*x)", "gaussian"])
def test_the_words_to_search_through_have_names_words_and_expressions(words: str) -> None:
    texts = [str(body.get("data-words")) for body in root().iter(f"{XHTML}tbody")]
    hits = sum(words in text for text in texts)
    assert (0 < hits < len(texts)) == (words != "essential")


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours (WCAG 2)."""

    def light(colour: str) -> float:
        short = colour.lstrip("#")
        full = "".join(c * 2 for c in short) if len(short) == 3 else short
        parts = [int(full[i : i + 2], 16) / 255 for i in (0, 2, 4)]
        r, g, b = (p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
        return 0.2126 * r + 0.7152 * g + 0.0722 * b

    low, high = sorted((light(one), light(other)))
    return (high + 0.05) / (low + 0.05)


def test_colours_have_enough_contrast() -> None:
    themes = re.findall(r":root \{([^}]*--page[^}]*)\}", page())
    assert len(themes) == 3
    for theme in themes:
        colours = dict(re.findall(r"--(\w+): (#\w+)", theme))
        for ink in ("ink", "soft", "accent"):
            for paper in ("page", "band", "mark"):
                assert contrast(colours[ink], colours[paper]) >= 4.5, (ink, paper, theme)
