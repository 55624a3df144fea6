"""What a person asks of the database: an id, words, or an expression with something said about it.

Nothing is guessed here: the text is only taken apart. ``d tr(AX)`` asks for a differential, ``Hessian of x'Ax``
for a Hessian, ``f(x) = ...`` and ``... -> A'`` are an expression with a name before it or an answer behind it.
Patterns are compiled where their signs occur, since most questions are a plain expression.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import NamedTuple

from mccli.errors import AmbiguityError, SyntaxMistake
from mccli.expressions.operations import spellings
from mccli.language.latex import argument, plain_symbol


class Asked(NamedTuple):
    """An expression that is asked about: the kind of derivative, the variables, and an answer to compare with."""

    expression: str
    kind: str = ""
    variables: tuple[str, ...] = ()
    answer: str = ""


KIND_WORDS = {
    "gradient": "gradient",
    "grad": "gradient",
    "∇": "gradient",
    "jacobian": "jacobian",
    "hessian": "hessian",
    "differential": "differential",
    "derivative": "",
}
_DIFFERENTIAL_SIGN = (
    r"\s*(?:\\partial|∂|\\mathrm\s*\{\s*d\s*\}|\\operatorname\s*\{\s*d\s*\}|\\rm\s+d|d(?![A-Za-z]{2}))\s*"
)
_SQUARE = r"\s*(?:\^\s*\{?\s*2\s*\}?|²)\s*"
OPENING_WORDS = frozenset({"what", "is", "find", "compute", "the"})
CLOSINGS = (" wrt ", " w.r.t. ", " with respect to ", " by ")
ARROWS = ("->", "→", "=>", "⇒", "\\to ")
OPERATORS = frozenset("*+^'()[]|/=‖∘⊗⊙ᵀ⁻²³\\{}@<>·")


def take_apart(text: str) -> Asked:
    """The expression in a question, and what is said around it."""
    text = text.strip().rstrip("?.;")
    text, kind = _without_opening(text)
    text, variables = _without_closing(text)
    text, answer = _without_answer(text)
    text, argument = _without_name(text)
    text, also, kind = _notation(text, kind)
    return Asked(text.strip(), kind, variables or argument or also, answer)


def _without_opening(text: str) -> tuple[str, str]:
    """``what is the Hessian of x'Ax`` without the words before the expression."""
    words = text.split(" ")
    start = 0
    while start < len(words) - 1 and words[start].casefold() in OPENING_WORDS:
        start += 1
    kind = KIND_WORDS.get(words[start].casefold())
    if kind is None or start == len(words) - 1:
        return text, ""
    start += 1 + (words[start + 1].casefold() == "of" and start + 2 < len(words))
    return " ".join(words[start:]), kind


def _without_closing(text: str) -> tuple[str, tuple[str, ...]]:
    """``... with respect to X`` without these words."""
    for words in CLOSINGS:
        before, found, after = text.rpartition(words)
        names = [name.strip() for name in after.replace(" and ", ",").split(",")]
        if found and before.strip() and all(name.isidentifier() for name in names):
            return before, tuple(names)
    return text, ()


def _without_answer(text: str) -> tuple[str, str]:
    for arrow in ARROWS:
        before, found, after = text.partition(arrow)
        if found and before.strip():
            if not after.strip():
                raise SyntaxMistake(f"nothing stands behind {arrow.strip()}", notes=['as in "tr(AX) -> A\'"'])
            return before, after.strip()
    return text, ""


def _without_name(text: str) -> tuple[str, tuple[str, ...]]:
    """``f(x) = ...`` without the name, and the argument if it is one."""
    named = re.match(r"\s*([^\W\d]\w*)\s*(?:\(([^()=]*)\))?\s*=(?!=)\s*", text) if "=" in text else None
    if named is None or not text[named.end() :].strip() or named[1] in spellings():
        return text, ()
    argument = (named[2] or "").strip()
    return text[named.end() :], (argument,) if argument.isidentifier() else ()


def _notation(text: str, kind: str) -> tuple[str, tuple[str, ...], str]:
    """The expression in ``∂f/∂X``, ``d/dx f``, ``∇_x f``, ``d(f)`` and their LaTeX."""
    for read in (_fraction, _nabla):
        found = read(text)
        if found is not None:
            return _unwrapped(found[0]), found[1], kind or found[2]
    if re.match(r"d\s*(?:\^\s*\{?2\}?|²)\s*\(", text):
        raise AmbiguityError(
            "d^2(...) can be read in two ways",
            notes=[
                "the Hessian belongs to the second differential: Hessian of ...",
                "(d^2)*(...) is d squared times it",
            ],
        )
    sign = r"(?:∂|d|\\partial\s*)"
    if "/" in text or "∇" in text:
        prefix = re.match(rf"(?:{sign}\s*/\s*{sign}|∇_)\s*\{{?([^\W\d])\}}?\s*(?=[\s(\[|‖])", text)
        if prefix:
            return _unwrapped(text[prefix.end() :]), (prefix[1],), kind
        partial = re.match(rf"{sign}\s*(.+?)\s*/\s*{sign}\s*([^\W\d]\w*)\s*$", text)
        word = re.match(r"[A-Za-z]\w*(?=\()", text)
        function = word is not None and word[0] in spellings()  # det(X)/delta
        if partial and not function and partial[1].count("(") == partial[1].count(")"):
            return _unwrapped(partial[1]), (partial[2],), kind
    if text.startswith(("d(", "d ")):
        inside = text[1:].strip()
        if inside and (not inside.startswith("(") or _closes_at_end(inside)):
            return _unwrapped(inside), (), kind or "differential"
    return text, (), kind


def _fraction(text: str) -> tuple[str, tuple[str, ...], str] | None:
    r"""``\frac{\partial f}{\partial X}`` and ``\frac{d}{dx} f``, also with a second derivative; None for another."""
    opened = re.match(r"\s*\\[dt]?frac\s*(?=\{)", text)
    if opened is None:
        return None
    above, after = argument(text, opened.end(), len(text))
    below, end = argument(text, after, len(text))
    top, bottom = re.match(_DIFFERENTIAL_SIGN, above), re.match(_DIFFERENTIAL_SIGN, below)
    if top is None or bottom is None:
        return None
    squared = re.match(_SQUARE, above[top.end() :])
    inside, behind = above[top.end() + (squared.end() if squared else 0) :].strip(), text[end:].strip()
    if inside and behind:
        return None
    function = inside or behind
    second = re.split(_DIFFERENTIAL_SIGN, below[bottom.end() :])
    name = plain_symbol(re.sub(r"\^.*$", "", second[0]).strip())
    if not function or not name.replace("_", "").isalnum():
        return None
    return function, (name,), "hessian" if squared else ""


def _nabla(text: str) -> tuple[str, tuple[str, ...], str] | None:
    r"""``\nabla_x f``, ``\nabla_{\mathbf{x}} f`` and ``\nabla^2 f``; None for anything else."""
    sign = re.match(r"\s*(?:∇|\\nabla)\s*", text)
    if sign is None:
        return None
    at, squared = sign.end(), None
    names: tuple[str, ...] = ()
    for _ in range(2):
        power = re.match(_SQUARE, text[at:])
        if power:
            squared, at = power, at + power.end()
        if text[at : at + 1] == "_":
            font = re.match(r"\s*\\(?:math\w+|bm|boldsymbol)\s*\{[^{}]*\}", text[at + 1 :])
            inside, at = (font[0], at + 1 + font.end()) if font else argument(text, at + 1, len(text))
            names = (plain_symbol(inside).strip(),)
    rest = text[at:].strip()
    if not rest or (not names and not squared):
        return None
    return rest, names, "hessian" if squared else "gradient"


def _closes_at_end(text: str) -> bool:
    """Whether the bracket that opens a text is closed by its last character."""
    depth = 0
    for i, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if depth == 0:
            return i == len(text) - 1
    return False


def _unwrapped(text: str) -> str:
    text = text.strip()
    return text[1:-1] if text.startswith("(") and _closes_at_end(text) else text


def is_mathematics(text: str, functions: Collection[str]) -> bool:
    """Whether a text can only be meant as mathematics: operators, brackets, or a function before single letters."""
    plain = _without_apostrophes(text)
    if OPERATORS & set(plain) or " - " in plain or plain.startswith("-"):
        return True
    first, *rest = plain.split() or [""]
    argument = bool(rest) and rest[-1] not in functions
    return first in functions and argument and all(len(word) == 1 or word in functions for word in rest)


def looks_like_words(text: str, functions: Collection[str]) -> bool:
    """Whether a text without operators is made of words: one that is no function, or a function alone."""
    words = _words(text)
    return has_words(text, functions) or (len(words) == 1 and len(words[0]) > 1 and words[0].casefold() in functions)


def has_words(text: str, functions: Collection[str]) -> bool:
    """Whether a word that is no function occurs in a text."""
    words = _words(text)
    return any((len(w) > 3 or (len(w) > 2 and w.islower())) and w.casefold() not in functions for w in words)


def _words(text: str) -> list[str]:
    return "".join(c if c.isalpha() else " " for c in _without_apostrophes(text)).split()


def _without_apostrophes(text: str) -> str:
    """``Jacobi's formula`` and ``Bayes' rule`` without what would be a transpose in mathematics."""
    return re.sub(r"\b([A-Z]?[a-z]{3,})'(?:s\b)?(?=\s|$)", r"\1", text) if "'" in text else text
