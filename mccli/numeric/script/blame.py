"""Whose line it was: an exception as a report that names the innermost frame of the user's own code.

Runs in the child process.
"""

from __future__ import annotations

import linecache
import re
import sys
import sysconfig
from pathlib import Path
from traceback import FrameSummary, extract_tb
from typing import Any

Report = dict[str, Any]

MOST_CALLS = 4
MOST_CHARS = 2000
LIBRARY_FOLDERS = frozenset({"site-packages", "dist-packages"})
PYTHON_FOLDER = re.compile(r"python3\.\d+t?$")
"""Where an interpreter keeps its standard library; it need not be the one that runs this."""
HERE = Path(__file__).resolve().parent
STANDARD = tuple({sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib")})


class Blame:
    """Tells the user's code from that of libraries; ``home`` is the folder that the user's modules lie in."""

    def __init__(self, home: str) -> None:
        self._home = Path(home)

    def report(self, error: BaseException) -> Report:
        """The exception as JSON: its class, what it says, and where in the user's code it came from."""
        report: Report = {
            "kind": "raised",
            "type": type(error).__name__,
            "bases": [base.__name__ for base in type(error).__mro__[1:]],
            "message": said(error)[:MOST_CHARS],
            "python": sys.executable,
        }
        if error.__cause__ is not None:
            report["cause"] = f"{type(error.__cause__).__name__}: {said(error.__cause__)[:200]}"
        report |= self._way(error)
        if isinstance(error, SyntaxError) and error.filename and self.is_own(error.filename):
            report |= _syntax(error)
        if isinstance(error, ImportError | AttributeError):
            report["shadows"] = self._shadows()
        return report

    def _way(self, error: BaseException) -> Report:
        """The user's frames: the innermost in full, then those that called it."""
        frames = [f for f in extract_tb(error.__traceback__) if self.is_own(f.filename)]
        if not frames:
            return {}
        calls = [_call(f) for f in reversed(frames[:-1]) if not f.name.startswith("<module")]
        return {"where": _where(frames[-1]), "calls": calls[:MOST_CALLS], "left_out": len(calls[MOST_CALLS:])}

    def is_own(self, filename: str) -> bool:
        """Whether a file is the user's: below the folder of the script, or in no folder of libraries."""
        path = Path(filename)
        if filename.startswith("<") or path.is_relative_to(HERE):
            return False
        if path.is_relative_to(self._home):
            return LIBRARY_FOLDERS.isdisjoint(path.relative_to(self._home).parts)
        library = any(part in LIBRARY_FOLDERS or PYTHON_FOLDER.match(part) for part in path.parts)
        return not library and not any(path.is_relative_to(s) for s in STANDARD)

    def _shadows(self) -> str:
        """A file of the user's that carries the name of a standard or well-known module, if there is one."""
        taken = sys.stdlib_module_names | {"numpy", "scipy", "torch", "jax", "autograd"}
        beside = [*self._home.glob("*.py"), *(p.parent for p in self._home.glob("*/__init__.py"))]
        return next((p.name for p in sorted(beside) if p.stem in taken), "")


def warm_up() -> None:
    """Have loaded whatever the standard library loads late when it looks into a traceback."""
    linecache.getline(__file__, 1)
    try:
        raise ValueError
    except ValueError as error:
        Blame(str(HERE)).report(error)


def said(error: BaseException) -> str:
    """``str(error)``, which is the user's code too and may itself fail."""
    try:
        return str(error)
    except Exception:
        return "(its message cannot be shown)"


def _where(frame: FrameSummary) -> Report:
    text = linecache.getline(frame.filename, frame.lineno or 0).rstrip()
    one_line = frame.end_lineno == frame.lineno
    return {
        "file": frame.filename,
        "line": frame.lineno,
        "function": frame.name,
        "text": text,
        "start": _characters(text, frame.colno),
        "end": _characters(text, frame.end_colno) if one_line else len(text),
    }


def _characters(text: str, offset: int | None) -> int:
    """A column in bytes, as the interpreter counts, in characters."""
    return len(text.encode()[: offset or 0].decode(errors="replace"))


def _call(frame: FrameSummary) -> Report:
    return {"file": frame.filename, "line": frame.lineno, "function": frame.name, "text": frame.line}


def _syntax(error: SyntaxError) -> Report:
    """The place that the parser complains of, which is in no frame."""
    text = (error.text or linecache.getline(error.filename or "", error.lineno or 0)).rstrip()
    start = max((error.offset or 1) - 1, 0)
    end = max((error.end_offset or 0) - 1, start + 1) if error.end_lineno == error.lineno else len(text)
    where = {"file": error.filename, "line": error.lineno, "text": text, "start": start, "end": end}
    return {"own_syntax": True, "where": where, "message": error.msg, "calls": []}
