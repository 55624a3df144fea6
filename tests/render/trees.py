"""Random typed trees, and the scope in which their text is read."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

from hypothesis import assume
from hypothesis import strategies as st

from mccli.errors import DomainError
from mccli.expressions.properties import closure
from mccli.expressions.sizes import ONE, SCALAR, Shape, Size, letter_size
from mccli.expressions.tree import Node, Symbol, add, apply, eye, multiply, number, ones, scaled, size_scalar, transpose
from mccli.language.declare import Scope, read_scope

M, N, P = (letter_size(letter) for letter in "mnp")
SIZES = (ONE, M, N, P)
SYMBOLS: dict[Shape, tuple[str, ...]] = {
    SCALAR: ("c", "t", "λ", "s1"),
    (M, ONE): ("b", "μ1"),
    (N, ONE): ("x", "y"),
    (P, ONE): ("z", "y_hat"),
    (M, N): ("A", "W1"),
    (N, M): ("B",),
    (N, P): ("C", "A_inv"),
    (P, N): ("D",),
    (M, P): ("E",),
    (P, M): ("F",),
    (M, M): ("G", "Σ"),
    (N, N): ("X", "Y"),
    (P, P): ("H", "lv"),
}
SPD, WHOLE = "Σ", "k"
ENTRYWISE = ("exp", "log", "sin", "sqrt", "sigmoid", "abs", "tanh")
SQUARE = ("inv", "expm", "tril", "sqrtm", "adj")
SCALAR_OF_SQUARE = ("tr", "det", "logdet")
SCALAR_OF_ARRAY = ("sum", "mean", "sqnorm", "norm1", "norminf", "max")


def scope() -> Scope:
    """Every symbol of :data:`SYMBOLS`, declared."""
    shapes = [f"{name}:{rows},{columns}" for (rows, columns), names in SYMBOLS.items() for name in names]
    shapes.append(f"{WHOLE}:scalar")
    return read_scope([s.replace(":1,1", ":scalar") for s in shapes], [f"{SPD}:spd", f"{WHOLE}:integer"])


def symbol(name: str, shape: Shape) -> Node:
    """A declared symbol."""
    return Symbol(name, shape, closure({"spd"}) if name == SPD else frozenset())


def coefficients() -> st.SearchStrategy[Fraction]:
    """Small rational numbers."""
    return st.builds(Fraction, st.integers(-4, 4), st.sampled_from([1, 1, 1, 2, 3]))


@st.composite
def leaves(draw: st.DrawFn, shape: Shape) -> Node:
    """A symbol, or a constant of the shape."""
    names = SYMBOLS.get(shape, ())
    if shape[0] == ONE != shape[1]:
        return transpose(draw(leaves((shape[1], ONE))))
    constants = [size_scalar(N), number(draw(coefficients()))] if shape == SCALAR else [ones(shape)]
    constants += [eye(shape[0])] if shape[0] == shape[1] != ONE else []
    chosen = draw(st.sampled_from([*names, *names, *constants]))
    return symbol(chosen, shape) if isinstance(chosen, str) else chosen


@st.composite
def nodes(draw: st.DrawFn, shape: Shape = SCALAR, depth: int = 4) -> Node:
    """A typed tree of the shape."""
    if depth == 0:
        return draw(leaves(shape))
    kind = draw(st.sampled_from(["leaf", "sum", "product", "product", "scaled", "transpose", "special", "special"]))
    if kind == "leaf":
        return draw(leaves(shape))
    if kind == "sum":
        return add(*(draw(nodes(shape, depth - 1)) for _ in range(draw(st.integers(2, 3)))))
    if kind == "product":
        return draw(products(shape, depth))
    if kind == "scaled":
        factor = draw(st.one_of(coefficients().map(number), nodes(SCALAR, depth - 1)))
        return multiply(factor, draw(nodes(shape, depth - 1)))
    if kind == "transpose":
        return transpose(draw(nodes((shape[1], shape[0]), depth - 1)))
    return draw(scalars(depth) if shape == SCALAR else arrays(shape, depth))


@st.composite
def products(draw: st.DrawFn, shape: Shape, depth: int) -> Node:
    """A product of two or three factors with any inner sizes."""
    inner = draw(st.lists(st.sampled_from(SIZES), min_size=1, max_size=2))
    sizes: list[Size] = [shape[0], *inner, shape[1]]
    return multiply(*(draw(nodes(pair, depth - 1)) for pair in pairwise(sizes)))


@st.composite
def scalars(draw: st.DrawFn, depth: int) -> Node:
    """A power, a trace, a norm, an entrywise function of a scalar."""
    kind = draw(st.sampled_from(["power", "square", "array", "function", "norm"]))
    if kind == "power":
        base = draw(nodes(SCALAR, depth - 1))
        return _power(base, draw(st.one_of(coefficients().map(number), nodes(SCALAR, 1))))
    if kind == "square":
        size = draw(st.sampled_from(SIZES[1:]))
        return apply(draw(st.sampled_from(SCALAR_OF_SQUARE)), draw(nodes((size, size), depth - 1)))
    if kind == "norm":
        shape = draw(st.sampled_from(list(SYMBOLS)))
        return apply("norm2" if ONE in shape else "normF", draw(nodes(shape, depth - 1)))
    if kind == "array":
        shape = draw(st.sampled_from(list(SYMBOLS)))
        return apply(draw(st.sampled_from(SCALAR_OF_ARRAY)), draw(nodes(shape, depth - 1)))
    return apply(draw(st.sampled_from(ENTRYWISE)), draw(nodes(SCALAR, depth - 1)))


@st.composite
def arrays(draw: st.DrawFn, shape: Shape, depth: int) -> Node:
    """An entrywise product, power or function; an inverse or power of a square matrix."""
    square = shape[0] == shape[1]
    kind = draw(st.sampled_from(["hadamard", "power", "function", *(["matrix", "mpow"] if square else [])]))
    inside = draw(nodes(shape, depth - 1))
    if kind == "hadamard":
        return apply("hadamard", inside, draw(nodes(shape, depth - 1)))
    if kind == "power":
        return _power(inside, draw(st.one_of(coefficients().map(number), nodes(SCALAR, 1))))
    if kind == "function":
        return apply(draw(st.sampled_from(ENTRYWISE)), inside)
    if kind == "matrix":
        return apply(draw(st.sampled_from(SQUARE)), inside)
    whole = Symbol(WHOLE, SCALAR, closure({"integer"}))
    exponent = draw(st.one_of(st.integers(-8, 8).map(number), st.sampled_from([whole, add(whole, number(-1))])))
    return apply("mpow", inside, exponent)


def _power(base: Node, exponent: Node) -> Node:
    try:
        return apply("power", base, exponent)
    except DomainError:
        assume(False)
        return scaled(0, base)
