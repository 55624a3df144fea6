"""The process in which the user's code runs: import it, evaluate its functions, answer on a channel of its own.

Everything that NumPy and this package load late is loaded before the user's folder goes on the path: a file called
``random.py`` there must not break them.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy.random  # noqa: F401 (loaded late by NumPy, and the only part that then needs standard modules)

from mccli.errors import closest
from mccli.numeric.script.blame import Blame, warm_up
from mccli.numeric.script.describe import NoSuchName, describe, find, function_names
from mccli.numeric.script.evaluate import Evaluator, Line, packed, quiet
from mccli.numeric.script.frameworks import least_precise, seed_everything
from mccli.numeric.script.limits import last_alarm, limit_memory, out_of_reach, say_where_on_fault
from mccli.numeric.script.load import NoSuchModule, file_of, load_file, load_module, place_of
from mccli.numeric.script.wire import CHANNEL_LOST, Array, Body, Channel, Message, Unsendable, unpack


class Service:
    """Answers requests about one module, one after the other."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._owner = os.getpid()
        self._module = ModuleType("nothing")
        self._blame = Blame("")
        self._evaluators: dict[str, Evaluator] = {}

    def run(self) -> None:
        """Until the other side hangs up."""
        while (message := self._channel.receive()) is not None:
            for body, arrays in self._answers(message):
                last_alarm(float(message[0].get("limit", 0)))
                self._send(body, arrays)
            last_alarm(0)

    def _send(self, body: Body, arrays: list[Array]) -> None:
        if os.getpid() != self._owner:  # the user's code has forked and come back here twice
            os._exit(0)
        _flush()
        try:
            self._channel.send(body, arrays)
        except OSError:
            os._exit(CHANNEL_LOST)

    def _answers(self, message: Message) -> Iterator[Message]:
        request, arrays = message
        tasks: dict[str, Callable[[Body, list[Array]], Iterator[Message]]] = {
            "load": self._load,
            "describe": self._describe,
            "call": self._call,
            "probe": self._probe,
        }
        last_alarm(float(request.get("limit", 0)))
        yield from tasks[request["do"]](request, arrays)

    def _guarded(self, task: Callable[[list[Array]], Body]) -> Message:
        """What a task says; or a report, whatever the user's code raised (``sys.exit`` too)."""
        arrays: list[Array] = []
        try:
            return task(arrays), arrays
        except Unsendable as error:
            return {"error": {"kind": "value", "found": str(error)}}, []
        except NoSuchName as error:
            return {"error": self._missing(error)}, []
        except BaseException as error:
            return {"error": self._blame.report(error)}, []

    # -------------------------------------------------------------------------------------- the module

    def _load(self, request: Body, _: list[Array]) -> Iterator[Message]:
        def task(arrays: list[Array]) -> Body:
            try:
                self._module = self._imported(request)
            except NoSuchModule as error:
                return {"error": _no_such_module(str(error), request["module"])}
            names = function_names(self._module)
            return {"functions": [describe(find(self._module, n), n, arrays) for n in names]}

        yield self._guarded(task)

    def _imported(self, request: Body) -> ModuleType:
        if request["file"]:
            file = Path(request["file"])
            self._blame = Blame(str(place_of(file).folder))
            return load_file(file)
        self._blame = Blame(os.getcwd())
        module = load_module(request["module"])
        origin = getattr(module, "__file__", None)
        if origin:
            self._blame = Blame(str(place_of(Path(origin)).folder / module.__name__.split(".")[0]))
        return module

    def _describe(self, request: Body, _: list[Array]) -> Iterator[Message]:
        name = request["name"]
        yield self._guarded(lambda arrays: {"function": describe(find(self._module, name), name, arrays)})

    def _missing(self, error: NoSuchName) -> Body:
        known = [n for n in function_names(self._module) if not n.startswith("_")]
        near = closest(error.name, known)
        return {"kind": "missing", "name": error.name, "what": error.what, "known": known, "closest": near}

    # -------------------------------------------------------------------------------------- evaluations

    def _evaluator(self, name: str) -> Evaluator:
        if name not in self._evaluators:
            self._evaluators[name] = Evaluator(find(self._module, name))
        return self._evaluators[name]

    def _call(self, request: Body, given: list[Array]) -> Iterator[Message]:
        for point in unpack(request["points"], given):

            def task(arrays: list[Array], point: Any = point) -> Body:
                evaluator = self._evaluator(request["name"])
                if request["seed"] is not None:
                    seed_everything(request["seed"])
                return evaluator.answer(point, arrays, request["numeric"])

            yield (reply := self._guarded(task))
            if request["stop"] and "error" in reply[0]:
                return

    def _probe(self, request: Body, given: list[Array]) -> Iterator[Message]:
        base, direction, steps, cotangent = unpack(request["line"], given)
        line = Line(base, direction, request["part"], cotangent)
        for step in steps:

            def task(arrays: list[Array], step: Any = step) -> Body:
                if request["seed"] is not None:
                    seed_everything(request["seed"])
                with quiet():  # nobody has asked for these points
                    done = self._evaluator(request["name"]).evaluate(line.point(step))
                    value = packed(line.value(done.value), arrays, numeric=True)
                about = {"framework": done.framework, "dtype": least_precise(done.value)}
                return {"value": value, "seconds": done.seconds, **about}

            yield self._guarded(task)


def _no_such_module(name: str, asked: str) -> Body:
    report = {"kind": "module", "name": name, "folder": os.getcwd(), "file": file_of(asked)}
    return report | {"python": sys.executable}


def _flush() -> None:
    """Bring what was printed on its way before the answer."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (AttributeError, ValueError, OSError):  # replaced or closed by the user's code
            continue


def _plain_streams() -> None:
    """Line by line, so that nothing is lost in a crash; and never an error for a character."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="backslashreplace", line_buffering=True)  # type: ignore[union-attr]


def main(channel: int, trace: int) -> None:
    """Serve until the other side hangs up, and end without waiting for what the user's code has left running."""
    status = 1
    try:
        _serve(channel, trace)
        status = 0
    except BaseException as error:
        print(f"{type(error).__name__}: {error}", file=sys.__stderr__)
    finally:
        os._exit(status)


def _serve(channel: int, trace: int) -> None:
    channel, trace = out_of_reach(channel), out_of_reach(trace)
    say_where_on_fault(trace)
    _plain_streams()
    warm_up()
    wire = Channel(channel)
    first = wire.receive()
    if first is not None:
        limit_memory(int(first[0]["memory"]))
        wire.send({"ready": True})
        Service(wire).run()
