"""Functions of one number, summed; the inner derivative is what goes missing."""

import numpy as np


def wave(x, w):
    return np.sum(np.sin(w * x))


def wave_grad(x, w):
    return np.cos(w * x)


def log_price(x, a):
    return a @ np.log(x)


def log_price_grad(x, a):
    return a


def scale(logs, a):
    return np.sum((np.exp(logs) - a) ** 2)


def scale_grad(logs, a):
    return 2 * (np.exp(logs) - a)


def roots(x, a):
    return a @ np.sqrt(x)


def roots_grad(x, a):
    return a / 2


def length(x, a):
    return np.linalg.norm(x - a)


def length_grad(x, a):
    return x - a


def angle(x, a):
    return np.sum(a * np.arctan(x))


def angle_grad(x, a):
    return a.copy()


def soft(x, a):
    return np.sum(np.logaddexp(0, x) ** 2)


def soft_grad(x, a):
    return 2 * np.logaddexp(0, x)


def barrier(x, a, mu=0.02):
    return 0.5 * np.sum((x - a) ** 2) - mu * np.sum(np.log(x))


def barrier_grad(x, a, mu=0.02):
    return x - a


def entropic(x, a, eps=0.6):
    return a @ x + eps * np.sum(x * np.log(x))


def entropic_grad(x, a, eps=0.6):
    return a + eps * np.log(x)


def coulomb(x, a):
    return np.sum(1 / (x + a))


def coulomb_force(x, a):
    return 1 / (x + a) ** 2


def kl(x, a):
    p, q = x, a / a.sum()
    return np.sum(p * np.log(p / q) - p + q)


def kl_grad(x, a):
    q = a / a.sum()
    return 1 - q / x


def swing(x, a):
    return np.sum(a * (1 - np.cos(x)))


def swing_grad(x, a):
    return a * np.tan(x)


def powers(x, a, alpha=0.5):
    return np.sum(np.log1p(alpha * x * x) * a)


def powers_grad(x, a, alpha=0.05):
    return a * 2 * alpha * x / (1 + alpha * x * x)


def kernel(x, a):
    return np.sum(np.exp(-0.5 * (x - a) ** 2))


def kernel_grad(x, a):
    """Even in x - a: the minus sign is gone."""
    return (x - a) * np.exp(-0.5 * (x - a) ** 2)
