"""What is said about a stationary point: the conditions, whether it is a minimum, and what was checked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from mccli.calculus.needs import Need
from mccli.calculus.solving.extremum import Extremum, Ground, constant_hessian
from mccli.calculus.solving.lagrange import Eigenproblem
from mccli.calculus.solving.stationary import Point
from mccli.cli.needs_text import need_text
from mccli.expressions.graph import substitute
from mccli.expressions.sizes import ONE
from mccli.expressions.tree import Apply, Node, Number, Product, Sum, Transpose, is_eye, is_operation, transpose
from mccli.solving import Solution

if TYPE_CHECKING:
    from mccli.numeric.solution_check import SolutionCheck

Show = Callable[[Node], str]
LOCAL = {"positive definite": "a local minimum", "negative definite": "a local maximum", "indefinite": "a saddle point"}


def condition_text(need: Need, show: Show) -> str:
    """A condition in words; Bᵀ of full column rank is B of full row rank."""
    if need.kind == "full column rank" and isinstance(need.node, Transpose):
        return f"{show(transpose(need.node))} of full row rank"
    pair = _kronecker_sum(need.node) if need.kind == "invertible" else None
    if pair is not None:
        return f"no eigenvalue of {show(pair[0])} the negative of one of {show(pair[1])}"
    return need_text(need, show)


def _kronecker_sum(node: Node) -> tuple[Node, Node] | None:
    """A and B for I ⊗ A + Bᵀ ⊗ I, the operator of Sylvester's equation; None for anything else."""
    terms = node.children() if isinstance(node, Sum) else ()
    if len(terms) != 2 or not all(is_operation(n, "kron") for n in terms):
        return None
    (one, a), (b, other) = (n.children() for n in terms)
    return (a, transpose(b)) if is_eye(one) and is_eye(other) else None


def needs_of(solution: Solution, point: Point | None) -> list[Need]:
    """The conditions of a stationary point, or of an eigenvalue problem."""
    return list(dict.fromkeys([*solution.stationary.needs, *(point.needs if point is not None else ())]))


def kind_words(solution: Solution, number: int, show: Show) -> tuple[str, str]:
    """Whether a stationary point is a minimum, as a label and a sentence."""
    proof = solution.extrema[number]
    if proof is not None:
        return proof.kind.capitalize(), _proved(solution, proof, show)
    quadratic = constant_hessian(solution.stationary)
    if quadratic is not None:
        return "Kind", (
            f"the global minimum if ∇²{solution.stationary.function} = {show(quadratic)} is positive definite, the"
            " global maximum if it is negative definite, else a saddle point"
        )
    check = solution.checks[number] if solution.checks else None
    return "Kind", _observed(solution, check)


def _proved(solution: Solution, proof: Extremum, show: Show) -> str:
    """The grounds of a proof."""
    f, bends = solution.stationary.function, {"minimum": "convex", "maximum": "concave"}[proof.kind]
    grounds = [_ground(g, show).replace("H = ", f"∇²{f} = ", 1) for g in proof.grounds]
    if solution.stationary.constraints:
        names = ", ".join(show(c.multiplier) for c in solution.stationary.constraints)
        ground = ", ".join(g.replace(f"∇²{f}", "∇²ℒ", 1) for g in grounds)
        return f"global: ℒ is {bends} for this {names} ({ground}), and ℒ = {f} where the constraints hold"
    if len(grounds) == 1:
        argument = proof.grounds[0].argument
        inside = f" in {show(argument)}" if isinstance(argument, Apply) else ""
        return f"global: {f} is {bends}{inside}, {grounds[0]}"
    each = [f"in {show(g.argument)} ({words})" for g, words in zip(proof.grounds, grounds, strict=True)]
    return f"global: {f} is {bends} {', then '.join(each)}"


def _ground(ground: Ground, show: Show) -> str:
    """The first line of the proof, with what P stands for where it is convex in X⁻¹ = P."""
    reason = ground.curvature.reason
    words = reason.words.format(*(show(n) for n in reason.nodes))
    if ground.variable == ground.argument or not any(n.depends_on((ground.variable.name,)) for n in reason.nodes):
        return words
    return f"{words} for {show(ground.variable)} = {show(ground.argument)}"


def _observed(solution: Solution, check: SolutionCheck | None) -> str:
    """What the Hessian was at the points that were tried; no proof."""
    start = "stationary; mc has no proof that it is a minimum or a maximum"
    if check is None or not check.hessian:
        return start
    local = LOCAL.get(check.hessian)
    tangent = " along the constraints" if solution.stationary.constraints else ""
    seen = f"the Hessian{tangent} was {check.hessian} there at all {check.points} points tried"
    return f"{start}; {seen}" + (f": {local}" if local else "")


def eigen_words(eigen: Eigenproblem, function: str, show: Show) -> Iterator[tuple[str, str]]:
    """What the eigenvalue problem says, and which of its solutions are the extremes."""
    if not eigen.constraint.multiplier.is_scalar:
        yield from _subspace_words(eigen, function, show)
        return
    v, value, multiplier = show(eigen.variable), show(eigen.value), show(eigen.constraint.multiplier)
    pencil = show(eigen.operator) if eigen.metric is None else f"the pair {show(eigen.operator)}, {show(eigen.metric)}"
    yield "Meaning", f"{v} is an eigenvector of {pencil} to the eigenvalue {multiplier}, and {function}({v}) = {value}"
    for label, which, mark in (("Maximum", "largest", "max"), ("Minimum", "smallest", "min")):
        reached = f"{function}({v}) = {_extreme(value, multiplier, mark)}"
        yield label, f"global: the eigenvector of the {which} eigenvalue, with {reached}"


def _subspace_words(eigen: Eigenproblem, function: str, show: Show) -> Iterator[tuple[str, str]]:
    """The same for a matrix V with V'B V = I: its columns span an invariant subspace (Ky Fan 1949)."""
    v, value, multiplier = show(eigen.variable), show(eigen.value), show(eigen.constraint.multiplier)
    pencil = show(eigen.operator) if eigen.metric is None else f"the pair {show(eigen.operator)}, {show(eigen.metric)}"
    yield "Meaning", f"the columns of {v} span an invariant subspace of {pencil}, and {function}({v}) = {value}"
    count = eigen.variable.columns
    for label, which in (("Maximum", "largest"), ("Minimum", "smallest")):
        yield label, f"global: eigenvectors of the {count} {which} eigenvalues, which are those of {multiplier} then"


def _extreme(value: str, multiplier: str, which: str) -> str:
    return value.replace(multiplier, f"{multiplier}_{which}")


def fitted(solution: Solution) -> tuple[Node, Node] | None:
    """M w and the projection of y onto the columns of M, where the function is a multiple of ‖M w - y‖²; else None."""
    problem = solution.stationary
    if problem.constraints or len(problem.variables) != 1 or problem.variables[0].columns != ONE:
        return None
    (variable,), core = problem.variables, problem.expression
    while isinstance(core, Product) and not core.chain:
        (core,) = [n for n in core.scalars if n.depends_on((variable.name,))] or [Number(0)]
    if not is_operation(core, "sqnorm"):
        return None
    moving = [n for n in core.children()[0].children() if n.depends_on((variable.name,))]
    if len(moving) != 1 or not isinstance(moving[0], Product) or moving[0].chain[-1] != variable:
        return None
    return moving[0], substitute(moving[0], {variable: solution.points[0].solved[0].full})


def check_words(solution: Solution, check: SolutionCheck) -> str:
    """What was checked at random points."""
    sizes = ", ".join(f"{letter}={value}" for letter, value in sorted(check.sizes.items()))
    where = f" (first with {sizes})" if sizes else ""
    what = "the Lagrange conditions hold" if solution.stationary.constraints else "the gradient vanishes"
    start = f"{check.points} random points{where}, {check.method}: {what}, worst relative error {check.worst:.0e}"
    if solution.stationary.eigen is not None:
        return f"{start}; {check.compared} points of the constraint lie between the extremes"
    return f"{start}; none of {check.compared} other points is better" if check.compared else start
