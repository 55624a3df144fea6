"""``mc shape``: the inferred shape of every symbol and of every subexpression."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from mccli.cli.arguments import check_colour, check_format, command_line, read_expression
from mccli.cli.options import (
    AsciiOption,
    AssumeOption,
    ColourOption,
    DefineOption,
    Expression,
    FormatOption,
    ShapeOption,
)
from mccli.cli.terminal import Terminal, detect
from mccli.cli.write import print_json, print_records, write_lines

if TYPE_CHECKING:
    from mccli.api import Shapes


def shape(
    expression: Expression,
    shape: ShapeOption = None,
    assume: AssumeOption = None,
    define: DefineOption = None,
    output: FormatOption = "text",
    ascii_only: AsciiOption = False,
    colour: ColourOption = "auto",
) -> None:
    """Infer shapes, or say what does not fit and how to mend it.

    Examples:

      mc shape "tr(AXB)"

      mc shape "A*x - b" --shape A:3,4
    """
    check_format(output)
    engine = import_module("mccli.api")  # here, so that --help needs no engine
    found = engine.shape(
        read_expression(expression),
        shapes=shape or (),
        assume=assume or (),
        define=define or (),
        command=command_line("shape", shape, assume, define),
    )
    if output == "json":
        print_json(_record(found))
        return
    terminal = detect(ascii_only=ascii_only, colour=check_colour(colour))
    rows = [("symbol", name, shown) for name, shown in found.symbols.items()]
    rows += [("part", part, shown) for part, shown in found.subexpressions.items() if part not in found.symbols]
    if terminal.interactive:
        rows = [(kind, terminal.plain(name), terminal.plain(shown)) for kind, name, shown in rows]
        write_lines(_layout(rows, found, terminal), colour=terminal.colour)
    else:
        print_records(rows, terminal)


def _layout(rows: list[tuple[str, str, str]], found: Shapes, terminal: Terminal) -> list[tuple[str, str]]:
    lines: list[tuple[str, str]] = []
    room = terminal.width - 4 - max(len(row[2]) for row in rows)
    for kind, name, text in rows:
        cut = name if len(name) <= room else name[: room - 1] + "…"
        lines.append((f"  {cut:<{room}}{text}", "strong" if kind == "symbol" else ""))
    lines += [(f"  Note  {terminal.plain(n)}", "dim") for n in found.elaborated.notes]
    return lines


def _record(found: Shapes) -> dict[str, object]:
    return {
        "schema": 1,
        "command": "shape",
        "expression": found.elaborated.text,
        "shape": found.whole,
        "symbols": found.symbols,
        "subexpressions": found.subexpressions,
        "notes": list(found.elaborated.notes),
    }
