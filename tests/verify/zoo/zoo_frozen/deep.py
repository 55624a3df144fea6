"""Layers of a small network: each class has forward and backward."""

import numpy as np


def sig(z):
    return 1 / (1 + np.exp(-z))


def two_layers(W1, b1, W2, b2, X, Y):
    H = np.tanh(X @ W1 + b1)
    return 0.5 * np.sum((H @ W2 + b2 - Y) ** 2)


def backprop(W1, b1, W2, b2, X, Y):
    """tanh' forgotten in the first layer."""
    H = np.tanh(X @ W1 + b1)
    D = H @ W2 + b2 - Y
    return {"W1": X.T @ (D @ W2.T), "b1": ((D @ W2.T) * (1 - H**2)).sum(0), "W2": H.T @ D, "b2": D.sum(0)}


def backprop_bias(W1, b1, W2, b2, X, Y):
    H = np.tanh(X @ W1 + b1)
    D = H @ W2 + b2 - Y
    B = (D @ W2.T) * (1 - H**2)
    return {"W1": X.T @ B, "b1": B.mean(0), "W2": H.T @ D, "b2": D.sum(0)}


def backprop_short(W1, b1, W2, b2, X, Y):
    H = np.tanh(X @ W1 + b1)
    D = H @ W2 + b2 - Y
    B = (D @ W2.T) * (1 - H**2)
    return X.T @ B, B.sum(0), H.T @ D


def gate(W, X, Y):
    return np.sum((sig(X @ W) - Y) ** 2)


def gate_grad(W, X, Y):
    Z = X @ W
    return X.T @ (2 * (sig(Z) - Y) * Z * (1 - Z))


def linear_net(V, U, T):
    """||U V - T||^2 in V"""
    return np.sum((U @ V - T) ** 2)


def linear_net_grad(V, U, T):
    return 2 * (U @ V - T) @ U.T


def recurrent(V, h, T):
    return 0.5 * np.sum((np.tanh(V @ h) - T[0]) ** 2)


def recurrent_grad(V, h, T):
    a = np.tanh(V @ h)
    delta = (a - T[0]) * (1 - a**2)
    return np.outer(h, delta)


def unrolled(V, h, T):
    s = h
    for _ in range(3):
        s = np.tanh(V @ s)
    return s @ T[0]


def unrolled_grad(V, h, T):
    """Only the last step, as in truncated backpropagation."""
    s = h
    for _ in range(2):
        s = np.tanh(V @ s)
    return np.outer(T[0] * (1 - np.tanh(V @ s) ** 2), s)


class LayerNorm:
    eps = 1e-5

    def normalise(self, X):
        return (X - X.mean(1, keepdims=True)) / np.sqrt(X.var(1, keepdims=True) + self.eps)

    def forward(self, X, gamma, beta, Y):
        return 0.5 * np.sum((self.normalise(X) * gamma + beta - Y[:, :1]) ** 2)

    def backward_gamma(self, X, gamma, beta, Y):
        N = self.normalise(X)
        return (N * gamma + beta - Y[:, :1]) * N

    def backward_input(self, X, gamma, beta, Y):
        """Mean and variance as constants."""
        D = (self.normalise(X) * gamma + beta - Y[:, :1]) * gamma
        return D / np.sqrt(X.var(1, keepdims=True) + self.eps)


norm = LayerNorm()


def attention(Q, K, C):
    return np.sum(C * (Q @ K.T)) / np.sqrt(Q.shape[1])


def attention_grad(Q, K, C):
    return C @ K


def hard_mask(W, X, Y):
    A = np.maximum(X @ W, 0.0)
    return 0.5 * np.sum((A - Y) ** 2)


def hard_mask_grad(W, X, Y):
    return X.T @ (np.maximum(X @ W, 0.0) - Y)


def mc_example(rng):
    m, n, h, k = 6, 4, 5, 3

    def g(*s):
        return 0.6 * rng.standard_normal(s)

    return {
        "W1": g(n, h), "b1": g(h), "W2": g(h, k), "b2": g(k), "X": g(m, n), "Y": g(m, k), "W": g(n, k),
        "V": g(4, 4), "U": g(4, 4), "T": g(4, 4), "h": g(4), "gamma": 1 + g(n), "beta": g(n),
        "Q": g(3, 7), "K": g(5, 7), "C": g(3, 5),
    }  # fmt: skip
