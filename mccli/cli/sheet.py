"""``mc sheet``: the cheat sheet, in the terminal or as a document."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer

from mccli.cli.arguments import check_colour
from mccli.cli.columns import wrapped_list
from mccli.cli.families import chosen_families
from mccli.cli.library import library
from mccli.cli.options import AsciiOption, ColourOption
from mccli.cli.pager import show
from mccli.cli.sheet_entries import entry
from mccli.cli.sheet_text import SheetText, pipe_lines
from mccli.cli.terminal import DEFAULT_WIDTH, Terminal, detect
from mccli.cli.write import print_encoded, write_lines
from mccli.errors import FileMistake, UsageError, to_ascii, unknown_choice
from mccli.identities.catalogue import FamilyEntry, Library
from mccli.identities.record import KINDS, LEVELS, Record
from mccli.render.sheet.model import FamilySheet, Group, Sheet, counted

DOCUMENTS = {"md": "markdown", "tex": "tex", "html": "html", "json": "json_document", "typ": "typst"}
"""Formats that are text, each with the module of :mod:`mccli.render.sheet` that writes it."""
FORMATS = ("text", *DOCUMENTS, "pdf")
DETAILED = ("html", "json")
"""Formats that show more than the tables."""

COUNT_WIDTHS = (10, 9, 8, 5)

FamilyArguments = Annotated[
    list[str] | None,
    typer.Argument(metavar="[FAMILY]...", help="Families: an id, a word of the title, or its beginning."),
]
LevelOption = Annotated[
    str, typer.Option("--level", metavar="LEVEL", help="Up to essential, standard or special.", show_default=False)
]
AllOption = Annotated[bool, typer.Option("--all", help="Every record of every family.")]
ListOption = Annotated[bool, typer.Option("--list", help="List the families.")]
FormatOption = Annotated[
    str, typer.Option("--format", metavar="FORMAT", help="text, md, tex, html, json, typ or pdf.", show_default=False)
]
OutputOption = Annotated[
    str, typer.Option("--output", metavar="FILE", help="Write a file; - is standard output.", show_default=False)
]


def sheet(
    families: FamilyArguments = None,
    level: LevelOption = "",
    everything: AllOption = False,
    listing: ListOption = False,
    output_format: FormatOption = "",
    output: OutputOption = "",
    ascii_only: AsciiOption = False,
    colour: ColourOption = "auto",
) -> None:
    """The cheat sheet: the essential records of every family, or all records of the families that are named.

    Examples:

      mc sheet

      mc sheet trace det

      mc sheet --all --format html --output sheet.html
    """
    wanted = _format(output_format, output)
    limit = _level(level, everything, bool(families))
    terminal = detect(ascii_only=ascii_only, colour=check_colour(colour))
    records = library()
    chosen = chosen_families(records.families, families or ())
    if listing:
        _list(records, chosen, terminal)
        return
    made = whole_sheet(records, chosen, limit, details=wanted in DETAILED)
    if wanted == "text":
        _print(made, terminal, output)
    elif wanted == "pdf":
        _write_file(output, _pdf(made))
    else:
        _deliver(_document(made, wanted), output, wanted)


# ---------------------------------------------------------------------------------------------- what is asked for


def _format(given: str, output: str) -> str:
    """The format: as it is named, or as the name of the file says."""
    ending = Path(output).suffix[1:].lower()
    wanted = given or {"markdown": "md", "htm": "html"}.get(ending, ending if ending in FORMATS else "text")
    if wanted not in FORMATS:
        raise unknown_choice("--format", wanted, FORMATS)
    if wanted == "pdf" and not output:
        raise UsageError("a PDF goes into a file", notes=["name it: --format pdf --output sheet.pdf"])
    return wanted


def _level(given: str, everything: bool, named: bool) -> str:
    """The level up to which records are shown. Families that are named are shown whole."""
    if given and given not in LEVELS:
        raise unknown_choice("--level", given, LEVELS)
    if everything and given not in ("", LEVELS[-1]):
        raise UsageError(f"--all shows every level, --level {given} does not", notes=["leave out one of them"])
    return given or (LEVELS[-1] if everything or named else LEVELS[0])


# ---------------------------------------------------------------------------------------------- the sheet


def whole_sheet(records: Library, families: Sequence[FamilyEntry], limit: str, *, details: bool) -> Sheet:
    """The sheet of some families; one in which nothing is left is not shown."""
    levels = LEVELS[: LEVELS.index(limit) + 1]
    found = [(family, [r for r in _records(records, family) if r.level in levels]) for family in families]
    shown = tuple(_family(family, kept, details=details) for family, kept in found if kept)
    if not shown:
        names = ", ".join(family.id for family in families)
        raise UsageError(f"there are no {limit} records in {names}", notes=[f"more: mc sheet {names} --level standard"])
    scope = {LEVELS[0]: "essential records", LEVELS[1]: "essential and standard records"}.get(limit, "records")
    total = sum(len(family.ids) for family in records.families)
    return Sheet(shown, scope, total, len(records.ids) - total)


def _records(records: Library, family: FamilyEntry) -> list[Record]:
    return [found for name in family.ids if (found := records.record(name)) is not None]


def _family(family: FamilyEntry, kept: Iterable[Record], *, details: bool) -> FamilySheet:
    entries = [entry(record, details=details) for record in kept]
    groups = (Group(kind, tuple(e for e in entries if e.kind == kind)) for kind in KINDS)
    return FamilySheet(family.id, family.title, family.about, len(family.ids), tuple(g for g in groups if g.entries))


# ---------------------------------------------------------------------------------------------- output


def _list(records: Library, families: Sequence[FamilyEntry], terminal: Terminal) -> None:
    """The families with the number of their records, by level and in all."""
    rows = []
    for family in families:
        levels = [record.level for record in _records(records, family)]
        rows.append((family.id, *(str(levels.count(level)) for level in LEVELS), str(len(levels)), family.title))
    if not terminal.interactive:
        for row in rows:
            print(to_ascii("\t".join(row)))
        return
    totals = ("", *(str(sum(int(row[i]) for row in rows)) for i in range(1, 5)), "")
    heads = ("family", *LEVELS, "all", "")
    listed = (heads, *rows, totals)
    room = terminal.width
    below = any(len(line) > room for row in listed for line in _listed(row, room, below=False))
    lines = [(line, "dim" if row is heads else "") for row in listed for line in _listed(row, room, below=below)]
    total = sum(len(family.ids) for family in records.families)
    said = wrapped_list(f"{total} records{counted(total, len(records.ids) - total)}", room, " ")
    lines += [("", ""), *((line, "dim") for line in said)]
    write_lines(lines, colour=terminal.colour)


def _listed(row: Sequence[str], room: int, *, below: bool) -> Iterator[str]:
    """A family in a line; on a narrow screen without the counts by level, and with the title ``below``."""
    name, *counts, title = row
    line = _counted(name, counts, COUNT_WIDTHS)
    if not below:
        yield f"{line}  {title}".rstrip()
        return
    yield line if len(line) <= room else _counted(name, counts[-1:], COUNT_WIDTHS[-1:])
    if title:
        yield from (f"    {piece}" for piece in wrapped_list(title, room - 4, " "))


def _counted(name: str, counts: Sequence[str], widths: Sequence[int]) -> str:
    return f"  {name:<14}" + "".join(f"{count:>{width}}" for count, width in zip(counts, widths, strict=True))


def _print(made: Sheet, terminal: Terminal, output: str) -> None:
    """A table for a person, records for a pipe, a table of the usual width for a file."""
    if output:
        paper = Terminal(terminal.ascii_only, colour=False, width=DEFAULT_WIDTH, interactive=False)
        _write_file(output, "".join(f"{line}\n" for line, _ in SheetText(made, paper).lines()).encode())
    elif terminal.interactive:
        show(list(SheetText(made, terminal).lines()), terminal)
    else:
        for line in pipe_lines(made):
            print(line)


def _document(made: Sheet, wanted: str) -> str:
    document: Callable[[Sheet], str] = import_module(f"mccli.render.sheet.{DOCUMENTS[wanted]}").document
    return document(made)


def _pdf(made: Sheet) -> bytes:
    return import_module("mccli.render.sheet.pdf").document(made)  # type: ignore[no-any-return]


def _deliver(text: str, output: str, wanted: str) -> None:
    """A document, into a file or printed: in UTF-8, which it says it is in; only JSON has another way of writing."""
    if output:
        _write_file(output, text.encode())
    elif wanted != "json" and hasattr(sys.stdout, "buffer"):
        sys.stdout.flush()
        sys.stdout.buffer.write(text.encode())
    else:
        print_encoded(text.rstrip("\n"))


def _write_file(name: str, content: bytes) -> None:
    """Write a file, standard output if it is called -. McError if that cannot be done."""
    if name == "-":
        sys.stdout.flush()
        sys.stdout.buffer.write(content)
        return
    path = Path(name)
    if path.is_dir():
        raise FileMistake(f"{name} is a directory", notes=["name a file in it"])
    try:
        path.write_bytes(content)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise FileMistake(f"cannot write {name}", notes=[reason]) from None
