"""The table: ``python tests/numeric/diagnose [design|frozen] [-v]``."""

from __future__ import annotations

import sys

from zoo_problems import DESIGN, FROZEN, result_of, table

part = "frozen" if "frozen" in sys.argv else "design"
only = [a for a in sys.argv[1:] if a not in ("design", "frozen", "-v")]
cases = FROZEN if part == "frozen" else [c for c in DESIGN if not only or c.id in only]
results = []
for case in cases:
    result = result_of(case)
    results.append(result)
    if part == "design":
        mark = "ok " if result.hit and result.detailed else "DET" if result.hit else "NO "
        print(f"{mark} {case.id:22} {case.label:20} {result.first:20} {result.report.verdict:12} {result.seconds:.2f}s")
        if "-v" in sys.argv or mark != "ok ":
            for d in result.found:
                print(f"      {d.rank:5.1f} [{d.label}] {d.sentence}\n            {d.evidence}")
print(table(part, results))
if part == "frozen":
    misses = [f"{r.case.label} -> {r.first}" for r in results if not r.hit]
    print("misses:", *sorted(misses), sep="\n  ")
    print(f"without the expected detail: {sum(r.hit and not r.detailed for r in results)}")
    print(f"slowest: {max(r.seconds for r in results):.1f}s")
