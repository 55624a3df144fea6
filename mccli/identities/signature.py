"""Signatures: numbers that are equal for equal functions, whatever their symbols are called.

An expression is evaluated over a prime field, at random values that depend on the *role* of a symbol (scalar,
vector, matrix, variable, declared function) and not on its name. Symbols of one role are told apart by their
colour: the value the expression takes when one symbol of the role differs from all others. The signature is the
value with the symbols in the order of their colours, so that cyclic shifts, transposes, the order of sums and
all other algebra make no difference, and names do not either.

Two signatures are used. ``exact`` is that of the function. ``affine`` is that of the function up to a factor and
an added term in which the variable does not occur.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import NamedTuple

from mccli.errors import DomainError
from mccli.expressions.graph import walk
from mccli.expressions.sizes import ONE, Shape
from mccli.expressions.tree import Apply, Node, Symbol
from mccli.modular.evaluate import ModularEvaluator
from mccli.modular.matrices import PRIME, Matrix, reciprocal
from mccli.modular.scatter import scattered, scattered_matrix

SIZES_TRIED = (2, 3)
"""All size letters get one number, so that it does not matter how they are called; the second if the first fails."""
MOST_ORDERS = 120
"""Orders of symbols of equal colour that are tried at most."""
MOST_TIES = 23
MOST_ATOMS = 16


class Atom(NamedTuple):
    """A symbol or a declared function, with its role."""

    name: str
    role: str
    symbol: Symbol | None = None


class Signature(NamedTuple):
    """A signature, and the atoms in the order in which it was found (those that matter to it).

    ``ties`` are further orders that give the same key: exchanging their atoms makes no difference at the sizes tried,
    but may at others.
    """

    key: str
    order: tuple[Atom, ...]
    ties: tuple[tuple[Atom, ...], ...] = ()


def atoms_of(node: Node, variables: Sequence[str]) -> tuple[Atom, ...]:
    """The symbols and declared functions of an expression, each with its role."""
    found: dict[str, Atom] = {}
    for part in walk(node):
        if isinstance(part, Symbol) and part.role != "index":
            found.setdefault(part.name, Atom(part.name, _role(part, part.name in variables), part))
        if isinstance(part, Apply) and part.operation.declared is not None:
            name, kind, _ = part.operation.declared
            found.setdefault(f"{name}()", Atom(f"{name}()", f"function {kind}"))
    return tuple(found.values())


def _role(symbol: Symbol, variable: bool) -> str:
    if "integer" in symbol.properties:
        kind = "whole"
    elif symbol.is_scalar:
        kind = "scalar"
    elif symbol.columns == ONE:
        kind = "vector"
    else:
        kind = "matrix"
    return f"variable {kind}" if variable else kind


def exact_signature(node: Node, variables: Sequence[str]) -> Signature | None:
    """The signature of a function, or None if it cannot be evaluated over a prime field."""
    return _Signing(node, variables, affine=False).run()


def affine_signature(node: Node, variables: Sequence[str]) -> Signature | None:
    """The signature up to a factor and an added term without the variable; None if the function is constant."""
    return _Signing(node, variables, affine=True).run()


class _Signing:
    def __init__(self, node: Node, variables: Sequence[str], *, affine: bool) -> None:
        self.node, self.affine = node, affine
        self.atoms = atoms_of(node, variables)
        self.variables = [a for a in self.atoms if a.role.startswith("variable")]
        self.letters = _letters(node, self.atoms)
        self.shapes: dict[str, tuple[int, int]] = {}

    def run(self) -> Signature | None:
        if len(self.atoms) > MOST_ATOMS or not self.variables:
            return None
        for size in SIZES_TRIED:
            try:
                sizes = dict.fromkeys(self.letters, size)
                self.shapes = {a.name: _numbers(a.symbol.shape, sizes) for a in self.atoms if a.symbol is not None}
                return self._sign(sizes)
            except DomainError:
                continue
        return None

    def _sign(self, sizes: Mapping[str, int]) -> Signature | None:
        base = self._digest(sizes, {})
        coloured = []
        for atom in self.atoms:
            try:
                colour = self._digest(sizes, {atom.name: 1})
            except DomainError:
                colour = "undefined"
            if colour != base or atom in self.variables or self._matters(atom, sizes):
                coloured.append((atom.role, colour or "constant", atom))
        coloured.sort(key=lambda entry: entry[:2])
        best: Signature | None = None
        for order in itertools.islice(_orders(coloured), MOST_ORDERS):
            ranks = _ranks(order)
            key = self._digest(sizes, {atom.name: rank + 2 for atom, rank in ranks})
            if key is not None and (best is None or key < best.key):
                best = Signature(key, tuple(order))
            elif best is not None and key == best.key and len(best.ties) < MOST_TIES:
                best = best._replace(ties=(*best.ties, tuple(order)))
        return best

    def _matters(self, atom: Atom, sizes: Mapping[str, int]) -> bool:
        """Whether the function changes with an atom where all differ: where they are equal, z (x - y) hides z."""
        apart = {a.name: i + 2 for i, a in enumerate(self.atoms)}
        changed = {**apart, atom.name: apart[atom.name] + 3 * len(self.atoms) + 1}
        try:
            return self._digest(sizes, apart) != self._digest(sizes, changed)
        except DomainError:
            return True

    def _digest(self, sizes: Mapping[str, int], ranks: Mapping[str, int]) -> str | None:
        """The function at points that depend on roles and ranks alone. None if it is constant (affine only)."""
        first, *others = [self._value(sizes, ranks, point) for point in range(3 if self.affine else 2)]
        if not self.affine:
            return _text([first, *others])
        changes = [[(x - y) % PRIME for x, y in zip(other, first, strict=True)] for other in others]
        lead = next((x for change in changes for x in change if x), None)
        if lead is None:
            return None
        factor = reciprocal(lead)
        return _text([[x * factor % PRIME for x in change] for change in changes])

    def _value(self, sizes: Mapping[str, int], ranks: Mapping[str, int], point: int) -> list[int]:
        values: dict[str, Matrix] = {}
        functions: dict[str, str] = {}
        for atom in self.atoms:
            rank = ranks.get(atom.name, 0)
            if atom.symbol is None:
                functions[atom.name.removesuffix("()")] = f"{atom.role} {rank}"
                continue
            at = point if atom.role.startswith("variable") else 0
            values[atom.name] = _drawn(atom.role, rank, at, self.shapes[atom.name])
        found = ModularEvaluator(values, sizes, functions).value(self.node)
        return [len(found), *(x for row in found for x in row)]


@cache
def _drawn(role: str, rank: int, point: int, shape: tuple[int, int]) -> Matrix:
    """The value of a role; ranks and points give different ones."""
    if role.endswith("whole"):
        return [[2 + (rank + point) % 3]]
    return scattered_matrix(*shape, role, rank, point)


def _numbers(shape: Shape, sizes: Mapping[str, int]) -> tuple[int, int]:
    try:
        rows, columns = (size.value(sizes) for size in shape)
    except (KeyError, ValueError) as error:
        raise DomainError(f"{shape[0]}×{shape[1]} has no value here") from error
    if min(rows, columns) < 1:
        raise DomainError(f"{shape[0]}×{shape[1]} is empty here")
    return rows, columns


def _letters(node: Node, atoms: Sequence[Atom]) -> frozenset[str]:
    from_symbols = (letter for a in atoms if a.symbol for size in a.symbol.shape for letter in size.letters())
    inside = (letter for part in walk(node) for size in part.shape for letter in size.letters())
    given = (letter for part in walk(node) for size in getattr(part, "sizes", ()) for letter in size.letters())
    return frozenset((*from_symbols, *inside, *given))


def _text(values: Sequence[Sequence[int]]) -> str:
    return f"{scattered(*(x for value in values for x in value)):016x}"


def _orders(coloured: Sequence[tuple[str, str, Atom]]) -> Iterator[list[Atom]]:
    """Every order of the atoms in which only those of equal role and colour change places."""
    groups = [[entry[2] for entry in group] for _, group in itertools.groupby(coloured, key=lambda entry: entry[:2])]
    for choice in itertools.product(*(itertools.permutations(group) for group in groups)):
        yield [atom for group in choice for atom in group]


def _ranks(order: Sequence[Atom]) -> list[tuple[Atom, int]]:
    """The place of every atom within its role."""
    seen: dict[str, int] = {}
    ranked = []
    for atom in order:
        rank = seen.get(atom.role, 0)
        seen[atom.role] = rank + 1
        ranked.append((atom, rank))
    return ranked
