"""What is to be checked, as plain callables: they may live in this process or speak to another one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Arguments = Mapping[str, Array]
Direction = Mapping[str, Array]
"""How the arguments move: an array for every argument that moves, of its shape."""

Kind = Literal["gradient", "jacobian", "vjp", "jvp", "hessian"]
KINDS: tuple[Kind, ...] = ("gradient", "jacobian", "vjp", "jvp", "hessian")


@dataclass(frozen=True, eq=False)
class Problem:
    """A function, what is claimed of its derivatives, and where to look.

    ``value`` may raise: an exception counts as NaN. ``gradient``, ``jacobian`` and ``hessian`` return an array by
    argument: of the argument's shape; of shape ``f.shape + x.shape`` or (m, n); of shape ``x.shape + x.shape`` or
    (n, n). ``stacking`` says how a matrix becomes a column in (m, n). ``along(arguments, name, direction, ts)``
    evaluates f at x + t*direction for many t in one go. ``frozen`` marks entries that are constants, ``symmetric``
    names arguments that are symmetric by definition, ``draw`` gives another point, ``reseed`` seeds whatever f draws
    from.
    """

    value: Callable[[Arguments], Any]
    arguments: Arguments
    gradient: Callable[[Arguments], Mapping[str, Any]] | None = None
    jacobian: Callable[[Arguments], Mapping[str, Any]] | None = None
    vjp: Callable[[Arguments, Array], Mapping[str, Any]] | None = None
    jvp: Callable[[Arguments, Direction], Any] | None = None
    hessian: Callable[[Arguments], Mapping[str, Any]] | None = None
    along: Callable[[Arguments, str, Array, Sequence[float]], Sequence[Any]] | None = None
    names: tuple[str, ...] = ()
    seed: int = 0
    frozen: Mapping[str, Array] = field(default_factory=dict)
    symmetric: frozenset[str] = frozenset()
    draw: Callable[[np.random.Generator], Arguments] | None = None
    reseed: Callable[[], None] | None = None
    stacking: Literal["rows", "columns"] = "rows"
    allow_complex: bool = True
    both: bool = False
    """Whether a call of the gradient is one of f too, as where f returns both."""

    def kinds(self) -> tuple[Kind, ...]:
        """What is claimed."""
        return tuple(kind for kind in KINDS if getattr(self, kind) is not None)

    def checked(self) -> tuple[str, ...]:
        """The arguments to check: those named, or all; integers have no derivative."""
        names = self.names or tuple(self.arguments)
        return tuple(n for n in names if is_real(self.arguments[n]) and self.arguments[n].size)


def is_real(array: Array) -> bool:
    """Whether an argument can be moved by a little."""
    return np.asarray(array).dtype.kind == "f"
