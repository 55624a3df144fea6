"""What a check found: verdicts, the numbers behind them, and what it could have seen."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from mccli.numeric.gradcheck.problem import Arguments, Kind

Verdict = Literal["right", "wrong", "cannot tell"]

Method = Literal["differences", "complex step"]

Reason = Literal[
    "differs",
    "noise",
    "float32",
    "kink",
    "non-deterministic",
    "out of domain",
    "changed in place",
    "stale cache",
    "not finite",
    "wrong shape",
    "raised",
    "not symmetric",
    "one triangle",
    "too small to see",
    "time",
    "evaluations",
]


@dataclass(frozen=True)
class Finding:
    """A reason with a sentence about it, and what would help."""

    reason: Reason
    text: str
    help: str = ""
    by: str = ""
    """Who does it, where that is known: ``f``, or the kind of derivative."""


@dataclass(frozen=True)
class Probe:
    """One directional derivative; of many outputs the one that is off the most (in units of its tolerance)."""

    names: tuple[str, ...]
    point: int
    along: str
    method: Method
    verdict: Verdict
    numeric: float
    error: float
    yours: float
    tolerance: float
    step: float
    output: int = 0
    finding: Finding | None = None

    @property
    def off(self) -> float:
        """How far off, in units of the tolerance."""
        difference = abs(self.yours - self.numeric)
        return difference / self.tolerance if self.tolerance > 0 else float("inf") if difference else 0.0


@dataclass(frozen=True)
class Limit:
    """The smallest error of a single entry that would have been seen.

    ``absolute`` holds for every entry; ``relative`` is that of the scaled entry, relative to the root mean square of
    the gradient's scaled entries; ``doubled`` is the share of entries whose doubling would have been seen.
    """

    absolute: float
    relative: float
    doubled: float


@dataclass(frozen=True)
class ArgumentReport:
    """The verdict about one derivative with respect to one argument."""

    name: str
    kind: Kind
    verdict: Verdict
    method: str
    probes: tuple[Probe, ...] = ()
    findings: tuple[Finding, ...] = ()
    remarks: tuple[str, ...] = ()
    limit: Limit | None = None
    evaluations: int = 0
    second_looks: int = 0
    """Probes that failed and were looked at again."""

    structure: str = ""
    """The form of the directions, where general ones make no sense ("symmetric")."""


@dataclass(frozen=True)
class NoiseReport:
    """The noise of f: absolute, relative to its value, and whether it is float32's."""

    absolute: float
    relative: float
    single: bool


@dataclass(frozen=True)
class Report:
    """All of a check."""

    verdict: Verdict
    arguments: tuple[ArgumentReport, ...]
    findings: tuple[Finding, ...] = ()
    remarks: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    points: tuple[str, ...] = ()
    noise: NoiseReport | None = None
    evaluations: int = 0
    gradient_evaluations: int = 0
    seconds: float = 0.0
    seed: int = 0
    random: bool = False
    """Whether f draws random numbers, which were frozen for the check."""

    skipped: dict[str, str] = field(default_factory=dict)
    places: tuple[Arguments, ...] = field(default=(), repr=False, compare=False)
    """The points themselves."""

    def of(self, name: str, kind: Kind | None = None) -> ArgumentReport:
        """The report about an argument."""
        return next(a for a in self.arguments if a.name == name and kind in (None, a.kind))
