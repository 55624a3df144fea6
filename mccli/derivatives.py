"""Which derivative is wanted, and the derivation that gives it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from mccli.calculus.derivation import Derivation, derive
from mccli.errors import McError, UsageError
from mccli.expressions.properties import LINEAR_SPACES
from mccli.expressions.sizes import Shape
from mccli.expressions.tree import Node, Symbol
from mccli.language.elaborate import Elaborated, elaborate
from mccli.language.names import canonical_name

LAYOUTS = ("", "numerator", "denominator")


class Request(NamedTuple):
    """What is wanted: the order, a differential, a direction for each variable, or an upstream gradient."""

    order: int = 1
    differential: bool = False
    along: tuple[str, ...] = ()
    upstream: str = ""

    def refuse_contradictions(self) -> None:
        """UsageError for options that exclude one another."""
        if self.order not in (1, 2):
            raise UsageError(f"--order {self.order} is not known", notes=["1 is the first derivative, 2 the Hessian"])
        chosen = [n for n, given in self._options() if given]
        if len(chosen) > 1:
            raise UsageError(f"{' and '.join(chosen)} exclude one another")
        if self.order == 2 and self.upstream:
            raise UsageError(
                "--upstream goes with first derivatives", notes=["a Hessian times a direction: --order 2 --along V"]
            )

    def _options(self) -> Sequence[tuple[str, bool]]:
        return (
            ("--differential", self.differential),
            ("--along", bool(self.along)),
            ("--upstream", bool(self.upstream)),
        )


FIRST = Request()


def run(read: Elaborated, variables: Sequence[Symbol], request: Request) -> tuple[Elaborated, Derivation]:
    """The derivation that is asked for, and what was read with the symbols that the directions brought.

    The function may be a scalar (gradient, Hessian), a vector or a matrix (Jacobian).
    McError if the derivative cannot be given.
    """
    request.refuse_contradictions()
    whole, symbols, inverted = read.expression, read.symbols, read.inverted
    if request == FIRST:
        if whole.is_scalar:
            return read, derive(whole, symbols, variables, inverted)
        from mccli.calculus.array_derivation import derive_jacobian

        return read, derive_jacobian(whole, symbols, variables, inverted)
    # not loaded for a gradient, which must start fast
    from mccli.calculus.directional import derive_differential, derive_pullback
    from mccli.calculus.second_order import derive_hessian

    if request.differential:
        return read, derive_differential(whole, symbols, variables, inverted, order=request.order)
    if request.upstream:
        wider, upstream = read_like(read, request.upstream, Symbol("", whole.shape))
        return wider, derive_pullback(whole, upstream, wider.symbols, variables, inverted)
    if request.along:
        return _along(read, variables, request)
    return read, derive_hessian(whole, symbols, variables, inverted)


def _along(read: Elaborated, variables: Sequence[Symbol], request: Request) -> tuple[Elaborated, Derivation]:
    from mccli.calculus.directional import derive_along, derive_hessian_along

    if len(request.along) != len(variables):
        listed = ", ".join(v.name for v in variables)
        raise UsageError(
            f"{len(request.along)} directions for {len(variables)} variables ({listed})",
            notes=["give one --along for every --wrt, in the same order"],
        )
    directions: dict[Symbol, Node] = {}
    for variable, text in zip(variables, request.along, strict=True):
        read, directions[variable] = read_like(read, text, variable)
    if request.order == 1:
        return read, derive_along(read.expression, read.symbols, directions, read.inverted)
    if len(variables) > 1:
        raise UsageError(
            "a Hessian times a direction is taken by one variable", notes=["give one --wrt and one --along"]
        )
    (variable,) = variables
    direction = directions[variable]
    return read, derive_hessian_along(read.expression, read.symbols, variable, direction, read.inverted)


def read_like(read: Elaborated, text: str, like: Symbol) -> tuple[Elaborated, Node]:
    """An expression of the shape of a symbol, over the symbols of another expression and new ones.

    A new name alone has the shape of the symbol and is in its linear space. Returns what was read with the new symbols.
    """
    name = canonical_name(text.strip())
    if name.isidentifier() and name not in read.symbols and name not in read.scope.known():
        symbol = Symbol(name, like.shape, like.properties & (LINEAR_SPACES | {"square"}))
        return read._replace(symbols={**read.symbols, name: symbol}), symbol
    scope = read.scope._replace(
        shapes={**read.scope.shapes, **{n: s.shape for n, s in read.symbols.items()}},
        properties={**read.scope.properties, **{n: s.properties for n, s in read.symbols.items()}},
    )
    shapes = {**scope.shapes, **_shapes_beside(scope.shapes, text, like.shape, read)}
    found = elaborate(text, scope._replace(shapes=shapes))
    wider = read._replace(symbols={**read.symbols, **found.symbols}, letters=read.letters | found.letters)
    return wider, found.expression


def _shapes_beside(known: Mapping[str, Shape], text: str, shape: Shape, read: Elaborated) -> dict[str, Shape]:
    """The shapes of the new symbols in a text that is added to something of a shape; none if that cannot be."""
    beside = next(f"Q{i}" for i in range(10_000) if f"Q{i}" not in read.symbols and f"Q{i}" not in text)
    scope = read.scope._replace(shapes={**known, beside: shape})
    try:
        both = elaborate(f"{beside} + ({text})", scope)
    except McError:
        return {}
    return {n: s.shape for n, s in both.symbols.items() if n not in known and n != beside}
