"""Functions that the user declares: abstract ones, known by name only, and elementwise ones with a body.

An abstract scalar function L has the gradient ∇L and the Hessian ∇²L; an abstract elementwise function φ
has φ', φ'', ...; a vector- or matrix-valued function g has the Jacobian Jg of vec by vec, and the weighted
sum of Hessians Hg(x, w) = Σ_i w_i ∇²g_i(x), where i runs over the entries of g in vec order.
"""

from __future__ import annotations

from collections.abc import Mapping

from mccli.expressions.operation import NOTHING, THROUGH_MEANING, Demand, Operation, ShapeRule
from mccli.expressions.operations import shapes
from mccli.expressions.sizes import SCALAR, Shape, Size

Shapes = tuple[Shape, ...]
Sizes = tuple[Size, ...]


def scalar_function(name: str) -> dict[str, Operation]:
    """An abstract scalar function of one array, with its gradient and Hessian, by every spelling."""

    def hessian_shape(s: Shapes, sizes: Sizes, demand: Demand) -> Shape:
        size = s[0][0] * s[0][1]
        return (size, size)

    hessian = _record(
        f"∇²{name}",
        f"Hessian of {name} (vec by vec)",
        hessian_shape,
        "unknown",
        (name, "scalar", 2),
        latex=rf"\nabla^2 {name}(#x)",
        creates=frozenset({"symmetric"}),
    )
    gradient = _record(
        f"∇{name}",
        f"gradient of {name}",
        shapes.same,
        "unvec(hessian(x)*vec(dx), rows(x), cols(x))",
        (name, "scalar", 1),
        latex=rf"\nabla {name}(#x)",
        related={"hessian": hessian},
    )
    value = _record(
        name,
        "scalar function declared without a body",
        shapes.to_scalar,
        "inner(gradient(x), dx)",
        (name, "scalar", 0),
        latex=rf"{name}(#x)",
        related={"gradient": gradient},
    )
    spelled = {name: value, f"∇{name}": gradient, f"grad{name}": gradient, f"{name}'": gradient}
    return spelled | {f"∇²{name}": hessian, f"hess{name}": hessian, f"{name}''": hessian}


def elementwise_function(name: str, derivatives: int = 4) -> dict[str, Operation]:
    """An abstract function that acts entry by entry, with φ', φ'', ... (also dphi, d2phi)."""
    table: dict[str, Operation] = {}
    following: Operation | None = None
    for order in range(derivatives, -1, -1):
        related = {"derivative": following} if following is not None else None
        rule = "derivative(x).*dx" if related else "unknown"
        record = _record(
            name + "'" * order,
            f"derivative {order} of {name}" if order else "elementwise function declared without a body",
            shapes.same,
            rule,
            (name, "elementwise", order),
            latex=f"{name}{chr(39) * order}(#x)",
            related=related,
            elementwise=True,
        )
        table[record.name] = record
        if order:
            table[f"d{name}" if order == 1 else f"d{order}{name}"] = record
        following = record
    return table


def array_function(name: str, shape: Shape) -> dict[str, Operation]:
    """An abstract function with values of the given shape, its Jacobian Jg of vec by vec, and Hg(x, w)."""

    def jacobian_shape(s: Shapes, sizes: Sizes, demand: Demand) -> Shape:
        return (shape[0] * shape[1], s[0][0] * s[0][1])

    def value_shape(s: Shapes, sizes: Sizes, demand: Demand) -> Shape:
        return shape

    def curvature_shape(s: Shapes, sizes: Sizes, demand: Demand) -> Shape:
        for given, wanted in zip(s[1], shape, strict=True):
            demand(given, wanted, f"the weights in H{name} have the shape of {name}")
        size = s[0][0] * s[0][1]
        return (size, size)

    second: dict[str, Operation] = {}
    curvature = second["curvature"] = _record(
        f"H{name}",
        f"sum of the Hessians of the entries of {name} (vec by vec), weighted by w",
        curvature_shape,
        "curvature(x, dw) + unknown(dx)",
        (name, "array", 2),
        params="x w",
        adjoint={"w": f"series(i, 1, rows(w)*cols(w), {_WEIGHT}*inner(M, curvature(x, {_WEIGHT})))"},
        vec={"w": f"series(i, 1, rows(w)*cols(w), vec(curvature(x, {_WEIGHT}))*unit(i, rows(w)*cols(w))')"},
        latex=rf"H_{{{name}}}(#x, #w)",
        related=second,
        creates=frozenset({"symmetric"}),
        sizes_of_value=shape,
    )
    jacobian = _record(
        f"J{name}",
        f"Jacobian of {name} (vec by vec)",
        jacobian_shape,
        "series(i, 1, rows(self), unit(i, rows(self))*vec(dx)'*curvature(x, as_value(unit(i, rows(self)))))",
        (name, "array", 1),
        latex=rf"J_{{{name}}}(#x)",
        related=second,
        sizes_of_value=shape,
    )
    value = _record(
        name,
        "function declared without a body",
        value_shape,
        "as_value(jacobian(x)*vec(dx))",
        (name, "array", 0),
        latex=rf"{name}(#x)",
        related={"jacobian": jacobian},
        sizes_of_value=shape,
    )
    return {name: value, f"J{name}": jacobian, f"H{name}": curvature}


_WEIGHT = "as_value(unit(i, rows(w)*cols(w)))"


def defined_function(name: str, body: str, derivative: str, argument: str) -> dict[str, Operation]:
    """An elementwise function with a body; ``derivative`` is the text of f', found by SymPy."""
    record = Operation(
        name=name,
        params=argument,
        says=f"{name}({argument}) = {body}",
        shape=shapes.same,
        d=f"({derivative}).*d{argument}",
        means=body,
        domain="any",
        latex=rf"\operatorname{{{name}}}(#{argument})",
        value=THROUGH_MEANING,
        numpy=THROUGH_MEANING,
        source="defined by the user, differentiated by SymPy",
        elementwise=True,
        declared=(name, "defined", 0),
    )
    return {name: record}


def _record(
    name: str,
    says: str,
    shape: ShapeRule,
    d: str,
    declared: tuple[str, str, int],
    *,
    params: str = "x",
    adjoint: Mapping[str, str] = NOTHING,
    vec: Mapping[str, str] = NOTHING,
    latex: str,
    related: Mapping[str, Operation] | None = None,
    elementwise: bool = False,
    creates: frozenset[str] = frozenset(),
    sizes_of_value: Shape = SCALAR,
) -> Operation:
    rows, columns = sizes_of_value
    return Operation(
        name=name,
        params=params,
        adjoint=adjoint,
        vec=vec,
        says=says,
        shape=shape,
        d=d,
        means="",
        domain="any",
        latex=latex,
        value=f"declared_value({declared[0]!r}, {declared[1]!r}, {declared[2]}, out, {', '.join(params.split())})",
        numpy=f"{name}({', '.join(f'#{p}' for p in params.split())})",
        source="declared by the user",
        elementwise=elementwise,
        creates=creates,
        declared=declared,
        related=(lambda: related) if related is not None else None,
        value_shape=(rows, columns),
    )
