"""Which families a person means: by id, by a word of the title, or by the beginning of one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mccli.errors import NameMistake, Typed, UsageError, closest
from mccli.identities.catalogue import FamilyEntry
from mccli.identities.words import tokens


def chosen_families(known: Sequence[FamilyEntry], names: Sequence[str]) -> list[FamilyEntry]:
    """The families that are named, each once; all of them if none is. NameMistake, UsageError."""
    found = [chosen_family(known, name) for name in names]
    return list(dict.fromkeys(found)) if names else list(known)


def chosen_family(known: Sequence[FamilyEntry], name: str) -> FamilyEntry:
    """The family that is named. NameMistake, UsageError."""
    name = name.strip()
    for candidates in _candidates(known, name.casefold()):
        if len(candidates) == 1:
            return candidates[0]
        if candidates:
            listed = ", ".join(family.id for family in candidates)
            raise UsageError(f"{name} may be several families", notes=[f"it fits {listed}"], typed=Typed(name))
    raise _unknown(known, name)


def _candidates(known: Sequence[FamilyEntry], name: str) -> Iterator[list[FamilyEntry]]:
    """The families that fit, in one way after the other."""
    if not name:
        return
    words = set(tokens(name))
    yield [family for family in known if name in (family.id, family.title.casefold())]
    yield [family for family in known if words and words <= _words(family)]
    yield [family for family in known if family.id.startswith(name)]
    yield [family for family in known if any(word.startswith(name) for word in _words(family))]


def _words(family: FamilyEntry) -> set[str]:
    return set(tokens(f"{family.id} {family.title}"))


def _unknown(known: Sequence[FamilyEntry], name: str) -> NameMistake:
    by_word = {word: family.id for family in reversed(known) for word in (*_words(family), family.id)}
    near = by_word.get(closest(name, by_word) or "") if name else None
    return NameMistake(
        f"there is no family {name}" if name else "the name of a family is empty",
        notes=[*([f"did you mean {near}?"] if near else []), "mc sheet --list shows them all"],
        fix=near,
        typed=Typed(name),
    )
