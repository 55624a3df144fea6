"""Scripts of the zoo, imported into this process, as problems for the checker; and the score of the diagnosis."""

from __future__ import annotations

import contextlib
import importlib.util
import inspect
import io
import sys
import time
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import Any

import numpy as np
from mccli.numeric.diagnose import Diagnosis, diagnose
from mccli.numeric.gradcheck import Problem, Report, check

ZOO = Path(__file__).parents[2] / "verify" / "zoo"
sys.path.insert(0, str(ZOO))

from case import Case  # noqa: E402
from zoo import DESIGN, FROZEN, RIGHT  # noqa: E402

__all__ = ["DESIGN", "FROZEN", "RIGHT", "Case", "Result", "problem_of", "result_of", "score", "table"]

EXTRA = {"vjp": "u", "jvp": "v"}


def load(case: Case) -> Any:
    """The script, new each time: caches start empty."""
    spec = importlib.util.spec_from_file_location(f"zoo_diagnosed_{case.path.stem}", case.path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    with contextlib.redirect_stdout(io.StringIO()):
        spec.loader.exec_module(module)
    return module


def draw(size: str, properties: set[str], rng: np.random.Generator) -> Any:
    """A value of a declared shape."""
    if size == "scalar":
        return np.asarray(rng.uniform(0.5, 2))
    shape = tuple(int(n) for n in size.split(","))
    value = rng.standard_normal(shape)
    if "positive" in properties:
        return np.abs(value) + 0.3
    if "spd" in properties:
        return value @ value.T / shape[0] + np.eye(shape[0])
    return (value + value.T) / 2 if "symmetric" in properties else value


def values_of(case: Case, module: Any, seed: int) -> dict[str, Any]:
    """Arguments by name, as ``mc verify`` would draw them."""
    rng = np.random.default_rng(seed)
    if not case.shapes:
        return dict(module.mc_example(rng))
    assumed = [text.split(":") for text in case.assume]
    sizes = [text.split(":") for text in case.shapes]
    return {n: draw(size, {p for m, p in assumed if m == n}, rng) for n, size in sizes}


def caller(function: Callable[..., Any], fixed: Mapping[str, Any]) -> Callable[[Mapping[str, Any]], Any]:
    """The function on those of the arguments that it has."""
    names = list(inspect.signature(function).parameters)

    def call(arguments: Mapping[str, Any]) -> Any:
        taken = {n: arguments[n] if n in arguments else fixed[n] for n in names if n in arguments or n in fixed}
        with contextlib.redirect_stdout(io.StringIO()):
            return function(**taken)

    return call


def as_mapping(found: Any, names: tuple[str, ...]) -> Mapping[str, Any]:
    """What a gradient returns, by argument."""
    if isinstance(found, dict):
        return found
    if isinstance(found, tuple) or (isinstance(found, list) and len(names) > 1):
        return dict(zip(names, [*found, *[None] * len(names)], strict=False))
    return {names[0]: found}


def problem_of(case: Case, seed: int = 7) -> tuple[Problem, dict[str, float]]:
    """The problem of a case, and the numbers that are defaults of its function."""
    module = load(case)
    f = reduce(getattr, case.f.split("."), module)
    values = values_of(case, module, seed)
    parameters = inspect.signature(f).parameters
    own = {n for n in values if n in parameters}
    arguments = {
        n: np.asarray(values[n]) for n in values if n in own and isinstance(values[n], (np.ndarray, float, int))
    }
    fixed = {n: v for n, v in values.items() if n not in arguments}
    value = caller(f, fixed)
    scalars = {n: float(p.default) for n, p in parameters.items() if isinstance(p.default, (int, float))}
    symmetric = frozenset(t.split(":")[0] for t in case.assume if t.split(":")[1] in ("spd", "symmetric"))
    if case.grad is None:
        both = value
        return Problem(lambda a: both(a)[0], arguments, lambda a: as_mapping(both(a)[1], case.wrt), names=case.wrt,
                       symmetric=symmetric), scalars  # fmt: skip
    grad = reduce(getattr, case.grad.split("."), module)
    extra = EXTRA.get(case.kind, "")
    if extra:
        fixed = {**fixed, extra: None}
    claims = _claims(case, grad, fixed, extra)
    return Problem(value, arguments, names=case.wrt, symmetric=symmetric, **claims), scalars


def _claims(case: Case, grad: Callable[..., Any], fixed: Mapping[str, Any], extra: str) -> dict[str, Any]:
    call = caller(grad, fixed)
    if case.kind == "vjp":
        return {"vjp": lambda a, u: as_mapping(call({**a, extra: u}), case.wrt)}
    if case.kind == "jvp":
        return {"jvp": lambda a, v: call({**a, extra: v[case.wrt[0]]})}
    return {case.kind: lambda a: as_mapping(call(a), case.wrt)}


@dataclass(frozen=True)
class Result:
    """What was said about one case."""

    case: Case
    report: Report
    found: list[Diagnosis]
    seconds: float

    @property
    def first(self) -> str:
        """The label told first."""
        return self.found[0].label if self.found else "-"

    @property
    def hit(self) -> bool:
        """Whether it is the expected one."""
        return self.first in (self.case.label, *self.case.also)

    @property
    def text(self) -> str:
        """All that is said about the first."""
        return " ".join([self.found[0].sentence, self.found[0].evidence, self.found[0].argument]) if self.found else ""

    @property
    def detailed(self) -> bool:
        """Whether the first says what the case wants said."""
        return all(any(option in self.text for option in wanted.split("|")) for wanted in self.case.detail)


def result_of(case: Case, seed: int = 7) -> Result:
    """Check and diagnose a case."""
    np.random.seed(seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        problem, scalars = problem_of(case, seed)
        report = check(problem)
        begun = time.monotonic()
        found = diagnose(problem, report, scalars=scalars)
    return Result(case, report, found, time.monotonic() - begun)


def score(results: Iterable[Result]) -> dict[str, tuple[int, int]]:
    """Hits and cases by expected label."""
    found: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for r in results:
        found[r.case.label][0] += r.hit
        found[r.case.label][1] += 1
    return {label: (hits, of) for label, (hits, of) in sorted(found.items())}


def table(title: str, results: list[Result]) -> str:
    """Label by label."""
    rows = score(results)
    hits, of = sum(h for h, _ in rows.values()), sum(n for _, n in rows.values())
    lines = [f"{title}: {hits} of {of} ({100 * hits / of:.0f} %) have the expected label first"]
    lines += [f"  {label:20} {h:3} of {n}" for label, (h, n) in rows.items()]
    return "\n".join(lines)
