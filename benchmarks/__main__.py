"""``python -m benchmarks``: the engine against SymPy, growth with depth, start-up; all ratios within one run.

These are figures to read, not tests: machines are noisy. Quote medians and ratios.
"""

from __future__ import annotations

import sys

from benchmarks import engine, startup

if __name__ == "__main__":
    wanted = sys.argv[1:] or ["engine", "startup"]
    for name in wanted:
        {"engine": engine.run, "startup": startup.run}[name]()
