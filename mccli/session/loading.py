"""Libraries that are loaded at first need, with Ctrl-C held back: half a library cannot be loaded again."""

from __future__ import annotations

import importlib
import signal
import sys
from types import FrameType, ModuleType


def load(name: str) -> ModuleType:
    """A module; a Ctrl-C that comes while it is loaded takes effect after that."""
    if name in sys.modules:
        return sys.modules[name]
    waiting: list[int] = []

    def wait(number: int, _frame: FrameType | None) -> None:
        waiting.append(number)

    try:
        before = signal.signal(signal.SIGINT, wait)
    except ValueError:  # not the main thread, which is the one that Ctrl-C reaches
        return importlib.import_module(name)
    try:
        module = importlib.import_module(name)
    finally:
        signal.signal(signal.SIGINT, before)
    if waiting:
        raise KeyboardInterrupt
    return module
