"""Terminals and pipes: what a command prints to a person, to a program, and to a terminal that can show little."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

MC = (sys.executable, "-m", "mccli")
ESCAPE = "\x1b["
SETTINGS = (
    "NO_COLOR", "FORCE_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "COLUMNS", "PAGER", "MC_PAGER", "TERM", "LANG", "LC_ALL",
    "LC_CTYPE", "PYTHONIOENCODING", "PYTHONUTF8", "LINES", "LESS",
)  # fmt: skip
SCRIPT = "def f(x: '3'):\n    return float(x @ x)\n\n\ndef grad_f(x):\n    return 2 * x\n"
RECORDS = """\
family: mine
records:
- id: scaled-trace
  name: Trace of a scaled product
  level: standard
  expression: c*tr(A*X)
  variable: X
  shapes: {c: scalar, A: "n,m", X: "m,n"}
  gradient: c*A'
  proof: ["c*tr(A*dX)"]
  why: The trace is linear.
  sources: [my notes]
"""

ANSWERS: Mapping[str, Sequence[str]] = {
    "derive": ("derive", "||A x - b||^2", "--wrt", "x"),
    "derive-jacobian": ("derive", "A X B", "--wrt", "X"),
    "shape": ("shape", "||A x - b||^2"),
    "lookup": ("lookup", "tr(AXB)"),
    "lookup-words": ("lookup", "normal equations"),
    "lookup-derived": ("lookup", "tr(X'AX) + sum(exp(X))"),
    "lookup-family": ("lookup", "--family", "trace"),
    "sheet": ("sheet", "trace"),
    "sheet-list": ("sheet", "--list"),
    "ops": ("ops",),
    "ops-one": ("ops", "softmax"),
    "help": ("help",),
    "verify": ("verify", "{folder}/script.py:f", "--shape", "x:3"),
    "check": ("check", "{folder}/records.yaml"),
}
"""A command for every kind of answer."""


def environment(**given: str) -> dict[str, str]:
    """The environment without what changes the output, and with what is given."""
    plain = {name: value for name, value in os.environ.items() if name not in SETTINGS}
    return {**plain, "TERM": "xterm-256color", "LANG": "C.UTF-8", **given}


@pytest.fixture
def words(tmp_path: Path, request: pytest.FixtureRequest) -> Sequence[str]:
    """The words of an answer, with a script for verify and records for check."""
    (tmp_path / "script.py").write_text(SCRIPT, encoding="utf-8")
    (tmp_path / "records.yaml").write_text(RECORDS, encoding="utf-8")
    return [word.replace("{folder}", str(tmp_path)) for word in ANSWERS[request.param]]


EACH = pytest.mark.parametrize("words", ANSWERS, indirect=True)


def piped(words: Sequence[str], given: bytes = b"", **settings: str) -> subprocess.CompletedProcess[bytes]:
    """Run mc with pipes on all sides."""
    return subprocess.run(
        [*MC, *words], input=given, capture_output=True, check=False, timeout=60, env=environment(**settings)
    )


def seen(
    words: Sequence[str], *, columns: int = 80, rows: int = 2000, keys: bytes = b"", **settings: str
) -> tuple[int, str]:
    """Run mc in a terminal of its own; the exit code, and what a person sees with both outputs mixed."""
    child, terminal = pty.fork()
    if child == 0:
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        os.execve(MC[0], [*MC, *words], environment(**settings))
    printed, pressed, until = b"", not keys, time.monotonic() + 60
    while time.monotonic() < until:
        ready, _, _ = select.select([terminal], [], [], 1.5)
        if not ready and not pressed:
            os.write(terminal, keys)
            pressed = True
        if ready:
            try:
                piece = os.read(terminal, 65536)
            except OSError:
                break
            if not piece:
                break
            printed += piece
    _, status = os.waitpid(child, 0)
    os.close(terminal)
    return os.waitstatus_to_exitcode(status), printed.decode().replace("\r\n", "\n")


# ------------------------------------------------------------------------------------------------ records


@EACH
def test_into_a_pipe_go_records(words: Sequence[str]) -> None:
    """TAB between the fields; no colour, no rules, no blank lines; and nothing is wrapped, however narrow."""
    done = piped(words, COLUMNS="40")
    assert done.returncode == 0, done.stderr.decode()
    lines = done.stdout.decode().splitlines()
    assert lines
    assert all("\t" in line for line in lines)
    assert not [line for line in lines if ESCAPE in line or "──" in line]
    assert not re.search(rb"\x1b|\r", done.stdout)


# ------------------------------------------------------------------------------------------------ colour


DERIVE = ANSWERS["derive"]


@pytest.mark.parametrize(
    ("settings", "options", "coloured"),
    [
        ({}, (), True),
        ({"NO_COLOR": "1"}, (), False),
        ({"NO_COLOR": ""}, (), True),
        ({"CLICOLOR": "0"}, (), False),
        ({"TERM": "dumb"}, (), False),
        ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, (), False),
        ({}, ("--color", "never"), False),
        ({"FORCE_COLOR": "1"}, ("--color", "never"), False),
        ({"NO_COLOR": "1"}, ("--color", "always"), True),
        ({"TERM": "dumb"}, ("--color", "always"), True),
    ],
)
def test_colour_at_a_terminal(settings: Mapping[str, str], options: Sequence[str], coloured: bool) -> None:
    code, printed = seen([*DERIVE, "--no-check", *options], **settings)
    assert code == 0
    assert (ESCAPE in printed) == coloured
    assert "\t" not in printed
    assert "────" in printed


@pytest.mark.parametrize(
    ("settings", "options", "coloured", "laid_out"),
    [
        ({}, (), False, False),
        ({"FORCE_COLOR": "1"}, (), True, True),
        ({"FORCE_COLOR": "0"}, (), False, False),
        ({"CLICOLOR_FORCE": "1"}, (), True, True),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, (), False, True),
        ({}, ("--color", "always"), True, True),
        ({"NO_COLOR": "1"}, ("--color=always",), True, True),
        ({}, ("--color", "auto"), False, False),
    ],
)
def test_colour_in_a_pipe(settings: Mapping[str, str], options: Sequence[str], coloured: bool, laid_out: bool) -> None:
    printed = piped([*DERIVE, "--no-check", *options], **settings).stdout.decode()
    assert (ESCAPE in printed) == coloured
    assert ("────" in printed) == laid_out
    assert ("\t" in printed) == (not laid_out)


@pytest.mark.parametrize(
    ("settings", "options", "coloured"),
    [({}, (), True), ({"NO_COLOR": "1"}, (), False), ({}, ("--color=never",), False), ({"CLICOLOR": "0"}, (), False)],
)
def test_a_mistake_is_coloured_at_a_terminal(
    settings: Mapping[str, str], options: Sequence[str], coloured: bool
) -> None:
    clash = ("shape", "A + B", "--shape", "A:3,4", "--shape", "B:4,3")
    code, printed = seen([*clash, *options], **settings)
    assert code == 2
    assert (ESCAPE in printed) == coloured
    plain = re.sub(r"\x1b\[[0-9;]*m", "", printed)
    assert plain == piped([*clash, *options]).stderr.decode()
    if coloured:
        assert "\x1b[1;31merror[shape]\x1b[0m: cannot add" in printed
        assert "  | \x1b[31m~ ^ ~\x1b[0m" in printed
        assert "  = \x1b[32mfix: mc shape" in printed


# ------------------------------------------------------------------------------------------------ letters


@EACH
def test_ascii_where_no_more_can_be_shown(words: Sequence[str]) -> None:
    done = piped(words, PYTHONIOENCODING="ascii")
    assert done.returncode == 0, done.stderr.decode()
    assert done.stdout.isascii()
    assert b"?" not in done.stdout  # nothing was lost


@pytest.mark.parametrize("settings", [{"LANG": "C"}, {"LC_ALL": "POSIX"}, {"LC_ALL": "C", "LANG": "C.UTF-8"}], ids=str)
def test_ascii_in_the_locale_c(settings: Mapping[str, str]) -> None:
    assert piped((*DERIVE, "--no-check"), **settings).stdout.isascii()
    assert not piped((*DERIVE, "--no-check"), **settings, PYTHONUTF8="1").stdout.isascii()


@EACH
def test_ascii_where_it_is_asked_for(words: Sequence[str]) -> None:
    code, printed = seen([*words, "--ascii"], NO_COLOR="1")
    assert code == 0
    assert printed.isascii()


@pytest.mark.parametrize("settings", [{"PYTHONIOENCODING": "ascii"}, {"LANG": "C"}], ids=str)
def test_a_mistake_is_said_in_ascii(settings: Mapping[str, str]) -> None:
    done = piped(("shape", "‖A x‖² + A ∘ x", "--shape", "A:3,4"), **settings)
    assert done.returncode == 2
    assert done.stderr.isascii()
    assert b"3x4   4" in done.stderr


def test_an_encoding_of_python_comes_before_the_locale() -> None:
    done = piped((*DERIVE, "--no-check"), LANG="C", PYTHONIOENCODING="utf-8")
    assert "∇f(x)".encode() in done.stdout


def test_json_is_json_in_every_encoding() -> None:
    for encoding in ("utf-8", "ascii", "latin-1"):
        done = piped(("shape", "𝐀 x + 𝐀 x", "--format", "json"), PYTHONIOENCODING=encoding)
        assert done.returncode == 0
        assert json.loads(done.stdout.decode(encoding))["expression"] == "𝐀 x + 𝐀 x"


# ------------------------------------------------------------------------------------------------ width and pager


@pytest.mark.parametrize("name", ["derive", "derive-jacobian", "shape", "lookup", "sheet", "sheet-list"])
@pytest.mark.parametrize("width", [60, 100])
@pytest.mark.parametrize("how", ["COLUMNS", "terminal"])
def test_lines_are_as_wide_as_the_terminal(name: str, width: int, how: str) -> None:
    settings = {"COLUMNS": str(width)} if how == "COLUMNS" else {}
    _, printed = seen(ANSWERS[name], columns=width if how == "terminal" else 200, NO_COLOR="1", **settings)
    longest = max(map(len, printed.splitlines()))
    assert longest <= width
    assert longest > width - 15 or name == "sheet-list"


@pytest.fixture
def pager(tmp_path: Path) -> Path:
    """A pager that says that it was used."""
    program = tmp_path / "pager"
    program.write_text("#!/bin/sh\necho PAGED\ncat\n", encoding="utf-8")
    program.chmod(0o755)
    return program


@pytest.mark.parametrize("words", [("sheet", "trace"), ("help", "notation")])
def test_a_pager_at_a_terminal_that_is_too_small(words: Sequence[str], pager: Path) -> None:
    assert "PAGED" in seen(words, rows=10, PAGER=str(pager))[1]
    assert "PAGED" in seen(words, rows=10, PAGER="no-such-pager", MC_PAGER=str(pager))[1]
    assert "PAGED" not in seen(words, rows=2000, PAGER=str(pager))[1]
    assert "PAGED" not in seen(words, rows=10, PAGER=str(pager), MC_PAGER="")[1]
    assert b"PAGED" not in piped(words, PAGER=str(pager)).stdout


# ------------------------------------------------------------------------------------------------ ends


@EACH
def test_a_reader_that_stops_is_no_mistake(words: Sequence[str]) -> None:
    script = '"$@" | head -n 1; echo "${PIPESTATUS[0]}" >&2'
    done = subprocess.run(
        ["bash", "-c", script, "bash", *MC, *words], capture_output=True, text=True, check=True, env=environment()
    )
    assert done.stderr.splitlines()[-1] == "0"
    assert "Broken" not in done.stderr
    assert done.stdout.count("\n") == 1


def test_ctrl_c_at_a_terminal() -> None:
    code, printed = seen(("derive", "-", "--wrt", "x"), keys=b"\x03")
    assert code == 130
    assert "Traceback" not in printed


@pytest.mark.parametrize("command", [("derive", "-", "--wrt", "x", "--no-check"), ("shape", "-"), ("lookup", "-")])
def test_a_dash_reads_the_expression(command: Sequence[str]) -> None:
    direct = [word if word != "-" else "x'A x" for word in command]
    assert piped(command, given=b"  x'A x\n").stdout == piped(direct).stdout != b""


# ------------------------------------------------------------------------------------------------ a batch


def test_a_batch_shows_how_far_it_is(tmp_path: Path) -> None:
    """A bar on standard error where that is a terminal, and nothing of it in the answer."""
    (tmp_path / "lines.txt").write_text("x'x\nb'x\ntr(x)\n", encoding="utf-8")
    command = ("derive", "--batch", str(tmp_path / "lines.txt"), "--wrt", "x", "--no-check")
    code, printed = seen(command, NO_COLOR="1")
    assert code == 2
    assert "lines: 3 of 3" in printed
    assert "error[shape]: line 3:" in printed
    assert "1 of 3 lines failed: 3" in printed
    done = piped(command)
    assert b"lines: 3 of 3" not in done.stderr
    assert b"\r" not in done.stderr + done.stdout
    assert done.stdout.count(b"\n") == 3


def test_a_batch_answers_while_it_reads() -> None:
    """Line after line from a program that waits for the answer."""
    command = [*MC, "derive", "--batch", "-", "--wrt", "x", "--no-check"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment()) as running:
        assert running.stdin is not None
        assert running.stdout is not None
        for expression in (b"x'x\n", b"b'x\n"):
            running.stdin.write(expression)
            running.stdin.flush()
            ready, _, _ = select.select([running.stdout], [], [], 20)
            assert ready
            assert expression.strip() in running.stdout.readline()
        running.stdin.close()
        assert running.wait(timeout=20) == 0


def test_ctrl_c_ends_a_batch() -> None:
    command = [*MC, "derive", "--batch", "-", "--wrt", "x", "--no-check"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment()
    ) as running:
        assert running.stdin is not None
        assert running.stdout is not None
        running.stdin.write(b"x'x\n")
        running.stdin.flush()
        assert running.stdout.readline()
        running.send_signal(signal.SIGINT)
        _, err = running.communicate(timeout=20)
    assert (running.returncode, err) == (130, b"")
