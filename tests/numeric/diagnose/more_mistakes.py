"""More wrong gradients, on other functions than those of the zoo: a net against tuning on it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.linalg import inv, slogdet

Values = Mapping[str, Any]
Function = Callable[..., Any]


@dataclass(frozen=True)
class Mistake:
    """A function, a wrong gradient by its first argument, and what must be said of it."""

    id: str
    labels: tuple[str, ...]
    f: Function
    grad: Function
    shapes: Mapping[str, tuple[int, ...]]
    says: str = ""
    kind: str = "gradient"
    scalars: Mapping[str, float] | None = None
    positive: bool = False

    def arguments(self, seed: int = 3) -> dict[str, Any]:
        """Random ones."""
        rng = np.random.default_rng(seed)
        found = {n: rng.standard_normal(s) for n, s in self.shapes.items()}
        return {n: np.abs(a) + 0.3 for n, a in found.items()} if self.positive else found


def sigmoid(z: Any) -> Any:
    return 1 / (1 + np.exp(-z))


def softmax(z: Any) -> Any:
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def spd(L: Any) -> Any:
    return L @ L.T + np.eye(len(L))


MISTAKES: tuple[Mistake, ...] = (
    Mistake("gauss-half", ("factor",), lambda x, m: 0.5 * np.sum((x - m) ** 2), lambda x, m: 2 * (x - m),
            {"x": (5,), "m": (5,)}, "2"),
    Mistake("minus-half", ("factor",), lambda x, A: -0.5 * np.sum((A @ x) ** 2), lambda x, A: 2 * A.T @ A @ x,
            {"x": (4,), "A": (6, 4)}),
    Mistake("ce-mean", ("mean-or-sum", "factor"), lambda W, X, Y: -np.mean(np.sum(Y * np.log(softmax(X @ W)), axis=1)),
            lambda W, X, Y: X.T @ (Y.sum(1, keepdims=True) * softmax(X @ W) - Y), {"W": (4, 3), "X": (9, 4), "Y": (9, 3)}, "9"),
    Mistake("scaled-by-lam", ("factor",), lambda x, lam: lam * np.sum(np.cos(x)), lambda x, lam: -np.sin(x),
            {"x": (6,), "lam": ()}, "lam"),
    Mistake("norm-not-divided", ("chain-factor",), lambda x, A: np.linalg.norm(A @ x), lambda x, A: A.T @ A @ x,
            {"x": (4,), "A": (6, 4)}, "1/f"),
    Mistake("log-not-divided", ("chain-factor",), lambda x, A: np.log(x @ A @ A.T @ x), lambda x, A: 2 * A @ A.T @ x,
            {"x": (4,), "A": (4, 6)}, "f"),
    Mistake("exp-dropped", ("chain-factor",), lambda x, b: np.exp(-0.5 * x @ x) + 0 * b[0], lambda x, b: -x,
            {"x": (4,), "b": (2,)}, "f"),
    Mistake("cos-dropped", ("chain-factor",), lambda x: np.sum(np.sin(x**2)), lambda x: 2 * x, {"x": (5,)}, "cos"),
    Mistake("inner-x-dropped", ("chain-factor",), lambda x: np.sum(np.exp(x**2 / 2)), lambda x: np.exp(x**2 / 2),
            {"x": (5,)}, "x"),
    Mistake("weights-dropped", ("chain-factor",), lambda x, c, A: np.sum(c * (x - A) ** 2), lambda x, c, A: 2 * (x - A),
            {"x": (5,), "c": (5,), "A": (5,)}, "c"),
    Mistake("rows-weighted", ("chain-factor",), lambda X, c, M: np.sum(c[:, None] * (X - M) ** 2),
            lambda X, c, M: 2 * (X - M), {"X": (5, 3), "c": (5,), "M": (5, 3)}, "c"),
    Mistake("sin-layer", ("chain-factor",), lambda x, A, b: np.sum(np.sin(A @ x + b)), lambda x, A, b: A.T @ np.ones(7),
            {"x": (4,), "A": (7, 4), "b": (7,)}, "cos"),
    Mistake("square-layer", ("chain-factor",), lambda w, X: np.sum((X @ w) ** 3), lambda w, X: 3 * X.T @ (X @ w),
            {"w": (4,), "X": (9, 4)}, "X w"),
    Mistake("second-layer", ("chain-factor",), lambda W1, W2, x: np.sum(np.tanh(W2 @ np.tanh(W1 @ x))),
            lambda W1, W2, x: np.outer(W2.T @ (1 - np.tanh(W2 @ np.tanh(W1 @ x)) ** 2), x),
            {"W1": (4, 3), "W2": (5, 4), "x": (3,)}, "tanh(W1 x)"),
    Mistake("logdet-order", ("transpose",), lambda X, A: slogdet(X)[1] + 0 * A.sum(), lambda X, A: inv(X),
            {"X": (4, 4), "A": (2, 2)}),
    Mistake("inverse-order", ("product-order",), lambda X, A: np.trace(A @ inv(X)), lambda X, A: -(inv(X) @ inv(X) @ A).T,
            {"X": (4, 4), "A": (4, 4)}),
    Mistake("inverse-plain", ("symmetric-assumed",), lambda x, A: x @ inv(A) @ x, lambda x, A: 2 * inv(A) @ x,
            {"x": (4,), "A": (4, 4)}, "A"),
    Mistake("square-star", ("elementwise-product",), lambda X, A: np.trace(A @ X @ X), lambda X, A: (A * X + X * A).T,
            {"X": (4, 4), "A": (4, 4)}),
    Mistake("power-half", ("missing-term",), lambda X, A: np.trace(A @ X @ X), lambda X, A: (X @ A).T,
            {"X": (4, 4), "A": (4, 4)}, "A"),
    Mistake("product-rule", ("missing-term",), lambda x: np.sum(x * np.sin(x)), lambda x: np.sin(x), {"x": (6,)}, "cos"),
    Mistake("entropy", ("missing-term",), lambda x: np.sum(x * np.log(x)), lambda x: np.log(x), {"x": (6,)}, "1", positive=True),
    Mistake("ridge-matrix", ("missing-term",), lambda W, X, Y, lam: 0.5 * np.sum((X @ W - Y) ** 2) + lam * np.sum(W**2),
            lambda W, X, Y, lam: X.T @ (X @ W - Y), {"W": (4, 2), "X": (9, 4), "Y": (9, 2), "lam": ()}, "lam"),
    Mistake("nll-no-logdet", ("missing-term",), lambda L, d: 0.5 * d @ inv(L @ L.T) @ d + slogdet(L)[1],
            lambda L, d: -inv(L @ L.T) @ np.outer(d, d) @ inv(L @ L.T) @ L, {"L": (4, 4), "d": (4,)}, "inv(L)'"),
    Mistake("sign-of-term", ("missing-term",), lambda x, A, b: 0.5 * x @ A.T @ A @ x - b @ x,
            lambda x, A, b: A.T @ A @ x + b, {"x": (4,), "A": (6, 4), "b": (4,)}, "b"),
    Mistake("quotient-half", ("missing-term",), lambda x, c: (c @ x) / (x @ x), lambda x, c: c / (x @ x),
            {"x": (5,), "c": (5,)}, "x"),
    Mistake("softmax-jac", ("missing-term", "diagonal"), lambda x: softmax(x), lambda x: np.diag(softmax(x)), {"x": (4,)}, "f f'",
            kind="jacobian"),
    Mistake("normalise-jac", ("missing-term", "diagonal", "chain-factor"), lambda x: x / np.linalg.norm(x), lambda x: np.eye(4) / np.linalg.norm(x),
            {"x": (4,)}, "", kind="jacobian"),
    Mistake("jac-turned", ("layout", "transpose"), lambda x, A: np.tanh(A @ x), lambda x, A: ((1 - np.tanh(A @ x) ** 2)[:, None] * A).T,
            {"x": (4,), "A": (3, 4)}, kind="jacobian"),
    Mistake("jac-one-row", ("some-entries",), lambda x: np.array([x[0] * x[1], x[1] ** 2, np.sin(x[2]), x[0] * x[2]]),
            lambda x: np.array([[x[1], x[0], 0], [0, 2 * x[1], 0], [0, 0, np.sin(x[2])], [x[2], 0, x[0]]]), {"x": (3,)}, "2",
            kind="jacobian"),
    Mistake("conv-bias", ("missing-sum",), lambda b, X: np.sum((X + b) ** 2), lambda b, X: 2 * (X + b), {"b": (3,), "X": (4, 5, 3)}, "0"),
    Mistake("diff-end", ("some-entries",), lambda x: np.sum(np.diff(x) ** 2),
            lambda x: np.concatenate([[0], 2 * np.diff(x)[:-1] * -1 + 2 * np.diff(x)[:-1] * 1 + 2 * (x[1:-1] - x[:-2]) - 2 * (x[2:] - x[1:-1]), [2 * (x[-1] - x[-2])]]),
            {"x": (7,)}, "0"),
    Mistake("two-columns", ("some-entries",), lambda X: np.sum(np.sin(X)),
            lambda X: np.cos(X) * np.where(np.isin(np.arange(6), [1, 4]), 0.5, 1.0), {"X": (5, 6)}, "columns 1 and 4"),
    Mistake("relu-leak", ("kink",), lambda x, c: np.sum(c * np.where(x > 0, x, 0.1 * x)), lambda x, c: c * np.where(x > 0, 1.0, 0.0),
            {"x": (9,), "c": (9,)}, "x < 0"),
    Mistake("hinge-side", ("kink", "other-function"), lambda w, X, y: np.sum(np.maximum(0, 1 - y * (X @ w)) ** 2),
            lambda w, X, y: -2 * X.T @ (y * (1 - y * (X @ w)) * (1 - y * (X @ w) > -0.7)), {"w": (3,), "X": (14, 3), "y": (14,)}),
    Mistake("other-scale", ("other-function",), lambda x: np.sum(np.log(np.cosh(2 * x))), lambda x: np.tanh(x), {"x": (5,)}),
    Mistake("slip", ("not-a-gradient",), lambda x: np.prod(x), lambda x: np.prod(x) / np.roll(x, 1), {"x": (4,)}),
    Mistake("zeros", ("missing-argument",), lambda x, A: np.sum((A @ x) ** 2), lambda x, A: np.zeros(4), {"x": (4,), "A": (5, 4)}),
    Mistake("hess-half", ("factor",), lambda x, A: x @ A @ x, lambda x, A: 0.5 * (A + A.T), {"x": (4,), "A": (4, 4)}, "2", kind="hessian"),
    Mistake("hess-one-side", ("not-a-gradient", "symmetric-assumed"), lambda x, A: x @ A @ x, lambda x, A: 2 * A, {"x": (4,), "A": (4, 4)},
            "symmetric", kind="hessian"),
    Mistake("vjp-not-turned", ("chain-factor",), lambda x, A: A @ np.tanh(x), lambda x, A, u: A.T @ u, {"x": (4,), "A": (5, 4)},
            "tanh", kind="vjp"),
    Mistake("jvp-negative", ("sign",), lambda x, A: np.cos(A @ x), lambda x, A, v: np.sin(A @ x) * (A @ v), {"x": (4,), "A": (5, 4)},
            kind="jvp"),
)  # fmt: skip
