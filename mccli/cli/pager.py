"""Showing many lines to a person: through a pager where they are more than the screen holds."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import redirect_stdout
from io import StringIO
from types import FrameType

from mccli.cli.terminal import Terminal
from mccli.cli.write import write_lines

DEFAULT = "less -FRX"
CHANGES_NOTHING = ("", "cat")


def show(lines: Sequence[tuple[str, str]], terminal: Terminal) -> None:
    """Print lines; through ``$MC_PAGER`` or ``$PAGER`` if standard output is a screen that is too small for them."""
    command = pager_command()
    if not (command and sys.stdout.isatty() and len(lines) >= shutil.get_terminal_size().lines):
        write_lines(lines, colour=terminal.colour)
        return
    text = StringIO()
    with redirect_stdout(text):
        write_lines(lines, colour=terminal.colour)
    if not _paged(command, text.getvalue()):
        write_lines(lines, colour=terminal.colour)


def pager_command() -> list[str]:
    """The pager as words; none if it is switched off or cannot be found."""
    wanted = next((os.environ[name] for name in ("MC_PAGER", "PAGER") if name in os.environ), DEFAULT)
    try:
        words = shlex.split(wanted)
    except ValueError:  # a quotation mark that is never closed
        return []
    if " ".join(words) in CHANGES_NOTHING or shutil.which(words[0]) is None:
        return []
    return words


def _wait(_signal: int, _frame: FrameType | None) -> None:
    """Do nothing. Unlike an ignored signal, a handler is not passed on to the pager."""


def _paged(command: Sequence[str], text: str) -> bool:
    """Hand the text to a pager and wait for it. False if it could not be started."""
    encoding = sys.stdout.encoding or "utf-8"
    environment = {"LESSCHARSET": "utf-8", **os.environ} if encoding.lower().startswith("utf") else None
    before = signal.signal(signal.SIGINT, _wait)  # Ctrl-C is the pager's while it runs
    try:
        sys.stdout.flush()
        pager = subprocess.Popen(command, stdin=subprocess.PIPE, env=environment)
        pager.communicate(text.encode(encoding, "replace"))
    except OSError:
        return False
    finally:
        signal.signal(signal.SIGINT, before)
    return True
