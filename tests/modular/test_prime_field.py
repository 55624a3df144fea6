"""The prime field against NumPy at whole numbers: algebraic operations, constants, draws, opaque functions."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from mccli.errors import DomainError
from mccli.expressions.graph import walk
from mccli.expressions.tree import OPERATIONS, Apply, Node
from mccli.language.declare import Scope, read_scope
from mccli.language.elaborate import elaborate
from mccli.modular import matrices as m
from mccli.modular.draw import draw
from mccli.modular.evaluate import ModularEvaluator
from mccli.modular.functions import ALGEBRAIC, ELEMENTWISE, elementwise_power
from mccli.modular.matrices import PRIME, Matrix
from mccli.modular.scatter import entries, scattered, scattered_matrix
from mccli.numeric.evaluate import evaluate

Array = NDArray[Any]
SIZES = {"m": 4, "n": 3, "p": 2, "k": 6}
SHAPES = ("A:m,n", "B:n,p", "C:m,n", "S:n,n", "T:m,m", "R:p,n", "W:n,m", "x:m", "y:n", "z:n", "v:m*n", "c:scalar")

EXPRESSIONS = (
    "A*B", "A + C", "2*A - 3*C", "A'", "A'*C", "c*A", "c*x'*A*y", "x*y'", "y'*z", "A.*C", "x.*x", "S^2", "S^3", "A + c",
    "tr(S)", "tr(A*W)", "sum(A)", "sum(A,1)", "sum(A,2)", "diag(S)", "Diag(y)", "diag(y)", "vec(A)", "unvec(v,m,n)",
    "tril(S)", "triu(S)", "toepsum(S)", "circsum(S)", "kron(A,B)", "convmtx(y,m)", "vcat(A,S)", "hcat(A,T)",
    "det(S)", "inv(S)", "adj(S)", "pinv(A)", "pinv(W)", "sylvester(T,S,A)", "stein(S,S)", "prod(y)", "conj(A)",
    "det(T)", "inv(T)*A", "S*inv(S)", "tr(inv(S)*S)", "det(inv(S))", "inv(S + 2*I)", "S^-2", "mean(A)", "var(y)",
    "norm2(x)^2", "normF(A)^2", "cross(y,z)", "kr(A,C)", "block(T,A,W,S)", "vech(S)", "sym(S)", "skew3(y)", "c^2 + c",
    "commutation(m,n)*vec(A)", "duplication(n)*vech(S)", "elimination(n)*vec(S)", "unit(2,n)'*S*unit(1,n)", "eye(n)*S",
    "ones(m,n).*A", "zeros(m,n) + A", "n*c", "y.^3", "c^4", "1/c", "y./z", "1./y", "c^-2", "series(i,1,n,entry(S,i,i))",
    "top(A,2)", "bottom(A,2)", "left(A,2)", "right(A,2)", "strictlower(S)", "strictupper(S)", "cumsum(y)",
)  # fmt: skip


def scope() -> Scope:
    """The declared symbols."""
    return read_scope(SHAPES)


def read(text: str) -> Node:
    """An expression over the declared symbols."""
    return elaborate(text, scope()).expression


def place(seed: int) -> tuple[dict[str, Matrix], dict[str, Array]]:
    """Small whole numbers for the symbols, as residues and as floating-point numbers."""
    rng = np.random.default_rng(seed)
    exact: dict[str, Matrix] = {}
    floating: dict[str, Array] = {}
    for name, (rows, columns) in scope().shapes.items():
        shape = (int(rows.value(SIZES)), int(columns.value(SIZES)))
        drawn = rng.integers(1, 6, size=shape) * rng.choice([-1, 1], size=shape)
        exact[name] = [[int(x) % PRIME for x in row] for row in drawn]
        floating[name] = drawn.astype(float)
    return exact, floating


def small(residue: int) -> Fraction:
    """The fraction of small numbers that a residue stands for (Wang 1981), written for this test."""
    r0, r1, s0, s1 = PRIME, residue % PRIME, 0, 1
    while r1 * r1 * 2 > PRIME:
        quotient = r0 // r1
        r0, r1, s0, s1 = r1, r0 - quotient * r1, s1, s0 - quotient * s1
    return Fraction(r1, s1)


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("text", EXPRESSIONS)
def test_a_value_is_that_of_exact_arithmetic(text: str, seed: int) -> None:
    node = read(text)
    exact, floating = place(seed)
    try:
        found = ModularEvaluator(exact, SIZES).value(node)
    except DomainError:
        pytest.skip("singular here")
    expected = evaluate(node, floating, SIZES)
    assert (len(found), len(found[0])) == expected.shape
    told = np.array([[float(small(x)) for x in row] for row in found])
    assert np.allclose(told, expected, rtol=1e-9, atol=1e-9)


def test_every_algebraic_operation_occurs() -> None:
    nodes = [read(text) for text in EXPRESSIONS]
    used = {part.operation.name for node in nodes for part in walk(node) if isinstance(part, Apply)}
    assert not set(ALGEBRAIC) - used
    assert set(ALGEBRAIC) <= set(OPERATIONS)


# ---------------------------------------------------------------------------------------- linear algebra


def residues(rows: int, columns: int, *seed: int | str) -> Matrix:
    """A random matrix."""
    return scattered_matrix(rows, columns, "test", *seed)


def test_inverse_determinant_and_solution_belong_together() -> None:
    for n in (1, 2, 3, 5):
        a, b = residues(n, n, "a"), residues(n, n, "b")
        assert m.product(a, m.inverse(a)) == m.identity(n) == m.product(m.inverse(a), a)
        assert m.determinant(m.product(a, b)) == m.determinant(a) * m.determinant(b) % PRIME
        assert m.determinant(m.transposed(a)) == m.determinant(a)
        assert m.product(a, m.solved(a, b)) == b
        assert m.power(a, -2) == m.product(m.inverse(a), m.inverse(a))


def test_a_singular_matrix_has_no_inverse_and_determinant_zero() -> None:
    a = [[1, 2], [2, 4]]
    assert m.determinant(a) == 0
    for refused in (lambda: m.inverse(a), lambda: m.solved(a, a), lambda: m.reciprocal(0)):
        with pytest.raises(DomainError):
            refused()


def test_a_determinant_with_a_zero_in_the_first_place_has_its_sign() -> None:
    assert m.determinant([[0, 1], [1, 0]]) == PRIME - 1
    assert m.determinant([[0, 0, 1], [1, 0, 0], [0, 1, 0]]) == 1


def test_stacking_and_unstacking_are_inverse() -> None:
    a = residues(3, 4, "s")
    assert m.unstacked(m.stacked(a), 3, 4) == a
    assert m.stacked(a)[:3] == [[row[0]] for row in a]


# ------------------------------------------------------------------------------------------------- draws


@pytest.mark.parametrize("n", [1, 2, 3, 5])
@pytest.mark.parametrize("seed", range(5))
def test_what_is_drawn_has_the_declared_property_exactly(n: int, seed: int) -> None:
    def drawn(*properties: str, columns: int = n) -> Matrix:
        return draw(frozenset(properties), n, columns, seed, "X")

    t = m.transposed
    assert drawn("symmetric") == t(drawn("symmetric"))
    assert drawn("spd", "symmetric") == t(drawn("spd", "symmetric"))
    assert m.added(drawn("skew"), t(drawn("skew"))) == m.full(n, n)
    q = drawn("orthogonal")
    assert m.product(q, t(q)) == m.identity(n) == m.product(t(q), q)
    assert all(not x for i, row in enumerate(drawn("diagonal")) for j, x in enumerate(row) if i != j)
    assert all(not x for i, row in enumerate(drawn("lower")) for j, x in enumerate(row) if j > i)
    assert all(not x for i, row in enumerate(drawn("upper")) for j, x in enumerate(row) if j < i)
    unit = drawn("unit", columns=1)
    assert m.product(t(unit), unit) == [[1]]
    assert sum(row[0] for row in drawn("simplex", columns=1)) % PRIME == 1
    assert draw(frozenset({"integer"}), 1, 1, seed, "k")[0][0] in range(2, 6)


def test_a_draw_is_that_of_its_name_and_seed() -> None:
    plain = frozenset[str]()
    assert draw(plain, 3, 3, 1, "X") == draw(plain, 3, 3, 1, "X")
    assert draw(plain, 3, 3, 1, "X") != draw(plain, 3, 3, 2, "X")
    assert draw(plain, 3, 3, 1, "X") != draw(plain, 3, 3, 1, "Y")


def test_scattered_numbers_do_not_repeat() -> None:
    found = {scattered("x", i) for i in range(5_000)}
    assert len(found) == 5_000
    assert not found & {scattered("y", i) for i in range(5_000)}
    assert scattered("exp", 5) != scattered("log", 5)
    assert list(entries([[[1, 2]]])) != list(entries([[[1], [2]]]))


# --------------------------------------------------------------------------------------- opaque functions

POINTS = [2, 3, 5, 12345, PRIME - 2, PRIME - 77, scattered("a point")]


@pytest.mark.parametrize("x", POINTS)
def test_opaque_functions_keep_their_symmetries(x: int) -> None:
    f = ELEMENTWISE
    negative, inverse = PRIME - x, m.reciprocal(x)
    assert f["exp"](x) * f["exp"](negative) % PRIME == 1
    assert (f["log"](x) + f["log"](inverse)) % PRIME == 0
    assert (f["sin"](x) + f["sin"](negative)) % PRIME == 0
    assert f["cos"](x) == f["cos"](negative)
    assert (f["sin"](x) ** 2 + f["cos"](x) ** 2) % PRIME == 1
    for name in ("arcsin", "arctan", "erf"):
        assert (f[name](x) + f[name](negative)) % PRIME == 0
    assert len({f[name](x) for name in f}) == len(f)


def test_opaque_functions_have_their_values_at_zero_and_one() -> None:
    f = ELEMENTWISE
    assert (f["exp"](0), f["log"](1), f["sin"](0), f["cos"](0)) == (1, 0, 0, 1)
    assert (f["sqrt"](0), f["sqrt"](1), f["erf"](0), f["arctan"](0)) == (0, 1, 0, 0)
    with pytest.raises(DomainError):
        f["log"](0)


@pytest.mark.parametrize("x", POINTS)
def test_powers_multiply(x: int) -> None:
    assert elementwise_power(x, 3) == pow(x, 3, PRIME)
    assert elementwise_power(x, PRIME - 2) * pow(x, 2, PRIME) % PRIME == 1
    half, odd = m.reciprocal(2), 5 * m.reciprocal(2) % PRIME
    assert elementwise_power(x, odd) == pow(elementwise_power(x, half), 5, PRIME)
    assert elementwise_power(x, PRIME - half) * elementwise_power(x, half) % PRIME == 1
    p = scattered("an exponent")
    assert elementwise_power(x, p) * elementwise_power(x, PRIME - p) % PRIME == 1


def value(text: str, values: Mapping[str, Matrix]) -> Matrix:
    """The value of an expression."""
    node = elaborate(text, scope()).expression
    return ModularEvaluator(values, SIZES).value(node)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("x - mean(x) + var(x)", "var(x) - mean(x) + x"),
        ("-mean(x)/sqrt(var(x)) + x/sqrt(var(x))", "(x - mean(x))/sqrt(var(x))"),
        ("exp(x).*exp(-x)", "ones(m,1)"),
        ("softmax(x)", "exp(x)/sum(exp(x))"),
        ("sin(x).^2 + cos(x).^2", "ones(m,1)"),
        ("std(x)", "sqrt(var(x))"),
    ],
)
def test_a_value_does_not_depend_on_what_was_evaluated_before(one: str, other: str) -> None:
    exact, _ = place(4)
    values = {name: residues(len(a), len(a[0]), name) for name, a in exact.items()}
    assert value(one, values) == value(other, values)


def test_no_more_entries_than_can_be_afforded() -> None:
    node = elaborate("kron(kron(A,A),kron(A,A))", scope()).expression
    with pytest.raises(DomainError, match="too large"):
        ModularEvaluator({"A": residues(4, 3, "A")}, SIZES).value(node)
