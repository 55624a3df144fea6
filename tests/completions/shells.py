"""A shell in a terminal: what is typed into it, and what it makes of a TAB.

``mccli`` on its path is the one under test; ``mc`` only writes down the arguments it is called with, so that a test
reads what a TAB has completed from the command that was run and not from the screen.
"""

from __future__ import annotations

import os
import pty
import re
import select
import shutil
import signal
import sys
import time
from pathlib import Path
from types import TracebackType

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = {"bash": "mccli.bash", "zsh": "_mccli", "fish": "mc.fish"}
PATIENCE = 60.0
"""Seconds; reached only if something is wrong, or the machine very busy."""

_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[()][0-9A-B]|[=>78NMDEHZ])")


class Terminal:
    """A shell with mc's completion, in a folder of its own."""

    def __init__(self, shell: str, folder: Path) -> None:
        self.shell, self.folder, self.seen = shell, folder, ""
        self.record = folder / "arguments"
        self.environment = _environment(folder)
        (folder / "bin").mkdir()
        _program(folder / "bin" / "mccli", f'exec "{sys.executable}" -m mccli "$@"')
        _program(
            folder / "bin" / "mc", f'printf "%s\\n" "$@" >"{self.record}.new"; mv "{self.record}.new" "{self.record}"'
        )
        self.process, self.screen = pty.fork()
        if self.process == 0:
            os.chdir(folder)
            words = _command(shell, folder)
            os.execvpe(words[0], words, self.environment)
        self.wait_for("ready>")

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        os.close(self.screen)
        os.kill(self.process, signal.SIGKILL)
        os.waitpid(self.process, 0)

    def completed(self, line: str) -> list[str]:
        """The arguments with which mc is run after the line, a TAB and Enter."""
        return self.run(line + "\t\r")

    def run(self, keys: str) -> list[str]:
        """Send keys that end in running mc, and wait for its arguments."""
        self.record.unlink(missing_ok=True)
        self.seen = ""
        self.type(keys)
        end = time.monotonic() + PATIENCE
        while not self.record.exists():
            self._read(0.02)
            assert time.monotonic() < end, f"mc was not run; the terminal shows:\n{self.seen}"
        self.wait_for("ready>")
        return self.record.read_text(encoding="utf-8").splitlines()

    def listed(self, line: str, *expected: str) -> str:
        """What is shown after the line and TAB, once all that is expected is there."""
        self.seen = ""
        self.type(line + ("\t\t" if self.shell == "bash" else "\t"))
        for text in expected:
            self.wait_for(text)
        shown = self.seen
        self.run("\r")
        return shown

    def left(self, line: str) -> None:
        """Type the line and TAB, and clear it again without running it."""
        self.seen = ""
        self.type(line + "\tzz")
        self.wait_for("zz")
        self.type("\x15")
        self.run("mc settled\r")

    def type(self, text: str) -> None:
        """Send keys."""
        os.write(self.screen, text.encode())

    def wait_for(self, text: str) -> None:
        """Read until the text is on the screen. AssertionError if it never comes."""
        end = time.monotonic() + PATIENCE
        while text not in self.seen:
            self._read(0.1)
            assert time.monotonic() < end, f"{text!r} is not shown; the terminal shows:\n{self.seen}"

    def _read(self, seconds: float) -> None:
        if select.select([self.screen], [], [], seconds)[0]:
            self.seen = _ESCAPES.sub("", self.seen + os.read(self.screen, 65536).decode("utf-8", "replace"))


def _environment(folder: Path) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("LANG", "PYTHONPATH", "VIRTUAL_ENV") if name in os.environ}
    home = {"HOME": str(folder), "ZDOTDIR": str(folder), "XDG_CONFIG_HOME": str(folder / "config")}
    home |= {"XDG_DATA_HOME": str(folder / "data"), "XDG_CACHE_HOME": str(folder / "cache")}
    path = {"PATH": f"{folder / 'bin'}:/usr/local/bin:/usr/bin:/bin", "TERM": "xterm", "LC_ALL": "C.UTF-8"}
    return {**kept, **home, **path, "COLUMNS": "150", "LINES": "50"}


def _program(path: Path, line: str) -> None:
    path.write_text(f"#!/bin/sh\n{line}\n", encoding="utf-8")
    path.chmod(0o755)


def _command(shell: str, folder: Path) -> list[str]:
    """How the shell is started: with nothing but mc's completion, installed as the README says."""
    script = ROOT / "completions" / SCRIPTS[shell]
    if shell == "bash":
        rc = folder / "bashrc"
        rc.write_text(f"PS1='ready> '\nbind 'set enable-bracketed-paste off'\n. '{script}'\n", encoding="utf-8")
        return ["bash", "--noprofile", "--rcfile", str(rc), "-i"]
    if shell == "zsh":
        functions = folder / "zfunc"
        functions.mkdir()
        shutil.copy(script, functions)
        lines = ["PS1='ready> '", "unsetopt prompt_sp", f"fpath=('{functions}' $fpath)"]
        (folder / ".zshrc").write_text(
            "\n".join([*lines, "autoload -Uz compinit && compinit -u", ""]), encoding="utf-8"
        )
        return ["zsh", "-d", "-i"]
    completions = folder / "config" / "fish" / "completions"
    completions.mkdir(parents=True)
    shutil.copy(script, completions / "mc.fish")
    shutil.copy(script, completions / "mccli.fish")
    start = "function fish_prompt; echo -n 'ready> '; end; set -g fish_greeting"
    return ["fish", "-i", "-C", start]
