"""A fix is run before it is offered: no other is ever shown."""

from __future__ import annotations

import shlex
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from io import StringIO
from types import FrameType

from mccli.cli.line import places, replaced, shown
from mccli.errors import McError, Typed

CarryOut = Callable[[Sequence[str]], int]
"""Runs a command; its exit code."""

SECONDS = 5.0
"""The longest that a fix may take."""
DOES_MORE_THAN_PRINT = frozenset({"repl", "--output", "-o", "--watch", "--batch"})
"""Words of commands that are not run to see whether they work: they write files, or wait for a person."""
REPORTS = ("verify", "check")
"""Commands whose exit code 1 is a finding."""


def offered(error: McError, words: Sequence[str], carry_out: CarryOut) -> str | None:
    """The command with the mistake mended, if one was found that works."""
    for candidate in _candidates(error, words):
        if _is_harmless(candidate) and shown(candidate).isprintable() and works(candidate, carry_out):
            return shown(candidate)
    return None


def works(words: Sequence[str], carry_out: CarryOut) -> bool:
    """Whether a command ends as it should, and in time. What it prints is dropped."""
    good = (0, 1) if words[:1] and words[0] in REPORTS else (0,)
    kept, sys.stdin = sys.stdin, StringIO()
    try:
        with _time_limit(), redirect_stdout(StringIO()), redirect_stderr(StringIO()):
            return carry_out(words) in good
    except (Exception, SystemExit, _TooLong):
        return False
    finally:
        sys.stdin = kept


def _candidates(error: McError, words: Sequence[str]) -> Iterator[list[str]]:
    """The command lines that the fix of an error can mean."""
    fix = error.fix
    if not fix:
        return
    if fix.startswith("mc "):
        yield from _whole([word.strip() for word in shlex.split(fix)[1:]], words)
        return
    typed = error.typed or (Typed(error.source.strip()) if error.source else None)
    if typed is None:
        return
    standard_input = [i for i, word in enumerate(words) if word.strip() == "-"]
    if error.typed is None and standard_input:
        yield [fix if i in standard_input else word for i, word in enumerate(words)]
    for found in places(words, typed):
        yield replaced(words, found, fix)


def _whole(fix: list[str], words: Sequence[str]) -> Iterator[list[str]]:
    """A whole command; where it names only another argument of the same command, the options that were given stay."""
    if len(fix) == 2 and len(words) > 2 and words[0] == fix[0] and not words[1].startswith("-"):
        yield [words[0], fix[1], *words[2:]]
    yield fix


def _is_harmless(words: Sequence[str]) -> bool:
    return not any(word.partition("=")[0] in DOES_MORE_THAN_PRINT or word.strip() == "-" for word in words)


class _TooLong(BaseException):
    """A trial that takes too long: nothing in between may take it for a mistake of its own."""


@contextmanager
def _time_limit() -> Iterator[None]:
    """Raise _TooLong when time is up, where the system has such an alarm; one that was set already is kept."""
    if not hasattr(signal, "setitimer"):
        yield
        return

    def stop(_signal: int, _frame: FrameType | None) -> None:
        raise _TooLong

    try:
        before = signal.signal(signal.SIGALRM, stop)
    except ValueError:  # only the main thread has signals
        yield
        return
    left, _ = signal.setitimer(signal.ITIMER_REAL, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, left)
        signal.signal(signal.SIGALRM, before)
