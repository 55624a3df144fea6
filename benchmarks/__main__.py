"""``python -m benchmarks``: the engine against SymPy, growth with depth, start-up, lookup; all ratios within one run.

These are figures to read, not tests: machines are noisy. Quote medians and ratios.
"""

from __future__ import annotations

import sys

from benchmarks import engine, lookup, startup

if __name__ == "__main__":
    known = {"engine": engine.run, "startup": startup.run, "lookup": lookup.run}
    for name in sys.argv[1:] or known:
        known[name]()
