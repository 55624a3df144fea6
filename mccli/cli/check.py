"""``mc check``: the identity database, or a user's own records, taken through every check."""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Annotated

import typer

from mccli.cli.options import AsciiOption
from mccli.cli.terminal import detect
from mccli.cli.write import print_encoded
from mccli.errors import McError, RecordMistake, UsageError, report, to_ascii
from mccli.identities.build import RECORDS, read_families, record_files
from mccli.identities.catalogue import data_folder
from mccli.identities.record import Family, Record
from mccli.numeric.records.check import Verdict, verdict
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
    if output not in ("text", "json"):
        raise UsageError(f"--format {output} is not known", notes=["formats: text, json"])
    terminal = detect(ascii_only=ascii_only)
    files, root = _files(path)
    families, read_mistakes = read_families(files, root)
    verdicts = list(_verdicts([r for f in families for r in f.records]))
    mistakes: list[McError] = [*read_mistakes]
    mistakes += [RecordMistake(v.mistake, notes=v.notes) for v in verdicts if v.mistake]
    mistakes += whole_mistakes(families, own=not path)
    for mistake in mistakes:
        print(report(mistake, ascii_only=terminal.ascii_only), file=sys.stderr)
    if output == "json":
        print_encoded(json.dumps(_document(families, verdicts, mistakes), ensure_ascii=False, indent=2))
    else:
        lines = list(_lines(families, verdicts, len(mistakes)))
        for line in lines:
            print(to_ascii(line) if terminal.ascii_only else line)
    if mistakes:
        raise typer.Exit(RecordMistake.exit_code)


def _files(path: str) -> tuple[list[Path], Path]:
    """The files to check, and the folder that their names are shown from."""
    if not path:
        folder = Path(data_folder())
        return record_files(folder / RECORDS), folder.parent
    given = Path(path)
    if given.is_dir():
        found = record_files(given)
        if not found:
            raise UsageError(f"there are no record files (*.yaml) in {path}")
        return found, Path()
    if not given.exists():
        raise UsageError(f"there is no file {path}", notes=["give a YAML file of records, or a folder of them"])
    return [given], Path()


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


COLUMNS = ("family", "records", "checked", "by the engine", "by numbers alone", "aliases")


def _rows(families: Sequence[Family], verdicts: Sequence[Verdict]) -> list[tuple[str | int, ...]]:
    passed = Counter(v.family for v in verdicts if not v.mistake)
    engine = Counter(v.family for v in verdicts if not v.mistake and v.engine)
    rows: list[tuple[str | int, ...]] = []
    for family in families:
        aliases = sum(len(r.aliases) for r in family.records)
        checked, derived = passed[family.id], engine[family.id]
        rows.append((family.id, len(family.records), checked, derived, checked - derived, aliases))
    return rows


def _lines(families: Sequence[Family], verdicts: Sequence[Verdict], mistakes: int) -> Iterator[str]:
    rows = _rows(families, verdicts)
    totals = tuple(sum(int(row[i]) for row in rows) for i in range(1, len(COLUMNS)))
    yield f"{COLUMNS[0]:<16}" + "".join(f"{name:>18}" for name in COLUMNS[1:])
    for row in (*rows, ("all", *totals)):
        yield f"{row[0]:<16}" + "".join(f"{number:>18}" for number in row[1:])
    worst = max((v.worst for v in verdicts if not v.mistake), default=0.0)
    said = "every record holds" if not mistakes else f"{mistakes} mistake{'s' if mistakes > 1 else ''}"
    yield f"{said}; worst relative error {worst:.0e}"


def _document(
    families: Sequence[Family], verdicts: Sequence[Verdict], mistakes: Sequence[McError]
) -> dict[str, object]:
    names = [name.replace(" ", "_") for name in COLUMNS]
    return {
        "schema": 1,
        "command": "check",
        "families": [dict(zip(names, row, strict=True)) for row in _rows(families, verdicts)],
        "by_numbers_alone": {v.id: v.refused for v in verdicts if not v.mistake and not v.engine},
        "mistakes": [{"message": m.message, "notes": list(m.notes)} for m in mistakes],
    }
