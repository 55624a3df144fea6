import numpy as np
from numpy.linalg import inv, slogdet


def tr_ax(X, A):
    return np.trace(A @ X)


def tr_ax_grad(X, A):
    return A


def logdet(X):
    return slogdet(X)[1]


def logdet_grad(X):
    return inv(X)


def tr_inv(X):
    return np.trace(inv(X))


def tr_inv_grad(X):
    Y = inv(X)
    return (Y @ Y).T


def tr_axb(X, A, B):
    return np.trace(A @ X @ B)


def tr_axb_order(X, A, B):
    return B.T @ A.T


def tr_axb_star(X, A, B):
    return A.T * B.T


def right_match(X, A, B):
    return np.linalg.norm(X @ A - B) ** 2


def right_match_grad(X, A, B):
    return 2 * A.T @ (X @ A - B)


def left_match(X, A, B):
    R = A @ X - B
    return np.sum(R * R)


def left_match_star(X, A, B):
    R = A @ X - B
    return 2 * A.T * R


def log_frobenius(X, C):
    return np.log(1 + np.sum((X - C) ** 2))


def log_frobenius_lower(X, C):
    return np.tril(2 * (X - C) / (1 + np.sum((X - C) ** 2)))


def cov_fit(S, C):
    return 0.25 * np.sum((S @ S - C) ** 2)


def cov_fit_upper(S, C):
    R = S @ S - C
    G = 0.5 * (S.T @ R + R @ S.T)
    return np.triu(G)


def cov_fit_diagonal(S, C):
    R = S @ S - C
    G = 0.5 * (S.T @ R + R @ S.T)
    return np.diag(np.diag(G))
