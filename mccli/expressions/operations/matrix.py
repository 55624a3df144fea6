"""Determinant, inverse and their kin; functions of a matrix with their Fréchet derivatives; Cholesky, Sylvester."""

from __future__ import annotations

from fractions import Fraction

from mccli.expressions.operation import THROUGH_MEANING, UNKNOWN, Demand, Operation
from mccli.expressions.operations import shapes
from mccli.expressions.sizes import Shape
from mccli.expressions.tree import (
    Node,
    Number,
    Product,
    Transpose,
    add,
    apply,
    eye,
    is_eye,
    is_operation,
    multiply,
    ones,
    scaled,
    size_scalar,
    split_coefficient,
    traits,
    transpose,
)

SPECTRAL = frozenset({"symmetric", "diagonal"})


def _outside(x: Node) -> tuple[list[Node], Node]:
    """Scalar factors of a matrix, and the matrix without them."""
    coefficient, rest = split_coefficient(x)
    if isinstance(rest, Product) and rest.scalars and rest.chain:
        return [*([Number(coefficient)] if coefficient != 1 else []), *rest.scalars], multiply(*rest.chain)
    return ([Number(coefficient)] if coefficient != 1 else []), rest


def _inverse(x: Node) -> Node | None:
    if x.is_scalar:
        return apply("power", x, Number(-1))
    if is_eye(x):
        return x
    if is_operation(x, "inv"):
        return x.children()[0]
    if isinstance(x, Transpose):
        return transpose(apply("inv", x.operand))
    if "orthogonal" in traits(x):
        return transpose(x)
    if is_operation(x, "Diag"):
        return apply("Diag", apply("power", x.children()[0], Number(-1)))
    if is_operation(x, "kron"):
        a, b = x.children()
        if a.rows == a.columns and b.rows == b.columns:
            return apply("kron", apply("inv", a), apply("inv", b))
    scalars, core = _outside(x)
    if scalars:
        return multiply(*(apply("power", s, Number(-1)) for s in scalars), apply("inv", core))
    return None


def _determinant(x: Node) -> Node | None:
    if x.is_scalar:
        return x
    if is_eye(x):
        return Number(1)
    if isinstance(x, Transpose):
        return apply("det", x.operand)
    if is_operation(x, "inv"):
        return apply("power", apply("det", x.children()[0]), Number(-1))
    if is_operation(x, "mpow"):
        return apply("power", apply("det", x.children()[0]), x.children()[1])
    if is_operation(x, "expm"):
        return apply("exp", apply("tr", x.children()[0]))
    if is_operation(x, "Diag"):
        return apply("prod", x.children()[0])
    if is_operation(x, "kron"):
        a, b = x.children()
        if a.rows == a.columns and b.rows == b.columns:
            left = apply("power", apply("det", a), size_scalar(b.rows))
            return multiply(left, apply("power", apply("det", b), size_scalar(a.rows)))
    scalars, core = _outside(x)
    if scalars:
        return multiply(*(apply("power", s, size_scalar(x.rows)) for s in scalars), apply("det", core))
    return None


def _log_determinant(x: Node) -> Node | None:
    """log|det| of products that split: inverse, power, exponential, Kronecker product, scalar multiples."""
    if x.is_scalar:
        return apply("log", apply("abs", x))
    if is_eye(x):
        return Number(0)
    if isinstance(x, Transpose):
        return apply("logdet", x.operand)
    if is_operation(x, "inv"):
        return scaled(-1, apply("logdet", x.children()[0]))
    if is_operation(x, "mpow"):
        return multiply(x.children()[1], apply("logdet", x.children()[0]))
    if is_operation(x, "expm"):
        return apply("tr", x.children()[0])
    if is_operation(x, "Diag"):
        return apply("sum", apply("log", apply("abs", x.children()[0])))
    if is_operation(x, "kron"):
        a, b = x.children()
        if a.rows == a.columns and b.rows == b.columns:
            left = multiply(size_scalar(b.rows), apply("logdet", a))
            return add(left, multiply(size_scalar(a.rows), apply("logdet", b)))
    scalars, core = _outside(x)
    if scalars:
        logs = [apply("log", apply("abs", s)) for s in scalars]
        return add(*(multiply(size_scalar(x.rows), n) for n in logs), apply("logdet", core))
    return None


def _frechet(function: str, derivative: str) -> object:
    """Normal form of the Fréchet derivative: linear in the direction; L(X, I) = f'(X), L(t X, X) = X f'(t X)."""

    def normal(x: Node, direction: Node) -> Node | None:
        scalars, core = _outside(direction)
        if is_eye(core):
            factor = [Number(-1)] if derivative.startswith("-") else []
            return multiply(*scalars, *factor, apply(derivative.lstrip("-"), x))
        if function == "logm" and core == x:
            return multiply(*scalars, eye(x.rows))
        if function != "logm" and _outside(x)[1] == core:  # X and its multiples commute: L(t X, X) = X f'(t X)
            factor = [Number(-1)] if derivative.startswith("-") else []
            return multiply(*scalars, *factor, core, apply(derivative.lstrip("-"), x))
        if scalars:
            return multiply(*scalars, apply(f"frechet_{function}", x, core))
        return None

    return normal


def _sylvester(a: Node, b: Node, c: Node) -> Node | None:
    """Linear in C; A Z + Z A = I gives Z = A^-1/2."""
    scalars, core = _outside(c)
    if is_eye(core) and a == b:
        return multiply(*scalars, Number(Fraction(1, 2)), apply("inv", a))
    if scalars:
        return multiply(*scalars, apply("sylvester", a, b, core))
    return None


def _lyapunov(a: Node, q: Node) -> Node:
    """A P + P A' + Q = 0 is the Sylvester equation A P + P A' = -Q."""
    return scaled(-1, apply("sylvester", a, transpose(a), q))


def _adjugate(x: Node) -> Node | None:
    return ones(x.shape) if x.is_scalar else None


def _pseudo_inverse(x: Node) -> Node | None:
    return transpose(apply("pinv", x.operand)) if isinstance(x, Transpose) else None


def _matrix_function(
    name: str, derivative: str, says: str, domain: str, latex: str, source: str, **more: object
) -> list[Operation]:
    """A primary matrix function f(X) and its Fréchet derivative L_f(X, E), which is linear in E."""
    frechet = f"frechet_{name}"
    keeps = SPECTRAL
    return [
        Operation(
            name=name, params="X", says=says, shape=shapes.square(name), d=f"{frechet}(X, dX)", means="", domain=domain,
            latex=latex, value=f"{name}(X)", numpy=f"{name}(#X)", source=source, keeps=keeps,
            normal=lambda x: transpose(apply(name, x.operand)) if isinstance(x, Transpose) else None,
            **more,  # type: ignore[arg-type]
        ),
        Operation(
            name=frechet, params="X E", says=f"Fréchet derivative of {name} at X in the direction E",
            shape=shapes.pair_of_squares, d=f"{frechet}(X, dE) + unknown(dX)",
            vec={"E": UNKNOWN}, adjoint={"E": f"{frechet}(X', M)"},
            means="", domain="any", latex=rf"L_{{{latex.split('(')[0].strip()}}}(#X, #E)", value=f"{frechet}(X, E)",
            numpy=f"{frechet}(#X, #E)", source="Higham, Functions of Matrices, 3.2: f([[X, E], [0, X]])",
            normal=_frechet(name, derivative),  # type: ignore[arg-type]
        ),
    ]


def _stein_shape(s: tuple[Shape, ...], sizes: tuple[object, ...], demand: Demand) -> Shape:
    return shapes.pair_of_squares(s, (), demand)


def _thin_triangle(s: tuple[Shape, ...], sizes: tuple[object, ...], demand: Demand) -> Shape:
    return (s[0][1], s[0][1])


_QR_INSIDE = "(qrQ(X)'*dX*inv(qrR(X)))"
_LU_INSIDE = "inv(luL(A))*dA*inv(luU(A))"

MATRIX = [
    Operation(
        name="det", params="X", says="determinant", shape=shapes.square_to_scalar("a determinant"),
        d="det(X)*tr(inv(X)*dX)", means="", domain="X invertible", latex=r"\det(#X)",
        value="det(X)", numpy="np.linalg.det(#X)", source="Jacobi; Magnus & Neudecker 8.3",
        aliases=("Det",), normal=_determinant,
    ),
    Operation(
        name="logdet", params="X", says="log |det X|", shape=shapes.square_to_scalar("a determinant"),
        d="tr(inv(X)*dX)", means="1/2*log(det(X)^2)", domain="X invertible", latex=r"\log\lvert\det #X\rvert",
        value="logdet(X)", numpy="np.linalg.slogdet(#X)[1]", source="Magnus & Neudecker 8.3",
        aliases=("logabsdet",), normal=_log_determinant,
    ),
    Operation(
        name="inv", params="X", says="inverse", shape=shapes.square("an inverse"), d="-inv(X)*dX*inv(X)", means="",
        domain="X invertible", latex="#X^{-1}", value="inv(X)", numpy="np.linalg.inv(#X)",
        source="Magnus & Neudecker 8.4", aliases=("inverse",),
        keeps=SPECTRAL | {"spd", "orthogonal", "lower", "upper"}, creates=frozenset({"invertible"}), normal=_inverse,
    ),
    Operation(
        name="adj", params="X", says="adjugate: det(X) X^-1 for an invertible matrix",
        shape=shapes.square("an adjugate"),
        d=THROUGH_MEANING, means="det(X)*inv(X)", domain="X invertible", latex=r"\operatorname{adj}(#X)",
        value="adj(X)", numpy="adj(#X)", source="Magnus & Neudecker 8.5", aliases=("adjugate",),
        keeps=SPECTRAL, normal=_adjugate,
    ),
    Operation(
        name="pinv", params="X", says="Moore-Penrose inverse of a matrix of full rank", shape=shapes.transposed,
        d="-pinv(X)*dX*pinv(X) + pinv(X)*pinv(X)'*dX'*(eye(rows(X)) - X*pinv(X))"
        " + (eye(cols(X)) - pinv(X)*X)*dX'*pinv(X)'*pinv(X)",
        means="", domain="X full rank", latex="#X^{+}", value="pinv(X)", numpy="np.linalg.pinv(#X)",
        source="Golub & Pereyra 1973; Magnus & Neudecker 8.5", keeps=frozenset({"symmetric"}), normal=_pseudo_inverse,
    ),
    *_matrix_function("expm", "expm", "matrix exponential", "any", r"\operatorname{expm}(#X)",
                      "Higham, Functions of Matrices, 10", creates=frozenset({"invertible"})),
    *_matrix_function("logm", "inv", "principal matrix logarithm", "X no negative eigenvalues",
                      r"\operatorname{logm}(#X)", "Higham, Functions of Matrices, 11"),
    *_matrix_function("sinm", "cosm", "matrix sine (power series)", "any", r"\operatorname{sinm}(#X)",
                      "Higham, Functions of Matrices, 12"),
    *_matrix_function("cosm", "-sinm", "matrix cosine (power series)", "any", r"\operatorname{cosm}(#X)",
                      "Higham, Functions of Matrices, 12"),
    Operation(
        name="sqrtm", params="X", says="principal square root of a matrix", shape=shapes.square("sqrtm"),
        d="sylvester(sqrtm(X), sqrtm(X), dX)", means="", domain="X no negative eigenvalues", latex="#X^{1/2}",
        value="sqrtm(X)", numpy="sqrtm(#X)", source="from S S = X: S dS + dS S = dX; Higham 6",
        keeps=SPECTRAL | {"spd", "psd"},
        normal=lambda x: transpose(apply("sqrtm", x.operand)) if isinstance(x, Transpose) else None,
    ),
    Operation(
        name="sylvester", params="A B C", says="the Z with A Z + Z B = C", shape=shapes.sylvester,
        d="sylvester(A, B, dC - dA*sylvester(A, B, C) - sylvester(A, B, C)*dB)",
        vec={"C": "inv(kron(eye(cols(C)), A) + kron(B', eye(rows(C))))"},
        adjoint={"C": "sylvester(A', B', M)"}, means="", domain="unique solution",
        latex=r"\operatorname{syl}(#A, #B, #C)", value="sylvester(A, B, C)", numpy="sylvester(#A, #B, #C)",
        source="differentiate A Z + Z B = C", normal=_sylvester,
    ),
    Operation(
        name="lyap", params="A Q", says="the P with A P + P A' + Q = 0", shape=_stein_shape, d=THROUGH_MEANING,
        means="-sylvester(A, A', Q)", domain="unique solution", latex=r"\operatorname{lyap}(#A, #Q)",
        value="lyap(A, Q)", numpy="lyap(#A, #Q)", source="continuous Lyapunov equation", normal=_lyapunov,
    ),
    Operation(
        name="stein", params="A Q", says="the P with P = A P A' + Q", shape=_stein_shape,
        d="stein(A, dQ + dA*stein(A, Q)*A' + A*stein(A, Q)*dA')",
        vec={"Q": "inv(eye(rows(Q)*rows(Q)) - kron(A, A))"},
        adjoint={"Q": "stein(A', M)"}, means="",
        domain="unique solution", latex=r"\operatorname{stein}(#A, #Q)", value="stein(A, Q)", numpy="stein(#A, #Q)",
        source="discrete Lyapunov equation",
    ),
    Operation(
        name="chol", params="A", says="lower Cholesky factor", shape=shapes.square("chol"),
        d="chol(A)*lowhalf(inv(chol(A))*dA*inv(chol(A))')", means="", domain="A spd",
        latex=r"\operatorname{chol}(#A)", value="chol(A)", numpy="np.linalg.cholesky(#A)",
        source="Murray 2016, arXiv 1602.07527", creates=frozenset({"lower", "invertible"}),
    ),
    Operation(
        name="qrQ", params="X", says="orthonormal factor of the thin QR decomposition of a tall matrix",
        shape=shapes.same,
        d=f"qrQ(X)*(strictlower{_QR_INSIDE} - strictlower{_QR_INSIDE}')"
        " + (eye(rows(X)) - qrQ(X)*qrQ(X)')*dX*inv(qrR(X))",
        means="X*inv(qrR(X))", domain="X full column rank", latex="Q(#X)", value="qrQ(X)", numpy="qrQ(#X)",
        source="Walter & Lehmann 2010",
    ),
    Operation(
        name="qrR", params="X", says="upper triangular factor of the thin QR decomposition, its diagonal positive",
        shape=_thin_triangle, d=f"(triu{_QR_INSIDE} + strictlower{_QR_INSIDE}')*qrR(X)", means="chol(X'*X)'",
        domain="X full column rank", latex="R(#X)", value="qrR(X)", numpy="qrR(#X)", source="Walter & Lehmann 2010",
        creates=frozenset({"upper", "invertible"}),
    ),
    Operation(
        name="luL", params="A", says="lower factor of A = L*U without pivoting, its diagonal 1",
        shape=shapes.square("luL"), d=f"luL(A)*strictlower({_LU_INSIDE})", means="A*inv(luU(A))",
        domain="A invertible", latex="L(#A)", value="luL(A)", numpy="luL(#A)", source="Golub & Van Loan 3.2",
        creates=frozenset({"lower", "invertible"}),
    ),
    Operation(
        name="luU", params="A", says="upper factor of A = L*U without pivoting", shape=shapes.square("luU"),
        d=f"triu({_LU_INSIDE})*luU(A)", means="inv(luL(A))*A", domain="A invertible", latex="U(#A)",
        value="luU(A)", numpy="luU(#A)", source="Golub & Van Loan 3.2", creates=frozenset({"upper", "invertible"}),
    ),
    Operation(
        name="lowhalf", params="x", says="lower triangle with half the diagonal", shape=shapes.square("lowhalf"),
        d="lowhalf(dx)",
        vec={"x": "Diag(vec(lowhalf(ones(rows(x), rows(x)))))"},
        adjoint={"x": "lowhalf(M)"}, means="tril(x) - 1/2*(x.*eye(rows(x)))", domain="any",
        latex=r"\Phi(#x)", value="np.tril(x) - np.diag(np.diag(x)) / 2",
        numpy="np.tril(#x) - np.diag(np.diag(#x)) / 2", source="Murray 2016", creates=frozenset({"lower"}),
    ),
]
