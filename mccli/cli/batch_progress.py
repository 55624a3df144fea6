"""How far a batch is, for a person who watches standard error."""

from __future__ import annotations

import sys

WIDTH = 30
CLEAR = "\r\x1b[K"


class Bar:
    """A bar on the last line of a terminal; nothing where there is none. ``total`` is None if it is not known."""

    def __init__(self, total: int | None) -> None:
        self.total = total
        self.visible = sys.stderr is not None and sys.stderr.isatty()
        self.drawn = False

    def show(self, done: int) -> None:
        """Draw it."""
        if not self.visible:
            return
        if self.total is None:
            text = f"{done} lines"
        else:
            full = WIDTH * done // max(self.total, 1)
            text = f"[{'=' * full}{' ' * (WIDTH - full)}] {done} of {self.total} lines"
        print(f"{CLEAR}{text}", end="", file=sys.stderr, flush=True)
        self.drawn = True

    def clear(self) -> None:
        """Take it away, before something else is printed."""
        if self.drawn:
            print(CLEAR, end="", file=sys.stderr, flush=True)
            self.drawn = False
