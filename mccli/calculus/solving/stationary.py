"""Stationary points in closed form: where the gradient vanishes, by elimination of one unknown after the other.

The equations are the gradients by the unknowns, set to zero, and the constraints. Each is solved for one unknown
where it can be; the solution is put into the others, and back at the end (Boyd & Vandenberghe 9.1.1 and 10.1.1).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from mccli.calculus.identify import gradients
from mccli.calculus.needs import Need, needs
from mccli.calculus.solving.affine import NotAffine
from mccli.calculus.solving.conditions import conditions, impossible
from mccli.calculus.solving.isolate import Isolated, NotIsolated, Singular
from mccli.calculus.solving.lagrange import Constraint, Eigenproblem, eigenproblem, lagrangian, with_multipliers
from mccli.calculus.solving.obstacles import Obstacle, refuse
from mccli.calculus.solving.roots import roots
from mccli.calculus.solving.spread import spread
from mccli.calculus.structure import project, refuse_complex
from mccli.calculus.tidy import tidy
from mccli.errors import DeriveError
from mccli.expressions.graph import substitute
from mccli.expressions.sizes import ONE, shape_text
from mccli.expressions.tree import Node, Symbol, is_zero, traits

UNSUPPORTED_SPACES = ("skew", "diagonal", "lower", "upper", "orthogonal", "unit", "simplex", "integer")
"""Declared properties of an unknown for which no closed form is looked for."""
DOMAINS = ("spd", "psd", "positive")
"""Declared properties of an unknown that its solution must have."""
MOST_POINTS = 8


@dataclass(frozen=True)
class Line:
    """A line of the derivation: what stands on the left (a name or a formula), the right, and the reason."""

    left: Node | str
    right: Node
    reason: str


@dataclass(frozen=True)
class Solved:
    """An unknown at a stationary point: in terms of the other variables, and in given symbols alone."""

    variable: Symbol
    expression: Node
    full: Node


@dataclass(frozen=True)
class Point:
    """A stationary point: its variables, the multipliers of the constraints, and what it assumes."""

    solved: tuple[Solved, ...]
    multipliers: tuple[Solved, ...]
    needs: tuple[Need, ...]


@dataclass(frozen=True)
class Stationary:
    """The stationary points of a function, or the eigenvalue problem that they solve, with the steps.

    ``gradients`` are those of the Lagrangian (of the function, if there are no constraints); ``needs`` are the
    conditions on what is given, ``domain`` those on the unknowns.
    """

    function: str
    expression: Node
    symbols: Mapping[str, Symbol]
    variables: tuple[Symbol, ...]
    constraints: tuple[Constraint, ...]
    lagrangian: Node
    gradients: Mapping[Symbol, Node]
    lines: tuple[Line, ...]
    points: tuple[Point, ...]
    eigen: Eigenproblem | None
    needs: tuple[Need, ...]
    domain: tuple[Need, ...]


def stationary(
    expression: Node,
    symbols: Mapping[str, Symbol],
    variables: Sequence[Symbol],
    constraints: Sequence[tuple[Node, Node]] = (),
    inverted: Sequence[Node] = (),
) -> Stationary:
    """The stationary points of a scalar expression by the variables, under constraints ``left = right``.

    DeriveError, with the equation that would have to be solved, if there is none or mc finds no closed form.
    """
    refuse_complex(symbols.values())
    if not expression.is_scalar:
        raise DeriveError(f"a stationary point needs a scalar function; this one is {shape_text(expression.shape)}")
    for variable in variables:
        _refuse_space(variable)
    return _Search(expression, symbols, tuple(variables), constraints, inverted).run()


def _refuse_space(variable: Symbol) -> None:
    for name in UNSUPPORTED_SPACES:
        if name in variable.properties and not variable.is_scalar:
            notes = {
                "unit": f'write the constraint: --subject-to "{variable.name}\'{variable.name} = 1"',
                "simplex": f'write the constraint: --subject-to "sum({variable.name}) = 1"',
                "diagonal": "use Diag(x) with a vector x as the unknown",
            }
            raise DeriveError(
                f"mc does not solve for a variable that is declared {name} ({variable.name})",
                notes=[notes[name]] if name in notes else [],
            )


@dataclass(frozen=True)
class _Row:
    """An equation ``= 0``, the unknown that it is first solved for, and what the equation is called."""

    equation: Node
    unknown: Symbol
    place: str


@dataclass(frozen=True)
class _Found:
    """An unknown solved from an equation; ``closed`` if no other unknown stands in its solution."""

    unknown: Symbol
    root: Isolated
    closed: bool
    place: str


class _Search:
    def __init__(
        self,
        expression: Node,
        symbols: Mapping[str, Symbol],
        variables: tuple[Symbol, ...],
        constraints: Sequence[tuple[Node, Node]],
        inverted: Sequence[Node],
    ) -> None:
        self.expression, self.symbols, self.variables = expression, symbols, variables
        self.names = frozenset(v.name for v in variables)
        used = set(symbols) | self.names | {"f"}
        self.function = next((n for n in "fghqF" if n not in symbols and n not in self.names), "f")
        self.constraints = with_multipliers(constraints, used)
        self.eigen: Eigenproblem | None = None
        if len(self.constraints) == len(variables) == 1:
            self.eigen = eigenproblem(expression, variables[0], self.constraints[0])
        if self.eigen is not None:
            self.constraints = [self.eigen.constraint]
        self.lagrangian = lagrangian(expression, self.constraints)
        raw = gradients(self.lagrangian, variables)
        self.gradients = {v: tidy(project(g, v), [self.lagrangian]) for v, g in raw.items()}
        self.conditions = needs(expression, inverted)
        self.positive = {
            v for v in variables if "positive" in traits(v) or any(n == Need("positive", v) for n in self.conditions)
        }
        self.obstacles: list[Obstacle] = []
        self.divided = False
        self.above = "ℒ" if self.constraints else self.function

    def run(self) -> Stationary:
        self._refuse_hopeless()
        opening = list(self._opening())
        if self.eigen is not None:
            return self._result([*opening, *self._eigen_lines(self.eigen)], (), self.eigen.needs)
        system = [_Row(tidy(self.gradients[v]), v, f"∂{self.above}/∂{v.name} = 0") for v in self.variables]
        many = len(self.constraints) > 1
        for i, c in enumerate(self.constraints, 1):
            system.append(_Row(c.residual, c.multiplier, f"constraint {i}" if many else "the constraint"))
        paths = list(self._eliminate(system, []))
        if not paths:
            refuse(self.obstacles, self.gradients, bool(self.constraints), certain=not self.divided)
        known = [(path, self._point(path)) for path in paths[:MOST_POINTS]]
        paths, points = _within_domain(known)
        lines = list(dict.fromkeys([*opening, *(x for path in paths for x in self._path_lines(path))]))
        return self._result(lines, tuple(points), ())

    def _result(self, lines: Sequence[Line], points: tuple[Point, ...], more: Sequence[Need]) -> Stationary:
        unconditional = [n for n in self.conditions if not n.node.depends_on(self.names)]
        domain = tuple(n for n in self.conditions if n.node.depends_on(self.names))
        return Stationary(
            self.function, self.expression, self.symbols, self.variables, tuple(self.constraints), self.lagrangian,
            self.gradients, tuple(lines), points, self.eigen, tuple(dict.fromkeys([*unconditional, *more])), domain,
        )  # fmt: skip

    def _refuse_hopeless(self) -> None:
        """A function without the unknown, or one whose gradient is the same everywhere."""
        for v, gradient in self.gradients.items():
            if is_zero(gradient):
                raise DeriveError(
                    f"the gradient by {v.name} is 0 everywhere: every {v.name} is a stationary point",
                    notes=[f"{self.function} does not depend on {v.name}"],
                )
        if self.constraints:
            for c in self.constraints:
                if not c.residual.depends_on(self.names):
                    raise DeriveError(f"a constraint does not contain {', '.join(sorted(self.names))}")

    # ------------------------------------------------------------------------------------ elimination

    def _eliminate(self, system: Sequence[_Row], done: list[_Found]) -> Iterator[list[_Found]]:
        """All ways through the system, each the unknowns in the order in which they were solved."""
        if not system:
            yield done
            return
        choice = self._choose(system)
        if choice is None:
            return
        equation, unknown, found = choice
        others = {row.unknown.name for row in system} - {unknown.name}
        for root in found:
            self.divided |= any(n.node.depends_on(others) for n in root.needs)
            closed = unknown in self.variables and not root.solution.depends_on(others)
            put_in: dict[Node, Node] = {} if closed else {unknown: root.solution}
            rest = _without_row(system, equation, unknown)
            replaced = [_Row(spread(substitute(row.equation, put_in)), row.unknown, row.place) for row in rest]
            yield from self._eliminate(replaced, [*done, _Found(unknown, root, closed, equation.place)])

    def _choose(self, system: Sequence[_Row]) -> tuple[_Row, Symbol, list[Isolated]] | None:
        """What to solve next: its own unknown in an equation if that can be, else any other.

        First where the solution needs no other unknown, then the smallest unknown; variables before multipliers.
        """
        others = {row.unknown.name for row in system}
        self.obstacles = []
        own = [(row, row.unknown) for row in system]
        crossed = [(row, other.unknown) for row in system for other in system if other is not row]
        for pairs in (own, crossed):
            candidates = []
            for i, (row, unknown) in enumerate(pairs):
                found = self._attempt(row.equation, unknown, others)
                if found:
                    open_ends = any(r.solution.depends_on(others - {unknown.name}) for r in found)
                    rank = (open_ends, unknown not in self.variables, _rank(unknown), i)
                    candidates.append((rank, (row, unknown, found)))
            if candidates:
                return min(candidates, key=lambda c: c[0])[1]
        return None

    def _attempt(self, equation: Node, unknown: Symbol, others: Collection[str]) -> list[Isolated]:
        if not equation.depends_on((unknown.name,)):
            kind = "free" if equation.depends_on(others) or is_zero(equation) else "constant"
            self.obstacles.append(Obstacle(kind, equation, unknown))
            return []
        try:
            return roots(equation, unknown, positive=unknown in self.positive)
        except NotAffine as error:
            self.obstacles.append(Obstacle("not linear", equation, unknown, error.node))
        except NotIsolated as error:
            self.obstacles.append(Obstacle("operator", equation, unknown, words=error.reason))
        except Singular as error:
            self.obstacles.append(Obstacle("singular", equation, unknown, error.operator, line=error.equation))
        return []

    # ------------------------------------------------------------------------------------ points

    def _point(self, path: Sequence[_Found]) -> Point:
        full = _resolved(path)
        multipliers = {c.multiplier: full[c.multiplier] for c in self.constraints}
        put_in: dict[Node, Node] = dict(multipliers.items())
        solved = []
        for v in self.variables:
            (own,) = [f.root.solution for f in path if f.unknown == v]
            solved.append(Solved(v, tidy(spread(substitute(own, put_in))), full[v]))
        assumed = [need for f in path for need in f.root.needs]
        assumed += [n for n in self.conditions if n.node.depends_on(self.names)]
        assumed += [Need(p, full[v]) for v in self.variables for p in [_domain(v)] if p]
        order = {f.unknown: i for i, f in enumerate(path)}
        return Point(
            tuple(sorted(solved, key=lambda x: order[x.variable])),
            tuple(Solved(m, value, value) for m, value in multipliers.items()),
            conditions(assumed, full),
        )

    # ------------------------------------------------------------------------------------ lines

    def _opening(self) -> Iterator[Line]:
        if self.constraints:
            yield Line("ℒ", self.lagrangian, "the Lagrangian")
        for v, gradient in self.gradients.items():
            alone = len(self.gradients) == 1 and not self.constraints
            left = f"∇{self.function}({v.name})" if alone else f"∂{self.above}/∂{v.name}"
            yield Line(left, gradient, "the gradient" if alone else "")

    def _eigen_lines(self, eigen: Eigenproblem) -> Iterator[Line]:
        yield Line(eigen.left, eigen.right, f"∂ℒ/∂{eigen.variable.name} = 0: an eigenvalue problem")

    def _path_lines(self, path: Sequence[_Found]) -> Iterator[Line]:
        """The lines of an elimination; what is put into a later equation is said."""
        before: list[str] = []
        for found in path:
            put = f", with {', '.join(before)} put in" if before else ""
            for i, x in enumerate(found.root.lines):
                yield Line(x.left, x.right, f"{self._called(found.place)}{put}: {x.reason}" if i == 0 else x.reason)
            if not found.closed:
                before.append(found.unknown.name)
        if self.constraints:
            yield from self._back(path)

    def _called(self, place: str) -> str:
        """An equation by its name; the only gradient is called ∇f."""
        alone = len(self.variables) == 1 and not self.constraints
        return f"∇{self.function} = 0" if alone else place

    def _back(self, path: Sequence[_Found]) -> Iterator[Line]:
        """What was solved in terms of multipliers, with these put in."""
        point = self._point(path)
        multipliers = {c.multiplier.name for c in self.constraints}
        for solved in point.solved:
            (own,) = [f.root.solution for f in path if f.unknown == solved.variable]
            if own.depends_on(multipliers) and solved.expression != own:
                names = ", ".join(c.multiplier.name for c in self.constraints if own.depends_on((c.multiplier.name,)))
                yield Line(solved.variable, solved.expression, f"put in {names}")


def _within_domain(known: Sequence[tuple[list[_Found], Point]]) -> tuple[list[list[_Found]], list[Point]]:
    """The points at which the function can be defined. DeriveError if there are none."""
    kept = [(path, point) for path, point in known if not impossible(point.needs)]
    if not kept:
        raise DeriveError("there is no stationary point: where the equations are solved, the function is not defined")
    return [path for path, _ in kept], [point for _, point in kept]


def _without_row(system: Sequence[_Row], solved: _Row, unknown: Symbol) -> list[_Row]:
    """The other equations; one whose unknown was solved elsewhere gets the unknown that was left over."""
    rest = [row for row in system if row is not solved]
    return [_Row(r.equation, solved.unknown, r.place) if r.unknown == unknown else r for r in rest]


def _resolved(path: Sequence[_Found]) -> dict[Node, Node]:
    """The unknowns of a path in given symbols alone."""
    full: dict[Node, Node] = {}
    waiting = {f.unknown: f.root.solution for f in path}
    while waiting:
        names = {u.name for u in waiting}
        ready = [u for u, solution in waiting.items() if not solution.depends_on(names)]
        if not ready:
            raise DeriveError("mc finds no closed form: the unknowns depend on one another in a circle")
        for u in ready:
            value = tidy(spread(waiting.pop(u)))
            full[u] = value
            waiting = {other: spread(substitute(solution, {u: value})) for other, solution in waiting.items()}
    return full


def _domain(variable: Symbol) -> str | None:
    """The strongest declared property that a solution must have and need not have by its form."""
    return next((p for p in DOMAINS if p in variable.properties), None)


def _rank(unknown: Symbol) -> int:
    """0 for a scalar, 1 for a vector, 2 for a matrix."""
    return 0 if unknown.is_scalar else 1 if ONE in unknown.shape else 2
