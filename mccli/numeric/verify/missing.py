"""Arguments of which nothing is known: what is missing, and one set of shapes with which the function runs."""

from __future__ import annotations

import itertools
import shlex
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from mccli.errors import UsageError
from mccli.numeric.script import Script
from mccli.numeric.verify.functions import Function, ScriptFunction, taken

Value = Any
MATRICES = ("5,4", "4,5", "4,4", "5,5", "4", "scalar")
VECTORS = ("4", "5", "scalar", "4,4", "5,4", "4,5")
MOST_TRIED = 400
SECONDS = 4.0


def missing_arguments(f: Function, missing: Sequence[str], known: Mapping[str, Value], command: str) -> UsageError:
    """The error that lists them, with shapes that were tried."""
    listed = " and ".join(filter(None, (", ".join(missing[:-1]), missing[-1])))
    kind = "arguments" if len(missing) > 1 else "argument"
    error = UsageError(
        f"{f.info.name}: nothing is known about its {kind} {listed}",
        notes=[
            "give shapes, --shape "
            + " --shape ".join(f"{n}:m,n" if n[:1].isupper() else f"{n}:n" for n in missing[:2]),
            "or data, --at data.npz; or write mc_example(rng) in the script, returning a dict of arguments",
        ],
    )
    found = working_shapes(f, missing, known)
    if found is not None:
        options = " ".join(f"--shape {shlex.quote(f'{n}:{sizes}')}" for n, sizes in found.items())
        error.fix = f"{command} {options}"
    return error


def working_shapes(f: Function, missing: Sequence[str], known: Mapping[str, Value]) -> dict[str, str] | None:
    """Shapes with which the function gives a finite number, the likeliest first."""
    if not isinstance(f, ScriptFunction) or len(missing) > 5:
        return None
    begun = time.monotonic()
    tries = list(itertools.islice(_combinations(missing), MOST_TRIED))
    for start in range(0, len(tries), 20):
        batch = tries[start : start + 20]
        points = [taken(f.info, {**known, **_drawn(shapes)}) for shapes in batch]
        for shapes, value in zip(batch, _values(f.script, f.info.name, points), strict=True):
            if value is not None:
                return shapes
        if time.monotonic() - begun > SECONDS:
            return None
    return None


def _combinations(missing: Sequence[str]) -> Iterator[dict[str, str]]:
    """All shapes for all arguments, the plainest first."""
    options = [MATRICES if n[:1].isupper() else VECTORS for n in missing]
    chosen = itertools.product(*(range(len(o)) for o in options))
    for numbers in sorted(chosen, key=lambda c: (sum(c), c)):
        yield {n: o[i] for n, o, i in zip(missing, options, numbers, strict=True)}


def _drawn(shapes: Mapping[str, str]) -> dict[str, Value]:
    rng = np.random.default_rng(0)
    sizes = {n: () if s == "scalar" else tuple(map(int, s.split(","))) for n, s in shapes.items()}
    return {n: np.asarray(rng.uniform(0.3, 1.7, size)) for n, size in sizes.items()}


def _values(script: Script, name: str, points: Sequence[Any]) -> list[float | None]:
    """The values that are finite numbers."""
    found = script.call_many(name, points, keep_errors=True)
    return [_number(outcome.value) if outcome.error is None else None for outcome in found]


def _number(value: Value) -> float | None:
    first = value[0] if isinstance(value, tuple) and value else value
    try:
        array = np.asarray(first, dtype=float)
    except (TypeError, ValueError):
        return None
    return float(array.reshape(-1)[0]) if array.size == 1 and np.all(np.isfinite(array)) else None
