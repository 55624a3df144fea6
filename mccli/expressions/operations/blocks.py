"""Matrices side by side and on top of one another, and the blocks that come back out."""

from __future__ import annotations

from mccli.expressions.operation import Demand, Operation
from mccli.expressions.sizes import Shape, Size
from mccli.expressions.tree import Node, is_operation

Shapes = tuple[Shape, ...]
Sizes = tuple[Size, ...]


def _stacked(s: Shapes, sizes: Sizes, demand: Demand) -> Shape:
    demand(s[0][1], s[1][1], "vcat needs the same number of columns")
    return (s[0][0] + s[1][0], s[0][1])


def _beside(s: Shapes, sizes: Sizes, demand: Demand) -> Shape:
    demand(s[0][0], s[1][0], "hcat needs the same number of rows")
    return (s[0][0], s[0][1] + s[1][1])


def _in_blocks(s: Shapes, sizes: Sizes, demand: Demand) -> Shape:
    (upper, left), (upper_right, right), (lower, lower_left), (lower_right, last) = s
    demand(upper, upper_right, "block(A, B, C, D) needs as many rows in A as in B")
    demand(lower, lower_right, "block(A, B, C, D) needs as many rows in C as in D")
    demand(left, lower_left, "block(A, B, C, D) needs as many columns in A as in C")
    demand(right, last, "block(A, B, C, D) needs as many columns in B as in D")
    return (upper + lower, left + right)


def _some_rows(s: Shapes, sizes: Sizes, demand: Demand) -> Shape:
    return (sizes[0], s[0][1])


def _some_columns(s: Shapes, sizes: Sizes, demand: Demand) -> Shape:
    return (s[0][0], sizes[0])


def _block(of: str, first: bool, along: int) -> object:
    """A block of all rows or columns is the whole; a block of a concatenation is what was put there."""

    def normal(x: Node, *, sizes: Sizes) -> Node | None:
        if x.shape[along] == sizes[0]:
            return x
        if is_operation(x, of):
            part = x.children()[0 if first else 1]
            return part if part.shape[along] == sizes[0] else None
        return None

    return normal


def _cut(name: str, says: str, of: str, first: bool, adjoint: str, vec: str, value: str) -> Operation:
    along = 0 if of == "vcat" else 1
    return Operation(
        name=name, params="x", sizes="k", says=says, shape=_some_columns if along else _some_rows,
        d=f"{name}(dx, k)", vec={"x": vec}, adjoint={"x": adjoint}, means="", domain="any",
        latex=rf"\operatorname{{{name}}}_{{#k}}(#x)", value=value,
        numpy=value.replace("x[", "#x[").replace("x.", "#x.").replace("k", "#k"),
        source="selection is linear", normal=_block(of, first, along),  # type: ignore[arg-type]
    )


_ALL_ROWS = "rows(A) + rows(C)"
_UPPER_ROWS = "kron(eye(cols({0})), vcat(eye(rows(A)), zeros(rows(C), rows(A))))"
_LOWER_ROWS = "kron(eye(cols({0})), vcat(zeros(rows(A), rows(C)), eye(rows(C))))"

BLOCKS = [
    Operation(
        name="vcat", params="A B", says="A on top of B", shape=_stacked, d="vcat(dA, dB)", jointly_linear=True,
        vec={
            "A": "kron(eye(cols(A)), vcat(eye(rows(A)), zeros(rows(B), rows(A))))",
            "B": "kron(eye(cols(B)), vcat(zeros(rows(A), rows(B)), eye(rows(B))))",
        },
        adjoint={"A": "top(M, rows(A))", "B": "bottom(M, rows(B))"}, means="", domain="any",
        latex=r"\begin{bmatrix} #A \\ #B \end{bmatrix}", value="np.vstack([A, B])",
        numpy="np.concatenate([#A, #B])", source="Magnus & Neudecker 1.8",
    ),
    Operation(
        name="hcat", params="A B", says="A to the left of B", shape=_beside, d="hcat(dA, dB)", jointly_linear=True,
        vec={
            "A": "vcat(eye(rows(A)*cols(A)), zeros(rows(B)*cols(B), rows(A)*cols(A)))",
            "B": "vcat(zeros(rows(A)*cols(A), rows(B)*cols(B)), eye(rows(B)*cols(B)))",
        },
        adjoint={"A": "left(M, cols(A))", "B": "right(M, cols(B))"}, means="", domain="any",
        latex=r"\begin{bmatrix} #A & #B \end{bmatrix}", value="np.hstack([A, B])",
        numpy="np.column_stack([#A, #B])", source="Magnus & Neudecker 1.8",
    ),
    Operation(
        name="block", params="A B C D", says="A and B side by side on top of C and D", shape=_in_blocks,
        d="block(dA, dB, dC, dD)", jointly_linear=True,
        vec={
            "A": f"vcat({_UPPER_ROWS.format('A')}, zeros(({_ALL_ROWS})*cols(B), rows(A)*cols(A)))",
            "B": f"vcat(zeros(({_ALL_ROWS})*cols(A), rows(B)*cols(B)), {_UPPER_ROWS.format('B')})",
            "C": f"vcat({_LOWER_ROWS.format('C')}, zeros(({_ALL_ROWS})*cols(B), rows(C)*cols(C)))",
            "D": f"vcat(zeros(({_ALL_ROWS})*cols(A), rows(D)*cols(D)), {_LOWER_ROWS.format('D')})",
        },
        adjoint={
            "A": "left(top(M, rows(A)), cols(A))", "B": "right(top(M, rows(B)), cols(B))",
            "C": "left(bottom(M, rows(C)), cols(C))", "D": "right(bottom(M, rows(D)), cols(D))",
        },
        means="vcat(hcat(A, B), hcat(C, D))", domain="any",
        latex=r"\begin{bmatrix} #A & #B \\ #C & #D \end{bmatrix}", value="np.block([[A, B], [C, D]])",
        numpy="np.block([[#A, #B], [#C, #D]])", source="Magnus & Neudecker 1.8",
    ),
    _cut("top", "the first k rows", "vcat", True, "vcat(M, zeros(rows(x) - k, cols(x)))",
         "kron(eye(cols(x)), hcat(eye(k), zeros(k, rows(x) - k)))", "x[:k]"),
    _cut("bottom", "the last k rows", "vcat", False, "vcat(zeros(rows(x) - k, cols(x)), M)",
         "kron(eye(cols(x)), hcat(zeros(k, rows(x) - k), eye(k)))", "x[x.shape[0] - k:]"),
    _cut("left", "the first k columns", "hcat", True, "hcat(M, zeros(rows(x), cols(x) - k))",
         "hcat(eye(rows(x)*k), zeros(rows(x)*k, rows(x)*(cols(x) - k)))", "x[:, :k]"),
    _cut("right", "the last k columns", "hcat", False, "hcat(zeros(rows(x), cols(x) - k), M)",
         "hcat(zeros(rows(x)*k, rows(x)*(cols(x) - k)), eye(rows(x)*k))", "x[:, x.shape[1] - k:]"),
]

