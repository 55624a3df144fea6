"""Caches, buffers, generators and other state."""

import numpy as np

_cache = {}


def energy(x, P):
    return 0.5 * x @ P @ P.T @ x


def energy_grad(x, P):
    """Caches by shape only."""
    key = x.shape
    if key not in _cache:
        _cache[key] = P @ (P.T @ x)
    return _cache[key]


def make_problem():
    saved = {}

    def value(x):
        z = np.cumsum(x)
        saved["s"] = 1 / (1 + np.exp(-z))
        return np.logaddexp(0, z).sum()

    def gradient(x):
        s = saved["s"] if "s" in saved else 1 / (1 + np.exp(-np.cumsum(x)))
        return np.cumsum(s[::-1])[::-1]

    value.grad = gradient
    return value


running = make_problem()


class Buffered:
    def __init__(self, n=4):
        self.out = np.zeros(n)

    def f(self, x):
        return np.sum(np.cosh(x))

    def df(self, x):
        """Adds into the buffer that is never cleared."""
        self.out += np.sinh(x)
        return self.out.copy()


buffered = Buffered()


def scaled(x, P):
    n = np.sqrt(x @ x)
    return np.sum(P @ (x / n))


def scaled_grad(x, P):
    n = np.sqrt(x @ x)
    x /= n
    g = P.sum(axis=0)
    return (g - (g @ x) * x) / n


def logits(Z):
    return np.log(np.exp(Z).sum(axis=1)).sum()


def logits_grad(Z):
    np.exp(Z, out=Z)
    Z /= Z.sum(axis=1, keepdims=True)
    return Z


def sorted_loss(x, P):
    return np.sum(np.sort(x) * np.arange(len(x)))


def sorted_loss_grad(x, P):
    order = np.argsort(x)
    x.sort()
    g = np.empty(len(x))
    g[order] = np.arange(len(x))
    return g


def noisy(x, P):
    return np.sum((P @ x) ** 2)


def noisy_grad(x, P, _rng=np.random.default_rng()):  # noqa: B008
    return 2 * P.T @ (P @ x) + 0.1 * _rng.standard_normal(len(x))


def sketch(x, P):
    return np.sum(np.log(np.cosh(P @ x)))


def sketch_grad(x, P):
    """Stochastic estimate with one random row at a time."""
    i = np.random.randint(len(P))
    return len(P) * np.tanh(P[i] @ x) * P[i]


def moments(t):
    c = t - t.mean()
    return np.sum(c**3) / np.sum(c**2)


def moments_grad(t):
    c = (t.astype("float32") - t.astype("float32").mean()).astype("float32")
    s2, s3 = np.sum(c**2), np.sum(c**3)
    g = (3 * c**2) / s2 - s3 * 2 * c / s2**2
    return (g - g.mean()).astype(float)


def cancel(u, v):
    return np.sum((u - v) ** 4)


def cancel_grad(u, v):
    return 4 * (np.float32(u) - np.float32(v)) ** 3


def mc_example(rng):
    u = 1e5 + rng.standard_normal(5)
    return {
        "x": rng.standard_normal(4),
        "P": rng.standard_normal((4, 4)),
        "Z": rng.standard_normal((3, 4)),
        "t": 3e5 + rng.standard_normal(7) ** 2,
        "u": u,
        "v": u - rng.uniform(0.3, 1.2, 5),
    }
