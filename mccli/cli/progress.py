"""How far a long run is, on standard error for a person who watches it; nothing where nobody does."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress as RichProgress
    from rich.progress import TaskID

PATIENCE = 0.7
"""Seconds before anything is drawn: a short run needs no progress."""


class Progress:
    """A bar on the last line of a terminal, gone when it is cleared. ``patience`` in seconds."""

    def __init__(self, patience: float = PATIENCE) -> None:
        self._begun, self._patience = time.monotonic(), patience
        self._watched = sys.stderr is not None and sys.stderr.isatty()
        self._bar: RichProgress | None = None
        self._task: TaskID | None = None

    def __call__(self, done: int, total: int | None, what: str) -> None:
        """So many of so many are done; ``total`` is None if it is not known."""
        if not self._watched or time.monotonic() - self._begun < self._patience:
            return
        bar, task = self._drawn()
        count = f"{done} of {total}" if total is not None else str(done)
        bar.update(task, completed=done, total=total, description=f"{what}: {count}"[:78])
        bar.refresh()

    def _drawn(self) -> tuple[RichProgress, TaskID]:
        """The bar; drawn anew after it was cleared."""
        if self._bar is None or self._task is None:
            from rich.console import Console  # only for a run that takes long enough
            from rich.progress import BarColumn, TextColumn
            from rich.progress import Progress as RichProgress

            console = Console(file=sys.stderr, highlight=False, force_terminal=True)
            columns = (TextColumn("{task.description}", markup=False, style="none"), BarColumn(30))
            self._bar = RichProgress(
                *columns,
                console=console,
                transient=True,
                auto_refresh=False,
                redirect_stdout=False,
                redirect_stderr=False,
            )
            self._task = self._bar.add_task("", total=None)
            self._bar.start()
        return self._bar, self._task

    def clear(self) -> None:
        """Take the bar away, before something else is printed."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = self._task = None
