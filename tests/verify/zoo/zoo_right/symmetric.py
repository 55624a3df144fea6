"""Symmetric arguments: one triangle read, eigenvalues, textbook gradients."""

import numpy as np


def logdet(S):
    L = np.linalg.cholesky(S)
    return 2 * np.sum(np.log(np.diag(L)))


def logdet_grad(S):
    return np.linalg.inv(S)


def gaussian(S, d):
    L = np.linalg.cholesky(S)
    z = np.linalg.solve(L, d)
    return np.sum(np.log(np.diag(L))) + 0.5 * z @ z


def gaussian_grad(S, d):
    P = np.linalg.inv(S)
    v = P @ d
    return 0.5 * (P - np.outer(v, v))


def spectrum(S):
    return np.sum(np.log1p(np.exp(np.linalg.eigvalsh(S))))


def spectrum_grad(S):
    w, V = np.linalg.eigh(S)
    return V @ np.diag(1 / (1 + np.exp(-w))) @ V.T


def top(S):
    return np.linalg.eigvalsh(S)[-1]


def top_grad(S):
    v = np.linalg.eigh(S)[1][:, -1]
    return np.outer(v, v)


def entropy(S):
    w = np.linalg.eigvalsh(S)
    return -np.sum(w * np.log(w))


def entropy_grad(S):
    w, V = np.linalg.eigh(S)
    return -(V * (np.log(w) + 1)) @ V.T


def nuclear(X):
    return np.linalg.norm(X, "nuc")


def nuclear_grad(X):
    U, _, Vt = np.linalg.svd(X, full_matrices=False)
    return U @ Vt


def spectral(X):
    return np.linalg.norm(X, 2)


def spectral_grad(X):
    U, _, Vt = np.linalg.svd(X, full_matrices=False)
    return np.outer(U[:, 0], Vt[0])


def abs_logdet(X, A):
    sign, value = np.linalg.slogdet(X @ A @ X.T)
    return sign * 0 + value


def abs_logdet_grad(X, A):
    M = np.linalg.inv(X @ A @ X.T)
    return M.T @ X @ A.T + M @ X @ A
