"""Right gradients that return unusual things or keep state on purpose."""

import numpy as np

DATA = np.random.default_rng(5).standard_normal((10, 4))
TARGET = DATA.sum(axis=1) ** 2
calls = {"f": 0, "g": 0}


def loss(w, X=DATA, y=TARGET):
    """Reads the data of the module."""
    calls["f"] += 1
    return np.sum((X @ w - y) ** 2) / len(y)


def grad_loss(w, X=DATA, y=TARGET):
    calls["g"] += 1
    return 2 * X.T @ (X @ w - y) / len(y)


def chatty(w):
    print("evaluating at", w)
    return np.sum(w**4)


def chatty_grad(w):
    print("gradient")
    return 4 * w**3


def listed(w):
    return sum(float(v) ** 2 * (i + 1) for i, v in enumerate(w))


def listed_grad(w):
    return [2 * float(v) * (i + 1) for i, v in enumerate(w)]


def column(c, M):
    """c is n by 1 and so the value is 1 by 1."""
    return c.T @ M @ c


def column_grad(c, M):
    return (M + M.T) @ c


def fortran(M):
    return np.sum(np.sin(M) ** 2)


def fortran_grad(M):
    return np.asfortranarray(np.sin(2 * M))


def view(M, w):
    return w @ M @ w


def view_grad(M, w):
    return np.broadcast_to(w, (len(w), len(w))).T * w


def read_only(w):
    return np.cosh(w).sum()


def read_only_grad(w):
    g = np.sinh(w)
    g.flags.writeable = False
    return g


def half_precision_result(w):
    return np.sum(np.exp(w))


def half_precision_result_grad(w):
    return np.exp(w).astype(np.float32)


def by_number(a):
    """A number in, a number out."""
    return np.sin(a) * a


def by_number_grad(a):
    return float(np.cos(a) * a + np.sin(a))


def by_number_array(a):
    return np.array([np.cos(a) * a + np.sin(a)]).reshape(())


def constant_part(w, M):
    """w[0] has no influence at all."""
    return np.prod(np.sin(w[1:]))


def constant_part_grad(w, M):
    s, c = np.sin(w[1:]), np.cos(w[1:])
    g = np.zeros(len(w))
    for i in range(len(s)):
        g[i + 1] = c[i] * np.prod(np.delete(s, i))
    return g


def integers(w):
    return 3 * w[0] - 2 * w[1] + 0 * w[2] + w[3]


def integers_grad(w):
    return np.array([3, -2, 0, 1])


class Cached:
    """Keeps the last forward pass and looks whether it belongs to this point."""

    def __init__(self):
        self.key, self.z = None, None

    def _forward(self, w):
        if self.key != w.tobytes():
            self.key, self.z = w.tobytes(), np.tanh(DATA @ w)
        return self.z

    def value(self, w):
        return self._forward(w).sum()

    def gradient(self, w):
        return DATA.T @ (1 - self._forward(w) ** 2)


class Model:
    class inner:
        objective = Cached()


def make(power):
    def f(w):
        return np.sum(np.abs(w) ** power)

    def grad(w):
        return power * np.sign(w) * np.abs(w) ** (power - 1)

    f.grad = grad
    return f


cubic = make(3)


def copies(w, M):
    """Works in place, on its own copy."""
    z = w.copy()
    z *= 2
    return np.sum(M @ z * z)


def copies_grad(w, M):
    g = w.copy()
    g *= 4
    return (M + M.T) @ g


def residuals(w):
    return np.concatenate([np.sin(w), [np.prod(w)]])


def residuals_jac(w):
    last = [np.prod(np.delete(w, i)) for i in range(len(w))]
    return np.vstack([np.diag(np.cos(w)), last])


def rosen(w):
    return np.sum(100 * (w[1:] - w[:-1] ** 2) ** 2 + (1 - w[:-1]) ** 2)


def rosen_grad(w):
    g = np.zeros_like(w)
    g[:-1] = -400 * w[:-1] * (w[1:] - w[:-1] ** 2) - 2 * (1 - w[:-1])
    g[1:] += 200 * (w[1:] - w[:-1] ** 2)
    return g


def rosen_hess(w):
    H = np.diag(-400 * w[:-1], 1) + np.diag(-400 * w[:-1], -1)
    d = np.zeros_like(w)
    d[:-1] = 1200 * w[:-1] ** 2 - 400 * w[1:] + 2
    d[1:] += 200
    return H + np.diag(d)


def pull(w, M):
    return np.tanh(M @ w)


def pull_vjp(w, M, u):
    return M.T @ ((1 - np.tanh(M @ w) ** 2) * u)


def pull_jvp(w, M, v):
    return (1 - np.tanh(M @ w) ** 2) * (M @ v)
