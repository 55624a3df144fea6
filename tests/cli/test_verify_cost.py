"""At most sixty evaluations of f for each argument before the verdict, counted where they happen: in f."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mccli.cli.main import main

HEAD = """
import numpy as np

def counted(value):
    with open({count!r}, "a") as file:
        file.write(".")
    return value
"""
SCRIPTS = {
    "two functions": ("def f(x): return counted(np.sum(np.sin(x)))\ndef grad_f(x): return np.cos(x)", 1),
    "both in one": ("def f(x): return counted(np.sum(np.sin(x))), np.cos(x)", 1),
    "both in one, not analytic": ("def f(x): return counted(np.sum(np.abs(x)**3)), 3*x*np.abs(x)", 1),
    "both in one, at a kink": (
        "def f(x): return counted(np.sum(np.abs(x))), np.sign(x)\n"
        "def mc_example(): return {'x': np.array([1.0, 0, -2])}",
        1,
    ),
    "two arguments": (
        "def f(x, y): return counted(np.sum(x**3) * np.sum(y**2))\n"
        "def grad_f(x, y): return 3*x**2*np.sum(y**2), np.sum(x**3)*2*y",
        2,
    ),
    "vjp and jvp": (
        "def f(x): return counted(np.sin(x))\ndef vjp_f(x, u): return np.cos(x)*u\ndef jvp_f(x, v): return np.cos(x)*v",
        2,  # two derivatives of one argument
    ),
}
SHAPES = ["--shape", "x:4", "--shape", "y:3"]


def run(text: str, words: list[str], folder: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, Any]]:
    """The number of evaluations that f itself has counted, and what was said."""
    count, path = folder / "count", folder / "model.py"
    path.write_text(HEAD.format(count=str(count)) + text)
    main(["verify", f"{path}:f", "--format", "json", *words])
    (found,) = json.loads(capsys.readouterr().out)["functions"]
    return len(count.read_text()), found


@pytest.mark.parametrize("name", SCRIPTS)
@pytest.mark.parametrize("seed", range(3))
def test_every_evaluation_is_counted(name: str, seed: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text, most = SCRIPTS[name]
    shapes = [s for s in SHAPES if s == "--shape" or s[0] in text.split("def f(")[1].split(")")[0]]
    words = [w for pair in zip(shapes[::2], shapes[1::2], strict=False) for w in pair]
    calls, found = run(text, [*words, "--seed", str(seed)], tmp_path, capsys)
    assert found["verdict"] in ("right", "cannot tell")
    assert calls == found["evaluations"] <= 60 * most


def test_with_a_formula(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = "def f(x): return counted(x @ x)\ndef grad_f(x): return 2*x"
    calls, found = run(text, ["--shape", "x:5", "--of", "x'x", "--wrt", "x"], tmp_path, capsys)
    assert found["verdict"] == "right"
    assert calls == found["evaluations"] <= 60


STACKED = (
    "A, B = np.arange(6.0).reshape(2, 3), np.arange(12.0).reshape(3, 4)\n"
    "def f(X): return counted(A @ X @ B + X[0, 0]**2)\n"
    "def grad_f(X):\n    J = np.kron(B.T, A)\n    J[:, 0] += 2*X[0, 0]\n    return J * {factor}"
)


@pytest.mark.parametrize(("factor", "verdict"), [(1, "right"), (1.01, "wrong")])
def test_a_jacobian_by_columns(factor: float, verdict: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    calls, found = run(STACKED.format(factor=factor), ["--shape", "X:3,3"], tmp_path, capsys)
    assert found["verdict"] == verdict
    assert found["evaluations"] <= 60
    if verdict == "right":  # what is looked at to explain a mistake comes later
        assert calls == found["evaluations"]
        assert any("columns of a matrix stacked" in remark for remark in found["remarks"])


def test_thorough_looks_at_every_entry(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = "def f(x): return counted(np.sum(np.abs(x)**3))\ndef grad_f(x): return 3*x*np.abs(x)"
    calls, found = run(text, ["--shape", "x:40", "--thorough"], tmp_path, capsys)
    assert found["verdict"] == "right"
    assert calls == found["evaluations"] > 60
    assert any("every entry was looked at" in remark for about in found["arguments"] for remark in about["remarks"])
