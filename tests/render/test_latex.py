"""Formulas as LaTeX: exact outputs, well-formedness, and reading back what the parser knows."""

from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_text import FORMULAS, OPERATION_EXAMPLES, SCOPE
from trees import M, N, nodes

from mccli.expressions.sizes import ONE, SCALAR
from mccli.expressions.tree import Node, Symbol, multiply, transpose
from mccli.language.elaborate import elaborate
from mccli.render.latex import latex
from mccli.render.typeset import latex_name

FORMULAS_IN_LATEX = [
    ("2*A'*(A*x-b)", r"2 A^{\top} (A x - b)"),
    ("inv(X)'", r"X^{-\top}"),
    ("inv(X'*Y*X)", r"(X^{\top} Y X)^{-1}"),
    ("inv(X'*Y*X)'", r"(X^{\top} Y X)^{-\top}"),
    ("X*X*X", r"X^3"),
    ("inv(X)*inv(X)*Y", r"X^{-2} Y"),
    ("inv(X)'*inv(X)'*Y", r"(X^{-\top})^2 Y"),
    ("X'*X'*Y", r"(X^{\top})^2 Y"),
    ("norm2(A*x-b)^2", r"\lVert A x - b \rVert^2"),
    ("norm2(A*x-b)^3", r"\lVert A x - b \rVert^3"),
    ("normF(X)^2", r"\lVert X \rVert_F^2"),
    ("normF(X)", r"\lVert X \rVert_F"),
    ("normF(X)^4*x", r"\lVert X \rVert_F^4 x"),
    ("norm1(x)", r"\lVert x \rVert_1"),
    ("norminf(x)", r"\lVert x \rVert_\infty"),
    ("normnuc(X)", r"\lVert X \rVert_*"),
    ("normspec(X)", r"\lVert X \rVert_2"),
    ("tr(A*B)", r"\operatorname{tr}(A B)"),
    ("x/norm2(x)", r"\frac{x}{\lVert x \rVert}"),
    ("-a/(a'*x)^2", r"-\frac{a}{(a^{\top} x)^2}"),
    ("1/2*(X+X')", r"\frac{1}{2} (X + X^{\top})"),
    ("1/2*x'*X*x", r"\frac{1}{2} x^{\top} X x"),
    ("(v+n)/(2*v)", r"\frac{v + n}{2 v}"),
    ("2/(x'*x)*(X*x-c*x)", r"\frac{2}{x^{\top} x} (X x - c x)"),
    ("2/v*(X*x-c*x)", r"\frac{2}{v} (X x - c x)"),
    ("A'*(A*x-b)/norm2(A*x-b)", r"\frac{A^{\top} (A x - b)}{\lVert A x - b \rVert}"),
    ("(A*x-b)/norm2(A*x-b)", r"\frac{A x - b}{\lVert A x - b \rVert}"),
    ("log(x)+1", r"\log(x) + 1"),
    ("1-x", r"1 - x"),
    ("x-mean(x)", r"x - \operatorname{mean}(x)"),
    ("ones(n,1)", r"\mathbf{1}_{n}"),
    ("ones(m,n)+A", r"1 + A"),
    ("X+eye(n)", r"X + I_{n}"),
    ("kron(eye(n),X)", r"I_{n} \otimes X"),
    ("3*eye(n)", r"3 I_{n}"),
    ("inv(X+c*eye(n))", r"(X + c I_{n})^{-1}"),
    ("(a'*x)*y", r"(a^{\top} x) y"),
    ("a*(x'*y)*z'", r"(x^{\top} y) a z^{\top}"),
    ("2*x.*y", r"2 x \odot y"),
    ("(A'*b).*y", r"(A^{\top} b) \odot y"),
    ("X^k", r"X^k"),
    ("X^(k-1)", r"X^{k - 1}"),
    ("(X')^k", r"(X^{\top})^k"),
    ("inv(X)^k", r"(X^{-1})^k"),
    ("X^7", r"X^7"),
    ("X^8*X", r"X^8 X"),
    ("inv(X)^7", r"X^{-7}"),
    ("pinv(A)", r"A^{+}"),
    ("pinv(A)'", r"(A^{+})^{\top}"),
    ("sigmoid(x)", r"\sigma(x)"),
    ("gradL(x)", r"\nabla L(x)"),
    ("dphi(x)", r"\phi'(x)"),
    ("d2phi(x)", r"\phi''(x)"),
    ("kron(A,B)", r"A \otimes B"),
    ("2*kron(A,B)", r"2 A \otimes B"),
    ("kron(A+B',B)", r"(A + B^{\top}) \otimes B"),
    ("c^2", r"c^2"),
    ("c^-2", r"\frac{1}{c^2}"),
    ("c^k", r"c^k"),
    ("c^(1/3)", r"c^{1/3}"),
    ("c^(-1/2)", r"c^{-1/2}"),
    ("1/sqrt(c)", r"\frac{1}{\sqrt{c}}"),
    ("exp(-c)", r"\exp(-c)"),
    ("abs(c)*x/abs(t)", r"\frac{\lvert c \rvert x}{\lvert t \rvert}"),
    ("(x'*y)^2*x", r"(x^{\top} y)^2 x"),
    ("x*x'*X", r"x x^{\top} X"),
    ("sum(X)", r"\operatorname{sum}(X)"),
    ("x - (mean(x)+c)", r"x + (-\operatorname{mean}(x) - c)"),
    ("2-mean(x)+x", r"(2 - \operatorname{mean}(x)) + x"),
    ("x'*x*c*t", r"c t x^{\top} x"),
    ("norm2(x*norm2(y)+y)", r"\lVert \lVert y \rVert x + y \rVert"),
    ("-(X+Y)", r"-X - Y"),
    ("-(X+Y)*x", r"-(X + Y) x"),
    ("2*(X+Y)", r"2 (X + Y)"),
    ("pi*x", r"\pi x"),
    ("(X+Y)'*x", r"(X + Y)^{\top} x"),
    ("(X+Y)*(X+Y)", r"(X + Y)^2"),
    ("tr(X)*eye(n)-X", r"\operatorname{tr}(X) I_{n} - X"),
    ("det(X)*inv(X)'", r"\det(X) X^{-\top}"),
    ("n*x", r"n x"),
    ("c^n", r"c^n"),
    ("(x'*y)*(a'*z)*c", r"c (x^{\top} y) (a^{\top} z)"),
    ("c*(x'*y)/(t*v)", r"\frac{c x^{\top} y}{t v}"),
    ("x*y'/(c+1)", r"\frac{x y^{\top}}{c + 1}"),
    ("0*c", r"0"),
    ("X'/2", r"\frac{1}{2} X^{\top}"),
    ("3/4*X*x", r"\frac{3}{4} X x"),
    ("5*c/(2*t)", r"\frac{5 c}{2 t}"),
    ("-1/2*x", r"-\frac{1}{2} x"),
    ("x.*y/norm2(x)", r"\frac{x \odot y}{\lVert x \rVert}"),
    ("vec(X)*vec(X)'", r"\operatorname{vec}(X) \operatorname{vec}(X)^{\top}"),
    ("expm(X)'", r"\operatorname{expm}(X)^{\top}"),
    ("c*x + t*ones(n,1)", r"c x + t"),
    ("(x+1)*(y+1)'", r"(x + 1) (y + 1)^{\top}"),
    ("n*c", r"n c"),
    ("2*2^k", r"2 \cdot 2^k"),
    ("exp(-x'*x/(2*t^2))", r"\exp\left(-\frac{x^{\top} x}{2 t^2}\right)"),
    ("x/(1+exp(-a'*x))", r"\frac{x}{1 + \exp(-a^{\top} x)}"),
    ("X^T", r"X^{\top}"),
    ("sin(c)^2", r"\sin(c)^2"),
    ("W1*y_hat + b", r"W_{1} \hat{y} + b"),
    ("inv(Σ)*(x - μ)", r"\Sigma^{-1} (x - \mu)"),
    ("λ*lv", r"\lambda \mathit{lv}"),
]
"""What the parser reads back."""

MORE_IN_LATEX = [
    ("norm1(X)", r"\lVert \operatorname{vec}(X) \rVert_1"),
    ("normp(x,3)", r"\lVert x \rVert_{3}"),
    ("logdet(X)", r"\log\lvert\det X\rvert"),
    ("logdet(X)^2*X", r"(\log\lvert\det X\rvert)^2 X"),
    ("x./y", r"x \oslash y"),
    ("1./x", r"1 \oslash x"),
    ("2./x", r"2 \oslash x"),
    ("c./x./y", r"c \oslash (x \odot y)"),
    ("x.^2", r"x^{\circ 2}"),
    ("x.^k", r"x^{\circ k}"),
    ("x.^(k-1)", r"x^{\circ (k - 1)}"),
    ("1./x.^2", r"1 \oslash x^{\circ 2}"),
    ("x.^(-1/2)", r"x^{\circ (-1/2)}"),
    ("Jg(x)", r"\mathrm{J}_{g}(x)"),
    ("hessf(x)", r"\nabla^2 f(x)"),
    ("series(r,0,k-1,X^r*Y*X^(k-1-r))", r"\sum_{r=0}^{k - 1} X^r Y X^{k - 1 - r}"),
    ("abs(x)", r"\lvert x \rvert"),
    ("eigmax(S)", r"\lambda_{\max}(S)"),
    ("eigval(S,2)", r"\lambda_{2}(S)"),
    ("unit(2,n)", r"e_{2}"),
    ("commutation(m,n)*vec(A)", r"K_{m,n} \operatorname{vec}(A)"),
    ("duplication(n)", r"D_{n}"),
    ("sum(X,2)", r"X\,\mathbf{1}"),
    ("sum(X,1)", r"\mathbf{1}^{\top} X"),
    ("zeros(n,1)", r"\mathbf{0}_{n}"),
    ("(1./x)/norm2(x)", r"\frac{1 \oslash x}{\lVert x \rVert}"),
    ("logdet(X)*x'*x", r"(\log\lvert\det X\rvert) x^{\top} x"),
    ("sqrtm(S)", "S^{1/2}"),
    ("vcat(A, X + Y)", r"\begin{bmatrix} A \\ X + Y \end{bmatrix}"),
    ("sqrt(c/(1 + t))*x", r"\sqrt{\frac{c}{1 + t}} x"),
    ("log(c/t)", r"\log\left(\frac{c}{t}\right)"),
    ("norm2(x/c)*x", r"\left\lVert \frac{x}{c} \right\rVert x"),
]
"""Notation of the field that the parser does not read back."""

NAMES = {
    "μ": r"\mu", "x": "x", "W1": "W_{1}", "y_hat": r"\hat{y}", "A_inv": r"A_{\mathrm{inv}}", "lv": r"\mathit{lv}",
    "Σ": r"\Sigma", "μ1": r"\mu_{1}", "x_k": "x_{k}", "x1_bar": r"\bar{x}_{1}", "Α": r"\mathrm{A}",
    "λx": r"\mathit{\lambda x}", "xλ": r"\mathit{x\lambda}", "λμ": r"\mathit{\lambda\mu}",
}  # fmt: skip

COMMANDS = frozenset(
    re.findall(
        r"\w+",
        """
        top lVert rVert lvert rvert left right frac sqrt operatorname mathbf mathrm mathit text hat
        tilde bar odot oslash otimes circ cdot times ast sum nabla infty log exp sin cos tan sinh cosh
        begin end tanh arcsin arccos arctan det max min phi sigma lambda mu pi psi Phi Gamma Sigma varphi
        """,
    )
)


@pytest.mark.parametrize(("typed", "expected"), FORMULAS_IN_LATEX + MORE_IN_LATEX)
def test_the_form_of_a_formula(typed: str, expected: str) -> None:
    assert latex(elaborate(typed, SCOPE).expression) == expected


@pytest.mark.parametrize("typed", [row[0] for row in FORMULAS_IN_LATEX])
def test_common_formulas_are_read_back(typed: str) -> None:
    node = elaborate(typed, SCOPE).expression
    assert elaborate(latex(node), SCOPE).expression.key == node.key


@pytest.mark.parametrize("typed", [row[0] for row in FORMULAS] + list(OPERATION_EXAMPLES.values()))
def test_every_formula_is_well_formed(typed: str) -> None:
    _assert_well_formed(latex(elaborate(typed, SCOPE).expression))


@settings(max_examples=100, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.sampled_from([SCALAR, (N, ONE), (M, N)]).flatmap(lambda shape: nodes(shape, 3)))
def test_random_trees_are_well_formed(node: Node) -> None:
    _assert_well_formed(latex(node))


@pytest.mark.parametrize(("name", "expected"), NAMES.items())
def test_names(name: str, expected: str) -> None:
    assert latex_name(name) == expected


def test_differentials_have_an_upright_d() -> None:
    change = Symbol("dX", (N, N), role="differential")
    assert latex(multiply(transpose(change), Symbol("x", (N, ONE)))) == r"\mathrm{d}X^{\top} x"


def _assert_well_formed(formula: str) -> None:
    """Braces and sides in pairs, known commands only, no letter glued to a command, no double superscript."""
    depth = 0
    for character in formula:
        depth += (character == "{") - (character == "}")
        assert depth >= 0, formula
    assert depth == 0, formula
    assert formula.count(r"\left") == formula.count(r"\right"), formula
    assert set(re.findall(r"\\([A-Za-z]+)", formula)) <= COMMANDS, formula
    assert formula.isascii(), formula
    assert not re.search(r"\^(?:\w|\{[^{}]*\})\^", formula), formula
