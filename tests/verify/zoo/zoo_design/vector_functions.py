"""Functions with many outputs."""

import numpy as np


def rotate(x, R):
    return np.tanh(R @ x)


def rotate_jac(x, R):
    return (R * (1 - np.tanh(R @ x) ** 2)[:, None]).T


def softmax(x):
    e = np.exp(x - x.max())
    return e / e.sum()


def softmax_jac(x):
    p = softmax(x)
    return np.diag(p * (1 - p))


def energy(x, A, c):
    return 0.5 * x @ A @ x + np.sum(c * np.exp(x))


def energy_hess(x, A, c):
    return 0.5 * (A + A.T)


def push(x, R):
    return R @ np.sin(x)


def push_vjp(x, R, u):
    return R @ (np.cos(x) * u)
