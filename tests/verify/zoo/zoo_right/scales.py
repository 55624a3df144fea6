"""Right gradients of badly scaled functions."""

import numpy as np


def units(x):
    """Entries from 1e-8 (kilograms) to 1e8 (pascals)."""
    return np.sum((x / SCALES) ** 4 + np.sin(x / SCALES))


SCALES = 10.0 ** np.arange(-8, 9, 2)


def units_grad(x):
    return (4 * (x / SCALES) ** 3 + np.cos(x / SCALES)) / SCALES


def tiny(y, A):
    return 1e-30 * np.sum(np.cosh(A @ y))


def tiny_grad(y, A):
    return 1e-30 * A.T @ np.sinh(A @ y)


def enormous(y, A):
    return 1e25 * np.sum(np.exp(A @ y))


def enormous_grad(y, A):
    return 1e25 * A.T @ np.exp(A @ y)


def offset(y, A):
    return 1e8 + 0.5 * np.sum((A @ y) ** 2)


def offset_grad(y, A):
    return A.T @ (A @ y)


def small_inputs(s):
    return np.sum(np.log(s))


def small_inputs_grad(s):
    return 1 / s


def physical(k, c=299792458.0, h=6.62607015e-34):
    """Photon energies; the inputs are about 1e-7."""
    return np.sum(h * c / k)


def physical_grad(k, c=299792458.0, h=6.62607015e-34):
    return -h * c / k**2


def fast_wave(p):
    return np.sum(np.sin(1e4 * p))


def fast_wave_grad(p):
    return 1e4 * np.cos(1e4 * p)


def ill_conditioned(y):
    d = np.logspace(-6, 6, len(y))
    return 0.5 * np.sum(d * y * y)


def grad_ill_conditioned(y):
    return np.logspace(-6, 6, len(y)) * y


def far_mean(t):
    return np.log(np.var(t))


def far_mean_grad(t):
    c = t - t.mean()
    return 2 * c / np.sum(c * c)


def mc_example(rng):
    return {
        "x": SCALES * rng.uniform(0.5, 1.5, len(SCALES)),
        "y": rng.standard_normal(5),
        "A": rng.standard_normal((6, 5)),
        "s": 1e-6 * rng.uniform(0.3, 3, 6),
        "k": rng.uniform(4e-7, 7e-7, 4),
        "p": rng.uniform(0.5, 2, 4),
        "t": 1e4 + rng.standard_normal(6),
    }
