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
from mccli.language.rules import NoMatrix

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
    try:
        return _derived(read, variables, request)
    except NoMatrix as error:
        _offer_directions(error, read, variables, request)
        raise


def _offer_directions(error: NoMatrix, read: Elaborated, variables: Sequence[Symbol], request: Request) -> None:
    """The same command along directions, if that works."""
    command, taken = read.scope.command, {*read.symbols, *read.scope.known()}
    names = [n for n in ("V", "W", "U", "Z", "E") if n not in taken][: len(variables)]
    if not command.startswith("mc derive") or len(names) < len(variables):
        return
    try:
        _derived(read, variables, request._replace(along=tuple(names)))
    except McError:
        return
    error.fix = command.replace("{}", read.text) + "".join(f" --along {name}" for name in names)


def _derived(read: Elaborated, variables: Sequence[Symbol], request: Request) -> tuple[Elaborated, Derivation]:
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
    from mccli.calculus.directional import derive_along
    from mccli.calculus.second_order import derive_hessian_along

    if len(request.along) != len(variables):
        listed = ", ".join(v.name for v in variables)
        raise UsageError(
            f"{len(request.along)} directions for {len(variables)} variables ({listed})",
            notes=["give one --along for every --wrt, in the same order"],
        )
    for variable, text in zip(variables, request.along, strict=True):
        read = _shaped_like(read, variable.name, text)
    directions: dict[Symbol, Node] = {}
    for variable, text in zip(variables, request.along, strict=True):
        own = read.symbols.get(variable.name, variable)
        read, directions[own] = read_like(read, text, own)
    derived = derive_along if request.order == 1 else derive_hessian_along
    return read, derived(read.expression, read.symbols, directions, read.inverted)


def _shaped_like(read: Elaborated, name: str, text: str) -> Elaborated:
    """The same expression with the sizes that are declared of a direction, where those of its variable are inferred."""
    variable = read.symbols.get(name)
    if variable is None or name in read.scope.shapes:
        return read
    try:
        shape = read_like(read, text, variable)[1].shape
        if shape == variable.shape:
            return read
        scope = read.scope._replace(shapes={**read.scope.shapes, name: shape})
        return elaborate(read.text, scope, scalar=read.expression.is_scalar)
    except McError:
        return read


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
    unused = {f"{n} is declared but does not occur" for n in found.symbols}
    wider = read._replace(
        symbols={**read.symbols, **found.symbols},
        letters=read.letters | found.letters,
        notes=tuple(note for note in read.notes if note not in unused),
    )
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
