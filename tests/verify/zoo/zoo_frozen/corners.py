import numpy as np


def pinball(q, y, tau=0.9):
    d = y - q
    return np.sum(np.where(d >= 0, tau * d, (tau - 1) * d))


def pinball_grad(q, y, tau=0.9):
    return np.where(y - q >= 0, -tau, -(1 - tau))


def elu(x, c, alpha=0.7):
    return np.sum(c * np.where(x > 0, x, alpha * (np.exp(np.minimum(x, 0)) - 1)))


def elu_grad(x, c, alpha=0.7):
    return c * np.where(x > 0, 1.0, alpha)


def corner(z, c):
    return np.sum(np.maximum(z, 0.0) * c)


def corner_grad(z, c):
    """At 0 the slope is anything between 0 and c; this is 3 c."""
    return c * np.where(z > 0, 1.0, np.where(z == 0, 3.0, 0.0))


def clip(x, c, top=0.5):
    return np.sum(c * np.minimum(x, top) ** 2)


def clip_grad(x, c, top=0.5):
    return 2 * c * np.minimum(x, top)


def flat(o, c):
    """Looks right at the origin, where everybody tries first."""
    return np.sum(c * np.expm1(o))


def flat_grad(o, c):
    return c * (1 + o * 0)


def cosine_well(o, c):
    return np.sum(np.sin(o) * c) + 0.5 * o @ o


def cosine_well_grad(o, c):
    return c * np.ones_like(o) + o


def mc_example(rng):
    return {
        "q": np.array([0.3, -1.0, 2.0, 0.6]),
        "y": np.array([1.0, -2.0, 1.5, 3.0]),
        "x": np.array([1.2, -0.8, 0.4, -1.7, 0.9]),
        "c": rng.uniform(1, 2, 5),
        "z": np.array([1.0, 0.0, -1.0, 0.5, 0.0]),
        "o": np.zeros(5),
    }
