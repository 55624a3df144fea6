"""Right gradients of functions with noise: rounding, float32, iterations that stop early."""

import numpy as np


def hash_noise(*arrays):
    """The same noise for the same input, as a solver with a tolerance makes it."""
    s = sum(float(np.sum(np.abs(a) * 1e7)) for a in arrays)
    return np.sin(s * 12.9898) * 0.5


def noisy(x, A):
    return np.sum(np.tanh(A @ x)) * (1 + 1e-10 * hash_noise(x))


def noisy_grad(x, A):
    return A.T @ (1 - np.tanh(A @ x) ** 2)


def noisy_fit(x, A):
    return np.linalg.norm(A @ x - 1) ** 2 + 1e-9 * hash_noise(x)


def noisy_fit_grad(x, A):
    return 2 * A.T @ (A @ x - 1)


def buried(w):
    """The signal is 1e-16 of a constant: differences see nothing of it, the complex step all."""
    return 1e16 + np.sum(np.sin(w))


def buried_grad(w):
    return np.cos(w)


def single(x, A):
    z = A.astype(np.float32) @ x.astype(np.float32)
    return np.sum(np.log1p(np.exp(z)))


def single_grad(x, A):
    return A.T @ (1 / (1 + np.exp(-(A @ x))))


def single_both(x, A):
    z = np.float32(A) @ np.float32(x)
    return np.float32(0.5) * (z @ z)


def single_both_grad(x, A):
    A32 = np.float32(A)
    return A32.T @ (A32 @ np.float32(x))


def conjugate_gradients(M, b, tol=1e-10):
    x = np.zeros_like(b)
    r = b - M @ x
    p = r
    for _ in range(10 * len(b)):
        if np.linalg.norm(r) <= tol * np.linalg.norm(b):
            break
        a = r @ r / (p @ M @ p)
        x = x + a * p
        new = r - a * M @ p
        p = new + (new @ new) / (r @ r) * p
        r = new
    return x


def compliance(rho, b):
    """b' K(rho)^-1 b of a chain of springs, by conjugate gradients."""
    return b @ conjugate_gradients(stiffness(rho), b)


def stiffness(rho):
    n = len(rho)
    K = np.diag(rho)
    K[1:, 1:] += np.diag(rho[1:])
    off = np.arange(n - 1)
    K[off, off + 1] = K[off + 1, off] = -0.5 * rho[1:]
    return K + np.eye(n)


def compliance_grad(rho, b):
    u = conjugate_gradients(stiffness(rho), b)
    g = -(u**2)
    g[1:] -= u[1:] ** 2 - u[:-1] * u[1:]
    return g


def fixed_point(w):
    """y = cos(w + y/2), iterated; the gradient comes from the implicit function theorem."""
    y = np.zeros_like(w)
    for _ in range(200):
        y_new = np.cos(w + y / 2)
        if np.max(np.abs(y_new - y)) < 1e-13:
            break
        y = y_new
    return np.sum(y**2)


def fixed_point_grad(w):
    y = np.zeros_like(w)
    for _ in range(100):
        y = np.cos(w + y / 2)
    s = -np.sin(w + y / 2)
    return 2 * y * s / (1 - s / 2)


def rk4(v, steps=50):
    """Final position of a damped pendulum from (angle, speed), and its adjoint by tangents."""
    return pendulum(v, steps)[0][0]


def rk4_grad(v, steps=50):
    return pendulum(v, steps)[1][0]


def pendulum(v, steps, dt=0.05):
    def rhs(s, T):
        J = np.array([[0, 1], [-np.cos(s[0]), -0.1]])
        return np.array([s[1], -np.sin(s[0]) - 0.1 * s[1]]), J @ T

    s, T = v.astype(float), np.eye(2)
    for _ in range(steps):
        k1, K1 = rhs(s, T)
        k2, K2 = rhs(s + dt / 2 * k1, T + dt / 2 * K1)
        k3, K3 = rhs(s + dt / 2 * k2, T + dt / 2 * K2)
        k4, K4 = rhs(s + dt * k3, T + dt * K3)
        s = s + dt / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
        T = T + dt / 6 * (K1 + 2 * K2 + 2 * K3 + K4)
    return s, T


def sinkhorn(a, C, eps=0.3):
    """Entropic transport cost from a to the uniform weights; a is normalised inside."""
    p = a / a.sum()
    return potentials(p, C, eps)[2]


def potentials(p, C, eps):
    q = np.full(C.shape[1], 1 / C.shape[1])
    f, g = np.zeros(C.shape[0]), np.zeros(C.shape[1])
    for _ in range(80):
        M = (g[None] - C) / eps
        f = eps * (np.log(p) - np.log(np.exp(M).sum(1)))
        M = (f[:, None] - C) / eps
        g = eps * (np.log(q) - np.log(np.exp(M).sum(0)))
    P = np.exp((f[:, None] + g[None] - C) / eps)
    return f, g, f @ p + g @ q - eps * (P.sum() - 1)


def sinkhorn_grad(a, C, eps=0.3):
    p = a / a.sum()
    f, _, _ = potentials(p, C, eps)
    return (f - f @ p) / a.sum()


def mc_example(rng):
    return {
        "x": rng.standard_normal(4),
        "A": rng.standard_normal((6, 4)),
        "rho": rng.uniform(0.5, 2, 6),
        "b": rng.standard_normal(6),
        "w": rng.standard_normal(4),
        "v": np.array([1.1, -0.4]),
        "a": rng.uniform(0.5, 2, 4),
        "C": rng.uniform(0, 1, (4, 5)),
    }
