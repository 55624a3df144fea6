"""Loops and slices that stop one too early."""

import numpy as np


def rosen(x):
    return sum(100 * (x[i + 1] - x[i] ** 2) ** 2 + (1 - x[i]) ** 2 for i in range(len(x) - 1))


def rosen_grad(x):
    g = np.zeros(len(x))
    for i in range(len(x) - 1):
        g[i] += -400 * x[i] * (x[i + 1] - x[i] ** 2) - 2 * (1 - x[i])
        if i + 1 < len(x) - 1:
            g[i + 1] += 200 * (x[i + 1] - x[i] ** 2)
    return g


def rosen_first(x):
    g = np.zeros(len(x))
    for i in range(len(x) - 1):
        g[i] += -400 * x[i] * (x[i + 1] - x[i] ** 2) - 2 * (1 - x[i])
        g[i + 1] += 200 * (x[i + 1] - x[i] ** 2)
    g[0] = 200 * (x[1] - x[0] ** 2)
    return g


def rowwise(M, c):
    return np.sum(np.log1p(np.exp(M @ c)))


def rowwise_grad(M, c):
    G = np.zeros_like(M)
    for i in range(M.shape[0] - 1):
        G[i] = c / (1 + np.exp(-M[i] @ c))
    return G


def rowwise_row(M, c):
    G = c / (1 + np.exp(-M @ c))[:, None]
    G[2] = c * np.exp(-M[2] @ c)
    return G


def embedding(E, idx=(0, 3, 3, 1, 3)):
    return np.sum(np.sin(E[list(idx)]))


def embedding_grad(E, idx=(0, 3, 3, 1, 3)):
    G = np.zeros_like(E)
    G[list(idx)] += np.cos(E[list(idx)])
    return G


def million(x):
    return np.sum(np.log1p(x * x))


def million_grad(x):
    g = 2 * x / (1 + x * x)
    g[123456] *= 1.5
    return g
