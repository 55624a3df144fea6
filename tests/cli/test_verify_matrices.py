"""Jacobians and Hessians against the formula's: vec by vec, whatever the layout of the array that is returned."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mccli.cli.main import main
from mccli.numeric.verify.matrix_formula import readings_of

SINES = "def f(x, A): return A @ np.sin(x)\ndef grad_f(x, A): return {jacobian}"
SQUARE = "def f(X, A): return A @ X @ X\ndef grad_f(X, A): return {jacobian}"
FORM = "def f(x, A): return x @ A @ x\ndef grad_f(x, A): return (A + A.T) @ x\ndef hess_f(x, A): return {jacobian}"
AXES = "np.einsum('ia,bj->ijab', A, X) + np.einsum('ia,bj->ijab', A @ X, np.eye(3))"
VEC = "np.kron(X.T, A) + np.kron(np.eye(3), A @ X)"
BY_ROWS = "np.kron(A, X.T) + np.kron(A @ X, np.eye(3))"

CASES = {
    "vector": (SINES, "A * np.cos(x)", "A sin(x)", "x:3 A:4,3", "right"),
    "vector, a wrong factor": (SINES, "A * np.sin(x)", "A sin(x)", "x:3 A:4,3", "wrong"),
    "vector, transposed": (SINES, "(A * np.cos(x)).T", "A sin(x)", "x:3 A:3,3", "wrong"),
    "matrix, an axis for each index": (SQUARE, AXES, "A X X", "X:3,3 A:2,3", "right"),
    "matrix, by columns": (SQUARE, VEC, "A X X", "X:3,3 A:2,3", "right"),
    "matrix, by rows": (SQUARE, BY_ROWS, "A X X", "X:3,3 A:2,3", "right"),
    "matrix, a term missing": (SQUARE, "np.kron(X.T, A)", "A X X", "X:3,3 A:2,3", "wrong"),
    "Hessian": (FORM, "A + A.T", "x'A x", "x:3 A:3,3", "right"),
    "Hessian, A taken to be symmetric": (FORM, "2 * A", "x'A x", "x:3 A:3,3", "wrong"),
}


@pytest.mark.parametrize("name", CASES)
def test_against_what_mc_derives(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script, jacobian, formula, shapes, verdict = CASES[name]
    path = tmp_path / "model.py"
    path.write_text("import numpy as np\n" + script.format(jacobian=jacobian))
    words = [w for shape in shapes.split() for w in ("--shape", shape)]
    kind = "Hessian" if "hess_f" in script else "Jacobian"
    order = ["--order", "2"] if kind == "Hessian" else []
    code = main(["verify", f"{path}:f", "--of", formula, "--wrt", shapes[0], *words, *order])
    out = capsys.readouterr().out
    assert code == (verdict == "wrong"), out
    (derived,) = [line for line in out.splitlines() if line.startswith(f"formula\t{kind}\t")]
    assert ("agrees to" in derived) == (verdict == "right")
    assert f"against\tCompared\tthe {kind} with differences of" in out


@pytest.mark.parametrize("kind", ["jacobian", "vjp"])
def test_what_it_is_compared_with(kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "model.py"
    path.write_text("import numpy as np\ndef f(x): return np.sin(x)\ndef grad_f(x): return np.diag(np.cos(x))\n"
                    "def vjp_g(x, u): return np.cos(x) * u\ndef g(x): return np.sin(x)\n")  # fmt: skip
    assert main(["verify", f"{path}:{'f' if kind == 'jacobian' else 'g'}", "--shape", "x:3"]) == 0
    assert ("with differences of f" in capsys.readouterr().out) == (kind == "jacobian")


def test_readings_are_those_of_the_definition() -> None:
    """vec stacks columns: d vec(F)[i] / d vec(X)[j]."""
    rng = np.random.default_rng(0)
    outputs, shape = (2, 3), (4, 5)
    axes = rng.normal(size=outputs + shape)
    wanted: Any = np.array([[axes[i % 2, i // 2, j % 4, j // 4] for j in range(20)] for i in range(6)])
    assert all(np.array_equal(found, wanted) for found in readings_of(axes, outputs, shape) or ())
    assert np.array_equal((readings_of(axes.reshape(6, 20), outputs, shape) or (0, 0))[0], wanted)
    assert np.array_equal((readings_of(wanted, outputs, shape) or (0, 0))[1], wanted)
    assert readings_of(axes.reshape(20, 6), outputs, shape) is None
