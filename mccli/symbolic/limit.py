"""A limit on the time that SymPy may take. SymPy itself has none, and some of its questions never end."""

from __future__ import annotations

import inspect
import itertools
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

EVERY = 64
"""The clock is looked at on every so many calls; to ask it costs more than a call."""


class OutOfTime(BaseException):
    """The time is up. No Exception, so that no handler inside SymPy swallows it."""


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise OutOfTime in the body once it has used ``seconds`` of processor time, whatever else runs.

    The clock is looked at when Python functions are called: this works in any thread and on any system,
    and a debugger that traces already keeps its own hook. Generators and finalizers are passed over: what is
    raised while one of them is being closed would be lost, and the limit with it.
    """
    deadline = time.thread_time() + seconds
    previous = sys.gettrace()
    calls = itertools.count(1)

    def watch(frame: FrameType, event: Any, argument: Any) -> Any:
        if next(calls) % EVERY == 0 and time.thread_time() > deadline and not _may_be_closing(frame):
            raise OutOfTime
        return previous(frame, event, argument) if previous is not None else None

    sys.settrace(watch)
    try:
        yield
    finally:
        sys.settrace(previous)


def _may_be_closing(frame: FrameType) -> bool:
    """Whether an exception raised in this frame could be swallowed by Python itself."""
    return bool(frame.f_code.co_flags & inspect.CO_GENERATOR) or frame.f_code.co_name == "__del__"
