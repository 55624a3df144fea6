"""Arrays of JAX, PyTorch and autograd, in and out. Runs in the child process.

None of them is imported here: where the user's code has not loaded a library, it has no arrays of it.
"""

from __future__ import annotations

import inspect
import numbers
import random
import sys
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from types import CodeType, ModuleType
from typing import Any

import numpy as np

from mccli.numeric.script.wire import Array, Rng, Unsendable, article

Function = Callable[..., Any]

LIBRARIES = ("torch", "jax", "autograd")
MANNERS = {"torch": ("torch", "torch-float32", "numpy"), "jax": ("jax", "numpy"), "autograd": ("autograd",)}
"""How a function that uses a library may want its arrays, the likeliest first."""
MISFITS = (TypeError, AttributeError, RuntimeError)
"""What functions raise that were handed arrays of the wrong library or precision."""

# ------------------------------------------------------------------------------------------ which


def manners(function: Function) -> tuple[str, ...]:
    """How to hand arrays to a function, in the order to be tried."""
    used = set(libraries_used(function))
    for library in LIBRARIES:
        if library in used:
            return MANNERS[library]
    known = _globals(function).values()
    beside = {_library(value) for value in known if isinstance(value, ModuleType)}
    others = [m for lib in ("torch", "jax") if lib in beside for m in MANNERS[lib] if m != "numpy"]
    return ("numpy", *others)


def libraries_used(function: Any, seen: set[int] | None = None) -> Iterator[str]:
    """The libraries that the code of a function mentions, or that of functions it calls from its own module."""
    seen = set() if seen is None else seen
    if id(function) in seen:
        return
    seen.add(id(function))
    yield from (lib for c in type(function).__mro__ if (lib := c.__module__.split(".")[0]) in LIBRARIES)
    function = inspect.unwrap(function)
    known = _globals(function)
    for name in _names(getattr(function, "__code__", None)):
        value = known.get(name)
        yield from [lib for lib in [_library(value)] if lib in LIBRARIES]
        if hasattr(value, "__code__") and value.__module__ == getattr(function, "__module__", None):
            yield from libraries_used(value, seen)


def _globals(function: Any) -> dict[str, Any]:
    unwrapped = inspect.unwrap(function)
    return getattr(unwrapped, "__globals__", None) or {}


def _names(code: CodeType | None) -> Iterator[str]:
    """The names in a piece of code and in the functions inside it."""
    if code is None:
        return
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)


def _library(value: Any) -> str:
    """The library that a module, function or object belongs to."""
    name = value.__name__ if isinstance(value, ModuleType) else getattr(value, "__module__", None)
    if not isinstance(name, str):
        name = type(value).__module__
    return name.split(".")[0]


# ------------------------------------------------------------------------------------------ in


def handed(value: Any, manner: str) -> Any:
    """A copy of an argument as the function wants it."""
    if isinstance(value, np.ndarray):
        return _array_for(value, manner)
    if isinstance(value, list | tuple):
        return type(value)(handed(item, manner) for item in value)
    if isinstance(value, dict):
        return {key: handed(item, manner) for key, item in value.items()}
    if isinstance(value, Rng):
        return np.random.default_rng(value.seed)
    return value


def _array_for(array: Array, manner: str) -> Any:
    if manner == "torch-float32" and array.dtype == np.float64:
        return sys.modules["torch"].from_numpy(array.astype(np.float32))
    if manner.startswith("torch"):
        return sys.modules["torch"].from_numpy(array.copy())
    if manner == "jax":
        return sys.modules["jax"].numpy.asarray(array.copy())
    return array.copy()


def unchanged(after: Any, before: Any) -> bool:
    """Whether an argument that was handed over still holds the bytes of the original."""
    if isinstance(before, list | tuple):
        fits = isinstance(after, list | tuple) and len(after) == len(before)
        return fits and all(unchanged(a, b) for a, b in zip(after, before, strict=True))
    if isinstance(before, dict):
        return (
            isinstance(after, dict)
            and after.keys() == before.keys()
            and all(unchanged(after[key], item) for key, item in before.items())
        )
    if not isinstance(before, np.ndarray) or _library(after) in ("jax", "jaxlib"):
        return True
    now = _numpy_of_torch(after) if _library(after) == "torch" else np.asarray(after)
    return _same_bytes(now, before.astype(now.dtype, copy=False))


def _same_bytes(a: Array, b: Array) -> bool:
    if a.shape != b.shape:
        return False
    x, y = (np.asarray(v, order="C").reshape(-1).view(np.uint8) for v in (a, b))
    return bool(np.array_equal(x, y))


def seed_everything(seed: int) -> None:
    """Seed the global generators of the libraries that are loaded."""
    random.seed(seed)
    np.random.seed(seed % 2**32)
    if "torch" in sys.modules:
        sys.modules["torch"].manual_seed(seed)


# ------------------------------------------------------------------------------------------ out


def plain(value: Any) -> Any:
    """What a function returned, as numbers, NumPy arrays and containers that the wire carries."""
    if value is None or isinstance(value, np.ndarray | np.generic | bool | int | float | complex | str | list | tuple):
        return value
    if isinstance(value, dict):
        return {_key(key): item for key, item in value.items()}
    library = _library(type(value))
    if library == "torch" and hasattr(value, "detach"):
        return _numpy_of_torch(value)
    if library in ("jax", "jaxlib") and hasattr(value, "dtype"):
        return _numpy_of_jax(value)
    if hasattr(value, "toarray") and hasattr(value, "nnz"):  # a sparse matrix of SciPy
        return value.toarray()
    if isinstance(value, numbers.Real | Decimal):
        return float(value)
    return _by_protocol(value)


def _key(key: Any) -> Any:
    return str(key) if isinstance(key, int | np.integer) else key


def _by_protocol(value: Any) -> Any:
    """An object that says of itself that it is an array (pandas, xarray); everything else is refused."""
    if callable(value):
        raise Unsendable("a function")
    if inspect.iscoroutine(value):
        value.close()
        raise Unsendable("a coroutine (an async function has to be awaited)")
    if not hasattr(value, "__array__"):
        raise Unsendable(f"an object of type {type(value).__name__}")
    array = np.asarray(value)
    if array.dtype == object:
        raise Unsendable(f"{article(type(value).__name__)} that holds objects")
    return array


def _numpy_of_torch(tensor: Any) -> Array:
    tensor = tensor.detach().cpu()
    if tensor.layout != sys.modules["torch"].strided:
        tensor = tensor.to_dense()
    tensor = tensor.resolve_conj().resolve_neg()
    if str(tensor.dtype) == "torch.bfloat16":
        tensor = tensor.float()
    array: Array = tensor.numpy()
    return array


def _numpy_of_jax(value: Any) -> Array:
    if str(value.dtype).startswith("key<"):
        raise Unsendable("a JAX random key")
    array = np.asarray(value)
    return array.astype(np.float32) if array.dtype.kind == "V" else array  # bfloat16 and its like


def framework_of(values: Iterable[Any]) -> str:
    """The library whose arrays a value is made of."""
    for value in values:
        if isinstance(value, list | tuple):
            inner = framework_of(value)
        elif isinstance(value, dict):
            inner = framework_of(value.values())
        else:
            inner = {"torch": "torch", "jax": "jax", "jaxlib": "jax"}.get(_library(type(value)), "numpy")
        if inner != "numpy":
            return inner
    return "numpy"


def least_precise(value: Any) -> str:
    """The name of the floating type with the fewest digits in a value, before it was converted; "" if there is none."""
    names = [name for name in _dtypes(value) if name in _DIGITS]
    return min(names, key=lambda name: _DIGITS[name]) if names else ""


_DIGITS = {"bfloat16": 7, "float16": 10, "float32": 23, "complex64": 23, "float64": 52, "complex128": 52}
_DIGITS |= {np.dtype(t).name: int(np.finfo(t).nmant) for t in (np.longdouble, np.clongdouble)}


def _dtypes(value: Any) -> Iterator[str]:
    if isinstance(value, list | tuple):
        yield from (name for item in value for name in _dtypes(item))
    elif isinstance(value, dict):
        yield from (name for item in value.values() for name in _dtypes(item))
    elif hasattr(value, "dtype"):
        yield str(value.dtype).removeprefix("torch.")
    elif isinstance(value, float):
        yield "float64"
    elif isinstance(value, complex):
        yield "complex128"
