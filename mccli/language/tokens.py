"""The lexer: text becomes tokens. It knows characters and spacing, not meaning.

Kinds of token:

* ``number`` ``run`` (letters with digits and subscripts) ``ones`` ``nabla`` ``string`` ``keyword`` (``axis=``)
* ``op``: ``+ - * · @ / .* ./ ^ .^ ** kron , : = _``
* ``mark`` (a transpose), ``dagger`` (a pseudo-inverse), ``sub`` (a subscript that stands alone)
* ``open`` ``close`` ``bar`` (``|`` ``||`` ``‖``, ending in l or r where LaTeX says which side it is)
* ``numpy`` (the name after ``np.``), ``method`` (the name after a dot), ``frac``, ``end``
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import NamedTuple

from mccli.errors import AmbiguityError, Mark, Span, SyntaxMistake
from mccli.language.latex import read_command
from mccli.language.names import SUBSCRIPTS, Piece, fold, join_subscript
from mccli.language.scripts import SUPERSCRIPTS, read_subscript, subscript_follows, superscript_parts

MAX_CHARACTERS = 20_000
CLOSERS: Mapping[str, str] = {"(": ")", "[": "]", "{": "}"}
POWERS = ("^", ".^", "**")

_MAX_DIGITS = 300
_FRACTIONS = {"½": "1/2", "⅓": "1/3", "¼": "1/4", "¾": "3/4", "⅔": "2/3"}
_LONG = {".*": ".*", "./": "./", ".^": ".^", "**": "**"}
_SINGLE = {c: c for c in "+-*@/^,:="} | dict(
    zip("·⋅∙−–∕÷∘⊙⊗×", ["·", "·", "·", "-", "-", "/", "/", ".*", ".*", "kron", "×"], strict=True)
)
_MARKS = {"'": "'", "′": "'", "’": "'", "″": "''", "⊤": "⊤", "⊺": "⊤"}
_CLOSED = {"run", "number", "close", "mark", "ones", "sub", "bar", "dagger"}

_NUMBER = re.compile(r"(?:[0-9]+(?:\.(?![*/^'A-Za-z])[0-9]*)?|\.[0-9]+)(?:e[+-]?[0-9]+)?")
_NUMPY = re.compile(r"(?:numpy|np|jnp|scipy)\.(?:(?:linalg|special|numpy)\.)*([A-Za-z_][A-Za-z0-9_]*)")
_KEYWORD = re.compile(r"(axis|ord)\s*=(?!=)")
_KEEP_DIMENSIONS = re.compile(r",\s*keepdims\s*=\s*(?:True|False)")
_STRING = re.compile(r"'([a-z]*)'|\"([a-z]*)\"")
_METHOD = re.compile(r"\.([A-Za-z][A-Za-z0-9_]*)")


class Token(NamedTuple):
    """A piece of the text; ``spaced`` if white space comes before, ``pieces`` are the letters of a run."""

    kind: str
    text: str
    span: Span
    spaced: bool = False
    pieces: tuple[Piece, ...] = ()


def tokenize(text: str, start: int, end: int, names: Collection[str], functions: Collection[str]) -> list[Token]:
    """The tokens of ``text[start:end]``, with an ``end`` token last."""
    return _Lexer(text, start, end, names, functions).read()


class _Lexer:
    def __init__(self, text: str, at: int, end: int, names: Collection[str], functions: Collection[str]) -> None:
        self.text, self.at, self.end = text, at, end
        self.names, self.functions = names, functions
        self.tokens: list[Token] = []
        self.dropped: set[int] = set()
        self.spaced = False
        self.fraction_arguments = 0

    def read(self) -> list[Token]:
        while self.at < self.end:
            character = self.text[self.at]
            if self.at in self.dropped:
                self.at += 1
            elif character.isspace() or character == "~":
                self.at, self.spaced = self.at + 1, True
            else:
                self.one(character)
        self.add("end", "", self.end, self.end)
        return self.tokens

    def add(self, kind: str, text: str, start: int, stop: int, pieces: tuple[Piece, ...] = ()) -> None:
        self.tokens.append(Token(kind, text, Span(start, stop), self.spaced, pieces))
        self.at, self.spaced = max(stop, self.at), False

    def last(self) -> str:
        return self.tokens[-1].kind if self.tokens else ""

    def mistake(self, said: str, start: int, stop: int, *notes: str) -> SyntaxMistake:
        return SyntaxMistake(said, marks=[Mark(Span(start, stop), focus=True)], notes=notes)

    def one(self, character: str) -> None:
        """Read the token that starts with ``character``."""
        text, at = self.text, self.at
        if self.fraction_arguments and self.short_argument(character):
            return
        if character == "\\":
            self.command()
        elif character in "0123456789" or (character == "." and text[at + 1 : at + 2] in tuple("0123456789")):
            self.number()
        elif fold(character):
            self.letter()
        elif character in SUPERSCRIPTS or character in SUBSCRIPTS or character == "_":
            self.script(character)
        elif character == "." or text[at : at + 2] in _LONG:
            self.dotted()
        elif character in "'\"" and self.string():
            return
        else:
            self.symbol(character)

    def symbol(self, character: str) -> None:
        """A character that is a token by itself."""
        at = self.at
        keep = _KEEP_DIMENSIONS.match(self.text, at, self.end) if character == "," else None
        if keep:
            self.at = keep.end()
        elif character in _SINGLE:
            self.add("op", _SINGLE[character], at, at + 1)
        elif character in _MARKS:
            for mark in _MARKS[character]:
                self.add("mark", mark, at, at + 1)
        elif character in "([{":
            self.add("open", character, at, at + 1)
        elif character in ")]}":
            self.add("close", character, at, at + 1)
        elif character in "|‖":
            width = 2 if self.text.startswith("||", at) and at + 1 < self.end else 1
            self.add("bar", self.text[at : at + width], at, at + width)
        else:
            self.rare(character)

    def rare(self, character: str) -> None:
        at = self.at
        if character in "𝟏𝟙":
            self.add("ones", "1", at, at + 1)
        elif character in "∇†":
            self.add("nabla" if character == "∇" else "dagger", character, at, at + 1)
        elif character in _FRACTIONS:
            self.add("number", _FRACTIONS[character], at, at + 1)
        else:
            shown = character if character.isprintable() else f"U+{ord(character):04X}"
            raise self.mistake(f"the character {shown} has no meaning here", at, at + 1)

    def number(self) -> None:
        match = _NUMBER.match(self.text, self.at, self.end)
        assert match is not None
        literal, stop = match.group(), match.end()
        mantissa, _, exponent = literal.partition("e")
        if exponent and "e" in self.names:
            literal, stop, exponent = mantissa, self.at + len(mantissa), ""
        if self.text[stop : stop + 1] == "." and self.text[stop + 1 : stop + 2] in tuple("0123456789"):
            raise self.mistake("a number with two decimal points", self.at, stop + 2)
        if len(mantissa) > _MAX_DIGITS or len(exponent) > 4:
            raise self.mistake("this number is too long to be read", self.at, stop)
        if exponent and exponent[0] not in "+-":
            readings = f"{mantissa}e+{exponent}", f"{mantissa}*e{exponent}"
            marks = [Mark(Span(self.at, stop), focus=True)]
            notes = [f"write {readings[0]} for the number or {readings[1]} for the product"]
            raise AmbiguityError(f"{literal} can be a number or a product", marks=marks, notes=notes)
        self.add("number", literal, self.at, stop)

    def letter(self) -> None:
        """A run of letters, or a name with a NumPy prefix, or a keyword."""
        for pattern, kind in ((_NUMPY, "numpy"), (_KEYWORD, "keyword")):
            match = pattern.match(self.text, self.at, self.end)
            if match:
                return self.add(kind, match.group(1), self.at, match.end())
        if self.after_caret() and self.transpose_letter():
            return None
        start, pieces = self.at, []
        while self.at < self.end and fold(self.text[self.at]):
            pieces.append(self.piece(fold(self.text[self.at]), self.at, self.at + 1))
        return self.add("run", "".join(p.text for p in pieces), start, self.at, tuple(pieces))

    def piece(self, letter: str, start: int, stop: int) -> Piece:
        """One letter with the digits and the subscript that follow it."""
        self.at = stop
        while self.at < self.end and self.text[self.at] in "0123456789":
            self.at += 1
        head = letter + self.text[stop : self.at]
        return Piece(join_subscript(head, self.subscript()), Span(start, self.at))

    def after_caret(self) -> bool:
        """Whether an exponent starts here (perhaps after a brace and a minus)."""
        before = [t.text for t in self.tokens[-3:]]
        if before and before[-1] == "-":
            before.pop()
        if before and before[-1] == "{":
            before.pop()
        return bool(before) and before[-1] == "^"

    def transpose_letter(self) -> bool:
        """``^T`` and ``^{T}`` transpose; ``^H`` is refused."""
        letter, braced = self.text[self.at], any(t.text == "{" for t in self.tokens[-2:])
        following = self.text[self.at + 1 : self.end].lstrip()[:1]
        if braced and following != "}":
            return False
        if letter == "H":
            raise self.mistake("complex conjugate transposes are not read", self.at, self.at + 1, "write ' or ^T")
        if letter == "T":
            self.add("mark", "T", self.at, self.at + 1)
        return letter == "T"

    def subscript(self) -> str:
        """The subscript of a name here, or ""."""
        if not subscript_follows(self.text, self.at, self.end):
            return ""
        subscript, self.at = read_subscript(self.text, self.at, self.end)
        return subscript

    def script(self, character: str) -> None:
        """A superscript, or a subscript after something other than a plain letter."""
        start = self.at
        if character in SUPERSCRIPTS:
            return self.superscript(start)
        if not subscript_follows(self.text, start, self.end):
            return self.add("op", "_", start, start + 1)
        norm = self.last() in ("bar", "number", "mark")
        subscript, self.at = read_subscript(self.text, start, self.end, norm=norm)
        previous = self.tokens[-1] if self.tokens else None
        if previous and previous.kind == "run" and not self.spaced:
            piece = previous.pieces[-1]
            piece = Piece(join_subscript(piece.text, subscript), Span(piece.span.start, self.at))
            pieces = (*previous.pieces[:-1], piece)
            span = Span(previous.span.start, self.at)
            self.tokens[-1] = previous._replace(text="".join(p.text for p in pieces), pieces=pieces, span=span)
            return None
        return self.add("sub", subscript, start, self.at)

    def superscript(self, start: int) -> None:
        """``X⁻ʳ`` becomes ``X ^ { - r }``; ``Xᵀ`` becomes a mark."""
        if self.text[start] == "ᵀ":
            return self.add("mark", "⊤", start, start + 1)
        self.add("op", "^", start, start)
        self.add("open", "{", start, start)
        for token, place in superscript_parts(self.text, start, self.end):
            kind = "number" if token[0] in "0123456789" else "op" if token in "+-" else "run"
            kind = {"(": "open", ")": "close", "T": "mark"}.get(token, kind)
            self.add(kind, token, place.start, place.end, (Piece(token, place),) if kind == "run" else ())
        return self.add("close", "}", self.at, self.at)

    def dotted(self) -> None:
        """An elementwise operator, ``**``, ``.T`` or a method."""
        at = self.at
        pair = self.text[at : at + 2]
        if pair in _LONG and at + 1 < self.end:
            return self.add("op", _LONG[pair], at, at + 2)
        if pair == ".'":
            return self.add("mark", "'", at, at + 2)
        match = _METHOD.match(self.text, at, self.end)
        if match is None:
            raise self.mistake("a stray dot", at, at + 1, "elementwise operators are .* ./ .^")
        if match.group(1) == "H":
            raise self.mistake("complex conjugate transposes are not read", at, at + 2, "write ' or .T")
        if match.group(1) in ("T", "mT"):
            return self.add("mark", ".T", at, match.end())
        return self.add("method", match.group(1), at, match.end())

    def string(self) -> bool:
        """A quoted word, as in ``np.linalg.norm(X, 'fro')``; a quote after an operand is a transpose."""
        match = _STRING.match(self.text, self.at, self.end)
        if match is None or self.last() in _CLOSED:
            return False
        self.add("string", match.group(1) or match.group(2) or "", self.at, match.end())
        return True

    def command(self) -> None:
        """A LaTeX command."""
        start = self.at
        found = read_command(self.text, start, self.end, self.functions)
        if found.drop is not None:
            self.dropped.add(found.drop)
        self.at = found.resume
        if found.kind == "letter":
            self.command_letters(found.text, start)
        elif found.kind == "frac":
            self.add("frac", "frac", start, found.resume)
            self.fraction_arguments = 2
        elif found.kind:
            self.add(found.kind, found.text, start, found.resume)
        else:
            self.spaced = self.spaced or found.drop is None

    def command_letters(self, letters: str, start: int) -> None:
        r"""``\lambda``, ``\hat{y}`` or ``\log`` as a run of its own, which may carry a subscript."""
        stop = self.at
        subscript = self.subscript()
        if "_" in letters or len(letters) == 1:
            pieces = [Piece(join_subscript(letters, subscript), Span(start, self.at))]
        else:
            pieces = [Piece(c, Span(start, stop)) for c in letters]
            pieces[-1] = Piece(join_subscript(letters[-1], subscript), Span(start, self.at))
        self.add("run", "".join(p.text for p in pieces), start, self.at, tuple(pieces))

    def short_argument(self, character: str) -> bool:
        r"""An argument of ``\frac`` without braces, as in ``\frac12``, gets them."""
        self.fraction_arguments -= 1
        if character not in "0123456789" and not fold(character):
            self.fraction_arguments = 0
            return False
        at = self.at
        self.add("open", "{", at, at)
        if fold(character):
            self.add("run", fold(character), at, at + 1, (Piece(fold(character), Span(at, at + 1)),))
        else:
            self.add("number", character, at, at + 1)
        self.add("close", "}", at + 1, at + 1)
        return True
