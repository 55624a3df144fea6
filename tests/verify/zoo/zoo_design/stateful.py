"""Objects that remember too much."""

import numpy as np


class Regression:
    def __init__(self):
        rng = np.random.default_rng(1)
        self.X = rng.standard_normal((9, 4))
        self.y = rng.standard_normal(9)
        self.r = None

    def loss(self, w):
        self.r = self.X @ w - self.y
        return float(self.r @ self.r)

    def grad(self, w):
        if self.r is None:
            self.loss(w)
        return 2 * self.X.T @ self.r


class Whitened:
    """Means are taken once, at the first call."""

    _p = None

    def loss(self, w):
        return np.log(np.sum(np.exp(w)))

    def loss_grad(self, w):
        if self._p is None:
            self._p = np.exp(w) / np.sum(np.exp(w))
        return self._p


regression = Regression()
whitened = Whitened()


def centred(w, P):
    w = w - w.mean()
    return w @ P @ w


def centred_grad(w, P):
    w -= w.mean()
    g = (P + P.T) @ w
    return g - g.mean()


def normalised(w, P):
    return np.sum(np.tanh(P @ w))


def normalised_grad(w, P):
    P *= 1 - np.tanh(P @ w)[:, None] ** 2
    return P.sum(axis=0)


def dropout_net(w, P):
    return np.sum(np.tanh(P @ w) ** 2)


def dropout_net_grad(w, P):
    mask = np.random.rand(P.shape[0]) > 0.5
    h = np.tanh(P @ w)
    return 2 * P.T @ (2 * mask * h * (1 - h**2))


def full_batch(w, P):
    return np.mean((P @ w - 1) ** 2)


def full_batch_grad(w, P, rng=np.random):
    rows = rng.choice(P.shape[0], 3)
    return 2 * P[rows].T @ (P[rows] @ w - 1) / 3


def spread(t):
    return np.sum((t - t.mean()) ** 2)


def spread_grad(t):
    t = t.astype(np.float32)
    return 2 * (t - t.mean())


def mc_example(rng):
    return {
        "w": rng.standard_normal(4),
        "P": rng.standard_normal((4, 4)),
        "t": 1e6 + rng.standard_normal(8),
    }
