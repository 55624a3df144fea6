"""A user's script: its functions, and what they give, from a process apart."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from types import TracebackType
from typing import Any, Self

import numpy as np

from mccli.numeric.script import mistakes
from mccli.numeric.script.answers import FunctionInfo, Outcome, Probe, Value, stacked
from mccli.numeric.script.conversation import Conversation
from mccli.numeric.script.limits import default_memory
from mccli.numeric.script.mistakes import CallFailed
from mccli.numeric.script.printed import Printed
from mccli.numeric.script.target import Target, parse_target
from mccli.numeric.script.wire import Array, Message, WireError, pack, unpack

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
        memory = default_memory() if memory is None else memory
        self._conversation = Conversation(self.target, timeout, import_timeout, memory, python or sys.executable)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Kill the process, if there is one."""
        self._conversation.close()

    @property
    def timeout(self) -> float:
        """The limit of one evaluation, in seconds."""
        return self._conversation.timeout

    @timeout.setter
    def timeout(self, seconds: float) -> None:
        self._conversation.timeout = seconds

    # -------------------------------------------------------------------------------------- what there is

    @property
    def source(self) -> str:
        """The script as it is named in messages."""
        return self._conversation.source

    @property
    def printed(self) -> Printed:
        """What the script has printed so far."""
        return self._conversation.printed

    @property
    def functions(self) -> list[FunctionInfo]:
        """The functions that the file defines, in its order; those set on a function follow it (``f.grad``)."""
        return self._conversation.functions

    def function(self, name: str) -> FunctionInfo:
        """A function by its name, with dots for attributes and methods. Raises TargetMistake with the closest name."""
        known = next((f for f in self.functions if f.name == name), None)
        return self._conversation.describe(name) if known is None else known

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
            with closing(self._conversation.evaluations(request, arrays, len(batch), stop=not keep_errors)) as replies:
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
        with closing(self._conversation.evaluations(request, arrays, steps.size, stop=False)) as replies:
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
            error = self._conversation.mistake(answer["error"], name, self._notes(answer["error"], point))
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

    def _notes(self, report: Mapping[str, Any], point: Arguments) -> list[str]:
        printed = self.printed.first_lines() if report.get("type") == "SystemExit" else []
        called = [f"called with {described(point)}"] if point and report.get("kind") == "raised" else []
        return [*called, *(f"it printed: {line}" for line in printed)]

    def _read(self, structure: Any, arrays: list[Array], name: str) -> Value:
        try:
            return unpack(structure, arrays)
        except WireError as error:
            self._conversation.garbled(name, error)


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
