"""The templates of the records: every one is understood, and what is not understood is refused."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields

import pytest

from mccli.expressions.operation import Operation
from mccli.expressions.operations import OPERATIONS
from mccli.render.template import (
    APPLY,
    THIN,
    TIMES,
    Accent,
    Fence,
    Glyph,
    Hole,
    Mark,
    Row,
    Script,
    Sign,
    UnknownNotationError,
    Word,
    marks_of,
)

X = Hole("x")


@pytest.mark.parametrize("record", OPERATIONS.values(), ids=list(OPERATIONS))
def test_every_template_is_understood(record: Operation) -> None:
    found = [mark.name for mark in _walk(marks_of(record.latex)) if isinstance(mark, Hole)]
    assert sorted(found) == sorted(re.findall(r"#(\w+)", record.latex))
    assert set(found) == {*record.parameters, *record.size_parameters}


def _walk(mark: Mark) -> Iterator[Mark]:
    yield mark
    parts = [getattr(mark, field.name) for field in fields(mark)]
    while parts:
        part = parts.pop()
        if isinstance(part, tuple):
            parts += part
        elif isinstance(part, Mark):
            yield from _walk(part)


@pytest.mark.parametrize(
    "template",
    [
        r"\overbrace{#x}",
        r"\operatorname{\foo}(#x)",
        r"\begin{cases} #x \end{cases}",
        r"\lvert #x",
        "(#x",
        "#x)",
        "#x^2^3",
        "#x^",
        "#x ~ 2",
        r"\frac{#x}",
        "@#x",
    ],
)
def test_what_is_not_understood_is_refused(template: str) -> None:
    with pytest.raises(UnknownNotationError):
        marks_of(template)


@pytest.mark.parametrize(
    ("template", "between"),
    [
        (r"\log\det #x", [APPLY, APPLY]),
        ("#f[#w]", [APPLY]),
        ("#k!", ["!"]),
        (r"\operatorname{f}_{2} #x", [APPLY]),
        (r"\lambda_{k}(#x)", [APPLY]),
        (r"\nabla^2 f(#x)", [APPLY]),
        (r"\phi''(#x)", [APPLY]),
        (r"\mathbf{1}^{\top} #x", [TIMES]),
        (r"#x\,\mathbf{1}", [TIMES, THIN]),
        (r"#x \otimes #y", ["⊗"]),
        ("m n + n^2/2", [TIMES, "+", "/"]),
        (r"\mathrm{d}X", []),
        (r"\sum_{r=0}^{k} #x", []),
    ],
)
def test_what_stands_between_two_marks(template: str, between: list[str]) -> None:
    row = marks_of(template)
    assert isinstance(row, Row)
    assert [mark.text for mark in row.marks if isinstance(mark, Sign)] == between


def test_marks_nest() -> None:
    norm = Script(Fence("‖", X), below=Script(Word("italic", "S"), below=Hole("p")))
    assert marks_of(r"\lVert #x \rVert_{S_{#p}}") == norm
    assert marks_of(r"\hat{y}_{1}") == Script(Accent("hat", Word("italic", "y")), below=Word("number", "1"))
    assert marks_of(r"#x^{-\top}") == Script(X, above=Row((Sign("−"), Glyph("⊤"))))
    assert marks_of(r"\phi_{1}'") == marks_of(r"\phi'_{1}")


def test_letters_with_an_index_and_words_are_names() -> None:
    assert marks_of("n1") == marks_of("n_1")
    assert marks_of("batch") == Word("italic", "batch")
    assert marks_of(r"\mathit{\lambda x}") == Word("italic", "λx")
