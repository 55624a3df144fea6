"""Markdown, LaTeX, Typst, PDF and JSON: every record once, and documents that compile."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from sheets import everything, ids

from mccli.errors import UsageError
from mccli.identities.record import Record
from mccli.render.sheet import json_document, markdown, pdf, tex, typst
from mccli.render.sheet.model import Dims, Sheet
from mccli.render.sheet.spelling import plain_dims


def test_markdown_shows_every_record_once() -> None:
    found = Counter(re.findall(r"`([^`]+)` \|$", markdown.document(everything()), re.MULTILINE))
    assert found == Counter(ids())


def test_markdown_tables_have_equal_columns() -> None:
    rows = [line for line in markdown.document(everything()).splitlines() if line.startswith("|")]
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {6}
    assert {row.count("$") % 2 for row in rows} == {0}


def test_markdown_has_no_signs_in_formulas_that_markdown_takes() -> None:
    formulas = re.findall(r"\$([^$]+)\$", markdown.document(everything()))
    assert not [f for f in formulas if re.search(r"\\[^A-Za-z]|[|<>]|^\s|\s$", f)]


def test_latex_shows_every_record_once() -> None:
    found = re.findall(r"\\entry\{(.*)\} \\\\$", tex.document(everything()), re.MULTILINE)
    assert tuple(sorted(name.replace(r"\allowbreak ", "") for name in found)) == ids()


def test_typst_shows_every_record_once() -> None:
    assert tuple(sorted(re.findall(r'entry\("(.*)"\),$', typst.document(everything()), re.MULTILINE))) == ids()


def test_json_has_every_field_of_every_record() -> None:
    made = json.loads(json_document.document(everything()))
    assert (made["schema"], made["command"]) == (1, "sheet")
    records = [record for family in made["families"] for record in family["records"]]
    assert tuple(sorted(record["id"] for record in records)) == ids()
    fields = set(Record._fields) - {"places"}
    assert not [record["id"] for record in records if not fields <= set(record)]


def test_words_are_escaped() -> None:
    assert tex.escaped("50% of a_b & {c} ≥ #1 \\x") == r"50\% of a\_b \& \{c\} $\geq$ \#1 \textbackslash{}x"
    assert markdown.escaped("a|b *c* <d> `e`") == r"a\|b \*c\* \<d\> \`e\`"
    assert typst.quoted('say "\\hi"') == r'"say \"\\hi\""'


def test_shapes() -> None:
    assert [plain_dims(Dims(s)) for s in ((), ("n",), ("m", "n"))] == ["scalar", "n×1", "m×n"]
    assert plain_dims(Dims(("m*n", "n^2"))) == "mn×n²"
    assert plain_dims(Dims(("m*n", "n^2")), "x") == "m*nxn^2"


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed")
def test_latex_compiles_without_overfull_lines(tmp_path: Path) -> None:
    (tmp_path / "sheet.tex").write_text(tex.document(everything()), encoding="utf-8")
    words = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "sheet.tex"]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, errors="replace", timeout=120)
    assert done.returncode == 0, done.stdout[-2000:]
    widths = [float(width) for width in re.findall(r"Overfull \\hbox \(([\d.]+)pt", done.stdout)]
    assert not [width for width in widths if width > 10]


def test_the_pdf_is_a_pdf() -> None:
    pytest.importorskip("typst")
    assert pdf.document(everything()).startswith(b"%PDF-")


def test_without_the_wheel_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "typst", None)
    with pytest.raises(UsageError) as caught:
        pdf.document(Sheet((), "records", 0))
    assert caught.value.fix == 'pip install "mccli[pdf]"'
