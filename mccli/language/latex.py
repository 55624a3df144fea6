r"""LaTeX as pasted from a paper: what each command stands for in the language of mc.

Font commands are transparent, ``\operatorname{tr}`` is ``tr``, ``\hat{y}`` is the name ``y_hat``. The lexer
asks :func:`read_command` at every backslash and goes on reading where the answer says.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import NamedTuple

from mccli.errors import Mark, Span, SyntaxMistake, Typed, closest
from mccli.language.names import GREEK, SUBSCRIPTS, canonical_name, fold


class Command(NamedTuple):
    """What a command stands for; reading resumes at ``resume`` and passes over the brace at ``drop``.

    Kind "" stands for nothing, "letter" starts a run, the other kinds are those of the lexer's tokens.
    """

    kind: str
    text: str
    resume: int
    drop: int | None = None


_WORD = re.compile(r"\\(?:[A-Za-z]+\*?|.|$)", re.DOTALL)
_OPERATOR = re.compile(r"[-+*/^|(){}=,;⊗∘⊙]|\\[{|,;]")
_MAX_ARGUMENT = 500
_BOLD = {"mathbf", "boldsymbol", "bm", "mathbb", "mathds", "bold", "pmb", "symbf"}
_FONTS = _BOLD | {"mathsf", "mathcal", "mathit", "mathscr", "mathfrak", "mathtt", "vec", "ensuremath"}
_TEXT = {"operatorname", "operatorname*", "mathrm", "text", "mathop", "textrm", "textbf", "textit", "mbox", "rm"}
_ACCENTS = {"hat": "hat", "widehat": "hat", "tilde": "tilde", "widetilde": "tilde", "bar": "bar", "overline": "bar"}
_NOTHING = {"quad", "qquad", "thinspace", "limits", "nolimits", "displaystyle", "textstyle", "bf", "it", "sf"}
_NOTHING |= {*",;:!>/ \n\t"}
_SIDES = {"left": "l", "right": "r", "middle": ""} | {
    size + side: side for size in ("big", "Big", "bigg", "Bigg") for side in ("", "l", "r", "m")
}
_SYMBOLS: dict[str, tuple[str, str]] = {
    "cdot": ("op", "·"),
    "ast": ("op", "*"),
    "odot": ("op", ".*"),
    "circ": ("op", ".*"),
    "otimes": ("op", "kron"),
    "div": ("op", "/"),
    "times": ("op", "×"),
    "top": ("mark", "⊤"),
    "intercal": ("mark", "⊤"),
    "prime": ("mark", "'"),
    "dagger": ("dagger", "†"),
    "nabla": ("nabla", "∇"),
    "frac": ("frac", "frac"),
    "tfrac": ("frac", "frac"),
    "dfrac": ("frac", "frac"),
    "{": ("open", "{"),
    "}": ("close", "}"),
    "lbrace": ("open", "{"),
    "rbrace": ("close", "}"),
    "lbrack": ("open", "["),
    "rbrack": ("close", "]"),
    "|": ("bar", "‖"),
    "Vert": ("bar", "‖"),
    "lVert": ("bar", "‖l"),
    "rVert": ("bar", "‖r"),
    "vert": ("bar", "|"),
    "mid": ("bar", "|"),
    "lvert": ("bar", "|l"),
    "rvert": ("bar", "|r"),
}
_DELIMITERS = {"(": "open", "[": "open", "{": "open", ")": "close", "]": "close", "}": "close"}
_LETTERS = {"ell": "l", "imath": "i", "jmath": "j"}
_FUNCTIONS = {"tr", "det", "log", "ln", "exp", "sin", "cos", "tan", "tanh", "sinh", "cosh", "max", "min", "sqrt"}
_UNREADABLE = {"sum": "sum(...)", "prod": "prod(...)", "int": "", "lim": "", "argmin": "", "partial": "", "begin": ""}


def math_range(text: str, stop: int) -> tuple[int, int]:
    r"""The range of ``text[:stop]`` inside ``$...$``, ``\[...\]`` or ``\(...\)``, if these surround it."""
    start = 0
    for opener, closer in (("$$", "$$"), ("$", "$"), (r"\[", r"\]"), (r"\(", r"\)")):
        inner = text[start:stop].strip()
        if inner.startswith(opener) and inner.endswith(closer) and len(inner) >= len(opener + closer):
            start = text.index(opener, start) + len(opener)
            stop = start + len(inner) - len(opener + closer)
            break
    return start, stop


def read_command(text: str, start: int, end: int, functions: Collection[str]) -> Command:
    """What the command at the backslash ``text[start]`` stands for."""
    match = _WORD.match(text, start, end)
    word = match.group()[1:] if match else ""
    after = start + 1 + len(word)
    if word.endswith("*") and word != "operatorname*":
        word, after = word[:-1], after - 1
    if word in _FONTS or word in _TEXT:
        return _wrapper(text, word, after, end)
    if word in _ACCENTS:
        return _accent(text, word, start, after, end)
    if word in _SIDES:
        return _sized(text, word, start, after, end)
    if word in _SYMBOLS:
        return Command(*_SYMBOLS[word], after)
    if word in _NOTHING:
        return Command("", "", after)
    if word == "sqrt" and text[after:end].lstrip().startswith("["):
        raise _mistake(start, after, "a root with an index is not read", "write the power .^(1/3)")
    return Command("letter", _letters(word, start, after, functions), after)


def _letters(word: str, start: int, after: int, functions: Collection[str]) -> str:
    """The letter or function that a command names."""
    if word in GREEK:
        return GREEK[word]
    if word in _LETTERS:
        return _LETTERS[word]
    if word in _UNREADABLE:
        use = _UNREADABLE[word]
        raise _mistake(start, after, f"\\{word} is not read", f"write {use}" if use else "")
    if word in functions or word in _FUNCTIONS:
        return word
    known = {*GREEK, *_LETTERS, *_FONTS, *_TEXT, *_SYMBOLS, *_SIDES, *_FUNCTIONS, *_ACCENTS, *functions}
    similar = closest(word, [k for k in known if k.isalpha()]) if word else None
    mistake = _mistake(start, after, f"unknown command \\{word}", f"did you mean \\{similar}?" if similar else "")
    if similar:
        mistake.typed, mistake.fix = Typed(f"\\{word}"), f"\\{similar}"
    raise mistake


def _mistake(start: int, end: int, said: str, note: str) -> SyntaxMistake:
    return SyntaxMistake(said, marks=[Mark(Span(start, end), focus=True)], notes=[note] if note else [])


def _wrapper(text: str, word: str, after: int, end: int) -> Command:
    """A font or text command: its braces vanish unless they group an operation."""
    at = _skip_space(text, after, end)
    close = closing_brace(text, at, end)
    inner = text[at + 1 : close] if close is not None else text[at : at + 1]
    if word in _BOLD and inner.strip() == "1":
        return Command("ones", "1", at + 1 if close is None else close + 1)
    if close is None or _OPERATOR.search(inner):
        return Command("", "", at)
    return Command("", "", at + 1, drop=close)


def _accent(text: str, word: str, start: int, after: int, end: int) -> Command:
    """``\\hat{y}`` is the name ``y_hat``."""
    inner, resume = argument(text, after, end)
    symbol = plain_symbol(inner)
    letter = symbol.partition("_")[0].rstrip("0123456789")
    if len(letter) != 1 or not fold(letter) or not all(fold(c) or c in "_0123456789" for c in symbol):
        raise _mistake(start, resume, f"\\{word} is read over one letter only", "")
    return Command("letter", f"{symbol}_{_ACCENTS[word]}", resume)


def _sized(text: str, word: str, start: int, after: int, end: int) -> Command:
    r"""``\left(``: the bracket, with its side where that decides whether a bar opens or closes."""
    at = _skip_space(text, after, end)
    delimiter = text[at : at + 1]
    side = _SIDES[word].strip("m")
    if delimiter in _DELIMITERS:
        return Command(_DELIMITERS[delimiter], delimiter, at + 1)
    if delimiter == ".":
        return Command("", "", at + 1)
    if delimiter in "|‖" and delimiter:
        return Command("bar", delimiter + side, at + 1)
    match = _WORD.match(text, at, end)
    kind, symbol = _SYMBOLS.get(match.group()[1:], ("", "")) if match else ("", "")
    if match is None or kind not in ("open", "close", "bar"):
        raise _mistake(start, after, f"\\{word} needs a bracket after it", "")
    return Command(kind, symbol[:1] + side if kind == "bar" else symbol, match.end())


def _skip_space(text: str, at: int, end: int) -> int:
    while at < end and text[at].isspace():
        at += 1
    return at


def closing_brace(text: str, at: int, end: int) -> int | None:
    """The index of the brace that closes the one at ``at``; None if there is no brace, or no end nearby."""
    if text[at : at + 1] != "{":
        return None
    depth = 0
    for i in range(at, min(end, at + _MAX_ARGUMENT)):
        depth += (text[i] == "{") - (text[i] == "}")
        if depth == 0:
            return i
    return None


def argument(text: str, at: int, end: int) -> tuple[str, int]:
    """The argument of a command (a group, a command or one character) and where reading resumes."""
    at = _skip_space(text, at, end)
    close = closing_brace(text, at, end)
    if close is not None:
        return text[at + 1 : close], close + 1
    match = _WORD.match(text, at, end)
    stop = match.end() if match else min(at + 1, end)
    return text[at:stop], stop


def plain_symbol(inner: str) -> str:
    r"""A symbol or subscript without fonts, braces and spaces: ``\mathrm{F}`` is F, ``\infty`` is inf."""

    def meaning(match: re.Match[str]) -> str:
        word = match.group()[1:]
        if word in _FONTS or word in _TEXT or word in _NOTHING:
            return ""
        return {"infty": "inf", "ast": "*"}.get(word) or GREEK.get(word) or _LETTERS.get(word) or match.group()

    plain = _WORD.sub(meaning, inner).replace("∞", "inf").replace("∗", "*")
    kept = "".join(SUBSCRIPTS.get(c, fold(c) or c) for c in plain if c not in "{}, \t\n")
    return canonical_name(kept) if kept in GREEK else kept
