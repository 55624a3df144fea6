"""Formulas as text: exact outputs, and the law that everything printed can be read again."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from trees import M, N, P, nodes
from trees import scope as tree_scope

from mccli.expressions.operations import OPERATIONS
from mccli.expressions.sizes import ONE, SCALAR
from mccli.expressions.tree import Node, Number, Symbol, apply, multiply, transpose
from mccli.language.declare import Scope, read_scope
from mccli.language.elaborate import elaborate
from mccli.render.text import length, text

SHAPES = (
    "A:m,n B:n,m X:n,n Y:n,n S:n,n P:m,m x:n y:n z:n b:m a:n W1:m,n y_hat:n μ:n Σ:n,n lv:n dX:n,n dx:n dA:m,n"
    " c:scalar k:scalar t:scalar v:scalar λ:scalar"
)
SCOPE = read_scope(
    SHAPES.split(), ["S:spd", "k:integer"], ["L(z): scalar", "f(x): scalar", "phi(t): elementwise", "g(x): m"]
)

FORMULAS = [
    # typed, Unicode, ASCII
    ("2*A'*(A*x-b)", "2 Aᵀ (A x − b)", "2*A'*(A*x - b)"),
    ("inv(X)'", "X⁻ᵀ", "inv(X)'"),
    ("inv(X'*Y*X)", "(Xᵀ Y X)⁻¹", "inv(X'*Y*X)"),
    ("inv(X'*Y*X)'", "(Xᵀ Y X)⁻ᵀ", "inv(X'*Y*X)'"),
    ("X*X*X", "X³", "X^3"),
    ("inv(X)*inv(X)*Y", "X⁻² Y", "inv(X)^2*Y"),
    ("inv(X)'*inv(X)'*Y", "(X⁻ᵀ)² Y", "(inv(X)')^2*Y"),
    ("X'*X'*Y", "(Xᵀ)² Y", "(X')^2*Y"),
    ("norm2(A*x-b)^2", "‖A x − b‖²", "norm2(A*x - b)^2"),
    ("norm2(A*x-b)^3", "‖A x − b‖³", "norm2(A*x - b)^3"),
    ("normF(X)^2", "‖X‖_F²", "normF(X)^2"),
    ("normF(X)", "‖X‖_F", "normF(X)"),
    ("normF(X)^4*x", "‖X‖_F⁴ x", "normF(X)^4*x"),
    ("norm1(x)", "‖x‖₁", "norm1(x)"),
    ("norminf(x)", "‖x‖_∞", "norminf(x)"),
    ("normnuc(X)", "‖X‖_*", "normnuc(X)"),
    ("normspec(X)", "‖X‖₂", "normspec(X)"),
    ("norm1(X)", "norm1(X)", "norm1(X)"),
    ("normp(x,3)", "normp(x, 3)", "normp(x,3)"),
    ("tr(A*B)", "tr(A B)", "tr(A*B)"),
    ("logdet(X)", "logdet(X)", "logdet(X)"),
    ("logdet(X)^2*X", "logdet(X)² X", "logdet(X)^2*X"),
    ("x/norm2(x)", "x/‖x‖", "x/norm2(x)"),
    ("-a/(a'*x)^2", "−a/(aᵀ x)²", "-a/(a'*x)^2"),
    ("1/2*(X+X')", "1/2 (X + Xᵀ)", "1/2*(X + X')"),
    ("1/2*x'*X*x", "1/2 xᵀ X x", "1/2*x'*X*x"),
    ("(v+n)/(2*v)", "(v + n)/(2 v)", "(v + n)/(2*v)"),
    ("2/(x'*x)*(X*x-c*x)", "2/(xᵀ x) (X x − c x)", "2/(x'*x)*(X*x - c*x)"),
    ("2/v*(X*x-c*x)", "2 (X x − c x)/v", "2/v*(X*x - c*x)"),
    ("A'*(A*x-b)/norm2(A*x-b)", "Aᵀ (A x − b)/‖A x − b‖", "A'*(A*x - b)/norm2(A*x - b)"),
    ("(A*x-b)/norm2(A*x-b)", "(A x − b)/‖A x − b‖", "(A*x - b)/norm2(A*x - b)"),
    ("log(x)+1", "log(x) + 1", "log(x) + 1"),
    ("1-x", "1 − x", "1 - x"),
    ("x-mean(x)", "x − mean(x)", "x - mean(x)"),
    ("ones(n,1)", "ones(n,1)", "ones(n,1)"),
    ("ones(m,n)+A", "1 + A", "1 + A"),
    ("X+eye(n)", "X + I", "X + eye(n)"),
    ("kron(eye(n),X)", "eye(n) ⊗ X", "kron(eye(n),X)"),
    ("3*eye(n)", "3 eye(n)", "3*eye(n)"),
    ("inv(X+c*eye(n))", "(X + c I)⁻¹", "inv(X + c*eye(n))"),
    ("(a'*x)*y", "(aᵀ x) y", "(a'*x)*y"),
    ("a*(x'*y)*z'", "(xᵀ y) a zᵀ", "(x'*y)*a*z'"),
    ("2*x.*y", "2 x ∘ y", "2*x.*y"),
    ("(A'*b).*y", "(Aᵀ b) ∘ y", "(A'*b).*y"),
    ("x./y", "x ./ y", "x./y"),
    ("1./x", "1 ./ x", "1./x"),
    ("2./x", "2 ./ x", "2./x"),
    ("c./x./y", "c ./ (x ∘ y)", "c./(x.*y)"),
    ("x.^2", "x.^2", "x.^2"),
    ("x.^k", "x.^k", "x.^k"),
    ("x.^(k-1)", "x.^(k − 1)", "x.^(k - 1)"),
    ("1./x.^2", "1 ./ x.^2", "1./x.^2"),
    ("x.^(-1/2)", "x.^(−1/2)", "x.^(-1/2)"),
    ("X^k", "X^k", "X^k"),
    ("X^(k-1)", "X^(k − 1)", "X^(k - 1)"),
    ("(X')^k", "(Xᵀ)^k", "(X')^k"),
    ("inv(X)^k", "(X⁻¹)^k", "inv(X)^k"),
    ("X^7", "X⁷", "X^7"),
    ("X^8*X", "X⁸ X", "X^8*X"),
    ("inv(X)^7", "X⁻⁷", "inv(X)^7"),
    ("pinv(A)", "A⁺", "pinv(A)"),
    ("pinv(A)'", "A⁺ᵀ", "pinv(A)'"),
    ("sigmoid(x)", "σ(x)", "sigmoid(x)"),
    ("gradL(x)", "∇L(x)", "gradL(x)"),
    ("dphi(x)", "φ'(x)", "dphi(x)"),
    ("d2phi(x)", "φ''(x)", "d2phi(x)"),
    ("Jg(x)", "Jg(x)", "Jg(x)"),
    ("hessf(x)", "hessf(x)", "hessf(x)"),
    (
        "series(r,0,k-1,X^r*Y*X^(k-1-r))",
        "series(r, 0, k − 1, X^r Y X^(k − 1 − r))",
        "series(r, 0, k - 1, X^r*Y*X^(k - 1 - r))",
    ),
    ("kron(A,B)", "A ⊗ B", "kron(A,B)"),
    ("2*kron(A,B)", "2 A ⊗ B", "2*kron(A,B)"),
    ("kron(A+B',B)", "(A + Bᵀ) ⊗ B", "kron(A + B',B)"),
    ("c^2", "c²", "c^2"),
    ("c^-2", "1/c²", "1/c^2"),
    ("c^k", "c^k", "c^k"),
    ("c^(1/3)", "c^(1/3)", "c^(1/3)"),
    ("c^(-1/2)", "c^(−1/2)", "c^(-1/2)"),
    ("1/sqrt(c)", "1/sqrt(c)", "1/sqrt(c)"),
    ("exp(-c)", "exp(−c)", "exp(-c)"),
    ("abs(c)*x/abs(t)", "|c| x/|t|", "abs(c)*x/abs(t)"),
    ("abs(x)", "abs(x)", "abs(x)"),
    ("(x'*y)^2*x", "(xᵀ y)² x", "(x'*y)^2*x"),
    ("x*x'*X", "x xᵀ X", "x*x'*X"),
    ("sum(X)", "sum(X)", "sum(X)"),
    ("x - (mean(x)+c)", "x + (−mean(x) − c)", "x + (-mean(x) - c)"),
    ("2-mean(x)+x", "(2 − mean(x)) + x", "(2 - mean(x)) + x"),
    ("x'*x*c*t", "c t xᵀ x", "c*t*x'*x"),
    ("eigmax(S)", "eigmax(S)", "eigmax(S)"),
    ("eigval(S,2)", "eigval(S, 2)", "eigval(S,2)"),
    ("norm2(x*norm2(y)+y)", "‖(‖y‖ x + y)‖", "norm2(norm2(y)*x + y)"),
    ("-(X+Y)", "−X − Y", "-X - Y"),
    ("-(X+Y)*x", "−(X + Y) x", "-(X + Y)*x"),
    ("2*(X+Y)", "2 (X + Y)", "2*(X + Y)"),
    ("pi*x", "π x", "pi*x"),
    ("unit(2,n)", "unit(2,n)", "unit(2,n)"),
    ("commutation(m,n)*vec(A)", "commutation(m,n) vec(A)", "commutation(m,n)*vec(A)"),
    ("duplication(n)", "duplication(n)", "duplication(n)"),
    ("(X+Y)'*x", "(X + Y)ᵀ x", "(X + Y)'*x"),
    ("(X+Y)*(X+Y)", "(X + Y)²", "(X + Y)^2"),
    ("tr(X)*eye(n)-X", "tr(X) I − X", "tr(X)*eye(n) - X"),
    ("sum(X,2)", "sum(X, 2)", "sum(X,2)"),
    ("sum(X,1)", "sum(X, 1)", "sum(X,1)"),
    ("det(X)*inv(X)'", "det(X) X⁻ᵀ", "det(X)*inv(X)'"),
    ("n*x", "n x", "n*x"),
    ("c^n", "c^n", "c^n"),
    ("(x'*y)*(a'*z)*c", "c (xᵀ y) (aᵀ z)", "c*(x'*y)*(a'*z)"),
    ("c*(x'*y)/(t*v)", "c xᵀ y/(t v)", "c*x'*y/(t*v)"),
    ("x*y'/(c+1)", "x yᵀ/(c + 1)", "x*y'/(c + 1)"),
    ("zeros(n,1)", "zeros(n,1)", "zeros(n,1)"),
    ("0*c", "0", "0"),
    ("X'/2", "1/2 Xᵀ", "1/2*X'"),
    ("3/4*X*x", "3/4 X x", "3/4*X*x"),
    ("5*c/(2*t)", "5 c/(2 t)", "5*c/(2*t)"),
    ("-1/2*x", "−1/2 x", "-1/2*x"),
    ("x.*y/norm2(x)", "x ∘ y/‖x‖", "x.*y/norm2(x)"),
    ("(1./x)/norm2(x)", "(1 ./ x)/‖x‖", "(1./x)/norm2(x)"),
    ("vec(X)*vec(X)'", "vec(X) vec(X)ᵀ", "vec(X)*vec(X)'"),
    ("expm(X)'", "expm(X)ᵀ", "expm(X)'"),
    ("c*x + t*ones(n,1)", "c x + t", "c*x + t"),
    ("(x+1)*(y+1)'", "(x + 1) (y + 1)ᵀ", "(x + 1)*(y + 1)'"),
    ("n*c", "n c", "n*c"),
    ("2*2^k", "2*2^k", "2*2^k"),
    ("exp(-x'*x/(2*t^2))", "exp(−xᵀ x/(2 t²))", "exp(-x'*x/(2*t^2))"),
    ("x/(1+exp(-a'*x))", "x/(1 + exp(−aᵀ x))", "x/(1 + exp(-a'*x))"),
    ("sin(c)^2", "sin(c)²", "sin(c)^2"),
    ("logdet(X)*x'*x", "logdet(X) xᵀ x", "logdet(X)*x'*x"),
    ("W1*y_hat + b", "W1 y_hat + b", "W1*y_hat + b"),
    ("inv(Σ)*(x - μ)", "Σ⁻¹ (x − μ)", "inv(Sigma)*(x - mu)"),
    ("λ*lv", "λ lv", "lambda*lv"),
    ("tr(inv(X)'*dX')", "tr(X⁻ᵀ dXᵀ)", "tr(inv(X)'*dX')"),
    ("d3phi(x)", "d3φ(x)", "d3phi(x)"),
    ("1./(x.*y)", "1 ./ (x ∘ y)", "1./(x.*y)"),
    ("c*(x + ones(n,1)./y)", "c (x + 1 ./ y)", "c*(x + 1./y)"),
    ("inv(X)*inv(X)*inv(X)", "X⁻³", "inv(X)^3"),
    ("kron(X, eye(m))*vec(A)", "(X ⊗ eye(m)) vec(A)", "kron(X,eye(m))*vec(A)"),
    ("unvec(vec(A) + c, m, n)", "unvec(vec(A) + c, m, n)", "unvec(vec(A) + c,m,n)"),
    ("ones(m*n + 1, 1)", "ones(m*n + 1,1)", "ones(m*n + 1,1)"),
    ("kron(S, X)", "S ⊗ X", "kron(S,X)"),
]

OPERATION_EXAMPLES = {
    "tr": "tr(A*B)",
    "min": "min(x)",
    "sum": "sum(X)",
    "rowsums": "sum(A,2)",
    "colsums": "sum(A,1)",
    "mean": "mean(x)",
    "rowmeans": "mean(A,2)",
    "colmeans": "mean(A,1)",
    "diag": "diag(X)",
    "Diag": "Diag(x)",
    "vec": "vec(A)",
    "unvec": "unvec(vec(A)*c + vec(A),m,n)",
    "tril": "tril(X)",
    "triu": "triu(X)'",
    "strictlower": "tril(X,-1)",
    "strictupper": "triu(X,1)'",
    "cumsum": "cumsum(x)",
    "skew3": "skew3(ones(3,1))'",
    "axial3": "axial3(ones(3,2)*A3)",
    "cross": "cross(unit(1,3),unit(2,3))",
    "block": "block(A,P,X,B)",
    "factorial": "factorial(k)",
    "leakyrelu": "leakyrelu(x,c)",
    "elu": "elu(A,1/2)",
    "qrQ": "qrQ(A)'",
    "qrR": "qrR(A)",
    "luL": "luL(X)",
    "luU": "luU(X)'",
    "divdiff": "divdiff(x,y,z)",
    "eigval_general": "eigval_general(X)",
    "eigvec_right": "eigvec_right(X)",
    "eigvec_left": "eigvec_left(X)'",
    "eigval_generalized": "eigval_generalized(Y,S)",
    "eigvec_generalized": "eigvec_generalized(Y,S)",
    "sym": "sym(X)",
    "toepsum": "toepsum(X)",
    "circsum": "circsum(X)",
    "hadamard": "x.*y./z",
    "power": "x.^(c-1)",
    "mpow": "X^(k-1)",
    "series": "series(r,0,k-1,X^r*Y*X^(k-1-r))",
    "kron": "kron(A,X + Y)",
    "kr": "kr(A,P*A)",
    "vcat": "vcat(A,X + Y)*x",
    "hcat": "hcat(A,P)'*b",
    "top": "top(A,2)",
    "bottom": "bottom(A,2)",
    "left": "left(A,2)'",
    "right": "right(A,2)",
    "conv": "conv(b,x)",
    "convmtx": "convmtx(b,n)",
    "det": "det(X)^2",
    "logdet": "logdet(X)",
    "inv": "inv(X*Y)'",
    "adj": "adj(X)",
    "pinv": "pinv(A)'",
    "expm": "expm(X)'",
    "frechet_expm": "frechet_expm(X,Y)",
    "logm": "logm(X)",
    "frechet_logm": "frechet_logm(X,Y)",
    "sinm": "sinm(X)",
    "frechet_sinm": "frechet_sinm(X,Y)",
    "cosm": "cosm(X)",
    "frechet_cosm": "frechet_cosm(X,Y)",
    "sqrtm": "sqrtm(S)",
    "sylvester": "sylvester(P,X,A)",
    "lyap": "lyap(X,Y)",
    "stein": "stein(X,Y)",
    "chol": "chol(S)",
    "lowhalf": "lowhalf(X)",
    "huber": "huber(x,c)",
    "clip": "clip(x,-c,c)",
    "norm2": "norm2(x)",
    "normF": "normF(A)",
    "sqnorm": "norm2(x)^2",
    "norm1": "norm1(x)",
    "norminf": "norminf(x)",
    "normp": "normp(x,3)",
    "rownorms": "rownorms(A)",
    "colnorms": "colnorms(A)",
    "max": "max(x)",
    "indmax": "indmax(x)",
    "prod": "prod(x)",
    "var": "var(x)",
    "std": "std(x)",
    "sqdist": "sqdist(A,A)",
    "softmax": "softmax(x)",
    "logsumexp": "logsumexp(x)",
    "logsoftmax": "logsoftmax(x)",
    "logsoftmax_rows": "logsoftmax_rows(A)",
    "softmax_rows": "softmax_rows(A)",
    "softmax_cols": "softmax_cols(A)",
    "logsumexp_rows": "logsumexp_rows(A)",
    "logsumexp_cols": "logsumexp_cols(A)",
    "eigs": "eigs(S)",
    "eigvecs": "eigvecs(S)'",
    "eigval": "eigval(S,2)",
    "eigvec": "eigvec(S,2)",
    "eigmax": "eigmax(S)",
    "eigmin": "eigmin(S)",
    "offinv": "offinv(x)",
    "sv": "sv(A,2)",
    "svu": "svu(A,1)",
    "svv": "svv(A,1)'",
    "svdS": "svdS(A)",
    "svdU": "svdU(A)",
    "svdV": "svdV(A)",
    "schatten": "schatten(A,3)",
    "normspec": "normspec(A)",
    "normnuc": "normnuc(A)",
}


@pytest.mark.parametrize(("typed", "unicode", "ascii_only"), FORMULAS)
def test_the_form_of_a_formula(typed: str, unicode: str, ascii_only: str) -> None:
    node = elaborate(typed, SCOPE).expression
    assert (text(node), text(node, ascii_only=True)) == (unicode, ascii_only)


@pytest.mark.parametrize("typed", [row[0] for row in FORMULAS] + list(OPERATION_EXAMPLES.values()))
def test_what_is_printed_is_read_back(typed: str) -> None:
    _assert_read_back(elaborate(typed, SCOPE).expression, SCOPE)


def test_every_operation_has_an_example() -> None:
    plain = {name for name, record in OPERATIONS.items() if record.elementwise}
    assert set(OPERATION_EXAMPLES) | plain == set(OPERATIONS)


@pytest.mark.parametrize("name", sorted(name for name, record in OPERATIONS.items() if record.elementwise))
def test_elementwise_functions_of_vectors_and_scalars_are_read_back(name: str) -> None:
    for typed in (f"{name}(A*x - b)", f"{name}(c)*x", f"{name}(A)'*b"):
        _assert_read_back(elaborate(typed, SCOPE).expression, SCOPE)


@settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.sampled_from([SCALAR, (N, ONE), (N, N), (M, P), (ONE, P)]).flatmap(lambda shape: nodes(shape, 3)))
def test_random_trees_are_read_back(node: Node) -> None:
    _assert_read_back(node, tree_scope())


@pytest.mark.slow
@settings(max_examples=5000, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sampled_from([SCALAR, (N, ONE), (N, N), (M, P), (ONE, P)]).flatmap(lambda shape: nodes(shape, 4)))
def test_many_random_trees_are_read_back(node: Node) -> None:
    _assert_read_back(node, tree_scope())


def test_a_minus_sign_goes_into_a_transposed_sum() -> None:
    node = multiply(Number(-1), transpose(elaborate("X + Y", SCOPE).expression))
    assert text(node) == "(−X − Y)ᵀ"
    _assert_read_back(node, SCOPE)


def test_a_symbol_called_sigma_keeps_its_name() -> None:
    scope = read_scope(["σ:scalar", "x:n"])
    node = elaborate("sigmoid(x)/σ", scope).expression
    assert text(node) == "sigmoid(x)/σ"
    assert elaborate(text(node), scope).expression == node


def test_a_symbol_called_I_is_not_the_identity() -> None:
    scope = read_scope(["I:n,n", "X:n,n"])
    node = elaborate("I*X + eye(n)", scope).expression
    assert text(node) == "I X + eye(n)"
    assert elaborate(text(node), scope).expression == node


def test_an_exponent_called_T_is_no_transpose() -> None:
    scope = read_scope(["T:scalar", "c:scalar"])
    node = apply("power", Symbol("c", SCALAR), Symbol("T", SCALAR))
    assert text(node) == "c^(T)"
    assert elaborate(text(node), scope).expression == node


def test_length_is_about_the_printed_length() -> None:
    for typed, _, ascii_only in FORMULAS:
        estimate = length(elaborate(typed, SCOPE).expression)
        assert len(ascii_only) // 8 <= estimate <= 3 * len(ascii_only) + 16, typed


def test_length_of_a_shared_graph_takes_no_time() -> None:
    node: Node = Symbol("X", (N, N))
    for _ in range(300):
        node = apply("tanh", multiply(node, Number(2), apply("sin", node)))
    assert length(node) > 2**300


def _assert_read_back(node: Node, scope: Scope) -> None:
    for ascii_only in (False, True):
        printed = text(node, ascii_only=ascii_only)
        assert printed.isascii() or not ascii_only
        assert elaborate(printed, scope).expression.key == node.key, printed
