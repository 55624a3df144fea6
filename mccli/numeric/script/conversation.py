"""The process with the user's script: started when it is first needed, asked, and gone after any accident."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

from mccli.errors import ScriptError
from mccli.numeric.script import mistakes
from mccli.numeric.script.answers import FunctionInfo, Parameter
from mccli.numeric.script.blame import Blame
from mccli.numeric.script.load import place_of
from mccli.numeric.script.mistakes import OutOfMemory
from mccli.numeric.script.printed import Printed
from mccli.numeric.script.process import Ended, Late, Process
from mccli.numeric.script.target import Target, existing_file
from mccli.numeric.script.wire import Array, Body, Message, WireError, unpack


class Conversation:
    """Questions to one process after the other, with limits of time and memory; see Script for their units."""

    def __init__(self, target: Target, timeout: float, import_timeout: float, memory: int, python: str) -> None:
        self.target, self.timeout, self.import_timeout = target, timeout, import_timeout
        self.memory, self.python = memory, python
        self.process: Process | None = None
        self._printed = Printed()
        self._functions: list[FunctionInfo] = []

    def close(self) -> None:
        """Kill the process, if there is one."""
        if self.process is not None:
            process, self.process = self.process, None
            self._printed = process.capture.snapshot()
            process.close()

    @property
    def source(self) -> str:
        """The script as it is named in messages."""
        return mistakes.short_path(self.target.file) if self.target.file else self.target.module

    @property
    def printed(self) -> Printed:
        """What the script has printed so far."""
        return self.process.capture.snapshot() if self.process is not None else self._printed

    @property
    def functions(self) -> list[FunctionInfo]:
        """Those that the file defines."""
        self._started()
        return list(self._functions)

    def describe(self, name: str) -> FunctionInfo:
        """A function that need not be defined in the file: an attribute, or one that was imported."""
        answer, arrays = self.ask({"do": "describe", "name": name}, doing=name)
        return _function(answer["function"], arrays)

    # -------------------------------------------------------------------------------------- questions

    def ask(self, request: Body, doing: str) -> Message:
        """One answer. Raises the ScriptError that it reports."""
        answer, arrays = self._exchange(self._started(), request, doing, self.timeout)
        if "error" in answer:
            raise self.mistake(answer["error"], doing)
        return answer, arrays

    def evaluations(
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

    def mistake(self, report: Mapping[str, Any], name: str, notes: Sequence[str] = ()) -> ScriptError:
        """What a report of the process says, as an error."""
        typed = name == self.target.attribute
        error = mistakes.from_report({**report, "typed": typed}, name, self.source, notes)
        if isinstance(error, OutOfMemory) and self.memory:
            error.notes = (*error.notes, f"mc lets the script have {self.memory / 2**30:.3g} GiB")
        return error

    def garbled(self, doing: str, error: WireError) -> NoReturn:
        """The channel was written to by somebody else: the process cannot be used any more."""
        self.close()
        who = doing or f"the import of {self.source}"
        raise mistakes.Crashed(f"{who} disturbed the channel on which it answers mc: {error}") from error

    # -------------------------------------------------------------------------------------- the process

    def _started(self) -> Process:
        """The process with the script imported."""
        if self.process is None:
            file = str(existing_file(self.target)) if self.target.file else ""
            self.process = Process(self.python, self.memory)
            try:
                request = {"do": "load", "file": file, "module": self.target.module}
                answer, arrays = self._exchange(self.process, request, "", self.import_timeout)
                if "error" in answer:
                    raise self._import_error(answer["error"])
                self._functions = [_function(f, arrays) for f in answer["functions"]]
            except BaseException:
                self.close()
                raise
        return self.process

    def _import_error(self, report: Mapping[str, Any]) -> ScriptError:
        printed = [f"it printed: {line}" for line in self.printed.first_lines()]
        if report.get("kind") == "module":
            return mistakes.from_report(report, "", self.target.spelled())
        return self.mistake(report, "", printed)

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
            self.garbled(doing, error)
        except BaseException:
            self.close()
            raise

    def _own(self, frames: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The frames of a stack that are the user's."""
        home = place_of(existing_file(self.target)).folder if self.target.file else Path.cwd()
        blame = Blame(str(home))
        return [f for f in frames if blame.is_own(f["file"])]


def _function(described: Mapping[str, Any], arrays: list[Array]) -> FunctionInfo:
    parameters = tuple(Parameter(**{**p, "default": unpack(p["default"], arrays)}) for p in described["parameters"])
    return FunctionInfo(**{**described, "parameters": parameters})
