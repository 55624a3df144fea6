"""Progress on a terminal, for verifications that take long."""

from __future__ import annotations

import sys
import time

PATIENCE = 0.7
EVERY = 0.1


class Progress:
    """A line on standard error that is rewritten; nothing where nobody watches, and nothing for short runs."""

    def __init__(self) -> None:
        self._begun = time.monotonic()
        self._last = 0.0
        self._width = 0
        self._watched = sys.stderr is not None and sys.stderr.isatty()

    def __call__(self, done: int, total: int, what: str) -> None:
        """So many of so many are done."""
        now = time.monotonic()
        if not self._watched or now - self._begun < PATIENCE or now - self._last < EVERY:
            return
        self._last = now
        line = f"{what}: {done} of {total}"[:78]
        print(f"\r{line:<{self._width}}", end="", file=sys.stderr, flush=True)
        self._width = max(self._width, len(line))

    def clear(self) -> None:
        """Take the line away."""
        if self._width:
            print("\r" + " " * self._width + "\r", end="", file=sys.stderr, flush=True)
            self._width = 0
