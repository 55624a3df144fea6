"""Functions with an iterative solver inside, and the textbook implicit gradient of what it solves.

The gradients are right; with the values they agree only to as many digits as the solver was asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from gradient_zoo import Case, spd

SolverMaker = Callable[[np.random.Generator], Case]
SOLVERS: dict[str, SolverMaker] = {}


def solver(name: str, *settings: Any) -> Callable[[Callable[..., tuple[Any, Any, Any]]], Callable[..., Any]]:
    """Register a function of one array with each of the settings."""

    def register(maker: Callable[..., tuple[Any, Any, Any]]) -> Callable[..., Any]:
        for setting in settings:
            label = f"{name} {setting:.0e}"

            def make(rng: np.random.Generator, setting: Any = setting, label: str = label) -> Case:
                f, g, x = maker(rng, setting)
                return Case(label, lambda p: f(p["x"]), lambda p: {"x": g(p["x"])}, {"x": x})

            SOLVERS[label] = make
        return maker

    return register


def settle(step: Callable[[Any], Any], start: Any, stop: float, most: int = 10_000) -> Any:
    """Iterate until nothing moves by more than ``stop``."""
    z = start
    for _ in range(most):
        new = step(z)
        moved = float(np.max(np.abs(new - z)))
        z = new
        if moved <= stop:
            break
    return z


@solver("fixed point", 1e-8, 1e-9, 1e-10, 1e-12)
def fixed_point(rng: np.random.Generator, stop: float) -> tuple[Any, Any, Any]:
    """z = tanh(W z + x)."""
    w, c = rng.normal(size=(8, 8)) / 6, rng.normal(size=8)

    def settled(x: Any) -> Any:
        return settle(lambda z: np.tanh(w @ z + x), np.zeros_like(x), stop)

    def gradient(x: Any) -> Any:
        d = 1 - settled(x) ** 2
        return d * np.linalg.solve((np.eye(8) - d[:, None] * w).T, c)

    return lambda x: c @ settled(x), gradient, rng.normal(size=8)


@solver("fixed point of many", 1e-10)
def fixed_point_of_many(rng: np.random.Generator, stop: float) -> tuple[Any, Any, Any]:
    """The same with 60 numbers and a value that is no linear one."""
    w, c = rng.normal(size=(60, 60)) / 20, rng.normal(size=60)

    def settled(x: Any) -> Any:
        return settle(lambda z: np.sin(w @ z + x), np.zeros_like(x), stop)

    def gradient(x: Any) -> Any:
        z = settled(x)
        d = np.cos(w @ z + x)
        return d * np.linalg.solve((np.eye(60) - d[:, None] * w).T, 2 * c * z)

    return lambda x: c @ settled(x) ** 2, gradient, rng.normal(size=60)


@solver("Kepler", 1e-8, 1e-10)
def kepler(rng: np.random.Generator, stop: float) -> tuple[Any, Any, Any]:
    """E - e sin E = x by iteration, one equation for each entry: the slowest one has nearly all of the error."""
    e = rng.uniform(0.1, 0.6, size=12)

    def settled(x: Any) -> Any:
        return settle(lambda z: x + e * np.sin(z), x, stop)

    return (
        lambda x: np.sum(np.cos(settled(x))),
        lambda x: -np.sin(settled(x)) / (1 - e * np.cos(settled(x))),
        rng.uniform(0.3, 3, size=12),
    )


def cg(apply: Callable[[Any], Any], b: Any, stop: float) -> Any:
    """Conjugate gradients until the residual is that part of b."""
    y, r = np.zeros_like(b), b
    q, rho = r, r @ r
    while np.sqrt(abs(rho)) > stop * np.sqrt(abs(b @ b)):
        m = apply(q)
        alpha = rho / (q @ m)
        y, r = y + alpha * q, r - alpha * m
        new = r @ r
        q, rho = r + new / rho * q, new
    return y


@solver("CG", 1e-8, 1e-10)
def conjugate_gradients(rng: np.random.Generator, stop: float) -> tuple[Any, Any, Any]:
    """c'(A + diag x^2)^-1 b."""
    a, b, c = spd(rng, 20) / 20, rng.normal(size=20), rng.normal(size=20)

    def solve(x: Any, right: Any) -> Any:
        return cg(lambda q: a @ q + x**2 * q, right, stop)

    return lambda x: c @ solve(x, b), lambda x: -2 * x * solve(x, b) * solve(x, c), rng.normal(size=20)


@solver("CG on a right side", 1e-8, 1e-10)
def right_side(rng: np.random.Generator, stop: float) -> tuple[Any, Any, Any]:
    """|A^-1 x|^2/2 + sum x^3."""
    a = spd(rng, 30) / 30

    def gradient(x: Any) -> Any:
        return cg(lambda q: a @ q, cg(lambda q: a @ q, x, stop), stop) + 3 * x**2

    return lambda x: np.sum(cg(lambda q: a @ q, x, stop) ** 2) / 2 + np.sum(x**3), gradient, rng.normal(size=30)


@solver("Newton", 1e-4, 1e-6)
def newton(rng: np.random.Generator, stop: float) -> tuple[Any, Any, Any]:
    """A z + z^3 = x, stopped as soon as a step is small: the last one made it better than that."""
    a, c = spd(rng, 10) / 10, rng.normal(size=10)

    def settled(x: Any) -> Any:
        def step(z: Any) -> Any:
            return z - np.linalg.solve(a + np.diag(3 * z**2), a @ z + z**3 - x)

        return settle(step, np.zeros_like(x), stop)

    def gradient(x: Any) -> Any:
        return np.linalg.solve(a + np.diag(3 * settled(x) ** 2), c)

    return lambda x: c @ settled(x), gradient, rng.normal(size=10)


@solver("descent", 1e-9)
def descent(rng: np.random.Generator, stop: float) -> tuple[Any, Any, Any]:
    """The value of an inner minimum by gradient descent; its gradient by the envelope theorem."""
    a, b = rng.normal(size=(15, 6)), rng.normal(size=15)
    rate = 1 / np.linalg.norm(a, 2) ** 2

    def inner(x: Any) -> Any:
        return settle(lambda z: z - rate * (a.T @ (a @ z - b - x) + 0.5 * z), np.zeros(6), stop)

    def f(x: Any) -> Any:
        z = inner(x)
        return np.sum((a @ z - b - x) ** 2) / 2 + 0.25 * np.sum(z**2)

    return f, lambda x: -(a @ inner(x) - b - x), rng.normal(size=15)


@solver("power iteration", 1e-8, 1e-10)
def power_iteration(rng: np.random.Generator, stop: float) -> tuple[Any, Any, Any]:
    """c'v of the first eigenvector of A + diag x; the gradient by the eigenvectors that eigh finds."""
    a, c = np.outer(*[np.ones(7)] * 2) + 0.05 * spd(rng, 7), rng.normal(size=7)

    def f(x: Any) -> Any:
        def step(v: Any) -> Any:
            w = (a + np.diag(x)) @ v
            return w / np.sqrt(w @ w)

        return c @ settle(step, np.ones(7) / np.sqrt(7), stop)

    def gradient(x: Any) -> Any:
        values, vectors = np.linalg.eigh(a + np.diag(x))
        v = vectors[:, -1] * np.sign(np.sum(vectors[:, -1]))
        rest = vectors[:, :-1]
        return v * (rest @ ((rest.T @ c) / (values[-1] - values[:-1])))

    return f, gradient, rng.normal(size=7) / 2
