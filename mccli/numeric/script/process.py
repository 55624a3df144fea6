"""One child process: started in a session of its own, spoken to with a time limit, and killed with all it has begun.

The answers come on a socket of their own; what the user's code prints comes on a pipe that is emptied as it fills,
and a second pipe brings the stack when the process crashes or is asked where it stands.
"""

from __future__ import annotations

import contextlib
import os
import re
import selectors
import signal
import socket
import subprocess
import time
import weakref
from collections import deque
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Protocol

from mccli.numeric.script.mistakes import not_started
from mccli.numeric.script.printed import Capture
from mccli.numeric.script.wire import CHANNEL_LOST, HEAD, Array, Body, Message, frame, lengths, parse

START = Path(__file__).with_name("start.py")
CHUNK = 1 << 16
TICK = 0.1
START_SECONDS = 60.0
STACK_SECONDS = 1.0
DYING_SECONDS = 5.0
ENVIRONMENT = {
    "OPENBLAS_NUM_THREADS": "1",  # repeatable sums; and each thread reserves address space
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "JAX_ENABLE_X64": "1",
    "MPLBACKEND": "Agg",  # plt.show() must not wait for somebody to close a window
}
_STACK_LINE = re.compile(r'^  File "(.*)", line (\d+) in (.*)$', re.MULTILINE)


class Closable(Protocol):
    """A socket or a selector."""

    def close(self) -> object:
        """Give it back."""


class Late(Exception):
    """No answer within the limit."""


class Ended(Exception):
    """The process has gone, or has closed its channel."""


class Process:
    """The child process. ``receive`` is the only place where the parent waits."""

    def __init__(self, python: str, memory: int) -> None:
        self._capture = Capture()
        self._outgoing: deque[memoryview] = deque()
        self._incoming = bytearray()
        self._wanted = HEAD.size
        self._closed = False
        self._spawn(python)
        self.send({"memory": memory})
        self._expect_ready(python)

    def _spawn(self, python: str) -> None:
        if os.name == "nt":
            raise not_started(python, "mc runs scripts on Linux and macOS only", self._capture.snapshot())
        self._socket, theirs = socket.socketpair()
        output, output_in = os.pipe()
        self._trace, trace_in = os.pipe()
        self._output: int = output
        try:
            self._popen = subprocess.Popen(
                [python, "-P", str(START), str(theirs.fileno()), str(trace_in)],
                stdin=subprocess.DEVNULL,
                stdout=output_in,
                stderr=output_in,
                env=os.environ | ENVIRONMENT,
                pass_fds=(theirs.fileno(), trace_in),
                start_new_session=True,
            )
        except OSError as error:
            _release(None, [self._socket], [self._output, self._trace])
            raise not_started(python, error.strerror or str(error), self._capture.snapshot()) from error
        finally:
            theirs.close()
            os.close(output_in)
            os.close(trace_in)
        self._watch()
        ends = (self._selector, self._socket)
        self._finalizer = weakref.finalize(self, _release, self._popen, ends, (self._output, self._trace))

    def _watch(self) -> None:
        for descriptor in (self._socket.fileno(), self._output, self._trace):
            os.set_blocking(descriptor, False)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._socket, selectors.EVENT_READ)
        self._selector.register(self._output, selectors.EVENT_READ)

    def _expect_ready(self, python: str) -> None:
        try:
            self.receive(START_SECONDS)
        except (Late, Ended) as error:
            status = self.die()
            why = "it did not answer" if isinstance(error, Late) else f"it ended with status {status}"
            raise not_started(python, why, self._capture.snapshot()) from error
        except BaseException:
            self.close()
            raise

    # -------------------------------------------------------------------------------------- messages

    @property
    def capture(self) -> Capture:
        """What the process has printed."""
        return self._capture

    def send(self, body: Body, arrays: list[Array] | None = None) -> None:
        """Queue one message; it goes out while the answer is waited for."""
        self._outgoing.extend(frame(body, arrays or []))

    def receive(self, limit: float) -> Message:
        """The next message, with all that was printed before it. Late or Ended if there is none."""
        deadline = time.monotonic() + limit
        while True:
            message = self._take()
            if message is not None:
                self._drain_output()
                return message
            if self._closed:
                raise Ended
            left = deadline - time.monotonic()
            if not self._step(max(min(left, TICK), 0.0)) and left <= 0:
                raise Late

    def _step(self, wait: float) -> bool:
        """Read and write what can be read and written; whether something of a message moved."""
        events = selectors.EVENT_READ | (selectors.EVENT_WRITE if self._outgoing else 0)
        self._selector.modify(self._socket, events)
        ready = self._selector.select(wait)
        moved = False
        for key, mask in ready:
            if key.fileobj is not self._socket:
                self._read_output()
                continue
            if mask & selectors.EVENT_WRITE:
                self._write()
            if mask & selectors.EVENT_READ:
                moved = self._read() or moved
        if not ready and self._popen.poll() is not None:  # a grandchild may hold the channel open
            self._closed = not self._read()
        return moved

    def _write(self) -> None:
        with contextlib.suppress(OSError):  # that it has gone is seen when reading
            piece = self._outgoing[0]
            sent = self._socket.send(piece)
            if sent == len(piece):
                self._outgoing.popleft()
            else:
                self._outgoing[0] = piece[sent:]
            return
        self._outgoing.clear()

    def _read(self) -> bool:
        """Read up to the end of the present message, never beyond."""
        try:
            chunk = self._socket.recv(min(self._wanted - len(self._incoming), 1 << 22))
        except BlockingIOError:
            return False
        except OSError:
            chunk = b""
        self._closed = not chunk
        self._incoming += chunk
        return bool(chunk)

    def _take(self) -> Message | None:
        """The message that has arrived whole, if one has."""
        if len(self._incoming) < self._wanted:
            return None
        text, blob = lengths(self._incoming[: HEAD.size])
        self._wanted = HEAD.size + text + blob
        if len(self._incoming) < self._wanted:
            return None
        data = memoryview(self._incoming)[HEAD.size :]
        self._incoming, self._wanted = bytearray(), HEAD.size
        return parse(data[:text], data[text:])

    # -------------------------------------------------------------------------------------- what it prints

    def _read_output(self) -> bool:
        try:
            chunk = os.read(self._output, CHUNK)
        except BlockingIOError:
            return False
        if not chunk:
            self._selector.unregister(self._output)
        self._capture.feed(chunk)
        return bool(chunk)

    def _drain_output(self) -> None:
        """All that was printed before now: a pipe holds little more than a chunk."""
        for _ in range(32):
            if self._output not in self._selector.get_map() or not self._read_output():
                return

    # -------------------------------------------------------------------------------------- its end

    def stack(self) -> list[dict[str, Any]]:
        """Where the process stands, innermost first; asked of the system, so compiled code answers too."""
        with contextlib.suppress(OSError):
            if self._popen.poll() is None:
                self._popen.send_signal(signal.SIGUSR1)
        return self.last_stack(STACK_SECONDS)

    def last_stack(self, wait: float = 0.0) -> list[dict[str, Any]]:
        """The stack that was written on a crash."""
        found, deadline = b"", time.monotonic() + wait
        while True:
            try:
                chunk = os.read(self._trace, CHUNK)
            except BlockingIOError:
                chunk = b""
            found += chunk
            if not chunk and (found or time.monotonic() >= deadline):
                break
            time.sleep(0.02)  # the signal handler writes line by line
        lines = _STACK_LINE.findall(found.decode("ascii", "replace"))
        return [{"file": _unescaped(file), "line": int(line), "function": name} for file, line, name in lines]

    def die(self) -> int | None:
        """Wait for a process that has hung up, and end it if it lives on; its exit status, None if it lived or
        had lost its channel."""
        self._drain_output()
        try:
            status: int | None = self._popen.wait(DYING_SECONDS)
        except subprocess.TimeoutExpired:
            status = None
        self._drain_output()
        self.close()
        return None if status == CHANNEL_LOST else status

    def close(self) -> None:
        """Kill the process and all it has started, and give everything back. More than once does no harm."""
        self._finalizer()


def _release(popen: subprocess.Popen[bytes] | None, ends: Iterable[Closable], descriptors: Iterable[int]) -> None:
    """End the whole process group, which was made for this process and has its number, and close what leads to it."""
    if popen is not None:
        with contextlib.suppress(OSError):
            os.killpg(popen.pid, signal.SIGKILL)
        popen.wait()
    for end in ends:
        end.close()
    for descriptor in descriptors:
        os.close(descriptor)


def _unescaped(name: str) -> str:
    """A file name as faulthandler writes it: ASCII, the rest as escapes."""
    return re.sub(r"\\(?:x(..)|u(....)|U(........))", lambda m: chr(int(m[1] or m[2] or m[3], 16)), name)
