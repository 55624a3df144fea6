"""Stationary points as a function: ``mccli.solve("||X w - y||^2", wrt="w")``.

>>> import mccli
>>> print(mccli.solve("||X w - y||^2", wrt="w").solution)
(Xᵀ X)⁻¹ Xᵀ y
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from mccli.api import LARGE_SIZE, Formula, choose_variables, understand
from mccli.calculus.solving.extremum import Extremum, extremum
from mccli.calculus.solving.obstacles import NoClosedForm
from mccli.calculus.solving.stationary import Point, Stationary, stationary
from mccli.declarations import Texts, scope_of
from mccli.errors import CheckFailed, DeriveError, DomainError, McError, SyntaxMistake, UsageError
from mccli.expressions.sizes import letter_size, number_size
from mccli.expressions.tree import Apply, Node, is_zero, subtract
from mccli.language.declare import Scope
from mccli.language.elaborate import Elaborated
from mccli.language.where import split_where
from mccli.render.text import text

if TYPE_CHECKING:
    from mccli.numeric.solution_check import SolutionCheck

INEQUALITIES = ("<=", ">=", "<", ">", "≤", "≥", "≠", "!=")


@dataclass(frozen=True, repr=False)
class Solution:
    """What :func:`solve` gives: the stationary points with their steps, what they assume, and the checks."""

    elaborated: Elaborated
    stationary: Stationary
    extrema: tuple[Extremum | None, ...]
    checks: tuple[SolutionCheck, ...] = ()

    @property
    def points(self) -> tuple[Point, ...]:
        """The stationary points."""
        return self.stationary.points

    @cached_property
    def solutions(self) -> tuple[dict[str, Formula], ...]:
        """Every stationary point: the unknowns by name, in the given symbols alone."""
        return tuple({s.variable.name: Formula(s.full) for s in point.solved} for point in self.points)

    @property
    def solution(self) -> Formula:
        """The solution, if there is one point and one unknown. UsageError if not; see :attr:`solutions`."""
        if len(self.solutions) != 1 or len(self.solutions[0]) != 1:
            raise UsageError("there is no single solution", notes=["use .solutions"])
        (only,) = self.solutions[0].values()
        return only

    @property
    def kind(self) -> str:
        """ "minimum" or "maximum" where the only stationary point is certainly that, else ""."""
        only = self.extrema[0] if len(self.extrema) == 1 else None
        return only.kind if only is not None else ""

    def numpy_code(self) -> str:
        """A Python module that computes the unknowns. UsageError where there is no single stationary point."""
        from mccli.codegen.numpy_code import numpy_functions

        if len(self.points) != 1:
            raise UsageError("a module computes one stationary point", notes=["here there is not exactly one"])
        (point,) = self.points
        alone = len(point.solved) == 1
        roots = {"solution" if alone else f"solution_{s.variable.name}": s.full for s in point.solved}
        names = {v.name for v in self.stationary.variables}
        given = {name: s for name, s in self.elaborated.symbols.items() if name not in names}
        title = f"Stationary point of {text(self.elaborated.expression, ascii_only=True)}"
        return numpy_functions(roots, given, self.elaborated.letters, title)

    def __repr__(self) -> str:
        return f"<{self}>"

    def __str__(self) -> str:
        if self.stationary.eigen is not None:
            return f"{text(self.stationary.eigen.left)} = {text(self.stationary.eigen.right)}"
        return "\n".join(
            ", ".join(f"{name} = {value}" for name, value in solution.items()) for solution in self.solutions
        )


def solve(
    expression: str,
    wrt: str | Iterable[str] | None = None,
    *,
    subject_to: str | Iterable[str] = (),
    shapes: Texts = (),
    assume: Texts = (),
    define: Texts = (),
    check: bool = True,
    command: str = "{}",
) -> Solution:
    """The stationary points of a scalar expression where they have a closed form.

    Args:
        expression: the function in mc's notation.
        wrt: the unknown or unknowns; may be left out if the expression has a single symbol.
        subject_to: constraints, ``"A x = b"``.
        shapes, assume, define: declarations, as for :func:`mccli.derive`.
        check: look at random points whether the gradient vanishes there.
        command: the command line around the expression, for fixes in messages.

    Raises:
        McError: the text cannot be read, or there is no closed form; the message has the equation to be solved.
        CheckFailed: the numerical check did not agree.
    """
    scope = scope_of(shapes, assume, define, command)
    written = [subject_to] if isinstance(subject_to, str) else list(subject_to)
    wanted = [wrt] if isinstance(wrt, str) else list(wrt or ())
    return solve_in(scope, expression, wanted, written, check=check)


def solve_in(
    scope: Scope, expression: str, wanted: Sequence[str], written: Sequence[str] = (), *, check: bool = True
) -> Solution:
    """The stationary points of an expression that is read in a scope; otherwise as :func:`solve`."""
    found = _solved(expression, scope, wanted, written)
    return _checked(found, scope, wanted, written) if check else found


def _solved(expression: str, scope: Scope, wanted: Sequence[str], written: Sequence[str]) -> Solution:
    read, constraints = read_problem(expression, scope, written)
    variables = choose_variables(read, wanted)
    try:
        found = stationary(read.expression, read.symbols, variables, constraints, read.inverted)
    except NoClosedForm as error:
        raise DeriveError(error.message, notes=list(_why_not(error))) from None
    extrema = tuple(extremum(found, point) for point in found.points)
    return Solution(read, found, extrema)


def _why_not(error: NoClosedForm) -> Iterable[str]:
    """The equation that would have to be solved, what stands in the way, and what can be done."""
    words = "to be solved: {}" + (", which has no solution or many" if error.kind == "singular" else "")
    for left, right in ((a, b) for a, b in error.equations if not is_zero(a)):
        shown = "0" if is_zero(right) else text(right)
        yield words.format(f"{text(left)} = {shown}")
    if isinstance(error.part, Apply) and error.kind == "not linear":
        yield f"the unknown stands inside {text(error.part)}"
    if error.kind in ("not linear", "none"):
        yield "iterate with the gradient that mc derive gives, or by Newton's method with --order 2"


# ---------------------------------------------------------------------------------------------- reading


def read_problem(expression: str, scope: Scope, written: Sequence[str]) -> tuple[Elaborated, list[tuple[Node, Node]]]:
    """The function and the constraints in one reading, so that their shapes agree. McError."""
    alone = understand(expression, scope, scalar=True)
    if not written:
        return alone, []
    sides = [_sides(constraint) for constraint in written]
    body = alone.text[: split_where(alone.text)[0]]
    together = f"({body})" + "".join(f" + 0*sum({_difference(*pair)})" for pair in sides)
    try:
        read = understand(together, alone.scope, scalar=True)
    except McError as error:
        raise _misfit(error, sides, alone) from None
    declared = alone.scope._replace(shapes={**alone.scope.shapes, **{n: s.shape for n, s in read.symbols.items()}})
    constraints = []
    for left, right in sides:
        residual = understand(_difference(left, right), declared).expression
        value = _in_shape(left, declared, residual)
        constraints.append((value, subtract(value, residual)))
    return read._replace(text=expression), constraints


def _difference(left: str, right: str) -> str:
    """The text of the left side minus the right; a 0 has the shape that it needs."""
    return f"({left})" if right == "0" else f"-({right})" if left == "0" else f"({left}) - ({right})"


def _in_shape(left: str, scope: Scope, residual: Node) -> Node:
    """The left side; the residual itself where the left side alone has another shape (0 = A x)."""
    value = understand(left, scope).expression
    return value if value.shape == residual.shape else residual


def _sides(constraint: str) -> tuple[str, str]:
    """The two sides of ``left = right``. SyntaxMistake if it is no equation."""
    plain = constraint.replace("==", "=")
    found = next((sign for sign in INEQUALITIES if sign in constraint), None)
    if found:
        raise SyntaxMistake(
            f"a constraint is an equation; {found} is none",
            notes=["mc solves equality constraints only", "a constraint that is not active can be left out"],
        )
    parts = [part.strip() for part in plain.split("=")]
    if len(parts) != 2 or not all(parts):
        raise SyntaxMistake(
            f"this is no constraint: {constraint}", notes=['a constraint is one equation, as in --subject-to "A x = b"']
        )
    return parts[0], parts[1]


def _misfit(error: McError, sides: Sequence[tuple[str, str]], alone: Elaborated) -> McError:
    """Why function and constraints do not go together, said of the constraint that is to blame."""
    for side in (side for pair in sides for side in pair):
        try:
            understand(side, alone.scope)
        except McError as own:
            return own
    for left, right in sides:
        shapes = {**alone.scope.shapes, **{n: s.shape for n, s in alone.symbols.items()}}
        try:
            understand(_difference(left, right), alone.scope._replace(shapes=shapes))
        except McError as own:
            own.notes = (*own.notes, f"in the constraint {left} = {right}")
            return own
    return error


# ---------------------------------------------------------------------------------------------- checking


def _checked(found: Solution, scope: Scope, wanted: Sequence[str], written: Sequence[str]) -> Solution:
    """The solution with its checks. CheckFailed if one does not agree."""
    checked = _with_small_sizes(found, scope, wanted, written)
    try:
        checks = tuple(_checks(checked))
    except DomainError as error:
        raise DomainError(
            "no point was found at which the solution can be checked",
            notes=["what it needs could not be met at random points", "--no-check shows what that is"],
        ) from error
    for check in checks:
        if not check.passed:
            raise CheckFailed(
                f"the check failed: {check.failed}",
                notes=[
                    f"worst relative error {check.worst:.1e}",
                    "this is a mistake in mc; please report the expression",
                ],
            )
    return Solution(found.elaborated, found.stationary, found.extrema, checks)


def _checks(found: Solution) -> Iterable[SolutionCheck]:
    from mccli.numeric.eigen_check import check_eigenproblem
    from mccli.numeric.solution_check import check_point

    problem, letters = found.stationary, found.elaborated.letters
    if problem.eigen is not None:
        yield check_eigenproblem(problem, problem.eigen, letters)
    for point, proof in zip(found.points, found.extrema, strict=True):
        yield check_point(problem, point, letters, proof.sign if proof is not None else 0)


def _with_small_sizes(found: Solution, scope: Scope, wanted: Sequence[str], written: Sequence[str]) -> Solution:
    """The same problem with letters for declared sizes that are large numbers, if its solution reads the same."""
    declared = found.elaborated.scope.shapes
    large = {n for shape in declared.values() for size in shape if (n := size.number) and n > LARGE_SIZE}
    if not large:
        return found
    letters = {number_size(n): letter_size(f"n{n}") for n in large}
    shapes = {name: (letters.get(r, r), letters.get(c, c)) for name, (r, c) in declared.items()}
    other = _solved(found.elaborated.text, scope._replace(shapes=shapes), wanted, written)
    shown = str(other)
    for n in large:
        shown = shown.replace(f"n{n}", str(n))
    return other if shown == str(found) else found
