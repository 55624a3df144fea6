"""What every notation must be able to write: each operation record and each constant, on symbols."""

from __future__ import annotations

from mccli.expressions.constants import CONSTANTS, constant
from mccli.expressions.operation import Operation
from mccli.expressions.operations import OPERATIONS
from mccli.expressions.sizes import SCALAR, letter_size
from mccli.expressions.tree import Apply, Constant, Node, Symbol, size_scalar

M, N, K = (letter_size(letter) for letter in "mnk")


def applied(record: Operation) -> Node:
    """A record applied to symbols with the names of its parameters, whatever it makes of their shapes."""
    arguments = tuple(Symbol(name, (M, N)) for name in record.parameters)
    return Apply(record, arguments, (K,) * len(record.size_parameters), (M, N))


def constants() -> dict[str, Node]:
    """Every constant, with sizes of one and of several letters."""
    arrays = {name: constant(name, (M, N)[: kind.arguments]) for name, kind in CONSTANTS.items()}
    vectors = {name: constant(name, (M * N + K, letter_size("n1"))) for name in ("ones", "zeros")}
    scalars: dict[str, Node] = {"pi": Constant("pi", (), SCALAR), "size": size_scalar(N)}
    return arrays | {f"{name} of a composed size": node for name, node in vectors.items()} | scalars


OPERATION_NODES = {name: applied(record) for name, record in OPERATIONS.items()}
CONSTANT_NODES = constants()
