"""The operations of mc, one record each, in files by kind. Importing this package fills the registry."""

from __future__ import annotations

from mccli.expressions.operation import Operation
from mccli.expressions.operations.blocks import BLOCKS
from mccli.expressions.operations.elementwise import ELEMENTWISE
from mccli.expressions.operations.linear import LINEAR
from mccli.expressions.operations.matrix import MATRIX
from mccli.expressions.operations.norms import NORMS
from mccli.expressions.operations.products import PRODUCTS
from mccli.expressions.operations.spectral import SPECTRAL
from mccli.expressions.operations.vectors import VECTORS
from mccli.expressions.tree import OPERATIONS

__all__ = ["KINDS", "OPERATIONS", "spellings"]

KINDS: dict[str, list[Operation]] = {
    "linear": LINEAR,
    "products and powers": PRODUCTS,
    "blocks": BLOCKS,
    "determinants, inverses and matrix functions": MATRIX,
    "elementwise": ELEMENTWISE,
    "norms and summaries": NORMS,
    "softmax": VECTORS,
    "eigenvalues and singular values": SPECTRAL,
}
"""The operations by kind, in the order in which ``mc ops`` shows them."""


def _register() -> None:
    for records in KINDS.values():
        for record in records:
            if record.name in OPERATIONS:
                raise TypeError(f"operation {record.name} is defined twice")
            OPERATIONS[record.name] = record


_register()


def spellings() -> dict[str, str]:
    """Every way to type a function, to its canonical name."""
    table = {name: name for name in OPERATIONS}
    for record in OPERATIONS.values():
        for alias in record.aliases:
            if table.setdefault(alias, record.name) != record.name:
                raise TypeError(f"{alias} means both {table[alias]} and {record.name}")
    return table
