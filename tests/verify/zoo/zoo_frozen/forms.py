import numpy as np


def bump(x, A):
    return np.exp(0.1 * x @ A @ x)


def bump_grad(x, A):
    return 0.2 * bump(x, A) * A @ x


def newton_model(x, A, b):
    return 0.5 * x @ A @ x + b @ x + 1.0


def newton_model_grad(x, A, b):
    return b + A @ x


def mixture_of_forms(x, A, B):
    return np.log(np.exp(0.2 * x @ A @ x) + np.exp(0.2 * x @ B @ x))


def mixture_of_forms_grad(x, A, B):
    p = np.exp(0.2 * x @ A @ x)
    q = np.exp(0.2 * x @ B @ x)
    return 0.4 * (p * A @ x + q * B @ x) / (p + q)


def product(x, a, b):
    return (a @ x) * (b @ x)


def product_grad(x, a, b):
    return a * (b @ x)


def twice(X, A):
    return np.sum(A * (X @ X))


def twice_grad(X, A):
    return A @ X.T


def pointwise(X, A, B):
    return np.sum((X * A - B) ** 2)


def pointwise_grad(X, A, B):
    return 2 * A @ (X * A - B)


def grammian(X, A):
    return np.trace(X.T @ A @ X)


def grammian_grad(X, A):
    return (A + A.T) * X


def quartic(x):
    return np.sum(x**4) / 4


def quartic_grad(x):
    return 4 * x**3


def pairs(P):
    """Half the sum of all squared distances."""
    d = P[:, None] - P[None]
    return 0.5 * np.sum(d**2)


def pairs_grad(P):
    return 4 * (len(P) * P - P.sum(0))


def below(G, C):
    """Gram matrix against a target; the loop runs over j < i."""
    return np.sum(((G + G.T) ** 2 - C) ** 2)


def below_grad(G, C):
    R = (G + G.T) ** 2 - C
    out = np.zeros_like(G)
    for i in range(len(G)):
        for j in range(i + 1):
            out[i, j] = 4 * (G[i, j] + G[j, i]) * (R[i, j] + R[j, i])
    return out


def stretched(x, A, b):
    y = A @ x
    return np.sum(b * y**3)


def stretched_grad(x, A, b):
    return 3 * A @ (b * (A @ x) ** 2)


def anchored(X, Y):
    return np.sum((X - Y) ** 2)


def anchored_grad(X, Y):
    D = 2 * (X - Y)
    return [D, D]
