"""What can go wrong with a user's script, one class per mistake, and the sentences for what its process reported."""

from __future__ import annotations

import os
import shlex
import signal
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from mccli.errors import Mark, ScriptError, Span
from mccli.numeric.script.printed import Printed

Report = Mapping[str, Any]

GUARD = "if __name__ == '__main__':"
MOST_MESSAGE_LINES = 4
MOST_MESSAGE_CHARS = 300


class TargetMistake(ScriptError):
    """The target cannot be read, or there is no such file, module or name."""


class ImportFailed(ScriptError):
    """The script raised, or ended the process, while it was imported."""


class CallFailed(ScriptError):
    """A function raised. ``exception`` is the name of the class, ``bases`` those of its ancestors."""

    exception: str = ""
    bases: tuple[str, ...] = ()

    def is_a(self, *names: str) -> bool:
        """Whether the exception was of one of these classes, or derived from one."""
        return not {self.exception, *self.bases}.isdisjoint(names)


class ValueMistake(CallFailed):
    """A function returned something that is not made of numbers."""


class OutOfMemory(ScriptError):
    """More memory was asked for than the script may have."""


class TimedOut(ScriptError):
    """The import or a call took longer than its limit; the process was killed."""


class Crashed(ScriptError):
    """The process ended without an answer: a signal, ``os._exit``, a closed channel."""


# ------------------------------------------------------------------------------------------ reports of exceptions


def from_report(report: Report, doing: str, source: str, notes: Iterable[str] = ()) -> ScriptError:
    """The mistake that the process reported; ``doing`` is the function's name, "" for the import of ``source``."""
    match report.get("kind"):
        case "missing":
            return _missing(report, source)
        case "module":
            return _no_such_module(report, source)
        case "value":
            return _value(report, doing)
    return _raised(report, doing, source, tuple(notes))


def _raised(report: Report, doing: str, source: str, notes: tuple[str, ...]) -> ScriptError:
    name, bases = str(report.get("type", "")), tuple(str(b) for b in report.get("bases", ()))
    family = {name, *bases}
    kind = _kind(family, doing)
    error = kind(
        _sentence(report, name, family, doing, source),
        notes=(*_places(report), *_more_lines(report), *_hints(report, family, doing), *notes),
        **_excerpt(report),
    )
    if isinstance(error, CallFailed):
        error.exception, error.bases = name, bases
    return error


def _kind(family: set[str], doing: str) -> type[ScriptError]:
    if "MemoryError" in family:
        return OutOfMemory
    return CallFailed if doing else ImportFailed


def _sentence(report: Report, name: str, family: set[str], doing: str, source: str) -> str:
    who, said = doing or source, _first_line(report)
    if "SyntaxError" in family and report.get("own_syntax"):
        return f"{place(report['where'])} is not valid Python: {said}"
    if "EOFError" in family and "reading a line" in said:
        return f"{who} asks for input(), and mc runs scripts without a keyboard{_at(report)}"
    if "SystemExit" in family:
        return f"{who} ends the program{'' if doing else ' while it is imported'} (SystemExit: {said}){_at(report)}"
    if "MemoryError" in family:
        return f"{who} asks for more memory than there is: {said or name}{_at(report)}"
    shown = name.lstrip("_")
    raised = f"{shown}: {said}" if said else shown
    return f"{who} raised {raised}{_at(report)}" if doing else f"{source} raised {raised} while imported{_at(report)}"


def _at(report: Report) -> str:
    return f" ({place(report['where'])})" if report.get("where") else ""


def command(target: str) -> str:
    """What to type for another target."""
    return f"mc verify {shlex.quote(target)}"


def place(where: Report) -> str:
    """``folder/script.py:12``, relative to where the person stands if that is shorter."""
    return f"{short_path(str(where.get('file', '')))}:{where.get('line', '?')}"


def short_path(path: str) -> str:
    """A path as a person standing in the current folder would write it."""
    try:
        relative = os.path.relpath(path)
    except (ValueError, OSError):  # another drive, or a folder that is gone
        return path
    return path if relative.startswith("..") else relative


def _first_line(report: Report) -> str:
    lines = str(report.get("message", "")).strip().splitlines()
    first = lines[0].strip() if lines else ""
    return first if len(first) <= MOST_MESSAGE_CHARS else first[: MOST_MESSAGE_CHARS - 1] + "…"


def _more_lines(report: Report) -> list[str]:
    """The message of the exception after its first line."""
    lines = [line.strip() for line in str(report.get("message", "")).strip().splitlines()[1:] if line.strip()]
    return lines[:MOST_MESSAGE_LINES]


def _excerpt(report: Report) -> dict[str, Any]:
    """The source line with the failing expression marked."""
    where = report.get("where") or {}
    text = str(where.get("text", ""))
    line = text.strip()
    if not line:
        return {}
    indent = len(text) - len(text.lstrip())
    start = min(max(int(where.get("start", 0)) - indent, 0), len(line))
    end = max(min(int(where.get("end", 0)) - indent, len(line)), start)
    span = Span(start, end) if end > start else Span(0, len(line))
    return {"source": line, "marks": [Mark(span, focus=True)]}


def _places(report: Report) -> list[str]:
    """The way through the user's own code, innermost first."""
    calls = [f"called from {place(c)} in {c.get('function')}: {c.get('text')}" for c in report.get("calls", ())]
    left_out = int(report.get("left_out", 0))
    more = [f"and {left_out} more calls"] if left_out else []
    cause = [f"caused by {report['cause']}"] if report.get("cause") else []
    return [*calls, *more, *cause]


def _hints(report: Report, family: set[str], doing: str) -> list[str]:
    said, hints = str(report.get("message", "")), []
    if not doing and ("SystemExit" in family or "EOFError" in family):
        hints.append(f"your script runs code at import; put it under {GUARD}")
    if "no known parent package" in said or "beyond top-level package" in said:
        hints.append("a relative import works inside a package: put an __init__.py in the folder, or import by name")
    if "ModuleNotFoundError" in family:
        hints.append(f"the script runs with {report.get('python', 'this Python')}, where that module is not installed")
    if report.get("shadows"):
        hints.append(f"beside the script lies {report['shadows']}, which has the name of another module; rename it")
    return hints


# ------------------------------------------------------------------------------------------ reports of other kinds


def _missing(report: Report, source: str) -> ScriptError:
    name, known = str(report.get("name")), [str(n) for n in report.get("known", ())]
    what = str(report.get("what", ""))
    if what:
        return TargetMistake(f"{name} in {source} is {what}, not a function", notes=_defined(known))
    near = report.get("closest")
    fix = command(f"{source}:{near}") if near and report.get("typed") else None
    meant = [f"the closest name is {near}"] if near and not fix else []
    return TargetMistake(f"{source} has no function {name}", notes=[*_defined(known), *meant], fix=fix)


def _defined(known: Sequence[str]) -> list[str]:
    if not known:
        return ["it defines no functions"]
    more = f" and {len(known) - 20} more" if len(known) > 20 else ""
    return [f"it defines {', '.join(known[:20])}{more}"]


def _no_such_module(report: Report, source: str) -> ScriptError:
    name = str(report.get("name", source))
    notes = [f"looked in {report.get('folder')}, and where {report.get('python')} finds modules"]
    beside, _, attribute = report.get("file"), *source.partition(":")[1:]
    fix = command(f"{beside}:{attribute}" if attribute else str(beside)) if beside else None
    return TargetMistake(f"no module named {name}", notes=notes, fix=fix)


def _value(report: Report, doing: str) -> ScriptError:
    found = str(report.get("found", "something else"))
    notes = ["a return statement is probably missing"] if found == "None" else []
    mistake = ValueMistake(f"{doing} returned {found}, not numbers", notes=notes)
    mistake.exception = "TypeError"
    return mistake


# ------------------------------------------------------------------------------------------ the process itself


def timed_out(doing: str, source: str, limit: float, frames: Sequence[Report]) -> ScriptError:
    """The import of ``source`` (``doing`` is "") or a call did not end."""
    notes = [f"it was at {place(f)} in {f.get('function')}" for f in frames[:1]]
    notes += [f"called from {place(f)} in {f.get('function')}" for f in frames[1:3]]
    if doing:
        return TimedOut(f"{doing} did not return within {limit:g} s", notes=notes)
    notes.append(f"code that takes long and is not a definition belongs under {GUARD}")
    return TimedOut(f"the import of {source} did not end within {limit:g} s", notes=notes)


SIGNALS = {
    "SIGSEGV": "segmentation fault: compiled code used memory that is not its own, or recursion never ended",
    "SIGBUS": "bus error: compiled code used memory that is not there",
    "SIGABRT": "abort: compiled code gave up",
    "SIGFPE": "arithmetic error in compiled code",
    "SIGILL": "illegal instruction: compiled for another processor",
    "SIGKILL": "killed from outside, often because the memory of the machine ran out",
    "SIGALRM": "an alarm that it set itself, or mc's own last limit",
    "SIGXCPU": "its limit of processor time",
}


def crashed(doing: str, source: str, status: int | None, frames: Sequence[Report], printed: Printed) -> ScriptError:
    """The process ended without an answer. ``status`` as in subprocess; None if it lives and closed the channel."""
    who = doing or f"the import of {source}"
    notes = [f"it was at {place(f)} in {f.get('function')}" for f in frames[:1]]
    notes += [f"it last printed: {line}" for line in printed.last_lines()]
    if status is None:
        return Crashed(f"{who} closed the channel on which it answers mc", notes=notes)
    if status >= 0:
        return Crashed(f"{who} ended the process (os._exit, exit status {status})", notes=notes)
    name = _signal_name(-status)
    reason = f": {SIGNALS[name]}" if name in SIGNALS else ""
    return Crashed(f"{who} was killed by {name}{reason}", notes=notes)


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def not_started(python: str, reason: str, printed: Printed) -> ScriptError:
    """No process could be had."""
    notes = [f"it printed: {line}" for line in printed.last_lines()]
    return Crashed(f"could not start {python} for the script: {reason}", notes=notes)
