"""The parser: one table of readings, one of refusals, and random text that must never surprise."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mccli.errors import AmbiguityError, McError, NameMistake, SyntaxMistake, report
from mccli.language.bars import NESTED_NOTE
from mccli.language.names import canonical_name
from mccli.language.parser import NUMPY_NOTE, T_NOTE, TRANSPOSE_STAR_NOTE, parse
from mccli.language.syntax import (
    Bars,
    Binary,
    Call,
    Group,
    Name,
    Negate,
    Norm,
    Number,
    Ones,
    Parsed,
    Syntax,
    Transpose,
)

PLAIN = (
    "tr det inv log exp sqrt sin sum mean kron diag vec eye ones zeros sigmoid relu logdet pinv max norm2 normF softmax"
    " softmax_rows adj abs erf f phi dphi gradf Jg series unit unvec commutation svv eigvals logsumexp_rows tril step"
    " frechet_expm toepsum clip expm var normpdf normcdf entry schatten svdS svdU svdV tanh softplus conj prod d2phi"
)
FUNCTIONS = {name: name for name in PLAIN.split()} | {
    "trace": "tr",
    "Tr": "tr",
    "ln": "log",
    "σ": "sigmoid",
    "∇L": "gradL",
}
NAMES = ("lv", "A_inv", "dX", "W_h", "m1", "mu")
PRIMED = ("sigmoid", "f", "exp")


def read(text: str, names: tuple[str, ...] = NAMES) -> Parsed:
    return parse(text, functions=FUNCTIONS, names=names, primed=PRIMED)


def show(tree: Syntax) -> str:
    """The tree as an s-expression."""
    match tree:
        case Name():
            return tree.name
        case Number():
            return str(tree.value)
        case Ones():
            return "ones"
        case Call():
            return f"({' '.join([tree.function, *map(show, tree.arguments)])})"
        case Bars():
            return f"(bars {show(tree.operand)})"
        case Norm():
            return f"(norm{tree.subscript} {show(tree.operand)})"
        case Negate():
            return f"(neg {show(tree.operand)})"
        case Transpose():
            return f"{show(tree.operand)}'"
        case Group():
            return f"[{show(tree.inner)}]"
        case Binary():
            return f"({tree.operator} {show(tree.left)} {show(tree.right)})"


READINGS = {
    "products": [
        ("A B", "(juxt A B)"),
        ("AXB", "(juxt (juxt A X) B)"),
        ("A*B", "(* A B)"),
        ("A·B", "(· A B)"),
        ("x·A y", "(· x (juxt A y))"),
        ("x·y + a·b", "(+ (· x y) (· a b))"),
        ("2·A/3·B", "(· (· 2 (/ A 3)) B)"),
        ("A⋅B", "(· A B)"),
        (r"A\cdot B", "(· A B)"),
        ("A@B", "(matmul A B)"),
        ("A∘B", "(.* A B)"),
        ("A⊙B", "(.* A B)"),
        (r"A\odot B", "(.* A B)"),
        (r"A\circ B", "(.* A B)"),
        ("A.*B./C", "(./ (.* A B) C)"),
        ("x.^2", "(.^ x 2)"),
        ("A⊗B", "(kron A B)"),
        (r"A\otimes B", "(kron A B)"),
        ("kron(A,B)", "(kron A B)"),
        ("1./x", "(./ 1 x)"),
        ("2.*x", "(.* 2 x)"),
    ],
    "precedence": [
        ("a-b-c", "(- (- a b) c)"),
        ("-a*b", "(neg (* a b))"),
        ("-X^2", "(neg (^ X 2))"),
        ("a - -b", "(- a (neg b))"),
        ("a*-b*c", "(* (* a (neg b)) c)"),
        ("a/-b*c", "(* (/ a (neg b)) c)"),
        ("A*B.*C", "(.* (* A B) C)"),
        ("A B*C", "(* (juxt A B) C)"),
        ("a + b c", "(+ a (juxt b c))"),
    ],
    "transposes": [
        ("X'", "X'"),
        ("X''", "X''"),
        ("X^T", "X'"),
        ("X.T", "X'"),
        ("Xᵀ", "X'"),
        ("X⊤", "X'"),
        ("X^⊤", "X'"),
        (r"X^\top", "X'"),
        (r"X^{\top}", "X'"),
        ("X^{T}", "X'"),
        (r"X^\intercal", "X'"),
        (r"X^{\mathsf{T}}", "X'"),
        ("x^TAx", "(juxt (juxt x' A) x)"),
        ("X'^2", "(^ X' 2)"),
        ("X^2'", "(^ X 2)'"),
        ("A^-1'", "(^ A -1)'"),
        ("X^t", "(^ X t)"),
    ],
    "inverses": [
        ("X^-1", "(^ X -1)"),
        ("X^{-1}", "(^ X -1)"),
        ("X^(-1)", "(^ X -1)"),
        ("X⁻¹", "(^ X -1)"),
        ("X^-T", "(^ X -1)'"),
        ("X^{-T}", "(^ X -1)'"),
        (r"X^{-\top}", "(^ X -1)'"),
        ("X⁻ᵀ", "(^ X -1)'"),
        (r"X^\dagger", "(pinv X)"),
        ("X^+", "(pinv X)"),
        ("X⁺", "(pinv X)"),
        ("X^+ + Y", "(+ (pinv X) Y)"),
    ],
    "powers": [
        ("X²", "(^ X 2)"),
        ("X³ᵀ", "(^ X 3)'"),
        ("Xᵀ²", "(^ X' 2)"),
        ("X⁻ʳ", "(^ X (neg r))"),
        ("Xⁿ⁻¹", "(^ X (- n 1))"),
        ("X^{k-1}", "(^ X (- k 1))"),
        ("X^(k-1)", "(^ X [(- k 1)])"),
        ("X^-k", "(^ X (neg k))"),
        ("X^kY", "(juxt (^ X k) Y)"),
        ("x^(1/2)", "(^ x [1/2])"),
    ],
    "names": [
        ("x_0", "x0"),
        ("x₀", "x0"),
        ("x_{0}", "x0"),
        ("x_{ij}", "x_ij"),
        ("x_ij", "x_ij"),
        ("A_inv b", "(juxt A_inv b)"),
        ("W1x", "(juxt W1 x)"),
        ("2A1x_0", "(juxt (juxt 2 A1) x0)"),
        ("m1x", "(juxt m1 x)"),
        ("λx", "(juxt λ x)"),
        ("lambda x", "(juxt λ x)"),
        ("mu_1 + μ₁ + mu1", "(+ (+ μ1 μ1) μ1)"),
        ("ϵ + ε", "(+ ε ε)"),
        ("Sigma", "Σ"),
        ("dX", "dX"),
        ("lv x", "(juxt lv x)"),
        ("xAx", "(juxt (juxt x A) x)"),
        ("A_{inv} + 𝐀", "(+ A_inv A)"),
    ],
    "factors before a parenthesis": [
        ("A(x+b)", "(juxt A [(+ x b)])"),
        ("AX(Y+Z)", "(juxt (juxt A X) [(+ Y Z)])"),
        ("lv(x)", "(juxt lv [x])"),
        ("ab (x)", "(juxt (juxt a b) [x])"),
        ("tr(A)B", "(juxt (tr A) B)"),
        ("Af(x)", "(juxt A (f x))"),
    ],
    "functions without parentheses": [
        ("log det X", "(log (det X))"),
        (r"\log\det X", "(log (det X))"),
        ("tr X", "(tr X)"),
        ("tr X^2", "(tr (^ X 2))"),
        ("det X'", "(det X')"),
        ("log|X|", "(log (bars X))"),
        ("log|X|/2", "(/ (log (bars X)) 2)"),
        (r"\log\|x\|", "(log (norm x))"),
        (r"\operatorname{tr} X + Y", "(+ (tr X) Y)"),
        ("n log det X", "(juxt n (log (det X)))"),
        ("σ^2 I", "(juxt (^ σ 2) I)"),
        ("σ(x)", "(sigmoid x)"),
        ("sigma(x)", "(sigmoid x)"),
    ],
    "primes": [("σ'(x)", "(sigmoid' x)"), ("f''(x)", "(f'' x)"), ("x'(A+B)", "(juxt x' [(+ A B)])")],
    "bars": [
        ("|X|", "(bars X)"),
        ("|det X|", "(bars (det X))"),
        ("||x||", "(norm x)"),
        ("‖x‖", "(norm x)"),
        (r"\|x\|", "(norm x)"),
        (r"\lVert x\rVert", "(norm x)"),
        (r"\left\| x \right\|", "(norm x)"),
        (r"\left|x\right|", "(bars x)"),
        (r"\lvert x\rvert", "(bars x)"),
        ("||A x - |c| b||", "(norm (- (juxt A x) (juxt (bars c) b)))"),
        ("2||x||", "(juxt 2 (norm x))"),
        ("||x|| ||y||", "(juxt (norm x) (norm y))"),
        ("|X||Y|", "(juxt (bars X) (bars Y))"),
        ("||x||/||y||", "(/ (norm x) (norm y))"),
    ],
    "bars inside bars": [
        ("| |x| - 1 |", "(bars (- (bars x) 1))"),
        ("||x|-1|", "(bars (- (bars x) 1))"),
        ("||x|+1|^2", "(^ (bars (+ (bars x) 1)) 2)"),
        ("||x|-|y||", "(bars (- (bars x) (bars y)))"),
        ("||x|-||y|||", "(bars (- (bars x) (norm y)))"),
        ("|||x||-1|", "(bars (- (norm x) 1))"),
        ("||||x||-1||", "(norm (- (norm x) 1))"),
        ("|||x|-1|-1|", "(bars (- (bars (- (bars x) 1)) 1))"),
        ("|1-||x|||", "(bars (- 1 (norm x)))"),
        ("||y|| + ||x|-1|", "(+ (norm y) (bars (- (bars x) 1)))"),
        ("||x|-1| + ||y||", "(+ (bars (- (bars x) 1)) (norm y))"),
        ("||(||x|-1|)||", "(norm [(bars (- (bars x) 1))])"),
    ],
    "norm subscripts": [
        ("||x||_1", "(norm1 x)"),
        ("||x||_{1}", "(norm1 x)"),
        ("||X||_F", "(normF X)"),
        (r"\|X\|_{\mathrm{F}}", "(normF X)"),
        (r"\|x\|_\infty", "(norminf x)"),
        ("||x||_inf", "(norminf x)"),
        ("||X||_*", "(norm* X)"),
        ("‖x‖₂²", "(^ (norm2 x) 2)"),
        (r"\|Ax-b\|_2^2", "(^ (norm2 (- (juxt A x) b)) 2)"),
        ("||x||^2_2", "(^ (norm2 x) 2)"),
        ("||x||^{2}_{2}", "(^ (norm2 x) 2)"),
    ],
    "fractions": [
        ("1/2 x'Ax", "(juxt (juxt (juxt 1/2 x') A) x)"),
        ("-1/2*x", "(neg (* 1/2 x))"),
        ("0.25", "1/4"),
        ("½ x", "(juxt 1/2 x)"),
        ("1/2/3", "1/6"),
        ("x/1/2", "(/ (/ x 1) 2)"),
        ("1/2^2", "(/ 1 (^ 2 2))"),
        ("x/2*y", "(* (/ x 2) y)"),
        ("2/(x'x) (A x - c x)", "(juxt (/ 2 [(juxt x' x)]) [(- (juxt A x) (juxt c x))])"),
        ("1/(2n) ||X w-y||^2", "(juxt (/ 1 [(juxt 2 n)]) (^ (norm (- (juxt X w) y)) 2))"),
        ("a/||x|| b", "(juxt (/ a (norm x)) b)"),
        ("a/norm2(x)^2 b", "(juxt (/ a (^ (norm2 x) 2)) b)"),
        (r"\frac{a}{b} c", "(juxt (/ [a] [b]) c)"),
        (r"\frac12 x", "(juxt 1/2 x)"),
        (r"\tfrac1n x", "(juxt (/ [1] [n]) x)"),
        (r"\dfrac{1}{2}", "1/2"),
    ],
    "ones and identities": [
        ("1'x", "(juxt ones' x)"),
        ("1ᵀx", "(juxt ones' x)"),
        ("1^T x", "(juxt ones' x)"),
        ("x 1'", "(juxt x ones')"),
        ("11'/n", "(/ (juxt ones ones') n)"),
        (r"\mathbf{1}^\top x", "(juxt ones' x)"),
        (r"x\mathbb{1}", "(juxt x ones)"),
        ("𝟏 + 𝟙", "(+ ones ones)"),
        (r"\mathbf{1}_n", "(ones n 1)"),
        ("𝟏_n", "(ones n 1)"),
        ("I", "I"),
        ("I_n", "(eye n)"),
        ("Iₙ", "(eye n)"),
        (r"\mathbf{I}_{n}", "(eye n)"),
        ("I_{mn}", "(eye (* m n))"),
        ("I_{n+1}", "(eye (+ n 1))"),
    ],
    "LaTeX": [
        (r"\operatorname{tr}(\mathbf{A}\mathbf{X})", "(tr (juxt A X))"),
        (r"\mathrm{tr}\left(AX\right)", "(tr (juxt A X))"),
        (r"\text{tr}\bigl(AX\bigr)", "(tr (juxt A X))"),
        (r"\tr(X) \, + \quad \ln x", "(+ (tr X) (log x))"),
        (r"\mathbf{W}_1\boldsymbol{\mu}", "(juxt W1 μ)"),
        (r"\mathbf{x}^\top\bm{A}\mathbf{x}", "(juxt (juxt x' A) x)"),
        (r"\hat{y} + \tilde{\mathbf{x}} + \bar x", "(+ (+ y_hat x_tilde) x_bar)"),
        (r"\varepsilon + \vartheta", "(+ ε θ)"),
        (r"\sqrt{x}", "(sqrt x)"),
        (r"\nabla L(z)", "(gradL z)"),
        ("∇L(z)", "(gradL z)"),
        ("$x^T x$", "(juxt x' x)"),
        (r"\[x\]", "x"),
        (r"\(x\)", "x"),
        (r"\exp\{x\}", "(exp x)"),
    ],
    "NumPy": [
        ("np.trace(A @ X.T)", "(tr (matmul A X'))"),
        ("X.T @ A @ X", "(matmul (matmul X' A) X)"),
        ("A*B @ x + -a @ b/2", "(+ (matmul (.* A B) x) (neg (./ (matmul a b) 2)))"),
        ("np.multiply(A @ B, C)", "(.* [(matmul A B)] C)"),
        ("numpy.linalg.inv(X)", "(inv X)"),
        ("np.linalg.norm(x)", "(norm x)"),
        ("np.linalg.norm(X, 'fro')**2", "(.^ (normF X) 2)"),
        ("np.linalg.norm(x, 1)", "(norm1 x)"),
        ("np.linalg.slogdet(X)[1]", "(logdet X)"),
        ("np.sum(jnp.exp(x)*y)", "(sum (.* (exp x) y))"),
        ("a.dot(b) + np.matmul(A, B)", "(+ (matmul a b) (matmul A B))"),
        ("np.outer(a,b)", "(* a b')"),
        ("np.vdot(a,b) + np.inner(a,b)", "(+ (inner a b) (numpy_inner a b))"),
        ("np.linalg.solve(A,b)", "(* (inv A) b)"),
        ("np.log1p(x)", "(log (+ 1 x))"),
        ("np.square(x) + np.power(x, 3)", "(+ (.^ x 2) (.^ x 3))"),
        ("np.multiply(a + b, c)", "(.* [(+ a b)] c)"),
        ("np.maximum(x, 0) + np.maximum(0, x)", "(+ (relu x) (relu x))"),
        ("np.ones((m,n)) + np.ones(n) + np.eye(n)", "(+ (+ (ones m n) (ones n 1)) (eye n))"),
        ("np.sum(X, axis=0) + np.sum(X, 1)", "(+ (sum X 1) (sum X 2))"),
        ("np.sum(X, axis=1, keepdims=True)", "(sum X 2)"),
        ("x.sum() + X.T.trace() + x.mean()", "(+ (+ (sum x) (tr X')) (mean x))"),
        ("A.transpose() @ x", "(matmul A' x)"),
        ("x**2*y/3", "(./ (.* (.^ x 2) y) 3)"),
        ("scipy.special.erf(x)", "(erf x)"),
    ],
}


@pytest.mark.parametrize(("text", "tree"), [row for rows in READINGS.values() for row in rows])
def test_reading(text: str, tree: str) -> None:
    assert show(read(text).tree) == tree


REFUSALS: list[tuple[str, type[McError], str]] = [
    ("", SyntaxMistake, "empty"),
    ("  ", SyntaxMistake, "empty"),
    ("tr(A*X", SyntaxMistake, "never closed"),
    ("A)", SyntaxMistake, "closes nothing"),
    ("(A]", SyntaxMistake, "closed by"),
    ("()", SyntaxMistake, "nothing between"),
    ("|x", SyntaxMistake, "never closed"),
    ("|x|-1|", SyntaxMistake, "no partner"),
    ("|||x||-1||", SyntaxMistake, "no partner"),
    ("(|x|-1|)", SyntaxMistake, "no partner"),
    ("||x|+a/b c|", AmbiguityError, "two ways"),
    ("|x+|", SyntaxMistake, "an operand is missing between this [+] and the closing [|]"),
    ("||x-||^2", SyntaxMistake, "an operand is missing between this - and the closing"),
    ("2*(|A*|)", SyntaxMistake, "an operand is missing"),
    ("|x^|", SyntaxMistake, "an operand is missing"),
    ("|x^-|", SyntaxMistake, "an operand is missing between this -"),
    (r"\lvert x + \rvert", SyntaxMistake, "an operand is missing"),
    ("a+*b", SyntaxMistake, "two operators in a row"),
    ("a+", SyntaxMistake, "nothing comes after"),
    ("*a", SyntaxMistake, "nothing comes before"),
    ("a b ; c", SyntaxMistake, "no meaning"),
    ("a\x00b", SyntaxMistake, "control character"),
    ("1.2.3", SyntaxMistake, "decimal points"),
    ("2 3", SyntaxMistake, "side by side"),
    ("1/0", SyntaxMistake, "division by zero"),
    ("a, b", SyntaxMistake, "comma"),
    ("a = b", SyntaxMistake, "equation"),
    ("A × B", SyntaxMistake, "no product"),
    ("X^H", SyntaxMistake, "conjugate"),
    ("X[0]", SyntaxMistake, "entries"),
    ("tr'(X)", SyntaxMistake, "prime"),
    ("sin^2(x)", SyntaxMistake, "no power"),
    ("tr + x", SyntaxMistake, "needs an argument"),
    (r"\sum x", SyntaxMistake, "is not read"),
    (r"\lamda", SyntaxMistake, "unknown command"),
    ("||x||_q", SyntaxMistake, "no norm"),
    ("A.B", SyntaxMistake, "unknown method"),
    ("np.sum(X, axis=-1)", SyntaxMistake, "axis"),
    ("tr(axis=0)", SyntaxMistake, "NumPy calls only"),
    ("x" * 20_001, SyntaxMistake, "longer than"),
    ("Xbeta", NameMistake, "glued"),
    ("Amu", NameMistake, "glued"),
    ("trX", NameMistake, "glued"),
    ("xlv", NameMistake, "glued"),
    ("Atr(X)", NameMistake, "glued"),
    ("trc(X)", NameMistake, "unknown function trc"),
    ("foo(X)", NameMistake, "unknown function foo"),
    ("lamda x", NameMistake, "unknown name"),
    ("sum_i x", NameMistake, "no subscript"),
    ("xf", NameMistake, "needs an argument"),
    ("np.foo(x)", NameMistake, "unknown function"),
    ("tr A B", AmbiguityError, "two ways"),
    ("tr AXB", AmbiguityError, "two ways"),
    ("log x*y", AmbiguityError, "two ways"),
    ("log x/2", AmbiguityError, "two ways"),
    ("a/b c", AmbiguityError, "two ways"),
    ("x'Ax/x'x", AmbiguityError, "two ways"),
    ("1/xy", AmbiguityError, "two ways"),
    ("x^1/2", AmbiguityError, "two ways"),
    ("2e3", AmbiguityError, "number or a product"),
]


@pytest.mark.parametrize(("text", "kind", "said"), REFUSALS)
def test_refusal(text: str, kind: type[McError], said: str) -> None:
    with pytest.raises(kind, match=said) as caught:
        read(text)
    assert caught.value.source == text
    assert caught.value.marks
    assert report(caught.value)


@pytest.mark.parametrize(
    ("text", "readings"),
    [
        ("tr A B", ["tr(A B)", "tr(A) B"]),
        ("log x*y", ["log(x*y)", "log(x)*y"]),
        ("a/b c", ["a/(b c)", "(a/b) c"]),
        ("x'Ax/x'x", ["(x'Ax)/(x'x)", "(x'Ax/x') x"]),
        ("1/xy", ["1/(xy)", "(1/x) y"]),
        ("x^1/2", ["x^(1/2)", "(x^1)/2"]),
    ],
)
def test_both_readings_are_shown_and_can_be_typed(text: str, readings: list[str]) -> None:
    with pytest.raises(AmbiguityError) as caught:
        read(text)
    shown = " ".join(caught.value.notes)
    for reading in readings:
        assert reading in shown
        read(reading)


@pytest.mark.parametrize(
    ("text", "fix"),
    [
        ("trc(X)", "tr(X)"),
        ("sin^2(x) + 1", "sin(x)^2 + 1"),
        ("A × B", "A * B"),
        ("lamda x", "lambda x"),
        ("trXY", None),
    ],
)
def test_a_fix_is_offered_only_if_it_can_be_read(text: str, fix: str | None) -> None:
    with pytest.raises(McError) as caught:
        read(text)
    assert caught.value.fix == fix


@pytest.mark.parametrize(
    ("text", "names", "notes"),
    [
        ("A @ B", (), (NUMPY_NOTE,)),
        ("X.T", (), ()),
        ("X.T * y", (), (TRANSPOSE_STAR_NOTE,)),
        ("X^T y", ("T",), (T_NOTE,)),
        ("X' y", ("T",), ()),
        ("1e-3 x", (), ("1e-3 is read as a number",)),
    ],
)
def test_notes(text: str, names: tuple[str, ...], notes: tuple[str, ...]) -> None:
    assert read(text, names).notes == notes


@pytest.mark.parametrize(
    ("clause", "declared"),
    [
        ("X: m×n, A: symmetric", [("X", "m", "n"), ("A", "symmetric")]),
        ("S: n x n, spd; x: 3", [("S", "n", "n", "spd"), ("x", "3")]),
        ("mu_1 is Positive  definite", [("μ1", "positive definite")]),
        ("X ∈ R^{m×n}, b in ℝ^n", [("X", "m", "n"), ("b", "n")]),
        (r"\mathbf{X} \in \mathbb{R}^{m \times n}", [("X", "m", "n")]),
        ("A: 3x4, B: mxn, c: n+1", [("A", "3", "4"), ("B", "m", "n"), ("c", "n+1")]),
        ("A: 2n by m*n and N: (p, q)", [("A", "2n", "m*n"), ("N", "p", "q")]),
    ],
)
@pytest.mark.parametrize("joint", [" where ", ", where ", r" \text{where} "])
def test_where(clause: str, declared: list[tuple[str, ...]], joint: str) -> None:
    parsed = read("a'x" + joint + clause)
    assert [(d.name, *d.words) for d in parsed.declarations] == declared
    assert show(parsed.tree) == "(juxt a' x)"


def test_where_declares_names_of_several_letters() -> None:
    assert show(read("pq x where pq: m×n").tree) == "(juxt pq x)"


@pytest.mark.parametrize("clause", ["", "X", "1: n", ": n"])
def test_where_is_refused(clause: str) -> None:
    with pytest.raises(SyntaxMistake):
        read(f"X where {clause}")


@pytest.mark.parametrize("text", ["|x|-1|", "|||x||-1||", "||x|+1||", "|a| + ||x|"])
def test_bars_that_cannot_be_paired_are_explained(text: str) -> None:
    with pytest.raises(SyntaxMistake) as caught:
        read(text)
    note = caught.value.notes[-1]
    assert "| |x| - 1 |" in note
    assert "abs(...)" in note
    read("| |x| - 1 |")
    read("abs(x)")


@pytest.mark.parametrize("text", ["|x", "||x-||", "|a|+|b+|", "|a| + b)"])
def test_other_mistakes_with_bars_are_not_explained_by_nesting(text: str) -> None:
    with pytest.raises(SyntaxMistake) as caught:
        read(text)
    assert NESTED_NOTE not in caught.value.notes


def test_a_bar_that_may_have_been_meant_to_close() -> None:
    with pytest.raises(SyntaxMistake) as caught:
        read("|x+| y")
    assert "if it closes the | before it, an operand is missing after +" in caught.value.notes


@pytest.mark.parametrize(
    ("text", "function", "name", "arguments"),
    [
        ("1 + A@B.T", "matmul", "@", ["A", "B.T"]),
        ("np.matmul(A, b)", "matmul", "np.matmul", ["A", "b"]),
        ("np.dot(a, b + c)", "matmul", "np.dot", ["a", "b + c"]),
        ("A.dot(x)", "matmul", ".dot", ["A", "x"]),
        ("np.inner(a, b)", "numpy_inner", "np.inner", ["a", "b"]),
        ("2*np.vdot(A, B)", "inner", "np.vdot", ["A", "B"]),
    ],
)
def test_products_of_numpy_know_their_places(text: str, function: str, name: str, arguments: list[str]) -> None:
    tree = read(text).tree
    call = tree.right if isinstance(tree, Binary) else tree
    assert isinstance(call, Call)
    assert call.function == function
    assert text[call.name_span.start : call.name_span.end] == name
    assert [text[a.span.start : a.span.end] for a in call.arguments] == arguments
    assert call.span.end == len(text)
    assert call.span.start == text.index(min(name, arguments[0], key=text.index))


@pytest.mark.parametrize("text", ["np.dot(a)", "np.inner(a, b, c)", "a.dot()"])
def test_products_of_numpy_take_two_arguments(text: str) -> None:
    with pytest.raises(SyntaxMistake, match="takes 2 arguments"):
        read(text)


@pytest.mark.parametrize(
    ("text", "reading"),
    [("a @ b/c d", "(a @ b)/(c d)"), ("A.dot(B)/c d", "(A.dot(B))/(c d)"), ("np.inner(a, b)/c d", "(c d)")],
)
def test_a_slash_after_a_product_of_numpy(text: str, reading: str) -> None:
    with pytest.raises(AmbiguityError) as caught:
        read(text)
    assert reading in caught.value.notes[0]
    read(reading)


def test_spans_cover_what_was_typed() -> None:
    text = r"2 \mathbf{A}'(W_{1}x - b)"
    tree = read(text).tree
    assert isinstance(tree, Binary)
    assert tree.span.start == 0
    assert tree.span.end == len(text)
    assert isinstance(tree.right, Group)
    assert text[tree.right.span.start : tree.right.span.end] == "(W_{1}x - b)"


@pytest.mark.parametrize(
    ("typed", "canonical"),
    [("mu", "μ"), ("Sigma", "Σ"), ("W_1", "W1"), ("W₁", "W1"), ("W_{1}", "W1"), ("A_inv", "A_inv"), ("ϑ", "θ")],
)
def test_one_spelling_per_symbol(typed: str, canonical: str) -> None:
    assert canonical_name(typed) == canonical
    assert canonical_name(canonical) == canonical


@pytest.mark.parametrize(
    "text",
    [
        "(" * 500 + "x" + ")" * 500,
        "-" * 10_000 + "x",
        "x" + "'" * 10_000,
        "+".join(["a"] * 5_000),
        "log " * 5_000 + "x",
        "|" * 301,
        "2^{" * 300 + "x" + "}" * 300,
        r"\mathbf{" * 2_000,
        "x" * 19_999,
        "tr(X) " + " " * 15_000 + "where",
        "tr(" * 200 + "x" + ")" * 200,
    ],
)
def test_long_and_deep_text_is_refused_calmly(text: str) -> None:
    with pytest.raises(McError):
        read(text)


@pytest.mark.parametrize("part", [("(", ")"), ("1+2*(", ")"), ("-f(1+2*", ")"), ("2^{", "}"), ("|a+", "|")])
def test_a_hundred_brackets_are_read(part: tuple[str, str]) -> None:
    read(part[0] * 99 + "x" + part[1] * 99)


def test_eight_hundred_operators_are_read() -> None:
    read("+".join(["a"] * 800))


@pytest.mark.parametrize(
    "text",
    [
        *(operator.join(["a"] * 800) for operator in ("+", "-", " ", "*", ".*", " @ ")),
        " + -".join(["a"] * 400),
        "+".join(["sum(a)"] * 800),
        "+".join(["|a|"] * 800),
        "a*b+" * 400 + "c",
        "a" + "'" * 800,
        "a" + ".dot(b)" * 400,
        "1/" * 800 + "3",
    ],
    ids=lambda text: text[:12],
)
def test_chains_are_read_without_recursion(text: str) -> None:
    depth, frame = 0, sys._getframe()
    while frame.f_back:
        depth, frame = depth + 1, frame.f_back
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(depth + 50)
    try:
        read(text)
    finally:
        sys.setrecursionlimit(limit)


def test_nested_fractions_are_refused_calmly() -> None:
    with pytest.raises(SyntaxMistake, match="nested too deeply"):
        read(r"\frac" * 500)


CORPUS = """
a'*x
y'*A*x
(a'*C*b)/sqrt((a'*A*a)*(b'*B*b))
A'*(g.*sigmoid(B*x)) + B'*(g.*(A*x).*sigmoid(B*x).*(1 - sigmoid(B*x)))
f(x)*gradf(x)'
(g.*(B*x).*(sigmoid(A*x) + (A*x).*sigmoid(A*x).*(1 - sigmoid(A*x))))*x'
X'*(normpdf(X*w).*(normcdf(X*w) - y)./(normcdf(X*w).*(1 - normcdf(X*w))))
det(X)*(vec(inv(X)')*vec(inv(X)')' - commutation(n,n)*kron(inv(X)', inv(X)))
1/n*(sum(logsumexp_rows(X*W + ones(n,1)*b')) - sum(Y.*(X*W + ones(n,1)*b')))
diag(1.0507009873554805*(step(x) + 1.6732632423543772*(1 - step(x)).*exp(x)))
exp(-1/2*(x - mu)'*inv(S)*(x - mu))*(inv(S)*(x - mu)*(x - mu)'*inv(S) - inv(S))
1/2*(tr(inv(S2)*S1) + (m2 - m1)'*inv(S2)*(m2 - m1) - n + logdet(S2) - logdet(S1))
diag(0.5*(1 + tanh(u)) + 0.5*x.*(1 - tanh(u).^2).*(sqrt(2/pi)*(1 + 3*0.044715*x.^2)))
(u'*w)*(-2*tanh(w'*z + b)*(1 - tanh(w'*z + b)^2))/(1 + (1 - tanh(w'*z + b)^2)*(u'*w))*w
series(i,1,p,series(j,1,p,entry(A,i,j)*(kron(unit(j,p),eye(n))'*B*kron(unit(i,p),eye(n)))'))
x'*y/(norm2(x)*norm2(y))
-(y/(norm2(x)*norm2(y)) - (x'*y)*x/(norm2(x)^3*norm2(y)))
tr(expm(X))
tr(X^k)
d2phi(f(x))*gradf(x)*gradf(x)' + dphi(f(x))
2*inv(X)*dX*inv(X)*dX*inv(X)
diag(tanh(softplus(x)) + x.*(1 - tanh(softplus(x)).^2).*sigmoid(x))
normF(x - y)^2
(1 - p)^g*(g*p*log(p) + p - 1)
-k*(inv(X)^(k+1))'
(eye(n) - ones(n,n)/n - z*z'/n)/s
(a'*x)^2
svv(X,2)'
1./x
prod(x)^(1/n)/n*(1./x)
svdU(X)*diag(svdS(X).^(p-1))*svdV(X)'/schatten(X,p)^(p-1)
series(r,0,k-1,(X^r)'*a*b'*(X^(k-1-r))')
-inv(X)'*unit(1,n)*unit(2,n)'*inv(X)'
diag(-1./x.^2)
(a - x'*b)*conj(a - x'*b)
g.*((x - mean(x))/sqrt(var(x) + c)) + b
unvec(gradf(vec(X)), m, n)
tril(gradf(X))
clip(x,-c,c)
frechet_expm(X, dX)
toepsum(A')
2/(x'*x)*(A*x - r*x)
sum(log(1 + ((X*w - y)/c).^2))
kron(X', eye(n)) + kron(eye(n), X)
softmax_rows(Q*K'/sqrt(d))
||A x - b||^2
1/2 ||A x - b||_2^2 + lambda ||x||_1
log det(X X' + eps I) where eps: scalar
tr((A + X)⁻¹B) - 2 log|X|
\\frac{1}{2n}\\|\\mathbf{X}\\mathbf{w}-\\mathbf{y}\\|_2^2 + \\frac{\\lambda}{2}\\|\\mathbf{w}\\|^2
-\\log\\det\\Sigma - (x-\\mu)^\\top\\Sigma^{-1}(x-\\mu)
\\operatorname{tr}\\left(\\mathbf{X}^\\top \\mathbf{A}\\mathbf{X}\\right)
\\left\\| Y - W_2\\sigma(W_1 X + b 1^\\top) \\right\\|_F^2
(X.T @ X + 2 * np.eye(n))
np.sum((X @ w - y)**2) / (2 * n)
0.5 * np.trace(np.linalg.inv(S) @ A) + np.linalg.slogdet(S)[1]
x'Ax/(x'x)
x'A'Ax - 2b'Ax + b'b
vec(AXB)' (B ⊗ A')
(A∘B)x ⊙ y
""".strip().splitlines()


@pytest.mark.parametrize("text", CORPUS)
def test_corpus(text: str) -> None:
    read(text)


ALPHABET = [
    *"AXxy0129 +-*/^'()[]{}|,.;:_=@·⊗⊙∘×²⁻ᵀⁿ₁‖∇𝟏1λμ\\\"$~",
    *("||", ".*", "./", ".^", "**", ".T", "^T", "tr", "log", "det ", "tr(", "f(", "σ'", "np.sum(", "np.linalg.norm("),
    *(
        "\\frac",
        "\\left",
        "\\right",
        "\\mathbf{",
        "\\top",
        "\\|",
        "\\hat",
        "\\operatorname{tr}",
        "\\lambda",
        "_{",
        "^{",
    ),
    *(
        "^{",
        " where ",
        " in ",
        "1'",
        "11'",
        "I_",
        "axis=",
        "'fro'",
        "lv",
        "mu",
        "e-3",
        "\t",
        "\x07",
        "é",
        "𝐱",
        ".sum()",
    ),
]


def check_mistake(error: McError, text: str) -> None:
    assert error.source == text
    assert error.marks
    assert report(error)
    if error.fix is not None and error.typed is None:
        read(error.fix)


def readable_or_refused(text: str) -> None:
    """Either a tree, or a McError that can be shown and whose fix can be read."""
    try:
        parsed = read(text)
    except McError as error:
        check_mistake(error, text)
    else:
        assert show(parsed.tree)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(ALPHABET), max_size=40).map("".join))
def test_random_text_raises_nothing_but_mistakes(text: str) -> None:
    readable_or_refused(text)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(CORPUS), st.data())
def test_mutated_expressions_raise_nothing_but_mistakes(text: str, data: st.DataObject) -> None:
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(text)))
        stop = data.draw(st.integers(start, min(len(text), start + 5)))
        text = text[:start] + data.draw(st.sampled_from(["", *ALPHABET])) + text[stop:]
    readable_or_refused(text)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=30))
def test_any_text_raises_nothing_but_mistakes(text: str) -> None:
    readable_or_refused(text)


@pytest.mark.parametrize(
    "text",
    [
        "a^b^c",
        "2**x**2",
        "1/2n",
        "a'x/||x|| ||a||",
        "(x'Ax)/(x'x)(y'y)",
        "tr(1μ'X)",
        "W^{(2)} x",
    ],
)
def test_what_two_people_read_differently_is_refused(text: str) -> None:
    with pytest.raises(AmbiguityError) as caught:
        parse(text, functions={"tr": "tr"})
    assert caught.value.notes or caught.value.marks
