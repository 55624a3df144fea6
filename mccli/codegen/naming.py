"""Names in generated programs: Greek letters by their names, keywords with a suffix, no two alike."""

from __future__ import annotations

import keyword
from collections.abc import Collection, Iterable, Mapping

from mccli.language.names import GREEK_NAME


def python_name(name: str) -> str:
    """The identifier that is easy to type for a symbol: ``λ`` gives ``lambda_``, ``Σ1`` gives ``Sigma1``."""
    spelled = "".join(_character(c) for c in name)
    if not spelled or not (spelled[0].isalpha() or spelled[0] == "_"):
        spelled = f"x_{spelled}"
    return f"{spelled}_" if keyword.iskeyword(spelled) else spelled


def _character(character: str) -> str:
    if character in GREEK_NAME:
        return GREEK_NAME[character]
    return character if f"x{character}".isidentifier() else "_"


def fresh(wanted: str, taken: Collection[str]) -> str:
    """``wanted``, with as many underscores behind it as it takes to be free."""
    while wanted in taken:
        wanted += "_"
    return wanted


def unique_names(names: Iterable[str], reserved: Collection[str]) -> Mapping[str, str]:
    """An identifier for every name; plain identifiers get their own before others are changed to fit."""
    ordered = list(dict.fromkeys(names))
    taken = set(reserved)
    found: dict[str, str] = {}
    for name in sorted(ordered, key=lambda n: python_name(n) != n):
        found[name] = fresh(python_name(name), taken)
        taken.add(found[name])
    return {name: found[name] for name in ordered}
