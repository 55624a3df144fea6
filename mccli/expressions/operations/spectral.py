"""Eigenvalues of symmetric matrices and singular values, where they are simple."""

from __future__ import annotations

from mccli.errors import ShapeError
from mccli.expressions.operation import THROUGH_MEANING, Demand, Operation
from mccli.expressions.operations import shapes
from mccli.expressions.sizes import ONE, SCALAR, Shape, Size, number_size
from mccli.expressions.tree import Node, apply


def _eigenvector_shape(s: tuple[Shape, ...], sizes: tuple[Size, ...], demand: Demand) -> Shape:
    demand(s[0][0], s[0][1], "an eigenvector needs a square matrix")
    _check_index(sizes[0], s[0][0])
    return (s[0][0], ONE)


def _offinv_shape(s: tuple[Shape, ...], sizes: tuple[Size, ...], demand: Demand) -> Shape:
    return (s[0][0], s[0][0])


def _divided_shape(s: tuple[Shape, ...], sizes: tuple[Size, ...], demand: Demand) -> Shape:
    shapes.equal_shapes(s, sizes, demand)
    demand(s[0][1], ONE, "divdiff needs column vectors")
    return (s[0][0], s[0][0])


def _pencil_value(s: tuple[Shape, ...], sizes: tuple[Size, ...], demand: Demand) -> Shape:
    shapes.pair_of_squares(s, sizes, demand)
    return SCALAR


def _pencil_vector(s: tuple[Shape, ...], sizes: tuple[Size, ...], demand: Demand) -> Shape:
    return (shapes.pair_of_squares(s, sizes, demand)[0], ONE)


def _side_vector(name: str, equation: str, letter: str) -> Operation:
    """A unit eigenvector of a general matrix, by the equation it solves."""
    return Operation(
        name=name, params="X", says=f"unit vector with {equation} for the largest eigenvalue, all of them real",
        shape=shapes.square_to_column(name), analytic=False, d="unknown", means="", domain="X distinct eigenvalues",
        latex=f"{letter}(#X)", value=f"{name}(X)", numpy=f"{name}(#X)[:, 0]", source="Magnus & Neudecker 8.9",
        creates=frozenset({"unit"}),
    )


def _check_index(index: Size, count: Size) -> None:
    """ShapeError for an index that is surely none of 1 ... count."""
    number, most = index.number, count.number
    if number is not None and (number < 1 or number.denominator != 1 or (most is not None and number > most)):
        raise ShapeError(f"there is no number {index} among {count}: eigenvalues and singular values count from 1")


def _eigenvalue_shape(s: tuple[Shape, ...], sizes: tuple[Size, ...], demand: Demand) -> Shape:
    _check_index(sizes[0], s[0][0])
    return shapes.square_to_scalar("eigval")(s, sizes, demand)


def _right_vector(s: tuple[Shape, ...], sizes: tuple[Size, ...], demand: Demand) -> Shape:
    return (s[0][1], ONE)


def _thin_values(s: tuple[Shape, ...], sizes: tuple[Size, ...], demand: Demand) -> Shape:
    return (s[0][1], ONE)


def _thin_right(s: tuple[Shape, ...], sizes: tuple[Size, ...], demand: Demand) -> Shape:
    return (s[0][1], s[0][1])


def _singular_value(s: tuple[Shape, ...], sizes: tuple[Size, ...], demand: Demand) -> Shape:
    for count in s[0]:
        _check_index(sizes[0], count)
    return SCALAR


def _largest(x: Node) -> Node:
    return apply("eigval", x, sizes=(x.rows,))


def _smallest(x: Node) -> Node:
    return apply("eigval", x, sizes=(number_size(1),))


def _spectral_norm(x: Node) -> Node:
    return apply("sv", x, sizes=(number_size(1),))


_SIMPLE = "X symmetric with distinct eigenvalues"

SPECTRAL = [
    Operation(
        name="eigs", params="X", says="eigenvalues of a symmetric matrix, ascending", analytic=False,
        shape=shapes.square_to_column("eigs"), d="diag(eigvecs(X)'*dX*eigvecs(X))", means="", domain=_SIMPLE,
        latex=r"\lambda(#X)", value="eigs(X)", numpy="np.linalg.eigvalsh(#X)", source="Magnus & Neudecker 8.9",
    ),
    Operation(
        name="eigvecs", params="X", says="orthonormal eigenvectors of a symmetric matrix, as columns", analytic=False,
        shape=shapes.square("eigvecs"), d="eigvecs(X)*(offinv(eigs(X)).*(eigvecs(X)'*dX*eigvecs(X)))", means="",
        domain=_SIMPLE, latex=r"V(#X)", value="eigvecs(X)", numpy="eigvecs(#X)",
        source="Magnus & Neudecker 8.9", creates=frozenset({"orthogonal"}),
    ),
    Operation(
        name="eigval", params="X", sizes="k", says="k-th eigenvalue of a symmetric matrix, ascending", analytic=False,
        shape=_eigenvalue_shape, d="eigvec(X, k)'*dX*eigvec(X, k)", means="", domain=_SIMPLE,
        latex=r"\lambda_{#k}(#X)", value="eigs(X)[k - 1].reshape(1, 1)", numpy="np.linalg.eigvalsh(#X)[#k - 1]",
        source="Magnus & Neudecker 8.9",
    ),
    Operation(
        name="eigvec", params="X", sizes="k", says="unit eigenvector of the k-th eigenvalue", analytic=False,
        shape=_eigenvector_shape, d="eigvecs(X)*(offinv(eigs(X)).*(eigvecs(X)'*dX*eigvecs(X)))*unit(k, rows(X))",
        means="", domain=_SIMPLE, latex=r"v_{#k}(#X)", value="eigvecs(X)[:, k - 1 : k]",
        numpy="eigvecs(#X)[:, #k - 1]", source="Magnus & Neudecker 8.9", creates=frozenset({"unit"}),
    ),
    Operation(
        name="eigmax", params="X", says="largest eigenvalue of a symmetric matrix", analytic=False,
        shape=shapes.square_to_scalar("eigmax"), d=THROUGH_MEANING, means="eigval(X, rows(X))", domain=_SIMPLE,
        latex=r"\lambda_{\max}(#X)", value="eigs(X)[-1].reshape(1, 1)", numpy="np.linalg.eigvalsh(#X)[-1]",
        source="Magnus & Neudecker 8.9", normal=_largest,
    ),
    Operation(
        name="eigmin", params="X", says="smallest eigenvalue of a symmetric matrix", analytic=False,
        shape=shapes.square_to_scalar("eigmin"), d=THROUGH_MEANING, means="eigval(X, 1)", domain=_SIMPLE,
        latex=r"\lambda_{\min}(#X)", value="eigs(X)[0].reshape(1, 1)", numpy="np.linalg.eigvalsh(#X)[0]",
        source="Magnus & Neudecker 8.9", normal=_smallest,
    ),
    Operation(
        name="offinv", params="w", says="1/(w_j - w_i) off the diagonal, 0 on it", shape=_offinv_shape,
        d="-offinv(w).*offinv(w).*(ones(rows(w), 1)*dw' - dw*ones(1, rows(w)))",
        means="", domain="any", latex=r"F(#w)", value="offinv(w)", numpy="offinv(#w[:, None])",
        source="Giles 2008, 3.1",
    ),
    Operation(
        name="divdiff", params="w f g", says="divided differences (f_i - f_j)/(w_i - w_j), g on the diagonal",
        shape=_divided_shape, d=THROUGH_MEANING,
        means="(ones(rows(w), 1)*f' - f*ones(1, rows(w))).*offinv(w) + Diag(g)", domain="any",
        latex=r"\operatorname{divdiff}(#w, #f, #g)", value="divdiff(w, f, g)", numpy="divdiff(#w, #f, #g)",
        source="Daleckii & Krein; Higham, Functions of Matrices, 3.11",
    ),
    Operation(
        name="eigval_general", params="X", says="largest eigenvalue of a matrix with real, distinct eigenvalues",
        shape=shapes.square_to_scalar("eigval_general"), analytic=False,
        d="eigvec_left(X)'*dX*eigvec_right(X)/(eigvec_left(X)'*eigvec_right(X))", means="",
        domain="X distinct eigenvalues", latex=r"\lambda_{\max}(#X)", value="eigval_general(X)",
        numpy="eigval_general(#X)[0, 0]", source="Magnus & Neudecker 8.9",
    ),
    _side_vector("eigvec_right", "X v = λ v", "v"),
    _side_vector("eigvec_left", "w'X = λ w'", "w"),
    Operation(
        name="eigval_generalized", params="A B", says="largest λ with A v = λ B v for symmetric A and spd B",
        shape=_pencil_value, analytic=False,
        d="eigvec_generalized(A, B)'*(dA - eigval_generalized(A, B)*dB)*eigvec_generalized(A, B)",
        means="eigmax(inv(chol(B))*A*inv(chol(B))')", domain="A symmetric, B spd",
        latex=r"\lambda_{\max}(#A, #B)", value="eigval_generalized(A, B)", numpy="eigval_generalized(#A, #B)[0, 0]",
        source="Magnus & Neudecker 8.9",
    ),
    Operation(
        name="eigvec_generalized", params="A B", says="the v with A v = λ B v for the largest λ, and v'B v = 1",
        shape=_pencil_vector, analytic=False, d="unknown", means="", domain="A symmetric, B spd",
        latex=r"v(#A, #B)", value="eigvec_generalized(A, B)", numpy="eigvec_generalized(#A, #B)[:, 0]",
        source="Magnus & Neudecker 8.9",
    ),
    Operation(
        name="sv", params="X", sizes="k", says="k-th singular value, largest first", analytic=False,
        shape=_singular_value,
        d="svu(X, k)'*dX*svv(X, k)", means="", domain="X distinct singular values", latex=r"\sigma_{#k}(#X)",
        value="svdS(X)[k - 1].reshape(1, 1)", numpy="np.linalg.svd(#X, compute_uv=False)[#k - 1]",
        source="Giles 2008, 3.2",
    ),
    Operation(
        name="svu", params="X", sizes="k", says="k-th left singular vector", shape=shapes.per_row, analytic=False,
        d="unknown", means="", domain="X distinct singular values", latex=r"u_{#k}(#X)",
        value="svdU(X)[:, k - 1 : k]", numpy="_svd(#X, 'svd')[0][:, #k - 1]",
        source="Giles 2008, 3.2", creates=frozenset({"unit"}),
    ),
    Operation(
        name="svv", params="X", sizes="k", says="k-th right singular vector", shape=_right_vector, analytic=False,
        d="unknown", means="", domain="X distinct singular values", latex=r"v_{#k}(#X)",
        value="svdV(X)[:, k - 1 : k]", numpy="_svd(#X, 'svd')[2][:, #k - 1]",
        source="Giles 2008, 3.2", creates=frozenset({"unit"}),
    ),
    Operation(
        name="svdS", params="X", says="singular values of a tall matrix, largest first", shape=_thin_values,
        analytic=False, d="diag(svdU(X)'*dX*svdV(X))", means="", domain="X full column rank",
        latex=r"\sigma(#X)", value="svdS(X)", numpy="np.linalg.svd(#X, compute_uv=False)", source="Giles 2008, 3.2",
    ),
    Operation(
        name="svdU", params="X", says="left singular vectors of a tall matrix, thin", shape=shapes.same,
        analytic=False, d="unknown", means="", domain="X full column rank", latex="U(#X)", value="svdU(X)",
        numpy="_svd(#X, 'svd')[0]", source="Giles 2008, 3.2",
    ),
    Operation(
        name="svdV", params="X", says="right singular vectors of a tall matrix", shape=_thin_right, analytic=False,
        d="unknown", means="", domain="X full column rank", latex="V(#X)", value="svdV(X)",
        numpy="_svd(#X, 'svd')[2]", source="Giles 2008, 3.2",
    ),
    Operation(
        name="schatten", params="X p", says="Schatten norm: the p-norm of the singular values (full column rank)",
        shape=shapes.to_scalar, d=THROUGH_MEANING, means="sum(svdS(X).^p)^(1/p)", domain="X full column rank",
        latex=r"\lVert #X \rVert_{S_{#p}}", value="np.sum(svdS(X) ** p[0, 0]).reshape(1, 1) ** (1 / p[0, 0])",
        numpy="np.sum(np.linalg.svd(#X, compute_uv=False)**#p)**(1 / #p)", source="Giles 2008, 3.2", analytic=False,
    ),
    Operation(
        name="normspec", params="X", says="spectral norm: the largest singular value", shape=shapes.to_scalar,
        d=THROUGH_MEANING, means="sv(X, 1)", domain="X distinct singular values", latex=r"\lVert #X \rVert_2",
        value="svdS(X)[0].reshape(1, 1)", numpy="np.linalg.norm(#X, 2)", source="Giles 2008, 3.2", analytic=False,
        normal=_spectral_norm,
    ),
    Operation(
        name="normnuc", params="X", says="nuclear norm: the sum of the singular values (full column rank)",
        shape=shapes.to_scalar, d="tr(svdV(X)*svdU(X)'*dX)", means="tr(sqrtm(X'*X))", domain="X full column rank",
        latex=r"\lVert #X \rVert_*", value="np.sum(svdS(X)).reshape(1, 1)", numpy="np.linalg.norm(#X, 'nuc')",
        source="tr (X'X)^(1/2)", analytic=False,
    ),
]
