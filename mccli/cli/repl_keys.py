"""Reading lines from a person: with history and TAB where there is readline, plainly where there is none."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from types import ModuleType

from mccli.folders import state_folder

FILE = "history"
LONGEST = 2000
"""Lines of history that are kept."""
DELIMITERS = " \t\n`~!@#$%^&*()-=+[{]}|;:'\",<>/?∘⊙⊗·"

Complete = Callable[[str, int, int], list[str]]
"""The candidates for a line, between two places in it."""


class Keys:
    """The keyboard. ``read`` raises EOFError at Ctrl-D and KeyboardInterrupt at Ctrl-C."""

    def __init__(self, complete: Complete) -> None:
        self.readline = _readline()
        self.path = ""
        self.complete = complete
        self.found: list[str] = []
        if self.readline is not None:
            self._set_up(self.readline)
            self.path = _history_file()
            self._read_history(self.readline)

    def read(self, prompt: str) -> str:
        """A line, without its end."""
        if not sys.stdout.isatty():  # the answers go to a pipe, and the prompt belongs to the person
            print(prompt, end="", file=sys.stderr, flush=True)
            prompt = ""
        line = input(prompt)
        self._remember()
        return line

    def _set_up(self, readline: ModuleType) -> None:
        readline.set_completer(self._candidate)
        readline.set_completer_delims(DELIMITERS)
        libedit = "libedit" in (getattr(readline, "__doc__", None) or "")
        readline.parse_and_bind("bind ^I rl_complete" if libedit else "tab: complete")
        if not libedit:
            readline.parse_and_bind("set show-all-if-ambiguous on")

    def _candidate(self, _word: str, number: int) -> str | None:
        """What readline asks: the candidates one by one. A mistake in here must not end the session."""
        assert self.readline is not None
        if number == 0:
            try:
                line = self.readline.get_line_buffer()
                self.found = self.complete(line, self.readline.get_begidx(), self.readline.get_endidx())
            except Exception:
                self.found = []
        return self.found[number] if number < len(self.found) else None

    # -------------------------------------------------------------------------------------------- history

    def _read_history(self, readline: ModuleType) -> None:
        try:
            readline.read_history_file(self.path)
            if readline.get_current_history_length() > LONGEST:
                readline.set_history_length(LONGEST)
                readline.write_history_file(self.path)
                readline.set_history_length(-1)
        except OSError:
            self.path = ""
        self.length = readline.get_current_history_length()

    def _remember(self) -> None:
        """Add the line to the file at once: another session may be open, and this one may be killed."""
        if self.readline is None or not self.path:
            return
        length = self.readline.get_current_history_length()
        try:
            if length > self.length:
                self.readline.append_history_file(length - self.length, self.path)
        except (OSError, AttributeError):
            self.path = ""
        self.length = length


def _readline() -> ModuleType | None:
    """GNU readline or libedit; None where there is none, and where the terminal cannot move its cursor."""
    if os.environ.get("TERM", "") in ("dumb", "") and os.name != "nt":
        return None
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return None
    try:
        import readline
    except ImportError:
        return None
    return readline


def _history_file() -> str:
    """The file of the history, made if need be, for the eyes of its owner only; "" if there can be none."""
    path = os.path.join(state_folder(), FILE)
    try:
        os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError:
        return ""
    return path
