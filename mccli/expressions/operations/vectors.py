"""Softmax and log-sum-exp: of a vector, of every row, of every column."""

from __future__ import annotations

from mccli.expressions.operation import Demand, NormalForm, Operation
from mccli.expressions.operations import shapes
from mccli.expressions.sizes import ONE, SCALAR, Shape, Size
from mccli.expressions.tree import apply

POSITIVE = frozenset({"positive"})


def _by_row(name: str) -> NormalForm:
    """Of a matrix, softmax and its kin act on every row."""
    return lambda x: None if x.columns == ONE else apply(f"{name}_rows", x)


def _logsumexp_shape(s: tuple[Shape, ...], sizes: tuple[Size, ...], demand: Demand) -> Shape:
    return SCALAR if s[0][1] == ONE else (s[0][0], ONE)

VECTORS = [
    Operation(
        name="softmax", params="x", says="exp(x) divided by its sum, for a vector", shape=shapes.same,
        normal=_by_row("softmax"),
        d="softmax(x).*dx - softmax(x)*(softmax(x)'*dx)", means="exp(x)/sum(exp(x))", domain="any",
        latex=r"\operatorname{softmax}(#x)", value="softmax(x)",
        numpy="np.exp(#x - np.max(#x)) / np.sum(np.exp(#x - np.max(#x)))", source="Boyd & Vandenberghe 3.1.5",
        creates=frozenset({"simplex"}),
    ),
    Operation(
        name="logsumexp", params="x", says="log of the sum of the exponentials of the entries",
        shape=_logsumexp_shape, normal=_by_row("logsumexp"),
        d="softmax(x)'*dx", means="log(sum(exp(x)))", domain="any",
        latex=r"\operatorname{logsumexp}(#x)", value="logsumexp(x)",
        numpy="np.max(#x) + np.log(np.sum(np.exp(#x - np.max(#x))))", source="Boyd & Vandenberghe 3.1.5",
        aliases=("lse", "LSE"),
    ),
    Operation(
        name="logsoftmax", params="x", says="log of softmax", shape=shapes.same,
        normal=_by_row("logsoftmax"),
        d="dx - ones(rows(x), 1)*(softmax(x)'*dx)", means="log(softmax(x))", domain="any",
        latex=r"\log\operatorname{softmax}(#x)", value="logsoftmax(x)",
        numpy="#x - np.max(#x) - np.log(np.sum(np.exp(#x - np.max(#x))))", source="x - logsumexp(x)",
        aliases=("log_softmax",),
    ),
    Operation(
        name="logsoftmax_rows", params="X", says="log of softmax of every row", shape=shapes.same,
        d="dX - rowsums(softmax_rows(X).*dX)*ones(1, cols(X))", means="log(softmax_rows(X))", domain="any",
        latex=r"\log\operatorname{softmax}_{\text{rows}}(#X)", value="X - logsumexp_rows(X)",
        numpy="#X - logsumexp_rows(#X)", source="logsoftmax, row by row",
    ),
    Operation(
        name="softmax_rows", params="X", says="softmax of every row", shape=shapes.same,
        d="softmax_rows(X).*dX - softmax_rows(X).*(rowsums(softmax_rows(X).*dX)*ones(1, cols(X)))",
        means="exp(X)./(rowsums(exp(X))*ones(1, cols(X)))", domain="any",
        latex=r"\operatorname{softmax}_{\text{rows}}(#X)", value="softmax_rows(X)",
        numpy="softmax_rows(#X)", source="softmax, row by row", creates=POSITIVE,
    ),
    Operation(
        name="softmax_cols", params="X", says="softmax of every column", shape=shapes.same,
        d="softmax_cols(X).*dX - softmax_cols(X).*(ones(rows(X), 1)*colsums(softmax_cols(X).*dX))",
        means="exp(X)./(ones(rows(X), 1)*colsums(exp(X)))", domain="any",
        latex=r"\operatorname{softmax}_{\text{cols}}(#X)", value="softmax_cols(X)",
        numpy="softmax_cols(#X)", source="softmax, column by column", creates=POSITIVE,
    ),
    Operation(
        name="logsumexp_rows", params="X", says="logsumexp of every row, as a column", shape=shapes.per_row,
        d="rowsums(softmax_rows(X).*dX)", means="log(rowsums(exp(X)))", domain="any",
        latex=r"\operatorname{logsumexp}_{\text{rows}}(#X)", value="logsumexp_rows(X)",
        numpy="logsumexp_rows(#X)[:, 0]", source="logsumexp, row by row",
    ),
    Operation(
        name="logsumexp_cols", params="X", says="logsumexp of every column, as a row", shape=shapes.per_column,
        d="colsums(softmax_cols(X).*dX)", means="log(colsums(exp(X)))", domain="any",
        latex=r"\operatorname{logsumexp}_{\text{cols}}(#X)", value="logsumexp_cols(X)",
        numpy="logsumexp_cols(#X)", source="logsumexp, column by column",
    ),
]
