"""What a command loads: NumPy for a certificate, SymPy for a proof, Rich for colour, and nothing of it before."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

HEAVY = {"numpy", "sympy", "rich", "mpmath"}
LISTING = """
import json, sys
from mccli.cli.main import main
code = main(sys.argv[1:])
print(json.dumps([code, sorted({name.partition(".")[0] for name in sys.modules})]), file=sys.stderr)
"""


def loaded(*words: str) -> set[str]:
    """The top-level modules that are loaded when a command has ended."""
    quiet = {name: value for name, value in os.environ.items() if name not in ("FORCE_COLOR", "COVERAGE_PROCESS_START")}
    done = subprocess.run(
        [sys.executable, "-c", LISTING, *words], capture_output=True, text=True, check=True, timeout=60, env=quiet
    )
    code, modules = json.loads(done.stderr.splitlines()[-1])
    assert code == 0, done.stderr
    return set(modules)


@pytest.mark.parametrize("words", [
    ("derive", "tr(AXB)", "--wrt", "X", "--no-check"),
    ("derive", "||A x - b||^2", "--wrt", "x", "--no-check", "--format", "json"),
    ("derive", "||A x - b||^2", "--wrt", "x", "--no-check", "--format", "latex"),
    ("derive", "L(W x)", "--wrt", "W", "--no-check", "--define", "L(z): scalar"),
    ("shape", "||A x - b||^2"),
    ("ops",),
    ("ops", "logdet"),
    ("--help",),
    ("derive", "--help"),
    ("--version",),
])  # fmt: skip
def test_nothing_heavy_is_loaded(words: tuple[str, ...]) -> None:
    assert not loaded(*words) & HEAVY


def test_the_certificate_loads_numpy_only() -> None:
    assert loaded("derive", "tr(AXB)", "--wrt", "X") & HEAVY == {"numpy"}


def test_the_package_itself_loads_nothing() -> None:
    line = "import sys, mccli; print(*(m for m in sys.modules if m.startswith('mccli')))"
    done = subprocess.run([sys.executable, "-c", line], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.split() == ["mccli"]
