"""Records as questions of another person: other names, and the function written in another, equal way."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from mccli.errors import McError
from mccli.expressions.graph import rebuild, walk
from mccli.expressions.operations import spellings
from mccli.expressions.sizes import Size, letter_size
from mccli.expressions.tree import (
    Apply,
    Node,
    Number,
    Product,
    Sum,
    Symbol,
    add,
    apply,
    is_operation,
    multiply,
    number,
    scaled,
    transpose,
)
from mccli.folders import data_folder
from mccli.identities.catalogue import INDEX, Catalogue, Library
from mccli.identities.instantiate import instantiate
from mccli.identities.record import Record
from mccli.identities.statement import Statement, understand
from mccli.language.declare import Scope, define
from mccli.language.names import canonical_name
from mccli.render.text import text

MATRICES = ("A", "B", "C", "E", "G", "K", "M", "N", "P", "Q", "R", "S", "T", "U", "V", "Y", "Z")
VECTORS = ("a", "b", "c", "e", "f", "o", "q", "r", "s", "u", "v", "y", "z")
SCALARS = ("α", "γ", "η", "θ", "κ", "μ", "ρ", "τ", "ω", "c1", "c2", "c3", "c4", "c5", "c6", "c7")
WHOLE = ("k1", "k2", "k3")
SIZES = ("m", "n", "p", "k", "l", "h", "i", "t", "j")
FUNCTIONS = ("G1", "G2", "G3", "G4")
ASKED = {"gradient": "{}", "jacobian": "Jacobian of {}", "hessian": "Hessian of {}", "differential": "d({})"}
CHANCE = 0.6


@cache
def library() -> Library:
    """The database."""
    return Library([Catalogue.read(f"{data_folder()}/{INDEX}")])


@cache
def records() -> dict[str, Record]:
    """All records by id."""
    return {record.id: record for record in library().catalogues[0].records()}


@cache
def statement(name: str) -> Statement:
    """A record understood."""
    return understand(records()[name]).read_everything()


# ------------------------------------------------------------------------------------------------- names


@dataclass(frozen=True)
class Names:
    """Other names for everything in a record."""

    symbols: Mapping[str, Symbol]
    sizes: Mapping[str, Size]
    functions: Mapping[str, str]
    scope: Scope

    def told(self, node: Node) -> Node:
        """A formula of the record in these names, differentials included."""
        changes = {
            f"d{own}": Symbol(f"d{s.name}", s.shape, s.properties, "differential") for own, s in self.symbols.items()
        }
        return instantiate(node, {**changes, **self.symbols}, self.sizes, self.functions)


def other_names(stated: Statement, rng: random.Random, *, expected: bool = False) -> Names:
    """New names of the same kind for symbols, sizes and functions; ``expected`` calls the variable X or x."""
    taken = set(spellings())
    pools = {kind: _shuffled([n for n in pool if n not in taken], rng) for kind, pool in _POOLS.items()}
    letters = sorted(stated.letters - set(_indices(stated)))
    sizes = {old: letter_size(new) for old, new in zip(letters, _shuffled(SIZES, rng), strict=False)}
    symbols: dict[str, Symbol] = {}
    for old, symbol in stated.symbols.items():
        kind = _kind(symbol)
        name = {"matrix": "X", "vector": "x"}.get(kind) if expected and symbol in stated.variables else None
        rows, columns = (size.substitute(sizes) for size in symbol.shape)
        symbols[old] = Symbol(name or pools[kind].pop(), (rows, columns), symbol.properties, symbol.role)
    functions = {}
    scope = Scope()
    for declared, new in zip(stated.record.define, _shuffled(FUNCTIONS, rng), strict=False):
        head, _, kind = declared.partition(":")
        own = canonical_name(head.partition("(")[0].strip())
        functions[own] = new
        scope = define(scope, f"{new}(x): {_renamed_letters(kind, sizes)}")
    shapes = {s.name: s.shape for s in symbols.values()}
    properties = {s.name: s.properties for s in symbols.values()}
    return Names(symbols, sizes, functions, scope._replace(shapes=shapes, properties=properties))


def _indices(stated: Statement) -> Iterator[str]:
    """The indices of sums in a record, which are no sizes."""
    for node in (stated.expression, *(stated.full(result.node) for result in stated.results)):
        for part in walk(node):
            if is_operation(part, "series"):
                yield from part.children()[0].symbols


_POOLS = {"matrix": MATRICES, "vector": VECTORS, "scalar": SCALARS, "whole": WHOLE}


def _kind(symbol: Symbol) -> str:
    if "integer" in symbol.properties:
        return "whole"
    if symbol.is_scalar:
        return "scalar"
    return "vector" if str(symbol.columns) == "1" else "matrix"


def _renamed_letters(kind: str, sizes: Mapping[str, Size]) -> str:
    if kind.strip() in ("scalar", "elementwise"):
        return kind.strip()
    return re.sub(r"[a-z]", lambda found: str(sizes.get(found[0], found[0])), kind.strip())


def _shuffled(pool: Iterator[str] | tuple[str, ...] | list[str], rng: random.Random) -> list[str]:
    found = list(pool)
    rng.shuffle(found)
    return found


# ---------------------------------------------------------------------------------------- equal rewriting


def rewritten(node: Node, rng: random.Random) -> Node:
    """The same function, written otherwise."""
    done: dict[Node, Node] = {}
    for part in walk(node):
        children = part.children()
        fresh = tuple(done[child] for child in children)
        changed = any(a is not b for a, b in zip(children, fresh, strict=True))
        current = part
        if changed and not is_operation(part, "series"):
            current = rebuild(part, fresh)
        for rule in RULES:
            if rng.random() < CHANCE:
                current = _tried(rule, current, rng)
        done[part] = current
    return done[node]


def _tried(rule: Callable[[Node, random.Random], Node], node: Node, rng: random.Random) -> Node:
    try:
        found = rule(node, rng)
    except McError:
        return node
    return found if found.shape == node.shape else node


def _shuffled_sum(node: Node, rng: random.Random) -> Node:
    """The terms of a sum in another order."""
    if not isinstance(node, Sum):
        return node
    terms = list(node.terms)
    rng.shuffle(terms)
    return Sum(tuple(terms))


def _shuffled_scalars(node: Node, rng: random.Random) -> Node:
    """The scalar factors of a product in another order."""
    if not isinstance(node, Product) or len(node.scalars) < 2:
        return node
    scalars = list(node.scalars)
    rng.shuffle(scalars)
    return Product(node.coefficient, tuple(scalars), node.chain)


def _transposed_scalar(node: Node, _: random.Random) -> Node:
    """u'Av as v'A'u."""
    if not isinstance(node, Product) or not node.is_scalar or not node.chain:
        return node
    return Product(node.coefficient, node.scalars, tuple(transpose(n) for n in reversed(node.chain)))


def _trace(node: Node, rng: random.Random) -> Node:
    """A cyclic shift, and perhaps a transposition, inside a trace; the trace of a sum in parts."""
    if not is_operation(node, "tr"):
        return node
    inside = node.children()[0]
    if isinstance(inside, Product) and inside.chain:
        chain = list(inside.chain)
        at = rng.randrange(len(chain))
        chain = chain[at:] + chain[:at]
        if rng.random() < 0.5:
            chain = [transpose(n) for n in reversed(chain)]
        return multiply(Number(inside.coefficient), *inside.scalars, apply("tr", multiply(*chain)))
    if isinstance(inside, Sum) and rng.random() < 0.5:
        return add(*(scaled(c, apply("tr", n)) for c, n in inside.terms))
    return apply("tr", transpose(inside)) if rng.random() < 0.5 else node


def _distributed(node: Node, rng: random.Random) -> Node:
    """A product with a sum among its factors, multiplied out."""
    if not isinstance(node, Product):
        return node
    sums = [i for i, n in enumerate(node.chain) if isinstance(n, Sum)]
    if not sums:
        return node
    at = rng.choice(sums)
    chosen = node.chain[at]
    assert isinstance(chosen, Sum)
    before, after = node.chain[:at], node.chain[at + 1 :]
    outside = (Number(node.coefficient), *node.scalars)
    return add(*(multiply(*outside, Number(c), *before, n, *after) for c, n in chosen.terms))


def _square_of_norm(node: Node, rng: random.Random) -> Node:
    """A squared norm in another spelling."""
    inside = _normed(node)
    if inside is None:
        return node
    spelled: list[Callable[[], Node]] = [
        lambda: apply("sum", apply("hadamard", inside, inside)),
        lambda: apply("tr", multiply(transpose(inside), inside)),
        lambda: apply("tr", multiply(inside, transpose(inside))),
    ]
    if str(inside.columns) == "1":
        spelled += [
            lambda: multiply(transpose(inside), inside),
            lambda: apply("power", apply("norm2", inside), number(2)),
        ]
    else:
        spelled += [lambda: apply("power", apply("normF", inside), number(2))]
    return rng.choice(spelled)()


def _normed(node: Node) -> Node | None:
    """x, where a node is the square of its norm."""
    if is_operation(node, "sqnorm"):
        return node.children()[0]
    if is_operation(node, "power") and node.children()[1] == number(2):
        base = node.children()[0]
        return base.children()[0] if is_operation(base, "norm2") or is_operation(base, "normF") else None
    if isinstance(node, Product) and node.is_scalar and len(node.chain) == 2 and not node.scalars:
        same = transpose(node.chain[0]) == node.chain[1] and node.coefficient == 1
        return node.chain[1] if same else None
    if is_operation(node, "tr") and isinstance(node.children()[0], Product):
        inside = node.children()[0]
        assert isinstance(inside, Product)
        plain = len(inside.chain) == 2 and not inside.scalars and inside.coefficient == 1
        return inside.chain[1] if plain and transpose(inside.chain[0]) == inside.chain[1] else None
    return None


def _logdet(node: Node, _: random.Random) -> Node:
    """logdet(X) as log(det(X))."""
    return apply("log", apply("det", *node.children())) if is_operation(node, "logdet") else node


def _determinant(node: Node, _: random.Random) -> Node:
    """det(X) as det(X')."""
    if not (is_operation(node, "det") or is_operation(node, "logdet")):
        return node
    assert isinstance(node, Apply)
    return apply(node.operation, transpose(node.children()[0]))


def _inner_product(node: Node, rng: random.Random) -> Node:
    """sum(A.*B) as tr(A'B)."""
    inside = node.children()[0] if is_operation(node, "sum") else None
    if inside is None or not is_operation(inside, "hadamard") or len(inside.children()) != 2:
        return node
    left, right = inside.children()
    return apply("tr", multiply(transpose(left), right)) if rng.random() < 0.7 else node


def _entrywise(node: Node, rng: random.Random) -> Node:
    """The factors of an entrywise product in another order."""
    if not is_operation(node, "hadamard"):
        return node
    factors = list(node.children())
    rng.shuffle(factors)
    return apply("hadamard", *factors)


RULES = (
    _square_of_norm,
    _logdet,
    _determinant,
    _inner_product,
    _entrywise,
    _distributed,
    _trace,
    _transposed_scalar,
    _shuffled_scalars,
    _shuffled_sum,
)


@dataclass(frozen=True)
class Asked:
    """A record as somebody types it: the text, the declarations, the variables, and the function that is meant."""

    text: str
    names: Names
    wrt: tuple[str, ...]
    node: Node
    factor: Node


def asked(name: str, seed: int, *, expected: bool = False, factor: Node | None = None) -> Asked:
    """A record in other names, rewritten; ``expected``: without --wrt; ``factor``: a multiple of it."""
    rng = random.Random(f"{name} {seed}")
    stated = statement(name)
    names = other_names(stated, rng, expected=expected)
    node = rewritten(names.told(stated.expression), rng)
    node = multiply(factor, node) if factor is not None else node
    wrt = () if expected else tuple(names.symbols[v.name].name for v in stated.variables)
    used = {s.name for s in names.symbols.values()} & (node.symbols | set(wrt))
    scope = names.scope._replace(
        shapes={n: s for n, s in names.scope.shapes.items() if n in used},
        properties={n: p for n, p in names.scope.properties.items() if n in used},
    )
    typed = ASKED[stated.record.kind].format(text(node, ascii_only=True))
    return Asked(typed, Names(names.symbols, names.sizes, names.functions, scope), wrt, node, factor or number(1))
