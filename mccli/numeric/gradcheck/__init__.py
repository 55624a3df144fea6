"""Is a gradient right? Verdicts from differences whose error is known, at a cost that does not grow with the size."""

from mccli.numeric.gradcheck.check import check
from mccli.numeric.gradcheck.numerical import Numerical, TaylorRow, full_gradient, taylor_table
from mccli.numeric.gradcheck.problem import Problem
from mccli.numeric.gradcheck.report import ArgumentReport, Finding, Limit, NoiseReport, Probe, Report
from mccli.numeric.gradcheck.worst import Entry, Worst, worst_entries

__all__ = [
    "ArgumentReport",
    "Entry",
    "Finding",
    "Limit",
    "NoiseReport",
    "Numerical",
    "Probe",
    "Problem",
    "Report",
    "TaylorRow",
    "Worst",
    "check",
    "full_gradient",
    "taylor_table",
    "worst_entries",
]
