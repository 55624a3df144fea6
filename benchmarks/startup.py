"""Start-up: processor time of whole commands as multiples of ``python -c pass``, alternating in one run."""

from __future__ import annotations

import os
import resource
import shutil
import statistics
import subprocess
import sys

BUDGET = {
    "tab": 2.0,
    "--help": 8.0,
    "derive --help": 8.0,
    "help TOPIC": 8.0,
    "lookup": 8.0,
    "lookup ID": 8.0,
    "lookup --wrt": 8.0,
    "shape": 9.0,
    "derive --no-check": 9.0,
    "derive": 20.0,
}
"""The budgets of the design, as multiples."""

ROUNDS = 9
TYPED = 'mc derive "x\'A x - b" --wrt '
"""A line before TAB."""


def _commands() -> dict[str, list[str]]:
    mc = shutil.which("mc", path=os.path.dirname(sys.executable)) or "mc"
    return {
        "python -c pass": [sys.executable, "-c", "pass"],
        "tab": [mc, "--complete", "bash", TYPED, TYPED, ""],
        "--help": [mc, "--help"],
        "derive --help": [mc, "derive", "--help"],
        "help TOPIC": [mc, "help", "notation"],
        "lookup": [mc, "lookup", "tr(PZQ)"],
        "lookup ID": [mc, "lookup", "trace-axb"],
        "lookup --wrt": [mc, "lookup", "tr(PZQ)", "--wrt", "Z"],
        "shape": [mc, "shape", "tr(AXB)"],
        "derive --no-check": [mc, "derive", "tr(AXB)", "--wrt", "X", "--no-check"],
        "derive": [mc, "derive", "tr(AXB)", "--wrt", "X"],
    }


def _cpu(command: list[str]) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime - before.ru_utime) + (after.ru_stime - before.ru_stime)


def run() -> None:
    """Print the figures."""
    commands = _commands()
    times: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(ROUNDS + 1):
        for name, command in commands.items():
            times[name].append(_cpu(command))
    base = statistics.median(times["python -c pass"][1:])
    print(f"\n{'command':<20}{'ms':>8}{'ratio':>8}{'budget':>8}")
    for name, found in times.items():
        middle = statistics.median(found[1:])
        budget = f"{BUDGET[name]:.0f}" if name in BUDGET else ""
        print(f"{name:<20}{1000 * middle:>8.0f}{middle / base:>8.1f}{budget:>8}")
