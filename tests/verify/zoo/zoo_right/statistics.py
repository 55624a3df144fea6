"""Likelihoods whose gradients are right."""

import numpy as np


def huge_softmax(x, a):
    """Cross-entropy with logits of several thousand."""
    z = 5000 * x
    m = z.max()
    return m + np.log(np.exp(z - m).sum()) - a @ z


def huge_softmax_grad(x, a):
    z = 5000 * x
    p = np.exp(z - z.max())
    return 5000 * (p / p.sum() - a)


def logsumexp(x, a):
    m = np.max(x + a)
    return m + np.log(np.sum(np.exp(x + a - m)))


def logsumexp_grad(x, a):
    p = np.exp(x + a - np.max(x + a))
    return p / p.sum()


def cox(beta, Z, when):
    eta = (Z @ beta)[np.argsort(-when)]
    return -np.sum(eta - np.logaddexp.accumulate(eta))


def cox_grad(beta, Z, when):
    S = Z[np.argsort(-when)]
    e = np.exp(S @ beta)
    risk = np.cumsum(S * e[:, None], axis=0) / np.cumsum(e)[:, None]
    return -np.sum(S - risk, axis=0)


def mixture(mu, s):
    """Log-likelihood of samples s under equal Gaussians at mu."""
    return np.sum(np.log(np.exp(-0.5 * (s[:, None] - mu[None]) ** 2).mean(axis=1)))


def mixture_grad(mu, s):
    d = s[:, None] - mu[None]
    r = np.exp(-0.5 * d**2)
    r /= r.sum(axis=1, keepdims=True)
    return np.sum(r * d, axis=0)


def evidence(theta, t, y):
    """(value, gradient) of the marginal likelihood of a Gaussian process."""
    ell, amp, noise = np.exp(theta)
    r = (t[:, None] - t[None]) ** 2 / ell**2
    K = amp * np.exp(-0.5 * r)
    C = K + noise * np.eye(len(t))
    L = np.linalg.cholesky(C)
    a = np.linalg.solve(L.T, np.linalg.solve(L, y))
    P = np.linalg.inv(C) - np.outer(a, a)
    g = np.array([0.5 * np.sum(P * K * r), 0.5 * np.sum(P * K), 0.5 * noise * np.trace(P)])
    return 0.5 * y @ a + np.log(np.diag(L)).sum(), g


def student(mu, s, nu=2.5):
    return np.sum(np.log1p((s[:, None] - mu) ** 2 / nu)) * (nu + 1) / 2


def student_grad(mu, s, nu=2.5):
    d = s[:, None] - mu
    return -(nu + 1) * np.sum(d / (nu + d**2), axis=0)


def correlation(x, a):
    u, v = x - x.mean(), a - a.mean()
    return u @ v / np.sqrt((u @ u) * (v @ v))


def correlation_grad(x, a):
    u, v = x - x.mean(), a - a.mean()
    n = np.sqrt((u @ u) * (v @ v))
    return v / n - (u @ v) / n * u / (u @ u)


def logistic(w, Z, k):
    z = k * (Z @ w)
    return np.logaddexp(0, -z).sum() + 1e-3 * w @ w


def logistic_grad(w, Z, k):
    z = k * (Z @ w)
    return -Z.T @ (k * 0.5 * (1 - np.tanh(z / 2))) + 2e-3 * w


def mc_example(rng):
    x = rng.standard_normal(5)
    return {
        "x": 1e-3 * x,
        "a": rng.dirichlet(np.ones(5)),
        "beta": rng.standard_normal(3),
        "Z": rng.standard_normal((9, 3)),
        "when": rng.exponential(1.0, 9),
        "mu": np.array([-1.0, 0.4, 2.0]),
        "s": rng.standard_normal(11) * 2,
        "theta": np.log([0.7, 1.2, 0.1]),
        "t": np.sort(rng.uniform(0, 3, 7)),
        "y": rng.standard_normal(7),
        "w": rng.standard_normal(3),
        "k": rng.choice([-1.0, 1.0], 9),
    }
