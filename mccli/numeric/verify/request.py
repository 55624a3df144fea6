"""What a person asks for, in plain values."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from mccli.errors import UsageError
from mccli.language.declare import read_scope
from mccli.language.names import canonical_name

SEED = 1
UNITS = {"": 1.0, "s": 1.0, "ms": 1e-3, "m": 60.0, "min": 60.0, "h": 3600.0}

Progress = Callable[[int, int, str], None]
"""Told how many of how many are done, and of what."""


@dataclass(frozen=True)
class Request:
    """A function to verify and all that was said about it."""

    target: str
    grad: str = ""
    formula: str = ""
    wrt: tuple[str, ...] = ()
    shapes: tuple[str, ...] = ()
    assume: tuple[str, ...] = ()
    define: tuple[str, ...] = ()
    match: tuple[str, ...] = ()
    order: int = 1
    at: str = ""
    seed: int = SEED
    timeout: float = 10.0
    memory: int | None = None
    budget: float | None = None
    thorough: bool = False
    python: str | None = None

    def properties(self) -> dict[str, frozenset[str]]:
        """What is assumed, by symbol in mc's spelling."""
        return {name: found for name, found in read_scope((), self.assume).properties.items() if found}

    def matches(self) -> dict[str, str]:
        """The arguments by the symbols of the formula, where a person said so."""
        pairs = {}
        for text in self.match:
            symbol, sign, argument = text.partition("=")
            if not sign or not symbol.strip() or not argument.strip():
                raise UsageError(f"--match {text} cannot be read", notes=["write SYMBOL=ARGUMENT, as in A=X_train"])
            pairs[canonical_name(symbol.strip())] = argument.strip()
        return pairs


def seconds_of(text: str, option: str) -> float:
    """``10s``, ``500ms``, ``2m`` or ``10``. UsageError otherwise."""
    found = re.fullmatch(r"\s*(\d+(?:\.\d*)?|\.\d+)\s*([a-z]*)\s*", text)
    if found is None or found[2] not in UNITS or not float(found[1]) * UNITS[found[2]] > 0:
        raise UsageError(f"{option} {text} is no time", notes=["write 10s, 500ms or 2m"])
    return float(found[1]) * UNITS[found[2]]
