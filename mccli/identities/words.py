"""Search by words: which records speak of what a person typed, typing mistakes forgiven."""

from __future__ import annotations

import heapq
import math
import re
import unicodedata
from collections.abc import Iterator, Mapping

from mccli.identities.catalogue import Catalogue
from mccli.identities.record import Record

WEIGHTS = {"name": 6, "words": 5, "alias": 5, "id": 4, "family": 2, "sources": 1}
IGNORED = frozenset(
    ["a", "an", "and", "are", "as", "at", "be", "by", "for", "from", "how", "in", "is", "it", "of", "on", "or"]
).union(["respect", "s", "t", "that", "the", "to", "what", "when", "where", "with", "wrt"])
GENERAL = frozenset(
    ("derivative", "gradient", "derive", "differentiate", "formula", "identity", "matrix", "vector", "function", "rule")
)
"""Words that fit most records: they count, but nothing is found by them alone unless nothing else is typed."""
MOST_FOUND = 40
SHORTEST_MENDED = 4
"""Shorter words are taken as they are: too many others are one letter away."""
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?")


def tokens(text: str) -> list[str]:
    """The words of a text in the form in which they are compared: small letters, no accents, singular."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(c for c in plain if not unicodedata.combining(c)).replace("'s ", " ")
    return [_stem(word) for word in _WORD.findall(plain) if word not in IGNORED]


def _stem(word: str) -> str:
    word = word.replace("'", "")
    if word.endswith("ise") and len(word) > 6:
        word = word[:-3] + "ize"
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 5 and word.endswith(("ches", "shes", "xes", "sses")):
        return word[:-2]
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")) else word


def postings(record: Record, family_title: str) -> dict[str, int]:
    """The words of a record, each with the weight of the best place in which it stands."""
    fields = {
        "name": record.name,
        "words": " ".join(record.words),
        "alias": " ".join(f"{a.name} {a.id} {' '.join(a.words)}" for a in record.aliases),
        "id": record.id,
        "family": f"{record.family} {family_title} {record.kind}",
        "sources": " ".join(record.sources),
    }
    found: dict[str, int] = {}
    for name, text in fields.items():
        for word in tokens(text):
            found[word] = max(found.get(word, 0), WEIGHTS[name])
    return found


def search(catalogue: Catalogue, text: str) -> tuple[list[tuple[str, float]], dict[str, str]]:
    """Records by words, best first, as (id, score); and the words that were read as others.

    A record must have most of the words that are not general; one with all of them comes before one without.
    """
    typed = list(dict.fromkeys(tokens(text)))
    corrected: dict[str, str] = {}
    total = max(catalogue.line("count") or 1, 1)
    scores: dict[str, float] = {}
    hits: dict[str, float] = {}
    weight_of_all = 0.0
    for word in typed:
        found, read = _posting(catalogue, word)
        if read != word and found:
            corrected[word] = read
        rarity = math.log(1 + total / max(sum(map(len, found.values())), 1))
        importance = rarity * (0.15 if word in GENERAL else 1.0)
        weight_of_all += importance
        for weight, names in found.items():
            worth = importance * (1 + weight / 3)
            for name in names:
                scores[name] = scores.get(name, 0.0) + worth
                hits[name] = hits.get(name, 0.0) + importance
    needed = 0.55 * weight_of_all
    ranked = ((name, scores[name] * (hits[name] / weight_of_all) ** 2) for name in scores if hits[name] >= needed)
    return heapq.nlargest(MOST_FOUND, ranked, key=lambda entry: entry[1]), corrected


def _posting(catalogue: Catalogue, word: str) -> tuple[dict[int, list[str]], str]:
    """The records with a word, by weight; those with the nearest known word where none has it."""
    raw = catalogue.line(f"word {word}")
    if raw is None:
        near = _nearest_known(catalogue, word)
        if near is None:
            return {}, word
        raw, word = catalogue.line(f"word {near}") or {}, near
    return {int(weight): names.split() for weight, names in raw.items()}, word


def _nearest_known(catalogue: Catalogue, word: str) -> str | None:
    """The known word that was meant, first among those with the same first letter."""
    letters = catalogue.line("letters") or ""
    for initial in (word[0], *(x for x in letters if x != word[0])):
        near = nearest_word(word, (catalogue.line(f"vocabulary {initial}") or "").split())
        if near is not None:
            return near
    return None


def nearest_word(word: str, known: list[str]) -> str | None:
    """The known word that was probably meant: a completion, or one with few letters wrong."""
    if len(word) < SHORTEST_MENDED:
        return None
    completions = [k for k in known if k.startswith(word)]
    if completions:
        nearly = [k for k in known if len(word) >= 7 and 0 <= len(k) - len(word) <= 1 and _distance(word, k, 1) == 1]
        return min(nearly or completions, key=len)
    most = 1 if len(word) < 7 else 2
    letters = set(word)
    best: tuple[int, str] | None = None
    for other in known:
        if abs(len(other) - len(word)) > most:
            continue
        if len(letters.difference(other)) > most:
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


def word_lines(found: Mapping[str, Mapping[str, int]]) -> Iterator[tuple[str, str | dict[str, str]]]:
    """The lines of the index for all words: by word, the records by weight; and the words by first letter."""
    by_word: dict[str, dict[int, list[str]]] = {}
    for name, words in found.items():
        for word, weight in words.items():
            by_word.setdefault(word, {}).setdefault(weight, []).append(name)
    for word in sorted(by_word):
        yield f"word {word}", {str(weight): " ".join(names) for weight, names in by_word[word].items()}
    initials = "".join(sorted({word[0] for word in by_word}))
    yield "letters", initials
    for initial in initials:
        yield f"vocabulary {initial}", " ".join(word for word in sorted(by_word) if word[0] == initial)
