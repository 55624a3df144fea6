import numpy as np


def smooth(x):
    return np.sum(np.diff(x) ** 2)


def smooth_grad(x):
    """Interior formula, used with periodic neighbours at both ends."""
    return 2 * (2 * x - np.roll(x, 1) - np.roll(x, -1))


def chain(x, k=3.0):
    return np.sum(k * np.diff(x) ** 4) + np.sum(x**2)


def chain_grad(x, k=3.0):
    g = 2 * x
    d = 4 * k * np.diff(x) ** 3
    g[1:-1] += d[:-1] - d[1:]
    g[0] -= d[0]
    return g


def columns(M, c):
    return np.sum(np.sqrt(1 + (c @ M) ** 2) * np.arange(1, M.shape[1] + 1))


def columns_grad(M, c):
    z = c @ M
    k = np.arange(1, M.shape[1] + 1)
    k[-1] = 0
    return np.outer(c, k * z / np.sqrt(1 + z**2))


def lookup(E, ids=(4, 1, 1, 0)):
    z = E[list(ids)]
    return np.sum(z**2) + np.sum(z)


def lookup_grad(E, ids=(4, 1, 1, 0)):
    G = np.zeros_like(E)
    for row in set(ids):
        G[row] = 2 * E[row] + 1
    return G


def masked(x, keep=(1, 1, 0, 1, 0, 1)):
    return np.sum(np.array(keep) * np.exp(x))


def masked_grad(x, keep=(1, 1, 0, 1, 0, 1)):
    return np.exp(x)


def conv_same(x, w=(0.2, 0.5, -0.4)):
    return np.sum(np.convolve(x, w, "same") ** 2)


def conv_same_grad(x, w=(0.2, 0.5, -0.4)):
    y = np.convolve(x, w, "same")
    g = 2 * np.convolve(y, w[::-1], "same")
    g[0] = g[-1] = 0
    return g


def block(M):
    A, D = M[:3, :3], M[3:, 3:]
    return np.sum(np.sin(M)) + np.trace(A @ A) + np.trace(D @ D)


def block_grad(M):
    G = np.cos(M)
    G[:3, :3] += 2 * M[:3, :3].T
    return G


def huge(x):
    return np.sum(np.sqrt(1 + x * x))


def huge_one(x):
    g = x / np.sqrt(1 + x * x)
    g[777_001] = 0
    return g


def huge_three(x):
    g = x / np.sqrt(1 + x * x)
    g[[12, 500_000, 999_999]] *= -1
    return g


def stacked(theta):
    """Parameters are stacked column by column and unstacked row by row."""
    W = theta.reshape(3, 4, order="F")
    return np.sum(np.exp(W) * np.arange(12).reshape(3, 4))


def stacked_grad(theta):
    W = theta.reshape(3, 4, order="F")
    return (np.exp(W) * np.arange(12).reshape(3, 4)).reshape(-1)


def fold(X, C):
    return np.sum(C * np.sin(X))


def fold_grad(X, C):
    return (C * np.cos(X)).reshape(X.shape[::-1], order="A").reshape(X.shape, order="F")


def fold_row(X, C):
    return (C * np.cos(X))[None]
