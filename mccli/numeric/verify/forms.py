"""Shapes of arguments as options and annotations give them, and numbers for their letters."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from mccli.errors import UsageError

POOL = (4, 3, 5, 6, 7, 2, 8, 9, 10, 11, 12, 13)
"""Sizes for letters: all different, so that nothing fits by accident."""

MOST_ENTRIES = 200_000_000
SCALAR_WORDS = frozenset({"scalar", "number", "float", "()"})
SIZE = re.compile(r"(\d+)|([^\W\d]\w*)|(?:(\d+)\s*\*\s*)?([^\W\d]\w*)\s*([+-]\s*\d+)?")


@dataclass(frozen=True)
class Form:
    """The sizes of an argument as words (numbers, letters, ``n+1``, ``2*n``); none for a number."""

    sizes: tuple[str, ...]
    integer: bool = False

    def __str__(self) -> str:
        return ",".join(self.sizes) or "scalar"


def read_shapes(texts: Iterable[str]) -> dict[str, Form]:
    """The ``--shape`` options. UsageError if one cannot be read."""
    return dict(_shape(item) for text in texts for item in text.split(";") if item.strip())


def _shape(item: str) -> tuple[str, Form]:
    name, colon, words = item.partition(":")
    words = re.sub(r"(?<=\d)\s*[x×]\s*(?=\d)", ",", words)
    sizes = tuple(w.strip() for w in words.split(","))
    name = name.strip()
    if not colon or not name or not all(sizes):
        raise UsageError(f"--shape {item.strip()} cannot be read", notes=["write X:3,4 or x:n or a:scalar"])
    if len(sizes) == 1 and sizes[0].lower() in SCALAR_WORDS:
        return name, Form(())
    if len(sizes) == 1 and sizes[0].lower() in ("vector", "matrix"):
        count = 1 if sizes[0].lower() == "vector" else 2
        return name, Form(tuple(f"{name}{i + 1}" for i in range(count)))
    bad = [w for w in sizes if not SIZE.fullmatch(w)]
    if bad:
        raise UsageError(
            f"--shape {item.strip()}: {bad[0]!r} is no size", notes=["sizes are numbers or letters: X:3,4 or x:n"]
        )
    return name, Form(sizes)


def letters_of(form: Form) -> Iterator[str]:
    """The letters in the sizes of a form."""
    for word in form.sizes:
        yield from re.findall(r"[^\W\d]\w*", word)


def bind(form: Form, shape: tuple[int, ...], numbers: dict[str, int]) -> None:
    """Take the numbers of plain letters from an array that is known."""
    if len(form.sizes) == len(shape):
        for word, size in zip(form.sizes, shape, strict=True):
            if word.isidentifier():
                numbers.setdefault(word, size)


def number_letters(forms: Iterable[Form], numbers: dict[str, int], taken: Iterable[int] = ()) -> None:
    """Different numbers for the letters that have none."""
    forms = list(forms)
    literal = {int(w) for form in forms for w in form.sizes if w.isdigit()}
    used = {*taken, *numbers.values(), *literal}
    free = iter([n for n in POOL if n not in used] + list(range(14, 80)))
    for form in forms:
        for letter in letters_of(form):
            if letter not in numbers:
                numbers[letter] = next(free)


def shape_of(form: Form, numbers: Mapping[str, int]) -> tuple[int, ...]:
    """The shape in numbers."""
    shape = tuple(_size(word, numbers) for word in form.sizes)
    count = 1
    for size in shape:
        count *= size
    if count > MOST_ENTRIES or min(shape, default=1) < 0:
        raise UsageError(f"an array of shape {shape} cannot be drawn", notes=[f"at most {MOST_ENTRIES:_} entries"])
    return shape


def _size(word: str, numbers: Mapping[str, int]) -> int:
    if word.isdigit():
        return int(word)
    found = SIZE.fullmatch(word)
    if found is None:
        raise UsageError(f"{word!r} is no size")
    if found[2]:
        return numbers[found[2]]
    change = int(found[5].replace(" ", "")) if found[5] else 0
    return int(found[3] or 1) * numbers[found[4]] + change
