"""``mc ops``: the operations and their rules."""

from __future__ import annotations

from typing import Annotated

import typer

from mccli.cli.options import AsciiOption
from mccli.cli.terminal import detect
from mccli.errors import NameMistake, closest, to_ascii
from mccli.expressions.operation import THROUGH_MEANING, Operation
from mccli.expressions.operations import KINDS, OPERATIONS, spellings


def ops(
    name: Annotated[str, typer.Argument(metavar="[NAME]", help="One operation.", show_default=False)] = "",
    ascii_only: AsciiOption = False,
) -> None:
    """List the operations, or show the rules of one.

    Examples:

      mc ops

      mc ops logdet
    """
    terminal = detect(ascii_only=ascii_only)
    lines = _one(name) if name else _all(terminal.interactive)
    for line in lines:
        print(to_ascii(line) if terminal.ascii_only else line)


def _all(interactive: bool) -> list[str]:
    if not interactive:
        return [f"{op.name}\t{kind}\t{op.says}" for kind, records in KINDS.items() for op in records]
    lines: list[str] = []
    for kind, records in KINDS.items():
        lines += [kind.upper(), *(f"  {_signature(op):<28}{op.says}" for op in records), ""]
    return lines[:-1]


def _signature(op: Operation) -> str:
    return f"{op.name}({', '.join((*op.parameters, *op.size_parameters))})"


def _one(name: str) -> list[str]:
    canonical = spellings().get(name)
    if canonical is None:
        near = closest(name, spellings())
        raise NameMistake(
            f"there is no operation {name}", notes=["mc ops lists them all"], fix=f"mc ops {near}" if near else None
        )
    op = OPERATIONS[canonical]
    rows = [
        ("", f"{_signature(op)}   {op.says}"),
        ("differential", f"d {op.name} = " + ("d of the definition" if op.d == THROUGH_MEANING else op.d)),
        *(("adjoint", f"<M, {op.name}(..{p}..)> = <{rule}, {p}>") for p, rule in op.adjoint.items()),
        ("means", op.means),
        ("needs", "" if op.domain == "any" else op.domain),
        ("also", ", ".join(op.aliases)),
        ("NumPy", op.numpy.replace("#", "")),
        ("source", op.source),
    ]
    return [f"{label:<14}{value}" if label else value for label, value in rows if value]
