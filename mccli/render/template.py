r"""The notation of an operation, read from its LaTeX template: marks that any notation can spell.

Records state their notation once, as a template such as ``\lambda_{#k}(#X)``. LaTeX fills it as it stands;
the other notations spell the marks that :func:`marks_of` finds in it. It reads the part of LaTeX that the
templates need and refuses everything else, so that no command is ever dropped on the way.

Side by side means different things: ``\log\det`` applies a function, ``X\,\mathbf{1}`` is a product. The
reader says which, by the invisible characters of Unicode between the marks.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from mccli.language.names import GREEK

APPLY, TIMES, THIN = "\u2061", "\u2062", "\u2009"
"""Function application, product, thin space: what stands between two marks side by side."""


@dataclass(frozen=True)
class Row:
    """Marks one after the other."""

    marks: tuple[Mark, ...]


@dataclass(frozen=True)
class Hole:
    """The place of an argument."""

    name: str


@dataclass(frozen=True)
class Word:
    """Letters or digits in a style: italic, upright, bold, text, number, or the name of a function."""

    style: str
    text: str


@dataclass(frozen=True)
class Sign:
    """An operator, or one of the invisible characters between marks."""

    text: str


@dataclass(frozen=True)
class Glyph:
    """A sign that is an operand, ⊤ or ∞, or that stands before one, ∇ or ∑."""

    text: str


@dataclass(frozen=True)
class Fence:
    """Something between brackets or bars, named by the opening one: ( [ | ‖."""

    left: str
    body: Mark


@dataclass(frozen=True)
class Script:
    """A base with primes, a subscript and a superscript."""

    base: Mark
    primes: int = 0
    below: Mark | None = None
    above: Mark | None = None


@dataclass(frozen=True)
class Fraction:
    """Above and below a line."""

    above: Mark
    below: Mark


@dataclass(frozen=True)
class Root:
    """Under a square root."""

    body: Mark


@dataclass(frozen=True)
class Accent:
    """A letter with a hat, tilde or bar, or anything under a line."""

    kind: str
    body: Mark


@dataclass(frozen=True)
class Matrix:
    """Blocks in rows, between square brackets."""

    rows: tuple[tuple[Mark, ...], ...]


Mark = Row | Hole | Word | Sign | Glyph | Fence | Script | Fraction | Root | Accent | Matrix

ACCENTS = frozenset({"hat", "tilde", "bar", "overline"})
FUNCTIONS = frozenset(
    {"arccos", "arcsin", "arctan", "cos", "cosh", "det", "exp", "log", "max", "min", "sin", "sinh", "tan", "tanh"}
)
_STYLES = {"operatorname": "function", "mathit": "italic", "mathrm": "upright", "mathbf": "bold", "text": "text"}
_SIGNS = {"odot": "⊙", "oslash": "⊘", "otimes": "⊗", "circ": "∘", "ast": "∗", "times": "×", "cdot": "⋅"}
_GLYPHS = {"top": "⊤", "infty": "∞", "nabla": "∇", "sum": "∑"}
_PLAIN_SIGNS = {"-": "−", "*": "∗", "+": "+", "=": "=", "/": "/", ",": ",", "!": "!"}
_FENCES = {"(": ")", "[": "]", "|": "|", r"\lvert": r"\rvert", r"\lVert": r"\rVert"}
_BARS = {r"\lvert": "|", r"\lVert": "‖"}
_TOKEN = re.compile(r"\\(?:[A-Za-z]+\s*|.)|#[A-Za-z]+|[^\W\d_]+\d*|\d+|\S")
_GREEK_COMMAND = re.compile(r"\\([A-Za-z]+)\s*")
_UPRIGHT_LETTER = re.compile(r"\\mathrm\{(\w)\}")


class UnknownNotationError(ValueError):
    """A template uses LaTeX that only LaTeX can spell."""


@lru_cache(maxsize=1024)
def marks_of(template: str) -> Mark:
    """The marks of a template."""
    reader = _Reader(template)
    row = reader.row()
    if reader.at < len(reader.tokens):
        raise UnknownNotationError(f"{reader.tokens[reader.at]} closes nothing in {template}")
    return row


class _Reader:
    """Reads a template from left to right."""

    def __init__(self, template: str) -> None:
        self.template = template
        self.tokens = [(m.group().rstrip(), m.start(), m.end()) for m in _TOKEN.finditer(template)]
        self.at = 0

    # -- tokens

    def peek(self) -> str:
        """The next token, or "" at the end."""
        return self.tokens[self.at][0] if self.at < len(self.tokens) else ""

    def take(self) -> str:
        """The next token, passed over."""
        token = self.peek()
        if not token:
            raise UnknownNotationError(f"{self.template} ends too early")
        self.at += 1
        return token

    def expect(self, token: str) -> None:
        """Pass over this token."""
        if self.take() != token:
            raise UnknownNotationError(f"{token} is missing in {self.template}")

    def braced_text(self) -> str:
        """What stands between braces, as it stands there."""
        self.expect("{")
        start, depth = self.tokens[self.at - 1][2], 1
        while depth:
            token = self.take()
            depth += (token == "{") - (token == "}")
        return self.template[start : self.tokens[self.at - 1][1]]

    # -- marks

    def row(self, *ends: str) -> Mark:
        """Marks up to a token that ends the row, which is left for the caller."""
        marks: list[Mark] = []
        while (token := self.peek()) and token not in ("}", ")", "]", *ends):
            if token == r"\,":
                self.at += 1
                marks += [Sign(TIMES), Sign(THIN)]
                continue
            mark = self.scripted()
            between = _between(marks[-1], mark) if marks else None
            marks += [mark] if between is None else [between, mark]
        return marks[0] if len(marks) == 1 else Row(tuple(marks))

    def scripted(self) -> Mark:
        """A mark with what is attached to it."""
        base = self.mark()
        primes = 0
        scripts: dict[str, Mark] = {}
        while self.peek() in ("_", "^", "'"):
            place = self.take()
            if place == "'":
                primes += 1
            elif place in scripts:
                raise UnknownNotationError(f"two of {place} in {self.template}")
            else:
                scripts[place] = self.mark()
        if not primes and not scripts:
            return base
        return Script(base, primes, scripts.get("_"), scripts.get("^"))

    def mark(self) -> Mark:
        """One mark without scripts."""
        token = self.take()
        if token == "{":
            return self.closed("}")
        if token in _FENCES:
            return Fence(_BARS.get(token, token), self.closed(_FENCES[token]))
        if token.startswith("#") and len(token) > 1:
            return Hole(token[1:])
        if token.startswith("\\"):
            return self.command(token[1:])
        if token in _PLAIN_SIGNS:
            return Sign(_PLAIN_SIGNS[token])
        return self.plain(token)

    def plain(self, token: str) -> Mark:
        """A number, or a name: of one letter, of several, or with an index behind it."""
        if token.isdigit():
            return Word("number", token)
        letters = token.rstrip("0123456789")
        if not letters.isalpha():
            raise UnknownNotationError(f"{token} in {self.template}")
        name = Word("italic", letters)
        return name if letters == token else Script(name, below=Word("number", token[len(letters) :]))

    def closed(self, end: str) -> Mark:
        """A row and the token behind it."""
        row = self.row(end)
        self.expect(end)
        return row

    def command(self, name: str) -> Mark:
        """What a command stands for."""
        if name in GREEK:
            return Word("italic", GREEK[name])
        if name in FUNCTIONS:
            return Word("function", name)
        if name in _SIGNS:
            return Sign(_SIGNS[name])
        if name in _GLYPHS:
            return Glyph(_GLYPHS[name])
        if name in _STYLES:
            return Word(_STYLES[name], _unicode(self.braced_text()))
        return self.construction(name)

    def construction(self, name: str) -> Mark:
        """A command with arguments that are rows themselves."""
        if name == "frac":
            return Fraction(self.mark(), self.mark())
        if name == "sqrt":
            return Root(self.mark())
        if name in ACCENTS:
            return Accent(name, self.mark())
        if name == "begin" and self.braced_text() == "bmatrix":
            return self.matrix()
        raise UnknownNotationError(rf"\{name} in {self.template}")

    def matrix(self) -> Mark:
        """The rows of a matrix up to its end."""
        rows: list[tuple[Mark, ...]] = []
        row: list[Mark] = []
        while True:
            row.append(self.row("&", r"\\", r"\end"))
            end = self.take()
            if end != "&":
                rows.append(tuple(row))
                row = []
            if end == r"\end":
                self.braced_text()
                return Matrix(tuple(rows))


def _unicode(text: str) -> str:
    """Letters with their Greek commands as letters: the argument of a font command."""

    def letter(match: re.Match[str]) -> str:
        if match[1] not in GREEK:
            raise UnknownNotationError(f"{match.group()} in {text}")
        return GREEK[match[1]]

    return _GREEK_COMMAND.sub(letter, _UPRIGHT_LETTER.sub(r"\1", text))


def _between(left: Mark, right: Mark) -> Mark | None:
    """What is meant where two marks stand side by side; None next to an operator."""
    if isinstance(left, Sign) or isinstance(right, Sign):
        return None
    head = left.base if isinstance(left, Script) else left
    called = isinstance(right, Fence) and right.left in "(["
    if called or (isinstance(head, Word) and head.style == "function"):
        return Sign(APPLY)
    # the upright d of a differential and the signs before an operand belong to it
    glued = (isinstance(head, Word) and head.style == "upright") or (isinstance(head, Glyph) and head.text in "∇∑")
    return None if glued else Sign(TIMES)
