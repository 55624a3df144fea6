"""What the tests of the operation records share: typical arguments for every operation, and the checkers.

A case is an operation applied to fresh symbols of one choice of shapes; all sizes are different. The node is
made without the normal form, so that the record itself is what is looked at.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mccli.calculus.differential import differential, differential_symbol
from mccli.calculus.needs import Need, needs
from mccli.errors import McError
from mccli.expressions.operation import UNKNOWN, Operation
from mccli.expressions.operations import OPERATIONS
from mccli.expressions.properties import closure
from mccli.expressions.sizes import ONE, Shape, Size, letter_size, number_size
from mccli.expressions.tree import Apply, Node, Symbol, apply, broadcast, strict_demand, zeros
from mccli.language.rules import THROUGH_MEANING, build_rule, meaning
from mccli.numeric.differences import complex_step, richardson
from mccli.numeric.evaluate import Evaluator
from mccli.numeric.sample import Point, draw, draw_array, holds

Array = NDArray[Any]
Names = tuple[str, ...]

M, N, H, G = (letter_size(letter) for letter in "mnhg")
MATRIX, SQUARE, OTHER_SQUARE = (M, N), (M, M), (N, N)
COLUMN, ROW, SCALAR = (M, ONE), (ONE, N), (ONE, ONE)
LETTERS = frozenset("mnhg")
ATTEMPTS = 3000
TWO, THREE = number_size(2), number_size(3)

ANY_SHAPE = (MATRIX, COLUMN, ROW, SQUARE, SCALAR)
SYMMETRIC = frozenset({"symmetric"})

SHAPES: dict[str, list[tuple[Shape, ...]]] = {
    "hadamard": [(MATRIX, MATRIX), (COLUMN, COLUMN), (SQUARE, SQUARE)],
    "power": [(MATRIX, SCALAR), (COLUMN, SCALAR), (SCALAR, SCALAR)],
    "mpow": [(SQUARE, SCALAR)],
    "kron": [(MATRIX, (H, G)), (COLUMN, (N, ONE)), (SQUARE, OTHER_SQUARE), (ROW, (H, G))],
    "kr": [(MATRIX, (H, N)), (COLUMN, (N, ONE))],
    "conv": [(COLUMN, (N, ONE))],
    "convmtx": [(COLUMN,)],
    "unvec": [((M * N, ONE),), ((ONE, M * N),)],
    "huber": [(MATRIX, SCALAR), (COLUMN, SCALAR), (SCALAR, SCALAR)],
    **{name: [(MATRIX, SCALAR), (COLUMN, SCALAR), (SCALAR, SCALAR)] for name in ("leakyrelu", "elu")},
    "logit": [((TWO, TWO),), (COLUMN,), (ROW,), (SCALAR,)],
    "factorial": [(SCALAR,)],
    "cross": [((THREE, ONE), (THREE, ONE))],
    "skew3": [((THREE, ONE),)],
    "axial3": [((THREE, THREE),)],
    "cumsum": [(COLUMN,)],
    "divdiff": [(COLUMN, COLUMN, COLUMN)],
    "qrQ": [(MATRIX,), (SQUARE,)],
    "qrR": [(MATRIX,), (SQUARE,)],
    "block": [(MATRIX, (M, H), (G, N), (G, H)), (COLUMN, SQUARE, SCALAR, (ONE, M)), (SQUARE, (M, N), (N, M), (N, N))],
    **{name: [(SQUARE,)] for name in ("eigval_general", "eigvec_right", "eigvec_left")},
    **{name: [(SQUARE, SQUARE)] for name in ("eigval_generalized", "eigvec_generalized")},
    "clip": [(MATRIX, SCALAR, SCALAR), (COLUMN, SCALAR, SCALAR), (SCALAR, SCALAR, SCALAR)],
    "normp": [(MATRIX, SCALAR), (COLUMN, SCALAR)],
    "schatten": [(MATRIX, SCALAR)],
    "sqdist": [(MATRIX, (H, N))],
    "sylvester": [(SQUARE, OTHER_SQUARE, MATRIX)],
    "lyap": [(SQUARE, SQUARE)],
    "stein": [(SQUARE, SQUARE)],
    "offinv": [(COLUMN,)],
    "sv": [(MATRIX,)],
    "svu": [(MATRIX,)],
    "svv": [(MATRIX,)],
    "svdS": [(MATRIX,)],
    "svdU": [(MATRIX,)],
    "svdV": [(MATRIX,)],
    "normspec": [(MATRIX,)],
    "normnuc": [(MATRIX,)],
    **{name: [(MATRIX,), (COLUMN,), (ROW,), (SQUARE,)] for name in ("std", "var")},
    **{name: [(COLUMN,)] for name in ("softmax", "logsumexp", "logsoftmax")},
    **{name: [(MATRIX,), (SQUARE,)] for name in ("logsoftmax_rows", "logsoftmax_cols")},
    "vcat": [(MATRIX, (H, N)), (COLUMN, (H, ONE))],
    "hcat": [(MATRIX, (M, H)), (ROW, (ONE, H))],
    **{name: [((M + H, N),), ((M + H, ONE),)] for name in ("top", "bottom")},
    **{name: [((M, N + H),), ((ONE, N + H),)] for name in ("left", "right")},
    **{name: [(SQUARE,)] for name in ("eigs", "eigvecs", "eigval", "eigvec", "eigmax", "eigmin")},
    **{f"frechet_{name}": [(SQUARE, SQUARE)] for name in ("expm", "logm", "sinm", "cosm")},
}
"""Argument shapes where not every shape that the shape rule accepts is meant."""

SIZES: dict[str, list[tuple[Size, ...]]] = {
    "convmtx": [(N,)],
    "unvec": [(M, N)],
    **{name: [(M,)] for name in ("top", "bottom")},
    **{name: [(N,)] for name in ("left", "right")},
    "eigval": [(ONE,), (TWO,), (M,)],
    "eigvec": [(ONE,), (TWO,), (M,)],
    **{name: [(ONE,), (TWO,)] for name in ("sv", "svu", "svv")},
}

PROPERTIES: dict[tuple[str, str], frozenset[str]] = {
    ("mpow", "k"): frozenset({"integer"}),
    ("chol", "A"): closure({"spd"}),
    ("factorial", "k"): frozenset({"integer"}),
    **{(name, "A"): closure(SYMMETRIC) for name in ("eigval_generalized", "eigvec_generalized")},
    **{(name, "B"): closure({"spd"}) for name in ("eigval_generalized", "eigvec_generalized")},
    ("normp", "p"): frozenset({"positive"}),
    ("schatten", "p"): frozenset({"positive"}),
}

FIXED: dict[str, frozenset[str]] = {
    "factorial": frozenset("k"),
    "eigvec_right": frozenset("X"),
    "eigvec_left": frozenset("X"),
    "eigvec_generalized": frozenset("AB"),
    "trigamma": frozenset("x"),
    "svu": frozenset("X"),
    "svv": frozenset("X"),
    "svdU": frozenset("X"),
    "svdV": frozenset("X"),
    "normp": frozenset("p"),
    "mpow": frozenset("k"),
    **{f"frechet_{name}": frozenset("X") for name in ("expm", "logm", "sinm", "cosm")},
}
"""Arguments by which mc has no derivative and must say so."""

NOT_GENERIC = {"series": "binds an index, so it is no function of arrays; it has tests of its own"}
"""Operations that the generic cases leave out, with the reason."""


@dataclass(frozen=True)
class Case:
    """An operation over fresh symbols."""

    record: Operation
    arguments: tuple[Symbol, ...]
    sizes: tuple[Size, ...]

    @property
    def label(self) -> str:
        """For the name of a test."""
        shapes = "-".join(f"{a.rows}x{a.columns}" for a in self.arguments)
        return f"{self.record.name}-{shapes}" + "".join(f"-{s}" for s in self.sizes)

    def node(self, record: Operation | None = None) -> Apply:
        """The operation applied as it stands; ``record`` in place of the registered one."""
        record = record or self.record
        return raw(record, *self.arguments, sizes=self.sizes)

    def named(self) -> dict[str, Symbol]:
        """The arguments by the names of the parameters."""
        return dict(zip(self.record.parameters, self.arguments, strict=True))


def raw(record: Operation | str, *arguments: Node, sizes: tuple[Size, ...] = ()) -> Apply:
    """An operation applied without its normal form."""
    record = OPERATIONS[record] if isinstance(record, str) else record
    shape = record.shape(tuple(a.shape for a in arguments), sizes, strict_demand)
    return Apply(record, arguments, sizes, shape)


@cache
def cases(name: str) -> list[Case]:
    """The cases of an operation: those its normal form leaves alone, or all if it is always rewritten."""
    record = OPERATIONS[name]
    shapes = SHAPES.get(name) or [(s,) for s in ANY_SHAPE if len(record.parameters) == 1]
    found = []
    for chosen, sizes in itertools.product(shapes, SIZES.get(name, [()])):
        arguments = tuple(
            Symbol(f"{p}_", s, _properties(record, p)) for p, s in zip(record.parameters, chosen, strict=True)
        )
        case = Case(record, arguments, sizes)
        if _fits(case):
            found.append(case)
    kept = [c for c in found if _unchanged(c)]
    return kept or found


def _properties(record: Operation, parameter: str) -> frozenset[str]:
    declared = PROPERTIES.get((record.name, parameter), frozenset())
    return declared | (closure(SYMMETRIC) if "symmetric with distinct" in record.domain else frozenset())


def _fits(case: Case) -> bool:
    if len(case.sizes) != len(case.record.size_parameters):
        return False
    try:
        case.node()
    except McError:
        return False
    return not any("square" in a.properties and a.rows != a.columns for a in case.arguments)


def _unchanged(case: Case) -> bool:
    simpler = apply(case.record, *case.arguments, sizes=case.sizes)
    return isinstance(simpler, Apply) and simpler.operation is case.record and simpler.arguments == case.arguments


GENERIC = [name for name in OPERATIONS if name not in NOT_GENERIC]


# ---------------------------------------------------------------------------------------------- points


def in_domain(
    symbols: Collection[Symbol], conditions: Sequence[Need], value: Node, count: int, seed: int
) -> list[Point]:
    """Points where all conditions hold and the value is finite; unlike mc's own supply, it may be 0 there."""
    drawn = (draw(symbols, LETTERS, np.random.default_rng([seed, i]), i) for i in range(ATTEMPTS))
    found = list(itertools.islice((p for p in drawn if p is not None and _defined(p, conditions, value)), count))
    assert len(found) == count, f"{len(found)} points found"
    return found


def _defined(point: Point, conditions: Sequence[Need], value: Node) -> bool:
    try:
        met = all(holds(need.kind, value_at(need.node, point)) for need in conditions)
        return met and bool(np.all(np.isfinite(value_at(value, point))))
    except (ValueError, ArithmeticError, np.linalg.LinAlgError):
        return False


def sample(case: Case, count: int, seed: int) -> list[Point]:
    """Points in the domain of a case at which its value is finite."""
    node = case.node()
    return in_domain(case.arguments, needs(node), node, count, seed)


def value_at(node: Node, point: Point, arrays: Mapping[str, Array] | None = None) -> Array:
    """The value of a node at a point, with further or other arrays."""
    with np.errstate(all="ignore"):
        return Evaluator({**point.arrays, **(arrays or {})}, point.sizes).value(node)


def deviation(found: Array, expected: Array) -> float:
    """Largest deviation relative to the expected array, absolute where that is tiny."""
    if found.shape != expected.shape or not np.all(np.isfinite(found)):
        return float("inf")
    return float(np.max(np.abs(found - expected)) / max(float(np.max(np.abs(expected))), 1e-3))


def random_array(symbol: Symbol, shape: tuple[int, int], rng: np.random.Generator) -> Array:
    """A random direction in the linear space of a symbol."""
    return draw_array(symbol.properties, shape, rng, lambda r, s: r.normal(size=s))


# ---------------------------------------------------------------------------------------------- the differential


@dataclass(frozen=True)
class Probe:
    """A point with directions for some arguments, and the derivative of the value there by differences."""

    point: Point
    moving: frozenset[str]
    directions: Mapping[str, Array]
    expected: Array
    tolerance: float


def moving_sets(record: Operation) -> list[frozenset[str]]:
    """Every argument that may vary by itself, and all of them together."""
    free = [p for p in record.parameters if p not in FIXED.get(record.name, frozenset())]
    sets = [frozenset({p}) for p in free]
    return [*sets, frozenset(free)] if len(free) > 1 else sets


def probes(case: Case, count: int, seed: int) -> list[Probe]:
    """Derivatives of the value of a case along random directions."""
    found = []
    for number, point in enumerate(sample(case, count, seed)):
        rng = np.random.default_rng([seed, number, 1])
        for moving in moving_sets(case.record):
            found.append(_probe(case, point, moving, rng))
    return found


def _probe(case: Case, point: Point, moving: frozenset[str], rng: np.random.Generator) -> Probe:
    node = case.node()
    named = {p: s for p, s in case.named().items() if p in moving}
    directions = {p: random_array(differential_symbol(s), point.arrays[s.name].shape, rng) for p, s in named.items()}

    def along(t: Array) -> Array:
        moved = {s.name: point.arrays[s.name] + t[0, 0] * directions[p] for p, s in named.items()}
        return value_at(node, point, moved)

    one = np.ones((1, 1))
    if case.record.analytic:
        return Probe(point, moving, directions, complex_step(along, one), 1e-8)
    slope, error = richardson(along, one)
    return Probe(point, moving, directions, slope, max(1e-6, 20 * error))


def differential_node(case: Case, moving: frozenset[str], record: Operation | None = None) -> Node:
    """The differential of a case in the symbols dx of the arguments that vary, by mc itself."""
    changes = {s: differential_symbol(s) for p, s in case.named().items() if p in moving}
    return differential(case.node(record), changes)


def rule_node(case: Case, moving: frozenset[str], record: Operation) -> Node:
    """The differential from the text of the record alone, without the built-in product rules."""
    named = case.named()
    if record.d == THROUGH_MEANING:
        changes = {s: differential_symbol(s) if p in moving else zeros(s.shape) for p, s in named.items()}
        return differential(meaning(case.node(record)), changes)
    leaves = {f"d{p}": differential_symbol(s) if p in moving else zeros(s.shape) for p, s in named.items()}
    return build_rule(record.d, case.node(record), leaves)


def differential_error(node: Node, case: Case, probe: Probe) -> float:
    """How far a differential is from the differences at a probe, in units of the tolerance."""
    named = case.named()
    arrays = {f"d{named[p].name}": d for p, d in probe.directions.items()}
    return deviation(value_at(node, probe.point, arrays), probe.expected) / probe.tolerance


def has_rule(record: Operation) -> bool:
    """Whether the record has a differential at all."""
    return record.d != UNKNOWN


# ---------------------------------------------------------------------------------------------- the adjoint


@dataclass(frozen=True)
class AdjointProbe:
    """A point with a weight M and a direction E, f(E), and the inner product <M, f(E)>."""

    point: Point
    weight: Array
    direction: Array
    image: Array
    expected: float
    scale: float


def adjoint_probes(case: Case, parameter: str, count: int, seed: int) -> list[AdjointProbe]:
    """Inner products of the operation at random directions with random weights."""
    node, symbol = case.node(), case.named()[parameter]
    found = []
    for number, point in enumerate(sample(case, count, seed)):
        rng = np.random.default_rng([seed, number, 2])
        direction = rng.normal(size=point.arrays[symbol.name].shape)
        others = {n: 0 * x for n, x in point.arrays.items()} if case.record.jointly_linear else {}
        value = value_at(node, point, {**others, symbol.name: direction})
        weight = rng.normal(size=value.shape)
        expected, scale = float(np.sum(weight * value)), float(np.sum(np.abs(value)))
        found.append(AdjointProbe(point, weight, direction, value, expected, scale))
    return found


def adjoint_node(case: Case, parameter: str, rule: str) -> Node:
    """The adjoint of a case in one argument, in the symbol M and the other arguments."""
    node, symbol = case.node(), case.named()[parameter]
    weight = Symbol("M", node.shape, role="differential")
    return broadcast(build_rule(rule, node, {"M": weight}), symbol.shape)


def adjoint_error(node: Node, probe: AdjointProbe) -> float:
    """How far <G, E> is from <M, f(E)>, in units of the tolerance."""
    value = value_at(node, probe.point, {"M": probe.weight})
    if value.shape != probe.direction.shape or not np.all(np.isfinite(value)):
        return float("inf")
    return abs(float(np.sum(value * probe.direction)) - probe.expected) / max(probe.scale, 1e-3) / 1e-8


def vec_node(case: Case, rule: str) -> Node:
    """The matrix of a case in one argument, in the symbols of the other arguments."""
    return build_rule(rule, case.node(), {})


def vec_error(node: Node, probe: AdjointProbe) -> float:
    """How far V vec(E) is from vec(f(E)), in units of the tolerance."""
    value = value_at(node, probe.point)
    if value.shape != (probe.image.size, probe.direction.size) or not np.all(np.isfinite(value)):
        return float("inf")
    found = value @ probe.direction.reshape(-1, order="F")
    return float(np.max(np.abs(found - probe.image.reshape(-1, order="F")))) / max(probe.scale, 1e-3) / 1e-8


def with_rule(record: Operation, field: str, text: str) -> Operation:
    """The record with another text for "d", "means", the adjoint of a parameter ("adjoint:x") or its vec ("vec:x")."""
    if field.startswith("vec:"):
        return record.changed(vec={**record.vec, field.removeprefix("vec:"): text})
    if field.startswith("adjoint:"):
        return record.changed(adjoint={**record.adjoint, field.removeprefix("adjoint:"): text})
    return record.changed(**{field: text})


def every_case() -> Iterator[Case]:
    """All generic cases."""
    for name in GENERIC:
        yield from cases(name)


def ids(items: Sequence[Case]) -> list[str]:
    """Names of cases for pytest."""
    return [c.label for c in items]
