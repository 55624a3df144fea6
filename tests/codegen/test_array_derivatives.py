"""Generated code for Jacobians, Hessians and products with them computes what the formulas say."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest

import mccli
from mccli.numeric.evaluate import Evaluator
from mccli.numeric.sample import points

CASES: list[tuple[str, str, dict[str, Any]]] = [
    ("A x", "x", {}),
    ("A X B", "X", {}),
    ("X'A X", "X", {}),
    ("inv(X)", "X", {}),
    ("softmax(x)", "x", {}),
    ("tanh(W x + b)", "W", {}),
    ("kron(X, A)", "X", {}),
    ("A diag(x) B", "x", {}),
    ("tril(X)", "X", {}),
    ("expm(t A)", "t", {"shapes": "t:scalar"}),
    ("t A", "t", {"shapes": "t:scalar"}),
    ("||A x - b||^2", "x", {"order": 2}),
    ("1/2||A X - B||^2", "X", {"order": 2}),
    ("log det X", "X", {"order": 2}),
    ("log det X", "X", {"order": 2, "assume": "X:spd"}),
    ("logsumexp(A x + b)", "x", {"order": 2}),
    ("log det X", "X", {"order": 2, "along": "V"}),
    ("tanh(W x + b)", "W", {"along": "V"}),
    ("A X B", "X", {"upstream": "G"}),
    ("tanh(W x + b)", "x", {"upstream": "g"}),
    ("x'A x", "x", {"layout": "numerator"}),
    ("A x", "x", {"layout": "denominator"}),
]


@pytest.mark.parametrize(("text", "wrt", "options"), CASES, ids=[f"{t} {o}" for t, _, o in CASES])
def test_generated_code_computes_the_formula(text: str, wrt: str, options: dict[str, Any]) -> None:
    result = mccli.derive(text, wrt, **options)
    space: dict[str, Any] = {}
    exec(compile(result.numpy_code(), "<generated>", "exec"), space)
    node = result.derivative.node
    derivation = result.derivation
    supply = points(
        list(result.used_symbols().values()),
        result.elaborated.letters,
        derivation.needs,
        result.elaborated.expression,
        5,
    )
    for _ in range(2):
        point = next(supply)
        expected = plain(Evaluator(point.arrays, point.sizes).value(node))
        wanted = inspect.signature(space["derivative"]).parameters
        found = space["derivative"](**{n: plain(point.arrays[n]) for n in wanted})
        assert np.shape(found) == np.shape(expected)
        assert np.allclose(found, expected, rtol=1e-9, atol=1e-9)


def plain(x: np.ndarray[Any, Any]) -> Any:
    """A 2-D array as generated code has it: a float for a scalar, 1-D for one column."""
    return float(x[0, 0]) if x.shape == (1, 1) else x[:, 0] if x.shape[1] == 1 else x


def test_the_module_of_a_pullback_says_what_derivative_returns() -> None:
    module = mccli.derive("W x", "W", upstream="G").numpy_code()
    assert module.startswith('"""W*x, and by derivative() the gradient of <G, W*x> by W"""')
