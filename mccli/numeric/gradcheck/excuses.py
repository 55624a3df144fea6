"""Disagreements that are as small as a solver inside f makes them, and are no mistake."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from mccli.numeric.gradcheck.disagreement import SMALL, TINY, relative
from mccli.numeric.gradcheck.probes import Measured

ALIKE = 30.0
"""A disagreement of at most so many times one that was excused is of the same kind."""


@dataclass
class Excuses:
    """How far off slopes were that count as right."""

    largest: float = 0.0
    """As a part of the slope's scale."""

    def __bool__(self) -> bool:
        return self.largest > 0

    def alike(self, measured: Measured) -> bool:
        """Whether a disagreement is no larger than others that were excused."""
        most = TINY if self.largest <= TINY else SMALL
        return bool(self) and relative(measured) <= min(most, ALIKE * self.largest)

    def excuse(self, measured: Measured) -> Measured:
        """The probe with a tolerance that covers what a solver may have done."""
        self.largest = max(self.largest, relative(measured))
        return replace(measured, extra=measured.extra + np.where(measured.fails, measured.difference, 0.0))

    @property
    def agreement(self) -> str:
        """To how many digits the gradient agrees, where they are fewer than could be seen."""
        if not self:
            return ""
        return (
            f"agrees to {int(-np.log10(self.largest))} digits and no further: f or the gradient is not computed more "
            "exactly, as with an iterative solver inside (or a term of that size is missing)"
        )
