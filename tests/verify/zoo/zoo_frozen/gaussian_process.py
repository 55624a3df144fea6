import numpy as np


def gram(theta, t):
    ell, amp, noise = np.exp(theta)
    d2 = (t[:, None] - t[None]) ** 2
    K = amp * np.exp(-0.5 * d2 / ell**2)
    return K + noise * np.eye(len(t)), K, d2 / ell**2


def evidence(theta: "Float[ndarray, '3']", t: "Float[ndarray, 'n']", y: "Float[ndarray, 'n']"):  # noqa: F821
    C, _, _ = gram(theta, t)
    return 0.5 * y @ np.linalg.solve(C, y) + 0.5 * np.linalg.slogdet(C)[1]


def _pieces(theta, t, y):
    C, K, r = gram(theta, t)
    a = np.linalg.solve(C, y)
    P = np.linalg.inv(C) - np.outer(a, a)
    dK = [K * r, K, np.exp(theta[2]) * np.eye(len(t))]
    return C, a, P, dK


def evidence_no_half(theta, t, y):
    _, _, P, dK = _pieces(theta, t, y)
    return np.array([np.sum(P * d) for d in dK])


def evidence_fit_only(theta, t, y):
    """The determinant was left out."""
    _, a, _, dK = _pieces(theta, t, y)
    return np.array([-0.5 * a @ d @ a for d in dK])


def evidence_logs(theta, t, y):
    """By the parameters, where theta holds their logarithms."""
    _, _, P, dK = _pieces(theta, t, y)
    return np.array([0.5 * np.sum(P * d) for d in dK]) / np.exp(theta)


def evidence_noise(theta, t, y):
    _, _, P, dK = _pieces(theta, t, y)
    g = np.array([0.5 * np.sum(P * d) for d in dK])
    g[2] = 0.5 * np.trace(P)
    return g


def cox(beta, Z, when):
    eta = Z @ beta
    order = np.argsort(-when)
    return -np.sum(eta[order] - np.logaddexp.accumulate(eta[order]))


def cox_grad(beta, Z, when):
    eta = (Z @ beta)[np.argsort(-when)]
    S = Z[np.argsort(-when)]
    e = np.exp(eta)
    risk = np.cumsum(S * e[:, None], axis=0) / np.cumsum(e)[:, None]
    return np.sum(S - risk, axis=0)


def mc_example(rng):
    n = 6
    return {
        "theta": np.log([0.8, 1.5, 0.3]),
        "t": np.sort(rng.uniform(0, 3, n)),
        "y": rng.standard_normal(n),
        "beta": rng.standard_normal(3),
        "Z": rng.standard_normal((n, 3)),
        "when": rng.exponential(1.0, n),
    }
