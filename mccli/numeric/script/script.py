"""A user's script: its functions, and what they give, from a process apart."""

from __future__ import annotations

import sys
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from types import TracebackType
from typing import Any, NoReturn, Self

import numpy as np

from mccli.errors import ScriptError
from mccli.numeric.script import mistakes
from mccli.numeric.script.answers import FunctionInfo, Outcome, Parameter, Probe, Value, stacked
from mccli.numeric.script.blame import Blame
from mccli.numeric.script.limits import default_memory
from mccli.numeric.script.load import place_of
from mccli.numeric.script.mistakes import CallFailed, OutOfMemory
from mccli.numeric.script.printed import Printed
from mccli.numeric.script.process import Ended, Late, Process
from mccli.numeric.script.target import Target, existing_file, parse_target
from mccli.numeric.script.wire import Array, Body, Message, WireError, pack, unpack

Arguments = Mapping[str, Value] | Sequence[Value]

CALL_SECONDS = 10.0
IMPORT_SECONDS = 30.0
BATCH_BYTES = 1 << 24


class Script:
    """The functions of a file or module, run in a child process that starts when it is first needed.

    As a context manager it kills the process, and all that the process has started, at the end. After a time limit or
    a crash the next use starts a new one. ``timeout`` and ``import_timeout`` are seconds, ``memory`` is bytes of
    address space (None: half of the machine's, 0: no limit), ``python`` the interpreter (None: the one mc runs in).
    """

    def __init__(
        self,
        target: Target | str,
        timeout: float = CALL_SECONDS,
        memory: int | None = None,
        *,
        import_timeout: float = IMPORT_SECONDS,
        python: str | None = None,
    ) -> None:
        self.target = parse_target(target) if isinstance(target, str) else target
        self.timeout = timeout
        self.import_timeout = import_timeout
        self.memory = default_memory() if memory is None else memory
        self.python = python or sys.executable
        self._process: Process | None = None
        self._printed = Printed()
        self._functions: list[FunctionInfo] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Kill the process, if there is one."""
        if self._process is not None:
            process, self._process = self._process, None
            self._printed = process.capture.snapshot()
            process.close()

    # -------------------------------------------------------------------------------------- what there is

    @property
    def source(self) -> str:
        """The script as it is named in messages."""
        return mistakes.short_path(self.target.file) if self.target.file else self.target.module

    @property
    def printed(self) -> Printed:
        """What the script has printed so far."""
        return self._process.capture.snapshot() if self._process is not None else self._printed

    @property
    def functions(self) -> list[FunctionInfo]:
        """The functions that the file defines, in its order; those set on a function follow it (``f.grad``)."""
        self._started()
        return list(self._functions)

    def function(self, name: str) -> FunctionInfo:
        """A function by its name, with dots for attributes and methods. Raises TargetMistake with the closest name."""
        known = next((f for f in self.functions if f.name == name), None)
        if known is not None:
            return known
        answer, arrays = self._ask({"do": "describe", "name": name}, doing=name)
        return _function(answer["function"], arrays)

    # -------------------------------------------------------------------------------------- evaluations

    def call(self, name: str, arguments: Arguments, rng_seed: int | None = None, *, numeric: bool = True) -> Outcome:
        """Evaluate a function once. ``numeric=False`` lets it return None or a text too."""
        (outcome,) = self.call_many(name, [arguments], rng_seed, numeric=numeric)
        return outcome

    def call_many(
        self,
        name: str,
        points: Sequence[Arguments],
        rng_seed: int | None = None,
        *,
        numeric: bool = True,
        keep_errors: bool = False,
    ) -> list[Outcome]:
        """Evaluate at many points for one message. ``keep_errors`` puts what the function raises in its outcome.

        With ``rng_seed`` the global random generators are seeded before each evaluation.
        """
        outcomes: list[Outcome] = []
        for batch in _batches(points):
            arrays: list[Array] = []
            packed = pack([_plain_arguments(p) for p in batch], arrays)
            request = {"do": "call", "name": name, "points": packed, "seed": rng_seed, "numeric": numeric}
            with closing(self._evaluations(request, arrays, len(batch), stop=not keep_errors)) as replies:
                pairs = zip(replies, batch, strict=False)
                outcomes += [self._outcome(reply, name, at, keep_errors) for reply, at in pairs]
        return outcomes

    def scalar_probe(
        self,
        name: str,
        base: Arguments,
        direction: Mapping[str, Value],
        steps: Sequence[float] | Array,
        *,
        part: int | str | None = None,
        cotangent: Value = None,
        rng_seed: int | None = None,
    ) -> Probe:
        """Evaluate along the line ``base + t direction``, which is sent once, for every ``t`` in ``steps``.

        ``direction`` names the arguments that move (``"0"`` for the first of a positional list). ``part`` picks one
        entry of a returned tuple or dict. A ``cotangent`` of the value's shape (or a list of them) contracts it to a
        number there; without one, ``values`` has the shape of the value after the axis of the steps. Steps may be
        complex. Where the function raises the value is NaN and the error is kept.
        """
        steps = np.asarray(steps)
        arrays: list[Array] = []
        line = pack([_plain_arguments(base), dict(direction), steps.reshape(-1), cotangent], arrays)
        request = {"do": "probe", "name": name, "line": line, "part": part, "seed": rng_seed}
        with closing(self._evaluations(request, arrays, steps.size, stop=False)) as replies:
            outcomes = [self._outcome(reply, name, base, True) for reply in replies]
        return self._probe(steps.reshape(-1), outcomes, name)

    def _probe(self, steps: Array, outcomes: list[Outcome], name: str) -> Probe:
        good = [o for o in outcomes if o.error is None]
        shapes = {np.shape(o.value) for o in good}
        if len(shapes) > 1 or any(isinstance(o.value, list | tuple | dict) for o in good):
            raise mistakes.ValueMistake(
                f"{name} does not return one array of one shape along the line",
                notes=[f"shapes: {', '.join(map(str, sorted(shapes)))}"] if len(shapes) > 1 else (),
            )
        values = [o.value if o.error is None else None for o in outcomes]
        last = good[-1] if good else Outcome(np.nan)
        return Probe(
            steps,
            stacked(values, last.value),
            tuple(o.error for o in outcomes),
            sum(o.seconds for o in outcomes),
            last.framework,
            last.dtype,
            self.printed,
        )

    def _outcome(self, reply: Message, name: str, point: Arguments, keep: bool) -> Outcome:
        answer, arrays = reply
        if "error" in answer:
            error = self._mistake(answer["error"], name, self._notes(answer["error"], point))
            if keep and isinstance(error, CallFailed):
                return Outcome(None, printed=self.printed, error=error)
            raise error
        return Outcome(
            value=self._read(answer["value"], arrays, name),
            seconds=float(answer["seconds"]),
            changed_arguments=tuple(answer.get("changed", ())),
            shared_arguments=tuple(answer.get("shared", ())),
            reused_result=bool(answer.get("reused")),
            framework=str(answer["framework"]),
            dtype=str(answer["dtype"]),
            printed=self.printed,
        )

    def _mistake(self, report: Mapping[str, Any], name: str, notes: Sequence[str] = ()) -> ScriptError:
        typed = name == self.target.attribute
        error = mistakes.from_report({**report, "typed": typed}, name, self.source, notes)
        if isinstance(error, OutOfMemory) and self.memory:
            error.notes = (*error.notes, f"mc lets the script have {self.memory / 2**30:.3g} GiB")
        return error

    def _notes(self, report: Mapping[str, Any], point: Arguments) -> list[str]:
        printed = self.printed.first_lines() if report.get("type") == "SystemExit" else []
        called = [f"called with {described(point)}"] if point and report.get("kind") == "raised" else []
        return [*called, *(f"it printed: {line}" for line in printed)]

    def _read(self, structure: Any, arrays: list[Array], name: str) -> Value:
        try:
            return unpack(structure, arrays)
        except WireError as error:
            self._garbled(name, error)

    # -------------------------------------------------------------------------------------- the process

    def _started(self) -> Process:
        """The process with the script imported."""
        if self._process is None:
            file = str(existing_file(self.target)) if self.target.file else ""
            self._process = Process(self.python, self.memory)
            try:
                request = {"do": "load", "file": file, "module": self.target.module}
                answer, arrays = self._exchange(self._process, request, "", self.import_timeout)
                if "error" in answer:
                    raise self._import_error(answer["error"])
                self._functions = [_function(f, arrays) for f in answer["functions"]]
            except BaseException:
                self.close()
                raise
        return self._process

    def _import_error(self, report: Mapping[str, Any]) -> ScriptError:
        printed = [f"it printed: {line}" for line in self.printed.first_lines()]
        if report.get("kind") == "module":
            return mistakes.from_report(report, "", self.target.spelled())
        return self._mistake(report, "", printed)

    def _ask(self, request: Body, doing: str) -> Message:
        answer, arrays = self._exchange(self._started(), request, doing, self.timeout)
        if "error" in answer:
            raise self._mistake(answer["error"], doing)
        return answer, arrays

    def _evaluations(
        self, request: Body, arrays: list[Array], count: int, *, stop: bool
    ) -> Generator[Message, None, None]:
        """One answer for each point, up to the first mistake if ``stop``; the limit is that of each evaluation."""
        if not count:
            return
        process, name = self._started(), str(request["name"])
        process.send(request | {"limit": self.timeout, "stop": stop}, arrays)
        received, failed = 0, False
        try:
            while received < count and not (stop and failed):
                reply = self._receive(process, name, self.timeout)
                received, failed = received + 1, "error" in reply[0]
                yield reply
        finally:
            if received < count and not (stop and failed):  # answers would come that nobody waits for
                self.close()

    def _exchange(self, process: Process, request: Body, doing: str, limit: float) -> Message:
        process.send(request | {"limit": limit})
        return self._receive(process, doing, limit)

    def _receive(self, process: Process, doing: str, limit: float) -> Message:
        """An answer; if anything else happens (Ctrl-C too), the process is gone afterwards."""
        try:
            return process.receive(limit)
        except Late as error:
            frames = self._own(process.stack())
            self.close()
            raise mistakes.timed_out(doing, self.source, limit, frames) from error
        except Ended as error:
            frames, status = self._own(process.last_stack()), process.die()
            self.close()
            raise mistakes.crashed(doing, self.source, status, frames, self._printed) from error
        except WireError as error:
            self._garbled(doing, error)
        except BaseException:
            self.close()
            raise

    def _garbled(self, doing: str, error: WireError) -> NoReturn:
        self.close()
        who = doing or f"the import of {self.source}"
        raise mistakes.Crashed(f"{who} disturbed the channel on which it answers mc: {error}") from error

    def _own(self, frames: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The frames of a stack that are the user's."""
        home = place_of(existing_file(self.target)).folder if self.target.file else Path.cwd()
        blame = Blame(str(home))
        return [f for f in frames if blame.is_own(f["file"])]


def _batches(points: Sequence[Arguments]) -> Iterator[Sequence[Arguments]]:
    """The points in as few messages as memory allows: hundreds of megabytes in one are slower than many."""
    start, size = 0, 0
    for end, point in enumerate(points):
        values = point.values() if isinstance(point, Mapping) else point
        size += sum(v.nbytes for v in values if isinstance(v, np.ndarray))
        if size > BATCH_BYTES:
            yield points[start : end + 1]
            start, size = end + 1, 0
    if start < len(points):
        yield points[start:]


def described(arguments: Arguments) -> str:
    """``x: float64 (3,), c: 2.0``: the arguments of a call for a message."""
    pairs = arguments.items() if isinstance(arguments, Mapping) else enumerate(arguments, 1)
    return ", ".join(f"{name}: {_kind(value)}" for name, value in pairs)


def _kind(value: Value) -> str:
    if isinstance(value, np.ndarray) and value.ndim:
        return f"{value.dtype} {value.shape}"
    return str(value) if isinstance(value, int | float | complex | np.generic) else type(value).__name__


def _plain_arguments(arguments: Arguments) -> Value:
    return dict(arguments) if isinstance(arguments, Mapping) else list(arguments)


def _function(described: Mapping[str, Any], arrays: list[Array]) -> FunctionInfo:
    parameters = tuple(Parameter(**{**p, "default": unpack(p["default"], arrays)}) for p in described["parameters"])
    return FunctionInfo(**{**described, "parameters": parameters})
