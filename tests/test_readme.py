"""Every command in the README is run, and prints what stands there.

``python tests/test_readme.py`` writes the present output of every command into the README.
"""

from __future__ import annotations

import atexit
import doctest
import os
import re
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

import pytest

from mccli.identities.build import database

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / "README.md"
BLOCK = re.compile(r"```console\n(.*?)```", re.DOTALL)


SCRIPT = re.compile(r"```python\n# (\w+\.py)\n(.*?)```", re.DOTALL)
"""A script in the README: its first line is its name."""


@cache
def folder() -> str:
    """A folder in which the scripts of the README stand."""
    made = Path(tempfile.mkdtemp(prefix="mc-readme-"))
    atexit.register(shutil.rmtree, made, ignore_errors=True)
    for name, text in SCRIPT.findall(README.read_text(encoding="utf-8")):
        (made / name).write_text(text, encoding="utf-8")
    return str(made)


def run(command: str) -> str:
    """What a person sees at an 80-column terminal without colour."""
    binaries = str(Path(sys.executable).parent)
    env = {**os.environ, "PATH": f"{binaries}:{os.environ['PATH']}", "NO_COLOR": "1", "COLUMNS": "80"}
    env |= {"PYTHONIOENCODING": "utf-8"} | ({} if "| cat" in command else {"FORCE_COLOR": "1"})
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=folder(),
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    return done.stdout


def commands(block: str) -> list[tuple[str, str]]:
    """The commands of a block, each with the output that follows it."""
    found: list[tuple[str, str]] = []
    for line in block.splitlines(keepends=True):
        if line.startswith("$ "):
            found.append((line[2:].rstrip("\n"), ""))
        else:
            found[-1] = (found[-1][0], found[-1][1] + line)
    return found


CASES = [pair for block in BLOCK.findall(README.read_text(encoding="utf-8")) for pair in commands(block)]


@pytest.mark.parametrize(("command", "expected"), CASES, ids=[c for c, _ in CASES])
def test_command_prints_what_is_shown(command: str, expected: str) -> None:
    """The README is true."""
    assert _without_rounding(run(command)) == _without_rounding(expected)


def _without_rounding(output: str) -> str:
    """The output without the last digits of rounding errors, which differ from machine to machine."""
    output = re.sub(r"(relative\s+error\s+)\S+", r"\1#", output)
    output = re.sub(r"\d+(\.\d+)? s$", "# s", output, flags=re.MULTILINE)
    return re.sub(r"\d+(\.\d+)?e−\d+|\d+(\.\d+)?e-\d+", "#", output)


def test_python_examples() -> None:
    """The examples in Python are true."""
    blocks = re.findall(r"```python\n(>>> .*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    examples = doctest.DocTestParser().get_doctest("\n".join(blocks), {}, "README", str(README), 0)
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE)
    runner.run(examples)
    assert runner.tries >= 5
    assert runner.failures == 0


def family_table() -> str:
    """The counts by family, as the README shows them."""
    counts = [(f.title, sum(1 + len(r.aliases) for r in f.records)) for f in database()[0]]
    rows = [f"| {title} | {count} |" for title, count in counts]
    return "\n".join([*rows, f"| all | {sum(count for _, count in counts)} |"])


def test_the_counts_by_family_are_true() -> None:
    assert f"<!-- families -->\n{family_table()}\n<!-- end families -->" in README.read_text(encoding="utf-8")


def test_the_record_in_the_readme_holds(tmp_path: Path) -> None:
    (block,) = re.findall(r"```yaml\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    path = tmp_path / "own.yaml"
    path.write_text(block, encoding="utf-8")
    assert "every record holds" in run(f"mc check {path}")


def _rewrite() -> None:
    def fresh(match: re.Match[str]) -> str:
        body = "".join(f"$ {command}\n{run(command)}" for command, _ in commands(match.group(1)))
        return f"```console\n{body}```"

    written = BLOCK.sub(fresh, README.read_text(encoding="utf-8"))
    table = f"<!-- families -->\n{family_table()}\n<!-- end families -->"
    written = re.sub(r"<!-- families -->.*?<!-- end families -->", lambda _: table, written, flags=re.DOTALL)
    README.write_text(written, encoding="utf-8")


if __name__ == "__main__":
    _rewrite()
