"""Words with mistakes in them: the known word that was meant.

The known words stand in the index by first letter and length, so that a mistake costs a look at a few of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mccli.identities.catalogue import Catalogue

SHORTEST_MENDED = 4
"""Shorter words are taken as they are: too many others are one letter away."""
SHORTEST_PART = 3
LONG = 7
"""From this length on two letters may be wrong, and one letter wrong is nearer than a completion."""
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def bucket(word: str) -> str:
    """The key of the line of the index that has a word."""
    return f"vocabulary {word[0]}{len(word)}"


def vocabulary_lines(words: Iterable[str]) -> Iterator[tuple[str, str]]:
    """The lines of the index for all words, by first letter and length."""
    lines: dict[str, list[str]] = {}
    for word in sorted(words):
        lines.setdefault(bucket(word), []).append(word)
    yield from ((key, " ".join(found)) for key, found in lines.items())


class Vocabulary:
    """The words that an index knows."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue

    def knows(self, word: str) -> bool:
        """Whether some record has a word."""
        return f" {word} " in f" {self._bucket(word[0], len(word))} "

    def parts(self, word: str) -> tuple[str, str] | None:
        """Two known words that were written as one."""
        cuts = range(len(word) - SHORTEST_PART, SHORTEST_PART - 1, -1)
        pairs = ((word[:cut], word[cut:]) for cut in cuts)
        return next((pair for pair in pairs if all(map(self.knows, pair))), None)

    def nearest(self, word: str) -> str | None:
        """The known word that was probably meant: the first letter is most often right."""
        if len(word) < SHORTEST_MENDED:
            return None
        return nearest_word(word, self._like(word)) or next(filter(self.knows, _other_beginnings(word)), None)

    def _like(self, word: str) -> list[str]:
        """The known words with the same first letter that begin with it, or are about as long."""
        near = " ".join(self._bucket(word[0], n) for n in range(max(1, len(word) - 2), len(word) + 3)).split()
        longer = (f" {self._bucket(word[0], n)}" for n in range(len(word) + 3, 2 * len(word) + 3))
        return near + [found for line in longer if f" {word}" in line for found in line.split()]

    def _bucket(self, initial: str, length: int) -> str:
        return str(self.catalogue.line(f"vocabulary {initial}{length}") or "")


def _other_beginnings(word: str) -> Iterator[str]:
    """Words that differ at the beginning: two letters swapped, one dropped, changed or put in."""
    yield word[1] + word[0] + word[2:]
    yield word[1:]
    yield from (letter + word[1:] for letter in LETTERS)
    yield from (letter + word for letter in LETTERS)


def nearest_word(word: str, known: list[str]) -> str | None:
    """The known word that was probably meant: a completion, or one with few letters wrong."""
    if len(word) < SHORTEST_MENDED:
        return None
    completions = [k for k in known if k.startswith(word)]
    if completions:
        nearly = [k for k in known if len(word) >= LONG and 0 <= len(k) - len(word) <= 1 and _distance(word, k, 1) == 1]
        return min(nearly or completions, key=len)
    most = 1 if len(word) < LONG else 2
    letters = set(word)
    best: tuple[int, str] | None = None
    for other in known:
        if abs(len(other) - len(word)) > most or len(letters.difference(other)) > most:
            continue
        wrong = _distance(word, other, most)
        if wrong <= most and (best is None or (wrong, other) < best):
            best = (wrong, other)
    return best[1] if best else None


def _distance(a: str, b: str, most: int) -> int:
    """Letters to insert, drop, change or swap (Damerau 1964, optimal string alignment); more than ``most`` is cut."""
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        new = [i]
        for j, y in enumerate(b, 1):
            cost = min(row[j] + 1, new[j - 1] + 1, row[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                cost = min(cost, before[j - 2] + 1)
            new.append(cost)
        if min(new) > most:
            return most + 1
        before, row = row, new
    return row[-1]
