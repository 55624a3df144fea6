"""The gallery of mistakes: what is printed on standard error for each, one file a mistake.

``pytest tests/cli/errors --update-golden`` writes the files anew; read them as the student would who made the mistake.
"""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Sequence
from io import StringIO
from pathlib import Path

import pytest
from mistakes import MISTAKES, SCRIPTS

from mccli.cli.line import shown
from mccli.cli.main import main

FOLDER = Path(__file__).parent
FIX = re.compile(r"^  = fix: mc (.*)$", re.MULTILINE)
LONGEST = 200
MASKS = ((re.compile(r"(relative\s+error\s+)[0-9.e+-]+"), r"\1#"),)


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder with the files, empty standard input, and nothing that changes the output."""
    for name, text in SCRIPTS.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "stdin", StringIO(""))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    for name in ("FORCE_COLOR", "CLICOLOR_FORCE", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize("name", MISTAKES)
def test_what_is_said(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], update_golden: bool) -> None:
    code = main(MISTAKES[name])
    said = capsys.readouterr().err
    for pattern, mask in MASKS:
        said = pattern.sub(mask, said)
    said = re.sub(rf"(?:/private)?{re.escape(str(tmp_path))}", "FOLDER", said)
    text = f"$ {abbreviated(MISTAKES[name])}\n{said}[{code}]\n"
    file = FOLDER / f"{name}.txt"
    if update_golden:
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8")


def abbreviated(words: Sequence[str]) -> str:
    """The command line, cut where it is very long, with what is no character escaped."""
    line = shown(words).encode("unicode_escape").decode() if not shown(words).isprintable() else shown(words)
    return line if len(line) <= LONGEST else f"{line[:LONGEST]}..."


@pytest.mark.parametrize("name", MISTAKES)
def test_every_fix_works(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Each fix in the gallery is run as it stands there. Exit code 1 is a finding of verify and check."""
    for fix in FIX.findall((FOLDER / f"{name}.txt").read_text(encoding="utf-8")):
        words = shlex.split(fix)
        assert main(words) in ((0, 1) if words[0] in ("verify", "check") else (0,)), capsys.readouterr().err


def test_a_fix_can_be_pasted_into_a_shell(tmp_path: Path) -> None:
    """Quotation marks and all: the shell hands over the words that were meant."""
    odd = ["x'x", 'a "b"', "$HOME `ls`", "A\\b!", "-x'x", "", "*"]
    printer = "import sys; print(ascii(sys.argv[1:]))"
    command = shown(odd).replace("mc ", f"{shlex.quote(sys.executable)} -c {shlex.quote(printer)} ", 1)
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert done.stdout.strip() == ascii(odd)


def test_the_gallery_is_large_and_has_no_stray_files() -> None:
    assert len(MISTAKES) >= 40
    assert {file.stem for file in FOLDER.glob("*.txt")} == set(MISTAKES)


@pytest.mark.parametrize("name", MISTAKES)
def test_it_is_a_message(name: str) -> None:
    """In the one form, and not about mc itself."""
    _, first, *_ = (FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    assert first.startswith("error[") or name == "option-json"
    assert "mc made a mistake" not in first
    assert "Traceback" not in (FOLDER / f"{name}.txt").read_text(encoding="utf-8")
