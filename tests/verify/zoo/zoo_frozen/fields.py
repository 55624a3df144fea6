"""Vector fields that no function has as its gradient, and gradients of the neighbours."""

import numpy as np


def irls(w, X, y):
    r = X @ w - y
    return np.sum(np.sqrt(1 + r**2) * r**2)


def irls_grad(w, X, y):
    """Weights held fixed."""
    r = X @ w - y
    return X.T @ (2 * np.sqrt(1 + r**2) * r)


def clipped(w, X, y):
    r = X @ w - y
    return 0.5 * r @ r


def clipped_grad(w, X, y):
    g = X.T @ (X @ w - y)
    return g / np.linalg.norm(g)


def newton(w, X, y):
    z = X @ w
    return np.sum(np.logaddexp(0, z)) - y @ z + 0.5 * w @ w


def newton_grad(w, X, y):
    s = 1 / (1 + np.exp(-X @ w))
    g = X.T @ (s - y) + w
    H = X.T @ (X * (s * (1 - s))[:, None]) + np.eye(len(w))
    return np.linalg.solve(H, g)


def batch_norm(w, X, y):
    z = X @ w
    return np.sum(y * (z - z.mean()) / z.std())


def batch_norm_grad(w, X, y):
    z = X @ w
    return X.T @ (y - y.mean()) / z.std()


def swirl(w, X, y):
    return 0.5 * np.sum(w**2) + np.prod(w)


def swirl_grad(w, X, y):
    return w + np.roll(w, 1) * w


def choice(w, X, y):
    p = np.exp(w) / np.exp(w).sum()
    return p @ X[0]


def choice_grad(w, X, y):
    """p (1 - p), as if the softmax acted entry by entry."""
    p = np.exp(w) / np.exp(w).sum()
    return p * (1 - p) * X[0]


def hinge(w, X, y):
    return np.sum(np.maximum(0, 1 - np.sign(y) * (X @ w)) ** 2)


def hinge_grad(w, X, y):
    s = np.sign(y)
    on = 1 - s * (X @ w) > 0
    return -X.T @ (s * on)


def autoencoder(W, X):
    return np.sum((X - X @ W @ W.T) ** 2)


def autoencoder_grad(W, X):
    R = X - X @ W @ W.T
    return -2 * X.T @ (R @ W)


def mc_example(rng):
    m, n = 9, 3
    return {
        "w": rng.standard_normal(n),
        "X": rng.standard_normal((m, n)),
        "y": rng.standard_normal(m),
        "W": rng.standard_normal((n, 2)),
    }
