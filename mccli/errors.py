"""What can go wrong, said in one style: the sentence, the place, what each side is, one fix.

Every mistake that mc reports to a person is a :class:`McError`. It knows the text it speaks about and
the spans in it, and :func:`report` lays it out. Nothing else in mc formats an error.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import NamedTuple


class Span(NamedTuple):
    """Half-open range of characters ``[start, end)`` in the text a person typed."""

    start: int
    end: int

    def to(self, other: Span) -> Span:
        """The smallest span that covers both."""
        return Span(min(self.start, other.start), max(self.end, other.end))


class Mark(NamedTuple):
    """A span to point at; ``label`` says what it is, ``focus`` marks the culprit (an operator, say)."""

    span: Span
    label: str = ""
    focus: bool = False


class McError(Exception):
    """A mistake that is said to the user. ``exit_code`` follows the contract: 2 bad input, 1 check failed."""

    category = "error"
    exit_code = 2

    def __init__(
        self,
        message: str,
        *,
        marks: Iterable[Mark] = (),
        notes: Iterable[str] = (),
        fix: str | None = None,
        source: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.marks = tuple(marks)
        self.notes = tuple(notes)
        self.fix = fix
        self.source = source


class SyntaxMistake(McError):
    """The text cannot be read: brackets, stray characters, two operators in a row."""

    category = "syntax"


class AmbiguityError(McError):
    """The text can be read in two ways; both readings are shown and neither is guessed."""

    category = "ambiguous"


class NameMistake(McError):
    """A symbol, function, property or option value that does not exist."""

    category = "name"


class ShapeError(McError):
    """Shapes that do not fit, or a shape that an operation does not accept."""

    category = "shape"


class DeriveError(McError):
    """A derivative that mc cannot give; it says why instead of guessing."""

    category = "derive"


class DomainError(McError):
    """No point could be found at which the function is defined."""

    category = "domain"


class UsageError(McError):
    """Options that contradict one another or cannot be read."""

    category = "usage"


class RecordMistake(McError):
    """A record of the identity database that cannot be read or does not hold; the message begins with its place."""

    category = "record"
    exit_code = 1


class ScriptError(McError):
    """The user's script cannot be loaded, or a function in it cannot be run; ``mccli.numeric.script`` says why."""

    category = "script"


class NothingFound(McError):
    """The database has no answer to a question."""

    category = "lookup"
    exit_code = 1


class CheckFailed(McError):
    """A numerical check that did not agree. The only mistake that is mc's own."""

    category = "check"
    exit_code = 1


def closest(name: str, known: Iterable[str]) -> str | None:
    """The known name that ``name`` was probably meant to be, or None."""
    pool = sorted(set(known))
    folded = {k.casefold(): k for k in pool}
    if name.casefold() in folded:
        return folded[name.casefold()]
    found = difflib.get_close_matches(name, pool, n=1, cutoff=0.6)
    return found[0] if found else None


SHOWN_WIDTH = 72
SHOWN_LINE_CHARS = 400


def report(error: McError, *, ascii_only: bool = False) -> str:
    """The whole message for a terminal: a sentence, the marked source, the notes, the fix."""
    lines = [f"error[{error.category}]: {_printable(error.message)}"]
    if error.source is not None and error.marks:
        lines += ["  |", *_excerpt(error.source, error.marks)]
        lines.append("  |")
    lines += [f"  = {_printable(note)}" for note in error.notes]
    if error.fix:
        lines.append(f"  = fix: {_printable(error.fix)}")
    text = "\n".join(line.rstrip() for line in lines)
    return to_ascii(text) if ascii_only else text


def to_ascii(text: str) -> str:
    """The same message for a terminal that shows ASCII only; unknown characters become ``?``."""
    table = {
        "×": "x",
        "ᵀ": "'",
        "−": "-",
        "–": "-",
        "…": "...",
        "∂": "d",
        "δ": "delta",
        "≥": ">=",
        "∘": ".*",
        "⟨": "<",
        "⟩": ">",
        "·": "*",
        "≠": "!=",
        "∇": "grad ",
        "‖": "||",
    }
    return "".join(table.get(c, c) for c in text).encode("ascii", "replace").decode("ascii")


def _printable(text: str) -> str:
    clean = "".join(c if c.isprintable() or c == "\n" else "\N{REPLACEMENT CHARACTER}" for c in text)
    return clean if len(clean) <= SHOWN_LINE_CHARS else clean[: SHOWN_LINE_CHARS - 1] + "…"


def _excerpt(source: str, marks: tuple[Mark, ...]) -> list[str]:
    """The source line, cut to the neighbourhood of the marks, with underlines and labels below it."""
    focus = next((m for m in marks if m.focus), marks[0])
    start = 0
    if len(source) > SHOWN_WIDTH:
        start = max(0, min(focus.span.start - SHOWN_WIDTH // 2, len(source) - SHOWN_WIDTH))
    shown = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in source)[start : start + SHOWN_WIDTH]
    under = [" "] * (len(shown) + 1)
    for mark in sorted(marks, key=lambda m: m.focus):
        last = max(mark.span.end, mark.span.start + 1)
        for i in range(mark.span.start - start, last - start):
            if 0 <= i < len(under):
                under[i] = "^" if mark.focus else "~"
    lines = ["  | " + ("…" if start else "") + shown, "  | " + (" " if start else "") + "".join(under)]
    labels = _label_line([m for m in marks if m.label], start)
    return [*lines, "  | " + labels] if labels else lines


def _label_line(marks: list[Mark], start: int) -> str:
    line = ""
    for mark in sorted(marks, key=lambda m: m.span.start):
        middle = (mark.span.start + mark.span.end) // 2 - start
        column = max(middle - len(mark.label) // 2, len(line) + 1 if line else 0)
        line += " " * (column - len(line)) + mark.label
    return line
