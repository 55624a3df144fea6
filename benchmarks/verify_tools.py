"""Gradient checkers behind one interface: each gets the NumPy function and gradient the way that is natural to it.

Every checker runs with its own defaults; what it asks of f is counted in f.
"""

from __future__ import annotations

import logging
import os
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Literal

import numpy as np

from benchmarks.verify_functions import Array, Case, Function
from mccli.numeric.gradcheck import Problem, check

Verdict = Literal["right", "wrong", "cannot tell"]


class TooMany(Exception):
    """f was evaluated more often than allowed."""


@dataclass
class Counted:
    """A function that counts its evaluations."""

    f: Function
    most: int = 100_000
    evaluations: int = 0

    def __call__(self, x: Any) -> Any:
        self.evaluations += 1
        if self.evaluations > self.most:
            raise TooMany
        return self.f(x)


@dataclass(frozen=True)
class Tool:
    """A checker: its verdict on f, gradient and point; and how many evaluations it takes at least for n entries."""

    name: str
    judge: Callable[[Function, Function, Array], Verdict]
    least: Callable[[int], int] = lambda _n: 2

    def __call__(self, case: Case, most: int = 100_000) -> tuple[Verdict, int]:
        """The verdict and the evaluations of f. A checker that stops with another exception cannot tell."""
        f = Counted(case.f, most)
        np.random.seed(20_240_817)
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                verdict = self.judge(f, case.gradient, np.array(case.x))
            except Exception:
                verdict = "cannot tell"
        return verdict, f.evaluations


def tools() -> tuple[list[Tool], list[str]]:
    """Those that are installed, and a line about each of the others."""
    found, missing = [Tool("mc", _mc)], []
    for package, load in (("scipy", _scipy), ("jax", _jax), ("autograd", _autograd), ("torch", _torch)):
        try:
            found += load()
        except ImportError as error:
            missing.append(f"skipped: {package} is not installed ({error})")
    return found, missing


def _mc(f: Function, gradient: Function, x: Array) -> Verdict:
    problem = Problem(lambda p: f(p["x"]), {"x": x}, lambda p: {"x": gradient(p["x"])})
    return check(problem).verdict


# --------------------------------------------------------------------------------------------------------- SciPy

ABSOLUTE, RELATIVE = 1e-6, 1e-5
"""check_grad has no rule: 1e-6 is the one of SciPy's own checks; the other is relative to the gradient's norm."""


def _scipy() -> list[Tool]:
    check_grad = import_module("scipy.optimize").check_grad

    def error(f: Function, gradient: Function, x: Array) -> float:
        shape = x.shape
        found = check_grad(lambda t: f(t.reshape(shape)), lambda t: gradient(t.reshape(shape)).reshape(-1), x.ravel())
        return float(found)

    def absolute(f: Function, gradient: Function, x: Array) -> Verdict:
        return _verdict(error(f, gradient, x) < ABSOLUTE)

    def relative(f: Function, gradient: Function, x: Array) -> Verdict:
        return _verdict(error(f, gradient, x) <= RELATIVE * float(np.linalg.norm(gradient(x))))

    return [
        Tool(f"scipy check_grad < {ABSOLUTE:.0e}", absolute, lambda n: n + 1),
        Tool(f"scipy check_grad < {RELATIVE:.0e} |g|", relative, lambda n: n + 1),
    ]


def _verdict(right: bool) -> Verdict:
    return "right" if right else "wrong"


# ----------------------------------------------------------------------------------------------------------- JAX


def _jax() -> list[Tool]:
    os.environ.setdefault("JAX_PLATFORMS", "cpu")
    jax = import_module("jax")
    check_grads = import_module("jax.test_util").check_grads
    jax.config.update("jax_enable_x64", True)
    jax.config.update("jax_cpu_enable_async_dispatch", False)  # else callbacks may wait for each other
    logging.getLogger("jax").setLevel(logging.CRITICAL)

    def judge(f: Function, gradient: Function, x: Array) -> Verdict:
        function = _jax_function(jax, f, gradient, x)
        return _asserts(lambda: check_grads(function, (x,), order=1, modes=["rev"]))

    return [Tool("jax check_grads", judge)]


def _jax_function(jax: Any, f: Function, gradient: Function, x: Array) -> Function:
    """f for JAX, with the user's gradient as its rule."""

    def call(function: Function, shape: tuple[int, ...], at: Any) -> Any:
        result = jax.ShapeDtypeStruct(shape, x.dtype)
        return jax.pure_callback(lambda a: np.asarray(function(np.array(a)), dtype=x.dtype), result, at)

    def forward(at: Any) -> tuple[Any, Any]:
        return call(f, (), at), at

    def backward(at: Any, cotangent: Any) -> tuple[Any]:
        return (cotangent * call(gradient, x.shape, at),)

    function = jax.custom_vjp(lambda at: call(f, (), at))
    function.defvjp(forward, backward)
    wrapped: Function = function
    return wrapped


def _asserts(action: Callable[[], object]) -> Verdict:
    try:
        action()
    except AssertionError:
        return "wrong"
    return "right"


# ------------------------------------------------------------------------------------------------------ autograd


def _autograd() -> list[Tool]:
    extend = import_module("autograd.extend")
    check_grads = import_module("autograd.test_util").check_grads

    def judge(f: Function, gradient: Function, x: Array) -> Verdict:
        function = extend.primitive(lambda at: f(at))
        extend.defvjp(function, lambda _value, at: lambda cotangent: cotangent * gradient(at))
        return _asserts(lambda: check_grads(function, modes=["rev"], order=1)(x))

    return [Tool("autograd check_grads", judge)]


# --------------------------------------------------------------------------------------------------------- torch


def _torch() -> list[Tool]:
    torch = import_module("torch")
    gradcheck = import_module("torch.autograd").gradcheck

    def judge(f: Function, gradient: Function, x: Array, fast: bool) -> Verdict:
        function = _torch_function(torch, f, gradient)
        at = torch.tensor(x, requires_grad=True)
        return _verdict(gradcheck(function, (at,), fast_mode=fast, raise_exception=False))

    return [
        Tool("torch gradcheck", lambda f, g, x: judge(f, g, x, False), lambda n: 2 * n),
        Tool("torch gradcheck fast_mode", lambda f, g, x: judge(f, g, x, True)),
    ]


def _torch_function(torch: Any, f: Function, gradient: Function) -> Function:
    """f for PyTorch, with the user's gradient as its backward."""

    def forward(context: Any, at: Any) -> Any:
        context.save_for_backward(at)
        return torch.tensor(f(at.detach().numpy().copy()), dtype=at.dtype)

    def backward(context: Any, cotangent: Any) -> Any:
        (at,) = context.saved_tensors
        return cotangent * torch.from_numpy(np.array(gradient(at.detach().numpy().copy())))

    methods = {"forward": staticmethod(forward), "backward": staticmethod(backward)}
    made: Function = type("User", (torch.autograd.Function,), methods).apply
    return made
