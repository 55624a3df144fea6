"""Linear operations: trace, sums, means, diagonals, vec and its inverse, triangles.

Each also says how it moves across an inner product: ``adjoint`` is the G in <M, f(E)> = <G, E>.
"""

from __future__ import annotations

from mccli.errors import ShapeError
from mccli.expressions.operation import THROUGH_MEANING, Demand, Operation
from mccli.expressions.operations import shapes
from mccli.expressions.sizes import ONE, Shape, Size, number_size
from mccli.expressions.tree import (
    Apply,
    Node,
    Number,
    Product,
    Sum,
    Transpose,
    add,
    apply,
    eye,
    is_eye,
    is_ones,
    is_operation,
    is_zero,
    multiply,
    scaled,
    size_scalar,
    split_coefficient,
    traits,
    transpose,
    zeros,
)

THREE = number_size(3)

_SKEW_3 = (
    "unit(1, 3)'*a*(unit(3, 3)*unit(2, 3)' - unit(2, 3)*unit(3, 3)')"
    " + unit(2, 3)'*a*(unit(1, 3)*unit(3, 3)' - unit(3, 3)*unit(1, 3)')"
    " + unit(3, 3)'*a*(unit(2, 3)*unit(1, 3)' - unit(1, 3)*unit(2, 3)')"
)
_AXIAL_3 = (
    "(entry(x, 3, 2) - entry(x, 2, 3))*unit(1, 3)"
    " + (entry(x, 1, 3) - entry(x, 3, 1))*unit(2, 3)"
    " + (entry(x, 2, 1) - entry(x, 1, 2))*unit(3, 3)"
)


def _linear(name: str, argument: Node) -> Node | None:
    """Scalars move out of a linear operation; zero goes to zero."""
    if isinstance(argument, Product) and (argument.coefficient != 1 or argument.scalars) and not argument.is_scalar:
        rest = multiply(*argument.chain)
        return multiply(Number(argument.coefficient), *argument.scalars, apply(name, rest))
    return None


def _trace(x: Node) -> Node | None:
    """tr of a scalar is the scalar, of I is n; tr(u v') = v'u; tr(A ⊗ B) = tr(A) tr(B)."""
    if x.is_scalar:
        return x
    if is_zero(x):
        return Number(0)
    if is_eye(x):
        return size_scalar(x.rows)
    if "skew" in traits(x):
        return Number(0)
    if isinstance(x, Transpose):
        return apply("tr", x.operand)
    if is_operation(x, "kron"):
        a, b = x.children()
        if a.rows == a.columns and b.rows == b.columns:
            return multiply(apply("tr", a), apply("tr", b))
    if isinstance(x, Sum) and any(is_eye(n) for _, n in x.terms):
        return add(*(scaled(c, apply("tr", n)) for c, n in x.terms))
    if isinstance(x, Product):
        for i, factor in enumerate(x.chain):
            if factor.columns == ONE:
                rest = multiply(*x.chain[i + 1 :], *x.chain[: i + 1])
                return multiply(Number(x.coefficient), *x.scalars, rest)
        return _linear("tr", x)
    return None


def _sum(x: Node) -> Node | None:
    """Scalars move out; the entries of a vector on the simplex add up to 1."""
    if "simplex" in traits(x):
        return Number(1)
    if is_ones(x):
        return size_scalar(x.rows * x.columns)
    return x if x.is_scalar else _linear("sum", x)


def _vec(x: Node) -> Node | None:
    """A vector is its own vec, a row the vec of its transpose; scalars move out."""
    if ONE in x.shape:
        return x if x.columns == ONE else transpose(x)
    if is_operation(x, "unvec"):
        return x.children()[0]
    return _linear("vec", x)


def _unvec(x: Node, *, sizes: Shape) -> Node | None:
    if is_operation(x, "vec"):
        matrix = x.children()[0]
        return matrix if matrix.shape == sizes else None
    if x.rows == ONE and x.columns != ONE:
        return apply("unvec", transpose(x), sizes=sizes)
    return x if x.shape == sizes else None


def _diag_shape(s: tuple[Shape, ...], sizes: tuple[Size, ...], demand: Demand) -> Shape:
    if s[0] == (ONE, ONE):
        raise ShapeError("diag needs a vector or a matrix")
    if s[0][1] == ONE:
        return (s[0][0], s[0][0])
    return shapes.square_to_column("diag")(s, sizes, demand)


def _diag(x: Node) -> Node | None:
    """diag of a vector is the diagonal matrix; diag of Diag is the vector."""
    if x.columns == ONE:
        return apply("Diag", x)
    if is_operation(x, "Diag"):
        return x.children()[0]
    return apply("diag", x.operand) if isinstance(x, Transpose) else _linear("diag", x)


def _big_diag(x: Node) -> Node | None:
    if x.is_scalar:
        return x
    coefficient, rest = split_coefficient(x)
    scalars = rest.scalars if isinstance(rest, Product) else ()
    core = multiply(*rest.chain) if isinstance(rest, Product) and rest.chain else rest
    if core.shape == x.shape and getattr(core, "name", "") == "ones":
        return multiply(Number(coefficient), *scalars, eye(x.rows))
    if coefficient != 1 or scalars:
        return multiply(Number(coefficient), *scalars, apply("Diag", core))
    return None


def _triangle_of_diagonal(x: Node) -> Node | None:
    return x if isinstance(x, Apply) and x.operation.name == "Diag" else None


def _unvec_shape(s: tuple[Shape, ...], sizes: tuple[Size, ...], demand: Demand) -> Shape:
    length, other = (s[0][1], s[0][0]) if s[0][0] == ONE else s[0]
    demand(length, sizes[0] * sizes[1], "unvec(v, m, n) needs a vector of length m*n")
    demand(other, ONE, "unvec needs a vector")
    return (sizes[0], sizes[1])


def _three_vector(s: tuple[Shape, ...], sizes: tuple[Size, ...], demand: Demand) -> Shape:
    demand(s[0][0], THREE, "skew3 needs a vector of length 3")
    demand(s[0][1], ONE, "skew3 needs a vector of length 3")
    return (THREE, THREE)


def _three_square(s: tuple[Shape, ...], sizes: tuple[Size, ...], demand: Demand) -> Shape:
    demand(s[0][0], THREE, "axial3 needs a 3x3 matrix")
    demand(s[0][1], THREE, "axial3 needs a 3x3 matrix")
    return (THREE, ONE)


def _axial(x: Node) -> Node | None:
    """axial3(skew3(a)) = 2a; a symmetric matrix has no axial vector."""
    if is_operation(x, "skew3"):
        return scaled(2, x.children()[0])
    return zeros((THREE, ONE)) if "symmetric" in traits(x) else None


def _mean(x: Node) -> Node | None:
    return x if x.is_scalar else None


LINEAR = [
    Operation(
        name="tr", params="x", says="trace: the sum of the diagonal entries",
        shape=shapes.square_to_scalar("a trace"), d="tr(dx)",
        vec={"x": "vec(eye(rows(x)))'"},
        adjoint={"x": "M*eye(rows(x))"},
        means="sum(diag(x))", domain="any", latex=r"\operatorname{tr}(#x)", value="np.trace(x).reshape(1, 1)",
        numpy="np.trace(#x)", source="Magnus & Neudecker 1.10", aliases=("trace", "Tr", "Trace"), normal=_trace,
    ),
    Operation(
        name="sum", params="x", says="sum of all entries", shape=shapes.to_scalar, d="sum(dx)",
        vec={"x": "ones(1, rows(x)*cols(x))"},
        adjoint={"x": "M*ones(rows(x), cols(x))"}, means="ones(1, rows(x))*x*ones(cols(x), 1)", domain="any",
        latex=r"\operatorname{sum}(#x)", value="np.sum(x).reshape(1, 1)", numpy="np.sum(#x)",
        source="1'X1", normal=_sum,
    ),
    Operation(
        name="rowsums", params="x", says="sums of the rows, as a column: sum(X,2)", shape=shapes.per_row,
        d="rowsums(dx)",
        vec={"x": "kron(ones(1, cols(x)), eye(rows(x)))"},
        adjoint={"x": "M*ones(1, cols(x))"}, means="x*ones(cols(x), 1)", domain="any",
        latex=r"#x\,\mathbf{1}", value="np.sum(x, axis=1, keepdims=True)", numpy="np.sum(#x, axis=1)", source="X1",
        normal=lambda x: x if x.columns == ONE else None,
    ),
    Operation(
        name="colsums", params="x", says="sums of the columns, as a row: sum(X,1)", shape=shapes.per_column,
        d="colsums(dx)",
        vec={"x": "kron(eye(cols(x)), ones(1, rows(x)))"},
        adjoint={"x": "ones(rows(x), 1)*M"}, means="ones(1, rows(x))*x", domain="any",
        latex=r"\mathbf{1}^{\top} #x", value="np.sum(x, axis=0, keepdims=True)",
        numpy="np.sum(#x, axis=0)[None, :]", source="1'X", normal=lambda x: x if x.rows == ONE else None,
    ),
    Operation(
        name="mean", params="x", says="mean of all entries", shape=shapes.to_scalar, d="mean(dx)",
        vec={"x": "1/(rows(x)*cols(x))*ones(1, rows(x)*cols(x))"},
        adjoint={"x": "M/(rows(x)*cols(x))*ones(rows(x), cols(x))"}, means="1/(rows(x)*cols(x))*sum(x)", domain="any",
        latex=r"\operatorname{mean}(#x)", value="np.mean(x).reshape(1, 1)", numpy="np.mean(#x)", source="1'X1/(mn)",
        normal=_mean,
    ),
    Operation(
        name="rowmeans", params="x", says="means of the rows, as a column: mean(X,2)", shape=shapes.per_row,
        d=THROUGH_MEANING, means="1/cols(x)*rowsums(x)", domain="any", latex=r"\operatorname{rowmeans}(#x)",
        value="np.mean(x, axis=1, keepdims=True)", numpy="np.mean(#x, axis=1)", source="X1/n",
        normal=lambda x: multiply(apply("power", size_scalar(x.columns), Number(-1)), apply("rowsums", x)),
    ),
    Operation(
        name="colmeans", params="x", says="means of the columns, as a row: mean(X,1)", shape=shapes.per_column,
        d=THROUGH_MEANING, means="1/rows(x)*colsums(x)", domain="any", latex=r"\operatorname{colmeans}(#x)",
        value="np.mean(x, axis=0, keepdims=True)", numpy="np.mean(#x, axis=0)[None, :]", source="1'X/m",
        normal=lambda x: multiply(apply("power", size_scalar(x.rows), Number(-1)), apply("colsums", x)),
    ),
    Operation(
        name="diag", params="x", says="diagonal of a matrix, as a column", shape=_diag_shape,
        d="diag(dx)",
        vec={"x": "diagsel(rows(x))"},
        adjoint={"x": "Diag(M)"}, means="(x.*eye(rows(x)))*ones(rows(x), 1)", domain="any",
        latex=r"\operatorname{diag}(#x)", value="np.diag(x).reshape(-1, 1)", numpy="np.diag(#x)",
        source="Magnus & Neudecker 2.7", normal=_diag,
    ),
    Operation(
        name="Diag", params="x", says="diagonal matrix of a vector", shape=shapes.column("Diag", "square"),
        d="Diag(dx)",
        vec={"x": "diagsel(rows(x))'"},
        adjoint={"x": "diag(M)"}, means="(x*ones(1, rows(x))).*eye(rows(x))", domain="any",
        latex=r"\operatorname{Diag}(#x)", value="np.diag(x[:, 0])", numpy="np.diag(#x)",
        source="Magnus & Neudecker 2.7", creates=frozenset({"diagonal"}), normal=_big_diag,
    ),
    Operation(
        name="vec", params="x", says="columns stacked into one vector", shape=shapes.vectorised, d="vec(dx)",
        vec={"x": "eye(rows(x)*cols(x))"},
        adjoint={"x": "unvec(M, rows(x), cols(x))"}, means="vec(x)", domain="any",
        latex=r"\operatorname{vec}(#x)", value="vec(x)", numpy="#x.reshape(-1, order='F')",
        source="Magnus & Neudecker 2.4", normal=_vec,
    ),
    Operation(
        name="unvec", params="x", sizes="m n", says="matrix of the given size whose vec is the vector",
        shape=_unvec_shape, d="unvec(dx, m, n)",
        vec={"x": "eye(m*n)"},
        adjoint={"x": "vec(M)"}, means="unvec(x, m, n)", domain="any",
        latex=r"\operatorname{unvec}_{#m\times #n}(#x)", value="unvec(x, m, n)",
        numpy="#x.reshape((#m, #n), order='F')", source="Magnus & Neudecker 2.4", normal=_unvec,
    ),
    Operation(
        name="tril", params="x", says="lower triangle with the diagonal", shape=shapes.square("tril"), d="tril(dx)",
        vec={"x": "Diag(vec(tril(ones(rows(x), rows(x)))))"},
        adjoint={"x": "tril(M)"}, means="tril(x)", domain="any", latex=r"\operatorname{tril}(#x)",
        value="np.tril(x)", numpy="np.tril(#x)", source="projection onto lower triangular matrices",
        creates=frozenset({"lower"}), normal=_triangle_of_diagonal,
    ),
    Operation(
        name="triu", params="x", says="upper triangle with the diagonal", shape=shapes.square("triu"), d="triu(dx)",
        vec={"x": "Diag(vec(triu(ones(rows(x), rows(x)))))"},
        adjoint={"x": "triu(M)"}, means="triu(x)", domain="any", latex=r"\operatorname{triu}(#x)",
        value="np.triu(x)", numpy="np.triu(#x)", source="projection onto upper triangular matrices",
        creates=frozenset({"upper"}), normal=_triangle_of_diagonal,
    ),
    Operation(
        name="strictlower", params="x", says="lower triangle without the diagonal: tril(X,-1)",
        shape=shapes.square("tril"), d="strictlower(dx)",
        vec={"x": "Diag(vec(strictlower(ones(rows(x), rows(x)))))"},
        adjoint={"x": "strictlower(M)"},
        means="tril(x) - x.*eye(rows(x))", domain="any", latex=r"\operatorname{tril}_{-1}(#x)",
        value="np.tril(x, -1)", numpy="np.tril(#x, -1)",
        source="projection onto strictly lower triangular matrices", creates=frozenset({"lower"}),
    ),
    Operation(
        name="strictupper", params="x", says="upper triangle without the diagonal: triu(X,1)",
        shape=shapes.square("triu"), d="strictupper(dx)",
        vec={"x": "Diag(vec(strictupper(ones(rows(x), rows(x)))))"},
        adjoint={"x": "strictupper(M)"},
        means="triu(x) - x.*eye(rows(x))", domain="any", latex=r"\operatorname{triu}_{1}(#x)",
        value="np.triu(x, 1)", numpy="np.triu(#x, 1)",
        source="projection onto strictly upper triangular matrices", creates=frozenset({"upper"}),
    ),
    Operation(
        name="cumsum", params="x", says="sums of the first 1, 2, ... entries of a vector",
        shape=shapes.column("cumsum", "column"), d="cumsum(dx)",
        vec={"x": "tril(ones(rows(x), rows(x)))"},
        adjoint={"x": "triu(ones(rows(x), rows(x)))*M"}, means="tril(ones(rows(x), rows(x)))*x", domain="any",
        latex=r"\operatorname{cumsum}(#x)", value="np.cumsum(x, axis=0)", numpy="np.cumsum(#x)",
        source="triangle of ones times x",
    ),
    Operation(
        name="skew3", params="a", says="the 3x3 matrix with skew3(a)*x = cross(a,x)", shape=_three_vector,
        d="skew3(da)",
        vec={"a": "hcat(hcat(vec(skew3(unit(1, 3))), vec(skew3(unit(2, 3)))), vec(skew3(unit(3, 3))))"},
        adjoint={"a": "axial3(M)"}, means=_SKEW_3, domain="any", latex=r"[#a]_{\times}",
        value="np.cross(a.T, np.eye(3)).T", numpy="np.cross(#a, np.eye(3)).T", source="cross product as a matrix",
        creates=frozenset({"skew"}),
    ),
    Operation(
        name="axial3", params="x", says="(x32 - x23, x13 - x31, x21 - x12): half of it is a where x = skew3(a)",
        shape=_three_square, d="axial3(dx)",
        vec={"x": "hcat(hcat(vec(skew3(unit(1, 3))), vec(skew3(unit(2, 3)))), vec(skew3(unit(3, 3))))'"},
        adjoint={"x": "skew3(M)"}, means=_AXIAL_3, domain="any",
        latex=r"\operatorname{axial}(#x)", value="np.sum(np.cross(np.eye(3), x.T), axis=0).reshape(-1, 1)",
        numpy="np.sum(np.cross(np.eye(3), #x.T), axis=0)", source="adjoint of skew3", normal=_axial,
    ),
    Operation(
        name="sym", params="x", says="symmetric part (X + X')/2", shape=shapes.square("sym"), d="sym(dx)",
        vec={"x": "1/2*(eye(rows(x)*rows(x)) + commutation(rows(x), rows(x)))"},
        adjoint={"x": "sym(M)"}, means="1/2*(x + x')", domain="any", latex=r"\operatorname{sym}(#x)",
        value="(x + x.T) / 2", numpy="(#x + #x.T) / 2", source="projection onto symmetric matrices",
        creates=frozenset({"symmetric"}), normal=lambda x: x if transpose(x) == x else None,
    ),
    Operation(
        name="toepsum", params="x", says="Toeplitz matrix of the sums along the diagonals",
        shape=shapes.square("toepsum"), d="toepsum(dx)",
        vec={"x": "unknown"},
        adjoint={"x": "toepsum(M)"}, means="toepsum(x)",
        domain="any", latex=r"\operatorname{toepsum}(#x)", value="toepsum(x)", numpy="toepsum(#x)",
        source="Matrix Cookbook (143)",
    ),
    Operation(
        name="circsum", params="x", says="circulant matrix of the sums along the wrapped diagonals",
        shape=shapes.square("circsum"), d="circsum(dx)",
        vec={"x": "unknown"},
        adjoint={"x": "circsum(M)"}, means="circsum(x)",
        domain="any", latex=r"\operatorname{circsum}(#x)", value="circsum(x)", numpy="circsum(#x)",
        source="sums over the circulant group",
    ),
]
