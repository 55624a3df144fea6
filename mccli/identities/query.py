"""What a person asks of the database: an id, words, or an expression with something said about it.

Nothing is guessed here: the text is only taken apart. ``d tr(AX)`` asks for a differential, ``Hessian of x'Ax``
for a Hessian, ``f(x) = ...`` and ``... -> A'`` are an expression with a name before it or an answer behind it.
Patterns are compiled where their signs occur, since most questions are a plain expression.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import NamedTuple

from mccli.expressions.operations import spellings


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
            return before, after.strip()
    return text, ""


def _without_name(text: str) -> tuple[str, tuple[str, ...]]:
    """``f(x) = ...`` without the name, and the argument if it is one."""
    named = re.match(r"\s*[^\W\d]\w*\s*(?:\(([^()=]*)\))?\s*=(?!=)\s*", text) if "=" in text else None
    if named is None or not text[named.end() :].strip():
        return text, ()
    argument = (named[1] or "").strip()
    return text[named.end() :], (argument,) if argument.isidentifier() else ()


def _notation(text: str, kind: str) -> tuple[str, tuple[str, ...], str]:
    """The expression in ``∂f/∂X``, ``d/dx f``, ``∇_x f`` and ``d(f)``."""
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


def looks_like_words(text: str, functions: Collection[str]) -> bool:
    """Whether a text is made of words rather than of mathematics: no operators, and a word that is no function."""
    plain = text.replace("'s ", " ")
    if OPERATORS & set(plain) or " - " in plain or plain.startswith("-"):
        return False
    words = "".join(c if c.isalpha() else " " for c in plain).split()
    long = [w for w in words if (len(w) > 3 or (len(w) > 2 and w.islower())) and w.casefold() not in functions]
    return bool(long) or (len(words) == 1 and len(words[0]) > 1 and words[0].casefold() in functions)
