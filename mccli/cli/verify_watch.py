"""``mc verify --watch``: again whenever a Python file beside the script is saved, until Ctrl-C."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

from mccli.errors import McError, report

PAUSE = 0.2
SETTLE = 0.05
MOST_FILES = 2000

Stamp = tuple[tuple[str, int, int], ...]


def stamp(folder: Path) -> Stamp:
    """The Python files of a folder with their times and sizes."""
    found = []
    for path in sorted(folder.glob("*.py"))[:MOST_FILES]:
        try:
            status = path.stat()
        except OSError:  # saved by renaming, just now
            continue
        found.append((path.name, status.st_mtime_ns, status.st_size))
    return tuple(found)


def watch(run: Callable[[], int], folder: Path, *, ascii_only: bool = False, rounds: int | None = None) -> int:
    """Run, wait for a change, run again. Returns the last exit code after ``rounds`` (None: never)."""
    code, count = 0, 0
    while True:
        before = stamp(folder)
        try:
            code = run()
        except McError as error:
            print(report(error, ascii_only=ascii_only), file=sys.stderr)
            code = error.exit_code
        sys.stdout.flush()
        count += 1
        if rounds is not None and count >= rounds:
            return code
        print(f"watching {folder}: saved files are verified again, Ctrl-C ends", file=sys.stderr, flush=True)
        wait_for_change(folder, before)


def wait_for_change(folder: Path, before: Stamp) -> None:
    """Until a file was saved and is whole."""
    while (now := stamp(folder)) == before:
        time.sleep(PAUSE)
    while True:
        time.sleep(SETTLE)
        later = stamp(folder)
        if later == now:
            return
        now = later
