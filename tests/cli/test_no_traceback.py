"""No input ends in a traceback: one screen on standard error, exit code 2, nothing on standard output.

Also the contract of the exit codes: 0 done, 1 a check failed, 2 bad input, 130 interrupted.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from types import FrameType
from unittest.mock import patch

import pytest
from bad_input import EDGE, REFUSED
from hypothesis import given, settings
from hypothesis import strategies as st

from mccli import api
from mccli.cli.main import main
from mccli.errors import CheckFailed

MC = (sys.executable, "-m", "mccli")
SECONDS = 10
ROWS, COLUMNS = 30, 80


@dataclass(frozen=True)
class Outcome:
    """The exit code and what was printed."""

    code: int
    out: str
    err: str


@contextmanager
def time_limit() -> Iterator[None]:
    """Fail instead of hanging."""

    def too_slow(_signal: int, _frame: FrameType | None) -> None:
        pytest.fail(f"not done after {SECONDS} seconds")

    before = signal.signal(signal.SIGALRM, too_slow)
    signal.alarm(SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def run(words: Sequence[str], given: str = "") -> Outcome:
    """Run mc in this process."""
    out, err = StringIO(), StringIO()
    with time_limit(), redirect_stdout(out), redirect_stderr(err), patch("sys.stdin", StringIO(given)):
        code = main(words)
    return Outcome(code, out.getvalue(), err.getvalue())


def assert_clean(done: Outcome) -> None:
    """Whatever happened, it was said in mc's own way."""
    assert done.code in (0, 1, 2)
    assert "Traceback" not in done.err + done.out
    assert "mc made a mistake" not in done.err
    if done.code:
        assert_message(done.err)
        assert done.out == ""


def assert_message(text: str) -> None:
    """One screen, in the one form of all messages, safe to print."""
    assert text.startswith("error[")
    assert sum(1 + len(line) // (COLUMNS + 1) for line in text.splitlines()) <= ROWS
    assert all(character.isprintable() or character == "\n" for character in text)


# ------------------------------------------------------------------------------------------------ bad input


@pytest.mark.parametrize("name", REFUSED)
def test_bad_input_is_refused(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = run(REFUSED[name])
    assert done.code == 2
    assert_clean(done)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", EDGE)
def test_input_at_the_edge_gets_an_answer_or_a_refusal(name: str) -> None:
    done = run(EDGE[name])
    assert_clean(done)
    assert done.code in (0, 2)
    assert "nan" not in done.out.casefold().split()


@pytest.mark.parametrize(("words", "meant"), [
    (("derive", "trc(X)", "--wrt", "X"), "did you mean tr?"),
    (("derive", "lamda*x'x", "--wrt", "x"), "did you mean lambda?"),
    (("derive", "x'A x", "--wrt", "X"), "--wrt x"),
    (("derive", "x'A x", "--wrt", "x", "--assume", "A:symetric"), "did you mean symmetric?"),
    (("ops", "logdte"), "mc ops logdet"),
    (("drive", "x'x"), "did you mean derive?"),
])  # fmt: skip
def test_a_slip_of_the_pen_is_recognised(words: Sequence[str], meant: str) -> None:
    assert meant in run(words).err


def test_a_shape_clash_marks_both_sides() -> None:
    done = run(REFUSED["shapes: sum"])
    assert "| A*x - b\n  | ~~~ ^ ~" in done.err
    assert "= fix: mc shape" in done.err


GOOD = (
    "||A x - b||^2", "tr(A X B) + x'x", "log det(X'X) + sum(x)", r"\operatorname{tr}(A^{-1}) x^\top x",
    "sum(exp(x) .* b)/(x'x)", "np.sum((A @ x - b)**2)", "x'Ax where A: symmetric", "1/2 (x - mu)' S^-1 (x - mu)",
    "sum(softmax(W x + b))",
)  # fmt: skip
CHARACTERS = "()[]{}|'^*/+-.,:;=_\\ \t0129xXAIdλΣ∂ᵀ²⁻∘‖"
PIECES = st.sampled_from([*CHARACTERS, "||", ".*", "^T", "tr", "log", "where", r"\frac", "np.", "1e9"])


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """A good expression with a few pieces put in, left out or replaced."""
    text = draw(st.sampled_from(GOOD))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(text)))
        text = text[:at] + draw(PIECES) + text[at + draw(st.integers(0, 3)) :]
    return text


@settings(max_examples=150, deadline=None, derandomize=True)
@given(expression=st.one_of(st.text(max_size=40), st.lists(PIECES, max_size=25).map("".join), mutated()))
def test_any_text_is_answered_or_refused(expression: str) -> None:
    assert_clean(run(("derive", "--wrt", "x", "--", expression)))


OPTIONS = st.sampled_from(["--shape", "--assume", "--define", "--wrt", "--format", "--order", "--entries", "--color"])
DECLARATIONS = st.sampled_from(["x:n", "A:n,n", "A:spd", "f(t) = t^2", "L(z): scalar", "x:2", "2"])
VALUES = st.one_of(st.text(max_size=12), st.lists(PIECES, max_size=8).map("".join), DECLARATIONS)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(options=st.lists(st.tuples(OPTIONS, VALUES), max_size=3))
def test_any_option_is_answered_or_refused(options: list[tuple[str, str]]) -> None:
    words = [word for option in options for word in option]
    assert_clean(run(("derive", "x'A x", "--wrt", "x", "--no-check", *words)))


# ------------------------------------------------------------------------------------------- the exit codes


def test_done_is_0() -> None:
    done = run(("derive", "x'x", "--wrt", "x"))
    assert (done.code, done.err) == (0, "")


def test_a_failed_check_is_1(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object, **__: object) -> None:
        raise CheckFailed("the check failed")

    monkeypatch.setattr(api.Result, "check", fails)
    done = run(("derive", "x'x", "--wrt", "x"))
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("error[check]")


def test_an_interruption_is_130(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(api, "derive", interrupted)
    assert run(("derive", "x'x", "--wrt", "x")) == Outcome(130, "", "")


@pytest.mark.parametrize("words", [("-h",), ("--help",), ("derive", "--help"), ("shape", "-h"), ("-V",), ("ops",)])
def test_help_is_an_answer(words: Sequence[str]) -> None:
    done = run(words)
    assert (done.code, done.err) == (0, "")
    assert done.out


@pytest.mark.parametrize("words", [
    ("derive", "-log det X", "--wrt", "X"),
    ("derive", "-x'x", "--wrt", "x"),
    ("derive", "-2*x'x", "--wrt", "x"),
    ("derive", "--wrt", "x", "-sum(x)"),
    ("derive", "--wrt", "x", "--", "-sum(x)"),
    ("derive", "--wrt", "x", "--", "--x'x"),
    ("shape", "-X"),
])  # fmt: skip
def test_an_expression_may_start_with_a_minus(words: Sequence[str]) -> None:
    done = run(words)
    assert (done.code, done.err) == (0, "")


# ------------------------------------------------------------------------------------------ as a process


def process(*words: str | bytes, given: bytes = b"", **environment: str) -> subprocess.CompletedProcess[bytes]:
    """``python -m mccli`` with the words, which may be bytes that are no text."""
    return subprocess.run(
        [*MC, *words], input=given, capture_output=True, check=False, timeout=60, env={**os.environ, **environment}
    )


def test_the_expression_is_read_from_standard_input() -> None:
    done = process("derive", "-", "--wrt", "x", "--no-check", given=b"x'A x\n")
    assert (done.returncode, done.stderr) == (0, b"")
    assert "(A + Aᵀ) x".encode() in done.stdout


@pytest.mark.parametrize("given", [b"", b"\n", b"\xff\xfe\x00", b"(" * 200_000])
def test_bad_standard_input_is_refused(given: bytes) -> None:
    done = process("derive", "-", "--wrt", "x", given=given)
    assert (done.returncode, done.stdout) == (2, b"")
    assert_message(done.stderr.decode())


@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
@pytest.mark.parametrize("expression", [b"x'\xff x", b"\xed\xa0\x80", "x'x + 🙂".encode()])
def test_bytes_that_are_no_text_are_refused(expression: bytes, encoding: str) -> None:
    done = process("derive", expression, "--wrt", "x", PYTHONIOENCODING=encoding)
    assert (done.returncode, done.stdout) == (2, b"")
    assert_message(done.stderr.decode(encoding))


def test_ascii_output_is_ascii() -> None:
    done = process("derive", "||A x - b||^2", "--wrt", "x", PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"2*A'*(A*x - b)" in done.stdout


@pytest.mark.parametrize("words", [
    ("derive", "x'x", "--wrt", "x"), ("derive", "x'x", "--wrt", "x", "--format", "json"), ("ops",), ("--help",),
])  # fmt: skip
def test_a_closed_pipe_is_no_mistake(words: Sequence[str]) -> None:
    """The reader is gone before the first line, as in ``mc ... | head -0``."""
    read_end, write_end = os.pipe()
    os.close(read_end)
    done = subprocess.run([*MC, *words], stdout=write_end, stderr=subprocess.PIPE, check=False, timeout=60)
    os.close(write_end)
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_closed_standard_output_is_no_mistake() -> None:
    command = ["sh", "-c", 'exec "$0" "$@" >&-', *MC, "derive", "x'x", "--wrt", "x"]
    done = subprocess.run(command, stderr=subprocess.PIPE, check=False, timeout=60)
    assert b"Traceback" not in done.stderr
    assert b"mc made a mistake" not in done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
def test_a_full_disk_is_said() -> None:
    with Path("/dev/full").open("wb") as full:
        command = [*MC, "derive", "x'x", "--wrt", "x"]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, check=False, timeout=60)
    assert done.returncode == 2
    assert_message(done.stderr.decode())
    assert b"mc made a mistake" not in done.stderr


def test_ctrl_c_ends_a_process_with_130() -> None:
    command = [*MC, "derive", "-", "--wrt", "x"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        assert running.stdin is not None
        running.stdin.write(b"x'x")
        running.stdin.flush()
        with pytest.raises(subprocess.TimeoutExpired):
            running.wait(timeout=1.5)
        running.send_signal(signal.SIGINT)
        _, err = running.communicate(timeout=20)
    assert running.returncode == 130
    assert b"Traceback" not in err
