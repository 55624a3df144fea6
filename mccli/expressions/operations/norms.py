"""Norms and other scalar summaries of an array, and distances between rows."""

from __future__ import annotations

from mccli.expressions.operation import THROUGH_MEANING, Demand, Operation
from mccli.expressions.operations import shapes
from mccli.expressions.sizes import ONE, Shape
from mccli.expressions.tree import Node, Number, Transpose, apply, multiply, scaled, split_coefficient, traits

POSITIVE = frozenset({"positive"})


def _norm(name: str) -> object:
    """Norms of scalars are absolute values; numbers move out; a matrix has a Frobenius norm."""

    def normal(x: Node) -> Node | None:
        if x.is_scalar:
            return apply("abs", x) if name != "sqnorm" else apply("power", x, Number(2))
        if isinstance(x, Transpose):
            return apply(name, x.operand)
        coefficient, rest = split_coefficient(x)
        if coefficient != 1:
            factor = abs(coefficient) ** (2 if name == "sqnorm" else 1)
            return multiply(Number(factor), apply(name, rest))
        if "unit" in traits(x) and name in ("norm2", "sqnorm"):
            return Number(1)
        return None

    return normal


def _per_column_upright(s: tuple[Shape, ...], sizes: tuple[object, ...], demand: Demand) -> Shape:
    return (s[0][1], ONE)


def _sqdist_shape(s: tuple[Shape, ...], sizes: tuple[object, ...], demand: Demand) -> Shape:
    demand(s[0][1], s[1][1], "sqdist needs rows of the same length")
    return (s[0][0], s[1][0])


NORMS = [
    Operation(
        name="norm2", params="x", says="Euclidean norm of a vector", shape=shapes.to_scalar, d="inner(x, dx)/norm2(x)",
        means="sqrt(sum(x.^2))", domain="x != 0", latex=r"\lVert #x \rVert", value="norm2(x)",
        numpy="np.linalg.norm(#x)", source="d‖x‖² = 2 x'dx", creates=POSITIVE, normal=_norm("norm2"),  # type: ignore[arg-type]
        aliases=("norm_2",),
    ),
    Operation(
        name="normF", params="x", says="Frobenius norm of a matrix", shape=shapes.to_scalar,
        d="inner(x, dx)/normF(x)", means="sqrt(sum(x.^2))", domain="x != 0", latex=r"\lVert #x \rVert_F",
        value="norm2(x)", numpy="np.linalg.norm(#x)", source="d‖X‖² = 2 tr(X'dX)", creates=POSITIVE,
        normal=_norm("normF"),  # type: ignore[arg-type]
        aliases=("norm_F", "norm_fro"),
    ),
    Operation(
        name="sqnorm", params="x", says="squared Euclidean or Frobenius norm", shape=shapes.to_scalar,
        d="2*inner(x, dx)", means="sum(x.^2)", domain="any", latex=r"\lVert #x \rVert^2",
        value="np.sum(x * x).reshape(1, 1)", numpy="np.sum(#x**2)", source="d‖x‖² = 2 x'dx", normal=_norm("sqnorm"),  # type: ignore[arg-type]
    ),
    Operation(
        name="norm1", params="x", says="sum of the absolute values of the entries", shape=shapes.to_scalar,
        d="inner(sign(x), dx)", means="sum(abs(x))", domain="entries of x != 0", latex=r"\lVert #x \rVert_1",
        value="norm1(x)", numpy="np.sum(np.abs(#x))", source="d|t| = sign(t) dt", creates=POSITIVE,
        normal=_norm("norm1"),  # type: ignore[arg-type]
    ),
    Operation(
        name="norminf", params="x", says="largest absolute value of the entries", shape=shapes.to_scalar,
        d="inner(sign(x).*indmax(abs(x)), dx)", means="max(abs(x))", domain="x unique largest modulus",
        latex=r"\lVert #x \rVert_\infty", value="norminf(x)", numpy="np.max(np.abs(#x))",
        source="derivative of a maximum", creates=POSITIVE, normal=_norm("norminf"),  # type: ignore[arg-type]
    ),
    Operation(
        name="normp", params="x p", says="p-norm", shape=shapes.to_scalar,
        d="inner(sign(x).*abs(x).^(p - 1), dx)/normp(x, p)^(p - 1) + unknown(dp)", means="sum(abs(x).^p)^(1/p)",
        domain="entries of x != 0", latex=r"\lVert #x \rVert_{#p}", value="normp(x, p)",
        numpy="np.sum(np.abs(#x)**#p)**(1 / #p)", source="chain rule", creates=POSITIVE,
    ),
    Operation(
        name="rownorms", params="x", says="Euclidean norm of every row, as a column", shape=shapes.per_row,
        d=THROUGH_MEANING, means="sqrt(rowsums(x.^2))", domain="rows of x != 0", latex=r"\operatorname{rownorms}(#x)",
        value="rownorms(x)", numpy="np.linalg.norm(#x, axis=1)", source="row by row", creates=POSITIVE,
    ),
    Operation(
        name="colnorms", params="x", says="Euclidean norm of every column, as a column", shape=_per_column_upright,
        d=THROUGH_MEANING, means="sqrt(rowsums(x'.^2))", domain="columns of x != 0",
        latex=r"\operatorname{colnorms}(#x)", value="colnorms(x)", numpy="np.linalg.norm(#x, axis=0)",
        source="column by column", creates=POSITIVE,
    ),
    Operation(
        name="max", params="x", says="largest entry", shape=shapes.to_scalar, d="inner(indmax(x), dx)", means="",
        domain="x unique maximum", latex=r"\max(#x)", value="np.sum(indmax(x) * x).reshape(1, 1)", numpy="np.max(#x)",
        source="derivative of a maximum",
    ),
    Operation(
        name="min", params="x", says="smallest entry", shape=shapes.to_scalar, d=THROUGH_MEANING, means="-max(-x)",
        domain="x unique maximum", latex=r"\min(#x)", value="np.min(x).reshape(1, 1)", numpy="np.min(#x)",
        source="min(x) = -max(-x)", normal=lambda x: scaled(-1, apply("max", scaled(-1, x))),
    ),
    Operation(
        name="indmax", params="x", says="1 at the largest entry, else 0", shape=shapes.same, d="0*dx", means="",
        domain="x unique maximum", latex=r"\operatorname{indmax}(#x)", value="indmax(x)",
        numpy="(#x == np.max(#x)).astype(float)", source="constant around a unique maximum",
    ),
    Operation(
        name="prod", params="x", says="product of all entries", shape=shapes.to_scalar, d="prod(x)*sum(dx./x)",
        means="", domain="entries of x != 0", latex=r"\operatorname{prod}(#x)", value="np.prod(x).reshape(1, 1)",
        numpy="np.prod(#x)", source="product rule",
    ),
    Operation(
        name="var", params="x", says="variance of the entries, divisor n", shape=shapes.to_scalar,
        d="2/(rows(x)*cols(x))*inner(x - mean(x), dx)",
        means="mean((x - mean(x)).^2)", domain="any", latex=r"\operatorname{var}(#x)",
        value="np.mean((x - np.mean(x)) ** 2).reshape(1, 1)", numpy="np.var(#x)",
        source="(x - mean(x))'d(mean(x)) = 0",
    ),
    Operation(
        name="std", params="x", says="standard deviation of the entries, divisor n", shape=shapes.to_scalar,
        d="1/(rows(x)*cols(x))*inner(x - mean(x), dx)/std(x)", means="sqrt(var(x))",
        domain="x not constant", latex=r"\operatorname{std}(#x)",
        value="np.sqrt(np.mean((x - np.mean(x)) ** 2)).reshape(1, 1)", numpy="np.std(#x)",
        source="d var = 2 std d std",
        creates=POSITIVE,
    ),
    Operation(
        name="sqdist", params="X Y", says="squared distances between the rows of X and the rows of Y",
        shape=_sqdist_shape, d=THROUGH_MEANING,
        means="rowsums(X.^2)*ones(1, rows(Y)) + ones(rows(X), 1)*rowsums(Y.^2)' - 2*X*Y'", domain="any",
        latex=r"\operatorname{sqdist}(#X, #Y)", value="sqdist(X, Y)",
        numpy="np.sum((#X[:, None, :] - #Y[None, :, :])**2, axis=2)", source="‖x - y‖² = x'x - 2 x'y + y'y",
    ),
]

