"""A function without a gradient is recognised by its numbers."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from mccli.numeric.verify import Outcome, Request, verify

SCRIPT = """
import numpy as np
def trace(A, X, B): return np.trace(A @ X @ B)
def fit(x, A, b): return np.sum((A @ x - b)**2)
def half(z): return 0.5 * np.sum(z**2)
def logdet(X): return np.linalg.slogdet(X)[1]
def strange(x): return np.sum(np.sin(x)**3 * np.cosh(x[::-1]))
def vector(x): return np.sin(x)
def lse(x): return np.log(np.sum(np.exp(x)))
"""
CASES = {
    "trace": (("A:3,4", "X:4,5", "B:5,3"), "trace-axb"),
    "fit": (("x:4", "A:7,4", "b:7"), "squared-error-vector"),
    "half": (("z:4",), "squared-norm"),
    "logdet": (("X:4,4",), "logdet"),
    "lse": (("x:5",), "logsumexp"),
    "strange": (("x:4",), ""),
    "vector": (("x:4",), ""),
}


def outcome(tmp_path: Path, name: str, shapes: tuple[str, ...]) -> Outcome:
    path = tmp_path / "script.py"
    path.write_text(SCRIPT)
    (found,) = verify(Request(f"{path}:{name}", shapes=shapes))
    return found


@pytest.mark.parametrize("name", CASES)
def test_looks_like(tmp_path: Path, name: str) -> None:
    shapes, wanted = CASES[name]
    begun = time.monotonic()
    found = outcome(tmp_path, name, shapes)
    assert found.verdict == "nothing claimed"
    assert (found.alike[0].id if found.alike else "") == wanted
    assert time.monotonic() - begun < 6


def test_factor_is_told(tmp_path: Path) -> None:
    assert outcome(tmp_path, "half", ("z:4",)).alike[0].factor == 0.5


def test_numerical_gradient_has_an_error_estimate(tmp_path: Path) -> None:
    numerical = outcome(tmp_path, "fit", ("x:4", "A:7,4", "b:7")).numerical
    assert {name: found.value.shape for name, found in numerical.items()} == {"x": (4,), "A": (7, 4), "b": (7,)}
    assert all(found.error.max() < 1e-8 for found in numerical.values())
