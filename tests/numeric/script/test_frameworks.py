"""Functions written for PyTorch, JAX and autograd arrays, called with NumPy arrays.

The libraries are not needed to develop mc: where this Python lacks one, MC_TEST_PYTHON may name one that has it. A
stand-in for PyTorch, which refuses NumPy arrays as the real one does, is tested everywhere.
"""

from __future__ import annotations

import functools
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mccli.numeric.script import CallFailed, Script, ValueMistake

Open = Callable[..., Script]
Write = Callable[..., Path]


@functools.cache
def python_with(library: str) -> str | None:
    """An interpreter that has a library."""
    for python in (sys.executable, os.environ.get("MC_TEST_PYTHON")):
        find = f"import importlib.util as u, sys; sys.exit(u.find_spec({library!r}) is None)"
        if python and subprocess.run([python, "-c", find], check=False).returncode == 0:
            return python
    return None


@pytest.fixture
def opened(write: Write, scripts: Open) -> Callable[[str, str], Script]:
    """A script that needs a library; skipped where no Python has it."""

    def _opened(library: str, text: str, name: str = "model.py") -> Script:
        python = python_with(library)
        if python is None:
            pytest.skip(f"no Python with {library}")
        return scripts(write(text, name), python=python)

    return _opened


X, A = np.arange(1.0, 4.0), np.diag([1.0, 2.0, 3.0])

# ------------------------------------------------------------------------------------------ PyTorch

TORCH = """
    import numpy as np
    import torch

    def f(x, A): return torch.sum((A @ x) ** 2)
    def grad_f(x, A):
        x = x.clone().requires_grad_()
        f(x, A).backward()
        return x.grad
    def method(x): return x.pow(2).sum()
    def calls_f(x, A): return (f(x, A), {"half": x.to(torch.bfloat16)})
    def in_numpy(x): return np.sum(np.asarray(x)) + 0.0
    def plain(x): x[0] = 5.0; return x @ x
    def tracked(x): return x.requires_grad_() * 2
    def in_place(x): x.mul_(2); return x.sum()
    def view(x): return x[1:]
    def random(x): return torch.rand(3)
    def fails(x): return torch.linalg.inv(torch.zeros(2, 2))
    def singles(x): return torch.ones(3) @ x
    def dtype_of(x): return {"double": float(x.dtype == torch.float64)}
    def sparse(x): return torch.eye(3).to_sparse()

    class Net(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = torch.nn.Linear(3, 1)
        def forward(self, x): return self.layer(x)
    net = Net()
    """


def test_torch(opened: Callable[..., Script]) -> None:
    script = opened("torch", TORCH)
    outcome = script.call("f", {"x": X, "A": A})
    assert np.isclose(outcome.value, np.sum((A @ X) ** 2))
    assert (outcome.framework, outcome.dtype) == ("torch", "float64")
    gradient = script.call("grad_f", [X, A])
    assert np.allclose(gradient.value, 2 * A.T @ A @ X)
    assert not gradient.changed_arguments
    assert script.call("method", [X]).value == 14.0
    assert script.call("calls_f", [X, A]).dtype == "bfloat16"
    assert script.call("in_numpy", [X]).value == 6.0
    assert script.call("plain", [X]).changed_arguments == ("x",)
    assert script.call("tracked", [X]).value[0] == 2.0
    assert script.call("in_place", [X]).changed_arguments == ("x",)
    assert script.call("view", [X]).shared_arguments == ("x",)
    assert script.call("dtype_of", [X]).value == {"double": 1.0}
    assert script.call("sparse", [X]).value.shape == (3, 3)
    probe = script.scalar_probe("f", {"x": X, "A": A}, {"x": np.ones(3)}, [0.0, 1.0])
    assert np.allclose(probe.values, [np.sum((A @ (X + t)) ** 2) for t in (0, 1)])


def test_torch_in_single_precision(opened: Callable[..., Script]) -> None:
    script = opened("torch", TORCH)
    assert script.call("singles", [X]).dtype == "float32"
    outcome = script.call("net", [X])
    assert (outcome.value.shape, outcome.dtype, outcome.framework) == ((1,), "float32", "torch")
    assert [p.name for p in script.function("net").parameters] == ["x"]
    assert "net" in [f.name for f in script.functions]


def test_torch_seeds_and_failures(opened: Callable[..., Script]) -> None:
    script = opened("torch", TORCH)
    first, second = (o.value for o in script.call_many("random", [[X], [X]], rng_seed=3))
    assert np.array_equal(first, second)
    with pytest.raises(CallFailed, match=r"LinAlgError.*model\.py"):
        script.call("fails", [X])


# ------------------------------------------------------------------------------------------ JAX and autograd

JAX = """
    import jax
    import jax.numpy as jnp

    def f(x, A): return jnp.sum((A @ x) ** 2)
    grad_f = jax.grad(f)
    fast = jax.jit(f)
    pair = jax.value_and_grad(f)
    def method(x): return x.at[0].set(0.0).sum()
    def operators(x): return (x * x).sum()
    def dtypes(x): return {"double": float(jnp.ones(2).dtype == "float64")}
    def half(x): return x.astype(jnp.bfloat16)
    def key(x): return jax.random.key(0)
    """


def test_jax(opened: Callable[..., Script]) -> None:
    script = opened("jax", JAX)
    truth = np.sum((A @ X) ** 2)
    assert {"f", "grad_f", "fast", "pair"} <= {f.name for f in script.functions}
    for name in ("f", "fast"):
        outcome = script.call(name, {"x": X, "A": A})
        assert np.isclose(outcome.value, truth)
        assert (outcome.framework, outcome.dtype) == ("jax", "float64")
    assert np.allclose(script.call("grad_f", [X, A]).value, 2 * A.T @ A @ X)
    value, gradient = script.call("pair", [X, A]).value
    assert np.isclose(value, truth)
    assert gradient.shape == (3,)
    assert script.call("method", [X]).value == 5.0
    assert script.call("operators", [X]).value == 14.0
    assert script.call("dtypes", [X]).value == {"double": 1.0}
    assert script.call("half", [X]).dtype == "bfloat16"
    with pytest.raises(ValueMistake, match="random key"):
        script.call("key", [X])


AUTOGRAD = """
    import autograd.numpy as np
    from autograd import grad, value_and_grad

    def f(x, A): return np.sum(np.dot(A, x) ** 2)
    grad_f = grad(f)
    def in_place(x):
        x[0] = 9.0
        return np.sum(x)
    """


def test_autograd(opened: Callable[..., Script]) -> None:
    script = opened("autograd", AUTOGRAD)
    outcome = script.call("f", {"x": X, "A": A})
    assert (np.isclose(outcome.value, np.sum((A @ X) ** 2)), outcome.framework) == (True, "autograd")
    assert np.allclose(script.call("grad_f", [X, A]).value, 2 * A.T @ A @ X)
    assert script.call("in_place", [X]).changed_arguments == ("x",)
    assert "grad_f" in [f.name for f in script.functions]


# ------------------------------------------------------------------------------------------ a stand-in

STAND_IN = '''
    """A torch that knows sums and products."""
    import numpy
    strided, float64, float32 = "strided", "float64", "float32"

    class Tensor:
        layout = strided
        def __init__(self, array): self.array = array
        dtype = property(lambda self: "torch." + str(self.array.dtype))
        def detach(self): return self
        cpu = resolve_conj = resolve_neg = detach
        def numpy(self): return self.array
        def mul_(self, c): self.array *= c
        def __matmul__(self, other):
            if self.array.dtype != other.array.dtype: raise RuntimeError("expected both to have the same dtype")
            return Tensor(numpy.asarray(self.array @ other.array))

    def from_numpy(array):
        if not isinstance(array, numpy.ndarray): raise TypeError("expected np.ndarray")
        return Tensor(array)
    def sum(x):
        if not isinstance(x, Tensor): raise TypeError(f"sum(): argument 'input' must be Tensor, not {type(x).__name__}")
        return Tensor(numpy.asarray(x.array.sum()))
    def ones(n, dtype="float32"): return Tensor(numpy.ones(n, dtype))
    seeds = []
    def manual_seed(seed): seeds.append(seed)
    '''

USES_STAND_IN = """
    import numpy as np
    import torch

    def f(x): return torch.sum(x)
    def through(x): return helper(x)
    def helper(x): return torch.sum(x)
    def operators(x): return x @ x
    def singles(x): return x @ torch.ones(3)
    def methods(x):
        x.mul_(2)
        return 1.0
    def in_numpy(x): return np.sum(x)
    def wrong(x): return torch.sum("text")
    def seeded(x): return float(torch.seeds[-1])
    """


@pytest.fixture
def stand_in(write: Write, scripts: Open) -> Script:
    write(STAND_IN, "torch/__init__.py")
    return scripts(write(USES_STAND_IN))


@pytest.mark.parametrize(("name", "framework"), [("f", "torch"), ("through", "torch"), ("operators", "numpy")])
def test_a_stand_in(stand_in: Script, name: str, framework: str) -> None:
    outcome = stand_in.call(name, [X])
    assert outcome.value == (14.0 if name == "operators" else 6.0)
    assert outcome.framework == framework
    assert outcome.dtype == "float64"


def test_a_stand_in_that_wants_single_precision(stand_in: Script) -> None:
    outcome = stand_in.call("singles", [X])
    assert (outcome.value, outcome.dtype) == (6.0, "float32")
    assert not outcome.changed_arguments


def test_a_stand_in_in_other_ways(stand_in: Script) -> None:
    assert stand_in.call("methods", [X]).changed_arguments == ("x",)
    assert stand_in.call("in_numpy", [X]).framework == "numpy"
    assert stand_in.call("seeded", [X], rng_seed=11).value == 11.0
    with pytest.raises(CallFailed, match="must be Tensor, not str"):
        stand_in.call("wrong", [X])


@pytest.mark.parametrize("value", [X, [X, (X,)], {"a": X}, 2.0])
def test_what_is_nested_reaches_the_function(write: Write, scripts: Open, value: Any) -> None:
    script = scripts(write("def f(v): return v\n"))
    assert str(script.call("f", [value]).value) == str(value)
