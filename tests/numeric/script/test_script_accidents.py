"""Every way in which a function can go wrong: one clear mistake each, and mc goes on."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from mccli.errors import ScriptError, report
from mccli.numeric.script import CallFailed, Crashed, OutOfMemory, Script, TimedOut

Run = Callable[..., Script]

TEXT = """
import ctypes, itertools, json, os, signal, subprocess, sys, threading, time
import numpy as np

def f(x): return 2 * x

def helper(x, A):
    return (x +
            A)
def wrong_shapes(x): return helper(x, np.ones(7))
def in_numpy(x):
    return np.linalg.inv(np.zeros((2, 2)))
def unicode_line(x): π = "é∂"; return x.nothing
def endless_recursion(x): return endless_recursion(x)
def chained(x):
    try:
        return {}[1]
    except KeyError as error:
        raise ValueError("first line\\nsecond line") from error
def exits(x): sys.exit("done")
def asks(x): return float(input("x? "))
def reads(x): return len(sys.stdin.read())
def interrupted(x): raise KeyboardInterrupt
def relative(x):
    from . import beside
def long_message(x): raise ValueError("long " * 5000)

def hangs(x):
    while True:
        pass
def hangs_in_c(x): return sum(itertools.repeat(0))
def prints_for_ever(x):
    while True: print("again")
def hangs_deaf(x):
    for s in (signal.SIGTERM, signal.SIGINT, signal.SIGUSR1, signal.SIGALRM): signal.signal(s, signal.SIG_IGN)
    while True: pass
def hangs_with_children(x, file):
    child = subprocess.Popen(["sleep", "1000"])
    with open(file, "w") as out: out.write(str(child.pid))
    child.wait()

def segfaults(x): return ctypes.string_at(0)
def aborts(x):
    print("last words")
    os.abort()
def leaves(x):
    print("leaving")
    os._exit(3)
def is_killed(x): os.kill(os.getpid(), signal.SIGKILL)
def own_alarm(x):
    signal.alarm(1)
    time.sleep(100)
def divides(x): os.kill(os.getpid(), signal.SIGFPE)
def dies_leaving_children(x):
    subprocess.Popen(["sleep", "1000"])
    if os.fork() == 0: time.sleep(1000)
    os._exit(5)

def allocates(x): return np.ones((10**6, 10**6))
def grows(x):
    parts = []
    while True: parts.append(np.empty(1 << 25))

def prints_much(x):
    line = "x" * 999
    for _ in range(100_000): print(line)
    return 1.0
def prints_bytes(x):
    for _ in range(100): os.write(2, b"\\xff\\xfe\\x00" * 1000)
    return 1.0
def fills_both(x):
    sys.stdout.write("out" * 100_000); sys.stderr.write("err" * 100_000)
    return 1.0
def closes_streams(x):
    sys.stdout.close(); sys.stderr.close()
    return 1.0
def replaces_streams(x):
    sys.stdout = sys.stderr = None
    return 1.0
def closes_low_descriptors(x):
    for n in range(3, 21):
        try: os.close(n)
        except OSError: pass
    os.closerange(3, 256)
    return 1.0
def closes_all_descriptors(x):
    os.closerange(3, 100_000)
    return 1.0
def closes_standard_descriptors(x):
    for n in (0, 1, 2): os.close(n)
    return 1.0
def forks(x):
    os.fork()
    return 1.0
def forks_and_raises(x):
    if os.fork() == 0: raise ValueError("in the fork")
    return 1.0
def uses_processes(x):
    import multiprocessing
    with multiprocessing.get_context("fork").Pool(2) as pool:
        return float(sum(pool.map(abs, [-1, -2, -3])))
def prints_in_the_background(x):
    def chatter():
        while True: print("chatter")
    threading.Thread(target=chatter, daemon=True).start()
    return 1.0
def leaves_a_thread(x):
    threading.Thread(target=time.sleep, args=(1000,)).start()
    return 1.0
def breaks_modules(x):
    import numpy, traceback, os as system
    json.dumps = traceback.extract_tb = None
    return 1.0
def writes_to_sockets(x):
    for n in range(3, 40):
        try: os.write(n, b"hello")
        except OSError: pass
    return 1.0
def pid(): return os.getpid()
"""


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Script]:
    path = tmp_path_factory.mktemp("accidents") / "model.py"
    path.write_text(TEXT, encoding="utf-8")
    with Script(str(path), timeout=60, import_timeout=60, memory=3 << 30) as opened:
        yield opened


@pytest.fixture
def hasty(script: Script) -> Iterator[Script]:
    """The same script with little patience. Not so little that its start would be late: that has its own limit."""
    script.timeout = 1.0
    yield script
    script.timeout = 60.0


def failure(script: Script, name: str, kind: type[ScriptError], *more: object) -> ScriptError:
    with pytest.raises(kind) as caught:
        script.call(name, [np.ones(3), *more])
    assert caught.value.exit_code == 2
    assert caught.value.message.startswith(name)
    assert "Traceback" not in report(caught.value)
    assert script.call("f", [1.0]).value == 2.0, "mc goes on"
    return caught.value


def line_of(text: str) -> int:
    return next(i for i, line in enumerate(TEXT.splitlines(), 1) if text in line)


def gone(pid: int) -> bool:
    """Whether a process has ended, soon."""
    for _ in range(200):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        with contextlib.suppress(OSError):
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        time.sleep(0.05)
    return False


# ------------------------------------------------------------------------------------------ exceptions


def test_an_exception_names_the_line(script: Script) -> None:
    error = failure(script, "wrong_shapes", CallFailed)
    assert "raised ValueError: operands could not be broadcast" in error.message
    assert f"model.py:{line_of('return (x +')}" in error.message
    assert error.source == "return (x +"
    assert error.marks[0].span == (8, 11)
    assert any("in wrong_shapes: def wrong_shapes(x): return helper" in note for note in error.notes)
    assert "called with 1: float64 (3,)" in error.notes
    assert isinstance(error, CallFailed)
    assert error.exception == "ValueError"


def test_an_exception_inside_numpy_is_blamed_on_the_users_line(script: Script) -> None:
    error = failure(script, "in_numpy", CallFailed)
    assert "LinAlgError: Singular matrix" in error.message
    assert error.source == "return np.linalg.inv(np.zeros((2, 2)))"


def test_a_line_that_is_not_ascii(script: Script) -> None:
    error = failure(script, "unicode_line", CallFailed)
    assert error.source is not None
    start, end = error.marks[0].span
    assert error.source[start:end] == "x.nothing"


def test_recursion(script: Script) -> None:
    error = failure(script, "endless_recursion", CallFailed)
    assert "RecursionError" in error.message
    assert len(error.notes) < 10


def test_messages_of_many_lines_and_causes(script: Script) -> None:
    error = failure(script, "chained", CallFailed)
    assert "ValueError: first line (" in error.message
    assert "second line" in error.notes
    assert "caused by KeyError: 1" in error.notes
    assert len(failure(script, "long_message", CallFailed).message) < 1000


def test_the_end_of_the_program(script: Script) -> None:
    assert "ends the program (SystemExit: done)" in failure(script, "exits", CallFailed).message


def test_the_keyboard(script: Script) -> None:
    assert "asks for input()" in failure(script, "asks", CallFailed).message
    assert script.call("reads", [1.0]).value == 0


def test_other_exceptions(script: Script) -> None:
    assert "KeyboardInterrupt" in failure(script, "interrupted", CallFailed).message
    assert any("__init__.py" in note for note in failure(script, "relative", CallFailed).notes)


def test_arguments_that_do_not_fit(script: Script) -> None:
    with pytest.raises(CallFailed, match="unexpected keyword argument 'y'"):
        script.call("f", {"y": 1.0})
    with pytest.raises(CallFailed, match="missing 1 required positional argument"):
        script.call("f", [])


# ------------------------------------------------------------------------------------------ time


@pytest.mark.parametrize("name", ["hangs", "hangs_in_c", "prints_for_ever"])
def test_what_does_not_end(hasty: Script, name: str) -> None:
    error = failure(hasty, name, TimedOut)
    assert error.message == f"{name} did not return within 1 s"
    assert any(f"in {name}" in note and "model.py:" in note for note in error.notes)


def test_what_does_not_end_and_does_not_listen(hasty: Script) -> None:
    failure(hasty, "hangs_deaf", TimedOut)


def test_the_limit_is_that_of_each_evaluation(hasty: Script) -> None:
    with pytest.raises(TimedOut):
        hasty.scalar_probe("hangs", [1.0], {"0": 1.0}, np.zeros(1000))
    assert hasty.call("f", [1.0]).value == 2.0


def test_children_are_ended_too(hasty: Script, tmp_path: Path) -> None:
    file = tmp_path / "pid"
    failure(hasty, "hangs_with_children", TimedOut, str(file))
    assert gone(int(file.read_text()))


# ------------------------------------------------------------------------------------------ crashes


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("segfaults", "killed by SIGSEGV: segmentation fault"),
        ("aborts", "killed by SIGABRT"),
        ("leaves", "exit status 3"),
        ("is_killed", "SIGKILL"),
        ("own_alarm", "SIGALRM"),
        ("divides", "SIGFPE"),
        ("dies_leaving_children", "exit status 5"),
    ],
)
def test_crashes(script: Script, name: str, said: str) -> None:
    assert said in failure(script, name, Crashed).message


def test_a_crash_in_compiled_code_names_the_line(script: Script) -> None:
    error = failure(script, "segfaults", Crashed)
    assert any(f"model.py:{line_of('def segfaults')} in segfaults" in note for note in error.notes)


@pytest.mark.parametrize(("name", "words"), [("aborts", "last words"), ("leaves", "leaving")])
def test_the_last_words_are_kept(script: Script, name: str, words: str) -> None:
    assert f"it last printed: {words}" in failure(script, name, Crashed).notes


# ------------------------------------------------------------------------------------------ memory


def test_a_huge_array(script: Script) -> None:
    error = failure(script, "allocates", OutOfMemory)
    assert "7.28 TiB" in error.message
    assert "model.py:" in error.message
    assert "mc lets the script have 3 GiB" in error.notes


def test_growing_without_end(script: Script) -> None:
    assert "more memory than there is" in failure(script, "grows", OutOfMemory).message


def test_the_limit_can_be_lifted(run: Run) -> None:
    text = "import resource\ndef f(): return resource.getrlimit(resource.RLIMIT_AS)[0]\n"
    assert run(text, memory=0).call("f", []).value != 5 << 30
    assert run(text, memory=5 << 30).call("f", []).value == 5 << 30


# ------------------------------------------------------------------------------------------ printing and descriptors


def test_a_hundred_megabytes(script: Script) -> None:
    outcome = script.call("prints_much", [1.0])
    assert outcome.value == 1.0
    assert outcome.printed.size >= 100_000_000
    assert outcome.printed.lines >= 100_000
    assert len(outcome.printed.text) < 10_000
    assert len(outcome.printed.last) < 10_000


@pytest.mark.parametrize(
    "name",
    [
        *("prints_bytes", "fills_both", "closes_streams", "replaces_streams", "closes_low_descriptors"),
        *("closes_standard_descriptors", "breaks_modules", "writes_to_sockets", "leaves_a_thread"),
    ],
)
def test_what_does_no_harm(script: Script, name: str) -> None:
    assert script.call(name, [1.0]).value == 1.0
    assert script.call("f", [1.0]).value == 2.0
    script.close()


def test_printing_in_the_background(script: Script) -> None:
    assert script.call("prints_in_the_background", [1.0]).value == 1.0
    assert script.call("f", [1.0]).value == 2.0
    script.close()


def test_a_closed_channel_is_said(script: Script) -> None:
    assert "closed the channel" in failure(script, "closes_all_descriptors", Crashed).message


@pytest.mark.parametrize("name", ["forks", "forks_and_raises"])
def test_forks_answer_once(script: Script, name: str) -> None:
    assert script.call(name, [1.0]).value == 1.0
    assert [o.value for o in script.call_many("f", [[1.0], [2.0], [3.0]])] == [2.0, 4.0, 6.0]
    script.close()


def test_processes_of_the_users(script: Script) -> None:
    assert script.call("uses_processes", [1.0]).value == 6.0


# ------------------------------------------------------------------------------------------ the end


def test_one_process_that_ends_with_the_script(run: Run) -> None:
    with run("import os\ndef pid(): return os.getpid()\n") as script:
        first, second = (script.call("pid", []).value for _ in range(2))
        assert first == second
        assert first != os.getpid()
    assert gone(first)
    script.close()
    assert script.call("pid", []).value != first


def test_a_forgotten_script_ends_too(tmp_path: Path) -> None:
    path = tmp_path / "model.py"
    path.write_text("import os\ndef pid(): return os.getpid()\n", encoding="utf-8")
    script = Script(str(path), timeout=60, import_timeout=60)
    pid = script.call("pid", []).value
    del script
    assert gone(pid)


PARENT = """
import sys
from mccli.numeric.script import Script
with Script(sys.argv[1], timeout=1000, import_timeout=60) as script:
    print(script.call("pid", []).value, flush=True)
    try:
        script.call(sys.argv[2], [1.0])
    except KeyboardInterrupt:
        print("interrupted", script._conversation.process, flush=True)
        raise
"""


def parent(script: Script, name: str) -> tuple[subprocess.Popen[str], int]:
    """Another process that runs a function of the script, and the process apart that it started."""
    command = [sys.executable, "-c", textwrap.dedent(PARENT), script.target.file, name]
    pipe = subprocess.PIPE
    process = subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, start_new_session=True)
    assert process.stdout is not None
    return process, int(process.stdout.readline())


def test_an_interrupt_ends_the_process_and_is_passed_on(script: Script) -> None:
    process, pid = parent(script, "hangs")
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert "interrupted None" in out
    assert "KeyboardInterrupt" in err
    assert gone(pid)


def test_a_process_whose_parent_was_killed_ends(script: Script) -> None:
    process, pid = parent(script, "leaves_a_thread")
    process.kill()
    process.communicate(timeout=60)
    assert gone(pid)


def test_no_process_can_be_had(tmp_path: Path, write: Callable[..., Path]) -> None:
    path = write("def f(x): return x\n")
    with Script(str(path), python=str(tmp_path / "no-python")) as script, pytest.raises(Crashed, match="could not"):
        _ = script.functions
    tool = tmp_path / "old-python"
    tool.write_text("#!/bin/sh\necho unknown option -P >&2\nexit 2\n", encoding="utf-8")
    tool.chmod(0o755)
    with Script(str(path), python=str(tool)) as script, pytest.raises(Crashed, match="status 2") as caught:
        _ = script.functions
    assert "it printed: unknown option -P" in caught.value.notes


def test_no_descriptors_are_lost(script: Script) -> None:
    folder = Path("/proc/self/fd")
    if not folder.exists():
        pytest.skip("no /proc here")
    script.close()
    before = len(list(folder.iterdir()))
    for _ in range(3):
        with contextlib.suppress(ScriptError):
            script.call("leaves", [1.0])
        script.call("f", [1.0])
        script.close()
    assert len(list(folder.iterdir())) == before


def test_the_package_is_imported_where_there_are_no_limits() -> None:
    """Windows has neither of these modules."""
    code = "import sys; sys.modules |= {'fcntl': None, 'resource': None}; import mccli.numeric.script"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
