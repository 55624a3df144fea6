"""``mc check``: the identity database, or a user's own records, taken through every check."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import islice
from pathlib import Path
from typing import Annotated, NamedTuple

import typer

from mccli.cli.arguments import check_format
from mccli.cli.options import AsciiOption
from mccli.cli.terminal import detect
from mccli.errors import RecordMistake, Typed, UsageError, report, to_ascii
from mccli.folders import data_folder
from mccli.identities.build import RECORDS, read_families
from mccli.identities.catalogue import INDEX, Catalogue, record_files
from mccli.identities.record import Family, Record
from mccli.numeric.records.check import EXACTLY, Verdict, verdict
from mccli.numeric.records.whole import whole_mistakes

PARALLEL_FROM = 40
"""Fewer records are checked in this process."""


def check(
    path: Annotated[
        str, typer.Argument(metavar="[PATH]", help="A file or folder of records; mc's own if left out.")
    ] = "",
    output: Annotated[str, typer.Option("--format", metavar="FORMAT", help="text or json.")] = "text",
    ascii_only: AsciiOption = False,
) -> None:
    """Take identity records through every check.

    Each record is read, its shapes are inferred, its results and the lines of its proof are compared with
    differences at random non-symmetric points, and with what the engine derives. Exit 1 if one fails.

    Examples:

      mc check

      mc check my-identities.yaml
    """
    check_format(output)
    terminal = detect(ascii_only=ascii_only)
    files, root, taken = _files(path)
    families, mistakes = read_families(files, root)
    verdicts = list(_verdicts([r for f in families for r in f.records]))
    mistakes += [RecordMistake(v.place, v.mistake, notes=v.notes) for v in verdicts if v.place is not None]
    mistakes += whole_mistakes(families, own=not path, taken=taken)
    for mistake in mistakes:
        print(report(mistake, ascii_only=terminal.ascii_only), file=sys.stderr)
    rows = _rows(families, verdicts)
    if output == "json":
        print(json.dumps(_document(rows, verdicts, mistakes), indent=2))
    elif terminal.interactive:
        for line in _lines(rows, verdicts, len(mistakes)):
            print(to_ascii(line) if terminal.ascii_only else line)
    else:
        for row in rows:
            print("\t".join(map(str, row)))
    if mistakes:
        raise typer.Exit(RecordMistake.exit_code)


def _files(path: str) -> tuple[Sequence[str], Path, Collection[str]]:
    """The files to check, the folder that their names are shown from, and the ids that they may not have."""
    folder = Path(data_folder())
    own = record_files(str(folder / RECORDS))
    if not path:
        return own, folder.parent, ()
    given = Path(path)
    if not given.exists():
        raise UsageError(
            f"there is no file {path}", notes=["give a YAML file of records, or a folder of them"], typed=Typed(path)
        )
    found = record_files(path) if given.is_dir() else [path]
    if not found:
        raise UsageError(f"there are no record files (*.yaml) in {path}")
    ours = {Path(file).resolve() for file in own} & {Path(file).resolve() for file in found}
    return found, Path(), () if ours else Catalogue.read(str(folder / INDEX)).ids


def _verdicts(records: Sequence[Record]) -> Iterator[Verdict]:
    """Every record checked; several at a time where there are many, with progress on a terminal."""
    total = len(records)
    if total < PARALLEL_FROM:
        yield from map(verdict, records)
        return
    with ProcessPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
        for done, found in enumerate(pool.map(verdict, records, chunksize=8), 1):
            _progress(done, total)
            yield found


def _progress(done: int, total: int) -> None:
    if sys.stderr is not None and sys.stderr.isatty() and (done % 8 == 0 or done == total):
        print(f"\r{done} of {total} records", end="\n" if done == total else "", file=sys.stderr, flush=True)


COLUMNS = ("family", "records", "checked", "by the engine", "exactly", "by numbers", "aliases")


class Row(NamedTuple):
    """The counts of a family. ``exactly`` is a part of ``engine``: found equal in exact arithmetic."""

    family: str
    records: int
    checked: int
    engine: int
    exactly: int
    numbers: int
    aliases: int


def _rows(families: Sequence[Family], verdicts: Sequence[Verdict]) -> list[Row]:
    """The families in their order; the verdicts are in the order of the records."""
    rest = iter(verdicts)
    rows = []
    for family in families:
        held = [v for v in islice(rest, len(family.records)) if v.place is None]
        engine, exactly = sum(bool(v.engine) for v in held), sum(v.engine == EXACTLY for v in held)
        aliases = sum(len(r.aliases) for r in family.records)
        rows.append(Row(family.id, len(family.records), len(held), engine, exactly, len(held) - engine, aliases))
    return rows


def _lines(rows: Sequence[Row], verdicts: Sequence[Verdict], mistakes: int) -> Iterator[str]:
    totals = Row("all", *(sum(int(row[i]) for row in rows) for i in range(1, len(COLUMNS))))
    for name, *cells in (COLUMNS, *rows, totals):
        counts = zip(cells, COLUMNS[1:], strict=True)
        yield f"{name:<15}" + "".join(f"{cell:>{len(column) + 2}}" for cell, column in counts)
    worst = max((v.worst for v in verdicts if v.place is None), default=0.0)
    said = "every record holds" if not mistakes else f"{mistakes} mistake{'s' if mistakes > 1 else ''}"
    yield f"{said}; worst relative error {worst:.0e}"
    if totals.aliases:
        together = totals.records + totals.aliases
        yield f"{totals.records} records and {totals.aliases} aliases of them: {together} identities"


def _document(rows: Sequence[Row], verdicts: Sequence[Verdict], mistakes: Sequence[RecordMistake]) -> dict[str, object]:
    names = [name.replace(" ", "_") for name in COLUMNS]
    return {
        "schema": 1,
        "command": "check",
        "families": [dict(zip(names, row, strict=True)) for row in rows],
        "by_numbers_alone": {v.id: v.refused for v in verdicts if v.place is None and not v.engine},
        "mistakes": [
            {**m.place._asdict(), "sentence": m.sentence, "message": m.message, "notes": list(m.notes)}
            for m in mistakes
        ],
    }
