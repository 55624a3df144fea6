import numpy as np


def large_n(x):
    return float(np.logaddexp(0, x).sum())


def large_n_grad(x):
    return 1 / (1 + np.exp(-x))


def large_mean(x):
    return np.mean(np.sqrt(1 + x * x))


def large_mean_grad(x):
    return x / np.sqrt(1 + x * x) / x.size
