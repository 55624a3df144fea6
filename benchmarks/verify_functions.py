"""Functions with right gradients, ordinary and hard, and the mistakes that make them wrong.

No checker was tuned on them. All are plain NumPy code of one array ``x``; what else they need is drawn once.
``partial`` is the gradient without one of its terms. A gradient counts as right if it is what its author means:
where f reads one triangle of a symmetric matrix, the textbook gradient; where f is rounded, that of f unrounded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Function = Callable[[Any], Any]
Maker = Callable[[np.random.Generator], tuple[Any, ...]]


@dataclass(frozen=True)
class Case:
    """A function, a gradient of it that is right or wrong, and the point to check it at."""

    name: str
    f: Function
    gradient: Function
    x: Array
    mistake: str = ""
    partial: Function | None = None


ORDINARY: dict[str, Maker] = {}
HARD: dict[str, Maker] = {}


def ordinary(maker: Maker) -> Maker:
    """Register a function that any checker should manage."""
    ORDINARY[maker.__name__.replace("_", " ")] = maker
    return maker


def hard(maker: Maker) -> Maker:
    """Register a function with something difficult about it, as named."""
    HARD[maker.__name__.replace("_", " ")] = maker
    return maker


def right_ones(seeds: int) -> Iterator[Case]:
    """Every function with its gradient, for every seed."""
    for seed in range(seeds):
        for number, (name, maker) in enumerate((ORDINARY | HARD).items()):
            f, gradient, x, *partial = maker(np.random.default_rng([8213, seed, number]))
            yield Case(name, f, gradient, x, partial=partial[0] if partial else None)


# --------------------------------------------------------------------------------------------------- the mistakes

VISIBLE = 1e-4
"""A change below this share of the gradient's largest entry (in units of x) is no mistake worth the name."""


def wrong_ones(right: Case) -> Iterator[Case]:
    """The gradient with each of the mistakes that change it."""
    rng = np.random.default_rng(right.x.size)
    g = np.asarray(right.gradient(right.x))
    unit = np.maximum(np.abs(right.x), np.median(np.abs(right.x)))
    share = np.abs(g * unit)
    index = int(rng.choice(np.flatnonzero(share.reshape(-1) >= 1e-2 * share.max())))
    for name, gradient in _mistaken(right, index):
        changed = np.asarray(gradient(right.x))
        if np.max(np.abs(changed - g) * unit) > VISIBLE * share.max():
            yield Case(right.name, right.f, gradient, right.x, name)


MISTAKES = ("x2", "sign", "one entry +1 %", "one entry x2", "last 10 % zero", "transposed", "missing term")


def _mistaken(right: Case, index: int) -> Iterator[tuple[str, Function]]:
    gradient = right.gradient
    yield "x2", lambda x: 2 * gradient(x)
    yield "sign", lambda x: -gradient(x)
    yield "one entry +1 %", lambda x: _one(gradient(x), index, 1.01)
    yield "one entry x2", lambda x: _one(gradient(x), index, 2.0)
    yield "last 10 % zero", lambda x: _last_tenth(gradient(x))
    if right.x.ndim == 2 and right.x.shape[0] == right.x.shape[1]:
        yield "transposed", lambda x: np.array(gradient(x).T)
    if right.partial is not None:
        yield "missing term", right.partial


def _one(g: Any, index: int, factor: float) -> Array:
    changed = np.array(g)
    changed.flat[index] *= factor
    return changed


def _last_tenth(g: Any) -> Array:
    changed = np.array(g)
    changed.reshape(-1)[-max(1, changed.size // 10) :] = 0
    return changed


# ------------------------------------------------------------------------------------------------- ordinary ones


def _log1pexp(t: Any) -> Any:
    return np.log1p(np.exp(t))


def _softmax(z: Any) -> Any:
    e = np.exp(z - np.max(np.real(z), axis=-1, keepdims=True))
    return e / np.sum(e, axis=-1, keepdims=True)


@ordinary
def gamma_regression(rng: np.random.Generator) -> tuple[Any, ...]:
    X, y = rng.normal(size=(30, 6)), rng.gamma(2.0, size=30)
    return (
        lambda w: np.sum(X @ w + y * np.exp(-X @ w)),
        lambda w: X.T @ (1 - y * np.exp(-X @ w)),
        rng.normal(size=6) / 3,
        lambda w: X.T @ (-y * np.exp(-X @ w)),
    )


@ordinary
def heavy_tails(rng: np.random.Generator) -> tuple[Any, ...]:
    A, b = rng.normal(size=(40, 9)), 3 * rng.normal(size=40)

    def gradient(x: Any) -> Any:
        r = A @ x - b
        return A.T @ (2 * r / (3 + r**2))

    return lambda x: np.sum(np.log1p((A @ x - b) ** 2 / 3)), gradient, rng.normal(size=9)


@ordinary
def masked_factorisation(rng: np.random.Generator) -> tuple[Any, ...]:
    M, R, Y = rng.random((7, 9)) < 0.6, rng.normal(size=(7, 9)), rng.normal(size=(3, 9))
    return (
        lambda X: np.sum((M * (X @ Y - R)) ** 2) + 0.3 * np.sum(X**2),
        lambda X: 2 * (M * (X @ Y - R)) @ Y.T + 0.6 * X,
        rng.normal(size=(7, 3)),
        lambda X: 2 * (M * (X @ Y - R)) @ Y.T,
    )


@ordinary
def log_capacity(rng: np.random.Generator) -> tuple[Any, ...]:
    eye = np.eye(4)
    return (
        lambda H: np.linalg.slogdet(eye + H @ H.T / 2)[1],
        lambda H: np.linalg.solve(eye + H @ H.T / 2, H),
        rng.normal(size=(4, 7)),
    )


@ordinary
def trace_of_a_cube(rng: np.random.Generator) -> tuple[Any, ...]:
    return lambda X: np.trace(X @ X @ X), lambda X: 3 * (X @ X).T, rng.normal(size=(5, 5))


@ordinary
def form_of_an_inverse(rng: np.random.Generator) -> tuple[Any, ...]:
    a, b = rng.normal(size=5), rng.normal(size=5)
    return (
        lambda X: a @ np.linalg.solve(X, b),
        lambda X: -np.outer(np.linalg.solve(X.T, a), np.linalg.solve(X, b)),
        rng.normal(size=(5, 5)) + 3 * np.eye(5),
    )


@ordinary
def attention_scores(rng: np.random.Generator) -> tuple[Any, ...]:
    K, V, C = rng.normal(size=(6, 4)), rng.normal(size=(6, 3)), rng.normal(size=(5, 3))

    def gradient(Q: Any) -> Any:
        P, back = _softmax(Q @ K.T / 2), C @ V.T
        return P * (back - np.sum(P * back, axis=1, keepdims=True)) @ K / 2

    return lambda Q: np.sum(C * (_softmax(Q @ K.T / 2) @ V)), gradient, rng.normal(size=(5, 4))


@ordinary
def charges_in_a_trap(rng: np.random.Generator) -> tuple[Any, ...]:
    q = rng.uniform(0.5, 2.0, size=6)
    pairs = np.triu(np.outer(q, q), 1)

    def squares(r: Any) -> Any:
        return np.sum((r[:, None] - r[None]) ** 2, axis=2) + np.eye(6)

    def repulsion(r: Any) -> Any:
        weights = (pairs + pairs.T) / squares(r) ** 1.5
        return -np.sum(weights[:, :, None] * (r[:, None] - r[None]), axis=1)

    return (
        lambda r: np.sum(pairs / np.sqrt(squares(r))) + np.sum(r**2) / 2,
        lambda r: repulsion(r) + r,
        rng.normal(size=(6, 3)),
        repulsion,
    )


@ordinary
def nearly_orthogonal(rng: np.random.Generator) -> tuple[Any, ...]:
    C, eye = rng.normal(size=(5, 5)), np.eye(5)
    return (
        lambda X: np.sum((X.T @ X - eye) ** 2) / 4 + np.sum(C * X),
        lambda X: X @ (X.T @ X - eye) + C,
        rng.normal(size=(5, 5)),
        lambda X: X @ (X.T @ X - eye),
    )


@ordinary
def fourth_power_of_a_matrix(rng: np.random.Generator) -> tuple[Any, ...]:
    C, power = rng.normal(size=(4, 4)), np.linalg.matrix_power
    return (
        lambda X: np.sum(C * (X @ X @ X @ X)),
        lambda X: sum(power(X.T, k) @ C @ power(X.T, 3 - k) for k in range(4)),
        rng.normal(size=(4, 4)),
    )


@ordinary
def convolved_signal(rng: np.random.Generator) -> tuple[Any, ...]:
    k = rng.normal(size=5)
    return (
        lambda x: np.sum(np.log(np.cosh(np.convolve(x, k, "valid")))),
        lambda x: np.convolve(np.tanh(np.convolve(x, k, "valid")), k[::-1]),
        rng.normal(size=24),
    )


@ordinary
def weibull_fit(rng: np.random.Generator) -> tuple[Any, ...]:
    t = 2 * rng.weibull(1.5, size=50)

    def f(p: Any) -> Any:
        k, scale = p
        return -np.sum(np.log(k / scale) + (k - 1) * np.log(t / scale) - (t / scale) ** k)

    def gradient(p: Any) -> Any:
        k, scale = p
        z = (t / scale) ** k
        return np.array([-np.sum(1 / k + (1 - z) * np.log(t / scale)), np.sum(k * (1 - z)) / scale])

    return f, gradient, np.array([1.2, 1.7]) + 0.2 * rng.random(2)


@ordinary
def double_wells(rng: np.random.Generator) -> tuple[Any, ...]:
    return (
        lambda x: np.sum((x - np.roll(x, -1)) ** 2 / 2 + (x**2 - 1) ** 2 / 4),
        lambda x: 2 * x - np.roll(x, 1) - np.roll(x, -1) + x * (x**2 - 1),
        rng.normal(size=40),
        lambda x: x * (x**2 - 1),
    )


@ordinary
def product_of_all(rng: np.random.Generator) -> tuple[Any, ...]:
    return np.prod, lambda x: np.prod(x) / x, rng.uniform(0.5, 1.5, size=9) * rng.choice([-1, 1], size=9)


@ordinary
def fourth_powers_of_singular_values(rng: np.random.Generator) -> tuple[Any, ...]:
    return lambda X: np.sum((X.T @ X) ** 2), lambda X: 4 * X @ X.T @ X, rng.normal(size=(6, 4))


@ordinary
def linear_function(rng: np.random.Generator) -> tuple[Any, ...]:
    a = rng.normal(size=20)
    return lambda x: a @ x + 3, lambda _x: a.copy(), rng.normal(size=20)


@ordinary
def geometric_programme(rng: np.random.Generator) -> tuple[Any, ...]:
    A, b = rng.normal(size=(7, 5)), rng.normal(size=7)
    return (
        lambda x: np.log(np.sum(np.exp(A @ np.log(x) + b))),
        lambda x: A.T @ _softmax(A @ np.log(x) + b) / x,
        rng.uniform(0.5, 3, size=5),
    )


@ordinary
def ranking_by_pairs(rng: np.random.Generator) -> tuple[Any, ...]:
    wins = rng.poisson(2.0, size=(8, 8))

    def likelihood(s: Any) -> Any:
        lost = wins / (1 + np.exp(s[:, None] - s[None]))
        return lost.sum(0) - lost.sum(1)

    return (
        lambda s: np.sum(wins * _log1pexp(s[None] - s[:, None])) + 0.2 * np.sum(s**2),
        lambda s: likelihood(s) + 0.4 * s,
        rng.normal(size=8),
        likelihood,
    )


@ordinary
def rayleigh_quotient(rng: np.random.Generator) -> tuple[Any, ...]:
    A = rng.normal(size=(7, 7))
    return (
        lambda x: x @ A @ x / (x @ x),
        lambda x: (A @ x + A.T @ x - 2 * (x @ A @ x) / (x @ x) * x) / (x @ x),
        rng.normal(size=7),
        lambda x: (A @ x + A.T @ x) / (x @ x),
    )


@ordinary
def power_spectrum(rng: np.random.Generator) -> tuple[Any, ...]:
    w = rng.uniform(0.1, 1.0, size=32)
    return (
        lambda x: np.sum(w * np.abs(np.fft.fft(x)) ** 2),
        lambda x: 64 * np.real(np.fft.ifft(w * np.fft.fft(x))),
        rng.normal(size=32),
    )


# ----------------------------------------------------------------------------------------------------- hard ones


@hard
def entries_from_1e_minus_8_to_1e8(rng: np.random.Generator) -> tuple[Any, ...]:
    s = 10.0 ** np.linspace(-8, 8, 12)
    return (
        lambda x: np.sum(np.sqrt(1 + (x / s) ** 2)),
        lambda x: x / s**2 / np.sqrt(1 + (x / s) ** 2),
        s * rng.uniform(0.5, 2, size=12) * rng.choice([-1, 1], size=12),
    )


@hard
def value_about_1e_minus_12(rng: np.random.Generator) -> tuple[Any, ...]:
    c = rng.normal(size=10)
    return (
        lambda x: 1e-12 * np.sum(np.log(1 + (x - c) ** 2)),
        lambda x: 2e-12 * (x - c) / (1 + (x - c) ** 2),
        rng.normal(size=10),
    )


@hard
def value_about_1e10(rng: np.random.Generator) -> tuple[Any, ...]:
    a = rng.uniform(0.5, 2, size=10)
    return (
        lambda x: 1e10 * np.sum(x**2 / (a + x**2)),
        lambda x: 2e10 * a * x / (a + x**2) ** 2,
        rng.normal(size=10),
    )


@hard
def arguments_about_1e_minus_9(rng: np.random.Generator) -> tuple[Any, ...]:
    c = 1 + rng.random(8)
    return (
        lambda x: np.sum((1 - np.exp(c - x / 1e-9)) ** 2),
        lambda x: 2e9 * (1 - np.exp(c - x / 1e-9)) * np.exp(c - x / 1e-9),
        1e-9 * (c + rng.uniform(-0.3, 1.0, size=8)),
    )


@hard
def offset_1e8(rng: np.random.Generator) -> tuple[Any, ...]:
    c = rng.normal(size=10)
    return (
        lambda x: 1e8 + np.sum(np.log(np.cosh(x - c))),
        lambda x: np.tanh(x - c),
        rng.normal(size=10),
    )


@hard
def printed_with_10_digits(rng: np.random.Generator) -> tuple[Any, ...]:
    A = rng.normal(size=(15, 6)) / 3
    return (
        lambda x: float(f"{np.sum(np.exp(np.sin(A @ x))):.10f}"),
        lambda x: A.T @ (np.cos(A @ x) * np.exp(np.sin(A @ x))),
        rng.normal(size=6),
    )


@hard
def iteration_stopped_at_1e_minus_10(rng: np.random.Generator) -> tuple[Any, ...]:
    W, c = rng.normal(size=(8, 8)) / 6, rng.normal(size=8)

    def settled(x: Any) -> Any:
        z, step = np.zeros_like(x), 1.0
        while step > 1e-10:
            new = np.tanh(W @ z + x)
            z, step = new, float(np.max(np.abs(new - z)))
        return z

    def gradient(x: Any) -> Any:
        d = 1 - settled(x) ** 2
        return d * np.linalg.solve((np.eye(8) - d[:, None] * W).T, c)

    return lambda x: c @ settled(x), gradient, rng.normal(size=8)


@hard
def float32(rng: np.random.Generator) -> tuple[Any, ...]:
    A, b = rng.normal(size=(25, 8)).astype(np.float32), rng.normal(size=25).astype(np.float32)

    def gradient(x: Any) -> Any:
        r = A @ x - b
        return A.T @ (2 * r / (1 + r**2))

    return lambda x: np.sum(np.log1p((A @ x - b) ** 2)), gradient, rng.normal(size=8).astype(np.float32)


@hard
def float32_inside(rng: np.random.Generator) -> tuple[Any, ...]:
    A = (rng.normal(size=(20, 6)) / 2).astype(np.float32)
    return (
        lambda x: float(np.sum(np.sin(A @ x.astype(np.float32)) ** 2)),
        lambda x: (A.T @ np.sin(2 * A @ x.astype(np.float32))).astype(float),
        rng.normal(size=6),
    )


@hard
def pooled_maximum_with_a_near_tie(rng: np.random.Generator) -> tuple[Any, ...]:
    x = rng.normal(size=12)
    x[5] = x[4] + 1e-7

    def gradient(x: Any) -> Any:
        g, first = np.zeros_like(x), x[::2] > x[1::2]
        g[::2], g[1::2] = np.where(first, 2 * x[::2], 0), np.where(first, 0, 2 * x[1::2])
        return g + np.cos(x)

    return lambda x: np.sum(np.maximum(x[::2], x[1::2]) ** 2) + np.sum(np.sin(x)), gradient, x


@hard
def clipped_just_outside(rng: np.random.Generator) -> tuple[Any, ...]:
    w, x = rng.uniform(0.5, 2, size=10), rng.normal(size=10)
    x[3] = 1 + 1e-6
    return (
        lambda x: np.sum(w * np.clip(x, -1, 1) + x**2 / 2),
        lambda x: w * (np.abs(x) < 1) + x,
        x,
        lambda x: w * (np.abs(x) < 1),
    )


@hard
def power_1_5_near_zero(rng: np.random.Generator) -> tuple[Any, ...]:
    x = rng.normal(size=10)
    x[2], x[6] = 1e-7, -1e-5
    return lambda x: np.sum(np.abs(x) ** 1.5), lambda x: 1.5 * np.sign(x) * np.sqrt(np.abs(x)), x


@hard
def likelihood_by_one_triangle(rng: np.random.Generator) -> tuple[Any, ...]:
    y, B = rng.normal(size=6), rng.normal(size=(6, 6))

    def f(S: Any) -> Any:
        L = np.linalg.cholesky(S)
        return 2 * np.sum(np.log(np.diag(L))) + np.sum(np.linalg.solve(L, y) ** 2)

    def gradient(S: Any) -> Any:
        z = np.linalg.solve(S, y)
        return np.linalg.inv(S) - np.outer(z, z)

    return f, gradient, B @ B.T + 2 * np.eye(6), np.linalg.inv


@hard
def eigenvalues_by_one_triangle(rng: np.random.Generator) -> tuple[Any, ...]:
    B = rng.normal(size=(5, 5)) / 2

    def gradient(S: Any) -> Any:
        values, V = np.linalg.eigh(S)
        return V * np.exp(values) @ V.T

    return lambda S: np.sum(np.exp(np.linalg.eigvalsh(S))), gradient, B + B.T


@hard
def sine_of_1e4_x(rng: np.random.Generator) -> tuple[Any, ...]:
    phase = rng.uniform(0, 6, size=8)
    return (
        lambda x: np.mean(np.sin(1e4 * x + phase)) + np.sum(x**2) / 2,
        lambda x: 1e4 * np.cos(1e4 * x + phase) / 8 + x,
        rng.normal(size=8),
    )


@hard
def steps_of_width_1e_minus_3(rng: np.random.Generator) -> tuple[Any, ...]:
    c = rng.normal(size=8)

    def gradient(x: Any) -> Any:
        s = 1 / (1 + np.exp(-1e3 * (x - c)))
        return 1e3 * s * (1 - s)

    return lambda x: np.sum(1 / (1 + np.exp(-1e3 * (x - c)))), gradient, c + 1e-3 * rng.normal(size=8)


@hard
def logarithm_near_zero(rng: np.random.Generator) -> tuple[Any, ...]:
    w = rng.uniform(0.5, 2, size=8)
    return lambda x: -np.sum(w * np.log(x)), lambda x: -w / x, 10 ** rng.uniform(-9, -5, size=8)


@hard
def arcsine_near_one(rng: np.random.Generator) -> tuple[Any, ...]:
    return (
        lambda x: np.sum(np.arcsin(x)),
        lambda x: 1 / np.sqrt((1 - x) * (1 + x)),
        1 - 10 ** rng.uniform(-6, -3, size=8),
    )


@hard
def variance_by_cancellation(rng: np.random.Generator) -> tuple[Any, ...]:
    return (
        lambda x: np.mean(x**2) - np.mean(x) ** 2,
        lambda x: 2 * (x - np.mean(x)) / x.size,
        1e4 + rng.normal(size=16),
        lambda x: 2 * x / x.size,
    )


@hard
def nearly_singular_system(rng: np.random.Generator) -> tuple[Any, ...]:
    U, V = (np.linalg.qr(rng.normal(size=(6, 6)))[0] for _ in range(2))
    a, b = rng.normal(size=6), rng.normal(size=6)
    return (
        lambda X: a @ np.linalg.solve(X, b),
        lambda X: -np.outer(np.linalg.solve(X.T, a), np.linalg.solve(X, b)),
        U * 10.0 ** -np.arange(6) @ V,
    )


@hard
def sharp_softmax(rng: np.random.Generator) -> tuple[Any, ...]:
    def f(x: Any) -> Any:
        top = np.max(np.real(x))
        return top + np.log(np.sum(np.exp(500 * (x - top)))) / 500

    return f, lambda x: _softmax(500 * x), rng.uniform(0, 0.01, size=12)


@hard
def trimmed_squares(rng: np.random.Generator) -> tuple[Any, ...]:
    A, b = rng.normal(size=(30, 5)), rng.normal(size=30)

    def gradient(x: Any) -> Any:
        r = A @ x - b
        return A.T @ (2 * r * (np.argsort(np.argsort(r**2)) < 18))

    return lambda x: np.sum(np.sort((A @ x - b) ** 2)[:18]), gradient, rng.normal(size=5)


@hard
def mean_over_2000_entries(rng: np.random.Generator) -> tuple[Any, ...]:
    y = rng.normal(size=2000)

    def gradient(x: Any) -> Any:
        d = np.diff(x) / np.sqrt(0.1 + np.diff(x) ** 2)
        return (2 * (x - y) - np.append(d, 0) + np.append(0, d)) / 2000

    def f(x: Any) -> Any:
        return (np.sum((x - y) ** 2) + np.sum(np.sqrt(0.1 + np.diff(x) ** 2))) / 2000

    return f, gradient, rng.normal(size=2000), lambda x: 2 * (x - y) / 2000


@hard
def half_of_the_entries_zero(rng: np.random.Generator) -> tuple[Any, ...]:
    x, c = rng.normal(size=14), rng.normal(size=14)
    x[::2] = 0
    return lambda x: np.sum(np.exp(x * c) - np.sin(x)), lambda x: c * np.exp(x * c) - np.cos(x), x


@hard
def structure_at_1e7(rng: np.random.Generator) -> tuple[Any, ...]:
    x = 1e7 + rng.normal(size=8)
    return lambda x: np.sum(np.sin(x - 1e7)), lambda x: np.cos(x - 1e7), x


@hard
def near_the_optimum(rng: np.random.Generator) -> tuple[Any, ...]:
    B, c = rng.normal(size=(8, 8)), rng.normal(size=8)
    A = B @ B.T + np.eye(8)
    return (
        lambda x: 5 + (x - c) @ A @ (x - c) / 2,
        lambda x: A @ (x - c),
        c + 1e-7 * rng.normal(size=8),
    )
