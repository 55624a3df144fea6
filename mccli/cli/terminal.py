"""What the output can show: Unicode or ASCII, colour, width, and whether a person is reading."""

from __future__ import annotations

import os
import sys
from typing import NamedTuple, TextIO

from mccli.errors import to_ascii

DEFAULT_WIDTH = 80
NARROWEST, WIDEST = 40, 120


class Terminal(NamedTuple):
    """The kind of output: ``interactive`` is a person at a terminal, else records for a pipe."""

    ascii_only: bool
    colour: bool
    width: int
    interactive: bool

    def plain(self, words: str) -> str:
        """Words in the letters of the terminal."""
        return to_ascii(words) if self.ascii_only else words


def detect(*, ascii_only: bool = False, colour: str = "auto", stream: TextIO | None = None) -> Terminal:
    """Look at the stream and the environment (NO_COLOR, FORCE_COLOR, CLICOLOR, COLUMNS, the encoding).

    Who asks for colour where no terminal is asks for what a person sees, and not for records.
    """
    out = stream or sys.stdout
    if out is None:  # standard output is closed
        return Terminal(ascii_only, False, DEFAULT_WIDTH, False)
    return Terminal(
        ascii_only=ascii_only or not _encodes_unicode(out),
        colour=_wants_colour(colour, out),
        width=max(NARROWEST, min(_columns(), WIDEST)),
        interactive=out.isatty() or _forced() or colour == "always",
    )


def _columns() -> int:
    """The width: COLUMNS, else that of the terminal on standard output, else the default."""
    given = os.environ.get("COLUMNS", "")
    if given.isdecimal() and int(given) > 0:
        return int(given)
    try:
        return os.get_terminal_size(sys.__stdout__.fileno()).columns if sys.__stdout__ else DEFAULT_WIDTH
    except (OSError, ValueError):
        return DEFAULT_WIDTH


def _forced() -> bool:
    return any(os.environ.get(name, "") not in ("", "0") for name in ("FORCE_COLOR", "CLICOLOR_FORCE"))


def _wants_colour(choice: str, out: TextIO) -> bool:
    """--color, then NO_COLOR (no-color.org), then what forces colour, then whether a terminal can show it."""
    if choice in ("always", "never"):
        return choice == "always"
    if os.environ.get("NO_COLOR"):
        return False
    return _forced() or (out.isatty() and os.environ.get("CLICOLOR") != "0" and _knows_escapes())


def _knows_escapes() -> bool:
    if os.name == "nt":  # the old console of Windows prints them
        return any(name in os.environ for name in ("WT_SESSION", "ANSICON", "TERM"))
    return os.environ.get("TERM") not in ("dumb", "", None)


def _encodes_unicode(out: TextIO) -> bool:
    """Whether mathematical letters can be written; in the locale C, where Python writes UTF-8 all the same, not."""
    try:
        "Aᵀ⁻¹∇‖×−∂δ∘".encode(out.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    chosen = any(os.environ.get(name) for name in ("PYTHONIOENCODING", "PYTHONUTF8"))
    locale = os.environ.get("LC_ALL") or os.environ.get("LANG")
    return chosen or not (sys.flags.utf8_mode and locale in ("C", "POSIX"))
