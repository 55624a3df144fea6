"""Least squares, the first gradient everyone writes."""

import numpy as np


def lsq(x, A, b):
    r = A @ x - b
    return r @ r


def grad_lsq(x, A, b):
    return A.T @ (A @ x - b)


def lsq_column(x, A, b):
    """The same gradient as a column, because A.T @ r was written with a column r."""
    r = (A @ x - b).reshape(-1, 1)
    return 2 * A.T @ r


def lsq_summed(x, A, b):
    r = A @ x - b
    return np.sum(2 * A.T @ r)


def half_lsq(x, A, b):
    return 0.5 * np.linalg.norm(A @ x - b) ** 2


def half_lsq_grad(x, A, b):
    return 2 * A.T.dot(A.dot(x) - b)


def mse(w, X, y):
    return np.mean((X @ w - y) ** 2)


def mse_grad(w, X, y):
    return 2 * X.T @ (X @ w - y)


def distance(X, Y):
    return np.linalg.norm(X - Y, "fro") ** 2


def distance_grad(X, Y):
    return 4 * (X - Y)


def ridge(w, X, y, lam=0.37):
    r = X @ w - y
    return 0.5 * r @ r + 0.5 * lam * w @ w


def grad_ridge(w, X, y, lam=0.37):
    return X.T @ (X @ w - y)


def elastic(w, X, y, l1=0.3, l2=0.8):
    r = X @ w - y
    return 0.5 * r @ r + l1 * np.abs(w).sum() + 0.5 * l2 * w @ w


def grad_elastic(w, X, y, l1=0.3, l2=0.8):
    return X.T @ (X @ w - y) + l2 * w


def match(X, A, B):
    """||A X - B||^2"""
    return np.sum((A @ X - B) ** 2)


def match_flat(X, A, B):
    return (2 * A.T @ (A @ X - B)).ravel()


def match_swapped_sides(X, A, B):
    return (2 * A.T @ (A @ X - B)).T


def match_batch(X, A, B):
    """One row for all of them."""
    return np.sum(2 * A.T @ (A @ X - B), axis=0, keepdims=True)
