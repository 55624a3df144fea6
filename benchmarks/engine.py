"""Time per textbook gradient, the ratio to SymPy's ``diff``, and growth over a chain of layers."""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import sympy as sp

from mccli import api
from mccli.calculus.derivation import derive
from mccli.calculus.identify import gradients
from mccli.expressions.graph import count_nodes
from mccli.render.text import length

N = sp.Symbol("n", integer=True, positive=True)
A, B, S, X = (sp.MatrixSymbol(name, N, N) for name in "ABSX")
a, b, x = (sp.MatrixSymbol(name, N, 1) for name in "abx")

PROBLEMS: list[tuple[str, str, Callable[[], Any] | None]] = [
    ("a'x", "x", lambda: (a.T * x).diff(x)),
    ("x'Ax", "x", lambda: (x.T * A * x).diff(x)),
    ("(A x - b)'(A x - b)", "x", lambda: ((A * x - b).T * (A * x - b)).diff(x)),
    ("a'Xb", "X", lambda: (a.T * X * b).diff(X)),
    ("tr(AX)", "X", lambda: sp.Trace(A * X).diff(X)),
    ("tr(AXB)", "X", lambda: sp.Trace(A * X * B).diff(X)),
    ("tr(X'AX)", "X", lambda: sp.Trace(X.T * A * X).diff(X)),
    ("tr(X'X)", "X", lambda: sp.Trace(X.T * X).diff(X)),
    ("tr(AXBX')", "X", lambda: sp.Trace(A * X * B * X.T).diff(X)),
    ("a'inv(X)b", "X", lambda: (a.T * X.I * b).diff(X)),
    ("tr(inv(X)A)", "X", lambda: sp.Trace(X.I * A).diff(X)),
    ("logdet(X)", "X", None),
    ("det(X)", "X", None),
    ("||A x - b||^2 + 3||x||^2", "x", None),
    ("-logdet(X) + tr(S X)", "X", None),
    ("logsumexp(A x + b)", "x", None),
]
"""Expression, variable, and SymPy's counterpart where SymPy gives the right answer."""


def median_ms(action: Callable[[], object], repeats: int = 25) -> float:
    """Median processor time of an action in milliseconds."""
    times = []
    for _ in range(repeats):
        start = time.process_time()
        action()
        times.append(1000 * (time.process_time() - start))
    return statistics.median(times)


def _textbook() -> None:
    print(f"{'gradient':<28}{'engine ms':>10}{'steps ms':>10}{'SymPy ms':>10}{'ratio':>8}")
    engine, ratios = [], []
    for text, wrt, other in PROBLEMS:
        read = api.understand(text, api.scope_of(), scalar=True)
        variable = read.symbols[wrt]
        gradient_only = median_ms(lambda e=read.expression, v=variable: gradients(e, [v]))
        with_steps = median_ms(lambda r=read, v=variable: derive(r.expression, r.symbols, [v]))
        engine.append(gradient_only)
        if other is None:
            print(f"{text:<28}{gradient_only:>10.2f}{with_steps:>10.2f}{'-':>10}{'-':>8}")
            continue
        theirs = median_ms(other, 7)
        ratios.append(theirs / gradient_only)
        print(f"{text:<28}{gradient_only:>10.2f}{with_steps:>10.2f}{theirs:>10.1f}{ratios[-1]:>8.0f}")
    middle = statistics.median(engine), statistics.median(ratios)
    print(f"median engine time {middle[0]:.2f} ms; median ratio to SymPy {middle[1]:.0f}")


def _chain(layers: int) -> str:
    text = "x"
    for i in range(1, layers + 1):
        text = f"tanh(W{i} {text} + b{i})"
    return f"||{text} - y||^2"


def _growth() -> None:
    print(f"\n{'layers':>6}{'gradient ms':>13}{'steps ms':>10}{'nodes':>8}{'characters':>12}")
    for layers in (1, 2, 4, 8, 16, 32, 64):
        read = api.understand(_chain(layers), api.scope_of(), scalar=True)
        variable = read.symbols["W1"]
        gradient_only = median_ms(lambda e=read.expression, v=variable: gradients(e, [v]), 3)
        with_steps = median_ms(lambda r=read, v=variable: derive(r.expression, r.symbols, [v]), 3)
        result = derive(read.expression, read.symbols, [variable])
        characters = sum(length(s.expression) for s in result.steps)
        print(
            f"{layers:>6}{gradient_only:>13.1f}{with_steps:>10.1f}{count_nodes(result.gradients[0].full):>8}{characters:>12}"
        )


def run() -> None:
    """Print the figures."""
    sys.setrecursionlimit(20_000)
    _textbook()
    _growth()
