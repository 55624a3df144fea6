"""``mc shape``: the inferred shape of every symbol and of every subexpression."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from mccli import api
from mccli.cli.arguments import check_colour, command_line, read_expression
from mccli.cli.options import (
    AsciiOption,
    AssumeOption,
    ColourOption,
    DefineOption,
    Expression,
    ShapeOption,
)
from mccli.cli.terminal import Terminal, detect
from mccli.cli.write import print_encoded, write_lines
from mccli.errors import UsageError, to_ascii


def shape(
    expression: Expression,
    shape: ShapeOption = None,
    assume: AssumeOption = None,
    define: DefineOption = None,
    output: Annotated[str, typer.Option("--format", metavar="FORMAT", help="text or json.")] = "text",
    ascii_only: AsciiOption = False,
    colour: ColourOption = "auto",
) -> None:
    """Infer shapes, or say what does not fit and how to mend it.

    Examples:

      mc shape "tr(AXB)"

      mc shape "A*x - b" --shape A:3,4
    """
    if output not in ("text", "json"):
        raise UsageError(f"--format {output} is not known", notes=["formats: text, json"])
    found = api.shape(
        read_expression(expression),
        shapes=shape or (),
        assume=assume or (),
        define=define or (),
        command=command_line("shape", shape, assume, define),
    )
    if output == "json":
        print_encoded(json.dumps(_record(found), ensure_ascii=False, indent=2))
        return
    terminal = detect(ascii_only=ascii_only, colour=check_colour(colour))
    rows = [("symbol", name, shown) for name, shown in found.symbols.items()]
    rows += [("part", part, shown) for part, shown in found.subexpressions.items() if part not in found.symbols]
    if terminal.ascii_only:
        rows = [(kind, to_ascii(name), to_ascii(shown)) for kind, name, shown in rows]
    if terminal.interactive:
        write_lines(_layout(rows, found, terminal), colour=terminal.colour)
    else:
        for row in rows:
            print("\t".join(row))


def _layout(rows: list[tuple[str, str, str]], found: api.Shapes, terminal: Terminal) -> list[tuple[str, str]]:
    lines: list[tuple[str, str]] = []
    room = terminal.width - 4 - max(len(row[2]) for row in rows)
    for kind, name, text in rows:
        cut = name if len(name) <= room else name[: room - 1] + "…"
        lines.append((f"  {cut:<{room}}{text}", "strong" if kind == "symbol" else ""))
    lines += [(f"  Note  {to_ascii(n) if terminal.ascii_only else n}", "dim") for n in found.elaborated.notes]
    return lines


def _record(found: api.Shapes) -> dict[str, object]:
    return {
        "schema": 1,
        "command": "shape",
        "expression": found.elaborated.text,
        "shape": found.whole,
        "symbols": found.symbols,
        "subexpressions": found.subexpressions,
        "notes": list(found.elaborated.notes),
    }
