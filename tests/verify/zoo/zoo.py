"""The zoo: gradients with the verdict and the diagnosis that each deserves.

``DESIGN`` is there to develop on. ``FROZEN`` was written before the diagnosis: never tune on it.
"""

from __future__ import annotations

from case import Case
from cases_design import CASES as DESIGN
from cases_frozen import CASES as FROZEN
from cases_right import CASES as RIGHT
from cases_unsure import CASES as UNSURE

WRONG: tuple[Case, ...] = DESIGN + FROZEN
CASES: tuple[Case, ...] = WRONG + RIGHT + UNSURE
