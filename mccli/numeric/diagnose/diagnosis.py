"""What a diagnosis says, and the order in which diagnoses are told."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Diagnosis:
    """A mistake that explains the wrong numbers, with the test that was made.

    ``before`` and ``after`` are the largest errors, relative to the largest entry, without and with the mistake
    repaired, over all the points that were looked at; ``inf`` stands for a gradient that could not be compared.
    ``rank`` orders by simplicity: the lower is told first.
    """

    label: str
    sentence: str
    evidence: str
    argument: str
    before: float
    after: float
    detail: tuple[str, ...] = ()
    rank: float = 0.0
    explains: bool = True
    """Whether it accounts for all of the error; a hint ("no function has this gradient") does not."""


MOST = 5
"""So many diagnoses are told about one argument; after the first few they are variations."""


def ordered(found: Iterable[Diagnosis]) -> list[Diagnosis]:
    """The simplest first; of equally simple ones the one that leaves the smallest error.

    Sentences are said once, and so are repairs: one with the label and the errors of a simpler one is that one again.
    """
    said: set[tuple[str, ...]] = set()
    kept = []
    for diagnosis in sorted(found, key=lambda d: (d.rank, d.after)):
        words = (diagnosis.sentence, diagnosis.argument)
        repair = (diagnosis.label, diagnosis.argument, f"{diagnosis.before:.2e}", f"{diagnosis.after:.2e}")
        told = words in said or (repair in said and 0 < diagnosis.after < diagnosis.before)
        said |= {words, repair}
        if not told:
            kept.append(diagnosis)
    return kept[:MOST]
