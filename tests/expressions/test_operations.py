"""Every operation record by itself: d, adjoint, means, keeps, creates and the normal form, against numbers."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import pytest
from operation_cases import (
    FIXED,
    GENERIC,
    NOT_GENERIC,
    Array,
    Case,
    H,
    M,
    N,
    adjoint_error,
    adjoint_node,
    adjoint_probes,
    cases,
    deviation,
    differential_error,
    differential_node,
    every_case,
    has_rule,
    ids,
    in_domain,
    probes,
    random_array,
    raw,
    rule_node,
    sample,
    value_at,
    vec_error,
    vec_node,
)

from mccli.calculus.differential import differential, differential_symbol
from mccli.calculus.identify import gradients
from mccli.calculus.needs import needs
from mccli.errors import DeriveError, McError
from mccli.expressions.graph import walk
from mccli.expressions.operation import UNKNOWN
from mccli.expressions.operations import OPERATIONS
from mccli.expressions.properties import closure
from mccli.expressions.sizes import ONE, Size, number_size
from mccli.expressions.tree import (
    Apply,
    Node,
    Symbol,
    add,
    apply,
    eye,
    inner,
    multiply,
    number,
    ones,
    scaled,
    traits,
    transpose,
)
from mccli.language.rules import THROUGH_MEANING, meaning
from mccli.numeric.differences import complex_step, richardson
from mccli.numeric.evaluate import is_analytic
from mccli.numeric.sample import Point, holds
from mccli.render.text import text

ALL = list(every_case())
WITH_RULE = [c for c in ALL if has_rule(c.record)]
WITH_MEANING = [c for c in ALL if c.record.means]
ADJOINTS = [(c, p) for c in ALL for p in c.record.adjoint]
VECS = [(c, p) for c, p in ADJOINTS if c.record.vec[p] != UNKNOWN]


# ---------------------------------------------------------------------------------------------- (a) differentials


@pytest.mark.parametrize("case", WITH_RULE, ids=ids(WITH_RULE))
def test_differential_agrees_with_differences(case: Case) -> None:
    for probe in probes(case, 4, 101):
        node = differential_node(case, probe.moving)
        assert differential_error(node, case, probe) <= 1, f"{case.label} by {sorted(probe.moving)}"


@pytest.mark.parametrize("case", WITH_RULE, ids=ids(WITH_RULE))
def test_text_of_the_rule_agrees_with_differences(case: Case) -> None:
    """What ``mc ops`` shows is true, also where the calculus has a rule built in (the elementwise product)."""
    for probe in probes(case, 2, 102):
        node = rule_node(case, probe.moving, case.record)
        assert differential_error(node, case, probe) <= 1, f"{case.label} by {sorted(probe.moving)}"


def _refused() -> list[tuple[str, str]]:
    return [(name, p) for name, parameters in FIXED.items() for p in sorted(parameters)]


@pytest.mark.parametrize(("name", "parameter"), list(_refused()))
def test_an_argument_without_a_derivative_is_refused(name: str, parameter: str) -> None:
    for case in cases(name):
        with pytest.raises(DeriveError):
            differential_node(case, frozenset({parameter}))


@pytest.mark.parametrize("case", WITH_RULE, ids=ids(WITH_RULE))
def test_differential_has_the_shape_of_the_value(case: Case) -> None:
    parameters = frozenset(case.record.parameters) - FIXED.get(case.record.name, frozenset())
    assert differential_node(case, parameters).shape == case.node().shape


# ---------------------------------------------------------------------------------------------- inside expressions

THROUGH = [n for n in GENERIC if OPERATIONS[n].d == THROUGH_MEANING]
COMPOSITES: dict[str, Callable[[Symbol], Node]] = {
    "shifted": lambda s: add(s, Symbol(f"{s.name}shift", s.shape, s.properties)),
    "doubled": lambda s: scaled(2, s),
    "squared": lambda s: apply("hadamard", s, s) if not s.is_scalar else apply("power", s, number(2)),
}
"""Arguments that are no symbols: the parts of a definition must not dissolve in them."""

NO_WAY_BACK = {"convmtx": "has no adjoint"}
"""Operations of which mc must refuse a gradient, though it knows the differential."""


def _composite_cases() -> list[object]:
    found = []
    for case, kind in itertools.product(WITH_RULE, COMPOSITES):
        found.append(pytest.param(case, kind, id=f"{case.label}-{kind}"))
    return found


def _at_composites(case: Case, kind: str) -> tuple[Node, list[Symbol]]:
    """<W, op(composite arguments)> and the symbols that vary in it."""
    fixed = FIXED.get(case.record.name, frozenset())
    named = case.named()
    arguments = tuple(s if p in fixed else COMPOSITES[kind](s) for p, s in named.items())
    value = apply(case.record, *arguments, sizes=case.sizes)
    return inner(Symbol("W", value.shape), value), [s for p, s in named.items() if p not in fixed]


@pytest.mark.parametrize(("case", "kind"), _composite_cases())
def test_gradient_at_composite_arguments(case: Case, kind: str) -> None:
    """Forwards and backwards through every operation, with sums, multiples and squares as its arguments."""
    value, moving = _at_composites(case, kind)
    if case.record.name in NO_WAY_BACK:
        with pytest.raises(DeriveError):
            gradients(value, moving)
        return
    found = gradients(value, moving)
    change = differential(value, {s: differential_symbol(s) for s in moving})
    for number_, point in enumerate(in_domain(_symbols(value), needs(value), value, 2, 112)):
        rng = np.random.default_rng(number_)
        steps = {s.name: random_array(differential_symbol(s), point.arrays[s.name].shape, rng) for s in moving}
        expected, tolerance = _slope(value, point, steps)
        backwards = sum(float(np.sum(value_at(g, point) * steps[s.name])) for s, g in found.items())
        forwards = value_at(change, point, {f"d{name}": step for name, step in steps.items()})[0, 0]
        scale = max(1e-3, abs(expected), sum(float(np.sum(np.abs(value_at(g, point)))) for g in found.values()))
        assert abs(forwards - expected) <= tolerance * scale
        assert abs(backwards - expected) <= tolerance * scale


def _slope(value: Node, point: Point, steps: dict[str, Array]) -> tuple[float, float]:
    """The derivative of a scalar along given steps, and the tolerance that suits the method."""

    def along(t: Array) -> Array:
        return value_at(value, point, {n: point.arrays[n] + t[0, 0] * step for n, step in steps.items()})

    if is_analytic(value):
        return float(complex_step(along, np.ones((1, 1)))[0, 0]), 1e-8
    slope, error = richardson(along, np.ones((1, 1)))
    return float(slope[0, 0]), max(1e-6, 20 * error)


@pytest.mark.parametrize("shift", [0, 5], ids=["-k", "5-k"])
def test_differential_of_a_negative_matrix_power(shift: int) -> None:
    """The normal form makes X^-k a power of the inverse; X^(5 - k) says that it needs k <= 5."""
    exponent = add(number(shift), scaled(-1, k)) if shift else scaled(-1, k)
    node = apply("mpow", A, exponent)
    try:
        change = differential(node, {A: differential_symbol(A)})
    except DeriveError:
        return
    for number_, point in enumerate(in_domain([A, k], needs(node), node, 4, 113)):
        step = np.random.default_rng(number_).normal(size=point.arrays["A"].shape)
        expected = np.imag(value_at(node, point, {"A": point.arrays["A"] + 1e-30j * step})) / 1e-30
        assert deviation(value_at(change, point, {"dA": step}), expected) <= 1e-8


# ---------------------------------------------------------------------------------------------- (b) adjoints


@pytest.mark.parametrize(("case", "parameter"), ADJOINTS, ids=[f"{c.label}-{p}" for c, p in ADJOINTS])
def test_adjoint_moves_the_operation_across_the_inner_product(case: Case, parameter: str) -> None:
    node = adjoint_node(case, parameter, case.record.adjoint[parameter])
    assert node.shape == case.named()[parameter].shape
    for probe in adjoint_probes(case, parameter, 4, 103):
        assert adjoint_error(node, probe) <= 1


@pytest.mark.parametrize(("case", "parameter"), VECS, ids=[f"{c.label}-{p}" for c, p in VECS])
def test_vec_is_the_matrix_of_the_operation(case: Case, parameter: str) -> None:
    node = vec_node(case, case.record.vec[parameter])
    for probe in adjoint_probes(case, parameter, 4, 103):
        assert vec_error(node, probe) <= 1


def test_operations_without_a_matrix_are_known() -> None:
    without = {n for n, record in OPERATIONS.items() if UNKNOWN in record.vec.values()}
    assert without == {f"frechet_{f}" for f in ("expm", "logm", "sinm", "cosm")} | {"toepsum", "circsum"}


# ---------------------------------------------------------------------------------------------- (c) meanings


@pytest.mark.parametrize("case", WITH_MEANING, ids=ids(WITH_MEANING))
def test_definition_has_the_value_of_the_operation(case: Case) -> None:
    definition = meaning(case.node())
    for point in sample(case, 4, 104):
        assert deviation(value_at(definition, point), value_at(case.node(), point)) <= 1e-8


# ---------------------------------------------------------------------------------------------- (d) properties


def _is_triangular(x: Array, cut: Callable[[Array], Array]) -> bool:
    return x.shape[0] == x.shape[1] and bool(np.allclose(x, cut(x)))


PROPERTY_TESTS: dict[str, Callable[[Array], bool]] = {
    "symmetric": lambda x: x.shape[0] == x.shape[1] and bool(np.allclose(x, x.T)),
    "skew": lambda x: x.shape[0] == x.shape[1] and bool(np.allclose(x, -x.T)),
    "psd": lambda x: bool(np.allclose(x, x.T) and np.min(np.linalg.eigvalsh(x)) > -1e-9),
    "spd": lambda x: bool(np.allclose(x, x.T) and np.min(np.linalg.eigvalsh(x)) > 0),
    "diagonal": lambda x: _is_triangular(x, lambda y: np.diag(np.diag(y))),
    "lower": lambda x: _is_triangular(x, np.tril),
    "upper": lambda x: _is_triangular(x, np.triu),
    "orthogonal": lambda x: x.shape[0] == x.shape[1] and bool(np.allclose(x.T @ x, np.eye(x.shape[0]))),
    "invertible": lambda x: x.shape[0] == x.shape[1] and np.linalg.matrix_rank(x) == x.shape[0],
    "positive": lambda x: bool(np.all(x > 0)),
    "unit": lambda x: bool(np.isclose(np.sum(x * x), 1)),
    "simplex": lambda x: bool(np.all(x > 0) and np.isclose(np.sum(x), 1)),
    "square": lambda x: x.shape[0] == x.shape[1],
}

KEEPS = [(name, p) for name in GENERIC for p in sorted(OPERATIONS[name].keeps)]
CREATES = [(c, p) for c in ALL for p in sorted(c.record.creates)]


def test_every_property_has_a_numerical_test() -> None:
    stated = {p for record in OPERATIONS.values() for p in (*record.keeps, *record.creates)}
    assert stated <= set(PROPERTY_TESTS)


def _with_property(case: Case, name: str) -> Case | None:
    """The case with arguments declared to have a property; None where the shape excludes it."""
    if "square" in closure({name}) and any(a.rows != a.columns for a in case.arguments if not a.is_scalar):
        return None
    arguments = tuple(Symbol(a.name, a.shape, a.properties | closure({name})) for a in case.arguments)
    return Case(case.record, arguments, case.sizes)


@pytest.mark.parametrize(("name", "kept"), KEEPS)
def test_property_that_an_operation_keeps(name: str, kept: str) -> None:
    """Arguments with a property are sampled, mixed with other declarations, and the result has it."""
    found = [c for c in (_with_property(case, kept) for case in _all_shapes(name)) if c is not None]
    assert found, f"{name} keeps {kept}, which no argument can have"
    for case in found:
        for point in sample(case, 4, 105):
            assert PROPERTY_TESTS[kept](value_at(case.node(), point)), case.label


def _all_shapes(name: str) -> list[Case]:
    squares = [c for c in cases(name) if all(a.rows == a.columns for a in c.arguments)]
    return squares or cases(name)


@pytest.mark.parametrize(("case", "created"), CREATES, ids=[f"{c.label}-{p}" for c, p in CREATES])
def test_property_that_an_operation_creates(case: Case, created: str) -> None:
    for point in sample(case, 4, 106):
        assert PROPERTY_TESTS[created](value_at(case.node(), point))


# ---------------------------------------------------------------------------------------------- (e) normal forms


def matrix(name: str, rows: Size = M, columns: Size = N, *properties: str) -> Symbol:
    return Symbol(name, (rows, columns), closure(properties))


def square(name: str, *properties: str) -> Symbol:
    return matrix(name, M, M, *properties)


LOWER_BLOCK, RIGHT_BLOCK = matrix("LB", H, N), matrix("RB", M, H)
A, B, X, Y = square("A"), square("B"), square("X"), square("Y")
R, S2 = matrix("R"), matrix("S2")
C = matrix("C", N, N)
SYM, SKEW, SPD, Q = (square(n, n) for n in ("symmetric", "skew", "spd", "orthogonal"))
DIAG, LOW, UP = (square(n, n) for n in ("diagonal", "lower", "upper"))
x, y, u = (matrix(n, M, ONE) for n in "xyu")
z = matrix("z", N, ONE)
UNIT = matrix("unit_", M, ONE, "unit")
a, b, c = (matrix(n, ONE, ONE) for n in ("a_", "b_", "c_"))
k = Symbol("k", (ONE, ONE), frozenset({"integer"}))
j = Symbol("j", (ONE, ONE), frozenset({"integer"}), "index")
HALF, TWO, THREE = number(Fraction(1, 2)), number(2), number(3)
BIG = number_size(12)
THREE_ROWS = number_size(3)
THREE_X, THREE_Y = matrix("x3", THREE_ROWS, ONE), matrix("y3", THREE_ROWS, ONE)


@dataclass(frozen=True)
class Rewriting:
    """An application that a normal form is expected to rewrite."""

    name: str
    arguments: tuple[Node, ...]
    sizes: tuple[Size, ...] = ()

    @property
    def label(self) -> str:
        inner = [getattr(n, "name", None) or getattr(getattr(n, "operation", None), "name", type(n).__name__)
                 for n in self.arguments]  # fmt: skip
        return f"{self.name}({','.join(map(str, inner))})"


def op(name: str, *arguments: Node) -> Node:
    return apply(name, *arguments)


SCALED: tuple[Callable[[Node], Node], ...] = (
    lambda n: scaled(-1, n),
    lambda n: scaled(Fraction(-3, 2), n),
    lambda n: multiply(a, n),
    lambda n: multiply(number(-2), a, op("exp", b), n),
    lambda n: multiply(op("power", a, number(-2)), n),
)
MATRIX_FUNCTIONS = ("expm", "logm", "sinm", "cosm")
ELEMENTWISE = [name for name, record in OPERATIONS.items() if record.elementwise]

REWRITINGS: list[tuple[str, tuple[Node, ...]]] = [
    # determinant, inverse and their kin
    *((name, (n,)) for name in ("inv", "det", "logdet") for n in (
        eye(M), transpose(A), op("inv", A), op("Diag", x), op("kron", A, C), a, multiply(a, b),
        op("kron", op("inv", A), scaled(2, C)), transpose(multiply(A, B)), add(transpose(A), B),
        *(f(A) for f in SCALED), *(f(op("inv", A)) for f in SCALED), *(f(multiply(A, B)) for f in SCALED),
        *(f(op("kron", A, C)) for f in SCALED), *(f(op("Diag", x)) for f in SCALED), *(f(eye(M)) for f in SCALED),
    )),
    *((name, (op("mpow", A, n),)) for name in ("det", "logdet") for n in (k, number(9), add(k, number(1)))),
    *((name, (op("expm", n),)) for name in ("det", "logdet") for n in (A, scaled(2, A), add(A, B), transpose(A))),
    ("inv", (Q,)), ("inv", (transpose(Q),)), ("inv", (scaled(3, Q),)), ("inv", (multiply(a, Q),)),
    ("adj", (a,)), ("pinv", (transpose(R),)), ("pinv", (transpose(add(R, S2)),)),
    *((name, (transpose(A),)) for name in (*MATRIX_FUNCTIONS, "sqrtm")),
    *((f"frechet_{name}", (A, n)) for name in MATRIX_FUNCTIONS for n in (
        eye(M), *(f(eye(M)) for f in SCALED), *(f(B) for f in SCALED), multiply(a, B, A))),
    *(("sylvester", (A, A, n)) for n in (eye(M), *(f(eye(M)) for f in SCALED), *(f(B) for f in SCALED))),
    *(("sylvester", (A, C, f(R))) for f in SCALED),
    ("min", (x,)), ("min", (scaled(2, R),)),
    ("lyap", (A, B)), ("lyap", (A, eye(M))), ("lyap", (SYM, eye(M))), ("lyap", (transpose(A), scaled(2, B))),
    # linear
    *((name, (f(n),)) for name in ("tr", "sum", "diag") for f in SCALED for n in (A, multiply(A, B), transpose(A))),
    ("tr", (a,)), ("tr", (eye(M),)), ("tr", (transpose(A),)), ("tr", (op("kron", A, C),)),
    ("tr", (add(A, eye(M)),)), ("tr", (add(scaled(2, A), scaled(-3, eye(M))),)),
    ("tr", (multiply(x, transpose(y)),)), ("tr", (multiply(A, x, transpose(y), B),)),
    ("tr", (multiply(number(-2), a, x, transpose(y)),)), ("tr", (multiply(R, z, transpose(x)),)),
    ("tr", (multiply(op("hadamard", x, y), transpose(y)),)), ("tr", (multiply(ones((M, ONE)), transpose(x)),)),
    ("tr", (scaled(0, A),)), ("sum", (a,)), ("mean", (a,)),
    ("vec", (x,)), ("rowsums", (x,)), ("colsums", (transpose(x),)), ("rowmeans", (R,)), ("colmeans", (R,)),
    ("rowmeans", (x,)), ("colmeans", (x,)), ("rowmeans", (transpose(x),)), ("colmeans", (transpose(x),)),
    ("diag", (x,)), ("diag", (op("Diag", x),)), ("diag", (transpose(A),)), ("Diag", (a,)), ("Diag", (ones((M, ONE)),)),
    *(("Diag", (f(n),)) for f in SCALED for n in (x, ones((M, ONE)), multiply(A, x), op("softmax", x))),
    ("tril", (op("Diag", x),)), ("triu", (op("Diag", x),)), ("sym", (SYM,)), ("sym", (add(A, transpose(A)),)),
    ("sym", (multiply(A, transpose(A)),)),
    # products and powers
    *(("hadamard", args) for args in (
        (R, ones((M, N))), (op("hadamard", R, S2), R), (scaled(2, R), S2), (multiply(a, R), scaled(-3, S2)),
        (op("power", R, TWO), R), (op("power", R, b), op("power", R, c)), (op("power", R, b), R, S2),
        (op("power", R, number(-1)), R), (op("hadamard", op("power", R, TWO), S2), op("power", S2, number(-2))),
        (multiply(a, op("hadamard", R, S2)), op("exp", R)), (R, multiply(R, C), ones((M, N))), (x, scaled(0, x)),
        (multiply(A, R), multiply(number(2), A, R)), (op("power", R, b), op("power", R, scaled(-1, b))),
        (op("sqrt", R), op("power", op("sqrt", R), TWO)),
    )),
    *(("power", (n, p)) for p in (TWO, THREE, *(number(i) for i in (-2, -1, 0, 1)), HALF, number(Fraction(3, 2)))
      for n in (R, a, op("exp", R), op("sqrt", R), op("power", R, b), op("hadamard", R, S2), transpose(R), scaled(2, R),
                op("norm2", x), op("normF", R), multiply(number(3), a, b), multiply(transpose(x), y), ones((M, N)),
                multiply(number(2), a, transpose(x), y), number(4), op("power", R, THREE), add(R, S2), op("exp", a),
                op("abs", a), op("sqnorm", x), op("power", R, TWO), op("power", a, TWO), op("power", a, number(-1)))),
    *(("power", (n, p)) for p in (b, scaled(-2, b)) for n in (op("exp", R), transpose(R), ones((M, N)), op("exp", a))),
    *(("mpow", (n, p)) for p in (TWO, THREE, number(6), number(-1), number(-2), number(0), number(1), number(9), k)
      for n in (A, transpose(A), eye(M), op("mpow", A, k), op("inv", A), a, scaled(2, A), SYM, add(A, transpose(B)))),
    *(("kron", args) for args in (
        (a, R), (R, a), (a, b), (eye(M), eye(N)), (scaled(2, R), C), (R, multiply(a, C)), (scaled(-1, A), scaled(3, C)),
        (multiply(a, A, B), multiply(number(2), b, C)), (multiply(a, eye(M)), eye(N)), (scaled(2, eye(M)), C))),
    ("cross", (THREE_X, THREE_X)), *(("cross", (f(THREE_X), THREE_Y)) for f in SCALED),
    *(("cross", (THREE_X, f(THREE_Y))) for f in SCALED),
    ("axial3", (op("skew3", THREE_X),)), ("axial3", (matrix("T3", THREE_ROWS, THREE_ROWS, "symmetric"),)),
    # elementwise, norms, softmax
    ("conj", (op("conj", R),)), ("conj", (number(3),)), ("conj", (ones((M, N)),)), ("factorial", (number(0),)),
    ("factorial", (number(5),)), ("factorial", (number(25),)),
    *((name, (transpose(R),)) for name in ELEMENTWISE),
    ("exp", (op("log", R),)), ("log", (op("exp", R),)), ("log", (number(1),)), ("sqrt", (number(9),)),
    ("sqrt", (number(Fraction(4, 25)),)), ("sqrt", (number(0),)),
    *((name, (n,)) for name in ("norm2", "normF", "sqnorm", "norm1", "norminf") for n in (
        a, transpose(R), scaled(-2, R), scaled(Fraction(1, 3), x), transpose(add(R, S2)), multiply(number(-2), a, x),
        UNIT)),
    *((name, (n,)) for name in ("softmax", "logsumexp", "logsoftmax") for n in (R, transpose(R), transpose(x))),
    # spectra
    *((name, (n,)) for name in ("eigmax", "eigmin") for n in (SYM, add(A, transpose(A)))), ("normspec", (R,)),
]  # fmt: skip

BY_ROW = frozenset({"softmax", "logsumexp", "logsoftmax"})
"""Of a matrix these *mean* the operation on every row: the raw record is not the reference there."""

ALL_REWRITINGS = [
    *(Rewriting(name, arguments) for name, arguments in REWRITINGS),
    *(Rewriting(name, (op("vcat", R, LOWER_BLOCK),), (size,)) for name, size in (("top", M), ("bottom", H))),
    *(Rewriting(name, (op("hcat", R, RIGHT_BLOCK),), (size,)) for name, size in (("left", N), ("right", H))),
    *(Rewriting(name, (R,), (M,)) for name in ("top", "bottom")),
    *(Rewriting(name, (R,), (N,)) for name in ("left", "right")),
    *(Rewriting(name, (op("vcat", R, LOWER_BLOCK),), (H,)) for name in ("top",)),
    Rewriting("unvec", (op("vec", R),), (M, N)),
    Rewriting("unvec", (transpose(op("vec", R)),), (M, N)),
    Rewriting("unvec", (op("vec", R),), (N, M)),
    Rewriting("unvec", (x,), (M, ONE)),
    Rewriting("unvec", (transpose(x),), (M, ONE)),
    Rewriting("unvec", (transpose(x),), (ONE, M)),
    Rewriting("vec", (apply("unvec", matrix("v", M * N, ONE), sizes=(M, N)),)),
]


def _reference(rewriting: Rewriting) -> Apply:
    name, first = rewriting.name, rewriting.arguments[0]
    if name in BY_ROW and first.columns != ONE:
        name += "_rows"
    if name == "diag" and first.columns == ONE:
        name = "Diag"
    return raw(name, *rewriting.arguments, sizes=rewriting.sizes)


def _symbols(*nodes: Node) -> list[Symbol]:
    found = {n.name: n for node in nodes for n in walk(node) if isinstance(n, Symbol) and n.role != "index"}
    return list(found.values())


def _points_for(reference: Apply, count: int = 3) -> list[Point]:
    conditions = needs(reference) if reference.symbols else []
    return in_domain(_symbols(reference), conditions, reference, count, 107)


DISTINCT = {(r.label, r.sizes, tuple(n.key for n in r.arguments)): r for r in ALL_REWRITINGS}
REWRITTEN = [pytest.param(r, id=f"{i}-{r.label}") for i, r in enumerate(DISTINCT.values())]


@pytest.mark.parametrize("rewriting", REWRITTEN)
def test_normal_form_keeps_the_value(rewriting: Rewriting) -> None:
    reference = _reference(rewriting)
    simpler = apply(rewriting.name, *rewriting.arguments, sizes=rewriting.sizes)
    assert simpler.shape == reference.shape
    for point in _points_for(reference):
        assert deviation(value_at(simpler, point), value_at(reference, point)) <= 1e-8


def _domain_cases() -> list[object]:
    return [pytest.param(r, id=f"{i}-{r.label}") for i, r in enumerate(DISTINCT.values())]


SCALE_DEPENDENT = frozenset(
    {"unique maximum", "unique largest modulus", "distinct eigenvalues", "distinct singular values"}
)
"""Conditions whose margin changes when a factor moves out."""


@pytest.mark.parametrize("rewriting", _domain_cases())
def test_normal_form_does_not_narrow_the_domain(rewriting: Rewriting) -> None:
    """Where the function as typed is defined, its normal form asks for nothing that does not hold."""
    reference = _reference(rewriting)
    simpler = apply(rewriting.name, *rewriting.arguments, sizes=rewriting.sizes)
    for point in _points_for(reference, 6):
        asked = [need for need in needs(simpler) if need.kind not in SCALE_DEPENDENT]
        unmet = [need.kind for need in asked if not holds(need.kind, value_at(need.node, point))]
        assert not unmet, f"{text(simpler)} asks for more than {rewriting.label}"


@pytest.mark.parametrize("rewriting", REWRITTEN)
def test_normal_form_is_normal(rewriting: Rewriting) -> None:
    """Applying the normal form to the children of what it gave changes nothing more."""
    simpler = apply(rewriting.name, *rewriting.arguments, sizes=rewriting.sizes)
    if isinstance(simpler, Apply):
        assert apply(simpler.operation, *simpler.arguments, sizes=simpler.sizes) == simpler


def _triggered(name: str) -> list[Rewriting]:
    found = []
    for rewriting in ALL_REWRITINGS:
        if rewriting.name == name:
            simpler = apply(name, *rewriting.arguments, sizes=rewriting.sizes)
            same = isinstance(simpler, Apply) and simpler.operation.name == name
            if not (same and simpler.children() == rewriting.arguments):
                found.append(rewriting)
    return found


@pytest.mark.parametrize("name", [n for n, r in OPERATIONS.items() if r.normal is not None and n not in NOT_GENERIC])
def test_every_normal_form_is_triggered(name: str) -> None:
    assert _triggered(name), f"no example makes the normal form of {name} act"


# ---------------------------------------------------------------------------------------------- products as trees

PRODUCTS: dict[str, tuple[Node, ...]] = {
    "inverse then matrix": (op("inv", A), A, R),
    "matrix then inverse": (B, A, op("inv", A)),
    "inverse of the transpose": (op("inv", transpose(A)), transpose(A), R),
    "nested cancelling": (A, B, op("inv", B), op("inv", A), R),
    "scaled inverse": (scaled(2, A), op("inv", scaled(3, A)), R),
    "orthogonal": (transpose(Q), Q, R),
    "orthogonal, other side": (Q, transpose(Q), R),
    "orthogonal and inverse": (op("inv", Q), Q, R),
    "skew transposed": (transpose(SKEW), SKEW, R),
    "symbolic powers": (op("mpow", A, k), A, op("mpow", A, add(k, number(1))), R),
    "symbolic powers transposed": (transpose(op("mpow", A, k)), transpose(A), R),
    "powers of a transposed sum": (op("mpow", add(A, B), k), add(A, B), transpose(add(A, B))),
    "inner products cut": (R, z, transpose(x), A, y, transpose(u)),
    "several cuts": (x, transpose(y), A, x, transpose(u), y, transpose(x)),
    "outer product with a matrix": (A, x, transpose(z), transpose(R)),
    "identity": (eye(M), A, eye(M), R, eye(N)),
    "ones": (transpose(ones((M, ONE))), ones((M, ONE))),
    "unit vector": (transpose(UNIT), UNIT),
    "transposed sum": (transpose(add(A, B)), add(R, S2)),
    "scalar sums": (add(a, b), A, add(a, scaled(-1, b)), R),
    "scalar powers": (a, op("power", a, TWO), op("power", b, c), op("power", b, a), op("power", a, number(-3)), R),
    "square roots": (op("sqrt", a), op("sqrt", a), op("sqrt", b), R),
    "exponentials": (op("exp", a), op("power", op("exp", a), TWO), R),
    "determinants": (op("det", A), op("det", op("inv", A)), op("det", transpose(A)), R),
    "hadamard transposed": (transpose(op("hadamard", R, S2)), A),
    "kron transposed": (transpose(op("kron", A, R)), op("kron", A, R)),
}


@pytest.mark.parametrize("factors", PRODUCTS.values(), ids=PRODUCTS)
def test_product_keeps_the_value(factors: tuple[Node, ...]) -> None:
    whole = multiply(*factors)
    conditions = [need for n in factors for need in needs(n)]
    symbols = _symbols(*factors)
    for point in in_domain(symbols, conditions, whole, 4, 108):
        expected = np.ones((1, 1))
        for factor in factors:
            value = value_at(factor, point)
            expected = expected * value if 1 in (expected.size, value.size) else expected @ value
        assert deviation(value_at(whole, point), expected) <= 1e-8


TRANSPOSED: dict[str, Node] = {
    "product": multiply(A, R, C),
    "product with scalars": multiply(number(-2), a, A, R),
    "sum": add(A, scaled(-2, B)),
    "sum with skew": add(A, SKEW, scaled(3, SYM)),
    "skew": SKEW,
    "skew in a product": multiply(SKEW, A),
    "hadamard of a product": op("hadamard", transpose(R), multiply(transpose(S2), A)),
    "hadamard of mixed forms": op("hadamard", multiply(transpose(R), A), transpose(S2)),
    "inverse of skew": op("inv", SKEW),
    "matrix of a cross product": op("skew3", THREE_X),
    "power of skew": op("mpow", SKEW, k),
    "hadamard": op("hadamard", R, S2),
    "kron": op("kron", A, R),
    "khatri-rao": op("kr", R, S2),
    "elementwise": op("exp", R),
    "elementwise of skew": op("sin", SKEW),
    "triangle": op("tril", A),
    "lower": LOW,
    "inverse of lower": op("inv", LOW),
    "outer product": multiply(x, transpose(z)),
    "chol": op("chol", SPD),
    "unvec": apply("unvec", matrix("v", M * N, ONE), sizes=(M, N)),
    "row softmax": op("softmax_rows", R),
    "row sums": op("rowsums", R),
}


@pytest.mark.parametrize("node", TRANSPOSED.values(), ids=TRANSPOSED)
def test_transpose_keeps_the_value(node: Node) -> None:
    turned = transpose(node)
    for point in in_domain(_symbols(node), needs(node), node, 4, 109):
        assert deviation(value_at(turned, point), value_at(node, point).T) <= 1e-12


def _turned() -> list[object]:
    return [pytest.param(n, id=name) for name, n in TRANSPOSED.items()]


@pytest.mark.parametrize("node", _turned())
def test_transposing_twice_gives_the_node_back(node: Node) -> None:
    assert transpose(transpose(node)) == node


TRAIT_NODES: dict[str, Node] = {
    **{f"{n.name} itself": n for n in (SYM, SKEW, SPD, Q, DIAG, LOW, UP)},
    **{f"2 {n.name}": scaled(2, n) for n in (SYM, SKEW, SPD, Q, DIAG, LOW, UP)},
    **{f"-{n.name}": scaled(-1, n) for n in (SYM, SKEW, SPD, Q, DIAG, LOW, UP)},
    **{f"a {n.name}": multiply(a, n) for n in (SYM, SKEW, SPD, Q, DIAG, LOW, UP)},
    **{f"{n.name} transposed": transpose(n) for n in (SYM, SKEW, SPD, Q, DIAG, LOW, UP)},
    **{f"{p.name} + {q.name}": add(p, q) for p in (SYM, SKEW, SPD, Q, DIAG, LOW) for q in (SPD, DIAG, UP, SKEW, A)},
    **{f"{p.name} - {q.name}": add(p, scaled(-1, q)) for p in (SPD, DIAG, LOW) for q in (SYM, SPD)},
    **{f"{p.name} {q.name}": multiply(p, q) for p in (SYM, SKEW, SPD, Q, DIAG) for q in (SPD, DIAG, UP, SKEW, LOW)},
    "gram": multiply(transpose(R), R),
    "gram + I": add(multiply(transpose(R), R), eye(N)),
    "gram - I": add(multiply(transpose(R), R), scaled(-1, eye(N))),
    "-gram": scaled(-1, multiply(R, transpose(R))),
    "congruence": multiply(transpose(A), SYM, A),
    "spd congruence": multiply(transpose(A), SPD, A),
    "rectangular congruence": multiply(transpose(R), SPD, R),
    "a + a'": add(A, transpose(A)),
    "exp(a) spd": multiply(op("exp", a), SPD),
    "x x'": multiply(x, transpose(x)),
    "sandwiched skew": multiply(A, SKEW, transpose(A)),
    **{f"{f}({n.name})": op(f, n) for f in ("inv", "expm", "cosm", "exp", "sin") for n in (SYM, SPD, DIAG, LOW, SKEW)},
    "hadamard of psd": op("hadamard", SPD, multiply(A, transpose(A))),
    "kron of spd and orthogonal": op("kron", SPD, Q),
    "positive row": op("exp", transpose(x)),
    "positive product": multiply(op("exp", R), op("exp", z)),
    "positive and not": multiply(op("exp", R), z),
    "ones": ones((M, M)),
    "squares": op("power", R, TWO),
    "positive power": op("power", op("exp", R), b),
}


@pytest.mark.parametrize("node", TRAIT_NODES.values(), ids=TRAIT_NODES)
def test_what_is_certain_about_a_node_is_true(node: Node) -> None:
    found = traits(node) & set(PROPERTY_TESTS)
    for point in in_domain(_symbols(node), needs(node), node, 5, 110):
        value = value_at(node, point)
        wrong = [t for t in found if not PROPERTY_TESTS[t](value)]
        assert not wrong


# ---------------------------------------------------------------------------------------------- series

BODIES: dict[str, Node] = {
    "free of the index": R,
    "index times matrix": multiply(j, R),
    "scalars in front": multiply(number(-2), a, j, R),
    "power": op("power", R, j),
    "matrix power": op("mpow", A, j),
    "powers on both sides": multiply(number(3), op("mpow", A, j), B, op("mpow", A, add(k, scaled(-1, j)))),
    "sum": add(multiply(j, R), S2),
}
RANGES: dict[str, tuple[Node, Node]] = {
    "1 to 3": (number(1), number(3)),
    "0 to 9": (number(0), number(9)),
    "1 to k": (number(1), k),
    "0 to k-1": (number(0), add(k, number(-1))),
    "2 to 2": (number(2), number(2)),
    "1 to 0": (number(1), number(0)),
    "5 to 1": (number(5), number(1)),
}


def _series_cases() -> list[object]:
    found: list[object] = []
    for (body_name, body), (range_name, ends) in itertools.product(BODIES.items(), RANGES.items()):
        found.append(pytest.param(body, *ends, id=f"{body_name}, {range_name}"))
    return found


@pytest.mark.parametrize(("body", "low", "high"), _series_cases())
def test_series_simplification_keeps_the_value(body: Node, low: Node, high: Node) -> None:
    reference = raw("series", j, low, high, body)
    simpler = apply("series", j, low, high, body)
    for point in _series_points(reference):
        assert deviation(value_at(simpler, point), value_at(reference, point)) <= 1e-8


def _series_points(reference: Apply) -> list[Point]:
    return in_domain(_symbols(reference), [], reference, 3, 111)


@pytest.mark.parametrize("body", [pytest.param(b, id=n) for n, b in BODIES.items() if k.name not in b.symbols])
def test_differential_of_a_series(body: Node) -> None:
    node = raw("series", j, number(1), k, body)
    moving = [s for s in _symbols(body) if s.name in ("R", "A", "S2")]
    changes = {s: differential_symbol(s) for s in moving}
    change = differential(node, changes)
    for number_, point in enumerate(_series_points(node)):
        rng = np.random.default_rng(number_)
        steps = {s.name: rng.normal(size=point.arrays[s.name].shape) for s in moving}
        moved = {name: point.arrays[name] + 1e-30j * step for name, step in steps.items()}
        expected = np.imag(value_at(node, point, moved)) / 1e-30
        found = value_at(change, point, {f"d{name}": step for name, step in steps.items()})
        assert deviation(found, expected) <= 1e-8


@pytest.mark.parametrize("ends", [(number(1), a), (a, number(4))], ids=["upper", "lower"])
def test_differential_by_a_bound_of_a_series_is_refused(ends: tuple[Node, Node]) -> None:
    with pytest.raises(DeriveError):
        differential(raw("series", j, *ends, multiply(j, R)), {a: differential_symbol(a)})


# ---------------------------------------------------------------------------------------------- (f) coverage


def test_every_operation_is_exercised() -> None:
    """An operation without cases, or one left out without a reason, fails here."""
    assert set(GENERIC) | set(NOT_GENERIC) == set(OPERATIONS)
    assert all(NOT_GENERIC.values())
    assert len(NOT_GENERIC) <= 1
    for name in GENERIC:
        assert cases(name), f"no shapes for {name}"


def test_every_differential_is_exercised() -> None:
    """Each operation is differentiated by each argument that is not listed as refused."""
    for name in GENERIC:
        record = OPERATIONS[name]
        fixed = FIXED.get(name, frozenset())
        assert fixed <= set(record.parameters)
        if has_rule(record):
            assert set(record.parameters) - fixed, f"{name} has a rule but is differentiated by nothing"
        else:
            assert fixed == set(record.parameters)


def test_every_adjoint_and_definition_is_exercised() -> None:
    adjoints = {(n, p) for n in GENERIC for p in OPERATIONS[n].adjoint}
    assert {(c.record.name, p) for c, p in ADJOINTS} == adjoints
    assert {c.record.name for c in WITH_MEANING} == {n for n in GENERIC if OPERATIONS[n].means}


def test_sizes_and_declarations_of_cases_are_in_use() -> None:
    """No table of the cases names an operation or parameter that no longer exists."""
    from_tables = {n for n, _ in _refused()} | {n for n, _ in KEEPS}
    assert from_tables <= set(OPERATIONS)
    assert all(p in OPERATIONS[n].parameters for n, p in _refused())


def test_refusals_are_mistakes_that_can_be_shown() -> None:
    assert issubclass(DeriveError, McError)
