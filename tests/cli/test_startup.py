"""What a command loads: NumPy for a certificate, SymPy for a proof, YAML for records, and nothing of it before."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from mccli.cli.app import COMMANDS

HEAVY = {"numpy", "sympy", "rich", "mpmath", "yaml"}
LISTING = """
import json, sys
from mccli.cli.main import main
code = main(sys.argv[1:])
print(json.dumps([code, sorted({name.partition(".")[0] for name in sys.modules})]), file=sys.stderr)
"""


NEEDS_MORE = ("check",)
"""Commands whose options are read beside what carries them out."""


def loaded(*words: str, code: int = 0, **settings: str) -> set[str]:
    """The top-level modules that are loaded when a command has ended with an exit code."""
    quiet = {name: value for name, value in os.environ.items() if name not in ("FORCE_COLOR", "COVERAGE_PROCESS_START")}
    quiet |= settings
    done = subprocess.run(
        [sys.executable, "-c", LISTING, *words], capture_output=True, text=True, check=True, timeout=60, env=quiet
    )
    ended, modules = json.loads(done.stderr.splitlines()[-1])
    assert ended == code, done.stderr
    return set(modules)


@pytest.mark.parametrize("words", [
    ("derive", "tr(AXB)", "--wrt", "X", "--no-check"),
    ("derive", "||A x - b||^2", "--wrt", "x", "--no-check", "--format", "json"),
    ("derive", "||A x - b||^2", "--wrt", "x", "--no-check", "--format", "latex"),
    ("derive", "L(W x)", "--wrt", "W", "--no-check", "--define", "L(z): scalar"),
    ("shape", "||A x - b||^2"),
    ("derive", "A X B", "--wrt", "X", "--no-check"),
    ("derive", "||A x - b||^2", "--wrt", "x", "--order", "2", "--no-check"),
    ("ops",),
    ("ops", "logdet"),
    ("ops", "--format", "json"),
    ("lookup", "tr(AXB)"),
    ("lookup", "tr(AXB)", "--wrt", "X"),
    ("lookup", "tr(AXB)", "--format", "json"),
    ("lookup", "normal equations"),
    ("lookup", "--family", "trace"),
    ("sheet", "trace"),
    ("sheet", "--list"),
    ("completion", "bash"),
    ("--help",),
    ("--version",),
    ("help",),
    ("help", "notation"),
    *((name, "--help") for name in COMMANDS if name not in NEEDS_MORE),
])  # fmt: skip
def test_nothing_heavy_is_loaded(words: tuple[str, ...]) -> None:
    assert not loaded(*words) & HEAVY


@pytest.mark.parametrize("words", [
    ("shape", "A + B", "--shape", "A:3,4", "--shape", "B:4,3"),
    ("shape", "softmaks(x)"),
    ("shape", "x", "--shpe", "x:n"),
    ("shap", "x'x"),
    ("ops", "logdte"),
    ("sheet", "trce"),
    ("help", "layots"),
])  # fmt: skip
def test_a_mistake_and_the_trial_of_its_fix_load_nothing_heavy(words: tuple[str, ...]) -> None:
    assert not loaded(*words, code=2) & HEAVY


@pytest.mark.parametrize("words", [
    ("lookup", "tr(AXB)"), ("lookup", "tr(AXB)", "--wrt", "X"), ("lookup", "trace-axb"), ("lookup", "gaussian mean"),
])  # fmt: skip
def test_looking_up_needs_no_parser_of_options(words: tuple[str, ...]) -> None:
    assert not loaded(*words) & {"typer", "click"}


@pytest.mark.parametrize("words", [
    ("derive", "||A x - b||^2", "--wrt", "x", "--no-check"), ("shape", "A x"), ("ops",), ("lookup", "tr(AXB)"),
    ("sheet", "trace"), ("help", "layouts"),
])  # fmt: skip
def test_colour_costs_nothing(words: tuple[str, ...]) -> None:
    assert not loaded(*words, FORCE_COLOR="1") & HEAVY


def test_the_certificate_loads_numpy_only() -> None:
    assert loaded("derive", "tr(AXB)", "--wrt", "X") & HEAVY == {"numpy"}


def test_the_package_itself_loads_nothing() -> None:
    line = "import sys, mccli; print(*(m for m in sys.modules if m.startswith('mccli')))"
    done = subprocess.run([sys.executable, "-c", line], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.split() == ["mccli"]
