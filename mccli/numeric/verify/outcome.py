"""What a verification found, for whoever shows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from mccli.errors import McError
from mccli.expressions.tree import Node
from mccli.numeric.gradcheck import Numerical, Report, Worst
from mccli.numeric.gradcheck.problem import Kind
from mccli.numeric.script import Printed

Verdict = Literal["right", "wrong", "cannot tell", "nothing claimed"]


@dataclass(frozen=True)
class Looked:
    """An argument at the place that was looked at: its shape and where it is from."""

    name: str
    shape: tuple[int, ...]
    source: str
    kind: str = ""
    """What it is if it is no array of real numbers."""


@dataclass(frozen=True)
class Change:
    """One edit of a formula: what was done (``transpose``, ``term``, ``factor``, ...), to what, and what it became."""

    kind: str
    before: Node
    after: Node | None = None


@dataclass(frozen=True)
class Edit:
    """A formula with the user's numbers, and how it differs from the right one."""

    formula: Node
    changes: tuple[Change, ...]
    error: float


@dataclass(frozen=True)
class FormulaGradient:
    """The user's gradient, Jacobian or Hessian by one argument against the one that mc derived."""

    argument: str
    right: Node
    agrees: bool | None
    error: float
    edit: Edit | None = None
    remark: str = ""
    kind: Kind = "gradient"


@dataclass(frozen=True)
class FormulaReport:
    """The user's function against a formula."""

    text: str
    expression: Node
    agrees: bool
    error: float
    values: tuple[tuple[float, float], ...]
    """The user's and the formula's value at each point, where they are numbers."""

    symbols: Mapping[str, str]
    """Arguments by symbols."""

    gradients: tuple[FormulaGradient, ...] = ()
    remarks: tuple[str, ...] = ()
    ratio: float | None = None
    """The user's value over the formula's, where that is the same at all points."""

    offset: float | None = None


@dataclass(frozen=True)
class Alike:
    """A record of the database with the same value at random points."""

    id: str
    name: str
    function: Node
    gradient: Node
    factor: float
    argument: str


@dataclass(frozen=True)
class Outcome:
    """All about one function."""

    function: str
    derivatives: Mapping[Kind, str]
    source: str
    verdict: Verdict
    seed: int = 0
    names: tuple[str, ...] = ()
    looked: tuple[Looked, ...] = ()
    flavour: str = ""
    value: float | None = None
    both: bool = False
    report: Report | None = None
    worst: tuple[Worst, ...] = ()
    diagnoses: tuple[Any, ...] = ()
    formula: FormulaReport | None = None
    numerical: Mapping[str, Numerical] = field(default_factory=dict)
    too_large: tuple[str, ...] = ()
    """Arguments with too many entries for a whole numerical gradient."""

    alike: tuple[Alike, ...] = ()
    error: McError | None = None
    remarks: tuple[str, ...] = ()
    printed: Printed = field(default_factory=Printed)
    seconds: float = 0.0

    @property
    def exit_code(self) -> int:
        """0 right, 1 wrong, 2 nothing can be said."""
        return {"right": 0, "wrong": 1}.get(self.verdict, 2)


def overall(outcomes: tuple[Outcome, ...]) -> int:
    """One exit code for several: wrong before cannot tell before right."""
    codes = {o.exit_code for o in outcomes}
    return next((code for code in (1, 2) if code in codes), 0)
