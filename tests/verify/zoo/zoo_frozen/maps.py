"""Jacobians, Hessians and products with them."""

import numpy as np


def polar(x, A):
    return np.array([x[0] * np.cos(x[1]), x[0] * np.sin(x[1])])


def polar_jac(x, A):
    r, t = x
    return np.array([[np.cos(t), np.sin(t)], [-r * np.sin(t), r * np.cos(t)]])


def lift(w, A):
    return np.exp(-((A @ w) ** 2))


def _tangent(w, A):
    z = A @ w
    return (-2 * z * np.exp(-(z**2)))[:, None] * A


def lift_jac_turned(w, A):
    return _tangent(w, A).T


def lift_jac_bare(w, A):
    z = A @ w
    return (-2 * np.exp(-(z**2)))[:, None] * A


def unit(w, A):
    return w / np.linalg.norm(w)


def unit_jac(w, A):
    return np.eye(len(w)) / np.linalg.norm(w)


def logistic(w, A):
    return np.sum(np.logaddexp(0, A @ w)) + 0.3 * w @ w


def logistic_hess(w, A):
    s = 1 / (1 + np.exp(-A @ w))
    return A.T @ (A * (s * (1 - s))[:, None])


def logistic_hess_diagonal(w, A):
    s = 1 / (1 + np.exp(-A @ w))
    return np.diag(np.diag(A.T @ (A * (s * (1 - s))[:, None]) + 0.6 * np.eye(len(w))))


def form(w, M):
    return w @ M @ w


def form_hess(w, M):
    return 2 * M


def flow(w, M):
    return np.tanh(M @ w)


def flow_vjp(w, M, u):
    return (1 - np.tanh(M @ w) ** 2) * (M @ u)


def flow_jvp(w, M, v):
    return M @ v


def mc_example(rng):
    return {
        "x": np.array([1.3, 0.7]),
        "w": rng.standard_normal(3),
        "A": rng.standard_normal((5, 3)),
        "M": rng.standard_normal((3, 3)),
        "u": rng.standard_normal(3),
        "v": rng.standard_normal(3),
    }
