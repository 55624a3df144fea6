"""Building blocks of networks, all right."""

from typing import Annotated

import numpy as np


def rows_softmax(Z):
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    return E / E.sum(axis=1, keepdims=True)


def attention(Q, K, V, G):
    return np.sum(G * (rows_softmax(Q @ K.T / np.sqrt(Q.shape[1])) @ V))


def attention_grad(Q, K, V, G):
    s = 1 / np.sqrt(Q.shape[1])
    P = rows_softmax(Q @ K.T * s)
    dP = G @ V.T
    dS = P * (dP - np.sum(dP * P, axis=1, keepdims=True))
    return {"Q": s * dS @ K, "K": s * dS.T @ Q, "V": P.T @ G}


class LayerNorm:
    def __init__(self, eps=1e-5):
        self.eps = eps

    def __call__(self, X, gamma, T):
        return np.sum(T * gamma * self._normal(X)[0])

    def _normal(self, X):
        s = np.sqrt(X.var(axis=1, keepdims=True) + self.eps)
        return (X - X.mean(axis=1, keepdims=True)) / s, s

    def grad(self, X, gamma, T):
        N, s = self._normal(X)
        D = T * gamma
        dX = (D - D.mean(1, keepdims=True) - N * (D * N).mean(1, keepdims=True)) / s
        return dX, np.sum(T * N, axis=0)


layer_norm = LayerNorm()


def convolution(X, k):
    """Valid two-dimensional correlation, squared."""
    return 0.5 * np.sum(correlate(X, k) ** 2)


def correlate(X, k):
    windows = np.lib.stride_tricks.sliding_window_view(X, k.shape)
    return np.einsum("ijab,ab->ij", windows, k)


def convolution_grad(X, k):
    Y = correlate(X, k)
    full = np.pad(Y, [(k.shape[0] - 1,) * 2, (k.shape[1] - 1,) * 2])
    return correlate(full, k[::-1, ::-1]), correlate(X, Y)


def recurrent(
    W: Annotated[np.ndarray, "h h"], s0: Annotated[np.ndarray, "h"], inputs: Annotated[np.ndarray, "steps h"]
) -> float:
    s = s0
    for u in inputs:
        s = np.tanh(W @ s + u)
    return s.sum()


def recurrent_grad(W, s0, inputs):
    states = [s0]
    for u in inputs:
        states.append(np.tanh(W @ states[-1] + u))
    d = np.ones_like(s0)
    G = np.zeros_like(W)
    for before, after in zip(states[-2::-1], states[:0:-1], strict=True):
        d = d * (1 - after**2)
        G += np.outer(d, before)
        d = W.T @ d
    return G, d


def gelu(x: "n"):  # noqa: F821
    return np.sum(0.5 * x * (1 + np.tanh(0.7978845608 * (x + 0.044715 * x**3))))


def gelu_grad(x):
    t = np.tanh(0.7978845608 * (x + 0.044715 * x**3))
    return 0.5 * (1 + t) + 0.5 * x * (1 - t * t) * 0.7978845608 * (1 + 3 * 0.044715 * x * x)


def dense(W, b, X, Y):
    """Value and a tuple of gradients in one call."""
    D = np.tanh(X @ W + b) - Y
    B = D * (1 - (D + Y) ** 2)
    return 0.5 * np.sum(D * D), (X.T @ B, B.sum(0))


def dropout(W, X, seed=3):
    """Dropout with its own fixed seed is a function like any other."""
    mask = np.random.default_rng(seed).random(W.shape[1]) > 0.4
    return np.sum(np.tanh(X @ W) * mask)


def dropout_grad(W, X, seed=3):
    mask = np.random.default_rng(seed).random(W.shape[1]) > 0.4
    return X.T @ ((1 - np.tanh(X @ W) ** 2) * mask)
