"""What a person asks of the database: an id, words, or an expression with something said about it.

Nothing is guessed here: the text is only taken apart. ``d tr(AX)`` asks for a differential, ``Hessian of x'Ax``
for a Hessian, ``f(x) = ...`` and ``... -> A'`` are an expression with a name before it or an answer behind it.
"""

from __future__ import annotations

import re
from typing import NamedTuple


class Asked(NamedTuple):
    """An expression that is asked about: the kind of derivative, the variables, and an answer to compare with."""

    expression: str
    kind: str = ""
    variables: tuple[str, ...] = ()
    answer: str = ""


_KIND_WORDS = {
    "gradient": "gradient",
    "grad": "gradient",
    "∇": "gradient",
    "jacobian": "jacobian",
    "hessian": "hessian",
    "differential": "differential",
    "derivative": "",
}
_OPENING = re.compile(
    r"(?:what is |find |compute )?(?:the )?"
    r"(gradient|grad|jacobian|hessian|differential|derivative|∇)(?:\s+of)?\s+(?=\S)",
    re.IGNORECASE,
)
_CLOSING = re.compile(
    r"\s+(?:wrt|w\.r\.t\.|with respect to|by|for)\s+([A-Za-zͰ-Ͽ]\w*(?:\s*(?:,|and)\s*[A-Za-zͰ-Ͽ]\w*)*)\s*$"
)
_ARROW = re.compile(r"\s*(?:->|→|=>|⇒|\\to\b)\s*")
_NAMED = re.compile(r"\s*[A-Za-zͰ-Ͽ]\w*\s*(?:\(([^()=]*)\))?\s*=(?!=)\s*")
_PARTIAL = re.compile(r"(?:∂|d|\\partial\s*)\s*(.+?)\s*/\s*(?:∂|d|\\partial\s*)\s*([A-Za-zͰ-Ͽ]\w*)\s*$")
_PREFIX = re.compile(r"(?:d\s*/\s*d|∂\s*/\s*∂|∇_)\s*\{?([A-Za-zͰ-Ͽ])\}?\s*(?=[\s(\[|‖])")
_DIFFERENTIAL = re.compile(r"(?:d\s*\(|d\s+(?=\S))")
_OPERATORS = re.compile(r"[*+^'()\[\]|/=‖∘⊗⊙ᵀ⁻²³\\{}@<>·]|(?<=\w)-(?=\W|\d)|(?<=[\s\W])-(?=\w)")


def take_apart(text: str) -> Asked:
    """The expression in a question, and what is said around it."""
    text = text.strip().rstrip("?.;")
    kind = ""
    opening = _OPENING.match(text)
    if opening:
        kind, text = _KIND_WORDS[opening[1].casefold()], text[opening.end() :]
    variables: tuple[str, ...] = ()
    closing = _CLOSING.search(text)
    if closing and closing.start() > 0:
        variables = tuple(re.split(r"\s*(?:,|\band\b)\s*", closing[1]))
        text = text[: closing.start()]
    text, answer = _split_answer(text)
    named = _NAMED.match(text)
    if named and text[named.end() :].strip():
        argument = (named[1] or "").strip()
        variables = variables or ((argument,) if argument.isidentifier() else ())
        text = text[named.end() :]
    text, also, kind = _notation(text, kind)
    return Asked(text.strip(), kind, variables or also, answer)


def _split_answer(text: str) -> tuple[str, str]:
    parts = _ARROW.split(text, maxsplit=1)
    return (parts[0], parts[1].strip()) if len(parts) == 2 and parts[0].strip() else (text, "")


def _notation(text: str, kind: str) -> tuple[str, tuple[str, ...], str]:
    """The expression in ``∂f/∂X``, ``d/dx f``, ``∇_x f`` and ``d(f)``."""
    partial = _PARTIAL.match(text)
    if partial and _balanced(partial[1]):
        return _unwrapped(partial[1]), (partial[2],), kind
    prefix = _PREFIX.match(text)
    if prefix:
        return _unwrapped(text[prefix.end() :]), (prefix[1],), kind
    if _DIFFERENTIAL.match(text):
        inside = text[1:].strip()
        if not inside.startswith("(") or _closes_at_end(inside):
            return _unwrapped(inside), (), kind or "differential"
    return text, (), kind


def _balanced(text: str) -> bool:
    return text.count("(") == text.count(")")


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


def looks_like_words(text: str, functions: frozenset[str]) -> bool:
    """Whether a text is made of words rather than of mathematics: no operators, and a word that is no function."""
    if _OPERATORS.search(text.replace("'s ", " ")):
        return False
    words = re.findall(r"[^\W\d_]+", text)
    long = [w for w in words if (len(w) > 3 or (len(w) > 2 and w.islower())) and w.casefold() not in functions]
    return bool(long) or (len(words) == 1 and len(words[0]) > 1 and words[0].casefold() in functions)
