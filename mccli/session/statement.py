"""What a line of a session is: a declaration, a definition, a command, or a question about an expression.

::

    A : m x n, symmetric            a declaration; several are separated by commas or semicolons
    L(z): scalar                    a function without a body
    f = ||A x - b||^2               a name for an expression
    f(x) = x'A x                    a function
    grad f x   d f / d x   df/dx    a derivative
    tr(AXB)                         an expression
    # ...                           a comment
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import NamedTuple

from mccli.errors import Mark, Span, SyntaxMistake
from mccli.expressions.operations import spellings
from mccli.language.tokens import MAX_CHARACTERS

COMMANDS = {
    "help": "help [TOPIC]     what can be typed",
    "vars": "vars             what is declared and defined",
    "why": "why              the steps of the last answer",
    "check": "check [POINTS]   the last derivative against differences at more points",
    "lookup": "lookup EXPR      what the database states",
    "undo": "undo [N]         take back the last line, or the last N",
    "clear": "clear [NAME...]  forget these names, or everything",
    "save": "save FILE        the session as a script for mc repl FILE",
    "quit": "quit             leave; also Ctrl-D",
}
"""The words that are commands, each with its line in the help."""

ALIASES = {"exit": "quit", "?": "help", "who": "vars", "whos": "vars", "steps": "why"}

KINDS = {
    "grad": "gradient",
    "gradient": "gradient",
    "∇": "gradient",
    "jacobian": "jacobian",
    "jac": "jacobian",
    "hessian": "hessian",
    "hess": "hessian",
    "differential": "differential",
    "derivative": "",
    "solve": "solve",
}
"""The words that ask for something about an expression; "" is whatever derivative its shape has."""

_NAME = r"[^\W\d_][\w₀-₉]*"
_SIGN = r"(?:∂|d|\\partial\s*|\\mathrm\{d\}\s*)"
_DEFINITION = re.compile(rf"\s*(\\?{_NAME})\s*(?:\(([^()=]*)\)\s*)?:?=(?!=)\s*")
_FUNCTION = re.compile(rf"\s*\\?{_NAME}\s*\([^()=:]*\)\s*:(?!=)")
_DECLARATION = re.compile(rf"\s*(\\?{_NAME}(?:\s*,\s*\\?{_NAME})*)\s*(:(?!=)|∈|\\in\b|\bis\b|\bin\b)")
_QUOTIENT = re.compile(rf"{_SIGN}\s*(?P<inside>.+?)\s*/\s*{_SIGN}\s*(?P<by>\\?{_NAME})\s*$")
_SECOND = re.compile(
    rf"{_SIGN}(?:\^2|\^\{{2\}}|²)\s*(?P<inside>.+?)\s*/\s*{_SIGN}\s*(?P<by>\\?{_NAME})\s*"
    rf"(?:\^2|\^\{{2\}}|²|{_SIGN}\s*(?P=by)\s*(?:'|ᵀ|\^T)?)\s*$"
)
_OPERATOR = re.compile(rf"{_SIGN}\s*/\s*{_SIGN}\s*(?P<by>\\?{_NAME})\s*(?P<inside>[\s(\[|‖].*)$")
_WITH = re.compile(rf"\s+(?:wrt|w\.r\.t\.|with\s+respect\s+to|by)\s+(?P<by>{_NAME}(?:\s*(?:,|\band\b)\s*{_NAME})*)\s*$")
_AFTER_COMMA = re.compile(rf"\s*,\s*(?P<by>{_NAME})\s*$")
_SUBJECT = re.compile(r"\s+(?:subject to|s\.t\.|such that)\s+")
_LAST_WORD = re.compile(rf"(?<=[\s)\]}}|'])\s*(?P<by>{_NAME})\s*$")
_DIFFERENTIAL = re.compile(r"d(?=[\s(])\s*(?![-+*/^.'@,)=]|\s)")


class Declare(NamedTuple):
    """Declarations, in the notation of a where clause; ``names`` are those before the first colon."""

    text: str
    names: tuple[str, ...]
    rest: str


class DeclareFunction(NamedTuple):
    """A function without a body."""

    text: str


class Define(NamedTuple):
    """A name for an expression, or a function if there are parameters; the body stands at ``start`` of the text."""

    text: str
    name: str
    parameters: tuple[str, ...]
    body: str
    start: int


class Command(NamedTuple):
    """A command with what follows it."""

    word: str
    rest: str


class Ask(NamedTuple):
    """A question about an expression. ``kind`` is "value" for the expression itself, "derivative" for any derivative.

    ``perhaps`` is another way to read the line: all but the last word the expression, and that word the variable.
    ``constraints`` are equations that a solution has to meet.
    """

    kind: str
    expression: str
    variables: tuple[str, ...] = ()
    perhaps: tuple[str, str] | None = None
    constraints: tuple[str, ...] = ()


Statement = Declare | DeclareFunction | Define | Command | Ask


def without_comment(line: str) -> str:
    """The line up to a comment, with single spaces. SyntaxMistake if it is too long."""
    text = " ".join(line.partition("#")[0].split())
    if len(text) > MAX_CHARACTERS:
        raise SyntaxMistake(f"the line is longer than {MAX_CHARACTERS} characters")
    return text


def read_statement(line: str, names: Collection[str] = ()) -> Statement | None:
    """What a line is; None for an empty one. ``names`` are those of the session.

    SyntaxMistake if the left side of a definition is no name.
    """
    text = without_comment(line)
    if not text:
        return None
    word, _, rest = text.partition(" ")
    word = ALIASES.get(word, word)
    if word in COMMANDS and not rest.lstrip().startswith(("=", ":")):
        return Command(word, rest.strip())
    if _FUNCTION.match(text):
        return DeclareFunction(text)
    declared = _DECLARATION.match(text)
    if declared and (declared[2] != "in" or text[declared.end() :].strip()[:1] in ("R", "ℝ", "\\")):
        return read_declaration(text)
    defined = _DEFINITION.match(text)
    if defined:
        return _definition(text, defined)
    if not text.startswith("solve "):
        _refuse_equation(text)
    return read_question(text, names)


def read_declaration(text: str) -> Declare:
    """A declaration, from a line or from a where clause."""
    found = _DECLARATION.match(text)
    names = tuple(name.strip() for name in found[1].split(",")) if found else ()
    return Declare(text, names, text[found.start(2) :] if found else text)


def _definition(text: str, defined: re.Match[str]) -> Define:
    listed = defined[2]
    parameters = tuple(p.strip() for p in listed.split(",")) if listed is not None else ()
    place = Span(defined.start(2), defined.end(2)) if listed is not None else Span(0, 0)
    if listed is not None and not all(_is_name(p) for p in parameters):
        raise _mistake("the arguments of a function are names", text, place, f"as in {defined[1]}(x) = x'x")
    if len(set(parameters)) < len(parameters):
        raise _mistake("an argument is named twice", text, place)
    body = text[defined.end() :]
    if not body:
        raise _mistake("nothing stands behind the =", text, Span(defined.end() - 1, defined.end()))
    return Define(text, defined[1], parameters, body, defined.end())


def _is_name(text: str) -> bool:
    return re.fullmatch(rf"\\?{_NAME}", text) is not None


def _mistake(said: str, text: str, place: Span, *notes: str) -> SyntaxMistake:
    return SyntaxMistake(said, marks=[Mark(place, focus=True)], notes=notes, source=text)


def _refuse_equation(text: str) -> None:
    """``A x = b``: a definition has a name on its left. NumPy's ``axis=0`` is inside brackets."""
    depth = 0
    for at, character in enumerate(text):
        depth += (character in "([{") - (character in ")]}")
        if character == "=" and not depth:
            side = text[:at].strip()
            notes = ["f = ... gives an expression a name, f(x) = ... defines a function"]
            if side.startswith(("d", "∂", "∇", "grad")):
                notes = ["mc finds derivatives: type the left side alone"]
            raise _mistake("the left side of = is no name", text, Span(at, at + 1), *notes)


# ------------------------------------------------------------------------------------------------ questions


def read_question(text: str, names: Collection[str] = ()) -> Ask:
    """A derivative in one of its notations, or the expression itself."""
    text = text.strip()
    if re.fullmatch(rf"d{_NAME}", text) and text not in names and text[1:] in names:
        return Ask("differential", text[1:])
    if _starts_with_name(text, names):
        return Ask("value", text)
    for pattern, kind in ((_SECOND, "hessian"), (_OPERATOR, "derivative"), (_QUOTIENT, "derivative")):
        found = pattern.match(text)
        if found and _is_closed(found["inside"]):
            return Ask(kind, _unwrapped(found["inside"]), (found["by"],))
    word, inside = _first_word(text)
    if word == "solve" and inside:
        return _with_constraints(inside)
    if word in KINDS and inside:
        return _asked(KINDS[word] or "derivative", inside)
    opened = _DIFFERENTIAL.match(text)
    if opened and _is_one_operand(text[opened.end() :], text):
        return _asked("differential", text[opened.end() :] if text[1] != "(" else text[1:])
    return Ask("value", text)


def _starts_with_name(text: str, names: Collection[str]) -> bool:
    """``det(X)/delta`` and ``dist/dx`` start with a d that is part of a name."""
    found = re.match(_NAME, text)
    return found is not None and found[0] != "d" and (found[0] in names or found[0] in spellings())


def _first_word(text: str) -> tuple[str, str]:
    """``grad f``, ``grad(f)``, ``gradient of f``, ``∇f``."""
    if text.startswith("∇"):
        subscript = re.match(rf"∇_\{{?({_NAME})\}}?\s*", text)
        return ("∇", f"{text[subscript.end() :]} wrt {subscript[1]}") if subscript else ("∇", text[1:].strip())
    found = re.match(r"([A-Za-z]+)(?=[\s(])\s*(?:of\s+)?", text)
    return (found[1].casefold(), text[found.end() :]) if found else ("", "")


def _asked(kind: str, text: str) -> Ask:
    text = text.strip()
    if text.startswith("(") and _closes_at_end(text):
        text = text[1:-1].strip()
    for pattern in (_WITH, _AFTER_COMMA):
        found = pattern.search(text)
        if found and _is_closed(text[: found.start()]):
            names = tuple(n.strip() for n in re.split(r",|\band\b", found["by"]))
            return Ask(kind, _unwrapped(text[: found.start()]), names)
    last = _LAST_WORD.search(text) if kind != "differential" else None
    before = text[: last.start()].strip() if last else ""
    if last and before and _is_closed(before):
        return Ask(kind, text, (), (_unwrapped(before), last["by"]))
    return Ask(kind, text)


def _with_constraints(text: str) -> Ask:
    """``solve x'S x wrt x subject to x'x = 1; a'x = 0``."""
    function, _, rest = _SUBJECT.sub("\n", text, count=1).partition("\n")
    equations = tuple(e.strip() for e in re.split(r";|\band\b", rest) if e.strip())
    return _asked("solve", function)._replace(constraints=equations)


def _is_one_operand(inside: str, text: str) -> bool:
    """``d(x)/2`` is no differential of ``(x)/2``."""
    return text[1] != "(" or _closes_at_end(text[1:].strip()) or inside.strip() == ""


def _is_closed(text: str) -> bool:
    depth = 0
    for character in text:
        depth += (character in "([{") - (character in ")]}")
        if depth < 0:
            return False
    return depth == 0


def _closes_at_end(text: str) -> bool:
    depth = 0
    for at, character in enumerate(text):
        depth += (character in "([{") - (character in ")]}")
        if depth == 0:
            return at == len(text) - 1
    return False


def _unwrapped(text: str) -> str:
    text = text.strip()
    return text[1:-1].strip() if text.startswith("(") and _closes_at_end(text) else text
