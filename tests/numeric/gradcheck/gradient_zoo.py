"""Right gradients of functions that are hard to check, and ways to make each of them wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

Args = Mapping[str, Any]
Function = Callable[[Args], Any]
Gradient = Callable[[Args], dict[str, Any]]


@dataclass(frozen=True)
class Case:
    """A function with its right gradient and a point."""

    name: str
    value: Function
    gradient: Gradient
    arguments: dict[str, Any]
    main: str = "x"
    """The argument whose gradient is made wrong."""


Maker = Callable[[np.random.Generator], Case]
MAKERS: dict[str, Maker] = {}


def case(maker: Callable[[np.random.Generator], tuple[Any, ...]]) -> Maker:
    """Register a function that makes a case."""

    def make(rng: np.random.Generator) -> Case:
        return Case(maker.__name__, *maker(rng))

    MAKERS[maker.__name__] = make
    return make


def sigmoid(t: Any) -> Any:
    return 1 / (1 + np.exp(-t))


def spd(rng: np.random.Generator, n: int) -> Any:
    b = rng.normal(size=(n, n))
    return b @ b.T + n * np.eye(n)


# ---------------------------------------------------------------------------------------------- ordinary ones


@case
def quadratic(rng: np.random.Generator) -> tuple[Any, ...]:
    a, b = rng.normal(size=(6, 6)), rng.normal(size=6)
    return (
        lambda p: p["x"] @ a @ p["x"] + b @ p["x"],
        lambda p: {"x": (a + a.T) @ p["x"] + b},
        {"x": rng.normal(size=6)},
    )


@case
def logdet_general(rng: np.random.Generator) -> tuple[Any, ...]:
    x = rng.normal(size=(5, 5))
    return lambda p: np.linalg.slogdet(p["x"])[1], lambda p: {"x": np.linalg.inv(p["x"]).T}, {"x": x}


@case
def trace_inverse(rng: np.random.Generator) -> tuple[Any, ...]:
    def gradient(p: Args) -> dict[str, Any]:
        inverse = np.linalg.inv(p["x"])
        return {"x": -(inverse @ inverse).T}

    return lambda p: np.trace(np.linalg.inv(p["x"])), gradient, {"x": rng.normal(size=(4, 4)) + 3 * np.eye(4)}


@case
def logistic(rng: np.random.Generator) -> tuple[Any, ...]:
    a, y = rng.normal(size=(40, 7)), np.sign(rng.normal(size=40))

    def gradient(p: Args) -> dict[str, Any]:
        return {"x": -a.T @ (y * sigmoid(-y * (a @ p["x"])))}

    return lambda p: np.sum(np.logaddexp(0, -y * (a @ p["x"]))), gradient, {"x": rng.normal(size=7)}


@case
def softmax_entropy(rng: np.random.Generator) -> tuple[Any, ...]:
    def softmax(z: Any) -> Any:
        e = np.exp(z - z.max(axis=1, keepdims=True))
        return e / e.sum(axis=1, keepdims=True)

    a, t = rng.normal(size=(12, 5)), np.eye(4)[rng.integers(0, 4, 12)]

    def value(p: Args) -> Any:
        return -np.mean(np.sum(t * np.log(softmax(a @ p["x"])), axis=1))

    return value, lambda p: {"x": a.T @ (softmax(a @ p["x"]) - t) / 12}, {"x": rng.normal(size=(5, 4))}


@case
def rosenbrock(rng: np.random.Generator) -> tuple[Any, ...]:
    def value(p: Args) -> Any:
        x = p["x"]
        return np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)

    def gradient(p: Args) -> dict[str, Any]:
        x = p["x"]
        g = np.zeros_like(x)
        g[1:] += 200 * (x[1:] - x[:-1] ** 2)
        g[:-1] += -400 * x[:-1] * (x[1:] - x[:-1] ** 2) - 2 * (1 - x[:-1])
        return {"x": g}

    return value, gradient, {"x": rng.normal(size=10)}


@case
def euclidean_norm(rng: np.random.Generator) -> tuple[Any, ...]:
    return lambda p: np.linalg.norm(p["x"]), lambda p: {"x": p["x"] / np.linalg.norm(p["x"])}, {"x": rng.normal(size=9)}


@case
def two_layer_tanh(rng: np.random.Generator) -> tuple[Any, ...]:
    data, target = rng.normal(size=(8, 3)), rng.normal(size=8)

    def value(p: Args) -> Any:
        return 0.5 * np.sum((np.tanh(data @ p["W"] + p["b"]) @ p["v"] - target) ** 2)

    def gradient(p: Args) -> dict[str, Any]:
        h = np.tanh(data @ p["W"] + p["b"])
        r = h @ p["v"] - target
        d = np.outer(r, p["v"]) * (1 - h**2)
        return {"W": data.T @ d, "b": d.sum(axis=0), "v": h.T @ r}

    return value, gradient, {"W": rng.normal(size=(3, 4)), "b": rng.normal(size=4), "v": rng.normal(size=4)}, "W"


# ---------------------------------------------------------------------------------------------- scale


@case
def scaled_entries(rng: np.random.Generator) -> tuple[Any, ...]:
    s = 10.0 ** np.linspace(-8, 8, 9)

    def gradient(p: Args) -> dict[str, Any]:
        return {"x": np.cos(p["x"] / s) / s + 2 * p["x"] / s**2}

    return lambda p: np.sum(np.sin(p["x"] / s) + (p["x"] / s) ** 2), gradient, {"x": s * rng.uniform(0.5, 2, 9)}


@case
def scaled_weights(rng: np.random.Generator) -> tuple[Any, ...]:
    w = 10.0 ** np.linspace(-4, 4, 9)
    return lambda p: np.sum(w * p["x"] ** 3), lambda p: {"x": 3 * w * p["x"] ** 2}, {"x": rng.uniform(0.5, 2, 9)}


@case
def tiny_function(rng: np.random.Generator) -> tuple[Any, ...]:
    a = rng.normal(size=(6, 6))
    return (
        lambda p: 1e-12 * (p["x"] @ a @ p["x"]),
        lambda p: {"x": 1e-12 * (a + a.T) @ p["x"]},
        {"x": rng.normal(size=6)},
    )


@case
def huge_function(rng: np.random.Generator) -> tuple[Any, ...]:
    return lambda p: 1e12 * np.sum(np.exp(p["x"])), lambda p: {"x": 1e12 * np.exp(p["x"])}, {"x": rng.normal(size=6)}


@case
def large_arguments(rng: np.random.Generator) -> tuple[Any, ...]:
    return (
        lambda p: np.sum(np.log1p((p["x"] / 1e8) ** 2)),
        lambda p: {"x": 2 * p["x"] / 1e16 / (1 + (p["x"] / 1e8) ** 2)},
        {"x": 1e8 * rng.normal(size=8)},
    )


@case
def mixed_arguments(rng: np.random.Generator) -> tuple[Any, ...]:
    """Two arguments of very different size."""

    def gradient(p: Args) -> dict[str, Any]:
        r = 1e6 * p["a"] - p["b"] / 1e6
        return {"a": 2e6 * r, "b": -2e-6 * r}

    def value(p: Args) -> Any:
        return np.sum((1e6 * p["a"] - p["b"] / 1e6) ** 2)

    return value, gradient, {"a": 1e-6 * rng.normal(size=5), "b": 1e6 * rng.normal(size=5)}, "a"


@case
def large_offset(rng: np.random.Generator) -> tuple[Any, ...]:
    return lambda p: 1e8 + np.sum(np.sin(p["x"])), lambda p: {"x": np.cos(p["x"])}, {"x": rng.normal(size=6)}


# ---------------------------------------------------------------------------------------------- noise


@case
def noisy(rng: np.random.Generator) -> tuple[Any, ...]:
    a = rng.normal(size=8)

    def value(p: Args) -> Any:
        exact = np.exp(0.3 * (a @ p["x"])) + np.sum(p["x"] ** 2)
        return exact * (1 + 1e-10 * np.sin(1e13 * float(np.real(exact))))

    def gradient(p: Args) -> dict[str, Any]:
        return {"x": 0.3 * a * np.exp(0.3 * (a @ p["x"])) + 2 * p["x"]}

    return value, gradient, {"x": rng.normal(size=8)}


@case
def truly_random_noise(rng: np.random.Generator) -> tuple[Any, ...]:
    source = np.random.default_rng(int(rng.integers(2**32)))

    def value(p: Args) -> Any:
        return np.sum(np.cosh(p["x"])) + 1e-10 * source.normal()

    return value, lambda p: {"x": np.sinh(p["x"])}, {"x": rng.normal(size=7)}


@case
def single_precision(rng: np.random.Generator) -> tuple[Any, ...]:
    a = rng.normal(size=(20, 5)).astype(np.float32)

    def value(p: Args) -> Any:
        return np.sum(np.tanh(a @ np.asarray(p["x"]).astype(np.float32)) ** 2)

    def gradient(p: Args) -> dict[str, Any]:
        h = np.tanh(a @ np.asarray(p["x"]).astype(np.float32))
        return {"x": (2 * a.T @ (h * (1 - h**2))).astype(float)}

    return value, gradient, {"x": rng.normal(size=5)}


@case
def single_precision_hidden(rng: np.random.Generator) -> tuple[Any, ...]:
    """float32 in the middle, float64 outside, an exact gradient."""
    a = rng.normal(size=(30, 6))

    def value(p: Args) -> Any:
        z = (a @ np.asarray(p["x"])).astype(np.float32)
        return float(np.sum(np.logaddexp(np.float32(0), z))) / 3

    return value, lambda p: {"x": a.T @ sigmoid(a @ p["x"]) / 3}, {"x": rng.normal(size=6)}


@case
def conjugate_gradients(rng: np.random.Generator) -> tuple[Any, ...]:
    """b'A(x)^-1 b by an iteration that stops at 1e-10."""
    n = 12
    a, b = spd(rng, n), rng.normal(size=n)

    def solve(d: Any) -> Any:
        y, r = np.zeros(n), b.copy()
        q, rho = r.copy(), r @ r
        for _ in range(10 * n):
            m = (a + np.diag(d**2)) @ q
            alpha = rho / (q @ m)
            y, r = y + alpha * q, r - alpha * m
            new = r @ r
            if new < 1e-20 * (b @ b):
                break
            q, rho = r + new / rho * q, new
        return y

    return lambda p: b @ solve(p["x"]), lambda p: {"x": -2 * p["x"] * solve(p["x"]) ** 2}, {"x": rng.normal(size=n)}


@case
def ill_conditioned(rng: np.random.Generator) -> tuple[Any, ...]:
    """log det of a matrix with condition 1e9: the gradient itself is only good to 1e-8."""
    u, v = np.linalg.qr(rng.normal(size=(6, 6)))[0], np.linalg.qr(rng.normal(size=(6, 6)))[0]
    x = u @ np.diag(10.0 ** np.linspace(0, -9, 6)) @ v
    return lambda p: np.linalg.slogdet(p["x"])[1], lambda p: {"x": np.linalg.inv(p["x"]).T}, {"x": x}


# ---------------------------------------------------------------------------------------------- kinks and waves


@case
def kink_nearby(rng: np.random.Generator) -> tuple[Any, ...]:
    x = rng.normal(size=6)
    x[2], x[4] = 1e-7, -3e-8
    return (
        lambda p: np.sum(np.abs(p["x"])) + np.sum(p["x"] ** 2),
        lambda p: {"x": np.sign(p["x"]) + 2 * p["x"]},
        {"x": x},
    )


@case
def kink_of_little_weight(rng: np.random.Generator) -> tuple[Any, ...]:
    """A kink close by that hardly shows among a thousand smooth terms."""
    x = rng.normal(size=1000)
    x[17] = 1e-7

    def gradient(p: Args) -> dict[str, Any]:
        g = 2 * p["x"]
        g[17] += np.sign(p["x"][17])
        return {"x": g}

    return lambda p: np.sum(p["x"] ** 2) + abs(p["x"][17]), gradient, {"x": x}


@case
def relu_network(rng: np.random.Generator) -> tuple[Any, ...]:
    data = rng.normal(size=(30, 6))

    def value(p: Args) -> Any:
        return np.sum(np.maximum(data @ p["x"], 0) ** 2) / 2 + np.sum(np.maximum(data @ p["x"], 0))

    def gradient(p: Args) -> dict[str, Any]:
        h = data @ p["x"]
        return {"x": data.T @ (np.maximum(h, 0) + (h > 0))}

    return value, gradient, {"x": rng.normal(size=(6, 5))}


@case
def subgradient_at_zero(rng: np.random.Generator) -> tuple[Any, ...]:
    x = rng.normal(size=5)
    x[1] = 0.0
    a = rng.normal(size=5)
    return lambda p: np.sum(np.abs(p["x"])) + a @ p["x"], lambda p: {"x": np.sign(p["x"]) + a}, {"x": x}


@case
def huber(rng: np.random.Generator) -> tuple[Any, ...]:
    def value(p: Args) -> Any:
        r = np.abs(p["x"])
        return np.sum(np.where(r <= 1, r**2 / 2, r - 0.5))

    return value, lambda p: {"x": np.clip(p["x"], -1, 1)}, {"x": 2 * rng.normal(size=12)}


@case
def fast_wave(rng: np.random.Generator) -> tuple[Any, ...]:
    return (
        lambda p: np.sum(np.sin(1e5 * p["x"])),
        lambda p: {"x": 1e5 * np.cos(1e5 * p["x"])},
        {"x": rng.normal(size=4)},
    )


@case
def wave_on_a_slope(rng: np.random.Generator) -> tuple[Any, ...]:
    """The wave is far too small to be seen from afar, but its slope is not."""
    return (
        lambda p: np.sum(p["x"] ** 2) + 1e-5 * np.sum(np.sin(3e4 * p["x"])),
        lambda p: {"x": 2 * p["x"] + 0.3 * np.cos(3e4 * p["x"])},
        {"x": rng.normal(size=5)},
    )


# ---------------------------------------------------------------------------------------------- domains


@case
def logarithm_of_little(rng: np.random.Generator) -> tuple[Any, ...]:
    x = rng.uniform(1, 3, 6)
    x[3] = 1e-6
    return lambda p: np.sum(np.log(p["x"])), lambda p: {"x": 1 / p["x"]}, {"x": x}


@case
def all_little(rng: np.random.Generator) -> tuple[Any, ...]:
    return lambda p: np.sum(np.log(p["x"])), lambda p: {"x": 1 / p["x"]}, {"x": 1e-6 * rng.uniform(1, 3, 6)}


@case
def barrier(rng: np.random.Generator) -> tuple[Any, ...]:
    a = rng.normal(size=(10, 4))
    x = rng.normal(size=4)
    b = a @ x + 10.0 ** rng.uniform(-6, 0, 10)

    def value(p: Args) -> Any:
        slack = b - a @ p["x"]
        if np.any(slack <= 0):
            raise ValueError("infeasible")
        return -np.sum(np.log(slack))

    return value, lambda p: {"x": a.T @ (1 / (b - a @ p["x"]))}, {"x": x}


@case
def entropy(rng: np.random.Generator) -> tuple[Any, ...]:
    return (
        lambda p: np.sum(p["x"] * np.log(p["x"])),
        lambda p: {"x": np.log(p["x"]) + 1},
        {"x": rng.dirichlet(np.ones(7))},
    )


@case
def cholesky_logdet(rng: np.random.Generator) -> tuple[Any, ...]:
    """Reads the lower triangle only; the textbook's gradient is right for symmetric arguments."""

    def value(p: Args) -> Any:
        return 2 * np.sum(np.log(np.diag(np.linalg.cholesky(p["x"]))))

    return value, lambda p: {"x": np.linalg.inv(p["x"])}, {"x": spd(rng, 5)}


@case
def largest_eigenvalue(rng: np.random.Generator) -> tuple[Any, ...]:
    def gradient(p: Args) -> dict[str, Any]:
        v = np.linalg.eigh(p["x"])[1][:, -1]
        return {"x": np.outer(v, v)}

    return lambda p: np.linalg.eigvalsh(p["x"])[-1], gradient, {"x": spd(rng, 4)}


# ---------------------------------------------------------------------------------------------- many entries


@case
def thousand_softplus(rng: np.random.Generator) -> tuple[Any, ...]:
    a = rng.normal(size=10_000)
    return (
        lambda p: np.sum(np.logaddexp(0, a * p["x"])),
        lambda p: {"x": a * sigmoid(a * p["x"])},
        {"x": rng.normal(size=10_000)},
    )


@case
def mean_of_many(rng: np.random.Generator) -> tuple[Any, ...]:
    return (
        lambda p: np.mean(np.tanh(p["x"])),
        lambda p: {"x": (1 - np.tanh(p["x"]) ** 2) / 5000},
        {"x": rng.normal(size=5000)},
    )


# ---------------------------------------------------------------------------------------------- rescaled, and wrong


def rescaled(original: Case, rng: np.random.Generator) -> Case:
    """The same function with its arguments and its value in other units, 10^U(-6, 6)."""
    units = {k: 10.0 ** rng.uniform(-6, 6) for k in original.arguments}
    unit = 10.0 ** rng.uniform(-6, 6)

    def back(p: Args) -> dict[str, Any]:
        return {k: np.asarray(p[k]) / units[k] for k in p}

    def gradient(p: Args) -> dict[str, Any]:
        return {k: np.asarray(g) * unit / units[k] for k, g in original.gradient(back(p)).items()}

    arguments = {k: np.asarray(a) * units[k] for k, a in original.arguments.items()}
    return Case(
        f"{original.name} rescaled", lambda p: unit * original.value(back(p)), gradient, arguments, original.main
    )


def typical_entry(g: Any, x: Any) -> int:
    """The entry whose share in the slope is the upper quartile."""
    share = np.abs(np.asarray(g) * np.asarray(x)).reshape(-1)
    return int(np.argsort(share)[(3 * share.size) // 4])


def _one(factor: float) -> Callable[[Any, int], Any]:
    def change(g: Any, index: int) -> Any:
        g = np.array(g, dtype=float)
        g.flat[index] *= factor
        return g

    return change


def _last_tenth(g: Any, index: int) -> Any:
    del index
    g = np.array(g, dtype=float)
    g.reshape(-1)[-max(1, g.size // 10) :] = 0.0
    return g


MISTAKES: dict[str, Callable[[Any, int], Any]] = {
    "twice": lambda g, _i: 2 * np.asarray(g),
    "sign": lambda g, _i: -np.asarray(g),
    "one entry +1 %": _one(1.01),
    "one entry twice": _one(2.0),
    "last tenth zero": _last_tenth,
    "transposed": lambda g, _i: np.swapaxes(np.asarray(g), -1, -2) if np.ndim(g) == 2 else np.asarray(g)[::-1],
}


def wrong_ones(right: Case) -> Iterator[Case]:
    """The case with each of the mistakes that makes a difference there."""
    g = np.asarray(right.gradient(right.arguments)[right.main])
    index = typical_entry(g, right.arguments[right.main])
    for name, mistake in MISTAKES.items():
        changed = np.asarray(mistake(g, index))
        if changed.shape != g.shape or np.max(np.abs(changed - g)) > 1e-3 * np.max(np.abs(g)) or "entry" in name:
            yield Case(
                f"{right.name}: {name}", right.value, _mistaken(right, mistake, index), right.arguments, right.main
            )


def _mistaken(right: Case, mistake: Callable[[Any, int], Any], index: int) -> Gradient:
    def gradient(p: Args) -> dict[str, Any]:
        found = dict(right.gradient(p))
        found[right.main] = mistake(found[right.main], index)
        return found

    return gradient
