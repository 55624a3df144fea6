"""Convexity against numbers: a certificate is put to the test, and what has none may be refuted.

At random points of the domain the eigenvalues of the Hessian are looked at, in the space of the variable; along random
segments in it the value is compared with the chord. A proof that fails here is a mistake in mc, and is never shown.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mccli.calculus.curvature.certificate import Curvature
from mccli.calculus.needs import Need, needs
from mccli.expressions.graph import walk
from mccli.expressions.tree import Apply, Node, Sum, Symbol
from mccli.numeric.evaluate import Evaluator
from mccli.numeric.sample import Point, acceptable, draw_array, points
from mccli.numeric.spaces import in_space

Array = NDArray[Any]

POINTS = 6
SEGMENTS = 8
"""Segments from every point."""
MOST_EIGENVALUES = 160
"""The Hessian by a variable with more entries is not decomposed; segments remain."""
TOLERANCE = 1e-8
"""Relative to the largest entry of the Hessian, or to the values at the ends and in the middle."""
ROUNDING = 1e-11
"""Relative to the largest number that occurs on the way to a value."""
CANCELLED = 1e-7
"""A difference so small against its terms has few digits left."""
TELLING = 1e-5
"""Relative size from which on a curvature against the claim is no matter of rounding."""
SEED = 20240417
ENDS = 12
STEPS = (1.0, 0.3, 0.1, 0.03, 0.01)


@dataclass(frozen=True)
class Bending:
    """A place where a function bends one way: the eigenvalue there, or how far the middle is from the chord."""

    amount: float
    by: str


@dataclass
class Evidence:
    """What was seen: the strongest bending upwards and downwards, relative to the tolerance of its kind.

    ``up`` and ``down`` are None where nothing above rounding was seen. ``least`` and ``greatest`` are the extreme
    eigenvalues at the point where the Hessian is most clearly indefinite, or at the last one.
    """

    points: int = 0
    segments: int = 0
    up: Bending | None = None
    down: Bending | None = None
    eigenvalues: tuple[float, float] | None = None
    broken: str = ""
    data: tuple[str, ...] = ()
    sizes: dict[str, int] = field(default_factory=dict)


def contradiction(found: Curvature, evidence: Evidence) -> str:
    """What speaks against a certificate, as a clause; "" if nothing does. It is an error in mc, not of the user."""
    if evidence.broken:
        return evidence.broken
    if found.verdict in ("convex", "affine") and evidence.down is not None:
        return f"it bends downwards: {_said(evidence.down)}"
    if found.verdict in ("concave", "affine") and evidence.up is not None:
        return f"it bends upwards: {_said(evidence.up)}"
    return ""


def is_neither(evidence: Evidence) -> bool:
    """Whether the function was seen to bend both ways with one choice of its constants."""
    return evidence.up is not None and evidence.down is not None


def neither_said(evidence: Evidence) -> str:
    """The refutation as a sentence without its full stop. The constants, if any, were random too: ``evidence.data``."""
    assert evidence.up is not None
    assert evidence.down is not None
    if evidence.eigenvalues is not None:
        low, high = evidence.eigenvalues
        return f"at a random point H has eigenvalues {low:.2g} and {high:.2g}"
    if evidence.up.by == evidence.down.by == "eigenvalue":
        return f"at two random points H has the eigenvalues {evidence.down.amount:.2g} and {evidence.up.amount:.2g}"
    return f"it bends upwards ({_said(evidence.up)}) and downwards ({_said(evidence.down)})"


def _said(bending: Bending) -> str:
    if bending.by == "eigenvalue":
        return f"at a random point H has the eigenvalue {bending.amount:.2g}"
    return f"in the middle of a random segment it differs from the chord by {bending.amount:.2g}"


def check(
    found: Curvature,
    expression: Node,
    hessian: Node | None,
    variable: Symbol,
    symbols: Collection[Symbol],
    letters: Collection[str],
    *,
    count: int = POINTS,
    seed: int = SEED,
) -> tuple[Evidence, str]:
    """A certificate at random points and along segments: what was seen, and what contradicts it ("" if nothing does).

    DomainError if the function is defined nowhere we look.
    """
    conditions = [*_asked(found, expression, variable), *found.domain]
    total = Evidence()
    supply = points(symbols, letters, conditions, expression, seed)
    for number in range(count):
        point = next(supply)
        look = _Look(expression, hessian, variable, conditions, point, np.random.default_rng([seed, number]))
        look.everywhere(total)
    return total, contradiction(found, total)


def _asked(found: Curvature, expression: Node, variable: Symbol) -> list[Need]:
    """What is asked of a point: where a Hessian is the proof, all that derivatives need; kinks are no matter else."""
    smooth = found.by == "form"
    return [n for n in needs(expression) if smooth or not n.node.depends_on((variable.name,))]


def indefinite_at(
    expression: Node,
    hessian: Node | None,
    variable: Symbol,
    symbols: Collection[Symbol],
    letters: Collection[str],
    *,
    count: int = POINTS,
    seed: int = SEED,
) -> Evidence | None:
    """Evidence, for one random choice of the constants, that a function is neither convex nor concave; None if none.

    DomainError as :func:`check`.
    """
    conditions = needs(expression)
    supply = points(symbols, letters, conditions, expression, seed)
    data = tuple(sorted(s.name for s in symbols if s != variable and s.name in expression.symbols))
    for number in range(count):
        evidence = Evidence(data=data)
        point = next(supply)
        look = _Look(expression, hessian, variable, conditions, point, np.random.default_rng([seed, number]))
        for place in (look.start, *look.ends()):
            look.at(place, evidence)
        if not is_neither(evidence) and _only_kinks(expression, variable):
            look.everywhere(evidence)
        if is_neither(evidence):
            return evidence
    return None


KINKS = frozenset({"nonzero", "nonzero rows", "nonzero columns", "unique maximum", "unique largest modulus"})
"""Conditions of derivatives that fail where the function itself goes on."""


def _only_kinks(expression: Node, variable: Symbol) -> bool:
    """Whether a function is defined everywhere, so that every segment lies in its domain."""
    moving = [n for n in walk(expression) if isinstance(n, Apply) and n.depends_on((variable.name,))]
    divides = any(n.operation.name in ("power", "normp", "sign") for n in moving)
    kinds = KINKS if divides else KINKS | {"nonzero entries"}
    return all(n.kind in kinds for n in needs(expression) if n.node.depends_on((variable.name,)))


class _Look:
    """One choice of the constants, with the variable at several places."""

    def __init__(
        self,
        expression: Node,
        hessian: Node | None,
        variable: Symbol,
        conditions: Sequence[Need],
        point: Point,
        rng: np.random.Generator,
    ) -> None:
        self.expression, self.hessian, self.variable = expression, hessian, variable
        self.conditions, self.point, self.rng = conditions, point, rng
        self.start = point.arrays[variable.name]

    def everywhere(self, evidence: Evidence) -> None:
        """The eigenvalues at the point, and segments from it."""
        evidence.points += 1
        evidence.sizes = dict(self.point.sizes)
        self.at(self.start, evidence)
        for end in self.ends():
            evidence.segments += 1
            self.along(self.start, end, evidence)

    def ends(self) -> Iterator[Array]:
        """Other places in the domain: drawn anew, and at a distance from the point along a random direction."""
        found = 0
        for attempt in range(ENDS):
            if attempt % 2:
                direction = in_space(self.rng.normal(size=self.start.shape), self.variable.properties)
                places = [self.start + step * direction for step in STEPS]
            else:
                flavour = _FLAVOURS[attempt // 2 % len(_FLAVOURS)]
                places = [draw_array(self.variable.properties, _shape(self.start), self.rng, flavour)]
            place = next((p for p in places if self._inside(p)), None)
            if place is not None and found < SEGMENTS:
                found += 1
                yield place

    def _inside(self, place: Array) -> bool:
        moved = Point(self.point.sizes, {**self.point.arrays, self.variable.name: place})
        return _in_cone(place, self.variable) and acceptable(moved, self.conditions, self.expression)

    def value(self, place: Array) -> tuple[float, float]:
        """The function at a place, and how large what is rounded on the way to it gets."""
        evaluator = Evaluator({**self.point.arrays, self.variable.name: place}, self.point.sizes)
        with np.errstate(all="ignore"):
            found = float(np.real(evaluator.value(self.expression)[0, 0]))
            if _digits_lost(evaluator):
                return found, float("inf")
        return found, max(float(np.max(np.abs(x), initial=0.0)) for x in evaluator.done.values())

    # ------------------------------------------------------------------------------------ eigenvalues

    def at(self, place: Array, evidence: Evidence) -> None:
        """The extreme eigenvalues of the Hessian at a place, each confirmed by second differences of the value."""
        if self.hessian is None or place.size > MOST_EIGENVALUES:
            return
        arrays = {**self.point.arrays, self.variable.name: place}
        with np.errstate(all="ignore"):
            full = np.real(Evaluator(arrays, self.point.sizes).value(self.hessian))
        if not np.all(np.isfinite(full)):
            return
        basis = _basis(place, self.variable)
        inside = basis.T @ full @ basis
        values, vectors = np.linalg.eigh((inside + inside.T) / 2)
        scale = float(np.max(np.abs(values), initial=0.0))
        low, high = float(values[0]), float(values[-1])
        down = low < -TELLING * scale and self._confirmed(place, basis @ vectors[:, 0], low)
        up = high > TELLING * scale and self._confirmed(place, basis @ vectors[:, -1], high)
        if down and _stronger(low, evidence.down):
            evidence.down = Bending(low, "eigenvalue")
        if up and _stronger(high, evidence.up):
            evidence.up = Bending(high, "eigenvalue")
        if down and up and (evidence.eigenvalues is None or min(-low, high) > min(map(abs, evidence.eigenvalues))):
            evidence.eigenvalues = (low, high)

    def _confirmed(self, place: Array, direction: Array, eigenvalue: float) -> bool:
        """Whether differences of the value along an eigenvector bend as the eigenvalue says."""
        step = direction.reshape(place.shape, order="F")
        for width in (1e-2, 1e-3, 1e-4):
            right, left, middle = (self.value(place + t * step)[0] for t in (width, -width, 0.0))
            second = (right + left - 2 * middle) / width**2
            if np.isfinite(second) and abs(second - eigenvalue) < 0.1 * abs(eigenvalue):
                return True
        return False

    # ------------------------------------------------------------------------------------ segments

    def along(self, start: Array, end: Array, evidence: Evidence) -> None:
        """The value in the middle of a segment and at a random place on it, against the chord."""
        (first, rounded), (last, also) = self.value(start), self.value(end)
        for t in (0.5, float(self.rng.uniform(0.05, 0.95))):
            inside, most = self.value((1 - t) * start + t * end)
            if not np.isfinite(inside):
                evidence.broken = "the function is not finite between two points of its domain"
                return
            gap = (1 - t) * first + t * last - inside
            noise = ROUNDING * max(rounded, also, most)
            if abs(gap) <= max(noise, TOLERANCE * max(abs(first), abs(last), abs(inside))):
                continue
            if gap > 0 and evidence.up is None:
                evidence.up = Bending(gap, "chord")
            if gap < 0 and evidence.down is None:
                evidence.down = Bending(-gap, "chord")


def _digits_lost(evaluator: Evaluator) -> bool:
    """Whether a logarithm or a power is taken of a difference of almost equal numbers: log(1 - sigmoid(40))."""
    for node in list(evaluator.done):
        if isinstance(node, Apply) and node.operation.name in ("log", "sqrt", "power"):
            inside = node.arguments[0]
            if isinstance(inside, Sum):
                terms = sum(abs(float(c)) * np.abs(evaluator.done[n]) for c, n in inside.terms)
                if not np.all(np.abs(evaluator.done[inside]) > CANCELLED * terms):
                    return True
    return False


def _stronger(value: float, known: Bending | None) -> bool:
    return known is None or known.by != "eigenvalue" or abs(value) > abs(known.amount)


def _shape(x: Array) -> tuple[int, int]:
    return (int(x.shape[0]), int(x.shape[1]))


def _in_cone(x: Array, variable: Symbol) -> bool:
    """Whether a place still has the declared sign of the variable."""
    known = variable.properties
    if "spd" in known or "psd" in known:
        return bool(np.linalg.eigvalsh(x)[0] > (1e-3 if "spd" in known else 0.0))
    if known & {"positive", "simplex"}:
        entries = np.diag(x) if "diagonal" in known else x
        return bool(np.all(entries > 0)) and ("simplex" not in known or bool(np.isclose(np.sum(x), 1)))
    return True


def _basis(x: Array, variable: Symbol) -> Array:
    """An orthonormal basis, as columns in vec order, of the space of the variable."""
    columns = []
    for k in range(x.size):
        unit = np.zeros(x.size)
        unit[k] = 1.0
        columns.append(in_space(unit.reshape(x.shape, order="F"), variable.properties).ravel(order="F"))
    left, singular, _ = np.linalg.svd(np.array(columns).T)
    return np.asarray(left[:, singular > 0.5])


def _normal(rng: np.random.Generator, shape: tuple[int, int]) -> Array:
    return rng.normal(size=shape)


def _wide(rng: np.random.Generator, shape: tuple[int, int]) -> Array:
    return 4 * rng.normal(size=shape)


def _near_positive(rng: np.random.Generator, shape: tuple[int, int]) -> Array:
    return rng.uniform(0.1, 2.0, size=shape)


_FLAVOURS = (_normal, _wide, _near_positive)
