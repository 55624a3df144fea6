"""What the user's code prints: the first lines are kept, the end too, and the rest is counted."""

from __future__ import annotations

from dataclasses import dataclass

FIRST_BYTES = 4096
LAST_BYTES = 4096
SHOWN_LINES = 3
SHOWN_CHARS = 160


@dataclass(frozen=True)
class Printed:
    """A snapshot of the text captured so far: its first part, its last part, and how much there was."""

    text: str = ""
    last: str = ""
    lines: int = 0
    size: int = 0

    def __bool__(self) -> bool:
        return self.size > 0

    def __str__(self) -> str:
        return self.text

    def first_lines(self, count: int = SHOWN_LINES) -> list[str]:
        """Lines for a message: the first ones, and the number of the others."""
        shown = [_short(line) for line in self.text.splitlines() if line.strip()][:count]
        more = self.lines - len(shown)
        return [*shown, f"… and {more} more lines"] if more > 0 and shown else shown

    def last_lines(self, count: int = SHOWN_LINES) -> list[str]:
        """The last lines, for a process that ended while it was complaining."""
        return [_short(line) for line in self.last.splitlines() if line.strip()][-count:]


NOTHING_PRINTED = Printed()


class Capture:
    """Takes any number of bytes and keeps a bounded part of them."""

    def __init__(self) -> None:
        self._first = bytearray()
        self._last = b""
        self._newlines = 0
        self._size = 0

    def feed(self, chunk: bytes) -> None:
        """Take what was printed."""
        self._first += chunk[: FIRST_BYTES - len(self._first)]
        self._last = (self._last + chunk)[-LAST_BYTES:]
        self._newlines += chunk.count(b"\n")
        self._size += len(chunk)

    def snapshot(self) -> Printed:
        """What there is up to now."""
        unfinished = bool(self._last) and not self._last.endswith(b"\n")
        return Printed(_text(self._first), _text(self._last), self._newlines + unfinished, self._size)


def _text(data: bytes | bytearray) -> str:
    return data.decode("utf-8", "replace")


def _short(line: str) -> str:
    return line if len(line) <= SHOWN_CHARS else line[: SHOWN_CHARS - 1] + "…"
