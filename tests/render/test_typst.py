"""Formulas as Typst: exact outputs, and a compiler that takes all of them."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from samples import CONSTANT_NODES, OPERATION_NODES
from test_text import FORMULAS, OPERATION_EXAMPLES, SCOPE
from trees import M, N, nodes

from mccli.expressions.sizes import ONE, SCALAR
from mccli.expressions.tree import Node, Symbol, multiply, transpose
from mccli.language.elaborate import elaborate
from mccli.language.names import GREEK_NAME
from mccli.render.typst import typst

FORMULAS_IN_TYPST = [
    ("2*A'*(A*x-b)", "2 A^top (A x - b)"),
    ("inv(X)'", "X^(-top)"),
    ("inv(X'*Y*X)", "(X^top Y X)^(-1)"),
    ("X*X*X", "X^3"),
    ("X^(k-1)", "X^(k - 1)"),
    ("(X')^k", "(X^top)^k"),
    ("pinv(A)", "A^(+)"),
    ("norm2(A*x-b)^2", "norm(A x - b)^2"),
    ("normF(X)^4*x", "norm(X)_(F)^4 x"),
    ("norminf(x)", "norm(x)_(infinity)"),
    ("normnuc(X)", "norm(X)_(*)"),
    ("schatten(A,3)", "norm(A)_(S_(3))"),
    ("abs(c)", "abs(c)"),
    ("tr(A*B)", 'op("tr")(A B)'),
    ("det(X)", "det(X)"),
    ("logdet(X)", "log abs(det X)"),
    ("logsoftmax_rows(A)", 'log op("softmax")_("rows")(A)'),
    ("-a/(a'*x)^2", "-frac(a, (a^top x)^2)"),
    ("1/2*x'*X*x", "frac(1, 2) x^top X x"),
    ("x.*y", "x ⊙ y"),
    ("c./x./y", "c ⊘ (x ⊙ y)"),
    ("x.^2", "x^(∘ 2)"),
    ("kron(A,B)", "A ⊗ B"),
    ("c^(1/3)", r"c^(1\/3)"),
    ("c^(-1/2)", r"c^(-1\/2)"),
    ("2*2^k", "2 dot.op 2^k"),
    ("sqrt(c/t)", "sqrt(frac(c, t))"),
    ("vcat(A, X + Y)", 'display(mat(delim: "[", A; X + Y))'),
    ("hcat(A,P)", 'display(mat(delim: "[", A, P))'),
    ("series(r,0,k-1,X^r*Y)", "sum_(r = 0)^(k - 1) X^r Y"),
    ("sum(X,1)", "bold(1)^top X"),
    ("sum(X,2)", "X thin bold(1)"),
    ("ones(m,1)", "bold(1)_(m)"),
    ("zeros(m,n)", "bold(0)_(m times n)"),
    ("commutation(m,n)", "K_(m, n)"),
    ("eigmax(S)", "lambda_(max)(S)"),
    ("hessf(x)", "nabla^2 f(x)"),
    ("d2phi(x)", "phi''(x)"),
    ("Jg(x)", "upright(J)_(g)(x)"),
    ("clip(x,-c,c)", 'op("clip")(x, -c, c)'),
    ("inv(Σ)*(x - μ)", "Sigma^(-1) (x - mu)"),
    ("W1*y_hat + b", "W_(1) hat(y) + b"),
    ("λ*lv", 'lambda italic("lv")'),
    ("pi*x", "pi x"),
]

NAMES = ["x1_bar", "x_tilde", "A_inv", "x_k", "λx", "Αο", "omega2", 'a"b', "#x$y", "in", "batch", "ϑ", "x_1_k"]
"""Names that Typst would take for something else unless they are written with care."""


@pytest.mark.parametrize(("typed", "expected"), FORMULAS_IN_TYPST)
def test_the_form_of_a_formula(typed: str, expected: str) -> None:
    assert typst(elaborate(typed, SCOPE).expression) == expected


def test_differentials_have_an_upright_d() -> None:
    change = Symbol("dX", (N, N), role="differential")
    assert typst(multiply(transpose(change), Symbol("x", (N, ONE)))) == "upright(d) X^top x"


def test_names_with_quotes_are_escaped() -> None:
    assert typst(Symbol('a"b', SCALAR)) == r'italic("a\"b")'


@pytest.mark.parametrize(
    "formulas",
    [
        [elaborate(row[0], SCOPE).expression for row in FORMULAS],
        [elaborate(typed, SCOPE).expression for typed in OPERATION_EXAMPLES.values()],
        list(OPERATION_NODES.values()),
        list(CONSTANT_NODES.values()),
        [Symbol(name, (M, N)) for name in (*NAMES, *GREEK_NAME)],
    ],
    ids=["formulas", "examples", "operations", "constants", "names"],
)
def test_typst_compiles_it(formulas: list[Node]) -> None:
    _assert_compiles(formulas)


@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.sampled_from([SCALAR, (N, ONE), (M, N)]).flatmap(lambda shape: nodes(shape, 3)))
def test_typst_compiles_random_trees(node: Node) -> None:
    _assert_compiles([node])


def _assert_compiles(formulas: list[Node]) -> None:
    """In running text and on lines of their own, without a warning."""
    compiler = pytest.importorskip("typst")
    document = "\n\n".join(f"${typst(node)}$ and $ {typst(node)} $" for node in formulas)
    pdf, warnings = compiler.compile_with_warnings(document.encode(), format="pdf")
    assert pdf.startswith(b"%PDF")
    assert not warnings
