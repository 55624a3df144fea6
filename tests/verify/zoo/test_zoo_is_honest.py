"""The table of the zoo does not lie: every gradient is as right or as wrong as it says.

Independent of what it tests: derivatives here come from Richardson tables of central differences over 24 halvings,
each with its own error estimate, entry by entry. Functions with noise are held against a clean twin.
"""

from __future__ import annotations

import contextlib
import importlib.util
import inspect
import io
import re
import sys
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from functools import reduce
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from mccli.api import understand
from mccli.language.declare import read_scope
from mccli.numeric.evaluate import evaluate

from case import KINDS, LABELS, REASONS, VERDICTS, Case
from zoo import CASES, DESIGN, FROZEN, RIGHT, UNSURE, WRONG

LARGE = 10_000
WRONG_BY = 1e-3
AT_A_KINK = {"kink-at-zero", "lasso-at-zero", "l1-at-zero", "relu-at-zero"}
FIRST_STEP = {"fast-wave": 2e-5, "huge-logits": 0.02}
"""Where a quarter of the entry spans many waves, the difference tables start here, relative to the entry."""

Values = dict[str, Any]


def log1pexp_of_product(x: Any, A: Any) -> float:
    return float(np.logaddexp(0, A @ x).sum())


TWINS: dict[str, tuple[Callable[..., float], float]] = {
    "noise-1e-10": (lambda x, A: np.sum(np.tanh(A @ x)), 1e-9),
    "noise-absolute": (lambda x, A: np.sum((A @ x - 1) ** 2), 1e-9),
    "loss-float32": (log1pexp_of_product, 1e-5),
    "both-float32": (lambda x, A: 0.5 * np.sum((A @ x) ** 2), 1e-5),
    "offset-1e8": (lambda y, A: 0.5 * np.sum((A @ y) ** 2), 1e-6),
}
"""The same function without its noise or its offset, and how far apart differences of the two may be."""


def load(case: Case) -> ModuleType:
    """The script, new each time: caches and counters start empty."""
    spec = importlib.util.spec_from_file_location(f"zoo_script_{case.path.stem}", case.path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def find(module: ModuleType, name: str) -> Any:
    return reduce(getattr, name.split("."), module)


def draw(size: str, properties: set[str], rng: np.random.Generator) -> Any:
    if size == "scalar":
        return float(rng.uniform(0.5, 2))
    shape = tuple(int(n) for n in size.split(","))
    value = rng.standard_normal(shape)
    if "positive" in properties:
        return np.abs(value) + 0.3
    if "spd" in properties:
        return value @ value.T / shape[0] + np.eye(shape[0])
    if "symmetric" in properties:
        return (value + value.T) / 2
    return value


def example(case: Case, module: ModuleType, seed: int = 7) -> Values:
    """Arguments by name, from the script or from the shapes of the case."""
    rng = np.random.default_rng(seed)
    if not case.shapes:
        return dict(module.mc_example(rng))
    assumed = [text.split(":") for text in case.assume]
    sizes = [text.split(":") for text in case.shapes]
    return {name: draw(size, {p for n, p in assumed if n == name}, rng) for name, size in sizes}


def call(function: Callable[..., Any], values: Values, *, copied: bool = True) -> Any:
    """Those of the values that the function has."""
    taken = {name: values[name] for name in inspect.signature(function).parameters if name in values}
    if copied:
        taken = {name: np.copy(v) if isinstance(v, np.ndarray) else v for name, v in taken.items()}
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        return function(**taken)


class Subject:
    """The two functions of a case, at work."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.module = load(case)
        self.f = find(self.module, case.f)
        self.values = example(case, self.module)

    def value(self, values: Values) -> Any:
        result = call(self.f, values)
        return result[0] if self.case.grad is None else result

    def smooth(self, values: Values) -> np.ndarray:
        """What is differentiated: the value, without its noise, as a flat array; nan outside of the domain."""
        case = self.case
        try:
            result = call(TWINS[case.id][0], values) if case.id in TWINS else self.value(values)
        except (ValueError, np.linalg.LinAlgError):
            return np.array([np.nan])
        result = np.asarray(result, dtype=float).reshape(-1)
        return result @ values["u"] if case.kind == "vjp" else result

    def claims(self, values: Values, *, copied: bool = True) -> dict[str, Any]:
        """The user's gradients by argument; None where there is none."""
        case = self.case
        if case.grad is None:
            given = call(self.f, values)[1]
        else:
            given = call(find(self.module, case.grad), values, copied=copied)
        if isinstance(given, dict):
            return {name: given.get(name) for name in case.wrt}
        if isinstance(given, tuple) or (len(case.wrt) > 1 and isinstance(given, list)):
            return dict(zip(case.wrt, [*given, *[None] * len(case.wrt)], strict=False))
        return {case.wrt[0]: given}


def scales(x: np.ndarray) -> np.ndarray:
    """How large a change of each entry is large."""
    size = np.abs(x).astype(float).reshape(-1)
    known = size[size > 0]
    return np.where(size > 0, size, np.median(known) if known.size else 1.0)


def difference(f: Callable[[float], np.ndarray], first: float, levels: int) -> tuple[np.ndarray, np.ndarray]:
    """Derivative at 0 and an estimate of its error, from a Richardson table of central differences."""
    best = error = None
    last: list[np.ndarray] = []
    for k in range(levels):
        h = first / 2**k
        with np.errstate(all="ignore"):
            up, down = f(h), f(-h)
            row = [(up - down) / (2 * h)]
            rounding = 4e-16 * (np.abs(up) + np.abs(down)) / h
            for j in range(min(k, 6)):
                row.append(row[j] + (row[j] - last[j]) / (4 ** (j + 1) - 1))
                spread = np.maximum(np.abs(row[j + 1] - row[j]), np.abs(row[j + 1] - last[j])) + rounding
                spread = np.where(np.isfinite(spread), spread, np.inf)
                if best is None or error is None:
                    best, error = row[j + 1], spread
                best, error = np.where(spread < error, row[j + 1], best), np.minimum(spread, error)
        last = row
    assert best is not None
    assert error is not None
    return best, error


def directions(case: Case, name: str, x: np.ndarray) -> Iterator[tuple[np.ndarray, float, int]]:
    """Unit directions with their scale and number of levels; symmetric ones for a symmetric argument."""
    size = scales(x)
    flat = x.size
    if flat > LARGE:
        yield from _large_directions(case, size)
        return
    symmetric = any(text in (f"{name}:spd", f"{name}:symmetric") for text in case.assume)
    for i in range(flat):
        v = np.zeros(flat)
        v[i] = 1
        if symmetric:
            v = np.maximum(v, v.reshape(x.shape).T.reshape(-1))
        yield v.reshape(x.shape), size[i], 24


def _large_directions(case: Case, size: np.ndarray) -> Iterator[tuple[np.ndarray, float, int]]:
    """The entries that are said to be wrong, a few others, and one direction through all that are right."""
    rng = np.random.default_rng(3)
    through = rng.choice([-1.0, 1.0], size.size)
    through[list(case.entries)] = 0
    yield through, 0.1, 5
    for i in (*case.entries, *rng.integers(0, size.size, 1)):
        v = np.zeros(size.size)
        v[i] = 1
        yield v, 0.2, 5


def reference(subject: Subject, values: Values, name: str) -> list[tuple[np.ndarray, float, np.ndarray, np.ndarray]]:
    """For each direction: itself, its scale, the derivative of every output along it, and the error of that."""
    case, x = subject.case, np.asarray(values[name], dtype=float)
    found = []
    for v, scale, levels in directions(case, name, x):
        first = FIRST_STEP.get(case.id, 0.25) * scale

        def along(t: float, v: np.ndarray = v) -> np.ndarray:
            moved = {**values, name: x + t * v}
            return gradient_of(subject, moved, name) if case.kind == "hessian" else subject.smooth(moved)

        found.append((v, scale, *difference(along, first, 9 if case.kind == "hessian" else levels)))
    return found


def gradient_of(subject: Subject, values: Values, name: str) -> np.ndarray:
    """The gradient by differences, for differences of it."""
    x = np.asarray(values[name], dtype=float)

    def entry(v: np.ndarray, scale: float) -> np.ndarray:
        return difference(lambda t: subject.smooth({**values, name: x + t * v}), 0.25 * scale, 9)[0]

    return np.concatenate([entry(v, scale) for v, scale, _ in directions(subject.case, name, x)])


def one_sided(subject: Subject, values: Values, name: str, v: np.ndarray, h: float) -> tuple[float, float]:
    here = subject.smooth(values)[0]
    x = values[name]
    up, down = (subject.smooth({**values, name: x + t * v})[0] for t in (h, -h))
    return tuple(sorted(((up - here) / h, (here - down) / h)))


def faults(subject: Subject, values: Values, name: str, given: Any, accuracy: float) -> tuple[float, list[str]]:
    """How wrong a gradient is (relative, at the worst place), and why it is not right to the accuracy, if it is not."""
    case, x = subject.case, np.asarray(values[name], dtype=float)
    if given is None:
        return np.inf, ["there is none"]
    given = np.asarray(given, dtype=float)
    outputs = np.asarray(subject.value(values)).shape
    shape = {"jacobian": outputs + x.shape, "hessian": x.shape * 2, "jvp": outputs}.get(case.kind, x.shape)
    if given.shape != shape:
        return np.inf, [f"its shape is {given.shape}, not {shape}"]
    table = reference(subject, values, name)
    if case.kind == "jvp":
        v = values["v"].reshape(-1)
        d = sum(t * row[2] for t, row in zip(v, table, strict=True))
        e = sum(abs(t) * row[3] for t, row in zip(v, table, strict=True))
        rows = [(given.reshape(-1), 1.0, d, e)]
    else:
        rows = [(given.reshape(-1, x.size) @ v.reshape(-1), s, d, e) for v, s, d, e in table]
    largest = max(float(np.max(np.abs(d) * s)) for _, s, d, _ in rows)
    worst, why = 0.0, []
    for i, (g, s, d, e) in enumerate(rows):
        off = np.abs(g - d)
        if case.id in AT_A_KINK:
            low, high = one_sided(subject, values, name, table[i][0], 1e-6)
            if high - low > 1e-4:
                off, e = np.maximum(0, np.maximum(low - g, g - high) - 1e-5), np.zeros(1)
        if np.any(off > accuracy * np.abs(d) + 20 * e):
            why.append(f"direction {i}: {g} instead of {d} ± {e}")
        if np.any(e * s > accuracy * largest):
            why.append(f"direction {i}: cannot be known to {accuracy}: {d} ± {e}")
        sure = (off > 20 * e) & (off * s > 1e-6 * largest)
        relative = np.where(sure, off / np.maximum(np.maximum(np.abs(g), np.abs(d)), 1e-300), 0)
        worst = max(worst, float(np.max(relative)))
    return worst, why


def names_of(cases: tuple[Case, ...]) -> list[str]:
    return [case.id for case in cases]


@pytest.mark.parametrize("case", RIGHT, ids=names_of(RIGHT))
def test_right_is_right(case: Case) -> None:
    subject = Subject(case)
    for name, given in subject.claims(subject.values).items():
        if case.id == "signal-buried":  # by differences nothing is known; f is analytic
            units = np.eye(len(given))
            exact = [np.imag(subject.value({name: subject.values[name] + 1e-30j * v})) / 1e-30 for v in units]
            assert np.allclose(given, exact, rtol=1e-14)
            continue
        _, why = faults(subject, subject.values, name, given, case.accuracy)
        assert not why, name
    before = {n: np.copy(v) for n, v in subject.values.items()}
    subject.claims(subject.values, copied=False)
    assert all(np.array_equal(before[n], v) for n, v in subject.values.items()), "an argument was changed"


@pytest.mark.parametrize("name", sorted(TWINS))
def test_a_twin_is_the_same_function(name: str) -> None:
    subject = Subject(next(case for case in RIGHT if case.id == name))
    here = subject.values
    there = example(subject.case, subject.module, seed=8)
    twin, gap = TWINS[name]
    apart = (float(subject.value(here)) - float(subject.value(there))) - (call(twin, here) - call(twin, there))
    assert abs(apart) <= gap * max(1.0, abs(call(twin, here)), abs(call(twin, there)))


@pytest.mark.parametrize("case", WRONG, ids=names_of(WRONG))
def test_wrong_is_wrong(case: Case) -> None:
    subject = Subject(case)
    here = subject.values
    bad = set(case.wrong_in or case.wrt)
    if case.wrong_at == "again":
        assert worst_of_repeated(subject) > WRONG_BY
    elif case.wrong_at == "after":
        assert changed_by(subject) > WRONG_BY
    elif case.wrong_at == "nearby":
        moved = {**here, **{name: nearby(here[name]) for name in bad}}
        assert all(faults(subject, moved, n, g, 1e-6)[0] > WRONG_BY for n, g in subject.claims(moved).items())
        bad = set()
    if case.wrong_at in ("again", "after"):
        subject, bad = Subject(case), set()
    for name, given in subject.claims(here).items():
        worst, why = faults(subject, here, name, given, 1e-6)
        if name in bad:
            assert worst > WRONG_BY, name
        else:
            assert not why, name


def nearby(x: np.ndarray) -> np.ndarray:
    rng = np.random.default_rng(11)
    return x + 0.1 * np.where(x == 0, 1.0, np.abs(x)) * rng.uniform(-1, 1, x.shape)


def worst_of_repeated(subject: Subject) -> float:
    """The worst of gradients here and elsewhere, after the function and the gradient ran in another order."""
    (name,) = subject.case.wrt
    here = subject.values
    there = {**here, name: nearby(here[name]) + 0.2}
    subject.value(here)
    subject.claims(here)
    later = [(there, subject.claims(there))]
    subject.value(there)
    later.append((here, subject.claims(here)))
    later.append((here, subject.claims(here)))
    clean = Subject(subject.case)
    return max(faults(clean, values, name, claims[name], 1e-6)[0] for values, claims in later)


def changed_by(subject: Subject) -> float:
    """The largest relative change of an argument by the gradient."""
    before = {n: np.copy(v) for n, v in subject.values.items()}
    subject.claims(subject.values, copied=False)
    name = subject.case.detail[0]
    change = np.abs(subject.values[name] - before[name])
    return float(np.max(change) / np.max(np.abs(before[name])))


RANDOM = tuple(case for case in WRONG if case.label == "random")


@pytest.mark.parametrize("case", RANDOM, ids=names_of(RANDOM))
def test_random_is_random_in_the_gradient_only(case: Case) -> None:
    subject = Subject(case)
    first, *others = [subject.claims(subject.values)[case.wrt[0]] for _ in range(8)]
    assert max(np.max(np.abs(first - g)) for g in others) > WRONG_BY * np.max(np.abs(first))
    assert subject.value(subject.values) == subject.value(subject.values)


FIELDS = tuple(case for case in WRONG if case.label in ("not-a-gradient", "other-function") and len(case.wrt) == 1)


@pytest.mark.parametrize("case", FIELDS, ids=names_of(FIELDS))
def test_not_a_gradient_has_curl_and_another_functions_has_none(case: Case) -> None:
    subject = Subject(case)
    (name,) = case.wrt
    x = nearby(np.asarray(subject.values[name], dtype=float))
    columns, errors = [], []
    for v, s, levels in directions(case, name, x):

        def along(t: float, v: np.ndarray = v) -> np.ndarray:
            return np.asarray(subject.claims({**subject.values, name: x + t * v})[name], dtype=float).reshape(-1)

        d, e = difference(along, 0.1 * s, levels)
        columns.append(d)
        errors.append(e)
    J = np.array(columns)
    curl = np.max(np.abs(J - J.T))
    if case.label == "not-a-gradient":
        assert curl > WRONG_BY * np.max(np.abs(J))
        assert curl > 20 * np.max(errors)
    else:
        assert curl <= 1e-6 * max(np.max(np.abs(J)), 1.0)


SYMMETRY = tuple(case for case in WRONG if case.label == "symmetric-assumed" and case.wrt[0] != case.detail[0])


@pytest.mark.parametrize("case", SYMMETRY, ids=names_of(SYMMETRY))
def test_symmetric_assumed_is_right_for_symmetric_arguments(case: Case) -> None:
    subject = Subject(case)
    values = dict(subject.values)
    for name, x in values.items():
        if name not in case.wrt and np.ndim(x) == 2 and x.shape[0] == x.shape[1]:
            values[name] = (x + x.T) / 2
    (name,) = case.wrt
    assert not faults(subject, values, name, subject.claims(values)[name], 1e-6)[1]


ORDER = tuple(case for case in WRONG if case.label == "product-order")


@pytest.mark.parametrize("case", ORDER, ids=names_of(ORDER))
def test_product_order_is_right_for_commuting_arguments(case: Case) -> None:
    subject = Subject(case)
    values = {name: circulant(x) if np.ndim(x) == 2 else x for name, x in subject.values.items()}
    (name,) = case.wrt
    assert not faults(subject, values, name, subject.claims(values)[name], 1e-6)[1]


def circulant(x: np.ndarray) -> np.ndarray:
    return np.array([np.roll(x[0], i) for i in range(len(x))])


EXACT: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "sign": lambda g: -g,
    "transpose": lambda g: g.T,
}
TURNED = tuple(
    case for case in WRONG if case.label in EXACT and case.kind in ("gradient", "jacobian") and not case.wrong_in
)


@pytest.mark.parametrize("case", TURNED, ids=names_of(TURNED))
def test_sign_and_transpose_are_only_that(case: Case) -> None:
    subject = Subject(case)
    (name,) = case.wrt
    repaired = EXACT[case.label](subject.claims(subject.values)[name])
    assert not faults(subject, subject.values, name, repaired, 1e-6)[1]


FACTORS = tuple(case for case in WRONG if case.label in ("factor", "mean-or-sum"))


@pytest.mark.parametrize("case", FACTORS, ids=names_of(FACTORS))
def test_a_factor_is_constant(case: Case) -> None:
    subject = Subject(case)
    name = (case.wrong_in or case.wrt)[0]
    found = []
    for seed in (7, 8):
        values = example(case, subject.module, seed)
        given = np.asarray(subject.claims(values)[name], dtype=float).reshape(-1)
        exact = np.array([d[0] for _, _, d, _ in reference(subject, values, name)])
        found.append(exact @ given / (given @ given))
        assert np.max(np.abs(exact - found[-1] * given)) < 1e-6 * np.max(np.abs(exact))
    assert found[0] == pytest.approx(found[1], rel=1e-6)
    assert abs(found[0] - 1) > 0.01


SUMS = tuple(case for case in WRONG if case.label == "missing-sum")


@pytest.mark.parametrize("case", SUMS, ids=names_of(SUMS))
def test_a_missing_sum_is_over_the_first_axis(case: Case) -> None:
    subject = Subject(case)
    name = (case.wrong_in or case.wrt)[0]
    summed = np.sum(subject.claims(subject.values)[name], axis=0)
    assert not faults(subject, subject.values, name, summed, 1e-6)[1]


PARTS: dict[str, Callable[[np.ndarray], np.ndarray]] = {"lower": np.tril, "upper": np.triu, "diagonal": np.diag}
MASKED = tuple(case for case in WRONG if case.label in ("triangle", "diagonal") and case.kind != "gradient")
MASKED += tuple(case for case in WRONG if case.label == "triangle" or case.id == "cov-fit-diagonal")


@pytest.mark.parametrize("case", MASKED, ids=names_of(MASKED))
def test_only_a_triangle_or_the_diagonal_is_there(case: Case) -> None:
    subject = Subject(case)
    (name,) = case.wrt
    given = subject.claims(subject.values)[name]
    keep = PARTS[(case.detail or ("diagonal",))[0]](np.ones(given.shape) if case.detail else np.ones(len(given)))
    exact = np.array([d for _, _, d, _ in reference(subject, subject.values, name)]).reshape(given.shape)
    assert np.allclose(given, exact * keep, rtol=1e-6, atol=1e-8)


def _reconstruction(v: Values) -> np.ndarray:
    return v["X"] - v["X"] @ v["W"] @ v["W"].T


def _determinant_part(v: Values, m: Any) -> np.ndarray:
    C, _, _, slopes = m._pieces(v["theta"], v["t"], v["y"])
    return np.array([0.5 * np.trace(np.linalg.solve(C, dK)) for dK in slopes])


MISSING: dict[str, Callable[[Values, Any], np.ndarray]] = {
    "ridge-no-decay": lambda v, _: 0.37 * v["w"],
    "elastic-no-l1": lambda v, _: 0.3 * np.sign(v["w"]),
    "form-half": lambda v, _: v["A"].T @ v["x"],
    "no-linear-term": lambda v, _: v["b"],
    "hessian-no-exp": lambda v, _: np.diag(v["c"] * np.exp(v["x"])),
    "weight-decay": lambda v, _: 0.1 * v["W"],
    "prior-mean": lambda v, _: np.full(len(v["w"]), -3.2),
    "conjugate-first": lambda v, _: v["B"] @ v["X"] @ v["A"],
    "product-rule": lambda v, _: v["b"] * (v["a"] @ v["x"]),
    "square-rule": lambda v, _: v["X"].T @ v["A"],
    "barrier-missing": lambda v, _: -0.02 / v["x"],
    "entropy-one": lambda v, _: np.full(len(v["x"]), 0.6),
    "autoencoder": lambda v, _: -2 * _reconstruction(v).T @ v["X"] @ v["W"],
    "unit-projection": lambda v, _: -np.outer(v["w"], v["w"]) / np.linalg.norm(v["w"]) ** 3,
    "hessian-decay": lambda v, _: 0.6 * np.eye(len(v["w"])),
    "evidence-fit": _determinant_part,
}
TERMS = tuple(case for case in WRONG if case.label == "missing-term")


@pytest.mark.parametrize("case", TERMS, ids=names_of(TERMS))
def test_the_missing_term_is_all_that_is_missing(case: Case) -> None:
    subject = Subject(case)
    (name,) = case.wrt
    repaired = subject.claims(subject.values)[name] + MISSING[case.id](subject.values, subject.module)
    assert not faults(subject, subject.values, name, repaired, 1e-6)[1]


ENTRIES = tuple(case for case in WRONG if case.label == "some-entries" and not case.entries)


@pytest.mark.parametrize("case", ENTRIES, ids=names_of(ENTRIES))
def test_the_wrong_entries_are_the_ones_that_are_named(case: Case) -> None:
    subject = Subject(case)
    (name,) = case.wrt
    given = subject.claims(subject.values)[name]
    exact = np.array([d[0] for _, _, d, _ in reference(subject, subject.values, name)]).reshape(given.shape)
    off = np.argwhere(np.abs(given - exact) > 1e-5 * np.max(np.abs(exact)))
    named = {int(number) for text in case.detail for number in re.findall(r"\d+", text)}
    assert 0 < len(off) <= given.size / 2
    assert all(named & set(map(int, index)) for index in off)
    assert named <= set(map(int, off.ravel()))


FORMULAS = tuple(case for case in CASES if case.of)


@pytest.mark.parametrize("case", FORMULAS, ids=names_of(FORMULAS))
def test_the_formula_has_the_value_of_the_function(case: Case) -> None:
    subject = Subject(case)
    taken = {name: subject.values[name] for name in inspect.signature(subject.f).parameters if name in subject.values}
    shapes = [f"{name}:{','.join(map(str, np.shape(x)))}" for name, x in taken.items()]
    read = understand(case.of, read_scope(shapes, case.assume), scalar=True)
    arrays = {name: np.reshape(x, (len(x), -1)) for name, x in taken.items()}
    assert evaluate(read.expression, arrays, {})[0, 0] == pytest.approx(subject.value(subject.values), rel=1e-12)


def test_the_table_is_in_order() -> None:
    assert not [name for name, n in Counter(names_of(CASES)).items() if n > 1]
    for case in CASES:
        assert case.verdict in VERDICTS, case.id
        assert case.kind in KINDS, case.id
        assert case.path.is_file(), case.id
        assert {case.label, *case.also} <= LABELS | {""}, case.id
        assert (case.label != "") == (case.verdict == "wrong"), case.id
        assert (case.reason in REASONS) == (case.verdict == "cannot tell"), case.id
        assert bool(case.shapes) != ("def mc_example(" in case.path.read_text(encoding="utf-8")), case.id
    assert all(case.part == "frozen" and case.script.startswith("zoo_frozen/") for case in FROZEN)
    assert all(case.part == "design" and case.script.startswith("zoo_design/") for case in DESIGN)


RUNNABLE = tuple(case for case in CASES if case.reason != "could-not-run")


@pytest.mark.parametrize("case", RUNNABLE, ids=names_of(RUNNABLE))
def test_the_example_says_nothing_about_arguments_with_a_default(case: Case) -> None:
    """So that it does not matter which of the two a checker prefers; and every other argument is given."""
    subject = Subject(case)
    parameters = inspect.signature(subject.f).parameters.values()
    defaults = {p.name for p in parameters if p.default is not p.empty}
    assert not defaults & set(subject.values)
    assert {p.name for p in parameters} - defaults <= set(subject.values)
    assert set(case.wrt) <= set(subject.values)


def test_the_zoo_is_large_enough() -> None:
    assert len(WRONG) >= 75
    assert len(RIGHT) >= 50
    assert len(UNSURE) >= 12
    assert 0.55 <= len(FROZEN) / len(WRONG) <= 0.66
    for part in (DESIGN, FROZEN):
        assert {case.label for case in part} == LABELS


def test_every_gradient_of_a_script_has_a_case() -> None:
    """What no case names is not tested, and nobody would notice."""
    used: dict[str, set[str]] = {}
    for case in CASES:
        used.setdefault(case.script, set()).update({case.f.split(".")[-1], (case.grad or "").split(".")[-1]})
    for case in {case.script: case for case in CASES}.values():
        text = case.path.read_text(encoding="utf-8")
        ends = ("_grad", "_jac", "_hess", "_vjp", "_jvp")
        for line in text.splitlines():
            name = line.removeprefix("def ").partition("(")[0]
            if line.startswith("def ") and (name.endswith(ends) or name.startswith("grad_")):
                assert name in used[case.script], f"{case.script}: {name}"


@pytest.mark.parametrize("case", UNSURE, ids=names_of(UNSURE))
def test_nothing_can_be_said(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", [str(case.path)])
    if case.reason == "could-not-run":
        with pytest.raises((ImportError, SystemExit)), contextlib.redirect_stderr(io.StringIO()):
            load(case)
        return
    subject = Subject(case)
    here = subject.values
    if case.reason == "raised":
        with pytest.raises((NotImplementedError, ValueError, SystemExit)):
            _ = subject.value(here), subject.claims(here)
    elif case.reason == "not-a-number":
        value, given = subject.value(here), subject.claims(here)["w"]
        assert not isinstance(value, float) or not isinstance(given, np.ndarray)
    elif case.reason == "not-finite":
        assert not np.isfinite(subject.value(here))
    elif case.reason == "random":
        assert len({float(subject.value(here)) for _ in range(8)}) > 1
    else:
        assert noise_of(subject) > 0.05 * np.sum(np.abs(subject.claims(here)["w"] * here["w"]))


def noise_of(subject: Subject) -> float:
    """How much the value jumps between points that are all but the same."""
    rng = np.random.default_rng(2)
    w = subject.values["w"]
    values = [float(subject.value({"w": w * (1 + 1e-6 * rng.uniform(-1, 1, w.shape))})) for _ in range(30)]
    return float(np.std(values) + np.spacing(abs(values[0])))
