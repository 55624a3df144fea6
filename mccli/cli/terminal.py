"""What the output can show: Unicode or ASCII, colour, width, and whether a person is reading."""

from __future__ import annotations

import os
import sys
from typing import NamedTuple, TextIO

DEFAULT_WIDTH = 80
NARROWEST, WIDEST = 40, 120


class Terminal(NamedTuple):
    """The kind of output: ``interactive`` is a person at a terminal, else records for a pipe."""

    ascii_only: bool
    colour: bool
    width: int
    interactive: bool


def detect(*, ascii_only: bool = False, colour: str = "auto", stream: TextIO | None = None) -> Terminal:
    """Look at the stream and the environment (NO_COLOR, FORCE_COLOR, COLUMNS, the encoding)."""
    out = stream or sys.stdout
    if out is None:  # standard output is closed
        return Terminal(ascii_only, False, DEFAULT_WIDTH, False)
    interactive = out.isatty() or _forced()
    return Terminal(
        ascii_only=ascii_only or not _encodes_unicode(out),
        colour=_wants_colour(colour, out),
        width=max(NARROWEST, min(_columns(), WIDEST)),
        interactive=interactive,
    )


def _columns() -> int:
    """The width: COLUMNS, else that of the terminal on standard output, else the default."""
    given = os.environ.get("COLUMNS", "")
    if given.isdigit() and int(given) > 0:
        return int(given)
    try:
        return os.get_terminal_size(sys.__stdout__.fileno()).columns if sys.__stdout__ else DEFAULT_WIDTH
    except (OSError, ValueError):
        return DEFAULT_WIDTH


def _forced() -> bool:
    return os.environ.get("FORCE_COLOR", "") not in ("", "0")


def _wants_colour(choice: str, out: TextIO) -> bool:
    if choice in ("always", "never"):
        return choice == "always"
    if os.environ.get("NO_COLOR"):
        return False
    return _forced() or (out.isatty() and os.environ.get("TERM") != "dumb")


def _encodes_unicode(out: TextIO) -> bool:
    try:
        "Aᵀ⁻¹∇‖×−∂δ∘".encode(out.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True
