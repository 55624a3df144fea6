import numpy as np


def leaky(x, c, slope=0.2):
    return c @ np.where(x > 0, x, slope * x)


def leaky_grad(x, c, slope=0.2):
    return c * np.where(x > 0, 1.0, slope**2)


def huber(w, X, y, delta=0.5):
    r = X @ w - y
    a = np.abs(r)
    return np.sum(np.where(a <= delta, 0.5 * r**2, delta * (a - 0.5 * delta)))


def huber_grad(w, X, y, delta=0.5):
    r = X @ w - y
    psi = np.where(np.abs(r) <= delta, r, np.sign(r))
    return X.T @ psi


def l1(z):
    return np.abs(z).sum()


def l1_grad(z):
    """sign(0) was thought to be 2 here."""
    return np.where(z >= 0, 1.0, -1.0) + (z == 0)


def mc_example(rng):
    return {
        "x": np.array([1.5, -0.7, 0.3, -2.0, -0.4]),
        "c": rng.uniform(1, 2, 5),
        "w": rng.standard_normal(3),
        "X": rng.standard_normal((12, 3)),
        "y": rng.standard_normal(12),
        "z": np.array([1.0, 0.0, -2.0, 0.0]),
    }
