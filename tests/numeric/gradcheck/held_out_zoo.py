"""Right gradients of a second kind of functions, written after the algorithm and not used to tune it."""

from __future__ import annotations

from typing import Any

import numpy as np
from gradient_zoo import Args, Case, Maker, sigmoid, spd

HELD_OUT: dict[str, Maker] = {}


def case(maker: Any) -> Maker:
    def make(rng: np.random.Generator) -> Case:
        return Case(maker.__name__, *maker(rng))

    HELD_OUT[maker.__name__] = make
    return make


@case
def gaussian_process(rng: np.random.Generator) -> tuple[Any, ...]:
    """Marginal likelihood over log length and log noise."""
    t, y = np.linspace(0, 3, 15), rng.normal(size=15)
    d2 = (t[:, None] - t) ** 2

    def kernel(p: Args) -> Any:
        return np.exp(-d2 / 2 * np.exp(-2 * p["x"][0])) + np.exp(2 * p["x"][1]) * np.eye(15)

    def value(p: Args) -> Any:
        k = kernel(p)
        return 0.5 * (y @ np.linalg.solve(k, y) + np.linalg.slogdet(k)[1])

    def gradient(p: Args) -> dict[str, Any]:
        inverse = np.linalg.inv(kernel(p))
        weight = 0.5 * (inverse - np.outer(inverse @ y, inverse @ y))
        length = np.exp(-2 * p["x"][0])
        first = np.sum(weight * np.exp(-d2 / 2 * length) * d2 * length)
        return {"x": np.array([first, 2 * np.exp(2 * p["x"][1]) * np.trace(weight)])}

    return value, gradient, {"x": np.array([-0.2, -1.0]) + 0.3 * rng.normal(size=2)}


@case
def mixture(rng: np.random.Generator) -> tuple[Any, ...]:
    z = np.concatenate([rng.normal(-2, 1, 20), rng.normal(3, 1, 20)])

    def parts(p: Args) -> Any:
        return np.exp(-0.5 * (z[:, None] - p["x"]) ** 2)

    def gradient(p: Args) -> dict[str, Any]:
        w = parts(p)
        return {"x": -np.sum(w / w.sum(axis=1, keepdims=True) * (z[:, None] - p["x"]), axis=0)}

    return (
        lambda p: -np.sum(np.log(parts(p).sum(axis=1))),
        gradient,
        {"x": np.array([-1.0, 0.5, 2.0]) * rng.normal(1, 0.2, 3)},
    )


@case
def poisson(rng: np.random.Generator) -> tuple[Any, ...]:
    a = rng.normal(size=(25, 4))
    y = rng.poisson(3, 25)
    return (
        lambda p: np.sum(np.exp(a @ p["x"]) - y * (a @ p["x"])),
        lambda p: {"x": a.T @ (np.exp(a @ p["x"]) - y)},
        {"x": rng.normal(size=4)},
    )


@case
def squared_hinge(rng: np.random.Generator) -> tuple[Any, ...]:
    a, y = rng.normal(size=(60, 5)), np.sign(rng.normal(size=60))

    def gradient(p: Args) -> dict[str, Any]:
        return {"x": -2 * a.T @ (y * np.maximum(1 - y * (a @ p["x"]), 0)) + 0.2 * p["x"]}

    def value(p: Args) -> Any:
        return np.sum(np.maximum(1 - y * (a @ p["x"]), 0) ** 2) + 0.1 * p["x"] @ p["x"]

    return value, gradient, {"x": rng.normal(size=5)}


@case
def hinge(rng: np.random.Generator) -> tuple[Any, ...]:
    a, y = rng.normal(size=(200, 5)), np.sign(rng.normal(size=200))

    def gradient(p: Args) -> dict[str, Any]:
        return {"x": -a.T @ (y * (1 - y * (a @ p["x"]) > 0)) / 200 + p["x"]}

    def value(p: Args) -> Any:
        return np.mean(np.maximum(1 - y * (a @ p["x"]), 0)) + 0.5 * p["x"] @ p["x"]

    return value, gradient, {"x": rng.normal(size=5)}


@case
def runge_kutta(rng: np.random.Generator) -> tuple[Any, ...]:
    """One entry of the flow of a linear equation, by a series; the gradient by the adjoint of the series."""
    y0 = rng.normal(size=4)

    def value(p: Args) -> Any:
        y = total = y0
        for k in range(1, 12):
            y = p["x"] @ y / k
            total = total + y
        return 0.5 * np.sum(total**2)

    def gradient(p: Args) -> dict[str, Any]:
        ys = [y0]
        for k in range(1, 12):
            ys.append(p["x"] @ ys[-1] / k)
        bar, g, carry = sum(ys), np.zeros((4, 4)), np.zeros(4)
        for k in range(11, 0, -1):
            carry = carry + bar
            g = g + np.outer(carry, ys[k - 1]) / k
            carry = p["x"].T @ carry / k
        return {"x": g}

    return value, gradient, {"x": 0.5 * rng.normal(size=(4, 4))}


@case
def divergence(rng: np.random.Generator) -> tuple[Any, ...]:
    q = rng.dirichlet(np.ones(8))
    return (
        lambda p: np.sum(p["x"] * np.log(p["x"] / q) - p["x"] + q),
        lambda p: {"x": np.log(p["x"] / q)},
        {"x": rng.dirichlet(0.3 * np.ones(8)) + 1e-9},
    )


@case
def recurrent(rng: np.random.Generator) -> tuple[Any, ...]:
    inputs, target = rng.normal(size=(6, 3)), rng.normal(size=3)

    def states(p: Args) -> list[Any]:
        h = [np.zeros(3)]
        for u in inputs:
            h.append(np.tanh(p["W"] @ h[-1] + p["U"] @ u))
        return h

    def gradient(p: Args) -> dict[str, Any]:
        h = states(p)
        bar, gw, gu = h[-1] - target, np.zeros((3, 3)), np.zeros((3, 3))
        for k in range(6, 0, -1):
            d = bar * (1 - h[k] ** 2)
            gw, gu = gw + np.outer(d, h[k - 1]), gu + np.outer(d, inputs[k - 1])
            bar = p["W"].T @ d
        return {"W": gw, "U": gu}

    arguments = {"W": rng.normal(size=(3, 3)), "U": rng.normal(size=(3, 3))}
    return lambda p: 0.5 * np.sum((states(p)[-1] - target) ** 2), gradient, arguments, "W"


@case
def cox(rng: np.random.Generator) -> tuple[Any, ...]:
    a = rng.normal(size=(20, 3))

    def gradient(p: Args) -> dict[str, Any]:
        e = np.exp(a @ p["x"])
        tail, weighted = np.cumsum(e[::-1])[::-1], np.cumsum((e[:, None] * a)[::-1], axis=0)[::-1]
        return {"x": -np.sum(a - weighted / tail[:, None], axis=0)}

    def value(p: Args) -> Any:
        e = np.exp(a @ p["x"])
        return -np.sum(a @ p["x"] - np.log(np.cumsum(e[::-1])[::-1]))

    return value, gradient, {"x": rng.normal(size=3)}


@case
def cosine(rng: np.random.Generator) -> tuple[Any, ...]:
    y = rng.normal(size=10)

    def gradient(p: Args) -> dict[str, Any]:
        x, n = p["x"], np.linalg.norm(p["x"])
        return {"x": (y / n - x * (x @ y) / n**3) / np.linalg.norm(y)}

    def value(p: Args) -> Any:
        return p["x"] @ y / np.linalg.norm(p["x"]) / np.linalg.norm(y)

    return value, gradient, {"x": rng.normal(size=10)}


@case
def layer_norm(rng: np.random.Generator) -> tuple[Any, ...]:
    w = rng.normal(size=12)

    def normal(x: Any) -> tuple[Any, Any]:
        s = np.sqrt(np.mean((x - x.mean()) ** 2) + 1e-5)
        return (x - x.mean()) / s, s

    def gradient(p: Args) -> dict[str, Any]:
        z, s = normal(p["x"])
        return {"x": (w - w.mean() - z * np.mean(w * z)) / s}

    return lambda p: w @ normal(p["x"])[0], gradient, {"x": rng.normal(size=12)}


@case
def nuclear_norm(rng: np.random.Generator) -> tuple[Any, ...]:
    def gradient(p: Args) -> dict[str, Any]:
        u, _, v = np.linalg.svd(p["x"], full_matrices=False)
        return {"x": u @ v}

    return lambda p: np.sum(np.linalg.svd(p["x"], compute_uv=False)), gradient, {"x": rng.normal(size=(5, 3))}


@case
def wishart(rng: np.random.Generator) -> tuple[Any, ...]:
    s = spd(rng, 4)
    return (
        lambda p: np.trace(s @ np.linalg.inv(p["x"])) + np.linalg.slogdet(p["x"])[1],
        lambda p: {"x": (np.linalg.inv(p["x"]) - np.linalg.inv(p["x"]) @ s @ np.linalg.inv(p["x"])).T},
        {"x": spd(rng, 4)},
    )


@case
def least_squares_over_operator(rng: np.random.Generator) -> tuple[Any, ...]:
    b = rng.normal(size=9)

    def gradient(p: Args) -> dict[str, Any]:
        r = p["A"] @ p["x"] - b
        return {"A": 2 * np.outer(r, p["x"]), "x": 2 * p["A"].T @ r}

    arguments = {"A": 1e4 * rng.normal(size=(9, 4)), "x": 1e-5 * rng.normal(size=4)}
    return lambda p: np.sum((p["A"] @ p["x"] - b) ** 2), gradient, arguments, "A"


@case
def power_tower(rng: np.random.Generator) -> tuple[Any, ...]:
    return (
        lambda p: np.sum(p["x"] ** p["x"]),
        lambda p: {"x": p["x"] ** p["x"] * (np.log(p["x"]) + 1)},
        {"x": rng.uniform(0.01, 3, 6)},
    )


@case
def binary_entropy(rng: np.random.Generator) -> tuple[Any, ...]:
    """Close to both ends of its domain."""
    x = sigmoid(rng.normal(0, 6, 9))
    return (
        lambda p: np.sum(p["x"] * np.log(p["x"]) + (1 - p["x"]) * np.log1p(-p["x"])),
        lambda p: {"x": np.log(p["x"]) - np.log1p(-p["x"])},
        {"x": x},
    )


@case
def long_chain(rng: np.random.Generator) -> tuple[Any, ...]:
    """Eight layers that stretch and fold."""

    def value(p: Args) -> Any:
        z = p["x"]
        for _ in range(8):
            z = np.sin(2.2 * z) + 0.1 * z
        return np.sum(z)

    def gradient(p: Args) -> dict[str, Any]:
        z, d = p["x"], np.ones_like(p["x"])
        for _ in range(8):
            d, z = d * (2.2 * np.cos(2.2 * z) + 0.1), np.sin(2.2 * z) + 0.1 * z
        return {"x": d}

    return value, gradient, {"x": rng.normal(size=5)}


@case
def interpolated(rng: np.random.Generator) -> tuple[Any, ...]:
    """Piecewise linear: kinks at every tenth."""
    nodes, heights = np.linspace(-5, 5, 101), np.sin(np.linspace(-5, 5, 101)) * 3
    slopes = np.diff(heights) / np.diff(nodes)

    def gradient(p: Args) -> dict[str, Any]:
        return {"x": slopes[np.searchsorted(nodes, p["x"]) - 1]}

    return lambda p: np.sum(np.interp(p["x"], nodes, heights)), gradient, {"x": rng.uniform(-4, 4, 8)}


@case
def quadrature(rng: np.random.Generator) -> tuple[Any, ...]:
    t = np.linspace(0, 10, 4001)

    def gradient(p: Args) -> dict[str, Any]:
        e = np.exp(-p["x"][0] * t)
        return {
            "x": np.array(
                [np.trapezoid(-t * e * np.sin(p["x"][1] * t), t), np.trapezoid(t * e * np.cos(p["x"][1] * t), t)]
            )
        }

    def value(p: Args) -> Any:
        return np.trapezoid(np.exp(-p["x"][0] * t) * np.sin(p["x"][1] * t), t)

    return value, gradient, {"x": rng.uniform(0.3, 2, 2)}


@case
def ising(rng: np.random.Generator) -> tuple[Any, ...]:
    """Pseudo-likelihood with a large offset of entries that hardly matter."""
    s = np.sign(rng.normal(size=(30, 5)))

    def gradient(p: Args) -> dict[str, Any]:
        m = s @ p["x"]
        g = s.T @ (np.tanh(m) - s)
        return {"x": g}

    def value(p: Args) -> Any:
        m = s @ p["x"]
        return np.sum(np.log(2 * np.cosh(m))) - np.sum(s * m)

    return value, gradient, {"x": rng.normal(size=(5, 5))}
