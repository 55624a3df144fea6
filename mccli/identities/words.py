"""Search by words: which records speak of what a person typed, typing mistakes forgiven."""

from __future__ import annotations

import heapq
import math
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from mccli.identities.catalogue import Catalogue
from mccli.identities.mending import Vocabulary, vocabulary_lines
from mccli.identities.record import KINDS, Record

WEIGHTS = {"name": 60, "words": 45, "alias": 50, "id": 45, "family": 20, "sources": 10}
"""What a word counts where it is all that is said; one of several counts less (BREVITY)."""
BREVITY = 0.6
"""The part of its weight that a word keeps in a long phrase (compare b in BM25, Robertson & Zaragoza 2009)."""
IGNORED = frozenset(
    ["a", "an", "and", "any", "are", "as", "at", "be", "by", "for", "from", "how", "in", "is", "it", "of", "on", "or"]
).union(["respect", "s", "t", "that", "the", "to", "what", "when", "where", "with", "wrt"])
GENERAL = frozenset(
    ("derivative", "gradient", "derive", "differentiate", "formula", "identity", "matrix", "vector", "function", "rule")
)
"""Words that fit most records: they count, but nothing is found by them alone unless nothing else is typed."""
MOST_FOUND = 60
WORTH_OF_GENERAL = 0.15
LITTLE = 0.25
NEEDED = 0.55
"""The part of what is typed, by importance, that a record must have."""
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?")


def tokens(text: str) -> list[str]:
    """The words of a text in the form in which they are compared: small letters, no accents, singular."""
    return [word for _, word in _worded(text)]


def _worded(text: str) -> Iterator[tuple[str, str]]:
    """The words of a text, as they stand there and in the form in which they are compared."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(c for c in plain if not unicodedata.combining(c)).replace("'s ", " ")
    yield from ((word, _stem(word)) for word in _WORD.findall(plain) if word not in IGNORED)


def _stem(word: str) -> str:
    word = word.replace("'", "")
    if word.endswith("ise") and len(word) > 6:
        word = word[:-3] + "ize"
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 5 and word.endswith(("ches", "shes", "xes", "sses")):
        return word[:-2]
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")) else word


def substance(words: Iterable[str]) -> float:
    """How many words say what something is about: general ones and the names of symbols count little."""
    return sum(LITTLE if word in GENERAL or word in KINDS or len(word) == 1 else 1.0 for word in words)


def phrases(record: Record, family_title: str = "") -> Iterator[tuple[str, str]]:
    """What is said of a record, each with the field it is said in."""
    yield "name", record.name
    yield from (("words", words) for words in record.words)
    for alias in record.aliases:
        yield from (("alias", words) for words in (alias.name, *alias.words, alias.id))
    yield "id", record.id
    yield "family", f"{record.family} {family_title} {record.kind}"
    yield from (("sources", source) for source in record.sources)


def postings(record: Record, family_title: str) -> dict[str, int]:
    """The words of a record, each with the weight of the best place in which it stands."""
    found: dict[str, int] = {}
    for field, phrase in phrases(record, family_title):
        words = tokens(phrase)
        several = 1 if field in ("family", "sources") else max(1, substance(set(words)))
        weight = round(WEIGHTS[field] * (BREVITY + (1 - BREVITY) / several))
        for word in words:
            found[word] = max(found.get(word, 0), weight)
    return found


class Searched(NamedTuple):
    """Records by words, best first, as (id, score); what the words were read as, and the words as they were read."""

    ranked: list[tuple[str, float]]
    corrected: dict[str, str]
    words: tuple[str, ...]


def search(catalogue: Catalogue, text: str) -> Searched:
    """Records by words. One must have most of the words that are not general; all of them come before one without."""
    total = max(catalogue.line("count") or 1, 1)
    words, corrected = _read(Vocabulary(catalogue), text)
    scores: dict[str, float] = {}
    hits: dict[str, float] = {}
    weight_of_all = 0.0
    for i, word in enumerate(words):
        found = _posting(catalogue, word)
        rarity = math.log(1 + total / max(len(found), 1))
        for pair in ("".join(words[max(0, i - 1) : i + 1]), "".join(words[i : i + 2])):
            if pair != word:  # log det is said where logdet is
                found = {**_posting(catalogue, pair), **found}
        importance = rarity * (WORTH_OF_GENERAL if word in GENERAL else 1.0)
        weight_of_all += importance
        for name, weight in found.items():
            scores[name] = scores.get(name, 0.0) + importance * (1 + weight / 30)
            hits[name] = hits.get(name, 0.0) + importance
    needed = NEEDED * weight_of_all
    ranked = ((name, scores[name] * (hits[name] / weight_of_all) ** 2) for name in scores if hits[name] >= needed)
    best = heapq.nsmallest(MOST_FOUND, ranked, key=lambda entry: (-entry[1], entry[0]))
    return Searched(best, corrected, tuple(words))


def _read(vocabulary: Vocabulary, text: str) -> tuple[list[str], dict[str, str]]:
    """The typed words, each once; those that are not known as the ones that were meant, which are also given."""
    words: list[str] = []
    corrected: dict[str, str] = {}
    for typed, word in _worded(text):
        if vocabulary.knows(word):
            words.append(word)
            continue
        parts = vocabulary.parts(word)
        near = None if parts else vocabulary.nearest(word)
        meant = parts or ((near,) if near else (word,))
        words += meant
        if parts or near:
            corrected[typed] = " ".join(meant)
    return list(dict.fromkeys(words)), corrected


def _posting(catalogue: Catalogue, word: str) -> dict[str, int]:
    """The records with a word, each with its weight."""
    raw = catalogue.line(f"word {word}") or {}
    return {name: int(weight) for weight, names in raw.items() for name in names.split()}


def word_lines(found: Mapping[str, Mapping[str, int]]) -> Iterator[tuple[str, str | dict[str, str]]]:
    """The lines of the index for all words: by word, the records by weight; and the words themselves."""
    by_word: dict[str, dict[int, list[str]]] = {}
    for name, words in found.items():
        for word, weight in words.items():
            by_word.setdefault(word, {}).setdefault(weight, []).append(name)
    for word in sorted(by_word):
        yield f"word {word}", {str(weight): " ".join(names) for weight, names in by_word[word].items()}
    yield from vocabulary_lines(by_word)
