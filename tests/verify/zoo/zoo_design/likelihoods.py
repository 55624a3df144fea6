import numpy as np


def poisson_nll(w, X, k):
    eta = X @ w
    return np.sum(np.exp(eta) - k * eta)


def poisson_nll_grad(w, X, k):
    # this is the score
    return X.T @ (k - np.exp(X @ w))


def logistic(w, X, y):
    return np.sum(np.logaddexp(0, -y * (X @ w)))


def logistic_each(w, X, y):
    s = -y / (1 + np.exp(y * (X @ w)))
    return s[:, None] * X


def logistic_mean(w, X, y):
    s = -y / (1 + np.exp(y * (X @ w)))
    return np.mean(s[:, None] * X, axis=0)


def softmax_temperature(x, c):
    z = 2.0 * x
    return np.log(np.sum(np.exp(z))) / 2.0 - c @ x


def softmax_temperature_grad(x, c):
    p = np.exp(x)
    return p / p.sum() - c


def absolute(w, X, y):
    return np.sum((X @ w - y) ** 2) / 2


def absolute_grad(w, X, y):
    return X.T @ np.sign(X @ w - y)


def cubes(q, a):
    return a @ q**3


def cubes_grad(q, a):
    # right at q = 1 only
    return 3 * a * q


def mc_example(rng):
    n, m = 4, 17
    X = rng.standard_normal((m, n))
    return {
        "w": 0.4 * rng.standard_normal(n),
        "X": X,
        "k": rng.poisson(2.0, m).astype(float),
        "y": rng.choice([-1.0, 1.0], m),
        "q": np.ones(5),
        "x": rng.standard_normal(5),
        "a": rng.uniform(1, 2, 5),
        "c": rng.standard_normal(5),
    }
