import numpy as np

inv = np.linalg.inv


def whitening(X, A, B, C):
    """log |det(A X B + C)|"""
    return np.linalg.slogdet(A @ X @ B + C)[1]


def whitening_grad(X, A, B, C):
    K = inv(A @ X @ B + C).T
    return B.T @ K @ A.T


def resolvent(X, A):
    return np.trace(A @ inv(X))


def resolvent_grad(X, A):
    Y = inv(X)
    return -Y @ A @ Y


def resolvent_star(X, A):
    Y = inv(X)
    return -Y.T * A.T * Y.T


def mahalanobis(S, d):
    return d @ np.linalg.solve(S, d)


def mahalanobis_grad(S, d):
    v = np.linalg.solve(S, d)
    return -np.outer(v, v)


def cube(X):
    return np.trace(X @ X @ X)


def cube_grad(X):
    return 3 * X @ X


def independent(X):
    return np.linalg.slogdet(X)[1]


def independent_grad(X):
    """The formula for a symmetric matrix, used for any."""
    Y = inv(X)
    return Y + Y.T - np.diag(np.diag(Y))


def independent_upper(X):
    return np.triu(inv(X).T)


def gram_logdet(X, A):
    return np.linalg.slogdet(np.eye(len(X)) * 9 + X @ A @ X.T)[1]


def gram_logdet_grad(X, A):
    M = np.eye(len(X)) * 9 + X @ A @ X.T
    return 2 * inv(M) @ X @ A


def conjugate(X, A, B):
    return np.trace(X @ A @ X.T @ B)


def conjugate_grad(X, A, B):
    return X @ A.T @ B.T + X @ A @ B


def conjugate_first(X, A, B):
    return B.T @ X @ A.T


def mc_example(rng):
    n = 4

    def g():
        return rng.standard_normal((n, n))

    return {"X": g() + 3 * np.eye(n), "A": g(), "B": g(), "C": 4 * np.eye(n), "S": g() + 4 * np.eye(n), "d": g()[0]}
