"""``mc ops``: the operations and their rules."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

import typer

from mccli.cli.arguments import check_colour, check_format
from mccli.cli.options import AsciiOption, ColourOption, FormatOption
from mccli.cli.terminal import detect
from mccli.cli.write import print_json, print_records, write_lines
from mccli.errors import NameMistake, Typed, closest
from mccli.expressions.operation import THROUGH_MEANING, Operation
from mccli.expressions.operations import KINDS, OPERATIONS, spellings

NameArgument = Annotated[str, typer.Argument(metavar="[NAME]", help="One operation.", show_default=False)]


def ops(
    name: NameArgument = "",
    output: FormatOption = "text",
    ascii_only: AsciiOption = False,
    colour: ColourOption = "auto",
) -> None:
    """List the operations, or show the rules of one.

    Examples:

      mc ops

      mc ops logdet

      mc ops --format json
    """
    check_format(output)
    terminal = detect(ascii_only=ascii_only, colour=check_colour(colour))
    chosen = [_found(name)] if name else list(OPERATIONS.values())
    if output == "json":
        print_json({"schema": 1, "command": "ops", "operations": [_record(op) for op in chosen]})
    elif not terminal.interactive:
        rows = _rules(chosen[0]) if name else ((op.name, _kind(op), op.says) for op in chosen)
        print_records(rows, terminal)
    else:
        lines = _one(chosen[0]) if name else _all()
        write_lines(((terminal.plain(line), style) for line, style in lines), colour=terminal.colour)


def _found(name: str) -> Operation:
    canonical = spellings().get(name)
    if canonical is None:
        near = closest(name, spellings())
        notes = [f"did you mean {near}?"] if near else []
        notes.append("mc ops lists them all")
        raise NameMistake(f"there is no operation {name}", notes=notes, fix=near, typed=Typed(name))
    return OPERATIONS[canonical]


def _kind(operation: Operation) -> str:
    return next(kind for kind, records in KINDS.items() if operation in records)


def _all() -> Iterator[tuple[str, str]]:
    for i, (kind, records) in enumerate(KINDS.items()):
        yield from [("", "")] if i else []
        yield kind.upper(), "strong"
        yield from ((f"  {_signature(op):<28}{op.says}", "") for op in records)


def _one(operation: Operation) -> Iterator[tuple[str, str]]:
    yield f"{_signature(operation)}   {operation.says}", "strong"
    yield from ((f"{label:<14}{value}", "") for label, value in _rules(operation)[1:])


def _signature(op: Operation) -> str:
    return f"{op.name}({', '.join((*op.parameters, *op.size_parameters))})"


def _differential(op: Operation) -> str:
    return "d of the definition" if op.d == THROUGH_MEANING else op.d


def _rules(op: Operation) -> list[tuple[str, str]]:
    """What is known of an operation, each line with a label; empty ones are left out."""
    rows = [
        ("operation", f"{_signature(op)}   {op.says}"),
        ("differential", f"d {op.name} = {_differential(op)}"),
        *(("adjoint", f"<M, {op.name}(..{p}..)> = <{rule}, {p}>") for p, rule in op.adjoint.items()),
        ("means", op.means),
        ("needs", "" if op.domain == "any" else op.domain),
        ("also", ", ".join(op.aliases)),
        ("NumPy", op.numpy.replace("#", "")),
        ("source", op.source),
    ]
    return [(label, value) for label, value in rows if value]


def _record(op: Operation) -> dict[str, Any]:
    return {
        "name": op.name,
        "kind": _kind(op),
        "parameters": list(op.parameters),
        "size_parameters": list(op.size_parameters),
        "says": op.says,
        "differential": _differential(op),
        "adjoint": dict(op.adjoint),
        "means": op.means,
        "domain": op.domain,
        "aliases": list(op.aliases),
        "numpy": op.numpy.replace("#", ""),
        "source": op.source,
    }
