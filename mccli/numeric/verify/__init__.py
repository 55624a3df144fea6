"""From a function of the user's to a verdict about its gradient, and to what explains the verdict.

``request`` what is asked, ``find`` which functions are meant, ``arguments`` where they are looked at, ``subject`` what
the checker is given, ``examine`` the check and what explains it, ``run`` the way through all of it, ``reading``,
``formula`` and ``edits`` the comparison with a formula, ``looks_like`` the identities that have the same value,
``local`` all of it in this process, for tests.
"""

from __future__ import annotations

from mccli.numeric.verify.outcome import Alike, Change, Edit, FormulaGradient, FormulaReport, Looked, Outcome, overall
from mccli.numeric.verify.request import Request, seconds_of
from mccli.numeric.verify.run import verify

__all__ = [
    "Alike",
    "Change",
    "Edit",
    "FormulaGradient",
    "FormulaReport",
    "Looked",
    "Outcome",
    "Request",
    "overall",
    "seconds_of",
    "verify",
]
