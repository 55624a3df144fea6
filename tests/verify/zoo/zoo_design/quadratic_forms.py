import numpy as np


def form(x, A):
    return x.T @ A @ x


def form_grad(x, A):
    return 2 * A @ x


def form_half_done(x, A):
    # product rule, first half
    return A @ x


def sandwich(X: np.ndarray, A: np.ndarray) -> float:
    return np.trace(X.T @ A @ X)


def sandwich_grad(X: np.ndarray, A: np.ndarray) -> np.ndarray:
    return 2 * A @ X


def rayleigh(x, A):
    return (x @ A @ x) / (x @ x)


def grad_rayleigh(x, A):
    q = rayleigh(x, A)
    return 2 / (x @ x) * (A @ x - q * x)


def bilinear(A, x, y):
    return x @ A @ y


def bilinear_grad(A, x, y):
    return np.outer(y, x)


def quad_plus_linear(x, A, b):
    return x @ A @ x + b @ x


def grad_quad_plus_linear(x, A, b):
    return (A + A.T) @ x


def tilted(x, A, c):
    """0.5 x'Ax + c'x with the gradient of every quadratic programming text."""
    return 0.5 * x @ A @ x + c @ x


def tilted_grad(x, A, c):
    return A @ x + c


def skewed_energy(x):
    """Energy of a chain: sum of x_i^2 x_{i+1}."""
    return np.sum(x[:-1] ** 2 * x[1:])


def skewed_energy_grad(x):
    g = np.zeros_like(x)
    g[:-1] = 2 * x[:-1] * x[1:]
    g[1:] += x[:-1] * x[1:]
    return g
