"""What can be typed: commands, options, arguments and names, from ``data/completions.txt``.

One record a line, fields between tabs, the kind of record first:

* ``command`` name, a line about it
* ``option`` command ("" is mc itself), spelling, parameter, kind of value (``flag`` if it takes none), how often
  (``once`` or ``many``), help
* ``argument`` command, kind of value, how often
* ``identity`` ``family`` ``operation`` ``property`` ``topic`` name, a line about it
* ``function`` and ``greek``: the names that are no symbols in an expression, and the names of Greek letters
"""

from __future__ import annotations

import os

from mccli.folders import cache_folder, data_folder, user_folder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

FILE = "completions.txt"
FLAG, ONCE, MANY = "flag", "once", "many"
Named = tuple[str, str]
"""A candidate and what is said about it."""


class Option:
    """An option of a command. Spellings of one ``parameter`` (--steps, --no-steps) exclude one another."""

    def __init__(self, spelling: str, parameter: str, kind: str, often: str, about: str) -> None:
        self.spelling, self.parameter, self.kind, self.about = spelling, parameter, kind, about
        self.repeats, self.takes_value = often == MANY, kind != FLAG


class Table:
    """The records of the file, split when they are asked for."""

    def __init__(self, text: str) -> None:
        self.lines = text.split("\n")

    @classmethod
    def read(cls) -> Table:
        """The table that comes with mc. OSError if it is not there."""
        with open(os.path.join(data_folder(), FILE), encoding="utf-8", newline="\n") as file:
            return cls(file.read())

    def records(self, *start: str) -> Iterator[list[str]]:
        """The remaining fields of the records that start with these fields."""
        mark = "\t".join((*start, ""))
        return (line[len(mark) :].split("\t") for line in self.lines if line.startswith(mark))

    def named(self, kind: str) -> list[Named]:
        """The names of a kind, each with a line about it."""
        return [(name, about) for name, about in self.records(kind)]

    def names(self, kind: str) -> frozenset[str]:
        """The names of a kind alone."""
        return frozenset(fields[0] for fields in self.records(kind))

    def options(self, command: str) -> dict[str, Option]:
        """The options of a command by their spellings."""
        return {fields[0]: Option(*fields) for fields in self.records("option", command)}

    def arguments(self, command: str) -> list[str]:
        """The kinds of the arguments of a command; the last one again and again if it may be repeated."""
        kinds: list[str] = []
        for kind, often in self.records("argument", command):
            kinds += [kind] * (1 if often == ONCE else 99)
        return kinds


def own_names(kind: str) -> list[Named]:
    """The user's own identities or families, from the index that mc keeps of them; none if there is none yet.

    The index has one entry a line; the JSON module would cost as much as everything else here.
    """
    try:
        if not os.path.isdir(user_folder()):
            return []
        with open(os.path.join(cache_folder(), "index.json"), encoding="utf-8") as file:
            lines = file.read().split("\n")
    except (OSError, UnicodeError):
        return []
    if kind == "family":
        found = [line for line in lines if line.startswith('"families":[')]
        return [(_field(f, "id"), _field(f, "title")) for line in found for f in line.split("},{")]
    return [(_field(line, "id"), _field(line, "name")) for line in lines if line.startswith('"record ')]


def _field(entry: str, name: str) -> str:
    """The text of the first field of that name."""
    start = entry.find(f'"{name}":"') + len(name) + 4
    end = entry.find('"', start)
    while entry[end - 1] == "\\":
        end = entry.find('"', end + 1)
    return entry[start:end].replace("\\", "")
