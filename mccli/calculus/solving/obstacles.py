"""Why there is no closed form, said with the equation that would have to be solved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, NoReturn

from mccli.calculus.solving.by_jacobian import constant_jacobian
from mccli.calculus.solving.gather import gathered
from mccli.calculus.solving.isolate import Equation
from mccli.errors import DeriveError
from mccli.expressions.tree import Node, Symbol, zeros


class NoClosedForm(DeriveError):
    """No stationary point in closed form. ``equations`` hold at every one; ``part`` is what stands in the way."""

    def __init__(self, message: str, kind: str, equations: tuple[tuple[Node, Node], ...], part: Node | None) -> None:
        super().__init__(message)
        self.kind, self.equations, self.part = kind, equations, part


class Obstacle(NamedTuple):
    """What stood in the way: its kind, the equation, the unknown, and the part of the equation."""

    kind: str
    equation: Node
    unknown: Symbol
    part: Node | None = None
    words: str = ""
    line: Equation | None = None


ORDER = ("constant", "not linear", "singular", "operator", "free")
"""The kinds of obstacle, the one that says most first."""


def refuse(
    obstacles: Sequence[Obstacle], gradients: Mapping[Symbol, Node], constrained: bool, *, certain: bool
) -> NoReturn:
    """NoClosedForm with the reason that says most.

    ``certain`` says that nothing was divided by on the way that contains an unknown: only then is a contradiction one.
    """
    if obstacles:
        worst = min(obstacles, key=lambda o: ORDER.index(o.kind))
        kind = "constant" if worst.words.endswith("cancels") else worst.kind
        if certain or not constrained or kind not in ("constant", "free"):
            equation = (gathered(worst.equation), zeros(worst.equation.shape))
            if worst.line is not None:
                equation = (worst.line.left, worst.line.right)
            raise NoClosedForm(_message(kind, worst, constrained), kind, (equation,), worst.part)
    every = tuple((g, zeros(g.shape)) for g in gradients.values())
    raise NoClosedForm("mc finds no closed form for the stationary points", "none", every, None)


def _message(kind: str, obstacle: Obstacle, constrained: bool) -> str:
    name = obstacle.unknown.name
    match kind:
        case "constant" if constrained:
            return "there is no stationary point: the equations contradict one another"
        case "constant":
            return f"there is no stationary point: the gradient is the same for every {name}"
        case "free":
            return f"there is no single stationary point: the equations do not determine {name}"
        case "singular" if constrained:
            return (
                f"there is no single stationary point: the constraints are not independent ({name} is not determined)"
            )
        case "singular":
            return f"there is no single stationary point: what multiplies {name} is singular"
        case "operator":
            return f"mc finds no closed form: {obstacle.words}"
    if constant_jacobian(obstacle.equation, obstacle.unknown) is not None:
        return f"mc finds no closed form: the equation is linear in {name}, but mc cannot isolate it"
    return f"mc finds no closed form: the equation is not linear in {name}"
