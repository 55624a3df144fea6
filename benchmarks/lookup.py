"""Lookup over 10,000 records against lookup over 300: whole commands, alternating in one run."""

from __future__ import annotations

import json
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from mccli.identities.build import database
from mccli.identities.catalogue import INDEX, key_of_line
from mccli.identities.indexing import index_text
from mccli.identities.mending import vocabulary_lines
from mccli.identities.record import Family

FEW, MANY = 300, 10_000
BUDGET = 2.0
ROUNDS = 7
QUESTIONS = ("tr(PZQ)", "trace-axb", "trace of a product", "gausian covarance", "x'Ax where A: symmetric")

RUN = """
import sys
import mccli.cli.library as library
library.data_folder = lambda: sys.argv[1]
from mccli.cli.main import main
sys.exit(main(["lookup", sys.argv[2]]))
"""


def run() -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as folder:
        places = {size: _database(Path(folder) / str(size), size) for size in (FEW, MANY)}
        print(f"\n{'lookup':<28}{f'{FEW} ms':>10}{f'{MANY} ms':>10}{'ratio':>8}{'budget':>8}")
        for question in QUESTIONS:
            times: dict[int, list[float]] = {size: [] for size in places}
            for _ in range(ROUNDS + 1):
                for size, place in places.items():
                    times[size].append(_cpu([sys.executable, "-c", RUN, str(place), question]))
            few, many = (1000 * statistics.median(times[size][1:]) for size in (FEW, MANY))
            print(f"{question:<28}{few:>10.0f}{many:>10.0f}{many / few:>8.2f}{BUDGET:>8.1f}")


def _cpu(command: Sequence[str]) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, capture_output=True, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise RuntimeError(done.stderr.decode())
    return (after.ru_utime - before.ru_utime) + (after.ru_stime - before.ru_stime)


def _database(folder: Path, size: int) -> Path:
    """An index with 300 records of mc, and as many more as are wanted."""
    folder.mkdir()
    families, _ = database()
    chosen = list(_first(families, FEW))
    lines = index_text(chosen).splitlines()
    if size > FEW:
        lines = _grown(lines, size // FEW)
    (folder / INDEX).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def _first(families: Sequence[Family], count: int) -> Iterator[Family]:
    """Families with so many records in all, trace forms among them."""
    ordered = sorted(families, key=lambda f: f.id not in ("trace", "quadratic-form", "statistics"))
    for family in ordered:
        taken = family.records[:count]
        count -= len(taken)
        if taken:
            yield family._replace(records=taken)


def _grown(lines: Sequence[str], times: int) -> list[str]:
    """The lines of an index with further records: other ids and signatures, half of their words new ones."""
    rng = random.Random(1)
    head, *entries = lines[:-1]
    parsed = [_entry(line) for line in entries]
    ids = [key.removeprefix("record ") for key, _ in parsed if key.startswith("record ")]
    table: dict[str, Any] = {}
    for key, value in parsed:
        kind, _, rest = key.partition(" ")
        table[key] = dict(value) if kind == "word" else value
        for copy in range(1, times):
            if kind in ("exact", "affine", "special"):
                table[f"{kind} {rng.getrandbits(64):016x}"] = str(value).replace(":", f"-{copy}:", 1)
            elif kind == "record":
                table[f"{key}-{copy}"] = {**value, "id": f"{value['id']}-{copy}"}
            elif kind == "word":
                fresh = f"word {rest}{copy}" if copy % 2 else key
                own = table.setdefault(fresh, {})
                for weight, names in value.items():
                    new = " ".join(f"{name}-{copy}" for name in names.split())
                    own[weight] = f"{own[weight]} {new}" if weight in own else new
    table["ids"] = " ".join([*ids, *(f"{i}-{copy}" for i in ids for copy in range(1, times))])
    words = [key.removeprefix("word ") for key in table if key.startswith("word ")]
    table.update(vocabulary_lines(words))
    table["count"] = len(ids) * times
    sketches = table["sketches"]
    table["sketches"] = {**sketches, **{f"{i}-{c}": sketches[i] for i in ids for c in range(1, times)}}
    body = [
        f"{json.dumps(k, ensure_ascii=False)}:{json.dumps(v, ensure_ascii=False)},"
        for k, v in sorted(table.items(), key=_place)
    ]
    body[-1] = body[-1].rstrip(",")
    return [head, *body, "}"]


def _place(entry: tuple[str, Any]) -> bytes:
    return key_of_line(entry[0])


def _entry(line: str) -> tuple[str, Any]:
    ((key, value),) = json.loads("{" + line.rstrip(",") + "}").items()
    return key, value


if __name__ == "__main__":
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    run()
