"""Functions about whose gradients nothing can be said."""

import numpy as np


def jitter(w):
    return np.sum(w**2) + 0.1 * np.random.standard_normal()


def jitter_grad(w):
    return 2 * w


def dropout(w):
    return np.sum(np.tanh(w) * (np.random.rand(len(w)) > 0.5)) * 2


def dropout_grad(w):
    return (1 - np.tanh(w) ** 2) * (np.random.rand(len(w)) > 0.5) * 2


_count = 0


def counting(w):
    global _count
    _count += 1
    return np.sum(np.sin(w)) + 1e-3 * _count


def counting_grad(w):
    return np.cos(w)


def drowned(w):
    """Rough at every scale, and the same for the same input."""
    return 1e-3 * np.sum(w) + 5.0 * np.sin(1e9 * np.sum(w * np.arange(1, len(w) + 1)) ** 2)


def drowned_grad(w):
    return np.full(len(w), 1e-3)


def undefined(w):
    return np.sum(np.log(-np.abs(w) - 1))


def undefined_grad(w):
    return 1 / w


def infinite(w):
    return np.sum(w) / 0.0 if isinstance(w, float) else np.sum(np.exp(1e4 + np.abs(w)))


def infinite_grad(w):
    return np.exp(1e4 + np.abs(w))


def good(w):
    return np.sum(w**3)


def raising_grad(w):
    raise NotImplementedError("the gradient is still to be written")


def text_grad(w):
    return "3 w^2"


def nothing_grad(w):
    w = 3 * w**2


def raising(w):
    return np.sum(w @ np.ones((len(w) + 1, 2)))


def raising_value_grad(w):
    return w


def labels(w):
    return {"loss": np.sum(w)}


def labels_grad(w):
    return np.ones_like(w)


def complex_valued(w):
    return np.sum(np.exp(1j * w))


def complex_valued_grad(w):
    return 1j * np.exp(1j * w)


def quitting(w):
    raise SystemExit(3)


def quitting_grad(w):
    return w
