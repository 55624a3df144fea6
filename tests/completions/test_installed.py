"""``mc completion``, the scripts as text, and what a TAB loads."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import pytest
from shells import ROOT

from mccli.cli.completion import SCRIPTS
from mccli.cli.main import main

TEXTS = {shell: (ROOT / "completions" / name).read_text(encoding="utf-8") for shell, name in SCRIPTS.items()}
LISTING = """
import os, sys
before, leave = set(sys.modules), os._exit
def end(code):
    loaded = set(sys.modules) - before
    import json
    print(json.dumps(sorted(loaded)), file=sys.stderr, flush=True)
    leave(code)
os._exit = end
from mccli.entry import entry
sys.argv[1:] = ["--complete", *sys.argv[1:]]
entry()
"""


@pytest.mark.parametrize("shell", SCRIPTS)
def test_the_script_is_printed(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", shell]) == 0
    assert capsys.readouterr().out == TEXTS[shell]


def test_another_shell_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", "tcsh"]) == 2
    assert "bash, zsh, fish, powershell" in capsys.readouterr().err


def test_every_file_in_the_folder_belongs_to_a_shell() -> None:
    assert {path.name for path in (ROOT / "completions").iterdir()} == set(SCRIPTS.values())


@pytest.mark.parametrize("shell", SCRIPTS)
def test_a_script_serves_both_commands_and_evaluates_nothing(shell: str) -> None:
    text = TEXTS[shell]
    code = "\n".join(line for line in text.splitlines() if not line.startswith("#") or "compdef" in line)
    assert re.search(r"\bmc\b.*\bmccli\b", code, re.DOTALL)
    assert f"--complete {shell}" in code
    assert not re.search(r"\b(eval|Invoke-Expression|iex|source)\b", code)
    assert text.isascii()


def test_bash_leaves_the_names_of_midnight_commander_alone() -> None:
    names = re.findall(r"^(\w+)\(\)", TEXTS["bash"], re.MULTILINE)
    assert names
    assert all(name.startswith("_mccli") for name in names)


def test_powershell_has_its_brackets_closed() -> None:
    """There is no PowerShell to run it in here: that the script can be read is all that is tested."""
    code = re.sub(r"'[^'\n]*'|\"[^\"\n]*\"|#.*", "", TEXTS["powershell"])
    for opening, closing in ("()", "[]", "{}"):
        assert code.count(opening) == code.count(closing)
    assert "Register-ArgumentCompleter -Native -CommandName mc, mccli -ScriptBlock {" in code


@pytest.mark.parametrize("words", [
    ("bash", "mc lookup tr", "mc lookup tr", "tr"),
    ("bash", "mc derive \"x'Ax\" --wrt ", "mc derive \"x'Ax\" --wrt ", ""),
    ("fish", "mc verify setup.py:"),
    ("zsh", "0", ""),
])  # fmt: skip
def test_a_tab_loads_next_to_nothing(words: tuple[str, ...]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LISTING, *words], capture_output=True, text=True, check=True, timeout=60
    )
    loaded = json.loads(done.stderr)
    assert {name for name in loaded if not name.startswith("mccli")} <= {"__future__"}
    own = {name for name in loaded if name.startswith("mccli") and not name.startswith("mccli.completion")}
    assert own == {"mccli", "mccli.entry", "mccli.folders"}


def test_nonsense_is_answered_with_silence() -> None:
    for words in ([], ["tcsh"], ["zsh"], ["zsh", "x"], ["bash", "mc"], ["zsh", "9", "derive"]):
        done = subprocess.run(
            [sys.executable, "-m", "mccli", "--complete", *words],
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
        assert done.stdout + done.stderr == ""
