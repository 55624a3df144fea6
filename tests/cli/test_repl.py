"""``mc repl`` as it is used: at a terminal of its own, from a pipe, with a script."""

from __future__ import annotations

import codecs
import os
import select
import stat
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

if sys.platform == "win32":
    pytest.skip("terminals are driven through pty", allow_module_level=True)

import pty

PROMPT = "mc> "
PATIENCE = 30.0
CTRL_C, CTRL_D, CTRL_U, TAB, UP = "\x03", "\x04", "\x15", "\t", "\x1b[A"


class Terminal:
    """A terminal with ``mc repl`` in it."""

    def __init__(self, home: Path, *words: str, before: str = "", **variables: str) -> None:
        self.seen = ""
        self.decoder = codecs.getincrementaldecoder("utf-8")("replace")  # a letter may come in two pieces
        self.code: int | None = None
        start = (
            f"{before}\nimport sys\nfrom mccli.entry import entry\nsys.argv = ['mc', 'repl', *{list(words)!r}]\nentry()"
        )
        quiet = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "FORCE_COLOR", "COVERAGE_PROCESS_START")}
        environment = {**quiet, "XDG_STATE_HOME": str(home), "TERM": "xterm", "COLUMNS": "80", "LC_ALL": "C.UTF-8",
                       "INPUTRC": "/dev/null", **variables}  # fmt: skip
        self.process, self.screen = pty.fork()
        if self.process == 0:
            os.execve(sys.executable, [sys.executable, "-c", start], environment)
        self.wait(PROMPT)

    def clear_line(self) -> None:
        """Take back what was typed, once everything that TAB prints has come."""
        self.settle()
        self.type(CTRL_U)

    def interrupt(self) -> str:
        """Ctrl-C until the prompt comes: CPython lets one between two reads of a key wait for the next key."""
        for _ in range(4):
            self.type(CTRL_C)
            try:
                return self.wait(PROMPT, patience=PATIENCE / 6)
            except AssertionError:
                continue
        self.type(CTRL_C)
        return self.wait(PROMPT)

    def wait(self, text: str, count: int = 1, patience: float = PATIENCE) -> str:
        """What comes until a text was seen that often; fails if it does not come."""
        end, seen = time.monotonic() + patience, ""
        while seen.count(text) < count:
            if time.monotonic() > end:
                raise AssertionError(f"{text!r} did not come; there was {seen!r}")
            if select.select([self.screen], [], [], 0.1)[0]:
                try:
                    piece = os.read(self.screen, 65536)
                except OSError:
                    piece = b""
                if not piece:
                    raise AssertionError(f"the session ended before {text!r}; there was {seen!r}")
                seen += self.decoder.decode(piece)
        self.seen += seen
        return seen

    def settle(self) -> None:
        """Read until nothing comes for a while."""
        while select.select([self.screen], [], [], 1.0)[0]:
            self.seen += self.decoder.decode(os.read(self.screen, 65536))

    def type(self, text: str) -> None:
        """Press keys."""
        os.write(self.screen, text.encode())

    def answer(self, line: str) -> str:
        """Type a line and wait for the next prompt."""
        self.type(line + "\r")
        return self.wait(PROMPT)

    def end(self) -> int:
        """Wait for the end; the exit code."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if select.select([self.screen], [], [], 0.05)[0]:
                try:
                    self.seen += self.decoder.decode(os.read(self.screen, 65536))
                except OSError:
                    break
            done, status = os.waitpid(self.process, os.WNOHANG)
            if done:
                return os.waitstatus_to_exitcode(status)
        _, status = os.waitpid(self.process, 0)
        return os.waitstatus_to_exitcode(status)

    def leave(self) -> int:
        """Ctrl-D."""
        self.type(CTRL_D)
        return self.end()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A state folder of its own."""
    return tmp_path / "state"


def test_a_lesson(home: Path) -> None:
    session = Terminal(home)
    assert "A is m×n" in session.answer("A : m x n")
    assert "‖A x − b‖²" in session.answer("f = ||A x - b||^2")
    gradient = session.answer("grad f x")
    assert "2 Aᵀ (A x − b)" in gradient
    assert "Checked: 3 random points" in gradient
    assert "dr  =  A dx" in session.answer("why")
    assert "error[shape]" in session.answer("A A x")
    assert "2 Aᵀ A" in session.answer("jacobian ans x")
    assert "least-squares" in session.answer("lookup f") or "squared" in session.seen
    assert "taken back: lookup f" not in session.answer("undo")
    assert session.leave() == 0
    assert "Traceback" not in session.seen


def test_the_first_prompt_waits_for_nothing_heavy(home: Path) -> None:
    report = (
        "import builtins, sys\n"
        "heavy = ('numpy', 'sympy', 'typer', 'click', 'rich', 'mccli.calculus', 'mccli.language')\n"
        "ask = builtins.input\n"
        "def asked(prompt=''):\n    print([m for m in heavy if m in sys.modules])\n    return ask(prompt)\n"
        "builtins.input = asked\n"
    )
    session = Terminal(home, before=report)
    assert "[]\r\n" in session.seen
    session.answer("x'x")
    assert "'mccli.language'" in session.seen
    assert "numpy" not in session.seen
    assert session.leave() == 0


def test_history_goes_from_session_to_session(home: Path) -> None:
    first = Terminal(home)
    first.answer("f = x'A x")
    first.answer("")
    first.answer("tr(X)")
    assert first.leave() == 0
    path = home / "mccli" / "history"
    assert path.read_text(encoding="utf-8") == "f = x'A x\ntr(X)\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    second = Terminal(home)
    second.type(UP + UP)
    second.wait("f = x'A x")
    second.type("\r")
    assert "xᵀ A x" in second.wait(PROMPT)
    assert second.leave() == 0
    assert path.read_text(encoding="utf-8").splitlines() == ["f = x'A x", "tr(X)", "f = x'A x"]


def test_a_history_that_cannot_be_written_is_no_reason_to_stop(tmp_path: Path) -> None:
    file = tmp_path / "a-file"
    file.write_text("in the way")
    session = Terminal(file)
    assert "xᵀ x" in session.answer("x'x")
    assert session.leave() == 0


def test_tab(home: Path) -> None:
    session = Terminal(home)
    session.answer("residual = A x - b")
    for typed, wanted in (
        ("jac", "jacobian"),
        ("2 resi", "residual"),
        ("S : sym", "symmetric"),
        ("clear resid", "residual"),
        ("logdet", "logdet("),
        ("lookup trace-axb", "trace-axb"),
        ("help nota", "notation"),
    ):
        session.type(typed + TAB)
        session.wait(wanted)
        session.clear_line()
    assert session.leave() == 0


def test_tab_completes_files(home: Path, tmp_path: Path) -> None:
    (tmp_path / "a-lesson.mc").write_text("")
    session = Terminal(home)
    session.type(f"save {tmp_path}/a-les{TAB}")
    session.wait("a-lesson.mc")
    session.clear_line()
    assert session.leave() == 0


def test_ctrl_c_drops_the_line(home: Path) -> None:
    session = Terminal(home)
    session.answer("x : n")
    session.type("x'")
    session.wait("x'")
    session.interrupt()
    assert "n" in session.answer("x")
    assert session.leave() == 0


def test_ctrl_c_stops_a_computation_and_nothing_else(home: Path) -> None:
    session = Terminal(home)
    session.answer("f = x'A x")
    session.answer("grad f x")
    session.type("check 100000000\r")
    time.sleep(1.0)
    session.type(CTRL_C)
    assert "stopped" in session.wait(PROMPT)
    assert "(A + Aᵀ) x" in session.answer("ans")
    assert session.leave() == 0


def test_ctrl_c_while_a_library_is_loaded(home: Path) -> None:
    """Half a NumPy could not be loaded again: every derivative after it would fail."""
    for delay in (0.05, 0.15, 0.3):
        session = Terminal(home)
        session.answer("f = x'A x")
        session.type("grad f x\r")
        time.sleep(delay)
        session.type(CTRL_C)
        session.settle()
        assert "(A + Aᵀ) x" in session.answer("grad f wrt x")
        session.type("quit\r")
        assert session.end() == 0


def test_without_readline(home: Path) -> None:
    session = Terminal(home, before="import sys\nsys.modules['readline'] = None")
    assert "xᵀ x" in session.answer("x'x")
    session.settle()  # a Ctrl-C between the prompt and the reading would wait for the next key
    session.type("abc" + CTRL_C)
    session.wait(PROMPT)
    assert "xᵀ x" in session.answer("ans")
    assert session.leave() == 0
    assert not (home / "mccli").exists()


def test_a_terminal_that_can_do_nothing(home: Path) -> None:
    session = Terminal(home, TERM="dumb")
    assert "xᵀ x" in session.answer("x'x")
    assert session.leave() == 0
    assert "\x1b" not in session.seen


def test_ascii_and_no_colour(home: Path) -> None:
    session = Terminal(home, "--ascii", NO_COLOR="1")
    session.answer("f = ||A x - b||^2")
    session.answer("grad f x")
    session.answer("λ")
    session.answer("why")
    session.answer("vars")
    session.type("quit\r")
    assert session.end() == 0
    assert "2*A'*(A*x - b)" in session.seen
    assert not [c for c in session.seen.replace("λ", "") if ord(c) > 126]
    assert "\x1b[1m" not in session.seen


def test_several_lines_pasted_at_once(home: Path) -> None:
    session = Terminal(home)
    session.type("\x1b[200~x : n\rf = x'x\x1b[201~\r")
    session.wait("xᵀ x")
    session.type("quit\r")
    assert session.end() == 0


# ---------------------------------------------------------------------------------------------- pipes and scripts


def piped(lines: Sequence[str], *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Lines from a pipe."""
    quiet = {k: v for k, v in os.environ.items() if k not in ("FORCE_COLOR", "COLUMNS")}
    return subprocess.run(
        [sys.executable, "-m", "mccli", "repl", *words], input="\n".join(lines) + "\n", capture_output=True,
        text=True, timeout=60, env={**quiet, "PYTHONUTF8": "1", "LC_ALL": "C.UTF-8", **variables}, check=False,
    )  # fmt: skip


def test_lines_from_a_pipe() -> None:
    done = piped(["x : n", "f = x'A x", "", "# done", "grad f x"])
    assert done.returncode == 0
    assert not done.stderr
    rows = [line.split("\t") for line in done.stdout.splitlines()]
    assert rows[0] == ["said", "x is n"]
    assert rows[1] == ["value", "f", "xᵀ A x", "scalar"]
    assert ["gradient", "∇f(x)", "(A + Aᵀ) x", "n"] in [row[:4] for row in rows]
    assert PROMPT not in done.stdout


def test_a_line_that_fails_stops_nothing_and_is_told() -> None:
    done = piped(["x : n", "y = tr(", "x'x", "lookup zzzzqqqq"])
    assert done.returncode == 2
    assert done.stdout.splitlines() == ["said\tx is n", "value\t\txᵀ x\tscalar"]
    assert "error[syntax]" in done.stderr
    assert "line 2 of standard input" in done.stderr
    assert "Traceback" not in done.stderr


def test_nothing_found_is_exit_code_1() -> None:
    assert piped(["vars", "undo"]).returncode == 1


def test_what_is_no_text_is_said() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "mccli", "repl"], input=b"x'x\n\xff\xfe\n\x00\nx'x\n", capture_output=True, timeout=60,
        check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert b"Traceback" not in done.stderr
    assert len(done.stdout.splitlines()) == 2


def test_a_script_is_replayed(tmp_path: Path) -> None:
    script = tmp_path / "lesson.mc"
    assert piped(["A : m x n", "f = ||A x - b||^2", "g = grad f x", f"save {script}"]).returncode == 0
    done = piped([], str(script))
    assert done.returncode == 0
    assert "2 Aᵀ (A x − b)" in done.stdout
    missing = piped([], str(tmp_path / "none.mc"))
    assert missing.returncode == 2
    assert "cannot read" in missing.stderr


def test_a_script_and_then_a_person(home: Path, tmp_path: Path) -> None:
    script = tmp_path / "lesson.mc"
    script.write_text("f = x'A x\nthis = is wrong(\ng = f + 1\n", encoding="utf-8")
    session = Terminal(home, str(script))
    session.settle()
    assert f"line 2 of {script}" in session.seen.replace("\r\n", "")
    assert session.seen.endswith(PROMPT)
    assert "xᵀ A x + 1" in session.answer("g")
    assert session.leave() == 0
