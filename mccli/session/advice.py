"""Advice in the notation of a session: what other commands take as options is a line here."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mccli.errors import McError
from mccli.session.session import Session

_VALUE = r"""(?:"([^"]*)"|([^\s"]+))"""
_SHAPE = re.compile(rf"--shape {_VALUE}")
_ASSUME = re.compile(rf"--assume {_VALUE}")
_DEFINE = re.compile(rf"--define {_VALUE}")
_WRT = re.compile(r"(?:; )?add --wrt NAME")
_OTHERS = (
    (re.compile(r"--wrt (\w+)"), r"wrt \1"),
    (re.compile(r"--along \S+ gives[^;.]*?, "), ""),
    (re.compile(r"--order 2"), "hessian"),
    (re.compile(r"the gradient that mc derive gives"), "grad"),
    (re.compile(r'mc lookup "([^"]*)"'), r"lookup \1"),
    (re.compile(r'mc derive "([^"]*)"'), r"\1"),
    (re.compile(r'mc shape "([^"]*)"'), r"\1"),
)


def in_session(error: McError) -> McError:
    """The mistake with its advice in the notation of a session."""
    error.message = advice(error.message)
    error.notes = tuple(advice(note) for note in error.notes)
    return error


def advice(words: str) -> str:
    """``--shape x:scalar`` is the line ``x : scalar``, and so on."""
    words = _SHAPE.sub(lambda found: declaration(found[1] or found[2]), words)
    words = _ASSUME.sub(lambda found: declaration(found[1] or found[2]), words)
    words = _DEFINE.sub(lambda found: found[1] or found[2], words)
    words = _WRT.sub("; say wrt NAME", words)
    for pattern, instead in _OTHERS:
        words = pattern.sub(instead, words)
    return words


def declaration(option: str) -> str:
    """``A:m,n`` as a line."""
    name, _, rest = option.partition(":")
    return f"{name} : {' x '.join(part.strip() for part in rest.split(','))}"


def fix_for(session: Session, error: McError, line: str) -> str | None:
    """A line, or two, that would have been answered: tried, and found to work."""
    for lines in _candidates(error, line):
        if session.works(lines):
            return "   then   ".join(lines[:1] if lines[1:] == [line] else lines)
    return None


def _candidates(error: McError, line: str) -> Iterator[list[str]]:
    if not error.fix or error.fix.startswith("mc "):
        return
    typed = error.typed
    if typed is not None and typed.option in ("--shape", "--assume"):
        yield [declaration(error.fix), line]
    elif typed is not None and typed.text in line:
        yield [line.replace(typed.text, error.fix, 1)]
    elif typed is None and error.source and error.source.strip() in line:
        yield [line.replace(error.source.strip(), error.fix.strip(), 1)]
