"""The table: ``python tests/numeric/diagnose [design|frozen] [case ...]``, from the root of the project."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3]))

from zoo_problems import DESIGN, FROZEN, Result, result_of, table


def show(result: Result) -> None:
    """One case, with all that was said if it is not what was expected."""
    good = "ok " if result.hit and result.detailed else "DET" if result.hit else "NO "
    case = result.case
    print(f"{good} {case.id:22} {case.label:20} {result.first:20} {result.report.verdict:12} {result.seconds:.2f}s")
    if good != "ok ":
        for d in result.found:
            print(f"      {d.rank:5.1f} [{d.label}] {d.sentence}\n            {d.evidence}")


def main() -> None:
    """The design part case by case; of the frozen part labels only, so that nobody tunes on it."""
    part = "frozen" if "frozen" in sys.argv else "design"
    only = [a for a in sys.argv[1:] if a not in ("design", "frozen")]
    cases = FROZEN if part == "frozen" else tuple(c for c in DESIGN if not only or c.id in only)
    results = []
    for case in cases:
        results.append(result_of(case))
        if part == "design":
            show(results[-1])
    print(table(part, results))
    if part == "frozen":
        misses = sorted(f"{r.case.label} -> {r.first} ({r.report.verdict})" for r in results if not r.hit)
        print("misses:", *misses, sep="\n  ")
        print(f"label first, but without the expected detail: {sum(r.hit and not r.detailed for r in results)}")
        print(f"slowest: {max(r.seconds for r in results):.1f} s")


if __name__ == "__main__":
    main()
