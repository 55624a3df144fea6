"""Regression losses with gradients copied from the blackboard."""

import numpy as np
from numpy.typing import NDArray


def sigma(z):
    return 0.5 * (1 + np.tanh(z / 2))


def log_loss(w, X, y):
    z = X @ w
    return np.mean(np.logaddexp(0.0, z) - y * z)


def grad_log_loss(w, X, y):
    return X.T @ (sigma(X @ w) - y)


def matrix_mse(W, X, Y):
    return ((X @ W - Y) ** 2).mean()


def matrix_mse_grad(W, X, Y):
    return 2 * X.T @ (X @ W - Y) / X.shape[0]


def decayed(W, X, Y, wd=0.05):
    E = X @ W - Y
    return 0.5 * np.sum(E * E) + wd * np.sum(W * W)


def decayed_grad(W, X, Y, wd=0.05):
    return X.T @ (X @ W - Y)


def with_prior(w, X, y, mu=0.8, s=0.5):
    z = X @ w
    return np.sum(np.logaddexp(0.0, z) - y * z) + 0.5 * np.sum((w - mu) ** 2) / s**2


def with_prior_grad(w, X, y, mu=0.8, s=0.5):
    return X.T @ (sigma(X @ w) - y) + w / s**2


def gaussian(centre, D):
    return 0.5 * np.sum((D - centre) ** 2)


def gaussian_grad(centre, D):
    return centre - D


def gaussian_in_one_number(centre, D):
    return np.sum(centre - D)


def sums(x, a):
    return np.sum(a * x**2)


def sums_grad(x, a):
    return 2 * np.dot(a, x)


def huge_variance(x: NDArray) -> float:
    return x.var(ddof=1)


def huge_variance_grad(x: NDArray) -> NDArray:
    return 2 * (x - x.mean()) / len(x)


def student(w, X, t, nu=3.0):
    r = X @ w - t
    return 0.5 * (nu + 1) * np.sum(np.log1p(r**2 / nu))


def student_grad(w, X, t, nu=3.0):
    r = X @ w - t
    return X.T @ r


def pooled(X, v):
    """The batch goes through a log, so every row has its own slope."""
    return np.sum(np.log1p((X @ v) ** 2))


def pooled_grad(X, v):
    z = X @ v
    G = np.outer(2 * z / (1 + z**2), v)
    return np.broadcast_to(G.sum(axis=0), X.shape)


def softmax_regression(W, X, L):
    Z = X @ W
    Z = Z - Z.max(axis=1, keepdims=True)
    return -np.sum(L * (Z - np.log(np.exp(Z).sum(axis=1, keepdims=True))))


def softmax_regression_grad(W, X, L):
    P = np.exp(X @ W)
    P /= P.sum(axis=1, keepdims=True)
    return X.T @ (L - P)


def mc_example(rng):
    m, n, k = 23, 4, 3
    return {
        "w": 0.5 * rng.standard_normal(n),
        "W": 0.5 * rng.standard_normal((n, k)),
        "X": rng.standard_normal((m, n)),
        "y": (rng.random(m) > 0.4).astype(float),
        "t": 2 * rng.standard_normal(m),
        "Y": rng.standard_normal((m, k)),
        "L": np.eye(k)[rng.integers(0, k, m)],
        "v": rng.standard_normal(n),
        "centre": rng.standard_normal(n),
        "D": rng.standard_normal((m, n)) + 1.0,
        "x": rng.standard_normal(8),
        "a": rng.uniform(0.5, 2, 8),
    }
