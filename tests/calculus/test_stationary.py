"""Stationary points read as in a textbook; their truth is held by numbers in test_stationary_numbers.py."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import pytest

import mccli
from mccli.cli.solve_words import condition_text, needs_of
from mccli.errors import DeriveError, McError
from mccli.render.text import text
from mccli.solving import Solution

SCALARS = ("r:scalar", "n:scalar", "v:scalar", "a:scalar")


class Problem(NamedTuple):
    """A problem as it is typed, and the solution in its textbook form."""

    expression: str
    wrt: str
    expected: str
    needs: str = ""
    kind: str = ""
    assume: Sequence[str] = ()
    shapes: Sequence[str] = ()
    subject_to: Sequence[str] = ()


def solved(problem: Problem) -> Solution:
    """The solution, with its numerical check."""
    return mccli.solve(
        problem.expression,
        wrt=problem.wrt.split(","),
        assume=problem.assume,
        shapes=problem.shapes,
        subject_to=problem.subject_to,
    )


LEAST_SQUARES = [
    Problem("||X w - y||^2", "w", "w = (Xᵀ X)⁻¹ Xᵀ y", "X of full column rank", "minimum"),
    Problem("w'X'X w - 2 y'X w + y'y", "w", "w = (Xᵀ X)⁻¹ Xᵀ y", "X of full column rank", "minimum"),
    Problem("1/2 ||y - X w||", "w", "w = (Xᵀ X)⁻¹ Xᵀ y", "X of full column rank, y − X (Xᵀ X)⁻¹ Xᵀ y ≠ 0", "minimum"),
    Problem("||X w - y||^2 + lambda ||w||^2", "w", "w = (Xᵀ X + λ I)⁻¹ Xᵀ y", "Xᵀ X + λ I invertible"),
    Problem("||X w - y||^2 + lambda w'w", "w", "w = (Xᵀ X + λ I)⁻¹ Xᵀ y", "", "minimum", ["lambda:positive"]),
    Problem(
        "1/(2n) ||X w - y||^2 + λ/2 ||w||^2", "w", "w = (Xᵀ X + λ n I)⁻¹ Xᵀ y", "", "minimum", ["λ:positive"], ["X:n,d"]
    ),
    Problem(
        "(y - X w)'W(y - X w)", "w", "w = (Xᵀ W X)⁻¹ Xᵀ W y", "X of full column rank", "minimum", ["W:diagonal,spd"]
    ),
    Problem("(y - X w)'S^-1(y - X w)", "w", "w = (Xᵀ S⁻¹ X)⁻¹ Xᵀ S⁻¹ y", "X of full column rank", "minimum", ["S:spd"]),
    Problem("(y - X w)'W(y - X w)", "w", "w = (Xᵀ (W + Wᵀ) X)⁻¹ Xᵀ (W + Wᵀ) y", "Xᵀ (W + Wᵀ) X invertible"),
    Problem(
        "(x - m)'P^-1(x - m) + (y - H x)'R^-1(y - H x)",
        "x",
        "x = (P⁻¹ + Hᵀ R⁻¹ H)⁻¹ (P⁻¹ m + Hᵀ R⁻¹ y)",
        "",
        "minimum",
        ["P:spd", "R:spd"],
    ),
    Problem("sum(c.*(x - a).^2) + lambda ||x||^2", "x", "x = c ∘ a ./ (c + λ)", "all entries of c + λ ≠ 0"),
]

QUADRATIC = [
    Problem("1/2 x'A x - b'x", "x", "x = A⁻¹ b", "", "minimum", ["A:spd"]),
    Problem("1/2 x'A x - b'x", "x", "x = A⁻¹ b", "A invertible", "", ["A:symmetric"]),
    Problem("1/2 x'A x - b'x", "x", "x = 2 (A + Aᵀ)⁻¹ b", "A + Aᵀ invertible"),
    Problem("b'x - 1/2 x'A x", "x", "x = A⁻¹ b", "", "maximum", ["A:spd"]),
    Problem("g'd + 1/2 d'H d", "d", "d = −H⁻¹ g", "H invertible", "", ["H:symmetric"]),
    Problem("x'A x", "x", "x = 0", "A + Aᵀ invertible"),
    Problem("||X - ones(n,1)*m'||_F^2", "m", "m = Xᵀ ones(n,1)/n", "", "minimum"),
    Problem("||x - a||^2 + ||x - b||^2", "x", "x = 1/2 (a + b)", "", "minimum"),
    Problem("||s*X - Y||_F^2", "s", "s = tr(Yᵀ X)/tr(Xᵀ X)", "tr(Xᵀ X) ≠ 0", "minimum", (), ["s:scalar"]),
]

MATRICES = [
    Problem("||A X - B||_F^2", "X", "X = (Aᵀ A)⁻¹ Aᵀ B", "A of full column rank", "minimum"),
    Problem("||X A - B||_F^2", "X", "X = B Aᵀ (A Aᵀ)⁻¹", "A of full row rank", "minimum"),
    Problem(
        "||A X B - C||_F^2",
        "X",
        "X = (Aᵀ A)⁻¹ Aᵀ C Bᵀ (B Bᵀ)⁻¹",
        "A of full column rank, B of full row rank",
        "minimum",
    ),
    Problem("||X A - B||_F^2 + lambda ||X||_F^2", "X", "X = B Aᵀ (A Aᵀ + λ I)⁻¹", "", "minimum", ["lambda:positive"]),
    Problem(
        "||A X - C||_F^2 + ||X B - D||_F^2",
        "X",
        "X = sylvester(Aᵀ A, B Bᵀ, Aᵀ C + D Bᵀ)",
        "no eigenvalue of Aᵀ A the negative of one of B Bᵀ",
        "minimum",
    ),
    Problem(
        "||A X - B||_F^2",
        "X",
        "X = sylvester(Aᵀ A, Aᵀ A, Aᵀ B + Bᵀ A)",
        "A of full column rank",
        "minimum",
        ["X:symmetric"],
    ),
    Problem("sum(M.*(X - A).^2) + lambda ||X||_F^2", "X", "X = M ∘ A ./ (M + λ)", "all entries of M + λ ≠ 0"),
    Problem("||vec(X) - b||^2", "X", "X = unvec(b, m, n)", "", "minimum"),
    Problem("tr(X)^2 + ||X - A||_F^2", "X", "", "", "minimum"),
    Problem("||A*Diag(x)*B - C||_F^2", "x", "", "", "minimum"),
    Problem("-log det X + 1/2 ||X||_F^2", "X", "X = eye(n)", "", "minimum", ["X:spd"]),
    Problem("-log det X + tr(S X)", "X", "X = S⁻¹", "det(S) > 0"),
    Problem("-log det X + tr(S X)", "X", "X = S⁻¹", "", "minimum", ["X:spd", "S:spd"]),
    Problem("log det S + tr(S^-1 C)", "S", "S = C", "", "minimum", ["S:spd", "C:spd"]),
    Problem("log det S + tr(S^-1 C)", "S", "S = C", "det(C) > 0"),
]

SCALAR = [
    Problem("n/2 log v + r/(2v)", "v", "v = r/n", "", "minimum", ["v:positive", "r:positive", "n:positive"], SCALARS),
    Problem("n/2 log v + r/(2v)", "v", "v = r/n", "r/n > 0", "", (), SCALARS),
    Problem("n log(a) - a*r", "a", "a = n/r", "", "maximum", ["n:positive", "r:positive", "a:positive"], SCALARS),
    Problem("n log v + r/(2v^2)", "v", "v = sqrt(r/n)", "r/n > 0", "", ["v:positive"], SCALARS),
    Problem("r*log(v) + (n - r)*log(1 - v)", "v", "v = r/n", "r/n > 0, 1 − r/n > 0", "", (), SCALARS),
    Problem("n*exp(v) - r*v", "v", "v = log(r/n)", "r/n > 0", "", (), SCALARS),
    Problem("n*log(1 + exp(v)) - r*v", "v", "v = log(r/(n (1 − r/n)))", "", "", (), SCALARS),
    Problem("v^3/3 - 4*v", "v", "v = 2 | v = −2", "", "", (), SCALARS),
    Problem("sum(exp(x)) - a'x", "x", "x = log(a)", "all entries of a > 0", "minimum"),
]

SEVERAL = [
    Problem("||X w + b*1 - y||^2", "w,b", "", "", "minimum", (), ["b:scalar"]),
    Problem("||W X + b*1' - Y||_F^2", "W,b", "", "", "minimum"),
    Problem(
        "n/2 log det S + 1/2 tr((X - ones(n,1)*m')S^-1(X - ones(n,1)*m')')",
        "m,S",
        "m = Xᵀ ones(n,1)/n, S = (X − ones(n,1) mᵀ)ᵀ (X − ones(n,1) mᵀ)/n",
        "X − ones(n,1) ones(1,n) X/n of full column rank",
        "minimum",
        ["S:spd"],
        ["X:n,d"],
    ),
    Problem(
        "n/2 log v + ||X w - y||^2/(2v)",
        "w,v",
        "w = (Xᵀ X)⁻¹ Xᵀ y, v = ‖X w − y‖²/n",
        "X of full column rank, X (Xᵀ X)⁻¹ Xᵀ y − y ≠ 0",
        "minimum",
        (),
        ["X:n,d", "v:scalar"],
    ),
]

CONSTRAINED = [
    Problem("||x||^2", "x", "x = Aᵀ (A Aᵀ)⁻¹ b", "A of full row rank", "minimum", subject_to=["A x = b"]),
    Problem("||x||^2", "x", "x = Aᵀ (A Aᵀ)⁻¹ b", "A of full row rank", "minimum", subject_to=["b = A x"]),
    Problem(
        "1/2 ||x - a||^2", "x", "x = a + Aᵀ (A Aᵀ)⁻¹ (b − A a)", "A of full row rank", "minimum", subject_to=["A x = b"]
    ),
    Problem(
        "1/2 x'P x + q'x",
        "x",
        "x = P⁻¹ (Aᵀ (A P⁻¹ Aᵀ)⁻¹ (A P⁻¹ q + b) − q)",
        "A of full row rank",
        "minimum",
        ["P:spd"],
        subject_to=["A x = b"],
    ),
    Problem(
        "w'S w",
        "w",
        "w = S⁻¹ ones(n,1)/sum(S⁻¹ ones(n,1))",
        "",
        "minimum",
        ["S:spd"],
        subject_to=["sum(w) = 1"],
    ),
    Problem("-sum(p.*log(p))", "p", "p = ones(n,1)/n", "", "maximum", subject_to=["sum(p) = 1"]),
    Problem("sum(p.*log(p)) + c'p", "p", "p = exp(−c)/sum(exp(−c))", "", "minimum", subject_to=["sum(p) = 1"]),
    Problem(
        "sum(c.*log(p))", "p", "p = c/sum(c)", "", "maximum", ["c:positive", "p:positive"], subject_to=["sum(p) = 1"]
    ),
    Problem("||B - C||_F^2", "B", "B = C + (y − C s) sᵀ/(sᵀ s)", "s ≠ 0", "minimum", subject_to=["B s = y"]),
    Problem("||X - Y||_F^2", "X", "X = Y + (1 − tr(Y)) I/n", "", "minimum", subject_to=["tr(X) = 1"]),
    Problem("a'x", "x", "x = a/‖a‖ | x = −a/‖a‖", "a ≠ 0", subject_to=["x'x = 1"]),
    Problem(
        "a'x",
        "x",
        "x = S⁻¹ a/sqrt(aᵀ S⁻¹ a) | x = −S⁻¹ a/sqrt(aᵀ S⁻¹ a)",
        "aᵀ S⁻¹ a > 0",
        "",
        ["S:spd"],
        subject_to=["x'S x = 1"],
    ),
    Problem("||x - a||^2", "x", "x = a/‖a‖ | x = −a/‖a‖", "a ≠ 0", subject_to=["x'x = 1"]),
    Problem("x*y", "x,y", "y = 1/2, x = 1/2", "", "", (), ["x:scalar", "y:scalar"], subject_to=["x + y = 1"]),
]

EVERY = [*LEAST_SQUARES, *QUADRATIC, *MATRICES, *SCALAR, *SEVERAL, *CONSTRAINED]


@pytest.mark.parametrize("problem", EVERY, ids=lambda p: f"{p.expression} by {p.wrt} {','.join(p.assume)}")
def test_the_solution_reads_as_in_a_textbook(problem: Problem) -> None:
    found = solved(problem)
    shown = " | ".join(", ".join(f"{s.variable.name} = {_text(s.expression)}" for s in p.solved) for p in found.points)
    assert not problem.expected or shown == problem.expected
    assert found.kind == problem.kind
    assert all(check.passed for check in found.checks)
    if problem.needs:
        assert ", ".join(condition_text(n, text) for n in needs_of(found, found.points[0])) == problem.needs


def _text(node: object) -> str:
    shown = text(node)  # type: ignore[arg-type]
    return "0" if shown.startswith("zeros(") else shown


@pytest.mark.parametrize(
    ("expression", "constraint", "kinds"),
    [
        ("a'x", "x'x = 1", ["maximum", "minimum"]),
        ("||x - a||^2", "x'x = 1", ["minimum", "maximum"]),
        ("a'x", "x'S x = 1", ["maximum", "minimum"]),
        ("||x - a||^2", "g'x = 1", ["minimum"]),
        ("x'T x", "g'x = 1", [None]),
    ],
)
def test_the_extremes_under_constraints_are_proved(expression: str, constraint: str, kinds: list[str | None]) -> None:
    found = mccli.solve(expression, wrt="x", subject_to=constraint, assume=["S:spd", "T:symmetric"])
    assert [e and e.kind for e in found.extrema] == kinds
    assert all(check.compared > 50 for check, e in zip(found.checks, found.extrema, strict=True) if e)


def test_the_normal_equations_are_a_step() -> None:
    lines = solved(LEAST_SQUARES[0]).stationary.lines
    assert ("Xᵀ X w", "Xᵀ y") in [(text(x.left), text(x.right)) for x in lines if not isinstance(x.left, str)]


@pytest.mark.parametrize(
    ("expression", "constraint", "assume", "left", "right", "value"),
    [
        ("v'S v", "v'v = 1", ["S:symmetric"], "S v", "λ v", "λ"),
        ("v'S v", "v'v = 1", [], "(S + Sᵀ) v", "λ v", "1/2 λ"),
        ("v'S v", "v'B v = 1", ["S:symmetric", "B:spd"], "S v", "λ B v", "λ"),
        ("||A v||^2", "v'v = 1", [], "Aᵀ A v", "λ v", "λ"),
        ("v'S v", "||v||^2 = 4", ["S:symmetric"], "S v", "λ v", "4 λ"),
    ],
)
def test_a_quadratic_form_on_a_sphere_is_an_eigenvalue_problem(
    expression: str, constraint: str, assume: list[str], left: str, right: str, value: str
) -> None:
    found = mccli.solve(expression, wrt="v", subject_to=constraint, assume=assume)
    eigen = found.stationary.eigen
    assert eigen is not None
    assert (text(eigen.left), text(eigen.right), text(eigen.value)) == (left, right, value)
    assert [c.passed for c in found.checks] == [True]


REFUSALS = [
    ("sum(log(1 + exp(X w))) - y'X w", "w", (), "not linear in w", "Xᵀ"),
    ("||X w - y||^2 + lambda norm1(w)", "w", (), "not linear in w", "sign(w)"),
    ("-sum(y.*log(sigmoid(X w)) + (1 - y).*log(1 - sigmoid(X w)))", "w", (), "not linear in w", "σ(X w)"),
    ("x'A x/(x'x)", "x", (), "not linear in x", "x"),
    ("a'x", "x", (), "the gradient is the same for every x", "a = 0"),
    ("tr(A X)", "X", (), "the gradient is the same for every X", "Aᵀ = 0"),
    ("(a'x - 1)^2", "x", (), "what multiplies x is singular", "no solution or many"),
    ("||a'X - c'||^2", "X", (), "what multiplies X is singular", "no solution or many"),
    ("a'a + x'x - x'x", "x", (), "every x is a stationary point", ""),
    ("x'x", "x", ("sum(x) = 1", "sum(x) = 2"), "contradict one another", ""),
    ("a'x", "x", ("A x = b",), "no closed form", ""),
    ("||X + X' - A||_F^2", "X", (), "as it is and transposed", ""),
    ("A x", "x", (), "needs a scalar function", ""),
    ("x'x", "x", ("A x <= b",), "a constraint is an equation", "equality"),
    ("x'x", "x", ("A x",), "this is no constraint", "one equation"),
    ("x'x", "x", ("A x = b = c",), "this is no constraint", "one equation"),
    ("x'x", "x", ("A x = b c'",), "cannot subtract", "in the constraint"),
    ("x'x", "x", ("a = b",), "does not contain x", ""),
    ("x'x", "z", (), "has no variable z", ""),
    ("log(x'A x)", "x", (), "the function is not defined", ""),
    ("||A x||", "x", (), "the function is not defined", ""),
    ("log det X", "X", (), "the function is not defined", ""),
    ("logdet(S) + x'inv(S)*x", "S", (), "the function is not defined", ""),
    ("||tril(X) - A||_F^2", "X", (), "mc cannot isolate it", "tril"),
]


@pytest.mark.parametrize(("expression", "wrt", "constraints", "message", "note"), REFUSALS)
def test_what_has_no_closed_form_is_refused(
    expression: str, wrt: str, constraints: tuple[str, ...], message: str, note: str
) -> None:
    with pytest.raises(McError) as caught:
        mccli.solve(expression, wrt=wrt, subject_to=constraints)
    assert caught.value.exit_code == 2
    assert message in caught.value.message
    assert any(note in line for line in caught.value.notes) or not note


@pytest.mark.parametrize("declared", ["orthogonal", "skew", "diagonal", "lower", "unit", "simplex"])
def test_an_unknown_in_a_space_that_is_not_solved_for_is_refused(declared: str) -> None:
    name = "x" if declared in ("unit", "simplex") else "X"
    with pytest.raises(DeriveError, match=f"declared {declared}"):
        mccli.solve(f"||{name} - {'a' if name == 'x' else 'A'}||^2", wrt=name, assume=f"{name}:{declared}")


@pytest.mark.parametrize(
    ("expression", "constraint", "assume", "left", "right"),
    [
        ("tr(V'S V)", "V'V = I", ["S:symmetric"], "S V", "V Λ"),
        ("||X V||_F^2", "V'B V = I", ["B:spd"], "Xᵀ X V", "B V Λ"),
    ],
)
def test_several_components_span_an_invariant_subspace(
    expression: str, constraint: str, assume: list[str], left: str, right: str
) -> None:
    found = mccli.solve(expression, wrt="V", subject_to=constraint, assume=assume)
    eigen = found.stationary.eigen
    assert eigen is not None
    assert (text(eigen.left), text(eigen.right), text(eigen.value)) == (left, right, "tr(Λ)")
    assert all(check.passed and check.compared > 100 for check in found.checks)


def test_the_nearest_orthonormal_columns() -> None:
    """Procrustes: the polar factor, the maximum, and its negative, the minimum."""
    found = mccli.solve("tr(A'Q)", wrt="Q", subject_to="Q'Q = I")
    assert [str(s["Q"]) for s in found.solutions] == ["A sqrtm(Aᵀ A)⁻¹", "−A sqrtm(Aᵀ A)⁻¹"]
    assert [e and e.kind for e in found.extrema] == ["maximum", "minimum"]


@pytest.mark.parametrize(
    ("expression", "wrt", "constraints"),
    [
        ("v'S v", "v", ["v'v = 1", "a'v = 0"]),
        ("x'x + a'x", "x", ["x'x = 0"]),
        ("x'S x + a'x", "x", ["x'x = 1"]),
    ],
)
def test_a_contradiction_is_claimed_only_where_nothing_was_divided_away(
    expression: str, wrt: str, constraints: list[str]
) -> None:
    """Their stationary points exist where a divisor vanishes, or mc cannot tell: it says only that it finds none."""
    with pytest.raises(DeriveError, match="mc finds no closed form"):
        mccli.solve(expression, wrt=wrt, subject_to=constraints)
