"""Shapes in the words of a message."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from mccli.errors import Span
from mccli.expressions.sizes import ONE, SCALAR, Shape, shape_text

OPEN_SIZE = re.compile(r"\?\d+")
SPOKEN_WITH_A_VOWEL = "aefhilmnorsx8"
LETTERS_BEFORE, LETTERS_AFTER = re.compile("[A-Za-z]+$"), re.compile("[A-Za-z]*")
LONGEST_TOLD = 30
LONGEST_PRODUCT = 3
"""A product of more letters without a space between them may have been meant as a word."""


def with_article(shape: Shape) -> str:
    """``an m×n matrix``, ``a 3-vector``; sizes that are still open are not mentioned."""
    rows, columns = shape
    if shape == SCALAR:
        return "a scalar"
    if columns == ONE:
        return "a vector" if "?" in str(rows) else f"a {rows}-vector"
    if rows == ONE:
        return "a row" if "?" in str(columns) else f"a row of length {columns}"
    text = shape_text(shape)
    if "?" in text:
        return "a matrix"
    return f"{'an' if text[0] in SPOKEN_WITH_A_VOWEL else 'a'} {text} matrix"


def name_open_sizes(texts: Sequence[str], taken: Collection[str]) -> list[str]:
    """The texts with letters for the sizes that are still open: n if there is one, else m, n, p, ..."""
    found = list(dict.fromkeys(OPEN_SIZE.findall(" ".join(texts))))
    pool = [letter for letter in ("n" if len(found) == 1 else "mnpqkl") if letter not in taken]
    pool += [f"n{i}" for i in range(1, len(found) + 1)]
    letters = dict(zip(found, pool, strict=False))
    return [OPEN_SIZE.sub(lambda size: letters[size.group()], text) for text in texts]


def kind_note(name: str) -> list[str]:
    """How a symbol is made a matrix that was taken for a vector because of its lowercase letter."""
    if not (name[0].isascii() and name[0].islower()):
        return []
    return [f"lowercase letters are vectors; a matrix is declared: --shape {name}:n,n"]


def run_note(text: str, place: Span) -> list[str]:
    """That a word was read as a product of its letters, if the product at this place is inside one."""
    if place.start != place.end:
        return []
    before, after = LETTERS_BEFORE.search(text[: place.start]), LETTERS_AFTER.match(text, place.end)
    run = (before.group() if before else "") + (after.group() if after else "")
    told = run if len(run) <= LONGEST_TOLD else f"{run[:LONGEST_TOLD]}…"
    return [f"{told} is read as a product of single letters"] if len(run) > LONGEST_PRODUCT else []
