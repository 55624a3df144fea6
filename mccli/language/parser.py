r"""The parser: what a person types becomes an untyped syntax tree.

A Pratt parser over the tokens of :mod:`mccli.language.tokens`, with one precedence table. The grammar::

    input       = expression [ "where" declaration { ("," | ";") declaration } ]
    declaration = name ( ":" | "is" | "in" | "∈" ) word { "," word }
    expression  = term { ("+" | "-") term }
    term        = "-" term | product
    product     = factor { ( "*" | "@" | ".*" | "/" | "./" | "⊗" | nothing ) factor }       left to right
    factor      = atom { transpose | "^" exponent | ".^" exponent | method }                left to right
    exponent    = "T" | "-T" | [ "-" ] ( number | name | bracketed )
    atom        = number | number "/" number | name | "1'" | bracketed | bars | norm | frac | application
    bracketed   = "(" expression ")" | "[" expression "]" | "{" expression "}"
    bars        = "|" expression "|"
    norm        = "||" expression "||" [ "_" subscript ]
    application = function "(" expression { "," expression } ")" | function factor

What can be read in two ways is refused with both readings: a slash before a juxtaposed factor, and a function
without parentheses before another factor. Left chains are built in loops, so long sums do not recurse.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from fractions import Fraction

from mccli.errors import AmbiguityError, Mark, McError, NameMistake, Span, SyntaxMistake, closest
from mccli.language.latex import plain_symbol
from mccli.language.names import Vocabulary, canonical_name, fold, read_run
from mccli.language.syntax import (
    Bars,
    Binary,
    BinaryOperator,
    Call,
    Declaration,
    Group,
    Name,
    Negate,
    Norm,
    Number,
    Ones,
    Parsed,
    Syntax,
    Transpose,
)
from mccli.language.tokens import MAX_CHARACTERS, Token, tokenize

PRECEDENCE: Mapping[str, int] = {
    "+": 10,
    "-": 10,
    "negate": 20,
    "*": 30,
    "@": 30,
    ".*": 30,
    "/": 30,
    "./": 30,
    "kron": 30,
    "juxt": 30,
}  # powers, transposes and methods bind tighter than all of these: they belong to the factor
MAX_OPERATORS = 800
MAX_DEPTH = 100

_PLAIN: Mapping[str, BinaryOperator] = {
    "+": "+", "-": "-", "*": "*", "@": "*", ".*": ".*", "/": "/", "./": "./", "kron": "kron", "juxt": "juxt",
}  # fmt: skip
_NUMPY: Mapping[str, BinaryOperator] = {**_PLAIN, "*": ".*", "/": "./"}
_CLOSERS = {"(": ")", "[": "]", "{": "}"}
_FACTOR_STARTS = {"number", "ones", "name", "eye", "function", "numpy", "frac", "open"}
_POWERS = ("^", ".^", "**")
_PRODUCTS = ("juxt", "*", "@", ".*", "/", "./", "kron")
_DELIMITED = {"open", "bar", "function", "numpy", "frac"}
_NORMS = {"": "", "1": "1", "2": "2", "F": "F", "fro": "F", "inf": "inf", "*": "*", "nuc": "*"}

NUMPY_NOTE = "NumPy notation: * is elementwise"
TRANSPOSE_STAR_NOTE = "`.T` with `*`: read as the matrix product; write .* for elementwise"
T_NOTE = "T after ^ is the transpose, not the symbol T"


def parse(
    text: str, *, functions: Mapping[str, str], names: Collection[str] = (), primed: Collection[str] = ()
) -> Parsed:
    """Read ``text``. Whatever cannot be read raises a McError that points at the place."""
    vocabulary = Vocabulary(functions, frozenset(map(canonical_name, names)), frozenset(primed))
    try:
        return _read(text, vocabulary)
    except McError as error:
        error.source = text
        if error.fix is not None and not _readable(error.fix, vocabulary):
            error.fix = None
        raise


def _readable(text: str, vocabulary: Vocabulary) -> bool:
    try:
        _read(text, vocabulary)
    except McError:
        return False
    return True


def _read(text: str, vocabulary: Vocabulary) -> Parsed:
    _check_text(text)
    stop, clause = _split_where(text)
    declarations = _declarations(text, clause) if clause is not None else ()
    declared = vocabulary.names.union(d.name for d in declarations)
    vocabulary = Vocabulary(vocabulary.functions, declared, vocabulary.primed)
    start, stop = _unwrapped(text, stop)
    raw = tokenize(text, start, stop, declared, vocabulary.functions)
    if len(raw) == 1:
        raise SyntaxMistake("there is no expression here", marks=[Mark(Span(start, start), focus=True)])
    _check_brackets(raw)
    resolver = _Resolver(raw, vocabulary, text)
    reader = _Reader(resolver.resolve(), vocabulary, text)
    try:
        return Parsed(text, reader.whole(), declarations, (*resolver.notes, *_notes(raw, reader, vocabulary)))
    except RecursionError:  # a caller that is deep in the stack itself
        marks = [Mark(Span(start, stop))]
        raise SyntaxMistake("the expression is nested too deeply", marks=marks) from None


def _check_text(text: str) -> None:
    if not text.strip():
        raise SyntaxMistake("the expression is empty", marks=[Mark(Span(0, len(text)))])
    if len(text) > MAX_CHARACTERS:
        marks = [Mark(Span(MAX_CHARACTERS, len(text)))]
        raise SyntaxMistake(f"the expression is longer than {MAX_CHARACTERS} characters", marks=marks)
    for i, character in enumerate(text):
        if not character.isprintable() and not character.isspace():
            marks = [Mark(Span(i, i + 1), focus=True)]
            raise SyntaxMistake(f"control character U+{ord(character):04X} in the expression", marks=marks)


def _unwrapped(text: str, stop: int) -> tuple[int, int]:
    r"""The range inside ``$...$``, ``\[...\]`` or ``\(...\)``, and without white space around."""
    start = 0
    for opener, closer in (("$$", "$$"), ("$", "$"), (r"\[", r"\]"), (r"\(", r"\)")):
        inner = text[start:stop].strip()
        if inner.startswith(opener) and inner.endswith(closer) and len(inner) >= len(opener + closer):
            start = text.index(opener, start) + len(opener)
            stop = start + len(inner) - len(opener + closer)
            break
    return start, stop


def _notes(raw: list[Token], reader: _Reader, vocabulary: Vocabulary) -> tuple[str, ...]:
    """Remarks on how the notation was understood."""
    notes = list(reader.notes)
    stars = any(t.kind == "op" and t.text == "*" for t in raw)
    if reader.numpy:
        notes.append(NUMPY_NOTE)
    elif stars and any(t.kind == "mark" and t.text == ".T" for t in raw):
        notes.append(TRANSPOSE_STAR_NOTE)
    if "T" in vocabulary.names and any(t.kind == "mark" and t.text == "T" for t in raw):
        notes.append(T_NOTE)
    return tuple(dict.fromkeys(notes))


def _check_brackets(tokens: list[Token]) -> None:
    """Every bracket has its partner, and they are not nested too deeply."""
    opened: list[Token] = []
    for token in tokens:
        if token.kind == "open":
            opened.append(token)
        elif token.kind == "close" and (not opened or _CLOSERS[opened[-1].text] != token.text):
            marks = [Mark(token.span, focus=True)]
            if not opened:
                raise SyntaxMistake(f"this {token.text} closes nothing", marks=marks)
            expected = _CLOSERS[opened[-1].text]
            marks.append(Mark(opened[-1].span, f"needs {expected}"))
            raise SyntaxMistake(f"{opened[-1].text} is closed by {token.text}", marks=marks)
        elif token.kind == "close":
            opened.pop()
        if len(opened) > MAX_DEPTH:
            raise SyntaxMistake("the expression is nested too deeply", marks=[Mark(token.span, focus=True)])
    if opened:
        bracket = opened[-1]
        closer = _CLOSERS[bracket.text]
        mark = Mark(bracket.span, f"a {closer} is missing", focus=True)
        raise SyntaxMistake(f"this {bracket.text} is never closed", marks=[mark])


# --- the where clause -------------------------------------------------------------------------------

_WHERE = re.compile(r"\\text\{ ?where ?\}|(?<![\w.\\{])where(?![\w(])")
_SEPARATOR = re.compile(r"[,;]|\band\b")
_COLON = re.compile(r":|∈|\\in\b|\bis\b|\bin\b")
_TIMES = re.compile(r" ?(?:×|\\times(?![A-Za-z])) ?| (?:x|by) |(?<=[0-9])x(?=[0-9A-Za-z])|(?<=^[A-Za-z])x(?=[A-Za-z]$)")
_REALS = re.compile(r"(?:ℝ|R|\\mathbb\{R\}|\\R|\\Re)\s*\^\s*(.+)$", re.DOTALL)


def _split_where(text: str) -> tuple[int, Span | None]:
    """Where the expression ends, and the range of the declarations if there are any."""
    for match in _WHERE.finditer(text):
        before = text[: match.start()]
        if not _outside(before):
            continue
        if not text[match.end() :].strip(" ,;:$"):
            marks = [Mark(Span(match.start(), match.end()), focus=True)]
            raise SyntaxMistake("nothing is declared after where", marks=marks, notes=["as in: where X: m×n"])
        return len(before.rstrip().rstrip(",;")), Span(match.end(), len(text))
    return len(text), None


def _declarations(text: str, clause: Span) -> tuple[Declaration, ...]:
    """The items of a where clause; one without a name continues the previous one."""
    found: list[Declaration] = []
    for span in _items(text, clause):
        item = text[span.start : span.end]
        colon = _COLON.search(item)
        if colon:
            found.append(Declaration(_declared_name(item[: colon.start()], span), _words(item[colon.end() :]), span))
        elif found:
            last = found[-1]
            found[-1] = replace(last, words=last.words + _words(item), span=last.span.to(span))
        else:
            raise SyntaxMistake(
                "a declaration starts with a name and a colon",
                marks=[Mark(span, focus=True)],
                notes=["as in: where X: m×n, A: symmetric"],
            )
    return tuple(found)


def _items(text: str, clause: Span) -> list[Span]:
    """The parts between the separators that stand outside brackets, without the space around them."""
    items: list[Span] = []
    start = clause.start
    cuts = [m for m in _SEPARATOR.finditer(text, clause.start, clause.end) if _outside(text[clause.start : m.start()])]
    for stop, after in [*((m.start(), m.end()) for m in cuts), (clause.end, clause.end)]:
        item = text[start:stop]
        inner = item.strip(" \t\n$")
        if inner:
            first = start + item.index(inner)
            items.append(Span(first, first + len(inner)))
        start = after
    return items


def _outside(before: str) -> bool:
    return all(before.count(opener) <= before.count(closer) for opener, closer in _CLOSERS.items())


def _declared_name(written: str, span: Span) -> str:
    name = canonical_name(plain_symbol(written))
    if not name or not fold(name[0]) or not all(fold(c) or c in "_0123456789" for c in name):
        raise SyntaxMistake(f"{written.strip() or 'nothing'} is no name", marks=[Mark(span, focus=True)])
    return name


def _words(written: str) -> tuple[str, ...]:
    """``m × n`` gives m and n, ``R^n`` gives n, ``Positive  definite`` gives "positive definite"."""
    written = " ".join(written.split())
    if written in ("R", "ℝ", r"\mathbb{R}"):
        return ("scalar",)
    space = _REALS.match(written)
    sizes = space.group(1) if space else written
    bracketed = sizes[:1] in ("(", "{", "[") and sizes[-1:] in (")", "}", "]")
    parts = _TIMES.split(sizes[1:-1] if bracketed else sizes)
    if bracketed and len(parts) == 1:
        parts = parts[0].split(",")
    sized = space is not None or len(parts) > 1 or bracketed
    return tuple(word for word in (_word(part, sized) for part in parts) if word)


def _word(part: str, sized: bool) -> str:
    """A size as it was written, a property in lowercase."""
    words = part.split()
    if sized or (any(c in "+-*/0123456789" for c in part) and "definite" not in part):
        return "".join(words)
    joined = " ".join(words)
    return joined if len(joined) == 1 else joined.lower()


# --- from runs to names -----------------------------------------------------------------------------


class _Resolver:
    """Turns runs of letters into names and functions, ``1'`` into ones, ``∇L`` into one function."""

    def __init__(self, tokens: list[Token], vocabulary: Vocabulary, text: str) -> None:
        self.tokens, self.vocabulary, self.text = tokens, vocabulary, text
        self.out: list[Token] = []
        self.notes: list[str] = []

    def resolve(self) -> list[Token]:
        at = 0
        while at < len(self.tokens):
            token = self.tokens[at]
            if token.kind == "run":
                at += self.run(at)
            elif token.kind == "nabla":
                at += self.nabla(at)
            elif token.kind == "number" and token.text in ("1", "11") and self.is_ones(at):
                self.ones(token)
                at += 1
            else:
                self.out.append(token)
                at += 1
        return self.out

    def ones(self, token: Token) -> None:
        """``1'`` is the row of ones, ``11'`` the matrix of ones."""
        for place in range(token.span.start, token.span.end):
            self.out.append(Token("ones", "1", Span(place, place + 1), token.spaced))
        if token.text == "11":
            self.notes.append("11 with a transpose is read as 1 1', the matrix of ones")

    def is_ones(self, at: int) -> bool:
        """A literal 1 that carries a transpose mark or a size, and is no exponent."""
        before = [t.text if t.kind == "op" else "" for t in self.tokens[max(at - 2, 0) : at]]
        if before and before[-1] == "-":
            before.pop()
        if before and before[-1] in _POWERS:
            return False
        following = self.tokens[at + 1]
        if following.kind == "op" and following.text == "^":
            rest = [t.kind for t in self.tokens[at + 2 : at + 5]]
            return rest[:1] == ["mark"] or rest == ["open", "mark", "close"]
        if following.kind == "sub" or (following.kind == "op" and following.text == "_"):
            return self.tokens[at].text == "1" and not following.spaced
        return following.kind == "mark" and not following.spaced

    def run(self, at: int) -> int:
        """Append what the run at ``at`` means; returns how many tokens were used."""
        token, primes = self.tokens[at], 0
        while self.tokens[at + 1 + primes].kind == "mark" and self.tokens[at + 1 + primes].text == "'":
            primes += 1
        following = self.tokens[at + 1 + primes]
        called = following.kind == "open" and (primes == 0 or not following.spaced)
        touching = called and not following.spaced
        words = read_run(token.pieces, called, touching, self.vocabulary, self.text)
        spaced = token.spaced
        for word in words:
            self.out.append(Token(word.kind, word.text, word.span, spaced))
            spaced = False
        if primes and called and words[-1].kind == "function":
            self.out[-1] = self.primed(self.out[-1], primes, following)
            return 1 + primes
        return 1

    def primed(self, function: Token, primes: int, following: Token) -> Token:
        span = Span(function.span.start, following.span.start)
        if function.text not in self.vocabulary.primed or primes > 2:
            spelled = self.text[function.span.start : function.span.end]
            said = f"{spelled} cannot be followed by {primes} prime{'s' * (primes > 1)} and a parenthesis"
            notes = [f"for a transpose write the mark after the argument: {spelled}(...)'"]
            raise SyntaxMistake(said, marks=[Mark(span, focus=True)], notes=notes)
        return replace(function, text=function.text + "'" * primes, span=span)

    def nabla(self, at: int) -> int:
        token, following = self.tokens[at], self.tokens[at + 1]
        function = self.vocabulary.function("∇" + following.text) if following.kind == "run" else None
        if function is None:
            spelled = "∇" + (following.text if following.kind == "run" else "")
            notes = ["∇L(z) is read where L is a declared function"]
            raise NameMistake(f"unknown function {spelled}", marks=[Mark(token.span, focus=True)], notes=notes)
        self.out.append(Token("function", function, token.span.to(following.span), token.spaced))
        return 2


# --- the Pratt parser -------------------------------------------------------------------------------


class _Reader:
    """Reads the tokens into a tree."""

    def __init__(self, tokens: list[Token], vocabulary: Vocabulary, text: str) -> None:
        self.tokens, self.vocabulary, self.text = tokens, vocabulary, text
        self.at = 0
        self.opened: list[Token] = []
        self.operators = 0
        self.depth = 0
        self.notes: list[str] = []
        self.numpy = any(self.is_numpy(token) for token in tokens)
        self.binary = _NUMPY if self.numpy else _PLAIN

    @staticmethod
    def is_numpy(token: Token) -> bool:
        return token.kind in ("numpy", "method", "keyword") or (token.kind == "op" and token.text in ("@", "**"))

    # -- moving

    @property
    def here(self) -> Token:
        return self.tokens[self.at]

    def is_op(self, *operators: str) -> bool:
        return self.here.kind == "op" and self.here.text in operators

    def ahead(self, *kinds: str) -> bool:
        """Whether the kinds (of an operator, the text) of the next tokens are these."""
        tokens = self.tokens[self.at : self.at + len(kinds)]
        return [t.text if t.kind == "op" else t.kind for t in tokens] == list(kinds)

    def take(self) -> Token:
        token = self.tokens[self.at]
        self.at += token.kind != "end"
        return token

    def slice(self, span: Span) -> str:
        return self.text[span.start : span.end]

    def mistake(self, said: str, *places: Token, notes: Collection[str] = (), fix: str | None = None) -> SyntaxMistake:
        marks = [Mark(token.span, focus=i == 0) for i, token in enumerate(places)]
        return SyntaxMistake(said, marks=marks, notes=notes, fix=fix)

    def count(self, place: Token) -> None:
        self.operators += 1
        if self.operators > MAX_OPERATORS:
            raise self.mistake(f"more than {MAX_OPERATORS} operators in one expression", place)

    def deeper(self, place: Token) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.mistake("the expression is nested too deeply", place)

    # -- expressions

    def whole(self) -> Syntax:
        tree = self.expression()
        if self.here.kind != "end":
            raise self.leftover()
        return tree

    def leftover(self) -> SyntaxMistake:
        token = self.here
        if token.kind == "op" and token.text == "×":
            fix = self.text[: token.span.start] + "*" + self.text[token.span.end :]
            return self.mistake("× is no product of matrices", token, notes=["write * for a product"], fix=fix)
        if token.kind == "op" and token.text == "=":
            return self.mistake("an expression is read here, not an equation", token)
        if token.kind == "op" and token.text == ",":
            return self.mistake("a comma only separates the arguments of a function", token)
        if token.kind == "sub" or token.text == "_":
            return self.mistake("a subscript only belongs to a name or a norm", token)
        if token.kind == "bar":
            return self.mistake(f"this {token.text[:-1] or '|'} closes nothing", token)
        return self.mistake(f"{self.slice(token.span) or 'this'} cannot stand here", token)

    def expression(self, floor: int = 0) -> Syntax:
        """An expression of operators that bind tighter than ``floor``."""
        signs = self.signs()
        left = self.expression(max(floor, PRECEDENCE["negate"])) if signs else self.factor()
        for minus in reversed(signs):
            left = Negate(left, minus.span.to(left.span))
        slash = False
        while True:
            operator = self.infix()
            if operator is None or PRECEDENCE[operator] <= floor:
                return left
            if operator == "juxt" and slash:
                raise self.ambiguous_slash(left)
            token = self.here if operator == "juxt" else self.take()
            self.count(token)
            start = self.here
            right = self.expression(PRECEDENCE[operator])
            slash = operator in ("/", "./") and start.kind not in _DELIMITED
            left = self.combine(operator, token, left, right)

    def signs(self) -> list[Token]:
        """The minus signs before an operand; with the operator before them there are at most two."""
        start = self.at
        while self.is_op("-"):
            self.count(self.take())
        before = start - (start > 0 and self.tokens[start - 1].text == "-")
        if self.at - before > 2:
            raise self.mistake("three signs in a row", self.tokens[self.at - 1], self.tokens[before])
        return self.tokens[start : self.at]

    def combine(self, operator: str, token: Token, left: Syntax, right: Syntax) -> Syntax:
        place = Span(left.span.end, right.span.start) if operator == "juxt" else token.span
        if operator == "juxt" and isinstance(left, Number) and isinstance(right, Number):
            raise self.mistake("two numbers side by side", token, notes=["write * between them"])
        return Binary(self.binary[operator], left, right, place, left.span.to(right.span))

    def infix(self) -> str | None:
        """The binary operator that comes next, "juxt" before a factor, None at the end of the expression."""
        token = self.here
        if token.kind == "op":
            return token.text if token.text in self.binary else None
        if token.kind == "bar":
            return None if self.closes(token) else "juxt"
        return "juxt" if token.kind in _FACTOR_STARTS else None

    def closes(self, bar: Token) -> bool:
        """Whether a bar in infix position closes the innermost bracket; ``||`` inside ``|`` is split."""
        if bar.text[-1] in "lr":
            return bar.text[-1] == "r"
        innermost = self.opened[-1].text.rstrip("l") if self.opened else ""
        if bar.text == "||" and innermost == "|":
            middle = bar.span.start + 1
            first = replace(bar, text="|", span=Span(bar.span.start, middle))
            second = replace(bar, text="|", span=Span(middle, bar.span.end), spaced=False)
            self.tokens[self.at : self.at + 1] = [first, second]
            return True
        return innermost == bar.text

    def ambiguous_slash(self, left: Syntax) -> AmbiguityError:
        """``a/b c``: both readings, as text that can be typed."""
        assert isinstance(left, Binary)
        start = self.here.span.start
        self.juxtaposed()
        stop = self.tokens[self.at - 1].span.end
        numerator, denominator = self.slice(left.left.span), self.slice(left.right.span)
        plain = isinstance(left.left, Name | Number | Group | Call | Norm | Bars)
        slash = self.slice(left.operator_span)
        rest = self.text[start:stop]
        below = f"{denominator}{self.text[left.right.span.end : start]}{rest}"
        readings = [
            f"{numerator if plain else f'({numerator})'}{slash}({below})",
            f"({self.slice(left.span)}) {rest}",
        ]
        marks = [
            Mark(left.left.span),
            Mark(left.operator_span, focus=True),
            Mark(left.right.span),
            Mark(Span(start, stop)),
        ]
        return AmbiguityError(
            f"{slash} before a product without * can be read in two ways",
            marks=marks,
            notes=[f"write {readings[0]}", f"or    {readings[1]}"],
        )

    def juxtaposed(self) -> None:
        """Pass over the juxtaposed factors that come next."""
        while self.infix() == "juxt":
            self.count(self.here)
            self.factor()

    # -- factors

    def factor(self) -> Syntax:
        """An atom with its transposes, powers and methods, left to right."""
        node = self.atom()
        while True:
            token = self.here
            if token.kind == "mark":
                self.count(self.take())
                node = Transpose(node, node.span.to(token.span))
            elif token.kind == "op" and token.text in _POWERS:
                node = self.power(node)
            elif token.kind == "method":
                node = self.method(node)
            elif token.kind == "sub":
                node = self.subscripted(node)
            elif token.kind == "dagger":
                node = self.pseudo_inverse(node, self.take().span)
            else:
                return node

    def atom(self) -> Syntax:
        token = self.here
        read: Callable[[], Syntax] | None = {
            "number": self.number,
            "name": self.name,
            "ones": self.ones,
            "eye": self.eye,
            "function": self.application,
            "numpy": self.numpy_call,
            "open": self.bracketed,
            "bar": self.bars,
            "frac": self.fraction,
        }.get(token.kind)
        if read is None or (token.kind == "bar" and token.text[-1] == "r"):
            raise self.no_operand()
        return read()

    def no_operand(self) -> SyntaxMistake:
        """Why no operand can start here."""
        token, before = self.here, self.tokens[self.at - 1] if self.at else None
        operator = before is not None and before.kind == "op"
        if token.kind == "op" and token.text == "×":
            return self.leftover()
        if before is not None and operator and token.kind == "op":
            return self.mistake(f"two operators in a row: {before.text} {token.text}", token, before)
        if before is not None and operator and token.kind in ("end", "close", "bar"):
            return self.mistake(f"nothing comes after this {self.slice(before.span)}", before)
        if token.kind == "close" or token.kind == "bar":
            return self.mistake("there is nothing between these brackets", token, *self.opened[-1:])
        if token.kind == "mark":
            return self.mistake("there is nothing to transpose before this mark", token)
        if token.kind == "end":
            return self.mistake("the expression ends too early", token, *self.opened[-1:])
        if token.kind == "op":
            return self.mistake(f"nothing comes before this {self.slice(token.span)}", token)
        return self.leftover()

    def number(self) -> Syntax:
        """A number; a fraction of two literals is a number unless it stands in a denominator."""
        denominator = self.in_denominator()
        first = self.take()
        value, span = self.value(first), first.span
        while not denominator and self.ahead("/", "number") and self.is_bare(self.tokens[self.at + 2]):
            self.count(self.take())
            token = self.take()
            below = self.value(token)
            if below == 0:
                raise self.mistake("a division by zero", token)
            value, span = value / below, span.to(token.span)
        return Number(value, span)

    def in_denominator(self) -> bool:
        """Whether the operand here comes after a slash, perhaps with a sign."""
        before = self.at - 1
        while before >= 0 and self.tokens[before].text == "-":
            before -= 1
        return before >= 0 and self.tokens[before].kind == "op" and self.tokens[before].text in ("/", "./")

    @staticmethod
    def is_bare(after: Token) -> bool:
        """Whether the number before ``after`` carries no power, mark or subscript."""
        return after.kind not in ("mark", "sub", "method") and after.text not in _POWERS

    def value(self, token: Token) -> Fraction:
        above, _, below = token.text.partition("/")
        if "e" in above and token.text:
            self.notes.append(f"{token.text} is read as a number")
        return Fraction(above.rstrip(".") if above != "." else "0") / (int(below) if below else 1)

    def name(self) -> Syntax:
        token = self.take()
        if token.text == "I" and self.is_op("_"):
            underscore = self.take()
            if self.here.kind != "open":
                raise self.mistake("a subscript is made of letters and digits", underscore)
            group = self.bracketed()
            size = group.inner if isinstance(group, Group) else group
            return self.call("eye", token.span, group.span, size)
        node = Name(token.text, token.span)
        self.refuse_index(token)
        return node

    def refuse_index(self, token: Token) -> None:
        """``X[0]`` is an entry, not a product."""
        bracket = self.here
        if bracket.kind != "open" or bracket.text != "[" or bracket.spaced:
            return
        if self.numpy or [t.kind for t in self.tokens[self.at + 1 : self.at + 3]] == ["number", "close"]:
            raise self.mistake("entries and slices are not read", bracket, token)

    def ones(self) -> Syntax:
        token = self.take()
        if self.here.kind == "sub" and not self.here.spaced:
            size = self.take()
            one = Number(Fraction(1), size.span)
            return self.call("ones", token.span, size.span, self.size(size), one)
        if self.is_op("_"):
            self.take()
            group = self.atom()
            one = Number(Fraction(1), group.span)
            return self.call("ones", token.span, group.span, group.inner if isinstance(group, Group) else group, one)
        return Ones(token.span)

    def eye(self) -> Syntax:
        token = self.take()
        return self.call("eye", token.span, token.span, self.size(token))

    def size(self, token: Token) -> Syntax:
        """The size in a subscript: ``n``, ``3``, ``mn`` for a product."""
        factors: list[Syntax] = [
            Number(Fraction(part), token.span) if part.isdigit() else Name(canonical_name(part), token.span)
            for part in re.findall(r"[0-9]+|[^\W\d_][0-9]*", token.text)
        ]
        if not factors:
            raise self.mistake("this size cannot be read", token)
        product = factors[0]
        for factor in factors[1:]:
            self.count(token)
            product = Binary("*", product, factor, token.span, token.span)
        return product

    def canonical(self, function: str) -> str:
        return self.vocabulary.functions.get(function, function)

    def call(self, function: str, name: Span, rest: Span, *arguments: Syntax) -> Call:
        return Call(self.canonical(function), arguments, name, name.to(rest))

    # -- brackets

    def bracketed(self) -> Syntax:
        opener = self.take()
        self.deeper(opener)
        self.opened.append(opener)
        inner = self.expression()
        if self.here.kind != "close":
            raise self.leftover()
        self.opened.pop()
        self.depth -= 1
        return Group(inner, opener.span.to(self.take().span))

    def bars(self) -> Syntax:
        opener = self.take()
        self.deeper(opener)
        self.opened.append(opener)
        inner = self.expression()
        if self.here.kind != "bar" or self.here.text.rstrip("lr") != opener.text.rstrip("lr"):
            shown = opener.text.rstrip("l")
            raise self.mistake(f"this {shown} is never closed", opener, notes=[f"a {shown} is missing"])
        self.opened.pop()
        self.depth -= 1
        span = opener.span.to(self.take().span)
        return Bars(inner, span) if opener.text.rstrip("l") == "|" else Norm(inner, "", span)

    def fraction(self) -> Syntax:
        r"""``\frac{a}{b}`` is never ambiguous."""
        start = self.take()
        above, below = self.fraction_part(start), self.fraction_part(start)
        span = start.span.to(below.span)
        upper, lower = above.inner, below.inner
        if isinstance(upper, Number) and isinstance(lower, Number) and lower.value != 0:
            return Number(upper.value / lower.value, span)
        self.count(start)
        return Binary("/", above, below, start.span, span)

    def fraction_part(self, start: Token) -> Group:
        if self.here.kind not in _FACTOR_STARTS:
            raise self.mistake("a fraction has two parts in braces", start)
        node = self.atom()
        return node if isinstance(node, Group) else Group(node, node.span)

    # -- powers

    def power(self, base: Syntax) -> Syntax:
        operator = self.take()
        self.count(operator)
        if operator.text == "^":
            special = self.special_exponent(base)
            if special is not None:
                return special
        exponent = self.exponent(operator)
        span = base.span.to(self.tokens[self.at - 1].span)
        self.refuse_fraction(base, exponent, operator)
        symbol: BinaryOperator = "^" if operator.text == "^" else ".^"
        return Binary(symbol, base, exponent, operator.span, span)

    def special_exponent(self, base: Syntax) -> Syntax | None:
        """``^T``, ``^-T``, ``^+`` and ``^†``, bare or in braces."""
        length = 1 if self.here.kind != "open" else 3
        opened = length == 3
        tokens = self.tokens[self.at + opened : self.at + opened + 2]
        negative = tokens[0].kind == "op" and tokens[0].text == "-"
        mark = tokens[1] if negative and len(tokens) > 1 else tokens[0]
        length += negative
        pseudo = mark.kind == "dagger" or (mark.kind == "op" and mark.text == "+")
        if (mark.kind != "mark" and not pseudo) or (negative and pseudo):
            return None
        if opened and self.tokens[self.at + length - 1].kind != "close":
            return None
        self.at += length
        end = self.tokens[self.at - 1].span
        if pseudo:
            return self.pseudo_inverse(base, end)
        if negative:
            minus_one = Number(Fraction(-1), tokens[0].span)
            base = Binary("^", base, minus_one, tokens[0].span, base.span.to(end))
        return Transpose(base, base.span.to(end))

    def pseudo_inverse(self, base: Syntax, end: Span) -> Syntax:
        self.count(self.tokens[self.at - 1])
        return Call(self.canonical("pinv"), (base,), end, base.span.to(end))

    def exponent(self, operator: Token) -> Syntax:
        """A number, a name or a bracket, each with an optional minus."""
        minus = self.take() if self.is_op("-") else None
        token = self.here
        if token.kind == "op" and token.text == "*":
            raise self.mistake("complex conjugates are not read", token, operator)
        if token.kind == "number":
            node: Syntax = Number(self.value(token), self.take().span)
        elif token.kind in ("name", "ones", "open", "frac", "eye"):
            node = self.atom()
        elif token.kind in ("function", "bar", "numpy"):
            notes = ["put the exponent in parentheses"]
            raise self.mistake("this exponent needs parentheses", token, operator, notes=notes)
        else:
            raise self.no_operand()
        return self.plain_exponent(node, minus)

    def plain_exponent(self, node: Syntax, minus: Token | None) -> Syntax:
        """Braces vanish, and a negative literal is one number."""
        span = node.span
        if isinstance(node, Group) and self.slice(span)[:1] != "(":
            node = node.inner
        inner = node.inner if isinstance(node, Group) else node
        if isinstance(inner, Negate) and isinstance(inner.operand, Number):
            node = Number(-inner.operand.value, span)
        if minus is None:
            return node
        whole = minus.span.to(span)
        return Number(-node.value, whole) if isinstance(node, Number) else Negate(node, whole)

    def refuse_fraction(self, base: Syntax, exponent: Syntax, operator: Token) -> None:
        """``x^1/2`` was probably meant as a root."""
        before = self.tokens[self.at - 1]
        if before.kind != "number" or not self.ahead("/"):
            return
        if not isinstance(exponent, Number) or abs(exponent.value) != 1:
            return
        if self.tokens[self.at + 1].kind not in (("number", "name") if exponent.value > 0 else ("number",)):
            return
        below = self.slice(self.tokens[self.at + 1].span)
        written = self.slice(base.span.to(before.span))
        power = f"{self.slice(base.span.to(operator.span))}({self.slice(exponent.span)}/{below})"
        raise AmbiguityError(
            "the slash after this exponent can be read in two ways",
            marks=[Mark(self.here.span, focus=True), Mark(exponent.span)],
            notes=[f"write {power}", f"or    ({written})/{below}"],
        )

    def subscripted(self, node: Syntax) -> Syntax:
        """A subscript after a closing bar, or after the superscript of a norm or name."""
        token = self.take()
        found = self.with_subscript(node, token)
        if found is None:
            raise self.mistake("a subscript only belongs to a name or a norm", token)
        return found

    def with_subscript(self, node: Syntax, token: Token) -> Syntax | None:
        if isinstance(node, Norm) and not node.subscript:
            if token.text not in _NORMS:
                notes = ["the norms are 1, 2, F, inf and *", "write normp(x, p) for a p-norm"]
                raise self.mistake(f"no norm has the subscript {token.text}", token, notes=notes)
            return Norm(node.operand, _NORMS[token.text], node.span.to(token.span))
        if isinstance(node, Name):
            return Name(canonical_name(f"{node.name}_{token.text}"), node.span.to(token.span))
        span = node.span.to(token.span)
        if isinstance(node, Transpose) and isinstance(node.operand, Name):
            inner = self.with_subscript(node.operand, token)
            return Transpose(inner, span) if inner else None
        if isinstance(node, Binary) and node.operator == "^" and isinstance(node.left, Norm | Name):
            inner = self.with_subscript(node.left, token)
            return replace(node, left=inner, span=span) if inner else None
        return None

    # -- functions

    def application(self) -> Syntax:
        """A function with its arguments in brackets, or applied to the next factor."""
        token = self.take()
        if self.here.kind == "open":
            arguments, close = self.arguments()
            self.refuse_keywords(arguments)
            return Call(token.text, arguments, token.span, token.span.to(close.span))
        self.refuse_power(token)
        if self.here.kind not in _FACTOR_STARTS and not (self.here.kind == "bar" and not self.bar_closes()):
            spelled = self.slice(token.span)
            raise self.mistake(f"{spelled} is a function and needs an argument", token, notes=[f"as in {spelled}(X)"])
        self.deeper(token)
        delimited = self.here.kind in _DELIMITED
        argument = self.factor()
        self.depth -= 1
        following = self.infix()
        if following in _PRODUCTS and not (delimited and following in ("/", "./")):
            raise self.ambiguous_application(token, argument)
        return Call(token.text, (argument,), token.span, token.span.to(argument.span))

    def refuse_keywords(self, arguments: tuple[Syntax, ...]) -> None:
        for argument in arguments:
            if _is_keyword(argument):
                marks = [Mark(argument.span, focus=True)]
                raise SyntaxMistake("keywords and quoted words are read in NumPy calls only", marks=marks)

    def bar_closes(self) -> bool:
        """Whether the bar right after a function name ends the bracket around it."""
        return self.here.text[-1] == "r"

    def refuse_power(self, function: Token) -> None:
        """``sin^2(x)``: the power belongs after the argument."""
        if not (self.is_op(*_POWERS) or self.here.kind == "mark"):
            return
        spelled = self.slice(function.span)
        notes = [f"write {spelled}(...){self.slice(self.here.span)}..."]
        raise self.mistake("a function name takes no power", self.here, function, notes=notes, fix=self.moved_power())

    def moved_power(self) -> str | None:
        """The text with the power of a function name moved behind its argument."""
        power = self.tokens[self.at : self.at + 3]
        if [t.kind for t in power] != ["op", "number", "open"]:
            return None
        depth, at = 0, self.at + 2
        while at < len(self.tokens):
            depth += (self.tokens[at].kind == "open") - (self.tokens[at].kind == "close")
            if depth == 0:
                break
            at += 1
        start, stop, end = power[0].span.start, power[1].span.end, self.tokens[at].span.end
        return self.text[:start] + self.text[stop:end] + self.text[start:stop] + self.text[end:]

    def ambiguous_application(self, function: Token, argument: Syntax) -> AmbiguityError:
        """``tr A B``: both readings, as text that can be typed."""
        start = self.here.span.start
        while self.infix() in _PRODUCTS:
            if self.here.kind == "op":
                self.take()
            self.count(self.here)
            self.factor()
        stop = self.tokens[self.at - 1].span.end
        spelled, rest = self.slice(function.span), self.text[start:stop]
        first, whole = self.slice(argument.span), self.text[argument.span.start : stop]
        space = "" if rest[0] in "*/.@" else " "
        return AmbiguityError(
            f"{spelled} without parentheses before a product can be read in two ways",
            marks=[Mark(function.span, focus=True), Mark(argument.span), Mark(Span(start, stop))],
            notes=[f"write {spelled}({whole})", f"or    {spelled}({first}){space}{rest}"],
        )

    def arguments(self) -> tuple[tuple[Syntax, ...], Token]:
        """The arguments between brackets, separated by commas."""
        opener = self.take()
        self.deeper(opener)
        self.opened.append(opener)
        found: list[Syntax] = []
        while self.here.kind != "close" or found or not self.empty_allowed():
            found.append(self.keyword() if self.here.kind in ("keyword", "string") else self.expression())
            if not self.is_op(","):
                break
            self.take()
        if self.here.kind != "close":
            raise self.leftover()
        self.opened.pop()
        self.depth -= 1
        return tuple(found), self.take()

    def empty_allowed(self) -> bool:
        return self.tokens[self.at - 2].kind == "method"

    def keyword(self) -> Syntax:
        """A keyword or a quoted word, as a Call to "axis=" or "ord=" for _Numpy to read."""
        token = self.take()
        if token.kind == "string":
            return Call("ord=", (Name(token.text, token.span),), token.span, token.span)
        value = self.keyword() if self.here.kind == "string" else self.expression()
        return Call(f"{token.text}=", (value,), token.span, token.span.to(value.span))

    # -- NumPy

    def numpy_call(self) -> Syntax:
        token = self.take()
        if token.text == "pi":
            return Name("π", token.span)
        if self.here.kind != "open":
            raise self.mistake(f"{self.slice(token.span)} needs its arguments in parentheses", token)
        if token.text in ("ones", "zeros") and self.tokens[self.at + 1].kind == "open":
            self.take()
            arguments, _ = self.arguments()
            self.refuse_keywords(arguments)
            if self.here.kind != "close":
                raise self.leftover()
            return self.call(token.text, token.span, self.take().span, *arguments)
        arguments, close = self.arguments()
        return _Numpy(self, token, token.span.to(close.span)).build(token.text, arguments)

    def method(self, node: Syntax) -> Syntax:
        """``x.sum()``, ``A.dot(B)``."""
        token = self.take()
        self.count(token)
        if token.text not in ("sum", "trace", "dot", "mean", "transpose") or self.here.kind != "open":
            similar = closest(token.text, ("sum", "trace", "dot", "mean", "transpose", "T"))
            notes = [f"did you mean .{similar}?"] if similar else ["write * for a product"]
            raise self.mistake(f"unknown method {self.slice(token.span)}", token, notes=notes)
        arguments, close = self.arguments()
        return _Numpy(self, token, node.span.to(close.span)).build(token.text, (node, *arguments))


def _is_keyword(node: Syntax) -> bool:
    return isinstance(node, Call) and node.function.endswith("=")


_NUMPY_NAMES = {
    "trace": "tr",
    "arctan": "atan",
    "arcsin": "asin",
    "arccos": "acos",
    "absolute": "abs",
    "expit": "sigmoid",
    "amax": "max",
    "amin": "min",
    "cholesky": "chol",
}
_AXIS_FUNCTIONS = {"sum", "mean", "prod", "max", "min", "amax", "amin", "var", "std", "cumsum", "logsumexp", "softmax"}


class _Numpy:
    """Builds the tree of one NumPy call."""

    def __init__(self, reader: _Reader, token: Token, span: Span) -> None:
        self.reader, self.token, self.span = reader, token, span

    def build(self, name: str, arguments: tuple[Syntax, ...]) -> Syntax:
        pair: dict[str, Callable[[Syntax, Syntax], Syntax]] = {
            "dot": lambda a, b: self.binary("*", a, b),
            "matmul": lambda a, b: self.binary("*", a, b),
            "multiply": lambda a, b: self.binary(".*", a, b),
            "divide": lambda a, b: self.binary("./", a, b),
            "add": lambda a, b: self.binary("+", a, b),
            "subtract": lambda a, b: self.binary("-", a, b),
            "power": lambda a, b: self.binary(".^", a, b),
            "outer": lambda a, b: self.binary("*", a, Transpose(b, b.span)),
            "inner": lambda a, b: self.binary("*", Transpose(a, a.span), b),
            "vdot": lambda a, b: self.binary("*", Transpose(a, a.span), b),
            "solve": lambda a, b: self.binary("*", self.call("inv", a), b),
            "matrix_power": lambda a, b: self.binary("^", a, b),
            "maximum": self.maximum,
        }
        if name in pair:
            self.expect(name, arguments, 2)
            return pair[name](self.wrapped(arguments[0]), self.wrapped(arguments[1]))
        if name in ("square", "transpose", "norm", "slogdet", "log1p", "ones", "zeros"):
            return self.special(name, arguments)
        return self.known(name, arguments)

    def special(self, name: str, arguments: tuple[Syntax, ...]) -> Syntax:
        if name == "norm":
            return self.norm(arguments)
        self.expect(name, arguments, 2 if name in ("ones", "zeros") and len(arguments) == 2 else 1)
        first = arguments[0]
        if name == "square":
            return self.binary(".^", self.wrapped(first), Number(Fraction(2), self.token.span))
        if name == "transpose":
            return Transpose(self.wrapped(first), self.span)
        if name == "slogdet":
            return self.slogdet(first)
        if name == "log1p" and "log1p" not in self.reader.vocabulary.functions:
            one = Number(Fraction(1), self.token.span)
            return self.call("log", self.binary("+", one, self.wrapped(first)))
        if name == "log1p" or len(arguments) == 2:
            return self.call(name, *arguments)
        return self.call(name, first, Number(Fraction(1), self.token.span))

    def binary(self, operator: BinaryOperator, left: Syntax, right: Syntax) -> Binary:
        self.reader.count(self.token)
        return Binary(operator, left, right, self.token.span, self.span)

    def call(self, function: str, *arguments: Syntax) -> Call:
        return Call(self.reader.canonical(function), arguments, self.token.span, self.span)

    @staticmethod
    def wrapped(node: Syntax) -> Syntax:
        """An argument that is a sum or product, as a group, so that messages show it in parentheses."""
        return Group(node, node.span) if isinstance(node, Binary | Negate) else node

    def expect(self, name: str, arguments: tuple[Syntax, ...], count: int) -> None:
        if len(arguments) != count or any(map(_is_keyword, arguments)):
            raise self.reader.mistake(f"{name} takes {count} argument{'s' * (count > 1)} here", self.token)

    def maximum(self, left: Syntax, right: Syntax) -> Syntax:
        """``np.maximum(x, 0)`` is relu."""
        for zero, other in ((left, right), (right, left)):
            if isinstance(zero, Number) and zero.value == 0:
                return self.call("relu", other.inner if isinstance(other, Group) else other)
        raise self.reader.mistake("np.maximum is read with 0 only", self.token, notes=["np.maximum(x, 0) is relu(x)"])

    def norm(self, arguments: tuple[Syntax, ...]) -> Syntax:
        self.expect("norm", arguments[:1], 1)
        kind = arguments[1] if len(arguments) > 1 else None
        while isinstance(kind, Call) and kind.function == "ord=":
            kind = kind.arguments[0]
        text = kind.name if isinstance(kind, Name) else str(kind.value) if isinstance(kind, Number) else "?"
        text = "" if kind is None else text
        if text not in _NORMS or len(arguments) > 2:
            notes = ["the orders are 1, 2, 'fro', 'nuc'"]
            raise self.reader.mistake("this order of the norm is not read", self.token, notes=notes)
        return Norm(arguments[0], _NORMS[text], self.span)

    def slogdet(self, matrix: Syntax) -> Syntax:
        """``np.linalg.slogdet(X)[1]`` is the logarithm of the absolute determinant."""
        reader = self.reader
        index = reader.tokens[reader.at : reader.at + 3]
        if [t.kind for t in index] != ["open", "number", "close"] or index[1].text != "1":
            raise reader.mistake("slogdet gives two values", self.token, notes=["write np.linalg.slogdet(X)[1]"])
        reader.at += 3
        self.span = self.span.to(index[2].span)
        return self.call("logdet", matrix)

    def known(self, name: str, arguments: tuple[Syntax, ...]) -> Syntax:
        """A function of the registry under its NumPy name; an axis counts from 0 there."""
        functions = self.reader.vocabulary.functions
        function = functions.get(name) or functions.get(_NUMPY_NAMES.get(name, name))
        if function is None:
            similar = closest(name, functions)
            notes = [f"did you mean {similar}?"] if similar else []
            shown = self.reader.slice(self.token.span)
            raise NameMistake(f"unknown function {shown}", marks=[Mark(self.token.span, focus=True)], notes=notes)
        if name in _AXIS_FUNCTIONS and len(arguments) > 1:
            arguments = (arguments[0], self.axis(arguments[1:]))
        self.expect(name, arguments, len(arguments))
        return Call(function, arguments, self.token.span, self.span)

    def axis(self, given: tuple[Syntax, ...]) -> Syntax:
        """``axis=0`` sums down the columns: 1 in mc."""
        first = given[0]
        value = first.arguments[0] if isinstance(first, Call) and first.function == "axis=" else first
        if not isinstance(value, Number) or value.value not in (0, 1) or len(given) > 1:
            raise self.reader.mistake("the axis is 0 or 1 here", self.token)
        return Number(value.value + 1, value.span)
