"""Shape rules that operations share. A rule may *demand* that sizes agree; inference unifies them."""

from __future__ import annotations

from mccli.expressions.operation import Demand, ShapeRule
from mccli.expressions.sizes import ONE, SCALAR, Shape, Size

Shapes = tuple[Shape, ...]
Sizes = tuple[Size, ...]


def same(shapes: Shapes, sizes: Sizes, demand: Demand) -> Shape:
    """The shape of the first argument; further arguments are scalars."""
    for shape in shapes[1:]:
        _demand_scalar(shape, demand)
    return shapes[0]


def _demand_scalar(shape: Shape, demand: Demand) -> None:
    demand(shape[0], ONE, "this argument must be a scalar")
    demand(shape[1], ONE, "this argument must be a scalar")


def to_scalar(shapes: Shapes, sizes: Sizes, demand: Demand) -> Shape:
    """Anything to a scalar; further arguments are scalars."""
    same(shapes, sizes, demand)
    return SCALAR


def square(what: str) -> ShapeRule:
    """A square matrix to a matrix of the same size."""

    def rule(shapes: Shapes, sizes: Sizes, demand: Demand) -> Shape:
        demand(shapes[0][0], shapes[0][1], f"{what} needs a square matrix")
        return shapes[0]

    return rule


def square_to_scalar(what: str) -> ShapeRule:
    """A square matrix to a scalar."""

    def rule(shapes: Shapes, sizes: Sizes, demand: Demand) -> Shape:
        demand(shapes[0][0], shapes[0][1], f"{what} needs a square matrix")
        return SCALAR

    return rule


def square_to_column(what: str) -> ShapeRule:
    """A square matrix to a column of its size."""

    def rule(shapes: Shapes, sizes: Sizes, demand: Demand) -> Shape:
        demand(shapes[0][0], shapes[0][1], f"{what} needs a square matrix")
        return (shapes[0][0], ONE)

    return rule


def column(what: str, result: str) -> ShapeRule:
    """A column vector to a scalar, a column, or a square matrix ("scalar", "column", "square")."""

    def rule(shapes: Shapes, sizes: Sizes, demand: Demand) -> Shape:
        demand(shapes[0][1], ONE, f"{what} needs a column vector")
        rows = shapes[0][0]
        return {"scalar": SCALAR, "column": (rows, ONE), "square": (rows, rows)}[result]

    return rule


def equal_shapes(shapes: Shapes, sizes: Sizes, demand: Demand) -> Shape:
    """All arguments of one shape, which is the result's."""
    first = shapes[0]
    for shape in shapes[1:]:
        demand(first[0], shape[0], "elementwise factors must have the same shape")
        demand(first[1], shape[1], "elementwise factors must have the same shape")
    return first


def kronecker(shapes: Shapes, sizes: Sizes, demand: Demand) -> Shape:
    """m×n and p×q to mp×nq."""
    (m, n), (p, q) = shapes
    return (m * p, n * q)


def vectorised(shapes: Shapes, sizes: Sizes, demand: Demand) -> Shape:
    """m×n to mn."""
    return (shapes[0][0] * shapes[0][1], ONE)


def per_row(shapes: Shapes, sizes: Sizes, demand: Demand) -> Shape:
    """m×n to a column with one entry per row."""
    return (shapes[0][0], ONE)


def per_column(shapes: Shapes, sizes: Sizes, demand: Demand) -> Shape:
    """m×n to a row with one entry per column."""
    return (ONE, shapes[0][1])


def transposed(shapes: Shapes, sizes: Sizes, demand: Demand) -> Shape:
    """m×n to n×m."""
    return (shapes[0][1], shapes[0][0])


def pair_of_squares(shapes: Shapes, sizes: Sizes, demand: Demand) -> Shape:
    """Two square matrices of one size."""
    demand(shapes[0][0], shapes[0][1], "this operation needs a square matrix")
    demand(shapes[0][0], shapes[1][0], "both matrices must have the same size")
    demand(shapes[0][1], shapes[1][1], "both matrices must have the same size")
    return shapes[0]


def sylvester(shapes: Shapes, sizes: Sizes, demand: Demand) -> Shape:
    """A m×m, B n×n, C m×n to m×n."""
    (a, a2), (b, b2), (m, n) = shapes
    for left, right in ((a, a2), (b, b2), (a, m), (b, n)):
        demand(left, right, "sylvester(A, B, C) needs A m×m, B n×n and C m×n")
    return (m, n)
