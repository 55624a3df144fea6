"""Whether two expressions are equal, decided over a prime field at random points with all sizes different."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

from mccli.errors import DomainError
from mccli.expressions.graph import walk
from mccli.expressions.tree import Node, Product, Symbol, multiply, number, terms_of
from mccli.identities.signature import atoms_of
from mccli.modular.draw import draw
from mccli.modular.evaluate import ModularEvaluator
from mccli.modular.matrices import PRIME, Matrix, reciprocal

POINTS = 2
SIZE_POOLS = ((3, 4, 2, 5, 6, 7, 8), (5, 3, 6, 2, 4, 8, 7), (4, 5, 6, 7, 8, 9, 10), (2, 3, 4, 5, 6, 7, 8))
"""Numbers for the sizes in the order of their letters. The second turns the order of the first around: X pinv(X) is I
for wide X only."""
LARGEST_FRACTION = 10_000


def equal(a: Node, b: Node) -> bool:
    """Whether two expressions over the same symbols are equal. False where no point can be found."""
    if a == b:
        return True
    if a.shape != b.shape:
        return False
    compared = 0
    for evaluator in _places((a, b)):
        try:
            left, right = evaluator.value(a), evaluator.value(b)
        except DomainError:
            continue
        if left != right:
            return False
        compared += 1
        if compared == POINTS:
            return True
    return False


def rational_factor(told: Node, target: Node, variables: Sequence[str]) -> tuple[Node | None, bool]:
    """The factor c with target = c·told + (terms without the variables), and whether there are such terms.

    The factor is a rational number times scalars that stand before every term of the target and not of the other.
    None if there is none.
    """
    known = _common_scalars(_moving_terms(told, variables), variables)
    scalars = [s for s in _common_scalars(_moving_terms(target, variables), variables) if s not in known]
    number_part = _ratio(told, target, variables, scalars)
    if number_part is None:
        return None, False
    factor = multiply(number(number_part), *scalars)
    return factor, not equal(multiply(factor, told), target)


def _moving_terms(node: Node, variables: Sequence[str]) -> list[Node]:
    return [n for _, n in terms_of(node) if n.depends_on(variables)]


def _common_scalars(terms: Sequence[Node], variables: Sequence[str]) -> list[Node]:
    """Scalar factors without the variables that every term has."""
    shared: list[Node] | None = None
    for term in terms:
        own = list(term.scalars) if isinstance(term, Product) else []
        own = [s for s in own if not s.depends_on(variables)]
        shared = own if shared is None else [s for s in shared if s in own]
    return shared or []


def _ratio(told: Node, target: Node, variables: Sequence[str], scalars: Sequence[Node]) -> Fraction | None:
    """The rational number by which both change when the variables move, the same at every point."""
    found: Fraction | None = None
    compared = 0
    for places in _moving_places((told, target, *scalars), variables):
        try:
            changes = [_change(node, places) for node in (told, target)]
            common = 1
            for scalar in scalars:
                common = common * places[0].value(scalar)[0][0] % PRIME
        except DomainError:
            continue
        ratio = _proportion(changes[0], changes[1], common)
        if ratio is None or (found is not None and ratio != found):
            return None
        found, compared = ratio, compared + 1
        if compared == POINTS:
            return found
    return None


def _change(node: Node, places: tuple[ModularEvaluator, ModularEvaluator]) -> list[int]:
    first, second = (place.value(node) for place in places)
    return [(y - x) % PRIME for r, s in zip(first, second, strict=True) for x, y in zip(r, s, strict=True)]


def _proportion(told: Sequence[int], target: Sequence[int], common: int) -> Fraction | None:
    """The small fraction c with target = c·common·told entry by entry."""
    lead = next((i for i, x in enumerate(told) if x), None)
    if lead is None or not common:
        return None
    c = target[lead] * reciprocal(told[lead] * common % PRIME) % PRIME
    if any((y - c * common * x) % PRIME for x, y in zip(told, target, strict=True)):
        return None
    return small_fraction(c)


def small_fraction(residue: int) -> Fraction | None:
    """The fraction with small numerator and denominator that a residue stands for (Wang 1981)."""
    r0, r1, s0, s1 = PRIME, residue % PRIME, 0, 1
    while r1 > LARGEST_FRACTION:
        q = r0 // r1
        r0, r1, s0, s1 = r1, r0 - q * r1, s1, s0 - q * s1
    if s1 == 0 or abs(s1) > LARGEST_FRACTION:
        return None
    return Fraction(r1, s1) if r1 else None


def _places(nodes: Sequence[Node]) -> Iterator[ModularEvaluator]:
    for number_of, sizes in enumerate(_sizes(nodes)):
        yield ModularEvaluator(_draw(nodes, sizes, number_of, ()), sizes)


def _moving_places(
    nodes: Sequence[Node], variables: Sequence[str]
) -> Iterator[tuple[ModularEvaluator, ModularEvaluator]]:
    for number_of, sizes in enumerate(_sizes(nodes)):
        first = _draw(nodes, sizes, number_of, ())
        second = {**first, **_draw(nodes, sizes, number_of + 1000, variables)}
        yield ModularEvaluator(first, sizes), ModularEvaluator(second, sizes)


def _sizes(nodes: Sequence[Node]) -> Iterator[dict[str, int]]:
    letters = sorted(
        {
            letter
            for n in nodes
            for part in walk(n)
            for size in (*part.shape, *getattr(part, "sizes", ()))
            for letter in size.letters()
        }
    )
    for pool in (*SIZE_POOLS, *SIZE_POOLS):
        yield {letter: pool[i] if i < len(pool) else 9 + i for i, letter in enumerate(letters)}


def _draw(nodes: Sequence[Node], sizes: Mapping[str, int], seed: int, only: Sequence[str]) -> dict[str, Matrix]:
    values: dict[str, Matrix] = {}
    for node in nodes:
        for atom in atoms_of(node, ()):
            symbol: Symbol | None = atom.symbol
            if symbol is None or symbol.name in values or (only and symbol.name not in only):
                continue
            try:
                shape = [size.value(sizes) for size in symbol.shape]
            except (KeyError, ValueError):
                continue
            if min(shape) >= 1:
                values[symbol.name] = draw(symbol.properties, shape[0], shape[1], seed, symbol.name)
    return values
