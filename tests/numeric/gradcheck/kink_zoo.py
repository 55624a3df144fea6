"""Functions at a kink: every subgradient is right there, and nothing else is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from mccli.numeric.gradcheck import Problem

Array = Any
Function = Callable[[Array], Any]


@dataclass(frozen=True)
class Kinked:
    """A function of x with gradients that differ at the point only; ``given`` says what is claimed there."""

    f: Function
    x: Array
    gradient: Callable[[float], Function]
    right: tuple[float, ...]
    wrong: tuple[float, ...]
    told: bool = True
    """Whether a wrong value must be told from a subgradient; never may it pass."""

    kind: str = "gradient"

    def problem(self, given: float, seed: int) -> Problem:
        claim = self.gradient(given)
        call: Any = {
            "gradient": lambda p: {"x": claim(p["x"])},
            "jacobian": lambda p: {"x": claim(p["x"])},
            "vjp": lambda p, u: {"x": u @ claim(p["x"])},
            "jvp": lambda p, v: claim(p["x"]) @ v["x"],
        }[self.kind]
        return Problem(lambda p: self.f(p["x"]), {"x": self.x}, seed=seed, **{self.kind: call})


Z = np.array([1.0, 0.0, -2.0, 0.0])
C = np.array([1.3, -0.7, 1.9, -1.1])
RNG = np.random.default_rng(5)
ONE_ZERO = RNG.normal(size=5000)
ONE_ZERO[77] = 0
W, U = RNG.normal(size=(5, 3)), RNG.normal(size=5)
H, Y = np.array([[1.0, 2.0], [0.5, -1.0], [2.0, 1.0]]), np.array([1.0, -1.0, 1.0])
ROWS = RNG.normal(size=(4, 3))
ROWS[2] = 0


def relu(t: Array) -> Array:
    return np.maximum(t, 0)


def step(t: Array, at_zero: float) -> Array:
    return (t > 0) + at_zero * (t == 0)


def sign(t: Array, at_zero: float) -> Array:
    return np.sign(t) + at_zero * (t == 0)


def layer(weights: Array) -> tuple[Function, Callable[[float], Function]]:
    """weights' relu(W x), every unit exactly at zero."""
    return lambda x: weights @ relu(W @ x), lambda v: lambda x: W.T @ (weights * step(W @ x, v))


def group(v: float) -> Function:
    def gradient(x: Array) -> Array:
        size = np.linalg.norm(x[:3])
        return np.concatenate([x[:3] / size if size else np.full(3, v), 2 * x[3:]])

    return gradient


def rows(v: float) -> Function:
    def gradient(x: Array) -> Array:
        size = np.linalg.norm(x, axis=1, keepdims=True)
        return np.where(size > 0, x / np.where(size > 0, size, 1), v)

    return gradient


def largest(share: float) -> Function:
    """``share`` of 1 for each of the largest entries where several are."""

    def gradient(x: Array) -> Array:
        ties = x == x.max()
        return ties * (share if ties.sum() > 1 else 1.0)

    return gradient


def first_of_largest(_: float) -> Function:
    return lambda x: (np.arange(x.size) == np.argmax(x)).astype(float)


def only_at(index: int) -> Callable[[float], Function]:
    return lambda v: lambda x: np.sign(x) + v * ((x == 0) & (np.arange(x.size) == index))


def l1(x: Array) -> Array:
    return np.abs(x).sum()


INSIDE, OUTSIDE = (0.0, 0.5, 1.0, -1.0), (2.0, 1.1, -1.5, 3.0)
HALF, BEYOND = (0.0, 0.5, 1.0), (2.0, -0.2)

KINKED: dict[str, Kinked] = {
    "sum of abs": Kinked(l1, Z, lambda v: lambda x: sign(x, v), INSIDE, OUTSIDE),
    "sum of abs, all zero": Kinked(l1, np.zeros(12), lambda v: lambda x: sign(x, v), INSIDE, OUTSIDE),
    "one of two zeros": Kinked(l1, Z, only_at(1), INSIDE, OUTSIDE),
    "one of five thousand": Kinked(l1, ONE_ZERO, only_at(77), (0.0, 1.0), (1.7,)),
    "abs of either sign": Kinked(lambda x: C @ np.abs(x), Z, lambda v: lambda x: C * sign(x, v), INSIDE, OUTSIDE),
    "abs of either sign, all zero": Kinked(
        lambda x: C @ np.abs(x), np.zeros(4), lambda v: lambda x: C * sign(x, v), INSIDE, OUTSIDE
    ),
    "lasso": Kinked(
        lambda x: 0.4 * l1(x) + np.sum(np.exp(C * x)), Z, lambda v: lambda x: 0.4 * sign(x, v) + C * np.exp(C * x),
        INSIDE, OUTSIDE,
    ),
    "relu": Kinked(lambda x: C @ relu(x), Z, lambda v: lambda x: C * step(x, v), HALF, BEYOND),
    "relu of twenty": Kinked(
        lambda x: np.tile(C, 5) @ relu(x), np.zeros(20), lambda v: lambda x: np.tile(C, 5) * step(x, v), HALF, BEYOND
    ),
    "relu layer": Kinked(layer(np.abs(U))[0], np.zeros(3), layer(np.abs(U))[1], HALF, (2.0, -1.0)),
    "relu layer of either sign": Kinked(layer(U)[0], np.zeros(3), layer(U)[1], HALF, (2.0,), told=False),
    "hinge at the margin": Kinked(
        lambda w: np.sum(relu(1 - Y * (H @ w))), np.array([1.0, 0.0]),
        lambda v: lambda w: -H.T @ (Y * step(1 - Y * (H @ w), v)), HALF, (2.0, -1.0),
    ),
    "largest of ties": Kinked(np.max, np.array([2.0, 2.0, 1.0, 2.0]), largest, (1 / 3,), (1.0, 0.0, 0.5)),
    "first of ties": Kinked(np.max, np.ones(7), first_of_largest, (0.0,), ()),
    "median of ties": Kinked(
        np.median, np.ones(5), lambda _: lambda x: (np.arange(5) == np.argsort(x, kind="stable")[2]) * 1.0, (0.0,), (),
        told=False,
    ),
    "group norm": Kinked(
        lambda x: np.linalg.norm(x[:3]) + np.sum(x[3:] ** 2), np.array([0.0, 0.0, 0.0, 1.0, 2.0]), group,
        (0.0, 0.5, -0.5), (0.9, 2.0),
    ),
    "norms of rows": Kinked(lambda x: np.sum(np.linalg.norm(x, axis=1)), ROWS, rows, (0.0, 0.5), (1.0,)),
    "Jacobian": Kinked(
        lambda x: C * np.abs(x), Z, lambda v: lambda x: np.diag(C * sign(x, v)), INSIDE, OUTSIDE, kind="jacobian"
    ),
    "jvp": Kinked(lambda x: C * np.abs(x), Z, lambda v: lambda x: np.diag(C * sign(x, v)), INSIDE, OUTSIDE, kind="jvp"),
    "vjp": Kinked(lambda x: C * np.abs(x), Z, lambda v: lambda x: np.diag(C * sign(x, v)), INSIDE, OUTSIDE, kind="vjp"),
}  # fmt: skip
