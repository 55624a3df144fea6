r"""The symbols of an expression that is still being typed: a light reading of what the parser reads in full.

The parser would cost several times as much as starting Python. A run of letters is a declared name, a function, a
Greek letter, or else a product of single letters; LaTeX commands, NumPy's names and subscripts are passed over.
A test holds this against the parser on every expression of the database.
"""

from __future__ import annotations

from mccli.completion.table import Table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

DIGITS = "0123456789"
SMALL_DIGITS = "₀₁₂₃₄₅₆₇₈₉"
MODULES = ("np", "numpy", "jnp", "scipy")
ACCENTS = {"hat": "hat", "widehat": "hat", "tilde": "tilde", "widetilde": "tilde", "bar": "bar", "overline": "bar"}
CLOSED = ")]}|‖'"
"""After these, a subscript belongs to a norm or to a bracket, a quote is a transpose, a dot starts a method."""


def symbols(
    expression: str,
    table: Table,
    declared: Iterable[str] = (),
    sizes: Iterable[str] = (),
    functions: Iterable[str] = (),
) -> list[str]:
    """The symbols in the order of the text, spelled as they are typed there; what is declared on the line is known."""
    text, clause = split_where(expression)
    own, own_sizes = declared_in(clause)
    names = [*declared, *own]
    greek = dict(table.named("greek"))
    reader = _Reader(text, table, greek, names, tuple(functions))
    reader.read()
    found: dict[str, str] = {}
    for name in (*reader.found, *names):
        found.setdefault(_letters(name, greek), name)
    known = {_letters(name, greek) for name in names}
    unwanted = {_letters(name, greek) for name in (*sizes, *own_sizes)} | table.names("constant")
    return [name for letters, name in found.items() if letters in known or letters not in unwanted]


def looks_like_words(text: str, table: Table) -> bool:
    """Whether a text for ``mc lookup`` is words and no expression: three small letters that are no known name."""
    known = {*table.names("function"), *(name for name, _ in table.named("greek"))}
    runs = "".join(c if c.isalpha() else " " for c in text).split()
    return any(len(run) > 2 and run.islower() and run.isascii() and run not in known for run in runs)


def split_where(text: str) -> tuple[str, str]:
    """The expression, and the declarations after ``where``."""
    for word in (r"\text{where}", r"\text{ where }", " where "):
        before, found, clause = text.partition(word)
        if found:
            return before, clause
    return text, ""


def declared_in(clause: str) -> tuple[list[str], list[str]]:
    """The names that are declared in ``X: m×n, A: symmetric`` or ``S ∈ R^{n×n}``, and the letters of their sizes."""
    names: list[str] = []
    sizes: list[str] = []
    for item in clause.replace(";", ",").replace(" and ", ",").split(","):
        name, about = _declaration(item)
        names += [name] if name.replace("_", "").isalnum() else []
        words = "".join(c if c.isalnum() else " " for c in about.replace(r"\times", " ")).split()
        sizes += [word for word in words if len(word) == 1]
    return names, sizes


def _declaration(item: str) -> tuple[str, str]:
    """The name and what is said about it; no name where an item goes on with the one before."""
    for mark in (":", "∈", r"\in ", " is ", " in "):
        name, found, about = item.partition(mark)
        if found:
            return name.strip(), about
    return "", item


def _letters(name: str, greek: dict[str, str]) -> str:
    """One spelling of a name: ``mu_1``, ``mu1`` and ``μ₁`` are ``μ1``."""
    plain = "".join(DIGITS[SMALL_DIGITS.index(c)] if c in SMALL_DIGITS else c for c in name.replace("{", "")).rstrip(
        "}"
    )
    head, _, subscript = plain.partition("_")
    stem = head.rstrip(DIGITS)
    tight = subscript.isdigit() and stem == head
    return greek.get(stem, stem) + head[len(stem) :] + ("_" if subscript and not tight else "") + subscript


class _Reader:
    def __init__(
        self, text: str, table: Table, greek: dict[str, str], declared: list[str], own: tuple[str, ...]
    ) -> None:
        self.text, self.at, self.own_functions = text, 0, own
        self.functions = table.names("function")
        self.of_sizes = {name for name, arguments in table.named("function") if arguments == "sizes"}
        self.greek, self.letters = greek, frozenset(greek.values())
        self.declared = {_letters(name, greek) for name in declared}
        self.found: list[str] = []

    def read(self) -> None:
        while self.at < len(self.text):
            character = self.text[self.at]
            if character == "\\":
                self.command()
            elif character.isalpha() and character != "ᵀ":
                self.run()
            elif character == "_":
                self.subscript()
            elif character in "'\"" and self.before() not in CLOSED and not self.before().isalnum():
                self.quoted(character)
            elif character == "^":
                self.power()
            elif character == "." and self.text[self.at + 1 : self.at + 2].isalpha():
                self.at += 1
                self.word()
            else:
                self.at += 1

    def before(self) -> str:
        """The last character before this one that is no space; a comma where there is none."""
        return self.text[: self.at].rstrip()[-1:] or ","

    def word(self) -> str:
        """The letters, digits and underscores that come next."""
        start = self.at
        while self.at < len(self.text) and (self.text[self.at].isalnum() or self.text[self.at] == "_"):
            self.at += 1
        return self.text[start : self.at]

    def quoted(self, quote: str) -> None:
        """``'fro'``: passed over, where the quote is no transpose."""
        end = self.text.find(quote, self.at + 1)
        self.at = end + 1 if end > 0 else self.at + 1

    def power(self) -> None:
        """``^T``, ``^{-T}`` and ``^{\\top}`` transpose; other powers are read on."""
        self.at += 1
        rest = self.text[self.at :].lstrip("{- ")
        if rest[:1] == "T" and not rest[1:2].isalnum():
            self.at = len(self.text) - len(rest) + 1

    def subscript(self) -> str:
        """The subscript that starts here, passed over: ``_F``, ``_{ij}``, ``_1``."""
        start = self.at
        self.at += 1
        if self.text[self.at : self.at + 1] == "{":
            close = self.text.find("}", self.at)
            self.at = close + 1 if close > 0 else len(self.text)
        else:
            self.word()
        return self.text[start : self.at]

    def command(self) -> None:
        r"""A LaTeX command: a Greek letter, an accented letter, a function, or nothing of importance."""
        self.at += 1
        start = self.at
        while self.text[self.at : self.at + 1].isalpha():
            self.at += 1
        name = self.text[start : self.at]
        if name in self.greek:
            self.found.append(name + self.tail())
        elif name in ACCENTS and self.text[self.at : self.at + 1] == "{":
            inner = self.subscript()[1:].strip("{}").lstrip("\\")
            self.found += [f"{inner}_{ACCENTS[name]}"] if inner else []
        self.at = max(self.at, start + 1)

    def tail(self) -> str:
        """The digits and the subscript of a name."""
        start = self.at
        while self.at < len(self.text) and self.text[self.at] in DIGITS + SMALL_DIGITS:
            self.at += 1
        if self.text[self.at : self.at + 1] == "_":
            self.subscript()
        return self.text[start : self.at].replace("{", "").replace("}", "")

    def run(self) -> None:
        """A run of letters with their digits and subscripts."""
        start, pieces = self.at, []
        while self.at < len(self.text) and self.text[self.at].isalpha() and self.text[self.at] != "ᵀ":
            letter = self.text[self.at]
            self.at += 1
            pieces.append(letter + self.tail())
        run, following = "".join(pieces), self.text[self.at :].lstrip()[:1]
        called = following in ("(", "[", "{") and following != ""
        if run in MODULES and following == ".":
            self.module()
        elif following == "=" and run in ("axis", "ord", "keepdims"):
            self.at = self.text.index("=", self.at) + 1
            self.word()
        elif run in self.of_sizes and following == "(":
            close = self.text.find(")", self.at)
            self.at = close + 1 if close > 0 else len(self.text)
        elif self.text[max(0, start - 1) : start] == "∇":
            return
        else:
            self.names(run, pieces, called)

    def module(self) -> None:
        """``np.linalg.inv`` is passed over."""
        while self.text[self.at : self.at + 1] == ".":
            self.at += 1
            self.word()

    def names(self, run: str, pieces: list[str], called: bool) -> None:
        """The symbols that a run stands for."""
        letters = _letters(run, self.greek)
        is_function = run in self.functions or letters in self.functions
        if called and run.endswith(self.own_functions):  # dphi and gradf belong to phi and f
            return
        symbol_like = len(run) == 1 or letters in self.letters
        if letters in self.declared:
            self.found.append(run)
        elif is_function and (called or not symbol_like):
            return
        elif letters[:1] in self.letters and len(letters.rstrip(DIGITS).partition("_")[0]) == 1:
            self.found.append(run)
        else:
            last = len(pieces) - 1
            kept = (p for i, p in enumerate(pieces) if not (called and i == last and p in self.functions))
            self.found += [p for p in kept if p[0] != "I" or _letters(p, self.greek) in self.declared]
