"""The command line as it was typed: shown, pointed at, and changed in one place."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from mccli.errors import Mark, Span, Typed

IN_DOUBLE_QUOTES = frozenset('"$`\\!')
"""Characters that a shell changes between double quotes."""


def quoted(word: str) -> str:
    """A word for a shell: plain if it can be, else in double quotes, which an expression with primes needs."""
    if word and shlex.quote(word) == word:
        return word
    return shlex.quote(word) if IN_DOUBLE_QUOTES & set(word) else f'"{word}"'


def program() -> str:
    """The name that mc was called by: ``mc`` may be another program on this machine."""
    called = os.path.basename(sys.argv[0]) if sys.argv else ""
    return called if called in ("mc", "mccli") else "mc"


def shown(words: Sequence[str]) -> str:
    """The command line as it can be pasted."""
    return " ".join((program(), *map(quoted, words)))


class Found(NamedTuple):
    """Where something stands in the words: the number of the word, and the range in it."""

    word: int
    span: Span


def places(words: Sequence[str], typed: Typed) -> Iterator[Found]:
    """Where a text stands: as the value of its option; else as a whole word, as the end of one, as a part of one."""
    if typed.option:
        yield from _values(words, typed)
        return
    for i, word in enumerate(words):
        if word.strip() == typed.text:
            start = word.index(typed.text)
            yield Found(i, Span(start, start + len(typed.text)))
    for i, word in enumerate(words):
        if typed.text and typed.text in word and word.strip() != typed.text:
            start = word.index(typed.text)
            yield Found(i, Span(start, start + len(typed.text)))


def _values(words: Sequence[str], typed: Typed) -> Iterator[Found]:
    """Values of an option that are, or contain, the text; ``--option=value`` is one word."""
    for i, word in enumerate(words):
        head = f"{typed.option}="
        if word.startswith(head) and typed.text in word[len(head) :]:
            start = word.index(typed.text, len(head))
        elif i and words[i - 1] == typed.option and typed.text in word:
            start = word.index(typed.text)
        else:
            continue
        yield Found(i, Span(start, start + len(typed.text)))


def replaced(words: Sequence[str], found: Found, text: str) -> list[str]:
    """The words with another text in a place."""
    word = words[found.word]
    changed = word[: found.span.start] + text + word[found.span.end :]
    return [*words[: found.word], changed, *words[found.word + 1 :]]


def pointed(words: Sequence[str], found: Found) -> tuple[str, Mark]:
    """The command line, and a mark on a place in it."""
    before = shown(words[: found.word]) + " "
    word, spelled = words[found.word], quoted(words[found.word])
    whole = len(word) == found.span.end - found.span.start or word not in spelled
    start = len(before) + (0 if whole else spelled.index(word) + found.span.start)
    end = len(before) + len(spelled) if whole else start + found.span.end - found.span.start
    return shown(words), Mark(Span(start, end), focus=True)
