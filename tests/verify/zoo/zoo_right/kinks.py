import numpy as np


def near(x, c):
    """One entry is 1e-7 away from its kink."""
    return np.sum(c * np.abs(x))


def near_grad(x, c):
    return c * np.sign(x)


def at(z, c):
    return np.sum(c * np.maximum(z, 0))


def at_grad(z, c):
    return c * (z > 0)


def lasso(z, c):
    return 0.5 * np.sum((z - c) ** 2) + 0.4 * np.abs(z).sum()


def lasso_grad(z, c):
    return z - c + 0.4 * np.sign(z)


def top_two(x, c):
    return np.sum(np.sort(x * c)[-2:])


def top_two_grad(x, c):
    g = np.zeros_like(x)
    best = np.argsort(x * c)[-2:]
    g[best] = c[best]
    return g


def relu_net(W, u, T):
    return np.sum(np.maximum(T @ np.maximum(W @ u, 0), 0))


def relu_net_grad(W, u, T):
    h = W @ u
    out = (T @ np.maximum(h, 0) > 0).astype(float)
    return np.outer((T.T @ out) * (h > 0), u)


def bounded(p):
    """A barrier close to its wall: the third entry is 1e-6 from 1."""
    return -np.sum(np.log(1 - p)) - np.sum(np.log(p))


def bounded_grad(p):
    return 1 / (1 - p) - 1 / p


def edge(p):
    return np.sum(np.arcsin(p) + p * np.log(p))


def edge_grad(p):
    return 1 / np.sqrt(1 - p**2) + np.log(p) + 1


def domain(q):
    if np.any(q <= 0):
        raise ValueError("q must be positive")
    return np.sum(np.sqrt(q) - np.log(q))


def domain_grad(q):
    return 0.5 / np.sqrt(q) - 1 / q


def hinge(w, X, y):
    return np.mean(np.maximum(0, 1 - y * (X @ w)))


def hinge_grad(w, X, y):
    on = (y * (X @ w) < 1).astype(float)
    return -X.T @ (y * on) / len(y)


def mc_example(rng):
    return {
        "x": np.array([1.0, -1e-7, 0.8, -2.0, 1e-3]),
        "c": rng.uniform(1, 2, 5),
        "z": np.array([1.0, 0.0, -1.0, 0.0, 2.0]),
        "W": rng.standard_normal((5, 3)),
        "u": rng.standard_normal(3),
        "T": rng.standard_normal((4, 5)),
        "p": np.array([0.5, 0.01, 1 - 1e-6, 1e-5]),
        "q": np.array([1e-4, 0.3, 2.0, 1e-6]),
        "w": rng.standard_normal(3),
        "X": rng.standard_normal((14, 3)),
        "y": rng.choice([-1.0, 1.0], 14),
    }
