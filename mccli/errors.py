"""What can go wrong, said in one style: the sentence, the place, what each side is, one fix.

Every mistake that mc reports to a person is a :class:`McError`. It knows the text it speaks about and
the spans in it, and :func:`report` lays it out. Nothing else in mc formats an error.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
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


class Typed(NamedTuple):
    """Words of the command line: the value of an option, or any argument that is or contains the text."""

    text: str
    option: str = ""


class McError(Exception):
    """A mistake that is said to the user. ``exit_code`` follows the contract: 2 bad input, 1 check failed.

    ``fix`` is what to write in the place of ``typed``, or of ``source`` where nothing is said to be typed; or a whole
    command, beginning with ``mc``. It is a proposal: it is shown only after it was run.
    """

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
        typed: Typed | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.marks = tuple(marks)
        self.notes = tuple(notes)
        self.fix = fix
        self.source = source
        self.typed = typed


class SyntaxMistake(McError):
    """The text cannot be read: brackets, stray characters, two operators in a row."""

    category = "syntax"


class AmbiguityError(McError):
    """The text can be read in two ways; both readings are shown and neither is guessed.

    ``readings`` are the whole texts that would be read in one way only, where they are known.
    """

    category = "ambiguous"
    readings: tuple[str, ...] = ()


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


class Place(NamedTuple):
    """Where something stands in a record file, for messages."""

    file: str
    line: int
    record: str = ""
    field: str = ""

    def __str__(self) -> str:
        what = ": ".join(part for part in (self.record, self.field) if part)
        return f"{self.file}:{self.line}" + (f": {what}" if what else "")


class RecordMistake(McError):
    """A record of the identity database that cannot be read or does not hold; the message begins with its place."""

    category = "record"
    exit_code = 1

    def __init__(
        self,
        place: Place,
        sentence: str,
        *,
        notes: Iterable[str] = (),
        marks: Iterable[Mark] = (),
        source: str | None = None,
    ) -> None:
        super().__init__(f"{place}: {sentence}", notes=notes, marks=marks, source=source)
        self.place, self.sentence = place, sentence


class FileMistake(McError):
    """A file that cannot be read or written."""

    category = "file"


class LimitReached(McError):
    """Input that is too large or nested too deeply for this machine."""

    category = "limit"


class OwnMistake(McError):
    """A mistake of mc's own, not of the person's."""

    category = "internal"


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
    begun = [k for k in pool if len(name) >= SHORTEST_BEGINNING and k.startswith(name)]
    if len(begun) == 1:
        return begun[0]
    slips = min(max(1, len(name.strip("-")) // 3), len(name) - 1)
    found = [k for k in pool if slips_between(name, k, slips) <= slips]
    return min(found, key=lambda k: slips_between(name, k, slips), default=None)


SHORTEST_BEGINNING = 3


def slips_between(a: str, b: str, most: int) -> int:
    """The slips of the pen between two words: letters put in, left out, replaced, swapped. Exact up to ``most``."""
    if abs(len(a) - len(b)) > most or (most < len(a) and not set(a) & set(b)):
        return most + 1
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        older, before, row = before, row, [i]
        for j, y in enumerate(b, 1):
            row.append(min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (x != y)))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                row[j] = min(row[j], older[j - 2] + 1)
    return row[-1]


def unknown_choice(option: str, given: str, known: Iterable[str], *, said: str = "") -> UsageError:
    """The value of an option that is none of those it takes; ``said`` calls the choices by another word than these."""
    choices = list(known)
    near = closest(given, choices)
    notes = [f"did you mean {near}?"] if near else []
    notes.append(said or f"{option} takes {', '.join(choices)}")
    return UsageError(f"{option} {given} is not known", notes=notes, fix=near, typed=Typed(given, option))


# ------------------------------------------------------------------------------------------------ the layout

SHOWN_WIDTH = 72
SHOWN_LINE_CHARS = 400
UNPRINTABLE = "\N{REPLACEMENT CHARACTER}"


def report(error: McError, *, ascii_only: bool = False, fix: str | None = None) -> str:
    """The whole message for a terminal: a sentence, the marked source, the notes, and the fix that was run."""
    lines = [f"error[{error.category}]: {printable(error.message)}"]
    if error.source is not None and error.source.strip() and error.marks:
        lines += ["  |", *_excerpt(error.source, error.marks, ascii_only), "  |"]
    lines += [f"  = {printable(note)}" for note in error.notes]
    if fix:
        lines.append(f"  = fix: {printable(fix)}")
    text = "\n".join(line.rstrip() for line in lines)
    return to_ascii(text) if ascii_only else text


ASCII = {
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
    "≤": "<=",
    "→": "->",
    "⊗": " kron ",
    "∞": "inf",
    "√": "sqrt",
    "∈": "in",
    "─": "-",
    "’": "'",
    "‘": "'",
    "“": '"',
    "”": '"',
    "—": "-",
}
ASCII_FIRST = {"∇²f": "Hessian", "⁻ᵀ": "^-T", "(·)": "(.)"}
"""Signs that belong together."""


def to_ascii(text: str) -> str:
    """The same message for a terminal that shows ASCII only.

    Greek letters are spelled out, raised and lowered signs get ^ and _, accents are dropped; what is left is shown by
    its number.
    """
    for sign, words in ASCII_FIRST.items():
        text = text.replace(sign, words)
    if text.isascii():
        return text
    pieces: list[str] = []
    height = ""
    for character in text:
        lifted, shown = _in_ascii(character)
        pieces.append(shown if lifted in ("", height) else lifted + shown)
        height = lifted
    return "".join(pieces)


def _in_ascii(character: str) -> tuple[str, str]:
    """A character in ASCII, and ^ or _ before it if it is raised or lowered."""
    if character.isascii() or character in ASCII:
        return "", ASCII.get(character, character)
    name = unicodedata.name(character, "")
    if name.startswith("GREEK ") and " LETTER " in name:
        letter = name.partition(" LETTER ")[2].partition(" WITH ")[0].split()[-1].replace("LAMDA", "LAMBDA").lower()
        return "", letter.capitalize() if " CAPITAL " in name else letter
    if unicodedata.combining(character):
        return "", ""
    lifted = {"<super>": "^", "<sub>": "_"}.get(unicodedata.decomposition(character).partition(" ")[0], "")
    plain = unicodedata.normalize("NFKD", character)
    if plain == character:
        return "", f"U+{ord(character):04X}"
    return lifted, "".join(_in_ascii(part)[1] for part in plain)


def printable(text: str) -> str:
    clean = "".join(c if c.isprintable() or c == "\n" else UNPRINTABLE for c in text)
    return clean if len(clean) <= SHOWN_LINE_CHARS else clean[: SHOWN_LINE_CHARS - 1] + "…"


def _cell(character: str, ascii_only: bool) -> str:
    """How a character of the source is shown."""
    shown = character if character.isprintable() else " " if character.isspace() else UNPRINTABLE
    return to_ascii(shown) if ascii_only else shown


def _columns(cell: str) -> int:
    """The columns of a terminal that a character takes."""
    if unicodedata.combining(cell[0]) or unicodedata.category(cell[0]) == "Cf":
        return 0
    return 2 if unicodedata.east_asian_width(cell[0]) in "WF" else len(cell)


def _excerpt(source: str, marks: tuple[Mark, ...], ascii_only: bool) -> list[str]:
    """The source line, cut to the neighbourhood of the marks, with underlines and labels below it."""
    focus = next((m for m in marks if m.focus), marks[0])
    start = 0
    if len(source) > SHOWN_WIDTH:
        start = max(0, min(focus.span.start - SHOWN_WIDTH // 2, len(source) - SHOWN_WIDTH))
    cells = [_cell(c, ascii_only) for c in source[start : start + SHOWN_WIDTH]]
    before = "..." if start and ascii_only else "…" if start else ""
    after = len(source) > start + SHOWN_WIDTH
    left = [len(before)]
    for cell in cells:
        left.append(left[-1] + _columns(cell))

    def column(place: int) -> int:
        return left[max(0, min(place - start, len(cells)))]

    under = [" "] * (left[-1] + 1)
    seen = [m for m in marks if m.span.start <= start + len(cells) and m.span.end >= start]
    for mark in sorted(seen, key=lambda m: m.focus):
        first, last = column(mark.span.start), column(mark.span.end)
        under[first : max(last, first + 1)] = ("^" if mark.focus else "~") * max(last - first, 1)
    lines = ["  | " + before + "".join(cells) + ("…" if after else ""), "  | " + "".join(under)]
    labels = _label_line([(column(m.span.start), column(m.span.end), m.label) for m in seen if m.label])
    return [*lines, "  | " + labels] if labels else lines


def _label_line(labels: Sequence[tuple[int, int, str]]) -> str:
    line = ""
    for start, end, label in sorted(labels):
        column = max((start + end) // 2 - len(label) // 2, len(line) + 1 if line else 0)
        line += " " * (column - len(line)) + label
    return line
