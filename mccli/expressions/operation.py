"""What an operation is: one record that says everything mc knows about it.

The rules are text in mc's own language. The same text builds derivatives, is printed as the reason of a
step, is shown by ``mc ops NAME``, and is what the tests mutate.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from mccli.expressions.sizes import Shape, Size

if TYPE_CHECKING:
    from mccli.expressions.tree import Node

Demand = Callable[[Size, Size, str], None]
"""``demand(a, b, why)`` insists that two sizes agree; it raises ShapeError with ``why`` if they cannot."""

ShapeRule = Callable[[tuple[Shape, ...], tuple[Size, ...], Demand], Shape]
"""Shapes of the arguments and the size parameters to the shape of the result."""

NormalForm = Callable[..., "Node | None"]

NOTHING: Mapping[str, Any] = MappingProxyType({})
"""An empty table."""

UNKNOWN = "unknown"
"""``d="unknown"``: mc has no differential for the operation and says so; for ``vec``: no matrix form is known."""

THROUGH_MEANING = "means"
"""``d=THROUGH_MEANING``: the differential is that of the definition in ``means``."""


class Operation:
    """One operation of the language.

    Attributes:
        name: canonical name; what is typed and printed in ASCII.
        params: names of the arguments in the rules, separated by blanks; ``dx`` is the differential of ``x``.
        says: one line for a person.
        shape: the shape rule.
        d: the differential, in terms of the arguments and their differentials.
        adjoint: for arguments in which the operation is linear: ``<M, op(.., E, ..)> = <adjoint, E>``.
        vec: for the same arguments the matrix V in ``vec(op(.., E, ..)) = V vec(E)``, or "unknown".
        means: a definition in simpler operations that the value is tested against, or "" for a primitive.
        domain: what the arguments must satisfy, see :mod:`mccli.expressions.needs`.
        latex: template with ``#x`` for an argument.
        value: NumPy expression over two-dimensional arrays that evaluates it (complex-step-safe if analytic).
        numpy: NumPy expression for generated code, vectors being one-dimensional.
        source: where the rule is from.
        sizes: names of trailing size parameters, separated by blanks.
        keeps: properties of the argument that the result has too.
        creates: properties that the result always has.
        analytic: whether the value may be evaluated at complex arguments (complex-step differences).
        elementwise: acts entry by entry on an argument of any shape.
        jointly_linear: linear in all arguments together (vcat), not in each by itself (kron).
        normal: builds the normal form from the arguments, or None where it is the operation itself.
        related: operations beyond the registry that ``d`` mentions: the derivatives of a declared function.
        value_shape: for a declared function with array values, the shape of its value.
        declared: for a function the user declared, its name, its kind, and the order of this derivative of it.
    """

    def __init__(
        self,
        *,
        name: str,
        params: str,
        says: str,
        shape: ShapeRule,
        d: str,
        means: str,
        domain: str,
        latex: str,
        value: str,
        numpy: str,
        source: str,
        adjoint: Mapping[str, str] = NOTHING,
        vec: Mapping[str, str] = NOTHING,
        sizes: str = "",
        aliases: tuple[str, ...] = (),
        keeps: frozenset[str] = frozenset(),
        creates: frozenset[str] = frozenset(),
        analytic: bool = True,
        elementwise: bool = False,
        jointly_linear: bool = False,
        normal: NormalForm | None = None,
        related: Callable[[], Mapping[str, Operation]] | None = None,
        value_shape: Shape | None = None,
        declared: tuple[str, str, int] | None = None,
    ) -> None:
        self.name, self.params, self.says, self.shape = name, params, says, shape
        self.d, self.means, self.domain, self.adjoint = d, means, domain, adjoint
        self.vec = vec
        self.latex, self.value, self.numpy, self.source = latex, value, numpy, source
        self.sizes, self.aliases, self.keeps, self.creates = sizes, aliases, keeps, creates
        self.analytic, self.elementwise, self.jointly_linear = analytic, elementwise, jointly_linear
        self.normal, self.related, self.value_shape, self.declared = normal, related, value_shape, declared
        self._refuse_gaps()

    def changed(self, **fields: object) -> Operation:
        """A copy in which some fields have other values."""
        return Operation(**{**vars(self), **fields})

    def _refuse_gaps(self) -> None:
        """A missing field is an error when the record is made, never a silent default."""
        missing = [
            f for f in ("name", "says", "d", "domain", "latex", "value", "numpy", "source") if not getattr(self, f)
        ]
        if missing:
            raise TypeError(f"operation {self.name or '?'} lacks {', '.join(missing)}")
        if self.d == THROUGH_MEANING and not self.means:
            raise TypeError(f"operation {self.name}: d goes through the definition, but there is none")
        unknown = set(self.adjoint) - set(self.parameters)
        if unknown:
            raise TypeError(f"operation {self.name}: adjoint for {sorted(unknown)}, which is no parameter")
        if set(self.vec) != set(self.adjoint):
            raise TypeError(f"operation {self.name}: adjoint and vec must be said for the same arguments")

    @property
    def parameters(self) -> tuple[str, ...]:
        """Names of the arguments."""
        return tuple(self.params.split())

    @property
    def size_parameters(self) -> tuple[str, ...]:
        """Names of the size parameters."""
        return tuple(self.sizes.split())
