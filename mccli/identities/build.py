"""``python -m mccli.identities.build``: make ``data/index.json`` anew from the record files."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from mccli.errors import RecordMistake, report
from mccli.folders import data_folder
from mccli.identities.catalogue import INDEX, record_files
from mccli.identities.indexing import index_text
from mccli.identities.read import read_family
from mccli.identities.record import Family

RECORDS = "identities"


def read_families(paths: Sequence[str | Path], root: Path | None = None) -> tuple[list[Family], list[RecordMistake]]:
    """The families of some files in the order of the cheat sheet, and everything that is wrong in them."""
    families: list[Family] = []
    mistakes: list[RecordMistake] = []
    for path in map(Path, paths):
        shown = str(path.relative_to(root)) if root is not None and path.is_relative_to(root) else str(path)
        family, wrong = read_family(path, shown)
        families += [family] if family is not None else []
        mistakes += wrong
    return sorted(families, key=lambda f: (f.order, f.id)), mistakes


def database() -> tuple[list[Family], list[RecordMistake]]:
    """mc's own families."""
    folder = Path(data_folder())
    return read_families(record_files(str(folder / RECORDS)), folder.parent)


def main() -> int:
    """Write the index; 1 if a record cannot be read."""
    families, mistakes = database()
    try:
        text = index_text(families)
    except RecordMistake as error:
        mistakes.append(error)
    for mistake in mistakes:
        print(report(mistake), file=sys.stderr)
    if mistakes:
        return 1
    path = Path(data_folder()) / INDEX
    path.write_text(text, encoding="utf-8")
    print(f"{path}: {sum(len(f.records) for f in families)} records")
    return 0


if __name__ == "__main__":
    sys.exit(main())
