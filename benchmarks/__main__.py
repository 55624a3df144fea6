"""``python -m benchmarks``: the engine, start-up, lookup, gradient checkers; all ratios within one run.

These are figures to read, not tests: machines are noisy. Quote medians and ratios.
"""

from __future__ import annotations

import sys
from importlib import import_module

if __name__ == "__main__":
    known = ("engine", "startup", "lookup", "verify")
    for name in sys.argv[1:] or known:
        if name not in known:
            sys.exit(f"no benchmark {name!r}; there are {', '.join(known)}")
        import_module(f"benchmarks.{name}").run()  # each needs other packages
